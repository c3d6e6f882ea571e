/* A job's checkpoints: how the latest went, how size and duration develop, and each one. What has been seen is kept beyond the ten that
 * Flink keeps: by the history on disk, and for as long as the view is open. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "live/history.h"
#include "tui/meter.h"
#include "tui/show.h"
#include "tui/view.h"

enum { KEPT = 500 };

struct kept {
    int64_t id, trigger_ms, duration_ms, size, full, processed, persisted, subtasks, acknowledged;
    char status[16], kind[24];
    char message[160];
};

struct state {
    struct kept kept[KEPT]; /* by time, rising */
    uint32_t n;
    bool read;     /* the history on disk */
    int64_t at_ms; /* the time when it was loaded last */
};

static const struct list_col cols[] = {
    {.title = "ID", .json = "id", .align = LIST_RIGHT},
    {.title = "STATUS", .json = "status"},
    {.title = "KIND", .json = "kind", .rank = 7},
    {.title = "TRIGGERED", .json = "triggeredMs", .align = LIST_RIGHT, .rank = 3},
    {.title = "TOOK", .json = "durationMs", .align = LIST_RIGHT},
    {.title = "SIZE", .json = "size", .align = LIST_RIGHT},
    {.title = "FULL SIZE", .json = "fullSize", .align = LIST_RIGHT, .rank = 2},
    {.title = "GROWTH", .json = "growth", .align = LIST_RIGHT, .rank = 1},
    {.title = "PROCESSED", .json = "processedBytes", .align = LIST_RIGHT, .rank = 6},
    {.title = "IN FLIGHT", .json = "persistedBytes", .align = LIST_RIGHT, .rank = 5},
    {.title = "ACK", .json = "acknowledged", .align = LIST_RIGHT, .rank = 4},
    {.title = "WHY", .json = "failure", .flex = 12, .rank = 8},
};

static void ask(const struct view *v, const struct world *w, struct wants *wants)
{
    (void)w;
    want(wants, LIVE_CHECKPOINTS, v->at.job, NULL, NULL, NULL);
    want(wants, LIVE_CHECKPOINT_CONFIG, v->at.job, NULL, NULL, NULL);
}

static const struct live_checkpoints *data(const struct view *v, const struct world *w)
{
    return answer_data(w, LIVE_CHECKPOINTS, v->at.job, NULL, NULL, NULL);
}

static const char *kind_of(const struct live_checkpoint *c)
{
    if (c->is_savepoint == LIVE_YES)
        return c->savepoint_format && !strcmp(c->savepoint_format, "NATIVE") ? "savepoint, native" : "savepoint";
    return c->checkpoint_type && !strcmp(c->checkpoint_type, "UNALIGNED_CHECKPOINT") ? "unaligned" : "checkpoint";
}

/* Less than 0: before c. Numbers begin again when a job does, if it has no state to go on from. */
static int order(const struct kept *k, const struct live_checkpoint *c)
{
    if (k->trigger_ms != c->trigger_ms)
        return k->trigger_ms < c->trigger_ms ? -1 : 1;
    return (k->id > c->id) - (k->id < c->id);
}

static void keep(struct state *s, const struct live_checkpoint *c)
{
    uint32_t at = s->n;
    while (at && order(&s->kept[at - 1], c) >= 0)
        at--;
    if (at == s->n || order(&s->kept[at], c)) {
        if (s->n == KEPT) { /* the oldest goes */
            if (!at)
                return;
            memmove(s->kept, s->kept + 1, sizeof *s->kept * (KEPT - 1));
            s->n--;
            at--;
        }
        memmove(s->kept + at + 1, s->kept + at, sizeof *s->kept * (s->n - at));
        s->n++;
    }
    struct kept *k = &s->kept[at];
    *k = (struct kept){c->id,
                       c->trigger_ms,
                       c->duration_ms,
                       c->checkpointed_size,
                       c->state_size,
                       c->processed_data,
                       c->persisted_data,
                       c->subtasks,
                       c->acknowledged,
                       "",
                       "",
                       ""};
    if (k->size == LIVE_ABSENT)
        k->size = k->full; /* before 1.15 */
    snprintf(k->status, sizeof k->status, "%s", live_text_or(c->status, "?"));
    snprintf(k->kind, sizeof k->kind, "%s", kind_of(c));
    snprintf(k->message, sizeof k->message, "%.*s", (int)strcspn(live_text_or(c->failure_message, ""), "\n"),
             live_text_or(c->failure_message, ""));
}

static bool completed(const struct kept *k) { return !strcmp(k->status, "COMPLETED"); }

/* The whole state against that of the completed checkpoint before it, as a share; NaN: there is none. Savepoints are another kind of
 * size. */
static double growth(const struct state *s, uint32_t at)
{
    for (uint32_t i = at; completed(&s->kept[at]) && i-- > 0;)
        if (completed(&s->kept[i]) && s->kept[i].full > 0 && !strcmp(s->kept[i].kind, s->kept[at].kind))
            return (double)s->kept[at].full / (double)s->kept[i].full - 1;
    return NAN;
}

static int rising(const void *a, const void *b)
{
    return (*(const int64_t *)a > *(const int64_t *)b) - (*(const int64_t *)a < *(const int64_t *)b);
}

/* More than three times the median of those before it, of which there are enough. */
static bool stands_out(const struct state *s, uint32_t at, bool size)
{
    enum { BEFORE = 20, ENOUGH = 4 };
    int64_t v[BEFORE], me = size ? s->kept[at].size : s->kept[at].duration_ms;
    size_t n = 0;
    for (uint32_t i = at; completed(&s->kept[at]) && i-- > 0 && n < BEFORE;)
        if (completed(&s->kept[i]) && !strcmp(s->kept[i].kind, s->kept[at].kind))
            v[n++] = size ? s->kept[i].size : s->kept[i].duration_ms;
    if (n < ENOUGH || me <= 0)
        return false;
    qsort(v, n, sizeof *v, rising);
    return v[n / 2] >= 0 && me / 3 > v[n / 2];
}

static void read_history(struct state *s, const struct history *h, const char *job)
{
    struct arena a = {0};
    uint32_t n;
    const struct live_checkpoint *old = history_read(h, job, KEPT, &a, &n);
    while (n--)
        keep(s, &old[n]);
    arena_free(&a);
}

static void load(struct view *v, const struct world *w)
{
    struct state *s = v->state;
    struct list *l = &v->list;
    const struct live_checkpoints *c = data(v, w);
    if (w->now_ms < s->at_ms) { /* a recording has gone back */
        s->n = 0;
        s->read = false;
    }
    s->at_ms = w->now_ms;
    if (!s->read && w->history)
        read_history(s, w->history, v->at.job);
    s->read = true;
    for (uint32_t i = c ? c->n_history : 0; i-- > 0;)
        if (c->history[i].id != LIVE_ABSENT)
            keep(s, &c->history[i]);
    list_begin(l);
    for (uint32_t i = s->n; i-- > 0;) {
        const struct kept *k = &s->kept[i];
        char text[64];
        double g = growth(s, i);
        snprintf(text, sizeof text, "%lld", (long long)k->id);
        list_row(l, text, ST_NORMAL);
        list_whole(l, ST_BOLD, k->id, text);
        list_text(l, state_style(k->status), k->status);
        list_text(l, strncmp(k->kind, "savepoint", 9) ? ST_NORMAL : ST_CHART, k->kind);
        list_whole(l, ST_NORMAL, k->trigger_ms, show_time(k->trigger_ms).s);
        list_whole(l, stands_out(s, i, false) ? ST_WARN : ST_NORMAL, k->duration_ms, show_ms(k->duration_ms).s);
        list_whole(l, stands_out(s, i, true) ? ST_WARN : ST_NORMAL, k->size, show_bytes(k->size).s);
        list_whole(l, ST_NORMAL, k->full, show_bytes(k->full).s);
        snprintf(text, sizeof text, isnan(g) ? "-" : g > 9.995 ? "×%.0f" : "%+.0f%%", g > 9.995 ? g + 1 : g * 100);
        list_number(l, g > 0.5 ? ST_WARN : ST_NORMAL, g, text);
        list_whole(l, ST_NORMAL, k->processed, show_bytes(k->processed).s);
        list_whole(l, k->persisted > 0 ? ST_WARN : ST_NORMAL, k->persisted, show_bytes(k->persisted).s);
        snprintf(text, sizeof text, "%lld/%lld", (long long)live_or(k->acknowledged, 0), (long long)live_or(k->subtasks, 0));
        list_whole(l, k->acknowledged != k->subtasks ? ST_WARN : ST_NORMAL, k->acknowledged, text);
        list_text(l, ST_BAD, k->message);
    }
    list_end(l);
}

/* --- above the list --- */

static void draw_verdict(const struct state *s, const struct live_checkpoints *c, const struct world *w, struct grid *g,
                         struct rect r)
{
    uint32_t failed = 0;
    const struct kept *last = NULL;
    int x = r.x + 1, end = r.x + r.w;
    for (uint32_t i = s->n; i-- > 0 && !last;) {
        if (completed(&s->kept[i]))
            last = &s->kept[i];
        failed += !strcmp(s->kept[i].status, "FAILED");
    }
    if (failed)
        x += grid_textf(g, x, r.y, end - x, failed > 1 ? ST_BAD : ST_WARN,
                        failed > 1 ? "the last %u have failed  " : "the last one has failed  ", failed);
    if (last)
        grid_textf(g, x, r.y, end - x, failed ? ST_WARN : ST_OK, "completed: #%lld, %s ago, %s in %s", (long long)last->id,
                   show_age(w->now_ms > last->trigger_ms ? w->now_ms - last->trigger_ms : 0).s, show_bytes(last->size).s,
                   show_ms(last->duration_ms).s);
    else
        grid_text(g, x, r.y, end - x, c->counts.completed > 0 ? ST_WARN : ST_BAD,
                  c->counts.completed > 0 ? "none of those that are kept has completed" : "no checkpoint has ever completed");
}

static void draw_counts(const struct view *v, const struct live_checkpoints *c, const struct world *w, struct grid *g,
                        struct rect r)
{
    const struct live_checkpoint_config *k = answer_data(w, LIVE_CHECKPOINT_CONFIG, v->at.job, NULL, NULL, NULL);
    int x = r.x + 1, end = r.x + r.w;
    x += grid_textf(g, x, r.y, end - x, ST_DIM, "%s completed, %s failed, %s running, %s restored",
                    show_count(c->counts.completed).s, show_count(c->counts.failed).s, show_count(c->counts.in_progress).s,
                    show_count(c->counts.restored).s);
    if (!k)
        return;
    if (live_has(k->interval_ms))
        x += grid_textf(g, x, r.y, end - x, ST_DIM, "   every %s", show_ms(k->interval_ms).s);
    x += grid_textf(g, x, r.y, end - x, ST_DIM, ", timeout %s", show_ms(k->timeout_ms).s);
    if (k->mode)
        x += grid_textf(g, x, r.y, end - x, ST_DIM, ", %s", k->mode);
    if (k->unaligned == LIVE_YES)
        x += grid_text(g, x, r.y, end - x, ST_DIM, ", unaligned");
    if (k->state_backend)
        x += grid_textf(g, x, r.y, end - x, ST_DIM, ", %s", k->state_backend);
    if (k->checkpoint_storage)
        grid_textf(g, x, r.y, end - x, ST_DIM, ", %s", k->checkpoint_storage);
}

/* What has completed, as a series for a chart. */
static uint32_t series(const struct state *s, bool size, double *v, double *most)
{
    uint32_t n = 0;
    *most = 0;
    for (uint32_t i = 0; i < s->n; i++) {
        int64_t x = size ? s->kept[i].size : s->kept[i].duration_ms;
        if (!completed(&s->kept[i]) || x == LIVE_ABSENT)
            continue;
        v[n++] = (double)x;
        *most = fmax(*most, (double)x);
    }
    return n;
}

static void draw_chart(const struct state *s, bool size, struct grid *g, struct rect r)
{
    double v[KEPT], most;
    uint32_t n = series(s, size, v, &most);
    const char *top = size ? "size" : "duration";
    int x = r.x + grid_textf(g, r.x, r.y, r.w, ST_HEAD, "%s ", top);
    if (n)
        grid_textf(g, x, r.y, r.x + r.w - x, ST_DIM, "to %s", size ? show_bytes((int64_t)most).s : show_ms((int64_t)most).s);
    if (r.h > 2)
        meter_chart(g, (struct rect){r.x, r.y + 1, r.w, r.h - 1}, ST_CHART, v, n, 0, most);
    else
        meter_spark(g, r.x, r.y + 1, r.w, ST_CHART, v, n, most);
}

static int draw(struct view *v, const struct world *w, struct grid *g, struct rect r)
{
    const struct live_checkpoints *c = data(v, w);
    if (!c) {
        draw_missing(g, r, w, LIVE_CHECKPOINTS, v->at.job, NULL, NULL);
        return 1;
    }
    draw_verdict(v->state, c, w, g, r);
    draw_counts(v, c, w, g, (struct rect){r.x, r.y + 1, r.w, 1});
    int rows = r.h >= 28 ? 5 : r.h >= 11 ? 2 : 0, half = r.w / 2 - 2;
    if (rows) {
        draw_chart(v->state, true, g, (struct rect){r.x + 1, r.y + 2, half, rows});
        draw_chart(v->state, false, g, (struct rect){r.x + r.w / 2 + 1, r.y + 2, half, rows});
    }
    return 2 + rows;
}

static void json(const struct view *v, const struct world *w, struct jsonw *to)
{
    const struct live_checkpoints *c = data(v, w);
    jsonw_key(to, "counts");
    jsonw_object(to);
    json_whole(to, "completed", c ? c->counts.completed : LIVE_ABSENT);
    json_whole(to, "failed", c ? c->counts.failed : LIVE_ABSENT);
    json_whole(to, "inProgress", c ? c->counts.in_progress : LIVE_ABSENT);
    json_whole(to, "restored", c ? c->counts.restored : LIVE_ABSENT);
    jsonw_end_object(to);
}

const struct view_ops view_checkpoints = {
    .cols = cols,
    .n_cols = sizeof cols / sizeof *cols,
    .sort = -1,
    .state = sizeof(struct state),
    .want = ask,
    .load = load,
    .draw = draw,
    .opens = VIEW_checkpoint,
    .opens_by = OPENS_ITEM,
    .json = json,
};
