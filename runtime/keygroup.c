#include "runtime/keygroup.h"

#include "savepoint/murmur.h"
#include "sql/types.h"

uint32_t key_group_default_max(uint32_t parallelism)
{
    uint64_t want = (uint64_t)parallelism + parallelism / 2, max = 128;
    while (max < want && max < 32768)
        max *= 2;
    return (uint32_t)max;
}

bool key_group_can(const struct ltype *t, struct err *e)
{
    if (!cell_points(t) || type_is_text(t) || type_is_bytes(t))
        return true;
    return err_set(e, ERR_UNSUPPORTED, "dealing rows by a key of type %s is not there yet; run it with parallelism 1",
                   lroot_name(t->root));
}

/* Up to 7 bytes stand in the slot, with 0x80 | length as its top byte; more behind the slots, with their place and length in it. */
static uint64_t put_bytes(struct buf *b, struct bytes s)
{
    uint64_t slot = 0;
    if (s.n <= 7) {
        if (s.n)
            memcpy(&slot, s.p, s.n);
        return slot | (uint64_t)(0x80 | s.n) << 56;
    }
    slot = (uint64_t)b->n << 32 | (uint32_t)s.n;
    buf_put(b, s.p, s.n);
    while (b->n % 8)
        buf_putc(b, 0);
    return slot;
}

static uint64_t put_timestamp(struct buf *b, const struct ltype *t, struct stamp v)
{
    if (t->precision <= 3)
        return (uint64_t)v.ms;
    uint64_t slot = (uint64_t)b->n << 32 | (uint32_t)v.ns;
    buf_put(b, &v.ms, 8);
    return slot;
}

/* Above 18 digits: 16 bytes behind the slots, of which the big-endian two's complement takes as many as it needs. */
static uint64_t put_decimal(struct buf *b, const struct ltype *t, i128 v)
{
    uint8_t bytes[16], whole[16] = {0};
    uint32_t skip = 0;
    if (t->precision <= 18)
        return (uint64_t)v;
    for (uint32_t i = 0; i < 16; i++)
        bytes[i] = (uint8_t)((u128)v >> (120 - 8 * i));
    while (skip < 15 && (bytes[skip] == 0 || bytes[skip] == 0xff) && (bytes[skip] & 0x80) == (bytes[skip + 1] & 0x80))
        skip++;
    memcpy(whole, bytes + skip, 16 - skip);
    uint64_t slot = (uint64_t)b->n << 32 | (16 - skip);
    buf_put(b, whole, 16);
    return slot;
}

static uint64_t put_cell(struct buf *b, const struct ltype *t, union cell v)
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
        return put_bytes(b, v.s);
    case SLOT_TIMESTAMP:
        return put_timestamp(b, t, v.t);
    case SLOT_DECIMAL:
        return put_decimal(b, t, v.dec);
    case SLOT_FLOAT:
        f = (float)v.d;
        memcpy(&bits, &f, 4);
        return bits;
    default:
        return (uint64_t)v.i; /* a double's bits, too */
    }
}

/* Parts of a known length keep their place. */
static uint64_t put_null(struct buf *b, const struct ltype *t)
{
    static const uint8_t zeros[16];
    size_t n = t->slot == SLOT_TIMESTAMP && t->precision > 3 ? 8 : t->slot == SLOT_DECIMAL && t->precision > 18 ? 16 : 0;
    uint64_t slot = n ? (uint64_t)b->n << 32 : 0;
    buf_put(b, zeros, n);
    return slot;
}

/* MurmurHashUtils#hashBytesByWords (flink-table-common): Murmur3 over little-endian words, seed 42. */
static int32_t hash_words(const uint8_t *p, size_t n)
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

uint32_t key_group_of(struct buf *scratch, const struct batch *batch, uint32_t row, const uint32_t *keys, uint32_t n_keys,
                      const struct ltype *const *types, uint32_t max_parallelism)
{
    size_t bits = (n_keys + 63 + 8) / 64 * 8, fixed = bits + (size_t)n_keys * 8; /* the header's first byte is the row's kind */
    scratch->n = 0;
    buf_reserve(scratch, fixed);
    memset(scratch->p, 0, fixed);
    scratch->n = fixed;
    for (uint32_t k = 0; k < n_keys; k++) {
        const struct vec *col = &batch->cols[keys[k]];
        const struct ltype *t = types[keys[k]];
        uint64_t slot = col->null[row] ? put_null(scratch, t) : put_cell(scratch, t, col->v[row]);
        if (col->null[row])
            scratch->p[(k + 8) / 8] |= (uint8_t)(1 << (k + 8) % 8);
        memcpy(scratch->p + bits + (size_t)k * 8, &slot, 8);
    }
    return murmur_key_hash(hash_words(scratch->p, scratch->n)) % max_parallelism;
}
