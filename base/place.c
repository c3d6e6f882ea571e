#include "base/place.h"

#include "base/term.h"

struct line {
    uint32_t number, from, to; /* the line's bytes */
};

static struct line line_of(struct bytes text, uint32_t at)
{
    struct line l = {.number = 1};
    at = at > text.n ? (uint32_t)text.n : at;
    for (uint32_t i = 0; i < at; i++)
        if (text.p[i] == '\n') {
            l.number++;
            l.from = i + 1;
        }
    for (l.to = l.from; l.to < text.n && text.p[l.to] != '\n' && text.p[l.to] != '\r';)
        l.to++;
    return l;
}

/* Characters, not bytes. */
static uint32_t column_of(struct bytes text, const struct line *l, uint32_t at)
{
    uint32_t column = 1;
    for (uint32_t i = l->from; i < at && i < text.n; i++)
        column += (text.p[i] & 0xc0) != 0x80;
    return column;
}

void place_name(struct bytes text, const char *name, uint32_t at, struct buf *b)
{
    struct line l = line_of(text, at);
    buf_printf(b, "%s:%u:%u", name, l.number, column_of(text, &l, at));
}

enum { AROUND = 60 };

static bool inside_character(struct bytes text, uint32_t at) { return at < text.n && (text.p[at] & 0xc0) == 0x80; }

static size_t escaped(struct bytes text, uint32_t from, uint32_t to, struct buf *b)
{
    b->n = 0;
    term_escape(b, text.p + from, to - from);
    return term_columns((const char *)b->p, b->n);
}

void place_point(struct bytes text, uint32_t place, uint32_t n, struct buf *b)
{
    struct buf part = {0};
    struct line l = line_of(text, place);
    uint32_t at = place < l.to ? place : l.to, end = l.to - at < n ? l.to : at + n;
    uint32_t from = at - l.from > AROUND ? at - AROUND : l.from, to = l.to - at > AROUND ? at + AROUND : l.to;
    while (from > l.from && inside_character(text, from))
        from--;
    while (to < l.to && inside_character(text, to))
        to++;
    size_t before = escaped(text, from, at, &part), under = escaped(text, at, end < to ? end : to, &part);
    escaped(text, from, to, &part);
    buf_printf(b, "  %.*s\n  %*s^", (int)part.n, part.n ? (char *)part.p : "", (int)before, "");
    while (under-- > 1)
        buf_putc(b, '~');
    buf_putc(b, '\n');
    buf_free(&part);
}
