/* Opening a snapshot, and resolving the files that its handles name. */
#include <stdlib.h>
#include <string.h>

#include "savepoint/murmur.h"
#include "savepoint/savepoint.h"

enum { MAX_METADATA = 1 << 30 };

void operator_id_of_uid(const char *uid, uint8_t id[16]) { murmur3_x64_128(uid, strlen(uid), id); }

static bool is_chk(const char *name)
{
    size_t n = strspn(name + 4 * !strncmp(name, "chk-", 4), "0123456789/");
    return !strncmp(name, "chk-", 4) && n > 0 && !name[4 + n];
}

static bool is_job_id(const char *name) { return strspn(name, "0123456789abcdef") == 32 && (!name[32] || name[32] == '/'); }

/* The newest chk-N of a job's checkpoint directory that has a _metadata, or NULL. */
static char *newest_checkpoint(struct arena *a, const char *dir)
{
    struct err e = {0};
    const char **names;
    uint32_t n;
    if (!store_list(dir, a, &names, &n, &e))
        return NULL;
    char *best = NULL;
    unsigned long long best_id = 0;
    for (uint32_t i = 0; i < n; i++) {
        if (!is_chk(names[i]))
            continue;
        unsigned long long id = strtoull(names[i] + 4, NULL, 10);
        if (best && id <= best_id)
            continue;
        char *chk = arena_strn(a, names[i], strcspn(names[i], "/"));
        char *meta = store_join(a, store_join(a, dir, chk), "_metadata");
        struct store_file f = {0};
        struct err none = {0};
        if (store_open(&f, meta, &none)) {
            best = meta;
            best_id = id;
        }
        store_close(&f);
    }
    return best;
}

/* Finds the _metadata behind what the user named, and opens it. */
static bool open_metadata(struct snapshot *s, const char *location, struct err *e)
{
    char *loc = store_normal(&s->arena, location);
    for (size_t n = strlen(loc); n > 1 && loc[n - 1] == '/'; n--)
        loc[n - 1] = 0;
    struct err as_dir = {0}, as_file = {0};
    s->location = loc;
    if (!strcmp(store_base(loc), "_metadata") && store_open(&s->file, loc, &as_file))
        return true;
    as_file = (struct err){0};
    s->location = store_join(&s->arena, loc, "_metadata");
    if (store_open(&s->file, s->location, &as_dir))
        return true;
    if (as_dir.kind != ERR_MISSING) {
        *e = as_dir;
        return false;
    }
    char *chk = newest_checkpoint(&s->arena, loc);
    if (chk) {
        s->location = chk;
        return store_open(&s->file, chk, e);
    }
    s->location = loc;
    if (store_open(&s->file, loc, &as_file))
        return true;
    if (as_file.kind == ERR_MISSING)
        err_set(e, ERR_MISSING, "%s: no such savepoint or checkpoint: neither a directory with a _metadata file nor that file",
                location);
    else
        err_set(e, as_file.kind, "%s: no _metadata in it, so it is not a savepoint or a completed checkpoint", location);
    return false;
}

/* The directory below which a snapshot's files may lie. */
static char *root_of(struct arena *a, const char *dir)
{
    if (!is_chk(store_base(dir)))
        return arena_str(a, dir);
    char *job = store_dir(a, dir);
    return is_job_id(store_base(job)) ? store_dir(a, job) : job;
}

static int by_base(const void *a, const void *b)
{
    const char *x = *(const char *const *)a, *y = *(const char *const *)b;
    int c = strcmp(store_base(x), store_base(y));
    return c ? c : strcmp(x, y);
}

struct names {
    const char **v;
    uint32_t n, cap;
};

/* Files below dir, two levels deep: shared/, taskowned/, dstl/<job>/…, chk-N/. */
static void gather(struct arena *a, const char *dir, int depth, struct names *to)
{
    struct err e = {0};
    const char **names;
    uint32_t n;
    if (!store_list(dir, a, &names, &n, &e))
        return;
    for (uint32_t i = 0; i < n && to->n < 1 << 20; i++) {
        char *path = store_join(a, dir, names[i]);
        size_t len = strlen(path);
        if (path[len - 1] == '/') {
            path[len - 1] = 0;
            if (depth)
                gather(a, path, depth - 1, to);
            continue;
        }
        if (to->n == to->cap) {
            to->cap = to->cap ? to->cap * 2 : 64;
            to->v = mem_grow(to->v, to->cap, sizeof *to->v);
        }
        to->v[to->n++] = path;
    }
}

static bool names_absolute_files(const struct meta *m)
{
    /* only checkpoints, and savepoints of Flink before 1.11, name files by absolute paths */
    return !m->is_savepoint || m->version < 3;
}

static void find_near(struct snapshot *s)
{
    struct names all = {0};
    bool chk = is_chk(store_base(s->dir));
    gather(&s->arena, chk ? store_dir(&s->arena, s->dir) : s->dir, 4, &all);
    s->near = arena_array(&s->arena, all.n, sizeof *s->near);
    if (all.n)
        memcpy(s->near, all.v, all.n * sizeof *all.v);
    free(all.v);
    s->n_near = all.n;
    if (s->n_near)
        qsort(s->near, s->n_near, sizeof *s->near, by_base);
}

bool snapshot_open(struct snapshot **out, const char *location, const struct snapshot_opts *opts, struct err *e)
{
    struct snapshot *s = mem_zalloc(sizeof *s);
    *out = NULL;
    if (opts)
        s->opts = *opts;
    bool ok = open_metadata(s, location, e);
    if (ok && s->file.size > MAX_METADATA)
        ok = err_set(e, ERR_LIMIT, "%s: larger than 1 GiB, which no _metadata is", s->location);
    if (ok && !s->file.map) {
        s->copy = mem_alloc(s->file.size);
        ok = store_read(&s->file, 0, s->copy, s->file.size, e);
    }
    if (ok) {
        s->bytes = (struct bytes){s->copy ? s->copy : s->file.map, s->file.size};
        s->dir = store_dir(&s->arena, s->location);
        s->root = root_of(&s->arena, s->dir);
        ok = meta_read(&s->meta, s->bytes, s->location, &s->arena, e);
    }
    if (!ok) {
        snapshot_close(s);
        return false;
    }
    if (names_absolute_files(&s->meta))
        find_near(s);
    *out = s;
    return true;
}

void snapshot_close(struct snapshot *s)
{
    if (!s)
        return;
    store_close(&s->file);
    free(s->copy);
    arena_free(&s->arena);
    free(s);
}

static bool has_dot_dot(const char *p)
{
    for (const char *at = p; (at = strstr(at, "..")); at += 2)
        if ((at == p || at[-1] == '/') && (!at[2] || at[2] == '/'))
            return true;
    return false;
}

static bool below(const char *path, const char *dir)
{
    size_t n = strlen(dir);
    return !strncmp(path, dir, n) && (path[n] == '/' || (n && dir[n - 1] == '/'));
}

/* A file of that base name beside the snapshot; when there are several, the one whose directory has the same name. */
static const char *near(const struct snapshot *s, const char *path, struct arena *a)
{
    const char *base = store_base(path), *found = NULL;
    const char *parent = store_base(store_dir(a, path));
    uint32_t lo = 0, hi = s->n_near;
    while (lo < hi) {
        uint32_t mid = lo + (hi - lo) / 2;
        if (strcmp(store_base(s->near[mid]), base) < 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    for (; lo < s->n_near && !strcmp(store_base(s->near[lo]), base); lo++)
        if (!found || !strcmp(store_base(store_dir(a, s->near[lo])), parent))
            found = s->near[lo];
    return found;
}

const char *snapshot_locate(const struct snapshot *s, const struct meta_stream *h, struct arena *a, struct err *e)
{
    if (h->tag == HANDLE_RELATIVE_FILE) {
        if (h->path[0] == '/' || has_dot_dot(h->path) || !*h->path) {
            err_set(e, ERR_CORRUPT, "%s: the handle at offset %llu names \"%s\", which is not below the snapshot's directory",
                    s->location, (unsigned long long)h->at, h->path);
            return NULL;
        }
        return store_join(a, s->dir, h->path);
    }
    if (h->tag != HANDLE_FILE && h->tag != HANDLE_SEGMENT_FILE)
        return NULL;
    const char *path = store_normal(a, h->path);
    const char *moved = near(s, path, a);
    bool inside = !has_dot_dot(path) && below(path, s->root);
    if (inside || s->opts.outside) {
        struct store_file probe = {0};
        struct err missing = {0};
        bool there = store_open(&probe, path, &missing);
        store_close(&probe);
        if (there || !moved)
            return path;
    }
    if (moved)
        return moved;
    err_set(
        e, ERR_CORRUPT,
        "%s: the handle at offset %llu names \"%s\", which is outside %s and is not found beside the snapshot; --outside follows it",
        s->location, (unsigned long long)h->at, h->path, s->root);
    return NULL;
}

bool blob_open(struct blob *b, const struct snapshot *s, const struct meta_stream *h, struct err *e)
{
    *b = (struct blob){0};
    switch (h->tag) {
    case HANDLE_BYTE_STREAM:
        b->p = h->inl.p ? h->inl.p : (const uint8_t *)"";
        b->size = h->inl.n;
        b->name = s->location;
        b->origin = (uint64_t)(b->p - s->bytes.p);
        return true;
    case HANDLE_NULL:
    case HANDLE_EMPTY_SEGMENT:
        b->p = (const uint8_t *)"";
        b->name = s->location;
        return true;
    default:
        break;
    }
    struct arena scratch = {0};
    const char *path = snapshot_locate(s, h, &scratch, e);
    bool ok = path && store_open(&b->file, path, e);
    arena_free(&scratch);
    if (!ok)
        return false;
    b->open = true;
    b->name = b->file.location;
    b->size = h->size;
    if (h->tag == HANDLE_SEGMENT_FILE)
        b->start = b->origin = h->start;
    if (b->start > b->file.size || b->size > b->file.size - b->start) {
        err_set(e, ERR_CORRUPT, "%s: has %llu bytes where its handle says %llu: cut off", b->name,
                (unsigned long long)(b->file.size > b->start ? b->file.size - b->start : 0), (unsigned long long)b->size);
        blob_close(b);
        return false;
    }
    if (b->file.map || !b->file.size)
        b->p = b->file.map ? b->file.map + b->start : (const uint8_t *)"";
    return true;
}

bool blob_source(struct blob *b, uint64_t off, uint64_t len, struct source *src, struct err *e)
{
    if (off > b->size || (len != UINT64_MAX && len > b->size - off))
        return err_set(e, ERR_CORRUPT, "%s: a handle points to offset %llu, behind the state's %llu bytes", b->name,
                       (unsigned long long)off, (unsigned long long)b->size);
    if (len == UINT64_MAX)
        len = b->size - off;
    if (b->open)
        source_file(src, &b->file, b->start + off, len, e);
    else
        source_bytes(src, b->p + off, len, b->name, b->origin + off, e);
    return true;
}

const uint8_t *blob_kept(const struct blob *b, const struct source *src, size_t n, struct arena *a)
{
    return b->p ? src->p : (const uint8_t *)arena_strn(a, (const char *)src->p, n);
}

void blob_close(struct blob *b)
{
    if (b->open)
        store_close(&b->file);
    *b = (struct blob){0};
}
