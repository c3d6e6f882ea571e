/* The state of OVER aggregates in snapshots (RowTimeRows/RangeUnboundedPrecedingFunction, RowTimeRows/RangeBoundedPrecedingFunction,
 * NonTimeRows/RangeUnboundedPrecedingFunction of flink-table-runtime 2.3). */
#include <stdlib.h>
#include <string.h>

#include "base/wr.h"
#include "runtime/over.h"

static const uint32_t NONE = UINT32_MAX;

/* A row of an id. */
static const struct ltype id_type = {.root = L_BIGINT, .slot = SLOT_I64, .width = 8, .nullable = true};
static const struct ltype *const of_id[] = {&id_type};

/* --- declaring --- */

static void declare_by_time(struct op *o, struct over *v, struct ser *row, struct ser *number)
{
    v->input = ks_add(o, "inputState", KIND_MAP, KEYED_VOID, number, ks_list(o, row));
    v->last = v->kind == OVER_TIME_ALL ? NONE : ks_add(o, "lastTriggeringTsState", KIND_VALUE, KEYED_VOID, NULL, number);
    v->count = v->kind == OVER_TIME_ROWS ? ks_add(o, "processedCountState", KIND_VALUE, KEYED_VOID, NULL, number) : NONE;
    v->cleanup = v->kind == OVER_TIME_RANGE ? ks_add(o, "cleanupTsState", KIND_VALUE, KEYED_VOID, NULL, number) : NONE;
    acc_layout(&v->layout, o, v->kept, v->n_aggs, v->kind != OVER_TIME_ALL, "accState", KEYED_VOID);
    v->cleans = !v->ttl.ms
        ? NONE
        : ks_add(o, v->rows && v->before >= 0 ? "RowTimeBoundedRowsOverCleanupTime" : "RowTimeUnboundedOverCleanupTime", KIND_VALUE,
                 KEYED_VOID, NULL, number);
}

/* RANGE has an accumulator for each place, ROWS one for each row. */
static void declare_other(struct op *o, struct over *v, struct ser *row, struct ser *number)
{
    struct ser *sort = ks_row(o, v->order.types, v->order.n);
    v->accs = ks_add(o, "accMapState", KIND_MAP, KEYED_VOID, v->rows ? ks_row(o, of_id, 1) : sort, NULL);
    v->ids = ks_add(o, "idState", KIND_VALUE, KEYED_VOID, NULL, number);
    v->sorted = ks_add(o, "sortedListState", KIND_VALUE, KEYED_VOID, NULL, ks_list(o, ks_pair(o, sort, ks_list(o, number))));
    v->values = ks_add(o, "valueMapState", KIND_MAP, KEYED_VOID, number, row);
    acc_layout(&v->layout, o, v->kept, v->n_aggs, false, NULL, KEYED_VOID);
    v->cleans = v->ttl.ms ? ks_add(o, "NonTimeUnboundedPrecedingOverCleanupTime", KIND_VALUE, KEYED_VOID, NULL, number) : NONE;
    o->keyed->states[v->accs].value = ks_row(o, v->layout.types, v->layout.n_columns);
    if (v->layout.n_distinct && o->keyed->why.kind == ERR_NONE)
        err_set(&o->keyed->why, ERR_UNSUPPORTED, "DISTINCT over rows that can be taken back is not there yet");
}

static void declare_now(struct op *o, struct over *v)
{
    v->cleans = NONE;
    acc_layout(&v->layout, o, v->kept, v->n_aggs, false, "accState", KEYED_VOID);
    ks_expires(o, 0, &v->ttl);
    for (uint32_t i = 0; i < v->n_aggs; i++)
        v->aggs[i].ttl = v->kept[i].ttl = &v->ttl;
}

static const struct keyed_form form, form_other;

void over_declare(struct op *o)
{
    struct over *v = o->self;
    ks_key(o, v->key_types, v->n_keys);
    v->kept = arena_array(o->a, v->n_aggs + 1, sizeof *v->kept);
    memcpy(v->kept, v->aggs, v->n_aggs * sizeof *v->kept);
    for (uint32_t i = 0; i < v->n_aggs && (v->kind == OVER_TIME_ROWS || v->kind == OVER_TIME_RANGE); i++) {
        v->kept[i].retract = true;
        v->kept[i].leader = i;
    }
    struct ser *row = ks_row(o, o->in[0]->kids, v->n_row), *number = ks_plain(o, "Long");
    if (v->by_time)
        declare_by_time(o, v, row, number);
    else if (v->kind == OVER_NOW)
        declare_now(o, v);
    else
        declare_other(o, v, row, number);
    v->timers = ks_add_timers(o, "user-timers", KEYED_VOID);
    v->put = arena_array(o->a, v->n_aggs + 1, sizeof *v->put);
    ks_entries(o, &v->state, &v->ttl, v->kind == OVER_OTHER ? &form_other : &form, NULL);
}

/* --- putting --- */

static void put_number(struct op *o, struct snap *to, uint32_t state, int64_t n)
{
    struct buf *b = &o->keyed->value;
    b->n = 0;
    wr_i64(b, n);
    snap_value(to, o, state, NULL, b);
}

/* The rows from i on that have its time. */
static uint32_t at_once(const struct over *v, const struct partition *all, uint32_t i)
{
    uint32_t n = 1;
    while (i + n < all->n && over_time(v, all, i + n) == over_time(v, all, i))
        n++;
    return n;
}

/* Rows by their time. */
static void put_input(struct op *o, struct snap *to, const struct partition *all)
{
    struct over *v = o->self;
    struct buf *key = &o->keyed->user_key, *value = &o->keyed->value;
    for (uint32_t i = 0, n; i < all->n; i += n) {
        n = at_once(v, all, i);
        key->n = value->n = 0;
        wr_i64(key, over_time(v, all, i));
        wr_u32(value, n);
        for (uint32_t k = 0; k < n; k++)
            ks_put_kept(value, o->in[0]->kids, all->p[i + k].row);
        snap_map(to, o, v->input, NULL, key, value);
    }
}

/* The accumulators of the last window that has been sent. */
static void put_window(struct op *o, struct snap *to, const struct partition *all)
{
    struct over *v = o->self;
    uint32_t from = 0;
    if (v->rows)
        from = all->done > v->before + 1 ? (uint32_t)(all->done - v->before - 1) : 0;
    while (!v->rows && from < all->done && over_time(v, all, from) < all->last - v->before)
        from++;
    for (uint32_t i = from; i < all->done; i++)
        over_add(o, v->kept, v->put, all->p[i].row);
    acc_put(&v->layout, o, to, NULL, v->put, all->done - from);
    for (uint32_t i = 0; i < v->n_aggs; i++)
        acc_release(&v->put[i]);
    put_number(o, to, v->last, all->last);
    if (v->count != NONE)
        put_number(o, to, v->count, all->done - from);
}

/* The event time at which no window reaches its last row any more. */
static int64_t until(const struct over *v, const struct partition *all)
{
    return over_time(v, all, all->n - 1) + v->before + v->before / 2 + 1;
}

static void put_by_time(struct op *o, struct snap *to, const struct partition *all)
{
    struct over *v = o->self;
    put_input(o, to, all);
    if (all->acc)
        acc_put(&v->layout, o, to, NULL, all->acc, 1);
    if (v->kind != OVER_TIME_ALL && all->last != INT64_MIN)
        put_window(o, to, all);
    if (v->cleanup != NONE && all->n)
        put_number(o, to, v->cleanup, until(v, all));
}

static void put_sort_key(const struct over *v, struct buf *b, const struct row *r)
{
    ks_put_columns(b, v->order.types, r, v->order.columns, v->order.n);
}

static void put_id_key(struct buf *b, int64_t id) { ks_put_row(b, of_id, 1, &(union cell){.i = id}, &(uint8_t){0}); }

static void put_accs(struct op *o, struct snap *to, const struct partition *all)
{
    struct over *v = o->self;
    struct buf *key = &o->keyed->user_key, *value = &o->keyed->value;
    for (uint32_t at = 0, end; at < all->n; at = end) {
        end = over_peers(v, all, at);
        for (uint32_t i = at; i < end; i++)
            over_add(o, v->kept, v->put, all->p[i].row);
        key->n = value->n = 0;
        if (v->rows)
            put_id_key(key, all->p[at].id);
        else
            put_sort_key(v, key, all->p[at].row);
        acc_put_row(&v->layout, value, v->put, 1);
        snap_map(to, o, v->accs, NULL, key, value);
    }
    for (uint32_t i = 0; i < v->n_aggs; i++)
        acc_release(&v->put[i]);
}

static void put_other(struct op *o, struct snap *to, const struct partition *all)
{
    struct over *v = o->self;
    struct buf *key = &o->keyed->user_key, *value = &o->keyed->value, sorted = {0};
    uint32_t places = 0;
    wr_u32(&sorted, 0);
    for (uint32_t i = 0, n; i < all->n; i += n) {
        for (n = 1; i + n < all->n && !order_rows(&v->order, all->p[i].row, all->p[i + n].row); n++)
            ;
        put_sort_key(v, &sorted, all->p[i].row);
        wr_u32(&sorted, n);
        places++;
        for (uint32_t k = i; k < i + n; k++) {
            wr_i64(&sorted, all->p[k].id);
            key->n = value->n = 0;
            wr_i64(key, all->p[k].id);
            ks_put_kept(value, o->in[0]->kids, all->p[k].row);
            snap_map(to, o, v->values, NULL, key, value);
        }
    }
    places = __builtin_bswap32(places);
    memcpy(sorted.p, &places, 4);
    snap_value(to, o, v->sorted, NULL, &sorted);
    put_number(o, to, v->ids, all->last_id);
    put_accs(o, to, all);
    buf_free(&sorted);
}

static void put(struct op *o, const struct keyed_entries *of, struct kentry *e, struct snap *to)
{
    struct over *v = o->self;
    const struct partition *all = (const struct partition *)e->value;
    (void)of;
    if (v->kind == OVER_NOW && all->acc)
        acc_put(&v->layout, o, to, NULL, all->acc, 1);
    else if (v->by_time)
        put_by_time(o, to, all);
    else if (v->kind == OVER_OTHER)
        put_other(o, to, all);
    if (v->cleans != NONE && all->cleanup)
        put_number(o, to, v->cleans, all->cleanup);
}

/* Rows that have not been sent wait for one; others are for when the partition, or all that any window has of it, goes. */
static void put_timers(struct op *o, const struct keyed_entries *of, struct kentry *e, struct snap *to)
{
    const struct over *v = o->self;
    const struct partition *all = (const struct partition *)e->value;
    (void)of;
    for (uint32_t i = 0; v->by_time && i < all->n; i += at_once(v, all, i))
        if (i >= all->done)
            snap_timer(to, o, v->timers, NULL, over_time(v, all, i));
    if (v->by_time && v->cleanup != NONE && all->n)
        snap_timer(to, o, v->timers, NULL, until(v, all));
    if (v->kind != OVER_NOW && v->cleans != NONE && all->cleanup)
        snap_timer(to, o, v->timers + 1, NULL, all->cleanup);
}

/* --- taking --- */

static struct partition *partition_at(struct over *v, const struct keyed_entry *x)
{
    bool fresh;
    struct kentry *e = kstate_at(&v->state, x->key, x->key_null, &fresh);
    struct partition *all = (struct partition *)e->value;
    if (fresh)
        all->last = all->last_id = INT64_MIN;
    kstate_came(&v->state, e, fresh, v->kind == OVER_NOW ? x->written : INT64_MAX);
    return all;
}

static void take_input(struct op *o, struct keyed_entry *x, struct partition *all)
{
    struct over *v = o->self;
    rd_i64(&x->user_key); /* the rows' time */
    for (uint32_t n = rd_count(&x->value, 4); n && rd_ok(&x->value); n--) {
        struct row *row = ks_get_row(x, &x->value, o->in[0]->kids, v->n_row);
        if (row && row->null[v->rowtime])
            rd_fail(&x->value, "a row without a time");
        if (row && rd_ok(&x->value))
            over_insert(v, all, row);
        else
            free(row);
    }
}

static void take_accs(struct over *v, struct keyed_entry *x, struct partition *all)
{
    int64_t rows;
    if (!all->acc)
        all->acc = mem_zalloc((v->n_aggs + 1) * sizeof *all->acc);
    all->n_aggs = v->n_aggs;
    if (!acc_take(&v->layout, x, all->acc, &rows))
        ks_skip(x);
}

static void take_by_time(struct op *o, struct keyed_entry *x)
{
    struct over *v = o->self;
    struct partition *all = partition_at(v, x);
    if (x->state == v->input) {
        take_input(o, x, all);
    } else if (x->state == v->last) {
        all->last = rd_i64(&x->value);
    } else if (x->state == v->cleans) {
        all->cleanup = rd_i64(&x->value);
    } else if (v->kind == OVER_TIME_ALL) {
        take_accs(v, x, all);
    } else {
        ks_skip(x); /* what the rows say, too */
    }
}

static void goes_at(const struct over *v, struct kentry *e)
{
    int64_t cleanup = ((struct partition *)e->value)->cleanup;
    if (cleanup)
        kstate_write_at(&v->state, e, cleanup < 0 ? INT64_MIN : cleanup - v->ttl.ms);
}

static void settle_by_time(struct over *v, struct kentry *e)
{
    struct partition *all = (struct partition *)e->value;
    while (all->done < all->n && over_time(v, all, all->done) <= all->last)
        all->done++;
    if (all->done < all->n && over_time(v, all, all->done) < v->next)
        v->next = over_time(v, all, all->done);
    if (all->done == all->n)
        goes_at(v, e);
}

/* The place of an id. */
static uint32_t *place_of(struct partition *all, int64_t id, bool make)
{
    bool fresh;
    if (!all->places) {
        all->places = mem_alloc(sizeof *all->places);
        kstate_init(all->places, of_id, 1, sizeof(uint32_t), NULL);
    }
    union cell key = {.i = id};
    struct kentry *e = make ? kstate_at(all->places, &key, &(uint8_t){0}, &fresh) : kstate_find(all->places, &key, &(uint8_t){0});
    return e ? (uint32_t *)e->value : NULL;
}

static void take_sorted(struct over *v, struct keyed_entry *x, struct partition *all)
{
    struct rd *in = &x->value;
    for (uint32_t places = rd_count(in, 8); places && rd_ok(in); places--) {
        free(ks_get_row(x, in, v->order.types, v->order.n));
        for (uint32_t n = rd_count(in, 8); n && rd_ok(in); n--) {
            int64_t id = rd_i64(in);
            if (all->n == all->cap)
                all->p = mem_grow(all->p, all->cap = all->cap ? all->cap * 2 : 4, sizeof *all->p);
            *place_of(all, id, true) = all->n;
            all->p[all->n++] = (struct placed){.id = id};
        }
    }
}

static bool has_sort_key(const struct over *v, const struct row *r, const struct row *sort)
{
    for (uint32_t i = 0; r && i < v->order.n; i++) {
        uint32_t c = v->order.fields[i].column;
        if (r->null[c] != sort->null[i] || (!r->null[c] && !cell_same(v->order.types[i], r->v[c], sort->v[i])))
            return false;
    }
    return r;
}

/* The result of a row, or of all that have its place. */
static void take_result(struct op *o, struct over *v, struct keyed_entry *x, struct partition *all)
{
    struct row *sort = ks_get_row(x, &x->user_key, v->rows ? of_id : v->order.types, v->rows ? 1 : v->order.n);
    int64_t rows;
    acc_take_row(&v->layout, &x->value, v->acc, &rows);
    over_results(v, v->acc);
    uint32_t *place = sort && v->rows ? place_of(all, sort->v[0].i, false) : NULL;
    for (uint32_t i = place ? *place : 0; sort && i < all->n; i++) {
        if (!v->rows && !has_sort_key(v, all->p[i].row, sort))
            continue;
        if (v->rows && !place)
            break;
        free(all->p[i].result);
        all->p[i].result = row_make(o->types + v->n_row, v->n_aggs, v->results, v->results_null);
        if (v->rows)
            break;
    }
    for (uint32_t i = 0; i < v->n_aggs; i++)
        acc_release(&v->acc[i]);
    free(sort);
}

/* The order of rows, then they themselves, then what was sent. */
static void take_other(struct op *o, struct keyed_entry *x, uint32_t pass)
{
    struct over *v = o->self;
    struct partition *all = partition_at(v, x);
    if (!pass && x->state == v->cleans) {
        all->cleanup = rd_i64(&x->value);
    } else if (!pass && x->state == v->ids) {
        all->last_id = rd_i64(&x->value);
    } else if (!pass && x->state == v->sorted) {
        take_sorted(v, x, all);
    } else if (pass == 1 && x->state == v->values) {
        uint32_t *place = place_of(all, rd_i64(&x->user_key), false);
        struct row *row = ks_get_row(x, &x->value, o->in[0]->kids, v->n_row);
        if (place && !all->p[*place].row)
            all->p[*place].row = row;
        else
            free(row);
    } else if (pass == 2 && x->state == v->accs) {
        take_result(o, v, x, all);
    } else {
        ks_skip(x);
    }
}

static void take(struct op *o, const struct keyed_entries *of, struct keyed_entry *x, uint32_t pass)
{
    struct over *v = o->self;
    (void)of;
    if (v->kind == OVER_OTHER)
        take_other(o, x, pass);
    else if (v->by_time)
        take_by_time(o, x);
    else
        take_accs(v, x, partition_at(v, x));
}

static bool complete(struct over *v, struct kentry *at, struct err *e)
{
    struct partition *all = (struct partition *)at->value;
    bool ok = true;
    for (uint32_t i = 0; i < all->n; i++)
        ok = ok && all->p[i].row && all->p[i].result;
    goes_at(v, at);
    if (all->places)
        kstate_clear(all->places);
    free(all->places);
    all->places = NULL;
    return ok || err_set(e, ERR_CORRUPT, "a row of an OVER aggregate is there in part");
}

static bool settle(struct op *o, const struct keyed_entries *of, struct kentry *e, struct err *why)
{
    struct over *v = o->self;
    (void)of;
    if (v->by_time)
        settle_by_time(v, e);
    return v->kind != OVER_OTHER || complete(v, e, why);
}

static const struct keyed_form form = {.put = put, .timers = put_timers, .take = take, .settle = settle};
static const struct keyed_form form_other = {.put = put, .timers = put_timers, .take = take, .passes = 3, .settle = settle};
