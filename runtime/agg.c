#include "runtime/agg.h"
#include "runtime/agg_items.h"

#include <stdlib.h>
#include <string.h>

static const struct agg_fn functions[] = {
#define AGG(name, ident, args, takes_nulls, retracts, buffers, back) \
    {name, agg_bind_##ident, agg_add_##ident, agg_merge_##ident, agg_result_##ident, args, takes_nulls, retracts, buffers, back},
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

static bool read_more(struct op *o, struct agg_more *m, uint32_t i, uint32_t arg, const struct value *constants,
                      const struct ltype *row, struct err *e)
{
    if (arg < row->n) {
        m->columns[i] = arg;
        m->types[i] = row->kids[arg];
        return true;
    }
    const struct rex *rex = rex_read(o->a, &constants->items[arg - row->n], e);
    struct expr *x = rex ? op_expr(o, rex, row, e) : NULL;
    if (!x)
        return false;
    m->columns[i] = UINT32_MAX;
    m->types[i] = x->type;
    m->null[i] = !expr_literal(x, &m->v[i]);
    return true;
}

static bool read_call(struct op *o, struct agg *g, const struct value *call, const struct value *constants, const struct ltype *row,
                      struct err *e)
{
    uint32_t n;
    const char *name = cplan_text(call, "internalName", NULL, e);
    uint32_t more = constants && constants->kind == VAL_LIST ? constants->n : 0;
    const uint32_t *args = cplan_ints(o->a, call, "argList", row->n + more, &n, e);
    const struct value *type = cplan_member(call, "type");
    g->fn = find(name);
    g->ev = o->ev;
    g->filter = cplan_int(call, "filterArg", -1, e);
    g->distinct = cplan_bool(call, "distinct", false, e);
    if (e->kind != ERR_NONE || !type || !(g->result = type_of_json(o->a, type, e)))
        return err_set(e, ERR_CORRUPT, "an aggregate call lacks its type");
    if (!g->fn || n > g->fn->args) {
        const char *other = cplan_text(call, "catalogName", cplan_text(call, "systemName", "without a name", e), e);
        return op_refuse(
            o, e, arena_printf(o->a, "aggregate function %s%s", name ? name : other, n > 1 ? " with several arguments" : ""));
    }
    g->counts = g->fn->result == agg_result_count;
    if (g->filter >= (int64_t)row->n || (g->filter >= 0 && row->kids[g->filter]->root != L_BOOLEAN))
        return err_set(e, ERR_CORRUPT, "an aggregate call's filter is no BOOLEAN column");
    if (n && args[0] >= row->n)
        return op_refuse(o, e, "an aggregate of a constant");
    if (n) {
        g->column = args[0];
        g->arg = row->kids[args[0]];
    }
    g->ignores_nulls = cplan_bool(call, "ignoreNulls", false, e);
    if (n > 1) {
        g->more = arena_alloc(o->a, sizeof *g->more);
        g->more->n = n - 1;
        for (uint32_t i = 1; i < n; i++) {
            if (!read_more(o, g->more, i - 1, args[i], constants, row, e))
                return false;
        }
        if (g->distinct)
            return op_refuse(o, e, arena_printf(o->a, "DISTINCT of several arguments (%s)", g->fn->name));
    }
    if (g->retract && !g->fn->retracts)
        return op_refuse(o, e, arena_printf(o->a, "taking rows back from aggregate function %s", g->fn->name));
    return g->fn->bind(g, o, e);
}

/* As Flink does, calls over one column share a set, of bits for those that have had a value (AggregateUtil#transformToAggregateInfoList). */
static bool find_leader(struct op *o, struct agg *all, uint32_t i, struct err *e)
{
    struct agg *g = &all[i];
    g->leader = i;
    for (uint32_t k = 0; k < i && g->distinct && g->arg && !g->retract; k++)
        if (all[k].distinct && all[k].arg && !all[k].retract && all[k].column == g->column) {
            g->leader = all[k].leader;
            g->bit = all[k].bit + 1;
        }
    return g->bit < 64 || op_refuse(o, e, "more than 64 DISTINCT calls over one column");
}

struct agg *aggs_of(struct op *o, const struct value *calls, const struct value *retractions, const struct value *constants,
                    const struct ltype *row, uint32_t *n, struct err *e)
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
        if (!read_call(o, &g[i], &calls->items[i], constants, row, e) || !find_leader(o, g, i, e))
            return NULL;
    }
    return g;
}

struct agg *aggs_read(struct op *o, const char *member, const char *retractions, const struct ltype *row, uint32_t *n,
                      struct err *e)
{
    const struct value *json = o->node->json;
    return aggs_of(o, cplan_member(json, member), retractions ? cplan_member(json, retractions) : NULL, NULL, row, n, e);
}

struct kentry *acc_entry(struct kstate **set, const struct ltype *const *type, const struct ttl *ttl, union cell v, uint8_t null)
{
    bool fresh;
    if (!*set) {
        *set = mem_alloc(sizeof **set);
        kstate_init(*set, type, 1, sizeof(int64_t), NULL);
        kstate_expires(*set, ttl);
    }
    return kstate_at(*set, &v, &null, &fresh);
}

/* What is known of a value; of the leader's accumulator. */
static struct kentry *value_of(const struct agg *leader, struct acc *a, union cell v, uint8_t null)
{
    return acc_entry(&a->distinct, &leader->arg, leader->ttl, v, null);
}

/* Whether a DISTINCT call has to look at the row: the first of a value, or the last one that goes. */
static bool first_or_last(const struct agg *g, struct kstate *set, struct kentry *e, int64_t sign)
{
    int64_t *value = (int64_t *)e->value, before = *value;
    if (!g->retract) {
        *value |= (int64_t)(UINT64_C(1) << g->bit);
        if (*value == before)
            return false;
        kstate_write(set, e); /* the first time alone (DistinctAggCodeGen) */
        return true;
    }
    *value += sign;
    kstate_write(set, e);
    if (!*value)
        kstate_remove(set, e);
    return sign > 0 ? before == 0 : before == 1;
}

/* The further arguments of a row, where add looks for them. */
static void take_more(const struct agg *g, const struct batch *b, uint32_t row)
{
    struct agg_more *m = g->more;
    for (uint32_t i = 0; m && i < m->n; i++) {
        if (m->columns[i] == UINT32_MAX)
            continue;
        m->v[i] = b->cols[m->columns[i]].v[row];
        m->null[i] = b->cols[m->columns[i]].null[row];
    }
}

bool agg_looks(const struct agg *all, struct acc *a, uint32_t i, const struct batch *b, uint32_t row, int64_t sign)
{
    const struct agg *g = &all[i];
    if (g->filter >= 0 && (b->cols[g->filter].null[row] || !b->cols[g->filter].v[row].b))
        return false;
    if (!g->arg)
        return true;
    const struct vec *c = &b->cols[g->column];
    if (c->null[row] && !g->fn->takes_nulls)
        return false;
    if (!g->distinct)
        return true;
    struct kentry *e = value_of(&all[g->leader], &a[g->leader], c->v[row], c->null[row]);
    return first_or_last(g, a[g->leader].distinct, e, sign);
}

void aggs_soon(const struct agg *all, uint32_t n, const struct acc *a, const struct batch *b, uint32_t row)
{
    for (uint32_t i = 0; i < n; i++)
        if (all[i].distinct && all[i].leader == i && a[i].distinct)
            kstate_soon(a[i].distinct, NULL, &b->cols[all[i].column].v[row], &b->cols[all[i].column].null[row]);
}

void aggs_add(const struct agg *all, uint32_t n, struct acc *a, const struct batch *b, uint32_t row, int64_t sign)
{
    struct kentry *e = NULL;
    uint32_t e_of = UINT32_MAX; /* the leader whose entry that is */
    for (uint32_t i = 0; i < n; i++) {
        const struct agg *g = &all[i];
        union cell v = {0};
        uint8_t null = 0;
        if (g->filter >= 0 && (b->cols[g->filter].null[row] || !b->cols[g->filter].v[row].b))
            continue;
        if (g->arg) {
            v = b->cols[g->column].v[row];
            null = b->cols[g->column].null[row];
            if (null && !g->fn->takes_nulls)
                continue;
            if (g->distinct && e_of != g->leader)
                e = value_of(&all[e_of = g->leader], &a[g->leader], v, null);
            if (g->distinct && !first_or_last(g, a[g->leader].distinct, e, sign))
                continue;
        }
        take_more(g, b, row);
        g->fn->add(g, &a[i], v, null, sign);
    }
}

/* Values of a leader that are not there yet. */
static void merge_values(const struct agg *all, uint32_t n, uint32_t leader, struct acc *to, const struct acc *from)
{
    for (const struct kentry *e = from[leader].distinct ? from[leader].distinct->first : NULL; e; e = e->next) {
        struct kentry *mine = value_of(&all[leader], &to[leader], e->key->v[0], e->key->null[0]);
        for (uint32_t i = leader; i < n; i++) {
            const struct agg *g = &all[i];
            bool has = g->distinct && g->arg && g->leader == leader && (g->retract || *(const uint64_t *)e->value >> g->bit & 1);
            if (has && first_or_last(g, to[leader].distinct, mine, 1))
                g->fn->add(g, &to[i], e->key->v[0], e->key->null[0], 1);
        }
    }
}

void aggs_merge(const struct agg *g, uint32_t n, struct acc *to, const struct acc *from)
{
    for (uint32_t i = 0; i < n; i++)
        if (!g[i].distinct || !g[i].arg)
            g[i].fn->merge(&g[i], &to[i], &from[i]);
        else if (g[i].leader == i)
            merge_values(g, n, i, to, from);
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
    orders_release(a->orders);
    agg_items_free(a->items);
    agg_items_free(a->owed);
    release(a->values);
    release(a->distinct);
    *a = (struct acc){0};
}
