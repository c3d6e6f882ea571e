/* A RocksDB database read through librocksdb: everything that library knows, at its speed.
 *
 * Reads only: no OPTIONS file is loaded, nothing is compacted or deleted. librocksdb writes its info log into the directory. */
#ifndef WEIR_SAVEPOINT_ROCKS_H
#define WEIR_SAVEPOINT_ROCKS_H

#include "base/err.h"
#include "base/mem.h"

struct rocks;

/* Opens the database whose files lie in dir. name is for messages, where it stands for dir. NULL: e is set. */
struct rocks *rocks_open(const char *dir, const char *name, struct err *e);
/* Gives the live entries of a column family with lower <= key < upper (n == 0: no bound), keys ascending; a family that is not
 * there has none. verify: check the blocks' checksums. False: with e set, or stopped by fn. */
typedef bool rocks_fn(void *ctx, struct bytes key, struct bytes value, struct err *e);
bool rocks_walk(struct rocks *r, const char *family, struct bytes lower, struct bytes upper, bool verify, rocks_fn *fn, void *ctx,
                struct err *e);
void rocks_close(struct rocks *r); /* NULL is allowed */

#endif
