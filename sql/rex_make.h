/* Making expressions, in the shape that compiled plans have (flink-table-planner 2.3, RexNodeJsonSerializer). */
#ifndef WEIR_SQL_REX_MAKE_H
#define WEIR_SQL_REX_MAKE_H

#include "sql/number.h"
#include "sql/rex.h"

/* Calls of Flink's own functions. name: as plans have it without "$…$1"; syntax: NULL, "BINARY", "SPECIAL" …; operands are copied. */
const struct rex *rex_call(struct arena *a, const char *name, const char *syntax, const struct ltype *type,
                           const struct rex *const *operands, uint32_t n);
#define REX_OPS(...) \
    ((const struct rex *const[]){__VA_ARGS__}), (uint32_t)(sizeof((const struct rex *const[]){__VA_ARGS__}) / sizeof(void *))
const struct rex *rex_input(struct arena *a, uint32_t column, const struct ltype *type);
/* A field of a row by its place; as FlinkRexBuilder does, its type is made nullable by a cast when the row may be NULL. */
const struct rex *rex_field(struct arena *a, const struct rex *row, uint32_t field);
const struct rex *rex_null(struct arena *a, const struct ltype *type); /* made nullable */
const struct rex *rex_literal(struct arena *a, struct value v, const struct ltype *type);
const struct rex *rex_text(struct arena *a, const char *s, size_t n); /* CHAR of its length */
const struct rex *rex_int(struct arena *a, int64_t v);                /* INT or BIGINT NOT NULL */
const struct rex *rex_bool(struct arena *a, bool v);
const struct rex *rex_symbol(struct arena *a, const char *cls, const char *word);
const struct rex *rex_cast(struct arena *a, const struct rex *x, const struct ltype *to); /* a call, whatever x is */

/* The value of a number's literal; false: x is none. */
bool rex_number(struct arena *a, const struct rex *x, struct number *to);
/* A join with the version of the right side that was there at a time of the left one: a term of its condition, over both times, and nothing
 * that is computed. */
#define REX_VERSION_AT "__TEMPORAL_JOIN_CONDITION"
/* Whether x is a call of that function of Flink's. */
bool rex_is_call(const struct rex *x, const char *name);
/* Whether there is a call in it that may give another value each time (SqlOperator#isDeterministic, isDynamicFunction), or that nothing is known of:
 * it must be computed as often as it stands there, and where it stands. */
bool rex_varies(const struct rex *x);
/* The same of a function, by its name in a plan ("$RAND$1"). */
bool rex_function_varies(const char *internal);
bool rex_is_null(const struct rex *x); /* the literal NULL */

#endif
