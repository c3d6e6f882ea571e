/* What a snapshot is, byte for byte: a digest of its metadata and of every file that it refers to. */
#ifndef WEIR_MIGRATE_FINGERPRINT_H
#define WEIR_MIGRATE_FINGERPRINT_H

#include "base/digest.h"
#include "base/progress.h"
#include "savepoint/savepoint.h"

struct fingerprint {
    struct digest_text sha256;
    uint64_t bytes; /* metadata and files */
    uint32_t files; /* segments counted one by one */
};

/* Reads all of it. Where the files lie does not matter, nor what they are called: only the metadata and their bytes, in the order of
 * the metadata's handles. */
bool fingerprint(struct fingerprint *f, const struct snapshot *s, struct progress *progress, struct err *e);

/* Of a file. */
bool fingerprint_file(struct fingerprint *f, const char *location, struct err *e);

#endif
