#include "runtime/agg_items.h"

#include <stdlib.h>
#include <string.h>

static const struct ltype real = {.root = L_DOUBLE, .slot = SLOT_DOUBLE, .width = 8};
static const struct ltype string = {.root = L_VARCHAR, .slot = SLOT_TEXT, .width = 8};
const struct ltype *const agg_double = &real, *const agg_text = &string;

void agg_items_add(struct agg_items **to, const struct ltype *t, union cell v, uint8_t null)
{
    struct agg_items *all = *to ? *to : (*to = mem_zalloc(sizeof *all));
    if (all->n == all->cap)
        all->x = mem_grow(all->x, all->cap = all->cap ? all->cap * 2 : 4, sizeof *all->x);
    struct agg_item *x = &all->x[all->n++];
    *x = (struct agg_item){.null = null};
    if (!null)
        x->v = cell_keep(t, v, &x->block);
}

void agg_items_drop(struct agg_items *all, uint32_t at)
{
    free(all->x[at].block);
    memmove(all->x + at, all->x + at + 1, (--all->n - at) * sizeof *all->x);
}

bool agg_items_remove(struct agg_items *all, const struct ltype *t, union cell v, uint8_t null)
{
    for (uint32_t i = 0; i < agg_items_n(all); i++)
        if (all->x[i].null == null && (null || cell_same(t, all->x[i].v, v)))
            return agg_items_drop(all, i), true;
    return false;
}

void agg_items_free(struct agg_items *all)
{
    for (uint32_t i = 0; i < agg_items_n(all); i++)
        free(all->x[i].block);
    if (all)
        free(all->x);
    free(all);
}

void agg_items_count(struct acc *a, const struct ltype *t, union cell v, uint8_t null, int64_t sign)
{
    if (sign > 0)
        agg_items_add(&a->items, t, v, null);
    else if (!agg_items_remove(a->items, t, v, null))
        agg_items_add(&a->owed, t, v, null);
}

void agg_items_merge(struct acc *to, const struct acc *from, const struct ltype *t)
{
    for (uint32_t i = 0; i < agg_items_n(from->items); i++)
        agg_items_add(&to->items, t, from->items->x[i].v, from->items->x[i].null);
    for (uint32_t i = 0; i < agg_items_n(from->owed); i++)
        agg_items_add(&to->owed, t, from->owed->x[i].v, from->owed->x[i].null);
    for (uint32_t i = 0; i < agg_items_n(to->owed);)
        if (agg_items_remove(to->items, t, to->owed->x[i].v, to->owed->x[i].null))
            agg_items_drop(to->owed, i);
        else
            i++;
}
