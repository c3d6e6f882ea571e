/* Keyed state in key-group streams: canonical and heap, plain and packed, with serializers that are not known. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "inspect/json_sink.h"
#include "savepoint/state_decode.h"
#include "tests/unit/keyed_made.h"

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
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
