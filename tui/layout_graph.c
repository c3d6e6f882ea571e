#include "tui/layout_graph.h"

#include <stdlib.h>
#include <string.h>

#include "tui/layout_inner.h"

/* --- layers --- */

/* Edges by the vertex at one end: list[first[v] … first[v + 1]). */
struct incidence {
    uint32_t *first, *list;
};

static struct incidence incidence_of(struct plan *p, const uint32_t *ends)
{
    const struct graph *g = p->g;
    struct incidence c = {arena_array(p->arena, g->n_vertices + 2u, sizeof(uint32_t)),
                          arena_array(p->arena, g->n_edges + 1u, sizeof(uint32_t))};
    for (uint32_t i = 0; i < g->n_edges; i++)
        c.first[ends[i] + 2]++;
    for (uint32_t v = 0; v < g->n_vertices; v++)
        c.first[v + 2] += c.first[v + 1];
    for (uint32_t i = 0; i < g->n_edges; i++)
        c.list[c.first[ends[i] + 1]++] = i;
    return c;
}

/* Directed ends of every edge; those that close a circle are turned. */
struct ends {
    uint32_t *from, *to;
    bool *turned;
};

/* Depth-first; turns edges that lead back to a vertex on the path, and lists vertices in topological order. */
static void break_circles(struct plan *p, struct ends *d, uint32_t *topo)
{
    const struct graph *g = p->g;
    struct incidence out = incidence_of(p, d->from);
    uint8_t *state = arena_alloc(p->arena, g->n_vertices + 1u); /* 1: on the path, 2: done */
    uint32_t *path = arena_array(p->arena, g->n_vertices + 1u, sizeof *path),
             *next = arena_array(p->arena, g->n_vertices + 1u, sizeof *next);
    uint32_t left = g->n_vertices;
    for (uint32_t start = g->n_vertices; start-- > 0;) {
        uint32_t depth = 0;
        if (state[start])
            continue;
        path[depth++] = start;
        state[start] = 1;
        next[start] = out.first[start];
        while (depth) {
            uint32_t v = path[depth - 1];
            if (next[v] == out.first[v + 1]) {
                state[v] = 2;
                topo[--left] = v;
                depth--;
                continue;
            }
            uint32_t edge = out.list[next[v]++], to = g->edges[edge].to;
            if (state[to] == 1) {
                d->turned[edge] = true;
            } else if (!state[to]) {
                state[to] = 1;
                next[to] = out.first[to];
                path[depth++] = to;
            }
        }
    }
    for (uint32_t i = 0; i < g->n_edges; i++)
        if (d->turned[i]) {
            uint32_t from = d->from[i];
            d->from[i] = d->to[i];
            d->to[i] = from;
        }
}

/* The longest way from a source; then whatever has no more inputs than outputs moves to the right as far as it can, so that
 * sources stand beside what they feed. */
static void longest_paths(struct plan *p, const struct ends *d, const uint32_t *topo, uint32_t *layer)
{
    const uint32_t n = p->g->n_vertices;
    struct incidence out = incidence_of(p, d->from), in = incidence_of(p, d->to);
    for (uint32_t i = 0; i < n; i++)
        for (uint32_t k = out.first[topo[i]]; k < out.first[topo[i] + 1]; k++) {
            uint32_t to = d->to[out.list[k]];
            if (to != topo[i] && layer[to] < layer[topo[i]] + 1)
                layer[to] = layer[topo[i]] + 1;
        }
    for (uint32_t i = n; i-- > 0;) {
        uint32_t v = topo[i], outs = out.first[v + 1] - out.first[v], ins = in.first[v + 1] - in.first[v], nearest = UINT32_MAX;
        if (!outs || ins > outs)
            continue;
        for (uint32_t k = out.first[v]; k < out.first[v + 1]; k++)
            if (d->to[out.list[k]] != v && layer[d->to[out.list[k]]] < nearest)
                nearest = layer[d->to[out.list[k]]];
        if (nearest != UINT32_MAX)
            layer[v] = nearest - 1;
    }
}

static int link_order(const void *a, const void *b, void *items)
{
    const struct item *i = items;
    const struct link *x = a, *y = b;
    uint32_t lx = i[x->from].layer, ly = i[y->from].layer;
    return lx != ly ? (lx > ly) - (lx < ly) : (x->edge > y->edge) - (x->edge < y->edge);
}

static void make_links(struct plan *p, const struct ends *d, const uint32_t *layer)
{
    const struct graph *g = p->g;
    uint32_t n = g->n_vertices, k = 0;
    for (uint32_t v = 0; v < n; v++)
        p->items[v] = (struct item){.vertex = v, .layer = layer[v]};
    for (uint32_t i = 0; i < g->n_edges; i++) {
        uint32_t from = d->from[i];
        if (from == d->to[i])
            continue; /* a vertex that feeds itself: nothing to draw */
        for (uint32_t at = layer[from] + 1; at < layer[d->to[i]]; at++) {
            p->items[n] = (struct item){.vertex = UINT32_MAX, .layer = at, .h = 1};
            p->links[k++] = (struct link){.from = from, .to = n, .edge = i, .first = from == d->from[i], .turned = d->turned[i]};
            from = n++;
        }
        p->links[k++] = (struct link){
            .from = from, .to = d->to[i], .edge = i, .first = from == d->from[i], .last = true, .turned = d->turned[i]};
    }
    p->n_items = n;
    p->n_links = k;
    qsort_r(p->links, k, sizeof *p->links, link_order, p->items);
    p->first_link = arena_array(p->arena, p->n_layers + 1u, sizeof(uint32_t));
    for (uint32_t i = 0; i < k; i++)
        p->first_link[p->items[p->links[i].from].layer + 1]++;
    for (uint32_t l = 0; l < p->n_layers; l++)
        p->first_link[l + 1] += p->first_link[l];
}

bool plan_layers(struct plan *p)
{
    const struct graph *g = p->g;
    struct ends d = {arena_array(p->arena, g->n_edges + 1u, sizeof(uint32_t)),
                     arena_array(p->arena, g->n_edges + 1u, sizeof(uint32_t)),
                     arena_array(p->arena, g->n_edges + 1u, sizeof(bool))};
    uint32_t *topo = arena_array(p->arena, g->n_vertices + 1u, sizeof *topo),
             *layer = arena_array(p->arena, g->n_vertices + 1u, sizeof *layer);
    for (uint32_t i = 0; i < g->n_edges; i++) {
        d.from[i] = g->edges[i].from;
        d.to[i] = g->edges[i].to;
    }
    break_circles(p, &d, topo);
    longest_paths(p, &d, topo, layer);
    uint64_t passing = 0, links = 0;
    for (uint32_t v = 0; v < g->n_vertices; v++)
        p->n_layers = layer[v] >= p->n_layers ? layer[v] + 1 : p->n_layers;
    for (uint32_t i = 0; i < g->n_edges; i++)
        if (d.from[i] != d.to[i]) {
            passing += layer[d.to[i]] - layer[d.from[i]] - 1;
            links += layer[d.to[i]] - layer[d.from[i]];
        }
    if (g->n_vertices + links > GRAPH_MAX_ITEMS)
        return false;
    p->items = arena_array(p->arena, g->n_vertices + passing + 1u, sizeof *p->items);
    p->links = arena_array(p->arena, links + 1u, sizeof *p->links);
    make_links(p, &d, layer);
    return true;
}

/* --- order within the layers --- */

static uint64_t crossings(const struct plan *p)
{
    uint64_t n = 0;
    for (uint32_t l = 0; l < p->n_layers; l++)
        for (uint32_t i = p->first_link[l]; i < p->first_link[l + 1]; i++)
            for (uint32_t k = i + 1; k < p->first_link[l + 1]; k++) {
                const struct link *a = &p->links[i], *b = &p->links[k];
                int from = (int)p->items[a->from].place - (int)p->items[b->from].place;
                int to = (int)p->items[a->to].place - (int)p->items[b->to].place;
                n += (from < 0 && to > 0) || (from > 0 && to < 0);
            }
    return n;
}

static int by_mean(const void *a, const void *b, void *items)
{
    const struct item *x = (struct item *)items + *(const uint32_t *)a, *y = (struct item *)items + *(const uint32_t *)b;
    return x->sum != y->sum ? (x->sum > y->sum) - (x->sum < y->sum) : (x->place > y->place) - (x->place < y->place);
}

/* Sorts layer l by the mean place of the neighbours on one side. */
static void sort_layer(struct plan *p, uint32_t l, bool by_left)
{
    uint32_t first = p->first_order[l], end = p->first_order[l + 1];
    for (uint32_t i = first; i < end; i++)
        p->items[p->order[i]].sum = p->items[p->order[i]].weight = 0;
    uint32_t gap = by_left ? l - 1 : l;
    for (uint32_t i = p->first_link[gap]; i < p->first_link[gap + 1]; i++) {
        struct item *me = &p->items[by_left ? p->links[i].to : p->links[i].from];
        me->sum += p->items[by_left ? p->links[i].from : p->links[i].to].place;
        me->weight++;
    }
    for (uint32_t i = first; i < end; i++) {
        struct item *me = &p->items[p->order[i]];
        me->sum = me->weight > 0 ? me->sum / me->weight : me->place;
    }
    qsort_r(p->order + first, end - first, sizeof *p->order, by_mean, p->items);
    for (uint32_t i = first; i < end; i++)
        p->items[p->order[i]].place = i - first;
}

static void set_places(struct plan *p)
{
    for (uint32_t l = 0; l < p->n_layers; l++)
        for (uint32_t i = p->first_order[l]; i < p->first_order[l + 1]; i++)
            p->items[p->order[i]].place = i - p->first_order[l];
}

/* Items as a walk from the sources meets them, so that what hangs together starts out together. */
static void walk_from(struct plan *p, uint32_t item, uint32_t *fill, bool *seen)
{
    uint32_t *stack = mem_alloc(sizeof *stack * ((size_t)p->n_links + 1)), depth = 0;
    stack[depth++] = item;
    while (depth) {
        uint32_t at = stack[--depth];
        if (seen[at])
            continue;
        seen[at] = true;
        p->order[fill[p->items[at].layer]++] = at;
        uint32_t l = p->items[at].layer;
        for (uint32_t i = p->first_link[l + 1]; i-- > p->first_link[l];)
            if (p->links[i].from == at && !seen[p->links[i].to])
                stack[depth++] = p->links[i].to;
    }
    free(stack);
}

void plan_order(struct plan *p)
{
    enum { SWEEPS = 24, MAX_SWEPT = 3000 };
    uint32_t *fill = arena_array(p->arena, p->n_layers + 1u, sizeof *fill),
             *best = arena_array(p->arena, p->n_items + 1u, sizeof *best);
    bool *seen = arena_array(p->arena, p->n_items + 1u, sizeof *seen);
    p->order = arena_array(p->arena, p->n_items + 1u, sizeof *p->order);
    p->first_order = arena_array(p->arena, p->n_layers + 1u, sizeof *p->first_order);
    for (uint32_t i = 0; i < p->n_items; i++)
        p->first_order[p->items[i].layer + 1]++;
    for (uint32_t l = 0; l < p->n_layers; l++) {
        p->first_order[l + 1] += p->first_order[l];
        fill[l] = p->first_order[l];
    }
    for (uint32_t l = 0; l < p->n_layers; l++)
        for (uint32_t i = 0; i < p->g->n_vertices; i++)
            if (p->items[i].layer == l && !seen[i])
                walk_from(p, i, fill, seen);
    set_places(p);
    uint64_t fewest = p->n_links < MAX_SWEPT ? crossings(p) : 0;
    memcpy(best, p->order, sizeof *best * p->n_items);
    for (int sweep = 0; sweep < SWEEPS && fewest; sweep++) {
        if (sweep % 2)
            for (uint32_t l = p->n_layers - 1; l-- > 0;)
                sort_layer(p, l, false);
        else
            for (uint32_t l = 1; l < p->n_layers; l++)
                sort_layer(p, l, true);
        uint64_t now = crossings(p);
        if (now < fewest) {
            fewest = now;
            memcpy(best, p->order, sizeof *best * p->n_items);
        }
    }
    memcpy(p->order, best, sizeof *best * p->n_items);
    set_places(p);
}

/* --- rows --- */

/* Where edges enter and leave. With room for it each edge enters a box on a row of its own, in the order of where it comes from. */
static void set_ports(struct plan *p)
{
    static const int heights[ZOOMS] = {5, 3, 1};
    uint32_t *inputs = arena_array(p->arena, p->n_items + 1u, sizeof *inputs);
    for (uint32_t i = 0; i < p->n_links; i++)
        inputs[p->links[i].to]++;
    for (uint32_t v = 0; v < p->g->n_vertices; v++) {
        struct item *me = &p->items[v];
        me->h = heights[p->zoom];
        if (p->zoom == ZOOM_FULL && (int)inputs[v] > me->h - 2)
            me->h = (int)inputs[v] + 2;
        me->out = me->h / 2;
    }
    for (uint32_t i = 0; i < p->n_links; i++) {
        struct link *k = &p->links[i];
        const struct item *to = &p->items[k->to];
        uint32_t before = 0, all = inputs[k->to], l = p->items[k->from].layer;
        k->in = to->out;
        if (p->zoom != ZOOM_FULL || all < 2)
            continue;
        for (uint32_t o = p->first_link[l]; o < p->first_link[l + 1]; o++)
            if (p->links[o].to == k->to) {
                uint32_t mine = p->items[k->from].place, other = p->items[p->links[o].from].place;
                before += other < mine || (other == mine && o < i);
            }
        k->in = 1 + (int)(before * (uint32_t)(to->h - 3) / (all - 1));
    }
}

struct block {
    double sum, weight;
    uint32_t first;
};

/* Rows for one layer: as near as possible (least squares) to where each item wants to be (sum / weight), in order and apart. What
 * has no wish stays. Merging neighbours that would overlap into blocks solves it exactly. */
static void settle(struct plan *p, uint32_t l, struct block *blocks, bool whole_rows)
{
    const int apart = p->zoom == ZOOM_FULL;
    uint32_t first = p->first_order[l], n = p->first_order[l + 1] - first, n_blocks = 0;
    int offset = 0;
    for (uint32_t i = 0; i < n; i++) {
        struct item *me = &p->items[p->order[first + i]];
        double weight = me->weight > 0 ? me->weight : 0.05, wish = me->weight > 0 ? me->sum / me->weight : me->y;
        blocks[n_blocks++] = (struct block){(wish - offset) * weight, weight, i};
        while (n_blocks > 1) {
            struct block *a = &blocks[n_blocks - 2], *b = &blocks[n_blocks - 1];
            if (a->sum / a->weight <= b->sum / b->weight)
                break;
            a->sum += b->sum;
            a->weight += b->weight;
            n_blocks--;
        }
        offset += me->h + apart;
    }
    offset = 0;
    for (uint32_t b = 0, i = 0; b < n_blocks; b++) {
        double at = blocks[b].sum / blocks[b].weight;
        if (whole_rows)
            at = (double)(long)(at + 100000.5) - 100000;
        for (uint32_t end = b + 1 < n_blocks ? blocks[b + 1].first : n; i < end; i++) {
            struct item *me = &p->items[p->order[first + i]];
            me->y = at + offset;
            offset += me->h + apart;
        }
    }
}

static void wish(struct plan *p, uint32_t gap, bool by_left)
{
    for (uint32_t i = p->first_link[gap]; i < p->first_link[gap + 1]; i++) {
        const struct link *k = &p->links[i];
        struct item *from = &p->items[k->from], *to = &p->items[k->to], *me = by_left ? to : from;
        double weight = !k->first && !k->last ? 8 : !k->first || !k->last ? 2 : 1;
        me->sum += weight * (by_left ? from->y + from->out - k->in : to->y + k->in - from->out);
        me->weight += weight;
    }
}

static void sweep_rows(struct plan *p, struct block *blocks, bool from_left, bool both, bool whole_rows)
{
    for (uint32_t step = 0; step < p->n_layers; step++) {
        uint32_t l = from_left ? step : p->n_layers - 1 - step;
        for (uint32_t i = p->first_order[l]; i < p->first_order[l + 1]; i++)
            p->items[p->order[i]].sum = p->items[p->order[i]].weight = 0;
        if (l && (from_left || both))
            wish(p, l - 1, true);
        if (l + 1 < p->n_layers && (!from_left || both))
            wish(p, l, false);
        settle(p, l, blocks, whole_rows);
    }
}

void plan_rows(struct plan *p)
{
    enum { SWEEPS = 8 };
    struct block *blocks = mem_alloc(sizeof *blocks * ((size_t)p->n_items + 1));
    set_ports(p);
    for (uint32_t l = 0; l < p->n_layers; l++) {
        double y = 0;
        for (uint32_t i = p->first_order[l]; i < p->first_order[l + 1]; i++) {
            p->items[p->order[i]].y = y;
            y += p->items[p->order[i]].h + 1;
        }
    }
    for (int i = 0; i < SWEEPS; i++)
        sweep_rows(p, blocks, i % 2 == 0, i >= 2, false);
    sweep_rows(p, blocks, false, false, true);
    sweep_rows(p, blocks, true, false, true);
    double top = p->n_items ? p->items[0].y : 0;
    for (uint32_t i = 0; i < p->n_items; i++)
        top = p->items[i].y < top ? p->items[i].y : top;
    for (uint32_t i = 0; i < p->n_items; i++)
        p->items[i].y -= top;
    free(blocks);
}

/* --- the whole --- */

bool graph_lay_out(struct graph_layout *l, const struct graph *g, enum graph_zoom zoom)
{
    struct plan p = {.arena = &l->arena, .g = g, .zoom = zoom};
    *l = (struct graph_layout){.zoom = zoom};
    if (g->n_vertices > GRAPH_MAX_VERTICES || !plan_layers(&p))
        return false;
    plan_order(&p);
    plan_rows(&p);
    plan_route(&p, l);
    return true;
}

void graph_layout_free(struct graph_layout *l)
{
    arena_free(&l->arena);
    *l = (struct graph_layout){0};
}

uint32_t graph_step(const struct graph_layout *l, uint32_t from, int dx, int dy)
{
    uint32_t best = from;
    long nearest = -1;
    if (from >= l->n)
        return from;
    const struct rect *me = &l->box[from];
    for (uint32_t v = 0; v < l->n; v++) {
        int layers = (int)l->layer[v] - (int)l->layer[from], rows = l->box[v].y + l->box[v].h / 2 - me->y - me->h / 2;
        if (v == from || (dx ? layers * dx <= 0 : layers != 0 || rows * dy <= 0))
            continue;
        long distance = labs(layers) * 100000L + labs(rows);
        if (nearest < 0 || distance < nearest) {
            nearest = distance;
            best = v;
        }
    }
    return best;
}
