#include "base/unsnap.h"

#include <string.h>

#include "base/rd.h"

enum { LITERAL, COPY1, COPY2, COPY4 }; /* the low two bits of a tag */
enum { SHORT_LITERAL = 60, AHEAD = 5 + 64 /* read by an element that is neither checked nor copied byte by byte */ };

bool unsnap_length(const uint8_t *p, size_t n, uint32_t *plain)
{
    *plain = 0;
    for (uint32_t i = 0; i < 5 && i < n; i++) {
        *plain |= (uint32_t)(p[i] & 0x7f) << 7 * i;
        if (p[i] < 0x80)
            return i < 4 || p[i] < 0x10;
    }
    return false;
}

static inline void copy16(uint8_t *to, const uint8_t *from)
{
    uint8_t room[16];
    memcpy(room, from, 16);
    memcpy(to, room, 16);
}

/* Up to 64 bytes, in steps of 16: `from` may lie 16 bytes or more in front of `to`, or anywhere else. */
static inline void copy64(uint8_t *to, const uint8_t *from, uint32_t n)
{
    copy16(to, from);
    if (n <= 16)
        return;
    copy16(to + 16, from + 16);
    if (n <= 32)
        return;
    copy16(to + 32, from + 32);
    copy16(to + 48, from + 48);
}

/* Repeats the bytes that begin less than 16 in front of `to`. */
static inline void repeat(uint8_t *to, uint32_t off, uint32_t n)
{
    const uint8_t *from = to - off, *end = to + n;
    if (off >= 8) {
        for (; to < end; to += 8, from += 8) {
            uint64_t v = le64(from);
            memcpy(to, &v, 8);
        }
    } else {
        while (to < end)
            *to++ = *from++;
    }
}

/* The length of a long literal: its low bytes stand at *p. */
static bool long_literal(const uint8_t **p, const uint8_t *end, uint32_t tag, uint32_t *n)
{
    uint32_t bytes = (tag >> 2) + 1 - SHORT_LITERAL, v = 0;
    if ((size_t)(end - *p) < bytes)
        return false;
    for (uint32_t i = 0; i < bytes; i++)
        v |= (uint32_t)(*p)[i] << 8 * i;
    *p += bytes;
    *n = v + 1; /* 2^32 is none, as in libsnappy */
    return true;
}

bool unsnap(const uint8_t *p, size_t n, size_t readable, uint8_t *to, size_t plain)
{
    const uint8_t *const end = p + n, *const limit = p + readable;
    uint8_t *const begin = to, *const stop = to + plain;
    while (p < end && *p & 0x80)
        p++;
    p += p < end;
    while (p < end) {
        uint32_t tag = *p++, len = (tag >> 2) + 1, off;
        bool roomy = limit - p >= AHEAD;
        if ((tag & 3) == LITERAL) {
            if (len > SHORT_LITERAL && !long_literal(&p, end, tag, &len))
                return false;
            if (len > (size_t)(end - p) || len > (size_t)(stop - to))
                return false;
            if (len <= SHORT_LITERAL && roomy)
                copy64(to, p, len);
            else
                memcpy(to, p, len);
            to += len;
            p += len;
            continue;
        }
        if (!roomy && end - p < ((tag & 3) == COPY4 ? 4 : (ptrdiff_t)(tag & 3)))
            return false;
        if ((tag & 3) == COPY1) {
            len = 4 + (tag >> 2 & 7);
            off = tag >> 5 << 8 | *p++;
        } else if ((tag & 3) == COPY2) {
            off = p[0] | (uint32_t)p[1] << 8;
            p += 2;
        } else {
            off = le32(p);
            p += 4;
        }
        if (off - 1 >= (size_t)(to - begin) || len > (size_t)(stop - to))
            return false;
        if (off >= 16)
            copy64(to, to - off, len);
        else
            repeat(to, off, len);
        to += len;
    }
    return p == end && to == stop;
}
