/* stream-exec-values: rows of literals. */
#include <string.h>

#include "runtime/op.h"

struct values {
    uint32_t n;
    struct vec *cols;
};

static bool one_value(struct op *o, struct values *v, uint32_t row, uint32_t col, const struct value *json, struct err *e)
{
    static const struct ltype nothing = {.root = L_ROW};
    const struct rex *rex = rex_read(o->a, json, e);
    struct expr *x = rex ? op_expr(o, rex, &nothing, e) : NULL;
    if (!x)
        return false;
    if (x->type->slot != o->types[col]->slot && x->type->root != L_NULL)
        return err_set(e, ERR_CORRUPT, "a tuple has a column of another type");
    expr_run(x, o->ev, NULL, 1);
    if (op_failed(o)) {
        *e = o->ev->e;
        return false;
    }
    v->cols[col].v[row] = x->out.v[0]; /* a literal: lives as long as the job */
    v->cols[col].null[row] = x->out.null[0];
    return x->constant || op_refuse(o, e, "a tuple that is no literal");
}

static bool open_op(struct op *o, struct err *e)
{
    struct values *v = o->self = arena_alloc(o->a, sizeof *v);
    const struct value *tuples = cplan_member(o->node->json, "tuples");
    if (!tuples || tuples->kind != VAL_LIST)
        return err_set(e, ERR_CORRUPT, "it has no tuples");
    v->n = tuples->n;
    v->cols = arena_array(o->a, o->n_cols + 1, sizeof *v->cols);
    for (uint32_t c = 0; c < o->n_cols; c++)
        v->cols[c] = vec_new(o->a, v->n + 1);
    for (uint32_t r = 0; r < v->n; r++) {
        const struct value *tuple = &tuples->items[r];
        if (tuple->kind != VAL_LIST || tuple->n != o->n_cols)
            return err_set(e, ERR_CORRUPT, "a tuple has other columns than the node");
        for (uint32_t c = 0; c < o->n_cols; c++)
            if (!one_value(o, v, r, c, &tuple->items[c], e))
                return false;
    }
    return true;
}

static enum step step(struct op *o)
{
    struct values *v = o->self;
    for (uint32_t r = 0; r < v->n; r++) {
        uint32_t row = op_row(o, ROW_INSERT);
        for (uint32_t c = 0; c < o->n_cols; c++)
            op_put(o, row, c, v->cols[c].v[r], v->cols[c].null[r]);
    }
    v->n = 0;
    return STEP_OVER;
}

static const char *const lists[] = {"values", NULL};

/* Whether they have been sent: in this life, or in one before. A source that is over may have been drained before it had its turn. */
static void snapshot(struct op *o, uint64_t checkpoint, struct snap *to)
{
    const struct values *v = o->self;
    (void)checkpoint;
    if (!v->n)
        snap_put(to, lists[0], "", 0);
}

static bool restore(struct op *o, const struct snap *of, struct err *e)
{
    struct values *v = o->self;
    (void)e;
    for (uint32_t i = 0; i < of->n; i++)
        if (!strcmp(of->elements[i].list, lists[0]))
            v->n = 0;
    return true;
}

const struct op_class op_values = {.open = open_op, .step = step, .lists = lists, .snapshot = snapshot, .restore = restore};
