/* Which states an operator has, as columns of a table. */
#include <string.h>

#include "runtime/state_sql.h"

static const struct ltype *column_type(struct arena *a, const struct state_info *s)
{
    const struct ltype *t = state_sql_type(a, s->element);
    if (s->kind == KIND_LIST)
        t = type_of_kids(a, L_ARRAY, t, NULL, true);
    if (s->kind == KIND_MAP)
        t = s->has_ns ? NULL : type_of_kids(a, L_MAP, state_sql_type(a, s->user_key), t, true);
    return t && s->has_ns ? type_of_kids(a, L_MAP, state_sql_type(a, s->ns), t, true) : t;
}

static bool known(const struct state_table *t, const char *name)
{
    for (uint32_t i = 0; i < t->n; i++)
        if (!strcmp(t->states[i].name, name))
            return true;
    return false;
}

static void take(struct state_table *t, struct arena *a, const struct keyed_header *h)
{
    struct state_column *all = arena_array(a, t->n + h->n + 1u, sizeof *all);
    memcpy(all, t->states, t->n * sizeof *all);
    t->states = all;
    if (!t->key)
        t->key = state_sql_type(a, h->key);
    for (uint32_t i = 0; i < h->n; i++) {
        const struct state_info *s = &h->states[i];
        if (s->kind != KIND_TIMERS && !known(t, s->name))
            all[t->n++] = (struct state_column){arena_str(a, s->name), s->kind, column_type(a, s), s->has_ns};
    }
}

static bool news(const struct state_table *t, const struct keyed_header *h)
{
    bool some = !t->key;
    for (uint32_t i = 0; i < h->n && !some; i++)
        some = h->states[i].kind != KIND_TIMERS && !known(t, h->states[i].name);
    return some;
}

bool state_table_read(struct state_table *t, const struct snapshot *s, const struct meta_operator *op, struct arena *a,
                      struct err *e)
{
    *t = (struct state_table){.states = arena_array(a, 1, sizeof *t->states)};
    for (uint32_t i = 0; i < op->n; i++) {
        struct keyed_part *p;
        if (op->subtasks[i].keyed.tag == HANDLE_NULL)
            continue;
        if (!keyed_open(&p, s, op, &op->subtasks[i].keyed, e))
            return false;
        if (news(t, p->header))
            take(t, a, p->header);
        keyed_close(p);
    }
    return t->key || err_set(e, ERR_MISSING, "operator %s has no keyed state", op->uid ? op->uid : op->name ? op->name : op->hex);
}
