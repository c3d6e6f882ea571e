/* The draft's own words, for draft.c and draft_change.c. */
#ifndef WEIR_MIGRATE_DRAFT_CHANGE_H
#define WEIR_MIGRATE_DRAFT_CHANGE_H

#include "migrate/draft.h"

struct change {
    struct draft *d;
    struct script *s;
    const struct stmt *st;
    struct err *e;
};
/* The operator, and state, that the statement names. NULL: e is set. */
struct draft_op *change_operator(struct change *c);
struct draft_state *change_state(struct change *c, struct draft_op **op);

enum { FLINK2_METADATA = 5 };
void draft_add_step(struct draft *d, struct draft_state *st, struct step step);
/* draft_rows.c: DELETE, KEEP, UPDATE. */
bool change_rows(struct change *c);
/* SET OFFSETS. */
bool change_offsets(struct change *c);
/* draft_types.c: fields, TTL, classes. */
bool change_types(struct change *c);
bool change_class(struct change *c);
/* draft_create.c */
bool change_create(struct change *c);
/* What belongs to the operator's subtasks as they are, so that its state cannot be dealt out anew; NULL: nothing does. */
const char *bound_to_subtasks(const struct draft_op *op);

/* Adds a snapshot, which the draft closes unless it is the first. */
bool draft_add_input(struct draft *d, struct snapshot *s, const struct names *names, const char *location, struct err *e);
/* Adds the operator in->tree.ops[i]. */
void draft_add_operator(struct draft *d, const struct draft_input *in, uint32_t i);

#endif
