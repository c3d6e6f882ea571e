/* The layout of a job of which only the classes are known: the old job's, each serializer with what its class is now. */
#include "inspect/job_types.h"

static struct layout_state state_of(const struct layout_state *old, const struct job_given *given, struct arena *a)
{
    struct layout_state st = *old;
    st.ns = job_successor(given, old->ns, a);
    st.user_key = job_successor(given, old->user_key, a);
    st.element = job_successor(given, old->element, a);
    st.value = job_successor(given, old->value, a);
    st.entries = st.bytes = 0;
    st.untold = !job_tells(given, old->ns) && !job_tells(given, old->user_key) && !job_tells(given, old->element) &&
        !job_tells(given, old->value);
    return st;
}

void layout_of_job(struct layout *l, const struct layout *old, const struct job_given *given, const char *name)
{
    *l = (struct layout){.name = name, .n = old->n};
    l->ops = arena_array(&l->arena, l->n, sizeof *l->ops);
    for (uint32_t i = 0; i < l->n; i++) {
        const struct layout_op *op = &old->ops[i];
        struct layout_op *to = &l->ops[i];
        *to = *op;
        to->key = job_successor(given, op->key, &l->arena);
        to->states = arena_array(&l->arena, op->n, sizeof *to->states);
        for (uint32_t k = 0; k < op->n; k++)
            to->states[k] = state_of(&op->states[k], given, &l->arena);
    }
}
