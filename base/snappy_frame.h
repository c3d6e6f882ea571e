/* Chunks of Snappy's framing format (google/snappy, framing_format.txt), one at a time; the stream is savepoint/source.h. */
#ifndef WEIR_BASE_SNAPPY_FRAME_H
#define WEIR_BASE_SNAPPY_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/mem.h"

enum {
    SNAPPY_HEAD = 4,                                                   /* type, u24 little-endian length of the body */
    SNAPPY_PLAIN_MAX = 65536,                                          /* plain bytes of one chunk */
    SNAPPY_BODY_MAX = 4 + 32 + SNAPPY_PLAIN_MAX + SNAPPY_PLAIN_MAX / 6 /* checksum and the longest compressed form of that */
};

/* What to do with a chunk, by its head. */
enum snappy_step { SNAPPY_IDENTIFIER, SNAPPY_DATA, SNAPPY_SKIP, SNAPPY_BAD };

/* Reads the SNAPPY_HEAD bytes at p: the body's length, and the step. SNAPPY_BAD sets *why to a static sentence. The length of an
 * identifier or of data is at most SNAPPY_BODY_MAX. */
enum snappy_step snappy_head(const uint8_t *p, size_t *body, const char **why);
/* Checks the body of an identifier. */
bool snappy_identifier(const uint8_t *body, size_t n, const char **why);
/* Unpacks a data chunk of the given type into `to`, which has room for SNAPPY_PLAIN_MAX bytes, and checks its checksum. */
bool snappy_data(uint8_t type, const uint8_t *body, size_t n, uint8_t *to, size_t *plain, const char **why);

/* Appends the stream identifier. */
void snappy_put_identifier(struct buf *out);
/* Appends one data chunk of at most SNAPPY_PLAIN_MAX plain bytes. As snappy-java's SnappyFramedOutputStream with Flink's settings
 * (SnappyStreamCompressionDecorator): compressed unless that leaves more than 85 %. */
void snappy_put(struct buf *out, const uint8_t *plain, size_t n);
/* The same, never compressed: SNAPPY_HEAD + 4 bytes longer than what is in it, whatever that is. */
void snappy_put_stored(struct buf *out, const uint8_t *plain, size_t n);

#endif
