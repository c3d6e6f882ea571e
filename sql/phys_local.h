/* Aggregates in two steps (flink-table-planner 2.3, TwoStageOptimizedWindowAggregateRule, TwoStageOptimizedAggregateRule): a local one that sends
 * accumulators, and a global one that merges them. weir executes the global one over the rows themselves. */
#ifndef WEIR_SQL_PHYS_LOCAL_H
#define WEIR_SQL_PHYS_LOCAL_H

#include "sql/phys.h"

/* Whether table.optimizer.agg-phase-strategy lets aggregates have two steps. */
bool phys_two_phases(const struct planner *pl);
/* The row that a local aggregate sends: the groups' columns, accumulators of calls, `last` (a BIGINT; NULL: none). Its type as plans have it is in
 * *json. count_rows: rows are counted, too. NULL: one of the calls has accumulators that are not known here, so that there is one step. */
const struct ltype *phys_local_row(struct planner *pl, const struct ltype *in, const uint32_t *keys, uint32_t n_keys,
                                   const struct rel_call *calls, uint32_t n_calls, bool count_rows, const char *last,
                                   const struct value **json);
/* Rows of one group are in one place already: those columns are what the rows of p are dealt by. */
bool phys_dealt_by(const struct phys *p, const uint32_t *columns, uint32_t n);

#endif
