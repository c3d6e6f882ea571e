/* stream-exec-rank, -sort-limit, -limit: the first rows of each partition, kept up to date (AppendOnlyTopNFunction, FastTop1Function,
 * UpdatableTopNFunction, RetractableTopNFunction of flink-table-runtime 2.3). */
#include <stdlib.h>
#include <string.h>

#include "base/wr.h"
#include "runtime/keyed.h"
#include "runtime/kstate.h"
#include "runtime/order.h"

enum strategy {
    APPEND_FAST,
    UPDATE_FAST,
    RETRACT,
    FIRST_COME /* the first rows are the first ones: nothing but their number is kept (AppendOnlyFirstNFunction) */
};

struct rank {
    uint32_t n_keys, n_row, n_unique;
    const uint32_t *keys, *unique; /* partition; the row's own key (UPDATE_FAST) */
    const struct ltype **key_types;
    struct order order;
    int64_t start, end; /* from 1, both included */
    enum strategy strategy;
    bool numbered, update_before;
    struct kstate state;
    union cell *key;
    uint8_t *key_null;
    const struct ltype **unique_types;
    uint32_t data;       /* the state in snapshots */
    struct row **before; /* of the rows in the range, before a change */
    uint32_t n_before, cap_before;
};

/* A partition's rows in order. Append-only ones have no more than `end`. */
struct rank_value {
    struct row **rows;
    uint32_t n, cap;
    int64_t come; /* FIRST_COME: rows so far */
};

static void release(void *value)
{
    struct rank_value *v = value;
    for (uint32_t i = 0; i < v->n; i++)
        free(v->rows[i]);
    free(v->rows);
}

static bool read_range(struct op *o, struct rank *r, struct err *e)
{
    const struct value *range = cplan_member(o->node->json, "rankRange");
    const char *kind = cplan_text(range, "type", "Constant", e), *type = cplan_text(o->node->json, "rankType", "ROW_NUMBER", e);
    if (strcmp(kind, "Constant"))
        return op_refuse(o, e, "a Top-N whose N is a column");
    if (strcmp(type, "ROW_NUMBER"))
        return op_refuse(o, e, arena_printf(o->a, "a Top-N by %s", type));
    r->start = cplan_int(range, "start", 1, e);
    r->end = cplan_int(range, "end", -1, e);
    if (r->start < 1 || r->end < 0 || r->end > INT32_MAX)
        return err_set(e, ERR_CORRUPT, "its range is none");
    return true;
}

static bool read_strategy(struct op *o, struct rank *r, struct err *e)
{
    const struct value *s = cplan_member(o->node->json, "rankStrategy");
    const char *type = cplan_text(s, "type", "", e);
    if (!strcmp(type, "AppendFast"))
        r->strategy = APPEND_FAST;
    else if (!strcmp(type, "Retract"))
        r->strategy = RETRACT;
    else if (!strcmp(type, "UpdateFast"))
        r->strategy = UPDATE_FAST;
    else
        return op_refuse(o, e, arena_printf(o->a, "rank strategy %s", type));
    r->unique = cplan_ints(o->a, s, "primaryKeys", r->n_row, &r->n_unique, e);
    return true;
}

static bool is_top1(const struct rank *r) { return r->strategy != RETRACT && r->start == 1 && r->end == 1; }

/* Its state in snapshots. Flink's retracting function has a map of sort keys beside its rows, sorted by a comparator whose generated code is
 * part of the snapshot, and which weir does not write: what stands for it makes Flink refuse the state, instead of losing it. */
static void declare(struct op *o, struct rank *r)
{
    ks_key(o, r->key_types, r->n_keys);
    struct ser *row = ks_row(o, o->in[0]->kids, r->n_row);
    r->unique_types = arena_array(o->a, r->n_unique + 1, sizeof *r->unique_types);
    for (uint32_t i = 0; i < r->n_unique; i++)
        r->unique_types[i] = o->in[0]->kids[r->unique[i]];
    struct ser *sort = ks_row(o, r->order.types, r->order.n), *number = ks_plain(o, "Integer");
    if (r->strategy == FIRST_COME)
        r->data = ks_add(o, "counterState", KIND_VALUE, KEYED_VOID, NULL, number);
    else if (is_top1(r))
        r->data = ks_add(o, "Top1-Rank-State", KIND_VALUE, KEYED_VOID, NULL, row);
    else if (r->strategy == UPDATE_FAST)
        r->data = ks_add(o, "data-state-with-update", KIND_MAP, KEYED_VOID, ks_row(o, r->unique_types, r->n_unique),
                         ks_pair(o, row, number));
    else
        r->data = ks_add(o, r->strategy == RETRACT ? "data-state" : "data-state-with-append", KIND_MAP, KEYED_VOID, sort,
                         ks_list(o, row));
    if (r->strategy == RETRACT)
        ks_add(o, "sorted-map", KIND_VALUE, KEYED_VOID, NULL, NULL);
    ks_add_timers(o, "user-timers", KEYED_VOID);
}

static bool open_op(struct op *o, struct err *e)
{
    struct rank *r = o->self = arena_alloc(o->a, sizeof *r);
    const struct ltype *row = o->in[0];
    r->n_row = row->n;
    r->keys = cplan_ints(o->a, cplan_member(o->node->json, "partition"), "fields", row->n, &r->n_keys, e);
    r->numbered = cplan_bool(o->node->json, "outputRowNumber", false, e);
    r->update_before = cplan_bool(o->node->json, "generateUpdateBefore", false, e);
    if (!read_range(o, r, e) || !read_strategy(o, r, e) ||
        !order_read(&r->order, o, cplan_member(o->node->json, "orderBy"), row, e))
        return false;
    if (o->n_cols != row->n + r->numbered)
        return err_set(e, ERR_CORRUPT, "its output is not its input%s", r->numbered ? " and a number" : "");
    r->key_types = arena_array(o->a, r->n_keys + 1, sizeof *r->key_types);
    for (uint32_t i = 0; i < r->n_keys; i++)
        r->key_types[i] = row->kids[r->keys[i]];
    r->key = arena_array(o->a, r->n_keys + 1, sizeof *r->key);
    r->key_null = arena_alloc(o->a, r->n_keys + 1);
    kstate_init(&r->state, r->key_types, r->n_keys, sizeof(struct rank_value), release);
    if (r->strategy == APPEND_FAST && r->order.n == 1 && r->order.fields[0].ascending && type_is_proctime(r->order.fields[0].type))
        r->strategy = FIRST_COME;
    declare(o, r);
    return e->kind == ERR_NONE;
}

static void emit(struct op *o, enum row_kind kind, const struct row *row, int64_t number)
{
    struct rank *r = o->self;
    if (kind == ROW_UPDATE_BEFORE && !r->update_before)
        return;
    uint32_t at = op_row(o, kind);
    for (uint32_t c = 0; c < row->n; c++)
        op_keep(o, at, c, row->v[c], row->null[c]);
    if (r->numbered)
        op_put(o, at, row->n, (union cell){.i = number}, 0);
}

/* Behind all rows that are not above it. */
static void insert(struct rank *r, struct rank_value *v, struct row *row)
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
        v->rows = mem_grow(v->rows, v->cap = v->cap ? v->cap * 2 : 4, sizeof *v->rows);
    memmove(v->rows + low + 1, v->rows + low, (v->n - low) * sizeof *v->rows);
    v->rows[low] = row;
    v->n++;
}

static struct row *take(struct rank_value *v, uint32_t i)
{
    struct row *row = v->rows[i];
    memmove(v->rows + i, v->rows + i + 1, (v->n - i - 1) * sizeof *v->rows);
    v->n--;
    return row;
}

static uint32_t find_same(struct op *o, struct rank_value *v, const struct row *row)
{
    struct rank *r = o->self;
    for (uint32_t i = 0; i < v->n; i++) {
        bool same = true;
        if (r->strategy != UPDATE_FAST) {
            same = row_same(o->in[0]->kids, v->rows[i], row);
        } else {
            for (uint32_t k = 0; k < r->n_unique && same; k++) {
                uint32_t c = r->unique[k];
                same = v->rows[i]->null[c] == row->null[c] &&
                    (row->null[c] || cell_same(o->in[0]->kids[c], v->rows[i]->v[c], row->v[c]));
            }
        }
        if (same)
            return i;
    }
    return v->n;
}

static bool in_range(const struct rank *r, uint32_t i) { return (int64_t)i + 1 >= r->start && (int64_t)i + 1 <= r->end; }

static void remember(struct rank *r, const struct rank_value *v)
{
    r->n_before = 0;
    for (uint32_t i = (uint32_t)r->start - 1; i < v->n && in_range(r, i); i++) {
        if (r->n_before == r->cap_before)
            r->before = mem_grow(r->before, r->cap_before = r->cap_before ? r->cap_before * 2 : 16, sizeof *r->before);
        r->before[r->n_before++] = v->rows[i];
    }
}

static bool among(struct row *const *list, uint32_t n, const struct row *row)
{
    for (uint32_t i = 0; i < n; i++)
        if (list[i] == row)
            return true;
    return false;
}

/* With numbers: each place by itself. */
static void numbered_changes(struct op *o, struct row *const *after, uint32_t n)
{
    struct rank *r = o->self;
    for (uint32_t i = 0; i < r->n_before || i < n; i++) {
        int64_t number = r->start + i;
        if (i >= r->n_before) {
            emit(o, ROW_INSERT, after[i], number);
        } else if (i >= n) {
            emit(o, ROW_DELETE, r->before[i], number);
        } else if (r->before[i] != after[i] && !row_same(o->in[0]->kids, r->before[i], after[i])) {
            emit(o, ROW_UPDATE_BEFORE, r->before[i], number);
            emit(o, ROW_UPDATE_AFTER, after[i], number);
        }
    }
}

/* Without: which rows have gone, which have come. One for one, they are an update where Flink's function says so. */
static void plain_changes(struct op *o, struct row *const *after, uint32_t n, bool update)
{
    struct rank *r = o->self;
    const struct row *gone = NULL, *come = NULL;
    for (uint32_t i = 0; i < r->n_before; i++)
        if (!among(after, n, r->before[i]))
            gone = r->before[i];
    for (uint32_t i = 0; i < n; i++)
        if (!among(r->before, r->n_before, after[i]))
            come = after[i];
    if (gone && come && update && row_same(o->in[0]->kids, gone, come))
        return;
    if (gone && (!come || !update))
        emit(o, ROW_DELETE, gone, 0);
    else if (gone)
        emit(o, ROW_UPDATE_BEFORE, gone, 0);
    if (come)
        emit(o, gone && update ? ROW_UPDATE_AFTER : ROW_INSERT, come, 0);
}

static void changes(struct op *o, struct rank_value *v, bool update)
{
    struct rank *r = o->self;
    uint32_t first = (uint32_t)r->start - 1, n = v->n > first ? v->n - first : 0;
    if (n > (uint64_t)(r->end - r->start + 1))
        n = r->end >= r->start ? (uint32_t)(r->end - r->start + 1) : 0;
    struct row *const *after = v->rows + (n ? first : 0);
    if (r->numbered)
        numbered_changes(o, after, n);
    else
        plain_changes(o, after, n, update);
}

static void first_come(struct op *o, struct rank_value *v, const struct batch *b, uint32_t at)
{
    struct rank *r = o->self;
    if (v->come >= r->end || ++v->come < r->start)
        return;
    uint32_t row = op_row(o, ROW_INSERT);
    for (uint32_t c = 0; c < r->n_row; c++)
        op_put(o, row, c, b->cols[c].v[at], b->cols[c].null[at]);
    if (r->numbered)
        op_put(o, row, r->n_row, (union cell){.i = v->come}, 0);
}

static void one_row(struct op *o, const struct batch *b, uint32_t at)
{
    struct rank *r = o->self;
    bool fresh, adds = batch_kind(b, at) == ROW_INSERT || batch_kind(b, at) == ROW_UPDATE_AFTER;
    for (uint32_t i = 0; i < r->n_keys; i++) {
        r->key[i] = b->cols[r->keys[i]].v[at];
        r->key_null[i] = b->cols[r->keys[i]].null[at];
    }
    struct kentry *e = kstate_at(&r->state, r->key, r->key_null, &fresh);
    struct rank_value *v = (struct rank_value *)e->value;
    if (r->strategy == FIRST_COME) {
        first_come(o, v, b, at);
        return;
    }
    struct row *row = row_of(b, at, o->in[0]->kids, NULL, r->n_row), *out = NULL;
    bool update = r->strategy != RETRACT && r->end == 1;
    remember(r, v);
    if (r->strategy == RETRACT ? !adds : r->strategy == UPDATE_FAST) {
        uint32_t i = find_same(o, v, row);
        if (i < v->n) {
            out = take(v, i);
            update = adds;
        }
    }
    if (adds)
        insert(r, v, row);
    struct row *beyond = r->strategy == APPEND_FAST && v->n > (uint64_t)r->end ? take(v, v->n - 1) : NULL;
    changes(o, v, update);
    free(out);
    free(beyond);
    if (!adds)
        free(row);
    if (!v->n)
        kstate_remove(&r->state, e);
}

static void batch(struct op *o, uint32_t input, const struct batch *b)
{
    (void)input;
    for (uint32_t i = 0; i < b->n && !op_failed(o); i++)
        one_row(o, b, i);
}

static void close_op(struct op *o)
{
    struct rank *r = o->self;
    if (!r)
        return;
    kstate_clear(&r->state);
    free(r->before);
}

/* --- snapshots --- */

/* Rows with one sort key stand beside each other: how many from i on. */
static uint32_t equals(const struct rank *r, const struct rank_value *v, uint32_t i)
{
    uint32_t n = 1;
    while (i + n < v->n && !order_rows(&r->order, v->rows[i], v->rows[i + n]))
        n++;
    return n;
}

static void put_partition(struct op *o, struct rank *r, const struct rank_value *v, struct snap *to, struct buf *key,
                          struct buf *value)
{
    const struct ltype *const *types = o->in[0]->kids;
    for (uint32_t i = 0, n; i < v->n; i += n) {
        n = equals(r, v, i);
        key->n = value->n = 0;
        if (is_top1(r)) {
            ks_put_kept(value, types, v->rows[i]);
            snap_value(to, o, r->data, NULL, value);
            return;
        }
        if (r->strategy == UPDATE_FAST) {
            for (uint32_t k = 0; k < n; k++) {
                key->n = value->n = 0;
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

static void snapshot(struct op *o, uint64_t checkpoint, struct snap *to)
{
    struct rank *r = o->self;
    struct buf key = {0}, value = {0};
    (void)checkpoint;
    for (const struct kentry *e = r->state.first; e; e = e->next) {
        const struct rank_value *v = (const struct rank_value *)e->value;
        snap_key(to, o, e->key->v, e->key->null);
        if (r->strategy == FIRST_COME) {
            value.n = 0;
            wr_i32(&value, (int32_t)v->come);
            snap_value(to, o, r->data, NULL, &value);
        } else {
            put_partition(o, r, v, to, &key, &value);
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
            insert(r, v, row);
    }
    x->user_key.p = x->user_key.end; /* part of the rows */
}

static bool restore(struct op *o, const struct snap *of, struct err *e)
{
    struct rank *r = o->self;
    struct ks_walk w = ks_walk_of(o, of);
    struct placed *all = NULL;
    uint32_t n = 0, cap = 0;
    bool fresh, top1 = is_top1(r);
    while (ks_next(&w, e)) {
        if (w.entry.state != r->data) {
            ks_skip(&w.entry);
            continue;
        }
        struct rank_value *v = (struct rank_value *)kstate_at(&r->state, w.entry.key, w.entry.key_null, &fresh)->value;
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
                all[n] = (struct placed){v, row, place, n};
                n++;
            }
        }
    }
    if (n)
        qsort(all, n, sizeof *all, by_place);
    for (uint32_t i = 0; i < n; i++)
        insert(r, all[i].v, all[i].row);
    free(all);
    ks_walk_end(&w);
    return e->kind == ERR_NONE;
}

const struct op_class op_rank = {.open = open_op,
                                 .batch = batch,
                                 .close = close_op,
                                 .uid = "rank",
                                 .snapshot = snapshot,
                                 .restore = restore,
                                 .min_inputs = 1,
                                 .max_inputs = 1};
