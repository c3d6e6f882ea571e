/* Databases that a test writes through librocksdb, at random, with a model of what they must hold. Failures are cmocka's. */
#ifndef WEIR_TESTS_SUPPORT_ROCKS_DB_H
#define WEIR_TESTS_SUPPORT_ROCKS_DB_H

#include <rocksdb/c.h>

#include "savepoint/keyed_native.h"

enum { DB_KEYS = 400, DB_FAMILIES = 3 /* "values", "lists", "maps": VALUE, LIST and MAP */ };

struct rocks_shape {
    int compression, checksum, format, index, restart, index_restart;
    bool hash_in_blocks;
    size_t block; /* bytes */
    int prefix;   /* bytes of key group */
};

struct rocks_db {
    struct rocks_shape shape;
    char *dir;
    rocksdb_t *db;
    rocksdb_options_t *options;
    rocksdb_writeoptions_t *write;
    rocksdb_flushoptions_t *flush;
    rocksdb_column_family_handle_t *handles[DB_FAMILIES + 1];
    struct buf model[DB_FAMILIES][DB_KEYS];
    bool present[DB_FAMILIES][DB_KEYS];
    uint32_t seed;
    /* read back */
    struct arena arena;
    struct native_file files[256];
    struct native_db native;
    struct keyed_header header;
    struct state_info states[DB_FAMILIES];
};

/* A new database in a temporary directory. Key group k / 4 holds key k. */
struct rocks_db *rocks_db_make(struct rocks_shape shape, uint32_t seed);
/* One random put, merge, delete, deletion of key groups, flush or compaction; the model follows. */
void rocks_db_write(struct rocks_db *m);
void rocks_db_flush(struct rocks_db *m);
/* Closes the database; its files become m->native's, m->header names the families as states. */
void rocks_db_finish(struct rocks_db *m);
/* All of that, with a number of writes. */
struct rocks_db *rocks_db_random(struct rocks_shape shape, uint32_t seed, int writes);
void rocks_db_drop(struct rocks_db *m);
/* The composite key of key k, at most 80 bytes; returns its length. */
size_t rocks_db_key(const struct rocks_db *m, uint32_t k, char *to);

#endif
