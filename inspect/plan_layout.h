/* What state a compiled plan's job will look for (COMPILE PLAN; flink-table-planner 1.19 to 2.3). */
#ifndef WEIR_INSPECT_PLAN_LAYOUT_H
#define WEIR_INSPECT_PLAN_LAYOUT_H

#include "inspect/layout.h"

/* Does the JSON look like a compiled plan? */
bool plan_is(struct bytes text);

/* The layout of the plan's job: operators by the uids that Flink gives to a plan's nodes. What a plan does not tell (accumulators, the
 * states of connectors) is taken from `old`, the snapshot's layout, which outlives l, as does the text. ERR_CORRUPT with the node when
 * it is no plan. */
bool layout_of_plan(struct layout *l, struct bytes text, const struct layout *old, const char *name, struct err *e);

#endif
