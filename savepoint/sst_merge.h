/* The live entries of a column family: its tables merged by key, the newest version of each, merge operands joined.
 *
 * What a version means (db/dbformat.h): put, delete, single delete; merge operands wait for what is older and are joined to it
 * with ',' (StringAppendTESTOperator, Flink's lists); range deletions hide what is older inside the bounds of their table. */
#ifndef WEIR_SAVEPOINT_SST_MERGE_H
#define WEIR_SAVEPOINT_SST_MERGE_H

#include "savepoint/sst_cursor.h"
#include "savepoint/sst_manifest.h"

struct sst_entry {
    struct bytes key, value; /* valid during the call */
    const char *file;        /* the table of the newest version */
    uint64_t at;             /* position of its value there, or of the block when that is compressed */
};

struct sst_walk {
    const struct sst_family *family;
    struct bytes lower, upper; /* lower <= key < upper is wanted (n == 0: no bound); others may be given, too */
    void *ctx;
    /* Makes a table's bytes available in `in` (name, map or file, size, verify) until close. */
    bool (*open)(void *ctx, const struct sst_live *live, struct sst_input *in, struct err *e);
    void (*close)(void *ctx, struct sst_input *in);
    /* Called for each live entry, keys ascending. False stops. */
    bool (*each)(void *ctx, const struct sst_entry *en, struct err *e);
};

/* Tables are open only while the walk is inside their bounds. False: with e set, or stopped by each. */
bool sst_walk(const struct sst_walk *w, struct err *e);

#endif
