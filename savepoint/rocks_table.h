/* A table (SST) of RocksDB that is written from sorted entries, through librocksdb (rocks_lib.h).
 *
 * Every RocksDB since 6.0 reads it, and so does Flink 1.15's (FRocksDB 6.20): checksums are CRC32C, blocks Snappy's. Sequence numbers
 * are 0. */
#ifndef WEIR_SAVEPOINT_ROCKS_TABLE_H
#define WEIR_SAVEPOINT_ROCKS_TABLE_H

#include "base/err.h"
#include "base/mem.h"

struct rocks_table;

/* A new file. NULL: e is set. */
struct rocks_table *rocks_table_new(const char *path, struct err *e);
/* Keys ascend strictly: ERR_CORRUPT. */
bool rocks_table_put(struct rocks_table *t, struct bytes key, struct bytes value, struct err *e);
/* About as many bytes has it now. */
uint64_t rocks_table_size(const struct rocks_table *t);
/* Ends the file, which is then on the disk, and releases t. There has been at least one entry. */
bool rocks_table_end(struct rocks_table *t, struct err *e);
void rocks_table_drop(struct rocks_table *t); /* what is there of the file stays; NULL is allowed */

#endif
