#include <string.h>

#include "base/table.h"
#include "base/term.h"
#include "inspect/report.h"

void report_where(const struct finding *f, struct buf *out)
{
    if (f->op)
        buf_puts(out, f->op);
    if (f->state)
        buf_printf(out, " / %s", f->state);
}

void report_target(const struct validation *v, struct buf *out)
{
    static const char *const backends[] = {"any backend", "HashMap", "RocksDB"};
    buf_printf(out, "Flink %d.%d, %s", v->target.flink / 100, v->target.flink % 100, backends[v->target.backend]);
}

static void states(const struct report *r, struct buf *out)
{
    static const struct table_col cols[] = {
        {"OPERATOR", false, false}, {"STATE", false, true}, {"VERDICT", false, false}, {"WHY", false, true}};
    struct table table;
    uint32_t as_is = 0, unknown = 0;
    table_start(&table, cols, 4);
    for (uint32_t i = 0; i < r->v->n_states; i++) {
        const struct state_verdict *s = &r->v->states[i];
        as_is += s->verdict == VERDICT_AS_IS;
        unknown += s->verdict == VERDICT_UNKNOWN;
        if (s->verdict == VERDICT_AS_IS || s->verdict == VERDICT_UNKNOWN)
            continue;
        table_cell(&table, s->op);
        table_cell(&table, s->state);
        table_cell(&table, verdict_name(s->verdict));
        table_cell(&table, s->why);
    }
    if (r->v->n_states)
        buf_printf(out, "states      %u, of which %u as they are", r->v->n_states, as_is);
    if (unknown)
        buf_printf(out, ", %u unknown", unknown);
    if (r->v->n_states)
        buf_putc(out, '\n');
    if (r->v->n_states > as_is + unknown)
        buf_putc(out, '\n');
    table_print(&table, out, r->width, r->colour);
    table_free(&table);
}

static void escaped(struct buf *out, const char *s) { term_escape(out, s, strlen(s)); }

static void finding(const struct report *r, const struct finding *f, struct buf *out)
{
    static const char *const colours[] = {"", "\033[36m", "\033[33m", "\033[1;31m"};
    struct buf where = {0};
    report_where(f, &where);
    buf_printf(out, "%s%s%s %s", r->colour ? colours[f->severity] : "", severity_name(f->severity), r->colour ? "\033[0m" : "",
               f->rule->id);
    if (where.n) {
        buf_puts(out, ": ");
        escaped(out, buf_cstr(&where));
    }
    buf_puts(out, "\n    ");
    escaped(out, f->message);
    buf_putc(out, '\n');
    buf_free(&where);
}

static void count(struct buf *out, uint32_t n, const char *what, bool *some)
{
    if (n)
        buf_printf(out, "%s%u %s%s", *some ? ", " : "", n, what, n == 1 ? "" : "s");
    *some = *some || n;
}

void report_text(const struct report *r, struct buf *out)
{
    const struct validation *v = r->v;
    buf_puts(out, "snapshot    ");
    escaped(out, r->snapshot);
    if (r->against) {
        buf_puts(out, "\nagainst     ");
        escaped(out, r->against);
    }
    buf_puts(out, "\ntarget      ");
    report_target(v, out);
    buf_printf(out, "\ncompatible  %s\n", v->compatible ? "yes" : "NO");
    states(r, out);
    if (v->n_findings)
        buf_putc(out, '\n');
    for (uint32_t i = 0; i < v->n_findings; i++)
        finding(r, &v->findings[i], out);
    bool some = false;
    buf_putc(out, '\n');
    count(out, validation_count(v, SEVERITY_ERROR), "error", &some);
    count(out, validation_count(v, SEVERITY_WARNING), "warning", &some);
    count(out, validation_count(v, SEVERITY_NOTE), "note", &some);
    buf_puts(out, some ? "; weir rules ID explains each\n" : "nothing was found\n");
}
