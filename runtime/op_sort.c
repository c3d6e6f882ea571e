/* stream-exec-temporal-sort and stream-exec-sort: rows in order. By event time, those that the watermark has passed go out (RowTimeSortOperator of
 * flink-table-runtime 2.3); by anything else, all of them when the input ends (StreamSortOperator). */
#include <stdlib.h>
#include <string.h>

#include "base/wr.h"
#include "runtime/binrow.h"
#include "runtime/keyed.h"
#include "runtime/order.h"

struct sort {
    struct order order;
    bool by_time;
    uint32_t time;
    struct row **rows; /* as they came */
    uint32_t n, cap;
    int64_t next;                /* the least time that waits */
    int64_t last;                /* the time of the last row that has gone */
    uint32_t data, sent, timers; /* by time: states in snapshots */
};

static bool open_order(struct op *o, struct err *e)
{
    struct sort *s = o->self = arena_alloc(o->a, sizeof *s);
    s->next = INT64_MAX;
    s->last = INT64_MIN;
    if (o->n_cols != o->in[0]->n)
        return err_set(e, ERR_CORRUPT, "its output has other columns than its input");
    return order_read(&s->order, o, cplan_member(o->node->json, "orderBy"), o->in[0], e);
}

static bool temporal_open(struct op *o, struct err *e)
{
    if (!open_order(o, e))
        return false;
    struct sort *s = o->self;
    if (!s->order.n || !type_is_rowtime(s->order.fields[0].type) || !s->order.fields[0].ascending)
        return op_refuse(o, e, "a temporal sort that is not by ascending event time");
    s->by_time = true;
    s->time = s->order.fields[0].column;
    ks_key(o, NULL, 0);
    struct ser *row = ks_row(o, o->in[0]->kids, o->in[0]->n), *number = ks_plain(o, "Long");
    s->data = ks_add(o, "dataState", KIND_MAP, KEYED_VOID, number, ks_list(o, row));
    s->sent = ks_add(o, "lastTriggeringTsState", KIND_VALUE, KEYED_VOID, NULL, number);
    s->timers = ks_add_timers(o, "user-timers", KEYED_VOID);
    return true;
}

static void append(struct sort *s, struct row *row)
{
    if (s->n == s->cap)
        s->rows = mem_grow(s->rows, s->cap = s->cap ? s->cap * 2 : 64, sizeof *s->rows);
    if (s->by_time && row->v[s->time].t.ms < s->next)
        s->next = row->v[s->time].t.ms;
    s->rows[s->n++] = row;
}

static void batch(struct op *o, uint32_t input, const struct batch *b)
{
    struct sort *s = o->self;
    (void)input;
    for (uint32_t i = 0; i < b->n && !op_failed(o); i++) {
        if (batch_kind(b, i) != ROW_INSERT) {
            op_fail(o, ERR_CONVERT, "changes cannot be sorted");
            return;
        }
        if (s->by_time && (b->cols[s->time].null[i] || b->cols[s->time].v[i].t.ms <= s->last)) {
            op_count(&o->late, 1); /* behind one that has gone */
            continue;
        }
        append(s, row_of(b, i, o->in[0]->kids, NULL, o->in[0]->n));
    }
}

/* A merge sort: rows that are equal keep their order. */
static void in_order(const struct order *order, struct row **rows, uint32_t n)
{
    struct row **from = rows, **to = mem_alloc((n + 1) * sizeof *to), **spare = to;
    for (uint32_t width = 1; width < n; width *= 2) {
        for (uint32_t at = 0; at < n; at += 2 * width) {
            uint32_t a = at, mid = at + width < n ? at + width : n, b = mid, end = mid + width < n ? mid + width : n;
            for (uint32_t k = at; k < end; k++)
                to[k] = b == end || (a < mid && order_rows(order, from[a], from[b]) <= 0) ? from[a++] : from[b++];
        }
        struct row **t = from;
        from = to;
        to = t;
    }
    if (from != rows)
        memcpy(rows, from, n * sizeof *rows);
    free(spare);
}

static void send(struct op *o, uint32_t n)
{
    struct sort *s = o->self;
    in_order(&s->order, s->rows, n);
    for (uint32_t i = 0; i < n; i++) {
        const struct row *r = s->rows[i];
        uint32_t row = op_row(o, ROW_INSERT);
        for (uint32_t c = 0; c < o->n_cols; c++)
            op_keep(o, row, c, r->v[c], r->null[c]);
        free(s->rows[i]);
    }
    s->n -= n;
    if (s->n)
        memmove(s->rows, s->rows + n, s->n * sizeof *s->rows);
}

static void watermark(struct op *o, int64_t wm)
{
    struct sort *s = o->self;
    uint32_t due = 0;
    if (!s->by_time || s->next > wm)
        return;
    struct row **waiting = mem_alloc((s->n + 1) * sizeof *waiting);
    uint32_t n_waiting = 0;
    s->next = INT64_MAX;
    for (uint32_t i = 0; i < s->n; i++) {
        int64_t time = s->rows[i]->v[s->time].t.ms;
        if (time <= wm) {
            s->last = time > s->last ? time : s->last;
            s->rows[due++] = s->rows[i];
            continue;
        }
        s->next = time < s->next ? time : s->next;
        waiting[n_waiting++] = s->rows[i];
    }
    if (n_waiting)
        memcpy(s->rows + due, waiting, n_waiting * sizeof *waiting);
    free(waiting);
    send(o, due);
}

static void end(struct op *o)
{
    struct sort *s = o->self;
    if (s->n)
        send(o, s->n);
}

static void close_op(struct op *o)
{
    struct sort *s = o->self;
    for (uint32_t i = 0; s && i < s->n; i++)
        free(s->rows[i]);
    if (s)
        free(s->rows);
}

/* Rows by their time, each time with its timer. */
static void snapshot(struct op *o, uint64_t checkpoint, struct snap *to)
{
    struct sort *s = o->self;
    struct order by_time = s->order;
    struct buf key = {0}, value = {0};
    (void)checkpoint;
    by_time.n = 1;
    in_order(&by_time, s->rows, s->n);
    snap_key(to, o, NULL, NULL);
    for (uint32_t i = 0, n; i < s->n; i += n) {
        int64_t time = s->rows[i]->v[s->time].t.ms;
        for (n = 1; i + n < s->n && s->rows[i + n]->v[s->time].t.ms == time; n++)
            ;
        key.n = value.n = 0;
        wr_i64(&key, time);
        wr_u32(&value, n);
        for (uint32_t k = i; k < i + n; k++)
            ks_put_kept(&value, o->in[0]->kids, s->rows[k]);
        snap_map(to, o, s->data, NULL, &key, &value);
        snap_timer(to, o, s->timers, NULL, time);
    }
    if (s->last != INT64_MIN) {
        value.n = 0;
        wr_i64(&value, s->last);
        snap_value(to, o, s->sent, NULL, &value);
    }
    buf_free(&key);
    buf_free(&value);
}

static bool restore(struct op *o, const struct snap *of, struct err *e)
{
    struct sort *s = o->self;
    struct ks_walk w = ks_walk_of(o, of);
    struct keyed_entry *x = &w.entry;
    while (ks_next(&w, e)) {
        if (x->state == s->sent) {
            s->last = rd_i64(&x->value);
            continue;
        }
        if (x->state != s->data) {
            ks_skip(x);
            continue;
        }
        rd_i64(&x->user_key); /* the rows' time */
        for (uint32_t n = rd_count(&x->value, 4); n && rd_ok(&x->value); n--) {
            struct row *row = ks_get_row(x, &x->value, o->in[0]->kids, o->in[0]->n);
            if (row && !row->null[s->time])
                append(s, row);
            else
                free(row);
        }
    }
    ks_walk_end(&w);
    return e->kind == ERR_NONE;
}

/* The rows as they came, for a sort that waits for the end of its input. */
static const char *const lists[] = {"rows", NULL};

static void snapshot_rows(struct op *o, uint64_t checkpoint, struct snap *to)
{
    const struct sort *s = o->self;
    struct buf b = {0};
    (void)checkpoint;
    for (uint32_t i = 0; i < s->n; i++) {
        b.n = 0;
        binrow_put(&b, ROW_INSERT, o->in[0]->kids, o->in[0]->n, s->rows[i]->v, s->rows[i]->null);
        snap_put(to, lists[0], b.p, b.n);
    }
    buf_free(&b);
}

static bool restore_rows(struct op *o, const struct snap *of, struct err *e)
{
    const uint32_t n = o->in[0]->n;
    union cell *v = arena_array(o->a, n + 1, sizeof *v);
    uint8_t *null = arena_alloc(o->a, n + 1);
    for (uint32_t i = 0; i < of->n; i++) {
        if (strcmp(of->elements[i].list, lists[0]) != 0 || i % o->subtasks != o->subtask)
            continue;
        if (!binrow_get(of->elements[i].bytes, NULL, o->in[0]->kids, n, v, null, &o->ev->heap))
            return err_set(e, ERR_CORRUPT, "a row is malformed");
        append(o->self, row_make(o->in[0]->kids, n, v, null));
    }
    return true;
}

const struct op_class op_temporal_sort = {.open = temporal_open,
                                          .batch = batch,
                                          .watermark = watermark,
                                          .end = end,
                                          .close = close_op,
                                          .snapshot = snapshot,
                                          .restore = restore,
                                          .min_inputs = 1,
                                          .max_inputs = 1};
const struct op_class op_sort = {.open = open_order,
                                 .batch = batch,
                                 .end = end,
                                 .close = close_op,
                                 .lists = lists,
                                 .snapshot = snapshot_rows,
                                 .restore = restore_rows,
                                 .min_inputs = 1,
                                 .max_inputs = 1};
