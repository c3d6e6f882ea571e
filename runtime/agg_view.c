/* What accumulators keep for each value, in Flink's views: MapView states of their own (MinWithRetractAggFunction … of flink-table-runtime,
 * DistinctAggCodeGen of flink-table-planner 2.3). */
#include <stdlib.h>
#include <string.h>

#include "base/wr.h"
#include "runtime/agg_items.h"
#include "runtime/agg_state.h"

static const struct ltype number = {.root = L_BIGINT, .slot = SLOT_I64, .width = 8};
static const struct ltype *const of_numbers[] = {&number};
static const struct ltype numbers = {
    .root = L_ARRAY, .slot = SLOT_ARRAY, .width = 8, .n = 1, .kids = (const struct ltype **)of_numbers};

static void put(struct acc_layout *l, struct op *o, struct snap *to, uint32_t state, const int64_t *ns)
{
    snap_map(to, o, state, ns, &l->user_key, &l->value);
}

static void begin(struct acc_layout *l, const struct ltype *t, union cell key)
{
    l->user_key.n = l->value.n = 0;
    ks_put_cell(&l->user_key, t, key);
}

/* value -> a number, BIGINT or (few) INT */
static void put_numbers(struct acc_layout *l, struct op *o, struct snap *to, uint32_t state, const int64_t *ns,
                        const struct ltype *t, const struct kstate *set, bool few)
{
    for (struct kentry *e = set ? set->first : NULL; e; e = e->next) {
        if (!kstate_lives(set, e))
            continue;
        snap_written(o, kstate_when(set, e));
        begin(l, t, e->key->v[0]);
        if (few)
            wr_u32(&l->value, (uint32_t) * (const int64_t *)e->value);
        else
            wr_i64(&l->value, *(const int64_t *)e->value);
        put(l, o, to, state, ns);
    }
}

/* value -> a number for each call, each of which counts by itself here */
static void put_lists(struct acc_layout *l, struct op *o, struct snap *to, const int64_t *ns, const struct acc *acc,
                      const struct acc_distinct *d)
{
    struct kstate all;
    struct kentry *e;
    bool fresh;
    kstate_init(&all, d->type, 1, (d->n_calls + 1) * sizeof(int64_t), NULL);
    for (uint32_t c = 0; c < d->n_calls; c++) {
        const struct kstate *set = acc[d->calls[c]].distinct;
        for (e = set ? set->first : NULL; e; e = e->next) {
            if (!kstate_lives(set, e))
                continue;
            int64_t *n = (int64_t *)kstate_at(&all, e->key->v, e->key->null, &fresh)->value, when = kstate_when(set, e);
            n[c] = *(const int64_t *)e->value;
            n[d->n_calls] = fresh || when > n[d->n_calls] ? when : n[d->n_calls];
        }
    }
    for (e = all.first; e; e = e->next) {
        const int64_t *n = (const int64_t *)e->value;
        union cell *v;
        uint8_t *null;
        scratch_reset(&l->heap);
        const struct seq *q = seq_new(&l->heap, d->n_calls, d->n_calls, &v, &null);
        for (uint32_t c = 0; c < d->n_calls; c++) {
            v[c].i = n[c];
            null[c] = 0;
        }
        snap_written(o, n[d->n_calls]);
        begin(l, *d->type, e->key->v[0]);
        ks_put_cell(&l->value, &numbers, (union cell){.q = q});
        put(l, o, to, d->state, ns);
    }
    kstate_clear(&all);
}

/* Entries of an array of indices that belong together, as a list of their values or orders. */
static union cell list(struct acc_layout *l, const struct orders *all, const uint32_t *at, uint32_t n, bool of_values)
{
    union cell *v;
    uint8_t *null;
    scratch_reset(&l->heap);
    const struct seq *q = seq_new(&l->heap, n, n, &v, &null);
    for (uint32_t i = 0; i < n; i++) {
        if (of_values)
            v[i] = all->o[at[i]].v;
        else
            v[i].i = all->o[at[i]].order;
        null[i] = 0;
    }
    return (union cell){.q = q};
}

/* value -> its orders, order -> its values */
static void put_orders(struct acc_layout *l, struct op *o, struct snap *to, const int64_t *ns, const struct acc *a, uint32_t call)
{
    const struct orders *all = a->orders;
    const struct agg *g = &l->aggs[call];
    const struct ltype *of_values[] = {g->arg};
    const struct ltype values = {.root = L_ARRAY, .slot = SLOT_ARRAY, .width = 8, .n = 1, .kids = of_values};
    uint32_t *at = mem_alloc((all->n + 1u) * sizeof *at);
    for (uint32_t i = 0, k; i < all->n; i = k) { /* equal orders stand together */
        uint32_t n = 0;
        for (k = i; k < all->n && all->o[k].order == all->o[i].order; k++)
            at[n++] = k;
        snap_written(o, all->o[k - 1].written);
        begin(l, &number, (union cell){.i = all->o[i].order});
        ks_put_cell(&l->value, &values, list(l, all, at, n, true));
        put(l, o, to, l->view[call] + 1, ns);
    }
    struct kstate by_value; /* value -> the last entry of it that has been looked at, 1 + its place */
    bool fresh;
    uint32_t *next = mem_zalloc((all->n + 1u) * sizeof *next);
    kstate_init(&by_value, &g->arg, 1, 2 * sizeof(uint32_t), NULL);
    for (uint32_t i = 0; i < all->n; i++) {
        uint32_t *ends = (uint32_t *)kstate_at(&by_value, &all->o[i].v, (const uint8_t[]){0}, &fresh)->value;
        if (fresh)
            ends[0] = i;
        else
            next[ends[1]] = i;
        ends[1] = i;
    }
    for (const struct kentry *e = by_value.first; e; e = e->next) {
        const uint32_t *ends = (const uint32_t *)e->value;
        uint32_t n = 0;
        for (uint32_t i = ends[0];; i = next[i]) {
            at[n++] = i;
            if (i == ends[1])
                break;
        }
        snap_written(o, all->o[ends[1]].written);
        begin(l, g->arg, e->key->v[0]);
        ks_put_cell(&l->value, &numbers, list(l, all, at, n, false));
        put(l, o, to, l->view[call], ns);
    }
    kstate_clear(&by_value);
    free(next);
    free(at);
}

/* --- values one by one --- */

static void put_items(struct acc_layout *l, struct op *o, struct snap *to, uint32_t state, const int64_t *ns,
                      const struct agg_items *all)
{
    if (!agg_items_n(all))
        return;
    l->value.n = 0;
    wr_u32(&l->value, all->n);
    for (uint32_t i = 0; i < all->n; i++)
        ks_put_cell(&l->value, agg_text, all->x[i].v);
    snap_value(to, o, state, ns, &l->value);
}

static void put_object(struct acc_layout *l, struct op *o, struct snap *to, uint32_t state, const int64_t *ns, const struct acc *a)
{
    for (struct kentry *e = a->values ? a->values->first : NULL; e; e = e->next) {
        if (!kstate_lives(a->values, e))
            continue;
        snap_written(o, kstate_when(a->values, e));
        begin(l, agg_text, e->key->v[0]);
        ks_put_cell(&l->value, agg_text, (union cell){.s = agg_member_text(e)});
        put(l, o, to, state, ns);
    }
}

static void put_one_by_one(struct acc_layout *l, struct op *o, struct snap *to, const int64_t *ns, const struct acc *a,
                           uint32_t call)
{
    const struct agg *g = &l->aggs[call];
    uint32_t state = l->view[call];
    switch (acc_letter(g)) {
    case BUFFER_COLLECT:
        put_numbers(l, o, to, state, ns, g->arg, a->values, true);
        break;
    case BUFFER_PERCENTILE:
        put_numbers(l, o, to, state, ns, agg_double, a->values, false);
        break;
    case BUFFER_JSON_OBJECT:
        put_object(l, o, to, state, ns, a);
        break;
    case BUFFER_JSON_ARRAY:
        put_items(l, o, to, state, ns, a->items);
        break;
    default:
        put_items(l, o, to, state, ns, a->items);
        put_items(l, o, to, state + 1, ns, a->owed);
    }
}

static bool ordered(const struct agg *g) { return strchr("FL", g->fn->buffers_back[0]) != NULL; }

void acc_put_views(struct acc_layout *l, struct op *o, struct snap *to, const int64_t *ns, const struct acc *acc)
{
    for (uint32_t i = 0; i < l->n_distinct; i++) {
        const struct acc_distinct *d = &l->distinct[i];
        if (d->listed)
            put_lists(l, o, to, ns, acc, d);
        else
            put_numbers(l, o, to, d->state, ns, *d->type, acc[d->calls[0]].distinct, false);
    }
    for (uint32_t i = 0; i < l->n_aggs; i++)
        if (l->view[i] != UINT32_MAX && acc_one_by_one(&l->aggs[i]))
            put_one_by_one(l, o, to, ns, &acc[i], i);
        else if (l->view[i] != UINT32_MAX && !ordered(&l->aggs[i]))
            put_numbers(l, o, to, l->view[i], ns, l->aggs[i].arg, acc[i].values, false);
        else if (l->view[i] != UINT32_MAX && acc[i].orders)
            put_orders(l, o, to, ns, &acc[i], i);
}

/* --- taking --- */

/* A value's number, written when the entry was. */
static int64_t *counted(struct kstate **at, const struct ltype *const *type, const struct ttl *ttl, const union cell *v,
                        int64_t written)
{
    struct kentry *e = acc_entry(at, type, ttl, *v, 0);
    kstate_write_at(*at, e, written);
    return (int64_t *)e->value;
}

static void take_distinct(struct acc_layout *l, const struct acc_distinct *d, struct keyed_entry *x, struct acc *acc)
{
    union cell v, list = {0};
    scratch_reset(&l->heap);
    bool ok = ks_get_cell(&x->user_key, *d->type, &v, &l->heap);
    if (!d->listed) {
        int64_t number_of = rd_i64(&x->value);
        if (ok && rd_ok(&x->value) && number_of)
            *counted(&acc[d->calls[0]].distinct, &l->aggs[d->calls[0]].arg, l->aggs[d->calls[0]].ttl, &v, x->written) = number_of;
        return;
    }
    ok = ok && ks_get_cell(&x->value, &numbers, &list, &l->heap);
    for (uint32_t c = 0; ok && c < d->n_calls && c < list.q->n; c++)
        if (!list.q->null[c] && list.q->v[c].i)
            *counted(&acc[d->calls[c]].distinct, &l->aggs[d->calls[c]].arg, l->aggs[d->calls[c]].ttl, &v, x->written) =
                list.q->v[c].i;
}

/* value -> how often it is there */
static void take_numbers(struct acc_layout *l, uint32_t call, struct keyed_entry *x, struct acc *a)
{
    const struct agg *g = &l->aggs[call];
    union cell v;
    scratch_reset(&l->heap);
    bool ok = ks_get_cell(&x->user_key, g->arg, &v, &l->heap);
    int64_t times = rd_i64(&x->value);
    if (!ok || !rd_ok(&x->value) || !times)
        return;
    g->fn->add(g, a, v, 0, times > 0 ? 1 : -1);
    *counted(&a->values, &g->arg, g->ttl, &v, x->written) = times;
}

/* order -> values, from which the other map follows */
static void take_orders(struct acc_layout *l, uint32_t call, struct keyed_entry *x, struct acc *a)
{
    const struct agg *g = &l->aggs[call];
    const struct ltype *of_values[] = {g->arg};
    const struct ltype values = {.root = L_ARRAY, .slot = SLOT_ARRAY, .width = 8, .n = 1, .kids = of_values};
    union cell order, all;
    scratch_reset(&l->heap);
    if (!ks_get_cell(&x->user_key, &number, &order, &l->heap) || !ks_get_cell(&x->value, &values, &all, &l->heap))
        return;
    for (uint32_t i = 0; i < all.q->n; i++)
        if (!all.q->null[i])
            orders_add(a, g, all.q->v[i], order.i, x->written);
}

/* Is it the entry of that call, whose values stand one by one? */
static bool take_one_by_one(struct acc_layout *l, uint32_t call, struct keyed_entry *x, struct acc *a)
{
    const struct agg *g = &l->aggs[call];
    char letter = acc_letter(g);
    bool two = letter == BUFFER_TEXTS_BACK || letter == BUFFER_TEXTS_BY_BACK;
    union cell v, other;
    if (x->state != l->view[call] && !(two && x->state == l->view[call] + 1))
        return false;
    scratch_reset(&l->heap);
    if (letter == BUFFER_COLLECT && ks_get_cell(&x->user_key, g->arg, &v, &l->heap)) {
        *counted(&a->values, &g->arg, g->ttl, &v, x->written) = (int32_t)rd_u32(&x->value);
    } else if (letter == BUFFER_PERCENTILE && ks_get_cell(&x->user_key, agg_double, &v, &l->heap)) {
        *counted(&a->values, &agg_double, g->ttl, &v, x->written) = rd_i64(&x->value);
    } else if (letter == BUFFER_JSON_OBJECT && ks_get_cell(&x->user_key, agg_text, &v, &l->heap) &&
               ks_get_cell(&x->value, agg_text, &other, &l->heap)) {
        agg_member_put(g, a, v.s, other.s, x->written);
    } else if ((two || letter == BUFFER_JSON_ARRAY) && ks_get_cell(&x->value, agg_text, &v, &l->heap)) {
        agg_items_add(x->state == l->view[call] ? &a->items : &a->owed, agg_text, v, 0);
    }
    return true;
}

bool acc_take_views(struct acc_layout *l, struct keyed_entry *x, struct acc *acc)
{
    for (uint32_t i = 0; i < l->n_distinct; i++)
        if (x->state == l->distinct[i].state || x->state == l->distinct[i].state + 1) {
            if (x->state == l->distinct[i].state)
                take_distinct(l, &l->distinct[i], x, acc);
            else
                ks_skip(x); /* a NULL has been seen, which no function looks at */
            return true;
        }
    for (uint32_t i = 0; i < l->n_aggs; i++) {
        if (l->view[i] == UINT32_MAX)
            continue;
        if (acc_one_by_one(&l->aggs[i])) {
            if (take_one_by_one(l, i, x, &acc[i]))
                return true;
            continue;
        }
        bool two = ordered(&l->aggs[i]);
        if (x->state == l->view[i] && !two)
            take_numbers(l, i, x, &acc[i]);
        else if (x->state == l->view[i])
            ks_skip(x);
        else if (two && x->state == l->view[i] + 1)
            take_orders(l, i, x, &acc[i]);
        else
            continue;
        return true;
    }
    return false;
}
