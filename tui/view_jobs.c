/* All jobs of the cluster, and of those that run what is wrong with them. */
#include <stdio.h>
#include <string.h>

#include "tui/show.h"
#include "tui/view.h"

static const struct list_col cols[] = {
    {.title = "JOB", .json = "name", .flex = 24},
    {.title = "STATE", .json = "state"},
    {.title = "HELD UP BY", .json = "backpressureRoot", .flex = 12, .rank = 1},
    {.title = "CHECKPOINT", .json = "lastCheckpointMs", .align = LIST_RIGHT, .rank = 2},
    {.title = "SIZE", .json = "lastCheckpointSize", .align = LIST_RIGHT, .rank = 5},
    {.title = "TASKS", .json = "tasksTotal", .align = LIST_RIGHT, .rank = 4},
    {.title = "RUN", .json = "tasksRunning", .align = LIST_RIGHT, .rank = 6},
    {.title = "FAILED", .json = "tasksFailed", .align = LIST_RIGHT, .rank = 7},
    {.title = "FOR", .json = "durationMs", .align = LIST_RIGHT, .rank = 3},
    {.title = "STARTED", .json = "startedMs", .align = LIST_RIGHT, .rank = 8},
    {.title = "CHANGED", .json = "changedMs", .align = LIST_RIGHT, .rank = 9},
    {.title = "ID", .json = "id", .rank = 10},
};

/* So many jobs that run are looked into, two small requests each, so often. */
enum { LOOKED_INTO = 16, EVERY_MS = 10000 };

static const struct live_jobs *data(const struct world *w) { return answer_data(w, LIVE_JOBS, NULL, NULL, NULL, NULL); }

static bool has_ended(const struct live_job_row *j) { return live_job_ended(live_job_state(live_text_or(j->state, ""))); }

static void ask(const struct view *v, const struct world *w, struct wants *wants)
{
    const struct live_jobs *jobs = data(w);
    uint32_t n = 0;
    (void)v;
    want(wants, LIVE_JOBS, NULL, NULL, NULL, NULL);
    for (uint32_t i = 0; jobs && i < jobs->n_list && n < LOOKED_INTO; i++) {
        const struct live_job_row *j = &jobs->list[i];
        if (!j->id || has_ended(j))
            continue;
        n++;
        want(wants, LIVE_JOB, j->id, NULL, NULL, NULL);
        want_every(wants, EVERY_MS);
        want(wants, LIVE_CHECKPOINTS, j->id, NULL, NULL, NULL);
        want_every(wants, EVERY_MS);
        want_pressure(j->id, w, wants);
    }
}

/* The vertex that is the root of backpressure, the busiest of several. */
static void root_cell(struct list *l, const struct live_job_row *j, const struct world *w)
{
    const struct job_load *load = loads_job(w->loads, j->id);
    const struct live_job *detail = answer_data(w, LIVE_JOB, j->id, NULL, NULL, NULL);
    const struct vertex_load *root = NULL;
    struct arena a = {0};
    for (uint32_t i = 0; load && i < load->n; i++)
        if (load->v[i].root && (!root || load->v[i].busy > root->busy))
            root = &load->v[i];
    const struct live_vertex *x = root ? vertex_of_job(detail, root->id) : NULL;
    if (x)
        list_textf(l, ST_BAD, "%s", short_name(&a, live_text_or(x->name, x->id)));
    else
        list_text(l, ST_DIM, load && !has_ended(j) ? "" : NULL);
    arena_free(&a);
}

static int64_t size_of(const struct live_checkpoint *c)
{
    return live_has(c->checkpointed_size) ? c->checkpointed_size : c->state_size;
}

static void checkpoint_cells(struct list *l, const struct live_job_row *j, const struct world *w)
{
    const struct live_checkpoints *c = answer_data(w, LIVE_CHECKPOINTS, j->id, NULL, NULL, NULL);
    const struct live_checkpoint *last = NULL;
    uint32_t failed = 0;
    char text[64];
    for (uint32_t i = 0; c && i < c->n_history && !last; i++) {
        const char *status = live_text_or(c->history[i].status, "");
        if (!strcmp(status, "COMPLETED"))
            last = &c->history[i];
        failed += !strcmp(status, "FAILED");
    }
    if (failed)
        snprintf(text, sizeof text, "%u failed", failed);
    else if (last && live_has(last->trigger_ms) && w->now_ms >= last->trigger_ms)
        snprintf(text, sizeof text, "%s ago", show_age(w->now_ms - last->trigger_ms).s);
    else
        snprintf(text, sizeof text, "%s", c && c->counts.total == 0 ? "none" : "-");
    list_whole(l, failed > 1 ? ST_BAD : failed ? ST_WARN : ST_NORMAL, last ? last->trigger_ms : LIVE_ABSENT, text);
    list_whole(l, ST_NORMAL, last ? size_of(last) : LIVE_ABSENT, show_bytes(last ? size_of(last) : LIVE_ABSENT).s);
}

static int64_t tasks_of(const struct live_job_row *j)
{
    int64_t total = 0;
    for (int i = 0; i < LIVE_TASK_STATES; i++)
        total += j->tasks[i] > 0 ? j->tasks[i] : 0;
    return total;
}

static void load(struct view *v, const struct world *w)
{
    const struct live_jobs *jobs = data(w);
    struct list *l = &v->list;
    list_begin(l);
    for (int ended = 0; jobs && ended < 2; ended++) /* those that run first */
        for (uint32_t i = 0; i < jobs->n_list; i++) {
            const struct live_job_row *j = &jobs->list[i];
            if (!j->id || has_ended(j) != (ended == 1))
                continue;
            int64_t failed = j->tasks[LIVE_TASK_FAILED], running = j->tasks[LIVE_TASK_RUNNING], total = tasks_of(j);
            list_row(l, j->id, ended ? ST_DIM : ST_NORMAL);
            list_text(l, ended ? ST_DIM : ST_BOLD, live_text_or(j->name, j->id));
            list_text(l, state_style(j->state), j->state);
            root_cell(l, j, w);
            checkpoint_cells(l, j, w);
            list_whole(l, ST_NORMAL, total, show_count(total).s);
            list_whole(l, !ended && running != total ? ST_WARN : ST_NORMAL, running, show_count(running).s);
            list_whole(l, failed > 0 ? ST_BAD : ST_NORMAL, failed, show_count(failed).s);
            list_whole(l, ST_NORMAL, j->duration_ms, show_ms(j->duration_ms).s);
            list_whole(l, ST_NORMAL, j->start_ms, show_time(j->start_ms).s);
            list_whole(l, ST_NORMAL, j->modified_ms, show_time(j->modified_ms).s);
            list_text(l, ST_DIM, j->id);
        }
    list_end(l);
}

static int draw(struct view *v, const struct world *w, struct grid *g, struct rect r)
{
    const struct live_jobs *jobs = data(w);
    if (!jobs)
        draw_missing(g, r, w, LIVE_JOBS, NULL, NULL, NULL);
    else if (!jobs->n_list)
        grid_text(g, r.x + 1, r.y, r.w - 1, ST_DIM, "no jobs");
    else if (!v->list.n_order)
        grid_textf(g, r.x + 1, r.y, r.w - 1, ST_DIM, "none of %u jobs passes the filter", jobs->n_list);
    return !jobs || !v->list.n_order;
}

const struct view_ops view_jobs = {
    .cols = cols,
    .n_cols = sizeof cols / sizeof *cols,
    .sort = -1,
    .want = ask,
    .load = load,
    .draw = draw,
    .opens = VIEW_graph,
    .opens_by = OPENS_JOB,
};
