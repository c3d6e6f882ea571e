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
        [REL_SCAN] = phys_scan,     [REL_WATERMARK] = phys_watermark, [REL_VALUES] = phys_values, [REL_PROJECT] = phys_project,
        [REL_FILTER] = phys_filter, [REL_JOIN] = phys_join,           [REL_UNION] = phys_union,   [REL_AGGREGATE] = phys_aggregate,
        [REL_WINDOW] = phys_window, [REL_OVER] = phys_over,           [REL_SORT] = phys_sort,     [REL_UNNEST] = phys_unnest,
    };
    return ways[r->kind](pl, r, e);
}

/* --- keys --- */

static bool within(const uint32_t *some, uint32_t n_some, const uint32_t *columns, uint32_t n)
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
        if (within(k->sets[i].columns, k->sets[i].n, columns, n))
            return true;
    return false;
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

/* --- changes (FlinkChangelogModeInferenceProgram) --- */

void phys_kinds(struct planner *pl, struct phys *p)
{
    for (uint32_t i = 0; i < p->n; i++)
        phys_kinds(pl, p->inputs[i]);
    p->kinds = p->cls->kinds ? p->cls->kinds(p) : p->n ? p->inputs[0]->kinds : KIND_INSERT;
    if (p->cls->keys)
        p->cls->keys(pl, p, &p->keys);
    else if (p->n)
        p->keys = p->inputs[0]->keys;
}

static const struct phys_class drop = {.type = "stream-exec-drop-update-before", .version = 1};

static void infer_before(struct planner *pl, struct phys *p, bool before)
{
    p->before = before && (p->kinds & KIND_UPDATE);
    for (uint32_t i = 0; i < p->n; i++) {
        struct phys *in = p->inputs[i];
        bool wants = p->cls->wants ? p->cls->wants(p, i, before) : before;
        infer_before(pl, in, wants);
        if (!wants && in->cls->always_before && in->cls->always_before(in)) { /* sent, and not wanted */
            struct phys *d = phys_of(pl, &drop, in->row, in->at, 1, &in);
            d->kinds = in->kinds;
            d->keys = in->keys;
            p->inputs[i] = d;
        }
    }
}

bool phys_infer(struct planner *pl, struct phys *sink, struct err *e)
{
    phys_kinds(pl, sink);
    infer_before(pl, sink, false);
    return e->kind == ERR_NONE;
}
