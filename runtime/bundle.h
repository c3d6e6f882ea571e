/* Mini-batches: an operator gathers rows in bundles, by their keys, and works a bundle off at once, so that what has become of a key is shown once a
 * bundle (AbstractMapBundleOperator, CountBundleTrigger of flink-table-runtime 2.3). A bundle is over after so many rows, with a watermark, after the
 * time that the plan's mini-batch-assigner says, before a checkpoint and at the end. */
#ifndef WEIR_RUNTIME_BUNDLE_H
#define WEIR_RUNTIME_BUNDLE_H

#include "runtime/kstate.h"
#include "runtime/op.h"

struct bundle {
    bool on;
    bool local;            /* a local operator is in front of it, which hands on a row for each key of its own bundle */
    bool rowtime;          /* latency is of event time */
    int64_t size, latency; /* rows; milliseconds, 0: no time is said */
    int64_t next;          /* the watermark that ends it, of event time */
    int64_t rows;          /* that have come to the operator of this bundle */
    int64_t in_front;      /* rows of the local operator's bundle */
    uint64_t turn;         /* which one that is */
    struct kstate keys;    /* of this bundle, in the order in which they came */
};

/* A key's value: its rows, in the order in which they came. */
struct bundle_key {
    uint32_t n, cap;
    struct row **rows;
    uint8_t *kinds;
    uint64_t turn; /* the local operator's bundle that had it last */
};

/* Reads the node's options. on stays false where rows are worked off one by one. local: as above. */
bool bundle_open(struct bundle *b, struct op *o, const struct ltype *const *key_types, uint32_t n_keys, bool local, struct err *e);
/* Keeps a row, all of whose columns are copied. */
void bundle_add(struct bundle *b, struct op *o, const union cell *key, const uint8_t *null, const struct batch *of, uint32_t row);
/* Row i of a key as a batch of one; cols: room for its columns. */
struct batch bundle_row(const struct bundle_key *k, uint32_t i, struct vec *cols);
/* Whether the bundle is full. */
bool bundle_full(struct bundle *b);
/* Whether it is over with that watermark. */
bool bundle_over(struct bundle *b, int64_t wm);
/* It has been worked off: forgets its keys. */
void bundle_clear(struct bundle *b);
void bundle_close(struct bundle *b);

#endif
