/* One jar (a ZIP file) or directory: the names in it, and the bytes of one. */
#ifndef WEIR_JAR_ARCHIVE_H
#define WEIR_JAR_ARCHIVE_H

#include "base/err.h"
#include "base/mem.h"

struct archive;

/* Limits: the names in all, and the bytes of one file of an archive when it is unpacked. */
enum { ARCHIVE_NAMES_MAX = 1 << 20, ARCHIVE_FILE_MAX = 512 << 20 };

/* A directory's files are those below it, links not followed. NULL: e says why, with the path. */
struct archive *archive_open(const char *path, struct err *e);
/* A jar that lies in memory, which it takes over and releases; `name` is for messages. */
struct archive *archive_open_bytes(struct buf *bytes, const char *name, struct err *e);
void archive_close(struct archive *z); /* NULL is allowed */

bool archive_is_directory(const struct archive *z);
const char *archive_path(const struct archive *z);
uint64_t archive_count(const struct archive *z);
/* The name of the i-th file, with slashes; NULL: none. As long as the archive is open. */
const char *archive_name(const struct archive *z, uint64_t i);
/* The bytes of the i-th file, appended to `to`, unpacked: at most `max`. False: e is set. Not from several threads at once. */
bool archive_read(struct archive *z, uint64_t i, size_t max, struct buf *to, struct err *e);

#endif
