#include "savepoint/keyhash.h"

#include <stdlib.h>
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

/* String#hashCode over UTF-16 units. */
static bool hash_units(struct rd *r, uint32_t n, uint32_t *h)
{
    uint32_t v = 0;
    for (; n && rd_ok(r); n--) {
        uint32_t unit = rd_varint32(r);
        if (unit > 0xffff)
            rd_fail(r, "a character of more than 16 bits");
        v = 31 * v + unit;
    }
    *h = v;
    return rd_ok(r);
}

/* The null string hashes as null does. */
static bool hash_string(const struct ser *s, struct rd *r, uint32_t *h)
{
    (void)s;
    uint32_t n = rd_varint32(r);
    return hash_units(r, n ? n - 1 : 0, h);
}

/* --- Flink's Value types (org.apache.flink.types), where they differ from the boxed ones --- */

static bool hash_string_value(const struct ser *s, struct rd *r, uint32_t *h)
{
    (void)s;
    return hash_units(r, rd_varint32(r), h);
}

static bool hash_boolean_value(const struct ser *s, struct rd *r, uint32_t *h)
{
    (void)s;
    *h = rd_bool(r);
    return rd_ok(r);
}

static bool hash_long_value(const struct ser *s, struct rd *r, uint32_t *h)
{
    bool ok = hash_long(s, r, h);
    *h += 43;
    return ok;
}

static bool hash_double_value(const struct ser *s, struct rd *r, uint32_t *h)
{
    bool ok = hash_double(s, r, h);
    *h += 31;
    return ok;
}

/* --- numbers and times of the JDK --- */

static uint32_t of_long(int64_t v) { return (uint32_t)((uint64_t)v ^ (uint64_t)v >> 32); }

/* BigInteger#hashCode: over the words of the magnitude, highest first, and the sign. */
static uint32_t of_magnitude(const uint8_t *p, size_t n)
{
    bool negative = n && p[0] & 0x80;
    uint32_t h = 0, word = 0;
    uint8_t *m = mem_alloc(n);
    unsigned carry = 1;
    for (size_t i = n; i-- > 0;) {
        carry += (uint8_t)~p[i];
        m[i] = negative ? (uint8_t)carry : p[i];
        carry >>= 8;
    }
    for (size_t i = 0; i < n; i++) {
        word = word << 8 | m[i];
        if ((n - 1 - i) % 4 == 0) {
            h = 31 * h + word; /* leading words of zero do not count: h is 0 still */
            word = 0;
        }
    }
    free(m);
    return negative ? 0 - h : h;
}

/* As BigIntSerializer writes it; false: null, or r has failed. */
static bool big(struct rd *r, uint32_t *h)
{
    static const uint8_t small[] = {0, 1, 10};
    int32_t k = rd_i32(r);
    *h = 0;
    if (k <= 0 || k == 4 || !rd_ok(r))
        return false;
    if (k < 4) {
        *h = small[k - 1];
        return true;
    }
    const uint8_t *p = rd_take(r, (size_t)k - 4);
    if (p)
        *h = of_magnitude(p, (size_t)k - 4);
    return p;
}

static bool hash_bigint(const struct ser *s, struct rd *r, uint32_t *h)
{
    (void)s;
    (void)big(r, h);
    return rd_ok(r);
}

static bool hash_bigdec(const struct ser *s, struct rd *r, uint32_t *h)
{
    (void)s;
    if (big(r, h))
        *h = 31 * *h + rd_u32(r);
    return rd_ok(r);
}

/* Date#hashCode, and so java.sql's. */
static bool hash_date(const struct ser *s, struct rd *r, uint32_t *h)
{
    (void)s;
    int64_t ms = rd_i64(r);
    *h = ms == INT64_MIN ? 0 : of_long(ms);
    return rd_ok(r);
}

static bool hash_sql_timestamp(const struct ser *s, struct rd *r, uint32_t *h)
{
    bool ok = hash_date(s, r, h);
    (void)rd_u32(r);
    return ok && rd_ok(r);
}

static bool hash_instant(const struct ser *s, struct rd *r, uint32_t *h)
{
    (void)s;
    int64_t seconds = rd_i64(r);
    uint32_t nanos = rd_u32(r);
    *h = seconds == INT64_MIN ? 0 : of_long(seconds) + 51 * nanos;
    return rd_ok(r);
}

static bool hash_local_date(const struct ser *s, struct rd *r, uint32_t *h)
{
    (void)s;
    uint32_t year = rd_u32(r), month = rd_u8(r), day = rd_u8(r);
    *h = year == 0x80000000 ? 0 : (year & 0xfffff800) ^ ((year << 11) + (month << 6) + day);
    return rd_ok(r);
}

static bool hash_local_time(const struct ser *s, struct rd *r, uint32_t *h)
{
    (void)s;
    int64_t hour = rd_i8(r), minute = rd_i8(r), second = rd_i8(r), nanos = rd_i32(r);
    *h = hour < 0 ? 0 : of_long(((hour * 60 + minute) * 60 + second) * 1000000000 + nanos);
    return rd_ok(r);
}

static bool hash_local_datetime(const struct ser *s, struct rd *r, uint32_t *h)
{
    uint32_t time;
    bool ok = hash_local_date(s, r, h) && hash_local_time(s, r, &time);
    *h ^= ok ? time : 0;
    return ok;
}

/* --- composed --- */

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

static bool hash_tuple0(const struct ser *s, struct rd *r, uint32_t *h)
{
    (void)s;
    *h = 0;
    return rd_u8(r) == 42;
}

/* RowUtils#deepHashCodeRow (since 1.13) of a row without names: 31 * kind + the deep hash of its fields. A field counts 31 more, since it is
 * hashed in an array of its own; not so rows, and lists are hashed deeply. */
static bool hash_row(const struct ser *s, struct rd *r, uint32_t *h)
{
    unsigned first = s->extra ? 2 : 0;
    const uint8_t *mask = rd_take(r, ((size_t)s->n + first + 7) / 8);
    if (!mask)
        return false;
    uint32_t kind = first ? (mask[0] >> 7 & 1) | (mask[0] >> 5 & 2) : 0;
    *h = 1;
    for (uint32_t i = 0; i < s->n; i++) {
        uint32_t bit = i + first, field = 0;
        bool null = mask[bit / 8] & 0x80 >> bit % 8, plain = s->kids[i]->read != read_row;
        if (!null && !any(s->kids[i], r, &field))
            return false;
        *h = 31 * *h + field + (!null && plain ? 31 : 0);
    }
    *h += 31 * kind;
    return true;
}

/* AbstractList#hashCode */
static bool hash_list(const struct ser *s, struct rd *r, uint32_t *h)
{
    uint32_t n = rd_count(r, 0), element;
    for (*h = 1; n && rd_ok(r); n--) {
        if (!any(s->kids[0], r, &element))
            return false;
        *h = 31 * *h + element;
    }
    return rd_ok(r);
}

static bool hash_either(const struct ser *s, struct rd *r, uint32_t *h) { return any(s->kids[rd_bool(r) ? 0 : 1], r, h); }

static bool hash_nullable(const struct ser *s, struct rd *r, uint32_t *h)
{
    *h = 0;
    if (!rd_bool(r))
        return any(s->kids[0], r, h);
    if (s->length > 1)
        (void)rd_take(r, (size_t)s->length - 1);
    return rd_ok(r);
}

static bool hash_inner(const struct ser *s, struct rd *r, uint32_t *h) { return any(s->kids[0], r, h); }

static bool hash_null_byte(const struct ser *s, struct rd *r, uint32_t *h)
{
    (void)s;
    (void)rd_u8(r);
    *h = 0;
    return rd_ok(r);
}

/* --- Scala 2.12: MurmurHash3.productHash over the fields' ##, for case classes, tuples and Some --- */

static bool is_long(const struct ser *s) { return s->read == read_long; }

/* ##: a long or real that is a whole number of fewer bits hashes as that. */
static bool hash_hash(const struct ser *s, struct rd *r, uint32_t *h)
{
    if (is_long(s)) {
        int64_t v = rd_i64(r);
        *h = v == (int32_t)v ? (uint32_t)v : of_long(v);
        return rd_ok(r);
    }
    struct rd at = *r;
    bool real = s->read == read_double || s->read == read_float;
    double d = s->read == read_double ? rd_f64(&at) : real ? (double)rd_f32(&at) : 0;
    if (!any(s, r, h))
        return false;
    if (real && d >= -2147483648.0 && d < 2147483648.0 && d == (int32_t)d)
        *h = (uint32_t)(int32_t)d;
    else if (real && d >= -9223372036854775808.0 && d < 9223372036854775808.0 && d == (double)(int64_t)d)
        *h = of_long((int64_t)d);
    else if (s->read == read_double && d == (double)(float)d) {
        float f = (float)d;
        memcpy(h, &f, sizeof *h);
    }
    return true;
}

static uint32_t product_mix(uint32_t h, uint32_t field)
{
    uint32_t k = field * 0xcc9e2d51U;
    h ^= (k << 15 | k >> 17) * 0x1b873593U;
    return (h << 13 | h >> 19) * 5 + 0xe6546b64U;
}

static uint32_t product_end(uint32_t h, uint32_t n)
{
    h ^= n;
    h = (h ^ h >> 16) * 0x85ebca6bU;
    h = (h ^ h >> 13) * 0xc2b2ae35U;
    return h ^ h >> 16;
}

enum { PRODUCT_SEED = (int)0xcafebabe, HASH_OF_NONE = 2433880 };

static bool hash_case_class(const struct ser *s, struct rd *r, uint32_t *h)
{
    *h = (uint32_t)PRODUCT_SEED;
    for (uint32_t i = 0; i < s->n; i++) {
        uint32_t field;
        if (!hash_hash(s->kids[i], r, &field))
            return false;
        *h = product_mix(*h, field);
    }
    *h = product_end(*h, s->n);
    return s->n > 0;
}

static bool hash_option(const struct ser *s, struct rd *r, uint32_t *h)
{
    *h = HASH_OF_NONE;
    if (!rd_bool(r))
        return rd_ok(r);
    bool ok = hash_hash(s->kids[0], r, h);
    *h = product_end(product_mix((uint32_t)PRODUCT_SEED, *h), 1);
    return ok;
}

/* --- Flink SQL --- */

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

/* name: where several rows share a reader; NULL: all of that reader. kids: how many must be there, and known themselves. */
static const struct {
    ser_read_fn *read;
    const char *name;
    hash_fn *hash;
} table[] = {
    {read_boolean, "Boolean", hash_boolean},
    {read_boolean, "BooleanValue", hash_boolean_value},
    {read_byte, NULL, hash_byte},
    {read_short, NULL, hash_short},
    {read_char, NULL, hash_char},
    {read_int, NULL, hash_int},
    {read_long, "Long", hash_long},
    {read_long, "LongValue", hash_long_value},
    {read_float, NULL, hash_float},
    {read_double, "Double", hash_double},
    {read_double, "DoubleValue", hash_double_value},
    {read_string, NULL, hash_string},
    {read_string_value, NULL, hash_string_value},
    {read_bigint, NULL, hash_bigint},
    {read_bigdec, NULL, hash_bigdec},
    {read_date, NULL, hash_date},
    {read_sql_timestamp, NULL, hash_sql_timestamp},
    {read_instant, NULL, hash_instant},
    {read_local_date, NULL, hash_local_date},
    {read_local_time, NULL, hash_local_time},
    {read_local_datetime, NULL, hash_local_datetime},
    {read_tuple, "Tuple", hash_tuple},
    {read_tuple, "CaseClass", hash_case_class},
    {read_tuple0, NULL, hash_tuple0},
    {read_row, NULL, hash_row},
    {read_list, NULL, hash_list},
    {read_either, "Either", hash_either},
    {read_nullable, NULL, hash_nullable},
    {read_option, NULL, hash_option},
    {read_inner, NULL, hash_inner},
    {read_null_byte, "Void", hash_null_byte},
    {read_rowdata, NULL, hash_binary_row},
    {read_binary_row, NULL, hash_binary_row},
};

/* The name of the row, or of the class where the row is one for many. */
static bool is_named(const struct ser *s, const char *name)
{
    const char *is = strcmp(s->row->name, "Value") != 0 ? s->row->name : s->cls ? class_simple(s->cls) : "";
    return !strcmp(is, name);
}

static hash_fn *find(const struct ser *s)
{
    for (size_t i = 0; s->row && i < sizeof table / sizeof *table; i++)
        if (table[i].read == s->read && (!table[i].name || is_named(s, table[i].name)))
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

/* Serializers whose hash follows from their own bytes, whatever is nested in their snapshots. */
static bool by_bytes(const struct ser *s) { return s->read == read_rowdata || s->read == read_binary_row; }

static bool has_kids(const struct ser *s)
{
    uint32_t one = s->read == read_list || s->read == read_nullable || s->read == read_option || s->read == read_inner;
    return (!one || s->n == 1) && (s->read != read_either || s->n == 2);
}

bool keyhash_known(const struct ser *s)
{
    bool scala = s && s->row && !strncmp(s->snapshot_class, "org.apache.flink.api.scala.", 27);
    if (!s || !find(s) || !has_kids(s) || (scala && s->read == read_either)) /* Scala's Left and Right are case classes */
        return false;
    for (uint32_t i = 0; !by_bytes(s) && i < s->n; i++)
        if (!keyhash_known(s->kids[i]) || (s->read == read_row && s->kids[i]->read == read_list)) /* lists in rows: deep hash */
            return false;
    return true;
}

bool keyhash_part(const struct ser *s, struct rd *r, uint32_t *hash) { return any(s, r, hash); }

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
