/* How a job's checkpoints have grown: one row for each chk-N of a checkpoint directory. */
#ifndef WEIR_INSPECT_GROWTH_H
#define WEIR_INSPECT_GROWTH_H

#include "inspect/files.h"

struct growth_row {
    const char *name; /* "chk-7" */
    int64_t checkpoint_id;
    uint64_t bytes, files; /* of all that it refers to, its _metadata among them */
    uint64_t new_bytes;    /* of that, what the checkpoint before it did not refer to */
    uint32_t faults;       /* files missing or cut */
    struct err err;        /* its _metadata cannot be read: nothing else is known */
};

struct growth {
    struct growth_row *rows; /* by checkpoint id */
    uint32_t n;
    struct arena arena;
};

/* Zero rows when the location is no directory of checkpoints. growth_free releases. */
void growth_read(struct growth *g, const char *location, const struct snapshot_opts *opts);
void growth_free(struct growth *g);

#endif
