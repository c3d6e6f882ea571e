#include "sql/simplify.h"

#include <string.h>

#include "sql/coerce.h"

enum { ALIKE = 1000 }; /* more terms than that are not looked at for doubles */

/* --- asking --- */

bool rex_same(const struct rex *x, const struct rex *y)
{
    if (x == y)
        return true;
    if (x->kind != y->kind || x->n != y->n || x->input != y->input || x->lookup != y->lookup)
        return false;
    if ((x->type != NULL) != (y->type != NULL) || (x->type && !type_same(x->type, y->type, false)))
        return false;
    if (x->name != y->name && (!x->name || !y->name || strcmp(x->name, y->name) != 0))
        return false;
    if (x->kind == REX_SARG || x->kind == REX_OTHER || (x->kind == REX_LITERAL && !value_same(x->json, y->json)))
        return false;
    for (uint32_t i = 0; i < x->n; i++)
        if (!rex_same(x->operands[i], y->operands[i]))
            return false;
    return true;
}

/* "$=$1" → "=". */
static bool is(const struct rex *x, const char *name) { return rex_is_call(x, name); }

static bool is_bool(const struct rex *x, bool v) { return x->kind == REX_LITERAL && x->json->kind == VAL_BOOL && x->json->b == v; }

static bool one_of(const struct rex *x, const char *const *names)
{
    for (; *names; names++)
        if (is(x, *names))
            return true;
    return false;
}

/* Those that give NULL for NULL and that Calcite knows. */
static bool strict(const struct rex *x)
{
    static const char *const names[] = {"+",    "-",     "*",    "/",       "/INT", "=",    "<>",         "<",
                                        "<=",   ">",     ">=",   "NOT",     "CAST", "LIKE", "SIMILAR TO", "REINTERPRET",
                                        "TRIM", "FLOOR", "CEIL", "EXTRACT", "ITEM", NULL};
    return x->kind == REX_CALL && one_of(x, names);
}

static const struct ltype *truth(struct simplify *s, bool nullable) { return type_simple(s->a, L_BOOLEAN, nullable); }
static const struct rex *unknown(struct simplify *s) { return rex_null(s->a, truth(s, true)); }

static const struct rex *simple(struct simplify *s, const struct rex *x);

static const struct rex *call(struct simplify *s, const char *name, const char *syntax, const struct rex *const *v, uint32_t n)
{
    bool nullable = false;
    for (uint32_t i = 0; i < n; i++)
        nullable |= v[i]->type->nullable;
    return rex_call(s->a, name, syntax, truth(s, nullable), v, n);
}

/* What cannot fail, so that it may be left out (RexSimplify#isSafeExpression). */
static bool safe(const struct rex *x)
{
    static const char *const names[] = {
        "=",       "<>",          "<",       "<=",          ">",     ">=",           "+",   "-",        "*",
        "IS NULL", "IS NOT NULL", "IS TRUE", "IS NOT TRUE", "AND",   "OR",           "NOT", "IS FALSE", "CASE",
        "LIKE",    "COALESCE",    "TRIM",    "CEIL",        "FLOOR", "IS NOT FALSE", NULL};
    if (x->kind == REX_CALL && !one_of(x, names))
        return false;
    for (uint32_t i = 0; i < x->n; i++)
        if (!safe(x->operands[i]))
            return false;
    return x->kind != REX_OTHER;
}

/* --- IS … --- */

static const struct rex *not_null(struct simplify *s, const struct rex *v)
{
    if (rex_is_null(v))
        return rex_bool(s->a, false);
    if ((!v->type->nullable && safe(v)) || v->kind == REX_LITERAL)
        return rex_bool(s->a, true);
    if (strict(v) && !is(v, "ITEM") && !is(v, "CAST")) {
        const struct rex **all = arena_array(s->a, v->n, sizeof *all);
        uint32_t n = 0;
        for (uint32_t i = 0; i < v->n; i++) {
            const struct rex *one = v->operands[i]->kind == REX_SYMBOL ? rex_bool(s->a, true) : not_null(s, v->operands[i]);
            if (!is_bool(one, true))
                all[n++] = one;
        }
        return n > 1 ? call(s, "AND", "BINARY", all, n) : n ? all[0] : rex_bool(s->a, true);
    }
    return rex_call(s->a, "IS NOT NULL", "POSTFIX", truth(s, false), REX_OPS(v));
}

static const struct rex *negated(struct simplify *s, const struct rex *x);

static const struct rex *is_null(struct simplify *s, const struct rex *v)
{
    const struct rex *x = not_null(s, v);
    if (x->kind == REX_LITERAL)
        return rex_bool(s->a, !x->json->b);
    if (is(x, "IS NOT NULL"))
        return rex_call(s->a, "IS NULL", "POSTFIX", truth(s, false), x->operands, 1);
    return negated(s, x);
}

/* IS TRUE, IS NOT FALSE …: `want`, or what it must not be. */
static const struct rex *is_truth(struct simplify *s, const struct rex *x, const struct rex *v, bool want, bool not )
{
    if (rex_is_null(v))
        return rex_bool(s->a, not );
    if (v->kind == REX_LITERAL)
        return rex_bool(s->a, (v->json->b == want) != not );
    if (!v->type->nullable)
        return want != not ? v : negated(s, v);
    return rex_call(s->a, (const char *)arena_strn(s->a, x->name + 1, strlen(x->name) - 3), "POSTFIX", x->type, REX_OPS(v));
}

/* --- NOT --- */

static const char *const opposites[][2] = {{"=", "<>"},
                                           {"<", ">="},
                                           {">", "<="},
                                           {"IS NULL", "IS NOT NULL"},
                                           {"IS TRUE", "IS NOT TRUE"},
                                           {"IS FALSE", "IS NOT FALSE"},
                                           {"IS JSON VALUE", "IS NOT JSON VALUE"}};

static const struct rex *negated(struct simplify *s, const struct rex *x)
{
    if (x->kind == REX_LITERAL)
        return rex_is_null(x) ? unknown(s) : rex_bool(s->a, !x->json->b);
    if (is(x, "NOT"))
        return x->operands[0];
    for (size_t i = 0; i < sizeof opposites / sizeof *opposites - 1; i++)
        for (int k = 0; k < 2; k++)
            if (is(x, opposites[i][k]))
                return simple(s, rex_call(s->a, opposites[i][!k], x->syntax, x->type, x->operands, x->n));
    if (is(x, "AND") || is(x, "OR")) {
        const struct rex **all = arena_array(s->a, x->n, sizeof *all);
        for (uint32_t i = 0; i < x->n; i++)
            all[i] = negated(s, x->operands[i]);
        return simple(s, rex_call(s->a, is(x, "AND") ? "OR" : "AND", "BINARY", x->type, all, x->n));
    }
    return rex_call(s->a, "NOT", "PREFIX", x->type, REX_OPS(x));
}

/* --- comparisons --- */

static const struct rex *compared(struct simplify *s, const struct rex *x)
{
    const struct rex *l = x->operands[0], *r = x->operands[1];
    char op = x->name[1], next = x->name[2];
    bool equal = op == '=' || next == '=';
    int order;
    if (rex_same(l, r) && l->kind != REX_LITERAL && !rex_varies(l)) {
        const struct rex *there = not_null(s, l);
        if (!l->type->nullable)
            return rex_bool(s->a, equal);
        return equal ? call(s, "OR", "BINARY", REX_OPS(unknown(s), there))
                     : call(s, "AND", "BINARY", REX_OPS(unknown(s), is_null(s, l)));
    }
    if (!rex_compare_literals(s->a, l, r, &order))
        return x;
    bool yes = op == '=' ? order == 0
        : next == '>'    ? order != 0
        : op == '<'      ? (equal ? order <= 0 : order < 0)
                         : (equal ? order >= 0 : order > 0);
    return rex_bool(s->a, yes);
}

/* --- AND, OR --- */

struct terms {
    const struct rex **v;
    uint32_t n, cap;
};

/* The terms of nested ANDs or ORs, simplified and each once; false: one of them decides, and is the last. */
static bool gather(struct simplify *s, const struct rex *x, const char *op, bool and, struct terms *to)
{
    if (is(x, op)) {
        for (uint32_t i = 0; i < x->n; i++)
            if (!gather(s, x->operands[i], op, and, to))
                return false;
        return true;
    }
    const struct rex *t = simple(s, x);
    if (is(t, op))
        return gather(s, t, op, and, to);
    for (uint32_t i = 0; i < to->n && to->n < ALIKE; i++)
        if (rex_same(to->v[i], t))
            return true;
    if (is_bool(t, and))
        return true;
    if (to->n == to->cap) {
        const struct rex **more = arena_array(s->a, 2 * (size_t)to->cap + 8, sizeof *more);
        if (to->n)
            memcpy(more, to->v, to->n * sizeof *more);
        to->v = more;
        to->cap = 2 * to->cap + 8;
    }
    to->v[to->n++] = t;
    return !is_bool(t, !and);
}

static const struct rex *joined(struct simplify *s, const struct rex *x, bool and)
{
    const char *op = and? "AND" : "OR";
    struct terms t = {0};
    if (!gather(s, x, op, and, &t))
        return t.v[t.n - 1];
    if (!t.n)
        return rex_bool(s->a, and);
    rex_search(s->a, t.v, &t.n, and);
    return t.n == 1 ? t.v[0] : call(s, op, "BINARY", t.v, t.n);
}

/* --- CASE --- */

static const struct rex *typed(struct simplify *s, const struct rex *v, const struct ltype *t)
{
    if (rex_is_null(v))
        return rex_null(s->a, t);
    if (type_same(v->type, t, true))
        return v;
    return rex_cast_to(s->a, v, type_nullable(s->a, t, v->type->nullable));
}

static const struct rex *chosen(struct simplify *s, const struct rex *x)
{
    const struct rex **all = arena_array(s->a, x->n + 1, sizeof *all);
    uint32_t n = 0, i = 0;
    for (; i + 1 < x->n; i += 2) {
        const struct rex *when = simple(s, x->operands[i]);
        if (is_bool(when, false) || rex_is_null(when))
            continue;
        const struct rex *then = simple(s, x->operands[i + 1]);
        if (is_bool(when, true)) {
            all[n++] = then;
            break;
        }
        all[n++] = when;
        all[n++] = then;
    }
    if (i + 1 >= x->n)
        all[n++] = simple(s, x->operands[x->n - 1]);
    if (n == 1)
        return typed(s, all[0], x->type);
    bool same = true;
    for (uint32_t k = 1; k + 1 < n; k += 2)
        same = same && rex_same(all[k], all[n - 1]);
    if (same)
        return typed(s, all[n - 1], x->type);
    return rex_call(s->a, "CASE", x->syntax, x->type, all, n);
}

/* --- all --- */

static const struct rex *operands(struct simplify *s, const struct rex *x)
{
    const struct rex **all = arena_array(s->a, x->n + 1, sizeof *all);
    bool same = true;
    for (uint32_t i = 0; i < x->n; i++) {
        all[i] = simple(s, x->operands[i]);
        if (!type_same(all[i]->type, x->operands[i]->type, false) && x->operands[i]->type->nullable)
            all[i] = rex_cast(s->a, all[i], x->operands[i]->type);
        same = same && all[i] == x->operands[i];
    }
    if (same)
        return x;
    struct rex *copy = arena_alloc(s->a, sizeof *copy);
    *copy = *x;
    copy->operands = all;
    return copy;
}

static const struct rex *cast(struct simplify *s, const struct rex *x)
{
    const struct rex *v = x->operands[0];
    if ((x->type->nullable || !v->type->nullable) && type_same(type_nullable(s->a, v->type, x->type->nullable), x->type, false))
        return v;
    if (v->kind != REX_LITERAL)
        return x;
    const struct rex *folded = rex_cast_to(s->a, v, x->type);
    if (folded->kind == REX_LITERAL)
        return folded;
    if (v->type->root == L_TIME && type_is_timestamp(x->type) && x->type->root == L_TIMESTAMP)
        return x;
    folded = is(folded, "CAST") ? rex_fold_cast(s, folded) : simple(s, folded);
    return folded ? folded : x;
}

static bool is_number(struct simplify *s, const struct rex *x, char digit)
{
    struct number v;
    return rex_number(s->a, x, &v) && v.n == 1 && *v.digits == digit && !v.scale && !v.minus;
}

/* x + 0, x * 1, x - 0, x / 1. */
static const struct rex *arithmetic(struct simplify *s, const struct rex *x)
{
    char op = x->name[1], neutral = op == '+' || op == '-' ? '0' : '1';
    bool both = op == '+' || op == '*';
    if (!type_is_number(x->operands[0]->type) || !type_is_number(x->operands[1]->type))
        return x;
    for (uint32_t i = both ? 0 : 1; i < 2; i++)
        if (is_number(s, x->operands[i], neutral) && type_same(x->operands[1 - i]->type, x->type, false))
            return x->operands[1 - i];
    return x;
}

static const struct rex *like(struct simplify *s, const struct rex *x)
{
    const struct rex *pattern = x->operands[1];
    bool all = x->n == 2 && pattern->kind == REX_LITERAL && pattern->json->kind == VAL_TEXT && !strcmp(pattern->json->text, "%");
    return all && !x->operands[0]->type->nullable ? rex_bool(s->a, true) : x;
}

static const struct rex *simple(struct simplify *s, const struct rex *x)
{
    if (x->kind != REX_CALL || x->lookup != REX_INTERNAL)
        return x;
    if (is(x, "AND") || is(x, "OR"))
        return joined(s, x, is(x, "AND"));
    if (is(x, "CASE"))
        return chosen(s, x);
    if (is(x, "NOT"))
        return negated(s, simple(s, x->operands[0]));
    x = operands(s, x);
    for (uint32_t i = 0; strict(x) && i < x->n; i++)
        if (rex_is_null(x->operands[i]))
            return rex_null(s->a, x->type);
    static const char *const sums[] = {"+", "-", "*", "/", NULL};
    if (x->n == 2 && one_of(x, sums))
        return arithmetic(s, x);
    if (is(x, "CAST"))
        return cast(s, x);
    if (is(x, "LIKE"))
        return like(s, x);
    if (is(x, "IS NULL"))
        return is_null(s, x->operands[0]);
    if (is(x, "IS NOT NULL"))
        return not_null(s, x->operands[0]);
    for (int want = 0; want < 2; want++)
        for (int not = 0; not < 2; not ++) {
            static const char *const names[2][2] = {{"IS FALSE", "IS NOT FALSE"}, {"IS TRUE", "IS NOT TRUE"}};
            if (is(x, names[want][not ]))
                return is_truth(s, x, x->operands[0], want, not );
        }
    static const char *const comparisons[] = {"=", "<>", "<", "<=", ">", ">=", NULL};
    return one_of(x, comparisons) ? compared(s, x) : x;
}

const struct rex *rex_simplify(struct simplify *s, const struct rex *x)
{
    const struct rex *y = simple(s, x);
    if (y == x || type_same(x->type, y->type, false))
        return y;
    return rex_is_null(y) ? rex_null(s->a, x->type) : rex_cast(s->a, y, x->type);
}

const struct rex *rex_simplify_condition(struct simplify *s, const struct rex *x)
{
    const struct rex *y = simple(s, x);
    return rex_is_null(y) ? rex_bool(s->a, false) : y;
}
