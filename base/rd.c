#include "base/rd.h"

void rd_fail(struct rd *r, const char *why)
{
    if (!r->why) {
        r->why = why;
        r->bad_at = rd_pos(r);
    }
    r->p = r->end;
}

void rd_short(struct rd *r) { rd_fail(r, "ends too early"); }

float rd_f32(struct rd *r)
{
    uint32_t u = rd_u32(r);
    float f;
    memcpy(&f, &u, sizeof f);
    return f;
}

double rd_f64(struct rd *r)
{
    uint64_t u = (uint64_t)rd_i64(r);
    double d;
    memcpy(&d, &u, sizeof d);
    return d;
}

uint32_t rd_count(struct rd *r, size_t min)
{
    int32_t n = rd_i32(r);
    if (n < 0) {
        rd_fail(r, "negative count");
        return 0;
    }
    if (n && rd_left(r) / (min ? min : 1) < (size_t)n) {
        rd_fail(r, "count larger than what is left");
        return 0;
    }
    return (uint32_t)n;
}

struct bytes rd_bytes32(struct rd *r)
{
    uint32_t n = rd_count(r, 1);
    const uint8_t *p = rd_take(r, n);
    return p ? (struct bytes){p, n} : (struct bytes){NULL, 0};
}

uint64_t rd_varint64(struct rd *r)
{
    uint64_t v = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
        uint8_t b = rd_u8(r);
        v |= (uint64_t)(b & 0x7f) << shift;
        if (!(b & 0x80))
            return v;
    }
    rd_fail(r, "variable-length number too long");
    return 0;
}

uint32_t rd_varint32(struct rd *r)
{
    uint32_t v = 0;
    for (unsigned shift = 0; shift < 35; shift += 7) {
        uint8_t b = rd_u8(r);
        v |= (uint32_t)(b & 0x7f) << shift;
        if (!(b & 0x80))
            return v;
    }
    rd_fail(r, "variable-length number too long");
    return 0;
}

struct rd rd_sub(struct rd *r, size_t n)
{
    uint64_t at = rd_pos(r);
    const uint8_t *p = rd_take(r, n);
    struct rd sub = rd_of(p ? p : r->end, p ? n : 0, at);
    sub.depth = r->depth;
    sub.why = r->why;
    sub.bad_at = r->bad_at;
    return sub;
}

void rd_join(struct rd *r, const struct rd *sub)
{
    r->opaque += sub->opaque;
    if (sub->why && !r->why) {
        r->why = sub->why;
        r->bad_at = sub->bad_at;
        r->p = r->end;
    }
}
