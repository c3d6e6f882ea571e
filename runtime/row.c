#include "runtime/row.h"

#include <stdlib.h>

#include "runtime/pool.h"

static const union cell nothing;

static size_t rounded(size_t n) { return (n + 15) & ~(size_t)15; }

/* Bytes of what a value points to, at most: only what has cells stands at multiples of 16. */
static size_t behind(const struct ltype *t, union cell v)
{
    if (t->slot == SLOT_ARRAY || t->slot == SLOT_MAP || t->slot == SLOT_ROW) {
        uint32_t n = seq_cells(t, v.q);
        size_t size = 15 + rounded(sizeof(struct seq)) + n * (sizeof(union cell) + 1);
        for (uint32_t i = 0; i < n; i++)
            if (!v.q->null[i])
                size += behind(seq_type(t, i, v.q->n), v.q->v[i]);
        return size;
    }
    return cell_points(t) ? v.s.n : 0;
}

/* Moves what a value points to behind *at. */
static union cell place(const struct ltype *t, union cell v, uint8_t **at)
{
    if (t->slot == SLOT_ARRAY || t->slot == SLOT_MAP || t->slot == SLOT_ROW) {
        const struct seq *q = v.q;
        uint32_t n = seq_cells(t, q);
        struct seq *to = (struct seq *)(void *)(*at + (-(uintptr_t)*at & 15));
        union cell *cells = (union cell *)((uint8_t *)to + rounded(sizeof *to));
        uint8_t *null = (uint8_t *)(cells + n);
        *at = null + n;
        *to = (struct seq){q->n, cells, null};
        for (uint32_t i = 0; i < n; i++) {
            null[i] = q->null[i];
            cells[i] = nothing;
            if (!null[i])
                cells[i] = place(seq_type(t, i, q->n), q->v[i], at);
        }
        v.q = to;
    } else if (cell_points(t)) {
        if (v.s.n)
            memcpy(*at, v.s.p, v.s.n);
        v.s.p = *at;
        *at += v.s.n;
    }
    return v;
}

static size_t row_head(uint32_t n) { return sizeof(struct row) + n * (sizeof(union cell) + 1); }

static struct row *row_begin(void *place, uint32_t n, uint8_t **at)
{
    struct row *r = place;
    r->n = n;
    r->size = 0;
    r->null = (uint8_t *)(r->v + n);
    *at = r->null + n;
    return r;
}

static void row_set(struct row *r, uint32_t i, const struct ltype *t, union cell v, uint8_t null, uint8_t **at)
{
    r->null[i] = null;
    r->v[i] = nothing;
    if (!null)
        r->v[i] = place(t, v, at);
}

size_t row_size(const struct ltype *const *types, uint32_t n, const union cell *v, const uint8_t *null)
{
    size_t size = row_head(n);
    for (uint32_t i = 0; i < n; i++)
        if (!null[i])
            size += behind(types[i], v[i]);
    return size;
}

struct row *row_make_at(void *place, const struct ltype *const *types, uint32_t n, const union cell *v, const uint8_t *null)
{
    uint8_t *at;
    struct row *r = row_begin(place, n, &at);
    for (uint32_t i = 0; i < n; i++)
        row_set(r, i, types[i], v[i], null[i], &at);
    return r;
}

struct row *row_make(const struct ltype *const *types, uint32_t n, const union cell *v, const uint8_t *null)
{
    return row_make_at(mem_alloc(row_size(types, n, v, null)), types, n, v, null);
}

static void *room_for(struct pool **p, size_t size)
{
    *p = size > UINT32_MAX ? NULL : *p;
    return *p ? pool_alloc(*p, size) : mem_alloc(size);
}

struct row *row_of_in(struct pool *p, const struct batch *b, uint32_t row, const struct ltype *const *types,
                      const uint32_t *columns, uint32_t n)
{
    size_t size = row_head(n);
    uint8_t *at;
    for (uint32_t i = 0; i < n; i++) {
        const struct vec *from = &b->cols[columns ? columns[i] : i];
        if (!from->null[row])
            size += behind(types[i], from->v[row]);
    }
    struct row *r = row_begin(room_for(&p, size), n, &at);
    r->size = p ? (uint32_t)size : 0;
    for (uint32_t i = 0; i < n; i++) {
        const struct vec *from = &b->cols[columns ? columns[i] : i];
        row_set(r, i, types[i], from->v[row], from->null[row], &at);
    }
    return r;
}

struct row *row_of(const struct batch *b, uint32_t row, const struct ltype *const *types, const uint32_t *columns, uint32_t n)
{
    return row_of_in(NULL, b, row, types, columns, n);
}

struct row *row_into(struct pool *p, const struct ltype *const *types, struct row *r)
{
    if (r->size)
        return r;
    size_t size = row_size(types, r->n, r->v, r->null);
    struct row *to = row_make_at(room_for(&p, size), types, r->n, r->v, r->null);
    to->size = p ? (uint32_t)size : 0;
    free(r);
    return to;
}

void row_drop(struct pool *p, struct row *r)
{
    if (r && r->size)
        pool_free(p, r, r->size);
    else
        free(r);
}

bool row_same(const struct ltype *const *types, const struct row *a, const struct row *b)
{
    for (uint32_t i = 0; i < a->n; i++)
        if (a->null[i] != b->null[i] || (!a->null[i] && !cell_same(types[i], a->v[i], b->v[i])))
            return false;
    return true;
}

union cell cell_keep(const struct ltype *t, union cell v, void **block)
{
    if (!cell_points(t)) {
        *block = NULL;
        return v;
    }
    uint8_t *at = mem_alloc(behind(t, v) + 1);
    *block = at;
    return place(t, v, &at);
}
