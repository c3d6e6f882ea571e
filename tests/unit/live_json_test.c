/* base/jsonr: what is JSON, what is not, and what reading it costs. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/jsonr.h"

/* Whether the text is one JSON value, by skipping it. */
static bool valid(const char *text)
{
    struct jsonr r = {0};
    jsonr_start(&r, text, strlen(text));
    jsonr_skip(&r);
    bool good = jsonr_end(&r);
    jsonr_free(&r);
    return good;
}

static void what_is_json(void **state)
{
    (void)state;
    static const char *const good[] = {"null",
                                       " true ",
                                       "false",
                                       "0",
                                       "-0",
                                       "12.5e-3",
                                       "1E+9",
                                       "\"\"",
                                       "\"a\\u0041\\n\"",
                                       "[]",
                                       "[1,[2,{}],\"x\"]",
                                       "{}",
                                       "{\"a\":{\"b\":[]},\"c\":null}",
                                       "\"\\ud83d\\ude00\"",
                                       "\"\\ud800\"",
                                       "\"\xc3\xa4\"",
                                       "[\n1\t,\r2 ]"};
    static const char *const bad[] = {"",
                                      " ",
                                      "nul",
                                      "True",
                                      "01",
                                      "-",
                                      "1.",
                                      ".5",
                                      "1e",
                                      "+1",
                                      "0x1",
                                      "\"",
                                      "\"\\x\"",
                                      "\"\\u12\"",
                                      "\"a\nb\"",
                                      "\"\x80\"",
                                      "\"\xed\xa0\x80\"",
                                      "[",
                                      "[1",
                                      "[1,",
                                      "[1,]",
                                      "[,1]",
                                      "[1 2]",
                                      "{",
                                      "{\"a\"}",
                                      "{\"a\":}",
                                      "{\"a\":1,}",
                                      "{a:1}",
                                      "{1:2}",
                                      "]",
                                      "}",
                                      "[}",
                                      "{]",
                                      "1 2",
                                      "[] []",
                                      "NaN",
                                      "\"a\" b",
                                      "{\"a\":1 \"b\":2}"};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        if (!valid(good[i]))
            fail_msg("is JSON: %s", good[i]);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (valid(bad[i]))
            fail_msg("is no JSON: %s", bad[i]);
}

static void every_prefix_fails(void **state)
{
    (void)state;
    static const char text[] = "{\"a\":[1,true,null,\"x\\u00e4\\\\\",{\"b\":-1.5e3}],\"c\":\"\xe6\x97\xa5\"}";
    for (size_t n = 0; n < sizeof text - 1; n++) {
        struct jsonr r = {0};
        jsonr_start(&r, text, n);
        jsonr_skip(&r);
        assert_false(jsonr_end(&r));
        assert_non_null(r.why);
        jsonr_free(&r);
    }
    assert_true(valid(text));
}

static void strings_are_decoded(void **state)
{
    (void)state;
    static const char text[] = "[\"plain\",\"a\\u00e4\\ud83d\\ude00\\/\\u0000\\ud800z\",7]";
    struct jsonr r = {0};
    struct bytes s;
    jsonr_start(&r, text, sizeof text - 1);
    jsonr_array(&r);
    assert_true(jsonr_next(&r) && jsonr_string(&r, &s));
    assert_int_equal(s.n, 5);
    assert_true(jsonr_next(&r) && jsonr_string(&r, &s));
    static const char want[] = "a\xc3\xa4\xf0\x9f\x98\x80/\xef\xbf\xbd\xef\xbf\xbdz"; /* a NUL and a lone surrogate are replaced */
    assert_int_equal(s.n, sizeof want - 1);
    assert_memory_equal(s.p, want, s.n);
    assert_true(jsonr_next(&r));
    assert_false(jsonr_string(&r, &s)); /* skipped */
    assert_false(jsonr_next(&r));
    assert_true(jsonr_end(&r));
    jsonr_free(&r);
}

static void other_kinds_give_no_turn(void **state)
{
    (void)state;
    static const char text[] = "{\"list\":{\"a\":1},\"map\":[1,2],\"n\":\"7\"}";
    struct jsonr r = {0};
    struct bytes key, d;
    unsigned turns = 0, members = 0;
    jsonr_start(&r, text, sizeof text - 1);
    for (jsonr_object(&r); jsonr_key(&r, &key); members++) {
        if (key.n == 4)
            for (jsonr_array(&r); jsonr_next(&r); turns++)
                jsonr_skip(&r);
        else if (key.n == 3)
            for (jsonr_object(&r); jsonr_key(&r, &key); turns++)
                jsonr_skip(&r);
        else
            assert_false(jsonr_number(&r, &d));
    }
    assert_int_equal(turns, 0);
    assert_int_equal(members, 3);
    assert_true(jsonr_end(&r));
    jsonr_free(&r);
}

static void nesting_ends(void **state)
{
    (void)state;
    size_t n = 1 << 20;
    char *text = malloc(n);
    for (int way = 0; way < 2; way++) {
        memset(text, '[', n);
        for (size_t i = 0; way && i + 5 <= n; i += 5)
            memcpy(text + i, "{\"a\":", 5);
        struct jsonr r = {0};
        jsonr_start(&r, text, n);
        jsonr_skip(&r);
        assert_false(jsonr_end(&r));
        assert_string_equal(r.why, "it is nested too deeply");
        jsonr_free(&r);
    }
    free(text);
}

static bool whole(const char *digits, int64_t *v)
{
    return jsonr_to_int((struct bytes){(const uint8_t *)digits, strlen(digits)}, v);
}
static double real(const char *digits) { return jsonr_to_real((struct bytes){(const uint8_t *)digits, strlen(digits)}); }

static void digits_become_numbers(void **state)
{
    (void)state;
    int64_t v = 1;
    assert_true(whole("0", &v) && v == 0);
    assert_true(whole("-9223372036854775808", &v) && v == INT64_MIN);
    assert_true(whole("9223372036854775807", &v) && v == INT64_MAX);
    assert_true(whole("10816.0", &v) && v == 10816);
    assert_true(whole("1e3", &v) && v == 1000);
    static const char *const none[] = {"",    "-", "9223372036854775808", "99999999999999999999", "1.5", "1e30", "-1e19", "x", "1x",
                                       "NaN", " 1"};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        if (whole(none[i], &v))
            fail_msg("is no integer: '%s'", none[i]);
    assert_true(real("0.25") == 0.25);
    assert_true(isnan(real("")) && isnan(real("x")) && isnan(real("NaN")) && isnan(real("1 2")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_json),        cmocka_unit_test(every_prefix_fails),
        cmocka_unit_test(strings_are_decoded), cmocka_unit_test(other_kinds_give_no_turn),
        cmocka_unit_test(nesting_ends),        cmocka_unit_test(digits_become_numbers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
