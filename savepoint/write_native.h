/* Keyed state as RocksDB's files, as Flink 1.16 and later write native savepoints (RocksNativeFullSnapshotStrategy): a column family a
 * state, tables of up to 64 MiB, a MANIFEST that names them. For write_keyed.c. */
#ifndef WEIR_SAVEPOINT_WRITE_NATIVE_H
#define WEIR_SAVEPOINT_WRITE_NATIVE_H

#include "savepoint/writer.h"

struct native_out;

/* place and header outlive it. */
struct native_out *native_out_new(const struct out_place *place, const struct keyed_header *header);
/* The next entry: states ascend, and in each of them keys, which begin with the key group. */
bool native_out_put(struct native_out *n, uint32_t state, struct bytes key, struct bytes value, struct err *e);
/* Ends the database and releases it: the file lists of h, in the arena; their bytes are added to checkpointed_size. */
bool native_out_end(struct native_out *n, struct meta_keyed *h, struct arena *a, struct err *e);
void native_out_drop(struct native_out *n); /* NULL is allowed */

#endif
