/* Columns that nobody needs are neither read nor handed on: steps with as few columns as those above them look at, in the order in which Flink's
 * planner has them (PROJECT_RULES of FlinkStreamRuleSets, PushProjectIntoTableSourceScanRule of flink-table-planner 2.3). */
#ifndef WEIR_SQL_REL_PRUNE_H
#define WEIR_SQL_REL_PRUNE_H

#include "sql/plan_tables.h"
#include "sql/rel.h"

/* The same rows; r itself stays as it is. twice: sources may send changes twice (table.exec.source.cdc-events-duplicate). */
struct rel *rel_prune(struct arena *a, const struct plan_tables *tables, bool twice, struct rel *r);

#endif
