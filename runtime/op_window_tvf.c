/* stream-exec-window-table-function: rows with the windows that they lie in (AlignedWindowTableFunctionOperator of flink-table-runtime 2.3), and
 * sessions, whose rows wait until their session is over (UnalignedWindowTableFunctionOperator). */
#include <stdlib.h>
#include <string.h>

#include "base/wr.h"
#include "runtime/session.h"

struct tvf {
    struct windowing w;
    struct window *windows;
    struct sessions sessions;
    uint32_t counter, rows, mapping, timers; /* states in snapshots */
};

static const struct keyed_form form;

static void open_sessions(struct op *o, struct tvf *t)
{
    sessions_init(&t->sessions, o, NULL, &t->w, t->w.keys, t->w.n_keys);
    ks_key(o, t->sessions.key_types, t->w.n_keys);
    struct ser *number = ks_plain(o, "Long");
    t->counter = ks_add(o, "session-window-tvf-counter", KIND_VALUE, KEYED_VOID, NULL, number);
    t->rows = ks_add(o, "session-window-tvf-acc", KIND_MAP, KEYED_WINDOW, number, ks_row(o, o->in[0]->kids, o->in[0]->n));
    t->mapping = sessions_declare(o);
    t->timers = ks_add_timers(o, "session-window-tvf-timers", KEYED_WINDOW);
    ks_entries(o, &t->sessions.state, NULL, &form, NULL);
}

static bool open_op(struct op *o, struct err *e)
{
    struct tvf *t = o->self = arena_alloc(o->a, sizeof *t);
    if (!windowing_read(&t->w, o, cplan_member(o->node->json, "windowing"), o->in[0], e))
        return false;
    if (t->w.attached)
        return op_refuse(o, e, "a window of windows");
    if (o->n_cols != o->in[0]->n + 3)
        return err_set(e, ERR_CORRUPT, "its output is not its input and a window");
    for (uint32_t c = o->in[0]->n; c < o->n_cols; c++)
        if (!type_is_timestamp(o->types[c]))
            return err_set(e, ERR_CORRUPT, "its output is not its input and a window");
    t->windows = arena_array(o->a, windowing_most(&t->w), sizeof *t->windows);
    if (t->w.kind == WINDOW_SESSION)
        open_sessions(o, t);
    return true;
}

/* window_start, window_end, window_time. */
static void put_window(struct op *o, const struct tvf *t, uint32_t row, struct window w)
{
    uint32_t c = o->n_cols - 3;
    const int64_t ms[] = {w.start, w.end, w.end - 1};
    for (uint32_t i = 0; i < 3; i++) {
        int64_t v = t->w.local && o->types[c + i]->root == L_TIMESTAMP_LTZ && o->ev->zone ? zone_utc(o->ev->zone, ms[i]) : ms[i];
        op_put(o, row, c + i, (union cell){.t = {v, 0}}, 0);
    }
}

static void batch(struct op *o, uint32_t input, const struct batch *b)
{
    struct tvf *t = o->self;
    (void)input;
    for (uint32_t i = 0; i < b->n && !op_failed(o); i++) {
        int64_t time;
        if (t->w.kind == WINDOW_SESSION) {
            sessions_add(&t->sessions, b, i);
            continue;
        }
        if (!windowing_moment(&t->w, o, b, i, &time)) /* such rows belong to no window */
            continue;
        uint32_t n = windowing_assign(&t->w, time, t->windows);
        for (uint32_t k = 0; k < n; k++) {
            uint32_t row = op_row(o, batch_kind(b, i));
            for (uint32_t c = 0; c < b->n_cols; c++)
                op_put(o, row, c, b->cols[c].v[i], b->cols[c].null[i]);
            put_window(o, t, row, t->windows[k]);
        }
    }
}

static void session_over(struct op *o, const struct row *key, const struct session *s)
{
    (void)key;
    for (uint32_t i = 0; i < s->n; i++) {
        uint32_t row = op_row(o, ROW_INSERT);
        for (uint32_t c = 0; c < s->rows[i]->n; c++)
            op_keep(o, row, c, s->rows[i]->v[c], s->rows[i]->null[c]);
        put_window(o, o->self, row, s->window);
    }
}

static void watermark(struct op *o, int64_t wm)
{
    struct tvf *t = o->self;
    if (t->w.kind == WINDOW_SESSION && !t->w.proctime)
        sessions_until(&t->sessions, wm, session_over);
}

static void timer(struct op *o, int64_t now)
{
    struct tvf *t = o->self;
    sessions_until(&t->sessions, now, session_over);
}

static void close_op(struct op *o)
{
    struct tvf *t = o->self;
    if (t && t->sessions.o)
        sessions_close(&t->sessions);
}

/* --- snapshots: rows by their numbers, which go on over all sessions of a key --- */

static void put_number(struct buf *b, int64_t n)
{
    b->n = 0;
    wr_i64(b, n);
}

static void put_sessions(struct op *o, const struct keyed_entries *of, struct kentry *e, struct snap *to)
{
    struct tvf *t = o->self;
    const struct session_list *all = (const struct session_list *)e->value;
    struct buf *number = &o->keyed->user_key, *row = &o->keyed->value;
    int64_t n = 0;
    (void)of;
    for (uint32_t i = 0; i < all->n; i++) {
        const int64_t ns[] = {all->s[i].window.start, all->s[i].window.end};
        sessions_put(o, to, t->mapping, &all->s[i]);
        for (uint32_t k = 0; k < all->s[i].n; k++) {
            put_number(number, n++);
            row->n = 0;
            ks_put_kept(row, o->in[0]->kids, all->s[i].rows[k]);
            snap_map(to, o, t->rows, ns, number, row);
        }
    }
    put_number(number, n);
    snap_value(to, o, t->counter, NULL, number);
}

static void put_timers(struct op *o, const struct keyed_entries *of, struct kentry *e, struct snap *to)
{
    const struct tvf *t = o->self;
    (void)of;
    sessions_put_timers(&t->sessions, e, t->timers + t->w.proctime, to);
}

/* The sessions, then what they hold. */
static void take(struct op *o, const struct keyed_entries *of, struct keyed_entry *x, uint32_t pass)
{
    struct tvf *t = o->self;
    struct session *one = pass && x->state == t->rows ? sessions_under(&t->sessions, x) : NULL;
    (void)of;
    if (!pass && x->state == t->mapping) {
        sessions_take(&t->sessions, x);
    } else if (one) {
        int64_t number = rd_i64(&x->user_key);
        struct row *row = ks_get_row(x, &x->value, o->in[0]->kids, o->in[0]->n);
        if (!row)
            return;
        session_append(one, row);
        one->numbers = mem_grow(one->numbers, one->cap, sizeof *one->numbers);
        one->numbers[one->n - 1] = number;
    } else {
        ks_skip(x);
    }
}

struct numbered {
    struct row *row;
    int64_t n;
};

static int by_number(const void *a, const void *b)
{
    const struct numbered *x = a, *y = b;
    return (x->n > y->n) - (x->n < y->n);
}

static void order(struct session *one)
{
    struct numbered *all = mem_alloc((one->n + 1) * sizeof *all);
    for (uint32_t i = 0; i < one->n; i++)
        all[i] = (struct numbered){one->rows[i], one->numbers[i]};
    qsort(all, one->n, sizeof *all, by_number);
    for (uint32_t i = 0; i < one->n; i++)
        one->rows[i] = all[i].row;
    free(all);
    free(one->numbers);
    one->numbers = NULL;
}

static bool settle(struct op *o, const struct keyed_entries *of, struct kentry *e, struct err *why)
{
    struct session_list *all = (struct session_list *)e->value;
    (void)o;
    (void)of;
    (void)why;
    for (uint32_t i = 0; i < all->n; i++)
        if (all->s[i].numbers)
            order(&all->s[i]);
    return true;
}

static const struct keyed_form form = {.put = put_sessions, .timers = put_timers, .take = take, .passes = 2, .settle = settle};

const struct op_class op_window_tvf = {.uid = "window",
                                       .open = open_op,
                                       .batch = batch,
                                       .watermark = watermark,
                                       .timer = timer,
                                       .close = close_op,
                                       .min_inputs = 1,
                                       .max_inputs = 1};
