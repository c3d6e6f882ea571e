#include "base/wr.h"

#include "base/utf8.h"

/* Takes the next code point as one or two UTF-16 units; their number, or 0 where the text is malformed. */
static unsigned next_units(const uint8_t **p, size_t *n, uint16_t u[2])
{
    uint32_t code;
    unsigned len = utf8_next(*p, *n, &code);
    *p += len;
    *n -= len;
    if (!len)
        return 0;
    if (code < 0x10000) {
        u[0] = (uint16_t)code;
        return 1;
    }
    u[0] = (uint16_t)(0xd800 | (code - 0x10000) >> 10);
    u[1] = (uint16_t)(0xdc00 | ((code - 0x10000) & 0x3ff));
    return 2;
}

static void put_modified(struct buf *b, uint16_t u)
{
    if (u && u < 0x80) {
        wr_u8(b, (uint8_t)u);
    } else if (u < 0x800) {
        wr_u8(b, (uint8_t)(0xc0 | u >> 6));
        wr_u8(b, (uint8_t)(0x80 | (u & 0x3f)));
    } else {
        wr_u8(b, (uint8_t)(0xe0 | u >> 12));
        wr_u8(b, (uint8_t)(0x80 | (u >> 6 & 0x3f)));
        wr_u8(b, (uint8_t)(0x80 | (u & 0x3f)));
    }
}

static bool undo(struct buf *b, size_t to)
{
    b->n = to;
    return false;
}

bool wr_utf(struct buf *b, const char *s, size_t n)
{
    const uint8_t *p = (const uint8_t *)s;
    size_t at = b->n;
    uint16_t u[2];
    wr_u16(b, 0);
    while (n) {
        unsigned k = next_units(&p, &n, u);
        if (!k)
            return undo(b, at);
        for (unsigned i = 0; i < k; i++)
            put_modified(b, u[i]);
    }
    size_t len = b->n - at - 2;
    if (len > UINT16_MAX)
        return undo(b, at);
    b->p[at] = (uint8_t)(len >> 8);
    b->p[at + 1] = (uint8_t)len;
    return true;
}

static void put_groups(struct buf *b, uint32_t v)
{
    for (; v >= 0x80; v >>= 7)
        wr_u8(b, (uint8_t)(v | 0x80));
    wr_u8(b, (uint8_t)v);
}

static bool is_ascii(const uint8_t *p, size_t n)
{
    uint8_t any = 0;
    for (size_t i = 0; i < n; i++)
        any |= p[i];
    return !(any & 0x80);
}

bool wr_flink_string(struct buf *b, const char *s, size_t n)
{
    const uint8_t *p = (const uint8_t *)s;
    if (s && n < UINT32_MAX && is_ascii(p, n)) { /* nearly all: a unit is its byte */
        put_groups(b, (uint32_t)n + 1);
        buf_put(b, p, n);
        return true;
    }
    size_t left = n, at = b->n;
    uint32_t count = 0;
    uint16_t u[2];
    while (left) {
        unsigned k = next_units(&p, &left, u);
        if (!k)
            return false;
        count += k;
    }
    put_groups(b, s ? count + 1 : 0);
    p = (const uint8_t *)s;
    for (left = n; left;) {
        unsigned k = next_units(&p, &left, u);
        if (!k)
            return undo(b, at);
        for (unsigned i = 0; i < k; i++)
            put_groups(b, u[i]);
    }
    return true;
}
