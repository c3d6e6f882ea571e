/* The draft's own words, for draft.c and draft_change.c. */
#ifndef WEIR_MIGRATE_DRAFT_CHANGE_H
#define WEIR_MIGRATE_DRAFT_CHANGE_H

#include "migrate/draft.h"

/* Adds a snapshot, which the draft closes unless it is the first. */
bool draft_add_input(struct draft *d, struct snapshot *s, const struct names *names, const char *location, struct err *e);
/* Adds the operator in->tree.ops[i]. */
void draft_add_operator(struct draft *d, const struct draft_input *in, uint32_t i);

#endif
