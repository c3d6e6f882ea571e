/* Places of a script, for people. */
#include "migrate/script.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/term.h"

struct line {
    uint32_t number, from, to; /* the line's bytes */
};

static struct line line_of(const struct script *s, uint32_t at)
{
    struct line l = {.number = 1};
    at = at > s->text.n ? (uint32_t)s->text.n : at;
    for (uint32_t i = 0; i < at; i++)
        if (s->text.p[i] == '\n') {
            l.number++;
            l.from = i + 1;
        }
    for (l.to = l.from; l.to < s->text.n && s->text.p[l.to] != '\n' && s->text.p[l.to] != '\r';)
        l.to++;
    return l;
}

/* Characters, not bytes. */
static uint32_t column_of(const struct script *s, const struct line *l, uint32_t at)
{
    uint32_t column = 1;
    for (uint32_t i = l->from; i < at && i < s->text.n; i++)
        column += (s->text.p[i] & 0xc0) != 0x80;
    return column;
}

void script_place(const struct script *s, struct place_in where, struct buf *b)
{
    struct line l = line_of(s, where.at);
    buf_printf(b, "%s:%u:%u", s->name, l.number, column_of(s, &l, where.at));
}

bool script_fault(struct script *s, struct place_in where, struct err *e, const char *fmt, ...)
{
    char why[512];
    struct buf b = {0};
    va_list ap;
    if (e->kind != ERR_NONE)
        return false;
    va_start(ap, fmt);
    vsnprintf(why, sizeof why, fmt, ap);
    va_end(ap);
    script_place(s, where, &b);
    s->faulty = true;
    s->fault = where;
    err_set(e, ERR_USAGE, "%s: %s", buf_cstr(&b), why);
    buf_free(&b);
    return false;
}

enum { POINT_AROUND = 60 };

static bool inside_character(const struct script *s, uint32_t at) { return at < s->text.n && (s->text.p[at] & 0xc0) == 0x80; }

static size_t escaped(const struct script *s, uint32_t from, uint32_t to, struct buf *b)
{
    b->n = 0;
    term_escape(b, s->text.p + from, to - from);
    return term_columns((const char *)b->p, b->n);
}

void script_point(const struct script *s, struct buf *b)
{
    if (!s->faulty)
        return;
    struct buf part = {0};
    struct line l = line_of(s, s->fault.at);
    uint32_t at = s->fault.at < l.to ? s->fault.at : l.to, end = l.to - at < s->fault.n ? l.to : at + s->fault.n;
    uint32_t from = at - l.from > POINT_AROUND ? at - POINT_AROUND : l.from,
             to = l.to - at > POINT_AROUND ? at + POINT_AROUND : l.to;
    while (from > l.from && inside_character(s, from))
        from--;
    while (to < l.to && inside_character(s, to))
        to++;
    size_t before = escaped(s, from, at, &part), under = escaped(s, at, end < to ? end : to, &part);
    escaped(s, from, to, &part);
    buf_printf(b, "  %.*s\n  %*s^", (int)part.n, part.n ? (char *)part.p : "", (int)before, "");
    while (under-- > 1)
        buf_putc(b, '~');
    buf_putc(b, '\n');
    buf_free(&part);
}

void script_free(struct script *s)
{
    arena_free(&s->arena);
    s->n = 0;
}
