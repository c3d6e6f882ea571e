/* One part of a snapshot being counted: between tree.c, which plans and merges, and tree_part.c, which reads. */
#ifndef WEIR_INSPECT_TREE_PART_H
#define WEIR_INSPECT_TREE_PART_H

#include "inspect/tree.h"

/* What one part has of one state. */
struct part_state {
    const struct state_info *info;
    const struct ser *key; /* the state key's serializer; NULL: operator state */
    struct totals totals;
};

struct part_result {
    struct part_state *states;
    uint32_t n, cap;
    struct arena arena;       /* holds the infos and all that they point to */
    struct tree_cell *groups; /* by key group from the handle's first on; NULL: not counted */
    uint32_t kg_first, kg_count;
    bool opened, compressed;  /* its header has been read */
    enum keyed_format format; /* of managed keyed parts */
    uint32_t opaque_groups;   /* key groups of which only the beginning could be framed */
};

/* Reads one part. The result is to be released also after a failure: it then holds what had been read. */
bool part_count(struct part_result *r, const struct snapshot *s, const struct part *p, const struct tree_opts *opts, struct err *e);
void part_release(struct part_result *r);

#endif
