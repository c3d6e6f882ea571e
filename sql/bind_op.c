/* Operators: logic, comparisons, LIKE, IN, BETWEEN, IS …, OVERLAPS. */
#include <string.h>

#include "sql/binder.h"

static const struct ltype *truth(struct bind *at, bool nullable) { return type_simple(at->a, L_BOOLEAN, nullable); }

static bool any_null(const struct rex *const *args, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        if (args[i]->type->nullable)
            return true;
    return false;
}

/* --- logic --- */

const struct rex *form_logic(struct bind *at, const char *op, const struct rex *const *args, uint32_t n)
{
    return n == 1 ? args[0] : rex_call(at->a, op, "BINARY", truth(at, any_null(args, n)), args, n);
}

const struct rex *form_not(struct bind *at, const struct rex *x)
{
    return rex_call(at->a, "NOT", "PREFIX", truth(at, x->type->nullable), REX_OPS(x));
}

/* NULL as a BOOLEAN; false: it is none. */
static bool boolean(struct bind *at, const struct ast *x, const char *op, const struct rex **v)
{
    if ((*v)->type->root == L_NULL)
        *v = rex_null(at->a, truth(at, true));
    if ((*v)->type->root == L_BOOLEAN)
        return true;
    bind_misfit(at, x, op, v, 1);
    return false;
}

static const struct rex *logic(struct bind *at, const struct ast *x)
{
    const struct rex **args = bind_kids(at, x, 0, x->n);
    for (uint32_t i = 0; args && i < x->n; i++)
        if (!boolean(at, x->kids[i], x->text, &args[i]))
            return NULL;
    if (!args)
        return NULL;
    return x->n == 1 ? form_not(at, args[0]) : form_logic(at, x->text, args, x->n);
}

/* --- comparisons --- */

static bool equality(const char *op) { return !strcmp(op, "=") || !strcmp(op, "<>"); }

/* The type that both are cast to, or NULL: as they are. Of texts beside something else, what that is. */
static const struct ltype *compared(struct bind *at, const char *op, const struct ltype *x, const struct ltype *y)
{
    const struct ltype *types[3] = {x, y};
    uint32_t n = 2;
    if (!equality(op)) {
        if (type_same_family(x, y))
            return NULL;
        if (type_is_text(x) != type_is_text(y)) {
            types[0] = type_is_text(x) ? y : x;
            types[1] = type_simple(at->a, L_BIGINT, false);
            n = type_is_number(types[0]) ? 2 : 1;
        }
    }
    return type_least(at->a, types, n);
}

static const struct rex *as(struct bind *at, const struct rex *x, const struct ltype *t)
{
    if (!t)
        return x;
    return rex_cast_to(at->a, x, type_nullable(at->a, t, x->type->nullable));
}

const struct rex *form_compare(struct bind *at, const char *op, const struct rex *l, const struct rex *r)
{
    const struct ltype *t = compared(at, op, l->type, r->type);
    l = as(at, l, t);
    r = as(at, r, t);
    return rex_call(at->a, op, "BINARY", truth(at, l->type->nullable || r->type->nullable), REX_OPS(l, r));
}

/* Whether a comparison of them has a meaning in Flink. */
static bool comparable(const struct ltype *x, const struct ltype *y)
{
    if (x->root == L_NULL || y->root == L_NULL || type_same_family(x, y))
        return true;
    if (type_is_text(x) || type_is_text(y)) {
        const struct ltype *other = type_is_text(x) ? y : x;
        return type_is_number(other) || type_is_moment(other) || other->root == L_BOOLEAN || type_is_bytes(other);
    }
    if (type_is_moment(x) && type_is_moment(y))
        return x->root == y->root; /* TIMESTAMP and TIMESTAMP_LTZ are of one family */
    if (x->root == L_ROW && y->root == L_ROW)
        return x->n == y->n;
    return x->root == y->root || (type_is_row(x) && type_is_row(y));
}

const struct rex *bind_equal(struct binder *b, const struct ast *x, const struct rex *l, const struct rex *r, struct err *e)
{
    struct bind at = {b, b->a, NULL, e};
    return comparable(l->type, r->type) ? form_compare(&at, "=", l, r)
                                        : bind_misfit(&at, x, "=", (const struct rex *const[]){l, r}, 2);
}

/* Two values that can be compared; NULL: e is set. */
static const struct rex **pair_of(struct bind *at, const struct ast *x)
{
    if (x->kids[1]->kind == AST_LIST)
        return bind_wrong(at, x, "'%s' takes values here", x->text), NULL;
    const struct rex **v = bind_kids(at, x, 0, 2);
    for (int i = 0; v && i < 2; i++)
        if (v[i]->type->root == L_NULL)
            v[i] = rex_null(at->a, v[1 - i]->type->root == L_NULL ? truth(at, true) : v[1 - i]->type);
    if (v && !comparable(v[0]->type, v[1]->type))
        return bind_misfit(at, x, x->text, v, 2), NULL;
    return v;
}

/* (a, b) = (c, d): each with its like. */
static const struct rex *row_equality(struct bind *at, const struct ast *x, const struct ast *l, const struct ast *r, bool not )
{
    const struct rex **each = arena_array(at->a, l->n + 1, sizeof *each);
    if (l->n != r->n || !l->n)
        return bind_wrong(at, x, "rows of %u and %u values are compared", l->n, r->n);
    for (uint32_t i = 0; i < l->n; i++) {
        const struct rex *a = bind_one(at, l->kids[i]), *b = a ? bind_one(at, r->kids[i]) : NULL;
        if (!b)
            return NULL;
        a = a->type->root == L_NULL ? rex_null(at->a, b->type) : a;
        b = b->type->root == L_NULL ? rex_null(at->a, a->type) : b;
        if (!comparable(a->type, b->type))
            return bind_misfit(at, x, x->text, (const struct rex *const[]){a, b}, 2);
        each[i] = form_compare(at, not ? "<>" : "=", a, b);
    }
    return form_logic(at, not ? "OR" : "AND", each, l->n);
}

static const struct rex *comparison(struct bind *at, const struct ast *x)
{
    if (equality(x->text) && x->kids[0]->kind == AST_ROW && x->kids[1]->kind == AST_ROW)
        return row_equality(at, x, x->kids[0], x->kids[1], *x->text == '<');
    const struct rex **v = pair_of(at, x);
    return v ? form_compare(at, x->text, v[0], v[1]) : NULL;
}

static const struct rex *postfix(struct bind *at, const char *op, const struct rex *x)
{
    return rex_call(at->a, op, "POSTFIX", truth(at, false), REX_OPS(x));
}

/* (l IS NULL AND r IS NULL) OR (l = r) IS TRUE, or the opposite of it; the values as they are, without casts. */
static const struct rex *null_safe(struct bind *at, const struct ast *x)
{
    const struct rex **v = pair_of(at, x);
    if (!v)
        return NULL;
    const struct rex *l = v[0], *r = v[1];
    const struct rex *equal = rex_call(at->a, "=", "BINARY", truth(at, l->type->nullable || r->type->nullable), REX_OPS(l, r));
    if (!strcmp(x->text, "IS NOT DISTINCT FROM")) {
        const struct rex *nulls = form_logic(at, "AND", REX_OPS(postfix(at, "IS NULL", l), postfix(at, "IS NULL", r)));
        return form_logic(at, "OR", REX_OPS(nulls, postfix(at, "IS TRUE", equal)));
    }
    const struct rex *some = form_logic(at, "OR", REX_OPS(postfix(at, "IS NOT NULL", l), postfix(at, "IS NOT NULL", r)));
    return form_logic(at, "AND", REX_OPS(some, postfix(at, "IS NOT TRUE", equal)));
}

/* --- BETWEEN, IN, LIKE --- */

static const struct rex *between(struct bind *at, const struct ast *x)
{
    const struct rex **v = bind_kids(at, x, 0, 3);
    bool not = !strncmp(x->text, "NOT", 3), symmetric = strstr(x->text, "SYMMETRIC");
    if (!v)
        return NULL;
    for (int i = 1; i < 3; i++)
        if (!comparable(v[0]->type, v[i]->type))
            return bind_misfit(at, x, x->text, v, 3);
    const struct rex *is = form_logic(at, "AND", REX_OPS(form_compare(at, ">=", v[0], v[1]), form_compare(at, "<=", v[0], v[2])));
    if (symmetric) {
        const struct rex *other =
            form_logic(at, "AND", REX_OPS(form_compare(at, ">=", v[0], v[2]), form_compare(at, "<=", v[0], v[1])));
        is = form_logic(at, "OR", REX_OPS(is, other));
    }
    return not ? form_not(at, is) : is;
}

/* (a, b) IN ((1, 2), (3, 4)) */
static const struct rex *in_rows(struct bind *at, const struct ast *x, const struct ast *list, bool not )
{
    const struct rex **each = arena_array(at->a, list->n + 1, sizeof *each);
    for (uint32_t i = 0; i < list->n; i++) {
        if (list->kids[i]->kind != AST_ROW)
            return bind_wrong(at, list->kids[i], "a row of %u values is expected here", x->kids[0]->n);
        if (!(each[i] = row_equality(at, list->kids[i], x->kids[0], list->kids[i], not )))
            return NULL;
    }
    return form_logic(at, not ? "AND" : "OR", each, list->n);
}

static const struct rex *in(struct bind *at, const struct ast *x)
{
    bool not = !strncmp(x->text, "NOT", 3);
    const struct ast *list = x->kids[1];
    if (list->kind != AST_LIST)
        return bind_wrong(at, list, "a query is not possible here");
    if (x->kids[0]->kind == AST_ROW)
        return in_rows(at, x, list, not );
    const struct rex *l = bind_one(at, x->kids[0]), **v = l ? bind_kids(at, list, 0, list->n) : NULL;
    for (uint32_t i = 0; v && i < list->n; i++) {
        if (v[i]->type->root == L_NULL)
            v[i] = rex_null(at->a, l->type);
        if (!comparable(l->type, v[i]->type))
            return bind_misfit(at, x, x->text, (const struct rex *const[]){l, v[i]}, 2);
        if (v[i]->type->root != l->type->root && !(type_is_text(v[i]->type) && type_is_text(l->type)))
            v[i] = rex_cast_to(at->a, v[i], type_nullable(at->a, l->type, v[i]->type->nullable));
        bool nullable = l->type->nullable || v[i]->type->nullable;
        v[i] = rex_call(at->a, not ? "<>" : "=", "BINARY", truth(at, nullable), REX_OPS(l, v[i]));
    }
    return v ? form_logic(at, not ? "AND" : "OR", v, list->n) : NULL;
}

static const struct rex *like(struct bind *at, const struct ast *x)
{
    const struct rex **v = bind_kids(at, x, 0, x->n);
    bool not = !strncmp(x->text, "NOT ", 4);
    if (!v)
        return NULL;
    for (uint32_t i = 0; i < x->n; i++) {
        if (v[i]->type->root == L_NULL)
            v[i] = rex_null(at->a, type_length(at->a, L_VARCHAR, 1, true));
        if (!type_is_text(v[i]->type))
            return bind_misfit(at, x, x->text, v, x->n);
    }
    const struct rex *is = rex_call(at->a, x->text + (not ? 4 : 0), "SPECIAL", truth(at, any_null(v, x->n)), v, x->n);
    return not ? form_not(at, is) : is;
}

/* --- IS … --- */

static const struct rex *is(struct bind *at, const struct ast *x)
{
    const struct rex *v = bind_one(at, x->kids[0]);
    const char *name = !strcmp(x->text, "IS UNKNOWN") ? "IS NULL" : !strcmp(x->text, "IS NOT UNKNOWN") ? "IS NOT NULL" : x->text;
    bool json = strstr(name, "JSON"), null = strstr(name, "NULL");
    if (!v)
        return NULL;
    if (!json && (!null || name != x->text) && !boolean(at, x->kids[0], x->text, &v))
        return NULL;
    if (json && !type_is_text(v->type))
        return bind_misfit(at, x, x->text, &v, 1);
    return rex_call(at->a, name, "POSTFIX", truth(at, false), REX_OPS(v));
}

static const struct rex *concat(struct bind *at, const struct ast *x)
{
    const struct rex **v = bind_kids(at, x, 0, 2);
    for (uint32_t i = 0; v && i < 2; i++)
        if (v[i]->type->root == L_NULL)
            return bind_wrong(at, x->kids[i], "NULL has no type here; write CAST(NULL AS STRING)");
    return v ? form_function(at, x, "||", v, 2) : NULL;
}

static const struct rex *arithmetic(struct bind *at, const struct ast *x)
{
    if (x->n == 1)
        return *x->text == '-' ? form_minus(at, x) : bind_one(at, x->kids[0]);
    const struct rex **v = bind_kids(at, x, 0, 2);
    return v ? form_arithmetic(at, x, x->text, v[0], v[1]) : NULL;
}

static const struct {
    const char *word; /* the operator, or how it begins */
    const struct rex *(*bind)(struct bind *at, const struct ast *x);
} operators[] = {
    {"IS DISTINCT", null_safe},
    {"IS NOT DISTINCT", null_safe},
    {"IS ", is},
    {"NOT LIKE", like},
    {"NOT SIMILAR", like},
    {"NOT BETWEEN", between},
    {"NOT IN", in},
    {"LIKE", like},
    {"SIMILAR", like},
    {"BETWEEN", between},
    {"IN", in},
    {"AND", logic},
    {"OVERLAPS", form_overlaps},
    {"OR", logic},
    {"NOT", logic},
    {"||", concat},
    {"=", comparison},
    {"<", comparison},
    {">", comparison},
    {"+", arithmetic},
    {"-", arithmetic},
    {"*", arithmetic},
    {"/", arithmetic},
    {"%", arithmetic},
};

const struct rex *form_op(struct bind *at, const struct ast *x)
{
    for (size_t i = 0; i < sizeof operators / sizeof *operators; i++)
        if (!strncmp(x->text, operators[i].word, strlen(operators[i].word)))
            return operators[i].bind(at, x);
    return bind_wrong(at, x, "'%s' is not possible here", x->text);
}
