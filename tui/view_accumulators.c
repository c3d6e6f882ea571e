/* Accumulators: of a job and its vertices, or of a vertex and its subtasks. */
#include <stdio.h>
#include <string.h>

#include "tui/show.h"
#include "tui/view.h"

static const struct list_col cols[] = {
    {.title = "OF", .json = "of", .flex = 16},
    {.title = "NAME", .json = "name", .flex = 16},
    {.title = "TYPE", .json = "type", .rank = 1},
    {.title = "VALUE", .json = "value", .flex = 16},
};

enum { MAX_ASKED = 128 };

static void ask(const struct view *v, const struct world *w, struct wants *wants)
{
    const struct live_job *j = job_of(v, w);
    want(wants, LIVE_JOB, v->at.job, NULL, NULL, NULL);
    if (v->at.vertex) {
        want(wants, LIVE_VERTEX_ACCUMULATORS, v->at.job, v->at.vertex, NULL, NULL);
        want(wants, LIVE_VERTEX_SUBTASKS_ACCUMULATORS, v->at.job, v->at.vertex, NULL, NULL);
        return;
    }
    want(wants, LIVE_JOB_ACCUMULATORS, v->at.job, NULL, NULL, NULL);
    for (uint32_t i = 0; j && i < j->n_vertices && i < MAX_ASKED; i++)
        if (j->vertices[i].id) {
            want(wants, LIVE_VERTEX_ACCUMULATORS, v->at.job, j->vertices[i].id, NULL, NULL);
            want_every(wants, 30000);
        }
}

/* `id`: of what they are; a row's is "ID NAME". */
static void fill(struct list *l, const char *id, const char *of, const struct live_accumulator *x, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        struct arena a = {0};
        list_row(l, arena_printf(&a, "%s %s", id, live_text_or(x[i].name, "")), ST_NORMAL);
        list_text(l, ST_DIM, of);
        list_text(l, ST_BOLD, x[i].name);
        list_text(l, ST_DIM, x[i].type);
        list_text(l, ST_NORMAL, x[i].value);
        arena_free(&a);
    }
}

static void load_job(struct view *v, const struct world *w)
{
    const struct live_job *j = job_of(v, w);
    const struct live_accumulators *all = answer_data(w, LIVE_JOB_ACCUMULATORS, v->at.job, NULL, NULL, NULL);
    if (all) {
        fill(&v->list, "-", "the job itself", all->job, all->n_job);
        fill(&v->list, "-", "the job", all->user, all->n_user);
    }
    for (uint32_t i = 0; j && i < j->n_vertices; i++) {
        const char *id = j->vertices[i].id;
        const struct live_vertex_accumulators *x = id ? answer_data(w, LIVE_VERTEX_ACCUMULATORS, v->at.job, id, NULL, NULL) : NULL;
        if (x)
            fill(&v->list, id, live_text_or(j->vertices[i].name, id), x->user, x->n_user);
    }
}

static void load_vertex(struct view *v, const struct world *w)
{
    const struct live_vertex_accumulators *all = answer_data(w, LIVE_VERTEX_ACCUMULATORS, v->at.job, v->at.vertex, NULL, NULL);
    const struct live_subtasks_accumulators *x =
        answer_data(w, LIVE_VERTEX_SUBTASKS_ACCUMULATORS, v->at.job, v->at.vertex, NULL, NULL);
    if (all)
        fill(&v->list, "-", "all subtasks", all->user, all->n_user);
    for (uint32_t i = 0; x && i < x->n_subtasks; i++) {
        char id[24], of[96];
        snprintf(id, sizeof id, "%lld", (long long)x->subtasks[i].index);
        snprintf(of, sizeof of, "subtask %s, attempt %s", id, show_count(x->subtasks[i].attempt).s);
        fill(&v->list, id, of, x->subtasks[i].user, x->subtasks[i].n_user);
    }
}

static void load(struct view *v, const struct world *w)
{
    list_begin(&v->list);
    if (v->at.vertex)
        load_vertex(v, w);
    else
        load_job(v, w);
    list_end(&v->list);
}

static int draw(struct view *v, const struct world *w, struct grid *g, struct rect r)
{
    const struct live_vertex *x = vertex_of_job(job_of(v, w), v->at.vertex);
    enum live_route route = v->at.vertex ? LIVE_VERTEX_ACCUMULATORS : LIVE_JOB_ACCUMULATORS;
    int rows = 0;
    if (v->at.vertex)
        grid_text(g, r.x + 1, r.y + rows++, r.w - 1, ST_BOLD, x ? live_text_or(x->name, v->at.vertex) : v->at.vertex);
    if (!answer_data(w, route, v->at.job, v->at.vertex, NULL, NULL))
        draw_missing(g, (struct rect){r.x, r.y + rows++, r.w, 1}, w, route, v->at.job, v->at.vertex, NULL);
    else if (!v->list.n_rows)
        grid_textf(g, r.x + 1, r.y + rows++, r.w - 1, ST_DIM, "the code of %s has no accumulators",
                   v->at.vertex ? "this vertex" : "this job");
    return rows;
}

/* The vertex of the row, to see its subtasks. */
static bool step(const struct view *v, struct step *to)
{
    const struct list_row *r = list_here(&v->list);
    if (!r || v->at.vertex || *r->id == '-')
        return false;
    static char id[64];
    snprintf(id, sizeof id, "%.*s", (int)strcspn(r->id, " "), r->id);
    *to = (struct step){.view = VIEW_accumulators, .job = v->at.job, .vertex = id};
    return true;
}

const struct view_ops view_accumulators = {
    .cols = cols,
    .n_cols = sizeof cols / sizeof *cols,
    .sort = -1,
    .want = ask,
    .load = load,
    .draw = draw,
    .step = step,
};
