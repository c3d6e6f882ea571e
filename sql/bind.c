#include "sql/bind.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/nearest.h"
#include "sql/binder.h"

const struct rex *bind_wrong(struct bind *at, const struct ast *x, const char *fmt, ...)
{
    char text[600];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    sql_fault(at->b->text, x->at, at->e, "%s", text);
    return NULL;
}

const struct rex *bind_misfit(struct bind *at, const struct ast *x, const char *name, const struct rex *const *args, uint32_t n)
{
    struct buf b = {0};
    for (uint32_t i = 0; i < n && b.n < 300; i++)
        buf_printf(&b, "%s%s", i ? ", " : "", args[i] ? type_label(at->a, args[i]->type) : "?");
    bind_wrong(at, x, n ? "'%s' does not take (%s)" : "'%s' takes arguments%s", name, n ? buf_cstr(&b) : "");
    buf_free(&b);
    return NULL;
}

/* --- names --- */

static bool is(const char *a, const char *b) { return a && !strcmp(a, b); }

/* The column of that scope, with the table's name in front of it or not. */
static const struct scope_column *in_scope(const struct scope *s, const char *table, const char *name, uint32_t *found)
{
    const struct scope_column *c = NULL;
    *found = 0;
    for (uint32_t i = 0; i < s->n; i++)
        if (is(s->columns[i].name, name) && (!table || is(s->columns[i].table, table))) {
            c = c ? c : &s->columns[i];
            ++*found;
        }
    return c;
}

static const struct scope_column *ambiguous(struct binder *b, const struct ast *name, struct err *e)
{
    sql_fault(b->text, name->at, e, "column '%s' is ambiguous; say which table it is of", name->kids[name->n - 1]->text);
    return NULL;
}

const struct scope_column *bind_column(struct binder *b, const struct scope *s, const struct ast *name, uint32_t *parts,
                                       uint32_t *up, struct err *e)
{
    for (*up = 0; s; s = s->outer, ++*up) {
        uint32_t found;
        const struct scope_column *c = NULL;
        if (name->n > 1)
            c = in_scope(s, name->kids[0]->text, name->kids[1]->text, &found);
        *parts = 2;
        if (!c) {
            c = in_scope(s, NULL, name->kids[0]->text, &found);
            *parts = 1;
        }
        if (c)
            return found > 1 ? ambiguous(b, name, e) : c;
    }
    return NULL;
}

static const char *candidate(const void *ctx, size_t i)
{
    const struct scope *s = ctx;
    for (; s && i >= s->n; s = s->outer)
        i -= s->n;
    return s ? s->columns[i].name : NULL;
}

static const struct rex *no_column(struct bind *at, const struct ast *x)
{
    const char *word = x->kids[x->n - 1]->text, *near = nearest_name(word, candidate, at->s);
    if (near && strcmp(near, word) != 0)
        return bind_wrong(at, x, "there is no column '%s'; did you mean '%s'?", word, near);
    return bind_wrong(at, x, "there is no column '%s'", word);
}

static const struct rex *column(struct bind *at, const struct ast *x, const struct scope_column *c, uint32_t up)
{
    if (up && !at->b->outer)
        return bind_wrong(at, x, "column '%s' is of an outer query, which is not possible here", c->name);
    return up    ? at->b->outer(at->b, c, up, x->at, at->e)
        : c->rex ? c->rex
                 : rex_input(at->a, c->input, type_planned(at->a, c->type));
}

static const char *field_name(const void *ctx, size_t i)
{
    const struct ltype *row = ctx;
    return i < row->n ? row->names[i] : NULL;
}

const struct rex *form_field_of(struct bind *at, const struct ast *x, const struct rex *row, const char *name)
{
    if (!type_is_row(row->type))
        return bind_wrong(at, x, "'%s' is no field: %s is no row", name, type_label(at->a, row->type));
    for (int lax = 0; lax < 2; lax++)
        for (uint32_t i = 0; i < row->type->n; i++)
            if (lax ? !strcasecmp(row->type->names[i], name) : is(row->type->names[i], name))
                return rex_field(at->a, row, i);
    const char *near = nearest_name(name, field_name, row->type);
    return near ? bind_wrong(at, x, "there is no field '%s'; did you mean '%s'?", name, near)
                : bind_wrong(at, x, "there is no field '%s'", name);
}

const struct rex *form_name(struct bind *at, const struct ast *x)
{
    uint32_t parts, up;
    const struct scope_column *c = bind_column(at->b, at->s, x, &parts, &up, at->e);
    if (!c && at->e->kind == ERR_NONE && x->n == 1) {
        const struct rex *niladic = form_niladic(at, x);
        return niladic || at->e->kind != ERR_NONE ? niladic : no_column(at, x);
    }
    if (!c)
        return at->e->kind == ERR_NONE ? no_column(at, x) : NULL;
    const struct rex *value = column(at, x, c, up);
    for (uint32_t i = parts; value && i < x->n; i++)
        value = form_field_of(at, x->kids[i], value, x->kids[i]->text);
    return value;
}

/* --- forms --- */

static const struct rex *null_literal(struct bind *at, const struct ast *x)
{
    (void)x;
    return rex_null(at->a, type_simple(at->a, L_NULL, true));
}

static const struct rex *bool_literal(struct bind *at, const struct ast *x)
{
    const struct ltype *t = type_simple(at->a, L_BOOLEAN, true);
    return is(x->text, "UNKNOWN") ? rex_null(at->a, t) : rex_bool(at->a, is(x->text, "TRUE"));
}

static const struct rex *text_literal(struct bind *at, const struct ast *x) { return rex_text(at->a, x->text, x->n_text); }

static const struct rex *default_value(struct bind *at, const struct ast *x)
{
    return bind_wrong(at, x, "DEFAULT stands only for an argument that may be left out");
}

static const struct rex *subquery(struct bind *at, const struct ast *x)
{
    return bind_wrong(at, x, "a query is not possible here");
}

static const struct {
    enum ast_kind kind;
    const struct rex *(*bind)(struct bind *at, const struct ast *x);
} forms[] = {
    {AST_NULL, null_literal},
    {AST_BOOL, bool_literal},
    {AST_NUMBER, form_number},
    {AST_TEXT, text_literal},
    {AST_BINARY, form_binary},
    {AST_TIME, form_time},
    {AST_INTERVAL, form_interval},
    {AST_NAME, form_name},
    {AST_DEFAULT, default_value},
    {AST_CALL, form_call},
    {AST_OP, form_op},
    {AST_CASE, form_case},
    {AST_CAST, form_cast_to},
    {AST_ROW, form_row},
    {AST_ARRAY, form_array},
    {AST_MAP, form_map},
    {AST_ITEM, form_item},
    {AST_FIELD, form_field},
    {AST_UNIT_CALL, form_unit_call},
    {AST_TRIM, form_trim},
    {AST_JSON, form_json},
    {AST_SUBQUERY, subquery},
};

const struct rex *bind_one(struct bind *at, const struct ast *x)
{
    const struct rex *mine = at->b->hook ? at->b->hook(at->b, at->s, x, at->e) : NULL;
    if (mine || at->e->kind != ERR_NONE)
        return mine;
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++)
        if (forms[i].kind == x->kind)
            return forms[i].bind(at, x);
    return bind_wrong(at, x, "this is no value");
}

const struct rex **bind_kids(struct bind *at, const struct ast *x, uint32_t from, uint32_t to)
{
    const struct rex **args = arena_array(at->a, to - from + 1, sizeof *args);
    for (uint32_t i = from; i < to; i++)
        if (!(args[i - from] = bind_one(at, x->kids[i])))
            return NULL;
    return args;
}

/* --- the doors --- */

const struct rex *bind_expr(struct binder *b, const struct scope *s, const struct ast *x, struct err *e)
{
    struct bind at = {b, b->a, s, e};
    return bind_one(&at, x);
}

const struct rex *bind_condition(struct binder *b, const struct scope *s, const struct ast *x, const char *what, struct err *e)
{
    struct bind at = {b, b->a, s, e};
    const struct rex *condition = bind_one(&at, x);
    if (condition && condition->type->root == L_NULL)
        return rex_null(b->a, type_simple(b->a, L_BOOLEAN, true));
    if (condition && condition->type->root != L_BOOLEAN)
        return bind_wrong(&at, x, "%s takes a BOOLEAN condition, not %s", what, type_label(b->a, condition->type));
    return condition;
}

const struct ltype *bind_type(struct binder *b, const struct scope *s, const struct ast *x, struct err *e)
{
    const struct rex *value = bind_expr(b, s, x, e);
    return value ? value->type : NULL;
}

const struct rex *bind_as(struct binder *b, const struct rex *x, const struct ltype *to)
{
    return type_same(x->type, to, true) ? x : rex_cast_to(b->a, x, type_nullable(b->a, to, to->nullable || x->type->nullable));
}
