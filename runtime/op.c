#include "runtime/op.h"

#include <string.h>

static void take_watermark(struct op *o, uint32_t input, int64_t wm);

void op_emit(struct op *o, const struct batch *b)
{
    for (uint32_t i = 0; i < o->n_outs && !op_failed(o); i++) {
        struct op *to = o->outs[i].to;
        to->class->batch(to, o->outs[i].input, b);
        op_flush(to);
    }
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

void op_keep(struct op *o, uint32_t row, uint32_t col, union cell v, uint8_t null)
{
    const struct ltype *t = o->types[col];
    op_put(o, row, col, null || !cell_points(t) ? v : cell_copy(&o->ev->heap, t, v), null);
}

void op_send_watermark(struct op *o, int64_t wm)
{
    for (uint32_t i = 0; i < o->n_outs && !op_failed(o); i++)
        take_watermark(o->outs[i].to, o->outs[i].input, wm);
}

/* The least of the inputs that are not over. */
static void advance(struct op *o)
{
    int64_t least = INT64_MAX;
    for (uint32_t i = 0; i < o->n_in; i++)
        if (o->in_wm[i] < least)
            least = o->in_wm[i];
    if (least <= o->wm)
        return;
    o->wm = least;
    if (o->class->watermark)
        o->class->watermark(o, least);
    op_flush(o);
    if (!op_failed(o))
        op_send_watermark(o, least);
}

static void take_watermark(struct op *o, uint32_t input, int64_t wm)
{
    if (wm > o->in_wm[input])
        o->in_wm[input] = wm;
    advance(o);
}

void op_send_end(struct op *o)
{
    for (uint32_t i = 0; i < o->n_outs && !op_failed(o); i++) {
        struct op *to = o->outs[i].to;
        bool all = true;
        to->in_over[o->outs[i].input] = true;
        for (uint32_t j = 0; j < to->n_in; j++)
            all = all && to->in_over[j];
        if (!all)
            continue;
        if (to->class->end)
            to->class->end(to);
        op_flush(to);
        op_send_end(to);
    }
}
