#include "sql/rel_terms.h"

#include <string.h>

#include "sql/rex_make.h"
#include "sql/simplify.h"

struct terms terms_none(struct arena *a) { return (struct terms){.v = arena_array(a, TERMS_MAX, sizeof(void *))}; }

void terms_sides(const struct rex *x, uint32_t width, uint32_t all, bool *left, bool *right)
{
    static _Thread_local bool used[COLUMNS_MAX];
    memset(used, 0, all);
    rex_used(x, used, all);
    *left = *right = false;
    for (uint32_t i = 0; i < all; i++)
        if (used[i])
            *(i < width ? left : right) = true;
}

struct rel *terms_filtered(struct arena *a, struct rel *in, const struct terms *t)
{
    const struct rex *c = rex_and(a, t->v, t->n);
    return c ? rel_push(a, rel_filter(a, in, c)) : rel_push(a, in);
}

/* Terms over the rows in front of UNNEST go below it, those over what it makes are its own condition. */
static struct rel *push_unnest(struct arena *a, struct rel *u, const struct terms *where)
{
    struct terms below = terms_none(a), own = terms_none(a), stay = terms_none(a);
    struct rel *to = arena_alloc(a, sizeof *to);
    uint32_t width = u->inputs[0]->row->n;
    for (uint32_t i = 0; i < where->n; i++) {
        bool left, made;
        terms_sides(where->v[i], width, u->row->n, &left, &made);
        if (left && !made)
            below.v[below.n++] = where->v[i];
        else if (made && !left && u->join == JOIN_INNER)
            own.v[own.n++] = rex_moved(a, where->v[i], -(int)width);
        else
            stay.v[stay.n++] = where->v[i];
    }
    *to = *u;
    to->inputs = arena_array(a, 1, sizeof *to->inputs);
    to->inputs[0] = terms_filtered(a, u->inputs[0], &below);
    to->condition = rex_and(a, own.v, own.n);
    const struct rex *rest = rex_and(a, stay.v, stay.n);
    return rest ? rel_filter(a, to, rest) : to;
}

/* Terms over expressions are terms over what these are made of. */
static struct rel *push_project(struct arena *a, struct rel *p, const struct terms *where)
{
    struct terms below = terms_none(a);
    struct rel *to = arena_alloc(a, sizeof *to);
    for (uint32_t i = 0; i < p->row->n; i++)
        if (rex_varies(p->exprs[i]))
            return NULL;
    for (uint32_t i = 0; i < where->n; i++)
        below.v[below.n++] = rex_over(a, where->v[i], p->exprs);
    *to = *p;
    to->inputs = arena_array(a, 1, sizeof *to->inputs);
    to->inputs[0] = terms_filtered(a, p->inputs[0], &below);
    return to;
}

/* Terms over keys go below the aggregate. */
static struct rel *push_aggregate(struct arena *a, struct rel *g, const struct terms *where)
{
    struct terms below = terms_none(a), stay = terms_none(a);
    const struct rex **keys = arena_array(a, g->row->n + 1u, sizeof *keys);
    struct rel *to = arena_alloc(a, sizeof *to);
    for (uint32_t i = 0; i < g->n_keys; i++)
        keys[i] = rel_column(a, g->inputs[0], g->keys[i]);
    for (uint32_t i = 0; i < where->n; i++) {
        bool key, call;
        terms_sides(where->v[i], g->n_keys, g->row->n, &key, &call);
        if (key && !call)
            below.v[below.n++] = rex_over(a, where->v[i], keys);
        else
            stay.v[stay.n++] = where->v[i];
    }
    *to = *g;
    to->inputs = arena_array(a, 1, sizeof *to->inputs);
    to->inputs[0] = terms_filtered(a, g->inputs[0], &below);
    const struct rex *rest = rex_and(a, stay.v, stay.n);
    return rest ? rel_filter(a, to, rest) : to;
}

static struct rel *push_union(struct arena *a, struct rel *u, const struct terms *where)
{
    struct rel *to = rel_of(a, REL_UNION, u->at, u->n, u->inputs);
    to->row = u->row;
    for (uint32_t i = 0; i < u->n; i++)
        to->inputs[i] = terms_filtered(a, u->inputs[i], where);
    return to;
}

static struct rel *push_filters(struct arena *a, struct rel *low, const struct terms *where)
{
    struct terms all = terms_none(a);
    if (!rex_terms(low->condition, all.v, &all.n, TERMS_MAX) || all.n + where->n > TERMS_MAX)
        return NULL;
    for (uint32_t i = 0; i < where->n; i++)
        all.v[all.n++] = where->v[i];
    return terms_filtered(a, low->inputs[0], &all);
}

/* The source is told, and the filter stays (PushFilterIntoTableSourceScanRule; Flink's filesystem source only uses it to skip files). */
static struct rel *push_scan(struct arena *a, struct rel *scan, const struct rex *condition)
{
    struct rel *to = arena_alloc(a, sizeof *to);
    *to = *scan;
    to->condition = rex_varies(condition) ? NULL : condition;
    return rel_filter(a, to, condition);
}

static struct rel *push_into(struct arena *a, struct rel *in, const struct rex *condition)
{
    struct terms where = terms_none(a), left_over = terms_none(a);
    if (in->row->n >= COLUMNS_MAX || !rex_terms(condition, where.v, &where.n, TERMS_MAX))
        return NULL;
    switch (in->kind) {
    case REL_SCAN:
        return push_scan(a, in, condition);
    case REL_FILTER:
        return push_filters(a, in, &where);
    case REL_PROJECT:
        return push_project(a, in, &where);
    case REL_UNION:
        return push_union(a, in, &where);
    case REL_AGGREGATE:
        return push_aggregate(a, in, &where);
    case REL_UNNEST:
        return push_unnest(a, in, &where);
    case REL_JOIN: {
        struct rel *to = push_join(a, in, &where, &left_over);
        const struct rex *rest = rex_and(a, left_over.v, left_over.n);
        return to && rest ? rel_filter(a, to, rest) : to;
    }
    default:
        return NULL;
    }
}

struct rel *rel_push(struct arena *a, struct rel *r)
{
    const struct terms none = terms_none(a);
    struct terms left_over = terms_none(a);
    struct rel *to = NULL;
    if (r->kind == REL_FILTER)
        to = push_into(a, r->inputs[0], r->condition);
    else if (r->kind == REL_JOIN && r->row->n < COLUMNS_MAX)
        to = push_join(a, r, &none, &left_over);
    if (to)
        return to;
    for (uint32_t i = 0; i < r->n; i++)
        r->inputs[i] = rel_push(a, r->inputs[i]);
    return r;
}
