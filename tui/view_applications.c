/* Applications: what was submitted together, with the jobs of each (2.3 on). */
#include <string.h>

#include "tui/show.h"
#include "tui/view.h"

static const struct list_col cols[] = {
    {.title = "APPLICATION", .json = "name", .flex = 24},
    {.title = "STATE", .json = "status"},
    {.title = "JOBS", .json = "jobs", .flex = 10},
    {.title = "FOR", .json = "durationMs", .align = LIST_RIGHT, .rank = 1},
    {.title = "STARTED", .json = "startMs", .align = LIST_RIGHT, .rank = 2},
    {.title = "ENDED", .json = "endMs", .align = LIST_RIGHT, .rank = 3},
    {.title = "ID", .json = "id", .rank = 4},
};

static const struct live_applications *data(const struct world *w)
{
    return answer_data(w, LIVE_APPLICATIONS, NULL, NULL, NULL, NULL);
}

static void ask(const struct view *v, const struct world *w, struct wants *wants)
{
    (void)v;
    (void)w;
    want(wants, LIVE_APPLICATIONS, NULL, NULL, NULL, NULL);
}

static void load(struct view *v, const struct world *w)
{
    const struct live_applications *x = data(w);
    struct list *l = &v->list;
    list_begin(l);
    for (uint32_t i = 0; x && i < x->n_list; i++) {
        const struct live_application_row *k = &x->list[i];
        struct buf jobs = {0};
        if (!k->id)
            continue;
        for (uint32_t n = 0; n < k->n_jobs; n++)
            buf_printf(&jobs, "%s%s %.40s", jobs.n ? ", " : "", show_count(k->jobs[n].n).s, live_text_or(k->jobs[n].state, "?"));
        list_row(l, k->id, ST_NORMAL);
        list_text(l, ST_BOLD, live_text_or(k->name, k->id));
        list_text(l, state_style(k->status), k->status);
        list_text(l, ST_NORMAL, buf_cstr(&jobs));
        list_whole(l, ST_NORMAL, k->duration_ms, show_ms(k->duration_ms).s);
        list_whole(l, ST_NORMAL, k->start_ms, show_time(k->start_ms).s);
        list_whole(l, ST_NORMAL, k->end_ms, show_time(k->end_ms).s);
        list_text(l, ST_DIM, k->id);
        buf_free(&jobs);
    }
    list_end(l);
}

static int draw(struct view *v, const struct world *w, struct grid *g, struct rect r)
{
    if (!data(w))
        draw_missing(g, r, w, LIVE_APPLICATIONS, NULL, NULL, NULL);
    else if (!v->list.n_rows)
        grid_text(g, r.x + 1, r.y, r.w - 1, ST_DIM, "no applications");
    return !data(w) || !v->list.n_rows;
}

const struct view_ops view_applications = {
    .cols = cols,
    .n_cols = sizeof cols / sizeof *cols,
    .sort = -1,
    .want = ask,
    .load = load,
    .draw = draw,
    .opens = VIEW_application,
    .opens_by = OPENS_ITEM,
};
