/* stream-exec-window-rank, -window-deduplicate and -window-join: rows that have their window in a column, gathered until it is over
 * (WindowRankProcessor, RowTimeWindowDeduplicateProcessor, WindowJoinOperator of flink-table-runtime 2.3). */
#include <stdlib.h>
#include <string.h>

#include "base/wr.h"
#include "runtime/keyed.h"
#include "runtime/kstate.h"
#include "runtime/order.h"
#include "runtime/pair.h"
#include "runtime/window.h"

enum { INNER, LEFT, RIGHT, FULL, SEMI, ANTI };

struct window_rows {
    void (*over)(struct op *o, struct row *const *left, uint32_t n_left, struct row *const *right, uint32_t n_right);
    struct windowing w[2];
    uint32_t n_keys;
    const uint32_t *keys[2];
    bool drop_nulls[64];            /* join: a NULL there fits nothing */
    const struct ltype **key_types; /* the keys, then the window's end */
    struct kstate state;
    int64_t next;
    union cell *key;
    uint8_t *key_null;
    struct order order; /* rank */
    int64_t start, end_rank;
    bool numbered, last; /* rank; deduplicate */
    uint32_t order_key;
    int type; /* join */
    struct pair pair;
    enum { BY_ORDER, ONE, TWO_LISTS } layout; /* of its states in snapshots */
    uint32_t states[2], timers;
};

struct gathered {
    struct row **rows[2];
    uint32_t n[2], cap[2];
};

static void release(void *value)
{
    struct gathered *g = value;
    for (int s = 0; s < 2; s++) {
        for (uint32_t i = 0; i < g->n[s]; i++)
            free(g->rows[s][i]);
        free(g->rows[s]);
    }
}

static const struct keyed_form form;

static void declare(struct op *o, struct window_rows *w)
{
    ks_key(o, w->key_types, w->n_keys);
    struct ser *row = ks_row(o, o->in[0]->kids, o->in[0]->n);
    if (w->layout == BY_ORDER)
        w->states[0] = ks_add(o, "window_rank", KIND_MAP, KEYED_LONG, ks_row(o, w->order.types, w->order.n), ks_list(o, row));
    else if (w->layout == ONE)
        w->states[0] = ks_add(o, "window_deduplicate", KIND_VALUE, KEYED_LONG, NULL, row);
    else
        w->states[0] = ks_add(o, "left-records", KIND_LIST, KEYED_LONG, NULL, row);
    if (w->layout == TWO_LISTS)
        w->states[1] = ks_add(o, "right-records", KIND_LIST, KEYED_LONG, NULL, ks_row(o, o->in[1]->kids, o->in[1]->n));
    w->timers = ks_add_timers(o, "window-timers", KEYED_LONG);
    ks_entries(o, &w->state, NULL, &form, NULL);
}

static bool open_keys(struct op *o, struct window_rows *w, struct err *e)
{
    w->next = INT64_MAX;
    w->key_types = arena_array(o->a, w->n_keys + 1, sizeof *w->key_types);
    for (uint32_t i = 0; i < w->n_keys; i++)
        w->key_types[i] = o->in[0]->kids[w->keys[0][i]];
    w->key_types[w->n_keys] = type_simple(o->a, L_BIGINT, false);
    w->key = arena_array(o->a, w->n_keys + 1, sizeof *w->key);
    w->key_null = arena_alloc(o->a, w->n_keys + 1);
    kstate_init(&w->state, w->key_types, w->n_keys + 1, sizeof(struct gathered), release);
    for (uint32_t s = 0; s < o->n_in; s++)
        if (!w->w[s].attached)
            return op_refuse(o, e, "a window that is not in the rows");
    declare(o, w);
    return e->kind == ERR_NONE;
}

static void append(struct gathered *g, uint32_t side, struct row *row)
{
    if (g->n[side] == g->cap[side]) {
        g->cap[side] = g->cap[side] ? g->cap[side] * 2 : 4;
        g->rows[side] = mem_grow(g->rows[side], g->cap[side], sizeof(struct row *));
    }
    g->rows[side][g->n[side]++] = row;
}

static void batch(struct op *o, uint32_t input, const struct batch *b)
{
    struct window_rows *w = o->self;
    for (uint32_t i = 0; i < b->n; i++) {
        const struct vec *end = &b->cols[w->w[input].end];
        bool fresh;
        if (end->null[i] || windowing_closes(&w->w[input], o->ev, end->v[i].t.ms) <= o->wm) {
            op_count(&o->late, 1);
            continue;
        }
        for (uint32_t k = 0; k < w->n_keys; k++) {
            w->key[k] = b->cols[w->keys[input][k]].v[i];
            w->key_null[k] = b->cols[w->keys[input][k]].null[i];
        }
        w->key[w->n_keys].i = end->v[i].t.ms;
        if (end->v[i].t.ms < w->next)
            w->next = end->v[i].t.ms;
        struct gathered *g = (struct gathered *)kstate_at(&w->state, w->key, w->key_null, &fresh)->value;
        append(g, input, row_of(b, i, o->in[input]->kids, NULL, o->in[input]->n));
    }
}

/* Windows in the order of their ends. */
static void watermark(struct op *o, int64_t wm)
{
    struct window_rows *w = o->self;
    while (w->state.n && windowing_closes(&w->w[0], o->ev, w->next) <= wm && !op_failed(o)) {
        int64_t end = w->next;
        w->next = INT64_MAX;
        for (struct kentry *e = w->state.first, *next; e; e = next) {
            int64_t mine = e->key->v[w->n_keys].i;
            next = e->next;
            if (mine != end) {
                w->next = mine < w->next ? mine : w->next;
                continue;
            }
            struct gathered *g = (struct gathered *)e->value;
            bool nulls = false;
            for (uint32_t k = 0; k < w->n_keys; k++)
                nulls = nulls || (e->key->null[k] && w->drop_nulls[k]);
            if (nulls) { /* as if each side were alone */
                w->over(o, g->rows[0], g->n[0], NULL, 0);
                w->over(o, NULL, 0, g->rows[1], g->n[1]);
            } else {
                w->over(o, g->rows[0], g->n[0], g->rows[1], g->n[1]);
            }
            kstate_remove(&w->state, e);
        }
    }
}

/* --- rank --- */

static int by_order(const void *a, const void *b, void *ctx)
{
    struct row *const *x = a, *const *y = b;
    return order_rows(ctx, *x, *y);
}

static struct row **in_order(struct op *o, struct row *const *rows, uint32_t n)
{
    struct window_rows *w = o->self;
    struct row **sorted = scratch_alloc(&o->ev->heap, (n + 1) * sizeof *sorted),
               **spare = scratch_alloc(&o->ev->heap, (n + 1) * sizeof *spare);
    if (n)
        memcpy(sorted, rows, n * sizeof *rows);
    for (uint32_t width = 1; width < n; width *= 2) { /* a merge sort: rows that are equal keep their order */
        for (uint32_t from = 0; from < n; from += 2 * width) {
            uint32_t a = from, mid = from + width < n ? from + width : n, b = mid, end = mid + width < n ? mid + width : n,
                     k = from;
            while (k < end)
                spare[k++] = b == end || (a < mid && by_order(&sorted[a], &sorted[b], &w->order) <= 0) ? sorted[a++] : sorted[b++];
        }
        struct row **t = sorted;
        sorted = spare;
        spare = t;
    }
    return sorted;
}

static void rank_over(struct op *o, struct row *const *rows, uint32_t n, struct row *const *right, uint32_t n_right)
{
    struct window_rows *w = o->self;
    struct row **sorted = in_order(o, rows, n);
    (void)right;
    (void)n_right;
    for (uint32_t i = 0; i < n && (int64_t)i < w->end_rank; i++) {
        if ((int64_t)i + 1 < w->start)
            continue;
        uint32_t row = op_row(o, ROW_INSERT);
        pair_put(o, row, 0, sorted[i], sorted[i]->n);
        if (w->numbered)
            op_put(o, row, sorted[i]->n, (union cell){.i = i + 1}, 0);
    }
}

static bool rank_open(struct op *o, struct err *e)
{
    struct window_rows *w = o->self = arena_alloc(o->a, sizeof *w);
    const struct value *json = o->node->json, *range = cplan_member(json, "rankRange");
    w->over = rank_over;
    w->numbered = cplan_bool(json, "outputRowNumber", false, e);
    w->start = cplan_int(range, "start", 1, e);
    w->end_rank = cplan_int(range, "end", -1, e);
    if (strcmp(cplan_text(json, "rankType", "ROW_NUMBER", e), "ROW_NUMBER") || strcmp(cplan_text(range, "type", "", e), "Constant"))
        return op_refuse(o, e, "a Top-N by anything but ROW_NUMBER and a number");
    w->keys[0] = cplan_ints(o->a, cplan_member(json, "partitionSpec"), "fields", o->in[0]->n, &w->n_keys, e);
    if (o->n_cols != o->in[0]->n + w->numbered)
        return err_set(e, ERR_CORRUPT, "its output is not its input");
    return windowing_read(&w->w[0], o, cplan_member(json, "windowing"), o->in[0], e) &&
        order_read(&w->order, o, cplan_member(json, "sortSpec"), o->in[0], e) && open_keys(o, w, e);
}

/* --- deduplicate --- */

static const struct row *best_of(const struct window_rows *w, struct row *const *rows, uint32_t n)
{
    const struct row *best = NULL;
    for (uint32_t i = 0; i < n; i++) {
        int64_t now = rows[i]->v[w->order_key].t.ms, then = best ? best->v[w->order_key].t.ms : 0;
        if (!best || (w->last ? then <= now : now < then))
            best = rows[i];
    }
    return best;
}

static void dedup_over(struct op *o, struct row *const *rows, uint32_t n, struct row *const *right, uint32_t n_right)
{
    const struct row *best = best_of(o->self, rows, n);
    (void)right;
    (void)n_right;
    if (best)
        pair_put(o, op_row(o, ROW_INSERT), 0, best, best->n);
}

static bool dedup_open(struct op *o, struct err *e)
{
    struct window_rows *w = o->self = arena_alloc(o->a, sizeof *w);
    const struct value *json = o->node->json;
    int64_t key = cplan_int(json, "orderKey", -1, e);
    w->over = dedup_over;
    w->layout = ONE;
    w->last = cplan_bool(json, "keepLastRow", false, e);
    w->keys[0] = cplan_ints(o->a, json, "partitionKeys", o->in[0]->n, &w->n_keys, e);
    if (key < 0 || key >= o->in[0]->n || !type_is_timestamp(o->in[0]->kids[key]) || o->n_cols != o->in[0]->n)
        return err_set(e, ERR_CORRUPT, "its order is by no time");
    w->order_key = (uint32_t)key;
    return windowing_read(&w->w[0], o, cplan_member(json, "windowing"), o->in[0], e) && open_keys(o, w, e);
}

/* --- join --- */

static void put_pair(struct op *o, const struct row *left, const struct row *right)
{
    struct window_rows *w = o->self;
    uint32_t row = op_row(o, ROW_INSERT);
    pair_put(o, row, 0, left, o->in[0]->n);
    if (w->type < SEMI)
        pair_put(o, row, o->in[0]->n, right, o->in[1]->n);
}

static void join_over(struct op *o, struct row *const *left, uint32_t n_left, struct row *const *right, uint32_t n_right)
{
    struct window_rows *w = o->self;
    bool *met = scratch_alloc(&o->ev->heap, n_right + 1);
    memset(met, 0, n_right + 1);
    for (uint32_t l = 0; l < n_left; l++) {
        bool some = false;
        for (uint32_t r = 0; r < n_right && !(some && w->type >= SEMI); r++)
            if (pair_fits(&w->pair, o, left[l], right[r])) {
                some = met[r] = true;
                if (w->type < SEMI)
                    put_pair(o, left[l], right[r]);
            }
        if (w->type == SEMI ? some : !some && (w->type == LEFT || w->type == FULL || w->type == ANTI))
            put_pair(o, left[l], NULL);
    }
    for (uint32_t r = 0; r < n_right && (w->type == RIGHT || w->type == FULL); r++)
        if (!met[r])
            put_pair(o, NULL, right[r]);
}

static bool join_open(struct op *o, struct err *e)
{
    static const char *const types[] = {"INNER", "LEFT", "RIGHT", "FULL", "SEMI", "ANTI"};
    struct window_rows *w = o->self = arena_alloc(o->a, sizeof *w);
    const struct value *json = o->node->json, *spec = cplan_member(json, "joinSpec"), *nulls = cplan_member(spec, "filterNulls");
    const char *type = cplan_text(spec, "joinType", "", e);
    uint32_t n, l = o->in[0]->n, both = l + o->in[1]->n;
    w->over = join_over;
    w->layout = TWO_LISTS;
    while (w->type <= ANTI && strcmp(types[w->type], type))
        w->type++;
    if (w->type > ANTI)
        return op_refuse(o, e, arena_printf(o->a, "join type %s", type));
    w->keys[0] = cplan_ints(o->a, spec, "leftKeys", l, &w->n_keys, e);
    w->keys[1] = cplan_ints(o->a, spec, "rightKeys", o->in[1]->n, &n, e);
    if (n != w->n_keys || n > 64 || o->n_cols != (w->type < SEMI ? both : l))
        return err_set(e, ERR_CORRUPT, "its keys or columns do not fit");
    for (uint32_t i = 0; i < n; i++) {
        w->drop_nulls[i] =
            !nulls || nulls->kind != VAL_LIST || i >= nulls->n || nulls->items[i].kind != VAL_BOOL || nulls->items[i].b;
        if (o->in[0]->kids[w->keys[0][i]]->slot != o->in[1]->kids[w->keys[1][i]]->slot)
            return err_set(e, ERR_CORRUPT, "its sides have keys of different types");
    }
    if (!pair_read(&w->pair, o, spec, e))
        return false;
    return windowing_read(&w->w[0], o, cplan_member(json, "leftWindowing"), o->in[0], e) &&
        windowing_read(&w->w[1], o, cplan_member(json, "rightWindowing"), o->in[1], e) && open_keys(o, w, e);
}

/* --- snapshots --- */

static void put_by_order(struct op *o, struct snap *to, const struct gathered *g, int64_t end)
{
    struct window_rows *w = o->self;
    struct buf *key = &o->keyed->user_key, *value = &o->keyed->value;
    struct row **rows = in_order(o, g->rows[0], g->n[0]);
    for (uint32_t i = 0, n; i < g->n[0]; i += n) {
        for (n = 1; i + n < g->n[0] && !order_rows(&w->order, rows[i], rows[i + n]); n++)
            ;
        key->n = value->n = 0;
        ks_put_columns(key, w->order.types, rows[i], w->order.columns, w->order.n);
        wr_u32(value, n);
        for (uint32_t k = 0; k < n; k++)
            ks_put_kept(value, o->in[0]->kids, rows[i + k]);
        snap_map(to, o, w->states[0], &end, key, value);
    }
}

static void put_list(struct op *o, struct snap *to, const struct gathered *g, uint32_t side, int64_t end)
{
    struct window_rows *w = o->self;
    struct buf *value = &o->keyed->value;
    value->n = 0;
    wr_u32(value, g->n[side]);
    for (uint32_t i = 0; i < g->n[side]; i++)
        ks_put_kept(value, o->in[side]->kids, g->rows[side][i]);
    if (g->n[side])
        snap_value(to, o, w->states[side], &end, value);
}

static void put_entry(struct op *o, const struct keyed_entries *of, struct kentry *e, struct snap *to)
{
    struct window_rows *w = o->self;
    const struct gathered *g = (const struct gathered *)e->value;
    int64_t end = e->key->v[w->n_keys].i;
    (void)of;
    if (w->layout == BY_ORDER) {
        put_by_order(o, to, g, end);
    } else if (w->layout == TWO_LISTS) {
        put_list(o, to, g, 0, end);
        put_list(o, to, g, 1, end);
    } else {
        o->keyed->value.n = 0;
        ks_put_kept(&o->keyed->value, o->in[0]->kids, best_of(w, g->rows[0], g->n[0]));
        snap_value(to, o, w->states[0], &end, &o->keyed->value);
    }
}

static void put_timers(struct op *o, const struct keyed_entries *of, struct kentry *e, struct snap *to)
{
    const struct window_rows *w = o->self;
    int64_t end = e->key->v[w->n_keys].i;
    (void)of;
    snap_timer(to, o, w->timers, &end, windowing_closes(&w->w[0], o->ev, end));
}

static void take_entry(struct op *o, const struct keyed_entries *of, struct keyed_entry *x, uint32_t pass)
{
    struct window_rows *w = o->self;
    uint32_t side = w->layout == TWO_LISTS && x->state == w->states[1];
    bool fresh;
    (void)pass;
    memcpy(w->key, x->key, w->n_keys * sizeof *w->key);
    memcpy(w->key_null, x->key_null, w->n_keys);
    w->key[w->n_keys].i = x->ns[0];
    w->next = x->ns[0] < w->next ? x->ns[0] : w->next;
    struct gathered *g = (struct gathered *)kstate_at(of->state, w->key, w->key_null, &fresh)->value;
    for (uint32_t n = w->layout == BY_ORDER ? rd_count(&x->value, 4) : 1; n && rd_ok(&x->value); n--) {
        struct row *row = ks_get_row(x, &x->value, o->in[side]->kids, o->in[side]->n);
        if (row)
            append(g, side, row);
    }
    x->user_key.p = x->user_key.end; /* part of the rows */
}

static const struct keyed_form form = {.put = put_entry, .timers = put_timers, .take = take_entry};

static const char *const lists[] = {"watermark", NULL};

static void snapshot(struct op *o, uint64_t checkpoint, struct snap *to)
{
    const struct window_rows *w = o->self;
    (void)checkpoint;
    if (w->layout != TWO_LISTS)
        snap_put_long(to, lists[0], o->wm);
}

static bool restore(struct op *o, const struct snap *of, struct err *e)
{
    int64_t wm = snap_least(of, lists[0]);
    (void)e;
    if (wm != INT64_MAX)
        o->wm = wm;
    return true;
}

static void close_op(struct op *o)
{
    struct window_rows *w = o->self;
    if (w && w->key_types)
        kstate_clear(&w->state);
}

#define WINDOW_ROWS(open_, inputs)                                                                                      \
    {                                                                                                                   \
        .open = open_, .batch = batch, .watermark = watermark, .close = close_op, .lists = lists, .snapshot = snapshot, \
        .restore = restore, .min_inputs = inputs, .max_inputs = inputs                                                  \
    }
const struct op_class op_window_rank = WINDOW_ROWS(rank_open, 1);
const struct op_class op_window_dedup = WINDOW_ROWS(dedup_open, 1);
const struct op_class op_window_join = WINDOW_ROWS(join_open, 2);
