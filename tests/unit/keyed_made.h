/* Key-group streams that are made for tests, and what is read of them, as text. */
#ifndef WEIR_TESTS_UNIT_KEYED_MADE_H
#define WEIR_TESTS_UNIT_KEYED_MADE_H

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

static inline struct stream stream_of(enum handle_tag tag, int32_t first, int32_t max_parallelism)
{
    return (struct stream){.tag = tag, .first = first, .max_parallelism = max_parallelism};
}

/* Up to the number of states. */
static inline void head(struct stream *s, const char *key, uint32_t states)
{
    u32(&s->bytes, 6);
    u8(&s->bytes, s->compressed);
    u32(&s->bytes, 2);
    snapshot_of(&s->bytes, key, NULL, NULL);
    u16(&s->bytes, states);
}

static inline void offset(struct stream *s, uint64_t at)
{
    struct buf b = {0};
    assert_true(s->n < MAX_GROUPS);
    u64(&b, at);
    memcpy(s->offsets + (size_t)8 * s->n++, b.p, 8);
    buf_free(&b);
}

/* Snappy's framing format: an identifier, and the bytes in chunks of at most `chunk`, packed and plain ones by turns. */
static inline struct buf framed(struct buf plain, size_t chunk)
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
static inline void canonical_group(struct stream *s, struct buf group)
{
    offset(s, s->bytes.n);
    moved_in(&s->bytes, s->compressed ? framed(group, 50) : group);
}

/* The key group's number, which is never packed; its states follow with heap_state. */
static inline void heap_group(struct stream *s)
{
    offset(s, s->bytes.n);
    u32(&s->bytes, (uint32_t)s->first + s->n - 1);
}

static inline void heap_state(struct stream *s, uint32_t id, uint32_t count, struct buf entries)
{
    struct buf b = {0};
    u16(&b, id);
    u32(&b, count);
    moved_in(&b, entries);
    moved_in(&s->bytes, s->compressed ? framed(b, 20) : b);
}

/* An entry of a canonical group: its key group, what is behind it of the key, the value. */
static inline void entry(struct buf *b, const struct stream *s, uint32_t group, bool last, struct buf key, struct buf value)
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

static inline struct buf bytes_of(const char *hex)
{
    struct buf b = {0};
    hexed(&b, hex);
    return b;
}

static inline struct buf text_of(const char *s)
{
    struct buf b = {0};
    str(&b, s);
    return b;
}

static inline struct buf long_of(int64_t v)
{
    struct buf b = {0};
    u64(&b, (uint64_t)v);
    return b;
}

static inline struct buf both(struct buf a, struct buf b)
{
    moved_in(&a, b);
    return a;
}

static inline struct buf with_void(struct buf key) { return both(key, bytes_of("00")); }

/* --- reading --- */

struct reading {
    struct buf text; /* a line for each entry */
    struct err e;
    enum keyed_format format;
    uint32_t opaque, opaque_groups;
    bool opened;
};

static inline bool on_entry(void *ctx, struct entry *en, struct err *e)
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
static inline struct reading read_cut(const struct stream *s, size_t n)
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

static inline void check(const struct stream *s, enum keyed_format format, const char *want)
{
    struct reading r = read_cut(s, s->bytes.n);
    assert_string_equal(r.e.text, "");
    assert_int_equal(r.format, format);
    assert_string_equal(buf_cstr(&r.text), want);
    buf_free(&r.text);
}

/* Cut anywhere it is an error, changed anywhere it comes back with an answer. */
static inline void hurt(struct stream *s)
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
static inline void fails(struct stream *s, const char *part, const char *before)
{
    struct reading r = read_cut(s, s->bytes.n);
    assert_int_equal(r.e.kind, ERR_CORRUPT);
    if (!strstr(r.e.text, part))
        fail_msg("\"%s\" does not say \"%s\"", r.e.text, part);
    assert_string_equal(buf_cstr(&r.text), before);
    buf_free(&r.text);
    buf_free(&s->bytes);
}

/* A metaInfo whose value's (or namespace's) serializer has a body of bytes that weir cannot know. */
static inline void unknown_info(struct buf *b, const char *name, const char *kind, bool ns_unknown, const char *body)
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

#endif
