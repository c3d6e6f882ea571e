/* stream-exec-group-aggregate: GROUP BY, DISTINCT. */
#include <string.h>

#include "sql/phys.h"

static bool retracts(const struct phys *p) { return p->inputs[0]->kinds != KIND_INSERT; }

static uint8_t agg_kinds(const struct phys *p) { return (uint8_t)(KIND_INSERT | KIND_UPDATE | (retracts(p) ? KIND_DELETE : 0)); }

static int agg_wants(const struct phys *p, uint32_t i, enum updates asked)
{
    (void)p;
    (void)i;
    (void)asked;
    return UPDATES_BOTH;
}

static const enum monotony *agg_monotony(struct planner *pl, const struct phys *p)
{
    const struct rel *r = p->rel;
    const enum monotony *in = phys_monotony(pl, p->inputs[0]);
    enum monotony *to = arena_array(pl->a, p->row->n + 1u, sizeof *to);
    for (uint32_t i = 0; i < r->n_keys; i++) {
        if (!in || in[r->keys[i]] != MONOTONY_CONSTANT)
            return NULL;
        to[i] = MONOTONY_CONSTANT;
    }
    for (uint32_t i = 0; in && i < r->n_calls; i++) {
        const struct rel_call *c = &r->calls[i];
        enum monotony m = !strcmp(c->name, "$COUNT$1") || !strcmp(c->name, "$MAX$1") ? MONOTONY_INCREASING
            : !strcmp(c->name, "$MIN$1")                                             ? MONOTONY_DECREASING
                                                                                     : MONOTONY_NONE;
        /* over updates it goes on only in the direction in which its argument goes */
        if (retracts(p) && (c->n != 1 || (in[c->args[0]] != m && strcmp(c->name, "$COUNT$1") != 0)))
            m = MONOTONY_NONE;
        to[r->n_keys + i] = p->inputs[0]->kinds & KIND_DELETE ? MONOTONY_NONE : m;
    }
    return in ? to : NULL;
}

static void agg_keys(struct planner *pl, const struct phys *p, struct key_sets *to)
{
    uint32_t *columns = arena_array(pl->a, p->rel->n_keys + 1u, sizeof *columns);
    for (uint32_t i = 0; i < p->rel->n_keys; i++)
        columns[i] = i;
    keys_add(pl, to, columns, p->rel->n_keys);
}

static void agg_put(struct planner *pl, const struct phys *p, struct members *to)
{
    static const char *const options[][2] = {{"table.exec.mini-batch.enabled", "false"}, {"table.exec.mini-batch.size", "-1"}};
    static const char *const state[] = {"groupAggregateState"};
    const struct rel *r = p->rel;
    struct value retractions = value_list(pl->a, VAL_LIST, r->n_calls);
    for (uint32_t i = 0; i < r->n_calls; i++)
        retractions.items[i] = value_bool(retracts(p));
    put_member(to, "configuration", put_config(pl, options, 2));
    put_member(to, "grouping", put_ints(pl->a, r->keys, r->n_keys));
    put_member(to, "aggCalls", put_calls(pl, r->calls, r->n_calls));
    put_member(to, "aggCallNeedRetractions", retractions);
    put_member(to, "generateUpdateBefore", value_bool(p->before));
    put_member(to, "needRetraction", value_bool(retracts(p)));
    put_member(to, "state", put_state(pl, p, state, 1));
}

static void agg_about(struct planner *pl, const struct phys *p, struct buf *to)
{
    (void)pl;
    if (p->rel->n_keys) {
        buf_puts(to, "groupBy=");
        about_columns(p->inputs[0]->row, p->rel->keys, p->rel->n_keys, to);
        buf_puts(to, ", ");
    }
    buf_puts(to, "select=");
    about_columns(p->row, NULL, p->row->n, to);
}

static const struct phys_class group = {.type = "stream-exec-group-aggregate",
                                        .version = 1,
                                        .kinds = agg_kinds,
                                        .wants = agg_wants,
                                        .keys = agg_keys,
                                        .monotony = agg_monotony,
                                        .put = agg_put,
                                        .about = agg_about};

struct phys *phys_aggregate(struct planner *pl, const struct rel *r, struct err *e)
{
    struct phys *window = phys_window_aggregate(pl, r, e);
    if (window || e->kind != ERR_NONE)
        return window;
    struct phys *in = phys_rel(pl, r->inputs[0], e);
    if (!in)
        return NULL;
    in = phys_plain_columns(pl, in, r->keys, r->n_keys);
    for (uint32_t i = 0; i < r->n_calls; i++)
        in = phys_plain_columns(pl, in, r->calls[i].args, r->calls[i].n);
    in = phys_exchange(pl, in, r->keys, r->n_keys);
    struct phys *p = phys_of(pl, &group, r->row, r->at, 1, &in);
    p->rel = r;
    return p;
}
