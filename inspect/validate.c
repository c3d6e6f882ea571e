#include "inspect/validate.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const struct rule rules[RULES] = {
#define RULE(ident, id, severity, refuses, title, explanation, advice) \
    [RULE_##ident] = {id, SEVERITY_##severity, refuses, title, explanation, advice},
#include "inspect/rules.def"
#undef RULE
};

const char *severity_name(enum severity s)
{
    static const char *const names[] = {"off", "note", "warning", "error"};
    return names[s];
}

const struct rule *rule_by_id(const char *id)
{
    for (size_t i = 0; i < RULES; i++)
        if (!strcmp(rules[i].id, id))
            return &rules[i];
    return NULL;
}

void find(struct validation *v, enum rule_id rule, const char *op, const char *state, const char *fmt, ...)
{
    char text[2048];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    if (!(v->n_findings & (v->n_findings - 1)))
        v->findings = mem_grow(v->findings, v->n_findings ? (size_t)v->n_findings * 2 : 1, sizeof *v->findings);
    v->findings[v->n_findings++] = (struct finding){&rules[rule], rules[rule].severity, op, state, arena_str(&v->arena, text)};
    v->compatible = v->compatible && !rules[rule].refuses;
}

static int compare_text(const char *a, const char *b) { return !a || !b ? (a != NULL) - (b != NULL) : strcmp(a, b); }

static int in_order(const void *a, const void *b)
{
    const struct finding *x = a, *y = b;
    if (x->rule != y->rule)
        return x->rule < y->rule ? -1 : 1;
    int c = compare_text(x->op, y->op);
    c = c ? c : compare_text(x->state, y->state);
    return c ? c : strcmp(x->message, y->message);
}

void validate(struct validation *v, const struct tree *t, const struct validate_opts *opts)
{
    *v = (struct validation){.against = opts->against, .compatible = true, .target = validate_target(t, opts)};
    validate_whole(v, t, opts);
    validate_restore(v, t, opts);
    validate_hazards(v, t);
    if (v->n_findings)
        qsort(v->findings, v->n_findings, sizeof *v->findings, in_order);
}

void validation_free(struct validation *v)
{
    free(v->findings);
    free(v->states);
    arena_free(&v->arena);
    *v = (struct validation){0};
}

uint32_t validation_count(const struct validation *v, enum severity s)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < v->n_findings; i++)
        n += v->findings[i].severity == s;
    return n;
}
