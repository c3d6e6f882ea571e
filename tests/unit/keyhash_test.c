/* Operator ids and key groups, against what Flink wrote: the uids and ids, keys and key groups below stand in real snapshots. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "savepoint/keyhash_guess.h"
#include "savepoint/murmur.h"
#include "savepoint/savepoint.h"
#include "savepoint/ser_write.h"
#include "tests/support/bytes.h"
#include "tests/unit/vectors.h"

#define SCALAR(x) "org.apache.flink.api.common.typeutils.base." x "Serializer$" x "SerializerSnapshot"
#define S_TUPLE "org.apache.flink.api.java.typeutils.runtime.TupleSerializerSnapshot"
#define S_ROWDATA "org.apache.flink.table.runtime.typeutils.RowDataSerializer$RowDataSerializerSnapshot"

static struct arena arena;

static int tear_down(void **state)
{
    (void)state;
    arena_free(&arena);
    return 0;
}

static struct ser *leaf(const char *cls) { return ser_make(&arena, cls, 0, NULL); }

static struct ser *tuple(struct ser *a, struct ser *b)
{
    struct ser *kids[] = {a, b};
    return ser_make(&arena, S_TUPLE, b ? 2 : a ? 1 : 0, kids);
}

/* --- operator ids --- */

static void operator_ids(void **state)
{
    (void)state;
    static const struct {
        const char *uid, *id;
    } all[] = {
        {"w-wm", "43b38aaf0f393f42b07752036a49cc55"},
        {"u-map", "3190dfbd31fab7c0ad7fa4db42982c1b"},
        {"op-cep", "c728de37737207c221d6622f46c3f4ce"},
        {"op-noop", "92d9c8efce1290e8ba8b7edb59fa1092"},
        {"w-source", "762a817ce2b330c4f76eb91d6068b85c"},
        {"orders-wm", "f8fbcad25492b6205084660b58198466"},
        {"orders-map", "902d5c7d09964510a4d1779c87f577d2"},
        {"w-slide-agg", "6a8a8bec221359cefb271926823e28c6"},
        {"types-by-int", "34b307dd20b9781667f1470e2e55c10e"},
        {"types-by-long", "09633d35790d14dc7839af290bcd8b10"},
        {"types-by-tuple", "e8c05475ff89e4d71fd7b6fdc38eb2eb"},
        {"types-by-string", "7c4d2fbbc655934b5dbcbe1302c4ceb6"},
        {"w-tumble-process", "689ed749c9fd9da1c8c1f2be678d7717"}, /* exactly one block */
        {"w-session-process", "8599b9c5965346db0e83206483a31d61"},
        {"Sink Committer: op-sink", "cf544d5a2cdea85a09f93f52b80fc95c"},
    };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        struct buf want = {0};
        uint8_t id[16];
        hexed(&want, all[i].id);
        operator_id_of_uid(all[i].uid, id);
        assert_memory_equal(id, want.p, 16);
        buf_free(&want);
    }
    /* seed 0 leaves nothing of nothing */
    uint8_t none[16] = {1};
    murmur3_x64_128("", 0, none);
    for (int i = 0; i < 16; i++)
        assert_int_equal(none[i], 0);
}

/* --- key groups --- */

static uint32_t group(const struct ser *s, const struct buf *key, int32_t max_parallelism)
{
    struct rd r = rd_of(key->p, key->n, 0);
    int32_t hash;
    assert_true(keyhash_known(s));
    assert_true(keyhash_read(s, &r, &hash));
    assert_true(rd_ok(&r));
    assert_int_equal(rd_left(&r), 0);
    return key_group_of_hash(hash, max_parallelism);
}

static void longs(void **state)
{
    (void)state;
    static const struct {
        int64_t key;
        int32_t max;
        uint32_t group;
    } all[] = {
        {1476133728155494, 128, 12}, {310852866894426, 128, 17},  {-757186865987602, 128, 60},  {-1848879597175366, 128, 75},
        {672132641802983, 720, 44},  {-465379634168457, 720, 88}, {1476133728155494, 720, 252}, {-1848879597175366, 720, 523},
    };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        struct buf b = {0};
        u64(&b, (uint64_t)all[i].key);
        assert_int_equal(group(leaf(SCALAR("Long")), &b, all[i].max), all[i].group);
        buf_free(&b);
    }
}

static void ints(void **state)
{
    (void)state;
    static const uint32_t all[][3] = {{4, 128, 7},  {8, 128, 15},  {9, 128, 51},  {0, 128, 94},
                                      {0, 720, 94}, {2, 720, 143}, {7, 720, 161}, {11, 720, 342}};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        struct buf b = {0};
        u32(&b, all[i][0]);
        assert_int_equal(group(leaf(SCALAR("Int")), &b, (int32_t)all[i][1]), all[i][2]);
        buf_free(&b);
    }
}

/* UTF-16 units as Flink's strings have them. */
static void units(struct buf *b, const uint16_t *u, uint32_t n)
{
    u8(b, n + 1);
    for (uint32_t i = 0; i < n; i++) {
        uint32_t c = u[i];
        for (; c >= 0x80; c >>= 7)
            u8(b, (c & 0x7f) | 0x80);
        u8(b, c);
    }
}

static void strings(void **state)
{
    (void)state;
    static const uint16_t wide[] = {'k', 'e', 'y', '-', 0xff, 0x100, 0x7ff, 0x800, 0xffff, '-', '1', '1'},
                          zero[] = {'k', 'e', 'y', '-', 'z', 'e', 'r', 'o', 0, 'm', 'i', 'd', '-', '8'},
                          kanji[] = {'k', 'e', 'y', '-', 0x65e5, 0x672c, 0x8a9e, '-', '4'};
    static const struct {
        const char *ascii;
        const uint16_t *units;
        uint32_t n;
        int32_t max;
        uint32_t group;
    } all[] = {
        {"key--6", NULL, 0, 128, 7},
        {"key-alpha-0", NULL, 0, 128, 39},
        {"key-longer-ascii-string-with-many-characters-in-it-0123456789-9", NULL, 0, 720, 44},
        {"key--6", NULL, 0, 720, 151},
        {"key-alpha-0", NULL, 0, 720, 343},
        {NULL, wide, 12, 128, 0},
        {NULL, wide, 12, 720, 176},
        {NULL, zero, 14, 128, 43},
        {NULL, kanji, 9, 128, 74},
        {NULL, kanji, 9, 720, 362},
    };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        struct buf b = {0};
        if (all[i].ascii)
            str(&b, all[i].ascii);
        else
            units(&b, all[i].units, all[i].n);
        assert_int_equal(group(leaf(SCALAR("String")), &b, all[i].max), all[i].group);
        buf_free(&b);
    }
}

static void tuples(void **state)
{
    (void)state;
    static const struct {
        const char *a;
        uint32_t b;
        int32_t max;
        uint32_t group;
    } all[] = {{"t1", 6, 128, 0}, {"t0", 5, 128, 1},  {"t2", 9, 128, 2},   {"t3", 1, 128, 3},
               {"t3", 1, 720, 3}, {"t0", 0, 720, 19}, {"t1", 10, 720, 61}, {"t1", 3, 720, 109}};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        struct buf b = {0};
        str(&b, all[i].a);
        u32(&b, all[i].b);
        assert_int_equal(group(tuple(leaf(SCALAR("String")), leaf(SCALAR("Int"))), &b, all[i].max), all[i].group);
        buf_free(&b);
    }
}

static void rows_of_sql(void **state)
{
    (void)state;
    static const struct {
        const char *hex;
        uint32_t group;
    } all[] = {
        {"00000010 0000000000000000 2300000000000000", 0},                   /* 35 */
        {"00000010 0000000000000000 2900000000000000", 1},                   /* 41 */
        {"00000010 0000000000000000 4e00000000000000", 2},                   /* 78 */
        {"00000010 0000000000000000 637573742d330086", 0},                   /* 'cust-3' */
        {"00000010 0000000000000000 637573742d300086", 113},                 /* 'cust-0' */
        {"00000018 0000000000000000 0800000010000000 6974656d2dc3a930", 30}, /* an item with an accent */
    };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        struct buf b = {0};
        hexed(&b, all[i].hex);
        assert_int_equal(group(leaf(S_ROWDATA), &b, 128), all[i].group);
        buf_free(&b);
    }
}

/* --- hash codes as JDK 25 says --- */

static void hash_is(const char *cls, const char *hex, int32_t want)
{
    struct buf b = {0};
    hexed(&b, hex);
    struct rd r = rd_of(b.p, b.n, 0);
    int32_t hash;
    assert_true(keyhash_read(leaf(cls), &r, &hash));
    assert_int_equal(hash, want);
    assert_int_equal(rd_left(&r), 0);
    buf_free(&b);
}

static void hash_codes(void **state)
{
    (void)state;
    hash_is(SCALAR("Boolean"), "01", 1231);
    hash_is(SCALAR("Boolean"), "00", 1237);
    hash_is(SCALAR("Byte"), "fb", -5);
    hash_is(SCALAR("Short"), "fed4", -300);
    hash_is(SCALAR("Char"), "0078", 120);
    hash_is(SCALAR("Long"), "ffffffffffffffff", 0);
    hash_is(SCALAR("Long"), "0000010000000000", 256);
    hash_is(SCALAR("Float"), "3fc00000", 1069547520);
    hash_is(SCALAR("Float"), "80000000", INT32_MIN);
    hash_is(SCALAR("Float"), "ffc12345", 2143289344); /* every NaN is one */
    hash_is(SCALAR("Double"), "3fe0000000000000", 1071644672);
    hash_is(SCALAR("Double"), "8000000000000000", INT32_MIN);
    hash_is(SCALAR("Double"), "7ff0000000000001", 2146959360);
    hash_is(SCALAR("String"), "01", 0);
    hash_is(SCALAR("String"), "00", 0); /* null */
    hash_is(SCALAR("String"), "03bdb00380bc03", 1772899);
    int32_t hash = 1;
    struct rd r = rd_of("", 0, 0);
    assert_true(keyhash_read(tuple(NULL, NULL), &r, &hash)); /* no field */
    assert_int_equal(hash, 0);
}

static void murmur_of_hashes(void **state)
{
    (void)state;
    /* never negative, also where the mix gives the least int or something negative */
    for (int64_t h = INT32_MIN; h <= INT32_MAX; h += 65537)
        assert_true(murmur_key_hash((int32_t)h) <= INT32_MAX);
    assert_int_equal(key_group_of_hash(12345, 1), 0);
    assert_int_equal(key_group_of_hash(12345, 0), 0); /* no parallelism: no division */
    assert_int_equal(key_group_of_hash(12345, -1), 0);
    for (int32_t h = 0; h < 1000; h++)
        assert_true(key_group_of_hash(h, 32768) < 32768);
}

static void not_known(void **state)
{
    (void)state;
    int32_t hash;
    struct rd r = rd_of("\0\0\0\0\0\0\0\0", 8, 0);
    assert_false(keyhash_known(NULL));
    assert_false(keyhash_known(leaf("zoo.OwnSnapshot")));
    assert_false(keyhash_known(leaf("org.apache.flink.api.java.typeutils.runtime.PojoSerializerSnapshot")));
    assert_false(keyhash_known(leaf(SCALAR("Enum")))); /* by identity */
    assert_false(keyhash_known(tuple(leaf(SCALAR("Int")), leaf("zoo.OwnSnapshot"))));
    assert_false(keyhash_read(tuple(leaf(SCALAR("Int")), leaf(SCALAR("Enum"))), &r, &hash));
    /* cut */
    r = rd_of("\0\0\0", 3, 0);
    assert_false(keyhash_read(leaf(SCALAR("Int")), &r, &hash));
    r = rd_of("\4ab", 3, 0);
    assert_false(keyhash_read(leaf(SCALAR("String")), &r, &hash));
    r = rd_of("\0\0\0\5abcde", 9, 0); /* no row has 5 bytes */
    assert_false(keyhash_read(leaf(S_ROWDATA), &r, &hash));
    /* tuples of tuples, deeper than anything is read */
    struct ser *deep = leaf(SCALAR("Int"));
    for (int i = 0; i < 300; i++)
        deep = tuple(deep, NULL);
    r = rd_of("\0\0\0\0", 4, 0);
    assert_false(keyhash_read(deep, &r, &hash));
}

/* What Flink 1.20 wrote of keys, and their hashCode as Java 17 computed it. */
static struct ser *of_type(const char *name)
{
    struct ser *three[] = {leaf(SCALAR("String")), leaf(SCALAR("Long")), leaf(SCALAR("Double"))};
    if (!strcmp(name, "Row"))
        return ser_row(&arena, three, 3);
    if (!strcmp(name, "ListLong"))
        return ser_list(&arena, three[1]);
    if (!strcmp(name, "Either"))
        return ser_either(&arena, three[0], three[1]);
    return ser_plain(&arena, name);
}

static void hash_vector(char **col, int n)
{
    assert_int_equal(n, 3);
    struct bytes b = unhex(col[1]);
    struct ser *s = of_type(col[0]);
    struct rd r = rd_of(b.p, b.n, 0);
    int32_t hash;
    assert_true(keyhash_known(s));
    assert_true(keyhash_read(s, &r, &hash));
    assert_int_equal(rd_left(&r), 0);
    if (hash != atoi(col[2]))
        fail_msg("%s %s: %d, not %s", col[0], col[1], hash, col[2]);
    free((void *)b.p);
}

static void java_hashes(void **state)
{
    (void)state;
    assert_int_equal(each_vector("tests/unit/keyhash_vectors.tsv", "hash", hash_vector), 48);
}

/* scala.Tuple2, Tuple3 and Some of Scala 2.12. */
static void scala_hashes(void **state)
{
    (void)state;
    struct ser *ints = leaf(SCALAR("Int")), *longs = leaf(SCALAR("Long")), *texts = leaf(SCALAR("String"));
    const struct {
        struct ser *a, *b, *c;
        const char *hex;
        int32_t hash;
    } all[] = {{ints, longs, texts, "00000005fffffffffffffff9047a6f6f", 1381008880},
               {longs, leaf(SCALAR("Double")), NULL, "00000100000000004000000000000000", -1666704579},
               {leaf(SCALAR("Boolean")), leaf(SCALAR("Float")), NULL, "013dcccccd", 1198911450},
               {leaf(SCALAR("Double")), leaf(SCALAR("Double")), NULL, "7e37e43c8800759c3fe0000000000000", -1029654785}};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        struct ser *kids[] = {all[i].a, all[i].b, all[i].c};
        struct bytes b = unhex(all[i].hex);
        struct rd r = rd_of(b.p, b.n, 0);
        int32_t hash;
        struct ser *s =
            ser_make(&arena, "org.apache.flink.api.scala.typeutils.ScalaCaseClassSerializerSnapshot", all[i].c ? 3 : 2, kids);
        assert_true(keyhash_read(s, &r, &hash));
        assert_int_equal(hash, all[i].hash);
        free((void *)b.p);
    }
    struct ser *option = ser_make(&arena, "org.apache.flink.api.scala.typeutils.ScalaOptionSerializerSnapshot", 1, &texts);
    struct rd some = rd_of("\1\2x", 3, 0), none = rd_of("\0", 1, 0);
    int32_t hash;
    assert_true(keyhash_read(option, &some, &hash));
    assert_int_equal(hash, 630948699);
    assert_true(keyhash_read(option, &none, &hash));
    assert_int_equal(hash, 2433880);
}

/* --- hash codes that are the user's code --- */

static uint32_t of_text(const char *s)
{
    uint32_t h = 0;
    for (; *s; s++)
        h = 31 * h + (uint8_t)*s;
    return h;
}

/* A POJO with the fields id Integer, region String, vip Boolean; region null for NULL. */
static struct bytes place(int32_t id, const char *region, bool vip)
{
    struct buf b = {0};
    u8(&b, 2);
    u8(&b, 0);
    u32(&b, (uint32_t)id);
    u8(&b, !region);
    if (region) {
        u8(&b, (uint8_t)(strlen(region) + 1));
        buf_puts(&b, region);
    }
    u8(&b, 0);
    u8(&b, vip);
    struct bytes copy = {(const uint8_t *)arena_strn(&arena, (const char *)b.p, b.n), b.n};
    buf_free(&b);
    return copy;
}

static uint32_t lombok(int32_t id, const char *region, bool vip)
{
    return ((59 + (uint32_t)id) * 59 + (vip ? 79 : 97)) * 59 + (region ? of_text(region) : 43);
}

static uint32_t record(int32_t id, const char *region, bool vip)
{
    return ((region ? of_text(region) : 0) * 31 + (uint32_t)id) * 31 + (vip ? 1231 : 1237);
}

static uint32_t nobodys(int32_t id, const char *region, bool vip) { return (uint32_t)id * 12345 + (region != NULL) + vip; }

static void learns(const struct ser *key, uint32_t (*hash)(int32_t, const char *, bool), const char *text)
{
    static const char *const regions[] = {"north", "south", NULL, "", "Zürich"};
    struct keyhash_guess g;
    struct buf said = {0};
    keyhash_guess_begin(&g, key, 128);
    for (int32_t id = 0; id < 30 && g.left; id++) {
        const char *region = regions[id % 5];
        bool vip = id % 3 == 0;
        assert_true(id < 4 || text || !keyhash_guess_rule(&g));
        if (region && !strcmp(region, "Zürich"))
            region = "Zurich";
        (void)keyhash_guess_key(&g, place(id, region, vip), key_group_of_hash((int32_t)hash(id, region, vip), 128));
    }
    const struct keyhash_rule *rule = keyhash_guess_rule(&g);
    assert_int_equal(rule != NULL, text != NULL);
    if (rule) {
        struct bytes b = place(-99, "east", true);
        struct rd r = rd_of(b.p, b.n, 0);
        int32_t h;
        keyhash_rule_text(key, rule, &said);
        assert_string_equal(buf_cstr(&said), text);
        assert_true(keyhash_by_rule(key, rule, &r, &h));
        assert_int_equal((uint32_t)h, hash(-99, "east", true));
    } else {
        assert_string_equal(keyhash_guess_why(&g), "its hashCode is none of the formulas that weir knows");
    }
    buf_free(&said);
    keyhash_guess_free(&g);
}

static void guesses(void **state)
{
    (void)state;
    struct ser_field fields[] = {
        {"id", leaf(SCALAR("Int")), NULL}, {"region", leaf(SCALAR("String")), NULL}, {"vip", leaf(SCALAR("Boolean")), NULL}};
    struct ser *key = ser_pojo(&arena, "zoo.Place", fields, 3);
    learns(key, lombok, "59 * h + … with primitive booleans, as Lombok, over id, vip, region");
    learns(key, record, "31 * h + … from the first field on, as records, Kotlin's data classes and IDEs, over region, id, vip");
    learns(key, nobodys, NULL);

    struct keyhash_guess g;
    keyhash_guess_begin(&g, leaf(SCALAR("Int")), 128);
    assert_non_null(keyhash_guess_rule(&g)); /* it is known */
    assert_false(keyhash_guess_key(&g, (struct bytes){(const uint8_t *)"\0\0\0\1", 4}, key_group_of_hash(1, 128) ^ 1));
    assert_string_equal(keyhash_guess_why(&g), "its keys do not lie in the key groups that their hash says");
    keyhash_guess_free(&g);
    keyhash_guess_begin(&g, key, 128);
    assert_null(keyhash_guess_rule(&g));
    assert_string_equal(keyhash_guess_why(&g), "there are too few keys to tell how its hashCode computes");
    keyhash_guess_free(&g);
    keyhash_guess_begin(&g, leaf(SCALAR("Enum")), 128);
    assert_false(keyhash_guess_key(&g, (struct bytes){(const uint8_t *)"\0\0\0\1", 4}, 0));
    keyhash_guess_free(&g);
}

static void prefixes(void **state)
{
    (void)state;
    assert_int_equal(keyed_prefix(1), 1);
    assert_int_equal(keyed_prefix(128), 1);
    assert_int_equal(keyed_prefix(129), 2);
    assert_int_equal(keyed_prefix(32768), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(operator_ids), cmocka_unit_test(longs),
        cmocka_unit_test(ints),         cmocka_unit_test(strings),
        cmocka_unit_test(tuples),       cmocka_unit_test(rows_of_sql),
        cmocka_unit_test(hash_codes),   cmocka_unit_test(murmur_of_hashes),
        cmocka_unit_test(not_known),    cmocka_unit_test(guesses),
        cmocka_unit_test(java_hashes),  cmocka_unit_test(scala_hashes),
        cmocka_unit_test(prefixes),
    };
    return cmocka_run_group_tests(tests, NULL, tear_down);
}
