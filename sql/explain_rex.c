/* Expressions of plans as text, as Flink's descriptions of nodes have them. */
#include <stdlib.h>
#include <string.h>

#include "sql/explain.h"

enum { LIMIT = 2000 }; /* bytes; what is longer ends in … */

static bool full(struct buf *to, size_t from)
{
    if (to->n - from < LIMIT)
        return false;
    if (to->n < 3 || memcmp(to->p + to->n - 3, "…", 3) != 0)
        buf_puts(to, "…");
    return true;
}

void explain_duration(int64_t ms, struct buf *to)
{
    static const struct {
        int64_t ms;
        const char *unit;
    } units[] = {{86400000, "d"}, {3600000, "h"}, {60000, "min"}, {1000, "s"}, {1, "ms"}};
    size_t from = to->n;
    uint64_t left = ms < 0 ? 0 - (uint64_t)ms : (uint64_t)ms;
    if (ms < 0)
        buf_putc(to, '-');
    from = to->n;
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        uint64_t n = left / (uint64_t)units[i].ms;
        left %= (uint64_t)units[i].ms;
        if (n)
            buf_printf(to, "%s%llu %s", to->n > from ? " " : "", (unsigned long long)n, units[i].unit);
    }
    if (to->n == from)
        buf_puts(to, "0 s");
}

static void put_value(const struct value *v, const struct ltype *t, struct buf *to)
{
    struct jsonw w = {.out = to};
    if (v && v->kind == VAL_TEXT && t && t->root == L_INTERVAL_DAY_TIME) {
        explain_duration(strtoll(v->text, NULL, 10), to);
    } else if (v && v->kind == VAL_TEXT && t && !type_is_number(t)) {
        buf_putc(to, '\'');
        for (uint32_t i = 0; i < v->n; i++) {
            if (v->text[i] == '\'')
                buf_putc(to, '\'');
            buf_putc(to, (uint8_t)v->text[i]);
        }
        buf_putc(to, '\'');
    } else if (v && v->kind == VAL_TEXT) {
        buf_put(to, v->text, v->n);
    } else if (v && v->kind != VAL_NULL) {
        value_put_json(&w, v);
    } else {
        buf_puts(to, "NULL");
    }
}

/* "$CAST$1" is CAST. */
static void put_name(const char *name, struct buf *to)
{
    size_t n = strlen(name);
    const char *end = n > 1 && *name == '$' ? memrchr(name, '$', n) : NULL;
    if (end && end > name)
        buf_put(to, name + 1, (size_t)(end - name - 1));
    else
        buf_puts(to, name);
}

struct printing {
    const char *const *names;
    uint32_t n;
    struct buf *to;
    size_t from;
};

static void put(const struct printing *p, const struct rex *x);

static void put_list(const struct printing *p, const struct rex *x, const char *between)
{
    for (uint32_t i = 0; i < x->n; i++) {
        if (i)
            buf_puts(p->to, between);
        put(p, x->operands[i]);
    }
}

static void put_ranges(const struct printing *p, const struct rex *operand, const struct rex *sarg)
{
    for (uint32_t i = 0; i < sarg->n_ranges && !full(p->to, p->from); i++) {
        const struct rex_range *r = &sarg->ranges[i];
        bool point = r->lower && r->upper && !r->lower_open && value_same(r->lower, r->upper);
        if (i)
            buf_puts(p->to, " OR ");
        if (r->lower) {
            put(p, operand);
            buf_puts(p->to, point ? " = " : r->lower_open ? " > " : " >= ");
            put_value(r->lower, sarg->type, p->to);
        }
        if (r->upper && !point) {
            buf_puts(p->to, r->lower ? " AND " : "");
            put(p, operand);
            buf_puts(p->to, r->upper_open ? " < " : " <= ");
            put_value(r->upper, sarg->type, p->to);
        }
    }
}

static void put_case(const struct printing *p, const struct rex *x)
{
    buf_puts(p->to, "CASE");
    for (uint32_t i = 0; i + 1 < x->n; i += 2) {
        buf_puts(p->to, " WHEN ");
        put(p, x->operands[i]);
        buf_puts(p->to, " THEN ");
        put(p, x->operands[i + 1]);
    }
    if (x->n % 2) {
        buf_puts(p->to, " ELSE ");
        put(p, x->operands[x->n - 1]);
    }
    buf_puts(p->to, " END");
}

static void put_call(const struct printing *p, const struct rex *x)
{
    struct buf name = {0};
    const char *syntax = x->syntax ? x->syntax : "";
    put_name(x->name, &name);
    const char *f = buf_cstr(&name);
    if (!strcmp(f, "SEARCH") && x->n == 2 && x->operands[1]->kind == REX_SARG) {
        buf_putc(p->to, '(');
        put_ranges(p, x->operands[0], x->operands[1]);
        buf_putc(p->to, ')');
    } else if ((!strcmp(f, "CAST") || !strcmp(f, "TRY_CAST")) && x->n == 1) {
        buf_printf(p->to, "%s(", f);
        put(p, x->operands[0]);
        buf_puts(p->to, " AS ");
        ltype_text(x->type, LTYPE_SUMMARY, p->to->n + 200, p->to);
        buf_putc(p->to, ')');
    } else if (!strcmp(f, "CASE")) {
        put_case(p, x);
    } else if (x->n > 1 && (!strcmp(syntax, "BINARY") || !strcmp(f, "+") || !strcmp(f, "-") || !strcmp(f, "LIKE"))) {
        buf_putc(p->to, '(');
        buf_putc(&name, ' ');
        struct buf between = {0};
        buf_printf(&between, " %s", buf_cstr(&name));
        put_list(p, x, buf_cstr(&between));
        buf_free(&between);
        buf_putc(p->to, ')');
    } else if (!strcmp(syntax, "POSTFIX") && x->n == 1) {
        put(p, x->operands[0]);
        buf_printf(p->to, " %s", f);
    } else if (!strcmp(syntax, "PREFIX") && x->n == 1) {
        buf_printf(p->to, "%s ", f);
        put(p, x->operands[0]);
    } else {
        buf_printf(p->to, "%s(", f);
        put_list(p, x, ", ");
        buf_putc(p->to, ')');
    }
    buf_free(&name);
}

static void put(const struct printing *p, const struct rex *x)
{
    if (full(p->to, p->from))
        return;
    switch (x->kind) {
    case REX_LITERAL:
        put_value(x->json, x->type, p->to);
        break;
    case REX_INPUT:
        if (x->input < p->n)
            buf_puts(p->to, p->names[x->input]);
        else
            buf_printf(p->to, "$%u", x->input);
        break;
    case REX_FIELD:
        if (x->n && x->operands[0]->kind != REX_OTHER) {
            put(p, x->operands[0]);
            buf_putc(p->to, '.');
        }
        buf_puts(p->to, x->name ? x->name : "");
        break;
    case REX_CALL:
        put_call(p, x);
        break;
    case REX_SYMBOL:
    case REX_SARG:
    case REX_OUTER:
    case REX_OTHER:
        buf_puts(p->to, x->name ? x->name : "…");
        break;
    }
}

void explain_rex(const struct rex *x, const char *const *names, uint32_t n, struct buf *to)
{
    struct printing p = {names, n, to, to->n};
    put(&p, x);
}
