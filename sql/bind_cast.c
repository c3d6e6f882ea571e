/* CAST and TRY_CAST. */
#include <string.h>

#include "sql/binder.h"

static const struct rex *never(struct bind *at, const struct ast *x, const struct ltype *from, const struct ltype *to)
{
    bool stamp = type_is_timestamp(from) || type_is_timestamp(to), number = type_is_number(from) || type_is_number(to);
    if (stamp && number)
        return bind_wrong(at, x, "there is no cast from %s to %s; use %s", type_label(at->a, from), type_label(at->a, to),
                          type_is_number(from) ? "TO_TIMESTAMP_LTZ(number, 3)" : "UNIX_TIMESTAMP(CAST(… AS STRING))");
    return bind_wrong(at, x, "there is no cast from %s to %s", type_label(at->a, from), type_label(at->a, to));
}

static bool possible(const struct ltype *from, const struct ltype *to)
{
    if ((type_is_timestamp(from) && type_is_number(to)) || (type_is_timestamp(to) && type_is_number(from)))
        return false;
    if (type_is_interval(from) && type_is_number(to) && strstr(from->kind, "_TO_"))
        return false;
    return type_casts(from, to) || (type_is_number(from) && to->root == L_BOOLEAN);
}

/* The number in INTERVAL SECOND(3) is of the seconds, not of their fraction. */
static const struct ltype *written(struct bind *at, const struct ltype *t)
{
    if (t->root != L_INTERVAL_DAY_TIME || strcmp(t->kind, "SECOND") != 0)
        return t;
    struct ltype *copy = arena_alloc(at->a, sizeof *copy);
    *copy = *t;
    copy->scale = 6;
    return copy;
}

const struct rex *form_cast_to(struct bind *at, const struct ast *x)
{
    const struct rex *v = bind_one(at, x->kids[0]);
    if (!v)
        return NULL;
    bool try = !strcmp(x->word, "TRY_CAST");
    const struct ltype *to = type_nullable(at->a, written(at, x->type), v->type->nullable || try);
    if (!possible(v->type, to))
        return never(at, x, v->type, to);
    if (v->type->root == L_NULL)
        v = rex_null(at->a, to);
    if (try && type_same(v->type, to, false))
        return v;
    return try ? rex_call(at->a, "TRY_CAST", "SPECIAL", to, REX_OPS(v)) : rex_cast_to(at->a, v, to);
}
