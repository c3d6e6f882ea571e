/* weir backpressure: which vertices are held up, and by which one. */
#include "cli/by_vertex.h"
#include "live/pressure.h"
#include "live/shape.h"

struct assessed {
    double *pressured, *busy;
    bool *root;
};

static const struct live_backpressure *of(const struct by_vertex *f, uint32_t i)
{
    const struct live_backpressure *b = f->answers[i]->data;
    return b && !f->answers[i]->unsettled ? b : NULL;
}

static double least_idle(const struct live_backpressure *b)
{
    double least = NAN;
    for (uint32_t i = 0; b && i < b->n_subtasks; i++)
        least = fmin(least, b->subtasks[i].idle);
    return least;
}

static bool assess(struct by_vertex *f, struct err *e)
{
    (void)e;
    struct arena *a = &f->cluster->arena;
    uint32_t n = f->job->n_vertices;
    struct assessed *s = f->assessed = arena_alloc(a, sizeof *s);
    s->pressured = arena_array(a, n + 1, sizeof *s->pressured);
    s->busy = arena_array(a, n + 1, sizeof *s->busy);
    s->root = arena_array(a, n + 1, sizeof *s->root);
    for (uint32_t i = 0; i < n; i++) {
        s->pressured[i] = live_pressure_worst(of(f, i));
        s->busy[i] = live_busy_worst(of(f, i));
    }
    live_pressure_roots(f->job, s->pressured, s->busy, s->root);
    return true;
}

static const struct table_col cols[] = {
    {"VERTEX", false, true}, {"SUBTASK", true, false}, {"LEVEL", false, false}, {"BACKPRESSURED", true, false},
    {"BUSY", true, false},   {"IDLE", true, false},    {"", false, false}};

static void rows(const struct by_vertex *f, uint32_t i, bool subtasks, struct table *t)
{
    const struct live_backpressure *b = of(f, i);
    const struct assessed *s = f->assessed;
    cell_vertex(t, f->job->vertices[i].name);
    table_cell(t, b && b->n_subtasks > 1 ? "worst" : NULL);
    table_cell(t, b ? b->level : "not known");
    cell_ratio(t, s->pressured[i]);
    cell_ratio(t, s->busy[i]);
    cell_ratio(t, least_idle(b));
    table_cell(t, s->root[i] ? "<- holds up those before it" : NULL);
    cell_rest(t);
    for (uint32_t k = 0; b && subtasks && k < b->n_subtasks; k++) {
        const struct live_pressure *p = &b->subtasks[k];
        table_cell(t, NULL);
        cell_count(t, p->index);
        table_cell(t, p->level);
        cell_ratio(t, p->ratio);
        cell_ratio(t, p->busy);
        cell_ratio(t, p->idle);
        cell_rest(t);
    }
}

static void json_vertex(const struct by_vertex *f, uint32_t i, struct jsonw *w)
{
    const struct assessed *s = f->assessed;
    jsonw_member_bool(w, "root", s->root[i]);
    if (of(f, i))
        shape_write_members(&shape_live_backpressure, of(f, i), w, false);
}

static enum weir_exit run(const struct cli *cli, struct err *e)
{
    static const struct by_vertex_ops ops = {.route = LIVE_BACKPRESSURE,
                                             .assess = assess,
                                             .rows = rows,
                                             .cols = cols,
                                             .n_cols = sizeof cols / sizeof *cols,
                                             .json_vertex = json_vertex};
    return by_vertex_run(cli, &ops, e);
}

const struct command cmd_backpressure = {
    .operands = "JOB",
    .about = "Says which vertices of a running job are held up by those after them, and which vertex is the cause.\n"
             "Figures are of the worst subtask of each vertex, over Flink's last sampling.\n",
    .opts = by_vertex_rows,
    .size = sizeof(struct by_vertex_opts),
    .min = 1,
    .max = 1,
    .words = no_words,
    .run = run,
};
