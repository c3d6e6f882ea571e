/* Files that are compressed, unpacked while they are read: gzip (RFC 1952) and zlib (RFC 1950), Zstandard frames (RFC 8878). Which one it is
 * says the file's name, as in Flink (FileInputFormat, StandardDeCompressors of flink-connector-files 2.3).
 *
 * What is read is hostile: memory is bounded by the largest window, 128 MiB of Zstandard's. */
#ifndef WEIR_BASE_UNPACK_H
#define WEIR_BASE_UNPACK_H

#include "base/err.h"
#include "base/mem.h"

struct unpack;

/* Packed bytes, at most n; how many, 0: there are no more, -1: e is set. */
typedef ptrdiff_t unpack_source(void *ctx, void *to, size_t n, struct err *e);

/* *u NULL: a file of that name is not compressed. False: it is, in a way that is not there (ERR_UNSUPPORTED). */
bool unpack_open(struct unpack **u, const char *path, struct err *e);
/* The next bytes, at most n; how many, 0 at the end of the last member or frame, -1: e is set (ERR_CORRUPT: malformed, or cut off). */
ptrdiff_t unpack_read(struct unpack *u, unpack_source *source, void *ctx, void *to, size_t n, struct err *e);
void unpack_close(struct unpack *u); /* NULL is allowed */

#endif
