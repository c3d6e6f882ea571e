/* GitHub Actions' workflow commands: "::error title=…::message", with its escapes for data and for properties. */
#include "base/term.h"
#include "inspect/report.h"

#include <string.h>

static void data(struct buf *out, const char *s, bool property)
{
    struct buf plain = {0};
    term_escape(&plain, s, strlen(s));
    for (size_t i = 0; i < plain.n; i++) {
        uint8_t c = plain.p[i];
        if (c == '%' || (property && (c == ':' || c == ',')))
            buf_printf(out, "%%%02X", c);
        else
            buf_putc(out, c);
    }
    buf_free(&plain);
}

void report_github(const struct report *r, struct buf *out)
{
    static const char *const commands[] = {"", "notice", "warning", "error"};
    for (uint32_t i = 0; i < r->v->n_findings; i++) {
        const struct finding *f = &r->v->findings[i];
        struct buf title = {0};
        buf_printf(&title, "%s%s", f->rule->id, f->op ? ": " : "");
        report_where(f, &title);
        buf_printf(out, "::%s title=", commands[f->severity]);
        data(out, buf_cstr(&title), true);
        buf_puts(out, "::");
        data(out, f->message, false);
        buf_putc(out, '\n');
        buf_free(&title);
    }
}
