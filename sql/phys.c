#include "sql/phys.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

bool phys_wrong(const struct planner *pl, struct place at, struct err *e, const char *fmt, ...)
{
    char text[600];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    return sql_fault(pl->c->text, at, e, "%s", text);
}

struct phys *phys_of(struct planner *pl, const struct phys_class *cls, const struct ltype *row, struct place at, uint32_t n,
                     struct phys *const *inputs)
{
    struct phys *p = arena_alloc(pl->a, sizeof *p);
    *p = (struct phys){.cls = cls, .row = row, .at = at, .n = n, .inputs = arena_array(pl->a, n + 1u, sizeof(struct phys *))};
    for (uint32_t i = 0; i < n; i++)
        p->inputs[i] = inputs[i];
    return p;
}

struct phys *phys_rel(struct planner *pl, const struct rel *r, struct err *e)
{
    static struct phys *(*const ways[REL_KINDS])(struct planner *, const struct rel *, struct err *) = {
        [REL_SCAN] = phys_scan,
        [REL_WATERMARK] = phys_watermark,
        [REL_VALUES] = phys_values,
        [REL_PROJECT] = phys_project,
        [REL_FILTER] = phys_filter,
        [REL_JOIN] = phys_join,
        [REL_UNION] = phys_union,
        [REL_AGGREGATE] = phys_aggregate,
        [REL_WINDOW] = phys_window,
        [REL_OVER] = phys_over,
        [REL_SORT] = phys_sort,
        [REL_EXPAND] = phys_expand,
        [REL_GROUP_WINDOW] = phys_group_window,
        [REL_UNNEST] = phys_unnest,
        [REL_CHANGELOG] = phys_changelog,
    };
    return ways[r->kind](pl, r, e);
}

/* --- keys --- */

bool columns_within(const uint32_t *some, uint32_t n_some, const uint32_t *columns, uint32_t n)
{
    for (uint32_t i = 0; i < n_some; i++) {
        uint32_t k = 0;
        while (k < n && columns[k] != some[i])
            k++;
        if (k == n)
            return false;
    }
    return true;
}

bool keys_have(const struct key_sets *k, const uint32_t *columns, uint32_t n)
{
    for (uint32_t i = 0; i < k->n; i++)
        if (columns_within(k->sets[i].columns, k->sets[i].n, columns, n))
            return true;
    return false;
}

bool keys_cover(const struct key_sets *k, const uint32_t *columns, uint32_t n)
{
    for (uint32_t i = 0; i < k->n; i++)
        if (columns_within(columns, n, k->sets[i].columns, k->sets[i].n))
            return true;
    return false;
}

void keys_kept(struct key_sets *k, const uint32_t *columns, uint32_t n)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < k->n; i++)
        if (columns_within(columns, n, k->sets[i].columns, k->sets[i].n))
            k->sets[kept++] = k->sets[i];
    k->n = kept;
}

const struct key_sets *phys_keys_before(const struct phys *p, uint32_t i)
{
    const struct phys *in = p->inputs[i];
    return !strcmp(in->cls->type, "stream-exec-exchange") ? &in->inputs[0]->keys : &in->keys;
}

void keys_add(struct planner *pl, struct key_sets *k, const uint32_t *columns, uint32_t n)
{
    if (k->n == KEY_SETS)
        return;
    uint32_t *mine = arena_array(pl->a, n + 1u, sizeof *mine);
    for (uint32_t i = 0; i < n; i++) {
        uint32_t at = i;
        for (; at && mine[at - 1] > columns[i]; at--)
            mine[at] = mine[at - 1];
        mine[at] = columns[i];
    }
    for (uint32_t i = 0; i < k->n; i++)
        if (k->sets[i].n == n && !memcmp(k->sets[i].columns, mine, n * sizeof *mine))
            return;
    k->sets[k->n].n = n;
    k->sets[k->n++].columns = mine;
}
