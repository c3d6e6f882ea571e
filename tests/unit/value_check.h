/* Values for tests: as JSON, the same way without a sink, cut and changed. Include after cmocka.h. */
#ifndef WEIR_TESTS_UNIT_VALUE_CHECK_H
#define WEIR_TESTS_UNIT_VALUE_CHECK_H

#include <jansson.h>

#include "inspect/json_sink.h"
#include "savepoint/ser.h"
#include "savepoint/value_encode.h"
#include "tests/unit/vectors.h"

/* The value as JSON text; whatever the bytes are, that is valid, and a walk without a sink ends at the same place. */
static inline const char *value_json(const struct ser *s, struct rd *r, struct buf *b)
{
    struct json_sink j;
    struct rd walk = *r;
    b->n = 0;
    json_sink_init(&j, b);
    ser_read(s, r, &j.sink);
    json_sink_free(&j);
    ser_read(s, &walk, NULL);
    assert_ptr_equal(walk.p, r->p);
    assert_ptr_equal(walk.why, r->why);
    assert_int_equal(walk.cut, r->cut);
    const char *text = buf_cstr(b);
    json_t *parsed = json_loads(text, JSON_DECODE_ANY | JSON_ALLOW_NUL | JSON_DISABLE_EOF_CHECK, NULL);
    if (!strstr(text, "\\ud") && !strstr(text, "\\u0000")) /* jansson takes no lone surrogates and no zeros in keys */
        assert_non_null(parsed);
    json_decref(parsed);
    return text;
}

/* Bytes in a block of their own, so that a read behind them is seen. free() releases p. */
static inline struct bytes value_copy(const uint8_t *p, size_t n)
{
    uint8_t *own = mem_alloc(n);
    if (n)
        memcpy(own, p, n);
    return (struct bytes){own, n};
}

static unsigned value_written; /* values that were encoded without the help of their own bytes */

static inline void value_forget(struct value *v, struct arena *a)
{
    if (v->origin) {
        struct value_origin *o = arena_alloc(a, sizeof *o);
        o->class_name = v->origin->class_name;
        v->origin = o;
    }
    for (uint32_t i = 0; value_item(v, i); i++)
        value_forget(value_item(v, i), a);
}

/* As a tree it prints the same, and so does what it is encoded to, where weir writes such values; also without its own bytes. */
static inline void value_again(const struct ser *s, struct bytes b, const char *expected)
{
    struct arena a = {0};
    struct value_sink sink;
    struct json_sink j;
    struct buf text = {0}, bytes = {0};
    struct value v;
    struct err e = {0};
    value_sink_init(&sink, &a);
    if (!value_decode(&sink, s, b, &v, &e))
        fail_msg("%s", e.text);
    json_sink_init(&j, &text);
    value_report(&v, &j.sink);
    assert_string_equal(buf_cstr(&text), expected);
    for (int fresh = 0; fresh < 2; fresh++) {
        e = (struct err){0};
        bytes.n = text.n = 0;
        if (fresh)
            value_forget(&v, &a);
        if (value_encode(s, &v, &bytes, &e)) {
            struct rd r = rd_of(bytes.p, bytes.n, 0);
            ser_read(s, &r, &j.sink);
            assert_true(rd_ok(&r));
            assert_int_equal(rd_left(&r), 0);
            const char *hex = fresh ? strstr(expected, ",\"$hex\":") : NULL; /* shown bytes may be others that say the same */
            if (hex)
                assert_memory_equal(buf_cstr(&text), expected, (size_t)(hex - expected));
            else
                assert_string_equal(buf_cstr(&text), expected);
            value_written += (unsigned)fresh;
        } else if (e.kind != ERR_UNSUPPORTED) {
            fail_msg("%s: %s", expected, e.text);
        }
    }
    json_sink_free(&j);
    value_sink_free(&sink);
    buf_free(&text);
    buf_free(&bytes);
    arena_free(&a);
}

/* The value is read whole and prints as expected. */
static inline void value_is(const struct ser *s, struct bytes b, const char *expected)
{
    struct buf text = {0};
    struct rd r = rd_of(b.p, b.n, 0);
    value_json(s, &r, &text);
    assert_true(rd_ok(&r));
    assert_int_equal(rd_left(&r), 0);
    assert_string_equal(buf_cstr(&text), expected);
    buf_free(&text);
    value_again(s, b, expected);
}

/* Cut at every length a value is malformed, or some of it is said to be opaque. Changed in any byte it is something. */
static inline void value_hurt(const struct ser *s, struct bytes b)
{
    static const uint8_t changes[] = {0x01, 0x80, 0xff, 0x7f, 0x08, 0x03};
    struct buf text = {0};
    for (size_t n = 0; n < b.n; n++) {
        struct bytes cut = value_copy(b.p, n);
        struct rd r = rd_of(cut.p, n, 0);
        value_json(s, &r, &text);
        assert_true(!rd_ok(&r) || r.opaque);
        free((void *)cut.p);
    }
    for (size_t i = 0; i < b.n; i++)
        for (size_t k = 0; k < sizeof changes; k++) {
            struct bytes changed = value_copy(b.p, b.n);
            ((uint8_t *)changed.p)[i] ^= changes[k];
            struct rd r = rd_of(changed.p, b.n, 0);
            value_json(s, &r, &text);
            free((void *)changed.p);
        }
    buf_free(&text);
}

/* Parses a snapshot that takes all the bytes. */
static inline struct ser *snapshot_of(struct bytes b, struct arena *a, int flink2, const struct told *told)
{
    struct rd r = rd_of(b.p, b.n, 0);
    struct ser_in in = {.r = &r, .a = a, .flink2 = flink2, .told = told};
    struct ser *s = ser_parse(&in);
    assert_non_null(s);
    assert_null(in.lost);
    assert_int_equal(rd_left(&r), 0);
    return s;
}

/* A snapshot cut at every length fails; changed in any byte it is read or fails. */
static inline void snapshot_hurt(struct bytes b, int flink2)
{
    for (size_t n = 0; n < b.n; n++) {
        struct arena a = {0};
        struct bytes cut = value_copy(b.p, n);
        struct rd r = rd_of(cut.p, n, 0);
        struct ser_in in = {.r = &r, .a = &a, .flink2 = flink2};
        assert_true(!ser_parse(&in) || in.lost);
        free((void *)cut.p);
        struct bytes changed = value_copy(b.p, b.n);
        ((uint8_t *)changed.p)[n] ^= 0xff;
        struct rd r2 = rd_of(changed.p, b.n, 0);
        struct ser_in in2 = {.r = &r2, .a = &a, .flink2 = flink2};
        const struct ser *read = ser_parse(&in2);
        assert_int_equal(read != NULL, rd_ok(&r2));
        free((void *)changed.p);
        arena_free(&a);
    }
}

#endif
