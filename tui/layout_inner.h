/* What the two halves of the graph's layout share: items in layers, and the links between neighbouring layers. */
#ifndef WEIR_TUI_LAYOUT_INNER_H
#define WEIR_TUI_LAYOUT_INNER_H

#include "tui/layout_graph.h"

/* A vertex, or the place where an edge passes a layer. */
struct item {
    uint32_t vertex; /* UINT32_MAX: an edge passes */
    uint32_t layer, place;
    int h;              /* rows */
    int out;            /* row at which edges leave, from its top */
    double y;           /* top */
    double sum, weight; /* of a sweep */
};

struct link {
    uint32_t from, to; /* items, `to` one layer further */
    uint32_t edge;
    int in;           /* row at which it enters, from the top of `to` */
    bool first, last; /* touches the edge's own vertex at that end */
    bool turned;      /* the edge closes a circle and is drawn against its direction */
};

struct plan {
    struct arena *arena;
    const struct graph *g;
    enum graph_zoom zoom;
    struct item *items;
    uint32_t n_items, n_layers;
    struct link *links; /* sorted by layer */
    uint32_t n_links;
    uint32_t *first_link;  /* of each layer; n_layers + 1 of them */
    uint32_t *order;       /* items, layer by layer, from the top */
    uint32_t *first_order; /* of each layer; n_layers + 1 of them */
};

/* Gives every vertex and every passing edge a layer and makes the links; false: too many. */
bool plan_layers(struct plan *p);
/* Orders each layer so that few links cross. */
void plan_order(struct plan *p);
/* Gives every item its rows. */
void plan_rows(struct plan *p);
/* Places layers side by side and draws the wires. */
void plan_route(struct plan *p, struct graph_layout *l);

static inline int item_row(const struct item *i) { return (int)i->y; }

#endif
