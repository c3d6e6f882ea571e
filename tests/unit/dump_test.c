/* The rows of a dump: their text, their order with any number of threads, what is chosen, what is too long for one row. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "inspect/dump.h"
#include "tests/unit/made.h"

struct rows {
    struct buf text;
    uint64_t n;
    struct err trouble; /* the first */
};

static bool on_row(void *ctx, const struct dump_row *row, struct err *e)
{
    struct rows *r = ctx;
    (void)e;
    r->n++;
    buf_put(&r->text, row->line.p, row->line.n);
    buf_putc(&r->text, '\n');
    return true;
}

static void on_trouble(void *ctx, const struct err *e)
{
    struct rows *r = ctx;
    if (r->trouble.kind == ERR_NONE)
        r->trouble = *e;
}

static struct rows run(const struct made *d, struct dump_opts opts, struct dump_figures *f)
{
    struct names names = {0};
    struct rows r = {0};
    struct err e = {0};
    names_add(&names, "orders");
    opts.jobs = opts.jobs ? opts.jobs : 1;
    assert_true(dump(&d->m->s, &names, &opts, on_row, on_trouble, &r, f, &e));
    assert_int_equal(e.kind, ERR_NONE);
    buf_cstr(&r.text);
    names_free(&names);
    return r;
}

static void check(const struct made *d, struct dump_opts opts, const char *want)
{
    struct dump_figures f;
    struct rows r = run(d, opts, &f);
    assert_string_equal(buf_cstr(&r.text), want);
    assert_int_equal(f.rows, r.n);
    assert_int_equal(f.failed, 0);
    buf_free(&r.text);
}

#define HEAD(state, kind, group, key) \
    "{\"operator\":\"orders\",\"state\":\"" state "\",\"kind\":\"" kind "\",\"keyGroup\":" group ",\"key\":\"" key "\","
#define LIST \
    "{\"operator\":\"orders\",\"state\":\"offsets\",\"kind\":\"OPERATOR_LIST\",\"mode\":\"SPLIT_DISTRIBUTE\",\"subtask\":0,\"list\":[1,2,3]}\n"
#define KEY(group, key, total, mon)    \
    HEAD("total", "VALUE", group, key) \
    "\"value\":" total "}\n" HEAD("by-day", "MAP", group, key) "\"map\":[[\"mon\"," mon "],[\"tue\",null]]}\n"

static void everything(void **state)
{
    (void)state;
    struct made *d = made_new(S_LONG);
    for (unsigned jobs = 1; jobs < 5; jobs++)
        check(d, (struct dump_opts){.jobs = jobs},
              KEY("0", "anna", "7", "70") KEY("1", "bert", "-2", "-20") LIST KEY("2", "carla", "40", "400")
                  KEY("3", "a-long-name", "1", "10"));
    made_free(d);
}

static void choices(void **state)
{
    (void)state;
    struct made *d = made_new(S_LONG);
    check(d, (struct dump_opts){.state = "off*"}, LIST);
    check(d, (struct dump_opts){.operator_wanted = "No state"}, "");
    check(d, (struct dump_opts){.key = "bert"}, KEY("1", "bert", "-2", "-20"));
    check(d, (struct dump_opts){.key = "\"bert\"", .state = "total"}, HEAD("total", "VALUE", "1", "bert") "\"value\":-2}\n");
    check(d, (struct dump_opts){.key = "nobody"}, "");
    check(d, (struct dump_opts){.limit = 1}, HEAD("total", "VALUE", "0", "anna") "\"value\":7}\n");
    check(d, (struct dump_opts){.limit = 2, .jobs = 3}, KEY("0", "anna", "7", "70"));
    made_free(d);
}

static void no_such_operator(void **state)
{
    (void)state;
    struct made *d = made_new(S_LONG);
    struct dump_opts opts = {.operator_wanted = "nope", .jobs = 1};
    struct dump_figures f;
    struct rows r = {0};
    struct err e = {0};
    assert_false(dump(&d->m->s, NULL, &opts, on_row, on_trouble, &r, &f, &e));
    assert_int_equal(e.kind, ERR_MISSING);
    made_free(d);
}

static void opaque(void **state)
{
    (void)state;
    struct made *d = made_new("com.example.MineSnapshot");
    struct dump_figures f;
    struct rows r = run(d, (struct dump_opts){.state = "total"}, &f);
    assert_int_equal(f.opaque, 2);
    assert_non_null(strstr((char *)r.text.p, "\"value\":{\"$opaque\":\"com.example.MineSnapshot\",\"length\":8,"));
    buf_free(&r.text);
    made_free(d);
}

static void a_broken_part_does_not_stop_the_others(void **state)
{
    (void)state;
    struct made *d = made_new(S_LONG);
    size_t second = be64(d->offsets[0] + 8);
    ((uint8_t *)(uintptr_t)d->subs[0].keyed.stream.inl.p)[second + 2] = 0x7f;
    for (unsigned jobs = 1; jobs < 4; jobs++) {
        struct dump_figures f;
        struct rows r = run(d, (struct dump_opts){.jobs = jobs}, &f);
        /* the map that was being gathered is left out: it may go on behind the fault */
        assert_string_equal(buf_cstr(&r.text),
                            HEAD("total", "VALUE", "0", "anna") "\"value\":7}\n" LIST KEY("2", "carla", "40", "400")
                                KEY("3", "a-long-name", "1", "10"));
        assert_int_equal(f.failed, 1);
        assert_int_equal(r.trouble.kind, ERR_CORRUPT);
        buf_free(&r.text);
    }
    made_free(d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(everything),
        cmocka_unit_test(choices),
        cmocka_unit_test(no_such_operator),
        cmocka_unit_test(opaque),
        cmocka_unit_test(a_broken_part_does_not_stop_the_others),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
