/* The walk over what an operator keeps by key, when a snapshot is taken and when one comes back. */
#include "runtime/keyed.h"

/* --- a snapshot --- */

void keyed_put(struct op *o, const struct keyed_entries *of, struct kentry *e, struct snap *to)
{
    snap_key(to, o, e->key->v, e->key->null);
    snap_written(o, kstate_when(of->state, e));
    of->form->put(o, of, e, to);
    if (of->form->timers)
        of->form->timers(o, of, e, to);
}

static void put_one(void *ctx, struct kentry *e)
{
    const struct keyed_entries *of = ctx;
    keyed_put(of->o, of, e, of->to);
}

void op_snapshot(struct op *o, uint64_t checkpoint, struct snap *to)
{
    if (o->class->snapshot)
        o->class->snapshot(o, checkpoint, to);
    for (uint32_t i = 0; o->keyed && i < o->keyed->n_entries; i++) {
        struct keyed_entries *of = &o->keyed->entries[i];
        if (of->ttl)
            ttl_look(of->ttl, o);
        of->to = to;
        kstate_begin(of->state, put_one, of);
    }
}

bool op_snapshot_go_on(struct op *o, uint32_t some)
{
    bool more = false;
    for (uint32_t i = 0; o->keyed && i < o->keyed->n_entries && !more; i++)
        more = kstate_go_on(o->keyed->entries[i].state, some);
    return more;
}

void op_snapshot_abandon(struct op *o)
{
    for (uint32_t i = 0; o->keyed && i < o->keyed->n_entries; i++)
        kstate_abandon(o->keyed->entries[i].state);
}

/* --- a restore --- */

uint32_t keyed_passes(const struct op *o)
{
    uint32_t most = 1;
    for (uint32_t i = 0; i < o->keyed->n_entries; i++)
        most = o->keyed->entries[i].form->passes > most ? o->keyed->entries[i].form->passes : most;
    return most;
}

void keyed_take(struct op *o, struct keyed_entry *x, uint32_t pass)
{
    const struct keyed *k = o->keyed;
    uint32_t i = 0;
    while (i < k->n_entries && x->state >= k->entries[i].end)
        i++;
    if (i == k->n_entries || k->states[x->state].kind == KIND_TIMERS || (pass && pass >= k->entries[i].form->passes))
        ks_skip(x);
    else
        k->entries[i].form->take(o, &k->entries[i], x, pass);
}

bool keyed_settle(struct op *o, struct err *e)
{
    for (uint32_t i = 0; i < o->keyed->n_entries; i++) {
        const struct keyed_entries *of = &o->keyed->entries[i];
        for (struct kentry *at = of->form->settle ? of->state->first : NULL, *next; at && e->kind == ERR_NONE; at = next) {
            next = at->next;
            of->form->settle(o, of, at, e);
        }
    }
    return e->kind == ERR_NONE;
}

bool op_restore(struct op *o, const struct snap *of, struct err *e)
{
    if (o->class->restore && !o->class->restore(o, of, e))
        return false;
    if (!o->keyed || !o->keyed->n_entries)
        return true;
    for (uint32_t i = 0; i < o->keyed->n_entries; i++)
        if (o->keyed->entries[i].ttl)
            ttl_look(o->keyed->entries[i].ttl, o);
    for (uint32_t pass = 0; pass < keyed_passes(o) && e->kind == ERR_NONE; pass++) {
        struct ks_walk w = ks_walk_of(o, of);
        while (ks_next(&w, e))
            keyed_take(o, &w.entry, pass);
        ks_walk_end(&w);
    }
    return e->kind == ERR_NONE && keyed_settle(o, e);
}
