/* What Flink's profiler has made of a process: the instances, newest first (1.19 on, where rest.profiling.enabled is set). */
#include <stdlib.h>
#include <string.h>

#include "live/process.h"
#include "tui/show.h"
#include "tui/view.h"

static const struct list_col cols[] = {
    {.title = "STARTED", .json = "triggeredMs", .align = LIST_RIGHT},
    {.title = "MODE", .json = "mode"},
    {.title = "STATUS", .json = "status"},
    {.title = "FOR", .json = "durationS", .align = LIST_RIGHT},
    {.title = "FINISHED", .json = "finishedMs", .align = LIST_RIGHT, .rank = 2},
    {.title = "FILE", .json = "file", .flex = 16, .rank = 1},
    {.title = "MESSAGE", .json = "message", .flex = 16},
};

static const struct live_answer *answer(const struct view *v, const struct world *w)
{
    const struct live_ask ask = process_ask(PROCESS_PROFILES, v->at.item, NULL);
    return w->snapshot ? live_find(w->snapshot, &ask) : NULL;
}

static void ask(const struct view *v, const struct world *w, struct wants *wants)
{
    const struct live_ask list = process_ask(PROCESS_PROFILES, v->at.item, NULL);
    (void)w;
    want_ask(wants, &list);
}

static void load(struct view *v, const struct world *w)
{
    const struct live_answer *got = answer(v, w);
    const struct live_profiles *p = got ? got->data : NULL;
    struct list *l = &v->list;
    struct arena a = {0};
    list_begin(l);
    for (uint32_t i = p ? p->n_list : 0; i--;) { /* Flink adds at the end */
        const struct live_profile *x = &p->list[i];
        list_row(l, arena_printf(&a, "%lld", (long long)x->triggered_ms), ST_NORMAL);
        list_whole(l, ST_NORMAL, x->triggered_ms, show_time(x->triggered_ms).s);
        list_text(l, ST_BOLD, x->mode);
        list_text(l, state_style(x->status), x->status);
        list_whole(l, ST_NORMAL, x->duration_s,
                   show_ms(live_has(x->duration_s) ? x->duration_s % 1000000 * 1000 : x->duration_s).s);
        list_whole(l, ST_NORMAL, x->finished_ms, show_time(x->finished_ms).s);
        list_text(l, ST_NORMAL, x->output_file);
        list_text(l, ST_DIM, x->message);
    }
    list_end(l);
    arena_free(&a);
}

static int draw(struct view *v, const struct world *w, struct grid *g, struct rect r)
{
    const struct live_answer *got = answer(v, w);
    int x = r.x + 1 + grid_text(g, r.x + 1, r.y, r.w - 1, ST_BOLD, process_is_jobmanager(v->at.item) ? "job manager" : v->at.item);
    if (!got || !got->data)
        draw_why(g, (struct rect){x + 1, r.y, r.x + r.w - x - 1, 1}, got);
    else if (!v->list.n_rows)
        grid_text(g, x, r.y, r.x + r.w - x, ST_DIM, ": no profiles yet");
    else
        grid_textf(g, x, r.y, r.x + r.w - x, ST_DIM, ": %u profiles; Flink serves the files below .../profiler/", v->list.n_rows);
    return 1;
}

const struct view_ops view_profiles = {
    .cols = cols, .n_cols = sizeof cols / sizeof *cols, .sort = -1, .want = ask, .load = load, .draw = draw};
