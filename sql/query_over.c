/* OVER: calls of one window, as columns behind those of the input. */
#include <string.h>

#include "sql/query_group.h"
#include "sql/rex_make.h"

static const struct ast *window_of(const struct group *g, const struct ast *x)
{
    const struct ast *w = x->kids[4];
    const char *name = w->kind == AST_WINDOW ? w->text : w->kind == AST_NAME ? w->kids[0]->text : w->text;
    for (uint32_t i = 0; name && g->windows && i < g->windows->n; i++)
        if (!strcmp(g->windows->kids[i]->text, name))
            return g->windows->kids[i]->kids[0];
    return name ? NULL : w;
}

static const struct rex *over_call(struct group *g, const struct rel_call *c, const struct ast *x, struct err *e)
{
    uint32_t i = group_place(g, c, x->at, e);
    return i == UINT32_MAX ? NULL : rex_input(g->q->a, COLUMNS_MAX + i, g->calls[i].type); /* placed when all are known */
}

/* The same call of another function. */
static const struct rex *over_other(struct group *g, const struct rel_call *like, const char *name, const char *syntax,
                                    const struct ltype *type, const struct ast *x, struct err *e)
{
    struct rel_call c = *like;
    c.name = name;
    c.syntax = syntax;
    c.type = type;
    return over_call(g, &c, x, e);
}

static const struct rex *over_count(struct group *g, const struct rel_call *like, const struct ast *x, struct err *e)
{
    return over_other(g, like, "$COUNT$1", "FUNCTION_STAR", type_simple(g->q->a, L_BIGINT, false), x, e);
}

/* What may be NULL is summed up from zero on, and NULL as long as there was nothing (RexBuilder#makeOver, Calcite 1.36). */
static const struct rex *over_sum(struct group *g, const struct ast *x, const struct rel_call *c, struct err *e)
{
    struct arena *a = g->q->a;
    if (!c->type->nullable)
        return over_call(g, c, x, e);
    const struct rex *n = over_count(g, c, x, e);
    const struct rex *sum = n ? over_other(g, c, "$$SUM0$1", NULL, type_nullable(a, c->type, false), x, e) : NULL;
    if (!sum)
        return NULL;
    const struct rex *any =
        rex_call(a, ">", "BINARY", type_simple(a, L_BOOLEAN, false), REX_OPS(n, rex_literal(a, value_int(0), n->type)));
    return rex_call(a, "CASE", "SPECIAL", c->type, (const struct rex *[]){any, sum, rex_null(a, c->type)}, 3);
}

/* A sum, as the average's type, by how many there are (AvgVarianceConvertlet, Calcite 1.36). */
static const struct rex *over_average(struct group *g, struct binder *b, const struct ast *x, const struct rel_call *c,
                                      struct err *e)
{
    struct arena *a = g->q->a;
    const struct rex *arg = g->below.exprs[c->args[0]];
    struct bind_aggregate f;
    if (!bind_aggregate(b, x, "SUM", &arg, 1, true, &f, e))
        return NULL;
    struct rel_call total = *c;
    total.name = f.name;
    total.type = f.type;
    const struct rex *sum = over_sum(g, x, &total, e), *n = sum ? over_count(g, c, x, e) : NULL;
    if (!n)
        return NULL;
    if (!type_same(sum->type, c->type, true))
        sum = rex_cast(a, sum, type_nullable(a, c->type, sum->type->nullable));
    const struct rex *v = bind_quotient(b, x, sum, n, e);
    return v && !type_same(v->type, c->type, true) ? rex_cast(a, v, c->type) : v;
}

static const struct rex *on_over(struct binder *b, const struct scope *s, const struct ast *x, struct err *e)
{
    struct group *g = b->ctx;
    enum bind_kind kind = x->kind == AST_CALL ? bind_call_kind(x) : BIND_SCALAR;
    if (g->inside || x->kind != AST_CALL || !ast_kid(x, 4))
        return NULL;
    const struct ast *w = window_of(g, x);
    if (!w)
        return query_wrong(g->q, x->at, e, "there is no such window"), NULL;
    if (kind != BIND_AGGREGATE && kind != BIND_WINDOW)
        return query_wrong(g->q, x->at, e, "this function does not take OVER"), NULL;
    if (g->over && !ast_same(g->over, w))
        return query_wrong(g->q, x->at, e, "Flink executes one window in a SELECT: all OVER must be the same"), NULL;
    g->over = w;
    struct rel_call c;
    if (!group_call(g, b, s, x, &c, e))
        return NULL;
    return !strcmp(c.name, "$AVG$1") ? over_average(g, b, x, &c, e)
        : !strcmp(c.name, "$SUM$1")  ? over_sum(g, x, &c, e)
                                     : over_call(g, &c, x, e);
}

/* Bounds of the window: what stands in front of the row. */
static bool bounds(struct group *g, const struct ast *frame, struct rel_bounds *to, struct err *e)
{
    struct binder b = query_binder(g->q);
    struct scope none = {0};
    *to = (struct rel_bounds){.rows = frame && !strcmp(frame->word, "ROWS")};
    const struct ast *low = ast_kid(frame ? frame : &(const struct ast){0}, 0), *high = frame ? ast_kid(frame, 1) : NULL;
    if (high && strcmp(high->text, "CURRENT ROW") != 0)
        return query_wrong(g->q, high->at, e, "a window ends at CURRENT ROW");
    if (!low || !strcmp(low->text, "UNBOUNDED PRECEDING"))
        return true;
    if (!strcmp(low->text, "CURRENT ROW"))
        to->before = rex_int(g->q->a, 0);
    else if (strcmp(low->text, "PRECEDING") != 0)
        return query_wrong(g->q, low->at, e, "a window begins at UNBOUNDED PRECEDING, … PRECEDING or CURRENT ROW");
    else
        to->before = bind_expr(&b, &none, low->kids[0], e);
    return to->before != NULL;
}

static struct rel *over(struct group *g, struct rel *in, struct binder *b, struct err *e)
{
    struct arena *a = g->q->a;
    const struct ast *w = g->over, *keys = ast_kid(w, 0), *orders = ast_kid(w, 1);
    struct rel r = {.n_orders = orders ? orders->n : 0, .n_keys = keys ? keys->n : 0};
    r.keys = arena_array(a, r.n_keys + 1u, sizeof *r.keys);
    r.orders = arena_array(a, r.n_orders + 1u, sizeof *r.orders);
    g->inside = true; /* no OVER inside */
    for (uint32_t i = 0; i < r.n_keys; i++) {
        const struct rex *x = bind_expr(b, g->in, keys->kids[i], e);
        if (!x)
            return NULL;
        r.keys[i] = group_column(g, x);
    }
    for (uint32_t i = 0; i < r.n_orders; i++) {
        const struct ast *s = orders->kids[i];
        const struct rex *x = bind_expr(b, g->in, s->kids[0], e);
        if (!x)
            return NULL;
        bool desc = s->word && !strcmp(s->word, "DESC");
        r.orders[i] = (struct rel_order){group_column(g, x), desc, s->text ? !strcmp(s->text, "NULLS LAST") : desc};
    }
    if (!bounds(g, ast_kid(w, 2), &r.bounds, e))
        return NULL;
    struct rel *below = g->below.n > in->row->n ? rel_project(a, in, g->below.exprs, g->below.names, g->below.n) : in;
    struct rel *to = rel_of(a, REL_OVER, w->at, 1, &below);
    uint32_t n = below->row->n + g->n_calls;
    const char **names = arena_array(a, n + 1u, sizeof *names);
    const struct ltype **types = arena_array(a, n + 1u, sizeof *types);
    memcpy(names, below->row->names, below->row->n * sizeof(*names));
    memcpy(types, below->row->kids, below->row->n * sizeof(*types));
    for (uint32_t i = 0; i < g->n_calls; i++) {
        names[below->row->n + i] = g->calls[i].as = arena_printf(a, "w0$o%u", i);
        types[below->row->n + i] = g->calls[i].type;
    }
    to->row = type_row(a, names, types, n, false);
    to->n_keys = r.n_keys;
    to->keys = r.keys;
    to->n_orders = r.n_orders;
    to->orders = r.orders;
    to->bounds = r.bounds;
    to->calls = g->calls;
    to->n_calls = g->n_calls;
    return to;
}

/* Calls were bound as columns far behind all others: where they are now. */
static const struct rex *placed(struct arena *a, const struct rex *x, uint32_t width, const struct rel *over)
{
    const struct rex **map = arena_array(a, COLUMNS_MAX + CALLS_MAX, sizeof *map);
    for (uint32_t i = 0; i < over->row->n; i++)
        map[i < width ? i : COLUMNS_MAX + (i - width)] = rel_column(a, over, i);
    return rex_over(a, x, map);
}

bool query_over(struct query *q, struct from *f, const struct ast *windows, struct select_items *items, struct err *e)
{
    struct group g = group_new(q, f);
    struct binder b = query_binder(q);
    b.hook = on_over;
    b.ctx = &g;
    g.windows = windows;
    g.grouped = true;
    for (uint32_t i = 0; i < f->rel->row->n; i++) {
        g.below.exprs[i] = rel_column(q->a, f->rel, i);
        g.below.names[i] = f->rel->row->names[i];
    }
    g.below.n = f->rel->row->n;
    for (uint32_t i = 0; i < items->n; i++)
        if (!(items->exprs[i] = bind_expr(&b, &f->scope, items->asts[i], e)))
            return false;
    struct rel *r = over(&g, f->rel, &b, e);
    if (!r)
        return false;
    for (uint32_t i = 0; i < items->n; i++)
        items->exprs[i] = placed(q->a, items->exprs[i], r->row->n - g.n_calls, r);
    f->rel = r;
    return true;
}
