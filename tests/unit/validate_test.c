/* Findings: what is wrong with a snapshot, what a new job would make of it, and what the policy says of both. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <string.h>

#include "inspect/report.h"
#include "inspect/schema.h"
#include "inspect/validate_policy.h"
#include "tests/unit/made.h"

struct looked {
    struct tree t;
    struct validation v;
};

static void look_with(struct looked *l, const struct made *d, enum tree_depth depth, struct validate_opts opts)
{
    struct err e = {0};
    const struct tree_opts tree = {.depth = depth, .jobs = 1, .groups = true};
    d->m->s.location = (char *)"made";
    d->m->s.meta.version = 6;
    opts.jobs = 1;
    assert_true(tree_build(&l->t, &d->m->s, NULL, &tree, &e));
    validate(&l->v, &l->t, &opts);
}

static void look(struct looked *l, const struct made *d) { look_with(l, d, TREE_DEEP, (struct validate_opts){.deep = true}); }

static void looked_free(struct looked *l)
{
    validation_free(&l->v);
    tree_free(&l->t);
}

static const struct finding *found(const struct validation *v, enum rule_id rule)
{
    for (uint32_t i = 0; i < v->n_findings; i++)
        if (v->findings[i].rule == &rules[rule])
            return &v->findings[i];
    return NULL;
}

static void expect(const struct validation *v, enum rule_id rule, const char *message)
{
    const struct finding *f = found(v, rule);
    if (!f || !strstr(f->message, message))
        fail_msg("%s: %s, not \"%s\"", rules[rule].id, f ? f->message : "not found", message);
}

static void metadata(void **state)
{
    (void)state;
    struct looked l;
    struct made *d = made_new(S_INT);
    look(&l, d);
    assert_null(found(&l.v, RULE_KEY_GROUPS_GAP));
    assert_null(found(&l.v, RULE_METADATA_INCONSISTENT));
    expect(&l.v, RULE_SUBTASKS_DIFFER, "serializers");
    expect(&l.v, RULE_KEY_IN_WRONG_GROUP, "entries; the first stands in key group"); /* made's keys stand anywhere */
    expect(&l.v, RULE_OPERATOR_WITHOUT_UID, "shape");
    looked_free(&l);

    d->subs[1].keyed.kg_first = 1;
    look(&l, d);
    expect(&l.v, RULE_KEY_GROUPS_OVERLAP, "1 key groups stand in more than one handle, the first is 1");
    expect(&l.v, RULE_KEY_GROUPS_GAP, "1 of 4 key groups stand in no handle, the first is 3");
    assert_false(l.v.compatible);
    looked_free(&l);

    d->subs[1].keyed.kg_first = 3;
    d->subs[1].index = 7;
    memcpy(d->ops[0].id, d->ops[1].id, sizeof d->ops[0].id);
    look(&l, d);
    expect(&l.v, RULE_METADATA_INCONSISTENT, "");
    uint32_t n = 0;
    for (uint32_t i = 0; i < l.v.n_findings; i++)
        n += l.v.findings[i].rule == &rules[RULE_METADATA_INCONSISTENT];
    assert_int_equal(n, 3); /* twice, subtask 7 of 2, key groups 3 to 4 of 4 */
    looked_free(&l);
    made_free(d);
}

/* The schema of a snapshot as text, some of it replaced. */
static void schema_of(const struct tree *t, const char *from, const char *to, struct layout *l)
{
    static struct buf b;
    struct err e = {0};
    struct jsonw w = {.out = &b};
    b.n = 0;
    schema_json(t, &w);
    for (size_t i = 0; from && i + strlen(from) <= b.n; i++)
        if (!memcmp(b.p + i, from, strlen(from))) {
            struct buf out = {0};
            buf_put(&out, b.p, i);
            buf_puts(&out, to);
            buf_put(&out, b.p + i + strlen(from), b.n - i - strlen(from));
            buf_free(&b);
            b = out;
            i += strlen(to);
        }
    if (!layout_read(l, (struct bytes){b.p, b.n}, "schema", &e))
        fail_msg("%s", e.text);
    buf_free(&b);
    b = (struct buf){0};
}

static const struct state_verdict *verdict_of(const struct validation *v, const char *state)
{
    for (uint32_t i = 0; i < v->n_states; i++)
        if (!strcmp(v->states[i].state, state))
            return &v->states[i];
    fail_msg("no state %s", state);
    return NULL;
}

/* Looks at made against its own schema, `from` replaced by `to`; metadata version 4, so that uids are no matter. */
static void against(struct looked *l, struct made *d, const char *from, const char *to, bool allow)
{
    static struct layout layout;
    struct err e = {0};
    const struct tree_opts quick = {.depth = TREE_QUICK, .jobs = 1};
    struct tree t;
    assert_true(tree_build(&t, &d->m->s, NULL, &quick, &e));
    schema_of(&t, from, to, &layout);
    tree_free(&t);
    look_with(l, d, TREE_NORMAL, (struct validate_opts){.against = &layout, .allow_non_restored = allow});
    layout_free(&layout); /* findings do not need it any more */
}

static void restore(void **state)
{
    (void)state;
    struct looked l;
    struct made *d = made_new(S_LONG);
    d->ops[0].max_parallelism = d->ops[1].max_parallelism = 4;
    against(&l, d, NULL, NULL, false);
    assert_true(l.v.compatible);
    assert_int_equal(l.v.n_states, 3);
    for (uint32_t i = 0; i < l.v.n_states; i++)
        assert_int_equal(l.v.states[i].verdict, VERDICT_AS_IS);
    looked_free(&l);

    against(&l, d, "\"name\":\"total\"", "\"name\":\"sum\"", false);
    assert_true(l.v.compatible);
    assert_int_equal(verdict_of(&l.v, "total")->verdict, VERDICT_DROPPED);
    assert_int_equal(verdict_of(&l.v, "sum")->verdict, VERDICT_NEW);
    expect(&l.v, RULE_STATE_UNREGISTERED, "");
    expect(&l.v, RULE_STATE_NEW, "");
    looked_free(&l);

    against(&l, d, "LongSerializer$Long", "IntSerializer$Int", false);
    assert_false(l.v.compatible);
    assert_int_equal(verdict_of(&l.v, "total")->verdict, VERDICT_INCOMPATIBLE);
    assert_int_equal(verdict_of(&l.v, "by-day")->verdict, VERDICT_INCOMPATIBLE);
    assert_int_equal(verdict_of(&l.v, "offsets")->verdict, VERDICT_INCOMPATIBLE);
    expect(&l.v, RULE_STATE_INCOMPATIBLE, "Long became");
    looked_free(&l);

    against(&l, d, "\"maxParallelism\":4", "\"maxParallelism\":8", false);
    expect(&l.v, RULE_MAX_PARALLELISM_CHANGED, "maximum parallelism of 4 and the new job of 8");
    assert_int_equal(verdict_of(&l.v, "total")->verdict, VERDICT_INCOMPATIBLE);
    looked_free(&l);

    against(&l, d, "\"maxParallelism\":4", "\"maxParallelism\":128", false);
    expect(&l.v, RULE_MAX_PARALLELISM_DERIVED, "");
    assert_true(l.v.compatible);
    looked_free(&l);

    against(&l, d, d->ops[1].hex, "00000000000000000000000000000000", false);
    expect(&l.v, RULE_STATE_DROPPED, "3 states would be lost");
    assert_false(l.v.compatible);
    looked_free(&l);
    against(&l, d, d->ops[1].hex, "00000000000000000000000000000000", true);
    assert_null(found(&l.v, RULE_STATE_DROPPED));
    assert_true(l.v.compatible);
    assert_int_equal(l.v.n_states, 6);
    looked_free(&l);
    made_free(d);
}

static void targets(void **state)
{
    (void)state;
    struct looked l;
    struct made *d = made_new(S_LONG);
    look_with(&l, d, TREE_NORMAL, (struct validate_opts){.flink_given = true, .target.flink = FLINK(1, 20)});
    expect(&l.v, RULE_METADATA_TOO_NEW, "_metadata is of version 6, which Flink 1.20 does not read; 2.1 and later do");
    assert_false(l.v.compatible);
    looked_free(&l);
    look_with(&l, d, TREE_NORMAL, (struct validate_opts){0});
    assert_int_equal(l.v.target.flink, FLINK(2, 3));
    assert_null(found(&l.v, RULE_METADATA_TOO_NEW));
    looked_free(&l);
    made_free(d);
}

static void apply(struct looked *l, const struct made *d, const char *text, const char *today)
{
    struct arena a = {0};
    struct err e = {0};
    struct policy p;
    look(l, d);
    if (!policy_read(&p, (struct bytes){(const uint8_t *)text, strlen(text)}, "policy", &a, &e))
        fail_msg("%s", e.text);
    policy_apply(&p, &l->v, &l->t, today);
    arena_free(&a);
}

static void policies(void **state)
{
    (void)state;
    struct looked l;
    struct made *d = made_new(S_LONG);
    apply(&l, d, "# nothing\n\n  rule key-in-wrong-group off because made so\r\nrule operator-without-uid error", "2026-01-01");
    assert_null(found(&l.v, RULE_KEY_IN_WRONG_GROUP));
    assert_int_equal(found(&l.v, RULE_OPERATOR_WITHOUT_UID)->severity, SEVERITY_ERROR);
    looked_free(&l);
    apply(&l, d, "rule key-in-wrong-group off state t* until 2026-01-01\n", "2026-01-01");
    looked_free(&l);
    apply(&l, d, "rule key-in-wrong-group off until 2025-12-31 because later\n", "2026-01-01");
    assert_non_null(found(&l.v, RULE_KEY_IN_WRONG_GROUP));
    expect(&l.v, RULE_POLICY_EXPIRED, "policy, line 1: expired after 2025-12-31: later");
    looked_free(&l);
    apply(&l, d, "budget size 1\nbudget state-size 10 state offsets because small\nbudget skew 1.1\nbudget size 1TiB operator *\n",
          "2026-01-01");
    uint32_t n = 0;
    for (uint32_t i = 0; i < l.v.n_findings; i++)
        n += l.v.findings[i].rule == &rules[RULE_BUDGET_EXCEEDED];
    assert_int_equal(n, 2); /* the whole, and offsets */
    looked_free(&l);
    made_free(d);
}

static void wrong_policies(void **state)
{
    (void)state;
    static const char *const texts[][2] = {
        {"x", "neither rule nor budget: \"x\""},
        {"rule nothing off", "no rule has the id \"nothing\""},
        {"rule file-cut loud", "neither error, warning, note nor off: \"loud\""},
        {"rule file-cut off until tomorrow", "no date (YYYY-MM-DD): \"tomorrow\""},
        {"rule file-cut off operator", "nothing stands behind \"operator\""},
        {"rule file-cut off whenever", "\"whenever\""},
        {"budget weight 3", "neither size, state-size nor skew: \"weight\""},
        {"budget size -1", "no amount"},
        {"budget size 3parsecs", "no amount"},
        {"\n\nbudget", "line 3"},
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct arena a = {0};
        struct err e = {0};
        struct policy p;
        assert_false(policy_read(&p, (struct bytes){(const uint8_t *)texts[i][0], strlen(texts[i][0])}, "p", &a, &e));
        assert_int_equal(e.kind, ERR_USAGE);
        if (!strstr(e.text, texts[i][1]))
            fail_msg("%s", e.text);
        arena_free(&a);
    }
}

/* Hostile names reach no report unescaped. */
static void reports(void **state)
{
    (void)state;
    struct validation v = {.against = true};
    find(&v, RULE_STATE_INCOMPATIBLE, "op<&\"\x1b[31m", "st\xff%,:\n", "%s", "message %0A \x1b]0;x\x07 \xe2\x80\xae");
    const struct report r = {.v = &v, .snapshot = "/a b/\xc3\xa9"};
    report_fn *const all[] = {report_text, report_json, report_junit, report_sarif, report_github};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        struct buf out = {0};
        all[i](&r, &out);
        for (size_t j = 0; j < out.n; j++)
            assert_true(out.p[j] >= 0x20 || out.p[j] == '\n');
        buf_free(&out);
    }
    validation_free(&v);
}

static void documents(void **state)
{
    (void)state;
    static const char *const wrong[] = {
        "",
        "[]",
        "{}",
        "{\"weir-schema\":2,\"operators\":[]}",
        "{\"weir-schema\":1,\"operators\":[{}]}",
        "{\"weir-schema\":1,\"operators\":[{\"id\":\"1\",\"states\":[{\"name\":\"s\"}]}]}",
        "{\"weir-schema\":1,\"operators\":[{\"id\":\"1\",\"key\":{\"type\":\"Long\"},\"states\":[]}]}",
        "{\"weir-schema\":1} x"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct layout l;
        struct err e = {0};
        assert_false(layout_read(&l, (struct bytes){(const uint8_t *)wrong[i], strlen(wrong[i])}, "doc", &e));
        assert_int_not_equal(e.kind, ERR_NONE);
    }
    struct buf deep = {0};
    struct err e = {0};
    struct layout l;
    buf_puts(&deep, "{\"weir-schema\":1,\"operators\":[{\"id\":\"1\",\"key\":");
    for (int i = 0; i < 500; i++)
        buf_puts(&deep, "{\"snapshot\":\"x\",\"nested\":[");
    for (int i = 0; i < 500; i++)
        buf_puts(&deep, "]}");
    buf_puts(&deep, ",\"states\":[]}]}");
    assert_false(layout_read(&l, (struct bytes){deep.p, deep.n}, "doc", &e));
    assert_non_null(strstr(e.text, "nested more than 100 deep"));
    buf_free(&deep);
    assert_true(layout_is_document((struct bytes){(const uint8_t *)" \n{", 3}));
    assert_false(layout_is_document((struct bytes){(const uint8_t *)"\x49\x60{", 3}));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(metadata),       cmocka_unit_test(restore), cmocka_unit_test(targets),   cmocka_unit_test(policies),
        cmocka_unit_test(wrong_policies), cmocka_unit_test(reports), cmocka_unit_test(documents),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
