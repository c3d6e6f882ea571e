/* stream-exec-calc, stream-exec-expand, stream-exec-drop-update-before: columns computed and rows dropped, nothing kept (StreamExecCalc,
 * StreamExecExpand, StreamExecDropUpdateBefore of flink-table-planner 2.3). */
#include <string.h>

#include "runtime/op.h"

struct calc {
    struct expr *condition; /* NULL: every row */
    struct expr **columns;
    uint32_t *sel;
    struct vec *whole; /* the columns' vectors, when no row is dropped */
};

static bool same_slot(const struct op *o, struct expr *const *columns, struct err *e)
{
    for (uint32_t c = 0; c < o->n_cols; c++)
        if (columns[c]->type->slot != o->types[c]->slot)
            return err_set(e, ERR_CORRUPT, "column %u is computed as another type than the node's", c);
    return true;
}

static struct expr **columns_of(struct op *o, const struct value *list, struct err *e)
{
    struct expr **columns = arena_array(o->a, o->n_cols + 1, sizeof *columns);
    if (!list || list->kind != VAL_LIST || list->n != o->n_cols) {
        err_set(e, ERR_CORRUPT, "it does not compute all of its columns");
        return NULL;
    }
    for (uint32_t c = 0; c < o->n_cols; c++) {
        const struct rex *rex = rex_read(o->a, &list->items[c], e);
        if (!rex || !(columns[c] = op_expr(o, rex, o->in[0], e))) {
            err_in(e, "column %s", o->node->output->names[c]);
            return NULL;
        }
    }
    return same_slot(o, columns, e) ? columns : NULL;
}

static bool calc_open(struct op *o, struct err *e)
{
    struct calc *c = o->self = arena_alloc(o->a, sizeof *c);
    const struct rex *condition = cplan_rex(o->a, o->node->json, "condition", e);
    if (e->kind != ERR_NONE || (condition && !(c->condition = op_expr(o, condition, o->in[0], e))))
        return err_in(e, "condition");
    if (c->condition && c->condition->type->root != L_BOOLEAN)
        return err_set(e, ERR_CORRUPT, "its condition is no BOOLEAN");
    c->sel = arena_array(o->a, BATCH_ROWS, sizeof *c->sel);
    c->whole = arena_array(o->a, o->n_cols + 1, sizeof *c->whole);
    return (c->columns = columns_of(o, cplan_member(o->node->json, "projection"), e));
}

/* Rows that are kept move together. */
static void gather(struct vec *to, const struct vec *from, const uint32_t *sel, uint32_t n)
{
    for (uint32_t k = 0; k < n; k++) {
        to->v[k] = from->v[sel[k]];
        to->null[k] = from->null[sel[k]];
    }
}

/* What Flink's generated code has in place of NULL where a type says NOT NULL (CodeGenUtils#primitiveDefaultValue). False: NULL. */
static bool stand_in(const struct ltype *t, union cell *v)
{
    *v = (union cell){0};
    if (type_is_real(t))
        v->d = -1;
    else if (type_is_integer(t) || t->root == L_DATE || t->root == L_TIME || t->root == L_INTERVAL_YEAR_MONTH ||
             t->root == L_INTERVAL_DAY_TIME)
        v->i = -1;
    else
        return type_is_text(t) || t->root == L_BOOLEAN;
    return true;
}

/* A delete may have its key alone: its other columns are NULL, whatever their types say. Such values do not stay NULL when they are computed. */
static void fill_keys_only(struct op *o, struct vec *cols, const uint8_t *kind, uint32_t n)
{
    for (uint32_t c = 0; c < o->n_cols; c++) {
        struct vec *from = &cols[c], *own = &o->cols[c];
        union cell v;
        if (o->types[c]->nullable || !stand_in(o->types[c], &v))
            continue;
        for (uint32_t i = 0; i < n; i++) {
            if (!from->null[i] || kind[i] != ROW_DELETE)
                continue;
            if (from->v != own->v) {
                memcpy(own->v, from->v, n * sizeof *own->v);
                memcpy(own->null, from->null, n);
                *from = *own;
            }
            own->v[i] = v;
            own->null[i] = 0;
        }
    }
}

static void calc_batch(struct op *o, uint32_t input, const struct batch *b)
{
    struct calc *c = o->self;
    const uint32_t *sel = NULL;
    uint32_t n = b->n;
    (void)input;
    o->ev->cols = b->cols;
    o->ev->watermark = o->wm;
    if (c->condition) {
        n = expr_filter(c->condition, o->ev, NULL, b->n, c->sel);
        sel = n == b->n ? NULL : c->sel;
    }
    for (uint32_t i = 0; n && i < o->n_cols && !op_failed(o); i++) {
        expr_run(c->columns[i], o->ev, sel, n);
        if (sel)
            gather(&o->cols[i], &c->columns[i]->out, sel, n);
        else
            c->whole[i] = c->columns[i]->out;
    }
    if (!n || op_failed(o))
        return;
    for (uint32_t k = 0; sel && b->kind && k < n; k++)
        o->kinds[k] = b->kind[sel[k]];
    struct batch out = {.n = n,
                        .n_cols = o->n_cols,
                        .cols = sel ? o->cols : c->whole,
                        .kind = !b->kind ? NULL
                            : sel        ? o->kinds
                                         : b->kind};
    if (out.kind)
        fill_keys_only(o, sel ? o->cols : c->whole, out.kind, n);
    op_emit(o, &out);
}

const struct op_class op_calc = {.stateless = true, .open = calc_open, .batch = calc_batch, .min_inputs = 1, .max_inputs = 1};

/* --- expand: each row once a projection --- */

struct expand {
    uint32_t n;
    struct expr ***projects;
};

static bool expand_open(struct op *o, struct err *e)
{
    struct expand *x = o->self = arena_alloc(o->a, sizeof *x);
    const struct value *list = cplan_member(o->node->json, "projects");
    if (!list || list->kind != VAL_LIST)
        return err_set(e, ERR_CORRUPT, "it has no projects");
    x->n = list->n;
    x->projects = arena_array(o->a, x->n + 1, sizeof *x->projects);
    for (uint32_t i = 0; i < x->n; i++)
        if (!(x->projects[i] = columns_of(o, &list->items[i], e)))
            return false;
    return true;
}

static void expand_batch(struct op *o, uint32_t input, const struct batch *b)
{
    struct expand *x = o->self;
    (void)input;
    o->ev->cols = b->cols;
    for (uint32_t p = 0; p < x->n; p++)
        for (uint32_t c = 0; c < o->n_cols; c++)
            expr_run(x->projects[p][c], o->ev, NULL, b->n);
    for (uint32_t i = 0; i < b->n && !op_failed(o); i++)
        for (uint32_t p = 0; p < x->n; p++) {
            uint32_t row = op_row(o, batch_kind(b, i));
            for (uint32_t c = 0; c < o->n_cols; c++)
                op_put(o, row, c, x->projects[p][c]->out.v[i], x->projects[p][c]->out.null[i]);
        }
}

const struct op_class op_expand = {.stateless = true, .open = expand_open, .batch = expand_batch, .min_inputs = 1, .max_inputs = 1};

/* --- drop update-before --- */

static void drop_batch(struct op *o, uint32_t input, const struct batch *b)
{
    (void)input;
    for (uint32_t i = 0; i < b->n; i++) {
        if (batch_kind(b, i) == ROW_UPDATE_BEFORE)
            continue;
        uint32_t row = op_row(o, batch_kind(b, i));
        for (uint32_t c = 0; c < o->n_cols; c++)
            op_put(o, row, c, b->cols[c].v[i], b->cols[c].null[i]);
    }
}

static bool drop_open(struct op *o, struct err *e)
{
    return o->in[0]->n == o->n_cols || err_set(e, ERR_CORRUPT, "its input has other columns than its output");
}

const struct op_class op_drop = {.stateless = true, .open = drop_open, .batch = drop_batch, .min_inputs = 1, .max_inputs = 1};
