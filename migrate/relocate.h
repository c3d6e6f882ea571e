/* The paths of a snapshot whose files have been moved, rewritten. */
#ifndef WEIR_MIGRATE_RELOCATE_H
#define WEIR_MIGRATE_RELOCATE_H

#include "migrate/run.h"

/* How many paths in the metadata begin with `prefix`, and how many there are. */
struct relocation {
    uint32_t found, all;
};
/* *to: the metadata with `to` in the place of `from` at the beginning of paths, all else byte for byte as it was (NULL: only count).
 * ERR_MISSING when no path begins so. */
bool relocate_bytes(const struct snapshot *s, const char *from, const char *to_prefix, struct buf *to, struct relocation *found,
                    struct err *e);

/* Writes a directory with that metadata only. */
bool relocate(const struct draft *d, const struct run_opts *opts, struct err *e);

#endif
