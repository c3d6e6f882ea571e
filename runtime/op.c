#include "runtime/cold.h"
#include "runtime/exec.h"

void op_take_batch(struct op *o, uint32_t input, const struct batch *b)
{
    op_count(&o->received, b->n);
    o->class->batch(o, input, b);
    op_flush(o);
    if (o->keyed && o->keyed->cold && !op_failed(o))
        cold_trim(o);
}

void op_emit(struct op *o, const struct batch *b)
{
    op_count(&o->emitted, b->n);
    for (uint32_t i = 0; i < o->n_outs && !op_failed(o); i++) {
        struct op *to = o->outs[i].to;
        if (!to) {
            out_rows(o->outs[i].out, b);
            continue;
        }
        o->ev->watermark = to->wm;
        op_take_batch(to, o->outs[i].input, b);
    }
}

bool op_mini_batch(const struct op *o)
{
    const char *on = cplan_config(o->node, "table.exec.mini-batch.enabled");
    return on && !strcmp(on, "true");
}

void op_flush(struct op *o)
{
    if (!o->n_rows)
        return;
    struct batch b = {.n = o->n_rows, .n_cols = o->n_cols, .cols = o->cols, .kind = o->kinds};
    o->n_rows = 0;
    if (!op_failed(o))
        op_emit(o, &b);
}

uint32_t op_row(struct op *o, enum row_kind kind)
{
    if (o->n_rows == job_batch_rows(o->job))
        op_flush(o);
    o->kinds[o->n_rows] = (uint8_t)kind;
    return o->n_rows++;
}

void op_send_watermark(struct op *o, int64_t wm)
{
    atomic_store_explicit(&o->shown_wm, wm, memory_order_relaxed);
    for (uint32_t i = 0; i < o->n_outs && !op_failed(o); i++) {
        struct out *out = o->outs[i].out;
        if (!out)
            op_take_watermark(o->outs[i].to, o->outs[i].input, wm);
        for (uint32_t k = 0; out && k < out->n; k++)
            channel_watermark(out->to[k], wm);
    }
}

void op_send_idle(struct op *o, bool idle)
{
    for (uint32_t i = 0; i < o->n_outs && !op_failed(o); i++) {
        struct out *out = o->outs[i].out;
        if (!out)
            op_take_idle(o->outs[i].to, o->outs[i].input, idle);
        for (uint32_t k = 0; out && k < out->n; k++)
            channel_idle(out->to[k], idle);
    }
}

/* The least of the inputs that are not idle; where all are, the highest that has come. */
static void advance(struct op *o)
{
    int64_t least = INT64_MAX, most = INT64_MIN;
    bool active = false;
    for (uint32_t i = 0; i < o->n_in; i++) {
        most = o->in_wm[i] > most ? o->in_wm[i] : most;
        if (o->in_idle[i])
            continue;
        active = true;
        least = o->in_wm[i] < least ? o->in_wm[i] : least;
    }
    least = active ? least : most;
    if (active && o->idle)
        op_send_idle(o, o->idle = false);
    if (least > o->wm) {
        o->wm = least;
        atomic_store_explicit(&o->came_wm, least, memory_order_relaxed);
        if (o->class->watermark)
            o->class->watermark(o, least);
        op_flush(o);
        if (!op_failed(o))
            op_send_watermark(o, least);
    }
    if (!active && !o->idle)
        op_send_idle(o, o->idle = true);
}

void op_take_watermark(struct op *o, uint32_t input, int64_t wm)
{
    if (wm > o->in_wm[input])
        o->in_wm[input] = wm;
    advance(o);
}

void op_take_idle(struct op *o, uint32_t input, bool idle)
{
    o->in_idle[input] = idle;
    advance(o);
}

void op_take_end(struct op *o, uint32_t input)
{
    o->in_over[input] = true;
    o->in_idle[input] = false;
    for (uint32_t i = 0; i < o->n_in; i++)
        if (!o->in_over[i])
            return;
    if (o->class->end)
        o->class->end(o);
    op_flush(o);
    op_send_end(o);
}

void op_send_end(struct op *o)
{
    o->wake = INT64_MAX; /* timers that are not due yet go with their task, as in Flink */
    for (uint32_t i = 0; i < o->n_outs && !op_failed(o); i++) {
        struct out *out = o->outs[i].out;
        if (!out)
            op_take_end(o->outs[i].to, o->outs[i].input);
        for (uint32_t k = 0; out && k < out->n; k++)
            channel_end(out->to[k]);
        if (out)
            out->ended = true;
    }
}
