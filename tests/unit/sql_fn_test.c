/* Functions whose results the corpus has too few of: from SQL text to the value. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "sql/bind.h"
#include "sql/cell_json.h"
#include "sql/expr.h"
#include "sql/parse.h"

static const char *value_of(struct arena *a, const char *sql)
{
    struct err e = {0};
    struct eval ev = {.watermark = INT64_MIN};
    struct sql_text text = {.name = "q", .bytes = {(const uint8_t *)sql, strlen(sql)}};
    struct binder binder = {.a = a, .text = &text};
    struct scope none = {0};
    struct binding b = {.a = a, .ev = &ev};
    struct ast *ast = sql_parse_expression(&text, a, &e);
    const struct rex *rex = ast ? bind_expr(&binder, &none, ast, &e) : NULL;
    struct expr *x = rex ? expr_make(&b, rex, &e) : NULL;
    if (x)
        expr_run(x, &ev, NULL, 1);
    struct buf out = {0};
    struct jsonw w = {.out = &out};
    if (!x || ev.e.kind != ERR_NONE)
        buf_puts(&out, x ? ev.e.text : e.text);
    else
        cell_json(&w, CELL_JSON_TYPED, x->type, x->out.v[0], x->out.null[0]);
    const char *s = arena_strn(a, (const char *)out.p, out.n);
    buf_free(&out);
    scratch_free(&ev.heap);
    buf_free(&ev.text);
    return s;
}

static void as_java(void **state)
{
    static const char *const cases[][2] = {
        {"PRINTF('%05d|%-4d|%+d|% d', 42, 42, 42, 42)", "\"00042|42  |+42| 42\""},
        {"PRINTF('%,d %,d', 1234567, -999)", "\"1,234,567 -999\""},
        {"PRINTF('%x %X', -1, CAST(255 AS BIGINT))", "\"ffffffff FF\""},
        {"PRINTF('%d', -9223372036854775807 - 1)", "\"-9223372036854775808\""},
        {"PRINTF('%.1f %.0f %f %8.3f|', 0.25E0, 2.5E0, 1.5, -3.14159E0)", "\"0.3 3 1.500000   -3.142|\""},
        {"PRINTF('%.2f', 1E20)", "\"100000000000000000000.00\""},
        {"PRINTF('%.3f', 0.0004)", "\"0.000\""},
        {"PRINTF('%2$s-%1$s-%<s', 'a', 'b')", "\"b-a-a\""},
        {"PRINTF('%S|%5s|%-5s|%.2s', 'ab', 'cd', 'ef', 'ghi')", "\"AB|   cd|ef   |gh\""},
        {"PRINTF('%b %s%%%n', TRUE, CAST(NULL AS INT))", "\"true null%\\n\""},
        {"PRINTF('%s', TIMESTAMP '2024-01-02 03:04:00')", "\"2024-01-02T03:04\""},
        {"PRINTF('%d', 'text')", "null"},
        {"PRINTF('%s')", "null"},
        {"PRINTF('%q', 1)", "null"},
        {"PRINTF('%-d', 1)", "null"},
        {"REGEXP_REPLACE('abcabc', 'b', '$1')", "\"a$1ca$1c\""},
        {"REGEXP_REPLACE('abc', '', '-')", "\"-a-b-c-\""},
        {"REGEXP_EXTRACT_ALL('a1b', '([a-z])(\\d)?', 2)", "[\"1\",null]"},
        {"REGEXP_COUNT('aaa', 'a*')", "2"},
        {"'a+b' SIMILAR TO 'a!+_' ESCAPE '!'", "true"},
        {"'ab' SIMILAR TO 'a'", "false"},
        {"(1, 'a') IN ((2, 'b'), (1, 'a'))", "true"},
        {"(1, 2) <> (1, 3)", "true"},
    };
    struct arena a = {0};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        if (strcmp(value_of(&a, cases[i][0]), cases[i][1]) != 0)
            fail_msg("%s: %s, not %s", cases[i][0], value_of(&a, cases[i][0]), cases[i][1]);
    arena_free(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(as_java)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
