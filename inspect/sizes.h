/* Where the bytes of a snapshot are: rows by operator, state, key group, subtask or key; and how evenly they lie. */
#ifndef WEIR_INSPECT_SIZES_H
#define WEIR_INSPECT_SIZES_H

#include "inspect/heavy.h"

enum sizes_by { SIZES_OPERATOR, SIZES_STATE, SIZES_KEY_GROUP, SIZES_SUBTASK, SIZES_KEY };

struct sizes_row {
    const struct tree_op *op;
    const struct tree_state *state; /* by state */
    const char *key;                /* by key: JSON text */
    int64_t number;                 /* key group (also by key), subtask; -1: none */
    uint64_t entries, bytes;        /* of keys and values, as in struct totals */
};

struct sizes {
    enum sizes_by by;
    struct sizes_row *rows; /* heaviest first, the `top` of them */
    uint32_t n;
    uint64_t all;                      /* rows that there are; by key: not known, 0 */
    uint64_t rest_entries, rest_bytes; /* of the rows left out */
    struct heavy heavy;                /* by key */
    struct arena arena;
};

/* t: built to at least TREE_NORMAL, with key groups. top 0: all rows (of keys: 20). The rows point into t. sizes_free releases. */
void sizes_rank(struct sizes *s, const struct tree *t, enum sizes_by by, uint32_t top, unsigned jobs, struct progress *progress);
void sizes_free(struct sizes *s);

/* How unevenly an operator's keyed state lies: the largest over the mean; 0 when it has none. */
struct sizes_skew {
    uint32_t groups, groups_used;
    double by_group, by_subtask;
    uint32_t heaviest_group, heaviest_subtask;
};
struct sizes_skew sizes_skew(const struct tree_op *op);

#endif
