/* stream-exec-watermark-assigner: event time out of rows (WatermarkAssignerOperator of flink-table-runtime 2.3). A watermark is sent behind
 * the row that raises it by more than pipeline.auto-watermark-interval, or so long after it; it begins at 0. Without a column of its own it is
 * what a source does by itself (WatermarkPushDownSpec): it begins with the first one, and rows have no time to be looked at. */
#include "base/duration.h"
#include "runtime/op.h"

struct assigner {
    struct expr *watermark;
    struct vec *part; /* of a batch */
    bool has_rowtime;
    uint32_t rowtime;
    int64_t interval, current, last;
    int64_t idle_after; /* milliseconds without a row; 0: never */
    int64_t seen;       /* when the last rows came */
    int64_t due;        /* when the watermark is sent that no row has pushed out; INT64_MAX: there is none */
    bool idle;
};

static int64_t now(const struct op *o)
{
    const struct world *world = job_world(o->job);
    return world->now(world->ctx);
}

static void next_timer(struct op *o, struct assigner *w)
{
    int64_t idle = w->idle_after && !w->idle ? w->seen + w->idle_after : INT64_MAX;
    if (w->current <= w->last)
        w->due = INT64_MAX;
    else if (w->due == INT64_MAX && w->interval)
        w->due = w->seen + w->interval;
    o->wake = idle < w->due ? idle : w->due;
}

/* A watermark that no row has pushed out yet; no row for long. */
static void timer(struct op *o, int64_t at)
{
    struct assigner *w = o->self;
    if (w->current > w->last && at >= w->due)
        op_send_watermark(o, w->last = w->current);
    if (w->idle_after && !w->idle && at >= w->seen + w->idle_after)
        op_send_idle(o, w->idle = true);
    next_timer(o, w);
}

static bool open_op(struct op *o, struct err *e)
{
    struct assigner *w = o->self = arena_alloc(o->a, sizeof *w);
    const struct rex *rex = cplan_rex(o->a, o->node->json, "watermarkExpr", e);
    int64_t field = cplan_int(o->node->json, "rowtimeFieldIndex", -1, e);
    w->has_rowtime = cplan_member(o->node->json, "rowtimeFieldIndex") != NULL;
    if (!rex || (w->has_rowtime && (field < 0 || field >= o->n_cols)) || o->in[0]->n != o->n_cols)
        return err_set(e, ERR_CORRUPT, "it lacks its expression or its time");
    w->rowtime = w->has_rowtime ? (uint32_t)field : 0;
    if (!w->has_rowtime)
        w->current = w->last = INT64_MIN;
    w->part = arena_array(o->a, o->n_cols + 1, sizeof *w->part);
    if (!(w->watermark = op_expr(o, rex, o->in[0], e)))
        return false;
    if (!type_is_timestamp(w->watermark->type))
        return err_set(e, ERR_CORRUPT, "its expression is no timestamp");
    if (!duration_option(job_config(o->job, "pipeline.auto-watermark-interval", "200 ms"), &w->interval))
        return err_set(e, ERR_USAGE, "pipeline.auto-watermark-interval is no duration");
    if (!duration_option(job_config(o->job, "table.exec.source.idle-timeout", "0 ms"), &w->idle_after))
        return err_set(e, ERR_USAGE, "table.exec.source.idle-timeout is no duration");
    w->seen = now(o);
    w->due = INT64_MAX;
    next_timer(o, w);
    return true;
}

/* Rows [from, to) as they are. */
static void pass(struct op *o, const struct batch *b, uint32_t from, uint32_t to)
{
    struct assigner *w = o->self;
    for (uint32_t c = 0; c < o->n_cols; c++)
        w->part[c] = (struct vec){b->cols[c].v + from, b->cols[c].null + from};
    struct batch some = {.n = to - from, .n_cols = b->n_cols, .cols = w->part, .kind = b->kind ? b->kind + from : NULL};
    if (some.n)
        op_emit(o, &some);
}

static void batch(struct op *o, uint32_t input, const struct batch *b)
{
    struct assigner *w = o->self;
    uint32_t sent = 0;
    (void)input;
    if (w->idle)
        op_send_idle(o, w->idle = false);
    o->ev->cols = b->cols;
    expr_run(w->watermark, o->ev, NULL, b->n);
    for (uint32_t i = 0; i < b->n && !op_failed(o); i++) {
        if (w->has_rowtime && b->cols[w->rowtime].null[i]) {
            op_fail(o, ERR_CONVERT, "column %s is NULL, which a row's time must not be", o->node->output->names[w->rowtime]);
            return;
        }
        if (w->watermark->out.null[i])
            continue;
        int64_t ms = w->watermark->out.v[i].t.ms;
        if (ms > w->current)
            w->current = ms;
        if (w->current == w->last || (w->last != INT64_MIN && w->current - w->last <= w->interval))
            continue;
        w->last = w->current;
        pass(o, b, sent, i + 1);
        sent = i + 1;
        op_send_watermark(o, w->current);
    }
    pass(o, b, sent, b->n);
    if (w->idle_after || w->interval) {
        w->seen = now(o);
        next_timer(o, w);
    }
}

const struct op_class op_watermark = {
    .stateless = true, .open = open_op, .batch = batch, .timer = timer, .min_inputs = 1, .max_inputs = 1};
