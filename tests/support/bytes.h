/* Bytes as java.io.DataOutput and Flink write them, for tests: big-endian, appended to a buf. */
#ifndef WEIR_TESTS_SUPPORT_BYTES_H
#define WEIR_TESTS_SUPPORT_BYTES_H

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

static inline void u8(struct buf *b, unsigned v) { buf_putc(b, (uint8_t)v); }
static inline void u16(struct buf *b, uint32_t v) { u8(b, v >> 8), u8(b, v); }
static inline void u32(struct buf *b, uint32_t v) { u16(b, v >> 16), u16(b, v); }
static inline void u64(struct buf *b, uint64_t v) { u32(b, (uint32_t)(v >> 32)), u32(b, (uint32_t)v); }
static inline void utf(struct buf *b, const char *s) { u16(b, (uint32_t)strlen(s)), buf_puts(b, s); }
/* Flink's string, short and of ASCII. */
static inline void str(struct buf *b, const char *s) { u8(b, (unsigned)strlen(s) + 1), buf_puts(b, s); }
static inline void add(struct buf *b, const struct buf *more) { buf_put(b, more->p, more->n); }
/* The bytes of `inner`, which is released. */
static inline void moved_in(struct buf *b, struct buf inner) { add(b, &inner), buf_free(&inner); }
/* i32 length and the bytes of `inner`, which is released. */
static inline void counted(struct buf *b, struct buf inner) { u32(b, (uint32_t)inner.n), moved_in(b, inner); }
static inline struct bytes span_of(const struct buf *b) { return (struct bytes){b->p, b->n}; }

/* Hex digits; blanks between bytes are skipped. */
static inline void hexed(struct buf *b, const char *hex)
{
    for (; *hex; hex++)
        if (*hex != ' ') {
            char two[3] = {hex[0], hex[1], 0};
            u8(b, (unsigned)strtoul(two, NULL, 16));
            hex++;
        }
}

#endif
