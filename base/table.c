#include "base/table.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/term.h"

struct table_cell {
    size_t at, n;   /* in t->text */
    size_t columns; /* on the screen */
};

enum { GAP = 2, NARROWEST = 8 /* a flexible column is not cut below it */ };
static const char ellipsis[] = "…";

void table_start(struct table *t, const struct table_col *cols, uint32_t n) { *t = (struct table){.cols = cols, .n = n}; }

void table_celln(struct table *t, const void *p, size_t n)
{
    if (!(t->cells & (t->cells - 1))) /* 0 or a power of two: full */
        t->cell = mem_grow(t->cell, t->cells ? t->cells * 2 : 1, sizeof *t->cell);
    struct table_cell *c = &t->cell[t->cells++];
    c->at = t->text.n;
    term_escape(&t->text, p, n);
    c->n = t->text.n - c->at;
    c->columns = c->n ? term_columns((const char *)t->text.p + c->at, c->n) : 0;
}

void table_cell(struct table *t, const char *s) { table_celln(t, s, s ? strlen(s) : 0); }

void table_cellf(struct table *t, const char *fmt, ...)
{
    va_list ap;
    char *s;
    va_start(ap, fmt);
    int n = vasprintf(&s, fmt, ap);
    va_end(ap);
    if (n < 0)
        return table_cell(t, "");
    table_celln(t, s, (size_t)n);
    free(s);
}

void table_end_row(struct table *t)
{
    do
        table_cell(t, NULL);
    while (t->cells % t->n);
}

/* Cuts the widest flexible columns until the table fits, as far as it can. */
static void fit(const struct table *t, size_t *wide, unsigned width)
{
    size_t all = GAP * (t->n - 1);
    for (uint32_t i = 0; i < t->n; i++)
        all += wide[i];
    while (all > width) {
        uint32_t widest = t->n;
        for (uint32_t i = 0; i < t->n; i++)
            if (t->cols[i].flexible && wide[i] > NARROWEST && (widest == t->n || wide[i] > wide[widest]))
                widest = i;
        if (widest == t->n)
            return;
        wide[widest]--;
        all--;
    }
}

static void pad(struct buf *out, size_t n)
{
    while (n--)
        buf_putc(out, ' ');
}

static void print_cell(struct buf *out, const char *s, size_t n, size_t columns, size_t wide, bool right, bool last)
{
    bool cut = columns > wide;
    if (cut) {
        n = term_prefix(s, n, wide - 1);
        columns = term_columns(s, n) + 1;
    }
    if (right)
        pad(out, wide - columns);
    buf_put(out, s, n);
    if (cut)
        buf_puts(out, ellipsis);
    if (!right && !last)
        pad(out, wide - columns);
    if (!last)
        pad(out, GAP);
}

void table_print(struct table *t, struct buf *out, unsigned width, bool bold)
{
    assert(t->cells % t->n == 0);
    if (!t->cells)
        return;
    size_t *wide = mem_alloc(t->n * sizeof *wide);
    for (uint32_t i = 0; i < t->n; i++)
        wide[i] = term_columns(t->cols[i].title, strlen(t->cols[i].title));
    for (size_t i = 0; i < t->cells; i++)
        if (t->cell[i].columns > wide[i % t->n])
            wide[i % t->n] = t->cell[i].columns;
    if (width)
        fit(t, wide, width);

    if (bold)
        buf_puts(out, "\033[1m");
    for (uint32_t i = 0; i < t->n; i++) {
        const char *title = t->cols[i].title;
        print_cell(out, title, strlen(title), term_columns(title, strlen(title)), wide[i], t->cols[i].right, i + 1 == t->n);
    }
    while (out->p[out->n - 1] == ' ')
        out->n--;
    if (bold)
        buf_puts(out, "\033[0m");
    buf_putc(out, '\n');
    for (size_t i = 0; i < t->cells; i++) {
        const struct table_cell *c = &t->cell[i];
        uint32_t col = (uint32_t)(i % t->n);
        bool last = col + 1 == t->n;
        print_cell(out, (const char *)t->text.p + c->at, c->n, c->columns, wide[col], t->cols[col].right, last);
        if (last) {
            while (out->p[out->n - 1] == ' ')
                out->n--;
            buf_putc(out, '\n');
        }
    }
    free(wide);
    t->cells = t->text.n = 0;
}

void table_free(struct table *t)
{
    free(t->cell);
    buf_free(&t->text);
    *t = (struct table){0};
}

void csv_field(struct buf *out, bool first, const void *from, size_t n)
{
    const uint8_t *p = from;
    bool quoted = false;
    for (size_t i = 0; i < n && !quoted; i++)
        quoted = p[i] == ',' || p[i] == '"' || p[i] == '\n' || p[i] == '\r';
    if (!first)
        buf_putc(out, ',');
    if (!quoted) {
        buf_put(out, p, n);
        return;
    }
    buf_putc(out, '"');
    for (size_t i = 0; i < n; i++) {
        if (p[i] == '"')
            buf_putc(out, '"');
        buf_putc(out, p[i]);
    }
    buf_putc(out, '"');
}
