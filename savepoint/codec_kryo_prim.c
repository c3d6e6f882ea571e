/* Numbers and strings as com.esotericsoftware.kryo.io.Input reads them, of Kryo 2.24 and 5.6. */
#include "savepoint/codec_kryo.h"
#include "savepoint/javaio.h"

/* 7-bit groups, low first, at most 5; bits beyond the 32nd are dropped, as Kryo does. */
uint32_t kryo_varint(struct rd *r)
{
    uint32_t v = 0;
    for (unsigned shift = 0; shift < 35; shift += 7) {
        uint8_t b = rd_u8(r);
        v |= (uint32_t)(b & 0x7f) << shift;
        if (!(b & 0x80))
            break;
    }
    return v;
}

/* The same with at most 9 bytes, the ninth a whole one. */
uint64_t kryo_varlong(struct rd *r)
{
    uint64_t v = 0;
    for (unsigned shift = 0; shift < 56; shift += 7) {
        uint8_t b = rd_u8(r);
        v |= (uint64_t)(b & 0x7f) << shift;
        if (!(b & 0x80))
            return v;
    }
    return v | (uint64_t)rd_u8(r) << 56;
}

uint16_t kryo_16(const struct kryo_in *k)
{
    uint16_t v = rd_u16(k->r);
    return k->k->v5 ? __builtin_bswap16(v) : v;
}

uint32_t kryo_32(const struct kryo_in *k)
{
    uint32_t v = rd_u32(k->r);
    return k->k->v5 ? __builtin_bswap32(v) : v;
}

uint64_t kryo_64(const struct kryo_in *k)
{
    uint64_t v = (uint64_t)rd_i64(k->r);
    return k->k->v5 ? __builtin_bswap64(v) : v;
}

uint32_t kryo_count(struct rd *r, uint32_t n)
{
    if (n > rd_left(r)) {
        rd_fail(r, "a Kryo count beyond the bytes that follow");
        return 0;
    }
    return rd_ok(r) ? n : 0;
}

/* Input#readString. First byte without the top bit: ASCII up to the byte that has it. Else a length + 1 (0 null) of 6 bits, bit 6
 * saying that groups of 7 follow, and characters of 1 to 3 bytes. */
bool kryo_string(struct rd *r, struct buf *b)
{
    uint8_t c = rd_u8(r);
    if (!rd_ok(r))
        return false;
    if (!(c & 0x80)) {
        const uint8_t *from = r->p - 1;
        while (rd_left(r) && !(*r->p & 0x80))
            r->p++;
        uint8_t last = rd_u8(r);
        if (rd_ok(r) && b) {
            buf_put(b, from, (size_t)(r->p - from - 1));
            buf_putc(b, last & 0x7f);
        }
        return rd_ok(r);
    }
    uint32_t n = c & 0x3f;
    if (c & 0x40)
        for (unsigned shift = 6; shift < 34; shift += 7) {
            c = rd_u8(r);
            n |= (uint32_t)(c & 0x7f) << shift;
            if (!(c & 0x80))
                break;
        }
    if (n == 0)
        return false;
    n = kryo_count(r, n - 1);
    size_t from = b ? b->n : 0;
    for (uint32_t i = 0; i < n && rd_ok(r); i++) {
        uint32_t u = rd_u8(r);
        if (u >> 5 == 6)
            u = (u & 0x1f) << 6 | (rd_u8(r) & 0x3fu);
        else if (u >> 4 == 14) {
            u = (u & 0x0f) << 12 | (rd_u8(r) & 0x3fu) << 6;
            u |= rd_u8(r) & 0x3fu;
        } else if (u >= 0x80)
            rd_fail(r, "not a character of a Kryo string");
        if (b)
            java_unit(b, from, (uint16_t)u);
    }
    return rd_ok(r);
}
