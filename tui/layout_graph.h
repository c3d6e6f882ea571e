/* A job's graph drawn in layers from left to right: pure functions from graph and zoom to rectangles and wires.
 *
 * Edges run in the gaps between layers, at right angles. A vertical line that passes a horizontal one without touching it is
 * drawn whole and the other one broken; lines join only where ┬ ┴ ├ ┤ ┼ say so. */
#ifndef WEIR_TUI_LAYOUT_GRAPH_H
#define WEIR_TUI_LAYOUT_GRAPH_H

#include <stdbool.h>
#include <stdint.h>

#include "tui/cells.h"

enum graph_zoom {
    ZOOM_FULL,    /* boxes of three or more lines inside, ship strategies in words */
    ZOOM_COMPACT, /* boxes of one line, the strategies' first letters */
    ZOOM_MINI,    /* one line a vertex, without a box */
    ZOOMS
};

struct graph_edge {
    uint32_t from, to; /* places of vertices */
    const char *ship;  /* "HASH", "FORWARD" …; NULL: none */
};

struct graph {
    const char *const *names; /* n_vertices of them, only their lengths matter here */
    const struct graph_edge *edges;
    uint32_t n_vertices, n_edges;
};

struct graph_label {
    int x, y;
    const char *text; /* the edge's `ship`, or letters of the layout's own */
    uint32_t owner;
};

struct graph_wire {
    uint8_t
        arms; /* which neighbours it reaches: 1 up, 2 right, 4 down, 8 left; 16: a vertical that only passes; 32: arrow > ; 64: arrow < */
    uint32_t owner; /* vertex where the edge starts */
};

struct graph_layout {
    enum graph_zoom zoom;
    int w, h; /* of all */
    uint32_t n, n_layers;
    struct rect *box;        /* of each vertex, frame included */
    uint32_t *layer;         /* of each vertex, 0: leftmost */
    struct graph_wire *wire; /* w * h */
    struct graph_label *label;
    uint32_t n_labels;
    struct arena arena; /* holds all of the above */
};

enum { GRAPH_MAX_VERTICES = 2000, GRAPH_MAX_ITEMS = 20000 };

/* Lays g out. False: too large to draw. The strings of g must live as long as the layout. graph_layout_free in either case. */
bool graph_lay_out(struct graph_layout *l, const struct graph *g, enum graph_zoom zoom);
void graph_layout_free(struct graph_layout *l);

/* Draws the wires and labels, the layout's (0, 0) at (x, y). styles: of each vertex's outgoing edges, or NULL. */
void graph_draw_edges(const struct graph_layout *l, struct grid *g, int x, int y, const uint8_t *styles);

/* The vertex that a cursor at `from` reaches by one step: dx -1 or 1 to the layer before or behind, dy -1 or 1 within the layer; `from` when
 * there is none. */
uint32_t graph_step(const struct graph_layout *l, uint32_t from, int dx, int dy);

#endif
