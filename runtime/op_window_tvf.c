/* stream-exec-window-table-function: rows with the windows that they lie in (AlignedWindowTableFunctionOperator of flink-table-runtime 2.3), and
 * sessions, whose rows wait until their session is over (UnalignedWindowTableFunctionOperator). */
#include <stdlib.h>
#include <string.h>

#include "runtime/session.h"

struct tvf {
    struct windowing w;
    struct window *windows;
    struct sessions sessions;
};

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
        sessions_init(&t->sessions, o, &t->w, t->w.keys, t->w.n_keys);
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
        if (b->cols[t->w.time].null[i]) /* such rows belong to no window */
            continue;
        if (t->w.kind == WINDOW_SESSION) {
            sessions_add(&t->sessions, b, i);
            continue;
        }
        uint32_t n = windowing_assign(&t->w, windowing_time(&t->w, o->ev, b->cols[t->w.time].v[i].t), t->windows);
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
    if (t->w.kind == WINDOW_SESSION)
        sessions_until(&t->sessions, wm, session_over);
}

static void close_op(struct op *o)
{
    struct tvf *t = o->self;
    if (t && t->sessions.o)
        sessions_close(&t->sessions);
}

const struct op_class op_window_tvf = {.stateless = true,
                                       .open = open_op,
                                       .batch = batch,
                                       .watermark = watermark,
                                       .close = close_op,
                                       .min_inputs = 1,
                                       .max_inputs = 1};
