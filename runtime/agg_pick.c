/* MIN, MAX, SINGLE_VALUE: one of the values; of FIRST_VALUE and LAST_VALUE what is not in agg_order.c. */
#include <stdlib.h>
#include <string.h>

#include "runtime/agg.h"

static void keep(const struct agg *g, struct acc *a, union cell v)
{
    free(a->block);
    a->v = cell_keep(g->arg, v, &a->block);
    a->some = true;
}

static bool kept(struct acc *a, union cell *out)
{
    *out = a->v;
    return a->some;
}

/* Where rows are taken back, all values are counted; the least is looked for anew when it goes (MinWithRetractAggFunction). */
static void counted(const struct agg *g, struct acc *a, union cell v, int64_t sign, int direction)
{
    struct kentry *e = acc_entry(&a->values, &g->arg, g->ttl, v, 0);
    int64_t *times = (int64_t *)e->value;
    *times += sign;
    kstate_write(a->values, e);
    if (sign > 0 && *times > 0 && (!a->some || cell_compare(g->arg, v, a->v) * direction > 0))
        keep(g, a, v);
    if (*times)
        return;
    bool was = a->some && cell_same(g->arg, v, a->v);
    kstate_remove(a->values, e);
    if (!was)
        return;
    a->some = false;
    const struct kentry *best = NULL;
    for (e = a->values->first; e; e = e->next)
        if (kstate_lives(a->values, e) && *(int64_t *)e->value > 0 &&
            (!best || cell_compare(g->arg, e->key->v[0], best->key->v[0]) * direction > 0))
            best = e;
    if (best)
        keep(g, a, best->key->v[0]);
}

static void extreme(const struct agg *g, struct acc *a, union cell v, int64_t sign, int direction)
{
    if (g->retract)
        counted(g, a, v, sign, direction);
    else if (!a->some || cell_compare(g->arg, v, a->v) * direction > 0)
        keep(g, a, v);
}

static bool same_type(struct agg *g, struct op *o, struct err *e)
{
    return (g->arg && g->arg->slot == g->result->slot && g->arg->scale == g->result->scale) ||
        op_refuse(o, e, "an aggregate of such a type");
}

/* Of what Flink has an order: its planner refuses the rest (AggFunctionFactory#createMaxAggFunction). */
static bool ordered(struct agg *g, struct op *o, struct err *e)
{
    static const uint8_t roots[] = {L_CHAR,   L_VARCHAR, L_BOOLEAN, L_DECIMAL, L_TINYINT, L_SMALLINT,  L_INTEGER,
                                    L_BIGINT, L_FLOAT,   L_DOUBLE,  L_DATE,    L_TIME,    L_TIMESTAMP, L_TIMESTAMP_LTZ};
    return same_type(g, o, e) &&
        (memchr(roots, (int)g->arg->root, sizeof roots) ||
         err_set(e, ERR_UNSUPPORTED, "%s takes numbers, texts, booleans and times", g->fn->name));
}

bool agg_bind_min(struct agg *g, struct op *o, struct err *e) { return ordered(g, o, e); }
bool agg_bind_max(struct agg *g, struct op *o, struct err *e) { return ordered(g, o, e); }
bool agg_bind_first(struct agg *g, struct op *o, struct err *e) { return same_type(g, o, e); }
bool agg_bind_last(struct agg *g, struct op *o, struct err *e) { return same_type(g, o, e); }
bool agg_bind_single(struct agg *g, struct op *o, struct err *e)
{
    g->op = o;
    return same_type(g, o, e);
}

void agg_add_min(const struct agg *g, struct acc *a, union cell v, uint8_t null, int64_t sign)
{
    (void)null;
    extreme(g, a, v, sign, -1);
}

void agg_add_max(const struct agg *g, struct acc *a, union cell v, uint8_t null, int64_t sign)
{
    (void)null;
    extreme(g, a, v, sign, 1);
}

/* The value of the only row; several are a fault, as in Flink (SingleValueAggFunction). */
void agg_add_single(const struct agg *g, struct acc *a, union cell v, uint8_t null, int64_t sign)
{
    a->count += sign;
    if (sign > 0 && a->count > 1)
        op_fail(g->op, ERR_CONVERT, "a query that stands for one value has several rows");
    if (sign > 0 && !null)
        keep(g, a, v);
    else
        a->some = false;
}

void agg_merge_min(const struct agg *g, struct acc *to, const struct acc *from)
{
    if (from->some)
        extreme(g, to, from->v, 1, -1);
}

void agg_merge_max(const struct agg *g, struct acc *to, const struct acc *from)
{
    if (from->some)
        extreme(g, to, from->v, 1, 1);
}

void agg_merge_first(const struct agg *g, struct acc *to, const struct acc *from)
{
    if (from->some && (!to->some || from->order < to->order)) {
        keep(g, to, from->v);
        to->order = from->order;
    }
}

void agg_merge_last(const struct agg *g, struct acc *to, const struct acc *from)
{
    if (from->some && (!to->some || from->order >= to->order)) {
        keep(g, to, from->v);
        to->order = from->order;
    }
}

void agg_merge_single(const struct agg *g, struct acc *to, const struct acc *from)
{
    to->count += from->count;
    agg_merge_last(g, to, from);
}

bool agg_result_min(const struct agg *g, struct acc *a, union cell *out) { return (void)g, kept(a, out); }
bool agg_result_max(const struct agg *g, struct acc *a, union cell *out) { return (void)g, kept(a, out); }
bool agg_result_single(const struct agg *g, struct acc *a, union cell *out) { return (void)g, kept(a, out); }
