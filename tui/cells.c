#include "tui/cells.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/term.h"
#include "base/utf8.h"

void grid_size(struct grid *g, int w, int h)
{
    g->w = w > 1 ? w : 1;
    g->h = h > 1 ? h : 1;
    g->clip = (struct rect){0, 0, g->w, g->h};
    g->cell = mem_grow(g->cell, (size_t)g->w * (size_t)g->h, sizeof *g->cell);
    grid_fill(g, g->clip, ST_NORMAL, ' ');
}

void grid_free(struct grid *g)
{
    free(g->cell);
    *g = (struct grid){0};
}

struct rect grid_clip(struct grid *g, struct rect r)
{
    const struct rect old = g->clip;
    int x1 = r.x + r.w < old.x + old.w ? r.x + r.w : old.x + old.w;
    int y1 = r.y + r.h < old.y + old.h ? r.y + r.h : old.y + old.h;
    g->clip.x = r.x > old.x ? r.x : old.x;
    g->clip.y = r.y > old.y ? r.y : old.y;
    g->clip.w = x1 > g->clip.x ? x1 - g->clip.x : 0;
    g->clip.h = y1 > g->clip.y ? y1 - g->clip.y : 0;
    return old;
}

void grid_unclip(struct grid *g, struct rect old) { g->clip = old; }

static struct cell *cell_at(struct grid *g, int x, int y)
{
    const struct rect *c = &g->clip;
    return x >= c->x && y >= c->y && x - c->x < c->w && y - c->y < c->h ? &g->cell[(size_t)y * (size_t)g->w + (size_t)x] : NULL;
}

/* Half of a wide character that is about to be overwritten in its other half becomes a blank. */
static void unpair(struct grid *g, int x, int y)
{
    struct cell *c = &g->cell[(size_t)y * (size_t)g->w + (size_t)x];
    if (c->width == 0 && x > 0)
        c[-1] = (struct cell){' ', 0, c[-1].style, 1};
    if (c->width == 2 && x + 1 < g->w)
        c[1] = (struct cell){' ', 0, c[1].style, 1};
}

void grid_put(struct grid *g, int x, int y, enum style s, uint32_t code)
{
    struct cell *c = cell_at(g, x, y);
    if (!c)
        return;
    unpair(g, x, y);
    *c = (struct cell){code, 0, (uint8_t)s, 1};
}

static void put_wide(struct grid *g, int x, int y, enum style s, uint32_t code)
{
    struct cell *left = cell_at(g, x, y), *right = cell_at(g, x + 1, y);
    if (!left || !right) { /* half of it would be outside */
        grid_put(g, x, y, s, ' ');
        grid_put(g, x + 1, y, s, ' ');
        return;
    }
    unpair(g, x, y);
    unpair(g, x + 1, y);
    *left = (struct cell){code, 0, (uint8_t)s, 2};
    *right = (struct cell){' ', 0, (uint8_t)s, 0};
}

void grid_fill(struct grid *g, struct rect r, enum style s, uint32_t code)
{
    const struct rect old = grid_clip(g, r);
    for (int y = g->clip.y; y < g->clip.y + g->clip.h; y++)
        for (int x = g->clip.x; x < g->clip.x + g->clip.w; x++)
            g->cell[(size_t)y * (size_t)g->w + (size_t)x] = (struct cell){code, 0, (uint8_t)s, 1};
    grid_unclip(g, old);
}

void grid_reverse(struct grid *g, struct rect r)
{
    const struct rect old = grid_clip(g, r);
    for (int y = g->clip.y; y < g->clip.y + g->clip.h; y++)
        for (int x = g->clip.x; x < g->clip.x + g->clip.w; x++)
            g->cell[(size_t)y * (size_t)g->w + (size_t)x].style |= STYLE_REVERSED;
    grid_unclip(g, old);
}

/* --- text --- */

static bool is_plain(const uint8_t *p, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (p[i] < 0x20 || p[i] > 0x7e)
            return false;
    return true;
}

/* Escaped text, of which `columns` are shown. */
static int put_text(struct grid *g, int x, int y, int columns, enum style s, const uint8_t *p, size_t n)
{
    int taken = 0;
    struct cell *last = NULL;
    for (size_t at = 0; at < n;) {
        uint32_t code;
        unsigned len = utf8_next(p + at, n - at, &code);
        if (!len)
            break; /* escaped text is well-formed */
        int width = (int)term_columns((const char *)p + at, len);
        if (taken + width > columns)
            break;
        if (width == 2)
            put_wide(g, x + taken, y, s, code);
        else if (width == 1)
            grid_put(g, x + taken, y, s, code);
        else if (last && !last->mark)
            last->mark = code;
        if (width)
            last = cell_at(g, x + taken, y);
        taken += width;
        at += len;
    }
    return taken;
}

int grid_textn(struct grid *g, int x, int y, int columns, enum style s, const void *p, size_t n)
{
    struct buf b = {0};
    if (columns <= 0)
        return 0;
    if (!is_plain(p, n)) {
        term_escape(&b, p, n);
        p = b.p;
        n = b.n;
    }
    int whole = (int)term_columns(p ? p : "", n), taken;
    if (whole <= columns) {
        taken = put_text(g, x, y, columns, s, p, n);
    } else {
        taken = put_text(g, x, y, columns - 1, s, p, n);
        grid_put(g, x + taken++, y, s, 0x2026);
    }
    buf_free(&b);
    return taken;
}

int grid_text(struct grid *g, int x, int y, int columns, enum style s, const char *text)
{
    return grid_textn(g, x, y, columns, s, text, strlen(text));
}

void grid_right(struct grid *g, int x, int y, int columns, enum style s, const char *text)
{
    int n = text_columns(text, strlen(text));
    grid_text(g, n < columns ? x + columns - n : x, y, columns, s, text);
}

int grid_textf(struct grid *g, int x, int y, int columns, enum style s, const char *fmt, ...)
{
    char text[1024];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    return grid_text(g, x, y, columns, s, text);
}

int text_columns(const void *p, size_t n)
{
    if (is_plain(p, n))
        return (int)n;
    struct buf b = {0};
    term_escape(&b, p, n);
    int columns = (int)term_columns(buf_cstr(&b), b.n);
    buf_free(&b);
    return columns;
}

void grid_box(struct grid *g, struct rect r, enum style s)
{
    if (r.w < 2 || r.h < 2)
        return;
    int x1 = r.x + r.w - 1, y1 = r.y + r.h - 1;
    for (int x = r.x + 1; x < x1; x++) {
        grid_put(g, x, r.y, s, 0x2500);
        grid_put(g, x, y1, s, 0x2500);
    }
    for (int y = r.y + 1; y < y1; y++) {
        grid_put(g, r.x, y, s, 0x2502);
        grid_put(g, x1, y, s, 0x2502);
    }
    grid_put(g, r.x, r.y, s, 0x250c);
    grid_put(g, x1, r.y, s, 0x2510);
    grid_put(g, r.x, y1, s, 0x2514);
    grid_put(g, x1, y1, s, 0x2518);
}

/* --- output --- */

static uint32_t ascii_box(uint32_t code)
{
    switch (code) {
    case 0x2500:
    case 0x2501:
    case 0x2504:
    case 0x2550:
        return '-';
    case 0x2502:
    case 0x2503:
    case 0x2551:
        return '|';
    default:
        return '+';
    }
}

static uint32_t ascii_block(uint32_t code)
{
    static const char rising[] = "_.:-=+*#"; /* lower eighths, 1 to 8 */
    static const char shades[] = ".:%";
    if (code >= 0x2581 && code <= 0x2588)
        return (uint8_t)rising[code - 0x2581];
    if (code >= 0x2589 && code <= 0x258f) /* left eighths, 7 to 1 */
        return code <= 0x258c ? '#' : ' ';
    return code >= 0x2591 && code <= 0x2593 ? (uint8_t)shades[code - 0x2591] : '#';
}

/* By how many of the eight dots are set. */
static uint32_t ascii_braille(uint32_t code)
{
    static const char by_dots[] = " ..::|||#";
    return (uint8_t)by_dots[__builtin_popcount(code & 0xff)];
}

uint32_t cell_ascii(uint32_t code)
{
    static const struct {
        uint32_t code;
        char ascii;
    } single[] = {
        {0x2026, '~'}, {0x25b6, '>'}, {0x25b8, '>'}, {0x25c0, '<'}, {0x25b2, '^'}, {0x25bc, 'v'}, {0x2191, '^'},
        {0x2193, 'v'}, {0x2192, '>'}, {0x2190, '<'}, {0x25cf, '*'}, {0x25cb, 'o'}, {0x00d7, 'x'}, {0x00b7, '.'},
        {0x26a0, '!'}, {0x2713, '+'}, {0x2717, 'x'}, {0x2212, '-'}, {0x2014, '-'}, {0x2248, '~'}, {0x25c2, '<'},
        {0x203a, '>'}, {0x2016, '|'}, {0x25c6, '*'}, {0x2265, '>'}, {0x2264, '<'}, {0x00b1, '+'},
    };
    if (code < 0x80)
        return code;
    for (size_t i = 0; i < sizeof single / sizeof *single; i++)
        if (single[i].code == code)
            return (uint8_t)single[i].ascii;
    if (code >= 0x2500 && code <= 0x257f)
        return ascii_box(code);
    if (code >= 0x2580 && code <= 0x259f)
        return ascii_block(code);
    if (code >= 0x2800 && code <= 0x28ff)
        return ascii_braille(code);
    return '?';
}

void cell_print(struct buf *b, const struct cell *c, bool ascii)
{
    if (c->width == 0)
        return;
    if (ascii) {
        for (int i = 0; i < c->width; i++)
            buf_putc(b, (uint8_t)cell_ascii(c->code));
        return;
    }
    utf8_put(b, c->code);
    if (c->mark)
        utf8_put(b, c->mark);
}

void grid_print(const struct grid *g, struct buf *b, bool ascii)
{
    for (int y = 0; y < g->h; y++) {
        const struct cell *row = &g->cell[(size_t)y * (size_t)g->w];
        int end = g->w;
        while (end > 0 && row[end - 1].code == ' ' && row[end - 1].width == 1)
            end--;
        for (int x = 0; x < end; x++)
            cell_print(b, &row[x], ascii);
        buf_putc(b, '\n');
    }
}
