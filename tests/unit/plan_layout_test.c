/* What state a compiled plan looks for, against a job that has it, and against changes of the plan. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "inspect/compat.h"
#include "inspect/plan_layout.h"

static char *file(const char *name)
{
    FILE *f = fopen(name, "rb");
    assert_non_null(f);
    char *text = calloc(1, 1 << 16);
    assert_true(fread(text, 1, (1 << 16) - 1, f) > 0);
    fclose(f);
    return text;
}

/* The plan with `from` exchanged, everywhere, for `to`. */
static char *changed(const char *from, const char *to)
{
    char *plan = file("tests/fuzz/corpus/plan_layout/dedup"), *b = calloc(1, 1 << 17), *at = b;
    for (const char *p = plan; *p;)
        if (!strncmp(p, from, strlen(from))) {
            at = stpcpy(at, to);
            p += strlen(from);
        } else {
            *at++ = *p++;
        }
    free(plan);
    return b;
}

static struct bytes bytes_of(const char *text) { return (struct bytes){(const uint8_t *)text, strlen(text)}; }

/* The worst verdict of the old job's states under the plan, and why; dropped when an operator is gone. */
static enum verdict verdict(const char *plan, char *why, size_t size)
{
    char *document = file("tests/unit/plan_layout.json");
    struct layout old, new;
    struct err e = {0};
    struct arena a = {0};
    const struct compat_target target = {FLINK(2, 3), BACKEND_ROCKSDB};
    enum verdict worst = VERDICT_AS_IS;
    assert_true(layout_read(&old, bytes_of(document), "old", &e));
    if (!layout_of_plan(&new, bytes_of(plan), &old, "plan.json", &e))
        fail_msg("%s", e.text);
    for (uint32_t i = 0; i < old.n; i++) {
        const struct layout_op *op = layout_op_by_id(&new, old.ops[i].id);
        if (!op) {
            worst = VERDICT_DROPPED;
            continue;
        }
        struct compat keys = compat_keys(old.ops[i].key, op->key, &target, &a);
        for (uint32_t k = 0; k < old.ops[i].n; k++) {
            const struct layout_state *st = &old.ops[i].states[k], *next = layout_state_by_name(op, st->name, st->kind);
            struct compat c = !next ? (struct compat){VERDICT_NEW, st->name, NULL, false} : compat_state(st, next, &target, &a);
            c = keys.verdict >= c.verdict ? keys : c;
            if (c.verdict > worst) {
                worst = c.verdict;
                snprintf(why, size, "%s", c.why);
            }
        }
    }
    layout_free(&old);
    layout_free(&new);
    arena_free(&a);
    free(document);
    return worst;
}

static void says(const char *from, const char *to, enum verdict v, const char *word)
{
    char why[600] = "";
    char *plan = changed(from, to);
    enum verdict got = verdict(plan, why, sizeof why);
    if (got != v || !strstr(why, word))
        fail_msg("%s for %s: %s: %s", to, from, verdict_name(got), why);
    free(plan);
}

static void plans_go_on(void **state)
{
    (void)state;
    says("nothing", "nothing", VERDICT_AS_IS, "");
    says("\"sink\"", "\"drain\"", VERDICT_AS_IS, ""); /* what has no state may change */
}

static void changed_plans_are_found(void **state)
{
    (void)state;
    says("`name` VARCHAR(2147483647)", "`name` VARCHAR(20)", VERDICT_INCOMPATIBLE,
         "value, column 2: VARCHAR(2147483647) became VARCHAR(20)");
    says("`id` BIGINT", "`id` INT", VERDICT_INCOMPATIBLE, "key, column 1: BIGINT became INT");
    says("`id` BIGINT", "`id` BIGINT NOT NULL", VERDICT_INCOMPATIBLE, "key");
    says("\"uniqueKeys\": [0]", "\"uniqueKeys\": [0, 1]", VERDICT_INCOMPATIBLE, "key");
    says("\"0 ms\"", "\"1 d\"", VERDICT_AFTER_MIGRATION, "TTL was turned on");
    says(": 3,", ": 30,", VERDICT_DROPPED, ""); /* another number */
    says("stream-exec-rank_1", "stream-exec-calc_1", VERDICT_DROPPED, "");
    says("_1\", \"uniqueKeys\": [0]", "_1\", \"isRowtime\": false, \"uniqueKeys\": [0]", VERDICT_AS_IS, "");
}

static void refused(const char *from, const char *to, const char *word)
{
    char *plan = changed(from, to);
    struct layout old = {0}, new;
    struct err e = {0};
    assert_false(layout_of_plan(&new, bytes_of(plan), &old, "plan.json", &e));
    if (!strstr(e.text, word) || !strstr(e.text, "plan.json"))
        fail_msg("%s", e.text);
    free(plan);
}

static void no_plans_are_refused(void **state)
{
    (void)state;
    refused("\"nodes\"", "\"knots\"", "no compiled plan");
    refused("ROW<", "ROWS<", "ROWS");
    assert_true(plan_is(bytes_of("{\"nodes\": [], \"flinkVersion\": \"2.3\"}")));
    assert_false(plan_is(bytes_of("{\"nodes\": []}")));
    assert_false(plan_is(bytes_of("[1")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(plans_go_on), cmocka_unit_test(changed_plans_are_found),
                                       cmocka_unit_test(no_plans_are_refused)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
