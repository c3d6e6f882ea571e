#include "savepoint/sst_range_del.h"

#include <stdlib.h>
#include <string.h>

#include "savepoint/sst_cursor.h"

typedef bool less_fn(const struct sst_range_del *a, const struct sst_range_del *b);

static bool starts_before(const struct sst_range_del *a, const struct sst_range_del *b)
{
    return sst_compare(a->start, b->start) < 0;
}
static bool newer(const struct sst_range_del *a, const struct sst_range_del *b) { return a->seq > b->seq; }

static void put(struct sst_range_dels_heap *h, less_fn *less, struct sst_range_del x)
{
    if (h->n == h->cap) {
        h->cap = h->cap ? 2 * h->cap : 16;
        h->at = mem_grow(h->at, h->cap, sizeof *h->at);
    }
    uint32_t i = h->n++;
    for (; i && less(&x, &h->at[(i - 1) / 2]); i = (i - 1) / 2)
        h->at[i] = h->at[(i - 1) / 2];
    h->at[i] = x;
}

static struct sst_range_del take(struct sst_range_dels_heap *h, less_fn *less)
{
    struct sst_range_del top = h->at[0], x = h->at[--h->n];
    uint32_t i = 0;
    for (uint32_t kid; (kid = 2 * i + 1) < h->n; i = kid) {
        if (kid + 1 < h->n && less(&h->at[kid + 1], &h->at[kid]))
            kid++;
        if (!less(&h->at[kid], &x))
            break;
        h->at[i] = h->at[kid];
    }
    h->at[i] = x;
    return top;
}

static struct bytes copy(struct sst_range_dels *d, struct bytes b, size_t more)
{
    uint8_t *p = arena_alloc(&d->arena, b.n + more + 1);
    if (b.n)
        memcpy(p, b.p, b.n);
    return (struct bytes){p, b.n + more};
}

bool sst_range_dels_read(struct sst_range_dels *d, const struct sst *t, const struct sst_live *live, struct err *e)
{
    if (!t->range_del.size)
        return true;
    struct sst_block b = {0};
    struct sst_rows rows = {0};
    bool ok = sst_block_read(&t->in, t->range_del, false, &b, e) && sst_rows_begin(&rows, &t->in, &b, false, e);
    while (ok && sst_rows_next(&rows, false, e)) {
        if (rows.key.n < SST_TAG || rows.key.p[rows.key.n - SST_TAG] != SST_RANGE_DELETE) {
            ok = sst_bad(&t->in, &b, "not a range deletion", e);
            break;
        }
        struct bytes start = {rows.key.p, rows.key.n - SST_TAG}, end = rows.value;
        uint64_t seq = t->seq == UINT64_MAX ? le64(start.p + start.n) >> 8 : t->seq;
        if (sst_compare(start, live->smallest) < 0)
            start = live->smallest;
        bool cut = sst_compare(end, live->largest) > 0;
        if (cut)
            end = live->largest;
        /* a bound that is a key of the table is inside: the end is the next possible key */
        end = copy(d, end, cut && !live->largest_open);
        if (sst_compare(start, end) >= 0)
            continue;
        put(&d->ahead, starts_before, (struct sst_range_del){copy(d, start, 0), end, seq});
        d->n++;
    }
    sst_rows_free(&rows);
    sst_block_free(&b);
    return ok && e->kind == ERR_NONE;
}

bool sst_range_dels_cover(struct sst_range_dels *d, struct bytes key, uint64_t seq)
{
    while (d->ahead.n && sst_compare(d->ahead.at[0].start, key) <= 0)
        put(&d->active, newer, take(&d->ahead, starts_before));
    while (d->active.n && sst_compare(d->active.at[0].end, key) <= 0)
        take(&d->active, newer);
    d->n = d->ahead.n + d->active.n;
    return d->active.n && d->active.at[0].seq > seq;
}

void sst_range_dels_free(struct sst_range_dels *d)
{
    free(d->ahead.at);
    free(d->active.at);
    arena_free(&d->arena);
    *d = (struct sst_range_dels){0};
}
