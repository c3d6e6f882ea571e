/* One RocksDB table ("SST" file): footer, metaindex, properties (table/format.cc, table_properties.cc, meta_blocks.cc).
 * Formats 0 to 6; both footers' magic numbers. ERR_UNSUPPORTED for what weir cannot read rightly. */
#ifndef WEIR_SAVEPOINT_SST_H
#define WEIR_SAVEPOINT_SST_H

#include "savepoint/sst_block.h"

struct sst {
    struct sst_input in;
    uint32_t format;
    struct sst_handle index;
    struct sst_handle range_del; /* size 0: none */
    bool delta;                  /* index values are delta-encoded */
    bool user_keys;              /* index keys lack sequence number and type */
    bool two_level;              /* the index' values are handles of index blocks */
    bool first_key;              /* index values carry a first key behind the handle */
    uint64_t seq;                /* ingested files: the sequence number of all entries; else UINT64_MAX */
};

/* Reads what is needed to walk the table. t->in is set by the caller; last_seq is the manifest's. */
bool sst_open(struct sst *t, uint64_t last_seq, struct err *e);

#endif
