/* What the planner has to know about tables before it plans, and the runtime knows. */
#ifndef WEIR_SQL_PLAN_TABLES_H
#define WEIR_SQL_PLAN_TABLES_H

#include "sql/plan.h"

/* What a table's connector and format do: which changes a source sends, and which a sink takes. The runtime knows. */
enum { SENDS_INSERT = 1, SENDS_BEFORE = 2, SENDS_AFTER = 4, SENDS_DELETE = 8, SENDS_KEY_ONLY = 16 };
struct plan_tables {
    /* False: e says that there is no such connector or format, or none that reads (writes). asked: what the query has, for a sink. */
    bool (*source)(const struct cplan_table *t, uint8_t *sends, struct err *e);
    bool (*projects)(const struct cplan_table *t); /* a source can leave columns out */
    /* The type of what a source tells of rows by that metadata key; NULL: it does not. */
    const struct ltype *(*metadata)(struct arena *a, const struct cplan_table *t, const char *key);
    bool (*sink)(const struct cplan_table *t, uint8_t asked, uint8_t *takes, struct err *e);
};

#endif
