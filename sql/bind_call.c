/* Calls of functions. */
#include <string.h>
#include <strings.h>

#include "base/nearest.h"
#include "sql/signature.h"

static const char *candidate(const void *ctx, size_t i)
{
    (void)ctx;
    const struct signature *s = signature_at(i);
    return s ? s->name : NULL;
}

static const struct rex *unknown(struct bind *at, const struct ast *x, const char *name)
{
    const char *near = nearest_name(name, candidate, NULL);
    return near ? bind_wrong(at, x, "there is no function '%s'; did you mean '%s'?", name, near)
                : bind_wrong(at, x, "there is no function '%s'", name);
}

const struct rex *form_function(struct bind *at, const struct ast *x, const char *name, const struct rex **args, uint32_t n)
{
    const struct signature *s = signature_named(name);
    if (!s)
        return unknown(at, x, name);
    const struct ltype *type = signature_fit(at, s, args, n) ? signature_result(at, s, args, n) : NULL;
    if (!type)
        return bind_misfit(at, x, s->name, args, n);
    return rex_call(at->a, s->plan, s->syntax, type, args, n);
}

/* --- functions that become something else --- */

static const struct rex *nullif(struct bind *at, const struct ast *x, const struct rex **v) { return form_nullif(at, x, v); }

static const struct rex *sqrt_of(struct bind *at, const struct ast *x, const struct rex **v)
{
    const struct rex *args[] = {v[0], rex_literal(at->a, value_text(at->a, "0.5", 3), type_decimal(at->a, 2, 1, false))};
    return form_function(at, x, "POWER", args, 2);
}

/* YEAR(x) is EXTRACT(YEAR FROM x). */
static const char *part_of(const char *name)
{
    static const char *const parts[][2] = {
        {"YEAR", "YEAR"},     {"QUARTER", "QUARTER"}, {"MONTH", "MONTH"},   {"WEEK", "WEEK"},      {"HOUR", "HOUR"},
        {"MINUTE", "MINUTE"}, {"SECOND", "SECOND"},   {"DAYOFYEAR", "DOY"}, {"DAYOFMONTH", "DAY"}, {"DAYOFWEEK", "DOW"}};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (!strcasecmp(parts[i][0], name))
            return parts[i][1];
    return NULL;
}

static const struct {
    const char *name;
    uint32_t n;
    const struct rex *(*bind)(struct bind *at, const struct ast *x, const struct rex **v);
} rewritten[] = {
    {"NULLIF", 2, nullif},
    {"SQRT", 1, sqrt_of},
};

static const struct rex *called(struct bind *at, const struct ast *x, const char *name, const struct rex **v, uint32_t n)
{
    for (size_t i = 0; i < sizeof rewritten / sizeof *rewritten; i++)
        if (!strcasecmp(rewritten[i].name, name))
            return rewritten[i].n == n ? rewritten[i].bind(at, x, v) : bind_misfit(at, x, rewritten[i].name, v, n);
    const char *part = part_of(name);
    if (part)
        return n == 1 ? form_extract(at, x, part, v[0]) : bind_misfit(at, x, name, v, n);
    return form_function(at, x, name, v, n);
}

const struct rex *form_call(struct bind *at, const struct ast *x)
{
    const struct ast *list = x->kids[1];
    const char *name = x->kids[0]->kids[x->kids[0]->n - 1]->text;
    enum bind_kind kind = bind_call_kind(x);
    if (kind == BIND_AGGREGATE || kind == BIND_WINDOW)
        return bind_wrong(at, x, "'%s' is an aggregate, which is not possible here", name);
    if (x->kids[0]->n != 1)
        return bind_wrong(at, x, "functions of a catalog are Java's and not there");
    uint32_t n = list ? list->n : 0;
    for (uint32_t i = 0; i < n; i++)
        if (list->kids[i]->kind == AST_ARGUMENT)
            return bind_wrong(at, list->kids[i], "'%s' takes its arguments by their places, not by name", name);
    if (!strcasecmp(name, "JSON"))
        return bind_wrong(at, x, "JSON(…) stands only for a value of JSON_OBJECT or JSON_ARRAY");
    if (n > BIND_MAX_ARGS)
        return bind_wrong(at, x, "more than %d arguments", BIND_MAX_ARGS);
    const struct rex **v = n ? bind_kids(at, list, 0, n) : arena_array(at->a, 1, sizeof *v);
    return v ? called(at, x, name, v, n) : NULL;
}

const struct rex *form_niladic(struct bind *at, const struct ast *x)
{
    const struct signature *s = signature_named(x->kids[0]->text);
    if (!s || !s->syntax || strcmp(s->syntax, "FUNCTION_ID") != 0)
        return NULL;
    return form_function(at, x, s->name, arena_array(at->a, 1, sizeof(void *)), 0);
}
