/* Database handles (RocksDB, ForSt): the header is the meta stream, the entries are native_walk's. */
#include "savepoint/keyed_formats.h"
#include "savepoint/keyed_native.h"

static bool database_open(struct keyed_part *p, struct err *e)
{
    struct source src;
    if (!blob_open(&p->blob, p->snapshot, &p->handle->stream, e) || !blob_source(&p->blob, 0, UINT64_MAX, &src, e))
        return false;
    struct keyed_header *h = arena_alloc(&p->arena, sizeof *h);
    bool ok = source_need(&src, p->blob.size) || source_short(&src);
    if (ok) {
        struct rd r = rd_of(blob_kept(&p->blob, &src, p->blob.size, &p->arena), p->blob.size, p->blob.origin);
        ok = keyed_header_read(h, &r, true, p->snapshot->meta.version >= 5, p->snapshot->opts.told, &p->arena) ||
            err_set(e, ERR_CORRUPT, "%s: header of keyed state: %s, at offset %llu", p->blob.name, r.why,
                    (unsigned long long)r.bad_at);
    }
    source_close(&src);
    p->header = h;
    return ok;
}

static bool locate(const struct keyed_part *p, const struct meta_file *m, struct native_file *f, struct arena *a, struct err *e)
{
    const struct meta_stream *h = &m->stream;
    *f = (struct native_file){.name = m->name, .location = p->snapshot->location, .start = h->start, .size = h->size};
    if (h->tag == HANDLE_BYTE_STREAM || h->tag == HANDLE_NULL || h->tag == HANDLE_EMPTY_SEGMENT) {
        f->inl = h->inl.p ? h->inl : (struct bytes){p->snapshot->bytes.p, 0};
        f->start = (uint64_t)(f->inl.p - p->snapshot->bytes.p);
        f->size = f->inl.n;
        return true;
    }
    f->location = snapshot_locate(p->snapshot, h, a, e);
    return f->location != NULL;
}

bool native_of(struct native_db *db, const struct keyed_part *p, struct arena *a, struct err *e)
{
    const struct meta_keyed *h = p->handle;
    struct native_file *files = arena_array(a, (size_t)h->n_shared + h->n_private, sizeof *files);
    *db = (struct native_db){.name = p->blob.name,
                             .files = files,
                             .header = p->header,
                             .kg_first = (uint32_t)h->kg_first,
                             .kg_count = h->kg_count,
                             .prefix = keyed_prefix(p->op->max_parallelism),
                             .verify = true};
    bool ok = true;
    for (uint32_t i = 0; ok && i < h->n_shared; i++)
        ok = locate(p, &h->shared[i], &files[db->n++], a, e);
    for (uint32_t i = 0; ok && i < h->n_private; i++)
        ok = locate(p, &h->priv[i], &files[db->n++], a, e);
    return ok;
}

static bool database_walk(struct keyed_part *p, entry_fn *fn, void *ctx, struct err *e)
{
    struct arena a = {0};
    struct native_db db;
    bool ok = native_of(&db, p, &a, e) && native_walk(&db, fn, ctx, e);
    arena_free(&a);
    return ok;
}

static void database_close(struct keyed_part *p) { (void)p; }

const struct keyed_format_ops keyed_database = {
    .name = "database", .open = database_open, .walk = database_walk, .close = database_close};
