#include "inspect/layout.h"

#include <string.h>

static const struct ser *key_of(const struct tree_op *op)
{
    for (uint32_t i = 0; i < op->n_states; i++)
        if (op->states[i]->key && op->states[i]->kind != KIND_TIMERS)
            return op->states[i]->key;
    return op->n_states ? op->states[0]->key : NULL;
}

static struct layout_state state_of(const struct tree_state *st)
{
    return (struct layout_state){.name = st->name,
                                 .kind = st->kind,
                                 .mode = st->mode,
                                 .v2 = st->info.v2,
                                 .ttl = st->info.ttl,
                                 .ns = st->kind == KIND_TIMERS ? NULL : st->ns,
                                 .user_key = st->user_key,
                                 .element = st->kind == KIND_TIMERS ? st->info.value : st->element,
                                 .value = st->info.value,
                                 .entries = st->totals.entries,
                                 .bytes = st->totals.bytes};
}

void layout_of_tree(struct layout *l, const struct tree *t)
{
    *l = (struct layout){.name = t->scan.snapshot->location, .meta_version = t->scan.snapshot->meta.version, .n = t->scan.n_ops};
    l->ops = arena_array(&l->arena, l->n, sizeof *l->ops);
    for (uint32_t i = 0; i < l->n; i++) {
        const struct tree_op *op = &t->ops[i];
        struct layout_op *o = &l->ops[i];
        *o = (struct layout_op){.id = op->meta->hex,
                                .uid = op->uid,
                                .name = op->meta->name,
                                .label = op->label,
                                .max_parallelism = op->meta->max_parallelism,
                                .parallelism = op->meta->parallelism,
                                .key = key_of(op),
                                .n = op->n_states,
                                .bytes = op->bytes,
                                .stateful = op->with_state || op->coordinator};
        o->states = arena_array(&l->arena, o->n, sizeof *o->states);
        for (uint32_t j = 0; j < o->n; j++)
            o->states[j] = state_of(op->states[j]);
    }
}

void layout_free(struct layout *l)
{
    arena_free(&l->arena);
    *l = (struct layout){0};
}

const struct layout_op *layout_op_by_id(const struct layout *l, const char *id)
{
    for (uint32_t i = 0; i < l->n; i++)
        if (!strcmp(l->ops[i].id, id))
            return &l->ops[i];
    return NULL;
}

const struct layout_state *layout_state_by_name(const struct layout_op *op, const char *name, enum state_kind kind)
{
    const struct layout_state *found = NULL;
    for (uint32_t i = 0; i < op->n; i++)
        if (!strcmp(op->states[i].name, name) && (!found || op->states[i].kind == kind))
            found = &op->states[i];
    return found;
}
