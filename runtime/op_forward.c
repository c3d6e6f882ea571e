/* Nodes that hand rows on as they are: union, exchange (all subtasks are one here), and the mini-batch assigner, whose markers only say when
 * bundles end; and local aggregates, whose global half takes rows as well (op_group_agg.c, op_window_agg.c). */
#include "runtime/op.h"

static void batch(struct op *o, uint32_t input, const struct batch *b)
{
    (void)input;
    op_emit(o, b);
}

static bool open_op(struct op *o, struct err *e)
{
    for (uint32_t i = 0; i < o->n_in; i++) {
        if (o->in[i]->n != o->n_cols)
            return err_set(e, ERR_CORRUPT, "its inputs have different columns");
        for (uint32_t c = 0; c < o->n_cols; c++)
            if (o->in[i]->kids[c]->slot != o->types[c]->slot)
                return err_set(e, ERR_CORRUPT, "its inputs have different columns");
    }
    return true;
}

const struct op_class op_forward = {
    .stateless = true, .open = open_op, .batch = batch, .min_inputs = 1, .max_inputs = 64, .hands_on = true};
