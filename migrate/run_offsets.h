/* SET OFFSETS, where it meets splits: those of readers (rows.c), and those that a coordinator has. */
#ifndef WEIR_MIGRATE_RUN_OFFSETS_H
#define WEIR_MIGRATE_RUN_OFFSETS_H

#include "migrate/draft.h"
#include "migrate/offsets.h"

struct offsets_want run_offsets_want(const struct stmt *st);
/* *to is the operator's coordinator state as it will be; in the arena where it is another. */
bool run_coordinator(const struct draft_op *op, struct meta_stream *to, struct arena *a, struct err *e);
/* When all has been looked at: ERR_CONVERT when a statement has met no split. */
bool run_offsets_met(const struct draft_op *op, struct err *e);

#endif
