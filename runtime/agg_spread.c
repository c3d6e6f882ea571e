/* $WELFORD_M2, to which STDDEV_* and VAR_* are reduced, and PERCENTILE (flink-table-runtime 2.3). */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/agg_items.h"
#include "sql/dec.h"

static double number(const struct ltype *t, union cell v)
{
    return t->root == L_DECIMAL ? dec_double(v.dec, t->scale) : type_is_real(t) ? v.d : (double)v.i;
}

bool agg_bind_welford(struct agg *g, struct op *o, struct err *e)
{
    return (g->arg && type_is_number(g->arg) && g->result->root == L_DOUBLE) || op_refuse(o, e, "a variance of such a type");
}

void agg_add_welford(const struct agg *g, struct acc *a, union cell v, uint8_t null, int64_t sign)
{
    double x = number(g->arg, v);
    (void)null;
    a->count += sign;
    if (a->count <= 0) {
        if (sign < 0 && !a->count)
            a->mean = a->v.d = 0;
        return;
    }
    if (sign > 0) {
        double delta = x - a->mean;
        a->mean += delta / (double)a->count;
        a->v.d += delta * (x - a->mean);
    } else {
        double delta = x - a->mean;
        a->mean -= delta / (double)a->count;
        a->v.d -= (x - a->mean) * delta;
    }
}

void agg_merge_welford(const struct agg *g, struct acc *to, const struct acc *from)
{
    (void)g;
    if (from->count <= 0) {
        to->count += from->count;
    } else if (!to->count) {
        to->count = from->count;
        to->mean = from->mean;
        to->v = from->v;
    } else {
        int64_t n = to->count + from->count;
        double delta = from->mean - to->mean;
        to->v.d = to->v.d + from->v.d + (double)to->count * (double)from->count / (double)n * delta * delta;
        to->mean = to->mean + (double)from->count / (double)n * delta;
        to->count = n;
    }
    if (to->count <= 0)
        to->mean = to->v.d = 0;
}

bool agg_result_welford(const struct agg *g, struct acc *a, union cell *out)
{
    (void)g;
    out->d = a->v.d;
    return a->count > 0 && !(a->v.d < 0);
}

/* --- PERCENTILE --- */

bool agg_bind_percentile(struct agg *g, struct op *o, struct err *e)
{
    g->op = o;
    const struct ltype *p = g->more ? g->more->types[0] : NULL;
    bool many = p && p->root == L_ARRAY;
    return (g->arg && type_is_number(g->arg) && p && (many ? p->kids[0] : p)->root == L_DOUBLE &&
            (g->result->root == L_ARRAY) == many && (g->more->n < 2 || type_is_number(g->more->types[1]))) ||
        op_refuse(o, e, "PERCENTILE of such types");
}

static bool share(const struct agg *g, struct acc *a, double p)
{
    if (!(p >= 0 && p <= 1)) {
        op_fail(g->op, ERR_CONVERT, "PERCENTILE: the share %g is not between 0 and 1", p);
        return false;
    }
    agg_items_add(&a->items, agg_double, (union cell){.d = p}, 0);
    return true;
}

/* The shares are those of the first row. */
static bool shares(const struct agg *g, struct acc *a)
{
    const struct ltype *t = g->more->types[0];
    if (a->some)
        return true;
    a->some = true;
    if (t->root != L_ARRAY)
        return share(g, a, g->more->v[0].d);
    for (uint32_t i = 0; i < g->more->v[0].q->n; i++)
        if (!share(g, a, g->more->v[0].q->null[i] ? NAN : g->more->v[0].q->v[i].d))
            return false;
    return true;
}

static void count(const struct agg *g, struct acc *a, double x, int64_t times)
{
    struct kentry *e = acc_entry(&a->values, &agg_double, g->ttl, (union cell){.d = x}, 0);
    int64_t *n = (int64_t *)e->value;
    kstate_write(a->values, e);
    *n = (int64_t)((uint64_t)*n + (uint64_t)times);
    if (!*n)
        kstate_remove(a->values, e);
}

void agg_add_percentile(const struct agg *g, struct acc *a, union cell v, uint8_t null, int64_t sign)
{
    int64_t times = 1;
    (void)null;
    if (g->more->null[0] || (sign > 0 && !shares(g, a)))
        return;
    if (g->more->n > 1)
        times = g->more->null[1] ? 0 : (int64_t)number(g->more->types[1], g->more->v[1]);
    if (times > 0)
        count(g, a, number(g->arg, v), sign * times);
}

void agg_merge_percentile(const struct agg *g, struct acc *to, const struct acc *from)
{
    if (!to->some && from->some)
        agg_items_merge(to, from, agg_double);
    to->some = to->some || from->some;
    for (const struct kentry *e = from->values ? from->values->first : NULL; e; e = e->next)
        count(g, to, e->key->v[0].d, *(const int64_t *)e->value);
}

struct times {
    double x;
    int64_t n;
};

static int by_value(const void *a, const void *b)
{
    double x = ((const struct times *)a)->x, y = ((const struct times *)b)->x;
    return x < y ? -1 : x > y;
}

/* The value at a place among all of them, between two of them where it is no whole number. */
static double at_place(const struct times *all, uint32_t n, double place)
{
    double lower = floor(place), higher = ceil(place), before = (double)all->n;
    while (before < lower && --n)
        before += (double)(++all)->n;
    return before >= higher || n < 2 ? all->x : (higher - place) * all->x + (place - lower) * all[1].x;
}

bool agg_result_percentile(const struct agg *g, struct acc *a, union cell *out)
{
    uint32_t n = 0, shares = agg_items_n(a->items);
    int64_t total = 0;
    struct times *all = a->values && a->values->n ? mem_alloc(a->values->n * sizeof *all) : NULL;
    for (const struct kentry *e = all ? a->values->first : NULL; e; e = e->next)
        if (kstate_lives(a->values, e)) {
            all[n] = (struct times){e->key->v[0].d, *(const int64_t *)e->value};
            total = (int64_t)((uint64_t)total + (uint64_t)all[n++].n);
        }
    bool some = total > 0 && shares;
    if (some) {
        union cell *v = out;
        uint8_t *null;
        qsort(all, n, sizeof *all, by_value);
        if (g->result->root == L_ARRAY) {
            out->q = seq_new(&g->op->ev->heap, shares, shares, &v, &null);
            memset(null, 0, shares);
        }
        for (uint32_t i = 0; i < shares; i++)
            v[i].d = at_place(all, n, a->items->x[i].v.d * (double)(total - 1) + 1);
    }
    free(all);
    return some;
}
