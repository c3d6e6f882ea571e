/* A bounded, sticky reader over bytes in memory; numbers big-endian, as java.io.DataOutput writes them.
 *
 * It never reads outside [start, end). The first read that does not fit makes it fail: `why` is set, `bad_at` tells where,
 * `p` jumps to `end` so that loops stop, and every later read gives 0. Look at rd_ok() once, at the end.
 *
 * `cut` says that the rest was taken as opaque (a serializer that is not known): not a failure, but nothing follows. */
#ifndef WEIR_BASE_RD_H
#define WEIR_BASE_RD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/mem.h"

struct rd {
    const uint8_t *p, *end, *start;
    uint64_t origin; /* position of `start` in its file, for messages */
    const char *why; /* NULL while all is well; a static sentence */
    uint64_t bad_at; /* file position of the failure */
    uint32_t depth;  /* nesting of what is being read, limited by rd_enter */
    uint32_t opaque; /* values taken as opaque so far */
    bool cut;
};

enum { RD_MAX_DEPTH = 200 };

static inline struct rd rd_of(const void *p, size_t n, uint64_t origin)
{
    if (!p)
        p = ""; /* nothing, but no null pointer */
    return (struct rd){.p = p, .end = (const uint8_t *)p + n, .start = p, .origin = origin};
}

static inline size_t rd_left(const struct rd *r) { return (size_t)(r->end - r->p); }
static inline bool rd_ok(const struct rd *r) { return !r->why; }
/* True while more may be read: neither failed nor cut. */
static inline bool rd_live(const struct rd *r) { return !r->why && !r->cut; }
static inline uint64_t rd_pos(const struct rd *r) { return r->origin + (uint64_t)(r->p - r->start); }

/* Fails the reader (first reason wins). */
void rd_fail(struct rd *r, const char *why);
/* The failure of a read that is too short, out of line to keep the readers small. */
void rd_short(struct rd *r);

/* n bytes as they lie, or NULL (failed). n == 0 gives a pointer that must not be read. */
static inline const uint8_t *rd_take(struct rd *r, size_t n)
{
    if (__builtin_expect(rd_left(r) < n, 0)) {
        rd_short(r);
        return NULL;
    }
    const uint8_t *p = r->p;
    r->p += n;
    return p;
}

static inline uint16_t be16(const uint8_t *p)
{
    uint16_t v;
    memcpy(&v, p, 2);
    return __builtin_bswap16(v);
}
static inline uint32_t be32(const uint8_t *p)
{
    uint32_t v;
    memcpy(&v, p, 4);
    return __builtin_bswap32(v);
}
static inline uint64_t be64(const uint8_t *p)
{
    uint64_t v;
    memcpy(&v, p, 8);
    return __builtin_bswap64(v);
}
static inline uint32_t le32(const uint8_t *p)
{
    uint32_t v;
    memcpy(&v, p, 4);
    return v;
}
static inline uint64_t le64(const uint8_t *p)
{
    uint64_t v;
    memcpy(&v, p, 8);
    return v;
}
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "weir is built for little-endian machines");

static inline uint8_t rd_u8(struct rd *r)
{
    const uint8_t *p = rd_take(r, 1);
    return p ? *p : 0;
}
static inline int8_t rd_i8(struct rd *r) { return (int8_t)rd_u8(r); }
static inline bool rd_bool(struct rd *r) { return rd_u8(r) != 0; }
static inline uint16_t rd_u16(struct rd *r)
{
    const uint8_t *p = rd_take(r, 2);
    return p ? be16(p) : 0;
}
static inline int16_t rd_i16(struct rd *r) { return (int16_t)rd_u16(r); }
static inline uint32_t rd_u32(struct rd *r)
{
    const uint8_t *p = rd_take(r, 4);
    return p ? be32(p) : 0;
}
static inline int32_t rd_i32(struct rd *r) { return (int32_t)rd_u32(r); }
static inline int64_t rd_i64(struct rd *r)
{
    const uint8_t *p = rd_take(r, 8);
    return p ? (int64_t)be64(p) : 0;
}
float rd_f32(struct rd *r);
double rd_f64(struct rd *r);

/* An i32 count of things that take at least `min` bytes each (0: bounded by what is left all the same): fails when negative
 * or when that many cannot follow. */
uint32_t rd_count(struct rd *r, size_t min);
/* An i32 length and that many bytes. */
struct bytes rd_bytes32(struct rd *r);
/* Unsigned 7-bit groups, low first, at most 32 bits (5 bytes) or 64 (10). */
uint32_t rd_varint32(struct rd *r);
uint64_t rd_varint64(struct rd *r);
/* A reader over the next n bytes, which are skipped in r. A failure inside is the caller's to carry over (rd_join). */
struct rd rd_sub(struct rd *r, size_t n);
/* Takes failure and opaque count of a sub-reader over into r. */
void rd_join(struct rd *r, const struct rd *sub);

/* One level deeper; false (and failed) beyond RD_MAX_DEPTH. rd_leave undoes a successful one. */
static inline bool rd_enter(struct rd *r)
{
    if (__builtin_expect(r->depth >= RD_MAX_DEPTH, 0)) {
        rd_fail(r, "nested too deeply (limit 200)");
        return false;
    }
    r->depth++;
    return true;
}
static inline void rd_leave(struct rd *r) { r->depth--; }

#endif
