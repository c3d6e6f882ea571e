/* Values as JSON text: what is sorted, what is escaped, what an error leaves behind. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "inspect/json_sink.h"

struct text {
    struct json_sink json;
    struct buf out;
};

static struct text *begin(void)
{
    struct text *t = mem_zalloc(sizeof *t);
    json_sink_init(&t->json, &t->out);
    return t;
}

static void check(struct text *t, const char *want)
{
    assert_string_equal(buf_cstr(&t->out), want);
    json_sink_free(&t->json);
    buf_free(&t->out);
    free(t);
}

static void scalars(void **state)
{
    (void)state;
    struct text *t = begin();
    struct sink *s = &t->json.sink;
    sink_begin(s, BOX_ARRAY);
    sink_null(s);
    sink_bool(s, true);
    sink_int(s, INT64_MIN);
    sink_real(s, 0.1, false);
    sink_real(s, 0.1F, true);
    sink_real(s, NAN, false);
    sink_real(s, -INFINITY, false);
    sink_text(s, "a\"\n\x1b\xc3\xa4", 6);
    sink_hex(s, "hex:", (const uint8_t *)"\x00\xff", 2);
    sink_end(s, BOX_ARRAY);
    check(t, "[null,true,-9223372036854775808,0.1,0.1,\"NaN\",\"-Infinity\",\"a\\\"\\n\\u001b\xc3\xa4\",\"hex:00ff\"]");
}

static void sets_and_maps_are_sorted(void **state)
{
    (void)state;
    struct text *t = begin();
    struct sink *s = &t->json.sink;
    sink_begin(s, BOX_ARRAY);
    sink_begin(s, BOX_SET);
    sink_textz(s, "b");
    sink_textz(s, "a");
    sink_textz(s, "ab");
    sink_end(s, BOX_SET);
    sink_begin(s, BOX_MAP);
    sink_textz(s, "y");
    sink_begin(s, BOX_SET);
    sink_int(s, 2);
    sink_int(s, 1);
    sink_end(s, BOX_SET);
    sink_textz(s, "x");
    sink_null(s);
    sink_end(s, BOX_MAP);
    sink_begin(s, BOX_PAIRS);
    sink_end(s, BOX_PAIRS);
    sink_end(s, BOX_ARRAY);
    check(t, "[[\"a\",\"ab\",\"b\"],{\"$map\":[[\"x\",null],[\"y\",[1,2]]]},[]]");
}

static void objects_keep_their_order(void **state)
{
    (void)state;
    struct text *t = begin();
    struct sink *s = &t->json.sink;
    sink_begin(s, BOX_OBJECT);
    sink_keyz(s, "z");
    sink_int(s, 1);
    sink_keyz(s, "a");
    sink_begin(s, BOX_OBJECT);
    sink_end(s, BOX_OBJECT);
    sink_end(s, BOX_OBJECT);
    check(t, "{\"z\":1,\"a\":{}}");
}

static void opaque(void **state)
{
    (void)state;
    struct text *t = begin();
    sink_opaque(&t->json.sink, "a.B", (const uint8_t *)"\x01\x02", 2, "not \"known\"");
    check(t, "{\"$opaque\":\"a.B\",\"length\":2,\"why\":\"not \\\"known\\\"\",\"$hex\":\"0102\"}");
}

/* A decoder that failed between a key and its value still closes what it opened: the text is valid JSON. */
static void half_a_pair(void **state)
{
    (void)state;
    struct text *t = begin();
    struct sink *s = &t->json.sink;
    sink_begin(s, BOX_PAIRS);
    sink_int(s, 2);
    sink_int(s, 20);
    sink_int(s, 1);
    sink_end(s, BOX_PAIRS);
    check(t, "[[1,null],[2,20]]");
}

static void reset(void **state)
{
    (void)state;
    struct text *t = begin();
    struct sink *s = &t->json.sink;
    sink_begin(s, BOX_SET);
    sink_int(s, 2);
    json_sink_reset(&t->json);
    t->out.n = 0;
    sink_begin(s, BOX_SET);
    sink_int(s, 3);
    sink_int(s, 1);
    sink_end(s, BOX_SET);
    check(t, "[1,3]");
}

static void deep(void **state)
{
    (void)state;
    struct text *t = begin();
    struct sink *s = &t->json.sink;
    struct buf want = {0};
    for (int i = 0; i < 200; i++)
        sink_begin(s, i % 2 ? BOX_ARRAY : BOX_SET), buf_putc(&want, '[');
    for (int i = 199; i >= 0; i--)
        sink_end(s, i % 2 ? BOX_ARRAY : BOX_SET), buf_putc(&want, ']');
    check(t, buf_cstr(&want));
    buf_free(&want);
}

/* By the JSON text of an item, byte by byte: not as numbers; of pairs by the key, then the value. */
static void order_of_text(void **state)
{
    (void)state;
    struct text *t = begin();
    struct sink *s = &t->json.sink;
    sink_begin(s, BOX_ARRAY);
    sink_begin(s, BOX_SET);
    static const int64_t numbers[] = {9, 10, -1, 10, 100, 2};
    for (size_t i = 0; i < 6; i++)
        sink_int(s, numbers[i]);
    sink_null(s);
    sink_textz(s, "z");
    sink_begin(s, BOX_OBJECT);
    sink_end(s, BOX_OBJECT);
    sink_end(s, BOX_SET);
    sink_begin(s, BOX_PAIRS);
    for (int i = 0; i < 3; i++) { /* keys that are maps themselves; of two the same, the value decides */
        sink_begin(s, BOX_MAP);
        sink_int(s, i == 0 ? 2 : 1);
        sink_bool(s, true);
        sink_int(s, 0);
        sink_bool(s, false);
        sink_end(s, BOX_MAP);
        sink_int(s, 7 - i);
    }
    sink_end(s, BOX_PAIRS);
    sink_end(s, BOX_ARRAY);
    check(t,
          "[[\"z\",-1,10,10,100,2,9,null,{}],[[{\"$map\":[[0,false],[1,true]]},5],[{\"$map\":[[0,false],[1,true]]},6],"
          "[{\"$map\":[[0,false],[2,true]]},7]]]");
}

/* Names are escaped; what stands in the buffer already is left alone, and more values may follow. */
static void one_buffer(void **state)
{
    (void)state;
    struct text *t = begin();
    struct sink *s = &t->json.sink;
    buf_puts(&t->out, "[");
    sink_begin(s, BOX_OBJECT);
    sink_keyz(s, "a\"b");
    sink_text(s, "\xed\xa0\xbd\x7f", 4);
    sink_keyz(s, "");
    sink_hex(s, "", NULL, 0);
    sink_end(s, BOX_OBJECT);
    buf_puts(&t->out, ",");
    sink_begin(s, BOX_SET);
    sink_textz(s, "y");
    sink_textz(s, "x");
    sink_end(s, BOX_SET);
    buf_puts(&t->out, "]");
    check(t, "[{\"a\\\"b\":\"\\ud83d\\u007f\",\"\":\"\"},[\"x\",\"y\"]]");
}

/* A set of more text than the limit stays as it came; what is in it is sorted, and so is the next one. */
static void too_long_to_sort(void **state)
{
    (void)state;
    char *letters = mem_alloc(JSON_SINK_SORT_LIMIT / 2);
    memset(letters, 'x', JSON_SINK_SORT_LIMIT / 2);
    for (int over = 0; over < 2; over++) {
        struct text *t = begin();
        struct sink *s = &t->json.sink;
        sink_begin(s, BOX_ARRAY);
        sink_begin(s, BOX_SET);
        sink_textz(s, "z"); /* with commas, quotes and brackets: 23 bytes besides */
        sink_text(s, letters, JSON_SINK_SORT_LIMIT / 2);
        sink_text(s, letters, JSON_SINK_SORT_LIMIT / 2 - (over ? 22 : 23));
        sink_textz(s, "y");
        sink_begin(s, BOX_SET);
        sink_textz(s, "b");
        sink_textz(s, "a");
        sink_end(s, BOX_SET);
        sink_end(s, BOX_SET);
        sink_begin(s, BOX_SET);
        sink_int(s, 2);
        sink_int(s, 1);
        sink_end(s, BOX_SET);
        sink_end(s, BOX_ARRAY);
        const char *text = buf_cstr(&t->out);
        size_t n = t->out.n;
        assert_int_equal(n, JSON_SINK_SORT_LIMIT + over + strlen("[[],[1,2]]"));
        const char *begins = over ? "[[\"z\",\"xxx" : "[[\"xxx",
                   *ends = over ? "x\",\"y\",[\"a\",\"b\"]],[1,2]]" : "x\",\"y\",\"z\",[\"a\",\"b\"]],[1,2]]";
        assert_memory_equal(text, begins, strlen(begins));
        assert_string_equal(text + n - strlen(ends), ends);
        json_sink_free(&t->json);
        buf_free(&t->out);
        free(t);
    }
    free(letters);
}

/* Thrown away in the middle of everything: nothing is left of it. */
static void reset_deep_inside(void **state)
{
    (void)state;
    struct text *t = begin();
    struct sink *s = &t->json.sink;
    for (int round = 0; round < 3; round++) {
        sink_begin(s, BOX_PAIRS);
        sink_begin(s, BOX_SET);
        sink_int(s, 1);
        sink_int(s, 0);
        sink_begin(s, BOX_OBJECT);
        sink_keyz(s, "k");
        json_sink_reset(&t->json);
        t->out.n = 0;
    }
    sink_int(s, 5);
    check(t, "5");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scalars),
        cmocka_unit_test(sets_and_maps_are_sorted),
        cmocka_unit_test(objects_keep_their_order),
        cmocka_unit_test(opaque),
        cmocka_unit_test(half_a_pair),
        cmocka_unit_test(reset),
        cmocka_unit_test(deep),
        cmocka_unit_test(order_of_text),
        cmocka_unit_test(one_buffer),
        cmocka_unit_test(too_long_to_sort),
        cmocka_unit_test(reset_deep_inside),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
