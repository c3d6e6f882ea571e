/* A job's graph: boxes in layers, each with its load; the root of backpressure stands out. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tui/graph_box.h"
#include "tui/layout_graph.h"
#include "tui/meter.h"
#include "tui/show.h"
#include "tui/view.h"

struct state {
    struct graph graph; /* strings and arrays in `arena` */
    const char **ids;   /* of the vertices */
    struct arena arena;
    struct graph_layout layout;
    bool laid, too_large, zoomed; /* zoomed: the user has chosen the zoom */
    enum graph_zoom zoom;
    uint32_t cursor;
    char *cursor_id;
    int x, y; /* what of the layout is at the left upper corner */
    int w, h; /* and how much of it is seen */
};

enum { PANEL = 4, PANEL_FROM = 16 }; /* rows about the vertex under the cursor, from that height on */
enum { MAX_ASKED = 256 };

/* --- the graph --- */

static uint32_t place_of(const struct state *s, const char *id)
{
    for (uint32_t i = 0; id && i < s->graph.n_vertices; i++)
        if (!strcmp(s->ids[i], id))
            return i;
    return UINT32_MAX;
}

static void build(struct state *s, const struct live_job *j)
{
    uint32_t n_edges = 0;
    arena_free(&s->arena);
    graph_layout_free(&s->layout);
    s->laid = false;
    const char **names = arena_array(&s->arena, j->n_vertices + 1u, sizeof *names);
    s->ids = arena_array(&s->arena, j->n_vertices + 1u, sizeof *s->ids);
    for (uint32_t i = 0; i < j->n_vertices; i++) {
        names[i] = short_name(&s->arena, live_text_or(j->vertices[i].name, "?"));
        s->ids[i] = arena_str(&s->arena, live_text_or(j->vertices[i].id, ""));
    }
    s->graph = (struct graph){.names = names, .n_vertices = j->n_vertices};
    for (uint32_t i = 0; i < j->plan.n_nodes; i++)
        n_edges += j->plan.nodes[i].n_inputs;
    struct graph_edge *edges = arena_array(&s->arena, n_edges + 1u, sizeof *edges);
    for (uint32_t i = 0; i < j->plan.n_nodes; i++)
        for (uint32_t k = 0; k < j->plan.nodes[i].n_inputs; k++) {
            const struct live_edge *e = &j->plan.nodes[i].inputs[k];
            uint32_t from = place_of(s, e->from), to = place_of(s, j->plan.nodes[i].id);
            if (from == UINT32_MAX || to == UINT32_MAX)
                continue;
            const char *ship = e->ship_strategy ? arena_strn(&s->arena, e->ship_strategy, strnlen(e->ship_strategy, 12)) : NULL;
            edges[s->graph.n_edges++] = (struct graph_edge){from, to, ship};
        }
    s->graph.edges = edges;
}

/* Whether j has the vertices and edges of the graph as it is. */
static bool same_graph(const struct state *s, const struct live_job *j)
{
    uint32_t edges = 0;
    if (!s->ids || s->graph.n_vertices != j->n_vertices)
        return false;
    for (uint32_t i = 0; i < j->n_vertices; i++)
        if (strcmp(s->ids[i], live_text_or(j->vertices[i].id, "")))
            return false;
    for (uint32_t i = 0; i < j->plan.n_nodes; i++)
        for (uint32_t k = 0; k < j->plan.nodes[i].n_inputs; k++)
            edges += place_of(s, j->plan.nodes[i].inputs[k].from) != UINT32_MAX && place_of(s, j->plan.nodes[i].id) != UINT32_MAX;
    return edges == s->graph.n_edges;
}

/* Until it is moved the cursor stands on the root of backpressure, or on the first vertex. */
static void load(struct view *v, const struct world *w)
{
    struct state *s = v->state;
    const struct live_job *j = job_of(v, w);
    const struct job_load *load = loads_job(w->loads, v->at.job);
    if (!j)
        return;
    if (!same_graph(s, j))
        build(s, j);
    s->cursor = s->cursor_id ? place_of(s, s->cursor_id) : 0;
    for (uint32_t i = 0; load && !s->cursor_id && i < load->n; i++)
        if (load->v[i].root)
            s->cursor = place_of(s, load->v[i].id);
    if (s->cursor >= s->graph.n_vertices)
        s->cursor = 0;
}

static void lay_out(struct state *s, enum graph_zoom zoom)
{
    graph_layout_free(&s->layout);
    s->zoom = zoom;
    s->too_large = !graph_lay_out(&s->layout, &s->graph, zoom);
    s->laid = true;
}

static bool in_sight(const struct state *s, uint32_t at)
{
    const struct rect *b = &s->layout.box[at];
    return b->x < s->x + s->w && b->x + b->w > s->x && b->y < s->y + s->h && b->y + b->h > s->y;
}

/* Watermarks are a question a vertex, so only of those whose lag is shown: the one under the cursor, large boxes in sight. */
static void ask(const struct view *v, const struct world *w, struct wants *wants)
{
    const struct state *s = v->state;
    const struct live_job *j = job_of(v, w);
    want_load(v, w, wants);
    if (!j || !s->ids || live_job_ended(live_job_state(live_text_or(j->state, ""))))
        return;
    bool large = s->laid && !s->too_large && s->zoom == ZOOM_FULL;
    for (uint32_t i = 0, n = 0; i < s->graph.n_vertices && i < j->n_vertices && n < MAX_ASKED; i++)
        if ((w->once || i == s->cursor || (large && in_sight(s, i))) && live_vertex_fed(j, i)) {
            want(wants, LIVE_WATERMARKS, v->at.job, s->ids[i], NULL, NULL);
            n++;
        }
}

/* The largest zoom of which all is seen, else the smallest. */
static void fit(struct state *s, int w, int h)
{
    if (s->laid && (s->zoomed || s->too_large))
        return;
    if (s->zoomed) {
        lay_out(s, s->zoom);
        return;
    }
    if (s->laid && s->layout.w <= w && s->layout.h <= h && s->zoom == ZOOM_FULL)
        return;
    for (int z = ZOOM_FULL; z < ZOOMS; z++) {
        if (!s->laid || (int)s->zoom != z)
            lay_out(s, (enum graph_zoom)z);
        if (s->layout.w <= w && s->layout.h <= h)
            return;
    }
}

static void set_cursor(struct state *s, uint32_t at)
{
    if (at >= s->graph.n_vertices)
        return;
    s->cursor = at;
    free(s->cursor_id);
    s->cursor_id = mem_strdup(s->ids[at]);
}

/* --- drawing --- */

static const struct vertex_load *load_of(const struct view *v, const struct world *w, uint32_t at)
{
    static const struct vertex_load nothing = {.busy = NAN, .pressed = NAN, .idle = NAN, .in_rate = NAN, .out_rate = NAN};
    const struct state *s = v->state;
    const struct vertex_load *k = job_load_vertex(loads_job(w->loads, v->at.job), s->ids[at]);
    return k ? k : &nothing;
}

static const struct live_watermarks *marks_of(const struct view *v, const struct world *w, const char *vertex)
{
    return answer_data(w, LIVE_WATERMARKS, v->at.job, vertex, NULL, NULL);
}

static void draw_vertex(const struct view *v, const struct world *w, struct grid *g, uint32_t at, struct rect b)
{
    const struct state *s = v->state;
    const struct live_vertex *x = vertex_of_job(job_of(v, w), s->ids[at]);
    const struct vertex_load *k = load_of(v, w, at);
    enum style frame = box_frame(x, k);
    bool here = at == s->cursor && !w->once;
    const char *name = s->graph.names[at];
    if (s->zoom == ZOOM_MINI) {
        box_mini(g, b, name, k, frame);
        if (here)
            grid_reverse(g, b);
        return;
    }
    grid_box(g, b, frame);
    if (s->zoom == ZOOM_FULL)
        box_full(g, b, x, k, marks_of(v, w, s->ids[at]));
    else
        meter_load(g, b.x + 1, b.y + b.h - 1, b.w - 2, k->busy, k->pressed, k->idle);
    enum style named = frame == ST_FRAME ? ST_BOLD : frame;
    grid_fill(g, (struct rect){b.x + 1, b.y + 1, b.w - 2, 1}, named, ' '); /* the cursor is one piece */
    grid_text(g, b.x + 1, b.y + 1, b.w - 2, named, s->zoom == ZOOM_FULL ? name : box_name(name));
    if (k->root)
        grid_text(g, b.x + 2, b.y, b.w - 3, ST_BAD, " ROOT ");
    if (here)
        grid_reverse(g, (struct rect){b.x, b.y + (s->zoom == ZOOM_FULL ? 0 : 1), b.w, s->zoom == ZOOM_FULL ? 2 : 1});
}

/* One line: what is wrong, or how the job is. */
static void draw_verdict(const struct view *v, const struct world *w, struct grid *g, struct rect r)
{
    const struct live_job *j = job_of(v, w);
    const struct job_load *load = loads_job(w->loads, v->at.job);
    uint32_t held = 0, known = 0;
    const struct vertex_load *root = NULL;
    for (uint32_t i = 0; load && i < load->n; i++) {
        held += load_pressed(load->v[i].pressed);
        known += !isnan(load->v[i].pressed);
        if (load->v[i].root && (!root || load->v[i].busy > root->busy))
            root = &load->v[i];
    }
    int x = r.x + 1, end = r.x + r.w;
    x += grid_textf(g, x, r.y, end - x, ST_DIM, "%u %s, for %s", j->n_vertices, j->n_vertices == 1 ? "vertex" : "vertices",
                    show_ms(j->duration_ms).s);
    if (live_job_ended(live_job_state(live_text_or(j->state, ""))))
        return;
    const struct live_vertex *who = root ? vertex_of_job(j, root->id) : NULL;
    if (!known)
        grid_text(g, x, r.y, end - x, ST_DIM, "   load not known yet");
    else if (who) {
        struct arena a = {0};
        x += grid_text(g, x, r.y, end - x, ST_BAD, "   ROOT of backpressure: ");
        x += grid_text(g, x, r.y, end - x, ST_BAD, short_name(&a, live_text_or(who->name, root->id)));
        x += grid_textf(g, x, r.y, end - x, ST_BUSY, " busy %s", show_share(root->busy).s);
        grid_textf(g, x, r.y, end - x, ST_PRESSED, ", %u held back%s", held,
                   root->since_start && !w->once ? " (mean since the start)" : "");
        arena_free(&a);
    } else
        grid_text(g, x, r.y, end - x, held ? ST_PRESSED : ST_OK,
                  held ? "   backpressure, its root is not seen" : "   no backpressure");
}

static void draw_panel(const struct view *v, const struct world *w, struct grid *g, struct rect r)
{
    const struct state *s = v->state;
    const struct live_vertex *x = vertex_of_job(job_of(v, w), s->ids[s->cursor]);
    const struct vertex_load *k = load_of(v, w, s->cursor);
    for (int i = 0; i < r.w; i++)
        grid_put(g, r.x + i, r.y, ST_FRAME, 0x2500);
    if (!x)
        return;
    grid_text(g, r.x + 1, r.y + 1, r.w - 2, ST_BOLD, live_text_or(x->name, x->id));
    int at = r.x + 1, end = r.x + r.w - 1;
    at += grid_textf(g, at, r.y + 2, end - at, ST_BUSY, "busy %s  ", show_share(k->busy).s);
    at += grid_textf(g, at, r.y + 2, end - at, ST_PRESSED, "backpressured %s  ", show_share(k->pressed).s);
    at += grid_textf(g, at, r.y + 2, end - at, ST_IDLE, "idle %s  ", show_share(k->idle).s);
    at += grid_textf(g, at, r.y + 2, end - at, state_style(x->status), "%s ×%s ", live_text_or(x->status, "?"),
                     show_count(x->parallelism).s);
    box_lag(g, at, r.y + 2, end - at, marks_of(v, w, s->ids[s->cursor]), k);
    at = r.x + 1;
    at += grid_textf(g, at, r.y + 3, end - at, ST_NORMAL, "in %s, %s all in all  out %s, %s  ", show_rate(k->in_rate).s,
                     show_count(x->io.read_records).s, show_rate(k->out_rate).s, show_count(x->io.write_records).s);
    if (k->busy_over.n > 1 && end - at > 10)
        meter_spark(g, at, r.y + 3, end - at, ST_CHART, k->busy_over.v, k->busy_over.n, 1);
}

/* Moves the window so that the cursor's box is in it. */
static void follow(struct state *s, int w, int h)
{
    const struct rect b = s->layout.box[s->cursor];
    if (b.x + b.w > s->x + w)
        s->x = b.x + b.w - w;
    if (b.x < s->x)
        s->x = b.x;
    if (b.y + b.h > s->y + h)
        s->y = b.y + b.h - h;
    if (b.y < s->y)
        s->y = b.y;
    if (s->layout.w <= w)
        s->x = 0;
    if (s->layout.h <= h)
        s->y = 0;
}

static int draw(struct view *v, const struct world *w, struct grid *g, struct rect r)
{
    struct state *s = v->state;
    if (!job_of(v, w) || !s->ids) {
        draw_missing(g, r, w, LIVE_JOB, v->at.job, NULL, NULL);
        return 1;
    }
    draw_verdict(v, w, g, r);
    bool panel = !w->once && r.h >= PANEL_FROM && s->graph.n_vertices;
    struct rect area = {r.x + 1, r.y + 1, r.w - 2, r.h - 1 - (panel ? PANEL : 0)};
    fit(s, area.w, area.h);
    if (s->too_large)
        grid_textf(g, r.x + 1, r.y + 2, r.w - 2, ST_WARN, "%u vertices are too many to be drawn; see vertices",
                   s->graph.n_vertices);
    if (s->too_large || !s->graph.n_vertices)
        return r.h;
    follow(s, area.w, area.h);
    s->w = area.w;
    s->h = area.h;
    const struct rect old = grid_clip(g, area);
    uint8_t *styles = mem_alloc(s->graph.n_vertices);
    for (uint32_t i = 0; i < s->graph.n_vertices; i++)
        styles[i] = load_pressed(load_of(v, w, i)->pressed) ? ST_PRESSED : ST_EDGE;
    graph_draw_edges(&s->layout, g, area.x - s->x, area.y - s->y, styles);
    free(styles);
    for (uint32_t i = 0; i < s->graph.n_vertices; i++) {
        struct rect b = s->layout.box[i];
        draw_vertex(v, w, g, i, (struct rect){area.x - s->x + b.x, area.y - s->y + b.y, b.w, b.h});
    }
    grid_unclip(g, old);
    if (s->x > 0)
        grid_put(g, r.x, r.y + 1 + area.h / 2, ST_KEY, 0x25c2);
    if (s->layout.w > s->x + area.w)
        grid_put(g, r.x + r.w - 1, r.y + 1 + area.h / 2, ST_KEY, 0x25b8);
    if (panel)
        draw_panel(v, w, g, (struct rect){r.x, r.y + r.h - PANEL, r.w, PANEL});
    return r.h;
}

static void extent(struct view *v, const struct world *w, int *width, int *height)
{
    struct state *s = v->state;
    if (!job_of(v, w) || !s->ids)
        return;
    fit(s, *width - 2, INT32_MAX);
    if (!s->too_large) {
        *width = s->layout.w + 2 > *width ? s->layout.w + 2 : *width;
        *height = s->layout.h + 1;
    }
}

/* --- keys --- */

static bool go(struct state *s, int dx, int dy)
{
    if (s->laid && !s->too_large)
        set_cursor(s, graph_step(&s->layout, s->cursor, dx, dy));
    return true;
}

static bool zoom(struct state *s, int by)
{
    int z = (int)s->zoom + by;
    if (!s->laid || z < 0 || z >= ZOOMS)
        return true;
    s->zoomed = true;
    lay_out(s, (enum graph_zoom)z);
    return true;
}

static bool verb(struct view *v, const struct world *w, enum verb what)
{
    struct state *s = v->state;
    switch (what) {
    case VERB_UP:
        return go(s, 0, -1);
    case VERB_DOWN:
        return go(s, 0, 1);
    case VERB_LEFT:
        return go(s, -1, 0);
    case VERB_RIGHT:
        return go(s, 1, 0);
    case VERB_ZOOM_IN:
        return zoom(s, -1);
    case VERB_ZOOM_OUT:
        return zoom(s, 1);
    case VERB_TOP:
    case VERB_BOTTOM:
        set_cursor(s, what == VERB_TOP ? 0 : s->graph.n_vertices - 1);
        return true;
    case VERB_ROOT:
        for (uint32_t i = 0; i < s->graph.n_vertices; i++)
            if (load_of(v, w, i)->root) {
                set_cursor(s, i);
                break;
            }
        return true;
    default:
        return false;
    }
}

static void find(struct view *v, const char *filter)
{
    struct state *s = v->state;
    for (uint32_t i = 0; *filter && i < s->graph.n_vertices; i++)
        if (filter_matches(filter, s->graph.names[i])) {
            set_cursor(s, i);
            break;
        }
}

static const char *vertex_here(const struct view *v)
{
    const struct state *s = v->state;
    return s->cursor < s->graph.n_vertices ? s->ids[s->cursor] : NULL;
}

/* --- JSON --- */

static void json(const struct view *v, const struct world *w, struct jsonw *to)
{
    const struct state *s = v->state;
    const struct live_job *j = job_of(v, w);
    jsonw_key(to, "vertices");
    jsonw_array(to);
    for (uint32_t i = 0; i < s->graph.n_vertices; i++) {
        const struct live_vertex *x = vertex_of_job(j, s->ids[i]);
        const struct vertex_load *k = load_of(v, w, i);
        jsonw_object(to);
        jsonw_member_str(to, "id", s->ids[i]);
        jsonw_member_str(to, "name", x ? x->name : NULL);
        jsonw_member_str(to, "state", x ? x->status : NULL);
        json_whole(to, "parallelism", x ? x->parallelism : LIVE_ABSENT);
        json_real(to, "busy", k->busy);
        json_real(to, "backpressured", k->pressed);
        json_real(to, "idle", k->idle);
        json_real(to, "recordsInPerSecond", k->in_rate);
        json_real(to, "recordsOutPerSecond", k->out_rate);
        jsonw_member_bool(to, "root", k->root);
        jsonw_end_object(to);
    }
    jsonw_end_array(to);
    jsonw_key(to, "watermarkLagMs");
    jsonw_object(to);
    for (uint32_t i = 0; i < s->graph.n_vertices; i++) {
        const struct live_watermarks *m = marks_of(v, w, s->ids[i]);
        if (m)
            json_whole(to, s->ids[i], m->n_list ? marks_lag(&load_of(v, w, i)->marks, m->low) : LIVE_ABSENT);
    }
    jsonw_end_object(to);
    jsonw_key(to, "edges");
    jsonw_array(to);
    for (uint32_t i = 0; i < s->graph.n_edges; i++) {
        jsonw_object(to);
        jsonw_member_str(to, "from", s->ids[s->graph.edges[i].from]);
        jsonw_member_str(to, "to", s->ids[s->graph.edges[i].to]);
        jsonw_member_str(to, "strategy", s->graph.edges[i].ship);
        jsonw_end_object(to);
    }
    jsonw_end_array(to);
}

static void close_state(struct view *v)
{
    struct state *s = v->state;
    graph_layout_free(&s->layout);
    arena_free(&s->arena);
    free(s->cursor_id);
}

const struct view_ops view_graph = {
    .sort = -1,
    .state = sizeof(struct state),
    .want = ask,
    .load = load,
    .draw = draw,
    .opens = VIEW_vertex,
    .opens_by = OPENS_VERTEX,
    .verb = verb,
    .vertex = vertex_here,
    .find = find,
    .json = json,
    .extent = extent,
    .close = close_state,
};
