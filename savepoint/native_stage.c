#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/temp.h"
#include "savepoint/keyed_native.h"
#include "savepoint/store.h"

enum { COPY_AT_ONCE = 1 << 20 };

/* One plain name, nothing that leads out of the directory. */
static bool is_plain_name(const char *name)
{
    return *name && strcmp(name, ".") != 0 && strcmp(name, "..") != 0 && !strchr(name, '/');
}

static bool trouble(const char *path, const char *what, struct err *e)
{
    return err_set(e, ERR_IO, "%s: cannot be %s: %s", path, what, strerror(errno));
}

static bool write_all(int fd, const uint8_t *p, size_t n, const char *path, struct err *e)
{
    while (n) {
        ssize_t k = write(fd, p, n);
        if (k < 0 && errno == EINTR)
            continue;
        if (k < 0)
            return trouble(path, "written", e);
        p += k;
        n -= (size_t)k;
    }
    return true;
}

static bool copy_part(int fd, const struct native_file *f, const char *path, struct err *e)
{
    struct store_file in;
    if (!store_open(&in, f->location, e))
        return false;
    uint8_t *room = mem_alloc(COPY_AT_ONCE);
    bool ok = true;
    for (uint64_t at = 0; ok && at < f->size;) {
        size_t n = f->size - at < COPY_AT_ONCE ? (size_t)(f->size - at) : COPY_AT_ONCE;
        ok = store_read(&in, f->start + at, room, n, e) && write_all(fd, room, n, path, e);
        at += n;
    }
    free(room);
    store_close(&in);
    return ok;
}

static bool copy(const struct native_file *f, const char *path, struct err *e)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return trouble(path, "written", e);
    bool ok = f->inl.p ? write_all(fd, f->inl.p, f->inl.n, path, e) : copy_part(fd, f, path, e);
    if (close(fd) < 0 && ok)
        ok = trouble(path, "written", e);
    return ok;
}

/* A link, when the location is a local file and the database's file is all of it. */
static bool place(const struct native_file *f, const char *path, struct err *e)
{
    if (f->inl.p || f->start || !store_is_local(f->location))
        return copy(f, path, e);
    struct store_file in;
    if (!store_open(&in, f->location, e))
        return false;
    bool whole = in.size == f->size;
    char *real = whole ? realpath(in.location, NULL) : NULL;
    store_close(&in);
    bool ok = real ? symlink(real, path) == 0 || trouble(path, "linked", e) : copy(f, path, e);
    free(real);
    return ok;
}

char *native_stage(const struct native_db *db, struct err *e)
{
    char *dir = temp_dir(e);
    bool ok = dir != NULL;
    struct buf path = {0};
    for (uint32_t i = 0; ok && i < db->n; i++) {
        const struct native_file *f = &db->files[i];
        if (strncmp(f->name, "OPTIONS", 7) == 0 || strcmp(f->name, "LOG") == 0)
            continue; /* names classes of the writer; not wanted */
        path.n = 0;
        buf_printf(&path, "%s/%s", dir, f->name);
        ok = (is_plain_name(f->name) || err_set(e, ERR_CORRUPT, "%s: \"%s\" is no name of a database file", db->name, f->name)) &&
            place(f, buf_cstr(&path), e);
    }
    buf_free(&path);
    if (ok)
        return dir;
    temp_remove(dir);
    return NULL;
}
