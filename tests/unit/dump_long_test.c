/* Rows of a dump that are too long for one line, and rows that wait for their turn. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "inspect/dump.h"
#include "tests/unit/build.h"

enum { MIB = 1 << 20, LIMIT = 8 * MIB /* ROW_LIMIT and AHEAD_LIMIT of dump.c */, MAX_PARTS = 6, PARTS = 3, ROWS = 36 };

/* A string of n letters. */
static void long_str(struct buf *b, char letter, size_t n)
{
    for (size_t v = n + 1;; v >>= 7) {
        u8(b, (v & 0x7f) | (v > 0x7f ? 0x80 : 0));
        if (v <= 0x7f)
            break;
    }
    buf_reserve(b, n);
    memset(b->p + b->n, letter, n);
    b->n += n;
}

/* An operator that a test fills with parts: keyed streams of one key group each, or list and broadcast states. */
struct made {
    struct buf bytes;
    size_t from[MAX_PARTS], group[MAX_PARTS], to[MAX_PARTS];
    uint32_t n;
    struct memory *m;
    struct meta_operator op;
    struct meta_subtask subs[MAX_PARTS];
    struct meta_op_state states[MAX_PARTS];
    uint8_t offsets[MAX_PARTS][64];
};

static void put64(uint8_t *p, uint64_t v)
{
    for (int i = 7; i >= 0; i--, v >>= 8)
        p[i] = (uint8_t)v;
}

static void seal(struct made *d)
{
    d->m = memory_of(d->bytes.p, d->bytes.n);
    buf_free(&d->bytes);
    d->op = (struct meta_operator){
        .hex = "0123456789abcdef0123456789abcdef", .parallelism = 1, .max_parallelism = 128, .n = d->n, .subtasks = d->subs};
    for (uint32_t i = 0; i < d->n; i++) {
        struct meta_subtask *s = &d->subs[i];
        s->index = (int32_t)i;
        if (!d->group[i])
            continue;
        put64(d->offsets[i], d->group[i] - d->from[i]);
        s->keyed = (struct meta_keyed){.tag = HANDLE_SAVEPOINT_KEY_GROUPS,
                                       .kg_first = (int32_t)i,
                                       .kg_count = 1,
                                       .offsets = d->offsets[i],
                                       .stream = inline_stream(d->m, d->from[i], d->to[i] - d->from[i])};
    }
    d->m->s.meta.n = 1;
    d->m->s.meta.operators = &d->op;
    d->m->s.dir = d->m->s.root = (char *)".";
}

static void made_free(struct made *d)
{
    memory_free(d->m);
    free(d);
}

/* --- what comes out --- */

struct rows {
    struct buf text; /* the lines, or only what the test looks at */
    uint32_t n, continued, stop_at;
    size_t longest;
    uint64_t hash;
    bool fail;
    struct err trouble;
};

/* The spans are parts of the line, whether it waited or not. */
static void inside(struct bytes part, struct bytes line)
{
    if (!part.n)
        return;
    assert_true(part.p > line.p);
    assert_true(part.p + part.n < line.p + line.n);
    assert_true(part.p[-1] == ':');
    assert_true(part.p[part.n] == ',' || part.p[part.n] == '}');
}

static bool on_row(void *ctx, const struct dump_row *row, struct err *e)
{
    struct rows *r = ctx;
    r->n++;
    r->longest = row->line.n > r->longest ? row->line.n : r->longest;
    for (size_t i = 0; i < row->line.n; i++)
        r->hash = (r->hash ^ row->line.p[i]) * UINT64_C(0x100000001b3);
    inside(row->key, row->line);
    inside(row->ns, row->line);
    inside(row->content, row->line);
    assert_true(row->content.n > 0);
    bool continued = memmem(row->line.p, row->line.n < 200 ? row->line.n : 200, ",\"continued\":true,", 18) != NULL;
    r->continued += continued;
    /* runs of one letter become one letter */
    for (size_t i = 0; i < row->line.n; i++)
        if (i < 3 || row->line.p[i] != row->line.p[i - 1] || row->line.p[i] != row->line.p[i - 2] ||
            row->line.p[i] != row->line.p[i - 3])
            buf_putc(&r->text, row->line.p[i]);
    buf_putc(&r->text, '\n');
    if (r->fail)
        return err_set(e, ERR_IO, "no room");
    return r->n != r->stop_at;
}

static void on_trouble(void *ctx, const struct err *e)
{
    struct rows *r = ctx;
    if (r->trouble.kind == ERR_NONE)
        r->trouble = *e;
}

static struct rows run(const struct made *d, struct dump_opts opts, struct rows r, struct dump_figures *f, struct err *e)
{
    struct names names = {0};
    r.hash = UINT64_C(0xcbf29ce484222325);
    *e = (struct err){0};
    bool ok = dump(&d->m->s, &names, &opts, on_row, on_trouble, &r, f, e);
    assert_int_equal(ok, e->kind == ERR_NONE);
    assert_int_equal(f->rows, r.n);
    assert_string_equal(r.trouble.text, "");
    buf_cstr(&r.text);
    return r;
}

/* --- long rows --- */

#define OP "{\"operator\":\"0123456789abcdef0123456789abcdef\",\"state\":\""

/* 20 elements of a MiB: a row ends behind the element that made it too long. */
static void a_long_list(void **state)
{
    (void)state;
    struct made *d = mem_zalloc(sizeof *d);
    u32(&d->bytes, 5);
    u16(&d->bytes, 2);
    operator_info(&d->bytes, "texts", "UNION", NULL, S_STRING);
    operator_info(&d->bytes, "short", "SPLIT_DISTRIBUTE", NULL, S_STRING);
    u16(&d->bytes, 0);
    struct buf offsets = {0};
    uint32_t elements = 20;
    for (uint32_t i = 0; i < elements; i++) {
        u64(&offsets, d->bytes.n);
        long_str(&d->bytes, (char)('a' + i), MIB);
    }
    size_t last = d->bytes.n;
    str(&d->bytes, "x");
    d->n = 1;
    seal(d);
    put64(d->offsets[0], last);
    d->states[0] = (struct meta_op_state){.name = "texts", .mode = OP_UNION, .n = elements, .offsets = offsets.p};
    d->states[1] = (struct meta_op_state){.name = "short", .mode = OP_SPLIT_DISTRIBUTE, .n = 1, .offsets = d->offsets[0]};
    d->subs[0].managed = (struct meta_op_handle){
        .tag = HANDLE_OPERATOR, .n = 2, .states = d->states, .stream = inline_stream(d->m, 0, d->m->s.bytes.n)};
    struct dump_figures f;
    struct err e;
    struct rows r = run(d, (struct dump_opts){.jobs = 1}, (struct rows){0}, &f, &e);
#define TEXTS OP "texts\",\"kind\":\"OPERATOR_LIST\",\"mode\":\"UNION\",\"subtask\":0,"
    assert_string_equal(buf_cstr(&r.text),
                        TEXTS
                        "\"list\":[\"aaa\",\"bbb\",\"ccc\",\"ddd\",\"eee\",\"fff\",\"ggg\",\"hhh\"]}\n" TEXTS
                        "\"continued\":true,\"list\":[\"iii\",\"jjj\",\"kkk\",\"lll\",\"mmm\",\"nnn\",\"ooo\",\"ppp\"]}\n" TEXTS
                        "\"continued\":true,\"list\":[\"qqq\",\"rrr\",\"sss\",\"ttt\"]}\n" OP
                        "short\",\"kind\":\"OPERATOR_LIST\",\"mode\":\"SPLIT_DISTRIBUTE\",\"subtask\":0,\"list\":[\"x\"]}\n");
    assert_true(r.longest < LIMIT + MIB + 1000);
    buf_free(&r.text);
    buf_free(&offsets);
    made_free(d);
}

/* Maps of a keyed state: the row of one key goes on, that of the next one does not. */
static void a_long_map(void **state)
{
    (void)state;
    struct made *d = mem_zalloc(sizeof *d);
    u32(&d->bytes, 6);
    u8(&d->bytes, 0);
    u32(&d->bytes, 2);
    snapshot_of(&d->bytes, S_STRING, NULL, NULL);
    u16(&d->bytes, 1);
    keyed_info(&d->bytes, "m", "MAP", S_VOID, S_MAP, S_STRING, S_STRING);
    d->group[0] = d->bytes.n;
    u16(&d->bytes, 0);
    for (unsigned i = 0; i < 12; i++) {
        struct buf key = {0}, value = {0};
        char name[2] = {(char)('z' - i), 0};
        u8(&key, i == 11 ? 0x80 : 0);
        str(&key, i < 10 ? "first" : "second");
        u8(&key, 0);
        str(&key, name);
        counted(&d->bytes, key);
        u8(&value, 0);
        long_str(&value, (char)('a' + i), MIB);
        counted(&d->bytes, value);
    }
    u16(&d->bytes, 0xFFFF);
    d->to[0] = d->bytes.n;
    d->n = 1;
    seal(d);
    struct dump_figures f;
    struct err e;
    struct rows r = run(d, (struct dump_opts){.jobs = 1}, (struct rows){0}, &f, &e);
#define M(key) OP "m\",\"kind\":\"MAP\",\"keyGroup\":0,\"key\":\"" key "\","
    /* too long to be sorted: in the order of the snapshot; what is left of it is short enough */
    assert_string_equal(
        buf_cstr(&r.text),
        M("first") "\"map\":[[\"z\",\"aaa\"],[\"y\",\"bbb\"],[\"x\",\"ccc\"],[\"w\",\"ddd\"],[\"v\",\"eee\"],[\"u\",\"fff\"],"
                   "[\"t\",\"ggg\"],[\"s\",\"hhh\"]]}\n" M("first") "\"continued\":true,\"map\":[[\"q\",\"jjj\"],[\"r\",\"iii\"]]}\n" M(
                       "second") "\"map\":[[\"o\",\"lll\"],[\"p\",\"kkk\"]]}\n");
    buf_free(&r.text);
    r = run(d, (struct dump_opts){.jobs = 1, .key = "second"}, (struct rows){0}, &f, &e);
    assert_string_equal(buf_cstr(&r.text), M("second") "\"map\":[[\"o\",\"lll\"],[\"p\",\"kkk\"]]}\n");
    buf_free(&r.text);
    r = run(d, (struct dump_opts){.jobs = 1, .limit = 1}, (struct rows){0}, &f,
            &e); /* a limit counts rows, also those that go on */
    assert_int_equal(r.n, 1);
    assert_int_equal(r.continued, 0);
    buf_free(&r.text);
    made_free(d);
}

/* A broadcast state whose last entry makes the row too long: no empty row behind it. */
static void a_long_broadcast(void **state)
{
    (void)state;
    for (uint32_t entries = 8; entries <= 9; entries++) {
        struct made *d = mem_zalloc(sizeof *d);
        u32(&d->bytes, 5);
        u16(&d->bytes, 0);
        u16(&d->bytes, 1);
        operator_info(&d->bytes, "rules", "BROADCAST", S_STRING, S_STRING);
        size_t at = d->bytes.n;
        u32(&d->bytes, entries);
        for (uint32_t i = 0; i < entries; i++) {
            char name[2] = {(char)('a' + i), 0};
            str(&d->bytes, name);
            long_str(&d->bytes, (char)('A' + i), MIB);
        }
        d->n = 2;
        seal(d);
        put64(d->offsets[0], at);
        d->states[0] = (struct meta_op_state){.name = "rules", .mode = OP_BROADCAST, .n = 1, .offsets = d->offsets[0]};
        for (int i = 0; i < 2; i++) /* every subtask has it, one is read */
            d->subs[i].managed = (struct meta_op_handle){
                .tag = HANDLE_OPERATOR, .n = 1, .states = d->states, .stream = inline_stream(d->m, 0, d->m->s.bytes.n)};
        struct dump_figures f;
        struct err e;
        struct rows r = run(d, (struct dump_opts){.jobs = 2}, (struct rows){0}, &f, &e);
        assert_int_equal(r.n, entries - 7);
        assert_int_equal(r.continued, entries - 8);
        if (entries == 9)
            assert_non_null(strstr((char *)r.text.p, "\"continued\":true,\"map\":[[\"i\",\"III\"]]}\n"));
        buf_free(&r.text);
        made_free(d);
    }
}

/* --- rows that wait --- */

/* Parts of some rows each, of more text than a part may hold back. */
static struct made *many_parts(void)
{
    struct made *d = mem_zalloc(sizeof *d);
    d->n = PARTS;
    for (uint32_t p = 0; p < d->n; p++) {
        d->from[p] = d->bytes.n;
        u32(&d->bytes, 6);
        u8(&d->bytes, 0);
        u32(&d->bytes, 2);
        snapshot_of(&d->bytes, S_INT, NULL, NULL);
        u16(&d->bytes, 1);
        keyed_info(&d->bytes, "v", "VALUE", S_STRING, S_STRING, NULL, NULL);
        d->group[p] = d->bytes.n;
        u16(&d->bytes, 0);
        for (uint32_t i = 0; i < ROWS; i++) {
            struct buf key = {0}, value = {0};
            u8(&key, p | (i + 1 == ROWS ? 0x80 : 0));
            u32(&key, i);
            str(&key, "ns");
            counted(&d->bytes, key);
            long_str(&value, (char)('a' + i % 26), MIB / 4 + i);
            counted(&d->bytes, value);
        }
        u16(&d->bytes, 0xFFFF);
        d->to[p] = d->bytes.n;
    }
    seal(d);
    return d;
}

static void same_with_any_jobs(void **state)
{
    (void)state;
    struct made *d = many_parts();
    struct dump_figures f;
    struct err e;
    uint64_t hash = 0;
    for (unsigned jobs = 1; jobs <= 5; jobs += 2) {
        struct rows r = run(d, (struct dump_opts){.jobs = jobs}, (struct rows){0}, &f, &e);
        assert_int_equal(r.n, PARTS * ROWS);
        hash = hash ? hash : r.hash;
        assert_true(r.hash == hash);
        const char *at = (char *)r.text.p; /* part by part, then as they lie */
        for (unsigned i = 0; i < PARTS * ROWS; i++) {
            char want[128];
            snprintf(want, sizeof want, OP "v\",\"kind\":\"VALUE\",\"keyGroup\":%u,\"key\":%u,\"ns\":\"ns\",\"value\":\"", i / 36,
                     i % 36);
            assert_memory_equal(at, want, strlen(want));
            at = strchr(at, '\n') + 1;
        }
        assert_int_equal(*at, 0);
        buf_free(&r.text);
    }
    made_free(d);
}

/* A limit, or a reader that has enough or fails, ends it wherever the rows come from. */
static void ends_early(void **state)
{
    (void)state;
    struct made *d = many_parts();
    struct dump_figures f;
    struct err e;
    static const uint32_t ends[] = {1, 36, 50, PARTS * ROWS};
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        unsigned jobs = i % 2 ? 4 : 1;
        struct rows r = run(d, (struct dump_opts){.jobs = jobs, .limit = ends[i]}, (struct rows){0}, &f, &e);
        assert_int_equal(r.n, ends[i]);
        buf_free(&r.text);
        r = run(d, (struct dump_opts){.jobs = jobs}, (struct rows){.stop_at = ends[i]}, &f, &e);
        assert_int_equal(r.n, ends[i]);
        assert_int_equal(e.kind, ERR_NONE);
        buf_free(&r.text);
    }
    struct rows r = run(d, (struct dump_opts){.jobs = 4}, (struct rows){.fail = true}, &f, &e);
    assert_int_equal(r.n, 1);
    assert_int_equal(e.kind, ERR_IO);
    buf_free(&r.text);
    made_free(d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_long_list),        cmocka_unit_test(a_long_map), cmocka_unit_test(a_long_broadcast),
        cmocka_unit_test(same_with_any_jobs), cmocka_unit_test(ends_early),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
