/* Values as trees: from bytes, from JSON, into bytes; snapshots and states made from trees. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "savepoint/ser_facts.h"
#include "savepoint/ser_write.h"
#include "savepoint/value_encode.h"
#include "tests/support/bytes.h"
#include "tests/unit/value_check.h"

static struct arena arena;

static int tear_down(void **state)
{
    (void)state;
    arena_free(&arena);
    return 0;
}

static struct ser *pojo(void)
{
    struct ser_field f[] = {{"count", ser_plain(&arena, "Integer"), NULL}, {"name", ser_plain(&arena, "String"), NULL}};
    return ser_pojo(&arena, "zoo.Cat", f, 2);
}

static struct value json(const char *text)
{
    struct value v;
    struct err e = {0};
    if (!value_from_json(&v, text, strlen(text), &arena, &e))
        fail_msg("%s", e.text);
    return v;
}

/* What is encoded, printed as a dump prints it. */
static void encodes(const struct ser *s, const char *text, const char *printed)
{
    struct value v = json(text);
    struct buf b = {0};
    struct err e = {0};
    if (!value_encode(s, &v, &b, &e))
        fail_msg("%s", e.text);
    value_is(s, (struct bytes){b.p, b.n}, printed);
    buf_free(&b);
}

static void refuses(const struct ser *s, const char *text, const char *why)
{
    struct value v = json(text);
    struct buf b = {0};
    struct err e = {0};
    assert_false(value_encode(s, &v, &b, &e));
    assert_int_equal(b.n, 0);
    assert_int_equal(e.kind, ERR_CONVERT);
    assert_string_equal(e.text, why);
    buf_free(&b);
}

static void pojos(void **state)
{
    (void)state;
    const struct ser *s = pojo();
    encodes(s, "{\"name\":\"Tom\",\"count\":3}", "{\"$class\":\"zoo.Cat\",\"count\":3,\"name\":\"Tom\"}");
    encodes(s, "{\"$class\":\"zoo.Cat\",\"count\":\"-7\"}", "{\"$class\":\"zoo.Cat\",\"count\":-7,\"name\":null}");
    encodes(s, "null", "null");
    struct ser_field odd[] = {{"$a", ser_plain(&arena, "Integer"), NULL}, {"b", ser_plain(&arena, "Integer"), NULL}};
    encodes(ser_pojo(&arena, "zoo.Odd", odd, 2), "{\"$class\":\"zoo.Odd\",\"$a\":1,\"b\":2}",
            "{\"$class\":\"zoo.Odd\",\"$a\":1,\"b\":2}");
    refuses(s, "{\"count\":2147483648}", "count: 2147483648 does not fit into an int");
    refuses(s, "{\"count\":1.5}", "count: a number where an int must be");
    refuses(s, "{\"name\":1}", "name: 1 where a string must be");
    refuses(s, "{\"nome\":\"x\"}", "zoo.Cat has no field \"nome\"");
    refuses(s, "{\"$class\":\"zoo.Dog\"}", "zoo.Dog is neither zoo.Cat nor a subclass that its snapshot has");
    refuses(s, "[]", "a list where zoo.Cat must be");
}

static void json_values(void **state)
{
    (void)state;
    static const char *const good[] = {"null",
                                       "true",
                                       "-9223372036854775808",
                                       "1.5",
                                       "\"a\\ud800\\u0000\"",
                                       "[1,[],{}]",
                                       "{\"$map\":[[\"k\",{\"a\":2}],[1,null]]}",
                                       "{\"$opaque\":\"zoo.X\",\"length\":2,\"why\":\"so\",\"$hex\":\"00ff\"}"};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        struct value v = json(good[i]), copy = value_copy_to(&arena, &v);
        struct buf b = {0};
        struct json_sink j;
        json_sink_init(&j, &b);
        value_report(&copy, &j.sink);
        assert_string_equal(buf_cstr(&b), good[i]);
        assert_true(value_same(&v, &copy));
        json_sink_free(&j);
        buf_free(&b);
    }
    static const char *const bad[] = {"",      "[",   "{\"$map\":[[1]]}", "{\"$map\":1}", "{\"$map\":[],\"x\":1}",
                                      "1e999", "1 2", "{\"a\"}"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct value v;
        struct err e = {0};
        assert_false(value_from_json(&v, bad[i], strlen(bad[i]), &arena, &e));
        assert_int_equal(e.kind, ERR_CORRUPT);
    }
}

/* Written, read again: the same type. */
static void snapshots(void **state)
{
    (void)state;
    struct err e = {0};
    struct ser *s = ser_map(&arena, ser_plain(&arena, "String"), ser_ttl(&arena, ser_list(&arena, pojo())));
    assert_true(ser_seal(&arena, s, &e));
    struct ser *again = snapshot_of(s->raw, &arena, 0, NULL);
    assert_true(ser_same(s, again));
    const struct ser *renamed = ser_with_class(&arena, again, "zoo.Cat", "zoo.Lion");
    assert_false(ser_same(s, renamed));
    assert_string_equal(renamed->kids[1]->kids[1]->kids[0]->label, "POJO Lion");
    assert_string_equal(s->kids[1]->kids[1]->kids[0]->label, "POJO Cat");
}

static struct ser *sealed(struct ser *s)
{
    struct err e = {0};
    assert_non_null(s);
    if (!ser_seal(&arena, s, &e))
        fail_msg("%s", e.text);
    struct ser *again = snapshot_of(s->raw, &arena, 0, NULL);
    assert_true(ser_same(s, again));
    assert_true(ser_same_bytes(s, again));
    assert_int_equal(s->length, again->length);
    return again;
}

/* Every constructor: the snapshot is read as what was made, and its values are written. */
static void made(void **state)
{
    (void)state;
    struct err e = {0};
    struct ser *two[] = {ser_plain(&arena, "String"), ser_plain(&arena, "LocalDateTime")};
    const char *const levels[] = {"LOW", "HIGH"};
    const struct ser *instant = ser_plain(&arena, "Instant");
    encodes(instant, "\"+1000000000-12-31T23:59:59.999999999Z\"", "\"+1000000000-12-31T23:59:59.999999999Z\"");
    encodes(instant, "\"-1000000000-01-01T00:00:00Z\"", "\"-1000000000-01-01T00:00:00Z\"");
    refuses(ser_plain(&arena, "LocalDate"), "\"+1000000000-12-31\"", "\"+1000000000-12-31\" where a date must be");
    refuses(ser_plain(&arena, "LocalDate"), "\"2023-02-29\"", "\"2023-02-29\" where a date must be");
    encodes(sealed(ser_tuple(&arena, two, 2)), "[\"a\",\"2024-02-29T12:00:00.5\"]", "[\"a\",\"2024-02-29T12:00:00.500\"]");
    encodes(sealed(ser_tuple(&arena, two, 0)), "[]", "[]");
    encodes(sealed(ser_row(&arena, two, 2)), "[null,\"2024-01-01T00:00\"]",
            "{\"$row\":\"+I\",\"fields\":[null,\"2024-01-01T00:00\"]}");
    encodes(sealed(ser_row(&arena, two, 2)), "{\"$row\":\"-D\",\"fields\":[\"x\",null]}",
            "{\"$row\":\"-D\",\"fields\":[\"x\",null]}");
    encodes(sealed(ser_nullable(&arena, two[0])), "null", "null");
    encodes(sealed(ser_either(&arena, two[0], two[1])), "{\"left\":\"l\"}", "{\"left\":\"l\"}");
    encodes(sealed(ser_array(&arena, "java.lang.String", two[0])), "[\"a\",null]", "[\"a\",null]");
    encodes(sealed(ser_set(&arena, ser_plain(&arena, "Long"))), "[3,1]", "[1,3]");
    encodes(sealed(ser_timer(&arena, two[0], ser_plain(&arena, "TimeWindow"))),
            "{\"key\":\"k\",\"ns\":{\"start\":1,\"end\":2},\"timestamp\":-5}",
            "{\"key\":\"k\",\"ns\":{\"start\":1,\"end\":2},\"timestamp\":-5}");
    encodes(sealed(ser_ttl(&arena, two[0])), "{\"$ttl\":7,\"value\":\"v\"}", "{\"$ttl\":7,\"value\":\"v\"}");
    encodes(sealed(ser_enum(&arena, "zoo.Level", levels, 2)), "\"HIGH\"", "\"HIGH\"");
    refuses(sealed(ser_enum(&arena, "zoo.Level", levels, 2)), "\"MID\"", "zoo.Level has no constant \"MID\"");
    encodes(
        sealed(ser_avro(&arena, NULL,
                        "{\"type\":\"record\",\"name\":\"R\",\"fields\":[{\"name\":\"a\",\"type\":[\"null\",\"int\",\"string\"]},"
                        "{\"name\":\"b\",\"type\":\"bytes\",\"default\":\"\\u00ff\"}]}",
                        &e)),
        "{\"a\":\"x\"}", "{\"$avro\":\"R\",\"a\":\"x\",\"b\":\"hex:ff\"}");
    const struct ser *renamed = ser_avro(
        &arena, NULL,
        "{\"type\":\"record\",\"name\":\"R\",\"fields\":[{\"name\":\"b\",\"aliases\":[\"z\",\"a\"],\"type\":\"int\"}]}", &e);
    encodes(renamed, "{\"a\":7}", "{\"$avro\":\"R\",\"b\":7}");
    refuses(renamed, "{\"c\":7}", "R has no field \"c\"");
    assert_null(ser_avro(&arena, NULL, "{\"type\":\"rec\"}", &e));
    assert_int_equal(e.kind, ERR_UNSUPPORTED);
    assert_string_equal(sealed(ser_kryo(&arena, "java.util.ArrayList", false))->label, "Kryo ArrayList");
}

static void changed(void **state)
{
    (void)state;
    struct ser *cat = pojo();
    struct ser_field f[3];
    ser_fields(cat, f);
    f[2] = (struct ser_field){"age", ser_plain(&arena, "Long"), "zoo.Animal"};
    ser_sort_fields(f, 3);
    struct ser *lion = ser_with_class(&arena, ser_with_fields(&arena, cat, f, 3), "zoo.Cat", "zoo.Lion");
    const struct pojo_subclass tag = {"zoo.Lion", lion},
                               name = {"zoo.Kitten", ser_with_class(&arena, cat, "zoo.Cat", "zoo.Kitten")};
    struct ser *cats = sealed(ser_with_subclasses(&arena, cat, &tag, 1, &name, 1));
    assert_false(ser_same_bytes(cat, lion));
    assert_true(ser_same_bytes(cat, cats)); /* there were no subclasses before */
    assert_false(ser_same_bytes(cats, cat));
    encodes(cats, "{\"$class\":\"zoo.Lion\",\"age\":3,\"name\":\"Leo\",\"count\":1}",
            "{\"$class\":\"zoo.Lion\",\"age\":3,\"count\":1,\"name\":\"Leo\"}");
    encodes(cats, "{\"$class\":\"zoo.Kitten\",\"count\":1}", "{\"$class\":\"zoo.Kitten\",\"count\":1,\"name\":null}");
    refuses(cats, "{\"$class\":\"zoo.Lion\",\"age\":null,\"mane\":1}", "zoo.Lion has no field \"mane\"");

    struct err e = {0};
    const struct ser *readings = ser_with_class(
        &arena,
        ser_avro(
            &arena, "zoo.Reading",
            "{\"type\":\"record\",\"name\":\"Reading\",\"namespace\":\"zoo\",\"doc\":\"d\",\"fields\":["
            "{\"name\":\"next\",\"type\":[\"null\",\"Reading\"]},{\"name\":\"unit\",\"type\":{\"type\":\"enum\",\"name\":\"Unit\","
            "\"symbols\":[\"A\"]}},{\"name\":\"more\",\"type\":{\"type\":\"array\",\"items\":\"Unit\"}}]}",
            &e),
        "zoo.Reading", "farm.data.Value");
    assert_string_equal(readings->cls, "farm.data.Value");
    assert_string_equal(
        ((const struct avro_facts *)readings->extra)->json,
        "{\"type\":\"record\",\"name\":\"Value\",\"namespace\":\"farm.data\",\"doc\":\"d\",\"fields\":["
        "{\"name\":\"next\",\"type\":[\"null\",\"farm.data.Value\"]},{\"name\":\"unit\",\"type\":{\"type\":\"enum\",\"name\":\"Unit\","
        "\"symbols\":[\"A\"],\"namespace\":\"zoo\"}},{\"name\":\"more\",\"type\":{\"type\":\"array\",\"items\":\"zoo.Unit\"}}]}");

    struct ser *two[] = {ser_plain(&arena, "String"), ser_plain(&arena, "Long")};
    struct ser *tuple = ser_tuple(&arena, two, 2);
    ser_fields(tuple, f);
    f[2] = f[0];
    struct ser *wider = sealed(ser_with_fields(&arena, tuple, f, 3));
    assert_string_equal(wider->cls, "org.apache.flink.api.java.tuple.Tuple3");
    struct buf type = {0};
    ser_type(ser_with_kid(&arena, wider, 1, ser_list(&arena, two[1])), &type);
    assert_string_equal(buf_cstr(&type), "Tuple3<String, List<Long>, String>");
    buf_free(&type);
}

static void columns(void **state)
{
    (void)state;
    struct err e = {0};
    const struct ltype *two[] = {ltype_make(&arena, L_INTEGER, 0, 0, 0), ltype_make(&arena, L_VARCHAR, 3, 0, 0)};
    const char *const names[] = {"id", "name"};
    struct ltype *not_null = ltype_make(&arena, L_DECIMAL, 0, 20, 2);
    not_null->nullable = false;
    const struct ltype *all[] = {not_null, ltype_make(&arena, L_TIMESTAMP, 0, 6, 0), ltype_nest(&arena, L_ROW, two, names, 2)};
    struct ser *s = sealed(ser_rowdata(&arena, all, 3, NULL, &e));
    assert_string_equal(s->label, "ROW<DECIMAL(20, 2) NOT NULL, TIMESTAMP(6), ROW<`id` INT, `name` VARCHAR(3)>>");
    encodes(s, "[\"-12345678901234567.8\",\"1969-12-31T23:59:59.999999\",{\"name\":\"abc\"}]",
            "{\"$row\":\"+I\",\"fields\":[\"-12345678901234567.80\",\"1969-12-31T23:59:59.999999\","
            "{\"$row\":\"+I\",\"fields\":[null,\"abc\"]}]}");
    refuses(s, "[null,null,null]", "[0]: null where the type is NOT NULL");
    refuses(s, "[1.001,null,null]", "[0]: a number that does not fit into DECIMAL(20, 2)");
    refuses(s, "[1,null,[3,\"abcd\"]]", "[2].name: 4 characters do not fit into VARCHAR(3)");
    refuses(s, "[1,\"noon\",null]", "[1]: \"noon\" where a timestamp must be");
    assert_null(ltype_make(&arena, L_DECIMAL, 0, 39, 0));
    /* a column more, the others as they were */
    const struct ltype *more[] = {all[0], all[1], all[2], ltype_make(&arena, L_BIGINT, 0, 0, 0)};
    struct ser *wider = sealed(ser_rowdata(&arena, more, 4, s, &e));
    assert_false(ser_same_bytes(s, wider));
    encodes(wider, "[1,null,null,7]", "{\"$row\":\"+I\",\"fields\":[\"1.00\",null,null,7]}");
}

/* Arrays and maps keep their elements' serializers as Java objects. */
static void collections(void **state)
{
    /* of a savepoint of Flink 2.3 */
    static const uint8_t flinks[] =
        "\xac\xed\0\x05sr\0;org.apache.flink.api.common.typeutils.base.DoubleSerializer\0\0\0\0\0\0\0\x01\x02\0\0xr\0"
        "Borg.apache.flink.api.common.typeutils.base.TypeSerializerSingletony\xa9\x87\xaa\xc7.wE\x02\0\0xr\0004org.apache."
        "flink.api.common.typeutils.TypeSerializer\0\0\0\0\0\0\0\x01\x02\0\0xp";
    (void)state;
    struct err e = {0};
    struct buf b = {0};
    const struct ltype *pair[] = {ltype_make(&arena, L_VARCHAR, 3, 0, 0), ltype_make(&arena, L_DOUBLE, 0, 0, 0)};
    assert_true(ltype_put_serializer(pair[1], &b, &e));
    assert_int_equal(b.n, sizeof flinks - 1);
    assert_memory_equal(b.p, flinks, b.n);
    const char *const names[] = {"id", "n"};
    const struct ltype *row = ltype_nest(&arena, L_ROW, pair, names, 2), *map = ltype_nest(&arena, L_MAP, pair, NULL, 2);
    const struct ltype *all[] = {ltype_nest(&arena, L_ARRAY, &row, NULL, 1), ltype_nest(&arena, L_ARRAY, &map, NULL, 1)};
    for (uint32_t i = 0; i < 2; i++) { /* what is written is Java's */
        struct jobj *o;
        b.n = 0;
        assert_true(ltype_put_serializer(all[i], &b, &e));
        struct rd r = rd_of(b.p, b.n, 0);
        assert_true(javaobj_read(&r, &arena, &o));
        assert_int_equal(rd_left(&r), 0);
    }
    struct ser *s = sealed(ser_rowdata(&arena, all, 2, NULL, &e));
    assert_string_equal(s->kids[0]->snapshot_class,
                        "org.apache.flink.table.runtime.typeutils.ArrayDataSerializer$ArrayDataSerializerSnapshot");
    const struct ltype *variants[] = {ltype_make(&arena, L_VARIANT, 0, 0, 0)},
                       *array = ltype_nest(&arena, L_ARRAY, variants, NULL, 1);
    assert_null(ser_rowdata(&arena, &array, 1, NULL, &e));
    assert_string_equal(e.text, "weir cannot make a snapshot with VARIANT within an array or map");
    buf_free(&b);
}

static void other_flink(void **state)
{
    (void)state;
    struct err e = {0};
    struct ser *s = ser_list(&arena, ser_nullable(&arena, ser_kryo(&arena, "java.util.UUID", false)));
    struct ser *two = ser_for_flink(&arena, s, FLINK_2, &e);
    assert_false(ser_same_bytes(s, two));
    assert_true(ser_same(s, two));
    assert_ptr_equal(ser_for_flink(&arena, s, FLINK_1, &e), s);
    assert_null(ser_for_flink(&arena, ser_list(&arena, ser_set(&arena, ser_plain(&arena, "Long"))), FLINK_1, &e));
    assert_int_equal(e.kind, ERR_UNSUPPORTED);
    struct ser *plain = ser_map(&arena, ser_plain(&arena, "Long"), pojo());
    assert_true(ser_same_bytes(plain, ser_for_flink(&arena, plain, FLINK_2, &e)));
    struct ser *dogs = ser_with_class(&arena, ser_kryo(&arena, "zoo.Cat", false), "zoo.Cat", "zoo.Dog");
    assert_string_equal(dogs->cls, "zoo.Dog");
    assert_string_equal(dogs->attrs[0].value, "zoo.Dog");
}

static void states(void **state)
{
    (void)state;
    struct err e = {0};
    struct state_info info = {.name = "cats", .kind = KIND_LIST, .value = ser_list(&arena, pojo())};
    assert_true(state_info_make(&arena, &info, &e));
    assert_false(info.ttl);
    state_info_set_element(&arena, &info, ser_ttl(&arena, (struct ser *)info.element));
    assert_true(state_info_make(&arena, &info, &e));
    struct rd r = rd_of(info.raw.p, info.raw.n, 0);
    struct ser_in in = {.r = &r, .a = &arena};
    struct state_info again = {0};
    assert_true(state_info_read(&again, &in));
    assert_int_equal(rd_left(&r), 0);
    assert_true(again.ttl);
    assert_false(again.has_ns);
    assert_true(ser_same(again.value, info.value));
}

/* An arena that is filled again gives zeroed memory again, small and large. */
static void arena_again(void **state)
{
    (void)state;
    struct arena a = {0};
    arena_reset(&a);
    for (int round = 0; round < 3; round++) {
        for (size_t n = 1; n < 100000; n *= 7) {
            uint8_t *p = arena_alloc(&a, n);
            for (size_t i = 0; i < n; i++)
                assert_int_equal(p[i], 0);
            memset(p, 0xff, n);
        }
        assert_true(a.used > 100000 / 7);
        arena_reset(&a);
        assert_int_equal(a.used, 0);
    }
    arena_free(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pojos),   cmocka_unit_test(json_values), cmocka_unit_test(snapshots),   cmocka_unit_test(made),
        cmocka_unit_test(changed), cmocka_unit_test(columns),     cmocka_unit_test(collections), cmocka_unit_test(other_flink),
        cmocka_unit_test(states),  cmocka_unit_test(arena_again),
    };
    return cmocka_run_group_tests(tests, NULL, tear_down);
}
