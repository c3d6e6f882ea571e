/* Files of Zstandard frames (RFC 8878) to which one only ever appends: `zstd -d` reads them whole, and each frame by itself.
 *
 * A writer flushes in between, so that whoever reads a file that is still written, or whose writer was killed, gets all up to the
 * last flush. Frames carry a checksum. What is read is hostile: memory is bounded by the caller's `max` and a window of 8 MiB. */
#ifndef WEIR_BASE_ZSTD_STREAM_H
#define WEIR_BASE_ZSTD_STREAM_H

#include "base/err.h"
#include "base/mem.h"

struct zstd_writer;

/* Appends to fd, which stays the caller's. NULL: e is set. */
struct zstd_writer *zstd_writer_new(int fd, struct err *e);
/* Ends nothing: what was not flushed is lost. NULL is allowed. */
void zstd_writer_free(struct zstd_writer *w);
/* ERR_IO when the file cannot be written. */
bool zstd_write(struct zstd_writer *w, const void *p, size_t n, struct err *e);
/* What has been written until now gets into the file; `end`: as the end of a frame. */
bool zstd_flush(struct zstd_writer *w, bool end, struct err *e);
/* Bytes in the file by this writer. */
uint64_t zstd_written(const struct zstd_writer *w);
/* A whole frame at once, for which no writer is needed. */
bool zstd_write_frame(int fd, const void *p, size_t n, struct err *e);

struct zstd_reader;

enum zstd_got {
    ZSTD_FRAME,   /* a whole one */
    ZSTD_NOTHING, /* the file ends here */
    ZSTD_CUT,     /* the file ends within the frame; what there is of it has been unpacked */
    ZSTD_BAD      /* e says why: ERR_CORRUPT, ERR_LIMIT (more than max bytes), ERR_IO; without the file's name */
};

/* Reads fd by offsets, which stays the caller's. */
struct zstd_reader *zstd_reader_new(int fd);
void zstd_reader_free(struct zstd_reader *r); /* NULL is allowed */
/* Appends the frame at *at in the file, unpacked, to `to`, and moves *at behind it. At most max bytes. */
enum zstd_got zstd_read_frame(struct zstd_reader *r, uint64_t *at, size_t max, struct buf *to, struct err *e);

#endif
