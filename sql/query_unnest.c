/* UNNEST: each row with the elements of an array, a map or a multiset of it (flink-table-planner 2.3, LogicalUnnestRule). */
#include <string.h>

#include "sql/query.h"
#include "sql/rex_make.h"

enum { COLUMNS_MAX = 4096 };

const struct ast *query_is_unnest(const struct ast *x)
{
    for (int i = 0; i < 2 && (x->kind == AST_AS || x->kind == AST_LATERAL); i++)
        x = x->kids[0];
    return x->kind == AST_UNNEST ? x : NULL;
}

/* The rows that a value makes; names: as SQL knows the columns, while plans have f0, f1 … */
static const struct ltype *made_of(struct arena *a, const struct ltype *t, bool ordinal, const char ***names)
{
    bool fields = t->root != L_MAP && t->kids[0]->root == L_ROW;
    const struct ltype *element = fields ? t->kids[0] : t;
    uint32_t n = element->n;
    const char **plan = arena_array(a, n + 2u, sizeof *plan);
    const struct ltype **types = arena_array(a, n + 2u, sizeof *types);
    *names = arena_array(a, n + 2u, sizeof **names);
    for (uint32_t i = 0; i < n; i++) {
        types[i] = element->kids[i];
        (*names)[i] = fields ? element->names[i] : t->root != L_MAP ? NULL : i ? "VALUE" : "KEY";
        plan[i] = fields ? element->names[i] : ordinal && t->root != L_MAP ? "EXPR$0" : arena_printf(a, "f%u", i);
    }
    if (ordinal) {
        types[n] = type_simple(a, L_INTEGER, false);
        plan[n] = (*names)[n] = "ORDINALITY";
        n++;
    }
    return type_row(a, plan, types, n, t->root != L_MAP && !ordinal && (!fields || element->nullable));
}

static bool alias_names(struct query *q, const struct ast *as, const struct ltype *made, const char **names, struct err *e)
{
    const struct ast *columns = as ? ast_kid(as, 1) : NULL;
    if (columns && columns->n != made->n)
        return query_wrong(q, columns->at, e, "%u names for %u columns", columns->n, made->n);
    for (uint32_t i = 0; i < made->n; i++) {
        if (columns)
            names[i] = columns->kids[i]->kind == AST_NAME ? columns->kids[i]->kids[0]->text : columns->kids[i]->text;
        else if (!names[i])
            names[i] = as && made->n == 1 ? as->text : "EXPR$0";
    }
    return true;
}

static struct scope widened(struct query *q, const struct from *l, const struct rel *r, const char *table, const char *const *names)
{
    uint32_t width = l->rel->row->n, n = r->row->n - width;
    struct scope_column *c = arena_array(q->a, l->scope.n + n + 1u, sizeof *c);
    if (l->scope.n)
        memcpy(c, l->scope.columns, l->scope.n * sizeof *c);
    for (uint32_t i = 0; i < n; i++)
        c[l->scope.n + i] =
            (struct scope_column){.table = table, .name = names[i], .type = r->row->kids[width + i], .input = width + i};
    return (struct scope){.outer = q->outer, .columns = c, .n = l->scope.n + n};
}

bool query_unnest(struct query *q, const struct from *l, const struct ast *x, enum rel_join join, struct from *to, struct err *e)
{
    const struct ast *unnest = query_is_unnest(x), *as = NULL;
    struct binder b = query_binder(q);
    struct from nothing;
    const char **names;
    for (const struct ast *k = x; k != unnest; k = k->kids[0])
        as = k->kind == AST_AS ? k : as;
    if (!l) {
        query_nothing(q, x, &nothing);
        l = &nothing;
    }
    if (unnest->n != 1)
        return query_wrong(q, unnest->at, e, "UNNEST of several values is not there yet: one");
    const struct rex *v = bind_expr(&b, &l->scope, unnest->kids[0], e);
    if (!v)
        return false;
    if (v->type->root != L_ARRAY && v->type->root != L_MAP && v->type->root != L_MULTISET)
        return query_wrong(q, unnest->at, e, "UNNEST takes an ARRAY, MAP or MULTISET, not %s", type_label(q->a, v->type));
    if (rex_has_outer(v))
        return query_wrong(q, unnest->at, e, "UNNEST of a column of the query around this one is not there yet");
    struct rel *r = rel_of(q->a, REL_UNNEST, x->at, 1, (struct rel *const[]){l->rel});
    r->join = join;
    r->ordinal = unnest->flag;
    r->made = made_of(q->a, v->type, r->ordinal, &names);
    r->exprs = arena_array(q->a, 1, sizeof *r->exprs);
    r->exprs[0] = rex_simplify(&q->simplify, v);
    if (r->made->n > COLUMNS_MAX || !alias_names(q, as, r->made, names, e))
        return e->kind != ERR_NONE ? false : query_wrong(q, x->at, e, "more than %d columns", COLUMNS_MAX);
    bool padded = false; /* columns that LEFT makes nullable have their names from SQL (LogicalUnnestRule) */
    for (uint32_t i = 0; i < r->made->n; i++)
        padded = padded || (join == JOIN_LEFT && !r->made->kids[i]->nullable);
    const struct ltype *row = padded ? type_row(q->a, names, r->made->kids, r->made->n, false) : r->made;
    r->row = rel_joined_row(q->a, l->rel->row, row, join);
    *to = (struct from){.rel = r, .scope = widened(q, l, r, as ? as->text : NULL, names)};
    return true;
}
