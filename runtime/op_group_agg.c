/* stream-exec-group-aggregate, and the pair of local and global group aggregate: the local one hands rows on as they are, and the global one, whose
 * calls are written over those rows, aggregates them (GroupAggFunction, MiniBatchGroupAggFunction of flink-table-runtime 2.3). */
#include <stdlib.h>
#include <string.h>

#include "runtime/agg_state.h"
#include "runtime/bundle.h"

struct group {
    struct agg *aggs;
    uint32_t n_aggs, n_keys;
    const uint32_t *keys;
    const struct ltype **key_types;
    bool update_before, retracts; /* the output has -U; the input may have -U and -D */
    struct ttl ttl;
    struct kstate state;
    struct kstate_soon soon;
    uint64_t ahead[KSTATE_SOON]; /* of rows that come next: what tells their keys apart */
    struct acc_layout layout;
    struct bundle bundle;
    struct vec *one; /* columns of a row that a bundle has kept */
    union cell *key, *before, *after;
    uint8_t *key_null, *before_null, *after_null;
};

/* A key's value: how many rows it has, then the accumulators. */
struct group_value {
    int64_t rows;
    uint32_t n; /* accumulators, for who releases them */
    struct acc acc[];
};

static void release(void *value)
{
    struct group_value *v = value;
    for (uint32_t i = 0; i < v->n; i++)
        acc_release(&v->acc[i]);
}

static bool is_incremental(const struct cplan_node *node) { return !strcmp(node->type, "stream-exec-incremental-group-aggregate"); }

static const struct cplan_node *local_of(const struct op *o)
{
    const struct cplan_node *node = o->node;
    while (node->n_inputs == 1 && strcmp(node->type, "stream-exec-local-group-aggregate") && !is_incremental(node))
        node = node->inputs[0];
    return node;
}

static const struct keyed_form form;

static bool open_op(struct op *o, struct err *e)
{
    struct group *g = o->self = arena_alloc(o->a, sizeof *g);
    bool global = !strcmp(o->node->type, "stream-exec-global-group-aggregate");
    const struct value *keyed = global ? local_of(o)->json : o->node->json; /* the keys as columns of the rows */
    const struct ltype *row = o->in[0];
    bool split = global && is_incremental(local_of(o)); /* the final half of an aggregate that is split */
    g->keys = cplan_ints(o->a, keyed, split ? "finalAggGrouping" : "grouping", row->n, &g->n_keys, e);
    g->update_before = cplan_bool(o->node->json, "generateUpdateBefore", false, e);
    g->retracts = cplan_bool(o->node->json, "needRetraction", false, e);
    g->aggs = aggs_read(o, "aggCalls", "aggCallNeedRetractions", row, &g->n_aggs, e);
    if (!g->aggs || e->kind != ERR_NONE || !ttl_read(&g->ttl, o, 0, e))
        return false;
    if (o->n_cols != g->n_keys + g->n_aggs)
        return err_set(e, ERR_CORRUPT, "its output is not its keys and aggregates");
    int64_t star = split ? cplan_int(o->node->json, "indexOfCountStar", -1, e) : -1;
    if (star >= (int64_t)g->n_aggs)
        return err_set(e, ERR_CORRUPT, "its count of rows is no aggregate");
    g->key_types = arena_array(o->a, g->n_keys + 1, sizeof *g->key_types);
    for (uint32_t i = 0; i < g->n_keys; i++)
        g->key_types[i] = row->kids[g->keys[i]];
    for (uint32_t i = 0; i < o->n_cols; i++)
        if ((i < g->n_keys ? g->key_types[i] : g->aggs[i - g->n_keys].result)->slot != o->types[i]->slot)
            return err_set(e, ERR_CORRUPT, "column %u of its output is of another type", i);
    kstate_init(&g->state, g->key_types, g->n_keys, sizeof(struct group_value) + g->n_aggs * sizeof(struct acc), release);
    kstate_expires(&g->state, &g->ttl);
    for (uint32_t i = 0; i < g->n_aggs; i++)
        g->aggs[i].ttl = &g->ttl;
    g->one = arena_array(o->a, row->n + 1, sizeof *g->one);
    if (!split && !bundle_open(&g->bundle, o, g->key_types, g->n_keys, global, e))
        return false;
    g->key = arena_array(o->a, g->n_keys + 1, sizeof *g->key);
    g->key_null = arena_alloc(o->a, g->n_keys + 1);
    g->before = arena_array(o->a, g->n_aggs + 1, sizeof *g->before);
    g->before_null = arena_alloc(o->a, g->n_aggs + 1);
    g->after = arena_array(o->a, g->n_aggs + 1, sizeof *g->after);
    g->after_null = arena_alloc(o->a, g->n_aggs + 1);
    ks_key(o, g->key_types, g->n_keys);
    acc_layout(&g->layout, o, g->aggs, g->n_aggs, g->retracts && star < 0, "accState", KEYED_VOID);
    if (star >= 0)
        acc_counts_rows(&g->layout, (uint32_t)star);
    ks_expires(o, 0, &g->ttl);
    if (!global && !op_mini_batch(o)) /* KeyedProcessOperator */
        ks_add_timers(o, "user-timers", KEYED_VOID);
    ks_entries(o, &g->state, &g->ttl, &form, NULL);
    return e->kind == ERR_NONE;
}

static void results(const struct group *g, struct group_value *v, union cell *out, uint8_t *null)
{
    for (uint32_t i = 0; i < g->n_aggs; i++)
        if (g->aggs[i].counts) {
            out[i].i = v->acc[i].count;
            null[i] = false;
        } else {
            null[i] = !g->aggs[i].fn->result(&g->aggs[i], &v->acc[i], &out[i]);
        }
}

static void emit(struct op *o, enum row_kind kind, const struct row *key, const union cell *v, const uint8_t *null)
{
    struct group *g = o->self;
    uint32_t row = op_row(o, kind);
    for (uint32_t i = 0; i < g->n_keys; i++)
        op_keep(o, row, i, key->v[i], key->null[i]);
    for (uint32_t i = 0; i < g->n_aggs; i++)
        op_keep(o, row, g->n_keys + i, v[i], null[i]);
}

static bool unchanged(const struct group *g)
{
    for (uint32_t i = 0; i < g->n_aggs; i++)
        if (g->before_null[i] != g->after_null[i] ||
            (!g->before_null[i] && !cell_same(g->aggs[i].result, g->before[i], g->after[i])))
            return false;
    return true;
}

static void take_key(struct group *g, const struct batch *b, uint32_t row)
{
    for (uint32_t i = 0; i < g->n_keys; i++) {
        g->key[i] = b->cols[g->keys[i]].v[row];
        g->key_null[i] = b->cols[g->keys[i]].null[row];
    }
}

/* What a key's rows have become: from what was shown of it (g->before, or nothing) to what is there now. The entry, where there is one afterwards. */
static const struct kentry *show(struct op *o, struct kentry *e, bool fresh)
{
    struct group *g = o->self;
    struct group_value *v = (struct group_value *)e->value;
    if (g->retracts && !v->rows) {
        if (!fresh)
            emit(o, ROW_DELETE, e->key, g->before, g->before_null);
        kstate_remove(&g->state, e);
        return NULL;
    }
    results(g, v, g->after, g->after_null);
    if (fresh) {
        emit(o, ROW_INSERT, e->key, g->after, g->after_null);
        return e;
    }
    if (!g->ttl.ms && unchanged(g)) /* otherwise it is sent again, so that those behind it write it, too */
        return e;
    if (g->update_before)
        emit(o, ROW_UPDATE_BEFORE, e->key, g->before, g->before_null);
    emit(o, ROW_UPDATE_AFTER, e->key, g->after, g->after_null);
    return e;
}

/* The key's entry with a row more or less; first: of what is shown next. NULL: it is taken back from nothing. */
static struct kentry *add(struct op *o, const struct batch *b, uint32_t row, const union cell *key, const uint8_t *null, bool first,
                          bool *fresh)
{
    struct group *g = o->self;
    int64_t sign = batch_kind(b, row) == ROW_INSERT || batch_kind(b, row) == ROW_UPDATE_AFTER ? 1 : -1;
    bool made = false;
    struct kentry *e = sign > 0 ? kstate_at(&g->state, key, null, &made) : kstate_find(&g->state, key, null);
    if (!e)
        return NULL;
    struct group_value *v = (struct group_value *)e->value;
    v->n = g->n_aggs;
    if (first)
        *fresh = made;
    if (first && !made) {
        results(g, v, g->before, g->before_null);
        for (uint32_t i = 0; i < g->n_aggs; i++)
            if (!g->before_null[i] && cell_points(g->aggs[i].result))
                g->before[i] = cell_copy(&o->ev->heap, g->aggs[i].result, g->before[i]);
    }
    v->rows += sign;
    aggs_add(g->aggs, g->n_aggs, v->acc, b, row, sign);
    kstate_write(&g->state, e);
    return e;
}

/* Works a bundle off, key by key (MiniBatchGroupAggFunction). */
static void finish_bundle(struct op *o)
{
    struct group *g = o->self;
    if (!g->bundle.on || !g->bundle.keys.n)
        return;
    ttl_look(&g->ttl, o);
    for (struct kentry *at = g->bundle.keys.first; at && !op_failed(o); at = at->next) {
        const struct bundle_key *k = (const struct bundle_key *)at->value;
        struct kentry *e = NULL;
        bool fresh = false;
        for (uint32_t i = 0; i < k->n && !op_failed(o); i++) {
            const struct batch one = bundle_row(k, i, g->one);
            struct kentry *now = add(o, &one, 0, at->key->v, at->key->null, !e, &fresh);
            e = now ? now : e;
        }
        if (e)
            show(o, e, fresh);
    }
    bundle_clear(&g->bundle);
}

/* The key's entry, where there is one afterwards. */
static const struct kentry *one_row(struct op *o, const struct batch *b, uint32_t row)
{
    struct group *g = o->self;
    bool fresh = false;
    take_key(g, b, row);
    struct kentry *e = add(o, b, row, g->key, g->key_null, true, &fresh);
    return e ? show(o, e, fresh) : NULL;
}

static void gather(struct op *o, const struct batch *b, uint32_t row)
{
    struct group *g = o->self;
    take_key(g, b, row);
    bundle_add(&g->bundle, o, g->key, g->key_null, b, row);
    if (bundle_full(&g->bundle))
        finish_bundle(o);
}

static void watermark(struct op *o, int64_t wm)
{
    struct group *g = o->self;
    if (g->bundle.on && bundle_over(&g->bundle, wm))
        finish_bundle(o);
}

static void timer(struct op *o, int64_t at)
{
    (void)at;
    finish_bundle(o);
}

/* Row i is next: keys further on are told, and values of DISTINCT calls of a row that has the same key as the one before. */
static void look_ahead(struct group *g, const struct batch *b, uint32_t i, const struct kentry *before)
{
    enum { VALUES = 3 };
    for (uint32_t k = kstate_soon_from(i); k < b->n && k < i + KSTATE_SOON; k++) {
        take_key(g, b, k);
        g->ahead[k % KSTATE_SOON] = kstate_soon(&g->state, &g->soon, g->key, g->key_null);
    }
    if (before && i + VALUES < b->n && (uint32_t)g->ahead[(i + VALUES) % KSTATE_SOON] == before->hash)
        aggs_soon(g->aggs, g->n_aggs, ((const struct group_value *)before->value)->acc, b, i + VALUES);
}

static void batch(struct op *o, uint32_t input, const struct batch *b)
{
    struct group *g = o->self;
    const struct kentry *e = NULL;
    (void)input;
    for (uint32_t i = 0; g->bundle.on && i < b->n && !op_failed(o); i++)
        gather(o, b, i);
    if (g->bundle.on)
        return;
    ttl_look(&g->ttl, o);
    for (uint32_t i = 0; i < b->n && !op_failed(o); i++) {
        look_ahead(g, b, i, e);
        e = one_row(o, b, i);
    }
}

static void close_op(struct op *o)
{
    struct group *g = o->self;
    if (g) {
        kstate_clear(&g->state);
        acc_layout_free(&g->layout);
        bundle_close(&g->bundle);
    }
}

static void put(struct op *o, const struct keyed_entries *of, struct kentry *e, struct snap *to)
{
    struct group *g = o->self;
    const struct group_value *v = (const struct group_value *)e->value;
    (void)of;
    acc_put(&g->layout, o, to, NULL, v->acc, v->rows);
}

static void take(struct op *o, const struct keyed_entries *of, struct keyed_entry *x, uint32_t pass)
{
    struct group *g = o->self;
    bool fresh;
    struct kentry *at = kstate_at(of->state, x->key, x->key_null, &fresh);
    struct group_value *v = (struct group_value *)at->value;
    (void)pass;
    kstate_came(of->state, at, fresh, x->written);
    v->n = g->n_aggs;
    if (!acc_take(&g->layout, x, v->acc, &v->rows))
        ks_skip(x);
}

/* Views of which the accumulators have expired go. */
static bool settle(struct op *o, const struct keyed_entries *of, struct kentry *e, struct err *why)
{
    const struct group *g = o->self;
    (void)why;
    if (g->ttl.ms && !((const struct group_value *)e->value)->rows)
        kstate_remove(of->state, e);
    return true;
}

static const struct keyed_form form = {.put = put, .take = take, .by_key = true, .settle = settle};

const struct op_class op_group_agg = {.open = open_op,
                                      .batch = batch,
                                      .watermark = watermark,
                                      .end = finish_bundle,
                                      .timer = timer,
                                      .prepare = finish_bundle,
                                      .close = close_op,
                                      .min_inputs = 1,
                                      .max_inputs = 1};
