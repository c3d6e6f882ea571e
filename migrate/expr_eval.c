/* Evaluation: a value for each row. */
#include <math.h>
#include <string.h>

#include "base/utf8.h"
#include "migrate/cast.h"
#include "migrate/expr.h"

struct eval {
    const struct row *row;
    struct arena *a;
    struct err *e;
};

static bool eval(const struct eval *c, const struct expr *x, struct value *v);

/* TRUE, FALSE or NULL. */
static bool truth(const struct eval *c, const struct expr *x, struct value *v)
{
    return eval(c, x, v) &&
        (v->kind == VAL_BOOL || v->kind == VAL_NULL || err_set(c->e, ERR_CONVERT, "a condition that is neither true nor false"));
}

/* FALSE AND x, TRUE OR x do not look at x. */
static bool junction(const struct eval *c, const struct expr *x, struct value *v)
{
    struct value r;
    bool decides = x->op == OP_OR;
    if (!truth(c, x->kids[0], v) || (v->kind == VAL_BOOL && v->b == decides))
        return c->e->kind == ERR_NONE;
    if (!truth(c, x->kids[1], &r))
        return false;
    if (r.kind == VAL_NULL || (r.kind == VAL_BOOL && r.b == decides))
        *v = r;
    return true;
}

static bool compare(const struct eval *c, const struct expr *l, const struct value *a, const struct expr *r, const struct value *b,
                    enum expr_op op, struct value *v)
{
    int order = 0;
    *v = value_null();
    if (a->kind == VAL_NULL || b->kind == VAL_NULL)
        return true;
    if (!value_order(a, (enum typing_class)l->cls, b, (enum typing_class)r->cls, &order, c->e))
        return false;
    bool nan = (a->kind == VAL_REAL && isnan(a->d)) || (b->kind == VAL_REAL && isnan(b->d));
    *v = value_bool(op == OP_NE       ? order != 0 || nan
                        : nan         ? false
                        : op == OP_EQ ? order == 0
                        : op == OP_LT ? order < 0
                        : op == OP_LE ? order <= 0
                        : op == OP_GT ? order > 0
                                      : order >= 0);
    return true;
}

static bool concat(const struct eval *c, const struct value *a, const struct value *b, struct value *v)
{
    struct value x, y;
    *v = value_null();
    if (a->kind == VAL_NULL || b->kind == VAL_NULL)
        return true;
    if (!value_as_text(a, c->a, &x) || !value_as_text(b, c->a, &y))
        return err_set(c->e, ERR_CONVERT, "a list, map or structure is no text");
    char *s = arena_alloc(c->a, (size_t)x.n + y.n + 1);
    memcpy(s, x.text, x.n);
    memcpy(s + x.n, y.text, y.n);
    *v = value_text(c->a, s, (size_t)x.n + y.n);
    return true;
}

static bool binary(const struct eval *c, const struct expr *x, struct value *v)
{
    struct value a, b;
    if (x->op <= OP_AND)
        return junction(c, x, v);
    if (!eval(c, x->kids[0], &a) || !eval(c, x->kids[1], &b))
        return false;
    if (x->op <= OP_GE)
        return compare(c, x->kids[0], &a, x->kids[1], &b, x->op, v);
    if (x->op == OP_CONCAT)
        return concat(c, &a, &b, v);
    return arithmetic_of(x->op, &a, (enum typing_class)x->kids[0]->cls, &b, (enum typing_class)x->kids[1]->cls, c->a, v, c->e);
}

/* --- predicates --- */

static size_t character(const char *s, size_t n)
{
    uint32_t code;
    unsigned k = utf8_next((const uint8_t *)s, n, &code);
    return k ? k : 1;
}

bool text_like(const char *s, size_t n, const char *p, size_t pn)
{
    size_t at = 0, k = 0, star = SIZE_MAX, from = 0; /* where to go on from when a guess about % was wrong */
    while (at < n) {
        if (k < pn && p[k] == '%') {
            star = k++;
            from = at;
        } else if (k < pn && p[k] == '_') {
            at += character(s + at, n - at);
            k++;
        } else if (k < pn && p[k] == s[at]) {
            at++;
            k++;
        } else if (star != SIZE_MAX) {
            k = star + 1;
            from += character(s + from, n - from);
            at = from;
        } else {
            return false;
        }
    }
    while (k < pn && p[k] == '%')
        k++;
    return k == pn;
}

static bool like(const struct eval *c, const struct expr *x, struct value *v)
{
    struct value a, b;
    if (!eval(c, x->kids[0], &a) || !eval(c, x->kids[1], &b))
        return false;
    *v = value_null();
    if (a.kind == VAL_NULL || b.kind == VAL_NULL)
        return true;
    if (a.kind != VAL_TEXT || b.kind != VAL_TEXT)
        return err_set(c->e, ERR_CONVERT, "LIKE is for texts");
    *v = value_bool(text_like(a.text, a.n, b.text, b.n) != x->negated);
    return true;
}

static bool in(const struct eval *c, const struct expr *x, struct value *v)
{
    struct value a, b, same;
    bool unknown = false;
    if (!eval(c, x->kids[0], &a))
        return false;
    for (uint32_t i = 1; i < x->n; i++) {
        if (!eval(c, x->kids[i], &b) || !compare(c, x->kids[0], &a, x->kids[i], &b, OP_EQ, &same))
            return false;
        unknown = unknown || same.kind == VAL_NULL;
        if (same.kind == VAL_BOOL && same.b) {
            *v = value_bool(!x->negated);
            return true;
        }
    }
    *v = unknown ? value_null() : value_bool(x->negated);
    return true;
}

static bool between(const struct eval *c, const struct expr *x, struct value *v)
{
    struct value a, low, high, ge, le;
    if (!eval(c, x->kids[0], &a) || !eval(c, x->kids[1], &low) || !eval(c, x->kids[2], &high) ||
        !compare(c, x->kids[0], &a, x->kids[1], &low, OP_GE, &ge) || !compare(c, x->kids[0], &a, x->kids[2], &high, OP_LE, &le))
        return false;
    bool no = (ge.kind == VAL_BOOL && !ge.b) || (le.kind == VAL_BOOL && !le.b);
    *v = no ? value_bool(x->negated) : ge.kind == VAL_NULL || le.kind == VAL_NULL ? value_null() : value_bool(!x->negated);
    return true;
}

/* --- the rest --- */

static bool case_of(const struct eval *c, const struct expr *x, struct value *v)
{
    for (uint32_t i = 0; i + 1 < x->n; i += 2) {
        struct value when;
        if (!truth(c, x->kids[i], &when))
            return false;
        if (when.kind == VAL_BOOL && when.b)
            return eval(c, x->kids[i + 1], v);
    }
    return eval(c, x->kids[x->n - 1], v);
}

static bool call(const struct eval *c, const struct expr *x, struct value *v)
{
    struct value *args = arena_array(c->a, x->n, sizeof *args);
    *v = value_null();
    for (uint32_t i = 0; i < x->n; i++) {
        if (!eval(c, x->kids[i], &args[i]))
            return false;
        if (args[i].kind == VAL_NULL && !x->function->nulls)
            return true;
    }
    const struct call how = {x, c->row, args, x->n, c->a};
    return x->function->fn(&how, v, c->e) || err_in(c->e, "%s", x->function->name);
}

static bool cast(const struct eval *c, const struct expr *x, struct value *v)
{
    struct value from;
    return eval(c, x->kids[0], &from) && cast_value(&from, (enum typing_class)x->kids[0]->cls, x->type, c->a, v, c->e);
}

static bool eval(const struct eval *c, const struct expr *x, struct value *v)
{
    struct row *row = (struct row *)c->row; /* bound_find gives what may be changed; here nothing is */
    struct value k, zero, *found;
    switch (x->kind) {
    case EXPR_NULL:
        *v = value_null();
        return true;
    case EXPR_BOOL:
        *v = value_bool(!x->negated);
        return true;
    case EXPR_INT:
        *v = value_int(x->number);
        return true;
    case EXPR_REAL:
        *v = value_double(x->real);
        return true;
    case EXPR_DECIMAL:
    case EXPR_TEXT:
        *v = (struct value){.kind = VAL_TEXT, .n = (uint32_t)x->text_n, .text = x->text};
        return true;
    case EXPR_PATH:
        found = bound_find(x->bound, row);
        *v = found ? *found : value_null();
        return true;
    case EXPR_NOT:
        if (!truth(c, x->kids[0], v))
            return false;
        if (v->kind == VAL_BOOL)
            v->b = !v->b;
        return true;
    case EXPR_MINUS:
        zero = value_int(0);
        return eval(c, x->kids[0], &k) &&
            arithmetic_of(OP_SUB, &zero, CLASS_INT, &k, (enum typing_class)x->kids[0]->cls, c->a, v, c->e);
    case EXPR_BINARY:
        return binary(c, x, v);
    case EXPR_IS_NULL:
        if (!eval(c, x->kids[0], &k))
            return false;
        *v = value_bool((k.kind == VAL_NULL) != x->negated);
        return true;
    case EXPR_LIKE:
        return like(c, x, v);
    case EXPR_IN:
        return in(c, x, v);
    case EXPR_BETWEEN:
        return between(c, x, v);
    case EXPR_CASE:
        return case_of(c, x, v);
    case EXPR_CAST:
        return cast(c, x, v);
    case EXPR_CALL:
        return call(c, x, v);
    }
    return false;
}

bool expr_eval(const struct expr *x, const struct row *row, struct arena *a, struct value *v, struct err *e)
{
    const struct eval c = {row, a, e};
    return eval(&c, x, v);
}

bool expr_holds(const struct expr *x, const struct row *row, struct arena *a, bool *holds, struct err *e)
{
    const struct eval c = {row, a, e};
    struct value v;
    if (!truth(&c, x, &v))
        return false;
    *holds = v.kind == VAL_BOOL && v.b;
    return true;
}
