/* The second half of the layout: tracks for the vertical lines, columns, wires and labels. */
#include "tui/layout_inner.h"

#include <stdlib.h>
#include <string.h>

enum { UP = 1, RIGHT = 2, DOWN = 4, LEFT = 8, PASSES = 16, HEAD_RIGHT = 32, HEAD_LEFT = 64 };

/* All links that leave one item in a gap: they share a horizontal to a vertical line, the bus. */
struct bus {
    uint32_t item;
    int y, top, bottom;  /* the row where it starts, and the rows that the vertical spans */
    int track;           /* -1: straight through */
    uint32_t first, end; /* links of the gap, sorted by item */
    int via;             /* the row of a detour on which it ends, -1: its links' rows */
    int before;          /* the bus whose detour it goes on from, -1: none */
};

struct gap {
    struct bus *bus;
    uint32_t n;
    int tracks;
    int label;  /* columns for strategies */
    int bottom; /* the last row used */
};

static int by_from(const void *a, const void *b)
{
    const struct link *x = a, *y = b;
    return x->from != y->from ? (x->from > y->from) - (x->from < y->from) : (x->edge > y->edge) - (x->edge < y->edge);
}

static int link_end(const struct plan *p, const struct link *k) { return item_row(&p->items[k->to]) + k->in; }

/* Down-going ones from the bottom up, then up-going ones from the top down: so they do not cross each other. */
static int by_turn(const void *a, const void *b)
{
    const struct bus *x = a, *y = b;
    bool down_x = x->bottom > x->y, down_y = y->bottom > y->y;
    if (down_x != down_y)
        return down_x ? -1 : 1;
    return down_x ? (y->y > x->y) - (y->y < x->y) : (x->y > y->y) - (x->y < y->y);
}

/* a starts on a row at which b arrives somewhere else: b's vertical has to stand to the right of a's, or the horizontals overlap. */
static bool must_precede(const struct plan *p, const struct bus *a, const struct bus *b)
{
    if (b->via >= 0)
        return false; /* a detour's row is its own */
    for (uint32_t i = b->first; i < b->end; i++)
        if (link_end(p, &p->links[i]) == a->y)
            return true;
    return false;
}

/* The row next to y on which nothing begins or ends in the gap. */
static int free_row(const struct plan *p, const struct gap *g, int y)
{
    for (int d = 1;; d++)
        for (int row = y + d; row >= y - d; row -= 2 * d) {
            bool taken = row < 0;
            for (uint32_t i = 0; i < g->n && !taken; i++)
                taken = g->bus[i].y == row || g->bus[i].via == row || must_precede(p, &(struct bus){.y = row}, &g->bus[i]);
            if (!taken)
                return row;
        }
}

/* Two buses that start where the other one ends wait for each other for ever: one makes a detour, as two buses. */
static void split(const struct plan *p, struct gap *g, uint32_t i)
{
    struct bus *first = &g->bus[i], *second = &g->bus[g->n];
    *second = *first;
    second->before = (int)i;
    second->y = first->via = free_row(p, g, first->y);
    first->top = first->via < first->y ? first->via : first->y;
    first->bottom = first->via > first->y ? first->via : first->y;
    g->bottom = second->y > g->bottom ? second->y : g->bottom;
    for (uint32_t k = second->first; k < second->end; k++) { /* the rows where it started are not its own any more */
        int row = link_end(p, &p->links[k]);
        second->top = k == second->first || row < second->top ? row : second->top;
        second->bottom = k == second->first || row > second->bottom ? row : second->bottom;
    }
    second->top = second->y < second->top ? second->y : second->top;
    second->bottom = second->y > second->bottom ? second->y : second->bottom;
    g->n++;
}

static bool fits(const struct gap *g, uint32_t me, int track)
{
    for (uint32_t i = 0; i < g->n; i++)
        if (i != me && g->bus[i].track == track && g->bus[i].top <= g->bus[me].bottom && g->bus[me].top <= g->bus[i].bottom)
            return false;
    return true;
}

/* Gives the buses that turn their tracks: those first whose forerunners have one; where they wait for each other, the next. */
static void choose_tracks(const struct plan *p, struct gap *g)
{
    enum { NONE = -2 };
    uint32_t left = 0;
    for (uint32_t i = 0; i < g->n; i++) {
        bool straight = g->bus[i].top == g->bus[i].bottom;
        g->bus[i].track = straight ? -1 : NONE;
        left += !straight;
    }
    while (left) {
        uint32_t stuck = UINT32_MAX;
        bool some = false;
        for (uint32_t i = 0; i < g->n; i++) {
            int track = 0;
            bool waits = false;
            if (g->bus[i].track != NONE)
                continue;
            if (g->bus[i].before >= 0) {
                waits = g->bus[g->bus[i].before].track == NONE;
                track = g->bus[g->bus[i].before].track + 1;
            }
            for (uint32_t o = 0; o < g->n; o++)
                if (o != i && g->bus[o].track != -1 && must_precede(p, &g->bus[o], &g->bus[i])) {
                    waits |= g->bus[o].track == NONE;
                    track = g->bus[o].track >= track ? g->bus[o].track + 1 : track;
                }
            if (waits) {
                if (stuck == UINT32_MAX && g->bus[i].before < 0 && g->bus[i].via < 0)
                    stuck = i;
                continue;
            }
            while (!fits(g, i, track))
                track++;
            g->bus[i].track = track;
            g->tracks = track >= g->tracks ? track + 1 : g->tracks;
            left--;
            some = true;
        }
        if (!some) { /* somebody is left that is no half of a detour: halves wait for whole ones only */
            split(p, g, stuck);
            g->bus[g->n - 1].track = NONE;
            left++;
        }
    }
}

static struct gap gap_of(struct plan *p, uint32_t l)
{
    uint32_t first = p->first_link[l], end = p->first_link[l + 1];
    struct gap g = {.bus = arena_array(p->arena, (end - first + 1u) * 2, sizeof *g.bus)};
    qsort(p->links + first, end - first, sizeof *p->links, by_from);
    for (uint32_t i = first; i < end; i++) {
        const struct link *k = &p->links[i];
        const struct item *from = &p->items[k->from];
        int y = item_row(from) + from->out, to = link_end(p, k);
        if (i == first || k->from != k[-1].from)
            g.bus[g.n++] = (struct bus){.item = k->from, .y = y, .top = y, .bottom = y, .first = i, .via = -1, .before = -1};
        struct bus *b = &g.bus[g.n - 1];
        b->top = to < b->top ? to : b->top;
        b->bottom = to > b->bottom ? to : b->bottom;
        b->end = i + 1;
        const char *ship = p->g->edges[k->edge].ship;
        int columns = k->last && ship ? (int)strlen(ship) + 1 : 0;
        g.label = p->zoom == ZOOM_FULL && columns > g.label ? columns : g.label;
    }
    if (p->zoom == ZOOM_COMPACT)
        g.label = 2;
    qsort(g.bus, g.n, sizeof *g.bus, by_turn);
    choose_tracks(p, &g);
    return g;
}

/* --- wires --- */

static void arm(struct graph_layout *l, int x, int y, unsigned arms, uint32_t owner)
{
    struct graph_wire *w = &l->wire[(size_t)y * (size_t)l->w + (size_t)x];
    w->arms |= (uint8_t)arms;
    w->owner = owner;
}

static void across(struct graph_layout *l, int x0, int x1, int y, uint32_t owner)
{
    for (int x = x0; x <= x1; x++)
        arm(l, x, y, (x > x0 ? (unsigned)LEFT : 0) | (x < x1 ? (unsigned)RIGHT : 0), owner);
}

/* A vertical without anything in between. */
static void rise(struct graph_layout *l, int x, int y0, int y1, uint32_t owner)
{
    int top = y0 < y1 ? y0 : y1, bottom = y0 < y1 ? y1 : y0;
    for (int y = top; y <= bottom; y++)
        arm(l, x, y,
            (y > top ? (unsigned)UP : 0) | (y < bottom ? (unsigned)DOWN : 0) | (y > top && y < bottom ? (unsigned)PASSES : 0),
            owner);
}

static void add_label(const struct plan *p, struct graph_layout *l, const struct link *k, int x_end, uint32_t owner)
{
    const char *ship = p->g->edges[k->edge].ship;
    if (!ship || !*ship || p->zoom == ZOOM_MINI)
        return;
    int y = link_end(p, k), columns = (int)strlen(ship);
    if (p->zoom == ZOOM_COMPACT) {
        columns = 1;
        for (uint32_t i = 0; i < l->n_labels; i++) {
            struct graph_label *o = &l->label[i];
            if (o->y == y && o->x == x_end - columns && o->text[0] != ship[0])
                o->text = "*"; /* several strategies end here */
            if (o->y == y && o->x == x_end - columns)
                return;
        }
    }
    l->label[l->n_labels++] = (struct graph_label){x_end - columns, y, ship, owner};
}

static void draw_bus(const struct plan *p, struct graph_layout *l, const struct gap *g, const struct bus *b, int x, int x_end)
{
    /* the layer's items end before x, those of the next begin behind x_end */
    int turn = x + 1 + b->track;
    if (b->via >= 0) {
        uint32_t owner = p->g->edges[p->links[b->first].edge].from;
        across(l, x, turn, b->y, owner);
        rise(l, turn, b->y, b->via, owner);
        return; /* the other half draws the rest */
    }
    for (uint32_t i = b->first; i < b->end; i++) {
        const struct link *k = &p->links[i];
        uint32_t owner = p->g->edges[k->edge].from;
        int y = link_end(p, k);
        if (b->track < 0) {
            across(l, x, x_end, y, owner);
        } else {
            across(l, b->before < 0 ? x : x + 1 + g->bus[b->before].track, turn, b->y, owner);
            across(l, turn, x_end, y, owner);
            for (int row = y < b->y ? y : b->y; row <= (y > b->y ? y : b->y); row++) {
                bool up = row > (y < b->y ? y : b->y), down = row < (y > b->y ? y : b->y);
                bool turns = row == b->y;
                for (uint32_t o = b->first; o < b->end && !turns; o++)
                    turns = link_end(p, &p->links[o]) == row;
                arm(l, turn, row, (up ? (unsigned)UP : 0) | (down ? (unsigned)DOWN : 0) | (turns ? 0 : (unsigned)PASSES), owner);
            }
        }
        arm(l, x, b->before < 0 ? b->y : g->bus[b->before].y, LEFT | (k->first && k->turned ? (unsigned)HEAD_LEFT : 0), owner);
        arm(l, x_end, y, RIGHT | (k->last && !k->turned ? (unsigned)HEAD_RIGHT : 0), owner);
        if (k->last)
            add_label(p, l, k, x_end, owner);
    }
}

static int name_columns(const struct plan *p, uint32_t layer)
{
    static const int least[ZOOMS] = {24, 14, 10}, most[ZOOMS] = {34, 18, 10};
    int w = least[p->zoom];
    for (uint32_t i = p->first_order[layer]; i < p->first_order[layer + 1]; i++) {
        const struct item *me = &p->items[p->order[i]];
        const char *name = me->vertex == UINT32_MAX ? "" : p->g->names[me->vertex];
        int columns = text_columns(name, strlen(name)) + 4;
        w = columns > w ? columns : w;
    }
    return w > most[p->zoom] ? most[p->zoom] : w;
}

void plan_route(struct plan *p, struct graph_layout *l)
{
    uint32_t layers = p->n_layers;
    struct gap *gap = arena_array(p->arena, layers + 1u, sizeof *gap);
    int *x = arena_array(p->arena, layers + 2u, sizeof *x), *w = arena_array(p->arena, layers + 1u, sizeof *w);
    for (uint32_t i = 0; i < layers; i++) {
        gap[i] = gap_of(p, i);
        w[i] = name_columns(p, i);
        x[i + 1] = x[i] + w[i] + (i + 1 < layers ? 1 + gap[i].tracks + gap[i].label + 1 : 0);
    }
    l->n = p->g->n_vertices;
    l->n_layers = layers;
    l->w = x[layers] > 1 ? x[layers] : 1;
    l->h = 1;
    for (uint32_t i = 0; i < p->n_items; i++)
        l->h = item_row(&p->items[i]) + p->items[i].h > l->h ? item_row(&p->items[i]) + p->items[i].h : l->h;
    for (uint32_t i = 0; i < layers; i++)
        l->h = gap[i].bottom >= l->h ? gap[i].bottom + 1 : l->h;
    l->box = arena_array(p->arena, l->n + 1u, sizeof *l->box);
    l->layer = arena_array(p->arena, l->n + 1u, sizeof *l->layer);
    l->wire = arena_array(p->arena, (size_t)l->w * (size_t)l->h, sizeof *l->wire);
    l->label = arena_array(p->arena, p->g->n_edges + 1u, sizeof *l->label);
    for (uint32_t v = 0; v < l->n; v++) {
        l->layer[v] = p->items[v].layer;
        l->box[v] = (struct rect){x[l->layer[v]], item_row(&p->items[v]), w[l->layer[v]], p->items[v].h};
    }
    for (uint32_t i = 0; i < p->n_links; i++) { /* where an edge passes a layer */
        const struct item *to = &p->items[p->links[i].to];
        if (to->vertex == UINT32_MAX)
            for (int at = 0; at < w[to->layer]; at++)
                arm(l, x[to->layer] + at, item_row(to), LEFT | RIGHT, p->g->edges[p->links[i].edge].from);
    }
    for (uint32_t i = 0; i + 1 < layers; i++)
        for (uint32_t b = 0; b < gap[i].n; b++)
            draw_bus(p, l, &gap[i], &gap[i].bus[b], x[i] + w[i], x[i + 1] - 1);
}

/* --- drawing --- */

static uint32_t wire_char(unsigned arms)
{
    static const uint16_t shapes[16] = {' ',    0x2502, 0x2500, 0x2514, 0x2502, 0x2502, 0x250c, 0x251c,
                                        0x2500, 0x2518, 0x2500, 0x2534, 0x2510, 0x2524, 0x252c, 0x253c};
    if (arms & HEAD_RIGHT)
        return 0x25b8;
    if (arms & HEAD_LEFT)
        return 0x25c2;
    return arms & PASSES ? 0x2502 : shapes[arms & 15];
}

void graph_draw_edges(const struct graph_layout *l, struct grid *g, int x, int y, const uint8_t *styles)
{
    const struct rect *c = &g->clip;
    for (int row = c->y > y ? c->y - y : 0; row < l->h && row + y < c->y + c->h; row++)
        for (int column = c->x > x ? c->x - x : 0; column < l->w && column + x < c->x + c->w; column++) {
            const struct graph_wire *w = &l->wire[(size_t)row * (size_t)l->w + (size_t)column];
            if (w->arms)
                grid_put(g, x + column, y + row, styles ? (enum style)styles[w->owner] : ST_EDGE, wire_char(w->arms));
        }
    for (uint32_t i = 0; i < l->n_labels; i++) {
        const struct graph_label *k = &l->label[i];
        int columns = l->zoom == ZOOM_COMPACT ? 1 : 32;
        grid_textn(g, x + k->x, y + k->y, columns, ST_DIM, k->text, l->zoom == ZOOM_COMPACT ? 1 : strlen(k->text));
    }
}
