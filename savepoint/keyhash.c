#include "savepoint/keyhash.h"

#include <string.h>

#include "savepoint/codec.h"
#include "savepoint/murmur.h"

typedef bool hash_fn(const struct ser *s, struct rd *r, uint32_t *h);

static bool hash_boolean(const struct ser *s, struct rd *r, uint32_t *h)
{
    (void)s;
    *h = rd_bool(r) ? 1231 : 1237;
    return rd_ok(r);
}

static bool hash_byte(const struct ser *s, struct rd *r, uint32_t *h)
{
    (void)s;
    *h = (uint32_t)rd_i8(r);
    return rd_ok(r);
}

static bool hash_short(const struct ser *s, struct rd *r, uint32_t *h)
{
    (void)s;
    *h = (uint32_t)rd_i16(r);
    return rd_ok(r);
}

static bool hash_char(const struct ser *s, struct rd *r, uint32_t *h)
{
    (void)s;
    *h = rd_u16(r);
    return rd_ok(r);
}

static bool hash_int(const struct ser *s, struct rd *r, uint32_t *h)
{
    (void)s;
    *h = rd_u32(r);
    return rd_ok(r);
}

static bool hash_long(const struct ser *s, struct rd *r, uint32_t *h)
{
    (void)s;
    uint64_t v = (uint64_t)rd_i64(r);
    *h = (uint32_t)(v ^ v >> 32);
    return rd_ok(r);
}

/* Float#floatToIntBits: every NaN is 7fc00000. */
static bool hash_float(const struct ser *s, struct rd *r, uint32_t *h)
{
    (void)s;
    uint32_t v = rd_u32(r);
    *h = (v & 0x7fffffff) > 0x7f800000 ? 0x7fc00000 : v;
    return rd_ok(r);
}

static bool hash_double(const struct ser *s, struct rd *r, uint32_t *h)
{
    (void)s;
    uint64_t v = (uint64_t)rd_i64(r);
    if ((v & INT64_MAX) > UINT64_C(0x7ff0000000000000))
        v = UINT64_C(0x7ff8000000000000);
    *h = (uint32_t)(v ^ v >> 32);
    return rd_ok(r);
}

/* String#hashCode over UTF-16 units; the null string hashes as null does. */
static bool hash_string(const struct ser *s, struct rd *r, uint32_t *h)
{
    (void)s;
    uint32_t n = rd_varint32(r), v = 0;
    for (; n > 1 && rd_ok(r); n--) {
        uint32_t unit = rd_varint32(r);
        if (unit > 0xffff)
            rd_fail(r, "a character of more than 16 bits");
        v = 31 * v + unit;
    }
    *h = v;
    return rd_ok(r);
}

static bool any(const struct ser *s, struct rd *r, uint32_t *h);

/* TupleN#hashCode: the first field's, then 31 * h + the next one's. Tuple0 hashes to 0. */
static bool hash_tuple(const struct ser *s, struct rd *r, uint32_t *h)
{
    *h = 0;
    for (uint32_t i = 0; i < s->n; i++) {
        uint32_t field;
        if (!any(s->kids[i], r, &field))
            return false;
        *h = i ? 31 * *h + field : field;
    }
    return true;
}

/* BinaryRowData#hashCode, MurmurHashUtils#hashBytesByWords (flink-table-runtime): Murmur3 over little-endian words, seed 42. */
static bool hash_binary_row(const struct ser *s, struct rd *r, uint32_t *h)
{
    (void)s;
    struct bytes b = rd_bytes32(r);
    if (!rd_ok(r) || b.n % 4)
        return false;
    uint32_t v = 42;
    for (size_t i = 0; i < b.n; i += 4) {
        uint32_t k = le32(b.p + i) * 0xcc9e2d51U;
        v ^= (k << 15 | k >> 17) * 0x1b873593U;
        v = (v << 13 | v >> 19) * 5 + 0xe6546b64U;
    }
    v ^= (uint32_t)b.n;
    v = (v ^ v >> 16) * 0x85ebca6bU;
    v = (v ^ v >> 13) * 0xc2b2ae35U;
    *h = v ^ v >> 16;
    return true;
}

static const struct {
    ser_read_fn *read;
    hash_fn *hash;
} table[] = {
    {read_boolean, hash_boolean}, {read_byte, hash_byte},   {read_short, hash_short},        {read_char, hash_char},
    {read_int, hash_int},         {read_long, hash_long},   {read_float, hash_float},        {read_double, hash_double},
    {read_string, hash_string},   {read_tuple, hash_tuple}, {read_rowdata, hash_binary_row}, {read_binary_row, hash_binary_row},
};

static hash_fn *find(const struct ser *s)
{
    for (size_t i = 0; s->row && i < sizeof table / sizeof *table; i++)
        if (table[i].read == s->row->read)
            return table[i].hash;
    return NULL;
}

static bool any(const struct ser *s, struct rd *r, uint32_t *h)
{
    hash_fn *fn = find(s);
    if (!fn || !rd_enter(r))
        return false;
    bool ok = fn(s, r, h);
    rd_leave(r);
    return ok;
}

bool keyhash_known(const struct ser *s)
{
    if (!s || !find(s))
        return false;
    for (uint32_t i = 0; s->row->read == read_tuple && i < s->n; i++)
        if (!keyhash_known(s->kids[i]))
            return false;
    return true;
}

bool keyhash_read(const struct ser *s, struct rd *r, int32_t *hash)
{
    uint32_t h = 0;
    bool ok = keyhash_known(s) && any(s, r, &h);
    *hash = (int32_t)h;
    return ok;
}

uint32_t key_group_of_hash(int32_t hash, int32_t max_parallelism)
{
    return max_parallelism > 0 ? murmur_key_hash(hash) % (uint32_t)max_parallelism : 0;
}
