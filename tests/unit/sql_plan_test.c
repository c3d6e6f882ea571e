/* Types, expressions and plans: what is read comes out again as Flink wrote it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "sql/plan.h"

static void type_texts(void **state)
{
    static const char *const same[] = {
        "INT",
        "DECIMAL(10, 2) NOT NULL",
        "VARCHAR(2147483647)",
        "TIMESTAMP(3) WITH LOCAL TIME ZONE NOT NULL",
        "TIMESTAMP(9)",
        "TIME(0)",
        "INTERVAL SECOND(6) NOT NULL",
        "INTERVAL DAY(2) TO SECOND(3)",
        "INTERVAL YEAR(2) TO MONTH",
        "ARRAY<INT NOT NULL> NOT NULL",
        "MAP<VARCHAR(5), ARRAY<DOUBLE>>",
        "MULTISET<BIGINT>",
        "ROW<`a` INT, `b``c` ROW<`x` BINARY(3)> NOT NULL>",
        "STRUCTURED<'a.B', `f0` INT>",
        "VARIANT",
        "BITMAP NOT NULL",
    };
    struct arena a = {0};
    (void)state;
    for (size_t i = 0; i < sizeof same / sizeof *same; i++) {
        struct err e = {0};
        const struct ltype *t = type_parse(&a, same[i], strlen(same[i]), &e);
        assert_string_equal(e.text, "");
        assert_non_null(t);
        struct value v = type_json(&a, t);
        assert_int_equal(v.kind, VAL_TEXT);
        assert_string_equal(v.text, same[i]);
        assert_true(type_same(t, type_of_json(&a, &v, &e), false));
    }
    static const char *const bad[] = {"",          "INTT",   "DECIMAL(39)", "DECIMAL(5, 6)", "TIMESTAMP(10)",
                                      "ARRAY<INT", "ROW<a>", "INT NOT",     "MAP<INT>"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct err e = {0};
        assert_null(type_parse(&a, bad[i], strlen(bad[i]), &e));
        assert_int_equal(e.kind, ERR_CORRUPT);
    }
    arena_free(&a);
}

static void type_depth(void **state)
{
    struct arena a = {0};
    struct buf b = {0};
    struct err e = {0};
    (void)state;
    for (int i = 0; i < 5000; i++)
        buf_puts(&b, "ARRAY<");
    assert_null(type_parse(&a, (const char *)b.p, b.n, &e));
    assert_int_equal(e.kind, ERR_CORRUPT);
    buf_free(&b);
    arena_free(&a);
}

static const char plan_text_json[] =
    "{\"flinkVersion\":\"2.3\",\"nodes\":[{\"id\":1,\"type\":\"stream-exec-values_1\",\"tuples\":[[]],\"outputType\":\"ROW<`a` INT>\","
    "\"description\":\"Values\"},{\"id\":2,\"type\":\"stream-exec-calc_1\",\"projection\":[{\"kind\":\"CALL\",\"syntax\":\"BINARY\","
    "\"internalName\":\"$+$1\",\"operands\":[{\"kind\":\"INPUT_REF\",\"inputIndex\":0,\"type\":\"INT\"},{\"kind\":\"LITERAL\",\"value\":1,"
    "\"type\":\"INT NOT NULL\"}],\"type\":\"INT\"}],\"condition\":{\"kind\":\"CALL\",\"syntax\":\"INTERNAL\",\"internalName\":\"$SEARCH$1\","
    "\"operands\":[{\"kind\":\"INPUT_REF\",\"inputIndex\":0,\"type\":\"INT\"},{\"kind\":\"LITERAL\",\"sarg\":{\"ranges\":[{\"lower\":{"
    "\"value\":1,\"boundType\":\"CLOSED\"}}],\"nullAs\":\"TRUE\"},\"type\":\"INT NOT NULL\"}],\"type\":\"BOOLEAN\"},\"outputType\":{"
    "\"type\":\"ROW\",\"fields\":[{\"name\":\"t\",\"fieldType\":{\"type\":\"TIMESTAMP_WITHOUT_TIME_ZONE\",\"precision\":3,\"kind\":"
    "\"ROWTIME\"}}]},\"description\":\"Calc\"}],\"edges\":[{\"source\":1,\"target\":2,\"shuffle\":{\"type\":\"FORWARD\"},\"shuffleMode\":"
    "\"PIPELINED\"}]}";

static void plan_round(void **state)
{
    struct arena a = {0};
    struct err e = {0};
    struct cplan p;
    (void)state;
    assert_true(cplan_read(&p, &a, plan_text_json, strlen(plan_text_json), &e));
    assert_int_equal(p.n, 2);
    assert_string_equal(p.nodes[1].type, "stream-exec-calc");
    assert_int_equal(p.nodes[1].version, 1);
    assert_ptr_equal(p.nodes[1].inputs[0], &p.nodes[0]);
    assert_true(type_is_rowtime(p.nodes[1].output->kids[0]));
    const struct rex *x = cplan_rex(&a, p.nodes[1].json, "condition", &e);
    assert_non_null(x);
    assert_int_equal(x->operands[1]->kind, REX_SARG);
    assert_int_equal(x->operands[1]->nulls, REX_NULL_TRUE);
    struct value again = rex_json(&a, x);
    assert_true(value_same(&again, cplan_member(p.nodes[1].json, "condition")));
    struct value type = type_json(&a, p.nodes[1].output);
    assert_true(value_same(&type, cplan_member(p.nodes[1].json, "outputType")));
    struct buf b = {0};
    struct jsonw w = {.out = &b};
    value_put_json(&w, p.json);
    struct value v;
    assert_true(value_from_json(&v, b.p, b.n, &a, &e));
    assert_true(value_same(&v, p.json));
    buf_free(&b);
    arena_free(&a);
}

static void plan_bad(void **state)
{
    static const struct {
        const char *text, *says;
    } bad[] = {
        {"{}", "no compiled plan"},
        {"{\"flinkVersion\":\"2.3\",\"nodes\":[{\"id\":1,\"type\":\"x\"}],\"edges\":[]}", "no version"},
        {"{\"flinkVersion\":\"2.3\",\"nodes\":[{\"id\":1,\"type\":\"x_1\"},{\"id\":1,\"type\":\"x_1\"}],\"edges\":[]}",
         "two nodes 1"},
        {"{\"flinkVersion\":\"2.3\",\"nodes\":[{\"id\":1,\"type\":\"x_1\"}],\"edges\":[{\"source\":1,\"target\":1}]}",
         "back to node 1"},
        {"{\"flinkVersion\":\"2.3\",\"nodes\":[{\"id\":1,\"type\":\"x_1\"}],\"edges\":[{\"source\":1,\"target\":7}]}",
         "not both there"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct arena a = {0};
        struct err e = {0};
        struct cplan p;
        assert_false(cplan_read(&p, &a, bad[i].text, strlen(bad[i].text), &e));
        assert_non_null(strstr(e.text, bad[i].says));
        arena_free(&a);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(type_texts),
        cmocka_unit_test(type_depth),
        cmocka_unit_test(plan_round),
        cmocka_unit_test(plan_bad),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
