#include "inspect/validate_policy.h"

#include <ctype.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "base/human.h"
#include "inspect/sizes.h"

/* --- reading --- */

struct text { /* a line, word by word */
    char *p;
    const char *file;
    uint32_t number;
    struct err *e;
};

static char *word(struct text *t)
{
    while (*t->p == ' ' || *t->p == '\t')
        t->p++;
    char *from = t->p;
    while (*t->p && *t->p != ' ' && *t->p != '\t')
        t->p++;
    if (*t->p)
        *t->p++ = 0;
    return from;
}

static bool wrong(struct text *t, const char *what, const char *word_)
{
    return err_set(t->e, ERR_USAGE, "%s, line %u: %s \"%s\"; see weir-policy(5)", t->file, t->number, what, word_);
}

static bool severity_of(const char *s, enum severity *to)
{
    for (int i = SEVERITY_OFF; i <= SEVERITY_ERROR; i++)
        if (!strcmp(s, severity_name((enum severity)i))) {
            *to = (enum severity)i;
            return true;
        }
    return false;
}

static bool is_date(const char *s)
{
    static const char form[] = "dddd-dd-dd";
    if (strlen(s) != sizeof form - 1)
        return false;
    for (size_t i = 0; form[i]; i++)
        if (form[i] == '-' ? s[i] != '-' : !isdigit((unsigned char)s[i]))
            return false;
    return true;
}

/* "2.5", "10GiB", "1e6": a positive number and a power of 1024. */
static bool amount_of(const char *s, double *to)
{
    static const char *const units[] = {"", "KiB", "MiB", "GiB", "TiB"};
    char *end;
    double v = strtod(s, &end);
    if (end == s || !(v > 0) || v > 1e18)
        return false;
    for (size_t i = 0; i < sizeof units / sizeof *units; i++, v *= 1024)
        if (!strcmp(end, units[i])) {
            *to = v;
            return true;
        }
    return false;
}

static bool budget_of(const char *s, enum budget *to)
{
    static const char *const names[] = {NULL, "size", "state-size", "skew"};
    for (int i = BUDGET_SIZE; i <= BUDGET_SKEW; i++)
        if (!strcmp(s, names[i])) {
            *to = (enum budget)i;
            return true;
        }
    return false;
}

static bool clauses(struct text *t, struct policy_line *l)
{
    l->because = "";
    for (;;) {
        const char *w = word(t);
        if (!*w)
            return true;
        if (!strcmp(w, "because")) {
            l->because = t->p + strspn(t->p, " \t");
            return true;
        }
        const char **to = !strcmp(w, "operator") ? &l->op
            : !strcmp(w, "state")                ? &l->state
            : !strcmp(w, "until")                ? &l->until
                                                 : NULL;
        if (!to)
            return wrong(t, "neither operator, state, until nor because:", w);
        *to = word(t);
        if (!**to || (to == &l->until && !is_date(*to)))
            return wrong(t, to == &l->until ? "no date (YYYY-MM-DD):" : "nothing stands behind", to == &l->until ? *to : w);
    }
}

static bool statement(struct text *t, struct policy_line *l)
{
    const char *w = word(t);
    if (!strcmp(w, "rule")) {
        w = word(t);
        l->rule = rule_by_id(w);
        if (!l->rule)
            return wrong(t, "no rule has the id", w);
        w = word(t);
        if (!severity_of(w, &l->severity))
            return wrong(t, "neither error, warning, note nor off:", w);
    } else if (!strcmp(w, "budget")) {
        w = word(t);
        if (!budget_of(w, &l->budget))
            return wrong(t, "neither size, state-size nor skew:", w);
        w = word(t);
        if (!amount_of(w, &l->amount))
            return wrong(t, "no amount (like 3, 500MiB, 10GiB):", w);
    } else {
        return wrong(t, "neither rule nor budget:", w);
    }
    return clauses(t, l);
}

bool policy_read(struct policy *p, struct bytes text, const char *name, struct arena *a, struct err *e)
{
    *p = (struct policy){.name = name};
    size_t lines = 1;
    for (size_t i = 0; i < text.n; i++)
        lines += text.p[i] == '\n';
    p->lines = arena_array(a, lines, sizeof *p->lines);
    size_t at = 0;
    for (uint32_t number = 1; at < text.n; number++) {
        const uint8_t *end = memchr(text.p + at, '\n', text.n - at);
        size_t n = (end ? (size_t)(end - text.p) : text.n) - at;
        struct text t = {arena_strn(a, (const char *)text.p + at, n), name, number, e};
        at += n + 1;
        t.p[strcspn(t.p, "\r")] = 0;
        t.p += strspn(t.p, " \t");
        if (!*t.p || *t.p == '#')
            continue;
        struct policy_line *l = &p->lines[p->n++];
        l->number = number;
        if (!statement(&t, l))
            return false;
    }
    return true;
}

/* --- applying --- */

static bool fits(const char *pattern, const char *name) { return !pattern || (name && !fnmatch(pattern, name, 0)); }

static void exceeded(struct validation *v, const struct policy_line *l, const char *op, const char *state, const char *what)
{
    find(v, RULE_BUDGET_EXCEEDED, op, state, "%s%s%s", what, *l->because ? ": " : "", l->because);
}

static void size(struct validation *v, const struct policy_line *l, const char *op, const char *state, uint64_t bytes)
{
    if ((double)bytes > l->amount)
        exceeded(v, l, op, state,
                 arena_printf(&v->arena, "%s, of %s that are allowed", human_bytes(bytes).s, human_bytes((uint64_t)l->amount).s));
}

static void budget(struct validation *v, const struct policy_line *l, const struct tree *t)
{
    if (l->budget == BUDGET_SIZE && !l->op)
        size(v, l, NULL, NULL, t->bytes);
    for (uint32_t i = 0; i < t->scan.n_ops; i++) {
        const struct tree_op *op = &t->ops[i];
        if (!fits(l->op, op->label))
            continue;
        if (l->budget == BUDGET_SIZE && l->op)
            size(v, l, op->label, NULL, op->bytes);
        for (uint32_t j = 0; l->budget == BUDGET_STATE_SIZE && j < op->n_states; j++)
            if (fits(l->state, op->states[j]->name))
                size(v, l, op->label, op->states[j]->name, op->states[j]->totals.bytes);
        double by = l->budget == BUDGET_SKEW && op->groups ? sizes_skew(op).by_subtask : 0;
        if (by > l->amount)
            exceeded(
                v, l, op->label, NULL,
                arena_printf(&v->arena, "the heaviest subtask has %.1f times the mean, of %.1f that are allowed", by, l->amount));
    }
}

static void set_severities(const struct policy_line *l, struct validation *v)
{
    for (uint32_t i = 0; i < v->n_findings; i++) {
        struct finding *f = &v->findings[i];
        if (f->rule == l->rule && fits(l->op, f->op) && fits(l->state, f->state))
            f->severity = l->severity;
    }
}

void policy_apply(const struct policy *p, struct validation *v, const struct tree *t, const char *today)
{
    for (uint32_t i = 0; i < p->n; i++) {
        const struct policy_line *l = &p->lines[i];
        if (l->until && strcmp(today, l->until) > 0)
            find(v, RULE_POLICY_EXPIRED, NULL, NULL, "%s, line %u: expired after %s%s%s", p->name, l->number, l->until,
                 *l->because ? ": " : "", l->because);
        else if (l->budget != BUDGET_NONE)
            budget(v, l, t);
    }
    for (uint32_t i = 0; i < p->n; i++)
        if (p->lines[i].rule && !(p->lines[i].until && strcmp(today, p->lines[i].until) > 0))
            set_severities(&p->lines[i], v);
    uint32_t kept = 0;
    for (uint32_t i = 0; i < v->n_findings; i++)
        if (v->findings[i].severity != SEVERITY_OFF)
            v->findings[kept++] = v->findings[i];
    v->n_findings = kept;
}
