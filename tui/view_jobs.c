/* All jobs of the cluster. */
#include "tui/show.h"
#include "tui/view.h"

static const struct list_col cols[] = {
    {.title = "JOB", .json = "name", .flex = 28},
    {.title = "STATE", .json = "state"},
    {.title = "TASKS", .json = "tasksTotal", .align = LIST_RIGHT, .rank = 1},
    {.title = "RUN", .json = "tasksRunning", .align = LIST_RIGHT, .rank = 4},
    {.title = "FAILED", .json = "tasksFailed", .align = LIST_RIGHT, .rank = 5},
    {.title = "STARTED", .json = "startedMs", .align = LIST_RIGHT, .rank = 3},
    {.title = "FOR", .json = "durationMs", .align = LIST_RIGHT, .rank = 2},
    {.title = "CHANGED", .json = "changedMs", .align = LIST_RIGHT, .rank = 6},
    {.title = "ID", .json = "id", .rank = 7},
};

static void ask(const struct view *v, const struct world *w, struct wants *wants)
{
    (void)v;
    (void)w;
    want(wants, LIVE_JOBS, NULL, NULL, NULL, NULL);
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
    const struct live_jobs *jobs = answer_data(w, LIVE_JOBS, NULL, NULL, NULL, NULL);
    struct list *l = &v->list;
    list_begin(l);
    for (int ended = 0; jobs && ended < 2; ended++) /* those that run first */
        for (uint32_t i = 0; i < jobs->n_list; i++) {
            const struct live_job_row *j = &jobs->list[i];
            if (!j->id || live_job_ended(live_job_state(live_text_or(j->state, ""))) != (ended == 1))
                continue;
            int64_t failed = j->tasks[LIVE_TASK_FAILED], running = j->tasks[LIVE_TASK_RUNNING], total = tasks_of(j);
            list_row(l, j->id, ended ? ST_DIM : ST_NORMAL);
            list_text(l, ended ? ST_DIM : ST_BOLD, live_text_or(j->name, j->id));
            list_text(l, state_style(j->state), j->state);
            list_whole(l, ST_NORMAL, total, show_count(total).s);
            list_whole(l, !ended && running != total ? ST_WARN : ST_NORMAL, running, show_count(running).s);
            list_whole(l, failed > 0 ? ST_BAD : ST_NORMAL, failed, show_count(failed).s);
            list_whole(l, ST_NORMAL, j->start_ms, show_time(j->start_ms).s);
            list_whole(l, ST_NORMAL, j->duration_ms, show_ms(j->duration_ms).s);
            list_whole(l, ST_NORMAL, j->modified_ms, show_time(j->modified_ms).s);
            list_text(l, ST_DIM, j->id);
        }
    list_end(l);
}

static int draw(struct view *v, const struct world *w, struct grid *g, struct rect r)
{
    const struct live_jobs *jobs = answer_data(w, LIVE_JOBS, NULL, NULL, NULL, NULL);
    if (!jobs)
        draw_missing(g, r, w, LIVE_JOBS, NULL, NULL, NULL);
    else if (!jobs->n_list)
        grid_text(g, r.x + 1, r.y, r.w - 1, ST_DIM, "no jobs");
    else if (!v->list.n_order)
        grid_textf(g, r.x + 1, r.y, r.w - 1, ST_DIM, "none of %u jobs passes the filter", jobs->n_list);
    return !jobs || !v->list.n_order;
}

static bool open_job(struct view *v, const struct world *w, struct step *to)
{
    (void)w;
    const struct list_row *r = list_here(&v->list);
    if (!r)
        return false;
    *to = (struct step){.view = VIEW_graph, .job = r->id};
    return true;
}

const struct view_ops view_jobs = {
    .cols = cols,
    .n_cols = sizeof cols / sizeof *cols,
    .sort = -1,
    .want = ask,
    .load = load,
    .draw = draw,
    .open = open_job,
};
