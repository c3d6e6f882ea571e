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
#include "sql/simplify.h"

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

/* A condition on a column that is not known before, as a SEARCH: the bounds' type is not the column's. */
static const char *searched(struct arena *a, const char *type, const char *cell, const char *sql)
{
    struct err e = {0};
    struct sql_text text = {.name = "q", .bytes = {(const uint8_t *)sql, strlen(sql)}};
    struct scope_column c = {.name = "c", .type = type_parse(a, type, strlen(type), &e)};
    struct scope s = {.columns = &c, .n = 1};
    struct eval ev = {.watermark = INT64_MIN};
    struct binder binder = {.a = a, .text = &text};
    struct binding b = {a, &ev, &c.type, 1};
    struct simplify how = {.a = a};
    struct value v;
    struct vec col = vec_new(a, 1);
    const struct rex *rex = bind_expr(&binder, &s, sql_parse_expression(&text, a, &e), &e);
    rex = rex ? rex_simplify(&how, rex) : NULL;
    struct expr *x = rex ? expr_make(&b, rex, &e) : NULL;
    bool ok = x && rex_is_call(rex, "SEARCH") && value_from_json(&v, cell, strlen(cell), a, &e) &&
        cell_of_json(&ev.heap, c.type, &v, col.v, col.null, &e);
    const char *out = e.kind ? arena_str(a, e.text) : "no SEARCH";
    if (ok) {
        ev.cols = &col;
        expr_run(x, &ev, NULL, 1);
        out = x->out.null[0] ? "null" : x->out.v[0].b ? "true" : "false";
    }
    scratch_free(&ev.heap);
    buf_free(&ev.text);
    return out;
}

static void ranges(void **state)
{
    static const char *const cases[][4] = {
        {"DECIMAL(8, 2)", "\"1.50\"", "c > 0 AND c < 2", "true"},
        {"DECIMAL(8, 2)", "\"2.50\"", "c > 0 AND c <= 2", "false"},
        {"DECIMAL(3, 2)", "\"2.50\"", "c > 0 AND c < 200", "true"},
        {"DOUBLE", "2.5", "c > 0 AND c <= 2", "false"},
        {"DOUBLE", "2.5", "c > 0 AND c < 2.75", "true"},
        {"INT", "2", "c > 1.5 AND c < 2.5", "true"},
        {"INT", "3", "c > 1.5 AND c < 2.5", "false"},
        {"SMALLINT", "7", "c >= 7 AND c < 3000000000", "true"},
        {"CHAR(2)", "\"ab\"", "c > 'abc' AND c < 'b'", "false"},
        {"STRING", "\"abcd\"", "c > 'abc' AND c < 'b'", "true"},
    };
    struct arena a = {0};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        if (strcmp(searched(&a, cases[i][0], cases[i][1], cases[i][2]), cases[i][3]) != 0)
            fail_msg("%s of %s %s: %s, not %s", cases[i][2], cases[i][0], cases[i][1],
                     searched(&a, cases[i][0], cases[i][1], cases[i][2]), cases[i][3]);
    arena_free(&a);
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
        {"'' < 'b'", "true"},
        {"'ab' = 'abc'", "false"},
        {"X'0102' < X'010203'", "true"},
        {"TIMESTAMP '2024-01-01 00:00:01' < TIMESTAMP '2024-01-01 00:00:01.5'", "true"},
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
    const struct CMUnitTest tests[] = {cmocka_unit_test(as_java), cmocka_unit_test(ranges)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
