/* STDDEV_* and VAR_* as $WELFORD_M2 and COUNT, whose quotient (and root) a projection makes (AggregateReduceFunctionsRule as Flink 2.3 has it). */
#include <string.h>

#include "sql/rel.h"
#include "sql/rex_make.h"
#include "sql/types.h"

static const struct {
    const char *name;
    bool sample, root;
} reduced[] = {{"$STDDEV$1", true, true},    {"$STDDEV_POP$1", false, true}, {"$STDDEV_SAMP$1", true, true},
               {"$VARIANCE$1", true, false}, {"$VAR_POP$1", false, false},   {"$VAR_SAMP$1", true, false}};

static int row_of(const struct rel_call *c)
{
    for (int i = 0; i < (int)(sizeof reduced / sizeof *reduced); i++)
        if (!strcmp(c->name, reduced[i].name))
            return i;
    return -1;
}

static bool same(const struct rel_call *a, const struct rel_call *b)
{
    return !strcmp(a->name, b->name) && a->distinct == b->distinct && a->ignores_nulls == b->ignores_nulls &&
        a->filter == b->filter && a->n == b->n && !memcmp(a->args, b->args, a->n * sizeof *a->args);
}

/* The number of a call of that kind; made, where there is none. */
static uint32_t call_at(struct rel *to, struct rel_call c)
{
    uint32_t i = 0;
    while (i < to->n_calls && !same(&to->calls[i], &c))
        i++;
    if (i == to->n_calls)
        to->calls[to->n_calls++] = c;
    return i;
}

static const struct rex *quotient(struct arena *a, int row, const struct rex *m2, const struct rex *count)
{
    const struct ltype *real = type_simple(a, L_DOUBLE, true);
    if (reduced[row].sample) {
        const struct rex *one = rex_call(a, "=", "BINARY", type_simple(a, L_BOOLEAN, false), REX_OPS(count, rex_int(a, 1)));
        const struct rex *less = rex_call(a, "-", "BINARY", count->type, REX_OPS(count, rex_int(a, 1)));
        count = rex_call(a, "CASE", "SPECIAL", type_nullable(a, count->type, true), REX_OPS(one, rex_null(a, count->type), less));
    }
    const struct rex *x = rex_call(a, "/", "BINARY", real, REX_OPS(m2, count));
    if (!reduced[row].root)
        return x;
    return rex_call(a, "POWER", NULL, real, REX_OPS(x, rex_literal(a, value_text(a, "0.5", 3), type_decimal(a, 2, 1, false))));
}

struct rel *rel_reduce(struct arena *a, const struct rel *r)
{
    uint32_t some = 0, before = r->n_keys + r->n_calls, n = 0;
    for (uint32_t i = 0; i < r->n_calls; i++)
        some += row_of(&r->calls[i]) >= 0;
    if (!some)
        return NULL;
    struct rel *to = arena_alloc(a, sizeof *to);
    uint32_t *first = arena_array(a, r->n_calls + 1u, sizeof *first), *second = arena_array(a, r->n_calls + 1u, sizeof *second);
    *to = *r;
    to->calls = arena_array(a, 2 * r->n_calls + 1u, sizeof *to->calls);
    to->n_calls = 0;
    for (uint32_t i = 0; i < r->n_calls; i++) {
        struct rel_call c = r->calls[i];
        if (row_of(&c) < 0) {
            first[i] = call_at(to, c);
            continue;
        }
        c.as = NULL;
        c.name = "$$WELFORD_M2$1$1";
        c.syntax = NULL;
        c.type = type_simple(a, L_DOUBLE, true);
        first[i] = call_at(to, c);
        c.name = "$COUNT$1";
        c.syntax = "FUNCTION_STAR";
        c.type = type_simple(a, L_BIGINT, false);
        second[i] = call_at(to, c);
    }
    const char **names = arena_array(a, r->n_keys + to->n_calls + r->row->n + 1u, sizeof *names);
    const struct ltype **types = arena_array(a, r->n_keys + to->n_calls + r->row->n + 1u, sizeof *types);
    for (uint32_t i = 0; i < r->n_keys; i++, n++) {
        names[n] = r->row->names[i];
        types[n] = r->row->kids[i];
    }
    for (uint32_t i = 0; i < to->n_calls; i++, n++) {
        names[n] = to->calls[i].as ? to->calls[i].as : arena_printf(a, "$f%u", n);
        types[n] = to->calls[i].type;
    }
    for (uint32_t i = before; i < r->row->n; i++, n++) {
        names[n] = r->row->names[i];
        types[n] = r->row->kids[i];
    }
    to->row = type_row(a, names, types, n, false);
    const struct rex **exprs = arena_array(a, r->row->n + 1u, sizeof *exprs);
    for (uint32_t i = 0; i < r->row->n; i++) {
        int row = i >= r->n_keys && i < before ? row_of(&r->calls[i - r->n_keys]) : -1;
        uint32_t at = i < r->n_keys ? i : i < before ? r->n_keys + first[i - r->n_keys] : i - before + r->n_keys + to->n_calls;
        exprs[i] = rel_column(a, to, at);
        if (row < 0)
            continue;
        exprs[i] = quotient(a, row, exprs[i], rel_column(a, to, r->n_keys + second[i - r->n_keys]));
        if (!type_same(exprs[i]->type, r->row->kids[i], false))
            exprs[i] = rex_cast(a, exprs[i], r->row->kids[i]);
    }
    return rel_project(a, to, exprs, r->row->names, r->row->n);
}
