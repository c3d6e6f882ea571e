/* Keyed state that lies in RocksDB's files: incremental and full checkpoints and native savepoints of RocksDB, and ForSt.
 *
 * Two readers behind one door. weir's own (sst_*.h) reads the tables block by block as they lie. What it does not know — another
 * compression, blob files, a write-ahead log … — is read through librocksdb (rocks.h), which wants the files under their names in
 * one directory: a temporary one with links, and copies of what is inline, remote or a segment of another file. Both give the
 * same entries in the same order. */
#ifndef WEIR_SAVEPOINT_KEYED_NATIVE_H
#define WEIR_SAVEPOINT_KEYED_NATIVE_H

#include "savepoint/keyed.h"

/* A file of the database. */
struct native_file {
    const char *name;     /* in the database directory: "000042.sst", "CURRENT", … */
    const char *location; /* the file that holds it; of inline bytes: that they stand in, for messages */
    struct bytes inl;     /* p NULL: not inline */
    uint64_t start, size; /* the part of the location */
};

enum native_reader { NATIVE_BEST, NATIVE_OWN, NATIVE_ROCKSDB };

struct native_db {
    const char *name; /* for messages about the database as a whole */
    uint32_t n;
    const struct native_file *files;
    const struct keyed_header *header;
    uint32_t kg_first, kg_count; /* entries of other key groups are left out */
    uint8_t prefix;              /* bytes of key group in front of a key: 1 or 2 */
    bool verify;                 /* check the blocks' checksums */
    enum native_reader reader;   /* BEST: weir's own, else librocksdb */
};

/* Gives each entry: states in the header's order, keys in byte order. A state without a column family has none, a family without
 * a state is left out. False: with e set, or stopped by fn. */
bool native_walk(const struct native_db *db, entry_fn *fn, void *ctx, struct err *e);

/* Puts the database's files under their names into a new directory of base/temp.h: links to whole local files, copies else.
 * NULL: e is set. The directory is the caller's to temp_remove. */
char *native_stage(const struct native_db *db, struct err *e);
/* The same into a directory that is there. own: a database that is written to may lie there: tables are linked by a second name of the
 * file, or copied where that cannot be, and everything else is copied. */
bool native_place(const struct native_db *db, const char *dir, bool own, struct err *e);
/* A second name for a file, or a copy of it. */
bool native_link(const char *from, const char *to, struct err *e);
/* Sets name and files: those that lie in a directory. In the arena. */
bool native_list(struct native_db *db, const char *dir, struct arena *a, struct err *e);
struct keyed_part;
/* The database of a part in such a handle. In the arena. */
bool native_of(struct native_db *db, const struct keyed_part *p, struct arena *a, struct err *e);

#endif
