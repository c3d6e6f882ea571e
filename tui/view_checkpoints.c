/* A job's checkpoints: how the latest went, how size and duration develop, and each one. What has been seen is kept beyond the ten that
 * Flink keeps: by the history on disk, and for as long as the view is open. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "live/anomaly.h"
#include "live/history.h"
#include "tui/meter.h"
#include "tui/phases.h"
#include "tui/show.h"
#include "tui/view.h"

enum { KEPT = 500, PHASES_ASKED = 10 }; /* asked: as many as Flink keeps by itself */

struct kept {
    int64_t id, trigger_ms, duration_ms, size, full, processed, persisted, subtasks, acknowledged;
    char status[16], kind[24];
    char message[160];
    struct phases phases;
    double usual; /* bytes that a checkpoint of now usually has, where this one is out of the ordinary; NaN: it is not */
};

struct state {
    struct kept kept[KEPT]; /* by time, rising */
    uint32_t n;
    bool read;       /* the history on disk */
    int64_t at_ms;   /* the time when it was loaded last */
    uint64_t judged; /* a digest of what was judged last */
};

static const struct list_col cols[] = {
    {.title = "ID", .json = "id", .align = LIST_RIGHT},
    {.title = "STATUS", .json = "status"},
    {.title = "KIND", .json = "kind", .rank = 8},
    {.title = "TRIGGERED", .json = "triggeredMs", .align = LIST_RIGHT, .rank = 3},
    {.title = "TOOK", .json = "durationMs", .align = LIST_RIGHT},
    {.title = "DELAY", .align = LIST_RIGHT, .rank = 6},
    {.title = "ALIGN", .align = LIST_RIGHT, .rank = 6},
    {.title = "SIZE", .json = "size", .align = LIST_RIGHT},
    {.title = "UNUSUAL", .align = LIST_RIGHT, .rank = 1},
    {.title = "FULL SIZE", .json = "fullSize", .align = LIST_RIGHT, .rank = 2},
    {.title = "GROWTH", .json = "growth", .align = LIST_RIGHT, .rank = 1},
    {.title = "PROCESSED", .json = "processedBytes", .align = LIST_RIGHT, .rank = 7},
    {.title = "IN FLIGHT", .json = "persistedBytes", .align = LIST_RIGHT, .rank = 5},
    {.title = "ACK", .json = "acknowledged", .align = LIST_RIGHT, .rank = 4},
    {.title = "WHY", .json = "failure", .flex = 12, .rank = 9},
};

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

/* Where c stands, or belongs. */
static uint32_t place(const struct state *s, const struct live_checkpoint *c)
{
    uint32_t at = s->n;
    while (at && order(&s->kept[at - 1], c) >= 0)
        at--;
    return at;
}

static const struct kept *find(const struct state *s, const struct live_checkpoint *c)
{
    uint32_t at = place(s, c);
    return at < s->n && !order(&s->kept[at], c) ? &s->kept[at] : NULL;
}

static void keep(struct state *s, const struct live_checkpoint *c)
{
    uint32_t at = place(s, c);
    if (at == s->n || order(&s->kept[at], c)) {
        if (s->n == KEPT) { /* the oldest goes */
            if (!at)
                return;
            memmove(s->kept, s->kept + 1, sizeof *s->kept * (KEPT - 1));
            s->n--;
            at--;
        }
        memmove(s->kept + at + 1, s->kept + at, sizeof *s->kept * (s->n - at));
        s->kept[at] = (struct kept){.phases = {false, LIVE_ABSENT, LIVE_ABSENT}, .usual = NAN};
        s->n++;
    }
    struct kept *k = &s->kept[at];
    *k = (struct kept){.id = c->id,
                       .trigger_ms = c->trigger_ms,
                       .duration_ms = c->duration_ms,
                       .size = c->checkpointed_size,
                       .full = c->state_size,
                       .processed = c->processed_data,
                       .persisted = c->persisted_data,
                       .subtasks = c->subtasks,
                       .acknowledged = c->acknowledged,
                       .phases = k->phases,
                       .usual = k->usual};
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

/* Of what Flink still has: when the phases are known they are not asked for again. */
static void ask(const struct view *v, const struct world *w, struct wants *wants)
{
    const struct state *s = v->state;
    const struct live_checkpoints *c = data(v, w);
    want(wants, LIVE_CHECKPOINTS, v->at.job, NULL, NULL, NULL);
    want(wants, LIVE_CHECKPOINT_CONFIG, v->at.job, NULL, NULL, NULL);
    for (uint32_t i = 0; c && i < c->n_history && i < PHASES_ASKED; i++) {
        const struct kept *k = find(s, &c->history[i]);
        if (k && completed(k) && !k->phases.known)
            phases_ask(w, v->at.job, k->id, wants);
    }
}

static int rising(const void *a, const void *b)
{
    return (*(const int64_t *)a > *(const int64_t *)b) - (*(const int64_t *)a < *(const int64_t *)b);
}

/* Took more than three times the median of those before it, of which there are enough. */
static bool took_long(const struct state *s, uint32_t at)
{
    enum { BEFORE = 20, ENOUGH = 4 };
    int64_t v[BEFORE], me = s->kept[at].duration_ms;
    size_t n = 0;
    for (uint32_t i = at; completed(&s->kept[at]) && i-- > 0 && n < BEFORE;)
        if (completed(&s->kept[i]) && !strcmp(s->kept[i].kind, s->kept[at].kind))
            v[n++] = s->kept[i].duration_ms;
    if (n < ENOUGH || me <= 0)
        return false;
    qsort(v, n, sizeof *v, rising);
    return v[n / 2] >= 0 && me / 3 > v[n / 2];
}

static bool counts(const struct kept *k) { return completed(k) && strncmp(k->kind, "savepoint", 9) != 0 && k->size >= 0; }

/* Which sizes are out of the ordinary, by the rule that weir watch calls anomalous; all anew when there is another one. */
static void judge(struct state *s)
{
    uint64_t digest = 0xcbf29ce484222325;
    for (uint32_t i = 0; i < s->n; i++)
        if (counts(&s->kept[i]))
            digest = ((digest ^ (uint64_t)s->kept[i].trigger_ms) * 0x100000001b3 ^ (uint64_t)s->kept[i].size) * 0x100000001b3;
    if (digest == s->judged)
        return;
    s->judged = digest;
    struct anomaly *a = mem_zalloc(sizeof *a);
    for (uint32_t i = 0; i < s->n; i++) {
        struct kept *k = &s->kept[i];
        k->usual = NAN;
        if (!counts(k))
            continue;
        struct anomaly_verdict verdict = anomaly_judge(a, k->trigger_ms, (double)k->size);
        anomaly_add(a, k->trigger_ms, (double)k->size);
        if (verdict.anomalous)
            k->usual = verdict.expected;
    }
    free(a);
}

/* How many times what is usual: "×3.2"; "-" where it is not unusual. */
static const char *times_usual(const struct kept *k, char *to, size_t n)
{
    double times = (double)k->size / k->usual;
    snprintf(to, n, isnan(times) ? "-" : times < 9.95 ? "×%.2g" : "×%.0f", times);
    return to;
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
    for (uint32_t i = s->n, asked = 0; i-- > 0 && asked < PHASES_ASKED; asked++)
        if (completed(&s->kept[i]) && !s->kept[i].phases.known)
            s->kept[i].phases = phases_read(w, v->at.job, s->kept[i].id);
    judge(s);
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
        snprintf(text, sizeof text, took_long(s, i) ? "! %s" : "%s", show_ms(k->duration_ms).s);
        list_whole(l, *text == '!' ? ST_WARN : ST_NORMAL, k->duration_ms, text);
        list_whole(l, ST_NORMAL, k->phases.start_delay_ms, show_ms(k->phases.start_delay_ms).s);
        list_whole(l, ST_NORMAL, k->phases.aligned_ms, show_ms(k->phases.aligned_ms).s);
        list_whole(l, isnan(k->usual) ? ST_NORMAL : ST_WARN, k->size, show_bytes(k->size).s);
        list_number(l, isnan(k->usual) ? ST_NORMAL : ST_WARN, (double)k->size / k->usual, times_usual(k, text, sizeof text));
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

static const struct live_checkpoint_config *config(const struct view *v, const struct world *w)
{
    return answer_data(w, LIVE_CHECKPOINT_CONFIG, v->at.job, NULL, NULL, NULL);
}

static const char *why_none(const struct live_checkpoints *c, const struct live_checkpoint_config *k)
{
    if (c->counts.completed > 0)
        return "none of those that are kept has completed";
    return k && !live_has(k->interval_ms) ? "no interval is configured: no checkpoints are taken"
                                          : "no checkpoint has ever completed";
}

static void draw_verdict(const struct view *v, const struct live_checkpoints *c, const struct world *w, struct grid *g,
                         struct rect r)
{
    const struct state *s = v->state;
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
        grid_text(g, x, r.y, end - x, c->counts.completed > 0 ? ST_WARN : ST_BAD, why_none(c, config(v, w)));
}

static void draw_counts(const struct view *v, const struct live_checkpoints *c, const struct world *w, struct grid *g,
                        struct rect r)
{
    const struct live_checkpoint_config *k = config(v, w);
    int x = r.x + 1, end = r.x + r.w;
    x += grid_textf(g, x, r.y, end - x, ST_DIM, "%s completed, %s failed, %s running, %s restored",
                    show_count(c->counts.completed).s, show_count(c->counts.failed).s, show_count(c->counts.in_progress).s,
                    show_count(c->counts.restored).s);
    if (!k)
        return;
    if (live_has(k->interval_ms))
        x += grid_textf(g, x, r.y, end - x, ST_DIM, "   every %s", show_ms(k->interval_ms).s);
    x += grid_textf(g, x, r.y, end - x, ST_DIM, "%s timeout %s", live_has(k->interval_ms) ? "," : "  ", show_ms(k->timeout_ms).s);
    if (k->mode)
        x += grid_textf(g, x, r.y, end - x, ST_DIM, ", %s", k->mode);
    if (k->unaligned == LIVE_YES)
        x += grid_text(g, x, r.y, end - x, ST_DIM, ", unaligned");
    if (k->state_backend)
        x += grid_textf(g, x, r.y, end - x, ST_DIM, ", %s", k->state_backend);
    if (k->checkpoint_storage)
        grid_textf(g, x, r.y, end - x, ST_DIM, ", %s", k->checkpoint_storage);
}

/* --- charts: as many as there is room for, the first ones first --- */

enum { CHARTS = 5, CHART_LEAST = 26 };

static int64_t charted(const struct kept *k, int what)
{
    const int64_t figures[CHARTS] = {k->size, k->duration_ms, k->phases.start_delay_ms, k->phases.aligned_ms, k->full};
    return figures[what];
}

/* What has completed, as a series for a chart. */
static uint32_t series(const struct state *s, int what, double *v, double *most)
{
    uint32_t n = 0;
    *most = 0;
    for (uint32_t i = 0; i < s->n; i++) {
        int64_t x = charted(&s->kept[i], what);
        if (!completed(&s->kept[i]) || x == LIVE_ABSENT)
            continue;
        v[n++] = (double)x;
        *most = fmax(*most, (double)x);
    }
    return n;
}

static bool any_completed(const struct state *s)
{
    for (uint32_t i = 0; i < s->n; i++)
        if (completed(&s->kept[i]))
            return true;
    return false;
}

static void draw_chart(const struct state *s, int what, struct grid *g, struct rect r)
{
    static const char *const titles[CHARTS] = {"size", "duration", "start delay", "alignment", "full size"};
    double v[KEPT], most;
    uint32_t n = series(s, what, v, &most);
    bool bytes = what == 0 || what == CHARTS - 1;
    int x = r.x + grid_textf(g, r.x, r.y, r.w, ST_HEAD, "%s ", titles[what]);
    if (n)
        grid_textf(g, x, r.y, r.x + r.w - x, ST_DIM, "to %s", bytes ? show_bytes((int64_t)most).s : show_ms((int64_t)most).s);
    if (r.h > 2)
        meter_chart(g, (struct rect){r.x, r.y + 1, r.w, r.h - 1}, ST_CHART, v, n, 0, most);
    else
        meter_spark(g, r.x, r.y + 1, r.w, ST_CHART, v, n, most);
}

static void draw_charts(const struct state *s, struct grid *g, struct rect r)
{
    int n = r.w / CHART_LEAST < 2 ? 2 : r.w / CHART_LEAST > CHARTS ? CHARTS : r.w / CHART_LEAST, w = r.w / n;
    for (int i = 0; i < n; i++)
        draw_chart(s, i, g, (struct rect){r.x + i * w + 1, r.y, w - 2, r.h});
}

static int draw(struct view *v, const struct world *w, struct grid *g, struct rect r)
{
    const struct live_checkpoints *c = data(v, w);
    if (!c) {
        draw_missing(g, r, w, LIVE_CHECKPOINTS, v->at.job, NULL, NULL);
        return 1;
    }
    draw_verdict(v, c, w, g, r);
    draw_counts(v, c, w, g, (struct rect){r.x, r.y + 1, r.w, 1});
    int rows = !any_completed(v->state) ? 0 : r.h >= 28 ? 5 : r.h >= 11 ? 2 : 0;
    if (rows)
        draw_charts(v->state, g, (struct rect){r.x, r.y + 2, r.w, rows});
    return 2 + rows;
}

static void json(const struct view *v, const struct world *w, struct jsonw *to)
{
    const struct live_checkpoints *c = data(v, w);
    const struct state *s = v->state;
    jsonw_key(to, "counts");
    jsonw_object(to);
    json_whole(to, "completed", c ? c->counts.completed : LIVE_ABSENT);
    json_whole(to, "failed", c ? c->counts.failed : LIVE_ABSENT);
    json_whole(to, "inProgress", c ? c->counts.in_progress : LIVE_ABSENT);
    json_whole(to, "restored", c ? c->counts.restored : LIVE_ABSENT);
    jsonw_end_object(to);
    jsonw_key(to, "phases"); /* of those that Flink still tells in detail */
    jsonw_array(to);
    for (uint32_t i = s->n; i-- > 0;) {
        const struct phases *p = &s->kept[i].phases;
        if (!live_has(p->start_delay_ms) && !live_has(p->aligned_ms))
            continue;
        jsonw_object(to);
        json_whole(to, "id", s->kept[i].id);
        json_whole(to, "startDelayMs", p->start_delay_ms);
        json_whole(to, "alignmentMs", p->aligned_ms);
        jsonw_end_object(to);
    }
    jsonw_end_array(to);
    jsonw_key(to, "unusual");
    jsonw_array(to);
    for (uint32_t i = s->n; i-- > 0;) {
        const struct kept *k = &s->kept[i];
        if (isnan(k->usual))
            continue;
        jsonw_object(to);
        json_whole(to, "id", k->id);
        json_whole(to, "size", k->size);
        json_real(to, "usualSize", k->usual);
        jsonw_end_object(to);
    }
    jsonw_end_array(to);
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
