#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "savepoint/opstate.h"
#include "savepoint/rawtimers.h"
#include "savepoint/rawtimers_write.h"
#include "tests/unit/build.h"

/* One state of a handle: the name, and offsets as they lie in _metadata. */
struct where {
    const char *name;
    uint32_t n;
    int64_t offsets[8];
};

struct handle {
    struct meta_op_handle h;
    struct meta_op_state states[4];
    uint8_t offsets[4][64];
};

static struct handle *handle_of(const struct memory *m, const struct where *w, uint32_t n)
{
    struct handle *h = mem_zalloc(sizeof *h);
    h->h =
        (struct meta_op_handle){.tag = HANDLE_OPERATOR, .n = n, .states = h->states, .stream = inline_stream(m, 0, m->s.bytes.n)};
    for (uint32_t i = 0; i < n; i++) {
        struct buf b = {0};
        for (uint32_t j = 0; j < w[i].n; j++)
            u64(&b, (uint64_t)w[i].offsets[j]);
        if (b.n)
            memcpy(h->offsets[i], b.p, b.n);
        buf_free(&b);
        h->states[i] = (struct meta_op_state){.name = w[i].name, .n = w[i].n, .offsets = h->offsets[i]};
    }
    return h;
}

static bool on_element(void *ctx, const struct state_info *info, struct bytes element, uint64_t at, struct err *e)
{
    (void)e;
    struct buf *text = ctx;
    buf_printf(text, "%s@%llu:", info->name, (unsigned long long)at);
    for (size_t i = 0; i < element.n; i++)
        buf_printf(text, "%02x", element.p[i]);
    buf_putc(text, '\n');
    return true;
}

/* All elements of all states as text, or the error's text. */
static bool read_all(const struct memory *m, const struct where *w, uint32_t n, struct buf *text, enum err_kind *kind)
{
    struct handle *h = handle_of(m, w, n);
    struct opstate_part *p;
    struct err e = {0};
    bool ok = opstate_open(&p, &m->s, &m->op, &h->h, &e);
    for (uint32_t i = 0; ok && i < p->n; i++)
        ok = opstate_walk(p, i, on_element, text, &e);
    opstate_close(p);
    free(h);
    assert_int_equal(ok, e.kind == ERR_NONE);
    if (!ok) {
        text->n = 0;
        buf_puts(text, e.text);
    }
    *kind = e.kind;
    return ok;
}

static void check(const struct buf *bytes, const struct where *w, uint32_t n, const char *want)
{
    struct memory *m = memory_of(bytes->p, bytes->n);
    struct buf text = {0};
    enum err_kind kind;
    read_all(m, w, n, &text, &kind);
    assert_string_equal(buf_cstr(&text), want);
    memory_free(m);
    buf_free(&text);
}

/* Whatever is cut or damaged: an answer, no read outside (the bytes have an allocation of their own). */
static void survive(const struct buf *bytes, const struct where *w, uint32_t n)
{
    struct buf text = {0};
    enum err_kind kind;
    for (size_t cut = 0; cut < bytes->n; cut++) {
        struct memory *m = memory_of(bytes->p, cut);
        read_all(m, w, n, &text, &kind);
        memory_free(m);
        text.n = 0;
    }
    for (size_t i = 0; i < bytes->n; i++) {
        struct memory *m = memory_of(bytes->p, bytes->n);
        m->p[i] ^= 0x41;
        read_all(m, w, n, &text, &kind);
        memory_free(m);
        text.n = 0;
    }
    buf_free(&text);
}

/* Flink 1.15.4 (version 5), and 1.20.5 with compression (version 6): the state of a number sequence's reader. */
static const char plain[] =
    "0000000500010011536f757263655265616465725374617465000000010000000100204f50455241544f525f53544154455f444953545249425554494f4e5f4d4f4445001053504c"
    "49545f4449535452494255544500000001001056414c55455f53455249414c495a45520000000200726f72672e6170616368652e666c696e6b2e6170692e636f6d6d6f6e2e747970"
    "657574696c732e626173652e61727261792e427974655072696d6974697665417272617953657269616c697a657224427974655072696d6974697665417272617953657269616c69"
    "7a6572536e617073686f740000000300000000001b000000010000001300013100000000000000130000000000000027";
static const char compressed[] =
    "000000060100010011536f757263655265616465725374617465000000010000000100204f50455241544f525f53544154455f444953545249425554494f4e5f4d4f444500105350"
    "4c49545f4449535452494255544500000001001056414c55455f53455249414c495a45520000000200726f72672e6170616368652e666c696e6b2e6170692e636f6d6d6f6e2e7479"
    "70657574696c732e626173652e61727261792e427974655072696d6974697665417272617953657269616c697a657224427974655072696d6974697665417272617953657269616c"
    "697a6572536e617073686f74000000030000ff060000734e615070590123000038a7f7cc0000001b0000000100000013000131000000000000003c0000000000000077";

static void real_streams(void **state)
{
    (void)state;
    struct buf b = {0};
    struct where w = {"SourceReaderState", 1, {233}};
    hexed(&b, plain);
    check(&b, &w, 1, "SourceReaderState@233:0000001b000000010000001300013100000000000000130000000000000027\n");
    survive(&b, &w, 1);
    b.n = 0;
    w.offsets[0] = 244;
    hexed(&b, compressed);
    check(&b, &w, 1, "SourceReaderState@244:0000001b0000000100000013000131000000000000003c0000000000000077\n");
    survive(&b, &w, 1);
    buf_free(&b);
}

/* Two list states whose elements alternate, a broadcast state, an empty one. */
static struct buf several(const char *first, int64_t *data)
{
    struct buf b = {0};
    u32(&b, 5);
    u16(&b, 3);
    operator_info(&b, "longs", "SPLIT_DISTRIBUTE", NULL, first);
    operator_info(&b, "texts", "UNION", NULL, S_STRING);
    operator_info(&b, "none", "SPLIT_DISTRIBUTE", NULL, S_LONG);
    u16(&b, 1);
    operator_info(&b, "rules", "BROADCAST", S_INT, S_INT);
    *data = (int64_t)b.n;
    u64(&b, 1);
    str(&b, "a");
    u64(&b, 2);
    str(&b, "bc");
    u32(&b, 1);
    u32(&b, 7);
    u32(&b, 8);
    return b;
}

static void bounds(void **state)
{
    (void)state;
    int64_t d;
    struct buf b = several(S_LONG, &d), want = {0};
    struct where w[4] = {{"rules", 1, {d + 21}}, {"longs", 2, {d, d + 10}}, {"none", 0, {0}}, {"texts", 2, {d + 8, d + 18}}};
    buf_printf(
        &want,
        "longs@%d:0000000000000001\nlongs@%d:0000000000000002\ntexts@%d:0261\ntexts@%d:036263\nrules@%d:000000010000000700000008\n",
        (int)d, (int)d + 10, (int)d + 8, (int)d + 18, (int)d + 21);
    check(&b, w, 4, buf_cstr(&want));
    survive(&b, w, 4);

    /* a serializer that is not known: its own state is opaque, the others are there */
    buf_free(&b);
    int64_t d2;
    b = several("zoo.OwnSerializerSnapshot", &d2);
    struct where w2[4] = {{"rules", 1, {d2 + 21}}, {"longs", 2, {d2, d2 + 10}}, {"none", 0, {0}}, {"texts", 2, {d2 + 8, d2 + 18}}};
    struct memory *m = memory_of(b.p, b.n);
    struct handle *h = handle_of(m, w2, 4);
    struct opstate_part *p;
    struct err e = {0};
    assert_true(opstate_open(&p, &m->s, &m->op, &h->h, &e));
    assert_string_equal(p->lost, "zoo.OwnSerializerSnapshot");
    assert_int_equal(p->n, 4);
    assert_null(p->states[0].element->row);
    assert_int_equal(p->states[0].element->snapshot_class[0], 'z');
    assert_non_null(p->states[1].element->row);
    assert_int_equal(p->states[1].mode, OP_UNION);
    assert_int_equal(p->states[3].kind, KIND_BROADCAST);
    opstate_close(p);
    free(h);
    memory_free(m);
    buf_free(&want);
    buf_free(&b);
}

/* Elements of no bytes share their offset with the element behind them. */
static void empty_elements(void **state)
{
    (void)state;
    struct buf b = {0}, want = {0};
    u32(&b, 5);
    u16(&b, 2);
    operator_info(&b, "nothing", "UNION", NULL, S_NOTHING);
    operator_info(&b, "longs", "UNION", NULL, S_LONG);
    u16(&b, 0);
    int64_t d = (int64_t)b.n;
    u64(&b, 5);
    struct where w[2] = {{"nothing", 3, {d, d, d + 8}}, {"longs", 1, {d}}};
    buf_printf(&want, "nothing@%d:\nnothing@%d:\nnothing@%d:\nlongs@%d:0000000000000005\n", (int)d, (int)d, (int)d + 8, (int)d);
    check(&b, w, 2, buf_cstr(&want));
    buf_free(&want);
    buf_free(&b);
}

static void hostile(void **state)
{
    (void)state;
    struct buf b = {0};
    hexed(&b, plain);
    struct memory *m = memory_of(b.p, b.n);
    const struct where bad[] = {{"SourceReaderState", 1, {-1}},
                                {"SourceReaderState", 1, {264}},
                                {"SourceReaderState", 1, {INT64_MAX}},
                                {"SourceReaderState", 1, {100}},
                                {"SourceReaderState", 1, {0}},
                                {"SourceReaderState", 2, {233, INT64_MIN}},
                                {"other", 1, {233}}};
    struct buf text = {0};
    enum err_kind kind;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_false(read_all(m, &bad[i], 1, &text, &kind));
        assert_int_equal(kind, ERR_CORRUPT);
        text.n = 0;
    }
    memory_free(m);
    b.p[3] = 4; /* a version before 5 */
    struct where w = {"SourceReaderState", 1, {233}};
    check(
        &b, &w, 1,
        "operator 0123456789abcdef0123456789abcdef: _metadata: header of operator state: operator state of Flink before 1.7, whose serializers need Java to be read, at offset 4");
    buf_free(&text);
    buf_free(&b);
}

/* Flink 2.3.0: key groups 0 (no timers) and 8 (one) of a window operator. */
static const char timers_0[] =
    "f1cd859f0000000200000001000d77696e646f772d74696d65727300546f72672e6170616368652e666c696e6b2e6170692e636f6d6d6f6e2e747970657574696c732e626173652e537472"
    "696e6753657269616c697a657224537472696e6753657269616c697a6572536e617073686f740000000300636f72672e6170616368652e666c696e6b2e73747265616d696e672e6170692e"
    "77696e646f77696e672e77696e646f77732e54696d6557696e646f772453657269616c697a65722454696d6557696e646f7753657269616c697a6572536e617073686f7400000003";
static const char timer_8[] = "0000000107757365722d300000018bcfe79ca30000018bcfe7dce80000018bcfe7dce700000000";

static bool on_timer(void *ctx, struct entry *en, struct err *e)
{
    (void)e;
    struct buf *text = ctx;
    assert_int_equal(en->form, FORM_TIMER);
    assert_ptr_equal(en->header->key->row, en->info->value->row ? en->info->value->kids[0]->row : NULL);
    buf_printf(text, "%s %u:", en->info->name, en->key_group);
    for (size_t i = 0; i < en->value.n; i++)
        buf_printf(text, "%02x", en->value.p[i]);
    buf_putc(text, '\n');
    return true;
}

static bool read_timers(const struct buf *bytes, size_t n, const int64_t *offsets, uint32_t groups, struct buf *text, struct err *e)
{
    struct memory *m = memory_of(bytes->p, n);
    struct buf off = {0};
    struct arena a = {0};
    for (uint32_t i = 0; i < groups; i++)
        u64(&off, (uint64_t)offsets[i]);
    struct meta_keyed h = {
        .tag = HANDLE_KEY_GROUPS_V2, .kg_first = 7, .kg_count = groups, .offsets = off.p, .stream = inline_stream(m, 0, n)};
    bool ok = rawtimers_walk(&m->s, &m->op, &h, &a, on_timer, text, e);
    assert_int_equal(ok, e->kind == ERR_NONE);
    arena_free(&a);
    buf_free(&off);
    memory_free(m);
    return ok;
}

static bool write_timer(void *ctx, struct entry *en, struct err *e) { return rawtimers_out_entry(ctx, en, e); }

/* What Flink wrote, written again: the same bytes, without the key group that has no timers. */
static void raw_timers_written(void **state)
{
    (void)state;
    struct buf b = {0}, off = {0};
    struct err e = {0};
    struct arena a = {0};
    struct meta_keyed to;
    const struct out_place place = {.dir = "/nonexistent", .inline_max = 1 << 20};
    hexed(&b, timers_0);
    hexed(&b, timer_8);
    u64(&off, 0);
    struct memory *m = memory_of(b.p, b.n);
    struct meta_keyed h = {
        .tag = HANDLE_KEY_GROUPS_V2, .kg_first = 8, .kg_count = 1, .offsets = off.p, .stream = inline_stream(m, 0, b.n)};
    struct rawtimers_out *out = rawtimers_out_open(&place, 6, 4, 1 << 20);
    assert_true(rawtimers_walk(&m->s, &m->op, &h, &a, write_timer, out, &e));
    assert_true(rawtimers_out_end(out, &to, &a, &e));
    assert_int_equal(to.tag, HANDLE_KEY_GROUPS_V2);
    assert_int_equal(to.stream.inl.n, b.n);
    assert_memory_equal(to.stream.inl.p, b.p, b.n);
    for (size_t i = 0; i < 4; i++)
        assert_int_equal((int64_t)be64(to.offsets + 8 * i), i == 2 ? 0 : -1);
    /* a key group that is another's; nothing at all */
    out = rawtimers_out_open(&place, 0, 8, 1 << 20);
    assert_false(rawtimers_walk(&m->s, &m->op, &h, &a, write_timer, out, &e));
    assert_int_equal(e.kind, ERR_CORRUPT);
    e = (struct err){0};
    rawtimers_out_drop(out);
    out = rawtimers_out_open(&place, 0, 8, 1 << 20);
    assert_true(rawtimers_out_end(out, &to, &a, &e));
    assert_int_equal(to.tag, HANDLE_NULL);
    arena_free(&a);
    buf_free(&b);
    buf_free(&off);
    memory_free(m);
}

static void raw_timers(void **state)
{
    (void)state;
    struct buf b = {0}, text = {0};
    struct err e = {0};
    hexed(&b, timers_0);
    hexed(&b, "0000000000000000");
    int64_t offsets[4] = {0, (int64_t)b.n, -1, -1};
    hexed(&b, timers_0);
    hexed(&b, timer_8);
    assert_true(read_timers(&b, b.n, offsets, 4, &text, &e));
    assert_string_equal(buf_cstr(&text),
                        "_timer_state/event_window-timers 8:8000018bcfe7dce707757365722d300000018bcfe79ca30000018bcfe7dce8\n");
    for (size_t n = 0; n < b.n; n++) {
        text.n = 0;
        e = (struct err){0};
        assert_false(read_timers(&b, n, offsets, 4, &text, &e));
    }
    for (size_t i = 0; i < b.n; i++) {
        text.n = 0;
        e = (struct err){0};
        b.p[i] ^= 0x21;
        read_timers(&b, b.n, offsets, 4, &text, &e);
        b.p[i] ^= 0x21;
    }
    e = (struct err){0};
    b.p[0] = 0;
    assert_false(read_timers(&b, b.n, offsets, 4, &text, &e));
    assert_int_equal(e.kind, ERR_UNSUPPORTED);
    const int64_t wild[][4] = {{-2, -1, -1, -1}, {INT64_MAX, -1, -1, -1}, {230, 0, -1, -1}, {5, 4, 3, 2}};
    b.p[0] = 0xf1;
    for (size_t i = 0; i < 4; i++) {
        e = (struct err){0};
        assert_false(read_timers(&b, b.n, wild[i], 4, &text, &e));
    }
    buf_free(&text);
    buf_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(real_streams),   cmocka_unit_test(bounds),
                                       cmocka_unit_test(empty_elements), cmocka_unit_test(hostile),
                                       cmocka_unit_test(raw_timers),     cmocka_unit_test(raw_timers_written)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
