/* A RocksDB database that is read and written: a column family a keyed state, with the keys and values of Flink's RocksDB backend
 * (RocksDBKeyedStateBackend of flink-statebackend-rocksdb 2.3), so that what a checkpoint of it leaves is one of Flink's.
 *
 * One thread a database. Nothing is logged ahead: what counts is what rocks_kv_checkpoint has left. Changes are gathered, and seen by
 * nobody before rocks_kv_write. */
#ifndef WEIR_SAVEPOINT_ROCKS_KV_H
#define WEIR_SAVEPOINT_ROCKS_KV_H

#include "base/err.h"
#include "base/mem.h"
#include "savepoint/rocks.h"

struct rocks_kv;

struct rocks_family {
    const char *name;
    enum rocks_lookup {
        ROCKS_IN_ORDER, /* walked as a whole, as timers are */
        ROCKS_BY_KEY,   /* whole keys are looked up */
        ROCKS_BY_PREFIX /* … or all that begin with a key group and a key, which says its length in its first four bytes */
    } lookup;
    /* A value that nobody needs any more may be left out when tables are merged. From other threads; NULL: all are needed. */
    bool (*gone)(const void *ctx, struct bytes value);
    const void *ctx;
};

/* The database in dir, made when there is none; families that are missing are made, others are left as they are. group: bytes of a key
 * group in front of keys, 1 or 2. Families are numbered as they are given, and outlive the
 * database. NULL: e is set. */
struct rocks_kv *rocks_kv_open(const char *dir, uint8_t group, const struct rocks_family *families, uint32_t n, struct err *e);
/* The value of a key, which is put behind what `value` has. */
bool rocks_kv_get(struct rocks_kv *d, uint32_t family, struct bytes key, struct buf *value, bool *found, struct err *e);
/* Gives what has that prefix, keys ascending; with no prefix, all. False: with e set, or stopped by fn. */
bool rocks_kv_walk(struct rocks_kv *d, uint32_t family, struct bytes prefix, rocks_fn *fn, void *ctx, struct err *e);
void rocks_kv_put(struct rocks_kv *d, uint32_t family, struct bytes key, struct bytes value);
void rocks_kv_delete(struct rocks_kv *d, uint32_t family, struct bytes key);
/* Bytes of what has been gathered since the last time, about; there may be nothing, and it is written. */
size_t rocks_kv_gathered(const struct rocks_kv *d);
bool rocks_kv_write(struct rocks_kv *d, struct err *e);
/* The database as it is now, in a new directory: its tables are linked there. */
bool rocks_kv_checkpoint(struct rocks_kv *d, const char *dir, struct err *e);
void rocks_kv_close(struct rocks_kv *d); /* NULL is allowed; the directory stays */

#endif
