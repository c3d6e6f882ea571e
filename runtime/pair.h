/* What joins share: a condition over a pair of rows, and rows put side by side. */
#ifndef WEIR_RUNTIME_PAIR_H
#define WEIR_RUNTIME_PAIR_H

#include "runtime/op.h"
#include "runtime/row.h"

struct pair {
    struct expr *condition; /* NULL: every pair fits */
    struct vec *cols;       /* one row of both inputs, the left one first */
};

/* The nonEquiCondition of a node's join specification; p is zeroed. */
bool pair_read(struct pair *p, struct op *o, const struct value *spec, struct err *e);
bool pair_fits(struct pair *p, struct op *o, const struct row *left, const struct row *right);
/* Fills n columns of a row that is sent, from column `from` on; r NULL: with nulls. */
void pair_put(struct op *o, uint32_t at, uint32_t from, const struct row *r, uint32_t n);

#endif
