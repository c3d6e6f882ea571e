#include "runtime/agg_state.h"
#include "runtime/agg_items.h"

#include <stdlib.h>
#include <string.h>

#include "base/wr.h"
#include "savepoint/ser_write.h"

/* --- what there is --- */

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
    if (acc_is_structured(letter))
        return acc_structured(o, g, letter);
    switch (letter) {
    case BUFFER_COUNT:
        return type_simple(o->a, L_BIGINT, true);
    case BUFFER_FEW:
        return type_simple(o->a, L_INTEGER, true);
    case BUFFER_FIRST:
        return pair_of(o, maybe(o, g->arg), "firstValue", "firstOrder");
    case BUFFER_LAST:
        return pair_of(o, maybe(o, g->arg), "lastValue", "lastOrder");
    case BUFFER_DELIMITER:
    case BUFFER_CONCAT:
        return type_length(o->a, L_VARCHAR, TYPE_MAX_LENGTH, true);
    case BUFFER_ARRAY:
    case BUFFER_LAG:
        if (o->keyed->why.kind == ERR_NONE)
            err_set(&o->keyed->why, ERR_UNSUPPORTED, "%s in a checkpoint is not there yet", g->fn->name);
        return acc_view(o, false);
    default:
        return maybe(o, g->sum ? g->sum : g->arg);
    }
}

static const char *buffers_of(const struct agg *g)
{
    static const char by[] = {BUFFER_TEXTS_BY_BACK, 0};
    const char *letters = g->retract ? g->fn->buffers_back : g->fn->buffers;
    return *letters == BUFFER_TEXTS_BACK && g->more ? by : letters;
}

char acc_letter(const struct agg *g) { return *buffers_of(g); }

bool acc_one_by_one(const struct agg *g) { return acc_has_views(acc_letter(g)) && !acc_of_value(acc_letter(g)); }

static void add_column(struct acc_layout *l, const struct ltype *t) { l->types[l->n_columns++] = t; }

/* ExternalSerializer of a type. */
static struct ser *external(struct op *o, const struct ltype *t, enum data_class as)
{
    struct err e = {0};
    struct ser *s = ser_external(o->a, t, as, &e);
    if (!s && o->keyed->why.kind == ERR_NONE)
        o->keyed->why = e;
    return s;
}

static const struct ltype *list_of(struct op *o, const struct ltype *t) { return type_of_kids(o->a, L_ARRAY, t, NULL, true); }

static const struct ltype *number(struct op *o, bool nullable) { return type_simple(o->a, L_BIGINT, nullable); }

static uint32_t add_other_views(struct op *o, const struct agg *g, uint32_t call, char letter, enum keyed_ns ns)
{
    const struct ltype *text = type_length(o->a, L_VARCHAR, TYPE_MAX_LENGTH, letter == BUFFER_JSON_ARRAY);
    if (letter == BUFFER_COLLECT)
        return ks_add(o, arena_printf(o->a, "agg%u$map", call), KIND_MAP, ns,
                      external(o, type_nullable(o->a, g->arg, false), DATA_INTERNAL),
                      external(o, type_simple(o->a, L_INTEGER, true), DATA_DEFAULT));
    if (letter == BUFFER_JSON_OBJECT)
        return ks_add(o, arena_printf(o->a, "agg%u$map", call), KIND_MAP, ns, external(o, text, DATA_INTERNAL),
                      external(o, type_length(o->a, L_VARCHAR, TYPE_MAX_LENGTH, true), DATA_INTERNAL));
    if (letter == BUFFER_PERCENTILE)
        return ks_add(o, arena_printf(o->a, "agg%u$valueCount", call), KIND_MAP, ns,
                      external(o, type_simple(o->a, L_DOUBLE, true), DATA_DEFAULT), external(o, number(o, true), DATA_DEFAULT));
    if (g->ttl && g->ttl->ms && o->keyed->why.kind == ERR_NONE) /* each element has a time of its own there */
        err_set(&o->keyed->why, ERR_UNSUPPORTED, "%s of state that expires in a checkpoint is not there yet", g->fn->name);
    uint32_t first = ks_add(o, arena_printf(o->a, "agg%u$list", call), KIND_LIST, ns, NULL, external(o, text, DATA_INTERNAL));
    if (letter != BUFFER_JSON_ARRAY)
        ks_add(o, arena_printf(o->a, "agg%u$retractList", call), KIND_LIST, ns, NULL, external(o, text, DATA_INTERNAL));
    return first;
}

/* The states of a call's views. */
static uint32_t add_views(struct op *o, const struct agg *g, uint32_t call, char letter, enum keyed_ns ns)
{
    const struct ltype *value = type_nullable(o->a, g->arg, false);
    if (letter == BUFFER_MIN_BACK || letter == BUFFER_MAX_BACK)
        return ks_add(o, arena_printf(o->a, "agg%u$map", call), KIND_MAP, ns, external(o, value, DATA_INTERNAL),
                      external(o, number(o, true), DATA_DEFAULT));
    if (!acc_of_value(letter))
        return add_other_views(o, g, call, letter, ns);
    uint32_t first = ks_add(o, arena_printf(o->a, "agg%u$valueToOrderMap", call), KIND_MAP, ns, external(o, value, DATA_INTERNAL),
                            external(o, list_of(o, number(o, true)), DATA_DEFAULT));
    ks_add(o, arena_printf(o->a, "agg%u$orderToValueMap", call), KIND_MAP, ns, external(o, number(o, true), DATA_DEFAULT),
           external(o, list_of(o, value), DATA_INTERNAL));
    return first;
}

/* AggregateUtil#createDistinctKeyType: dates and times are the numbers that they are kept as. */
static const struct ltype *set_type(struct op *o, const struct ltype *t)
{
    enum lroot root = t->root == L_DATE || t->root == L_TIME || t->root == L_INTERVAL_YEAR_MONTH ? L_INTEGER
        : t->root == L_INTERVAL_DAY_TIME                                                         ? L_BIGINT
                                                                                                 : t->root;
    return root == t->root ? maybe(o, t) : type_simple(o->a, root, true);
}

/* Of rows that can be taken back, a value has a number for each call (DataViewUtils#createDistinctViewDataType): declared when all are known. */
static void add_distinct(struct acc_layout *l, struct op *o, uint32_t call)
{
    const struct agg *g = &l->aggs[call];
    uint32_t i = 0;
    while (i < l->n_distinct && l->aggs[l->distinct[i].calls[0]].column != g->column)
        i++;
    struct acc_distinct *d = &l->distinct[i];
    if (i == l->n_distinct) {
        l->n_distinct++;
        d->calls = arena_array(o->a, l->n_aggs, sizeof *d->calls);
        d->type = &g->arg;
    }
    d->calls[d->n_calls++] = call;
    d->counts = g->retract;
}

static void add_sets(struct acc_layout *l, struct op *o, enum keyed_ns ns)
{
    for (uint32_t i = 0; i < l->n_distinct; i++) {
        struct acc_distinct *d = &l->distinct[i];
        const char *name = arena_printf(o->a, "distinctAcc_%u", i);
        d->listed = d->counts && d->n_calls > 1;
        struct ser *value =
            d->listed ? external(o, list_of(o, number(o, false)), DATA_PRIMITIVE) : external(o, number(o, false), DATA_DEFAULT);
        d->state = ks_add(o, name, KIND_MAP, ns, external(o, set_type(o, *d->type), DATA_INTERNAL), value);
        ks_add(o, arena_printf(o->a, "%s_null_state", name), KIND_VALUE, ns, NULL, value);
        add_column(l, acc_view(o, false));
    }
}

static void add_call(struct acc_layout *l, struct op *o, uint32_t call, enum keyed_ns ns)
{
    const struct agg *g = &l->aggs[call];
    const char *letters = buffers_of(g);
    l->first[call] = l->n_columns;
    l->view[call] = UINT32_MAX;
    for (const char *c = letters; *c; c++) {
        add_column(l, buffer_type(o, g, *c));
        if (acc_has_views(*c))
            l->view[call] = add_views(o, g, call, *c, ns);
    }
}

/* AggregateUtil#insertCountStarAggCall. */
static void add_rows(struct acc_layout *l, struct op *o)
{
    for (uint32_t i = 0; i < l->n_aggs; i++)
        if (!l->aggs[i].arg && !l->aggs[i].distinct && l->aggs[i].filter < 0) {
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
            add_distinct(l, o, i);
    add_sets(l, o, ns);
    l->state = name ? ks_add(o, name, KIND_VALUE, ns, NULL, ks_row(o, l->types, l->n_columns)) : UINT32_MAX;
}

void acc_counts_rows(struct acc_layout *l, uint32_t call) { l->rows = l->first[call]; }

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

/* The value, its order or how many there are, and what stands for views, of which nothing is looked at. */
static void put_back(struct acc_layout *l, uint32_t call, uint32_t column, const struct acc *a, char letter)
{
    const struct agg *g = &l->aggs[call];
    const struct ltype *t = l->types[column];
    bool ordered = letter == BUFFER_FIRST_BACK || letter == BUFFER_LAST_BACK;
    const struct ordered *x = ordered ? orders_end(a, g, letter == BUFFER_LAST_BACK) : NULL;
    union cell *v;
    uint8_t *null;
    const struct seq *q = seq_new(&l->heap, t->n, t->n, &v, &null);
    memset(null, 1, t->n);
    memset(v, 0, t->n * sizeof *v);
    if (ordered ? x != NULL : a->some) {
        v[0] = ordered ? x->v : a->v;
        null[0] = 0;
    }
    for (const struct kentry *e = a->values ? a->values->first : NULL; e; e = e->next)
        v[1].i += *(const int64_t *)e->value > 0;
    if (ordered)
        v[1].i = x ? x->order : INT64_MAX;
    null[1] = letter == BUFFER_LAST_BACK && !x;
    l->v[column].q = q;
    l->null[column] = 0;
}

/* A structured accumulator, of which views are no part. */
static void put_other(struct acc_layout *l, uint32_t column, const struct acc *a, char letter)
{
    const struct ltype *t = l->types[column];
    union cell *v, *shares;
    uint8_t *null, *share_null;
    const struct seq *q = seq_new(&l->heap, t->n, t->n, &v, &null);
    memset(null, 1, t->n);
    memset(v, 0, t->n * sizeof *v);
    if (letter == BUFFER_WELFORD) {
        v[0].i = a->count;
        v[1].d = a->mean;
        v[2].d = a->v.d;
        memset(null, 0, t->n);
    } else if (letter == BUFFER_TEXTS_BY_BACK) {
        v[2].s = a->some ? a->v.s : (struct bytes){(const uint8_t *)",", 1};
        null[2] = a->over;
    } else if (letter == BUFFER_PERCENTILE && a->some) {
        uint32_t n = agg_items_n(a->items);
        v[0].q = seq_new(&l->heap, n, n, &shares, &share_null);
        memset(share_null, 0, n);
        for (uint32_t i = 0; i < n; i++)
            shares[i] = a->items->x[i].v;
        null[0] = 0;
    }
    l->v[column].q = q;
    l->null[column] = 0;
}

static void put_call(struct acc_layout *l, uint32_t call, const struct acc *a)
{
    const char *letters = buffers_of(&l->aggs[call]);
    uint32_t column = l->first[call];
    for (const char *c = letters; *c; c++, column++) {
        l->v[column] = (union cell){0};
        l->null[column] = 0;
        if (*c == BUFFER_COUNT || *c == BUFFER_FEW) {
            l->v[column].i = a->count;
        } else if (*c == BUFFER_FIRST || *c == BUFFER_LAST) {
            put_pair(l, column, a, *c);
        } else if (acc_of_value(*c)) {
            put_back(l, call, column, a, *c);
        } else if (acc_is_structured(*c)) {
            put_other(l, column, a, *c);
        } else if (*c == BUFFER_DELIMITER) {
            l->v[column].s = agg_delimiter(a);
        } else if (*c == BUFFER_CONCAT) {
            l->null[column] = !a->some;
            l->v[column].s = a->v.s;
        } else {
            l->null[column] = a->over || (*c == BUFFER_SUM ? !a->count : *c == BUFFER_VALUE ? !a->some : false);
            if (!l->null[column])
                l->v[column] = a->v;
        }
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
    acc_put_views(l, o, to, ns, acc);
}

/* --- taking --- */

static void take_value(const struct agg *g, struct acc *a, union cell v)
{
    const struct ltype *t = g->sum ? g->sum : g->arg;
    free(a->block);
    a->v = cell_keep(t, v, &a->block);
    a->some = true;
}

static void take_other(const struct agg *g, struct acc *a, const struct seq *q, char letter)
{
    if (letter == BUFFER_WELFORD) {
        a->count = q->v[0].i;
        a->mean = q->v[1].d;
        a->v.d = q->v[2].d;
    } else if (letter == BUFFER_TEXTS_BY_BACK) {
        a->some = true;
        a->over = q->null[2];
        free(a->block);
        a->block = NULL;
        a->v = a->over ? (union cell){.s = {NULL, 0}} : cell_keep(g->arg, q->v[2], &a->block);
    } else if (letter == BUFFER_PERCENTILE && !q->null[0]) {
        a->some = true;
        for (uint32_t i = 0; i < q->v[0].q->n; i++)
            agg_items_add(&a->items, agg_double, q->v[0].q->v[i], 0);
    }
}

static void take_call(struct acc_layout *l, uint32_t call, struct acc *a)
{
    const struct agg *g = &l->aggs[call];
    const char *letters = buffers_of(g);
    uint32_t column = l->first[call];
    for (const char *c = letters; *c; c++, column++) {
        union cell v = l->v[column];
        bool null = l->null[column];
        if (acc_of_value(*c) || *c == BUFFER_ARRAY || *c == BUFFER_LAG) {
            continue; /* follows from its views, or is in no snapshot */
        } else if (acc_is_structured(*c)) {
            if (!null)
                take_other(g, a, v.q, *c);
        } else if (*c == BUFFER_DELIMITER || *c == BUFFER_CONCAT) {
            if (!null)
                agg_take_texts(g, a, v.s, *c == BUFFER_CONCAT);
        } else if (*c == BUFFER_COUNT || *c == BUFFER_FEW) {
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

void acc_take_row(struct acc_layout *l, struct rd *in, struct acc *acc, int64_t *rows)
{
    *rows = 1;
    scratch_reset(&l->heap);
    if (!ks_get_cells(in, l->types, l->n_columns, l->v, l->null, &l->heap))
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
    return acc_take_views(l, x, acc);
}
