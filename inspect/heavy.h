/* The heaviest keys of a snapshot, in bounded memory however many keys it has.
 *
 * The entries are gone through twice. First the bytes of all keys are added up in a table of 2^20 cells by a hash; a cell is the
 * upper bound of each of its keys. Then only keys of the heaviest cells are counted one by one. What comes out is exact unless a
 * key outside these cells could have been as heavy; `approximate` says so. */
#ifndef WEIR_INSPECT_HEAVY_H
#define WEIR_INSPECT_HEAVY_H

#include "inspect/tree.h"

struct heavy_key {
    const struct tree_op *op;
    char *key; /* JSON text, cut at 200 bytes */
    uint32_t key_group;
    uint64_t entries, bytes; /* over all keyed states of the operator, timers among them */
};

struct heavy {
    struct heavy_key *keys; /* heaviest first */
    uint32_t n;
    bool approximate;
    struct arena arena;
};

/* The `top` heaviest keys of the operators of t (built to at least TREE_NORMAL). Parts that cannot be read are left out: t has
 * their troubles. heavy_free releases. */
void heavy_find(struct heavy *h, const struct tree *t, uint32_t top, unsigned jobs, struct progress *progress);
void heavy_free(struct heavy *h);

#endif
