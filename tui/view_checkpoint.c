/* One checkpoint, by vertex. */
#include <stdlib.h>
#include <string.h>

#include "tui/show.h"
#include "tui/view.h"

static const struct list_col cols[] = {
    {.title = "VERTEX", .json = "name", .flex = 20},
    {.title = "ACK", .json = "acknowledged", .align = LIST_RIGHT},
    {.title = "OF", .json = "subtasks", .align = LIST_RIGHT},
    {.title = "LAST AFTER", .json = "lastAckAfterMs", .align = LIST_RIGHT, .rank = 3},
    {.title = "TOOK", .json = "durationMs", .align = LIST_RIGHT},
    {.title = "SIZE", .json = "size", .align = LIST_RIGHT},
    {.title = "FULL SIZE", .json = "fullSize", .align = LIST_RIGHT, .rank = 1},
    {.title = "SHARE", .json = "share", .align = LIST_RIGHT, .rank = 2},
    {.title = "PROCESSED", .json = "processedBytes", .align = LIST_RIGHT, .rank = 5},
    {.title = "IN FLIGHT", .json = "persistedBytes", .align = LIST_RIGHT, .rank = 4},
};

static const struct live_checkpoint *data(const struct view *v, const struct world *w)
{
    return answer_data(w, LIVE_CHECKPOINT, v->at.job, NULL, v->at.item, NULL);
}

static void ask(const struct view *v, const struct world *w, struct wants *wants)
{
    (void)w;
    want(wants, LIVE_CHECKPOINT, v->at.job, NULL, v->at.item, NULL);
    want(wants, LIVE_JOB, v->at.job, NULL, NULL, NULL);
}

static void load(struct view *v, const struct world *w)
{
    const struct live_checkpoint *c = data(v, w);
    const struct live_job *j = job_of(v, w);
    struct list *l = &v->list;
    list_begin(l);
    for (uint32_t i = 0; c && j && i < j->n_vertices; i++)
        for (uint32_t k = 0; k < c->n_vertices; k++) {
            const struct live_checkpoint_vertex *x = &c->vertices[k];
            if (!x->vertex || !j->vertices[i].id || strcmp(x->vertex, j->vertices[i].id))
                continue;
            int64_t size = live_has(x->checkpointed_size) ? x->checkpointed_size : x->state_size;
            int64_t all = live_has(c->checkpointed_size) ? c->checkpointed_size : c->state_size;
            int64_t after = live_has(x->latest_ack_ms) && live_has(c->trigger_ms) ? x->latest_ack_ms - c->trigger_ms : LIVE_ABSENT;
            double share = size >= 0 && all > 0 ? (double)size / (double)all : NAN;
            list_row(l, x->vertex, ST_NORMAL);
            list_text(l, ST_BOLD, live_text_or(j->vertices[i].name, x->vertex));
            list_whole(l, x->acknowledged != x->subtasks ? ST_BAD : ST_NORMAL, x->acknowledged, show_count(x->acknowledged).s);
            list_whole(l, ST_NORMAL, x->subtasks, show_count(x->subtasks).s);
            list_whole(l, ST_NORMAL, after, show_ms(after).s);
            list_whole(l, ST_NORMAL, x->duration_ms, show_ms(x->duration_ms).s);
            list_whole(l, ST_NORMAL, size, show_bytes(size).s);
            list_whole(l, ST_NORMAL, x->state_size, show_bytes(x->state_size).s);
            list_number(l, ST_NORMAL, share, show_share(share).s);
            list_whole(l, ST_NORMAL, x->processed_data, show_bytes(x->processed_data).s);
            list_whole(l, ST_NORMAL, x->persisted_data, show_bytes(x->persisted_data).s);
        }
    list_end(l);
}

static int draw(struct view *v, const struct world *w, struct grid *g, struct rect r)
{
    const struct live_checkpoint *c = data(v, w);
    int x = r.x + 1, end = r.x + r.w, rows = 1;
    if (!c) {
        draw_missing(g, r, w, LIVE_CHECKPOINT, v->at.job, NULL, v->at.item);
        return 1;
    }
    x += grid_textf(g, x, r.y, end - x, ST_BOLD, "#%lld ", (long long)c->id);
    x += grid_textf(g, x, r.y, end - x, state_style(c->status), "%s ", live_text_or(c->status, "?"));
    grid_textf(g, x, r.y, end - x, ST_NORMAL, "%s, triggered %s, took %s, %s, full size %s",
               live_text_or(c->checkpoint_type, "CHECKPOINT"), show_time(c->trigger_ms).s, show_ms(c->duration_ms).s,
               show_bytes(live_has(c->checkpointed_size) ? c->checkpointed_size : c->state_size).s, show_bytes(c->state_size).s);
    if (c->failure_message)
        grid_textf(g, r.x + 1, r.y + rows++, r.w - 1, ST_BAD, "%.*s", (int)strcspn(c->failure_message, "\n"), c->failure_message);
    if (c->external_path)
        grid_text(g, r.x + 1, r.y + rows++, r.w - 1, ST_DIM, c->external_path);
    return rows;
}

const struct view_ops view_checkpoint = {
    .cols = cols,
    .n_cols = sizeof cols / sizeof *cols,
    .sort = -1,
    .want = ask,
    .load = load,
    .draw = draw,
    .opens = VIEW_barriers,
    .opens_by = OPENS_VERTEX,
    .vertex = view_row_id,
};
