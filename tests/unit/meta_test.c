/* _metadata of every version, with every handle in every place: read whole, cut at every byte, with counts that lie. What is wrong in one place: meta_faults_test.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/meta_made.h"

/* CheckpointProperties as Flink 1.16 to 2.3 writes them, of a canonical savepoint. */
static const char savepoint_properties[] =
    "aced0005737200386f72672e6170616368652e666c696e6b2e72756e74696d652e636865636b706f696e742e436865636b706f696e7450726f7065727469657300000000000000"
    "020200085a00106469736361726443616e63656c6c65645a000d646973636172644661696c65645a000f6469736361726446696e69736865645a000f6469736361726453756273"
    "756d65645a00106469736361726453757370656e6465645a0006666f726365645a0009756e636c61696d65644c000e636865636b706f696e74547970657400324c6f72672f6170"
    "616368652f666c696e6b2f72756e74696d652f636865636b706f696e742f536e617073686f74547970653b787000000000000100737200316f72672e6170616368652e666c696e"
    "6b2e72756e74696d652e636865636b706f696e742e53617665706f696e7454797065a087d308a45814b80200034c000a666f726d6174547970657400354c6f72672f6170616368"
    "652f666c696e6b2f636f72652f657865637574696f6e2f53617665706f696e74466f726d6174547970653b4c00046e616d657400124c6a6176612f6c616e672f537472696e673b"
    "4c0014706f7374436865636b706f696e74416374696f6e7400484c6f72672f6170616368652f666c696e6b2f72756e74696d652f636865636b706f696e742f53617665706f696e"
    "745479706524506f7374436865636b706f696e74416374696f6e3b78707e7200336f72672e6170616368652e666c696e6b2e636f72652e657865637574696f6e2e53617665706f"
    "696e74466f726d61745479706500000000000000001200007872000e6a6176612e6c616e672e456e756d0000000000000000120000787074000943414e4f4e4943414c74000953"
    "617665706f696e747e7200466f72672e6170616368652e666c696e6b2e72756e74696d652e636865636b706f696e742e53617665706f696e745479706524506f7374436865636b"
    "706f696e74416374696f6e00000000000000001200007871007e00097400044e4f4e45";

/* --- the parts of a file --- */

static const enum handle_tag streams[] = {HANDLE_NULL,         HANDLE_BYTE_STREAM,   HANDLE_FILE,      HANDLE_RELATIVE_FILE,
                                          HANDLE_SEGMENT_FILE, HANDLE_EMPTY_SEGMENT, HANDLE_KEY_GROUPS};
static void stream(struct buf *b, enum handle_tag tag)
{
    u8(b, tag);
    switch ((int)tag) {
    case HANDLE_BYTE_STREAM:
        utf(b, "inline");
        u32(b, 3);
        buf_puts(b, "abc");
        break;
    case HANDLE_FILE:
        u64(b, 1000);
        utf(b, "file:/x/y");
        break;
    case HANDLE_RELATIVE_FILE:
        utf(b, "y");
        u64(b, 1001);
        break;
    case HANDLE_SEGMENT_FILE:
        u64(b, 7);
        u64(b, 1002);
        u32(b, 1);
        utf(b, "file:/x/z");
        utf(b, "logical");
        break;
    case HANDLE_KEY_GROUPS: /* a whole old keyed handle stands for its stream */
        u32(b, 0);
        u32(b, 0);
        stream(b, HANDLE_FILE);
        break;
    default:
        break;
    }
}

static void check_stream(const struct meta_stream *s, enum handle_tag tag)
{
    assert_int_equal(s->tag, tag == HANDLE_KEY_GROUPS ? HANDLE_FILE : tag);
    switch ((int)tag) {
    case HANDLE_BYTE_STREAM:
        assert_string_equal(s->path, "inline");
        assert_int_equal(s->size, 3);
        assert_int_equal(s->inl.n, 3);
        assert_memory_equal(s->inl.p, "abc", 3);
        break;
    case HANDLE_FILE:
    case HANDLE_KEY_GROUPS:
        assert_string_equal(s->path, "file:/x/y");
        assert_int_equal(s->size, 1000);
        break;
    case HANDLE_RELATIVE_FILE:
        assert_string_equal(s->path, "y");
        assert_int_equal(s->size, 1001);
        break;
    case HANDLE_SEGMENT_FILE:
        assert_int_equal(s->start, 7);
        assert_int_equal(s->size, 1002);
        assert_int_equal(s->scope, 1);
        assert_string_equal(s->path, "file:/x/z");
        assert_string_equal(s->logical_id, "logical");
        break;
    default:
        assert_null(s->path);
        assert_int_equal(s->size, 0);
    }
}

static void files(struct buf *b, const char *name, enum handle_tag tag)
{
    u32(b, 1);
    utf(b, name);
    stream(b, tag);
}

static void keyed(struct buf *b, enum handle_tag tag, enum handle_tag of)
{
    u8(b, tag);
    switch ((int)tag) {
    case HANDLE_KEY_GROUPS:
    case HANDLE_KEY_GROUPS_V2:
    case HANDLE_SAVEPOINT_KEY_GROUPS:
        range(b);
        u64(b, 11);
        u64(b, 12);
        stream(b, of);
        if (tag == HANDLE_KEY_GROUPS_V2)
            utf(b, "id");
        break;
    case HANDLE_INCREMENTAL:
    case HANDLE_INCREMENTAL_V2:
        u64(b, 6);
        utf(b, "backend");
        range(b);
        if (tag == HANDLE_INCREMENTAL_V2)
            u64(b, 99);
        stream(b, of);
        files(b, "1.sst", of);
        files(b, "CURRENT", of);
        if (tag == HANDLE_INCREMENTAL_V2)
            utf(b, "id");
        break;
    case HANDLE_CHANGELOG:
    case HANDLE_CHANGELOG_V2:
        range(b);
        u64(b, 98);
        u32(b, 1);
        keyed(b, HANDLE_KEY_GROUPS_V2, of);
        u32(b, 2);
        keyed(b, HANDLE_CHANGELOG_BYTES, of);
        keyed(b, HANDLE_CHANGELOG_FILE_V2, of);
        u64(b, 3);
        if (tag == HANDLE_CHANGELOG_V2)
            u64(b, 4);
        utf(b, "id");
        break;
    case HANDLE_CHANGELOG_BYTES:
        range(b);
        u64(b, 20);
        u64(b, 22);
        u32(b, 2);
        u32(b, UINT32_MAX);
        u32(b, 1);
        u8(b, 7);
        u32(b, 5);
        u32(b, 0);
        utf(b, "id");
        break;
    case HANDLE_CHANGELOG_FILE:
    case HANDLE_CHANGELOG_FILE_V2:
        range(b);
        u32(b, 2);
        for (unsigned i = 0; i < 2; i++) {
            u64(b, 30 + i);
            stream(b, of);
        }
        u64(b, 500);
        u64(b, 501);
        utf(b, "id");
        if (tag == HANDLE_CHANGELOG_FILE_V2)
            utf(b, "filesystem");
        break;
    default:
        break;
    }
}

static void check_keyed(const struct meta_keyed *k, enum handle_tag tag, enum handle_tag of)
{
    assert_int_equal(k->tag, tag);
    if (tag == HANDLE_NULL)
        return;
    assert_int_equal(k->kg_first, 5);
    assert_int_equal(k->kg_count, 2);
    bool old = tag == HANDLE_KEY_GROUPS || tag == HANDLE_SAVEPOINT_KEY_GROUPS || tag == HANDLE_INCREMENTAL;
    if (old)
        assert_null(k->id);
    else
        assert_string_equal(k->id, "id");
    switch ((int)tag) {
    case HANDLE_KEY_GROUPS:
    case HANDLE_KEY_GROUPS_V2:
    case HANDLE_SAVEPOINT_KEY_GROUPS:
        assert_int_equal(be64(k->offsets), 11);
        assert_int_equal(be64(k->offsets + 8), 12);
        check_stream(&k->stream, of);
        break;
    case HANDLE_INCREMENTAL:
    case HANDLE_INCREMENTAL_V2:
        assert_int_equal(k->checkpoint_id, 6);
        assert_string_equal(k->backend_id, "backend");
        assert_int_equal(k->checkpointed_size, tag == HANDLE_INCREMENTAL ? 0 : 99);
        check_stream(&k->stream, of);
        assert_int_equal(k->n_shared, 1);
        assert_string_equal(k->shared[0].name, "1.sst");
        check_stream(&k->shared[0].stream, of);
        assert_int_equal(k->n_private, 1);
        assert_string_equal(k->priv[0].name, "CURRENT");
        check_stream(&k->priv[0].stream, of);
        break;
    case HANDLE_CHANGELOG:
    case HANDLE_CHANGELOG_V2:
        assert_int_equal(k->checkpointed_size, 98);
        assert_int_equal(k->n_materialized, 1);
        check_keyed(&k->materialized[0], HANDLE_KEY_GROUPS_V2, of);
        assert_int_equal(k->n_log, 2);
        check_keyed(&k->log[0], HANDLE_CHANGELOG_BYTES, of);
        check_keyed(&k->log[1], HANDLE_CHANGELOG_FILE_V2, of);
        assert_int_equal(k->materialization_id, 3);
        assert_int_equal(k->checkpoint_id, tag == HANDLE_CHANGELOG ? 0 : 4);
        break;
    case HANDLE_CHANGELOG_BYTES:
        assert_int_equal(k->from, 20);
        assert_int_equal(k->to, 22);
        assert_int_equal(k->n_changes, 2);
        assert_int_equal(k->changes[0].key_group, -1);
        assert_int_equal(k->changes[0].bytes.n, 1);
        assert_int_equal(k->changes[0].bytes.p[0], 7);
        assert_int_equal(k->changes[1].key_group, 5);
        assert_int_equal(k->changes[1].bytes.n, 0);
        break;
    default:
        assert_int_equal(k->n_parts, 2);
        assert_int_equal(k->parts[0].offset, 30);
        assert_int_equal(k->parts[1].offset, 31);
        check_stream(&k->parts[1].stream, of);
        assert_int_equal(k->checkpointed_size, 501);
        if (tag == HANDLE_CHANGELOG_FILE)
            assert_null(k->storage_id);
        else
            assert_string_equal(k->storage_id, "filesystem");
    }
}

static void op_handle(struct buf *b, enum handle_tag tag)
{
    static const char *const names[] = {"split", "union", "broadcast"};
    u32(b, tag != HANDLE_NULL);
    if (tag == HANDLE_NULL)
        return;
    u8(b, tag);
    u32(b, 3);
    for (unsigned mode = 0; mode < 3; mode++) {
        utf(b, names[mode]);
        u8(b, mode);
        u32(b, mode);
        for (unsigned i = 0; i < mode; i++)
            u64(b, 100 + i);
    }
    if (tag == HANDLE_SEGMENT_OPERATOR) {
        utf(b, "file:/task");
        utf(b, "file:/shared");
        u8(b, 0);
    }
    stream(b, tag == HANDLE_SEGMENT_OPERATOR ? HANDLE_SEGMENT_FILE : HANDLE_BYTE_STREAM);
}

static void check_op_handle(const struct meta_op_handle *h, enum handle_tag tag)
{
    assert_int_equal(h->tag, tag);
    if (tag == HANDLE_NULL)
        return;
    assert_int_equal(h->n, 3);
    assert_string_equal(h->states[0].name, "split");
    assert_int_equal(h->states[1].mode, OP_UNION);
    assert_int_equal(h->states[2].n, 2);
    assert_int_equal(be64(h->states[2].offsets + 8), 101);
    check_stream(&h->stream, tag == HANDLE_SEGMENT_OPERATOR ? HANDLE_SEGMENT_FILE : HANDLE_BYTE_STREAM);
}

/* One of each form that the version has. */
static void channels(struct buf *b, int version, bool input)
{
    u32(b, version >= 6 ? 2 : 1);
    if (version >= 6)
        u8(b, input ? 1 : 2);
    u32(b, 1); /* subtask */
    u32(b, 2);
    u32(b, 3);
    u32(b, 2);
    u64(b, 10);
    u64(b, 20);
    u64(b, 300);
    stream(b, HANDLE_FILE);
    if (version < 6)
        return;
    u8(b, input ? 3 : 4);
    u32(b, 4);
    u64(b, 301);
    stream(b, HANDLE_BYTE_STREAM);
    u32(b, 2);
    u16(b, 0xabcd);
}

static void check_channels(const struct meta_channel *c, uint32_t n, int version, bool input)
{
    assert_int_equal(n, version >= 6 ? 2 : 1);
    assert_int_equal(c[0].type, input ? 1 : 2);
    assert_int_equal(c[0].subtask, 1);
    assert_int_equal(c[0].a, 2);
    assert_int_equal(c[0].b, 3);
    assert_int_equal(c[0].n, 2);
    assert_int_equal(be64(c[0].offsets + 8), 20);
    assert_int_equal(c[0].size, 300);
    check_stream(&c[0].stream, HANDLE_FILE);
    if (version < 6)
        return;
    assert_int_equal(c[1].type, input ? 3 : 4);
    assert_int_equal(c[1].subtask, 4);
    assert_int_equal(c[1].size, 301);
    check_stream(&c[1].stream, HANDLE_BYTE_STREAM);
    assert_int_equal(c[1].merged.n, 2);
    assert_int_equal(c[1].merged.p[0], 0xab);
}

/* --- reading --- */

/* No piece of a file is a file. */
static void cut_anywhere(const struct buf *b)
{
    struct meta m;
    struct err e;
    for (size_t n = 0; n < b->n; n++) {
        if (read_bytes(&m, b, n, &e))
            fail_msg("%zu of %zu bytes are read as if they were all", n, b->n);
        assert_int_equal(e.kind, ERR_CORRUPT);
        read_done();
    }
    struct buf more = {0};
    add(&more, b);
    u8(&more, 0);
    must_fail(&more, ERR_CORRUPT, "bytes behind the end of the metadata");
    buf_free(&more);
}

/* Any four bytes may be a count: whatever they say, no more memory than the file's size allows. */
static void counts_that_lie(const struct buf *b)
{
    static const uint32_t lies[] = {INT32_MAX, UINT32_MAX, 0x80000000, 0x00ffffff, 0x00001000};
    struct buf copy = {0};
    add(&copy, b);
    for (size_t at = 0; at + 4 <= b->n; at++)
        for (size_t i = 0; i < COUNT(lies); i++) {
            struct meta m;
            struct err e;
            uint32_t lie = __builtin_bswap32(lies[i]);
            memcpy(copy.p + at, &lie, 4);
            read_bytes(&m, &copy, copy.n, &e);
            assert_true(arena.used < 1000 * b->n);
            read_done();
            memcpy(copy.p + at, b->p + at, 4);
        }
    buf_free(&copy);
}

/* --- tests --- */

/* A subtask with this keyed handle, managed and raw, over every kind of stream, in every version. */
static void keyed_handles(void **state)
{
    (void)state;
    for (int version = 2; version <= 6; version++)
        for (size_t t = 0; t < COUNT(keyed_tags); t++)
            for (size_t s = 0; s < COUNT(streams); s++) {
                struct buf b = {0};
                struct meta m;
                head(&b, version, 0);
                u32(&b, 1);
                operator_of(&b, version, 1);
                subtask_head(&b, version, 0);
                op_handle(&b, HANDLE_NULL);
                op_handle(&b, HANDLE_NULL);
                size_t at = b.n;
                keyed(&b, keyed_tags[t], streams[s]);
                keyed(&b, s % 2 ? HANDLE_NULL : keyed_tags[t], streams[s]);
                if (version >= 3)
                    u32(&b, 0), u32(&b, 0);
                end(&b, version);
                must_read(&m, &b);
                const struct meta_subtask *sub = &m.operators[0].subtasks[0];
                check_keyed(&sub->keyed, keyed_tags[t], streams[s]);
                check_keyed(&sub->raw_keyed, s % 2 ? HANDLE_NULL : keyed_tags[t], streams[s]);
                assert_int_equal(sub->keyed.at, at);
                read_done();
                if (version == 3)
                    cut_anywhere(&b);
                buf_free(&b);
            }
}

/* Everything that the version has: masters, operators with and without state, finished ones, subtasks out of order, channels. */
static struct buf everything(int version)
{
    struct buf b = {0}, master = {0};
    head(&b, version, 2);
    for (unsigned i = 0; i < 2; i++) {
        u32(&b, 0xC96B1696);
        u32(&master, i);
        utf(&master, i ? "second" : "first");
        u32(&master, 2);
        u16(&master, 0x0102);
        counted(&b, master);
        master = (struct buf){0};
    }
    u32(&b, version >= 3 ? 4 : 2);

    operator_of(&b, version, version >= 3 ? 3 : 2);
    subtask_head(&b, version, 2);
    op_handle(&b, HANDLE_OPERATOR);
    op_handle(&b, HANDLE_SEGMENT_OPERATOR);
    keyed(&b, HANDLE_INCREMENTAL_V2, HANDLE_FILE);
    keyed(&b, HANDLE_KEY_GROUPS_V2, HANDLE_BYTE_STREAM);
    if (version >= 3) {
        channels(&b, version, true);
        channels(&b, version, false);
        u32(&b, UINT32_MAX - 1); /* -2: subtask 1 is finished */
    }
    subtask_head(&b, version, 0);
    op_handle(&b, HANDLE_SEGMENT_OPERATOR);
    op_handle(&b, HANDLE_NULL);
    keyed(&b, HANDLE_NULL, HANDLE_NULL);
    keyed(&b, HANDLE_NULL, HANDLE_NULL);
    if (version >= 3)
        u32(&b, 0), u32(&b, 0);

    operator_of(&b, version, 0); /* without state */
    if (version >= 3) {
        if (version >= 5)
            utf(&b, ""), utf(&b, "");
        hexed(&b, ID);
        u32(&b, 1);
        u32(&b, 128);
        stream(&b, HANDLE_BYTE_STREAM); /* a coordinator */
        u32(&b, 0);
        if (version >= 5)
            utf(&b, "done"), utf(&b, "");
        hexed(&b, ID);
        u32(&b, 1);
        u32(&b, 128);
        u8(&b, 0);
        u32(&b, UINT32_MAX); /* fully finished */
    }
    end(&b, version);
    return b;
}

static void versions(void **state)
{
    (void)state;
    for (int version = 2; version <= 6; version++) {
        struct buf b = everything(version);
        struct meta m;
        must_read(&m, &b);
        assert_int_equal(m.version, version);
        assert_int_equal(m.checkpoint_id, 42);
        assert_int_equal(m.n_masters, 2);
        assert_string_equal(m.masters[1].name, "second");
        assert_int_equal(m.masters[1].version, 1);
        assert_int_equal(m.masters[1].bytes.n, 2);
        assert_int_equal(m.masters[1].bytes.p[1], 2);
        assert_int_equal(m.n, version >= 3 ? 4 : 2);

        const struct meta_operator *op = &m.operators[0];
        assert_string_equal(op->hex, ID);
        assert_int_equal(op->id[15], 0xff);
        assert_int_equal(op->parallelism, 3);
        assert_int_equal(op->max_parallelism, 128);
        assert_false(op->finished);
        if (version >= 5) {
            assert_string_equal(op->name, "the name");
            assert_string_equal(op->uid, "the-uid");
        } else {
            assert_null(op->name);
            assert_null(op->uid);
        }
        assert_int_equal(op->n, version >= 3 ? 3 : 2);
        for (uint32_t i = 0; version >= 3 && i < 3; i++) /* in order, whatever the file's is */
            assert_int_equal(op->subtasks[i].index, i);
        check_op_handle(&op->subtasks[0].managed, HANDLE_SEGMENT_OPERATOR);
        check_op_handle(&op->subtasks[0].raw, HANDLE_NULL);
        check_keyed(&op->subtasks[0].keyed, HANDLE_NULL, HANDLE_NULL);
        const struct meta_subtask *last = &op->subtasks[op->n - 1];
        assert_int_equal(last->index, 2);
        check_op_handle(&last->managed, HANDLE_OPERATOR);
        check_op_handle(&last->raw, HANDLE_SEGMENT_OPERATOR);
        check_keyed(&last->keyed, HANDLE_INCREMENTAL_V2, HANDLE_FILE);
        check_keyed(&last->raw_keyed, HANDLE_KEY_GROUPS_V2, HANDLE_BYTE_STREAM);
        assert_int_equal(m.operators[1].n, 0);
        assert_int_equal(m.operators[1].coordinator.tag, HANDLE_NULL);
        if (version >= 3) {
            assert_true(op->subtasks[1].finished);
            assert_false(last->finished);
            check_channels(last->inputs, last->n_inputs, version, true);
            check_channels(last->outputs, last->n_outputs, version, false);
            check_stream(&m.operators[2].coordinator, HANDLE_BYTE_STREAM);
            assert_null(m.operators[2].name);
            assert_null(m.operators[2].uid);
            assert_false(m.operators[2].finished);
            assert_true(m.operators[3].finished);
            assert_int_equal(m.operators[3].n, 0);
        } else {
            assert_int_equal(last->n_inputs, 0);
        }
        assert_string_equal(m.type_name ? m.type_name : "none", version >= 4 ? "Checkpoint" : "none");
        read_done();
        cut_anywhere(&b);
        counts_that_lie(&b);
        buf_free(&b);
    }
}

/* Replaces the only text `from` with one of another length, and its u16 length. */
static void replace(struct buf *b, const char *from, const char *to)
{
    size_t n = strlen(from);
    uint8_t *at = memmem(b->p, b->n, from, n);
    assert_non_null(at);
    struct buf out = {0};
    buf_put(&out, b->p, (size_t)(at - b->p) - 2);
    utf(&out, to);
    buf_put(&out, at + n, b->n - n - (size_t)(at - b->p));
    buf_free(b);
    *b = out;
}

static void check_properties(const struct buf *properties, const char *type, const char *format, const char *sharing,
                             const char *action, bool savepoint)
{
    struct meta m;
    for (int version = 4; version <= 6; version++) {
        struct buf b = empty(version);
        add(&b, properties);
        must_read(&m, &b);
        const char *const got[] = {m.type_name, m.format, m.sharing, m.post_action},
                          *const want[] = {type, format, sharing, action};
        for (int i = 0; i < 4; i++)
            assert_string_equal(got[i] ? got[i] : "NULL", want[i] ? want[i] : "NULL");
        assert_int_equal(m.is_savepoint, savepoint);
        read_done();
        cut_anywhere(&b);
        buf_free(&b);
    }
}

static void properties(void **state)
{
    (void)state;
    struct buf b = {0};
    hexed(&b, checkpoint_properties);
    assert_int_equal(b.n, 604);
    check_properties(&b, "Checkpoint", NULL, "FORWARD_BACKWARD", NULL, false);
    replace(&b, "FORWARD_BACKWARD", "FORWARD");
    check_properties(&b, "Checkpoint", NULL, "FORWARD", NULL, false);
    buf_free(&b);
    b = (struct buf){0};
    hexed(&b, savepoint_properties);
    assert_int_equal(b.n, 745);
    check_properties(&b, "Savepoint", "CANONICAL", NULL, "NONE", true);
    replace(&b, "CANONICAL", "NATIVE");
    assert_int_equal(b.n, 742);
    check_properties(&b, "Savepoint", "NATIVE", NULL, "NONE", true);
    replace(&b, "NATIVE", "CANONICAL");
    replace(&b, "NONE", "SUSPEND");
    uint8_t *name = memmem(b.p, b.n, "\0\11Savepoint~", 12);
    assert_non_null(name);
    struct buf suspend = {0};
    buf_put(&suspend, b.p, (size_t)(name - b.p));
    utf(&suspend, "Suspend Savepoint");
    buf_put(&suspend, name + 11, b.n - 11 - (size_t)(name - b.p));
    assert_int_equal(suspend.n, 756);
    check_properties(&suspend, "Suspend Savepoint", "CANONICAL", NULL, "SUSPEND", true);
    buf_free(&b);
    buf_free(&suspend);
    b = (struct buf){0};
    hexed(&b, "aced000570"); /* null */
    check_properties(&b, NULL, NULL, NULL, NULL, true);
    buf_free(&b);
}

/* Before version 4 the handles tell. */
static void guessed(void **state)
{
    (void)state;
    static const struct {
        enum handle_tag keyed, stream;
        bool savepoint;
    } all[] = {
        {HANDLE_SAVEPOINT_KEY_GROUPS, HANDLE_FILE, true}, {HANDLE_KEY_GROUPS, HANDLE_FILE, false},
        {HANDLE_KEY_GROUPS, HANDLE_RELATIVE_FILE, true},  {HANDLE_KEY_GROUPS, HANDLE_BYTE_STREAM, true},
        {HANDLE_INCREMENTAL, HANDLE_FILE, false},         {HANDLE_INCREMENTAL, HANDLE_RELATIVE_FILE, true},
        {HANDLE_CHANGELOG, HANDLE_RELATIVE_FILE, false},  {HANDLE_NULL, HANDLE_NULL, true},
    };
    for (int version = 2; version <= 3; version++)
        for (size_t i = 0; i < COUNT(all); i++) {
            struct buf b = {0};
            struct meta m;
            head(&b, version, 0);
            u32(&b, 1);
            operator_of(&b, version, 1);
            subtask_head(&b, version, 0);
            u32(&b, 0);
            u32(&b, 0);
            keyed(&b, all[i].keyed, all[i].stream);
            u8(&b, 0);
            if (version == 3)
                u32(&b, 0), u32(&b, 0);
            must_read(&m, &b);
            assert_null(m.type_name);
            assert_int_equal(m.is_savepoint, all[i].savepoint);
            read_done();
            buf_free(&b);
        }
}

static void names(void **state)
{
    (void)state;
    assert_string_equal(handle_name(HANDLE_NULL), "null");
    assert_string_equal(handle_name(HANDLE_SAVEPOINT_KEY_GROUPS), "KeyGroupsSavepointStateHandle");
    assert_string_equal(handle_name(HANDLE_SEGMENT_OPERATOR), "FileMergingOperatorStreamStateHandle");
    assert_string_equal(handle_name((enum handle_tag)99), "?");
    assert_string_equal(op_mode_name(OP_SPLIT_DISTRIBUTE), "SPLIT_DISTRIBUTE");
    assert_string_equal(op_mode_name(OP_BROADCAST), "BROADCAST");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keyed_handles), cmocka_unit_test(versions), cmocka_unit_test(properties),
        cmocka_unit_test(guessed),       cmocka_unit_test(names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
