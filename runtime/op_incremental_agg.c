/* stream-exec-incremental-group-aggregate: the middle of a DISTINCT aggregate that is split over buckets (MiniBatchIncrementalGroupAggFunction of
 * flink-table-runtime 2.3). Flink's adds up accumulators of a bundle and hands them on; here each row becomes what it adds to the final aggregate,
 * which takes rows, too. What is kept is Flink's: the values of DISTINCT calls, by the partial key. */
#include <stdlib.h>
#include <string.h>

#include "runtime/agg_state.h"

struct incremental {
    struct agg *aggs;
    uint32_t n_aggs, n_keys;
    const uint32_t *keys;
    const struct ltype **key_types;
    struct ttl ttl;
    struct kstate state;
    struct acc_layout layout;
    union cell *key;
    uint8_t *key_null;
};

/* Only the sets of DISTINCT calls are used. */
struct values {
    uint32_t n;
    struct acc acc[];
};

static void release(void *value)
{
    struct values *v = value;
    for (uint32_t i = 0; i < v->n; i++)
        acc_release(&v->acc[i]);
}

/* The local aggregate in front of it, whose rows these are, has its keys. */
static const struct cplan_node *local_of(const struct cplan_node *node)
{
    while (node->n_inputs == 1 && strcmp(node->type, "stream-exec-local-group-aggregate"))
        node = node->inputs[0];
    return node;
}

static const uint32_t *partial_keys(struct arena *a, const struct cplan_node *node, uint32_t *n, struct err *e)
{
    uint32_t m;
    const uint32_t *grouping = cplan_ints(a, local_of(node)->json, "grouping", UINT32_MAX, &m, e);
    const uint32_t *partial = cplan_ints(a, node->json, "partialAggGrouping", m, n, e);
    uint32_t *keys = arena_array(a, *n + 1, sizeof *keys);
    for (uint32_t i = 0; partial && i < *n; i++)
        keys[i] = grouping[partial[i]];
    return keys;
}

/* The partial keys, then what each call adds (the localAggInputRowType of the final aggregate). */
static const struct ltype *sends(struct arena *a, const struct cplan_node *node, struct err *e)
{
    const struct value *calls = cplan_member(node->json, "partialOriginalAggCalls"),
                       *row = cplan_member(node->json, "partialLocalAggInputRowType");
    const struct ltype *from = row ? type_of_json(a, row, e) : NULL;
    uint32_t n_keys = 0, n_calls = calls && calls->kind == VAL_LIST ? calls->n : 0;
    const uint32_t *keys = partial_keys(a, node, &n_keys, e);
    const struct ltype **kids = arena_array(a, n_keys + n_calls + 1u, sizeof *kids);
    const char **names = arena_array(a, n_keys + n_calls + 1u, sizeof *names);
    if (e->kind != ERR_NONE || !from || from->root != L_ROW || !n_calls)
        return err_set(e, ERR_CORRUPT, "an incremental aggregate lacks its calls or the type of its rows"), NULL;
    for (uint32_t i = 0; i < n_keys; i++) {
        if (keys[i] >= from->n)
            return err_set(e, ERR_CORRUPT, "an incremental aggregate's key is no column"), NULL;
        kids[i] = from->kids[keys[i]];
        names[i] = from->names[keys[i]];
    }
    for (uint32_t i = 0; i < n_calls; i++) {
        const struct value *type = cplan_member(&calls->items[i], "type");
        if (!type || !(kids[n_keys + i] = type_of_json(a, type, e)))
            return err_set(e, ERR_CORRUPT, "an aggregate call lacks its type"), NULL;
        names[n_keys + i] = arena_printf(a, "$f%u", n_keys + i);
    }
    return type_row(a, names, kids, n_keys + n_calls, false);
}

static bool counts(const struct agg *g) { return !strcmp(g->fn->name, "COUNT"); }

static bool calls_fit(struct op *o, const struct incremental *g, struct err *e)
{
    static const char *const can[] = {"COUNT", "SUM", "$SUM0", "MIN", "MAX"};
    for (uint32_t i = 0; i < g->n_aggs; i++) {
        size_t k = 0;
        while (k < 5 && strcmp(can[k], g->aggs[i].fn->name))
            k++;
        if (k == 5 || (k > 2 && g->aggs[i].retract))
            return op_refuse(o, e,
                             arena_printf(o->a, "%s%s in an incremental aggregate", g->aggs[i].fn->name,
                                          k < 5 ? " of rows that are taken back" : ""));
    }
    return true;
}

static const struct keyed_form form;

static bool open_op(struct op *o, struct err *e)
{
    struct incremental *g = o->self = arena_alloc(o->a, sizeof *g);
    const struct ltype *row = o->in[0];
    g->keys = partial_keys(o->a, o->node, &g->n_keys, e);
    g->aggs = aggs_read(o, "partialOriginalAggCalls", "partialAggCallNeedRetractions", row, &g->n_aggs, e);
    if (!g->aggs || e->kind != ERR_NONE || !ttl_read(&g->ttl, o, 0, e) || !calls_fit(o, g, e))
        return false;
    for (uint32_t i = 0; i < g->n_aggs; i++)
        if (g->aggs[i].more)
            return op_refuse(o, e, "an incremental aggregate of several arguments");
    if (o->n_cols != g->n_keys + g->n_aggs)
        return err_set(e, ERR_CORRUPT, "its output is not its keys and aggregates");
    g->key_types = arena_array(o->a, g->n_keys + 1, sizeof *g->key_types);
    for (uint32_t i = 0; i < g->n_keys; i++) {
        if (g->keys[i] >= row->n || row->kids[g->keys[i]]->slot != o->types[i]->slot)
            return err_set(e, ERR_CORRUPT, "its key is no column");
        g->key_types[i] = row->kids[g->keys[i]];
    }
    kstate_init(&g->state, g->key_types, g->n_keys, sizeof(struct values) + g->n_aggs * sizeof(struct acc), release);
    kstate_expires(&g->state, &g->ttl);
    for (uint32_t i = 0; i < g->n_aggs; i++)
        g->aggs[i].ttl = &g->ttl;
    g->key = arena_array(o->a, g->n_keys + 1, sizeof *g->key);
    g->key_null = arena_alloc(o->a, g->n_keys + 1);
    ks_key(o, g->key_types, g->n_keys);
    acc_layout(&g->layout, o, g->aggs, g->n_aggs, false, NULL, KEYED_VOID);
    ks_expires(o, 0, &g->ttl);
    ks_entries(o, &g->state, &g->ttl, &form, NULL);
    return e->kind == ERR_NONE;
}

/* What the row adds by that call; how, the call's own aggregate says. */
static void put_call(struct op *o, const struct incremental *g, uint32_t i, const struct batch *b, uint32_t at, uint32_t row,
                     bool has)
{
    const struct agg *c = &g->aggs[i];
    uint32_t to = g->n_keys + i;
    if (counts(c))
        op_put(o, row, to, (union cell){.i = has}, 0);
    else if (has)
        op_put(o, row, to, b->cols[c->column].v[at], 0);
    else
        op_put(o, row, to, (union cell){0}, strcmp(c->fn->name, "$SUM0") != 0);
}

static void batch(struct op *o, uint32_t input, const struct batch *b)
{
    struct incremental *g = o->self;
    (void)input;
    ttl_look(&g->ttl, o);
    for (uint32_t i = 0; i < b->n && !op_failed(o); i++) {
        bool fresh, more = batch_kind(b, i) == ROW_INSERT || batch_kind(b, i) == ROW_UPDATE_AFTER;
        for (uint32_t k = 0; k < g->n_keys; k++) {
            g->key[k] = b->cols[g->keys[k]].v[i];
            g->key_null[k] = b->cols[g->keys[k]].null[i];
        }
        struct kentry *e = kstate_at(&g->state, g->key, g->key_null, &fresh);
        struct values *v = (struct values *)e->value;
        v->n = g->n_aggs;
        kstate_write(&g->state, e);
        uint32_t row = op_row(o, more ? ROW_INSERT : ROW_DELETE);
        for (uint32_t k = 0; k < g->n_keys; k++)
            op_put(o, row, k, g->key[k], g->key_null[k]);
        for (uint32_t k = 0; k < g->n_aggs; k++)
            put_call(o, g, k, b, i, row, agg_looks(g->aggs, v->acc, k, b, i, more ? 1 : -1));
    }
}

static void close_op(struct op *o)
{
    struct incremental *g = o->self;
    if (g && g->key)
        kstate_clear(&g->state);
    if (g)
        acc_layout_free(&g->layout);
}

static void put(struct op *o, const struct keyed_entries *of, struct kentry *e, struct snap *to)
{
    struct incremental *g = o->self;
    (void)of;
    acc_put_views(&g->layout, o, to, NULL, ((const struct values *)e->value)->acc);
}

static void take(struct op *o, const struct keyed_entries *of, struct keyed_entry *x, uint32_t pass)
{
    struct incremental *g = o->self;
    bool fresh;
    struct kentry *at = kstate_at(of->state, x->key, x->key_null, &fresh);
    struct values *v = (struct values *)at->value;
    (void)pass;
    v->n = g->n_aggs;
    kstate_came(of->state, at, fresh, x->written);
    if (!acc_take_views(&g->layout, x, v->acc))
        ks_skip(x);
}

static const struct keyed_form form = {.put = put, .take = take, .by_key = true};

const struct op_class op_incremental_agg = {
    .open = open_op, .batch = batch, .close = close_op, .sends = sends, .min_inputs = 1, .max_inputs = 1};
