/* A job's vertices as a table. */
#include <math.h>
#include <string.h>

#include "tui/show.h"
#include "tui/view.h"

static const struct list_col cols[] = {
    {.title = "VERTEX", .json = "name", .flex = 24},
    {.title = "", .json = "root", .rank = 1},
    {.title = "LOAD", .width = 10, .rank = 2},
    {.title = "BUSY", .json = "busy", .align = LIST_RIGHT},
    {.title = "BACKP", .json = "backpressured", .align = LIST_RIGHT},
    {.title = "IDLE", .json = "idle", .align = LIST_RIGHT, .rank = 6},
    {.title = "BUSY, LATELY", .width = 16, .rank = 12},
    {.title = "IN", .json = "recordsInPerSecond", .align = LIST_RIGHT, .rank = 3},
    {.title = "OUT", .json = "recordsOutPerSecond", .align = LIST_RIGHT, .rank = 3},
    {.title = "PAR", .json = "parallelism", .align = LIST_RIGHT, .rank = 5},
    {.title = "STATE", .json = "state", .rank = 4},
    {.title = "RECORDS IN", .json = "recordsIn", .align = LIST_RIGHT, .rank = 9},
    {.title = "RECORDS OUT", .json = "recordsOut", .align = LIST_RIGHT, .rank = 9},
    {.title = "READ", .json = "bytesIn", .align = LIST_RIGHT, .rank = 10},
    {.title = "WRITTEN", .json = "bytesOut", .align = LIST_RIGHT, .rank = 10},
    {.title = "FOR", .json = "durationMs", .align = LIST_RIGHT, .rank = 11},
    {.title = "ID", .json = "id", .rank = 13},
};

static void load(struct view *v, const struct world *w)
{
    const struct live_job *j = job_of(v, w);
    const struct job_load *load = loads_job(w->loads, v->at.job);
    struct list *l = &v->list;
    list_begin(l);
    for (uint32_t i = 0; j && i < j->n_vertices; i++) {
        const struct live_vertex *x = &j->vertices[i];
        static const struct vertex_load nothing = {.busy = NAN, .pressed = NAN, .idle = NAN, .in_rate = NAN, .out_rate = NAN};
        const struct vertex_load *k = job_load_vertex(load, x->id);
        k = k ? k : &nothing;
        if (!x->id)
            continue;
        list_row(l, x->id, ST_NORMAL);
        list_text(l, k->root ? ST_BAD : ST_BOLD, live_text_or(x->name, x->id));
        list_text(l, ST_BAD, k->root ? "ROOT" : load_pressed(k->pressed) ? "held" : "");
        list_load(l, k->busy, k->pressed, k->idle);
        list_number(l, ST_BUSY, k->busy, show_share(k->busy).s);
        list_number(l, load_pressed(k->pressed) ? ST_PRESSED : ST_NORMAL, k->pressed, show_share(k->pressed).s);
        list_number(l, ST_NORMAL, k->idle, show_share(k->idle).s);
        list_spark(l, ST_CHART, k->busy_over.v, k->busy_over.n);
        list_number(l, ST_NORMAL, k->in_rate, show_rate(k->in_rate).s);
        list_number(l, ST_NORMAL, k->out_rate, show_rate(k->out_rate).s);
        list_whole(l, ST_NORMAL, x->parallelism, show_count(x->parallelism).s);
        list_text(l, state_style(x->status), x->status);
        list_whole(l, ST_NORMAL, x->io.read_records, show_count(x->io.read_records).s);
        list_whole(l, ST_NORMAL, x->io.write_records, show_count(x->io.write_records).s);
        list_whole(l, ST_NORMAL, x->io.read_bytes, show_bytes(x->io.read_bytes).s);
        list_whole(l, ST_NORMAL, x->io.write_bytes, show_bytes(x->io.write_bytes).s);
        list_whole(l, ST_NORMAL, x->duration_ms, show_ms(x->duration_ms).s);
        list_text(l, ST_DIM, x->id);
    }
    list_end(l);
}

static int draw(struct view *v, const struct world *w, struct grid *g, struct rect r)
{
    if (!job_of(v, w)) {
        draw_missing(g, r, w, LIVE_JOB, v->at.job, NULL, NULL);
        return 1;
    }
    return 0;
}

static bool verb(struct view *v, const struct world *w, enum verb what)
{
    const struct job_load *load = loads_job(w->loads, v->at.job);
    if (what != VERB_ROOT)
        return false;
    for (uint32_t i = 0; load && i < load->n; i++)
        if (load->v[i].root) {
            list_goto(&v->list, load->v[i].id);
            break;
        }
    return true;
}

const struct view_ops view_vertices = {
    .cols = cols,
    .n_cols = sizeof cols / sizeof *cols,
    .sort = -1,
    .want = want_load,
    .load = load,
    .draw = draw,
    .opens = VIEW_vertex,
    .opens_by = OPENS_VERTEX,
    .verb = verb,
    .vertex = view_row_id,
};
