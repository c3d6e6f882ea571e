/* What a draft changes, in words: for plans and for reports. */
#ifndef WEIR_MIGRATE_CHANGES_H
#define WEIR_MIGRATE_CHANGES_H

#include "inspect/diff.h"
#include "migrate/draft.h"
#include "migrate/run.h"

struct state_change {
    const struct draft_op *op;
    const struct draft_state *state;
    enum diff_change change;
    struct diff_details details; /* what, from, to: "name", "value.amount", … */
    uint64_t entries;            /* 0 unless the draft was opened to count them */
    uint64_t touched;            /* of those, other bytes or another place than before */
    bool rows; /* its rows are looked at one by one: state->count says what became of them, after a run or a trial */
    const char *type_before, *type_after;
    enum verdict verdict; /* what Flink would say if a job as the draft has it restored from the snapshot as it is */
    const char *why;
};

struct op_change {
    const struct draft_op *op;
    enum diff_change change;
    struct diff_details details;
    enum verdict verdict; /* what holds for all of its states; AS_IS: nothing does */
    const char *why;
    uint32_t n;
    struct state_change *states; /* all, in the draft's order */
};

struct changes {
    struct diff_details whole; /* version of the metadata, form, compression, paths */
    uint32_t n;
    struct op_change *ops;       /* all, in the draft's order */
    struct compat_target target; /* for the verdicts */
    struct arena arena;
};

/* ERR_MISSING when no path begins as RELOCATE says. changes_free releases, also then. */
bool changes_of(struct changes *c, const struct draft *d, struct err *e);
void changes_free(struct changes *c);

#endif
