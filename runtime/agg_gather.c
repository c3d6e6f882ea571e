/* LISTAGG, ARRAY_AGG, COLLECT, LAG: results that are made of many values (ListAggFunction of flink-table-planner 2.3; ListAgg(Ws)WithRetract-, ArrayAgg-,
 * Collect- and LagAggFunction of flink-table-runtime). */
#include <stdlib.h>
#include <string.h>

#include "runtime/agg_items.h"

static struct scratch *heap(const struct agg *g) { return &g->op->ev->heap; }

static const struct bytes comma = {(const uint8_t *)",", 1};

/* --- LISTAGG --- */

static bool is_text(const struct ltype *t) { return t && type_is_text(t); }

bool agg_bind_listagg(struct agg *g, struct op *o, struct err *e)
{
    g->op = o;
    return (is_text(g->arg) && is_text(g->result) && (!g->more || is_text(g->more->types[0]))) ||
        op_refuse(o, e, "LISTAGG of such a type");
}

/* The delimiter of the last row. Of one column it is a comma. */
static void delimit(const struct agg *g, struct acc *a, struct bytes by)
{
    if (a->owed && a->owed->n && a->owed->x[0].v.s.n == by.n && !memcmp(a->owed->x[0].v.s.p, by.p, by.n))
        return;
    while (agg_items_n(a->owed))
        agg_items_drop(a->owed, 0);
    agg_items_add(&a->owed, g->arg, (union cell){.s = by}, 0);
}

struct bytes agg_delimiter(const struct acc *a) { return agg_items_n(a->owed) ? a->owed->x[0].v.s : comma; }

static void append(struct acc *a, struct bytes by, struct bytes text)
{
    size_t n = a->some ? a->v.s.n + by.n : 0;
    if (n + text.n > (size_t)a->order || !a->block) {
        a->order = (int64_t)((n + text.n) * 2 + 16);
        a->block = mem_grow(a->block, (size_t)a->order, 1);
    }
    uint8_t *to = a->block;
    if (a->some && by.n)
        memcpy(to + a->v.s.n, by.p, by.n);
    if (text.n)
        memcpy(to + n, text.p, text.n);
    a->v.s = (struct bytes){to, n + text.n};
    a->some = true;
}

void agg_take_texts(const struct agg *g, struct acc *a, struct bytes text, bool whole)
{
    if (whole)
        append(a, (struct bytes){0}, text);
    else if (g->more)
        delimit(g, a, text);
}

/* Where rows are taken back, v is the delimiter of the last row that was not NULL, and `over` that it is NULL. */
void agg_add_listagg(const struct agg *g, struct acc *a, union cell v, uint8_t null, int64_t sign)
{
    if (g->retract) {
        agg_items_count(a, g->arg, v, null, sign);
        if (g->more) {
            free(a->block);
            a->v = g->more->null[0] ? (union cell){.s = {NULL, 0}} : cell_keep(g->arg, g->more->v[0], &a->block);
            a->some = true;
            a->over = g->more->null[0];
        }
        return;
    }
    struct bytes by = !g->more || g->more->null[0] ? comma : g->more->v[0].s;
    if (a->some && g->more && g->more->null[0])
        a->some = false; /* what NULL is appended to is NULL */
    else
        append(a, by, v.s);
    if (g->more)
        delimit(g, a, by);
}

void agg_merge_listagg(const struct agg *g, struct acc *to, const struct acc *from)
{
    if (g->retract) {
        agg_items_merge(to, from, g->arg);
        if (from->some) {
            free(to->block);
            to->v = from->over ? (union cell){.s = {NULL, 0}} : cell_keep(g->arg, from->v, &to->block);
            to->some = true;
            to->over = from->over;
        }
        return;
    }
    if (!from->some)
        return;
    append(to, agg_delimiter(from), from->v.s);
    if (g->more)
        delimit(g, to, agg_delimiter(from));
}

bool agg_result_listagg(const struct agg *g, struct acc *a, union cell *out)
{
    if (!g->retract) {
        *out = a->v;
        return a->some;
    }
    if (!agg_items_n(a->items) || a->over)
        return false;
    struct bytes by = a->some ? a->v.s : comma;
    size_t n = 0;
    for (uint32_t i = 0; i < a->items->n; i++)
        n += a->items->x[i].v.s.n + (i ? by.n : 0);
    uint8_t *to = scratch_alloc(heap(g), n + 1), *at = to;
    for (uint32_t i = 0; i < a->items->n; i++) {
        struct bytes text = a->items->x[i].v.s;
        if (i && by.n)
            at = (uint8_t *)memcpy(at, by.p, by.n) + by.n;
        if (text.n)
            at = (uint8_t *)memcpy(at, text.p, text.n) + text.n;
    }
    out->s = (struct bytes){to, n};
    return true;
}

/* --- ARRAY_AGG --- */

bool agg_bind_array_agg(struct agg *g, struct op *o, struct err *e)
{
    g->op = o;
    return (g->arg && g->result->root == L_ARRAY && g->result->kids[0]->slot == g->arg->slot) ||
        op_refuse(o, e, "ARRAY_AGG of such a type");
}

void agg_add_array_agg(const struct agg *g, struct acc *a, union cell v, uint8_t null, int64_t sign)
{
    if (!null || !g->ignores_nulls)
        agg_items_count(a, g->arg, v, null, sign);
}

void agg_merge_array_agg(const struct agg *g, struct acc *to, const struct acc *from) { agg_items_merge(to, from, g->arg); }

bool agg_result_array_agg(const struct agg *g, struct acc *a, union cell *out)
{
    uint32_t n = agg_items_n(a->items);
    union cell *v;
    uint8_t *null;
    if (!n)
        return false;
    out->q = seq_new(heap(g), n, n, &v, &null);
    for (uint32_t i = 0; i < n; i++) {
        v[i] = a->items->x[i].v;
        null[i] = a->items->x[i].null;
    }
    return true;
}

/* --- COLLECT --- */

bool agg_bind_collect(struct agg *g, struct op *o, struct err *e)
{
    g->op = o;
    return (g->arg && g->result->root == L_MULTISET && g->result->kids[0]->slot == g->arg->slot) ||
        op_refuse(o, e, "COLLECT of such a type");
}

void agg_add_collect(const struct agg *g, struct acc *a, union cell v, uint8_t null, int64_t sign)
{
    struct kentry *e = acc_entry(&a->values, &g->arg, g->ttl, v, 0);
    int64_t *times = (int64_t *)e->value;
    (void)null;
    kstate_write(a->values, e);
    *times += sign;
    if (!*times)
        kstate_remove(a->values, e);
}

void agg_merge_collect(const struct agg *g, struct acc *to, const struct acc *from)
{
    for (const struct kentry *e = from->values ? from->values->first : NULL; e; e = e->next)
        agg_add_collect(g, to, e->key->v[0], 0, *(const int64_t *)e->value);
}

bool agg_result_collect(const struct agg *g, struct acc *a, union cell *out)
{
    uint32_t n = 0;
    union cell *v;
    uint8_t *null;
    for (const struct kentry *e = a->values ? a->values->first : NULL; e; e = e->next)
        n += kstate_lives(a->values, e);
    out->q = seq_new(heap(g), n, 2 * n, &v, &null);
    memset(null, 0, 2 * (size_t)n);
    uint32_t i = 0;
    for (const struct kentry *e = n ? a->values->first : NULL; e; e = e->next)
        if (kstate_lives(a->values, e)) {
            v[i] = e->key->v[0];
            v[n + i++].i = *(const int64_t *)e->value;
        }
    return true;
}

/* --- LAG --- */

bool agg_bind_lag(struct agg *g, struct op *o, struct err *e)
{
    g->op = o;
    if (!g->arg || g->arg->slot != g->result->slot ||
        (g->more && g->more->types[0]->slot != SLOT_I32 && g->more->types[0]->slot != SLOT_I64))
        return op_refuse(o, e, "LAG of such types");
    if (g->more && g->more->n > 1 && g->more->types[1]->root != L_NULL && g->more->types[1]->slot != g->arg->slot)
        return op_refuse(o, e, "LAG with a default of another type");
    return true;
}

void agg_add_lag(const struct agg *g, struct acc *a, union cell v, uint8_t null, int64_t sign)
{
    int64_t offset = g->more ? g->more->v[0].i : 1;
    (void)sign;
    if (offset < 0 || (g->more && g->more->null[0])) {
        op_fail(g->op, ERR_CONVERT, "LAG: its offset is NULL or below 0");
        return;
    }
    a->count = offset;
    if (g->more && g->more->n > 1) {
        while (agg_items_n(a->owed))
            agg_items_drop(a->owed, 0);
        agg_items_add(&a->owed, g->arg, g->more->v[1], g->more->null[1]);
    }
    agg_items_add(&a->items, g->arg, v, null);
    while (a->items->n - 1 > offset)
        agg_items_drop(a->items, 0);
}

/* Windows that are merged have no LAG: it stands in OVER alone. */
void agg_merge_lag(const struct agg *g, struct acc *to, const struct acc *from) { agg_items_merge(to, from, g->arg); }

bool agg_result_lag(const struct agg *g, struct acc *a, union cell *out)
{
    const struct agg_items *from = (int64_t)agg_items_n(a->items) - 1 == a->count ? a->items : a->owed;
    (void)g;
    if (!agg_items_n(from) || from->x[0].null)
        return false;
    *out = from->x[0].v;
    return true;
}
