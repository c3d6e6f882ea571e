#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
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

static bool is_table(const char *name)
{
    size_t n = strlen(name);
    return n > 4 && !strcmp(name + n - 4, ".sst");
}

/* The file, if it is local and the database's file is all of it; else NULL. The caller's to free. */
static char *whole_file(const struct native_file *f, struct err *e)
{
    struct store_file in;
    if (f->inl.p || f->start || !store_is_local(f->location) || !store_open(&in, f->location, e))
        return NULL;
    char *real = in.size == f->size ? realpath(in.location, NULL) : NULL;
    store_close(&in);
    return real;
}

/* own: a name of its own for a table, since RocksDB writes those once; what else there is it may change. */
static bool place(const struct native_file *f, const char *path, bool own, struct err *e)
{
    char *real = own && !is_table(f->name) ? NULL : whole_file(f, e);
    bool ok = e->kind == ERR_NONE;
    if (ok && !real)
        ok = copy(f, path, e);
    else if (ok && own)
        ok = !link(real, path) || copy(f, path, e); /* another file system, or somebody else's file */
    else if (ok)
        ok = !symlink(real, path) || trouble(path, "linked", e);
    free(real);
    return ok;
}

bool native_link(const char *from, const char *to, struct err *e)
{
    struct stat st;
    if (!link(from, to))
        return true;
    if (stat(from, &st) < 0)
        return trouble(from, "read", e);
    return copy(&(struct native_file){.location = from, .size = (uint64_t)st.st_size}, to, e);
}

bool native_place(const struct native_db *db, const char *dir, bool own, struct err *e)
{
    bool ok = true;
    struct buf path = {0};
    for (uint32_t i = 0; ok && i < db->n; i++) {
        const struct native_file *f = &db->files[i];
        if (strncmp(f->name, "OPTIONS", 7) == 0 || strcmp(f->name, "LOG") == 0)
            continue; /* names classes of the writer; not wanted */
        path.n = 0;
        buf_printf(&path, "%s/%s", dir, f->name);
        ok = (is_plain_name(f->name) || err_set(e, ERR_CORRUPT, "%s: \"%s\" is no name of a database file", db->name, f->name)) &&
            place(f, buf_cstr(&path), own, e);
    }
    buf_free(&path);
    return ok;
}

char *native_stage(const struct native_db *db, struct err *e)
{
    char *dir = temp_dir(e);
    if (!dir || native_place(db, dir, false, e))
        return dir;
    temp_remove(dir);
    return NULL;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct native_file *)a)->name, ((const struct native_file *)b)->name);
}

bool native_list(struct native_db *db, const char *path, struct arena *a, struct err *e)
{
    DIR *dir = opendir(path);
    struct native_file *files = NULL;
    struct stat st;
    uint32_t n = 0;
    bool ok = dir || trouble(path, "read", e);
    for (struct dirent *d; ok && (d = readdir(dir));) {
        const char *file = arena_printf(a, "%s/%s", path, d->d_name);
        ok = !stat(file, &st) || trouble(file, "read", e);
        if (!ok || !S_ISREG(st.st_mode) || !strncmp(d->d_name, "OPTIONS", 7))
            continue;
        files = mem_grow(files, n + 1, sizeof *files);
        files[n++] = (struct native_file){.name = arena_str(a, d->d_name), .location = file, .size = (uint64_t)st.st_size};
    }
    if (dir)
        closedir(dir);
    if (n)
        qsort(files, n, sizeof *files, by_name);
    struct native_file *kept = arena_array(a, n + 1, sizeof *kept);
    if (n)
        memcpy(kept, files, n * sizeof *kept);
    free(files);
    db->name = arena_str(a, path);
    db->files = kept;
    db->n = n;
    return ok;
}
