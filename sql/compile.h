/* The door of the planner: statements of SQL become a compiled plan, which the runtime and a real Flink 2.3 execute. */
#ifndef WEIR_SQL_COMPILE_H
#define WEIR_SQL_COMPILE_H

#include "sql/phys.h"

/* One plan for INSERT INTO …, a statement set (AST_INSERT, AST_STATEMENT_SET), or several of them together. False: e says what is wrong, with
 * its place, or what is not there yet. */
bool compile_inserts(struct catalog *c, const struct plan_tables *tables, const struct ast *const *statements, uint32_t n,
                     struct value *plan, struct err *e);
/* A query whose changelog goes to a table that only this plan has (identifier *anonymous*, connector print). */
bool compile_query(struct catalog *c, const struct plan_tables *tables, const struct ast *query, struct value *plan, struct err *e);
/* The row of a query. NULL: e. */
const struct ltype *compile_row(struct catalog *c, const struct plan_tables *tables, const struct ast *query, struct err *e);

#endif
