/* Inside rel_push: conditions as lists of terms. */
#ifndef WEIR_SQL_REL_TERMS_H
#define WEIR_SQL_REL_TERMS_H

#include "sql/rel_push.h"

enum { TERMS_MAX = 512, COLUMNS_MAX = 8192 };

struct terms {
    const struct rex **v; /* room for TERMS_MAX */
    uint32_t n;
};
struct terms terms_none(struct arena *a);

/* Which sides of a row it looks at: columns [0, width), and those behind them. */
void terms_sides(const struct rex *x, uint32_t width, uint32_t all, bool *left, bool *right);
/* The step with those conditions, brought to where they belong in it. */
struct rel *terms_filtered(struct arena *a, struct rel *in, const struct terms *t);
/* A join under a WHERE of those terms; what is left of them. NULL: too many terms. (rel_push_join.c) */
struct rel *push_join(struct arena *a, struct rel *j, const struct terms *where, struct terms *left_over);

#endif
