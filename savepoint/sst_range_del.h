/* Range deletions of the tables that a walk has opened: is a version of a key hidden by one?
 *
 * A table keeps them in a block of their own: start key with sequence number, end key (db/range_tombstone_fragmenter.cc). One
 * holds only inside the bounds of its table (db/range_del_aggregator.h, TruncatedRangeDelIterator). */
#ifndef WEIR_SAVEPOINT_SST_RANGE_DEL_H
#define WEIR_SAVEPOINT_SST_RANGE_DEL_H

#include "savepoint/sst.h"
#include "savepoint/sst_manifest.h"

struct sst_range_del {
    struct bytes start, end; /* start <= key < end */
    uint64_t seq;
};

/* Zero-initialise, then sst_range_dels_free. */
struct sst_range_dels {
    uint32_t n; /* all that may still cover a key */
    struct sst_range_dels_heap {
        struct sst_range_del *at;
        uint32_t n, cap;
    } ahead, active; /* by start, least first; by sequence number, greatest first */
    struct arena arena;
};

/* Adds those of a table. */
bool sst_range_dels_read(struct sst_range_dels *d, const struct sst *t, const struct sst_live *live, struct err *e);
/* Does one newer than seq cover the key? Keys must come in ascending order. */
bool sst_range_dels_cover(struct sst_range_dels *d, struct bytes key, uint64_t seq);
void sst_range_dels_free(struct sst_range_dels *d);

#endif
