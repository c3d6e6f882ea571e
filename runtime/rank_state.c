/* The rows that Top-N keeps, and its state in snapshots (AppendOnlyTopNFunction, FastTop1Function, UpdatableTopNFunction,
 * RetractableTopNFunction of flink-table-runtime 2.3). */
#include <stdlib.h>
#include <string.h>

#include "base/wr.h"
#include "runtime/rank.h"
#include "savepoint/ser_write.h"

void rank_release(void *rank, void *value)
{
    struct rank *r = rank;
    struct rank_value *v = value;
    for (uint32_t i = 0; i < v->n; i++)
        row_drop(&r->pieces, v->rows[i]);
    if (!v->cap)
        return;
    pool_free(&r->pieces, v->rows, v->cap * sizeof *v->rows);
    if (v->written)
        pool_free(&r->pieces, v->written, v->cap * sizeof *v->written);
    if (v->places)
        pool_free(&r->pieces, v->places, v->cap * sizeof *v->places);
}

static void more_room(struct rank *r, struct rank_value *v)
{
    uint32_t before = v->cap;
    v->cap = before ? before * 2 : 4;
    v->rows = pool_grow(&r->pieces, v->rows, before * sizeof *v->rows, v->cap * sizeof *v->rows);
    if (r->ttl.ms)
        v->written = pool_grow(&r->pieces, v->written, before * sizeof *v->written, v->cap * sizeof *v->written);
    if (v->places)
        v->places = pool_grow(&r->pieces, v->places, before * sizeof *v->places, v->cap * sizeof *v->places);
}

uint32_t rank_insert(struct rank *r, struct rank_value *v, struct row *row, int64_t written)
{
    uint32_t low = 0, high = v->n;
    while (low < high) {
        uint32_t mid = (low + high) / 2;
        if (order_rows(&r->order, v->rows[mid], row) <= 0)
            low = mid + 1;
        else
            high = mid;
    }
    if (v->n == v->cap)
        more_room(r, v);
    memmove(v->rows + low + 1, v->rows + low, (v->n - low) * sizeof *v->rows);
    v->rows[low] = row;
    if (v->written) {
        memmove(v->written + low + 1, v->written + low, (v->n - low) * sizeof *v->written);
        v->written[low] = written;
    }
    v->n++;
    return low;
}

struct row *rank_take(struct rank_value *v, uint32_t i)
{
    struct row *row = v->rows[i];
    memmove(v->rows + i, v->rows + i + 1, (v->n - i - 1) * sizeof *v->rows);
    if (v->written)
        memmove(v->written + i, v->written + i + 1, (v->n - i - 1) * sizeof *v->written);
    v->n--;
    return row;
}

/* Rows with one sort key stand beside each other: how many from i on. */
static uint32_t equals(const struct rank *r, const struct rank_value *v, uint32_t i)
{
    uint32_t n = 1;
    while (i + n < v->n && !order_rows(&r->order, v->rows[i], v->rows[i + n]))
        n++;
    return n;
}

void rank_write(const struct rank *r, struct kentry *e, uint32_t i)
{
    struct rank_value *v = (struct rank_value *)e->value;
    uint32_t n = 1;
    if (!r->ttl.ms)
        return;
    kstate_write(&r->state, e);
    if (r->strategy != UPDATE_FAST && !rank_is_top1(r)) {
        while (i && !order_rows(&r->order, v->rows[i - 1], v->rows[i]))
            i--;
        n = equals(r, v, i);
    }
    while (n--)
        v->written[i++] = r->ttl.now;
}

void rank_prune(struct rank *r, struct rank_value *v)
{
    uint32_t n = 0;
    if (!r->ttl.ms || r->strategy == FIRST_COME)
        return;
    for (uint32_t i = 0; i < v->n; i++) {
        if (ttl_over(&r->ttl, v->written[i])) {
            row_drop(&r->pieces, v->rows[i]);
            continue;
        }
        v->rows[n] = v->rows[i];
        v->written[n++] = v->written[i];
    }
    v->n = n;
}

static int64_t when(const struct rank_value *v, uint32_t i) { return v->written ? v->written[i] : 0; }

/* The retracting function's map of sort keys, beside its rows: how many have each. */
static struct ser *sorted_map(struct op *o, const struct rank *r, struct ser *sort)
{
    struct sort_field *by = arena_array(o->a, r->order.n + 1, sizeof *by);
    struct err e = {0};
    for (uint32_t i = 0; i < r->order.n; i++)
        by[i] = (struct sort_field){r->order.types[i], r->order.fields[i].ascending, r->order.fields[i].nulls_last};
    struct ser *s = sort ? ser_sorted_map(o->a, by, r->order.n, sort, ks_plain(o, "Long"), &e) : NULL;
    if (!s && o->keyed->why.kind == ERR_NONE)
        o->keyed->why = e;
    return s;
}

static const struct keyed_form form;

void rank_declare(struct op *o)
{
    struct rank *r = o->self;
    ks_key(o, r->key_types, r->n_keys);
    struct ser *row = ks_row(o, o->in[0]->kids, r->n_row);
    r->unique_types = arena_array(o->a, r->n_unique + 1, sizeof *r->unique_types);
    for (uint32_t i = 0; i < r->n_unique; i++)
        r->unique_types[i] = o->in[0]->kids[r->unique[i]];
    struct ser *sort = ks_row(o, r->order.types, r->order.n), *number = ks_plain(o, "Integer");
    if (r->strategy == FIRST_COME)
        r->data = ks_add(o, "counterState", KIND_VALUE, KEYED_VOID, NULL, number);
    else if (rank_is_top1(r))
        r->data = ks_add(o, "Top1-Rank-State", KIND_VALUE, KEYED_VOID, NULL, row);
    else if (r->strategy == UPDATE_FAST)
        r->data = ks_add(o, "data-state-with-update", KIND_MAP, KEYED_VOID, ks_row(o, r->unique_types, r->n_unique),
                         ks_pair(o, row, number));
    else
        r->data = ks_add(o, r->strategy == RETRACT ? "data-state" : "data-state-with-append", KIND_MAP, KEYED_VOID, sort,
                         ks_list(o, row));
    if (r->strategy == RETRACT)
        r->counts = ks_add(o, "sorted-map", KIND_VALUE, KEYED_VOID, NULL, sorted_map(o, r, sort));
    ks_expires(o, 0, &r->ttl);
    ks_add_timers(o, "user-timers", KEYED_VOID);
    ks_entries(o, &r->state, &r->ttl, &form, NULL);
}

static void put_partition(struct op *o, struct rank *r, const struct rank_value *v, struct snap *to)
{
    const struct ltype *const *types = o->in[0]->kids;
    struct buf *key = &o->keyed->user_key, *value = &o->keyed->value;
    for (uint32_t i = 0, n; i < v->n; i += n) {
        n = equals(r, v, i);
        key->n = value->n = 0;
        snap_written(o, when(v, i));
        if (rank_is_top1(r)) {
            ks_put_kept(value, types, v->rows[i]);
            snap_value(to, o, r->data, NULL, value);
            return;
        }
        if (r->strategy == UPDATE_FAST) {
            for (uint32_t k = 0; k < n; k++) {
                key->n = value->n = 0;
                snap_written(o, when(v, i + k));
                ks_put_columns(key, r->unique_types, v->rows[i + k], r->unique, r->n_unique);
                ks_put_kept(value, types, v->rows[i + k]);
                wr_i32(value, (int32_t)k);
                snap_map(to, o, r->data, NULL, key, value);
            }
            continue;
        }
        ks_put_columns(key, r->order.types, v->rows[i], r->order.columns, r->order.n);
        wr_u32(value, n);
        for (uint32_t k = 0; k < n; k++)
            ks_put_kept(value, types, v->rows[i + k]);
        snap_map(to, o, r->data, NULL, key, value);
    }
}

/* How many rows have each sort key, in their order. */
static void put_counts(struct op *o, struct rank *r, const struct rank_value *v, struct snap *to)
{
    struct buf *value = &o->keyed->value;
    uint32_t keys = 0;
    int64_t last = 0;
    value->n = 0;
    wr_u32(value, 0);
    for (uint32_t i = 0, n; i < v->n; i += n, keys++) {
        n = equals(r, v, i);
        ks_put_columns(value, r->order.types, v->rows[i], r->order.columns, r->order.n);
        wr_u8(value, 0); /* the number is not null */
        wr_i64(value, n);
        last = when(v, i) > last ? when(v, i) : last;
    }
    keys = __builtin_bswap32(keys);
    memcpy(value->p, &keys, 4);
    snap_written(o, last);
    snap_value(to, o, r->counts, NULL, value);
}

static void put(struct op *o, const struct keyed_entries *of, struct kentry *e, struct snap *to)
{
    struct rank *r = o->self;
    struct rank_value *v = (struct rank_value *)e->value;
    struct buf *value = &o->keyed->value;
    (void)of;
    rank_prune(r, v);
    if (r->strategy == FIRST_COME) {
        value->n = 0;
        wr_i32(value, (int32_t)v->come);
        snap_value(to, o, r->data, NULL, value);
        return;
    }
    put_partition(o, r, v, to);
    if (r->strategy == RETRACT && v->n)
        put_counts(o, r, v, to);
}

static void take_rows(struct op *o, struct rank *r, struct rank_value *v, struct keyed_entry *x, uint32_t n)
{
    while (n-- && rd_ok(&x->value)) {
        struct row *row = ks_get_row(x, &x->value, o->in[0]->kids, r->n_row);
        if (row)
            rank_insert(r, v, row_into(&r->pieces, o->in[0]->kids, row), x->written);
    }
    x->user_key.p = x->user_key.end; /* part of the rows */
}

/* A row of UPDATE_FAST, with its place among equals. */
static void take_placed(struct op *o, struct rank *r, struct rank_value *v, struct keyed_entry *x)
{
    struct row *row = ks_get_row(x, &x->value, o->in[0]->kids, r->n_row);
    int32_t place = rd_i32(&x->value);
    x->user_key.p = x->user_key.end; /* part of the row */
    if (!row)
        return;
    uint32_t at = rank_insert(r, v, row_into(&r->pieces, o->in[0]->kids, row), x->written);
    if (!v->places)
        v->places = pool_alloc(&r->pieces, v->cap * sizeof *v->places);
    memmove(v->places + at + 1, v->places + at, (v->n - 1 - at) * sizeof *v->places);
    v->places[at] = place;
}

static void take(struct op *o, const struct keyed_entries *of, struct keyed_entry *x, uint32_t pass)
{
    struct rank *r = o->self;
    bool fresh, top1 = rank_is_top1(r);
    (void)pass;
    if (x->state != r->data) {
        ks_skip(x);
        return;
    }
    struct kentry *at = kstate_at(of->state, x->key, x->key_null, &fresh);
    struct rank_value *v = (struct rank_value *)at->value;
    kstate_came(of->state, at, fresh, x->written);
    if (r->strategy == FIRST_COME)
        v->come = rd_i32(&x->value);
    else if (top1 || r->strategy != UPDATE_FAST)
        take_rows(o, r, v, x, top1 ? 1 : rd_count(&x->value, 4));
    else
        take_placed(o, r, v, x);
}

struct placed {
    struct row *row;
    int64_t written;
    int32_t place;
    uint32_t at;
};

static int by_place(const void *a, const void *b)
{
    const struct placed *x = a, *y = b;
    return x->place != y->place ? (x->place > y->place) - (x->place < y->place) : (x->at > y->at) - (x->at < y->at);
}

/* Equal rows go to their places. */
static bool settle(struct op *o, const struct keyed_entries *of, struct kentry *e, struct err *why)
{
    struct rank *r = o->self;
    struct rank_value *v = (struct rank_value *)e->value;
    (void)of;
    (void)why;
    if (!v->places)
        return true;
    struct placed *all = mem_alloc((v->n + 1) * sizeof *all);
    for (uint32_t i = 0; i < v->n; i++)
        all[i] = (struct placed){v->rows[i], when(v, i), v->places[i], i};
    for (uint32_t i = 0, n; i < v->n; i += n) {
        n = equals(r, v, i);
        qsort(all + i, n, sizeof *all, by_place);
    }
    for (uint32_t i = 0; i < v->n; i++) {
        v->rows[i] = all[i].row;
        if (v->written)
            v->written[i] = all[i].written;
    }
    free(all);
    pool_free(&r->pieces, v->places, v->cap * sizeof *v->places);
    v->places = NULL;
    return true;
}

static const struct keyed_form form = {.put = put, .take = take, .by_key = true, .settle = settle};
