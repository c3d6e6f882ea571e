/* What a migration makes of a snapshot: operators and states as they will be, each with what it comes from. Statements change the
 * draft one after the other; nothing is read or written but metadata and headers. */
#ifndef WEIR_MIGRATE_DRAFT_H
#define WEIR_MIGRATE_DRAFT_H

#include "inspect/compat.h"
#include "migrate/script.h"
#include "savepoint/copy.h"

/* A snapshot that operators come from: the one that is migrated, or one that is merged into it. */
struct draft_input {
    const char *location; /* as the user gave it */
    struct snapshot *snapshot;
    const struct names *names; /* the caller's */
    struct tree tree;
    struct layout layout; /* of the tree: its states are referred to below */
};

struct draft_state {
    const struct layout_state *was;
    const char *name;
    bool dropped;
};

struct draft_op {
    const struct draft_input *in;
    const struct draft_input *home; /* the snapshot that is migrated; `in` is another one when the operator is merged into it */
    const struct meta_operator *meta;
    const struct layout_op *was;
    bool dropped, renamed;
    const char *label; /* its uid or, where it has none, its id */
    const char *uid;   /* NULL: not known */
    uint8_t id[16];
    char hex[33];
    int32_t parallelism, max_parallelism;
    uint32_t n;
    struct draft_state *states; /* in the order of was->states */
};

enum { DRAFT_INPUTS = 16 };

struct draft {
    struct draft_input *inputs[DRAFT_INPUTS]; /* the first is the one that is migrated */
    uint32_t n_inputs;
    struct snapshot_opts opening; /* how others are opened */
    struct copy_opts copy;        /* form, compression, version of the metadata */
    int flink;                    /* FLINK(…) when the script says it, else 0 */
    uint32_t n;
    struct draft_op *ops;
    const char *relocate_from, *relocate_to; /* NULL: paths stay */
    bool other;                              /* something else than relocating is asked for */
    struct tree_opts look;                   /* TREE_NORMAL: entries are counted */
    struct arena arena;
};

/* Begins with the snapshot as it is, which is looked at as `look` says; it and the names outlive the draft. draft_free releases, also
 * after a failure. */
bool draft_open(struct draft *d, struct snapshot *s, const struct names *names, const char *location, const struct tree_opts *look,
                struct err *e);
/* All statements of a script. ERR_USAGE with the place where one does not fit what is there. */
bool draft_apply(struct draft *d, struct script *s, struct err *e);
/* Is everything there that the operators refer to? */
bool draft_whole(const struct draft *d, struct err *e);
void draft_free(struct draft *d);

/* Makes or changes a state's description as it will be, in the arena; its serializers are `old`'s where the draft changes none. */
bool draft_info(const struct draft_state *st, const struct state_info *old, struct state_info *to, struct arena *a, struct err *e);
/* The draft of a state in a header, by name and kind. */
const struct draft_state *draft_state_of(const struct draft_op *op, const struct state_info *info);
/* Are entries to be given to other subtasks or key groups than those that have them? */
bool draft_moves(const struct draft_op *op);

#endif
