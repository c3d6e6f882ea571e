#include "sql/batch.h"

#include <math.h>

const char *row_kind_name(enum row_kind k)
{
    static const char *const names[] = {"+I", "-U", "+U", "-D"};
    return names[k & 3];
}

struct vec vec_new(struct arena *a, uint32_t rows)
{
    return (struct vec){arena_array(a, rows, sizeof(union cell)), arena_alloc(a, rows)};
}

static bool boxed(const struct ltype *t)
{
    return t->root == L_ARRAY || t->root == L_MAP || t->root == L_MULTISET || t->root == L_ROW || t->root == L_STRUCTURED;
}

static bool bytes_like(const struct ltype *t)
{
    return type_is_text(t) || type_is_bytes(t) || t->root == L_VARIANT || t->root == L_BITMAP || t->root == L_RAW;
}

const struct ltype *seq_type(const struct ltype *t, uint32_t i, uint32_t n)
{
    if (type_is_row(t))
        return t->kids[i];
    return t->root != L_ARRAY && i >= n ? t->kids[1] : t->kids[0];
}

struct seq *seq_new(struct scratch *to, uint32_t n, uint32_t cells, union cell **v, uint8_t **null)
{
    struct seq *q = scratch_alloc(to, sizeof *q);
    *v = scratch_alloc(to, (size_t)cells * sizeof **v);
    *null = scratch_alloc(to, cells);
    memset(*null, 0, cells);
    *q = (struct seq){n, *v, *null};
    return q;
}

union cell cell_copy(struct scratch *to, const struct ltype *t, union cell v)
{
    if (bytes_like(t)) {
        v.s = scratch_copy(to, v.s.p, v.s.n);
        return v;
    }
    if (!boxed(t))
        return v;
    union cell *cells;
    uint8_t *null;
    uint32_t n = seq_cells(t, v.q);
    struct seq *q = seq_new(to, v.q->n, n, &cells, &null);
    for (uint32_t i = 0; i < n; i++)
        if (!(null[i] = v.q->null[i]))
            cells[i] = cell_copy(to, seq_type(t, i, q->n), v.q->v[i]);
    v.q = q;
    return v;
}

static bool at_same(const struct ltype *t, const struct seq *a, uint32_t i, const struct seq *b, uint32_t j)
{
    if (a->null[i] || b->null[j])
        return a->null[i] && b->null[j];
    return cell_same(t, a->v[i], b->v[j]);
}

static bool map_same(const struct ltype *t, const struct seq *a, const struct seq *b)
{
    for (uint32_t i = 0; i < a->n; i++) {
        uint32_t j = 0;
        while (j < b->n && !at_same(t->kids[0], a, i, b, j))
            j++;
        if (j == b->n || !at_same(t->kids[1], a, a->n + i, b, b->n + j))
            return false;
    }
    return true;
}

static bool seq_same(const struct ltype *t, const struct seq *a, const struct seq *b)
{
    if (a->n != b->n)
        return false;
    if (t->root == L_MAP || t->root == L_MULTISET)
        return map_same(t, a, b);
    for (uint32_t i = 0; i < a->n; i++)
        if (!at_same(seq_type(t, i, a->n), a, i, b, i))
            return false;
    return true;
}

static bool real_same(double a, double b) { return isnan(a) ? isnan(b) : a == b && signbit(a) == signbit(b); }

bool cell_same_any(const struct ltype *t, union cell a, union cell b)
{
    switch (t->slot) {
    case SLOT_BOOLEAN:
        return a.b == b.b;
    case SLOT_FLOAT:
    case SLOT_DOUBLE:
        return real_same(a.d, b.d);
    case SLOT_DECIMAL:
        return a.dec == b.dec;
    case SLOT_TIMESTAMP:
        return a.t.ms == b.t.ms && a.t.ns == b.t.ns;
    case SLOT_ARRAY:
    case SLOT_MAP:
    case SLOT_ROW:
        return seq_same(t, a.q, b.q);
    case SLOT_TEXT:
    case SLOT_BYTES:
    case SLOT_VARIANT:
    case SLOT_RAW:
        return a.s.n == b.s.n && !memcmp(a.s.p, b.s.p, a.s.n);
    default:
        return a.i == b.i;
    }
}

static int bytes_order(struct bytes a, struct bytes b)
{
    size_t n = a.n < b.n ? a.n : b.n;
    int r = n ? memcmp(a.p, b.p, n) : 0;
    return r ? r : (a.n > b.n) - (a.n < b.n);
}

static int real_order(double a, double b)
{
    if (isnan(a) || isnan(b)) /* Double#compare: NaN is above all */
        return !!isnan(a) - !!isnan(b);
    if (a == b)
        return !!signbit(b) - !!signbit(a);
    return a < b ? -1 : 1;
}

static int seq_order(const struct ltype *t, const struct seq *a, const struct seq *b)
{
    for (uint32_t i = 0; i < a->n && i < b->n; i++) {
        if (a->null[i] || b->null[i]) {
            if (a->null[i] != b->null[i])
                return a->null[i] ? -1 : 1;
            continue;
        }
        int r = cell_compare(seq_type(t, i, a->n), a->v[i], b->v[i]);
        if (r)
            return r;
    }
    return (a->n > b->n) - (a->n < b->n);
}

int cell_compare(const struct ltype *t, union cell a, union cell b)
{
    switch (t->slot) {
    case SLOT_BOOLEAN:
        return a.b - b.b;
    case SLOT_FLOAT:
    case SLOT_DOUBLE:
        return real_order(a.d, b.d);
    case SLOT_DECIMAL:
        return (a.dec > b.dec) - (a.dec < b.dec);
    case SLOT_TIMESTAMP:
        return a.t.ms != b.t.ms ? (a.t.ms > b.t.ms) - (a.t.ms < b.t.ms) : (a.t.ns > b.t.ns) - (a.t.ns < b.t.ns);
    case SLOT_ARRAY:
    case SLOT_MAP:
    case SLOT_ROW:
        return seq_order(t, a.q, b.q);
    case SLOT_TEXT:
    case SLOT_BYTES:
    case SLOT_VARIANT:
    case SLOT_RAW:
        return bytes_order(a.s, b.s);
    default:
        return (a.i > b.i) - (a.i < b.i);
    }
}

static uint64_t mix(uint64_t h)
{
    h ^= h >> 32;
    h *= UINT64_C(0xd6e8feb86659fd93);
    h ^= h >> 32;
    return h;
}

static uint64_t bytes_hash(struct bytes b)
{
    uint64_t h = b.n * UINT64_C(0x9e3779b97f4a7c15), w;
    const uint8_t *p = b.p;
    size_t n = b.n;
    for (; n >= 8; p += 8, n -= 8) {
        memcpy(&w, p, 8);
        h = mix(h ^ w) + UINT64_C(0x9e3779b97f4a7c15);
    }
    w = 0;
    if (n)
        memcpy(&w, p, n);
    return mix(h ^ w);
}

static uint64_t seq_hash(const struct ltype *t, const struct seq *q)
{
    uint64_t h = q->n;
    bool map = t->root == L_MAP || t->root == L_MULTISET;
    for (uint32_t i = 0; i < q->n; i++) {
        uint64_t one = q->null[i] ? 7 : cell_hash(seq_type(t, i, q->n), q->v[i]);
        if (map) /* in any order */
            h += mix(one * 31 + (q->null[q->n + i] ? 7 : cell_hash(t->kids[1], q->v[q->n + i])));
        else
            h = mix(h * 31 + one);
    }
    return h;
}

uint64_t cell_hash(const struct ltype *t, union cell v)
{
    switch (t->slot) {
    case SLOT_BOOLEAN:
        return mix(v.b + 1u);
    case SLOT_FLOAT:
    case SLOT_DOUBLE:
        return isnan(v.d) ? 11 : mix((uint64_t)v.i + 3);
    case SLOT_DECIMAL:
        return mix((uint64_t)v.dec ^ mix((uint64_t)(v.dec >> 64) + 1));
    case SLOT_TIMESTAMP:
        return mix((uint64_t)v.t.ms * 31 + (uint64_t)v.t.ns);
    case SLOT_ARRAY:
    case SLOT_MAP:
    case SLOT_ROW:
        return seq_hash(t, v.q);
    case SLOT_TEXT:
    case SLOT_BYTES:
    case SLOT_VARIANT:
    case SLOT_RAW:
        return bytes_hash(v.s);
    default:
        return mix((uint64_t)v.i + UINT64_C(0x9e3779b97f4a7c15));
    }
}
