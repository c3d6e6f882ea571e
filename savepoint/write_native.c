#include "savepoint/write_native.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "savepoint/out_file.h"
#include "savepoint/rocks_table.h"
#include "savepoint/sst_manifest.h"

enum {
    TABLE_MAX = 64 << 20, /* bytes; Flink's default target file size */
    SIZE_EVERY = 4096,    /* entries between two looks at a table's size */
    MANIFEST = 1,         /* number of the file; tables have those behind it */
};

struct table {
    struct sst_live live;
    struct meta_stream stream;
};

struct native_out {
    const struct out_place *place;
    const struct keyed_header *header;
    struct arena arena; /* of tables */
    struct table *tables;
    uint32_t n;
    struct rocks_table *open; /* the last of them is being written; NULL: none */
    char *path;               /* its file's; NULL before the first */
    uint64_t entries;         /* in it */
    struct buf last;          /* its last key */
};

struct native_out *native_out_new(const struct out_place *place, const struct keyed_header *header)
{
    struct native_out *n = mem_zalloc(sizeof *n);
    n->place = place;
    n->header = header;
    return n;
}

static struct bytes kept(struct arena *a, struct bytes b)
{
    return (struct bytes){(const uint8_t *)arena_strn(a, (const char *)b.p, b.n), b.n};
}

/* --- tables --- */

static bool begin_table(struct native_out *n, uint32_t state, struct bytes key, struct err *e)
{
    n->tables = mem_grow(n->tables, n->n + 1, sizeof *n->tables);
    struct table *t = &n->tables[n->n++];
    struct uuid name = uuid_random();
    *t = (struct table){.live = {.family = state, .number = MANIFEST + n->n, .smallest = kept(&n->arena, key)},
                        .stream = {.tag = HANDLE_RELATIVE_FILE, .path = arena_str(&n->arena, name.s)}};
    free(n->path);
    n->path = mem_alloc(strlen(n->place->dir) + sizeof name.s + 1);
    sprintf(n->path, "%s/%s", n->place->dir, name.s);
    n->entries = 0;
    n->open = rocks_table_new(n->path, e);
    return n->open != NULL;
}

/* What is small stands in the handle. */
static bool take_in(struct native_out *n, struct table *t, struct err *e)
{
    uint64_t size = t->stream.size;
    uint8_t *bytes = arena_alloc(&n->arena, size);
    int fd = open(n->path, O_RDONLY | O_CLOEXEC);
    bool ok = fd >= 0 && read(fd, bytes, size) == (ssize_t)size && !unlink(n->path);
    if (!ok)
        err_set(e, ERR_IO, "cannot read %s: %s", n->path, strerror(errno));
    if (fd >= 0)
        close(fd);
    t->stream.tag = HANDLE_BYTE_STREAM;
    t->stream.inl = (struct bytes){bytes, size};
    return ok;
}

static bool end_table(struct native_out *n, struct err *e)
{
    struct stat st;
    if (!n->open)
        return true;
    struct table *t = &n->tables[n->n - 1];
    bool ok = rocks_table_end(n->open, e);
    n->open = NULL;
    if (!ok)
        return false;
    if (stat(n->path, &st) < 0)
        return err_set(e, ERR_IO, "cannot read %s: %s", n->path, strerror(errno));
    t->live.largest = kept(&n->arena, (struct bytes){n->last.p, n->last.n});
    t->live.size = t->stream.size = (uint64_t)st.st_size;
    return t->stream.size > (n->place->inline_max ? n->place->inline_max : OUT_INLINE) || take_in(n, t, e);
}

static bool is_full(const struct native_out *n) { return n->entries % SIZE_EVERY == 0 && rocks_table_size(n->open) >= TABLE_MAX; }

bool native_out_put(struct native_out *n, uint32_t state, struct bytes key, struct bytes value, struct err *e)
{
    if (n->open && (n->tables[n->n - 1].live.family != state || is_full(n)) && !end_table(n, e))
        return false;
    if (!n->open && !begin_table(n, state, key, e))
        return false;
    n->entries++;
    n->last.n = 0;
    buf_put(&n->last, key.p, key.n);
    return rocks_table_put(n->open, key, value, e);
}

/* --- the database --- */

static bool put_whole(const struct native_out *n, const char *name, struct bytes b, struct meta_file *f, struct arena *a,
                      struct err *e)
{
    struct out_file out;
    f->name = name;
    out_open(&out, n->place->dir, n->place->inline_max ? n->place->inline_max : OUT_INLINE);
    if (out_put(&out, b.p, b.n, e))
        return out_end(&out, &f->stream, a, e);
    out_drop(&out);
    return false;
}

/* Every state has a family, whether it has tables or not: Flink opens the database with those that the header names. */
static void put_manifest(const struct native_out *n, struct buf *to)
{
    struct arena a = {0};
    struct sst_live *live = arena_array(&a, n->n, sizeof *live);
    struct sst_manifest m = {.n = n->header->n, .families = arena_array(&a, n->header->n, sizeof *m.families)};
    uint32_t at = 0;
    for (uint32_t i = 0; i < n->n; i++)
        live[i] = n->tables[i].live;
    for (uint32_t i = 0; i < m.n; i++) {
        m.families[i] = (struct sst_family){.name = n->header->states[i].name, .live = live + at};
        for (; at < n->n && live[at].family == i; at++)
            m.families[i].n++;
    }
    sst_manifest_write(to, &m, MANIFEST + n->n + 1);
    arena_free(&a);
}

static bool list_files(const struct native_out *n, struct meta_keyed *h, struct arena *a, struct err *e)
{
    h->shared = arena_array(a, n->n, sizeof *h->shared);
    for (uint32_t i = 0; i < n->n; i++) {
        const struct table *t = &n->tables[i];
        struct meta_file *f = &h->shared[h->n_shared++];
        *f = (struct meta_file){arena_printf(a, "%06llu.sst", (unsigned long long)t->live.number), t->stream};
        f->stream.path = arena_str(a, t->stream.path);
        if (t->stream.inl.n)
            f->stream.inl = kept(a, t->stream.inl);
    }
    const char *manifest = arena_printf(a, "MANIFEST-%06d", MANIFEST), *current = arena_printf(a, "%s\n", manifest);
    struct buf b = {0};
    put_manifest(n, &b);
    h->priv = arena_array(a, 2, sizeof *h->priv);
    h->n_private = 2;
    bool ok = put_whole(n, manifest, (struct bytes){b.p, b.n}, &h->priv[0], a, e) &&
        put_whole(n, "CURRENT", (struct bytes){(const uint8_t *)current, strlen(current)}, &h->priv[1], a, e);
    buf_free(&b);
    for (uint32_t i = 0; i < h->n_shared; i++)
        h->checkpointed_size += (int64_t)h->shared[i].stream.size;
    for (uint32_t i = 0; i < h->n_private; i++)
        h->checkpointed_size += (int64_t)h->priv[i].stream.size;
    return ok;
}

bool native_out_end(struct native_out *n, struct meta_keyed *h, struct arena *a, struct err *e)
{
    bool ok = end_table(n, e) && list_files(n, h, a, e);
    native_out_drop(n);
    return ok;
}

void native_out_drop(struct native_out *n)
{
    if (!n)
        return;
    rocks_table_drop(n->open);
    free(n->path);
    free(n->tables);
    buf_free(&n->last);
    arena_free(&n->arena);
    free(n);
}
