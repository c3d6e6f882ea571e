/* Arithmetic: numbers, moments and intervals. */
#include <string.h>

#include "sql/binder.h"

static bool exact(const struct ltype *t) { return type_is_integer(t) || t->root == L_DECIMAL; }

static const struct ltype *either(struct bind *at, const struct ltype *t, const struct ltype *x, const struct ltype *y)
{
    return t ? type_nullable(at->a, t, x->nullable || y->nullable) : NULL;
}

static const struct ltype *least(struct bind *at, const struct ltype *x, const struct ltype *y)
{
    return type_least(at->a, (const struct ltype *const[]){x, y}, 2);
}

static const struct ltype *result(struct bind *at, char op, const struct ltype *x, const struct ltype *y)
{
    bool decimal = exact(x) && exact(y) && (x->root == L_DECIMAL || y->root == L_DECIMAL);
    switch (op) {
    case '+':
    case '-':
        return decimal ? either(at, type_decimal_sum(at->a, x, y), x, y) : least(at, x, y);
    case '*':
        if (decimal)
            return either(at, type_decimal_product(at->a, x, y), x, y);
        return type_is_interval(x) ? either(at, x, x, y) : type_is_interval(y) ? either(at, y, x, y) : least(at, x, y);
    case '/':
        if (decimal)
            return either(at, type_decimal_quotient(at->a, x, y), x, y);
        return type_is_interval(x) ? either(at, x, x, y) : least(at, x, y);
    default:
        return either(at, decimal ? type_decimal_rest(at->a, x, y) : y, x, y);
    }
}

static const struct rex *moment(struct bind *at, char op, const struct rex *l, const struct rex *r)
{
    if (op == '+' && type_is_interval(l->type)) {
        const struct rex *swap = l;
        l = r;
        r = swap;
    }
    const char *syntax = l->type->root == L_TIMESTAMP_LTZ ? "BINARY" : "SPECIAL";
    const char *name = op == '+' ? "+" : "-";
    return rex_call(at->a, name, syntax, either(at, l->type, l->type, r->type), REX_OPS(l, r));
}

static bool fits(char op, const struct ltype *x, const struct ltype *y)
{
    if (op == '%')
        return exact(x) && exact(y);
    if (type_is_number(x) && type_is_number(y))
        return true;
    if (op == '*')
        return (type_is_interval(x) && type_is_number(y)) || (type_is_number(x) && type_is_interval(y));
    if (op == '/')
        return type_is_interval(x) && type_is_number(y);
    return type_is_interval(x) && x->root == y->root;
}

/* A text beside a number becomes that number; NULL becomes what the other is. */
static const struct rex *coerced(struct bind *at, const struct rex *x, const struct ltype *other)
{
    if (x->type->root == L_NULL)
        return rex_null(at->a, other->root == L_NULL ? type_simple(at->a, L_INTEGER, true) : other);
    if (!type_is_text(x->type) || !type_is_number(other))
        return x;
    const struct ltype *t = other->root == L_DECIMAL ? type_decimal(at->a, 38, 18, false) : other;
    return rex_cast_to(at->a, x, type_nullable(at->a, t, x->type->nullable));
}

const struct rex *form_arithmetic(struct bind *at, const struct ast *x, const char *op, const struct rex *l, const struct rex *r)
{
    const struct ltype *lt = l->type, *rt = r->type;
    if ((*op == '+' || *op == '-') && type_is_moment(lt) && type_is_interval(rt))
        return moment(at, *op, l, r);
    if (*op == '+' && type_is_interval(lt) && type_is_moment(rt))
        return moment(at, *op, l, r);
    l = coerced(at, l, rt);
    r = coerced(at, r, lt);
    if (!fits(*op, l->type, r->type))
        return bind_misfit(at, x, op, (const struct rex *const[]){l, r}, 2);
    const struct ltype *type = result(at, *op, l->type, r->type);
    if (!type)
        return bind_misfit(at, x, op, (const struct rex *const[]){l, r}, 2);
    bool rest = *op == '%';
    return rex_call(at->a, rest ? "MOD" : op, rest ? NULL : "BINARY", type, REX_OPS(l, r));
}

const struct rex *form_minus(struct bind *at, const struct ast *x)
{
    if (x->kids[0]->kind == AST_NUMBER)
        return form_negative(at, x->kids[0]);
    if (x->kids[0]->kind == AST_OP && x->kids[0]->n == 1 && !strcmp(x->kids[0]->text, "-"))
        return bind_one(at, x->kids[0]->kids[0]);
    const struct rex *v = bind_one(at, x->kids[0]);
    if (v && !type_is_number(v->type) && !type_is_interval(v->type))
        return bind_misfit(at, x, "-", &v, 1);
    return v ? rex_call(at->a, "-", "PREFIX", v->type, &v, 1) : NULL;
}

const struct rex *bind_quotient(struct binder *b, const struct ast *x, const struct rex *l, const struct rex *r, struct err *e)
{
    struct bind at = {b, b->a, NULL, e};
    return form_arithmetic(&at, x, "/", l, r);
}
