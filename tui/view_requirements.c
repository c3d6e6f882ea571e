/* The parallelism that each vertex of a job asks for, at least and at most, beside what it has (1.18 on, adaptive scheduler). */
#include <string.h>

#include "tui/show.h"
#include "tui/view.h"

static const struct list_col cols[] = {
    {.title = "VERTEX", .json = "name", .flex = 24},
    {.title = "AT LEAST", .json = "lowerBound", .align = LIST_RIGHT},
    {.title = "AT MOST", .json = "upperBound", .align = LIST_RIGHT},
    {.title = "HAS", .json = "parallelism", .align = LIST_RIGHT},
    {.title = "RUNNING", .json = "running", .align = LIST_RIGHT},
    {.title = "MOST POSSIBLE", .json = "maxParallelism", .align = LIST_RIGHT, .rank = 1},
    {.title = "SLOTS", .json = "slotSharingGroup", .rank = 2},
    {.title = "", .json = "remark", .flex = 12},
};

static const struct live_requirements *data(const struct view *v, const struct world *w)
{
    return answer_data(w, LIVE_REQUIREMENTS, v->at.job, NULL, NULL, NULL);
}

static void ask(const struct view *v, const struct world *w, struct wants *wants)
{
    (void)w;
    want(wants, LIVE_JOB, v->at.job, NULL, NULL, NULL);
    want(wants, LIVE_REQUIREMENTS, v->at.job, NULL, NULL, NULL);
}

static const struct live_bounds *bounds_of(const struct live_requirements *r, const char *vertex)
{
    for (uint32_t i = 0; r && vertex && i < r->n_list; i++)
        if (r->list[i].vertex && !strcmp(r->list[i].vertex, vertex))
            return &r->list[i].parallelism;
    return NULL;
}

static void load(struct view *v, const struct world *w)
{
    const struct live_requirements *r = data(v, w);
    const struct live_job *j = job_of(v, w);
    struct list *l = &v->list;
    list_begin(l);
    for (uint32_t i = 0; j && i < j->n_vertices; i++) {
        const struct live_vertex *x = &j->vertices[i];
        const struct live_bounds *b = bounds_of(r, x->id);
        int64_t lower = b ? b->lower : LIVE_ABSENT, upper = b ? b->upper : LIVE_ABSENT, has = x->parallelism;
        bool known = live_has(has) && live_has(lower) && live_has(upper);
        if (!x->id)
            continue;
        list_row(l, x->id, ST_NORMAL);
        list_text(l, ST_BOLD, live_text_or(x->name, x->id));
        list_whole(l, ST_NORMAL, lower, show_count(lower).s);
        list_whole(l, ST_NORMAL, upper, show_count(upper).s);
        list_whole(l, known && (has < lower || has < upper) ? ST_WARN : ST_NORMAL, has, show_count(has).s);
        list_whole(l, ST_NORMAL, x->tasks[LIVE_TASK_RUNNING], show_count(x->tasks[LIVE_TASK_RUNNING]).s);
        list_whole(l, ST_NORMAL, x->max_parallelism, show_count(x->max_parallelism).s);
        list_text(l, ST_DIM, x->slot_sharing_group);
        list_text(l, ST_WARN, !known ? "" : has < lower ? "less than it needs" : has < upper ? "would take more slots" : "");
    }
    list_end(l);
}

static int draw(struct view *v, const struct world *w, struct grid *g, struct rect r)
{
    const struct live_answer *got = answer_to(w, LIVE_REQUIREMENTS, v->at.job, NULL, NULL, NULL);
    if (got && got->data) {
        grid_text(g, r.x + 1, r.y, r.w - 1, ST_DIM, "R asks for others, :rescale too");
    } else if (got && got->state == LIVE_FAILED) { /* Flink refuses with a 500 where the scheduler is another one */
        grid_textf(g, r.x + 1, r.y, r.w - 1, ST_WARN, "only jobs of the adaptive scheduler tell: %s", got->err.text);
    } else {
        draw_why(g, r, got);
    }
    return 1;
}

const struct view_ops view_requirements = {
    .cols = cols,
    .n_cols = sizeof cols / sizeof *cols,
    .sort = -1,
    .want = ask,
    .load = load,
    .draw = draw,
    .opens = VIEW_vertex,
    .opens_by = OPENS_VERTEX,
    .vertex = view_row_id,
};
