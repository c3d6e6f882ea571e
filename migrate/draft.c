#include "migrate/draft.h"

#include <string.h>

#include "base/rd.h"
#include "base/wr.h"
#include "migrate/draft_change.h"

static void take_states(struct draft *d, struct draft_op *op)
{
    op->n = op->was->n;
    op->states = arena_array(&d->arena, op->n, sizeof *op->states);
    for (uint32_t i = 0; i < op->n; i++)
        op->states[i] = (struct draft_state){.was = &op->was->states[i], .name = op->was->states[i].name};
}

static struct draft_op take_operator(struct draft *d, const struct draft_input *in, uint32_t i)
{
    const struct meta_operator *m = in->tree.ops[i].meta;
    struct draft_op op = {.in = in,
                          .home = d->inputs[0],
                          .meta = m,
                          .was = &in->layout.ops[i],
                          .label = in->layout.ops[i].label,
                          .uid = in->layout.ops[i].uid,
                          .parallelism = m->parallelism,
                          .max_parallelism = m->max_parallelism};
    memcpy(op.id, m->id, sizeof op.id);
    memcpy(op.hex, m->hex, sizeof op.hex);
    take_states(d, &op);
    return op;
}

bool draft_add_input(struct draft *d, struct snapshot *s, const struct names *names, const char *location, struct err *e)
{
    struct draft_input *in = arena_alloc(&d->arena, sizeof *in);
    d->inputs[d->n_inputs++] = in;
    *in = (struct draft_input){.location = location, .snapshot = s, .names = names};
    if (s->meta.n && !tree_build(&in->tree, s, names, &d->look, e))
        return false;
    if (s->meta.n)
        layout_of_tree(&in->layout, &in->tree);
    return true;
}

void draft_add_operator(struct draft *d, const struct draft_input *in, uint32_t i)
{
    struct draft_op *more = arena_array(&d->arena, d->n + 1, sizeof *more);
    if (d->n)
        memcpy(more, d->ops, d->n * sizeof *more);
    more[d->n++] = take_operator(d, in, i);
    d->ops = more;
}

/* In the order of the metadata, which need not be that of the tree. */
static void add_all(struct draft *d, const struct draft_input *in)
{
    const struct meta *m = &in->snapshot->meta;
    for (uint32_t i = 0; i < m->n; i++)
        for (uint32_t j = 0; j < in->layout.n; j++)
            if (in->tree.ops[j].meta == &m->operators[i])
                draft_add_operator(d, in, j);
}

bool draft_open(struct draft *d, struct snapshot *s, const struct names *names, const char *location, const struct tree_opts *look,
                struct err *e)
{
    *d = (struct draft){.opening = s->opts, .look = *look};
    d->look.late_states = true;
    if (!draft_add_input(d, s, names, location, e))
        return false;
    add_all(d, d->inputs[0]);
    return true;
}

bool draft_whole(const struct draft *d, struct err *e)
{
    for (uint32_t i = 0; i < d->n_inputs; i++) {
        const struct tree *t = &d->inputs[i]->tree;
        if (t->files.n_faults)
            return err_set(e, t->files.faults[0].kind, "%s", t->files.faults[0].text);
        if (t->n_troubles)
            return err_set(e, t->troubles[0].err.kind, "%s", t->troubles[0].err.text);
    }
    return true;
}

void draft_free(struct draft *d)
{
    for (uint32_t i = 0; i < d->n_inputs; i++) {
        layout_free(&d->inputs[i]->layout);
        tree_free(&d->inputs[i]->tree);
        if (i)
            snapshot_close(d->inputs[i]->snapshot);
    }
    arena_free(&d->arena);
    *d = (struct draft){0};
}

const struct draft_state *draft_state_of(const struct draft_op *op, const struct state_info *info)
{
    for (uint32_t i = 0; i < op->n; i++)
        if (op->states[i].was && op->states[i].was->kind == info->kind && !strcmp(op->states[i].was->name, info->name))
            return &op->states[i];
    return NULL;
}

bool draft_moves(const struct draft_op *op)
{
    return op->parallelism != op->meta->parallelism || op->max_parallelism != op->meta->max_parallelism;
}

/* The description begins with the name (StateMetaInfoSnapshotReadersWriters). */
static bool rename_info(struct state_info *to, const char *name, struct arena *a, struct err *e)
{
    struct rd r = rd_of(to->raw.p, to->raw.n, 0);
    struct buf b = {0};
    rd_take(&r, rd_u16(&r));
    if (!rd_ok(&r))
        return err_set(e, ERR_UNSUPPORTED, "state \"%s\" cannot be renamed: nothing tells how it is described", to->name);
    bool ok = wr_utfz(&b, name) || err_set(e, ERR_UNSUPPORTED, "the name is longer than Flink can write");
    buf_put(&b, r.p, rd_left(&r));
    to->name = name;
    to->raw = (struct bytes){(const uint8_t *)arena_strn(a, (const char *)b.p, b.n), b.n};
    buf_free(&b);
    return ok;
}

bool draft_info(const struct draft_state *st, const struct state_info *old, struct state_info *to, struct arena *a, struct err *e)
{
    *to = *old;
    return !strcmp(st->name, old->name) || rename_info(to, st->name, a, e);
}
