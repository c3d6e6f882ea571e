#include "jar/archive.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "jar/zip_lib.h"

struct archive {
    char *path;
    zip_t *zip;       /* NULL: a directory */
    struct buf bytes; /* of a jar in memory */
    uint64_t n;       /* of a directory: */
    const char **names;
    struct arena arena;
};

enum { DEPTH_MAX = 64, PIECE = 64 << 10 };

static void zip_failed(const char *path, int code, struct err *e)
{
    zip_error_t error;
    zip_.error_init_with_code(&error, code);
    err_set(e,
            code == ZIP_ER_NOENT                                ? ERR_MISSING
                : code == ZIP_ER_NOZIP || code == ZIP_ER_INCONS ? ERR_CORRUPT
                                                                : ERR_IO,
            "%s: not readable as a jar: %s", path, zip_.error_strerror(&error));
    zip_.error_fini(&error);
}

/* --- directories --- */

struct walk {
    struct archive *to;
    const char *root;
    struct err *e;
};

static int alphabetical(const void *a, const void *b) { return strcmp(*(const char *const *)a, *(const char *const *)b); }

static bool add_name(struct walk *w, const char *name)
{
    struct archive *z = w->to;
    if (z->n == ARCHIVE_NAMES_MAX)
        return err_set(w->e, ERR_LIMIT, "%s: more than %d files", w->root, ARCHIVE_NAMES_MAX);
    if (!(z->n & (z->n - 1)))
        z->names = mem_grow(z->names, z->n ? 2 * (size_t)z->n : 1, sizeof *z->names);
    z->names[z->n++] = name;
    return true;
}

/* `below` is the path under the root, "" for the root itself. */
static bool walk(struct walk *w, const char *below, int depth)
{
    char *path = arena_printf(&w->to->arena, "%s%s%s", w->root, *below ? "/" : "", below);
    DIR *dir = opendir(path);
    bool ok = true;
    if (!dir)
        return err_set(w->e, errno == ENOENT ? ERR_MISSING : ERR_IO, "%s: %s", path, strerror(errno));
    for (struct dirent *d; ok && (d = readdir(dir));) {
        struct stat st;
        if (d->d_name[0] == '.' || fstatat(dirfd(dir), d->d_name, &st, AT_SYMLINK_NOFOLLOW) != 0)
            continue;
        const char *name = arena_printf(&w->to->arena, "%s%s%s", below, *below ? "/" : "", d->d_name);
        if (S_ISREG(st.st_mode))
            ok = add_name(w, name);
        else if (S_ISDIR(st.st_mode))
            ok = depth < DEPTH_MAX ? walk(w, name, depth + 1)
                                   : err_set(w->e, ERR_LIMIT, "%s: directories nested more than %d deep", path, DEPTH_MAX);
    }
    closedir(dir);
    return ok;
}

static bool read_file(const char *path, size_t max, struct buf *to, struct err *e)
{
    FILE *f = fopen(path, "rbe");
    if (!f)
        return err_set(e, errno == ENOENT ? ERR_MISSING : ERR_IO, "%s: %s", path, strerror(errno));
    size_t all = 0, n;
    do {
        buf_reserve(to, PIECE);
        n = fread(to->p + to->n, 1, PIECE, f);
        to->n += n;
        all += n;
    } while (n && all <= max);
    bool ok = !ferror(f) ? true : err_set(e, ERR_IO, "%s: %s", path, strerror(errno));
    fclose(f);
    return ok && (all <= max || err_set(e, ERR_LIMIT, "%s: larger than %zu bytes", path, max));
}

/* --- opening --- */

struct archive *archive_open(const char *path, struct err *e)
{
    struct stat st;
    struct archive *z;
    int code = 0;
    if (stat(path, &st) != 0) {
        err_set(e, errno == ENOENT ? ERR_MISSING : ERR_IO, "%s: %s", path, strerror(errno));
        return NULL;
    }
    if (!S_ISDIR(st.st_mode) && !zip_lib_load(e))
        return NULL;
    z = mem_zalloc(sizeof *z);
    z->path = mem_strdup(path);
    if (S_ISDIR(st.st_mode)) {
        if (!walk(&(struct walk){z, path, e}, "", 0)) {
            archive_close(z);
            return NULL;
        }
        if (z->n)
            qsort(z->names, z->n, sizeof *z->names, alphabetical);
        return z;
    }
    z->zip = zip_.open(path, ZIP_RDONLY, &code);
    if (!z->zip) {
        zip_failed(path, code, e);
        archive_close(z);
        return NULL;
    }
    return z;
}

struct archive *archive_open_bytes(struct buf *bytes, const char *name, struct err *e)
{
    struct archive *z = mem_zalloc(sizeof *z);
    zip_error_t error;
    z->path = mem_strdup(name);
    z->bytes = *bytes;
    *bytes = (struct buf){0};
    if (!zip_lib_load(e)) {
        archive_close(z);
        return NULL;
    }
    zip_.error_init_with_code(&error, 0);
    zip_source_t *source = zip_.source_buffer_create(z->bytes.p, z->bytes.n, 0, &error);
    z->zip = source ? zip_.open_from_source(source, ZIP_RDONLY, &error) : NULL;
    if (!z->zip) {
        err_set(e, ERR_CORRUPT, "%s: not readable as a jar: %s", name, zip_.error_strerror(&error));
        if (source)
            zip_.source_free(source);
        archive_close(z);
        z = NULL;
    }
    zip_.error_fini(&error);
    return z;
}

void archive_close(struct archive *z)
{
    if (!z)
        return;
    if (z->zip)
        zip_.discard(z->zip);
    buf_free(&z->bytes);
    free(z->names);
    arena_free(&z->arena);
    free(z->path);
    free(z);
}

bool archive_is_directory(const struct archive *z) { return !z->zip; }

const char *archive_path(const struct archive *z) { return z->path; }

uint64_t archive_count(const struct archive *z)
{
    zip_int64_t n = z->zip ? zip_.get_num_entries(z->zip, 0) : 0;
    return z->zip ? n > 0 ? (uint64_t)n : 0 : z->n;
}

const char *archive_name(const struct archive *z, uint64_t i)
{
    return z->zip ? zip_.get_name(z->zip, i, ZIP_FL_ENC_GUESS) : z->names[i];
}

bool archive_read(struct archive *z, uint64_t i, size_t max, struct buf *to, struct err *e)
{
    const char *name = archive_name(z, i);
    if (!z->zip) {
        char *path = arena_printf(&z->arena, "%s/%s", z->path, name);
        return read_file(path, max, to, e);
    }
    zip_file_t *f = zip_.fopen_index(z->zip, i, 0);
    if (!f)
        return err_set(e, ERR_CORRUPT, "%s: %s: %s", z->path, name ? name : "?", zip_.strerror(z->zip));
    size_t all = 0;
    zip_int64_t n;
    do { /* grows by what really comes: the size that the archive claims decides nothing */
        buf_reserve(to, PIECE);
        n = zip_.fread(f, to->p + to->n, PIECE);
        if (n > 0) {
            to->n += (size_t)n;
            all += (size_t)n;
        }
    } while (n > 0 && all <= max);
    zip_.fclose(f);
    if (n < 0)
        return err_set(e, ERR_CORRUPT, "%s: %s: cannot be unpacked", z->path, name ? name : "?");
    return all <= max || err_set(e, ERR_LIMIT, "%s: %s: larger than %zu bytes unpacked", z->path, name ? name : "?", max);
}
