/* A grid of character cells: what views draw on, tests print and tui/term.h shows. */
#ifndef WEIR_TUI_CELLS_H
#define WEIR_TUI_CELLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/mem.h"
#include "tui/theme.h"

struct cell {
    uint32_t code; /* code point */
    uint32_t mark; /* a combining mark over it, or 0 */
    uint8_t style; /* enum style, perhaps with STYLE_REVERSED */
    uint8_t width; /* columns: 1, 2, or 0 for the right half of the wide character before it */
};

struct rect {
    int x, y, w, h; /* columns and rows */
};

/* Zero-initialise, grid_size, grid_free. Everything drawn outside `clip` is dropped. */
struct grid {
    struct cell *cell; /* w * h, row by row */
    int w, h;
    struct rect clip;
};

/* Makes it w by h (each at least 1), blank, with nothing clipped. */
void grid_size(struct grid *g, int w, int h);
void grid_free(struct grid *g);
/* Draws inside r only (and inside the old clip); returns the old clip, for grid_unclip. */
struct rect grid_clip(struct grid *g, struct rect r);
void grid_unclip(struct grid *g, struct rect old);

void grid_put(struct grid *g, int x, int y, enum style s, uint32_t code);
void grid_fill(struct grid *g, struct rect r, enum style s, uint32_t code);
/* Or-s STYLE_REVERSED into the cells of r. */
void grid_reverse(struct grid *g, struct rect r);

/* n bytes of text from anywhere, escaped (base/term.h), cut with "…" at `columns`. Returns the columns taken. */
int grid_textn(struct grid *g, int x, int y, int columns, enum style s, const void *p, size_t n);
int grid_text(struct grid *g, int x, int y, int columns, enum style s, const char *text);
/* The same, so that it ends before x + columns. */
void grid_right(struct grid *g, int x, int y, int columns, enum style s, const char *text);
int grid_textf(struct grid *g, int x, int y, int columns, enum style s, const char *fmt, ...) __attribute__((format(printf, 6, 7)));
/* Columns that the text takes once escaped. */
int text_columns(const void *p, size_t n);

/* A frame along the inside of r. */
void grid_box(struct grid *g, struct rect r, enum style s);

/* What stands for a character where only ASCII can be shown: one character of the same width. */
uint32_t cell_ascii(uint32_t code);
/* The bytes of cell, UTF-8 or ASCII ("??" for wide ones); nothing for a right half. */
void cell_print(struct buf *b, const struct cell *c, bool ascii);
/* The grid as lines of text without trailing blanks. */
void grid_print(const struct grid *g, struct buf *b, bool ascii);

#endif
