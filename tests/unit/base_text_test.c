/* Text for people and for programs: JSON, terminals, tables, numbers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "base/human.h"
#include "base/jsonw.h"
#include "base/table.h"
#include "base/term.h"

#define escapes_to(fn, in, out)                  \
    do {                                         \
        struct buf b_ = {0};                     \
        fn(&b_, in, sizeof(in) - 1);             \
        assert_string_equal(buf_cstr(&b_), out); \
        buf_free(&b_);                           \
    } while (0)

static void json_escapes(void **state)
{
    (void)state;
    escapes_to(jsonw_escape, "", "");
    escapes_to(jsonw_escape, "plain, and more than sixteen bytes of it", "plain, and more than sixteen bytes of it");
    escapes_to(jsonw_escape, "a\"b\\c\n\r\t\b\f\0d\x1b[31m\x7f", "a\\\"b\\\\c\\n\\r\\t\\b\\f\\u0000d\\u001b[31m\\u007f");
    escapes_to(jsonw_escape, "gr\xc3\xbc\xc3\x9f \xe2\x82\xac \xf0\x9f\x98\x80",
               "gr\xc3\xbc\xc3\x9f \xe2\x82\xac \xf0\x9f\x98\x80");
    escapes_to(jsonw_escape, "\xc2\x9b", "\\u009b");
    escapes_to(jsonw_escape, "\xed\xa0\xbd", "\\ud83d");                                                /* lone surrogate */
    escapes_to(jsonw_escape, "\xff\xc3", "\\ufffd\\ufffd");                                             /* no UTF-8, cut */
    escapes_to(jsonw_escape, "\xc0\xaf\xf4\x90\x80\x80", "\\ufffd\\ufffd\\ufffd\\ufffd\\ufffd\\ufffd"); /* overlong, too large */
}

/* Every byte at every place of a block, against jansson. */
static void json_escapes_everywhere(void **state)
{
    (void)state;
    for (unsigned n = 1; n <= 40; n++)
        for (unsigned at = 0; at < n; at++)
            for (unsigned c = 0; c < 128; c++) {
                char text[40];
                struct buf b = {0};
                memset(text, 'x', n);
                text[at] = (char)c;
                jsonw_quote(&b, text, n);
                json_t *back = json_loadb((const char *)b.p, b.n, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
                assert_non_null(back);
                assert_int_equal(json_string_length(back), n);
                assert_memory_equal(json_string_value(back), text, n);
                json_decref(back);
                buf_free(&b);
            }
}

static void write_sample(struct jsonw *w)
{
    jsonw_object(w);
    jsonw_member_int(w, "least", INT64_MIN);
    jsonw_member_uint(w, "most", UINT64_MAX);
    jsonw_member_str(w, "none", NULL);
    jsonw_key(w, "list");
    jsonw_array(w);
    jsonw_bool(w, true);
    jsonw_raw(w, "1.0E10", 6);
    jsonw_array(w);
    jsonw_end_array(w);
    jsonw_end_array(w);
    jsonw_member_str(w, "k\"", "v");
    jsonw_end_object(w);
}

static void json_documents(void **state)
{
    (void)state;
    struct buf b = {0};
    struct jsonw w = {.out = &b};
    write_sample(&w);
    assert_string_equal(buf_cstr(&b),
                        "{\"least\":-9223372036854775808,\"most\":18446744073709551615,\"none\":null,"
                        "\"list\":[true,1.0E10,[]],\"k\\\"\":\"v\"}");
    b.n = 0;
    w = (struct jsonw){.out = &b, .pretty = true};
    write_sample(&w);
    assert_string_equal(buf_cstr(&b),
                        "{\n  \"least\": -9223372036854775808,\n  \"most\": 18446744073709551615,\n  \"none\": null,\n"
                        "  \"list\": [\n    true,\n    1.0E10,\n    []\n  ],\n  \"k\\\"\": \"v\"\n}");
    buf_free(&b);
}

static void terminal_escapes(void **state)
{
    (void)state;
    escapes_to(term_escape, "\x1b]0;title\x07 a\nb\\", "\\x1b]0;title\\x07 a\\nb\\");
    escapes_to(term_escape,
               "\xc2\x9b"
               "31m \xe2\x80\xae \xed\xa0\xbd \xfe \xc3\xbc",
               "\\u009b31m \\u202e \\ud83d \\xfe \xc3\xbc");
    assert_int_equal(term_columns("a\xc3\xbc\xe6\xbc\xa2"
                                  "e\xcc\x81",
                                  9),
                     5);
    assert_int_equal(term_prefix("\xe6\xbc\xa2\xe6\xbc\xa2", 6, 3), 3);
}

static void tables(void **state)
{
    (void)state;
    static const struct table_col cols[] = {
        {.title = "name", .flexible = true}, {.title = "bytes", .right = true}, {.title = "note"}};
    struct table t;
    struct buf b = {0};
    table_start(&t, cols, 3);
    table_print(&t, &b, 0, false);
    assert_int_equal(b.n, 0);
    for (int round = 0; round < 2; round++) {
        table_cell(&t, "a\x1bname");
        table_cellf(&t, "%d", 12);
        table_cell(&t, "x");
        table_cell(&t, "\xe6\xbc\xa2\xe5\xad\x97 and a long tail");
        table_cellf(&t, "%d", 123456);
        table_end_row(&t);
        b.n = 0;
        table_print(&t, &b, round ? 24 : 0, round);
        if (!round)
            assert_string_equal(buf_cstr(&b),
                                "name                   bytes  note\n"
                                "a\\x1bname                 12  x\n"
                                "\xe6\xbc\xa2\xe5\xad\x97 and a long tail  123456\n");
        else
            assert_string_equal(buf_cstr(&b),
                                "\033[1mname         bytes  note\033[0m\n"
                                "a\\x1bname       12  x\n"
                                "\xe6\xbc\xa2\xe5\xad\x97 and …  123456\n");
    }
    table_free(&t);
    b.n = 0;
    csv_field(&b, true, "plain", 5);
    csv_field(&b, false, "a,\"b\"", 5);
    assert_string_equal(buf_cstr(&b), "plain,\"a,\"\"b\"\"\"");
    buf_free(&b);
}

static void numbers(void **state)
{
    (void)state;
    assert_string_equal(human_bytes(1023).s, "1023 B");
    assert_string_equal(human_bytes(1024).s, "1.0 KiB");
    assert_string_equal(human_bytes((1 << 20) - 1).s, "1.0 MiB");
    assert_string_equal(human_bytes(UINT64_MAX).s, "16.0 EiB");
    assert_string_equal(human_count(0).s, "0");
    assert_string_equal(human_count(1234567).s, "1,234,567");
    assert_string_equal(human_share(1, 3).s, "33.3%");
    assert_string_equal(human_share(1, 100000).s, "<0.1%");
    assert_string_equal(human_share(0, 0).s, "-");
    assert_string_equal(human_seconds(3723).s, "1:02:03 h");
    assert_string_equal(human_time(-1).s, "1969-12-31 23:59:59 UTC");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(json_escapes),   cmocka_unit_test(json_escapes_everywhere),
        cmocka_unit_test(json_documents), cmocka_unit_test(terminal_escapes),
        cmocka_unit_test(tables),         cmocka_unit_test(numbers),
    };
    return cmocka_run_group_tests_name("base text", tests, NULL, NULL);
}
