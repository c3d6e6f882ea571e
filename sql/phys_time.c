/* Time attributes where they are times like others (RelTimeIndicatorConverter of flink-table-planner 2.3). A column of processing time is NULL
 * until somebody looks at it: PROCTIME_MATERIALIZE. */
#include <string.h>

#include "sql/phys.h"
#include "sql/rex_make.h"

const struct rex *rex_materialized(struct arena *a, const struct rex *x)
{
    if (!type_is_proctime(x->type))
        return x;
    return rex_call(a, "PROCTIME_MATERIALIZE", NULL, type_time(a, x->type->root, x->type->precision, NULL, x->type->nullable), &x,
                    1);
}

const struct rex *rex_plain_times(struct arena *a, const struct rex *x)
{
    const struct rex **operands = NULL;
    if (rex_is_call(x, "PROCTIME_MATERIALIZE"))
        return x;
    for (uint32_t i = 0; i < x->n; i++) {
        const struct rex *y = rex_materialized(a, rex_plain_times(a, x->operands[i]));
        if (y != x->operands[i] && !operands) {
            operands = arena_array(a, x->n, sizeof *operands);
            memcpy(operands, x->operands, x->n * sizeof *operands);
        }
        if (operands)
            operands[i] = y;
    }
    if (!operands)
        return x;
    struct rex *copy = arena_alloc(a, sizeof *copy);
    *copy = *x;
    copy->operands = operands;
    copy->json = NULL;
    if (type_is_proctime(x->type))
        copy->type = type_time(a, x->type->root, x->type->precision, NULL, x->type->nullable);
    return copy;
}

static bool among(uint32_t c, const uint32_t *columns, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        if (columns[i] == c)
            return true;
    return false;
}

static struct phys *plain(struct planner *pl, struct phys *in, bool all, const uint32_t *columns, uint32_t n_columns)
{
    uint32_t n = in->row->n;
    const struct rex **exprs = arena_array(pl->a, n + 1u, sizeof *exprs);
    const struct ltype **kinds = arena_array(pl->a, n + 1u, sizeof *kinds);
    bool any = false;
    for (uint32_t i = 0; i < n; i++) {
        const struct ltype *t = in->row->kids[i];
        const struct rex *x = exprs[i] = rex_input(pl->a, i, t);
        if (all || among(i, columns, n_columns))
            exprs[i] = rex_materialized(pl->a, x);
        if (all && type_is_rowtime(t))
            exprs[i] = rex_cast(pl->a, x, type_time(pl->a, t->root, t->precision, NULL, t->nullable));
        any = any || exprs[i] != x;
        kinds[i] = exprs[i]->type;
    }
    return any ? phys_calc(pl, in, exprs, NULL, type_row(pl->a, in->row->names, kinds, n, false), in->at) : in;
}

struct phys *phys_plain_times(struct planner *pl, struct phys *in) { return plain(pl, in, true, NULL, 0); }

struct phys *phys_plain_columns(struct planner *pl, struct phys *in, const uint32_t *columns, uint32_t n)
{
    return plain(pl, in, false, columns, n);
}
