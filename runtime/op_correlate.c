/* stream-exec-correlate: each row with the rows that a table function makes of it (StreamExecCorrelate of flink-table-planner 2.3). The
 * functions are those of UNNEST (UnnestRowsFunction, UnnestRowsWithOrdinalityFunction of flink-table-runtime 2.3). */
#include <string.h>

#include "runtime/op.h"

static const struct table_fn {
    const char *name;
    bool ordinal; /* its last column is the number of the element, from 1 on */
} functions[] = {
    {"$UNNEST_ROWS$1", false},
    {"$UNNEST_ROWS_WITH_ORDINALITY$1", true},
};

struct correlate {
    const struct table_fn *fn;
    struct expr *values;     /* what is taken apart */
    const struct ltype *row; /* of the function */
    struct vec *cols;        /* its rows that are being put together: n */
    struct expr *condition;  /* over its rows; NULL: all go */
    uint32_t *sel;
    uint32_t n;
    bool pads;     /* LEFT: a row for which the function has none goes with nulls */
    bool is_row;   /* elements are rows, whose fields become columns */
    bool is_map;   /* keys and values become columns */
    bool is_times; /* a multiset: each element as often as it is there */
};

/* The rex with the columns of the left input in place of the fields of the correlation variable, which stand at the same places. */
static const struct rex *over_input(struct op *o, const struct rex *x, int depth, struct err *e)
{
    if (!depth)
        return err_set(e, ERR_LIMIT, "an expression is nested deeper than %d", REX_MAX_DEPTH), NULL;
    if (x->kind != REX_FIELD && x->kind != REX_CALL)
        return x;
    struct rex *to = arena_alloc(o->a, sizeof *to);
    *to = *x;
    if (x->kind == REX_FIELD && x->operands[0]->kind == REX_OTHER && !strcmp(x->operands[0]->name, "CORREL_VARIABLE")) {
        if (x->input >= o->in[0]->n || o->in[0]->kids[x->input]->slot != x->type->slot)
            return err_set(e, ERR_CORRUPT, "its correlation variable has other columns than its input"), NULL;
        to->kind = REX_INPUT;
        to->n = 0;
        to->type = o->in[0]->kids[x->input];
        return to;
    }
    to->operands = arena_array(o->a, x->n + 1, sizeof *to->operands);
    for (uint32_t i = 0; i < x->n; i++)
        if (!(to->operands[i] = over_input(o, x->operands[i], depth - 1, e)))
            return NULL;
    return to;
}

static bool find(struct op *o, struct correlate *c, const struct rex *call, struct err *e)
{
    for (size_t i = 0; i < sizeof functions / sizeof *functions && !c->fn; i++)
        if (call->kind == REX_CALL && call->lookup == REX_INTERNAL && !strcmp(call->name, functions[i].name))
            c->fn = &functions[i];
    return c->fn ||
        op_refuse(o, e, arena_printf(o->a, "table function %s", call->kind == REX_CALL ? call->name : "without a name"));
}

/* Whether the function's columns are what the elements have. */
static bool fits(const struct op *o, struct correlate *c, struct err *e)
{
    const struct ltype *t = c->values->type, *element = t->n ? t->kids[0] : NULL;
    uint32_t n = 1, left = o->in[0]->n;
    if (t->root != L_ARRAY && t->root != L_MAP && t->root != L_MULTISET)
        return err_set(e, ERR_CORRUPT, "it takes apart what is neither array nor map nor multiset");
    c->is_map = t->root == L_MAP;
    c->is_times = t->root == L_MULTISET;
    c->is_row = !c->is_map && element->root == L_ROW;
    if (c->is_map)
        n = 2;
    else if (c->is_row)
        n = element->n;
    const struct ltype *const *kids = c->is_row ? element->kids : t->kids;
    bool same = c->row->n == n + c->fn->ordinal && o->n_cols == left + c->row->n;
    for (uint32_t i = 0; same && i < c->row->n; i++) {
        enum lslot slot = i < n ? kids[i]->slot : SLOT_I32;
        same = o->types[left + i]->slot == slot && c->row->kids[i]->slot == slot;
    }
    return same || err_set(e, ERR_CORRUPT, "its columns are not those of its table function");
}

static bool correlate_open(struct op *o, struct err *e)
{
    struct correlate *c = o->self = arena_alloc(o->a, sizeof *c);
    const struct value *json = o->node->json;
    const struct rex *call = cplan_rex(o->a, json, "functionCall", e), *condition = cplan_rex(o->a, json, "condition", e);
    const char *join = cplan_text(json, "joinType", NULL, e);
    if (e->kind != ERR_NONE)
        return false;
    c->pads = join && !strcmp(join, "LEFT");
    if (!call || !join || (!c->pads && strcmp(join, "INNER") != 0))
        return err_set(e, ERR_CORRUPT, "it lacks its functionCall, or its joinType is neither INNER nor LEFT");
    if (!find(o, c, call, e))
        return false;
    c->row = call->type;
    if (call->n != 1 || !c->row || c->row->root != L_ROW)
        return err_set(e, ERR_CORRUPT, "its table function takes one operand and makes rows");
    const struct rex *operand = over_input(o, call->operands[0], REX_MAX_DEPTH, e);
    if (!operand || !(c->values = op_expr(o, operand, o->in[0], e)) || !fits(o, c, e))
        return false;
    if (condition && !(c->condition = op_expr(o, condition, c->row, e)))
        return err_in(e, "condition");
    if (c->condition && c->condition->type->root != L_BOOLEAN)
        return err_set(e, ERR_CORRUPT, "its condition is no BOOLEAN");
    c->sel = arena_array(o->a, BATCH_ROWS, sizeof *c->sel);
    c->cols = arena_array(o->a, c->row->n + 1, sizeof *c->cols);
    for (uint32_t i = 0; i < c->row->n; i++)
        c->cols[i] = vec_new(o->a, BATCH_ROWS);
    return true;
}

/* Sends the rows that have been put together, each beside row i of the batch; how many. */
static uint32_t send(struct op *o, struct correlate *c, const struct batch *b, uint32_t i)
{
    uint32_t n = c->n, left = o->in[0]->n;
    if (c->condition && n) {
        const struct vec *cols = o->ev->cols;
        o->ev->cols = c->cols;
        n = expr_filter(c->condition, o->ev, NULL, n, c->sel);
        o->ev->cols = cols;
    }
    for (uint32_t k = 0; k < n && !op_failed(o); k++) {
        uint32_t row = op_row(o, batch_kind(b, i)), from = c->condition ? c->sel[k] : k;
        for (uint32_t col = 0; col < left; col++)
            op_put(o, row, col, b->cols[col].v[i], b->cols[col].null[i]);
        for (uint32_t col = 0; col < c->row->n; col++)
            op_put(o, row, left + col, c->cols[col].v[from], c->cols[col].null[from]);
    }
    c->n = 0;
    return n;
}

static void put(struct correlate *c, uint32_t col, union cell v, uint8_t null)
{
    c->cols[col].v[c->n] = v;
    c->cols[col].null[c->n] = null;
}

/* Elements that are NULL rows make no row, but have their number. */
static bool element(struct correlate *c, const struct seq *q, uint32_t at)
{
    if (c->is_row) {
        if (q->null[at])
            return false;
        const struct seq *row = q->v[at].q;
        for (uint32_t i = 0; i < row->n; i++)
            put(c, i, row->v[i], row->null[i]);
    } else {
        put(c, 0, q->v[at], q->null[at]);
        if (c->is_map)
            put(c, 1, q->v[q->n + at], q->null[q->n + at]);
    }
    return true;
}

static uint32_t take_apart(struct op *o, struct correlate *c, const struct batch *b, uint32_t i, const struct seq *q)
{
    int64_t ordinal = 0;
    uint32_t sent = 0;
    for (uint32_t at = 0; at < q->n && !op_failed(o); at++)
        for (int64_t times = c->is_times ? q->v[q->n + at].i : 1; times > 0 && !op_failed(o); times--) {
            ordinal++;
            if (!element(c, q, at))
                continue;
            if (c->fn->ordinal)
                put(c, c->row->n - 1, (union cell){.i = ordinal}, 0);
            if (++c->n == BATCH_ROWS)
                sent += send(o, c, b, i);
        }
    return sent + send(o, c, b, i);
}

static void correlate_batch(struct op *o, uint32_t input, const struct batch *b)
{
    struct correlate *c = o->self;
    const struct vec *out = &c->values->out;
    (void)input;
    o->ev->cols = b->cols;
    o->ev->watermark = o->wm;
    expr_run(c->values, o->ev, NULL, b->n);
    for (uint32_t i = 0; i < b->n && !op_failed(o); i++) {
        if ((!out->null[i] && take_apart(o, c, b, i, out->v[i].q)) || !c->pads || op_failed(o))
            continue;
        uint32_t row = op_row(o, batch_kind(b, i)), left = o->in[0]->n;
        for (uint32_t col = 0; col < o->n_cols; col++)
            op_put(o, row, col, col < left ? b->cols[col].v[i] : (union cell){0}, col < left ? b->cols[col].null[i] : 1);
    }
}

const struct op_class op_correlate = {
    .stateless = true, .open = correlate_open, .batch = correlate_batch, .min_inputs = 1, .max_inputs = 1};
