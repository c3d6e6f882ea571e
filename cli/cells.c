#include "cli/cells.h"

#include <string.h>

#include "base/term.h"
#include "cli/out.h"

enum { TYPE_MAX = 160 };

void cell_cut(struct table *t, const void *p, size_t n, size_t max)
{
    const uint8_t *s = p;
    if (n <= max) {
        table_celln(t, s, n);
        return;
    }
    while (max && (s[max] & 0xc0) == 0x80)
        max--;
    table_cellf(t, "%.*s…", (int)max, (const char *)s);
}

void cell_type(struct table *t, const struct ser *s)
{
    struct buf b = {0};
    if (s)
        ser_type(s, &b);
    cell_cut(t, b.p, b.n, TYPE_MAX);
    buf_free(&b);
}

void paragraph(struct buf *b, const char *head, const char *text, unsigned width)
{
    struct buf safe = {0};
    size_t indent = term_columns(head, strlen(head)), at = indent;
    term_escape(&safe, text, strlen(text));
    buf_puts(b, head);
    for (size_t i = 0; i < safe.n;) {
        const uint8_t *space = memchr(safe.p + i, ' ', safe.n - i);
        size_t n = space ? (size_t)(space - safe.p) - i : safe.n - i, columns = term_columns((const char *)safe.p + i, n);
        if (at > indent && width && at + 1 + columns > width) {
            buf_printf(b, "\n%*s", (int)indent, "");
            at = indent;
        } else if (i) {
            buf_putc(b, ' ');
            at++;
        }
        buf_put(b, safe.p + i, n);
        at += columns;
        i += n + 1;
    }
    buf_putc(b, '\n');
    buf_free(&safe);
}

void complain_of(const struct tree *t)
{
    for (uint32_t i = 0; i < t->files.n_faults; i++)
        out_complain(t->files.faults[i].text);
    for (uint32_t i = 0; i < t->n_troubles; i++)
        out_complain(t->troubles[i].err.text);
}
