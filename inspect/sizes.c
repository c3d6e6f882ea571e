#include "inspect/sizes.h"

#include <stdlib.h>

enum { KEYS_DEFAULT = 20 };

static uint32_t key_groups(const struct tree_op *op) { return op->groups ? (uint32_t)op->meta->max_parallelism : 0; }

static void add(struct sizes *s, struct sizes_row row)
{
    if (row.entries || row.bytes)
        s->rows[s->n++] = row;
}

static void add_op(struct sizes *s, const struct tree_op *op)
{
    switch (s->by) {
    case SIZES_OPERATOR:
        add(s, (struct sizes_row){op, NULL, NULL, -1, op->all.entries, op->all.bytes});
        break;
    case SIZES_STATE:
        for (uint32_t i = 0; i < op->n_states; i++)
            add(s, (struct sizes_row){op, op->states[i], NULL, -1, op->states[i]->totals.entries, op->states[i]->totals.bytes});
        break;
    case SIZES_KEY_GROUP:
        for (uint32_t i = 0; i < key_groups(op); i++)
            add(s, (struct sizes_row){op, NULL, NULL, i, op->groups[i].entries, op->groups[i].bytes});
        break;
    case SIZES_SUBTASK:
        for (uint32_t i = 0; i < op->meta->n; i++)
            add(s, (struct sizes_row){op, NULL, NULL, op->meta->subtasks[i].index, op->subtasks[i].entries, op->subtasks[i].bytes});
        break;
    case SIZES_KEY:
        break;
    }
}

static size_t rows_of(const struct tree_op *op) { return 1 + (size_t)op->n_states + key_groups(op) + op->meta->n; }

/* Heaviest first; rows of one weight stay in the order of the tree, which is that of their places. */
static int heaviest_first(const void *a, const void *b)
{
    const struct sizes_row *x = a, *y = b;
    if (x->bytes != y->bytes)
        return x->bytes < y->bytes ? 1 : -1;
    if (x->op != y->op)
        return x->op < y->op ? -1 : 1;
    if (x->state && x->state != y->state) {
        for (uint32_t i = 0; i < x->op->n_states; i++)
            if (x->op->states[i] == x->state || x->op->states[i] == y->state)
                return x->op->states[i] == x->state ? -1 : 1;
    }
    return (x->number > y->number) - (x->number < y->number);
}

static void rank_keys(struct sizes *s, const struct tree *t, uint32_t top, unsigned jobs, struct progress *progress)
{
    heavy_find(&s->heavy, t, top ? top : KEYS_DEFAULT, jobs, progress);
    s->n = s->heavy.n;
    s->rows = arena_array(&s->arena, s->n, sizeof *s->rows);
    s->rest_entries = t->all.entries;
    s->rest_bytes = t->all.bytes;
    for (uint32_t i = 0; i < s->n; i++) {
        const struct heavy_key *k = &s->heavy.keys[i];
        s->rows[i] = (struct sizes_row){k->op, NULL, k->key, k->key_group, k->entries, k->bytes};
        s->rest_entries -= k->entries;
        s->rest_bytes -= k->bytes;
    }
}

void sizes_rank(struct sizes *s, const struct tree *t, enum sizes_by by, uint32_t top, unsigned jobs, struct progress *progress)
{
    *s = (struct sizes){.by = by};
    if (by == SIZES_KEY) {
        rank_keys(s, t, top, jobs, progress);
        return;
    }
    size_t rows = 0;
    for (uint32_t i = 0; i < t->scan.n_ops; i++)
        rows += rows_of(&t->ops[i]);
    s->rows = arena_array(&s->arena, rows, sizeof *s->rows);
    for (uint32_t i = 0; i < t->scan.n_ops; i++)
        add_op(s, &t->ops[i]);
    s->all = s->n;
    if (s->n)
        qsort(s->rows, s->n, sizeof *s->rows, heaviest_first);
    for (uint32_t i = top; top && i < s->n; i++) {
        s->rest_entries += s->rows[i].entries;
        s->rest_bytes += s->rows[i].bytes;
    }
    if (top && s->n > top)
        s->n = top;
}

void sizes_free(struct sizes *s)
{
    heavy_free(&s->heavy);
    arena_free(&s->arena);
    *s = (struct sizes){0};
}

static uint32_t heaviest(const struct tree_cell *cells, size_t n)
{
    size_t best = 0;
    for (size_t i = 1; i < n; i++)
        if (cells[i].bytes > cells[best].bytes)
            best = i;
    return (uint32_t)best;
}

struct sizes_skew sizes_skew(const struct tree_op *op)
{
    struct sizes_skew skew = {.groups = key_groups(op)};
    if (!skew.groups)
        return skew;
    for (uint32_t i = 0; i < skew.groups; i++)
        skew.groups_used += op->groups[i].bytes > 0;
    skew.by_group = tree_skew(op->groups, skew.groups);
    skew.heaviest_group = heaviest(op->groups, skew.groups);
    skew.by_subtask = tree_skew(op->subtasks, op->meta->n);
    skew.heaviest_subtask = op->meta->n ? (uint32_t)op->meta->subtasks[heaviest(op->subtasks, op->meta->n)].index : 0;
    return skew;
}
