#include <string.h>

#include "base/utf8.h"
#include "inspect/report.h"

/* Text as XML 1.0 takes it: characters that it does not allow become U+FFFD. */
static void xml(struct buf *out, const char *s)
{
    const uint8_t *p = (const uint8_t *)s;
    for (size_t left = strlen(s); left;) {
        uint32_t code = 0;
        unsigned n = utf8_next(p, left, &code);
        if (!n || utf8_surrogate(code) || utf8_control(code) || code >= 0xfffe)
            buf_puts(out, code == '\n' || code == '\t' ? " " : "\xef\xbf\xbd");
        else if (code == '&')
            buf_puts(out, "&amp;");
        else if (code == '<')
            buf_puts(out, "&lt;");
        else if (code == '>')
            buf_puts(out, "&gt;");
        else if (code == '"')
            buf_puts(out, "&quot;");
        else
            buf_put(out, p, n);
        p += n ? n : 1;
        left -= n ? n : 1;
    }
}

static void attribute(struct buf *out, const char *name, const char *value)
{
    buf_printf(out, " %s=\"", name);
    xml(out, value);
    buf_putc(out, '"');
}

static void begin_case(struct buf *out, const char *cls, const char *name)
{
    buf_puts(out, "    <testcase");
    attribute(out, "classname", cls);
    attribute(out, "name", name);
}

/* The finding that a state is incompatible, which is a failure of the state's own case if the policy leaves it an error. */
static const struct finding *refusal(const struct validation *v, const struct state_verdict *s)
{
    for (uint32_t i = 0; s->verdict == VERDICT_INCOMPATIBLE && i < v->n_findings; i++) {
        const struct finding *f = &v->findings[i];
        if (f->rule == &rules[RULE_STATE_INCOMPATIBLE] && f->severity == SEVERITY_ERROR && !strcmp(f->op, s->op) &&
            !strcmp(f->state, s->state))
            return f;
    }
    return NULL;
}

static void failure(struct buf *out, const struct finding *f)
{
    buf_puts(out, "<failure");
    attribute(out, "type", f->rule->id);
    attribute(out, "message", f->message);
    buf_putc(out, '>');
    xml(out, f->rule->advice);
    buf_puts(out, "</failure>");
}

static void state(struct buf *out, const struct validation *v, const struct state_verdict *s)
{
    struct buf name = {0};
    const struct finding *f = refusal(v, s);
    buf_printf(&name, "%s / %s", s->op, s->state);
    begin_case(out, "weir.restore", buf_cstr(&name));
    buf_puts(out, ">\n      ");
    if (f)
        failure(out, f);
    else
        buf_printf(out, "<system-out>%s</system-out>", verdict_name(s->verdict));
    buf_puts(out, "\n    </testcase>\n");
    buf_free(&name);
}

/* Warnings and notes are cases that hold, with their text beside them. */
static void finding(struct buf *out, const struct finding *f)
{
    struct buf name = {0};
    buf_puts(&name, f->rule->id);
    if (f->op)
        buf_puts(&name, ": ");
    report_where(f, &name);
    begin_case(out, "weir.findings", buf_cstr(&name));
    buf_puts(out, ">\n      ");
    if (f->severity == SEVERITY_ERROR) {
        failure(out, f);
    } else {
        buf_printf(out, "<system-out>%s: ", severity_name(f->severity));
        xml(out, f->message);
        buf_puts(out, "</system-out>");
    }
    buf_puts(out, "\n    </testcase>\n");
    buf_free(&name);
}

static bool told_by_state(const struct finding *f)
{
    return f->rule == &rules[RULE_STATE_INCOMPATIBLE] && f->severity == SEVERITY_ERROR;
}

void report_junit(const struct report *r, struct buf *out)
{
    const struct validation *v = r->v;
    uint32_t failures = validation_count(v, SEVERITY_ERROR), tests = v->n_states;
    for (uint32_t i = 0; i < v->n_findings; i++)
        tests += !told_by_state(&v->findings[i]);
    buf_printf(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites tests=\"%u\" failures=\"%u\">\n  <testsuite", tests,
               failures);
    attribute(out, "name", r->snapshot);
    buf_printf(out, " tests=\"%u\" failures=\"%u\" errors=\"0\" skipped=\"0\">\n", tests, failures);
    for (uint32_t i = 0; i < v->n_states; i++)
        state(out, v, &v->states[i]);
    for (uint32_t i = 0; i < v->n_findings; i++)
        if (!told_by_state(&v->findings[i]))
            finding(out, &v->findings[i]);
    buf_puts(out, "  </testsuite>\n</testsuites>\n");
}
