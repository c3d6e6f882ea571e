#include "runtime/agg_state.h"

#include <stdlib.h>

#include "base/wr.h"
#include "savepoint/ser_write.h"

#define MAP_VIEW "org.apache.flink.table.api.dataview.MapView"

/* --- what there is --- */

static const struct ltype *placeholder(struct op *o)
{
    struct ltype *t = arena_alloc(o->a, sizeof *t);
    *t = (struct ltype){.root = L_RAW, .slot = SLOT_RAW, .width = 8, .nullable = true, .cls = MAP_VIEW};
    return t;
}

static const struct ltype *maybe(struct op *o, const struct ltype *t) { return type_nullable(o->a, t, true); }

static const struct ltype *pair_of(struct op *o, const struct ltype *value, const char *first, const char *second)
{
    const char **names = arena_array(o->a, 2, sizeof *names);
    const struct ltype **kids = arena_array(o->a, 2, sizeof *kids);
    names[0] = first;
    names[1] = second;
    kids[0] = value;
    kids[1] = type_simple(o->a, L_BIGINT, true);
    return type_row(o->a, names, kids, 2, true);
}

/* A buffer's type, by its letter in aggregates.def. */
static const struct ltype *buffer_type(struct op *o, const struct agg *g, char letter)
{
    switch (letter) {
    case BUFFER_COUNT:
        return type_simple(o->a, L_BIGINT, true);
    case BUFFER_FEW:
        return type_simple(o->a, L_INTEGER, true);
    case BUFFER_FIRST:
        return pair_of(o, maybe(o, g->arg), "firstValue", "firstOrder");
    case BUFFER_LAST:
        return pair_of(o, maybe(o, g->arg), "lastValue", "lastOrder");
    default:
        return maybe(o, g->sum ? g->sum : g->arg);
    }
}

static const char *buffers_of(const struct agg *g) { return g->retract ? g->fn->buffers_back : g->fn->buffers; }

static void add_column(struct acc_layout *l, const struct ltype *t) { l->types[l->n_columns++] = t; }

/* ExternalSerializer of a type. */
static struct ser *external(struct op *o, const struct ltype *t, bool internal)
{
    struct err e = {0};
    struct ser *s = ser_external(o->a, t, internal, &e);
    if (!s && o->keyed->why.kind == ERR_NONE)
        o->keyed->why = e;
    return s;
}

static uint32_t add_view(struct op *o, const char *name, enum keyed_ns ns, const struct ltype *key, bool internal)
{
    return ks_add(o, name, KIND_MAP, ns, external(o, key, internal), external(o, type_simple(o->a, L_BIGINT, false), false));
}

/* AggregateUtil#createDistinctKeyType: dates and times are the numbers that they are kept as. */
static const struct ltype *set_type(struct op *o, const struct ltype *t)
{
    enum lroot root = t->root == L_DATE || t->root == L_TIME || t->root == L_INTERVAL_YEAR_MONTH ? L_INTEGER
        : t->root == L_INTERVAL_DAY_TIME                                                         ? L_BIGINT
                                                                                                 : t->root;
    return root == t->root ? maybe(o, t) : type_simple(o->a, root, true);
}

static void add_distinct(struct acc_layout *l, struct op *o, uint32_t call, enum keyed_ns ns)
{
    const struct agg *g = &l->aggs[call];
    uint32_t i = 0;
    while (i < l->n_distinct && l->aggs[l->distinct[i].leader].column != g->column)
        i++;
    const char *name = arena_printf(o->a, "distinctAcc_%u", i);
    if (i < l->n_distinct && g->retract) { /* Flink has a list of numbers for each value */
        name = arena_printf(o->a, "distinctAcc_%u_%u", i, call);
        i = l->n_distinct;
        l->own = true;
        l->extra = 1;
    }
    struct acc_distinct *d = &l->distinct[i];
    if (i == l->n_distinct) {
        l->n_distinct++;
        d->leader = call;
        d->type = &g->arg;
        d->state = add_view(o, name, ns, set_type(o, g->arg), true);
        ks_add(o, arena_printf(o->a, "%s_null_state", name), KIND_VALUE, ns, NULL,
               external(o, type_simple(o->a, L_BIGINT, false), false));
    }
}

static void add_call(struct acc_layout *l, struct op *o, uint32_t call, enum keyed_ns ns)
{
    const struct agg *g = &l->aggs[call];
    const char *letters = buffers_of(g);
    l->first[call] = l->n_columns;
    l->view[call] = UINT32_MAX;
    for (const char *c = letters ? letters : ""; *c; c++)
        add_column(l, buffer_type(o, g, *c));
    if (!letters) { /* STRUCTURED_TYPE<max T, mapSize BIGINT, map RAW>, of which weir has the view alone */
        add_column(l, placeholder(o));
        l->view[call] = add_view(o, arena_printf(o->a, "agg%u$map", call), ns, maybe(o, g->arg), false);
        l->own = true;
    }
}

/* AggregateUtil#insertCountStarAggCall. */
static void add_rows(struct acc_layout *l, struct op *o)
{
    for (uint32_t i = 0; i < l->n_aggs; i++)
        if (!l->aggs[i].arg && !l->aggs[i].distinct && l->aggs[i].filter < 0 && buffers_of(&l->aggs[i])) {
            l->rows = l->first[i];
            return;
        }
    l->rows = l->n_columns;
    add_column(l, type_simple(o->a, L_BIGINT, true));
}

void acc_layout(struct acc_layout *l, struct op *o, const struct agg *aggs, uint32_t n, bool count_rows, const char *name,
                enum keyed_ns ns)
{
    *l = (struct acc_layout){.aggs = aggs, .n_aggs = n, .rows = UINT32_MAX};
    l->types = arena_array(o->a, n * 3 + 2, sizeof *l->types);
    l->first = arena_array(o->a, n + 1, sizeof *l->first);
    l->view = arena_array(o->a, n + 1, sizeof *l->view);
    l->distinct = arena_array(o->a, n + 1, sizeof *l->distinct);
    l->v = arena_array(o->a, n * 3 + 2, sizeof *l->v);
    l->null = arena_alloc(o->a, n * 3 + 2);
    for (uint32_t i = 0; i < n; i++)
        add_call(l, o, i, ns);
    if (count_rows)
        add_rows(l, o);
    for (uint32_t i = 0; i < n; i++)
        if (aggs[i].distinct && aggs[i].arg)
            add_distinct(l, o, i, ns);
    for (uint32_t i = 0; i < l->n_distinct + l->extra; i++)
        add_column(l, placeholder(o));
    if (l->extra && (l->n_columns + 7) % 64 == 0 &&
        o->keyed->why.kind == ERR_NONE) /* the row's head would have another length without it */
        err_set(&o->keyed->why, ERR_UNSUPPORTED, "so many aggregates are not there yet");
    l->state = name ? ks_add(o, name, KIND_VALUE, ns, NULL, ks_row(o, l->types, l->n_columns)) : UINT32_MAX;
    if (name)
        o->keyed->states[l->state].own = l->own;
}

void acc_layout_free(struct acc_layout *l)
{
    buf_free(&l->value);
    buf_free(&l->user_key);
    scratch_free(&l->heap);
}

/* --- putting --- */

static void put_pair(struct acc_layout *l, uint32_t column, const struct acc *a, char letter)
{
    union cell *v;
    uint8_t *null;
    const struct seq *q = seq_new(&l->heap, 2, 2, &v, &null);
    v[0] = a->some ? a->v : (union cell){0};
    null[0] = !a->some;
    v[1].i = a->some ? a->order : letter == BUFFER_FIRST ? INT64_MAX : INT64_MIN;
    null[1] = 0;
    l->v[column].q = q;
    l->null[column] = 0;
}

static void put_call(struct acc_layout *l, uint32_t call, const struct acc *a)
{
    const char *letters = buffers_of(&l->aggs[call]);
    uint32_t column = l->first[call];
    for (const char *c = letters ? letters : ""; *c; c++, column++) {
        l->v[column] = (union cell){0};
        l->null[column] = 0;
        if (*c == BUFFER_COUNT || *c == BUFFER_FEW) {
            l->v[column].i = a->count;
        } else if (*c == BUFFER_FIRST || *c == BUFFER_LAST) {
            put_pair(l, column, a, *c);
        } else {
            l->null[column] = a->over || (*c == BUFFER_SUM ? !a->count : *c == BUFFER_VALUE ? !a->some : false);
            if (!l->null[column])
                l->v[column] = a->v;
        }
    }
}

static void put_distinct(struct acc_layout *l, struct op *o, struct snap *to, const int64_t *ns, const struct acc *acc,
                         const struct acc_distinct *d)
{
    const struct kstate *set = acc[d->leader].distinct;
    for (struct kentry *e = set ? set->first : NULL; e; e = e->next) {
        if (!kstate_lives(set, e))
            continue;
        snap_written(o, kstate_when(set, e));
        l->user_key.n = l->value.n = 0;
        ks_put_cell(&l->user_key, *d->type, e->key->v[0]);
        wr_i64(&l->value, *(const int64_t *)e->value);
        snap_map(to, o, d->state, ns, &l->user_key, &l->value);
    }
}

static void put_view(struct acc_layout *l, struct op *o, struct snap *to, const int64_t *ns, const struct acc *a, uint32_t call)
{
    for (struct kentry *e = a->values ? a->values->first : NULL; e; e = e->next) {
        if (!kstate_lives(a->values, e))
            continue;
        snap_written(o, kstate_when(a->values, e));
        l->user_key.n = l->value.n = 0;
        ks_put_cell(&l->user_key, l->aggs[call].arg, e->key->v[0]);
        wr_i64(&l->value, *(const int64_t *)e->value);
        snap_map(to, o, l->view[call], ns, &l->user_key, &l->value);
    }
}

void acc_put_row(struct acc_layout *l, struct buf *to, const struct acc *acc, int64_t rows)
{
    scratch_reset(&l->heap);
    for (uint32_t i = 0; i < l->n_columns; i++)
        l->null[i] = 1;
    for (uint32_t i = 0; i < l->n_aggs; i++)
        put_call(l, i, &acc[i]);
    if (l->rows != UINT32_MAX) {
        l->v[l->rows].i = rows;
        l->null[l->rows] = 0;
    }
    ks_put_row(to, l->types, l->n_columns, l->v, l->null);
}

void acc_put(struct acc_layout *l, struct op *o, struct snap *to, const int64_t *ns, const struct acc *acc, int64_t rows)
{
    l->value.n = 0;
    acc_put_row(l, &l->value, acc, rows);
    snap_value(to, o, l->state, ns, &l->value);
    for (uint32_t i = 0; i < l->n_distinct; i++)
        put_distinct(l, o, to, ns, acc, &l->distinct[i]);
    for (uint32_t i = 0; i < l->n_aggs; i++)
        if (l->view[i] != UINT32_MAX)
            put_view(l, o, to, ns, &acc[i], i);
}

/* --- taking --- */

static void take_value(const struct agg *g, struct acc *a, union cell v)
{
    const struct ltype *t = g->sum ? g->sum : g->arg;
    free(a->block);
    a->v = cell_keep(t, v, &a->block);
    a->some = true;
}

static void take_call(struct acc_layout *l, uint32_t call, struct acc *a)
{
    const struct agg *g = &l->aggs[call];
    const char *letters = buffers_of(g);
    uint32_t column = l->first[call];
    for (const char *c = letters ? letters : ""; *c; c++, column++) {
        union cell v = l->v[column];
        bool null = l->null[column];
        if (*c == BUFFER_COUNT || *c == BUFFER_FEW) {
            a->count = null ? 0 : v.i;
        } else if (*c == BUFFER_FIRST || *c == BUFFER_LAST) {
            if (!null && !v.q->null[1] && v.q->v[1].i != (*c == BUFFER_FIRST ? INT64_MAX : INT64_MIN) && !v.q->null[0]) {
                take_value(g, a, v.q->v[0]);
                a->order = v.q->v[1].i;
            }
        } else if (!null) {
            take_value(g, a, v);
            if (*c == BUFFER_SUM && !letters[1])
                a->count = 1;
        } else if (*c == BUFFER_ZERO) {
            a->over = true;
        }
    }
}

/* A value's number, written when the entry was. */
static int64_t *counted(struct kstate **at, const struct agg *g, const union cell *v, int64_t written)
{
    uint8_t null = 0;
    bool fresh;
    if (!*at) {
        *at = mem_alloc(sizeof **at);
        kstate_init(*at, &g->arg, 1, sizeof(int64_t), NULL);
        kstate_expires(*at, g->ttl);
    }
    struct kentry *e = kstate_at(*at, v, &null, &fresh);
    kstate_write_at(*at, e, written);
    return (int64_t *)e->value;
}

static void take_distinct(struct acc_layout *l, const struct acc_distinct *d, struct keyed_entry *x, struct acc *acc)
{
    union cell v;
    scratch_reset(&l->heap);
    bool ok = ks_get_cell(&x->user_key, *d->type, &v, &l->heap);
    int64_t bits = rd_i64(&x->value);
    if (ok && rd_ok(&x->value) && bits)
        *counted(&acc[d->leader].distinct, &l->aggs[d->leader], &v, x->written) = bits;
}

/* MIN and MAX of rows that can be taken back: value -> how often it is there. */
static void take_view(struct acc_layout *l, uint32_t call, struct keyed_entry *x, struct acc *a)
{
    const struct agg *g = &l->aggs[call];
    union cell v;
    scratch_reset(&l->heap);
    bool ok = ks_get_cell(&x->user_key, g->arg, &v, &l->heap);
    int64_t times = rd_i64(&x->value);
    if (!ok || !rd_ok(&x->value) || !times)
        return;
    g->fn->add(g, a, v, 0, times > 0 ? 1 : -1);
    *counted(&a->values, g, &v, x->written) = times;
}

void acc_take_row(struct acc_layout *l, struct rd *in, struct acc *acc, int64_t *rows)
{
    *rows = 1;
    scratch_reset(&l->heap);
    if (!ks_get_cells(in, l->types, l->n_columns - l->extra, l->v, l->null, &l->heap))
        return;
    for (uint32_t i = 0; i < l->n_aggs; i++)
        take_call(l, i, &acc[i]);
    if (l->rows != UINT32_MAX && !l->null[l->rows])
        *rows = l->v[l->rows].i;
}

bool acc_take(struct acc_layout *l, struct keyed_entry *x, struct acc *acc, int64_t *rows)
{
    if (x->state == l->state) {
        acc_take_row(l, &x->value, acc, rows);
        return true;
    }
    for (uint32_t i = 0; i < l->n_distinct; i++)
        if (x->state == l->distinct[i].state || x->state == l->distinct[i].state + 1) {
            if (x->state == l->distinct[i].state)
                take_distinct(l, &l->distinct[i], x, acc);
            else
                rd_i64(&x->value); /* a NULL has been seen, which no function looks at */
            return true;
        }
    for (uint32_t i = 0; i < l->n_aggs; i++)
        if (x->state == l->view[i]) {
            take_view(l, i, x, &acc[i]);
            return true;
        }
    return false;
}
