/* Keyed state in key-group streams: canonical and heap, plain and packed, with serializers that are not known. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <snappy-c.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/crc32c.h"
#include "inspect/json_sink.h"
#include "savepoint/keyhash.h"
#include "savepoint/state_decode.h"
#include "tests/unit/build.h"

#define UNKNOWN "zoo.OwnSerializerSnapshot"
#define S_WINDOW "org.apache.flink.streaming.api.windowing.windows.TimeWindow$Serializer$TimeWindowSerializerSnapshot"
#define OPAQUE(len, hex) \
    "{\"$opaque\":\"" UNKNOWN "\",\"length\":" #len ",\"why\":\"serializer not known to weir\",\"$hex\":\"" hex "\"}"

/* --- a stream being made --- */

enum { MAX_GROUPS = 8 };

struct stream {
    struct buf bytes;
    enum handle_tag tag;
    int32_t first, max_parallelism;
    uint32_t n; /* key groups */
    uint8_t offsets[MAX_GROUPS * 8];
    bool compressed;
};

static struct stream stream_of(enum handle_tag tag, int32_t first, int32_t max_parallelism)
{
    return (struct stream){.tag = tag, .first = first, .max_parallelism = max_parallelism};
}

/* Up to the number of states. */
static void head(struct stream *s, const char *key, uint32_t states)
{
    u32(&s->bytes, 6);
    u8(&s->bytes, s->compressed);
    u32(&s->bytes, 2);
    snapshot_of(&s->bytes, key, NULL, NULL);
    u16(&s->bytes, states);
}

static void offset(struct stream *s, uint64_t at)
{
    struct buf b = {0};
    assert_true(s->n < MAX_GROUPS);
    u64(&b, at);
    memcpy(s->offsets + (size_t)8 * s->n++, b.p, 8);
    buf_free(&b);
}

/* Snappy's framing format: an identifier, and the bytes in chunks of at most `chunk`, packed and plain ones by turns. */
static struct buf framed(struct buf plain, size_t chunk)
{
    struct buf b = {0};
    hexed(&b, "ff060000734e61507059");
    bool packed = true;
    for (size_t at = 0; at < plain.n; at += chunk, packed = !packed) {
        size_t n = plain.n - at < chunk ? plain.n - at : chunk, len = snappy_max_compressed_length(n);
        char *body = mem_alloc(len + n);
        if (packed)
            assert_int_equal(snappy_compress((const char *)plain.p + at, n, body, &len), SNAPPY_OK);
        else
            memcpy(body, plain.p + at, len = n);
        uint32_t crc = crc32c(plain.p + at, n), head_word = (uint32_t)(len + 4) << 8 | !packed;
        crc = (crc >> 15 | crc << 17) + 0xa282ead8U;
        buf_put(&b, &head_word, 4);
        buf_put(&b, &crc, 4);
        buf_put(&b, body, len);
        free(body);
    }
    buf_free(&plain);
    return b;
}

/* A whole key group; the buffer is released. */
static void canonical_group(struct stream *s, struct buf group)
{
    offset(s, s->bytes.n);
    moved_in(&s->bytes, s->compressed ? framed(group, 50) : group);
}

/* The key group's number, which is never packed; its states follow with heap_state. */
static void heap_group(struct stream *s)
{
    offset(s, s->bytes.n);
    u32(&s->bytes, (uint32_t)s->first + s->n - 1);
}

static void heap_state(struct stream *s, uint32_t id, uint32_t count, struct buf entries)
{
    struct buf b = {0};
    u16(&b, id);
    u32(&b, count);
    moved_in(&b, entries);
    moved_in(&s->bytes, s->compressed ? framed(b, 20) : b);
}

/* An entry of a canonical group: its key group, what is behind it of the key, the value. */
static void entry(struct buf *b, const struct stream *s, uint32_t group, bool last, struct buf key, struct buf value)
{
    struct buf whole = {0};
    if (s->max_parallelism > 128)
        u16(&whole, group);
    else
        u8(&whole, group);
    whole.p[0] |= last ? 0x80 : 0;
    moved_in(&whole, key);
    counted(b, whole);
    counted(b, value);
}

static struct buf bytes_of(const char *hex)
{
    struct buf b = {0};
    hexed(&b, hex);
    return b;
}

static struct buf text_of(const char *s)
{
    struct buf b = {0};
    str(&b, s);
    return b;
}

static struct buf long_of(int64_t v)
{
    struct buf b = {0};
    u64(&b, (uint64_t)v);
    return b;
}

static struct buf both(struct buf a, struct buf b)
{
    moved_in(&a, b);
    return a;
}

static struct buf with_void(struct buf key) { return both(key, bytes_of("00")); }

/* --- reading --- */

struct reading {
    struct buf text; /* a line for each entry */
    struct err e;
    enum keyed_format format;
    uint32_t opaque, opaque_groups;
    bool opened;
};

static bool on_entry(void *ctx, struct entry *en, struct err *e)
{
    struct reading *r = ctx;
    if (!entry_split(en, e))
        return false;
    struct json_sink j;
    json_sink_init(&j, &r->text);
    size_t from = r->text.n;
    uint64_t elements;
    buf_printf(&r->text, "%u %s ", en->key_group, en->info->name);
    bool ok;
    if (en->form == FORM_TIMER) {
        sink_begin(&j.sink, BOX_OBJECT);
        ok = decode_timer(en, &j.sink, &r->opaque, e);
        sink_end(&j.sink, BOX_OBJECT);
    } else {
        bool pairs = en->form == FORM_MAP_ENTRY;
        sink_begin(&j.sink, BOX_ARRAY);
        ok = decode_key(en, &j.sink, &r->opaque, e) && (!entry_has_ns(en) || decode_ns(en, &j.sink, &r->opaque, e));
        if (pairs)
            sink_begin(&j.sink, BOX_PAIRS);
        ok = ok && decode_value(en, &j.sink, &r->opaque, &elements, e);
        if (pairs)
            sink_end(&j.sink, BOX_PAIRS);
        sink_end(&j.sink, BOX_ARRAY);
    }
    buf_putc(&r->text, '\n');
    if (!ok)
        r->text.n = from;
    json_sink_free(&j);
    return ok;
}

/* Reads the first n bytes as the handle says; what was read before an error stays in the text. */
static struct reading read_cut(const struct stream *s, size_t n)
{
    struct reading r = {0};
    struct memory *m = memory_of(s->bytes.p, n);
    m->op.max_parallelism = s->max_parallelism;
    struct meta_keyed h = {
        .tag = s->tag, .kg_first = s->first, .kg_count = s->n, .offsets = s->offsets, .stream = inline_stream(m, 0, n)};
    struct keyed_part *p;
    r.opened = keyed_open(&p, &m->s, &m->op, &h, &r.e);
    if (r.opened) {
        r.format = p->format;
        bool ok = keyed_walk(p, on_entry, &r, &r.e);
        assert_int_equal(ok, r.e.kind == ERR_NONE);
        r.opaque_groups = p->opaque_groups;
        keyed_close(p);
    }
    memory_free(m);
    buf_cstr(&r.text);
    return r;
}

static void check(const struct stream *s, enum keyed_format format, const char *want)
{
    struct reading r = read_cut(s, s->bytes.n);
    assert_string_equal(r.e.text, "");
    assert_int_equal(r.format, format);
    assert_string_equal(buf_cstr(&r.text), want);
    buf_free(&r.text);
}

/* Cut anywhere it is an error, changed anywhere it comes back with an answer. */
static void hurt(struct stream *s)
{
    for (size_t n = 0; n < s->bytes.n; n++) {
        struct reading r = read_cut(s, n);
        if (r.e.kind == ERR_NONE)
            fail_msg("%zu of %zu bytes are read as if they were all", n, s->bytes.n);
        buf_free(&r.text);
    }
    for (size_t at = 0; at < s->bytes.n; at++)
        for (unsigned bits = 1; bits < 0x100; bits = bits * 17 + 0x70) {
            s->bytes.p[at] ^= (uint8_t)bits;
            struct reading r = read_cut(s, s->bytes.n);
            buf_free(&r.text);
            s->bytes.p[at] ^= (uint8_t)bits;
        }
}

/* Fails with this, after having read that. */
static void fails(struct stream *s, const char *part, const char *before)
{
    struct reading r = read_cut(s, s->bytes.n);
    assert_int_equal(r.e.kind, ERR_CORRUPT);
    if (!strstr(r.e.text, part))
        fail_msg("\"%s\" does not say \"%s\"", r.e.text, part);
    assert_string_equal(buf_cstr(&r.text), before);
    buf_free(&r.text);
    buf_free(&s->bytes);
}

/* --- canonical --- */

/* value (a string), items (a list of longs), table (string to long), timers; keys are longs. */
static void four_states(struct stream *s)
{
    head(s, S_LONG, 4);
    keyed_info(&s->bytes, "value", "VALUE", S_VOID, S_STRING, NULL, NULL);
    keyed_info(&s->bytes, "items", "LIST", S_VOID, S_LIST, S_LONG, NULL);
    keyed_info(&s->bytes, "table", "MAP", S_VOID, S_MAP, S_STRING, S_LONG);
    keyed_info(&s->bytes, "timers", "", NULL, S_TIMER, S_LONG, S_VOID);
}

/* All four states, in descending ids. In the table a null of RocksDB and one of the heap's writer. */
static struct buf four_states_group(const struct stream *s, uint32_t g)
{
    struct buf b = {0};
    u16(&b, 3);
    entry(&b, s, g, true, both(bytes_of("80000000000003e8"), with_void(long_of(1))), (struct buf){0});
    u16(&b, 2);
    entry(&b, s, g, false, both(with_void(long_of(1)), text_of("x")), bytes_of("00 0000000000000005"));
    entry(&b, s, g, false, both(with_void(long_of(1)), text_of("y")), bytes_of("01"));
    entry(&b, s, g, true, both(with_void(long_of(2)), text_of("x")), bytes_of("01 0000000000000000"));
    u16(&b, 1);
    entry(&b, s, g, false, with_void(long_of(1)), bytes_of("0000000000000007 2c 000000000000002c"));
    entry(&b, s, g, true, with_void(long_of(-1)), bytes_of("ffffffffffffffff"));
    u16(&b, 0);
    entry(&b, s, g, true, with_void(long_of(1)), text_of("v"));
    u16(&b, 0xFFFF);
    return b;
}

#define FOUR(g)                                                                                                 \
    g " timers {\"key\":1,\"timestamp\":1000}\n" g " table [1,[[\"x\",5]]]\n" g " table [1,[[\"y\",null]]]\n" g \
      " table [2,[[\"x\",null]]]\n" g " items [1,[7,44]]\n" g " items [-1,[-1]]\n" g " value [1,\"v\"]\n"

static void canonical(void **state)
{
    (void)state;
    static const enum handle_tag tags[] = {HANDLE_SAVEPOINT_KEY_GROUPS, HANDLE_KEY_GROUPS, HANDLE_KEY_GROUPS_V2};
    for (int wide = 0; wide < 2; wide++)
        for (int packed = 0; packed < 2; packed++)
            for (size_t t = 0; t < 3; t++) {
                struct stream s = stream_of(tags[t], wide ? 300 : 5, wide ? 720 : 128);
                s.compressed = packed;
                four_states(&s);
                canonical_group(&s, four_states_group(&s, (uint32_t)s.first));
                offset(&s, 0); /* nothing in the next one */
                canonical_group(&s, four_states_group(&s, (uint32_t)s.first + 2));
                offset(&s, 0);
                check(&s, KEYED_CANONICAL, wide ? FOUR("300") FOUR("302") : FOUR("5") FOUR("7"));
                if (t == 0)
                    hurt(&s);
                buf_free(&s.bytes);
            }
}

/* Keys and namespaces of no fixed length have their lengths behind them. */
static void ambiguous(void **state)
{
    (void)state;
    char longest[300];
    struct buf key = {0}, json = {0};
    memset(longest, 'k', sizeof longest - 1);
    longest[299] = 0;
    hexed(&key, "ac02"); /* 300: a string of 299 characters, 301 bytes in all */
    buf_puts(&key, longest);
    for (int fault = 0; fault < 5; fault++) {
        struct stream s = stream_of(HANDLE_SAVEPOINT_KEY_GROUPS, 3, 128);
        head(&s, S_STRING, 2);
        keyed_info(&s.bytes, "sum", "REDUCING", S_STRING, S_LONG, NULL, NULL);
        keyed_info(&s.bytes, "table", "MAP", S_STRING, S_MAP, S_STRING, S_LONG);
        struct buf b = {0}, k = {0};
        u16(&b, 0);
        entry(&b, &s, 3, false, bytes_of("0261 02 026e 02"), long_of(1));
        add(&k, &key);
        hexed(&k, fault == 1 ? "2d02" : "2d01"); /* 301, low byte first */
        hexed(&k, fault == 2 ? "026e 01" : fault == 3 ? "026e 02 00" : fault == 4 ? "026e" : "026e 02");
        entry(&b, &s, 3, true, k, long_of(2));
        u16(&b, 1);
        entry(&b, &s, 3, true, bytes_of("00 01 01 01 0275"), bytes_of("01")); /* a null key, an empty namespace */
        u16(&b, 0xFFFF);
        canonical_group(&s, b);
        json.n = 0;
        buf_printf(&json, "3 sum [\"a\",\"n\",1]\n3 sum [\"%s\",\"n\",2]\n3 table [null,\"\",[[\"u\",null]]]\n", longest);
        static const char *const why[] = {NULL, "length behind a key or namespace does not match it",
                                          "length behind a key or namespace does not match it", "bytes left over behind the key",
                                          "ends too early"};
        if (fault) {
            fails(&s, why[fault], "3 sum [\"a\",\"n\",1]\n");
            continue;
        }
        check(&s, KEYED_CANONICAL, buf_cstr(&json));
        buf_free(&s.bytes);
    }
    /* a namespace of fixed length: no lengths, though the key's varies */
    struct stream s = stream_of(HANDLE_SAVEPOINT_KEY_GROUPS, 3, 128);
    head(&s, S_STRING, 1);
    keyed_info(&s.bytes, "sum", "AGGREGATING", S_WINDOW, S_LONG, NULL, NULL);
    struct buf b = {0};
    u16(&b, 0);
    entry(&b, &s, 3, true, bytes_of("0261 0000000000000000 0000000000001388"), long_of(1));
    u16(&b, 0xFFFF);
    canonical_group(&s, b);
    check(&s, KEYED_CANONICAL, "3 sum [\"a\",{\"start\":0,\"end\":5000},1]\n");
    buf_free(&s.bytes);
    buf_free(&key);
    buf_free(&json);
}

/* One state of longs, one key group (number 1) with these bytes. */
static struct stream one_group(const char *hex)
{
    struct stream s = stream_of(HANDLE_SAVEPOINT_KEY_GROUPS, 1, 128);
    head(&s, S_INT, 1);
    keyed_info(&s.bytes, "v", "VALUE", S_VOID, S_INT, NULL, NULL);
    canonical_group(&s, bytes_of(hex));
    return s;
}

#define ONE "00000006 01 0000000a 00 00000004 00000001"  /* an entry that goes on */
#define LAST "00000006 81 0000000a 00 00000004 00000001" /* one that does not */
#define ONE_TEXT "1 v [10,1]\n"

static void canonical_faults(void **state)
{
    (void)state;
    static const struct {
        const char *hex, *why, *before;
    } all[] = {
        {"0000" ONE, "ends too early", ONE_TEXT},
        {"0000" LAST, "ends too early", ONE_TEXT},
        {"0000" LAST "ffff 00", "bytes left over behind a key group", ONE_TEXT},
        {"0000" LAST "0001" LAST "ffff", "state number 1 of 1", ONE_TEXT},
        {"fffe" LAST "ffff", "state number 65534 of 1", ""},
        {"0000" ONE "00000006 82 0000000a 00 00000004 00000001 ffff", "an entry of another key group", ONE_TEXT},
        {"0000 00000000 00000000 ffff", "a key shorter than its key group", ""},
        {"0000 ffffffff", "negative length", ""},
        {"0000 7fffffff", "ends too early", ""},
        {"0000 00000006 81 0000000a 00 ffffffff", "negative length of a value", ""},
        {"0000 00000006 81 0000000a 00 7fffffff 00", "ends too early", ""},
        {"0000 00000005 81 0000000a 00000004 00000001 ffff", "ends too early", ""},
        {"0000 00000007 81 0000000a 00 00 00000004 00000001 ffff", "bytes left over behind the key", ""},
        {"0000 00000006 81 0000000a 00 00000005 0000000100 ffff", "bytes left over behind it", ""},
        {"0000 00000006 81 0000000a 00 00000003 000001 ffff", "value of state \"v\": ends too early", ""},
        {"00", "ends too early", ""},
    };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        struct stream s = one_group(all[i].hex);
        fails(&s, all[i].why, all[i].before);
    }
    struct stream s = one_group("0000" LAST "0000" LAST "ffff"); /* a state's entries need not stand together */
    check(&s, KEYED_CANONICAL, ONE_TEXT ONE_TEXT);
    buf_free(&s.bytes);
    s = one_group("ffff"); /* written, but empty */
    check(&s, KEYED_CANONICAL, "");
    buf_free(&s.bytes);
}

static void lists_by_commas(void **state)
{
    (void)state;
    static const struct {
        const char *hex, *want, *why;
    } all[] = {
        {"00000004 00000001", "1 l [10,[1]]\n", NULL},
        {"00000009 0000002c 2c 2c2c2c2c", "1 l [10,[44,741092396]]\n", NULL}, /* commas that are none */
        {"00000000", "1 l [10,[]]\n", NULL},
        {"00000009 00000001 2d 00000002", "", "no delimiter between two list elements"},
        {"00000006 00000001 2c 00", "", "ends too early"},
    };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        struct stream s = stream_of(HANDLE_SAVEPOINT_KEY_GROUPS, 1, 128);
        head(&s, S_INT, 1);
        keyed_info(&s.bytes, "l", "LIST", S_VOID, S_LIST, S_INT, NULL);
        struct buf b = bytes_of("0000 00000006 81 0000000a 00");
        hexed(&b, all[i].hex);
        u16(&b, 0xFFFF);
        canonical_group(&s, b);
        if (all[i].why) {
            fails(&s, all[i].why, all[i].want);
            continue;
        }
        check(&s, KEYED_CANONICAL, all[i].want);
        buf_free(&s.bytes);
    }
}

static void offsets_that_lie(void **state)
{
    (void)state;
    static const uint64_t lies[] = {UINT64_MAX, 1000000, INT64_MAX, (uint64_t)INT64_MIN, 3};
    for (int heap = 0; heap < 2; heap++)
        for (size_t i = 0; i < sizeof lies / sizeof *lies; i++) {
            struct stream s = one_group("0000" LAST "ffff");
            s.tag = heap ? HANDLE_KEY_GROUPS_V2 : HANDLE_SAVEPOINT_KEY_GROUPS;
            s.n = 0;
            offset(&s, lies[i]);
            struct reading r = read_cut(&s, s.bytes.n);
            assert_int_equal(r.e.kind, ERR_CORRUPT);
            assert_int_equal(r.text.n, 0);
            buf_free(&r.text);
            buf_free(&s.bytes);
        }
}

/* --- heap --- */

static void heap(void **state)
{
    (void)state;
    for (int packed = 0; packed < 2; packed++) {
        struct stream s = stream_of(HANDLE_KEY_GROUPS_V2, 5, 128);
        s.compressed = packed;
        four_states(&s);
        heap_group(&s); /* in any order; namespace before key */
        heap_state(&s, 2, 2,
                   both(both(bytes_of("00 0000000000000001"), bytes_of("00000002 0279 01 0278 00 0000000000000005")),
                        bytes_of("00 0000000000000002 00000000")));
        heap_state(&s, 0, 1, both(bytes_of("00 0000000000000001"), text_of("v")));
        heap_state(&s, 3, 2,
                   both(bytes_of("80000000000003e8 0000000000000001 00"), bytes_of("7fffffffffffffff 0000000000000002 00")));
        heap_state(&s, 1, 1, bytes_of("00 0000000000000001 00000002 0000000000000007 000000000000002c"));
        heap_group(&s); /* an empty one says so, state by state */
        for (uint32_t i = 0; i < 4; i++)
            heap_state(&s, i, 0, (struct buf){0});
        check(&s, KEYED_HEAP,
              "5 table [1,[[\"x\",5],[\"y\",null]]]\n5 table [2,[]]\n5 value [1,\"v\"]\n5 timers {\"key\":1,\"timestamp\":1000}\n"
              "5 timers {\"key\":2,\"timestamp\":-1}\n5 items [1,[7,44]]\n");
        hurt(&s);
        buf_free(&s.bytes);
    }
}

static struct stream one_heap_group(uint32_t count, const char *hex, const char *behind)
{
    struct stream s = stream_of(HANDLE_KEY_GROUPS, 1, 128);
    head(&s, S_INT, 1);
    keyed_info(&s.bytes, "v", "VALUE", S_VOID, S_INT, NULL, NULL);
    heap_group(&s);
    heap_state(&s, 0, count, bytes_of(hex));
    hexed(&s.bytes, behind);
    return s;
}

static void heap_faults(void **state)
{
    (void)state;
    struct stream s = one_heap_group(1, "00 0000000a 00000001", "");
    check(&s, KEYED_HEAP, ONE_TEXT);
    buf_free(&s.bytes);
    s = one_heap_group(1, "00 0000000a 00000001", "00");
    fails(&s, "bytes left over behind a key group", ONE_TEXT);
    s = one_heap_group(2, "00 0000000a 00000001 00 00", "");
    fails(&s, "state \"v\": ends too early", ONE_TEXT);
    s = one_heap_group(INT32_MAX, "00 0000000a 00000001", "");
    fails(&s, "ends too early", ONE_TEXT);
    s = one_heap_group(UINT32_MAX, "00 0000000a 00000001", "");
    fails(&s, "negative number of entries", "");
    /* the number of another key group: not heap, and as canonical not readable */
    s = one_heap_group(1, "00 0000000a 00000001", "");
    s.first = 2;
    fails(&s, "", "");
}

/* Key group 0 alone begins alike in both forms. */
static void key_group_0(void **state)
{
    (void)state;
    struct stream s = stream_of(HANDLE_KEY_GROUPS_V2, 0, 128);
    head(&s, S_INT, 1);
    keyed_info(&s.bytes, "v", "VALUE", S_VOID, S_INT, NULL, NULL);
    canonical_group(&s, bytes_of("0000 00000006 80 0000000a 00 00000004 00000001 ffff"));
    check(&s, KEYED_CANONICAL, "0 v [10,1]\n");
    buf_free(&s.bytes);

    s = stream_of(HANDLE_KEY_GROUPS_V2, 0, 128);
    head(&s, S_INT, 1);
    keyed_info(&s.bytes, "v", "VALUE", S_VOID, S_INT, NULL, NULL);
    heap_group(&s);
    heap_state(&s, 0, 1, bytes_of("00 0000000a 00000001"));
    check(&s, KEYED_HEAP, "0 v [10,1]\n");
    buf_free(&s.bytes);

    s = stream_of(HANDLE_KEY_GROUPS_V2, 0, 128); /* no entry at all */
    head(&s, S_INT, 1);
    keyed_info(&s.bytes, "v", "VALUE", S_VOID, S_INT, NULL, NULL);
    heap_group(&s);
    heap_state(&s, 0, 0, (struct buf){0});
    check(&s, KEYED_HEAP, "");
    buf_free(&s.bytes);

    s = stream_of(HANDLE_KEY_GROUPS_V2, 0, 128); /* two of them: the second one's number tells */
    head(&s, S_INT, 1);
    keyed_info(&s.bytes, "v", "VALUE", S_VOID, S_INT, NULL, NULL);
    for (uint32_t i = 0; i < 2; i++) {
        heap_group(&s);
        heap_state(&s, 0, 1, bytes_of("00 0000000a 00000001"));
    }
    check(&s, KEYED_HEAP, "0 v [10,1]\n1 v [10,1]\n");
    buf_free(&s.bytes);
}

/* A header without states, and a handle without key groups. */
static void nothing(void **state)
{
    (void)state;
    struct stream s = stream_of(HANDLE_KEY_GROUPS_V2, 3, 128);
    head(&s, S_INT, 0);
    heap_group(&s);
    check(&s, KEYED_HEAP, "");
    buf_free(&s.bytes);
    s = stream_of(HANDLE_KEY_GROUPS_V2, 0, 128);
    head(&s, S_INT, 0);
    check(&s, KEYED_CANONICAL, "");
    buf_free(&s.bytes);
}

/* --- headers --- */

static bool header(const struct buf *b, bool exact, struct keyed_header *h, struct rd *r, struct arena *a)
{
    *r = rd_of(b->p, b->n, 0);
    return keyed_header_read(h, r, exact, 0, NULL, a);
}

static void headers(void **state)
{
    (void)state;
    struct arena a = {0};
    struct keyed_header h;
    struct rd r;
    struct stream s = stream_of(HANDLE_KEY_GROUPS, 0, 128);
    head(&s, S_STRING, 4);
    /* roles in the other order; asynchronous state of 2.x; TTL */
    utf(&s.bytes, "list2");
    u32(&s.bytes, 4);
    u32(&s.bytes, 1);
    utf(&s.bytes, "KEYED_STATE_TYPE");
    utf(&s.bytes, "LIST");
    u32(&s.bytes, 2);
    role(&s.bytes, "VALUE_SERIALIZER", S_LONG, NULL, NULL);
    role(&s.bytes, "NAMESPACE_SERIALIZER", S_VOID, NULL, NULL);
    utf(&s.bytes, "map2");
    u32(&s.bytes, 4);
    u32(&s.bytes, 2);
    utf(&s.bytes, "SOMETHING");
    utf(&s.bytes, "ELSE");
    utf(&s.bytes, "KEYED_STATE_TYPE");
    utf(&s.bytes, "MAP");
    u32(&s.bytes, 3);
    role(&s.bytes, "USER_KEY_SERIALIZER", S_STRING, NULL, NULL);
    role(&s.bytes, "VALUE_SERIALIZER", S_LONG, NULL, NULL);
    role(&s.bytes, "NAMESPACE_SERIALIZER", S_WINDOW, NULL, NULL);
    keyed_info(&s.bytes, "ttl", "VALUE", S_VOID, "org.apache.flink.runtime.state.ttl.TtlStateFactory$TtlSerializerSnapshot", S_LONG,
               S_INT);
    keyed_info(&s.bytes, "old", "UNKNOWN", S_VOID, S_INT, NULL, NULL);
    assert_true(header(&s.bytes, true, &h, &r, &a));
    assert_int_equal(h.n, 4);
    assert_false(h.compressed);
    assert_null(h.lost);
    assert_string_equal(h.key->row->name, "String");
    assert_int_equal(h.states[0].kind, KIND_LIST);
    assert_true(h.states[0].v2);
    assert_false(h.states[0].has_ns);
    assert_string_equal(h.states[0].element->row->name, "Long");
    assert_int_equal(h.states[1].kind, KIND_MAP);
    assert_true(h.states[1].has_ns);
    assert_string_equal(h.states[1].user_key->row->name, "String");
    assert_string_equal(h.states[1].element->row->name, "Long");
    assert_false(h.states[1].ttl);
    assert_true(h.states[2].ttl);
    assert_int_equal(h.states[3].kind, KIND_VALUE);

    u8(&s.bytes, 0);
    assert_false(header(&s.bytes, true, &h, &r, &a));
    assert_string_equal(r.why, "bytes between the header and the first key group");
    assert_true(header(&s.bytes, false, &h, &r, &a));
    assert_int_equal(rd_left(&r), 1);
    for (size_t n = 0; n < s.bytes.n - 1; n++) {
        struct buf cut = {.p = s.bytes.p, .n = n};
        assert_false(header(&cut, true, &h, &r, &a));
    }
    static const struct {
        uint8_t version;
        const char *why;
    } versions[] = {{5, "keyed state of Flink before 1.7, whose serializers need Java to be read"},
                    {7, "not a keyed-state header (its version is not 6)"},
                    {0, "not a keyed-state header (its version is not 6)"}};
    for (size_t i = 0; i < 3; i++) {
        s.bytes.p[3] = versions[i].version;
        assert_false(header(&s.bytes, true, &h, &r, &a));
        assert_string_equal(r.why, versions[i].why);
    }
    buf_free(&s.bytes);

    s = stream_of(HANDLE_KEY_GROUPS, 0, 128);
    head(&s, S_STRING, 0xFFFF);
    assert_false(header(&s.bytes, true, &h, &r, &a));
    assert_string_equal(r.why, "negative number of states");
    buf_free(&s.bytes);
    s = stream_of(HANDLE_KEY_GROUPS, 0, 128);
    head(&s, S_STRING, 1);
    keyed_info(&s.bytes, "new", "QUEUE", S_VOID, S_INT, NULL, NULL);
    assert_false(header(&s.bytes, true, &h, &r, &a));
    assert_string_equal(r.why, "a kind of state that weir does not know");
    buf_free(&s.bytes);
    s = stream_of(HANDLE_KEY_GROUPS, 0, 128);
    head(&s, S_STRING, 1);
    utf(&s.bytes, "new");
    u32(&s.bytes, 5);
    u32(&s.bytes, 0);
    u32(&s.bytes, 0);
    assert_false(header(&s.bytes, true, &h, &r, &a));
    assert_string_equal(r.why, "a type of state that weir does not know");
    buf_free(&s.bytes);
    arena_free(&a);
}

static void kinds(void **state)
{
    (void)state;
    assert_string_equal(kind_name(KIND_VALUE), "VALUE");
    assert_string_equal(kind_name(KIND_BROADCAST), "BROADCAST");
    assert_int_equal(entry_form_flat(KIND_LIST), FORM_LIST_DELIM);
    assert_int_equal(entry_form_flat(KIND_MAP), FORM_MAP_ENTRY);
    assert_int_equal(entry_form_flat(KIND_TIMERS), FORM_TIMER);
    assert_int_equal(entry_form_flat(KIND_AGGREGATING), FORM_VALUE);
    assert_string_equal(keyed_format_name(KEYED_CANONICAL), "canonical");
    assert_string_equal(keyed_format_name(KEYED_HEAP), "heap");
}

/* --- serializers that are not known: canonical --- */

/* A metaInfo whose value's (or namespace's) serializer has a body of bytes that weir cannot know. */
static void unknown_info(struct buf *b, const char *name, const char *kind, bool ns_unknown, const char *body)
{
    utf(b, name);
    u32(b, 0);
    u32(b, 1);
    utf(b, "KEYED_STATE_TYPE");
    utf(b, kind);
    u32(b, 2);
    role(b, "NAMESPACE_SERIALIZER", ns_unknown ? UNKNOWN : S_VOID, NULL, NULL);
    if (ns_unknown)
        hexed(b, body);
    role(b, "VALUE_SERIALIZER", ns_unknown ? S_LONG : UNKNOWN, NULL, NULL);
    if (!ns_unknown)
        hexed(b, body);
}

static const char *const bodies[] = {"", "00", "0000000000000000000000", "0001610000000000000001", "ffffffffffff00020000"};

static void unknown_values(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++)
        for (uint32_t at = 0; at < 3; at++) { /* the state whose serializer is not known */
            struct stream s = stream_of(HANDLE_SAVEPOINT_KEY_GROUPS, 1, 128);
            head(&s, S_INT, 3);
            static const char *const names[] = {"first", "second", "third"};
            for (uint32_t n = 0; n < 3; n++)
                if (n == at)
                    unknown_info(&s.bytes, names[n], "VALUE", false, bodies[i]);
                else
                    keyed_info(&s.bytes, names[n], "VALUE", S_VOID, S_INT, NULL, NULL);
            canonical_group(&s, bytes_of("0000" LAST "0001" LAST "0002" LAST "ffff"));
            struct buf want = {0};
            for (uint32_t n = 0; n < 3; n++)
                buf_printf(&want, "1 %s [10,%s]\n", names[n], n == at ? OPAQUE(4, "00000001") : "1");
            check(&s, KEYED_CANONICAL, buf_cstr(&want));
            buf_free(&want);
            buf_free(&s.bytes);
        }
}

/* The key's: it is found by what stands behind it, and split off from the end where the namespace has a known length. */
static void unknown_keys(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
        struct stream s = stream_of(HANDLE_SAVEPOINT_KEY_GROUPS, 1, 128);
        u32(&s.bytes, 6);
        u8(&s.bytes, 0);
        u32(&s.bytes, 2);
        snapshot_of(&s.bytes, UNKNOWN, NULL, NULL);
        hexed(&s.bytes, bodies[i]);
        u16(&s.bytes, 3);
        keyed_info(&s.bytes, "v", "VALUE", S_VOID, S_INT, NULL, NULL);
        keyed_info(&s.bytes, "m", "MAP", S_VOID, S_MAP, S_STRING, S_INT);
        keyed_info(&s.bytes, "n", "REDUCING", S_STRING, S_INT, NULL, NULL); /* a namespace that may be of any length */
        canonical_group(&s,
                        bytes_of("0000" LAST "0001 00000008 81 0000000a 00 0261 00000005 00 00000007"
                                 "0002 00000009 81 0000000a 04 0261 02 00000004 00000008 ffff"));
        struct reading r = read_cut(&s, s.bytes.n);
        assert_string_equal(r.e.text, "");
#define WHY "\"why\":\"the key's serializer is not known\",\"$hex\":"
        assert_string_equal(buf_cstr(&r.text),
                            "1 v [{\"$opaque\":\"" UNKNOWN "\",\"length\":4," WHY "\"0000000a\"},1]\n"
                            "1 m [{\"$opaque\":\"" UNKNOWN "\",\"length\":7," WHY "\"0000000a000261\"},"
                            "[[{\"$opaque\":\"" S_STRING "\",\"length\":0," WHY "\"\"},7]]]\n"
                            "1 n [{\"$opaque\":\"" UNKNOWN "\",\"length\":8," WHY "\"0000000a04026102\"},"
                            "{\"$opaque\":\"" S_STRING "\",\"length\":0," WHY "\"\"},8]\n");
        assert_int_equal(r.opaque, 5);
        buf_free(&r.text);
        buf_free(&s.bytes);
    }
}

static void unknown_namespaces(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
        struct stream s = stream_of(HANDLE_SAVEPOINT_KEY_GROUPS, 1, 128);
        head(&s, S_INT, 2);
        unknown_info(&s.bytes, "w", "REDUCING", true, bodies[i]);
        keyed_info(&s.bytes, "v", "VALUE", S_VOID, S_INT, NULL, NULL);
        canonical_group(&s, bytes_of("0000 00000007 81 0000000a 0102 00000008 0000000000000005 0001" LAST "ffff"));
        check(&s, KEYED_CANONICAL, "1 w [10," OPAQUE(2, "0102") ",5]\n" ONE_TEXT);
        buf_free(&s.bytes);
    }
}

/* --- serializers that are not known: heap --- */

/* The i-th string key of a key group (of four in all). */
static struct buf key_in(uint32_t group, unsigned i)
{
    struct arena a = {0};
    const struct ser *s = ser_make(&a, S_STRING, 0, NULL);
    for (unsigned k = 0;; k++) {
        char text[16];
        snprintf(text, sizeof text, "key-%u", k);
        struct buf b = text_of(text);
        struct rd r = rd_of(b.p, b.n, 0);
        int32_t hash;
        assert_true(keyhash_read(s, &r, &hash));
        if (key_group_of_hash(hash, 4) == group && !i--) {
            arena_free(&a);
            return b;
        }
        buf_free(&b);
    }
}

static void heap_entry(struct buf *entries, uint32_t group, unsigned i, struct buf value)
{
    u8(entries, 0);
    moved_in(entries, key_in(group, i));
    moved_in(entries, value);
}

static void put_key(struct buf *text, uint32_t group, unsigned i)
{
    struct buf k = key_in(group, i);
    buf_putc(text, '"');
    buf_put(text, k.p + 1, k.n - 1);
    buf_putc(text, '"');
    buf_free(&k);
}

/* before (longs), own (not known), behind (strings), in two key groups; own has `count` values of these bytes. */
static struct stream three_states(const char *own_kind, uint32_t count, const char *const *values)
{
    struct stream s = stream_of(HANDLE_KEY_GROUPS_V2, 1, 4);
    head(&s, S_STRING, 3);
    keyed_info(&s.bytes, "before", "VALUE", S_VOID, S_LONG, NULL, NULL);
    unknown_info(&s.bytes, "own", own_kind, false, "0000000a0b");
    keyed_info(&s.bytes, "behind", "VALUE", S_VOID, S_STRING, NULL, NULL);
    for (uint32_t g = 1; g <= 2; g++) {
        struct buf b = {0};
        heap_group(&s);
        heap_entry(&b, g, 0, long_of(7));
        heap_entry(&b, g, 1, long_of(8));
        heap_state(&s, 0, 2, b);
        b = (struct buf){0};
        for (uint32_t i = 0; i < count; i++)
            heap_entry(&b, g, i, bytes_of(values[i]));
        heap_state(&s, 1, count, b);
        b = (struct buf){0};
        heap_entry(&b, g, 0, text_of("x"));
        heap_entry(&b, g, 2, text_of("y"));
        heap_state(&s, 2, 2, b);
    }
    return s;
}

/* All that three_states wrote, the opaque values by their bytes. */
static struct buf three_states_text(uint32_t count, const char *const *values)
{
    struct buf t = {0};
    for (uint32_t g = 1; g <= 2; g++) {
        for (unsigned i = 0; i < 2; i++) {
            buf_printf(&t, "%u before [", g);
            put_key(&t, g, i);
            buf_printf(&t, ",%u]\n", 7 + i);
        }
        for (uint32_t i = 0; i < count; i++) {
            buf_printf(&t, "%u own [", g);
            put_key(&t, g, i);
            buf_printf(&t,
                       ",{\"$opaque\":\"" UNKNOWN "\",\"length\":%zu,\"why\":\"serializer not known to weir\",\"$hex\":\"%s\"}]\n",
                       strlen(values[i]) / 2, values[i]);
        }
        for (unsigned i = 0; i < 2; i++) {
            buf_printf(&t, "%u behind [", g);
            put_key(&t, g, i ? 2 : 0);
            buf_printf(&t, ",\"%c\"]\n", i ? 'y' : 'x');
        }
    }
    return t;
}

static void heap_opaque_values(void **state)
{
    (void)state;
    static const char *const values[] = {"0100112233445566", "0100aa", "0100000000000000000000",
                                         "01007f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f"};
    for (uint32_t count = 0; count <= 4; count++) {
        struct stream s = three_states("VALUE", count, values);
        struct buf want = three_states_text(count, values);
        struct reading r = read_cut(&s, s.bytes.n);
        assert_string_equal(r.e.text, "");
        assert_int_equal(r.format, KEYED_HEAP);
        assert_string_equal(buf_cstr(&r.text), buf_cstr(&want));
        assert_int_equal(r.opaque, 2 * count);
        assert_int_equal(r.opaque_groups, 0);
        buf_free(&r.text);
        buf_free(&want);
        buf_free(&s.bytes);
    }
}

/* An opaque value that holds all that follows it, once more: only the real one ends where the key group does. */
static void heap_opaque_copies(void **state)
{
    (void)state;
    struct stream s = stream_of(HANDLE_KEY_GROUPS_V2, 1, 4);
    head(&s, S_STRING, 2);
    unknown_info(&s.bytes, "own", "VALUE", false, "");
    keyed_info(&s.bytes, "behind", "VALUE", S_VOID, S_STRING, NULL, NULL);
    struct buf tail = {0}, value = bytes_of("0100"), entries = {0}, want = {0};
    u16(&tail, 1);
    u32(&tail, 1);
    heap_entry(&tail, 1, 3, text_of("x"));
    add(&value, &tail);
    u8(&value, 0x66);
    buf_puts(&want, "1 own [");
    put_key(&want, 1, 0);
    buf_printf(&want, ",{\"$opaque\":\"" UNKNOWN "\",\"length\":%zu,\"why\":\"serializer not known to weir\",\"$hex\":\"", value.n);
    for (size_t i = 0; i < value.n; i++)
        buf_printf(&want, "%02x", value.p[i]);
    buf_puts(&want, "\"}]\n1 behind [");
    put_key(&want, 1, 3);
    buf_puts(&want, ",\"x\"]\n");
    heap_entry(&entries, 1, 0, value);
    heap_group(&s);
    heap_state(&s, 0, 1, entries);
    moved_in(&s.bytes, tail);
    check(&s, KEYED_HEAP, buf_cstr(&want));
    buf_free(&want);
    buf_free(&s.bytes);
}

/* One that holds what could be the next entry, but for its key, which belongs to another key group. */
static void heap_opaque_foreign_key(void **state)
{
    (void)state;
    struct stream s = stream_of(HANDLE_KEY_GROUPS_V2, 1, 4);
    head(&s, S_STRING, 1);
    unknown_info(&s.bytes, "own", "VALUE", false, "");
    struct buf value = bytes_of("0100"), entries = {0};
    heap_entry(&value, 2, 0, bytes_of("010033"));
    size_t n = value.n;
    heap_entry(&entries, 1, 0, value);
    heap_entry(&entries, 1, 1, bytes_of("0100aa"));
    heap_group(&s);
    heap_state(&s, 0, 2, entries);
    struct reading r = read_cut(&s, s.bytes.n);
    char length[32];
    snprintf(length, sizeof length, "\"length\":%zu,", n);
    assert_string_equal(r.e.text, "");
    assert_non_null(strstr((char *)r.text.p, length));
    assert_non_null(strstr((char *)r.text.p, "\"$hex\":\"0100aa\"}]\n"));
    buf_free(&r.text);
    buf_free(&s.bytes);
}

/* What follows the opaque value is damaged: the rest of its key group is one opaque value, the next group is read. */
static void heap_not_framed(void **state)
{
    (void)state;
    struct stream s = three_states("VALUE", 1, (const char *const[]){"0100112233445566"});
    /* the next state's number, in the first key group */
    struct buf found = bytes_of("0100112233445566 0002 00000002");
    uint8_t *at = memmem(s.bytes.p, s.bytes.n, found.p, found.n);
    assert_non_null(at);
    at[9] = 0x77;
    struct reading r = read_cut(&s, s.bytes.n);
    assert_string_equal(r.e.text, "");
    assert_int_equal(r.opaque_groups, 1);
    char *text = (char *)r.text.p;
    assert_null(strstr(text, "1 behind"));
    assert_non_null(strstr(text, "1 own ["));
    assert_non_null(strstr(text, "2 own ["));
    assert_non_null(strstr(text, "\"length\":8,")); /* in the second group: framed */
    assert_non_null(strstr(text, "2 behind"));
    buf_free(&r.text);
    buf_free(&found);
    buf_free(&s.bytes);

    /* the key's serializer is not known: nothing can be framed at all, and that is counted, too */
    s = stream_of(HANDLE_KEY_GROUPS_V2, 1, 4);
    u32(&s.bytes, 6);
    u8(&s.bytes, 0);
    u32(&s.bytes, 2);
    snapshot_of(&s.bytes, UNKNOWN, NULL, NULL);
    u16(&s.bytes, 1);
    keyed_info(&s.bytes, "v", "VALUE", S_VOID, S_INT, NULL, NULL);
    for (uint32_t g = 1; g <= 2; g++) {
        heap_group(&s);
        heap_state(&s, 0, 2, bytes_of("00 0000000a 00000001 00 0000000b 00000002"));
    }
    r = read_cut(&s, s.bytes.n);
    assert_string_equal(r.e.text, "");
    assert_int_equal(r.opaque_groups, 2);
    assert_int_equal(r.format, KEYED_HEAP);
    assert_non_null(strstr((char *)r.text.p, "2 v [{\"$opaque\":\"" UNKNOWN "\",\"length\":17,"));
    buf_free(&r.text);
    buf_free(&s.bytes);
}

static void heap_opaque_survives(void **state)
{
    (void)state;
    static const char *const values[] = {"0100112233445566", "0100aa"};
    struct stream s = three_states("VALUE", 2, values);
    for (size_t n = 0; n < s.bytes.n; n++) {
        struct reading r = read_cut(&s, n);
        assert_true(r.e.kind != ERR_NONE || r.opaque_groups);
        buf_free(&r.text);
    }
    for (size_t at = 0; at < s.bytes.n; at++) {
        s.bytes.p[at] ^= 0x81;
        struct reading r = read_cut(&s, s.bytes.n);
        buf_free(&r.text);
        s.bytes.p[at] ^= 0x81;
    }
    struct reading r = read_cut(&s, s.bytes.n);
    struct buf want = three_states_text(2, values);
    assert_string_equal(buf_cstr(&r.text), buf_cstr(&want));
    buf_free(&want);
    buf_free(&r.text);
    buf_free(&s.bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(canonical),
        cmocka_unit_test(ambiguous),
        cmocka_unit_test(canonical_faults),
        cmocka_unit_test(lists_by_commas),
        cmocka_unit_test(offsets_that_lie),
        cmocka_unit_test(heap),
        cmocka_unit_test(heap_faults),
        cmocka_unit_test(key_group_0),
        cmocka_unit_test(nothing),
        cmocka_unit_test(headers),
        cmocka_unit_test(kinds),
        cmocka_unit_test(unknown_values),
        cmocka_unit_test(unknown_keys),
        cmocka_unit_test(unknown_namespaces),
        cmocka_unit_test(heap_opaque_values),
        cmocka_unit_test(heap_opaque_copies),
        cmocka_unit_test(heap_opaque_foreign_key),
        cmocka_unit_test(heap_not_framed),
        cmocka_unit_test(heap_opaque_survives),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
