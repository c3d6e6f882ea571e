/* A database that lies in a directory as keyed state of a snapshot: RocksDB's incremental checkpoints, its full ones and native savepoints
 * (RocksIncrementalSnapshotStrategy, RocksNativeFullSnapshotStrategy of flink-statebackend-rocksdb 2.3). For whoever keeps one. */
#ifndef WEIR_SAVEPOINT_WRITE_FILES_H
#define WEIR_SAVEPOINT_WRITE_FILES_H

#include "savepoint/writer.h"

/* Tables that lie in the directory `shared` of an earlier snapshot, by their names in the database: what has not changed is named again.
 * Zeroed to begin with. */
struct files_known {
    struct arena a;
    uint32_t n;
    struct meta_file *files;
};

struct files_out {
    const char *dir;           /* the database's files: a checkpoint of rocks_kv.h */
    const char *shared;        /* where tables go that several snapshots name, an absolute path; NULL: the snapshot has its own */
    struct files_known *known; /* with `shared` */
    const struct keyed_header *header;
    const char *backend_id; /* of the database, a UUID */
    int64_t checkpoint_id;
    int32_t kg_first;
    uint32_t kg_count;
};

/* The handle, in the arena. Tables are linked to their places, or copied where that cannot be. */
bool files_write(const struct files_out *f, const struct out_place *place, struct meta_keyed *h, struct arena *a, struct err *e);
/* Notes its shared tables. */
void files_keep(struct files_known *known, const struct meta_keyed *h);
/* The snapshot with `fresh` tables is in its place: from now on those are known. */
void files_done(struct files_known *known, struct files_known *fresh);
/* There will be no such snapshot: removes the tables that are not known, too. */
void files_drop(const struct files_known *known, struct files_known *fresh);
void files_known_free(struct files_known *known);
/* The path of a file that a handle names by a file: URI or a plain path; NULL: another kind of handle. */
const char *files_path(const struct meta_stream *s);

#endif
