/* UTF-8, in the generalised form that Java text needs: a lone surrogate stands as its three bytes (WTF-8). */
#ifndef WEIR_BASE_UTF8_H
#define WEIR_BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/mem.h"

/* The code point at p and its length in bytes, 1 to 4; 0 when no well-formed sequence starts there (n may be 0). Overlong forms
 * and code points beyond U+10FFFF are malformed; surrogates are not. */
static inline unsigned utf8_next(const uint8_t *p, size_t n, uint32_t *code)
{
    if (n && p[0] < 0x80) {
        *code = p[0];
        return 1;
    }
    if (n < 2 || p[0] < 0xc2 || (p[1] & 0xc0) != 0x80)
        return 0;
    if (p[0] < 0xe0) {
        *code = (p[0] & 0x1fu) << 6 | (p[1] & 0x3fu);
        return 2;
    }
    if (n < 3 || (p[2] & 0xc0) != 0x80)
        return 0;
    if (p[0] < 0xf0) {
        *code = (p[0] & 0x0fu) << 12 | (p[1] & 0x3fu) << 6 | (p[2] & 0x3fu);
        return *code >= 0x800 ? 3 : 0;
    }
    if (n < 4 || p[0] > 0xf4 || (p[3] & 0xc0) != 0x80)
        return 0;
    *code = (p[0] & 0x07u) << 18 | (p[1] & 0x3fu) << 12 | (p[2] & 0x3fu) << 6 | (p[3] & 0x3fu);
    return *code >= 0x10000 && *code <= 0x10ffff ? 4 : 0;
}

/* Appends a code point, which may be a surrogate. */
static inline void utf8_put(struct buf *b, uint32_t code)
{
    static const uint8_t lead[] = {0, 0xc0, 0xe0, 0xf0};
    unsigned more = code < 0x80 ? 0 : code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
    buf_putc(b, (uint8_t)(lead[more] | code >> (6 * more)));
    while (more--)
        buf_putc(b, (uint8_t)(0x80 | (code >> (6 * more) & 0x3f)));
}

static inline bool utf8_surrogate(uint32_t code) { return code >= 0xd800 && code <= 0xdfff; }

/* Bytes that a terminal may take as an order: C0, DEL and C1. */
static inline bool utf8_control(uint32_t code) { return code < 0x20 || (code >= 0x7f && code < 0xa0); }

#endif
