/* One vertex's part in a checkpoint, by subtask: where the time went. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "tui/show.h"
#include "tui/view.h"

static const struct list_col cols[] = {
    {.title = "SUBTASK", .json = "subtask", .align = LIST_RIGHT},
    {.title = "STATUS", .json = "status"},
    {.title = "TOOK", .json = "durationMs", .align = LIST_RIGHT},
    {.title = "DELAY", .json = "startDelayMs", .align = LIST_RIGHT},
    {.title = "ALIGN", .json = "alignmentMs", .align = LIST_RIGHT},
    {.title = "SYNC", .json = "syncMs", .align = LIST_RIGHT},
    {.title = "ASYNC", .json = "asyncMs", .align = LIST_RIGHT},
    {.title = "SIZE", .json = "size", .align = LIST_RIGHT, .rank = 1},
    {.title = "FULL SIZE", .json = "fullSize", .align = LIST_RIGHT, .rank = 3},
    {.title = "PROCESSED", .json = "processedBytes", .align = LIST_RIGHT, .rank = 5},
    {.title = "IN FLIGHT", .json = "persistedBytes", .align = LIST_RIGHT, .rank = 4},
    {.title = "", .json = "unaligned", .rank = 2},
};

static const struct live_checkpoint_subtasks *data(const struct view *v, const struct world *w)
{
    return answer_data(w, LIVE_CHECKPOINT_SUBTASKS, v->at.job, v->at.vertex, v->at.item, NULL);
}

static void ask(const struct view *v, const struct world *w, struct wants *wants)
{
    (void)w;
    want(wants, LIVE_CHECKPOINT_SUBTASKS, v->at.job, v->at.vertex, v->at.item, NULL);
    want(wants, LIVE_JOB, v->at.job, NULL, NULL, NULL);
}

static void load(struct view *v, const struct world *w)
{
    const struct live_checkpoint_subtasks *c = data(v, w);
    struct list *l = &v->list;
    list_begin(l);
    for (uint32_t i = 0; c && i < c->n_subtasks; i++) {
        const struct live_checkpoint_subtask *x = &c->subtasks[i];
        bool here = x->status && !strcmp(x->status, "completed");
        char id[24];
        snprintf(id, sizeof id, "%lld", (long long)x->index);
        list_row(l, id, ST_NORMAL);
        list_whole(l, ST_BOLD, x->index, id);
        list_text(l, here ? ST_OK : ST_BAD, here ? "completed" : x->status ? "pending or failed" : NULL);
        list_whole(l, ST_NORMAL, x->duration_ms, show_ms(x->duration_ms).s);
        list_whole(l, ST_NORMAL, x->start_delay_ms, show_ms(x->start_delay_ms).s);
        list_whole(l, ST_NORMAL, x->alignment.duration_ms, show_ms(x->alignment.duration_ms).s);
        list_whole(l, ST_NORMAL, x->checkpoint.sync_ms, show_ms(x->checkpoint.sync_ms).s);
        list_whole(l, ST_NORMAL, x->checkpoint.async_ms, show_ms(x->checkpoint.async_ms).s);
        list_whole(l, ST_NORMAL, x->checkpointed_size, show_bytes(x->checkpointed_size).s);
        list_whole(l, ST_NORMAL, x->state_size, show_bytes(x->state_size).s);
        list_whole(l, ST_NORMAL, x->alignment.processed, show_bytes(x->alignment.processed).s);
        list_whole(l, ST_NORMAL, x->alignment.persisted, show_bytes(x->alignment.persisted).s);
        list_text(l, ST_WARN, x->unaligned == LIVE_YES ? "unaligned" : x->aborted == LIVE_YES ? "aborted" : "");
    }
    list_end(l);
}

/* How the phases are spread over the subtasks, as Flink sums them up. Returns the lines taken. */
static int draw_summary(struct grid *g, struct rect r, const struct live_checkpoint_subtasks_summary *s)
{
    enum { FIGURES = 6, WIDE = 11 };
    static const char *const heads[FIGURES] = {"TOOK", "DELAY", "ALIGN", "SYNC", "ASYNC", "SIZE"};
    static const char *const lines[] = {"least", "mean", "p95", "most"};
    const struct live_stats *const stats[FIGURES] = {&s->duration_ms,        &s->start_delay_ms,      &s->alignment.duration_ms,
                                                     &s->checkpoint.sync_ms, &s->checkpoint.async_ms, &s->checkpointed_size};
    for (int i = 0; i < FIGURES; i++)
        grid_right(g, r.x + 7 + i * WIDE, r.y, WIDE - 1, ST_HEAD, heads[i]);
    for (int k = 0; k < 4; k++) {
        grid_text(g, r.x + 1, r.y + 1 + k, 6, ST_DIM, lines[k]);
        for (int i = 0; i < FIGURES; i++) {
            const struct live_stats *x = stats[i];
            int64_t p95 = isfinite(x->p95) && fabs(x->p95) < 9e18 ? (int64_t)x->p95 : LIVE_ABSENT;
            int64_t v = k == 0 ? x->min : k == 1 ? x->avg : k == 2 ? p95 : x->max;
            grid_right(g, r.x + 7 + i * WIDE, r.y + 1 + k, WIDE - 1, ST_NORMAL, i == FIGURES - 1 ? show_bytes(v).s : show_ms(v).s);
        }
    }
    return 6;
}

static int draw(struct view *v, const struct world *w, struct grid *g, struct rect r)
{
    const struct live_checkpoint_subtasks *c = data(v, w);
    const struct live_vertex *x = vertex_of_job(job_of(v, w), v->at.vertex);
    int64_t delay = 0, async = 0, align = 0;
    if (!c) {
        draw_missing(g, r, w, LIVE_CHECKPOINT_SUBTASKS, v->at.job, v->at.vertex, v->at.item);
        return 1;
    }
    for (uint32_t i = 0; i < c->n_subtasks; i++) {
        delay = c->subtasks[i].start_delay_ms > delay ? c->subtasks[i].start_delay_ms : delay;
        async = c->subtasks[i].checkpoint.async_ms > async ? c->subtasks[i].checkpoint.async_ms : async;
        align = c->subtasks[i].alignment.duration_ms > align ? c->subtasks[i].alignment.duration_ms : align;
    }
    grid_textf(g, r.x + 1, r.y, r.w - 1, ST_BOLD, "#%s at %s", v->at.item, x ? live_text_or(x->name, v->at.vertex) : v->at.vertex);
    const char *why = delay > 1000 && delay >= async && delay >= align ? "barriers wait behind data: backpressure"
        : async > 1000 && async >= align ? "most of the time is the upload: slow storage or much state"
        : align > 1000                   ? "inputs bring the barrier at different times: skew"
                                         : "no phase stands out";
    grid_text(g, r.x + 1, r.y + 1, r.w - 1, delay > 1000 || async > 1000 || align > 1000 ? ST_WARN : ST_DIM, why);
    return 2 + (r.h >= 18 && c->n_subtasks > 2 ? draw_summary(g, (struct rect){r.x, r.y + 2, r.w, 5}, &c->summary) : 0);
}

const struct view_ops view_barriers = {
    .cols = cols,
    .n_cols = sizeof cols / sizeof *cols,
    .sort = -1,
    .want = ask,
    .load = load,
    .draw = draw,
};
