/* Snapshots that are taken while their operators go on: each holds what was there when it began. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/wr.h"
#include "cli/sqljob.h"
#include "runtime/exec.h"
#include "runtime/keyed.h"
#include "tests/support/keyed_queries.h"

static uint64_t next(uint64_t *x)
{
    *x ^= *x >> 12;
    *x ^= *x << 25;
    *x ^= *x >> 27;
    return *x * UINT64_C(0x2545F4914F6CDD1D);
}

/* --- a kstate by itself --- */

struct put_rows {
    int64_t key[100], value[100];
    unsigned n;
};

static void put_row(void *ctx, struct kentry *e)
{
    struct put_rows *p = ctx;
    assert_true(p->n < 100);
    p->key[p->n] = e->key->v[0].i;
    p->value[p->n++] = *(int64_t *)e->value;
}

static struct kentry *at(struct kstate *k, int64_t key)
{
    bool fresh;
    return kstate_at(k, &(union cell){.i = key}, &(uint8_t){0}, &fresh);
}

static void is_whole(const struct put_rows *p, unsigned n)
{
    bool seen[100] = {false};
    assert_int_equal(p->n, n);
    for (unsigned i = 0; i < n; i++) {
        assert_in_range(p->key[i], 0, n - 1);
        assert_false(seen[p->key[i]]);
        seen[p->key[i]] = true;
        assert_int_equal(p->value[i], p->key[i] * 10);
    }
}

static struct kstate tens(struct arena *a)
{
    const struct ltype **types = arena_array(a, 1, sizeof *types);
    struct kstate k;
    types[0] = type_simple(a, L_BIGINT, true);
    kstate_init(&k, types, 1, sizeof(int64_t), NULL);
    for (int64_t i = 0; i < 50; i++)
        *(int64_t *)at(&k, i)->value = i * 10;
    return k;
}

/* Every key is changed and removed, and others come, before the walk has begun to go on; and when it is half over. */
static void all_change(void **state)
{
    (void)state;
    for (uint32_t before = 0; before <= 50; before += 5) {
        struct arena a = {0};
        struct kstate k = tens(&a);
        struct put_rows put = {.n = 0};
        kstate_begin(&k, put_row, &put);
        assert_int_equal(kstate_go_on(&k, before), before < 50);
        assert_int_equal(put.n, before);
        for (int64_t i = 0; i < 50; i++) {
            struct kentry *e = i % 2 ? kstate_find(&k, &(union cell){.i = i}, &(uint8_t){0}) : at(&k, i);
            *(int64_t *)e->value = -1;
            if (i % 3 == 0)
                kstate_remove(&k, e);
            *(int64_t *)at(&k, 100 + i)->value = 7;
        }
        assert_false(kstate_go_on(&k, 1));
        is_whole(&put, 50);
        kstate_clear(&k);
        arena_free(&a);
    }
}

/* What is gone along, removed where the walk stands; a walk that is given up, and the next one. */
static void walks(void **state)
{
    struct arena a = {0};
    struct kstate k = tens(&a);
    struct put_rows put = {.n = 0}, again = {.n = 0}, last = {.n = 0};
    (void)state;
    kstate_begin(&k, put_row, &put);
    kstate_go_on(&k, 3);
    for (struct kentry *e = k.first; e; e = e->next) {
        kstate_change(&k, e);
        *(int64_t *)e->value += 1;
    }
    is_whole(&put, 50);
    for (struct kentry *e = k.first; e; e = e->next)
        *(int64_t *)e->value -= 1;
    kstate_begin(&k, put_row, &again);
    kstate_go_on(&k, 20);
    kstate_abandon(&k);
    at(&k, 30);
    kstate_remove(&k, at(&k, 40));
    assert_int_equal(again.n, 20);
    *(int64_t *)at(&k, 40)->value = 400;
    kstate_begin(&k, put_row, &last);
    kstate_remove(&k, k.first);
    while (kstate_go_on(&k, 7))
        if (k.at)
            kstate_remove(&k, k.at);
    is_whole(&last, 50);
    kstate_clear(&k);
    kstate_begin(&k, put_row, &last);
    assert_false(kstate_go_on(&k, 1));
    assert_int_equal(last.n, 50);
    arena_free(&a);
}

/* --- all operators that keep something by key --- */

static void nothing(void *ctx, const struct batch *b, uint32_t row, const struct ltype *const *types)
{
    (void)ctx;
    (void)b;
    (void)row;
    (void)types;
}

static union cell some_cell(const struct ltype *t, uint64_t *x, int64_t now, uint32_t column)
{
    static const char *const texts[] = {"a", "bc", "def", ""};
    const char *text = texts[next(x) % 4];
    if (t->slot == SLOT_TEXT)
        return (union cell){.s = {(const uint8_t *)text, strlen(text)}};
    if (t->slot == SLOT_TIMESTAMP)
        return (union cell){.t = {now + (int64_t)(next(x) % 3000), 0}};
    if (t->slot == SLOT_DECIMAL)
        return (union cell){.dec = (int64_t)(next(x) % 500)};
    return (union cell){.i = (int64_t)(next(x) % (column ? 12 : 40))};
}

/* Rows from the source; the watermark behind them; timers, now and then. */
static void go_on(struct task *t, uint64_t *x, int64_t *now)
{
    enum { ROWS = 5 };
    struct vec cols[8];
    union cell v[8][ROWS];
    uint8_t null[8][ROWS];
    for (uint32_t i = 0; i < t->n_sources; i++) {
        struct op *o = t->sources[i];
        assert_true(o->n_cols <= 8);
        for (uint32_t c = 0; c < o->n_cols; c++) {
            for (uint32_t r = 0; r < ROWS; r++) {
                v[c][r] = some_cell(o->types[c], x, *now, c);
                null[c][r] = o->types[c]->nullable && !type_is_timestamp(o->types[c]) && next(x) % 9 == 0;
            }
            cols[c] = (struct vec){v[c], null[c]};
        }
        scratch_reset(&t->ev.heap);
        op_emit(o, &(struct batch){.n = ROWS, .n_cols = o->n_cols, .cols = cols});
    }
    *now += 1500;
    for (uint32_t i = 0; i < t->n_ops; i++)
        if (!strcmp(t->ops[i]->node->type, "stream-exec-watermark-assigner"))
            op_send_watermark(t->ops[i], *now - 1000);
    for (uint32_t i = 0; i < t->n_ops; i++) {
        struct op *o = t->ops[i];
        int64_t wake = o->wake;
        if (!o->class->timer || wake == INT64_MAX || next(x) % 3)
            continue;
        o->wake = INT64_MAX;
        o->class->timer(o, wake);
        op_flush(o);
    }
    if (t->ev.e.kind)
        fail_msg("%s", t->ev.e.text);
}

struct put {
    struct bytes b;
};

static int by_bytes(const void *a, const void *b)
{
    const struct put *x = a, *y = b;
    int c = memcmp(x->b.p, y->b.p, x->b.n < y->b.n ? x->b.n : y->b.n);
    return c ? c : (x->b.n > y->b.n) - (x->b.n < y->b.n);
}

/* All that has been put, in order; of equal timers one. */
static uint32_t in_order(const struct op *o, const struct snap *s, struct arena *a, struct put **all)
{
    uint32_t n = 0, left = 0;
    *all = arena_array(a, s->n_keyed + 1, sizeof **all);
    for (const struct snap_block *b = s->keyed; b; b = b->next)
        for (uint32_t i = 0; i < b->n; i++) {
            const struct snap_keyed *k = &b->k[i];
            struct buf to = {0};
            wr_u32(&to, k->state);
            wr_u32(&to, k->group);
            const struct bytes parts[] = {k->key, k->ns, k->user_key, k->value};
            for (int p = 0; p < 4; p++)
                wr_bytes32(&to, parts[p]);
            (*all)[n++] = (struct put){{(const uint8_t *)arena_strn(a, (const char *)to.p, to.n), to.n}};
            buf_free(&to);
        }
    if (n)
        qsort(*all, n, sizeof **all, by_bytes);
    for (uint32_t i = 0; i < n; i++) {
        bool timer = o->keyed->states[be32((*all)[i].b.p)].kind == KIND_TIMERS;
        if (!timer || !left || by_bytes(&(*all)[left - 1], &(*all)[i]))
            (*all)[left++] = (*all)[i];
    }
    return left;
}

/* What is put at once, and what is put while the operator goes on, is the same. How many entries there were. */
static uint32_t both_ways(struct task *t, uint64_t *x, int64_t *now)
{
    struct arena a = {0};
    struct snap *once = arena_array(&a, t->n_ops + 1, sizeof *once), *beside = arena_array(&a, t->n_ops + 1, sizeof *beside);
    uint32_t n = 0;
    for (uint32_t i = 0; i < t->n_ops; i++) {
        once[i].a = beside[i].a = &a;
        op_snapshot(t->ops[i], 1, &once[i]);
        while (op_snapshot_go_on(t->ops[i], 1000))
            ;
    }
    for (uint32_t i = 0; i < t->n_ops; i++)
        op_snapshot(t->ops[i], 2, &beside[i]);
    for (int step = 0; step < 4; step++) {
        go_on(t, x, now);
        op_snapshot_go_on(t->ops[next(x) % t->n_ops], 1);
    }
    for (uint32_t i = 0; i < t->n_ops; i++) {
        struct put *of_once, *of_beside;
        while (op_snapshot_go_on(t->ops[i], 1))
            ;
        if (!t->ops[i]->keyed)
            continue;
        uint32_t m = in_order(t->ops[i], &once[i], &a, &of_once);
        assert_int_equal(in_order(t->ops[i], &beside[i], &a, &of_beside), m);
        for (uint32_t k = 0; k < m; k++)
            assert_int_equal(by_bytes(&of_once[k], &of_beside[k]), 0);
        n += m;
    }
    arena_free(&a);
    return n;
}

static void pipeline(const char *query, const char *ttl)
{
    struct sqljob sql = {0};
    struct value json;
    struct cplan plan;
    struct err e = {0};
    const struct world world = world_real();
    static const char *const names[] = {"table.exec.state.ttl"};
    const struct job_opts opts = {.output = JOB_ROWS, .row = nothing, .n_config = 1, .config_names = names, .config_values = &ttl};
    uint64_t x = 42;
    int64_t now = 1700000000000;
    uint32_t n = 0;
    buf_printf(&sql.bytes, KEYED_TABLES, ttl, query);
    if (!sqljob_read(&sql, "test", NULL, 0, &e) || !sqljob_plan(&sql, &json, &e) || !cplan_of(&plan, &sql.a, &json, &e))
        fail_msg("%s: %s", query, e.text);
    struct job *j = job_open(&plan, &world, &opts, &e);
    if (!j) {
        assert_true(strcmp(ttl, "0 s") != 0); /* some keep state that must not expire */
        sqljob_free(&sql);
        return;
    }
    assert_int_equal(j->n_tasks, 1);
    for (int round = 0; round < 6; round++) {
        go_on(j->tasks[0], &x, &now);
        n += both_ways(j->tasks[0], &x, &now);
    }
    if (!n)
        fail_msg("%s: nothing was put", query);
    job_free(j);
    sqljob_free(&sql);
}

static void pipelines(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof keyed_queries / sizeof *keyed_queries; i++) {
        pipeline(keyed_queries[i], "0 s");
        pipeline(keyed_queries[i], "1000 d");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_change),
        cmocka_unit_test(walks),
        cmocka_unit_test(pipelines),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
