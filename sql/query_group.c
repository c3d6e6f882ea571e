/* GROUP BY, aggregates and HAVING: what of a SELECT's items is computed by the steps below them. */
#include <string.h>

#include "sql/query_group.h"
#include "sql/rex_make.h"

static bool same(const struct rex *x, const struct rex *y) { return rex_same(x, y) && type_same(x->type, y->type, false); }

uint32_t group_column(struct group *g, const struct rex *x)
{
    for (uint32_t i = 0; i < g->below.n; i++)
        if (same(g->below.exprs[i], x))
            return i;
    if (g->below.n == COLUMNS_MAX)
        return UINT32_MAX;
    g->below.exprs[g->below.n] = x;
    g->below.names[g->below.n] =
        x->kind == REX_INPUT && x->input < g->row->n ? g->row->names[x->input] : arena_printf(g->q->a, "$f%u", g->below.n);
    return g->below.n++;
}

/* --- calls of aggregates --- */

static bool arguments(struct group *g, struct binder *b, const struct scope *s, const struct ast *call, const struct rex **args,
                      uint32_t *n, struct err *e)
{
    const struct ast *list = call->kids[1];
    *n = 0;
    g->inside = true;
    for (uint32_t i = 0; list && i < list->n && e->kind == ERR_NONE; i++)
        if (list->kids[i]->kind != AST_STAR)
            args[(*n)++] = bind_expr(b, s, list->kids[i], e);
    g->inside = false;
    return e->kind == ERR_NONE;
}

bool group_call(struct group *g, struct binder *b, const struct scope *s, const struct ast *x, struct rel_call *c, struct err *e)
{
    struct query *q = g->q;
    const struct ast *list = x->kids[1];
    const struct rex **args = arena_array(q->a, (list ? list->n : 0) + 1u, sizeof *args);
    struct bind_aggregate f;
    *c = (struct rel_call){.filter = -1, .distinct = x->word && !strcmp(x->word, "DISTINCT")};
    if (g->inside)
        return query_wrong(q, x->at, e, "an aggregate inside another one");
    if (ast_kid(x, 3))
        return query_wrong(q, x->at, e, "WITHIN GROUP is not there yet");
    if (!arguments(g, b, s, x, args, &c->n, e) ||
        !bind_aggregate(b, x, NULL, args, c->n, (g->over || g->n_keys) && !ast_kid(x, 2), &f, e))
        return false;
    if (!strcmp(f.name, "$LISTAGG$1") && c->n > 1 && args[1]->kind != REX_LITERAL)
        return query_wrong(q, list->kids[1]->at, e, "the delimiter of LISTAGG is a literal");
    if (!strcmp(f.name, "$COUNT$1") && c->n == 1 && !args[0]->type->nullable && !c->distinct && !g->over)
        c->n = 0; /* COUNT of what is never NULL counts rows */
    c->ignores_nulls = x->text && !strcmp(x->text, "IGNORE NULLS");
    c->name = f.name;
    c->syntax = f.syntax;
    c->type = f.type;
    c->args = arena_array(q->a, c->n + 1u, sizeof *c->args);
    for (uint32_t i = 0; i < c->n; i++)
        if ((c->args[i] = group_column(g, args[i])) == UINT32_MAX)
            return query_wrong(q, x->at, e, "too many columns");
    if (ast_kid(x, 2)) {
        g->inside = true;
        const struct rex *filter = bind_condition(b, s, x->kids[2], "FILTER", e);
        g->inside = false;
        if (!filter)
            return false;
        if (filter->type->nullable)
            filter = rex_call(q->a, "IS TRUE", "POSTFIX", type_simple(q->a, L_BOOLEAN, false), &filter, 1);
        c->filter = (int)group_column(g, filter);
    }
    return true;
}

uint32_t group_place(struct group *g, const struct rel_call *c, struct place at, struct err *e)
{
    for (uint32_t i = 0; i < g->n_calls; i++) {
        const struct rel_call *k = &g->calls[i];
        if (!strcmp(k->name, c->name) && k->distinct == c->distinct && k->ignores_nulls == c->ignores_nulls &&
            k->filter == c->filter && k->n == c->n && !memcmp(k->args, c->args, c->n * sizeof *c->args))
            return i;
    }
    if (g->n_calls == CALLS_MAX)
        return query_wrong(g->q, at, e, "more than %d aggregates", CALLS_MAX), UINT32_MAX;
    g->calls[g->n_calls] = *c;
    return g->n_calls++;
}

/* --- GROUP BY --- */

static const struct rex *key_column(const struct group *g, uint32_t i)
{
    return rex_input(g->q->a, i, query_key_type(g->q, &g->sets, i, g->below.exprs[i]->type));
}

/* Behind the keys, and the number of the set. */
static uint32_t call_column(const struct group *g, uint32_t i) { return g->n_keys + (g->sets.n_sets > 0) + i; }

/* A query in HAVING: its type, while the calls are gathered; then it is joined to the aggregate. */
static const struct rex *having_value(struct group *g, const struct ast *x, struct err *e)
{
    if (!g->having)
        return NULL;
    if (g->having->rel)
        return query_scalar(g->q, g->having, x, e);
    struct rel *r = query_rel(g->q, x, e);
    return r ? rex_null(g->q->a, r->row->kids[0]) : NULL;
}

static const struct rex *on_group(struct binder *b, const struct scope *s, const struct ast *x, struct err *e)
{
    struct group *g = b->ctx;
    uint32_t parts, up;
    if (g->inside)
        return NULL;
    if (x->kind == AST_SUBQUERY)
        return having_value(g, x, e);
    for (uint32_t i = 0; i < g->n_keys; i++)
        if (ast_same(g->key_asts[i], x))
            return key_column(g, i);
    const struct rex *grouping = query_grouping_call(g->q, &g->sets, x, e);
    if (!grouping && e->kind == ERR_NONE)
        grouping = group_property(g, x, e);
    if (grouping || e->kind != ERR_NONE)
        return grouping;
    if (x->kind == AST_CALL && !ast_kid(x, 4) && bind_call_kind(x) == BIND_AGGREGATE) {
        struct rel_call c;
        uint32_t i = group_call(g, b, s, x, &c, e) ? group_place(g, &c, x->at, e) : UINT32_MAX;
        return i == UINT32_MAX ? NULL : rex_input(g->q->a, call_column(g, i), g->calls[i].type);
    }
    if (x->kind != AST_NAME)
        return NULL;
    const struct scope_column *c = bind_column(b, s, x, &parts, &up, e);
    if (!c || up)
        return NULL;
    for (uint32_t i = 0; i < g->n_keys; i++)
        if (g->below.exprs[i]->kind == REX_INPUT && g->below.exprs[i]->input == c->input && parts == x->n)
            return key_column(g, i);
    query_wrong(g->q, x->at, e, "column '%s' is neither in GROUP BY nor inside an aggregate", c->name);
    return NULL;
}

static bool has_aggregate(const struct ast *x)
{
    if (!x || ast_is_query(x))
        return false;
    if (x->kind == AST_CALL && !ast_kid(x, 4) && bind_call_kind(x) == BIND_AGGREGATE)
        return true;
    for (uint32_t i = 0; i < x->n; i++)
        if (has_aggregate(x->kids[i]))
            return true;
    return false;
}

static bool has_over(const struct ast *x)
{
    if (!x || ast_is_query(x))
        return false;
    if (x->kind == AST_CALL && ast_kid(x, 4))
        return true;
    for (uint32_t i = 0; i < x->n; i++)
        if (has_over(x->kids[i]))
            return true;
    return false;
}

/* Numbers and aliases of items do not stand for them, as in Flink (FlinkSqlConformance). */
static bool group_keys(struct group *g, const struct ast *list, struct err *e)
{
    struct binder b = query_binder(g->q);
    if (!query_grouping(g->q, list, &g->sets, e))
        return false;
    g->key_asts = arena_array(g->q->a, g->sets.n_keys + 1u, sizeof *g->key_asts);
    for (uint32_t i = 0; i < g->sets.n_keys; i++) {
        const struct ast *x = g->sets.keys[i];
        if (group_is_window(x))
            continue;
        const struct rex *r = bind_expr(&b, g->in, x, e);
        if (!r)
            return false;
        uint32_t before = g->below.n;
        if (group_column(g, r) < before) { /* twice */
            if (g->sets.n_sets)
                return query_wrong(g->q, x->at, e, "this is a key of GROUP BY already");
            continue;
        }
        g->key_asts[g->n_keys++] = x;
    }
    for (uint32_t i = 0; i < g->sets.n_keys; i++) /* behind the other keys */
        if (group_is_window(g->sets.keys[i]) && !group_window(g, g->sets.keys[i], e))
            return false;
    return true;
}

/* The rows for each set; keys that calls look at are there twice. */
static struct rel *expanded(struct group *g, struct rel *below)
{
    uint32_t *doubled = arena_array(g->q->a, g->n_keys + 1u, sizeof *doubled), n = 0,
             *place = arena_array(g->q->a, g->n_keys + 1u, sizeof *place);
    for (uint32_t i = 0; i < g->n_calls; i++)
        for (uint32_t k = 0; k <= g->calls[i].n; k++) {
            uint32_t c = k < g->calls[i].n ? g->calls[i].args[k]
                : g->calls[i].filter >= 0  ? (uint32_t)g->calls[i].filter
                                           : UINT32_MAX;
            if (c >= g->n_keys)
                continue;
            if (!place[c]) {
                doubled[n++] = c;
                place[c] = below->row->n + n;
            }
            if (k < g->calls[i].n)
                g->calls[i].args[k] = place[c];
            else
                g->calls[i].filter = (int)place[c];
        }
    return query_expand(g->q, below, &g->sets, doubled, n);
}

/* The step itself: what is below it, then keys and calls. */
static struct rel *aggregate(struct group *g, struct rel *in)
{
    struct arena *a = g->q->a;
    if (!g->below.n) { /* COUNT(*) looks at no column, and rows have at least one */
        g->below.exprs[0] = rex_int(a, 0);
        g->below.names[g->below.n++] = "$f0";
    }
    struct rel *below = rel_project(a, in, g->below.exprs, g->below.names, g->below.n);
    uint32_t width = below->row->n, keys = call_column(g, 0), n = keys + g->n_calls;
    if (g->windowed)
        return group_windows(g, below);
    if (g->sets.n_sets)
        below = expanded(g, below);
    struct rel *r = rel_of(a, REL_AGGREGATE, in->at, 1, &below);
    const char **names = arena_array(a, n + 1u, sizeof *names);
    const struct ltype **types = arena_array(a, n + 1u, sizeof *types);
    r->n_keys = keys;
    r->keys = arena_array(a, n + 1u, sizeof *r->keys);
    r->n_calls = g->n_calls;
    r->calls = g->calls;
    for (uint32_t i = 0; i < n; i++) {
        struct rel_call *c = i < keys ? NULL : &g->calls[i - keys];
        if (!c)
            r->keys[i] = i < g->n_keys ? i : width;
        names[i] = !c ? below->row->names[r->keys[i]] : c->as ? c->as : arena_printf(a, "$f%u", i);
        types[i] = !c ? below->row->kids[r->keys[i]] : c->type;
        if (c)
            c->as = names[i];
    }
    r->row = type_row(a, names, types, n, false);
    return r;
}

struct group group_new(struct query *q, const struct from *f)
{
    return (struct group){
        .q = q,
        .in = &f->scope,
        .row = f->rel->row,
        .below = {arena_array(q->a, COLUMNS_MAX, sizeof(void *)), arena_array(q->a, COLUMNS_MAX, sizeof(void *)), 0},
        .calls = arena_array(q->a, CALLS_MAX, sizeof(struct rel_call))};
}

/* --- a SELECT --- */

bool query_group(struct query *q, struct from *f, const struct ast *x, struct select_items *items, struct err *e)
{
    const struct ast *list = ast_kid(x, 4), *having = ast_kid(x, 5);
    bool grouped = list || having, over = false;
    for (uint32_t i = 0; i < items->n; i++) {
        grouped = grouped || has_aggregate(items->asts[i]);
        over = over || has_over(items->asts[i]);
    }
    if (over && grouped)
        return query_wrong(q, x->at, e, "OVER beside GROUP BY is not there yet: put the one into a query behind FROM");
    if (over)
        return query_over(q, f, ast_kid(x, 6), items, e);
    struct group g = {0};
    struct binder b = query_joining(q, f);
    if (grouped) {
        g = group_new(q, f);
        b.hook = on_group;
        b.ctx = &g;
        if (!group_keys(&g, list, e))
            return false;
    }
    for (uint32_t i = 0; i < items->n; i++) {
        if (!(items->exprs[i] = bind_expr(&b, &f->scope, items->asts[i], e)))
            return false;
        const struct rex *item = items->exprs[i];
        /* a call by itself has the item's name */
        if (grouped && item->kind == REX_INPUT && item->input >= call_column(&g, 0) && item->input < call_column(&g, g.n_calls) &&
            !g.calls[item->input - call_column(&g, 0)].as)
            g.calls[item->input - call_column(&g, 0)].as = items->names[i] ? items->names[i] : arena_printf(q->a, "EXPR$%u", i);
    }
    struct from last = {0};
    g.having = having ? &last : NULL;
    if (having && !bind_condition(&b, &f->scope, having, "HAVING", e))
        return false;
    if (!grouped)
        return true;
    last.rel = f->rel = aggregate(&g, f->rel);
    f->rel->ttl[0] = query_ttl(q, f->name);
    const struct rel *row = f->rel;
    for (uint32_t i = 0; i < items->n && g.windowed; i++)
        items->exprs[i] = group_placed(&g, items->exprs[i], row);
    const struct rex *condition = having ? bind_condition(&b, &f->scope, having, "HAVING", e) : NULL;
    if (condition && g.windowed)
        condition = group_placed(&g, condition, row);
    if (condition)
        f->rel = rel_filter(q->a, last.rel, rex_simplify_condition(&q->simplify, condition));
    if (f->rel->row->n > row->row->n) { /* without what was joined */
        const struct rex **exprs = arena_array(q->a, row->row->n + 1u, sizeof *exprs);
        for (uint32_t i = 0; i < row->row->n; i++)
            exprs[i] = rel_column(q->a, f->rel, i);
        f->rel = rel_project(q->a, f->rel, exprs, row->row->names, row->row->n);
    }
    if (e->kind != ERR_NONE)
        return false;
    return true;
}
