#include "savepoint/store.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const struct row {
    const char *scheme;
    const struct store_ops *ops;
    const char *copy;
} rows[] = {
#define STORE(scheme, ops, copy) {scheme, ops, copy},
#include "savepoint/stores.def"
#undef STORE
};

/* The length of "scheme" in "scheme://…"; 0 for a path. */
static size_t scheme_len(const char *location)
{
    size_t n = 0;
    if (!isalpha((unsigned char)location[0]))
        return 0;
    while (isalnum((unsigned char)location[n]) || (location[n] && strchr("+-.", location[n])))
        n++;
    return strncmp(location + n, "://", 3) == 0 ? n : 0;
}

/* The path in a file URI of this machine ("file:/x", "file:///x", "file://localhost/x"), or NULL. */
static const char *file_uri_path(const char *location)
{
    if (strncasecmp(location, "file:/", 6) != 0)
        return NULL;
    const char *p = location + 5;
    if (strncmp(p, "//", 2) != 0)
        return p;
    p += 2;
    if (strncasecmp(p, "localhost/", 10) == 0)
        p += 9;
    return *p == '/' ? p : NULL;
}

static const struct store_ops *find(const char *location, struct err *e)
{
    size_t n = scheme_len(location);
    if (!n)
        return &store_local;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct row *r = &rows[i];
        if (strlen(r->scheme) != n || strncasecmp(r->scheme, location, n) != 0)
            continue;
        if (r->ops == &store_local) {
            err_set(e, ERR_UNSUPPORTED, "%s: a file URI that names a host is not supported; give the local path instead", location);
            return NULL;
        }
        if (!r->ops)
            err_set(e, ERR_UNSUPPORTED,
                    "%s: reading from %s:// is not supported; copy the whole directory here (%s) and give the local path", location,
                    r->scheme, r->copy);
        return r->ops;
    }
    err_set(e, ERR_UNSUPPORTED, "%s: the scheme %.*s:// is not known; copy the whole directory here and give the local path",
            location, (int)n, location);
    return NULL;
}

bool store_open(struct store_file *file, const char *location, struct err *e)
{
    const char *path = file_uri_path(location);
    *file = (struct store_file){0};
    if (path)
        location = path;
    const struct store_ops *ops = find(location, e);
    if (!ops)
        return false;
    file->location = mem_strdup(location);
    if (!ops->open(file, e)) {
        free(file->location);
        *file = (struct store_file){0};
        return false;
    }
    file->ops = ops;
    return true;
}

bool store_read(struct store_file *file, uint64_t off, void *to, size_t n, struct err *e)
{
    if (off > file->size || n > file->size - off)
        return err_set(e, ERR_CORRUPT, "%s: %zu bytes are wanted at %llu, but it has only %llu; is the copy complete?",
                       file->location, n, (unsigned long long)off, (unsigned long long)file->size);
    if (!n)
        return true;
    if (file->map) {
        memcpy(to, file->map + off, n);
        return true;
    }
    return file->ops->read(file, off, to, n, e);
}

void store_close(struct store_file *file)
{
    if (file->ops)
        file->ops->close(file);
    free(file->location);
    *file = (struct store_file){0};
}

bool store_list(const char *dir, struct arena *a, const char ***names, uint32_t *n, struct err *e)
{
    const char *path = file_uri_path(dir);
    if (path)
        dir = path;
    const struct store_ops *ops = find(dir, e);
    return ops && ops->list(dir, a, names, n, e);
}

bool store_is_local(const char *location) { return file_uri_path(location) || !scheme_len(location); }

char *store_normal(struct arena *a, const char *location)
{
    const char *path = file_uri_path(location);
    return arena_str(a, path ? path : location);
}

/* Where the path begins: behind "scheme://authority", which no directory part may lose. */
static size_t root_len(const char *location)
{
    size_t n = scheme_len(location);
    return n ? n + 3 + strcspn(location + n + 3, "/") : 0;
}

/* The length without trailing slashes, the root's own kept. */
static size_t trimmed_len(const char *location)
{
    size_t n = strlen(location), root = root_len(location);
    while (n > root + !root && location[n - 1] == '/')
        n--;
    return n;
}

char *store_join(struct arena *a, const char *dir, const char *name)
{
    if (name[0] == '/' || scheme_len(name) || file_uri_path(name))
        return store_normal(a, name);
    char *base = store_normal(a, dir);
    base[trimmed_len(base)] = 0;
    if (!*base)
        return arena_str(a, name);
    return arena_printf(a, strcmp(base, "/") == 0 ? "%s%s" : "%s/%s", base, name);
}

char *store_dir(struct arena *a, const char *location)
{
    char *dir = store_normal(a, location);
    size_t n = trimmed_len(dir), root = root_len(dir);
    while (n > root && dir[n - 1] != '/')
        n--;
    if (!n)
        return arena_str(a, ".");
    dir[n] = 0;
    dir[trimmed_len(dir)] = 0;
    return dir;
}

const char *store_base(const char *location)
{
    size_t n = trimmed_len(location), root = root_len(location);
    while (n > root && location[n - 1] != '/')
        n--;
    return n == root && root ? "" : location + n;
}
