/* The model of a snapshot, what is made of it (schema, sizes, heavy keys), and what it says when something is wrong. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "inspect/schema.h"
#include "inspect/sizes.h"
#include "inspect/tree_json.h"
#include "tests/unit/made.h"

static struct tree build(const struct made *d, enum tree_depth depth, unsigned jobs)
{
    struct tree t;
    struct err e = {0};
    struct tree_opts opts = {.depth = depth, .jobs = jobs, .groups = true};
    assert_true(tree_build(&t, &d->m->s, NULL, &opts, &e));
    return t;
}

static const struct tree_op *orders(const struct tree *t)
{
    for (uint32_t i = 0; i < t->scan.n_ops; i++)
        if (t->ops[i].n_states)
            return &t->ops[i];
    fail();
    return NULL;
}

static void check_counts(const struct tree *t)
{
    const struct tree_op *op = orders(t);
    assert_int_equal(t->scan.n_ops, 2);
    if (t->n_troubles)
        fail_msg("%s", t->troubles[0].err.text);
    assert_int_equal(tree_exit(t), WEIR_OK);
    assert_int_equal(op->n_states, 3);
    assert_string_equal(op->states[0]->name, "by-day");
    assert_string_equal(op->states[1]->name, "offsets");
    assert_string_equal(op->states[2]->name, "total");
    assert_int_equal(op->states[0]->totals.entries, 8);
    assert_int_equal(op->states[1]->totals.entries, 3);
    assert_int_equal(op->states[1]->totals.bytes, 24);
    assert_int_equal(op->states[2]->totals.entries, 4);
    assert_int_equal(op->all.entries, 15);
    assert_int_equal(op->subtasks[0].entries, 9);
    assert_int_equal(op->subtasks[1].entries, 6);
    for (int i = 0; i < 4; i++)
        assert_int_equal(op->groups[i].entries, 3);
    /* key group, string, void namespace; value */
    assert_int_equal(op->groups[0].bytes, (1 + 5 + 1 + 8) + (1 + 5 + 1 + 4 + 9) + (1 + 5 + 1 + 4 + 1));
}

static void counts(void **state)
{
    (void)state;
    struct made *d = made_new(S_LONG);
    struct tree t = build(d, TREE_NORMAL, 1);
    check_counts(&t);
    assert_int_equal(orders(&t)->states[2]->totals.sum, 0);
    tree_free(&t);
    made_free(d);
}

static void decodes(void **state)
{
    (void)state;
    struct made *d = made_new(S_LONG);
    for (unsigned jobs = 1; jobs < 4; jobs++) {
        struct tree t = build(d, TREE_DEEP, jobs);
        check_counts(&t);
        const struct tree_op *op = orders(&t);
        assert_int_equal(op->states[0]->totals.sum, 460);
        assert_int_equal(op->states[0]->totals.nulls, 4);
        assert_int_equal(op->states[1]->totals.sum, 6);
        assert_int_equal(op->states[2]->totals.sum, 46);
        assert_int_equal(op->states[2]->totals.opaque, 0);
        assert_int_equal(t.n_warnings, 0);
        tree_free(&t);
    }
    made_free(d);
}

static void quick_counts_nothing(void **state)
{
    (void)state;
    struct made *d = made_new(S_LONG);
    struct tree t = build(d, TREE_QUICK, 1);
    assert_int_equal(orders(&t)->n_states, 3);
    assert_int_equal(t.all.entries, 0);
    tree_free(&t);
    made_free(d);
}

static void subtasks_differ(void **state)
{
    (void)state;
    struct made *d = made_new(BASE "DoubleSerializer$DoubleSerializerSnapshot");
    struct tree t = build(d, TREE_NORMAL, 1);
    assert_true(orders(&t)->states[2]->differs);
    assert_false(orders(&t)->states[0]->differs);
    assert_int_equal(t.n_warnings, 1);
    assert_non_null(strstr(t.warnings[0], "state total"));
    tree_free(&t);
    made_free(d);
}

/* A value of a serializer without a row is opaque, but its state has an end and the others are read. */
static void unknown_serializer(void **state)
{
    (void)state;
    struct made *d = made_new("com.example.MineSnapshot");
    struct tree t = build(d, TREE_DEEP, 1);
    const struct tree_op *op = orders(&t);
    assert_int_equal(t.n_troubles, 0);
    assert_int_equal(op->states[2]->totals.entries, 4);
    assert_int_equal(op->states[2]->totals.opaque, 2);
    assert_int_equal(op->states[2]->totals.n_reasons, 1);
    assert_string_equal(op->states[2]->totals.reasons[0].cls, "com.example.MineSnapshot");
    assert_int_equal(op->states[2]->totals.sum, 5);
    assert_int_equal(op->states[0]->totals.sum, 460);
    assert_true(t.n_warnings > 0);
    tree_free(&t);
    made_free(d);
}

static void broken_part(void **state)
{
    (void)state;
    struct made *d = made_new(S_LONG);
    size_t second = be64(d->offsets[1] + 8);
    ((uint8_t *)(uintptr_t)d->subs[1].keyed.stream.inl.p)[second + 2] = 0x7f; /* a key of 2 GiB */
    struct tree t = build(d, TREE_NORMAL, 2);
    assert_int_equal(tree_exit(&t), WEIR_TROUBLE);
    assert_int_equal(t.n_troubles, 1);
    assert_int_equal(t.troubles[0].subtask, 1);
    assert_true(orders(&t)->partial);
    assert_int_equal(orders(&t)->subtasks[0].entries, 9); /* the other part is whole */
    assert_int_equal(orders(&t)->subtasks[1].entries, 3); /* up to the fault */
    tree_free(&t);
    made_free(d);
}

static void missing_file(void **state)
{
    (void)state;
    struct made *d = made_new(S_LONG);
    d->subs[1].keyed.stream = (struct meta_stream){.tag = HANDLE_RELATIVE_FILE, .path = "no-such-file", .size = 77};
    struct tree t = build(d, TREE_NORMAL, 1);
    assert_int_equal(tree_exit(&t), WEIR_FINDING);
    assert_int_equal(t.n_troubles, 0);
    assert_int_equal(t.files.n_files, 1);
    assert_int_equal(t.files.n_faults, 1);
    assert_int_equal(t.files.faults[0].kind, ERR_MISSING);
    assert_non_null(strstr(t.files.faults[0].text, "no-such-file: missing, 77 bytes"));
    assert_true(orders(&t)->partial);
    tree_free(&t);
    made_free(d);
}

static void schema_document(void **state)
{
    (void)state;
    struct made *d = made_new(S_LONG);
    struct names names = {0};
    struct buf one = {0}, two = {0};
    names_add(&names, "orders");
    for (int i = 0; i < 2; i++) {
        struct tree t;
        struct err e = {0};
        struct tree_opts opts = {.depth = i ? TREE_DEEP : TREE_QUICK, .jobs = 1, .late_states = true};
        assert_true(tree_build(&t, &d->m->s, &names, &opts, &e));
        struct jsonw w = {.out = i ? &two : &one};
        schema_json(&t, &w);
        tree_free(&t);
    }
    assert_string_equal(buf_cstr(&one), buf_cstr(&two));
    const char *begin = "{\"weir-schema\":1,\"operators\":[{\"uid\":\"orders\",\"id\":\"";
    assert_int_equal(strncmp(buf_cstr(&one), begin, strlen(begin)), 0);
    assert_non_null(
        strstr(buf_cstr(&one), "{\"name\":\"total\",\"kind\":\"VALUE\",\"ttl\":false,\"namespace\":{\"type\":\"VoidNamespace\""));
    assert_non_null(strstr(buf_cstr(&one), "\"type\":\"Map<String, Long>\""));
    buf_free(&one);
    buf_free(&two);
    names_free(&names);
    made_free(d);
}

static void sizes_rows(void **state)
{
    (void)state;
    struct made *d = made_new(S_LONG);
    struct tree t = build(d, TREE_NORMAL, 1);
    struct sizes s;
    sizes_rank(&s, &t, SIZES_STATE, 2, 1, NULL);
    assert_int_equal(s.all, 3);
    assert_int_equal(s.n, 2);
    assert_string_equal(s.rows[0].state->name, "by-day");
    assert_string_equal(s.rows[1].state->name, "total");
    assert_int_equal(s.rest_bytes, 24);
    sizes_free(&s);
    sizes_rank(&s, &t, SIZES_KEY_GROUP, 0, 1, NULL);
    assert_int_equal(s.n, 4);
    assert_int_equal(s.rows[0].number, 3); /* a-long-name */
    sizes_free(&s);
    sizes_rank(&s, &t, SIZES_SUBTASK, 0, 1, NULL);
    assert_int_equal(s.n, 2);
    sizes_free(&s);
    struct sizes_skew skew = sizes_skew(orders(&t));
    assert_int_equal(skew.groups, 4);
    assert_int_equal(skew.groups_used, 4);
    assert_int_equal(skew.heaviest_group, 3);
    assert_true(skew.by_group > 1 && skew.by_group < 1.5);
    tree_free(&t);
    made_free(d);
}

static void heavy_keys(void **state)
{
    (void)state;
    struct made *d = made_new(S_LONG);
    struct tree t = build(d, TREE_NORMAL, 1);
    struct heavy h;
    heavy_find(&h, &t, 3, 2, NULL);
    assert_int_equal(h.n, 3);
    assert_false(h.approximate);
    assert_string_equal(h.keys[0].key, "\"a-long-name\"");
    assert_int_equal(h.keys[0].key_group, 3);
    assert_int_equal(h.keys[0].entries, 3);
    assert_int_equal(h.keys[0].bytes, orders(&t)->groups[3].bytes);
    assert_string_equal(h.keys[1].key, "\"carla\"");
    heavy_free(&h);
    tree_free(&t);
    made_free(d);
}

static void json_document(void **state)
{
    (void)state;
    struct made *d = made_new(S_LONG);
    struct tree t = build(d, TREE_DEEP, 1);
    struct buf b = {0};
    struct jsonw w = {.out = &b};
    tree_json(&t, &w);
    assert_non_null(
        strstr(buf_cstr(&b),
               "{\"name\":\"by-day\",\"kind\":\"MAP\",\"key\":\"String\",\"userKey\":\"String\",\"value\":\"Long\",\"ttl\":false,"
               "\"entries\":8,\"bytes\":"));
    assert_non_null(strstr(buf_cstr(&b), "\"sum\":460,\"nulls\":4,\"opaque\":0}"));
    assert_non_null(strstr(buf_cstr(&b), "\"warnings\":[],\"troubles\":[]}"));
    buf_free(&b);
    tree_free(&t);
    made_free(d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts),
        cmocka_unit_test(decodes),
        cmocka_unit_test(quick_counts_nothing),
        cmocka_unit_test(subtasks_differ),
        cmocka_unit_test(unknown_serializer),
        cmocka_unit_test(broken_part),
        cmocka_unit_test(missing_file),
        cmocka_unit_test(schema_document),
        cmocka_unit_test(sizes_rows),
        cmocka_unit_test(heavy_keys),
        cmocka_unit_test(json_document),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
