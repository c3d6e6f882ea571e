/* stream-exec-group-aggregate: GROUP BY, DISTINCT. */
#include <stdlib.h>
#include <string.h>

#include "sql/phys_local.h"
#include "sql/phys_window.h"
#include "sql/rex_make.h"

static bool retracts(const struct phys *p) { return p->inputs[0]->kinds != KIND_INSERT; }

static uint8_t agg_kinds(const struct phys *p) { return (uint8_t)(KIND_INSERT | KIND_UPDATE | (retracts(p) ? KIND_DELETE : 0)); }

static int agg_wants(const struct phys *p, uint32_t i, enum updates asked)
{
    (void)p;
    (void)i;
    (void)asked;
    return UPDATES_BOTH;
}

/* p->spec: of a global one, whose rows are only inserted. */
static const enum monotony *agg_monotony(struct planner *pl, const struct phys *p)
{
    const struct rel *r = p->rel;
    const enum monotony *in = p->spec ? NULL : phys_monotony(pl, p->inputs[0]);
    enum monotony *to = arena_array(pl->a, p->row->n + 1u, sizeof *to);
    if (!p->spec && !in)
        return NULL;
    for (uint32_t i = 0; i < r->n_keys; i++) {
        if (in && in[r->keys[i]] != MONOTONY_CONSTANT)
            return NULL;
        to[i] = MONOTONY_CONSTANT;
    }
    for (uint32_t i = 0; i < r->n_calls; i++) {
        const struct rel_call *c = &r->calls[i];
        enum monotony m = !strcmp(c->name, "$COUNT$1") || !strcmp(c->name, "$MAX$1") ? MONOTONY_INCREASING
            : !strcmp(c->name, "$MIN$1")                                             ? MONOTONY_DECREASING
                                                                                     : MONOTONY_NONE;
        /* over updates it goes on only in the direction in which its argument goes */
        if (in && retracts(p) && (c->n != 1 || (in[c->args[0]] != m && strcmp(c->name, "$COUNT$1") != 0)))
            m = MONOTONY_NONE;
        to[r->n_keys + i] = p->inputs[0]->kinds & KIND_DELETE ? MONOTONY_NONE : m;
    }
    return to;
}

static void agg_keys(struct planner *pl, const struct phys *p, struct key_sets *to)
{
    uint32_t *columns = arena_array(pl->a, p->rel->n_keys + 1u, sizeof *columns);
    for (uint32_t i = 0; i < p->rel->n_keys; i++)
        columns[i] = i;
    keys_add(pl, to, columns, p->rel->n_keys);
}

static const char *const options[][2] = {{"table.exec.mini-batch.enabled", "false"}, {"table.exec.mini-batch.size", "-1"}};

static void put_retractions(struct planner *pl, const struct phys *p, struct members *to)
{
    struct value list = value_list(pl->a, VAL_LIST, p->rel->n_calls);
    for (uint32_t i = 0; i < p->rel->n_calls; i++)
        list.items[i] = value_bool(retracts(p));
    put_member(to, "aggCallNeedRetractions", list);
}

/* p->spec: of a global one the row that its local one takes. */
static void agg_put(struct planner *pl, const struct phys *p, struct members *to)
{
    static const char *const state[] = {"groupAggregateState"}, *const merged[] = {"globalGroupAggregateState"};
    const struct rel *r = p->rel;
    put_member(to, "configuration", put_config(pl, options, 2));
    put_member(to, "grouping", put_ints(pl->a, p->inputs[0]->hash, r->n_keys));
    put_member(to, "aggCalls", put_calls(pl, r->calls, r->n_calls));
    put_retractions(pl, p, to);
    if (p->spec)
        put_member(to, "localAggInputRowType", type_json(pl->a, type_nullable(pl->a, p->spec, true)));
    put_member(to, "generateUpdateBefore", value_bool(p->before));
    put_member(to, "needRetraction", value_bool(retracts(p)));
    put_member(to, "state", put_state(pl, p, p->spec ? merged : state, 1));
}

static void local_put(struct planner *pl, const struct phys *p, struct members *to)
{
    put_member(to, "configuration", put_config(pl, options, 2));
    put_member(to, "grouping", put_ints(pl->a, p->rel->keys, p->rel->n_keys));
    put_member(to, "aggCalls", put_calls(pl, p->rel->calls, p->rel->n_calls));
    put_retractions(pl, p, to);
    put_member(to, "needRetraction", value_bool(retracts(p)));
}

static void agg_about(struct planner *pl, const struct phys *p, struct buf *to)
{
    (void)pl;
    if (p->rel->n_keys) {
        buf_puts(to, "groupBy=");
        about_columns(p->row, NULL, p->rel->n_keys, to);
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

static uint8_t local_kinds(const struct phys *p)
{
    (void)p;
    return KIND_INSERT;
}

static const struct phys_class global_group = {.type = "stream-exec-global-group-aggregate",
                                               .version = 1,
                                               .kinds = agg_kinds,
                                               .wants = agg_wants,
                                               .keys = agg_keys,
                                               .monotony = agg_monotony,
                                               .put = agg_put,
                                               .about = agg_about};
static const struct phys_class local_group = {.type = "stream-exec-local-group-aggregate",
                                              .version = 1,
                                              .kinds = local_kinds,
                                              .wants = agg_wants,
                                              .keys = agg_keys,
                                              .put = local_put,
                                              .about = agg_about};

/* In two steps where rows come in batches. */
static struct phys *in_steps(struct planner *pl, struct phys *in, const struct rel *r)
{
    const struct value *json = NULL;
    phys_kinds(pl, in);
    if (!phys_mini_batch(pl) || !phys_two_phases(pl) || in->kinds != KIND_INSERT || phys_dealt_by(in, r->keys, r->n_keys))
        return NULL;
    const struct ltype *row = phys_local_row(pl, in->row, r->keys, r->n_keys, r->calls, r->n_calls, false, NULL, &json);
    if (!row || !row->n)
        return NULL;
    uint32_t *keys = arena_array(pl->a, r->n_keys + 1u, sizeof *keys);
    for (uint32_t i = 0; i < r->n_keys; i++)
        keys[i] = i;
    const struct ltype *taken = in->row;
    struct phys *local = phys_of(pl, &local_group, row, r->at, 1, &in);
    local->rel = r;
    local->row_json = json;
    struct phys *x = phys_exchange(pl, local, keys, r->n_keys);
    struct phys *p = phys_of(pl, &global_group, r->row, r->at, 1, &x);
    p->rel = r;
    p->spec = taken;
    return p;
}

/* Groups of one row each, of which nothing is counted, are those rows (FlinkAggregateRemoveRule). */
static struct phys *single_rows(struct planner *pl, const struct rel *r, struct err *e)
{
    if (!r->n_keys || !rel_unique(pl->a, r->inputs[0], r->keys, r->n_keys))
        return NULL;
    const struct rex **exprs = arena_array(pl->a, r->row->n + 1u, sizeof *exprs);
    for (uint32_t i = 0; i < r->n_keys; i++)
        exprs[i] = rel_column(pl->a, r->inputs[0], r->keys[i]);
    for (uint32_t i = 0; i < r->n_calls; i++) {
        const struct rel_call *c = &r->calls[i];
        bool plain = !strcmp(c->name, "$SUM$1") || !strcmp(c->name, "$MIN$1") || !strcmp(c->name, "$MAX$1");
        if (!plain || c->filter >= 0 || c->n != 1)
            return NULL;
        const struct rex *x = rel_column(pl->a, r->inputs[0], c->args[0]);
        exprs[r->n_keys + i] = type_same(x->type, c->type, false) ? x : rex_cast(pl->a, x, c->type);
    }
    struct phys *in = phys_rel(pl, r->inputs[0], e);
    return in ? phys_calc(pl, in, exprs, NULL, r->row, r->at) : NULL;
}

/* *to: what it is instead, where the options say so. Of batches in two phases Flink makes one step again of the middle of the four
 * (IncrementalAggregateRule), so that there are the changes of an aggregate that is whole: here it stays whole. */
static bool split_distinct(struct planner *pl, const struct rel *r, struct rel **to, struct err *e)
{
    const char *text = catalog_config(pl->c, "table.optimizer.distinct-agg.split.bucket-num", "1024");
    char *end;
    long buckets = strtol(text, &end, 10);
    bool incremental = phys_mini_batch(pl) && phys_two_phases(pl) &&
        !strcmp(catalog_config(pl->c, "table.optimizer.incremental-agg-enabled", "true"), "true");
    struct windowing window;
    if (windowing_of(r, &window)) /* windows that are no window aggregate: sessions stay whole */
        return true;
    if (incremental || strcmp(catalog_config(pl->c, "table.optimizer.distinct-agg.split.enabled", "false"), "true") != 0)
        return true;
    if (*end || end == text || buckets < 1 || buckets > INT32_MAX)
        return phys_wrong(pl, r->at, e, "table.optimizer.distinct-agg.split.bucket-num = %s is no number of buckets", text);
    *to = rel_split(pl->a, r, buckets);
    return true;
}

struct phys *phys_aggregate(struct planner *pl, const struct rel *r, struct err *e)
{
    struct rel *reduced = rel_reduce(pl->a, r);
    if (reduced)
        return phys_rel(pl, reduced, e);
    struct phys *window = phys_window_aggregate(pl, r, e);
    if (window || e->kind != ERR_NONE)
        return window;
    struct phys *single = single_rows(pl, r, e);
    if (single || e->kind != ERR_NONE)
        return single;
    struct rel *split = NULL;
    if (!split_distinct(pl, r, &split, e))
        return NULL;
    if (split)
        return phys_rel(pl, split, e);
    struct phys *in = phys_rel(pl, r->inputs[0], e);
    if (!in)
        return NULL;
    in = phys_plain_columns(pl, in, r->keys, r->n_keys);
    for (uint32_t i = 0; i < r->n_calls; i++)
        in = phys_plain_columns(pl, in, r->calls[i].args, r->calls[i].n);
    struct phys *p = in_steps(pl, in, r);
    if (p)
        return p;
    in = phys_exchange(pl, in, r->keys, r->n_keys);
    p = phys_of(pl, &group, r->row, r->at, 1, &in);
    p->rel = r;
    return p;
}
