/* How a job was given another parallelism: the history that the adaptive scheduler keeps (2.3 on, where
 * web.adaptive-scheduler.rescale-history.size is set), newest first. */
#include <string.h>

#include "tui/show.h"
#include "tui/view.h"

static const struct list_col cols[] = {
    {.title = "BEGAN", .json = "startMs", .align = LIST_RIGHT},
    {.title = "TOOK", .json = "tookMs", .align = LIST_RIGHT},
    {.title = "STATE", .json = "state"},
    {.title = "CAUSE", .json = "cause"},
    {.title = "ENDED BY", .json = "reason"},
    {.title = "ATTEMPT", .json = "attempt", .align = LIST_RIGHT, .rank = 2},
    {.title = "REQUIREMENTS", .json = "requirements", .rank = 3},
    {.title = "RESCALE", .json = "id", .rank = 4},
};

static const struct live_rescales *data(const struct view *v, const struct world *w)
{
    return answer_data(w, LIVE_RESCALES, v->at.job, NULL, NULL, NULL);
}

static void ask(const struct view *v, const struct world *w, struct wants *wants)
{
    (void)w;
    want(wants, LIVE_RESCALES, v->at.job, NULL, NULL, NULL);
    want(wants, LIVE_RESCALE_OVERVIEW, v->at.job, NULL, NULL, NULL);
    want(wants, LIVE_RESCALE_SUMMARY, v->at.job, NULL, NULL, NULL);
    want(wants, LIVE_RESCALE_CONFIG, v->at.job, NULL, NULL, NULL);
}

static int64_t took(const struct live_rescale *x, int64_t now_ms)
{
    int64_t end = live_has(x->end_ms) ? x->end_ms : now_ms;
    return live_has(x->start_ms) && end >= x->start_ms ? end - x->start_ms : LIVE_ABSENT;
}

static void load(struct view *v, const struct world *w)
{
    const struct live_rescales *x = data(v, w);
    struct list *l = &v->list;
    list_begin(l);
    for (uint32_t i = 0; x && i < x->n_list; i++) {
        const struct live_rescale *k = &x->list[i];
        if (!k->id)
            continue;
        list_row(l, k->id, ST_NORMAL);
        list_whole(l, ST_NORMAL, k->start_ms, show_time(k->start_ms).s);
        list_whole(l, ST_NORMAL, took(k, w->now_ms), show_ms(took(k, w->now_ms)).s);
        list_text(l, k->terminal_state ? state_style(k->terminal_state) : ST_WARN,
                  k->terminal_state ? k->terminal_state : "in progress");
        list_text(l, ST_NORMAL, k->trigger_cause);
        list_text(l, ST_NORMAL, k->terminated_reason);
        list_whole(l, ST_NORMAL, k->attempt, show_count(k->attempt).s);
        list_text(l, ST_DIM, k->requirements);
        list_text(l, ST_DIM, k->id);
    }
    list_end(l);
}

static void draw_counts(const struct live_rescale_counts *c, struct grid *g, struct rect r)
{
    const struct {
        const char *word;
        int64_t n;
        enum style style;
    } all[] = {{"completed", c->completed, ST_OK},
               {"failed", c->failed, ST_BAD},
               {"ignored", c->ignored, ST_DIM},
               {"in progress", c->in_progress, ST_WARN}};
    int x = r.x + 1;
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (live_has(all[i].n))
            x += grid_textf(g, x, r.y, r.x + r.w - x, all[i].n ? all[i].style : ST_DIM, "%s%s %s", i ? ", " : "",
                            show_count(all[i].n).s, all[i].word);
}

static int draw_summary(const struct live_rescale_summary *s, struct grid *g, struct rect r)
{
    const struct live_stats *d = &s->completed_ms;
    if (!(live_or(s->counts.completed, 0) > 0) || !live_has(d->avg))
        return 0;
    grid_textf(g, r.x + 1, r.y, r.w - 1, ST_NORMAL, "completed ones took %s to %s, %s on average", show_ms(d->min).s,
               show_ms(d->max).s, show_ms(d->avg).s);
    return 1;
}

static int draw_config(const struct live_rescale_config *c, struct grid *g, struct rect r)
{
    int x = r.x + 1, end = r.x + r.w;
    const struct {
        const char *words;
        int64_t ms;
    } spans[] = {{"waits for resources", c->submission_wait_ms},
                 {"settles", c->stabilization_ms},
                 {"cools down", c->cooldown_ms},
                 {"triggers after at most", c->max_trigger_delay_ms},
                 {"frees idle slots after", c->slot_idle_ms}};
    x += grid_textf(g, x, r.y, end - x, ST_DIM, "%s%s kept", c->execution_mode ? c->execution_mode : "",
                    live_has(c->history_max) ? show_count(c->history_max).s : "?");
    for (size_t i = 0; i < sizeof spans / sizeof *spans; i++)
        if (live_has(spans[i].ms))
            x += grid_textf(g, x, r.y, end - x, ST_DIM, "; %s %s", spans[i].words, show_ms(spans[i].ms).s);
    if (live_has(c->failed_checkpoints))
        grid_textf(g, x, r.y, end - x, ST_DIM, "; at once after %s failed checkpoints", show_count(c->failed_checkpoints).s);
    return 1;
}

static int draw(struct view *v, const struct world *w, struct grid *g, struct rect r)
{
    const struct live_rescale_overview *o = answer_data(w, LIVE_RESCALE_OVERVIEW, v->at.job, NULL, NULL, NULL);
    const struct live_rescale_summary *s = answer_data(w, LIVE_RESCALE_SUMMARY, v->at.job, NULL, NULL, NULL);
    const struct live_rescale_config *c = answer_data(w, LIVE_RESCALE_CONFIG, v->at.job, NULL, NULL, NULL);
    int y = 0;
    if (!data(v, w)) {
        draw_missing(g, r, w, LIVE_RESCALES, v->at.job, NULL, NULL);
        grid_text(g, r.x + 1, r.y + 1, r.w - 1, ST_DIM,
                  "only the adaptive scheduler of 2.3 on keeps a history: web.adaptive-scheduler.rescale-history.size");
        return 2;
    }
    if (o)
        draw_counts(&o->counts, g, (struct rect){r.x, r.y + y++, r.w, 1});
    if (s)
        y += draw_summary(s, g, (struct rect){r.x, r.y + y, r.w, 1});
    if (c)
        y += draw_config(c, g, (struct rect){r.x, r.y + y, r.w, 1});
    if (!v->list.n_rows)
        grid_text(g, r.x + 1, r.y + y++, r.w - 1, ST_DIM, "no rescaling is remembered");
    return y;
}

const struct view_ops view_rescales = {
    .cols = cols,
    .n_cols = sizeof cols / sizeof *cols,
    .sort = -1,
    .want = ask,
    .load = load,
    .draw = draw,
    .opens = VIEW_rescale,
    .opens_by = OPENS_ITEM,
};
