/* Expressions of SQL as rex: what plans have, and faults with their place. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sql/bind.h"
#include "sql/coerce.h"
#include "sql/parse.h"
#include "sql/simplify.h"

static const struct ltype *type(struct arena *a, const char *text)
{
    struct err e = {0};
    const struct ltype *t = type_parse(a, text, strlen(text), &e);
    assert_non_null(t);
    return t;
}

/* t: a INT, b STRING, r ROW<x INT NOT NULL, y STRING>; u: b BIGINT NOT NULL, ts TIMESTAMP(3). */
static struct scope scope(struct arena *a, struct scope_column *c)
{
    static const char *const columns[][3] = {{"t", "a", "INT"},
                                             {"t", "b", "STRING"},
                                             {"t", "r", "ROW<x INT NOT NULL, y STRING>"},
                                             {"u", "b", "BIGINT NOT NULL"},
                                             {"u", "ts", "TIMESTAMP(3)"}};
    for (uint32_t i = 0; i < 5; i++)
        c[i] = (struct scope_column){.table = columns[i][0], .name = columns[i][1], .type = type(a, columns[i][2]), .input = i};
    return (struct scope){.columns = c, .n = 5};
}

/* The rex as JSON, or the message with the faulty line and a caret. */
static const char *bound(struct arena *a, const char *sql, bool simplified, const struct scope *s, struct binder *how)
{
    struct sql_text text = {.name = "q", .bytes = {(const uint8_t *)sql, strlen(sql)}};
    struct err e = {0};
    struct buf b = {0};
    struct binder none = {.a = a};
    struct binder *binder = how ? how : &none;
    struct jsonw w = {.out = &b};
    struct simplify simple = {.a = a};
    binder->a = a;
    binder->text = &text;
    struct ast *x = sql_parse_expression(&text, a, &e);
    const struct rex *rex = x ? bind_expr(binder, s, x, &e) : NULL;
    assert_true((rex != NULL) == (e.kind == ERR_NONE));
    if (rex) {
        struct value v = rex_json(a, simplified ? rex_simplify(&simple, rex) : rex);
        value_put_json(&w, &v);
    } else {
        buf_printf(&b, "%s\n", e.text);
        sql_point(&text, &b);
    }
    const char *out = arena_strn(a, (const char *)b.p, b.n);
    buf_free(&b);
    return out;
}

static void expressions(void **state)
{
    static const char *const cases[][2] = {
        {"a", "{\"kind\":\"INPUT_REF\",\"inputIndex\":0,\"type\":\"INT\"}"},
        {"t.b", "{\"kind\":\"INPUT_REF\",\"inputIndex\":1,\"type\":\"VARCHAR(2147483647)\"}"},
        {"-1.50", "{\"kind\":\"LITERAL\",\"value\":\"-1.50\",\"type\":\"DECIMAL(3, 2) NOT NULL\"}"},
        {"U&'\\00e4'", "{\"kind\":\"LITERAL\",\"value\":\"\xc3\xa4\",\"type\":\"CHAR(1) NOT NULL\"}"},
        {"INTERVAL '1 02' DAY TO HOUR",
         "{\"kind\":\"LITERAL\",\"value\":\"93600000\",\"type\":\"INTERVAL DAY(2) TO HOUR NOT NULL\"}"},
        {"r.x",
         "{\"kind\":\"CALL\",\"syntax\":\"SPECIAL\",\"internalName\":\"$CAST$1\",\"operands\":[{\"kind\":\"FIELD_ACCESS\",\"name\":"
         "\"x\",\"expr\":{\"kind\":\"INPUT_REF\",\"inputIndex\":2,\"type\":\"ROW<`x` INT NOT NULL, `y` VARCHAR(2147483647)>\"}}],"
         "\"type\":\"INT\"}"},
        {"a = u.b",
         "{\"kind\":\"CALL\",\"syntax\":\"BINARY\",\"internalName\":\"$=$1\",\"operands\":[{\"kind\":\"CALL\",\"syntax\":\"SPECIAL\","
         "\"internalName\":\"$CAST$1\",\"operands\":[{\"kind\":\"INPUT_REF\",\"inputIndex\":0,\"type\":\"INT\"}],\"type\":\"BIGINT\"},"
         "{\"kind\":\"INPUT_REF\",\"inputIndex\":3,\"type\":\"BIGINT NOT NULL\"}],\"type\":\"BOOLEAN\"}"},
        {"ts + INTERVAL '1' DAY",
         "{\"kind\":\"CALL\",\"syntax\":\"SPECIAL\",\"internalName\":\"$+$1\",\"operands\":[{\"kind\":\"INPUT_REF\",\"inputIndex\":4,"
         "\"type\":\"TIMESTAMP(3)\"},{\"kind\":\"LITERAL\",\"value\":\"86400000\",\"type\":\"INTERVAL DAY(2) NOT NULL\"}],\"type\":"
         "\"TIMESTAMP(3)\"}"},
        {"a IN (2, 1, 3)",
         "{\"kind\":\"CALL\",\"syntax\":\"INTERNAL\",\"internalName\":\"$SEARCH$1\",\"operands\":[{\"kind\":\"INPUT_REF\","
         "\"inputIndex\":0,\"type\":\"INT\"},{\"kind\":\"LITERAL\",\"sarg\":{\"ranges\":[{\"lower\":{\"value\":1,\"boundType\":"
         "\"CLOSED\"},\"upper\":{\"value\":1,\"boundType\":\"CLOSED\"}},{\"lower\":{\"value\":2,\"boundType\":\"CLOSED\"},\"upper\":"
         "{\"value\":2,\"boundType\":\"CLOSED\"}},{\"lower\":{\"value\":3,\"boundType\":\"CLOSED\"},\"upper\":{\"value\":3,"
         "\"boundType\":\"CLOSED\"}}],\"nullAs\":\"UNKNOWN\"},\"type\":\"INT NOT NULL\"}],\"type\":\"BOOLEAN\"}"},
        {"CASE WHEN 1 = 2 THEN 'a' ELSE 'bc' END", "{\"kind\":\"LITERAL\",\"value\":\"bc\",\"type\":\"VARCHAR(2) NOT NULL\"}"},
    };
    struct arena a = {0};
    struct scope_column c[5];
    struct scope s = scope(&a, c);
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        if (strcmp(bound(&a, cases[i][0], true, &s, NULL), cases[i][1]) != 0)
            fail_msg("%s:\n%s\nnot\n%s", cases[i][0], bound(&a, cases[i][0], true, &s, NULL), cases[i][1]);
    arena_free(&a);
}

static void faults(void **state)
{
    static const char *const cases[][2] = {
        {"1 + tsx", "q:1:5: there is no column 'tsx'; did you mean 'ts'?\n  1 + tsx\n      ^~~\n"},
        {"b", "q:1:1: column 'b' is ambiguous; say which table it is of\n  b\n  ^\n"},
        {"r.z", "q:1:3: there is no field 'z'"},
        {"UPER(t.b)", "q:1:1: there is no function 'UPER'; did you mean 'UPPER'?\n  UPER(t.b)\n  ^~~~~~~~~\n"},
        {"UPPER(1, 2)", "q:1:1: 'UPPER' does not take (INT NOT NULL, INT NOT NULL)\n  UPPER(1, 2)\n  ^~~~~~~~~~~\n"},
        {"a AND\n  TRUE", "q:1:1: 'AND' does not take (INT)\n  a AND\n  ^\n"},
        {"ts + 1", "q:1:1: '+' does not take (TIMESTAMP(3), INT NOT NULL)\n  ts + 1\n  ^~~~~~\n"},
        {"CAST(ts AS INT)",
         "q:1:1: there is no cast from TIMESTAMP(3) to INT; use UNIX_TIMESTAMP(CAST(… AS STRING))\n  CAST(ts AS INT)\n"
         "  ^~~~~~~~~~~~~~~\n"},
        {"DATE '2021-02-30'", "q:1:1: '2021-02-30' is no DATE; write DATE'yyyy-MM-dd'\n  DATE '2021-02-30'\n  ^~~~~~~~~~~~~~~~~\n"},
        {"SUM(a)", "q:1:1: 'SUM' is an aggregate, which is not possible here\n  SUM(a)\n  ^~~~~~\n"},
        {"a IN (SELECT 1)", "q:1:6: a query is not possible here\n  a IN (SELECT 1)\n       ^~~~~~~~~~\n"},
    };
    struct arena a = {0};
    struct scope_column c[5];
    struct scope s = scope(&a, c);
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *got = bound(&a, cases[i][0], false, &s, NULL);
        if (strncmp(got, cases[i][1], strlen(cases[i][1])) != 0)
            fail_msg("%s:\n%s\nnot\n%s", cases[i][0], got, cases[i][1]);
    }
    arena_free(&a);
}

/* A hook gives aggregates a column of their own; an outer column is what the other hook makes of it. */
static const struct rex *stand_in(struct binder *b, const struct scope *s, const struct ast *x, struct err *e)
{
    const struct rex *arg;
    struct bind_aggregate agg;
    if (bind_call_kind(x) != BIND_AGGREGATE)
        return NULL;
    if (!(arg = bind_expr(b, s, x->kids[1]->kids[0], e)) || !bind_aggregate(b, x, NULL, &arg, 1, *(bool *)b->ctx, &agg, e))
        return NULL;
    assert_string_equal(agg.name, "$SUM$1");
    return rex_input(b->a, 9, agg.type);
}

static const struct rex *outside(struct binder *b, const struct scope_column *c, uint32_t up, struct place at, struct err *e)
{
    (void)at;
    (void)e;
    return rex_input(b->a, 100 * up + c->input, c->type);
}

static void hooks(void **state)
{
    struct arena a = {0};
    struct scope_column c[5];
    struct scope s = scope(&a, c), inner = {.outer = &s};
    bool grouped = true;
    struct binder b = {.hook = stand_in, .outer = outside, .ctx = &grouped};
    (void)state;
    assert_string_equal(bound(&a, "SUM(u.b)", true, &s, &b),
                        "{\"kind\":\"INPUT_REF\",\"inputIndex\":9,\"type\":\"BIGINT NOT NULL\"}");
    grouped = false;
    assert_string_equal(bound(&a, "SUM(u.b)", true, &s, &b), "{\"kind\":\"INPUT_REF\",\"inputIndex\":9,\"type\":\"BIGINT\"}");
    assert_string_equal(bound(&a, "a", true, &inner, &b), "{\"kind\":\"INPUT_REF\",\"inputIndex\":100,\"type\":\"INT\"}");
    b.outer = NULL;
    assert_non_null(strstr(bound(&a, "a", true, &inner, &b), "of an outer query"));
    arena_free(&a);
}

/* A long list becomes one SEARCH, and in a moment. */
static void long_list(void **state)
{
    enum { VALUES = 20000 };
    struct arena a = {0};
    struct scope_column c[5];
    struct scope s = scope(&a, c);
    struct buf b = {0};
    struct err e = {0};
    (void)state;
    buf_puts(&b, "a IN (0");
    for (uint32_t i = 1; i < VALUES; i++)
        buf_printf(&b, ", %u", i * 7919 % VALUES);
    buf_putc(&b, ')');
    struct sql_text text = {.name = "q", .bytes = {b.p, b.n}};
    struct binder binder = {.a = &a, .text = &text};
    struct simplify simple = {.a = &a};
    const struct rex *x = bind_expr(&binder, &s, sql_parse_expression(&text, &a, &e), &e);
    assert_non_null(x);
    x = rex_simplify(&simple, x);
    assert_true(rex_is_call(x, "SEARCH"));
    assert_int_equal(x->operands[1]->n_ranges, VALUES);
    assert_int_equal(x->operands[1]->ranges[VALUES - 1].lower->i, VALUES - 1);
    buf_free(&b);
    arena_free(&a);
}

/* Types that several have in common: Calcite's for CASE and set operations, Flink's for COALESCE. */
static void common(void **state)
{
    static const char *const cases[][4] = {
        {"INT NOT NULL", "BIGINT NOT NULL", "BIGINT NOT NULL", "BIGINT NOT NULL"},
        {"INT", "DECIMAL(10, 2) NOT NULL", "DECIMAL(12, 2)", "DECIMAL(12, 2)"},
        {"FLOAT NOT NULL", "DOUBLE NOT NULL", "FLOAT NOT NULL", "DOUBLE NOT NULL"},
        {"CHAR(2) NOT NULL", "CHAR(3) NOT NULL", "VARCHAR(3) NOT NULL", "VARCHAR(3) NOT NULL"},
        {"TIMESTAMP(3)", "TIMESTAMP(6)", "TIMESTAMP(6)", "TIMESTAMP(6)"},
        {"ARRAY<INT NOT NULL> NOT NULL", "ARRAY<BIGINT> NOT NULL", "ARRAY<BIGINT> NOT NULL", "ARRAY<BIGINT> NOT NULL"},
        {"INT", "STRING", NULL, NULL},
        {"DATE", "TIMESTAMP(3)", NULL, "DATE"},
    };
    struct arena a = {0};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct ltype *two[] = {type(&a, cases[i][0]), type(&a, cases[i][1])};
        for (int flink = 0; flink < 2; flink++) {
            const char *want = cases[i][2 + flink];
            const struct ltype *t = flink ? type_common(&a, two, 2) : type_least(&a, two, 2);
            if ((t != NULL) != (want != NULL) || (t && !type_same(t, type(&a, want), false)))
                fail_msg("%s and %s: %s, not %s", cases[i][0], cases[i][1], t ? type_label(&a, t) : "none", want ? want : "none");
        }
    }
    arena_free(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(expressions), cmocka_unit_test(faults), cmocka_unit_test(hooks),
                                       cmocka_unit_test(common), cmocka_unit_test(long_list)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
