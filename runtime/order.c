#include "runtime/order.h"

bool order_read(struct order *to, struct op *o, const struct value *spec, const struct ltype *row, struct err *e)
{
    const struct value *fields = cplan_member(spec, "fields");
    *to = (struct order){0};
    if (!fields || fields->kind != VAL_LIST)
        return err_set(e, ERR_CORRUPT, "an order has no fields");
    to->n = fields->n;
    to->fields = arena_array(o->a, to->n + 1, sizeof *to->fields);
    to->types = arena_array(o->a, to->n + 1, sizeof *to->types);
    to->columns = arena_array(o->a, to->n + 1, sizeof *to->columns);
    for (uint32_t i = 0; i < to->n; i++) {
        const struct value *f = &fields->items[i];
        int64_t column = cplan_int(f, "index", -1, e);
        if (column < 0 || column >= row->n)
            return err_set(e, ERR_CORRUPT, "an order's field is no column");
        to->fields[i] = (struct order_field){(uint32_t)column, row->kids[column], cplan_bool(f, "isAscending", true, e),
                                             cplan_bool(f, "nullIsLast", false, e)};
        to->types[i] = row->kids[column];
        to->columns[i] = (uint32_t)column;
    }
    return e->kind == ERR_NONE;
}

int order_rows(const struct order *by, const struct row *a, const struct row *b)
{
    for (uint32_t i = 0; i < by->n; i++) {
        const struct order_field *f = &by->fields[i];
        if (a->null[f->column] || b->null[f->column]) {
            if (a->null[f->column] != b->null[f->column])
                return a->null[f->column] == f->nulls_last ? 1 : -1;
            continue;
        }
        int r = cell_compare(f->type, a->v[f->column], b->v[f->column]);
        if (r)
            return f->ascending ? r : -r;
    }
    return 0;
}
