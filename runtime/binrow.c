#include "runtime/binrow.h"

/* --- writing --- */

/* A part behind the slots: its place in the row and its length. Padded to words. */
static uint64_t part(struct buf *b, size_t base, size_t from)
{
    uint64_t slot = (uint64_t)(from - base) << 32 | (uint32_t)(b->n - from);
    while ((b->n - base) % 8)
        buf_putc(b, 0);
    return slot;
}

/* Up to 7 bytes stand in the slot, with 0x80 | length as its top byte. */
static uint64_t put_bytes(struct buf *b, size_t base, struct bytes s)
{
    uint64_t slot = 0;
    if (s.n <= 7) {
        if (s.n)
            memcpy(&slot, s.p, s.n);
        return slot | (uint64_t)(0x80 | s.n) << 56;
    }
    size_t from = b->n;
    buf_put(b, s.p, s.n);
    return part(b, base, from);
}

static uint64_t put_timestamp(struct buf *b, size_t base, const struct ltype *t, struct stamp v)
{
    if (t->precision <= 3)
        return (uint64_t)v.ms;
    uint64_t slot = (uint64_t)(b->n - base) << 32 | (uint32_t)v.ns;
    buf_put(b, &v.ms, 8);
    return slot;
}

uint32_t binrow_decimal(i128 v, uint8_t to[16])
{
    uint8_t bytes[16];
    uint32_t skip = 0;
    for (uint32_t i = 0; i < 16; i++)
        bytes[i] = (uint8_t)((u128)v >> (120 - 8 * i));
    while (skip < 15 && (bytes[skip] == 0 || bytes[skip] == 0xff) && (bytes[skip] & 0x80) == (bytes[skip + 1] & 0x80))
        skip++;
    memcpy(to, bytes + skip, 16 - skip);
    return 16 - skip;
}

/* Above 18 digits: 16 bytes behind the slots, of which it takes as many as it needs. */
static uint64_t put_decimal(struct buf *b, size_t base, const struct ltype *t, i128 v)
{
    uint8_t whole[16] = {0};
    if (t->precision <= 18)
        return (uint64_t)v;
    uint64_t slot = (uint64_t)(b->n - base) << 32 | binrow_decimal(v, whole);
    buf_put(b, whole, 16);
    return slot;
}

static uint64_t put_seq(struct buf *b, size_t base, const struct ltype *t, const struct seq *q);

static uint64_t put_cell(struct buf *b, size_t base, const struct ltype *t, union cell v)
{
    float f;
    uint32_t bits;
    switch (t->slot) { /* slots are written as wide as their types are */
    case SLOT_BOOLEAN:
        return v.b;
    case SLOT_I8:
        return (uint8_t)v.i;
    case SLOT_I16:
        return (uint16_t)v.i;
    case SLOT_I32:
        return (uint32_t)v.i;
    case SLOT_TEXT:
    case SLOT_BYTES:
        return put_bytes(b, base, v.s);
    case SLOT_TIMESTAMP:
        return put_timestamp(b, base, t, v.t);
    case SLOT_DECIMAL:
        return put_decimal(b, base, t, v.dec);
    case SLOT_FLOAT:
        f = (float)v.d;
        memcpy(&bits, &f, 4);
        return bits;
    case SLOT_ARRAY:
    case SLOT_MAP:
    case SLOT_ROW:
        return put_seq(b, base, t, v.q);
    default:
        return (uint64_t)v.i; /* a double's bits, too */
    }
}

/* Parts of a known length keep their place. */
static uint64_t put_null(struct buf *b, size_t base, const struct ltype *t)
{
    static const uint8_t zeros[16];
    size_t n = t->slot == SLOT_TIMESTAMP && t->precision > 3 ? 8 : t->slot == SLOT_DECIMAL && t->precision > 18 ? 16 : 0;
    uint64_t slot = n ? (uint64_t)(b->n - base) << 32 : 0;
    buf_put(b, zeros, n);
    return slot;
}

static void put_zeros(struct buf *b, size_t n)
{
    buf_reserve(b, n);
    memset(b->p + b->n, 0, n);
    b->n += n;
}

static void put_array(struct buf *b, const struct ltype *t, uint32_t n, const union cell *v, const uint8_t *null)
{
    size_t base = b->n, header = 4 + ((size_t)n + 31) / 32 * 4;
    put_zeros(b, (header + (size_t)n * t->width + 7) / 8 * 8);
    memcpy(b->p + base, &n, 4);
    for (uint32_t i = 0; i < n; i++) {
        uint64_t slot = null[i] ? put_null(b, base, t) : put_cell(b, base, t, v[i]);
        if (null[i])
            b->p[base + 4 + i / 8] |= (uint8_t)(1 << i % 8);
        memcpy(b->p + base + header + (size_t)i * t->width, &slot, t->width);
    }
}

static void put_map(struct buf *b, const struct ltype *t, const struct seq *q)
{
    static const struct ltype count = {.root = L_INTEGER, .slot = SLOT_I32, .width = 4};
    size_t from = b->n;
    put_zeros(b, 4);
    put_array(b, t->kids[0], q->n, q->v, q->null);
    uint32_t keys = (uint32_t)(b->n - from - 4);
    memcpy(b->p + from, &keys, 4);
    put_array(b, t->root == L_MULTISET ? &count : t->kids[1], q->n, q->v + q->n, q->null + q->n);
}

void binrow_put_seq(struct buf *to, const struct ltype *t, const struct seq *q)
{
    if (t->slot == SLOT_ROW)
        binrow_put(to, ROW_INSERT, t->kids, t->n, q->v, q->null);
    else if (t->slot == SLOT_ARRAY)
        put_array(to, t->kids[0], q->n, q->v, q->null);
    else
        put_map(to, t, q);
}

static uint64_t put_seq(struct buf *b, size_t base, const struct ltype *t, const struct seq *q)
{
    size_t from = b->n;
    binrow_put_seq(b, t, q);
    return part(b, base, from);
}

struct binrow binrow_begin(struct buf *to, enum row_kind kind, uint32_t n)
{
    size_t base = to->n, bits = ((size_t)n + 63 + 8) / 64 * 8; /* the header's first byte is the row's kind */
    put_zeros(to, bits + (size_t)n * 8);
    to->p[base] = (uint8_t)kind;
    return (struct binrow){to, base, base + bits};
}

void binrow_set(struct binrow *r, uint32_t i, const struct ltype *t, union cell v, uint8_t null)
{
    uint64_t slot = null ? put_null(r->to, r->base, t) : put_cell(r->to, r->base, t, v);
    if (null)
        r->to->p[r->base + (i + 8) / 8] |= (uint8_t)(1 << (i + 8) % 8);
    memcpy(r->to->p + r->slots + (size_t)i * 8, &slot, 8);
}

void binrow_put(struct buf *to, enum row_kind kind, const struct ltype *const *types, uint32_t n, const union cell *v,
                const uint8_t *null)
{
    struct binrow r = binrow_begin(to, kind, n);
    for (uint32_t i = 0; i < n; i++)
        binrow_set(&r, i, types[i], v[i], null[i]);
}

/* MurmurHashUtils#hashBytesByWords (flink-table-common): Murmur3 over little-endian words, seed 42. */
int32_t binrow_hash(const uint8_t *p, size_t n)
{
    uint32_t h = 42;
    for (size_t i = 0; i < n; i += 4) {
        uint32_t k;
        memcpy(&k, p + i, 4);
        k *= 0xcc9e2d51;
        k = k << 15 | k >> 17;
        h ^= k * 0x1b873593;
        h = h << 13 | h >> 19;
        h = h * 5 + 0xe6546b64;
    }
    h ^= (uint32_t)n;
    h = (h ^ h >> 16) * 0x85ebca6b;
    h = (h ^ h >> 13) * 0xc2b2ae35;
    return (int32_t)(h ^ h >> 16);
}

/* --- reading --- */

/* A row or array that is read: where its parts may lie. */
struct box {
    struct bytes b;
    struct scratch *heap;
    size_t left; /* bytes that its parts may still take together: work stays in proportion to size */
};

static bool get_part(struct box *x, uint64_t slot, struct bytes *to)
{
    size_t at = slot >> 32, n = slot & 0xffffffff;
    if (at > x->b.n || n > x->b.n - at || n > x->left)
        return false;
    x->left -= n;
    *to = (struct bytes){x->b.p + at, n};
    return true;
}

static bool get_bytes(struct box *x, const uint8_t *at, uint64_t slot, struct bytes *to)
{
    struct bytes b = {at, at[7] & 0x7f};
    if (at[7] & 0x80 ? b.n > 7 : !get_part(x, slot, &b))
        return false;
    *to = scratch_copy(x->heap, b.p, b.n);
    return true;
}

static bool get_timestamp(struct box *x, const struct ltype *t, uint64_t slot, struct stamp *to)
{
    struct bytes b;
    *to = (struct stamp){(int64_t)slot, 0};
    if (t->precision <= 3)
        return true;
    if (!get_part(x, slot >> 32 << 32 | 8, &b))
        return false;
    memcpy(&to->ms, b.p, 8);
    to->ns = (int32_t)(slot & 0xffffffff);
    return to->ns >= 0 && to->ns <= 999999;
}

bool binrow_decimal_of(struct bytes b, i128 *to)
{
    if (!b.n || b.n > 16)
        return false;
    u128 v = b.p[0] & 0x80 ? ~(u128)0 : 0;
    for (size_t i = 0; i < b.n; i++)
        v = v << 8 | b.p[i];
    *to = (i128)v;
    return true;
}

static bool get_decimal(struct box *x, const struct ltype *t, uint64_t slot, i128 *to)
{
    struct bytes b;
    *to = (int64_t)slot;
    return t->precision <= 18 || (get_part(x, slot, &b) && binrow_decimal_of(b, to));
}

static bool get_seq(struct box *x, const struct ltype *t, struct bytes b, const struct seq **to);

/* A value at `at`, of which `width` bytes are its. */
static bool get_cell(struct box *x, const struct ltype *t, const uint8_t *at, size_t width, union cell *v)
{
    uint64_t slot = 0;
    struct bytes b;
    float f;
    memcpy(&slot, at, width);
    switch (t->slot) {
    case SLOT_BOOLEAN:
        v->b = slot & 0xff;
        return true;
    case SLOT_I8:
        v->i = (int8_t)slot;
        return true;
    case SLOT_I16:
        v->i = (int16_t)slot;
        return true;
    case SLOT_I32:
        v->i = (int32_t)slot;
        return true;
    case SLOT_FLOAT:
        memcpy(&f, at, 4);
        v->d = (double)f;
        return true;
    case SLOT_TEXT:
    case SLOT_BYTES:
        return get_bytes(x, at, slot, &v->s);
    case SLOT_TIMESTAMP:
        return get_timestamp(x, t, slot, &v->t);
    case SLOT_DECIMAL:
        return get_decimal(x, t, slot, &v->dec);
    case SLOT_ARRAY:
    case SLOT_MAP:
    case SLOT_ROW:
        return get_part(x, slot, &b) && get_seq(x, t, b, &v->q);
    case SLOT_I64:
    case SLOT_DOUBLE:
        v->i = (int64_t)slot;
        return true;
    case SLOT_RAW: /* a view's place: nothing that is looked at */
        return true;
    default:
        return false;
    }
}

static bool get_elements(const struct box *outer, struct bytes b, const struct ltype *t, uint32_t n, union cell *v, uint8_t *null)
{
    struct box x = {b, outer->heap, b.n};
    size_t header = 4 + ((size_t)n + 31) / 32 * 4;
    for (uint32_t i = 0; i < n; i++) {
        null[i] = b.p[4 + i / 8] >> i % 8 & 1;
        if (!null[i] && !get_cell(&x, t, b.p + header + (size_t)i * t->width, t->width, &v[i]))
            return false;
    }
    return true;
}

static bool count(struct bytes b, const struct ltype *t, uint32_t *n)
{
    if (b.n < 4)
        return false;
    memcpy(n, b.p, 4);
    return *n <= INT32_MAX / 16 && 4 + ((size_t)*n + 31) / 32 * 4 + (size_t)*n * t->width <= b.n;
}

static bool get_seq(struct box *x, const struct ltype *t, struct bytes b, const struct seq **to)
{
    static const struct ltype times = {.root = L_INTEGER, .slot = SLOT_I32, .width = 4};
    struct scratch *heap = x->heap;
    union cell *v;
    uint8_t *null;
    uint32_t n, m;
    if (t->slot == SLOT_ROW) {
        *to = seq_new(heap, t->n, t->n, &v, &null);
        return binrow_get(b, NULL, t->kids, t->n, v, null, heap);
    }
    if (t->slot == SLOT_ARRAY) {
        if (!count(b, t->kids[0], &n))
            return false;
        *to = seq_new(heap, n, n, &v, &null);
        return get_elements(x, b, t->kids[0], n, v, null);
    }
    const struct ltype *second = t->root == L_MULTISET ? &times : t->kids[1];
    uint32_t keys = 0;
    if (b.n < 4 || (memcpy(&keys, b.p, 4), keys > b.n - 4))
        return false;
    struct bytes k = {b.p + 4, keys}, w = {b.p + 4 + keys, b.n - 4 - keys};
    if (!count(k, t->kids[0], &n) || !count(w, second, &m) || n != m)
        return false;
    *to = seq_new(heap, n, n * 2, &v, &null);
    return get_elements(x, k, t->kids[0], n, v, null) && get_elements(x, w, second, n, v + n, null + n);
}

bool binrow_get(struct bytes row, enum row_kind *kind, const struct ltype *const *types, uint32_t n, union cell *v, uint8_t *null,
                struct scratch *heap)
{
    size_t bits = ((size_t)n + 63 + 8) / 64 * 8;
    struct box x = {row, heap, row.n};
    if (row.n < bits + (size_t)n * 8 || row.p[0] > ROW_DELETE)
        return false;
    if (kind)
        *kind = (enum row_kind)row.p[0];
    for (uint32_t i = 0; i < n; i++) {
        null[i] = row.p[(i + 8) / 8] >> (i + 8) % 8 & 1;
        v[i] = (union cell){0};
        if (!null[i] && !get_cell(&x, types[i], row.p + bits + (size_t)i * 8, 8, &v[i]))
            return false;
    }
    return true;
}

bool binrow_get_seq(struct bytes b, const struct ltype *t, const struct seq **q, struct scratch *heap)
{
    struct box x = {b, heap, b.n};
    return get_seq(&x, t, b, q);
}
