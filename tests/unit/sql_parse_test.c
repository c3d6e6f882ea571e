/* SQL text: what it says, where it is wrong, and that a printed tree reads as the same one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "sql/parse.h"

/* How an expression is printed: with all parentheses that its operators mean. */
static const char *const shown[][2] = {
    {"a + b * c - d", "(`a` + (`b` * `c`)) - `d`"},
    {"a = b AND NOT c OR d", "((`a` = `b`) AND (NOT `c`)) OR `d`"},
    {"NOT a = b", "NOT (`a` = `b`)"},
    {"a AND b AND (c AND d)", "`a` AND `b` AND (`c` AND `d`)"},
    {"a || b = c || d", "(`a` || `b`) = (`c` || `d`)"},
    {"a = b IS NULL", "(`a` = `b`) IS NULL"},
    {"a < b LIKE c", "`a` < (`b` LIKE `c`)"},
    {"x BETWEEN 1 AND 2 AND y", "(`x` BETWEEN 1 AND 2) AND `y`"},
    {"x NOT IN (1, 2)", "`x` NOT IN (1, 2)"},
    {"-a.b[1]", "-`a`.`b`[1]"},
    {"- - 1", "-(-(1))"},
    {"f(a).b", "(`f`(`a`)).`b`"},
    {"count(distinct a) filter (where b)", "`count`(DISTINCT `a`) FILTER (WHERE `b`)"},
    {"position('a' in b)", "`position`('a', `b`)"},
    {"substring(a from 2 for 3)", "`substring`(`a`, 2, 3)"},
    {"trim(a)", "TRIM(BOTH FROM `a`)"},
    {"floor(a to days)", "FLOOR(`a` TO DAY)"},
    {"interval -'1-2' year to month", "INTERVAL -'1-2' YEAR TO MONTH"},
    {"'it''s' 'all'", "'it''sall'"},
    {"U&'\\d83d\\de00'", "'\xf0\x9f\x98\x80'"},
    {"x'0aff'", "X'0AFF'"},
    {"cast(a as varchar)", "CAST(`a` AS VARCHAR(2147483647))"},
    {"case a when 1, 2 then 'x' else null end", "CASE `a` WHEN 1, 2 THEN 'x' ELSE NULL END"},
    {"`left`(a, 1)", "`left`(`a`, 1)"},
    {"left(a, 1)", "`left`(`a`, 1)"},
    {"current_date", "`current_date`"},
    {"a /* b */ + -- c\n d // e", "`a` + `d`"},
    {"(1, 2)", "ROW(1, 2)"},
    {"x -> y", NULL},
};

static struct ast *read(struct arena *a, const char *s, struct sql_text *text, struct err *e)
{
    *text = (struct sql_text){.name = "t", .bytes = {(const uint8_t *)s, strlen(s)}};
    *e = (struct err){0};
    return sql_parse_expression(text, a, e);
}

static void precedence(void **state)
{
    struct arena a = {0};
    (void)state;
    for (size_t i = 0; i < sizeof shown / sizeof *shown; i++) {
        struct sql_text text;
        struct err e;
        struct buf b = {0};
        struct ast *x = read(&a, shown[i][0], &text, &e);
        if (!shown[i][1]) {
            assert_null(x);
            continue;
        }
        assert_string_equal(e.text, "");
        ast_print(x, &b);
        assert_string_equal(buf_cstr(&b), shown[i][1]);
        assert_true(ast_same(x, read(&a, buf_cstr(&b), &text, &e)));
        buf_free(&b);
    }
    arena_free(&a);
}

/* A script, what is said of it, and the line with the caret. */
static const char *const wrong[][3] = {
    {"SELEC 1", "t:1:1: expected a statement, found 'SELEC'; did you mean SELECT?", "  SELEC 1\n  ^~~~~\n"},
    {"SELECT a\n  FORM t", "t:2:8: expected ';' or the end of the statement, found 't'", "    FORM t\n         ^\n"},
    {"SELECT * FROM WHERE a", "t:1:15: expected a table, found the keyword 'WHERE'; a name that is one stands in `back quotes`",
     "  SELECT * FROM WHERE a\n                ^~~~~\n"},
    {"SELECT (1", "t:1:10: expected ')', found the end of the script", "  SELECT (1\n           ^\n"},
    {"SELECT \"a\"", "t:1:8: names stand in `back quotes`, texts in 'quotes'", "  SELECT \"a\"\n         ^\n"},
    {"CREATE TABLE t (a INTT)", NULL, "  CREATE TABLE t (a INTT)\n                    ^~~~\n"},
    {"CREATE TABLE t (a INT PRIMARY KEY)", "t:1:34: expected NOT ENFORCED (Flink does not check keys), found ')'",
     "  CREATE TABLE t (a INT PRIMARY KEY)\n                                   ^\n"},
    {"SELECT SUM(a) OVER (PARTITIO BY b) FROM t", NULL,
     "  SELECT SUM(a) OVER (PARTITIO BY b) FROM t\n                               ^~\n"},
    {"INSERT INTO t SELECT 1 FROM u JOIN v WHERE TRUE", "t:1:38: expected ON and the join's condition, found 'WHERE'",
     "  INSERT INTO t SELECT 1 FROM u JOIN v WHERE TRUE\n                                       ^~~~~\n"},
    {"SELECT 'a", "t:1:8: a quote that does not end", "  SELECT 'a\n         ^\n"},
    {"SELECT CASE WHEN a THAN b END", "t:1:20: expected THEN, found 'THAN'; did you mean THEN?",
     "  SELECT CASE WHEN a THAN b END\n                     ^~~~\n"},
};

static void faults(void **state)
{
    struct arena a = {0};
    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct sql_text text = {.name = "t", .bytes = {(const uint8_t *)wrong[i][0], strlen(wrong[i][0])}};
        struct sql_script s;
        struct err e = {0};
        struct buf b = {0};
        assert_false(sql_parse(&text, &a, &s, &e));
        assert_int_equal(e.kind, ERR_USAGE);
        if (wrong[i][1])
            assert_string_equal(e.text, wrong[i][1]);
        sql_point(&text, &b);
        assert_string_equal(buf_cstr(&b), wrong[i][2]);
        buf_free(&b);
    }
    arena_free(&a);
}

/* What nests without end is refused, whatever nests. */
static void depth(void **state)
{
    static const char *const openings[] = {"(",
                                           "- ",
                                           "NOT ",
                                           "f(",
                                           "ARRAY[",
                                           "CASE WHEN ",
                                           "FLOOR(",
                                           "a[",
                                           "1 = ANY (SELECT ",
                                           "a + (b * ",
                                           "CAST(",
                                           "(SELECT * FROM (",
                                           "x AND (y OR ",
                                           "TRIM("};
    struct arena a = {0};
    (void)state;
    for (size_t i = 0; i < sizeof openings / sizeof *openings; i++) {
        struct buf b = {0};
        struct sql_text text;
        struct err e;
        for (int k = 0; k < 20000; k++)
            buf_puts(&b, openings[i]);
        assert_null(read(&a, buf_cstr(&b), &text, &e));
        assert_non_null(strstr(e.text, "nested too deeply"));
        buf_free(&b);
    }
    struct buf b = {0};
    struct sql_text text;
    struct err e;
    buf_puts(&b, "a");
    for (int k = 0; k < 5000; k++)
        buf_puts(&b, " OR a");
    assert_non_null(read(&a, buf_cstr(&b), &text, &e)); /* long is not deep */
    for (int k = 0; k < 5000; k++)
        buf_puts(&b, " + a");
    assert_null(read(&a, buf_cstr(&b), &text, &e));
    assert_non_null(strstr(e.text, "nested too deeply"));
    buf_free(&b);
    arena_free(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(precedence), cmocka_unit_test(faults), cmocka_unit_test(depth)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
