/* Bytes as java.io.DataOutput and Flink write them, appended to a buffer: the other side of base/rd.h. */
#ifndef WEIR_BASE_WR_H
#define WEIR_BASE_WR_H

#include <stdbool.h>
#include <string.h>

#include "base/mem.h"

static inline void wr_u8(struct buf *b, uint8_t v) { buf_putc(b, v); }
static inline void wr_u16(struct buf *b, uint16_t v)
{
    v = __builtin_bswap16(v);
    buf_put(b, &v, 2);
}
static inline void wr_u32(struct buf *b, uint32_t v)
{
    v = __builtin_bswap32(v);
    buf_put(b, &v, 4);
}
static inline void wr_u64(struct buf *b, uint64_t v)
{
    v = __builtin_bswap64(v);
    buf_put(b, &v, 8);
}
static inline void wr_i32(struct buf *b, int32_t v) { wr_u32(b, (uint32_t)v); }
static inline void wr_i64(struct buf *b, int64_t v) { wr_u64(b, (uint64_t)v); }

/* Bytes as they are. */
static inline void wr_bytes(struct buf *b, struct bytes v)
{
    if (v.n)
        buf_put(b, v.p, v.n);
}
/* An i32 length and that many bytes. At most 2 GiB. */
static inline void wr_bytes32(struct buf *b, struct bytes v)
{
    wr_u32(b, (uint32_t)v.n);
    wr_bytes(b, v);
}

/* DataOutput#writeUTF: u16 length in bytes, modified UTF-8 (U+0000 in two bytes, surrogates in three each). The text is UTF-8, a lone
 * surrogate as in base/utf8.h. False, and nothing appended: it is no UTF-8, or longer than 65535 bytes in that form. */
bool wr_utf(struct buf *b, const char *s, size_t n);
static inline bool wr_utfz(struct buf *b, const char *s) { return wr_utf(b, s, strlen(s)); }

/* StringValue#writeString (flink-core): length in UTF-16 units + 1, then the units, all in 7-bit groups, low first. NULL is Java's null.
 * False, and nothing appended: it is no UTF-8. */
bool wr_flink_string(struct buf *b, const char *s, size_t n);

#endif
