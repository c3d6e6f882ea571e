#include "runtime/pair.h"

const bool *pair_filter_nulls(struct op *o, const struct value *spec, uint32_t n)
{
    const struct value *nulls = cplan_member(spec, "filterNulls");
    bool *filter = arena_alloc(o->a, n + 1);
    for (uint32_t i = 0; i < n; i++)
        filter[i] = !nulls || nulls->kind != VAL_LIST || i >= nulls->n || nulls->items[i].kind != VAL_BOOL || nulls->items[i].b;
    return filter;
}

bool pair_keys_read(struct pair_keys *k, struct op *o, const struct value *spec, struct err *e)
{
    uint32_t n;
    k->columns[0] = cplan_ints(o->a, spec, "leftKeys", o->in[0]->n, &k->n, e);
    k->columns[1] = cplan_ints(o->a, spec, "rightKeys", o->in[1]->n, &n, e);
    if (n != k->n)
        return err_set(e, ERR_CORRUPT, "its sides have different numbers of keys");
    k->types = arena_array(o->a, n + 1, sizeof *k->types);
    for (uint32_t i = 0; i < n; i++) {
        k->types[i] = o->in[0]->kids[k->columns[0][i]];
        if (k->types[i]->slot != o->in[1]->kids[k->columns[1][i]]->slot)
            return err_set(e, ERR_CORRUPT, "its sides have keys of different types");
    }
    k->filter_nulls = pair_filter_nulls(o, spec, n);
    k->v = arena_array(o->a, n + 1, sizeof *k->v);
    k->null = arena_alloc(o->a, n + 1);
    return e->kind == ERR_NONE;
}

void pair_keys_take(struct pair_keys *k, uint32_t side, const struct batch *b, uint32_t row)
{
    for (uint32_t i = 0; i < k->n; i++) {
        k->v[i] = b->cols[k->columns[side][i]].v[row];
        k->null[i] = b->cols[k->columns[side][i]].null[row];
    }
}

bool pair_keys_alone(const struct pair_keys *k, const uint8_t *null)
{
    for (uint32_t i = 0; i < k->n; i++)
        if (null[i] && k->filter_nulls[i])
            return true;
    return false;
}

bool pair_read(struct pair *p, struct op *o, const struct value *spec, struct err *e)
{
    const struct rex *rex = cplan_rex(o->a, spec, "nonEquiCondition", e);
    uint32_t l = o->in[0]->n, n = l + o->in[1]->n;
    if (!rex)
        return e->kind == ERR_NONE;
    const struct ltype **kids = arena_array(o->a, n + 1, sizeof *kids);
    p->cols = arena_array(o->a, n + 1, sizeof *p->cols);
    for (uint32_t i = 0; i < n; i++) {
        kids[i] = i < l ? o->in[0]->kids[i] : o->in[1]->kids[i - l];
        p->cols[i] = vec_new(o->a, 1);
    }
    const struct ltype both = {.root = L_ROW, .n = n, .kids = kids};
    p->condition = op_expr(o, rex, &both, e);
    return p->condition && (p->condition->type->root == L_BOOLEAN || err_set(e, ERR_CORRUPT, "its condition is no BOOLEAN"));
}

bool pair_fits(struct pair *p, struct op *o, const struct row *left, const struct row *right)
{
    if (!p->condition)
        return true;
    for (uint32_t i = 0; i < left->n + right->n; i++) {
        const struct row *from = i < left->n ? left : right;
        uint32_t c = i < left->n ? i : i - left->n;
        p->cols[i].v[0] = from->v[c];
        p->cols[i].null[0] = from->null[c];
    }
    o->ev->cols = p->cols;
    expr_run(p->condition, o->ev, NULL, 1);
    return !op_failed(o) && !p->condition->out.null[0] && p->condition->out.v[0].b;
}

void pair_put(struct op *o, uint32_t at, uint32_t from, const struct row *r, uint32_t n)
{
    for (uint32_t c = 0; c < n; c++)
        if (r)
            op_keep(o, at, from + c, r->v[c], r->null[c]);
        else
            op_put(o, at, from + c, (union cell){0}, 1);
}
