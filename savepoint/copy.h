/* A snapshot, read and written: unchanged, or between forms. */
#ifndef WEIR_SAVEPOINT_COPY_H
#define WEIR_SAVEPOINT_COPY_H

#include "savepoint/savepoint.h"

struct copy_opts {
    /* keep: each stays what it is, but changelogs become canonical */
    enum { COPY_FORM_KEEP, COPY_CANONICAL, COPY_HEAP, COPY_DATABASE } form;
    enum { COPY_COMPRESS_KEEP, COPY_COMPRESS, COPY_PLAIN } compress;
    int32_t version; /* of the metadata, 3 to 6; 0: as it was (2 becomes 3) */
};

/* Writes a savepoint at `target` (writer.h: atomic, refuses what is there) with all that the snapshot holds; a checkpoint becomes a
 * savepoint. Kept as they were: key groups, order of states and entries (databases and changelogs: sorted), snapshots of serializers,
 * raw and coordinator state, in-flight data. ERR_UNSUPPORTED, saying what and where, for what the version or the form cannot hold. */
bool snapshot_copy(const struct snapshot *s, const char *target, const struct copy_opts *opts, struct err *e);

#endif
