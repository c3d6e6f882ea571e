/* Aggregate and window functions: names and types. Where they may stand the planner says. */
#include <string.h>
#include <strings.h>

#include "sql/signature.h"

static const struct aggregate {
    struct signature s;
    bool over;
} all[] = {
#define AGG(...) {{__VA_ARGS__}, false},
#define WIN(...) {{__VA_ARGS__}, true},
#include "sql/aggregates.def"
#undef AGG
#undef WIN
};

static const char *const tables[] = {"TUMBLE", "HOP", "CUMULATE", "SESSION", "UNNEST"};

static const struct aggregate *named(const char *name)
{
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (!strcasecmp(all[i].s.name, name))
            return &all[i];
    return NULL;
}

enum bind_kind bind_call_kind(const struct ast *call)
{
    const struct ast *name = call->kind == AST_CALL ? call->kids[0] : NULL;
    if (!name || name->n != 1)
        return BIND_UNKNOWN;
    const char *word = name->kids[0]->text;
    const struct aggregate *a = named(word);
    if (a)
        return a->over ? BIND_WINDOW : BIND_AGGREGATE;
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++)
        if (!strcasecmp(tables[i], word))
            return BIND_TABLE;
    return signature_named(word) || !strcasecmp(word, "NULLIF") || !strcasecmp(word, "SQRT") ? BIND_SCALAR : BIND_UNKNOWN;
}

bool bind_aggregate(struct binder *b, const struct ast *call, const char *name, const struct rex *const *args, uint32_t n,
                    bool grouped, struct bind_aggregate *to, struct err *e)
{
    struct bind at = {b, b->a, NULL, e};
    const struct aggregate *a = name ? named(name)
        : call->kind == AST_CALL     ? named(call->kids[0]->kids[call->kids[0]->n - 1]->text)
                                     : NULL;
    const struct rex **mine = arena_array(b->a, n + 1, sizeof *mine);
    for (uint32_t i = 0; i < n; i++)
        mine[i] = args[i];
    if (!a)
        return bind_wrong(&at, call, "this is no aggregate") != NULL;
    if (!signature_fit(&at, &a->s, mine, n) || !(to->type = signature_result(&at, &a->s, args, n)))
        return bind_misfit(&at, call, a->s.name, args, n) != NULL;
    if (*a->s.result == '%')
        to->type = type_nullable(b->a, to->type, to->type->nullable || !grouped);
    to->name = arena_printf(b->a, "$%s$1", a->s.plan);
    to->syntax = a->s.syntax;
    return true;
}
