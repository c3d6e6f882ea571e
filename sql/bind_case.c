/* CASE, and what is rewritten to it: NULLIF. */
#include "sql/binder.h"

/* The type of all branches; NULL: there is none. Casts them to it where Calcite does: only when they have no least type. */
static const struct ltype *branches(struct bind *at, const struct rex **values, uint32_t n)
{
    const struct ltype **types = arena_array(at->a, n, sizeof *types), *t;
    for (uint32_t i = 0; i < n; i++)
        types[i] = values[i]->type;
    if ((t = type_least(at->a, types, n)))
        return t;
    t = types[0];
    for (uint32_t i = 1; t && i < n; i++)
        t = type_wider(at->a, types[i], t);
    for (uint32_t i = 0; t && i < n; i++)
        if (!type_is_text(t) || !type_is_text(types[i]))
            values[i] = bind_as(at->b, values[i], t);
    bool nullable = false;
    for (uint32_t i = 0; i < n; i++)
        nullable |= types[i]->nullable;
    return t && t->root != L_NULL ? type_nullable(at->a, t, nullable) : NULL;
}

static const struct rex *when(struct bind *at, const struct ast *x, const struct rex *operand)
{
    if (x->kind == AST_LIST) {
        const struct rex **each = arena_array(at->a, x->n, sizeof *each);
        for (uint32_t i = 0; i < x->n; i++)
            if (!(each[i] = when(at, x->kids[i], operand)))
                return NULL;
        return form_logic(at, "OR", each, x->n);
    }
    const struct rex *v = bind_one(at, x);
    if (!v)
        return NULL;
    if (operand)
        return form_compare(at, "=", operand, v->type->root == L_NULL ? rex_null(at->a, operand->type) : v);
    if (v->type->root == L_NULL)
        return rex_null(at->a, type_simple(at->a, L_BOOLEAN, true));
    return v->type->root == L_BOOLEAN ? v : bind_wrong(at, x, "WHEN takes a BOOLEAN condition, not %s", type_label(at->a, v->type));
}

const struct rex *form_case(struct bind *at, const struct ast *x)
{
    const struct ast *operand = x->kids[0];
    const struct rex *of = operand ? bind_one(at, operand) : NULL;
    uint32_t n = (x->n - 2) / 2, k = 0;
    const struct rex **values = arena_array(at->a, n + 1, sizeof *values), **all = arena_array(at->a, 2 * n + 1, sizeof *all);
    if (operand && !of)
        return NULL;
    for (uint32_t i = 0; i < n; i++)
        if (!(all[2 * i] = when(at, x->kids[2 + 2 * i], of)) || !(values[i] = bind_one(at, x->kids[3 + 2 * i])))
            return NULL;
    if (!(values[n] = x->kids[1] ? bind_one(at, x->kids[1]) : rex_null(at->a, type_simple(at->a, L_NULL, true))))
        return NULL;
    const struct ltype *type = branches(at, values, n + 1);
    if (!type)
        return bind_misfit(at, x, "CASE", values, n + 1);
    for (uint32_t i = 0; i <= n; i++) {
        if (values[i]->type->root == L_NULL)
            values[i] = rex_null(at->a, type);
        all[i < n ? 2 * i + 1 : 2 * n] = values[i];
    }
    for (k = 0; k < n; k++)
        all[2 * k + 1] = values[k];
    return rex_call(at->a, "CASE", "SPECIAL", type, all, 2 * n + 1);
}

const struct rex *form_nullif(struct bind *at, const struct ast *x, const struct rex **v)
{
    const struct rex *l = v[0], *r = v[1]->type->root == L_NULL ? rex_null(at->a, l->type) : v[1];
    const struct rex *all[] = {form_compare(at, "=", l, r), rex_null(at->a, l->type), l};
    (void)x;
    return rex_call(at->a, "CASE", "SPECIAL", type_nullable(at->a, l->type, true), all, 3);
}
