/* Statements about rows: DELETE, KEEP, UPDATE. */
#include <string.h>

#include "migrate/draft_change.h"
#include "migrate/offsets.h"

void draft_add_step(struct draft *d, struct draft_state *st, struct step step)
{
    if (!(st->n_steps & (st->n_steps - 1))) {
        struct step *more = arena_array(&d->arena, st->n_steps ? (size_t)st->n_steps * 2 : 1, sizeof *more);
        if (st->n_steps)
            memcpy(more, st->steps, st->n_steps * sizeof *more);
        st->steps = more;
    }
    st->steps[st->n_steps++] = step;
}

static bool may_set(struct change *c, struct draft_state *st, const struct assignment *a, const struct bound *to)
{
    st->sets_value = st->sets_value || to->root == ROW_VALUE || to->root == ROW_LAST_ACCESS;
    st->sets_user_key = st->sets_user_key || to->root == ROW_USER_KEY;
    if (to->root == ROW_VALUE || to->root == ROW_LAST_ACCESS || to->root == ROW_USER_KEY)
        return true;
    return script_fault(c->s, a->to.where, c->e, "%s cannot be set: it decides where the row belongs",
                        to->root == ROW_KEY      ? "the key"
                            : to->root == ROW_NS ? "the namespace"
                                                 : "a timer's time");
}

static bool bind_sets(struct change *c, struct draft_state *st, const struct scope *scope, struct step *step)
{
    step->sets = arena_array(&c->d->arena, c->st->n_sets, sizeof *step->sets);
    for (uint32_t i = 0; i < c->st->n_sets; i++) {
        const struct assignment *a = &c->st->sets[i];
        struct bound *to = &step->sets[i];
        if (!path_bind(c->s, &a->to, scope, to, c->e) || !may_set(c, st, a, to) ||
            !expr_bind(c->s, a->value, scope, CLASS_ANY, st->needs, c->e))
            return false;
        st->needs[to->root] = true;
    }
    return true;
}

bool change_rows(struct change *c)
{
    struct draft_op *op;
    struct draft_state *st = change_state(c, &op);
    struct step step = {.st = c->st};
    if (!st)
        return false;
    struct scope scope = draft_scope(op, st);
    if (c->st->condition && !expr_bind(c->s, c->st->condition, &scope, CLASS_BOOL, st->needs, c->e))
        return false;
    if (c->st->kind == STMT_ROWS_UPDATE && !bind_sets(c, st, &scope, &step))
        return false;
    st->filters = st->filters || c->st->kind != STMT_ROWS_UPDATE;
    draft_add_step(c->d, st, step);
    return true;
}

bool change_offsets(struct change *c)
{
    struct draft_op *op = change_operator(c);
    if (!op)
        return false;
    for (uint32_t i = 0; i < op->n; i++) {
        struct draft_state *st = &op->states[i];
        if (st->dropped || st->was->kind != KIND_OPERATOR_LIST || strcmp(st->was->name, OFFSETS_STATE) != 0)
            continue;
        st->sets_value = st->needs[ROW_VALUE] = true;
        draft_add_step(c->d, st,
                       (struct step){.st = c->st, .way.root = ROW_VALUE, .met = arena_alloc(&c->d->arena, sizeof(uint64_t))});
        return true;
    }
    return script_fault(c->s, c->st->op.where, c->e, "operator %s has no state " OFFSETS_STATE ", which sources have", op->label);
}
