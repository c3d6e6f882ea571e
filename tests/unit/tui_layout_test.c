/* Drawings of job graphs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tui/layout_graph.h"
#include "tests/unit/tui_wide_graph.h"

#define COUNT(a) (sizeof(a) / sizeof *(a))

static void draw(struct grid *g, const struct graph_layout *l, const struct graph *graph)
{
    grid_size(g, l->w, l->h);
    graph_draw_edges(l, g, 0, 0, NULL);
    for (uint32_t i = 0; i < l->n; i++) {
        struct rect b = l->box[i];
        if (b.h > 1)
            grid_box(g, b, ST_FRAME);
        grid_text(g, b.h > 1 ? b.x + 1 : b.x, b.y + b.h / 2, b.w - 2, ST_NORMAL, graph->names[i]);
    }
}

static void draws(const struct graph *graph, enum graph_zoom zoom, bool ascii, const char *expected)
{
    struct graph_layout l;
    struct grid g = {0};
    struct buf b = {0};
    assert_true(graph_lay_out(&l, graph, zoom));
    draw(&g, &l, graph);
    grid_print(&g, &b, ascii);
    assert_string_equal(buf_cstr(&b), expected);
    buf_free(&b);
    grid_free(&g);
    graph_layout_free(&l);
}

static const char *const abc[] = {"a", "b", "c", "d", "e", "f", "g", "h"};

static void a_chain(void **state)
{
    (void)state;
    static const struct graph_edge edges[] = {{0, 1, "HASH"}, {1, 2, "FORWARD"}};
    const struct graph g = {abc, edges, 3, 2};
    draws(&g, ZOOM_FULL, false,
          "┌──────────────────────┐       ┌──────────────────────┐          ┌──────────────────────┐\n"
          "│                      │       │                      │          │                      │\n"
          "│a                     │──HASH▸│b                     │──FORWARD▸│c                     │\n"
          "│                      │       │                      │          │                      │\n"
          "└──────────────────────┘       └──────────────────────┘          └──────────────────────┘\n");
    draws(&g, ZOOM_MINI, false, "a         ─▸b         ─▸c\n");
    draws(&g, ZOOM_MINI, true, "a         ->b         ->c\n");
}

static void a_union_and_a_join(void **state)
{
    (void)state;
    static const struct graph_edge edges[] = {
        {0, 3, "HASH"}, {1, 3, "HASH"}, {2, 3, "REBALANCE"}, {3, 4, "FORWARD"}, {0, 4, "BROADCAST"}};
    const struct graph g = {abc, edges, 5, COUNT(edges)};
    draws(&g, ZOOM_COMPACT, false,
          "┌────────────┐\n"
          "│a           │─┬───────────────────┐    ┌────────────┐\n"
          "└────────────┘ │                   └┬─*▸│e           │\n"
          "┌────────────┐ │    ┌────────────┐  │   └────────────┘\n"
          "│b           │─┴┬─*▸│d           │──┘\n"
          "└────────────┘  │   └────────────┘\n"
          "┌────────────┐  │\n"
          "│c           │──┘\n"
          "└────────────┘\n");
}

static void one_vertex_none_and_circles(void **state)
{
    (void)state;
    static const struct graph_edge self[] = {{0, 0, "FORWARD"}}, circle[] = {{0, 1, "HASH"}, {1, 2, "HASH"}, {2, 1, "FORWARD"}};
    const struct graph none = {abc, NULL, 0, 0}, one = {abc, self, 1, 1}, round = {abc, circle, 3, 3};
    struct graph_layout l;
    assert_true(graph_lay_out(&l, &none, ZOOM_FULL));
    assert_int_equal(l.n, 0);
    graph_layout_free(&l);
    draws(&one, ZOOM_MINI, false, "a\n");
    draws(&round, ZOOM_COMPACT, false,
          "┌────────────┐\n"
          "│a           │─┐\n"
          "└────────────┘ │    ┌────────────┐\n"
          "┌────────────┐ └┬─*▸│b           │\n"
          "│c           │◂─┘   └────────────┘\n"
          "└────────────┘\n");
}

/* --- what has to hold for every graph --- */

static unsigned arms_at(const struct graph_layout *l, int x, int y)
{
    return x < 0 || y < 0 || x >= l->w || y >= l->h ? 0 : l->wire[(size_t)y * (size_t)l->w + (size_t)x].arms;
}

/* Follows the wires from a cell as a reader does: never to the left, straight on where one line passes another. */
static void follow(const struct graph_layout *l, uint8_t *seen, int x, int y, unsigned from)
{
    unsigned arms = arms_at(l, x, y);
    uint8_t *here = &seen[(size_t)y * (size_t)l->w + (size_t)x];
    if (!arms || (*here & from))
        return;
    *here |= (uint8_t)from;
    bool passes = arms & 16;
    if ((arms & 2) && !(passes && from != 8))
        if (x + 1 < l->w)
            follow(l, seen, x + 1, y, 8);
    if ((arms & 1) && from != 1 && !(passes && from == 8))
        follow(l, seen, x, y - 1, 4);
    if ((arms & 4) && from != 4 && !(passes && from == 8))
        follow(l, seen, x, y + 1, 1);
}

static bool reaches(const struct graph_layout *l, const uint8_t *seen, const struct rect *box)
{
    for (int y = box->y; y < box->y + box->h; y++)
        if (box->x && (arms_at(l, box->x - 1, y) & 2) && seen[(size_t)y * (size_t)l->w + (size_t)box->x - 1])
            return true;
    return false;
}

/* Every edge can be followed to its end, and at full zoom to no other vertex. */
static void is_sound(const struct graph *g, enum graph_zoom zoom)
{
    struct graph_layout l;
    assert_true(graph_lay_out(&l, g, zoom));
    for (uint32_t i = 0; i < l.n; i++) {
        const struct rect *b = &l.box[i];
        assert_true(b->x >= 0 && b->y >= 0 && b->x + b->w <= l.w && b->y + b->h <= l.h);
        for (uint32_t k = i + 1; k < l.n; k++) {
            const struct rect *o = &l.box[k];
            assert_true(b->x + b->w <= o->x || o->x + o->w <= b->x || b->y + b->h <= o->y || o->y + o->h <= b->y);
        }
        for (int y = b->y; y < b->y + b->h; y++)
            for (int x = b->x; x < b->x + b->w; x++)
                assert_int_equal(arms_at(&l, x, y), 0);
    }
    uint8_t *seen = calloc((size_t)l.w, (size_t)l.h);
    for (uint32_t i = 0; i < l.n; i++) {
        const struct rect *b = &l.box[i];
        memset(seen, 0, (size_t)l.w * (size_t)l.h);
        if (b->x + b->w < l.w)
            follow(&l, seen, b->x + b->w, b->y + b->h / 2, 8);
        for (uint32_t k = 0; k < l.n; k++) {
            bool edge = false;
            for (uint32_t e = 0; e < g->n_edges; e++)
                edge |= g->edges[e].from == i && g->edges[e].to == k && i != k;
            if (edge)
                assert_true(reaches(&l, seen, &l.box[k]));
            else if (zoom == ZOOM_FULL)
                assert_false(reaches(&l, seen, &l.box[k]));
        }
    }
    free(seen);
    graph_layout_free(&l);
}

static void the_wide_job(void **state)
{
    (void)state;
    for (int zoom = 0; zoom < ZOOMS; zoom++)
        is_sound(&g_wide, (enum graph_zoom)zoom);
}

static void many_graphs(void **state)
{
    (void)state;
    static const char *names[40];
    struct graph_edge edges[120];
    uint32_t seed = 1;
    for (size_t i = 0; i < COUNT(names); i++)
        names[i] = "vertex";
    for (int round = 0; round < 400; round++) {
#define NEXT(n) ((seed = seed * 1664525u + 1013904223u) >> 8) % (n)
        uint32_t n = 2 + NEXT(20), m = NEXT(n * 2), k = 0;
        for (uint32_t i = 0; i < m; i++) {
            uint32_t a = NEXT(n), b = NEXT(n);
            if (a != b)
                edges[k++] = (struct graph_edge){a < b ? a : b, a < b ? b : a, i % 3 ? "HASH" : NULL};
        }
        const struct graph g = {names, edges, n, k};
        for (int zoom = 0; zoom < ZOOMS; zoom++)
            is_sound(&g, (enum graph_zoom)zoom);
    }
}

static void the_cursor_gets_everywhere(void **state)
{
    (void)state;
    struct graph_layout l;
    assert_true(graph_lay_out(&l, &g_wide, ZOOM_COMPACT));
    bool seen[49] = {true};
    for (int round = 0; round < 49; round++)
        for (uint32_t v = 0; v < l.n; v++)
            for (int way = 0; way < 4 && seen[v]; way++)
                seen[graph_step(&l, v, (const int[]){1, -1, 0, 0}[way], (const int[]){0, 0, 1, -1}[way])] = true;
    for (uint32_t v = 0; v < l.n; v++)
        assert_true(seen[v]);
    graph_layout_free(&l);
}

static void too_large(void **state)
{
    (void)state;
    struct graph_layout l;
    const char **names = calloc(GRAPH_MAX_VERTICES + 1, sizeof *names);
    struct graph_edge *edges = calloc(GRAPH_MAX_VERTICES * 2, sizeof *edges);
    uint32_t k = 0;
    for (uint32_t i = 0; i <= GRAPH_MAX_VERTICES; i++)
        names[i] = "x";
    assert_false(graph_lay_out(&l, &(struct graph){names, NULL, GRAPH_MAX_VERTICES + 1, 0}, ZOOM_MINI));
    graph_layout_free(&l);
    for (uint32_t i = 0; i + 1 < GRAPH_MAX_VERTICES; i++) { /* a chain with an edge from the first to each: too many to pass */
        edges[k++] = (struct graph_edge){i, i + 1, NULL};
        if (i)
            edges[k++] = (struct graph_edge){0, i + 1, NULL};
    }
    assert_false(graph_lay_out(&l, &(struct graph){names, edges, GRAPH_MAX_VERTICES, k}, ZOOM_MINI));
    graph_layout_free(&l);
    assert_true(graph_lay_out(&l, &(struct graph){names, edges, GRAPH_MAX_VERTICES, 1}, ZOOM_MINI));
    graph_layout_free(&l);
    free(names);
    free(edges);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_chain),      cmocka_unit_test(a_union_and_a_join), cmocka_unit_test(one_vertex_none_and_circles),
        cmocka_unit_test(the_wide_job), cmocka_unit_test(many_graphs),        cmocka_unit_test(the_cursor_gets_everywhere),
        cmocka_unit_test(too_large),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
