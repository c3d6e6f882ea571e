#include "runtime/agg.h"

#include <stdlib.h>
#include <string.h>

static const struct agg_fn functions[] = {
#define AGG(name, ident, takes_nulls, retracts, buffers, back) \
    {name, agg_bind_##ident, agg_add_##ident, agg_merge_##ident, agg_result_##ident, takes_nulls, retracts, buffers, back},
#include "runtime/aggregates.def"
#undef AGG
};

static const struct agg_fn *find(const char *name)
{
    size_t n = name ? strlen(name) : 0;
    for (size_t i = 0; n > 3 && i < sizeof functions / sizeof *functions; i++)
        if (strlen(functions[i].name) == n - 3 && !memcmp(functions[i].name, name + 1, n - 3))
            return &functions[i];
    return NULL;
}

static bool read_call(struct op *o, struct agg *g, const struct value *call, const struct ltype *row, struct err *e)
{
    uint32_t n;
    const char *name = cplan_text(call, "internalName", NULL, e);
    const uint32_t *args = cplan_ints(o->a, call, "argList", row->n, &n, e);
    const struct value *type = cplan_member(call, "type");
    g->fn = find(name);
    g->filter = cplan_int(call, "filterArg", -1, e);
    g->distinct = cplan_bool(call, "distinct", false, e);
    if (e->kind != ERR_NONE || !type || !(g->result = type_of_json(o->a, type, e)))
        return err_set(e, ERR_CORRUPT, "an aggregate call lacks its type");
    if (!g->fn || n > 1) {
        const char *other = cplan_text(call, "catalogName", cplan_text(call, "systemName", "without a name", e), e);
        return op_refuse(
            o, e, arena_printf(o->a, "aggregate function %s%s", name ? name : other, n > 1 ? " with several arguments" : ""));
    }
    if (g->filter >= (int64_t)row->n || (g->filter >= 0 && row->kids[g->filter]->root != L_BOOLEAN))
        return err_set(e, ERR_CORRUPT, "an aggregate call's filter is no BOOLEAN column");
    if (n) {
        g->column = args[0];
        g->arg = row->kids[args[0]];
    }
    if (g->retract && !g->fn->retracts)
        return op_refuse(o, e, arena_printf(o->a, "taking rows back from aggregate function %s", g->fn->name));
    return g->fn->bind(g, o, e);
}

struct agg *aggs_of(struct op *o, const struct value *calls, const struct value *retractions, const struct ltype *row, uint32_t *n,
                    struct err *e)
{
    if (!calls || calls->kind != VAL_LIST) {
        err_set(e, ERR_CORRUPT, "it has no aggregate calls");
        return NULL;
    }
    struct agg *g = arena_array(o->a, calls->n + 1, sizeof *g);
    *n = calls->n;
    for (uint32_t i = 0; i < calls->n; i++) {
        if (retractions && retractions->kind == VAL_LIST && i < retractions->n)
            g[i].retract = retractions->items[i].kind == VAL_BOOL && retractions->items[i].b;
        if (!read_call(o, &g[i], &calls->items[i], row, e))
            return NULL;
    }
    return g;
}

struct agg *aggs_read(struct op *o, const char *member, const char *retractions, const struct ltype *row, uint32_t *n,
                      struct err *e)
{
    const struct value *json = o->node->json;
    return aggs_of(o, cplan_member(json, member), retractions ? cplan_member(json, retractions) : NULL, row, n, e);
}

/* Whether a DISTINCT call has to look at the row: the first of a value, or the last one that goes. */
static bool first_or_last(const struct agg *g, struct acc *a, union cell v, uint8_t null, int64_t sign)
{
    bool fresh;
    if (!a->distinct) {
        a->distinct = mem_alloc(sizeof *a->distinct);
        kstate_init(a->distinct, &g->arg, 1, sizeof(int64_t), NULL);
        kstate_expires(a->distinct, g->ttl);
    }
    struct kentry *e = kstate_at(a->distinct, &v, &null, &fresh);
    int64_t *times = (int64_t *)e->value, before = *times;
    *times += sign;
    if (g->retract) /* otherwise Flink writes a value the first time alone (DistinctAggCodeGen) */
        kstate_write(a->distinct, e);
    if (!*times)
        kstate_remove(a->distinct, e);
    return sign > 0 ? before == 0 : before == 1;
}

void aggs_add(const struct agg *g, uint32_t n, struct acc *a, const struct batch *b, uint32_t row, int64_t sign)
{
    for (uint32_t i = 0; i < n; i++, g++, a++) {
        union cell v = {0};
        uint8_t null = 0;
        if (g->filter >= 0 && (b->cols[g->filter].null[row] || !b->cols[g->filter].v[row].b))
            continue;
        if (g->arg) {
            v = b->cols[g->column].v[row];
            null = b->cols[g->column].null[row];
            if (null && !g->fn->takes_nulls)
                continue;
            if (g->distinct && !first_or_last(g, a, v, null, sign))
                continue;
        }
        g->fn->add(g, a, v, null, sign);
    }
}

void aggs_merge(const struct agg *g, uint32_t n, struct acc *to, const struct acc *from)
{
    for (uint32_t i = 0; i < n; i++, g++, to++, from++) {
        if (!g->distinct || !g->arg)
            g->fn->merge(g, to, from);
        for (const struct kentry *e = from->distinct ? from->distinct->first : NULL; e && g->distinct; e = e->next)
            if (first_or_last(g, to, e->key->v[0], e->key->null[0], 1))
                g->fn->add(g, to, e->key->v[0], e->key->null[0], 1);
    }
}

static void release(struct kstate *k)
{
    if (k) {
        kstate_clear(k);
        free(k);
    }
}

void acc_release(struct acc *a)
{
    free(a->block);
    release(a->values);
    release(a->distinct);
    *a = (struct acc){0};
}
