/* A job's failures, grouped by root cause. */
#include "tui/exceptions.h"
#include "tui/show.h"

static const struct list_col cols[] = {
    {.title = "TIMES", .json = "times", .align = LIST_RIGHT},
    {.title = "LAST", .json = "lastMs", .align = LIST_RIGHT},
    {.title = "FIRST", .json = "firstMs", .align = LIST_RIGHT, .rank = 2},
    {.title = "ROOT CAUSE", .json = "cause", .flex = 48},
    {.title = "TASK", .json = "task", .flex = 16, .rank = 1},
    {.title = "WHERE", .json = "endpoint", .flex = 12, .rank = 3},
    {.title = "TASK MANAGER", .json = "taskManager", .flex = 12, .rank = 4},
};

static void ask(const struct view *v, const struct world *w, struct wants *wants)
{
    (void)w;
    want_exceptions(v, wants);
}

static void load(struct view *v, const struct world *w)
{
    const struct live_exceptions *x = exceptions_of(v, w);
    struct list *l = &v->list;
    struct arena a = {0};
    uint32_t n = 0;
    const struct exception_group *groups = x ? exception_groups(&a, x, &n) : NULL;
    list_begin(l);
    for (uint32_t i = 0; i < n; i++) {
        const struct exception_group *k = &groups[i];
        list_row(l, exception_id(&a, k), ST_NORMAL);
        list_whole(l, k->n > 1 ? ST_BAD : ST_BOLD, k->n, show_count(k->n).s);
        list_whole(l, ST_NORMAL, k->last_ms, show_time(k->last_ms).s);
        list_whole(l, ST_NORMAL, k->first_ms, show_time(k->first_ms).s);
        list_text(l, ST_BOLD, k->cause);
        list_text(l, ST_NORMAL, k->latest->task ? k->latest->task : "the whole job");
        list_text(l, ST_NORMAL, k->latest->endpoint);
        list_text(l, ST_DIM, k->latest->taskmanager);
    }
    list_end(l);
    arena_free(&a);
}

static int draw(struct view *v, const struct world *w, struct grid *g, struct rect r)
{
    const struct live_exceptions *x = exceptions_of(v, w);
    if (!x)
        draw_missing(g, r, w, LIVE_JOB_EXCEPTIONS, v->at.job, NULL, NULL);
    else if (!x->n_list)
        grid_text(g, r.x + 1, r.y, r.w - 1, ST_OK, "no failures are known");
    else
        grid_textf(
            g, r.x + 1, r.y, r.w - 1, ST_NORMAL, "%u failures%s; the latest %s ago", x->n_list,
            x->truncated == LIVE_YES ? " and older ones that Flink has dropped" : "",
            show_age(live_has(x->list[0].at_ms) && w->now_ms > x->list[0].at_ms ? w->now_ms - x->list[0].at_ms : LIVE_ABSENT).s);
    return 1;
}

const struct view_ops view_exceptions = {
    .cols = cols,
    .n_cols = sizeof cols / sizeof *cols,
    .sort = -1,
    .want = ask,
    .load = load,
    .draw = draw,
    .opens = VIEW_trace,
    .opens_by = OPENS_ITEM,
};
