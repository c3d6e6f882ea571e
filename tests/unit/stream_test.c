/* flink-streaming's, flink-scala's and Java's serializers. java_vectors.tsv: object streams of JDK 17, and how they print. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "tests/unit/value_check.h"

#define BASE "org.apache.flink.api.common.typeutils.base."
#define STREAMING "org.apache.flink.streaming.api."
#define SCALA "org.apache.flink.api.scala.typeutils."

static struct arena arena;

static int tear_down(void **state)
{
    (void)state;
    arena_free(&arena);
    return 0;
}

static void check(const struct ser *s, const char *hex, const char *expected)
{
    struct bytes b = unhex(hex);
    value_is(s, b, expected);
    value_hurt(s, b);
    free((void *)b.p);
}

static void malformed(const struct ser *s, const char *hex)
{
    struct bytes b = unhex(hex);
    struct rd r = rd_of(b.p, b.n, 0);
    struct buf text = {0};
    value_json(s, &r, &text);
    assert_false(rd_ok(&r));
    buf_free(&text);
    free((void *)b.p);
}

/* A composite's snapshot: its outer part's version and bytes, nested Integer and, with n = 2, String. */
static struct ser *composite(const char *snapshot_class, int outer_version, const char *outer_hex, int n)
{
    static const char *const nested[] = {BASE "IntSerializer$IntSerializerSnapshot",
                                         BASE "StringSerializer$StringSerializerSnapshot"};
    struct buf b = {0};
    struct bytes outer = unhex(outer_hex);
    buf_put(&b, (uint8_t[]){0, (uint8_t)strlen(snapshot_class)}, 2);
    buf_puts(&b, snapshot_class);
    buf_put(&b, (uint8_t[]){0, 0, 0, 3, 0, 0x0d, 0xe7, 4, 0, 0, 0, (uint8_t)outer_version}, 12);
    buf_put(&b, outer.p, outer.n);
    buf_put(&b, (uint8_t[]){0, 0x14, 0x57, 0xfd, 0, 0, 0, 1, 0, 0, 0, (uint8_t)n}, 12);
    for (int i = 0; i < n; i++) {
        buf_put(&b, (uint8_t[]){0, (uint8_t)strlen(nested[i])}, 2);
        buf_puts(&b, nested[i]);
        buf_put(&b, (uint8_t[]){0, 0, 0, 3}, 4);
    }
    snapshot_hurt((struct bytes){b.p, b.n}, 0);
    struct ser *s = snapshot_of((struct bytes){b.p, b.n}, &arena, 0, NULL);
    buf_free(&b);
    free((void *)outer.p);
    return s;
}

static void stream_elements(void **state)
{
    (void)state;
    const struct ser *s = composite(
        "org.apache.flink.streaming.runtime.streamrecord.StreamElementSerializer$StreamElementSerializerSnapshot", 2, "", 1);
    check(s,
          "00"
          "0000000000000005"
          "00000007",
          "{\"ts\":5,\"value\":7}");
    check(s,
          "01"
          "00000007",
          "{\"ts\":-9223372036854775808,\"value\":7}");
    check(s,
          "02"
          "0000000000000009",
          "{\"watermark\":9}");
    check(s,
          "03"
          "0000000000000001"
          "00112233445566778899aabbccddeeff"
          "00000002",
          "{\"latencyMarker\":1,\"operator\":\"00112233445566778899aabbccddeeff\",\"subtask\":2}");
    check(s,
          "04"
          "00000000",
          "{\"status\":\"ACTIVE\"}");
    check(s,
          "04"
          "ffffffff",
          "{\"status\":\"IDLE\"}");
    check(s,
          "05"
          "01",
          "{\"backlog\":true}");
    check(s,
          "06"
          "00000003"
          "0000000000000009",
          "{\"subpartition\":3,\"watermark\":9}");
    malformed(s, "07");
}

static void joins(void **state)
{
    (void)state;
    const struct ser *both = composite(STREAMING "datastream.CoGroupedStreams$UnionSerializerSnapshot", 2, "", 2);
    check(both,
          "01"
          "00000007",
          "{\"one\":7}");
    check(both,
          "02"
          "0361e901",
          "{\"two\":\"aé\"}");
    malformed(both, "00");
    check(composite(STREAMING "operators.co.IntervalJoinOperator$BufferEntrySerializerSnapshot", 2, "", 1),
          "01"
          "00000007",
          "{\"joined\":true,\"element\":7}");
}

static void two_phase_sinks(void **state)
{
    (void)state;
    static const char cls[] = STREAMING "functions.sink.TwoPhaseCommitSinkFunction$StateSerializerSnapshot";
    static const char txn[] =
        "{\"pending\":{\"handle\":1,\"started\":2},\"committing\":[{\"handle\":3,\"started\":4}],\"context\":\"c\"}";
    static const char rest[] = "00000001"
                               "0000000000000002"
                               "00000001"
                               "00000003"
                               "0000000000000004"
                               "01"
                               "0263";
    char present[128];
    snprintf(present, sizeof present, "01%s", rest);
    check(composite(cls, 2, "", 2), rest, txn);
    check(composite(cls, 3, "", 2), present, txn);
    check(composite(cls, 4, "00", 2), rest, txn);
    check(composite(cls, 4, "01", 2), present, txn);
    check(composite(STREAMING "functions.sink.legacy.TwoPhaseCommitSinkFunction$StateSerializerSnapshot", 4, "01", 2),
          "00"
          "00000000"
          "00",
          "{\"pending\":null,\"committing\":[],\"context\":null}");
}

static void scala_values(void **state)
{
    (void)state;
    struct ser *case_class = composite(SCALA "ScalaCaseClassSerializerSnapshot", 2,
                                       "0004"
                                       "782e5243",
                                       2);
    assert_string_equal(case_class->cls, "x.RC");
    assert_int_equal(case_class->length, -1);
    check(case_class,
          "00000001"
          "0261",
          "[1,\"a\"]");
    check(composite(SCALA "ScalaOptionSerializerSnapshot", 2, "", 1),
          "01"
          "00000001",
          "1");
    check(composite(SCALA "ScalaOptionSerializerSnapshot", 2, "", 1), "00", "null");
    check(composite(SCALA "ScalaEitherSerializerSnapshot", 1, "", 2),
          "00"
          "0261",
          "{\"right\":\"a\"}");
    check(composite(SCALA "ScalaTrySerializerSnapshot", 2, "", 2),
          "01"
          "00000001",
          "{\"success\":1}");
    check(composite(SCALA "ScalaTrySerializerSnapshot", 2, "", 2),
          "00"
          "0261",
          "{\"failure\":\"a\"}");
    struct ser *list = composite(SCALA "TraversableSerializerSnapshot", 2,
                                 "0002"
                                 "6362",
                                 1);
    assert_string_equal(list->attrs[0].value, "cb");
    check(list,
          "00000002"
          "01"
          "00000001"
          "00",
          "[1,null]");
    check(ser_make(&arena, SCALA "UnitSerializer$UnitSerializerSnapshot", 0, NULL), "00", "null");
    malformed(ser_make(&arena, SCALA "NothingSerializerSnapshot", 0, NULL), "00");
}

static void scala_enums(void **state)
{
    (void)state;
    static const char cls[] = SCALA "ScalaEnumSerializerSnapshot";
    struct buf b = {0};
    buf_put(&b, (uint8_t[]){0, sizeof cls - 1}, 2);
    buf_puts(&b, cls);
    buf_put(&b,
            "\0\0\0\3"
            "\0\4x.E$"
            "\0\0\0\2"
            "\0\1A"
            "\0\0\0\0"
            "\0\1B"
            "\0\0\0\5",
            4 + 6 + 4 + 7 + 7);
    struct ser *s = snapshot_of((struct bytes){b.p, b.n}, &arena, 0, NULL);
    snapshot_hurt((struct bytes){b.p, b.n}, 0);
    assert_string_equal(s->label, "ScalaEnum E$");
    assert_string_equal(s->attrs[0].value, "A=0 B=5");
    assert_int_equal(s->length, 4);
    check(s, "00000005", "\"B\"");
    malformed(s, "00000001");
    buf_free(&b);
}

static void java_prints(char **col, int n)
{
    assert_int_equal(n, 3);
    check(ser_make(&arena, "org.apache.flink.runtime.state.JavaSerializer$JavaSerializerSnapshot", 0, NULL), col[1], col[2]);
}

static void java_objects(void **state)
{
    (void)state;
    assert_int_equal(each_vector("tests/unit/java_vectors.tsv", "java", java_prints), 44);
}

/* A composite whose nested serializers are not there: opaque, no crash. */
static void missing_kids_are_opaque(void **state)
{
    (void)state;
    const struct ser_row *rows;
    uint32_t n = ser_rows(&rows), seen = 0;
    for (uint32_t i = 0; i < n; i++) {
        if (rows[i].body != BODY_COMPOSITE ||
            !(strstr(rows[i].snapshot_class, "streaming") || strstr(rows[i].snapshot_class, "scala")))
            continue;
        const struct ser *s = ser_make(&arena, rows[i].snapshot_class, 0, NULL);
        struct rd r = rd_of("\1\2\3\4\5\6\7\10\11\12\13\14\15\16\17\20\21\22", 18, 0);
        struct buf text = {0};
        value_json(s, &r, &text);
        buf_free(&text);
        seen++;
    }
    assert_true(seen >= 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stream_elements),
        cmocka_unit_test(joins),
        cmocka_unit_test(two_phase_sinks),
        cmocka_unit_test(scala_values),
        cmocka_unit_test(scala_enums),
        cmocka_unit_test(java_objects),
        cmocka_unit_test(missing_kids_are_opaque),
    };
    return cmocka_run_group_tests(tests, NULL, tear_down);
}
