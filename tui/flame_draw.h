/* A flame graph on a grid: boxes hang from the top, as wide as their share of the samples. */
#ifndef WEIR_TUI_FLAME_DRAW_H
#define WEIR_TUI_FLAME_DRAW_H

#include "tui/cells.h"
#include "tui/flame.h"

struct flame_look {
    uint32_t at;        /* the box under the cursor; UINT32_MAX: none */
    const char *filter; /* frames whose name has it are lit, the others dim; "": none */
    int64_t method;     /* the same for one method; -1: none */
    int top;            /* the first row that is shown */
    bool plain;         /* nothing will have a colour: what is a box is filled with dots */
};

void flame_draw(const struct flame *f, const struct flame_boxes *b, const struct flame_look *look, struct grid *g, struct rect r);
/* Whether a box has a frame that the look lights. */
bool flame_lit(const struct flame *f, const struct flame_box *b, const struct flame_look *look);
enum style flame_style(enum flame_kind kind);

#endif
