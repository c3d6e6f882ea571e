#include "sql/rel.h"

#include <stdlib.h>
#include <string.h>

#include "sql/rex_make.h"

struct rel *rel_of(struct arena *a, enum rel_kind kind, struct place at, uint32_t n, struct rel *const *inputs)
{
    struct rel *r = arena_alloc(a, sizeof *r);
    *r = (struct rel){.kind = kind, .at = at, .n = n, .fetch = -1, .inputs = arena_array(a, n + 1u, sizeof *r->inputs)};
    for (uint32_t i = 0; i < n; i++)
        r->inputs[i] = inputs[i];
    return r;
}

const struct rex *rel_column(struct arena *a, const struct rel *r, uint32_t i) { return rex_input(a, i, r->row->kids[i]); }

static const char *unlike(struct arena *a, const char *name, const char *const *before, uint32_t n)
{
    const char *try = name;
    for (uint32_t k = 0, i = 0; i < n;) {
        if (strcmp(before[i], try) != 0) {
            i++;
            continue;
        }
        try = arena_printf(a, "%s%u", name, k++);
        i = 0;
    }
    return try;
}

struct rel *rel_project(struct arena *a, struct rel *input, const struct rex **exprs, const char *const *names, uint32_t n)
{
    struct rel *r = rel_of(a, REL_PROJECT, input->at, 1, &input);
    const char **own = arena_array(a, n + 1u, sizeof *own);
    const struct ltype **types = arena_array(a, n + 1u, sizeof *types);
    for (uint32_t i = 0; i < n; i++) {
        own[i] = unlike(a, names && names[i] ? names[i] : arena_printf(a, "EXPR$%u", i), own, i);
        types[i] = exprs[i]->type;
    }
    r->exprs = exprs;
    r->row = type_row(a, own, types, n, false);
    return r;
}

struct rel *rel_filter(struct arena *a, struct rel *input, const struct rex *condition)
{
    struct rel *r = rel_of(a, REL_FILTER, input->at, 1, &input);
    r->condition = condition;
    r->row = input->row;
    return r;
}

const struct ltype *rel_joined_row(struct arena *a, const struct ltype *l, const struct ltype *r, enum rel_join j)
{
    if (j >= JOIN_SEMI)
        return l;
    const char **names = arena_array(a, l->n + r->n + 1u, sizeof *names);
    const struct ltype **types = arena_array(a, l->n + r->n + 1u, sizeof *types);
    for (uint32_t i = 0; i < l->n + r->n; i++) {
        bool left = i < l->n, missing = left ? j == JOIN_RIGHT || j == JOIN_FULL : j == JOIN_LEFT || j == JOIN_FULL;
        const struct ltype *side = left ? l : r;
        uint32_t c = left ? i : i - l->n;
        names[i] = side->names[c];
        for (uint32_t k = 0, n = 0; k < i;)
            if (!strcmp(names[k], names[i])) {
                names[i] = arena_printf(a, "%s%u", side->names[c], n++);
                k = 0;
            } else {
                k++;
            }
        types[i] = missing ? type_nullable(a, side->kids[c], true) : side->kids[c];
    }
    return type_row(a, names, types, l->n + r->n, false);
}

/* --- expressions --- */

typedef const struct rex *(*on_input)(struct arena *a, const struct rex *x, const void *ctx);

static const struct rex *replace(struct arena *a, const struct rex *x, on_input f, const void *ctx)
{
    if (x->kind == REX_INPUT)
        return f(a, x, ctx);
    if (!x->n)
        return x;
    const struct rex **operands = arena_array(a, x->n, sizeof *operands);
    bool same = true;
    for (uint32_t i = 0; i < x->n; i++) {
        operands[i] = replace(a, x->operands[i], f, ctx);
        same = same && operands[i] == x->operands[i];
    }
    if (same)
        return x;
    struct rex *to = arena_alloc(a, sizeof *to);
    *to = *x;
    to->operands = operands;
    if (x->kind != REX_LITERAL)
        to->json = NULL; /* it says the columns as they were */
    return to;
}

static const struct rex *by_expression(struct arena *a, const struct rex *x, const void *ctx)
{
    (void)a;
    return ((const struct rex *const *)ctx)[x->input];
}

const struct rex *rex_over(struct arena *a, const struct rex *x, const struct rex *const *exprs)
{
    return replace(a, x, by_expression, exprs);
}

static const struct rex *by_distance(struct arena *a, const struct rex *x, const void *by)
{
    return rex_input(a, (uint32_t)((int)x->input + *(const int *)by), x->type);
}

const struct rex *rex_moved(struct arena *a, const struct rex *x, int by) { return by ? replace(a, x, by_distance, &by) : x; }

void rex_used(const struct rex *x, bool *used, uint32_t n)
{
    if (x->kind == REX_INPUT && x->input < n)
        used[x->input] = true;
    for (uint32_t i = 0; i < x->n; i++)
        rex_used(x->operands[i], used, n);
}

bool rex_milliseconds(const struct rex *x, int64_t *to)
{
    char *end;
    if (x->kind != REX_LITERAL || x->type->root != L_INTERVAL_DAY_TIME || !x->json || x->json->kind != VAL_TEXT)
        return false;
    *to = strtoll(x->json->text, &end, 10);
    return !*end && *to > -(INT64_MAX / 4) && *to < INT64_MAX / 4;
}

bool rex_terms(const struct rex *x, const struct rex **terms, uint32_t *n, uint32_t cap)
{
    if (rex_is_call(x, "AND")) {
        for (uint32_t i = 0; i < x->n; i++)
            if (!rex_terms(x->operands[i], terms, n, cap))
                return false;
        return true;
    }
    if (*n == cap)
        return false;
    terms[(*n)++] = x;
    return true;
}

const struct rex *rex_and(struct arena *a, const struct rex *const *terms, uint32_t n)
{
    bool nullable = false;
    if (n < 2)
        return n ? terms[0] : NULL;
    for (uint32_t i = 0; i < n; i++)
        nullable = nullable || terms[i]->type->nullable;
    return rex_call(a, "AND", "BINARY", type_simple(a, L_BOOLEAN, nullable), terms, n);
}
