/* An expression of the corpus: a line of JSON, its row of input and Flink's result. */
#ifndef WEIR_TESTS_SQL_ITEM_H
#define WEIR_TESTS_SQL_ITEM_H

#include "sql/expr.h"

struct item {
    struct arena a;
    struct value v; /* the line */
    const struct ltype **types;
    struct vec *cols;
    uint32_t n;
    struct eval ev;
};

/* Reads "fields" and "config" of v. */
bool item_open(struct item *it, struct err *e);
void item_free(struct item *it);
/* The result over the row as JSON text, or the error. */
bool item_run(struct item *it, const struct rex *rex, struct buf *out, struct err *e);
/* Whether that is Flink's. */
bool item_same(struct item *it, struct buf *got);
/* A member that is there and not null, or NULL. */
const struct value *item_member(const struct value *v, const char *name);

#endif
