/* The rows that Top-N keeps, and its state in snapshots (AppendOnlyTopNFunction, FastTop1Function, UpdatableTopNFunction,
 * RetractableTopNFunction of flink-table-runtime 2.3). */
#include <stdlib.h>
#include <string.h>

#include "base/wr.h"
#include "runtime/rank.h"
#include "savepoint/ser_write.h"

void rank_release(void *value)
{
    struct rank_value *v = value;
    for (uint32_t i = 0; i < v->n; i++)
        free(v->rows[i]);
    if (v->cap)
        free(v->written);
    free(v->rows);
}

uint32_t rank_insert(const struct rank *r, struct rank_value *v, struct row *row, int64_t written)
{
    uint32_t low = 0, high = v->n;
    while (low < high) {
        uint32_t mid = (low + high) / 2;
        if (order_rows(&r->order, v->rows[mid], row) <= 0)
            low = mid + 1;
        else
            high = mid;
    }
    if (v->n == v->cap) {
        v->rows = mem_grow(v->rows, v->cap = v->cap ? v->cap * 2 : 4, sizeof *v->rows);
        if (r->ttl.ms)
            v->written = mem_grow(v->written, v->cap, sizeof *v->written);
    }
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

void rank_prune(const struct rank *r, struct rank_value *v)
{
    uint32_t n = 0;
    if (!r->ttl.ms || r->strategy == FIRST_COME)
        return;
    for (uint32_t i = 0; i < v->n; i++) {
        if (ttl_over(&r->ttl, v->written[i])) {
            free(v->rows[i]);
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
}

static void put_partition(struct op *o, struct rank *r, const struct rank_value *v, struct snap *to, struct buf *key,
                          struct buf *value)
{
    const struct ltype *const *types = o->in[0]->kids;
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
static void put_counts(struct op *o, struct rank *r, const struct rank_value *v, struct snap *to, struct buf *value)
{
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

void rank_snapshot(struct op *o, uint64_t checkpoint, struct snap *to)
{
    struct rank *r = o->self;
    struct buf key = {0}, value = {0};
    (void)checkpoint;
    ttl_look(&r->ttl, o);
    kstate_purge(&r->state);
    for (struct kentry *e = r->state.first; e; e = e->next) {
        struct rank_value *v = (struct rank_value *)e->value;
        rank_prune(r, v);
        snap_key(to, o, e->key->v, e->key->null);
        if (r->strategy == FIRST_COME) {
            value.n = 0;
            snap_written(o, kstate_when(&r->state, e));
            wr_i32(&value, (int32_t)v->come);
            snap_value(to, o, r->data, NULL, &value);
        } else {
            put_partition(o, r, v, to, &key, &value);
            if (r->strategy == RETRACT && v->n)
                put_counts(o, r, v, to, &value);
        }
    }
    buf_free(&key);
    buf_free(&value);
}

/* Rows of UPDATE_FAST, to be put in by their places among equals. */
struct placed {
    struct rank_value *v;
    struct row *row;
    int32_t place;
    uint32_t at;
    int64_t written;
};

static int by_place(const void *a, const void *b)
{
    const struct placed *x = a, *y = b;
    return x->place != y->place ? (x->place > y->place) - (x->place < y->place) : (x->at > y->at) - (x->at < y->at);
}

static void take_rows(struct op *o, struct rank *r, struct rank_value *v, struct keyed_entry *x, uint32_t n)
{
    while (n-- && rd_ok(&x->value)) {
        struct row *row = ks_get_row(x, &x->value, o->in[0]->kids, r->n_row);
        if (row)
            rank_insert(r, v, row, x->written);
    }
    x->user_key.p = x->user_key.end; /* part of the rows */
}

bool rank_restore(struct op *o, const struct snap *of, struct err *e)
{
    struct rank *r = o->self;
    struct ks_walk w = ks_walk_of(o, of);
    struct placed *all = NULL;
    uint32_t n = 0, cap = 0;
    bool fresh, top1 = rank_is_top1(r);
    ttl_look(&r->ttl, o);
    while (ks_next(&w, e)) {
        if (w.entry.state != r->data) {
            ks_skip(&w.entry);
            continue;
        }
        struct kentry *at = kstate_at(&r->state, w.entry.key, w.entry.key_null, &fresh);
        struct rank_value *v = (struct rank_value *)at->value;
        kstate_came(&r->state, at, fresh, w.entry.written);
        if (r->strategy == FIRST_COME) {
            v->come = rd_i32(&w.entry.value);
        } else if (top1 || r->strategy != UPDATE_FAST) {
            take_rows(o, r, v, &w.entry, top1 ? 1 : rd_count(&w.entry.value, 4));
        } else {
            struct row *row = ks_get_row(&w.entry, &w.entry.value, o->in[0]->kids, r->n_row);
            int32_t place = rd_i32(&w.entry.value);
            w.entry.user_key.p = w.entry.user_key.end;
            if (n == cap)
                all = mem_grow(all, cap = cap ? cap * 2 : 16, sizeof *all);
            if (row) {
                all[n] = (struct placed){v, row, place, n, w.entry.written};
                n++;
            }
        }
    }
    if (n)
        qsort(all, n, sizeof *all, by_place);
    for (uint32_t i = 0; i < n; i++)
        rank_insert(r, all[i].v, all[i].row, all[i].written);
    free(all);
    ks_walk_end(&w);
    return e->kind == ERR_NONE;
}
