/* What Calcite makes of an expression while it builds a plan (RexSimplify, by way of RelBuilder#project and #filter): comparisons of literals,
 * casts of literals, NULL where a function gives it, AND, OR, NOT, CASE. Nothing else is folded: arithmetic stays. */
#ifndef WEIR_SQL_SIMPLIFY_H
#define WEIR_SQL_SIMPLIFY_H

#include "sql/rex_make.h"
#include "sql/zone.h"

/* What casts of literals depend on. */
struct simplify {
    struct arena *a;
    const struct zone *zone; /* table.local-time-zone; NULL: UTC */
    bool legacy_cast;
};

/* The expression of a projection: its type stays, by a cast if need be. */
const struct rex *rex_simplify(struct simplify *s, const struct rex *x);
/* A condition, where NULL counts as FALSE; the literal TRUE or FALSE when it is constant. */
const struct rex *rex_simplify_condition(struct simplify *s, const struct rex *x);

/* A cast of a literal, computed; NULL: it fails, or the type has no literals. (simplify_cast.c) */
const struct rex *rex_fold_cast(struct simplify *s, const struct rex *cast);
/* Two literals of one type: below 0, 0, above 0; false: they cannot be compared so. */
bool rex_compare_literals(struct arena *a, const struct rex *x, const struct rex *y, int *order);
/* Terms of an AND or OR that are about one expression become one SEARCH, in place. (simplify_search.c) */
void rex_search(struct arena *a, const struct rex **terms, uint32_t *n, bool and);
bool rex_same(const struct rex *x, const struct rex *y);

#endif
