#include "runtime/exec.h"
#include "runtime/keygroup.h"

static void by_key(struct out *t, const struct batch *b)
{
    for (uint32_t i = 0; i < t->n; i++)
        t->n_sel[i] = 0;
    for (uint32_t row = 0; row < b->n; row++) {
        uint32_t group = key_group_of(&t->key, b, row, t->keys, t->n_keys, t->types, t->max_parallelism);
        uint32_t to = key_group_subtask(group, t->n, t->max_parallelism);
        t->sel[to][t->n_sel[to]++] = row;
    }
    for (uint32_t i = 0; i < t->n; i++)
        if (t->n_sel[i])
            channel_rows(t->to[i], b, t->sel[i], t->n_sel[i]);
}

void out_rows(struct out *t, const struct batch *b)
{
    op_count(&t->task->rows_out, b->n);
    op_count(&t->task->bytes_out, (uint64_t)b->n * b->n_cols * (sizeof(union cell) + 1));
    if (t->kind == EDGE_HASH && t->n > 1) {
        by_key(t, b);
        return;
    }
    channel_rows(t->to[t->turn], b, NULL, b->n);
    if (t->kind == EDGE_REBALANCE)
        t->turn = (t->turn + 1) % t->n;
}
