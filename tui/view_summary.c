/* The checkpoints of a job in sum: how size and duration are distributed over those that have completed, and the latest of each kind. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "tui/show.h"
#include "tui/view.h"

static const struct list_col cols[] = {
    {.title = "OF THE COMPLETED", .json = "figure"},
    {.title = "LEAST", .json = "min", .align = LIST_RIGHT},
    {.title = "MEAN", .json = "avg", .align = LIST_RIGHT},
    {.title = "P50", .json = "p50", .align = LIST_RIGHT},
    {.title = "P90", .json = "p90", .align = LIST_RIGHT, .rank = 2},
    {.title = "P95", .json = "p95", .align = LIST_RIGHT, .rank = 3},
    {.title = "P99", .json = "p99", .align = LIST_RIGHT, .rank = 1},
    {.title = "P99.9", .json = "p999", .align = LIST_RIGHT, .rank = 4},
    {.title = "MOST", .json = "max", .align = LIST_RIGHT},
};

static const struct live_checkpoints *data(const struct view *v, const struct world *w)
{
    return answer_data(w, LIVE_CHECKPOINTS, v->at.job, NULL, NULL, NULL);
}

static void ask(const struct view *v, const struct world *w, struct wants *wants)
{
    (void)w;
    want(wants, LIVE_CHECKPOINTS, v->at.job, NULL, NULL, NULL);
}

static void put(struct list *l, double v, bool bytes)
{
    int64_t n = isfinite(v) && fabs(v) < 9e18 ? (int64_t)v : LIVE_ABSENT;
    list_number(l, ST_NORMAL, v, bytes ? show_bytes(n).s : show_ms(n).s);
}

static double real(int64_t n) { return live_has(n) ? (double)n : NAN; }

/* Of none, Flink says 0. */
static void fill(struct list *l, const char *name, const struct live_stats *s, bool bytes, bool none)
{
    list_row(l, name, ST_NORMAL);
    list_text(l, ST_BOLD, name);
    const double v[] = {real(s->min), real(s->avg), s->p50, s->p90, s->p95, s->p99, s->p999, real(s->max)};
    for (size_t i = 0; i < sizeof v / sizeof *v; i++)
        put(l, none ? NAN : v[i], bytes);
}

static void load(struct view *v, const struct world *w)
{
    const struct live_checkpoints *c = data(v, w);
    list_begin(&v->list);
    if (c) {
        const struct live_checkpoint_summary *s = &c->summary;
        bool none = c->counts.completed == 0;
        fill(&v->list, "duration", &s->duration_ms, false, none);
        fill(&v->list, "size", &s->checkpointed_size, true, none);
        fill(&v->list, "full size", &s->state_size, true, none);
        fill(&v->list, "processed in flight", &s->processed_data, true, none);
        fill(&v->list, "stored in flight", &s->persisted_data, true, none);
    }
    list_end(&v->list);
}

/* --- the latest of each kind --- */

static int draw_latest(struct grid *g, struct rect r, const char *kind, const struct live_checkpoint *c, const struct world *w)
{
    int x = r.x + 1, end = r.x + r.w;
    grid_text(g, x, r.y, 18, ST_HEAD, kind);
    x += 18;
    if (!c) {
        grid_text(g, x, r.y, end - x, ST_DIM, "none");
        return 1;
    }
    int64_t ago = live_has(c->trigger_ms) && w->now_ms > c->trigger_ms ? w->now_ms - c->trigger_ms : LIVE_ABSENT;
    x += grid_textf(g, x, r.y, end - x, ST_NORMAL, "#%lld, %s, %s ago, took %s, %s of %s", (long long)c->id,
                    show_time(c->trigger_ms).s, show_age(ago).s, show_ms(c->duration_ms).s,
                    show_bytes(live_has(c->checkpointed_size) ? c->checkpointed_size : c->state_size).s,
                    show_bytes(c->state_size).s);
    if (c->discarded == LIVE_YES)
        grid_text(g, x, r.y, end - x, ST_DIM, ", its files are discarded");
    if (c->failure_message)
        grid_textf(g, r.x + 19, r.y + 1, r.w - 19, ST_BAD, "%.*s", (int)strcspn(c->failure_message, "\n"), c->failure_message);
    else if (c->external_path)
        grid_text(g, r.x + 19, r.y + 1, r.w - 19, ST_DIM, c->external_path);
    return 1 + (c->failure_message || c->external_path);
}

static int draw_restored(struct grid *g, struct rect r, const struct live_restored *c)
{
    grid_text(g, r.x + 1, r.y, 18, ST_HEAD, "restored from");
    if (!c) {
        grid_text(g, r.x + 19, r.y, r.w - 19, ST_DIM, "nothing: the job began without state");
        return 1;
    }
    grid_textf(g, r.x + 19, r.y, r.w - 19, ST_NORMAL, "#%lld, a %s, at %s", (long long)c->id,
               c->is_savepoint == LIVE_YES ? "savepoint" : "checkpoint", show_time(c->restored_ms).s);
    if (c->external_path)
        grid_text(g, r.x + 19, r.y + 1, r.w - 19, ST_DIM, c->external_path);
    return 1 + !!c->external_path;
}

static int draw(struct view *v, const struct world *w, struct grid *g, struct rect r)
{
    const struct live_checkpoints *c = data(v, w);
    int y = r.y;
    if (!c) {
        draw_missing(g, r, w, LIVE_CHECKPOINTS, v->at.job, NULL, NULL);
        return 1;
    }
    y += draw_latest(g, (struct rect){r.x, y, r.w, 2}, "latest completed", c->latest.completed, w);
    y += draw_latest(g, (struct rect){r.x, y, r.w, 2}, "latest failed", c->latest.failed, w);
    y += draw_latest(g, (struct rect){r.x, y, r.w, 2}, "latest savepoint", c->latest.savepoint, w);
    y += draw_restored(g, (struct rect){r.x, y, r.w, 2}, c->latest.restored);
    grid_textf(g, r.x + 1, y, r.w - 1, ST_DIM, "%s triggered: %s completed, %s failed, %s running; restored %s times",
               show_count(c->counts.total).s, show_count(c->counts.completed).s, show_count(c->counts.failed).s,
               show_count(c->counts.in_progress).s, show_count(c->counts.restored).s);
    return y + 2 - r.y;
}

/* --- JSON --- */

static void json_latest(struct jsonw *to, const char *name, const struct live_checkpoint *c)
{
    jsonw_key(to, name);
    if (!c) {
        jsonw_null(to);
        return;
    }
    jsonw_object(to);
    json_whole(to, "id", c->id);
    json_whole(to, "triggeredMs", c->trigger_ms);
    json_whole(to, "durationMs", c->duration_ms);
    json_whole(to, "size", live_has(c->checkpointed_size) ? c->checkpointed_size : c->state_size);
    json_whole(to, "fullSize", c->state_size);
    jsonw_member_str(to, "path", c->external_path);
    jsonw_member_str(to, "failure", c->failure_message);
    jsonw_end_object(to);
}

static void json(const struct view *v, const struct world *w, struct jsonw *to)
{
    const struct live_checkpoints *c = data(v, w);
    const struct live_restored *r = c ? c->latest.restored : NULL;
    json_latest(to, "latestCompleted", c ? c->latest.completed : NULL);
    json_latest(to, "latestFailed", c ? c->latest.failed : NULL);
    json_latest(to, "latestSavepoint", c ? c->latest.savepoint : NULL);
    jsonw_key(to, "restored");
    if (!r) {
        jsonw_null(to);
        return;
    }
    jsonw_object(to);
    json_whole(to, "id", r->id);
    json_whole(to, "restoredMs", r->restored_ms);
    jsonw_member_str(to, "path", r->external_path);
    jsonw_end_object(to);
}

const struct view_ops view_summary = {
    .cols = cols,
    .n_cols = sizeof cols / sizeof *cols,
    .sort = -1,
    .want = ask,
    .load = load,
    .draw = draw,
    .json = json,
};
