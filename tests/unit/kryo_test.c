/* Kryo. kryo_vectors.tsv: values as KryoSerializer<Object> of Flink 1.20.1 (Kryo 2.24) and 2.1.0 (Kryo 5.6.2) wrote them on JDK 17,
 * and how they print; of the classes in `told`, Harness$User is left out on purpose. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "savepoint/told.h"
#include "tests/unit/value_check.h"

static const char vectors[] = "tests/unit/kryo_vectors.tsv";
static const char told_text[] =
    "class Harness$Base\n id long\n name java.lang.String\n"
    "final class Harness$Leaf\n n int\n"
    "class Harness$Told extends Harness$Base\n"
    " z boolean\n by byte\n c char\n s short\n i int\n l long\n f float\n d double\n boxed java.lang.Integer\n none java.lang.Integer\n"
    " text java.lang.String\n any java.lang.Object\n leaf Harness$Leaf\n same Harness$Leaf\n base Harness$Base\n longs [J\n"
    " strings [Ljava.lang.String;\n objects [Ljava.lang.Object;\n ls java.util.List<java.lang.String>\n"
    " ll java.util.List<java.lang.Long>\n lls java.util.List<java.util.List<java.lang.String>>\n"
    " msl java.util.Map<java.lang.String,java.lang.Long>\n msli java.util.Map<java.lang.String,java.util.List<java.lang.Integer>>\n"
    " so java.util.Set<java.lang.Object>\n again java.util.List<java.lang.String>\n"
    " tm java.util.TreeMap<java.lang.String,Harness$Leaf>\n wild java.util.List\n unit java.util.concurrent.TimeUnit\n"
    " uuid java.util.UUID\n";

static struct arena arena;
static struct told told;
static struct ser *kryo[3]; /* by Flink's major version */

static void take_snapshot(char **col, int n)
{
    assert_int_equal(n, 2);
    int flink = atoi(col[0]);
    struct bytes b = unhex(col[1]);
    kryo[flink] = snapshot_of(b, &arena, flink == 2, &told);
    free((void *)b.p);
}

static int set_up(void **state)
{
    (void)state;
    struct err e = {0};
    return !told_read(&told, (struct bytes){(const uint8_t *)told_text, sizeof told_text - 1}, "told", &arena, &e) ||
        each_vector(vectors, "snapshot", take_snapshot) != 2;
}

static int tear_down(void **state)
{
    (void)state;
    arena_free(&arena);
    return 0;
}

static void value_prints(char **col, int n)
{
    assert_int_equal(n, 4);
    struct bytes b = unhex(col[2]);
    value_is(kryo[atoi(col[0])], b, col[3]);
    free((void *)b.p);
}

static void values_print(void **state)
{
    (void)state;
    assert_int_equal(each_vector(vectors, "value", value_prints), 350);
    assert_int_equal(value_written, 316); /* the others hold what weir does not know */
}

static void value_is_hurt(char **col, int n)
{
    (void)n;
    struct bytes b = unhex(col[2]);
    if (b.n < 400) /* long ones add time only */
        value_hurt(kryo[atoi(col[0])], b);
    free((void *)b.p);
}

static void hurt_values_stay_inside(void **state)
{
    (void)state;
    each_vector(vectors, "value", value_is_hurt);
}

static void snapshot_is_hurt(char **col, int n)
{
    (void)n;
    struct bytes b = unhex(col[1]);
    snapshot_hurt(b, atoi(col[0]) == 2);
    free((void *)b.p);
}

static void hurt_snapshots_fail(void **state)
{
    (void)state;
    assert_int_equal(each_vector(vectors, "snapshot", snapshot_is_hurt), 2);
}

static void registrations_are_shown(void **state)
{
    (void)state;
    assert_string_equal(kryo[1]->label, "Kryo Object");
    assert_int_equal(kryo[1]->n_attrs, 2);
    assert_string_equal(kryo[1]->attrs[0].value, "java.lang.Object");
}

static void check(int flink, const char *hex, const char *expected)
{
    struct bytes b = unhex(hex);
    value_is(kryo[flink], b, expected);
    free((void *)b.p);
}

#define ARRAY_LIST "01006a6176612e7574696c2e41727261794c6973f4" /* class by name: java.util.ArrayList */

/* A list that holds itself, as Kryo 2 writes it: mark 1, one element, class name 0 again, reference to object 0. */
static void cycles_end(void **state)
{
    (void)state;
    check(
        1,
        ARRAY_LIST "01"
                   "01"
                   "0100"
                   "02",
        "[{\"$opaque\":\"java.util.ArrayList\",\"length\":0,\"why\":\"a reference to the object that it is a part of\",\"$hex\":\"\"}]");
}

/* A list that holds itself, met again behind itself: its cycle is closed then, and must not be walked. */
static void closed_cycles_end(void **state)
{
    (void)state;
    check(
        1,
        ARRAY_LIST "01"
                   "02"
                   "0100"
                   "01"
                   "01"
                   "0100"
                   "03"
                   "0100"
                   "03",
        "[[{\"$opaque\":\"java.util.ArrayList\",\"length\":0,\"why\":\"a reference to the object that it is a part of\",\"$hex\":\"\"}],"
        "[{\"$opaque\":\"java.util.ArrayList\",\"length\":0,\"why\":\"a reference to the object that it is a part of\",\"$hex\":\"\"}]]");
}

/* A list of lists, each of which holds the one before `times` times. */
static void chain(unsigned n_lists, unsigned times, struct buf *text, uint32_t *opaque)
{
    struct buf b = {0};
    struct bytes head = unhex(ARRAY_LIST "01");
    buf_put(&b, head.p, head.n);
    free((void *)head.p);
    for (unsigned v = n_lists + 1; buf_putc(&b, (uint8_t)((v & 0x7f) | (v > 0x7f ? 0x80 : 0))), v > 0x7f;)
        v >>= 7;
    buf_put(&b, "\x01\x00\x01\x01\x02\x02", 6); /* object 1: a list of the number 1 */
    for (unsigned i = 1; i <= n_lists; i++) {
        buf_put(&b, "\x01\x00\x01", 3);
        buf_putc(&b, (uint8_t)times);
        for (unsigned t = 0; t < times; t++) {
            buf_put(&b, "\x01\x00", 2);
            for (unsigned v = i + 2; buf_putc(&b, (uint8_t)((v & 0x7f) | (v > 0x7f ? 0x80 : 0))), v > 0x7f;)
                v >>= 7;
        }
    }
    struct rd r = rd_of(b.p, b.n, 0);
    value_json(kryo[1], &r, text);
    assert_true(rd_ok(&r));
    assert_int_equal(rd_left(&r), 0);
    *opaque = r.opaque;
    buf_free(&b);
}

/* 40 lists that hold the one before twice would print 2^40 numbers; 300 that hold it once would nest too deeply. */
static void references_do_not_multiply(void **state)
{
    (void)state;
    struct buf text = {0};
    uint32_t opaque;
    chain(4, 2, &text, &opaque);
    assert_int_equal(opaque, 0);
    assert_string_equal(buf_cstr(&text),
                        "[[1],[[1],[1]],[[[1],[1]],[[1],[1]]],[[[[1],[1]],[[1],[1]]],[[[1],[1]],[[1],[1]]]],"
                        "[[[[[1],[1]],[[1],[1]]],[[[1],[1]],[[1],[1]]]],[[[[1],[1]],[[1],[1]]],[[[1],[1]],[[1],[1]]]]]]");
    chain(40, 2, &text, &opaque);
    assert_true(opaque > 0);
    assert_true(text.n < 100000);
    chain(300, 1, &text, &opaque);
    assert_true(opaque > 0);
    buf_free(&text);
}

/* What claims to be long: counts beyond the bytes, a Kryo 5 list of 2^31 nulls, references to nothing, an endless class table. */
static void claims_are_checked(void **state)
{
    (void)state;
    static const struct {
        int flink;
        const char *hex;
    } bad[] = {{1,
                ARRAY_LIST "01"
                           "ffffffff0f"},
               {2,
                ARRAY_LIST "01"
                           "ffffffff0f"
                           "00"},
               {1, ARRAY_LIST "05"},
               {1, ARRAY_LIST "00"},
               {1,
                "0107"
                "6a6176612e7574696c2e41727261794c6973f4"},
               {1,
                "01005bc9"
                "01"
                "ffffffff07"}, /* int[] */
               {1, "0300"}};   /* a String without its mark */
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct bytes b = unhex(bad[i].hex);
        struct rd r = rd_of(b.p, b.n, 0);
        struct buf text = {0};
        value_json(kryo[bad[i].flink], &r, &text);
        assert_false(rd_ok(&r));
        assert_true(text.n < 2000);
        buf_free(&text);
        free((void *)b.p);
    }
}

/* An id of Scala's registrations is not in the snapshot: opaque, not guessed. */
static void unknown_ids_are_opaque(void **state)
{
    (void)state;
    struct bytes b = unhex("1e0102");
    struct rd r = rd_of(b.p, b.n, 0);
    struct buf text = {0};
    value_json(kryo[1], &r, &text);
    assert_true(r.cut);
    assert_int_equal(r.opaque, 1);
    assert_non_null(strstr(buf_cstr(&text), "a class id that is not in the snapshot"));
    buf_free(&text);
    free((void *)b.p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_print),
        cmocka_unit_test(hurt_values_stay_inside),
        cmocka_unit_test(hurt_snapshots_fail),
        cmocka_unit_test(registrations_are_shown),
        cmocka_unit_test(cycles_end),
        cmocka_unit_test(closed_cycles_end),
        cmocka_unit_test(references_do_not_multiply),
        cmocka_unit_test(claims_are_checked),
        cmocka_unit_test(unknown_ids_are_opaque),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
