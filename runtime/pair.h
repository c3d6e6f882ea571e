/* What joins share: a condition over a pair of rows, and rows put side by side. */
#ifndef WEIR_RUNTIME_PAIR_H
#define WEIR_RUNTIME_PAIR_H

#include "runtime/op.h"
#include "runtime/row.h"

/* The columns by which rows go together. */
struct pair_keys {
    uint32_t n;
    const uint32_t *columns[2];
    const struct ltype **types;
    const bool *filter_nulls; /* a NULL there equals nothing */
    union cell *v;            /* of the row at hand */
    uint8_t *null;
};

/* A join specification's. */
bool pair_keys_read(struct pair_keys *k, struct op *o, const struct value *spec, struct err *e);
const bool *pair_filter_nulls(struct op *o, const struct value *spec, uint32_t n);
/* Takes the key of a row of an input. */
void pair_keys_take(struct pair_keys *k, uint32_t side, const struct batch *b, uint32_t row);
/* Whether a key has a NULL that equals nothing. */
bool pair_keys_alone(const struct pair_keys *k, const uint8_t *null);

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
