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
#include "savepoint/state_decode.h"
#include "tests/unit/build.h"

enum { GROUPS = 3 };
enum { CLEAR, SET, SET_INTERNAL, ADD, MERGE_NS, ADD_ELEMENT, PUT, REMOVE, METADATA }; /* StateChangeOperation */
enum { COUNT, ITEMS, TABLE, SUM, TIMERS, STATES }; /* the states; in a log their numbers are these and 100 */

/* Namespaces are strings (so keys are ambiguous in canonical streams), keys strings, values longs. */
static void info(struct buf *b, int state)
{
    static const char *const names[] = {"count", "items", "table", "sum", "_timer_state/event_t"};
    static const char *const kinds[] = {"VALUE", "LIST", "MAP", "REDUCING", ""};
    static const char *const values[] = {S_LONG, S_LIST, S_MAP, S_LONG, S_TIMER};
    static const char *const first[] = {NULL, S_LONG, S_STRING, NULL, S_STRING};
    static const char *const second[] = {NULL, NULL, S_LONG, NULL, S_STRING};
    keyed_info(b, names[state], kinds[state], S_STRING, values[state], first[state], second[state]);
}

static void header(struct buf *b)
{
    u32(b, 6);
    u8(b, 0);
    u32(b, 2);
    snapshot_of(b, S_STRING, NULL, NULL);
    u16(b, STATES);
    for (int i = 0; i < STATES; i++)
        info(b, i);
}

/* --- a changelog handle being made --- */

struct made {
    struct buf bytes; /* the snapshot's */
    struct meta_keyed materialized[2], log[4];
    size_t from[6], n[6]; /* of their streams: materialized, then log */
    uint32_t n_materialized, n_log;
    struct buf offsets; /* GROUPS of the materialized ones, one behind the other */
    struct buf changes; /* of the log being made: its change sets in the file's form */
    uint32_t groups;
    struct meta_change in_memory[64]; /* or as in-memory changes */
    size_t memory_from[64];
    uint32_t n_memory;
};

static struct buf change_of(int op, int state)
{
    struct buf b = {0};
    u8(&b, (unsigned)op);
    u16(&b, (uint32_t)state + 100);
    return b;
}

static struct buf announce(int state)
{
    struct buf b = {0};
    u8(&b, METADATA);
    u32(&b, 7);
    info(&b, state);
    if (state != TIMERS)
        u16(&b, 0); /* no TTL, no default value */
    u16(&b, (uint32_t)state + 100);
    u8(&b, state == TIMERS ? 3 : 0);
    return b;
}

static struct buf keyed(int op, int state, const char *key, const char *ns)
{
    struct buf b = change_of(op, state);
    str(&b, key);
    str(&b, ns);
    return b;
}

static struct buf with_long(struct buf b, int64_t v)
{
    u64(&b, (uint64_t)v);
    return b;
}
static struct buf with_str(struct buf b, const char *s)
{
    str(&b, s);
    return b;
}
static struct buf with_u32(struct buf b, uint32_t v)
{
    u32(&b, v);
    return b;
}

static struct buf timer(const char *key, const char *ns, int64_t ts)
{
    struct buf b = {0};
    u64(&b, (uint64_t)ts ^ UINT64_C(1) << 63);
    str(&b, key);
    str(&b, ns);
    return b;
}

static struct buf with_timer(struct buf b, const char *key, const char *ns, int64_t ts)
{
    struct buf t = timer(key, ns, ts);
    add(&b, &t);
    buf_free(&t);
    return b;
}

/* Each change is a change set's group of its own, so that the order stays. */
static void log_change(struct made *m, int key_group, struct buf change)
{
    m->groups++;
    u32(&m->changes, 1);
    u32(&m->changes, (uint32_t)key_group);
    u32(&m->changes, (uint32_t)change.n);
    m->memory_from[m->n_memory] = m->bytes.n;
    m->in_memory[m->n_memory].key_group = key_group;
    m->in_memory[m->n_memory++].bytes.n = change.n;
    add(&m->bytes, &change);
    add(&m->changes, &change);
    buf_free(&change);
}

static struct buf snappy_of(const struct buf *plain)
{
    struct buf b = {0};
    buf_put(&b, "\xff\x06\0\0sNaPpY", 10);
    size_t n = snappy_max_compressed_length(plain->n);
    uint8_t *packed = mem_alloc(n);
    assert_int_equal(snappy_compress((const char *)plain->p, plain->n, (char *)packed, &n), SNAPPY_OK);
    uint32_t crc = crc32c(plain->p, plain->n);
    crc = (crc >> 15 | crc << 17) + 0xa282ead8u;
    uint32_t head = (uint32_t)(n + 4) << 8;
    buf_put(&b, &head, 4);
    buf_put(&b, &crc, 4);
    buf_put(&b, packed, n);
    free(packed);
    return b;
}

enum how { IN_MEMORY, IN_FILE, IN_SNAPPY_FILE };

/* Closes the log that was being made. A file has something else in front of the change set. */
static void end_log(struct made *m, enum how how)
{
    struct meta_keyed *h = &m->log[m->n_log];
    size_t slot = 2 + m->n_log++;
    *h = (struct meta_keyed){.tag = how == IN_MEMORY ? HANDLE_CHANGELOG_BYTES : HANDLE_CHANGELOG_FILE_V2, .kg_count = GROUPS};
    if (how != IN_MEMORY) {
        struct buf plain = {0};
        buf_puts(&plain, "others'");
        u32(&plain, m->groups);
        add(&plain, &m->changes);
        m->from[slot] = m->bytes.n;
        u8(&m->bytes, how == IN_SNAPPY_FILE);
        struct buf framed = how == IN_SNAPPY_FILE ? snappy_of(&plain) : (struct buf){0};
        add(&m->bytes, how == IN_SNAPPY_FILE ? &framed : &plain);
        m->n[slot] = m->bytes.n - m->from[slot];
        buf_free(&framed);
        buf_free(&plain);
    }
    m->groups = 0;
    m->changes.n = 0;
}

/* A materialized handle: `group(b, kg)` writes each key group; heap streams hold every group, canonical ones may hold none. */
static void materialize(struct made *m, enum handle_tag tag, void (*group)(struct buf *b, int kg))
{
    struct buf b = {0};
    header(&b);
    for (int kg = 0; kg < GROUPS; kg++) {
        size_t at = b.n;
        group(&b, kg);
        u64(&m->offsets, b.n > at ? at : 0);
    }
    m->from[m->n_materialized] = m->bytes.n;
    m->n[m->n_materialized] = b.n;
    m->materialized[m->n_materialized++] = (struct meta_keyed){.tag = tag, .kg_count = GROUPS};
    add(&m->bytes, &b);
    buf_free(&b);
}

static bool on_entry(void *ctx, struct entry *en, struct err *e)
{
    struct buf *text = ctx;
    struct json_sink j;
    uint32_t opaque = 0;
    uint64_t n;
    size_t mark = text->n;
    json_sink_init(&j, text);
    bool ok = entry_split(en, e);
    if (ok) {
        buf_printf(text, "%u %s ", en->key_group, en->info->name);
        if (en->form == FORM_TIMER) {
            sink_begin(&j.sink, BOX_OBJECT);
            ok = decode_timer(en, &j.sink, &opaque, e);
            sink_end(&j.sink, BOX_OBJECT);
        } else {
            sink_begin(&j.sink, BOX_ARRAY);
            ok = decode_key(en, &j.sink, &opaque, e) && (!entry_has_ns(en) || decode_ns(en, &j.sink, &opaque, e));
            if (ok && en->form == FORM_MAP_ENTRY) {
                sink_begin(&j.sink, BOX_PAIRS);
                ok = decode_value(en, &j.sink, &opaque, &n, e);
                sink_end(&j.sink, BOX_PAIRS);
            } else if (ok) {
                ok = decode_value(en, &j.sink, &opaque, &n, e);
            }
            if (ok)
                sink_end(&j.sink, BOX_ARRAY);
        }
        buf_putc(text, '\n');
    }
    if (!ok)
        text->n = mark;
    json_sink_reset(&j);
    json_sink_free(&j);
    return ok;
}

/* The handle over a copy of the bytes, cut to n and with byte `damaged` (if inside) flipped; walked twice. */
static bool read_made(const struct made *m, size_t n, size_t damaged, struct buf *text, struct err *e)
{
    struct memory *mem = memory_of(m->bytes.p, n);
    if (damaged < n)
        mem->p[damaged] ^= 0x11;
    struct meta_keyed base[2], log[4];
    struct meta_change changes[64];
    struct meta_part parts[4];
    uint32_t used = 0;
#define CLIP(from, len) ((from) > n ? 0 : (from) + (len) > n ? n - (from) : (len))
    for (uint32_t i = 0; i < m->n_materialized; i++) {
        base[i] = m->materialized[i];
        base[i].offsets = m->offsets.p + (size_t)8 * GROUPS * i;
        base[i].stream = inline_stream(mem, m->from[i] > n ? 0 : m->from[i], CLIP(m->from[i], m->n[i]));
    }
    for (uint32_t i = 0; i < m->n_memory; i++)
        changes[i] = (struct meta_change){
            m->in_memory[i].key_group,
            {mem->p + (m->memory_from[i] > n ? 0 : m->memory_from[i]), CLIP(m->memory_from[i], m->in_memory[i].bytes.n)}};
    for (uint32_t i = 0; i < m->n_log; i++) {
        log[i] = m->log[i];
        if (log[i].tag == HANDLE_CHANGELOG_BYTES) {
            log[i].changes = changes + used;
            log[i].n_changes = m->n_memory - used;
            used = m->n_memory;
            continue;
        }
        parts[i] =
            (struct meta_part){7, inline_stream(mem, m->from[2 + i] > n ? 0 : m->from[2 + i], CLIP(m->from[2 + i], m->n[2 + i]))};
        log[i].parts = &parts[i];
        log[i].n_parts = 1;
    }
    struct meta_keyed h = {.tag = HANDLE_CHANGELOG_V2,
                           .kg_count = GROUPS,
                           .n_materialized = m->n_materialized,
                           .materialized = base,
                           .n_log = m->n_log,
                           .log = log};
    struct keyed_part *p;
    struct buf again = {0};
    bool ok = keyed_open(&p, &mem->s, &mem->op, &h, e) && keyed_walk(p, on_entry, text, e);
    if (ok) {
        assert_true(keyed_walk(p, on_entry, &again, e));
        assert_int_equal(again.n, text->n);
        assert_true(!text->n || !memcmp(again.p, text->p, text->n));
    }
    keyed_close(p);
    memory_free(mem);
    buf_free(&again);
    assert_int_equal(ok, e->kind == ERR_NONE);
    return ok;
}

static void made_free(struct made *m)
{
    buf_free(&m->bytes);
    buf_free(&m->offsets);
    buf_free(&m->changes);
}

static void check(struct made *m, const char *want)
{
    struct buf text = {0};
    struct err e = {0};
    if (!read_made(m, m->bytes.n, SIZE_MAX, &text, &e))
        fail_msg("%s", e.text);
    assert_string_equal(buf_cstr(&text), want);
    for (size_t i = 0; i < m->bytes.n; i += 5) {
        text.n = 0;
        e = (struct err){0};
        read_made(m, i, SIZE_MAX, &text, &e);
        text.n = 0;
        e = (struct err){0};
        read_made(m, m->bytes.n, i, &text, &e);
    }
    buf_free(&text);
    made_free(m);
}

/* --- materialized forms --- */

static void composite(struct buf *b, int kg, const char *key, const char *ns, bool last, struct buf value, const char *user_key)
{
    struct buf k = {0};
    u8(&k, (unsigned)kg | (last ? 0x80 : 0));
    str(&k, key);
    u8(&k, (unsigned)strlen(key) + 1); /* ambiguous: lengths follow */
    str(&k, ns);
    u8(&k, (unsigned)strlen(ns) + 1);
    if (user_key)
        str(&k, user_key);
    counted(b, k);
    counted(b, value);
}

static struct buf longs_delimited(int64_t a, int64_t c)
{
    struct buf b = {0};
    u64(&b, (uint64_t)a);
    u8(&b, ',');
    u64(&b, (uint64_t)c);
    return b;
}

static struct buf one_long(int64_t v) { return with_long((struct buf){0}, v); }

static struct buf flagged_long(int64_t v)
{
    struct buf b = {0};
    u8(&b, 0);
    return with_long(b, v);
}

static void canonical_group(struct buf *b, int kg)
{
    if (kg == 2)
        return;
    const char *a = kg ? "a1" : "a", *c = kg ? "b1" : "b";
    u16(b, COUNT);
    composite(b, kg, a, "", false, one_long(10 + kg), NULL);
    composite(b, kg, c, "", true, one_long(20 + kg), NULL);
    u16(b, ITEMS);
    composite(b, kg, a, "w1", false, longs_delimited(1, 2), NULL);
    composite(b, kg, a, "w2", true, longs_delimited(3, 4), NULL);
    u16(b, TABLE);
    composite(b, kg, a, "", false, flagged_long(1), "x");
    composite(b, kg, a, "", false, flagged_long(2), "y");
    composite(b, kg, c, "", true, flagged_long(3), "x");
    u16(b, SUM);
    composite(b, kg, a, "w1", false, one_long(100), NULL);
    composite(b, kg, a, "w2", true, one_long(200), NULL);
    u16(b, TIMERS);
    struct buf t = {0}, el = timer(a, "w1", 1000 + kg);
    u8(&t, (unsigned)kg | 0x80);
    add(&t, &el);
    buf_free(&el);
    counted(b, t);
    u32(b, 0);
    u16(b, 0xffff);
}

static void heap_group(struct buf *b, int kg)
{
    u32(b, (uint32_t)kg);
    for (int state = 0; state < STATES; state++) {
        u16(b, (uint32_t)state);
        u32(b, kg == 1 ? 1 : 0);
        if (kg != 1)
            continue;
        if (state != TIMERS)
            str(b, "w1"), str(b, "a"); /* namespace, key */
        switch (state) {
        case ITEMS:
            u32(b, 2);
            u64(b, 1);
            u64(b, 2);
            break;
        case TABLE:
            u32(b, 2);
            str(b, "x"), u8(b, 0), u64(b, 1);
            str(b, "y"), u8(b, 1);
            break;
        case TIMERS: {
            struct buf t = timer("a", "w1", 5);
            add(b, &t);
            buf_free(&t);
            break;
        }
        default:
            u64(b, 7);
        }
    }
}

/* --- tests --- */

static void log_everything(struct made *m)
{
    for (int i = 0; i < STATES; i++)
        log_change(m, -1, announce(i));
    log_change(m, 0, with_long(keyed(SET, COUNT, "a", ""), 11));
    log_change(m, 0, with_long(keyed(SET, COUNT, "c", ""), 12));
    log_change(m, 0, with_long(keyed(ADD_ELEMENT, ITEMS, "a", "w1"), 5));
    log_change(m, 0, with_long(with_u32(keyed(ADD, ITEMS, "a", "w3"), 1), 6));
    log_change(m, 0, with_long(with_str(keyed(PUT, TABLE, "a", ""), "y"), 22));
    log_change(m, 0, with_long(with_str(keyed(ADD_ELEMENT, TABLE, "a", ""), "z"), 33));
    log_change(m, 0, with_str(keyed(REMOVE, TABLE, "a", ""), "x"));
    log_change(m, 0, with_long(keyed(SET_INTERNAL, SUM, "a", "w1"), 101));
    log_change(m, 0, with_timer(with_u32(change_of(ADD_ELEMENT, TIMERS), 1), "a", "w1", 2000));
    log_change(m, 0, with_timer(change_of(REMOVE, TIMERS), "a", "w1", 1000));
}

#define GROUP_1                                                                                                                                             \
    "1 count [\"a1\",\"\",11]\n1 count [\"b1\",\"\",21]\n1 items [\"a1\",\"w1\",[1,2]]\n1 items [\"a1\",\"w2\",[3,4]]\n1 table [\"a1\",\"\",[[\"x\",1]]]\n" \
    "1 table [\"a1\",\"\",[[\"y\",2]]]\n1 table [\"b1\",\"\",[[\"x\",3]]]\n1 sum [\"a1\",\"w1\",100]\n1 sum [\"a1\",\"w2\",200]\n"                          \
    "1 _timer_state/event_t {\"key\":\"a1\",\"ns\":\"w1\",\"timestamp\":1001}\n"

/* What the log leaves alone comes as it is and first; a map stays together. */
static void over_canonical(void **state)
{
    (void)state;
    static const enum how hows[] = {IN_MEMORY, IN_FILE, IN_SNAPPY_FILE};
    for (int i = 0; i < 3; i++) {
        struct made m = {0};
        materialize(&m, HANDLE_SAVEPOINT_KEY_GROUPS, canonical_group);
        log_everything(&m);
        end_log(&m, hows[i]);
        check(
            &m,
            "0 count [\"b\",\"\",20]\n0 items [\"a\",\"w2\",[3,4]]\n0 table [\"a\",\"\",[[\"y\",22]]]\n0 table [\"a\",\"\",[[\"z\",33]]]\n0 table [\"b\",\"\",[[\"x\",3]]]\n"
            "0 sum [\"a\",\"w2\",200]\n" GROUP_1
            "0 count [\"a\",\"\",11]\n0 count [\"c\",\"\",12]\n0 items [\"a\",\"w1\",[1,2,5]]\n0 items [\"a\",\"w3\",[6]]\n0 sum [\"a\",\"w1\",101]\n"
            "0 _timer_state/event_t {\"key\":\"a\",\"ns\":\"w1\",\"timestamp\":2000}\n");
    }
}

static void nothing_logged(void **state)
{
    (void)state;
    struct made m = {0};
    materialize(&m, HANDLE_SAVEPOINT_KEY_GROUPS, canonical_group);
    log_change(&m, -1, announce(SUM));
    log_change(&m, 7, with_long(keyed(SET, SUM, "a", "w1"), 1)); /* of a key group that is not the handle's */
    end_log(&m, IN_MEMORY);
    check(
        &m,
        "0 count [\"a\",\"\",10]\n0 count [\"b\",\"\",20]\n0 items [\"a\",\"w1\",[1,2]]\n0 items [\"a\",\"w2\",[3,4]]\n0 table [\"a\",\"\",[[\"x\",1]]]\n"
        "0 table [\"a\",\"\",[[\"y\",2]]]\n0 table [\"b\",\"\",[[\"x\",3]]]\n0 sum [\"a\",\"w1\",100]\n0 sum [\"a\",\"w2\",200]\n"
        "0 _timer_state/event_t {\"key\":\"a\",\"ns\":\"w1\",\"timestamp\":1000}\n" GROUP_1);
}

/* Heap streams have whole lists and maps; null values of maps stay null. */
static void over_heap(void **state)
{
    (void)state;
    struct made m = {0};
    materialize(&m, HANDLE_KEY_GROUPS_V2, heap_group);
    for (int i = 0; i < STATES; i++)
        log_change(&m, -1, announce(i));
    log_change(&m, 1, with_long(keyed(ADD_ELEMENT, ITEMS, "a", "w1"), 3));
    log_change(&m, 1, with_long(with_str(keyed(PUT, TABLE, "a", "w1"), "x"), 9));
    struct buf all = with_u32(keyed(ADD, TABLE, "a", "w1"), 2);
    str(&all, "p"), u8(&all, 1);
    str(&all, "q"), u8(&all, 0), u64(&all, 4);
    log_change(&m, 1, all);
    log_change(&m, 1, keyed(CLEAR, COUNT, "a", "w1"));
    end_log(&m, IN_FILE);
    check(
        &m,
        "1 table [\"a\",\"w1\",[[\"y\",null]]]\n1 table [\"a\",\"w1\",[[\"p\",null]]]\n1 table [\"a\",\"w1\",[[\"q\",4]]]\n1 table [\"a\",\"w1\",[[\"x\",9]]]\n"
        "1 sum [\"a\",\"w1\",7]\n1 _timer_state/event_t {\"key\":\"a\",\"ns\":\"w1\",\"timestamp\":5}\n1 items [\"a\",\"w1\",[1,2,3]]\n");
}

/* Lists are joined, a single value moves, two values need the job's function unless it wrote the result. */
static void merged_namespaces(void **state)
{
    (void)state;
    struct made m = {0};
    materialize(&m, HANDLE_SAVEPOINT_KEY_GROUPS, canonical_group);
    log_change(&m, -1, announce(ITEMS));
    log_change(&m, -1, announce(SUM));
    log_change(&m, 0, with_str(with_u32(with_str(keyed(MERGE_NS, ITEMS, "a", "w2"), "w2"), 1), "w1"));
    log_change(&m, 1, with_str(with_u32(with_str(keyed(MERGE_NS, SUM, "a1", "w9"), "w9"), 1), "w1"));
    log_change(&m, 0, with_str(with_u32(with_str(keyed(MERGE_NS, SUM, "a", "w1"), "w1"), 1), "w2"));
    end_log(&m, IN_MEMORY);
    log_change(&m, 1, with_str(with_u32(with_str(keyed(MERGE_NS, SUM, "a1", "w2"), "w2"), 1), "w9"));
    log_change(&m, 1, with_long(keyed(SET_INTERNAL, SUM, "a1", "w2"), 300));
    end_log(&m, IN_FILE);
    check(
        &m,
        "0 count [\"a\",\"\",10]\n0 count [\"b\",\"\",20]\n0 table [\"a\",\"\",[[\"x\",1]]]\n0 table [\"a\",\"\",[[\"y\",2]]]\n0 table [\"b\",\"\",[[\"x\",3]]]\n"
        "0 _timer_state/event_t {\"key\":\"a\",\"ns\":\"w1\",\"timestamp\":1000}\n1 count [\"a1\",\"\",11]\n1 count [\"b1\",\"\",21]\n1 items [\"a1\",\"w1\",[1,2]]\n"
        "1 items [\"a1\",\"w2\",[3,4]]\n1 table [\"a1\",\"\",[[\"x\",1]]]\n1 table [\"a1\",\"\",[[\"y\",2]]]\n1 table [\"b1\",\"\",[[\"x\",3]]]\n"
        "1 _timer_state/event_t {\"key\":\"a1\",\"ns\":\"w1\",\"timestamp\":1001}\n"
        "0 items [\"a\",\"w2\",[3,4,1,2]]\n"
        "0 sum [\"a\",\"w1\",{\"$opaque\":\"two namespaces merged by the job's own function, and not yet written anew\",\"length\":0,\"why\":\"serializer not known to weir\",\"$hex\":\"\"}]\n"
        "1 sum [\"a1\",\"w2\",300]\n");
}

/* Cleared and filled again: only the last life counts. Two logs go on where the first one ended. */
static void lives(void **state)
{
    (void)state;
    struct made m = {0};
    materialize(&m, HANDLE_SAVEPOINT_KEY_GROUPS, canonical_group);
    log_change(&m, -1, announce(TABLE));
    log_change(&m, -1, announce(ITEMS));
    log_change(&m, 0, with_long(with_str(keyed(PUT, TABLE, "a", ""), "p"), 1));
    log_change(&m, 0, keyed(CLEAR, TABLE, "a", ""));
    log_change(&m, 0, with_long(with_str(keyed(PUT, TABLE, "a", ""), "q"), 2));
    log_change(&m, 0, keyed(CLEAR, TABLE, "b", ""));
    log_change(&m, 0, keyed(CLEAR, ITEMS, "a", "w1"));
    log_change(&m, 0, with_u32(keyed(SET, ITEMS, "a", "w2"), 0));
    end_log(&m, IN_FILE);
    log_change(&m, 0, with_long(keyed(ADD_ELEMENT, ITEMS, "a", "w1"), 8));
    end_log(&m, IN_MEMORY);
    check(
        &m,
        "0 count [\"a\",\"\",10]\n0 count [\"b\",\"\",20]\n0 table [\"a\",\"\",[[\"q\",2]]]\n0 sum [\"a\",\"w1\",100]\n0 sum [\"a\",\"w2\",200]\n"
        "0 _timer_state/event_t {\"key\":\"a\",\"ns\":\"w1\",\"timestamp\":1000}\n" GROUP_1 "0 items [\"a\",\"w1\",[8]]\n");
}

/* Nothing is materialized. The key is told by timers; else it is found by its key groups, or not. */
static void key_serializer(void **state)
{
    (void)state;
    struct made m = {0};
    log_change(&m, -1, announce(COUNT));
    log_change(&m, -1, announce(TIMERS));
    log_change(&m, 2, with_long(keyed(SET, COUNT, "a", ""), 1));
    end_log(&m, IN_MEMORY);
    check(&m, "2 count [\"a\",\"\",1]\n");

    m = (struct made){0};
    log_change(&m, -1, announce(COUNT));
    log_change(&m, 2, with_long(keyed(SET, COUNT, "a", ""), 1));
    end_log(&m, IN_MEMORY);
    check(
        &m,
        "2 count [{\"$opaque\":\"the key's, which a log without timers does not tell before anything is materialized\",\"length\":0,"
        "\"why\":\"the changelog's keys cannot be told from its values: their serializer is not known\",\"$hex\":\"\"},"
        "{\"$opaque\":\"a change in the changelog\",\"length\":11,\"why\":\"serializer not known to weir\",\"$hex\":\"0261010000000000000001\"}]\n");
}

/* A serializer has changed: values go by the one they were written with, a list of both cannot be shown. */
static void two_serializers(void **state)
{
    (void)state;
    struct made m = {0};
    materialize(&m, HANDLE_SAVEPOINT_KEY_GROUPS, canonical_group);
    struct buf changed = {0}, list = {0};
    u8(&changed, METADATA);
    u32(&changed, 7);
    keyed_info(&changed, "count", "VALUE", S_STRING, S_INT, NULL, NULL);
    u16(&changed, 0);
    u16(&changed, COUNT + 100);
    u8(&changed, 0);
    u8(&list, METADATA);
    u32(&list, 7);
    keyed_info(&list, "items", "LIST", S_STRING, S_LIST, S_INT, NULL);
    u16(&list, 0);
    u16(&list, ITEMS + 100);
    u8(&list, 0);
    log_change(&m, -1, changed);
    log_change(&m, -1, list);
    log_change(&m, 0, with_u32(keyed(SET, COUNT, "a", ""), 5));
    log_change(&m, 0, with_u32(keyed(ADD_ELEMENT, ITEMS, "a", "w1"), 5));
    end_log(&m, IN_MEMORY);
    check(
        &m,
        "0 count [\"b\",\"\",20]\n0 items [\"a\",\"w2\",[3,4]]\n0 table [\"a\",\"\",[[\"x\",1]]]\n0 table [\"a\",\"\",[[\"y\",2]]]\n0 table [\"b\",\"\",[[\"x\",3]]]\n"
        "0 sum [\"a\",\"w1\",100]\n0 sum [\"a\",\"w2\",200]\n0 _timer_state/event_t {\"key\":\"a\",\"ns\":\"w1\",\"timestamp\":1000}\n" GROUP_1
        "0 count [\"a\",\"\",5]\n"
        "0 items [\"a\",\"w1\",{\"$opaque\":\"a list with elements of two versions of their serializer\",\"length\":24,\"why\":\"serializer not known to weir\","
        "\"$hex\":\"000000030000000000000001000000000000000200000005\"}]\n");
}

static void refused(void **state)
{
    (void)state;
    struct buf text = {0};
    struct err e = {0};
    struct made m = {0};
    materialize(&m, HANDLE_SAVEPOINT_KEY_GROUPS, canonical_group);
    log_change(&m, 0, with_long(keyed(SET, COUNT, "a", ""), 1)); /* before it is announced */
    end_log(&m, IN_MEMORY);
    assert_false(read_made(&m, m.bytes.n, SIZE_MAX, &text, &e));
    assert_int_equal(e.kind, ERR_CORRUPT);
    assert_non_null(strstr(e.text, "a change of a state that the log has not announced"));
    made_free(&m);

    m = (struct made){0};
    e = (struct err){0};
    materialize(&m, HANDLE_SAVEPOINT_KEY_GROUPS, canonical_group);
    m.materialized[0].tag = HANDLE_CHANGELOG_V2;
    assert_false(read_made(&m, m.bytes.n, SIZE_MAX, &text, &e));
    assert_non_null(strstr(e.text, "a changelog inside a changelog"));
    made_free(&m);
    buf_free(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(over_canonical),    cmocka_unit_test(nothing_logged), cmocka_unit_test(over_heap),
        cmocka_unit_test(merged_namespaces), cmocka_unit_test(lives),          cmocka_unit_test(key_serializer),
        cmocka_unit_test(two_serializers),   cmocka_unit_test(refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
