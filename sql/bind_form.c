/* Rows, arrays, maps, and what is taken out of them. */
#include <string.h>

#include "sql/binder.h"

const struct rex *form_row(struct bind *at, const struct ast *x)
{
    const struct rex **v = bind_kids(at, x, 0, x->n);
    const char **names = arena_array(at->a, x->n + 1, sizeof *names);
    const struct ltype **kids = arena_array(at->a, x->n + 1, sizeof *kids);
    for (uint32_t i = 0; v && i < x->n; i++) {
        if (v[i]->type->root == L_NULL)
            return bind_wrong(at, x->kids[i], "NULL has no type here; write CAST(NULL AS …)");
        names[i] = arena_printf(at->a, "EXPR$%u", i);
        kids[i] = v[i]->type;
    }
    return v ? rex_call(at->a, "ROW", "SPECIAL", type_row(at->a, names, kids, x->n, false), v, x->n) : NULL;
}

/* Every step-th of the values gets the type that all of them have. */
static const struct ltype *same_type(struct bind *at, const struct rex **v, uint32_t n, uint32_t from, uint32_t step)
{
    const struct ltype **types = arena_array(at->a, n + 1, sizeof *types);
    uint32_t k = 0;
    for (uint32_t i = from; i < n; i += step)
        types[k++] = v[i]->type;
    const struct ltype *t = type_least(at->a, types, k);
    for (uint32_t i = from; t && i < n; i += step)
        v[i] = v[i]->type->root == L_NULL ? rex_null(at->a, t) : bind_as(at->b, v[i], t);
    return t;
}

const struct rex *form_array(struct bind *at, const struct ast *x)
{
    const struct rex **v = bind_kids(at, x, 0, x->n);
    if (!v)
        return NULL;
    if (!x->n)
        return bind_wrong(at, x, "an ARRAY takes at least one value; write CAST(NULL AS ARRAY<…>) or give its type by a cast");
    const struct ltype *t = same_type(at, v, x->n, 0, 1);
    return t ? rex_call(at->a, "ARRAY", "SPECIAL", type_of_kids(at->a, L_ARRAY, t, NULL, false), v, x->n)
             : bind_misfit(at, x, "ARRAY", v, x->n);
}

const struct rex *form_map(struct bind *at, const struct ast *x)
{
    const struct rex **v = bind_kids(at, x, 0, x->n);
    if (!v)
        return NULL;
    if (!x->n)
        return bind_wrong(at, x, "a MAP takes at least one key and its value");
    const struct ltype *key = same_type(at, v, x->n, 0, 2), *value = same_type(at, v, x->n, 1, 2);
    return key && value ? rex_call(at->a, "MAP", "SPECIAL", type_of_kids(at->a, L_MAP, key, value, false), v, x->n)
                        : bind_misfit(at, x, "MAP", v, x->n);
}

const struct rex *form_item(struct bind *at, const struct ast *x)
{
    const struct rex **v = bind_kids(at, x, 0, 2);
    if (!v)
        return NULL;
    const struct ltype *of = v[0]->type, *t = NULL;
    if (of->root == L_ARRAY && type_is_integer(v[1]->type)) {
        t = of->kids[0];
    } else if (of->root == L_MAP) {
        if (v[1]->type->root == L_NULL)
            v[1] = rex_null(at->a, of->kids[0]);
        if (type_same_family(of->kids[0], v[1]->type) || type_casts_implicitly(v[1]->type, type_nullable(at->a, of->kids[0], true)))
            t = of->kids[1];
    }
    if (of->root == L_ROW && v[1]->kind == REX_LITERAL && v[1]->json->kind == VAL_TEXT)
        for (uint32_t i = 0; i < of->n; i++)
            if (!strcmp(of->names[i], v[1]->json->text)) {
                t = type_nullable(at->a, of->kids[i], of->nullable || of->kids[i]->nullable);
                return rex_call(at->a, "ITEM", "SPECIAL", t, v, 2);
            }
    return t ? rex_call(at->a, "ITEM", "SPECIAL", type_nullable(at->a, t, true), v, 2) : bind_misfit(at, x, "ITEM", v, 2);
}

const struct rex *form_field(struct bind *at, const struct ast *x)
{
    const struct rex *row = bind_one(at, x->kids[0]);
    return row ? form_field_of(at, x, row, x->text) : NULL;
}
