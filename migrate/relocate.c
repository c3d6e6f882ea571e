#include "migrate/relocate.h"

#include <stdlib.h>
#include <string.h>

#include "base/rd.h"
#include "base/wr.h"
#include "migrate/streams.h"
#include "savepoint/writer.h"

/* Where a path stands in the metadata: its u16 length. */
struct found {
    uint64_t *at;
    size_t n;
    struct rd r; /* over the metadata */
};

static void add(struct found *f, uint64_t at)
{
    if (!(f->n & (f->n - 1)))
        f->at = mem_grow(f->at, f->n ? f->n * 2 : 1, sizeof *f->at);
    f->at[f->n++] = at;
}

/* FileStateHandle: i64 size, path. SegmentFileStateHandle: i64 start, i64 size, i32 scope, path (MetadataV2V3SerializerBase). */
static void stream(void *ctx, const struct meta_stream *s)
{
    if (s->tag == HANDLE_FILE)
        add(ctx, s->at + 1 + 8);
    else if (s->tag == HANDLE_SEGMENT_FILE)
        add(ctx, s->at + 1 + 8 + 8 + 4);
}

/* File merging: the directories of the task's own and of shared files. */
static void directories(struct found *f, const struct meta_op_handle *h)
{
    if (h->dirs_at) {
        add(f, h->dirs_at);
        add(f, h->dirs_at + 2 + be16(f->r.start + h->dirs_at));
    }
}

static void find_all(struct found *f, const struct meta *m)
{
    each_stream(m, stream, f);
    for (uint32_t i = 0; i < m->n; i++)
        for (uint32_t j = 0; j < m->operators[i].n; j++) {
            directories(f, &m->operators[i].subtasks[j].managed);
            directories(f, &m->operators[i].subtasks[j].raw);
        }
}

static int ascending(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

/* Copies up to the path at `at`, then the path. */
static bool splice(struct found *f, uint64_t at, const char *from, const char *to_prefix, struct buf *to, struct relocation *count,
                   struct err *e)
{
    struct rd *r = &f->r;
    const uint8_t *start = r->p;
    r->p = r->start + at;
    struct bytes path = {NULL, rd_u16(r)};
    path.p = rd_take(r, path.n);
    size_t n = strlen(from);
    count->all++;
    if (!rd_ok(r) || path.n < n || memcmp(path.p, from, n) != 0) {
        if (to && rd_ok(r))
            buf_put(to, start, (size_t)(r->p - start));
        return rd_ok(r) || err_set(e, ERR_CORRUPT, "a path of the metadata is not where it was");
    }
    count->found++;
    if (!to)
        return true;
    size_t rest = path.n - n, prefix = strlen(to_prefix);
    if (prefix + rest > UINT16_MAX)
        return err_set(e, ERR_UNSUPPORTED, "a path of more than 64 KiB");
    buf_put(to, start, (size_t)(r->start + at - start));
    wr_u16(to, (uint16_t)(prefix + rest));
    buf_put(to, to_prefix, prefix);
    wr_bytes(to, (struct bytes){path.p + n, rest});
    return true;
}

/* What was made is read again: a slip here must not become a snapshot. */
static bool reads(const struct snapshot *s, const struct buf *b, struct err *e)
{
    struct arena a = {0};
    struct meta m;
    bool ok = meta_read(&m, (struct bytes){b->p, b->n}, s->location, &a, e) &&
        (m.n == s->meta.n || err_set(e, ERR_CORRUPT, "%s: the paths cannot be rewritten", s->location));
    arena_free(&a);
    return ok;
}

bool relocate_bytes(const struct snapshot *s, const char *from, const char *to_prefix, struct buf *to, struct relocation *count,
                    struct err *e)
{
    struct found f = {.r = rd_of(s->bytes.p, s->bytes.n, 0)};
    bool ok = true;
    *count = (struct relocation){0};
    find_all(&f, &s->meta);
    if (f.n)
        qsort(f.at, f.n, sizeof *f.at, ascending);
    for (size_t i = 0; ok && i < f.n; i++)
        ok = splice(&f, f.at[i], from, to_prefix, to, count, e);
    if (ok && to)
        buf_put(to, f.r.p, rd_left(&f.r));
    free(f.at);
    if (ok && !count->found)
        ok = err_set(e, ERR_MISSING, "%s: none of its %u absolute paths begins with \"%s\"", s->location, count->all, from);
    return ok && (!to || reads(s, to, e));
}

bool relocate(const struct draft *d, const struct run_opts *opts, struct err *e)
{
    struct buf b = {0};
    struct relocation found;
    bool ok = relocate_bytes(d->inputs[0]->snapshot, d->relocate_from, d->relocate_to, &b, &found, e) &&
        (!opts->target || writer_ready(opts->target, (struct bytes){b.p, b.n}, e));
    buf_free(&b);
    return ok;
}
