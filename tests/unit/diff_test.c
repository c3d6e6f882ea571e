/* Differences: types field by field, counts, and entries of made snapshots. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "inspect/diff.h"
#include "inspect/diff_piles.h"
#include "tests/unit/made.h"

struct side {
    struct made *d;
    struct tree t;
    struct layout l;
};

static void open_side(struct side *s, struct made *d)
{
    struct err e = {0};
    const struct tree_opts opts = {.depth = TREE_NORMAL, .jobs = 1};
    s->d = d;
    d->m->s.location = (char *)"made";
    assert_true(tree_build(&s->t, &d->m->s, NULL, &opts, &e));
    layout_of_tree(&s->l, &s->t);
}

static void close_side(struct side *s)
{
    layout_free(&s->l);
    tree_free(&s->t);
    made_free(s->d);
}

/* Rows as lines: "~ state key [user key] from>to". */
static bool on_row(void *ctx, const struct diff_row *r, struct err *e)
{
    (void)e;
    struct buf *b = ctx;
    buf_printf(b, "%c %s %.*s", "=+-~"[r->change], r -> state, (int)r -> key.n, (const char *)r->key.p);
    if (r->user_key.n)
        buf_printf(b, " [%.*s]", (int)r->user_key.n, (const char *)r->user_key.p);
    buf_printf(b, " %.*s>%.*s\n", (int)r->from.n, (const char *)r->from.p, (int)r->to.n, (const char *)r->to.p);
    return true;
}

static void data(struct side *a, struct side *b, struct diff *d, uint64_t limit, unsigned jobs, const char *want)
{
    struct err e = {0};
    struct buf rows = {0};
    for (size_t memory = 0; memory < 2; memory++) { /* 1: sums come first, and every record goes to disk */
        const struct diff_data_opts opts = {.limit = limit, .jobs = jobs, .memory = memory};
        if (memory)
            diff_free(d);
        diff_layouts(d, &a->l, &b->l, &a->t, &b->t, false);
        rows.n = 0;
        if (!diff_data(d, &a->t, &b->t, &opts, on_row, &rows, &e))
            fail_msg("%s", e.text);
        assert_string_equal(buf_cstr(&rows), want);
    }
    buf_free(&rows);
}

/* Finds bytes in a made snapshot and puts others there. */
static void patch(struct made *d, const void *from, size_t n, const void *to)
{
    size_t size = 0;
    for (int i = 0; i < 2; i++) {
        size_t end = d->subs[i].keyed.stream.inl.n;
        uint8_t *p = (uint8_t *)(uintptr_t)d->subs[i].keyed.stream.inl.p;
        for (size_t at = 0; at + n <= end; at++)
            if (!memcmp(p + at, from, n)) {
                memcpy(p + at, to, n);
                size++;
            }
    }
    assert_int_not_equal(size, 0);
}

static void same(void **state)
{
    (void)state;
    struct side a, b;
    struct diff d;
    open_side(&a, made_new(S_LONG));
    open_side(&b, made_new(S_LONG));
    for (unsigned jobs = 1; jobs < 4; jobs++) {
        data(&a, &b, &d, UINT64_MAX, jobs, "");
        assert_false(diff_settle(&d));
        assert_true(d.counted && d.sized);
        diff_free(&d);
    }
    close_side(&a);
    close_side(&b);
}

static void entries(void **state)
{
    (void)state;
    struct side a, b;
    struct diff d;
    struct made *other = made_new(S_LONG);
    static const uint8_t seven[8] = {0, 0, 0, 0, 0, 0, 0, 7}, eight[8] = {0, 0, 0, 0, 0, 0, 0, 8};
    patch(other, seven, 8, eight);
    patch(other, "bert", 4, "berx");
    open_side(&a, made_new(S_LONG));
    open_side(&b, other);
    data(&a, &b, &d, UINT64_MAX, 2,
         "- by-day \"bert\" [\"mon\"] -20>\n- by-day \"bert\" [\"tue\"] null>\n+ by-day \"berx\" [\"mon\"] >-20\n"
         "+ by-day \"berx\" [\"tue\"] >null\n~ total \"anna\" 7>8\n- total \"bert\" -2>\n+ total \"berx\" >-2\n");
    assert_true(diff_settle(&d));
    for (uint32_t i = 0; i < d.n; i++)
        for (uint32_t j = 0; j < d.ops[i].n; j++) {
            const struct diff_state *s = &d.ops[i].states[j];
            bool total = !strcmp(s->name, "total"), by_day = !strcmp(s->name, "by-day");
            assert_int_equal(s->added, total ? 1 : by_day ? 2 : 0);
            assert_int_equal(s->removed, s->added);
            assert_int_equal(s->changed, total ? 1 : 0);
            assert_int_equal(s->change, total || by_day ? DIFF_CHANGED : DIFF_SAME);
        }
    diff_free(&d);
    data(&a, &b, &d, 0, 1, ""); /* counted all the same */
    assert_true(diff_settle(&d));
    diff_free(&d);
    close_side(&a);
    close_side(&b);
}

/* The list state's elements are a bag: where they stand has no say, how often they do has. */
static void elements(void **state)
{
    (void)state;
    struct side a, b;
    struct diff d;
    struct made *other = made_new(S_LONG);
    uint8_t *p = (uint8_t *)(uintptr_t)other->subs[0].managed.stream.inl.p + other->subs[0].managed.stream.inl.n - 24;
    p[7] = 3;
    p[15] = 3; /* 1 2 3 became 3 3 3 */
    open_side(&a, made_new(S_LONG));
    open_side(&b, other);
    data(&a, &b, &d, UINT64_MAX, 1, "- offsets 1 >\n- offsets 2 >\n+ offsets 3 >\n+ offsets 3 >\n");
    diff_free(&d);
    close_side(&a);
    close_side(&b);
}

static struct ser *simple(struct arena *a, const char *cls) { return ser_make(a, cls, 0, NULL); }

static struct ser *pojo(struct arena *a, const char *one, struct ser *x, const char *two, struct ser *y)
{
    struct ser *kids[] = {x, y};
    struct ser *s = ser_make(a, "org.apache.flink.api.java.typeutils.runtime.PojoSerializerSnapshot", 2, kids);
    s->names = arena_array(a, 2, sizeof *s->names);
    s->names[0] = one;
    s->names[1] = two;
    s->cls = "x.P";
    return s;
}

static void expect(const struct diff_details *d, uint32_t i, const char *what, const char *from, const char *to)
{
    assert_true(i < d->n);
    assert_string_equal(d->v[i].what, what);
    assert_string_equal(d->v[i].from ? d->v[i].from : "-", from);
    assert_string_equal(d->v[i].to ? d->v[i].to : "-", to);
}

static void types(void **state)
{
    (void)state;
    struct arena a = {0};
    struct diff_details d = {0};
    struct ser *l = simple(&a, S_LONG), *s = simple(&a, S_STRING), *i = simple(&a, S_INT);
    diff_types(&d, pojo(&a, "a", l, "b", s), pojo(&a, "b", i, "c", l), "value", &a);
    assert_int_equal(d.n, 3);
    expect(&d, 0, "value.a", "Long", "-");
    expect(&d, 1, "value.b", "String", "Integer");
    expect(&d, 2, "value.c", "-", "Long");
    d = (struct diff_details){0};
    diff_types(&d, ser_make(&a, S_LIST, 1, &l), ser_make(&a, S_LIST, 1, &i), "element", &a);
    expect(&d, 0, "element[]", "Long", "Integer");
    d = (struct diff_details){0};
    diff_types(&d, ser_make(&a, S_LIST, 1, &l), l, "value", &a);
    expect(&d, 0, "value", "List<Long>", "Long");
    d = (struct diff_details){0};
    diff_types(&d, NULL, l, "namespace", &a);
    expect(&d, 0, "namespace", "-", "Long");
    diff_types(&d, NULL, NULL, "namespace", &a);
    assert_int_equal(d.n, 1);
    arena_free(&a);
}

/* What does not fit into memory goes to disk and comes back. */
static void piles(void **state)
{
    (void)state;
    struct piles p;
    struct err e = {0};
    struct record r[100];
    uint8_t where[100];
    size_t all = 0;
    piles_start(&p, 1000);
    for (uint32_t round = 0; round < 50; round++) {
        for (uint32_t i = 0; i < 100; i++) {
            r[i] = (struct record){.key = {round, i}, .state = round * 100 + i};
            where[i] = (uint8_t)(i % 7);
        }
        assert_true(piles_add(&p, (int)(round % 2), r, where, 100, &e));
    }
    assert_non_null(p.dir);
    for (int side = 0; side < 2; side++)
        for (unsigned pile = 0; pile < 8; pile++) {
            struct record *got;
            size_t n;
            assert_true(piles_take(&p, side, pile, &got, &n, &e));
            for (size_t i = 0; i < n; i++)
                assert_true(got[i].state == got[i].key[0] * 100 + got[i].key[1] && got[i].key[1] % 7 == pile);
            all += n;
            free(got);
        }
    assert_int_equal(all, 5000);
    piles_free(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(same),  cmocka_unit_test(entries), cmocka_unit_test(elements),
        cmocka_unit_test(types), cmocka_unit_test(piles),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
