/* Which type several values have in common, and which casts SQL puts in by itself: Calcite's rules (SqlTypeFactoryImpl, SqlTypeUtil, TypeCoercionImpl)
 * as Flink 2.3 sets them up, and Flink's own (LogicalTypeMerging, LogicalTypeCasts). For expressions, VALUES, set operations and sinks. */
#ifndef WEIR_SQL_COERCE_H
#define WEIR_SQL_COERCE_H

#include "sql/rex_make.h"

/* The type that all of them fit (FlinkTypeFactory#leastRestrictive): columns of set operations and VALUES, CASE, comparisons. NULL: there is
 * none. Nullable when one of them is. NULL literals have L_NULL. */
const struct ltype *type_least(struct arena *a, const struct ltype *const *types, uint32_t n);
/* The wider of two where strings meet numbers (TypeCoercionImpl#getWiderTypeForTwo with string promotion): CASE and set operations whose
 * columns have no least type. NULL: there is none. */
const struct ltype *type_wider(struct arena *a, const struct ltype *x, const struct ltype *y);
/* Flink's own: LogicalTypeMerging#findCommonType, for COALESCE, GREATEST, ARRAY_CONCAT … */
const struct ltype *type_common(struct arena *a, const struct ltype *const *types, uint32_t n);

/* LogicalTypeCasts#supportsImplicitCast, #supportsExplicitCast. */
bool type_casts_implicitly(const struct ltype *from, const struct ltype *to);
bool type_casts(const struct ltype *from, const struct ltype *to);
/* #supportsInjectiveCast: values that differ still do when they are cast. */
bool type_cast_keeps(const struct ltype *from, const struct ltype *to);

/* Results of arithmetic on decimals (LogicalTypeMerging); integers count as the DECIMAL that they fill. */
const struct ltype *type_decimal_sum(struct arena *a, const struct ltype *x, const struct ltype *y);
const struct ltype *type_decimal_product(struct arena *a, const struct ltype *x, const struct ltype *y);
const struct ltype *type_decimal_quotient(struct arena *a, const struct ltype *x, const struct ltype *y);
const struct ltype *type_decimal_rest(struct arena *a, const struct ltype *x, const struct ltype *y);
const struct ltype *type_decimal_rounded(struct arena *a, const struct ltype *x, int32_t digits);
/* An integer as the DECIMAL that it fills; a DECIMAL itself. */
const struct ltype *type_as_decimal(struct arena *a, const struct ltype *t);

/* The type that a column has inside a plan: every interval YEAR(2) TO MONTH or DAY(2) TO SECOND(6) (FlinkTypeFactory). */
const struct ltype *type_planned(struct arena *a, const struct ltype *t);
/* Whether a value may stand where `to` is expected without a cast (LogicalTypeCasts#supportsAvoidingCast). */
bool type_needs_no_cast(const struct ltype *from, const struct ltype *to);

bool type_is_interval(const struct ltype *t);
bool type_is_moment(const struct ltype *t); /* DATE, TIME, TIMESTAMP, TIMESTAMP_LTZ */
/* What Calcite calls a family: types of the same can be compared without a cast. */
bool type_same_family(const struct ltype *x, const struct ltype *y);

/* A cast as RexBuilder makes one: literals take the type when their value fits it, booleans and numbers become CASE and "<>"; x itself when
 * the type is the same but for nullability. */
const struct rex *rex_cast_to(struct arena *a, const struct rex *x, const struct ltype *to);

#endif
