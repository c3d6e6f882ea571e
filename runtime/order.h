/* The order of rows by columns: "orderBy" and the like in plans ({"fields": [{"index", "isAscending", "nullIsLast"}]}). */
#ifndef WEIR_RUNTIME_ORDER_H
#define WEIR_RUNTIME_ORDER_H

#include "runtime/op.h"
#include "runtime/row.h"

struct order {
    uint32_t n;
    struct order_field {
        uint32_t column;
        const struct ltype *type;
        bool ascending, nulls_last;
    } * fields;
    const struct ltype **types; /* of the fields … */
    uint32_t *columns;          /* … and where they stand */
};

bool order_read(struct order *to, struct op *o, const struct value *spec, const struct ltype *row, struct err *e);
/* Below, at or above 0. */
int order_rows(const struct order *by, const struct row *a, const struct row *b);

#endif
