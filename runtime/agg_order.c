/* FIRST_VALUE and LAST_VALUE of rows that can be taken back (First-, LastValueWithRetractAggFunction of flink-table-runtime 2.3). */
#include <stdlib.h>
#include <string.h>

#include "runtime/agg.h"
#include "runtime/ttl.h"

void orders_add(struct acc *a, const struct agg *g, union cell v, int64_t order, int64_t written)
{
    struct orders *all = a->orders ? a->orders : (a->orders = mem_zalloc(sizeof *all));
    uint32_t at = all->n;
    if (all->n == all->cap)
        all->o = mem_grow(all->o, all->cap = all->cap ? all->cap * 2 : 4, sizeof *all->o);
    while (at && all->o[at - 1].order > order)
        at--;
    memmove(all->o + at + 1, all->o + at, (all->n - at) * sizeof *all->o);
    all->o[at] = (struct ordered){.order = order, .written = written};
    all->o[at].v = cell_keep(g->arg, v, &all->o[at].block);
    all->n++;
}

void orders_take_back(struct acc *a, const struct agg *g, union cell v)
{
    struct orders *all = a->orders;
    uint32_t i = 0;
    while (all && i < all->n && !cell_same(g->arg, all->o[i].v, v))
        i++;
    if (!all || i == all->n)
        return;
    free(all->o[i].block);
    memmove(all->o + i, all->o + i + 1, (--all->n - i) * sizeof *all->o);
}

const struct ordered *orders_end(const struct acc *a, const struct agg *g, bool last)
{
    const struct orders *all = a->orders;
    for (uint32_t i = 0; all && i < all->n; i++) {
        const struct ordered *x = &all->o[last ? all->n - 1 - i : i];
        if (!g->ttl || !ttl_over(g->ttl, x->written))
            return x;
    }
    return NULL;
}

void orders_release(struct orders *all)
{
    for (uint32_t i = 0; all && i < all->n; i++)
        free(all->o[i].block);
    if (all)
        free(all->o);
    free(all);
}

static void add(const struct agg *g, struct acc *a, union cell v, int64_t sign)
{
    if (sign > 0)
        orders_add(a, g, v, g->ev->now ? g->ev->now(g->ev->clock) : 0, g->ttl ? g->ttl->now : 0);
    else
        orders_take_back(a, g, v);
}

static void keep(const struct agg *g, struct acc *a, union cell v)
{
    free(a->block);
    a->v = cell_keep(g->arg, v, &a->block);
    a->some = true;
}

static bool result(const struct agg *g, struct acc *a, bool last, union cell *out)
{
    const struct ordered *x = g->retract ? orders_end(a, g, last) : NULL;
    *out = x ? x->v : a->v;
    return g->retract ? x != NULL : a->some;
}

void agg_add_first(const struct agg *g, struct acc *a, union cell v, uint8_t null, int64_t sign)
{
    (void)null;
    if (g->retract)
        add(g, a, v, sign);
    else if (!a->some)
        keep(g, a, v);
}

void agg_add_last(const struct agg *g, struct acc *a, union cell v, uint8_t null, int64_t sign)
{
    (void)null;
    if (g->retract)
        add(g, a, v, sign);
    else
        keep(g, a, v);
}

bool agg_result_first(const struct agg *g, struct acc *a, union cell *out) { return result(g, a, false, out); }
bool agg_result_last(const struct agg *g, struct acc *a, union cell *out) { return result(g, a, true, out); }
