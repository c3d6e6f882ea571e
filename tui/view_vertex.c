/* One vertex: its subtasks as a table, with heat maps over them. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "live/pressure.h"
#include "tui/meter.h"
#include "tui/show.h"
#include "tui/skew.h"
#include "tui/view.h"

static const struct list_col cols[] = {
    {.title = "SUBTASK", .json = "subtask", .align = LIST_RIGHT},
    {.title = "STATE", .json = "state"},
    {.title = "LOAD", .width = 10},
    {.title = "BUSY", .json = "busy", .align = LIST_RIGHT},
    {.title = "BACKP", .json = "backpressured", .align = LIST_RIGHT},
    {.title = "IDLE", .json = "idle", .align = LIST_RIGHT, .rank = 7},
    {.title = "RECORDS IN", .json = "recordsIn", .align = LIST_RIGHT, .rank = 1},
    {.title = "RECORDS OUT", .json = "recordsOut", .align = LIST_RIGHT, .rank = 2},
    {.title = "READ", .json = "bytesIn", .align = LIST_RIGHT, .rank = 8},
    {.title = "WRITTEN", .json = "bytesOut", .align = LIST_RIGHT, .rank = 8},
    {.title = "WM LAG", .json = "watermarkLagMs", .align = LIST_RIGHT, .rank = 4},
    {.title = "ATTEMPT", .json = "attempt", .align = LIST_RIGHT, .rank = 5},
    {.title = "FOR", .json = "durationMs", .align = LIST_RIGHT, .rank = 6},
    {.title = "WHERE", .json = "endpoint", .flex = 10, .rank = 3},
    {.title = "TASK MANAGER", .json = "taskManager", .flex = 10, .rank = 9},
};

struct state {
    struct marks_date marks;
};

static const struct live_vertex_detail *data(const struct view *v, const struct world *w)
{
    return answer_data(w, LIVE_VERTEX, v->at.job, v->at.vertex, NULL, NULL);
}

static void ask(const struct view *v, const struct world *w, struct wants *wants)
{
    const struct live_job *j = job_of(v, w);
    want(wants, LIVE_JOB, v->at.job, NULL, NULL, NULL);
    want(wants, LIVE_VERTEX, v->at.job, v->at.vertex, NULL, NULL);
    if (!j || live_job_ended(live_job_state(live_text_or(j->state, "")))) /* Flink would be asked in vain, and again */
        return;
    want(wants, LIVE_BACKPRESSURE, v->at.job, v->at.vertex, NULL, NULL);
    uint32_t i = live_vertex_place(j, v->at.vertex);
    if (i < j->n_vertices && live_vertex_fed(j, i))
        want(wants, LIVE_WATERMARKS, v->at.job, v->at.vertex, NULL, NULL);
}

/* Of a subtask, which mostly stands in the same place in both answers. */
static const struct live_pressure *pressure_of(const struct live_backpressure *b, uint32_t place, int64_t subtask)
{
    static const struct live_pressure nothing = {.ratio = NAN, .busy = NAN, .idle = NAN};
    if (b && place < b->n_subtasks && b->subtasks[place].index == subtask)
        return &b->subtasks[place];
    for (uint32_t i = 0; b && i < b->n_subtasks; i++)
        if (b->subtasks[i].index == subtask)
            return &b->subtasks[i];
    return &nothing;
}

static int64_t watermark_of(const struct live_watermarks *m, int64_t subtask)
{
    for (uint32_t i = 0; m && i < m->n_list; i++)
        if (m->list[i].subtask == subtask)
            return m->list[i].ms;
    return LIVE_ABSENT;
}

static void load(struct view *v, const struct world *w)
{
    const struct live_vertex_detail *d = data(v, w);
    const struct live_backpressure *b = answer_data(w, LIVE_BACKPRESSURE, v->at.job, v->at.vertex, NULL, NULL);
    const struct live_watermarks *m = answer_data(w, LIVE_WATERMARKS, v->at.job, v->at.vertex, NULL, NULL);
    const struct live_answer *marks = answer_to(w, LIVE_WATERMARKS, v->at.job, v->at.vertex, NULL, NULL);
    struct state *state = v->state;
    struct list *l = &v->list;
    if (d)
        marks_came(&state->marks, marks, answer_to(w, LIVE_VERTEX, v->at.job, v->at.vertex, NULL, NULL), d->now_ms, w->once);
    list_begin(l);
    for (uint32_t i = 0; d && i < d->n_subtasks; i++) {
        const struct live_subtask *s = &d->subtasks[i];
        const struct live_pressure *p = pressure_of(b, i, s->index);
        int64_t mark = watermark_of(m, s->index);
        int64_t lag = marks_lag(&state->marks, mark);
        char id[24];
        snprintf(id, sizeof id, "%lld", (long long)s->index);
        list_row(l, id, ST_NORMAL);
        list_whole(l, ST_BOLD, s->index, id);
        list_text(l, state_style(s->status), s->status);
        list_load(l, p->busy, p->ratio, p->idle);
        list_number(l, ST_BUSY, p->busy, show_share(p->busy).s);
        list_number(l, load_pressed(p->ratio) ? ST_PRESSED : ST_NORMAL, p->ratio, show_share(p->ratio).s);
        list_number(l, ST_NORMAL, p->idle, show_share(p->idle).s);
        list_whole(l, ST_NORMAL, s->io.read_records, show_count(s->io.read_records).s);
        list_whole(l, ST_NORMAL, s->io.write_records, show_count(s->io.write_records).s);
        list_whole(l, ST_NORMAL, s->io.read_bytes, show_bytes(s->io.read_bytes).s);
        list_whole(l, ST_NORMAL, s->io.write_bytes, show_bytes(s->io.write_bytes).s);
        list_whole(l, lag > 60000 ? ST_WARN : ST_NORMAL, lag,
                   mark == LIVE_WATERMARK_NONE      ? "none yet"
                       : mark == LIVE_WATERMARK_END ? "ended"
                                                    : show_ms(lag).s);
        list_whole(l, s->attempt > 0 ? ST_WARN : ST_NORMAL, s->attempt, show_count(s->attempt).s);
        list_whole(l, ST_NORMAL, s->duration_ms, show_ms(s->duration_ms).s);
        list_text(l, ST_NORMAL, s->endpoint);
        list_text(l, ST_DIM, s->taskmanager);
    }
    list_end(l);
}

/* --- heat maps --- */

struct heat {
    const char *name;
    double (*of)(const struct live_subtask *, const struct live_pressure *);
    bool share; /* of 1; else of the largest */
};

static double heat_busy(const struct live_subtask *s, const struct live_pressure *p)
{
    (void)s;
    return p->busy;
}
static double heat_pressed(const struct live_subtask *s, const struct live_pressure *p)
{
    (void)s;
    return p->ratio;
}
static double heat_in(const struct live_subtask *s, const struct live_pressure *p)
{
    (void)p;
    return live_has(s->io.read_records) ? (double)s->io.read_records : NAN;
}
static double heat_out(const struct live_subtask *s, const struct live_pressure *p)
{
    (void)p;
    return live_has(s->io.write_records) ? (double)s->io.write_records : NAN;
}

static const struct heat heats[] = {
    {"busy", heat_busy, true}, {"backp.", heat_pressed, true}, {"in", heat_in, false}, {"out", heat_out, false}};

/* A row of the map: a cell for each subtask, wider where they are few; where they are too many a cell is the most of several. */
static void draw_heat(const struct live_vertex_detail *d, const struct live_backpressure *b, const struct heat *h, struct grid *g,
                      struct rect r)
{
    enum { WIDEST = 6, MOST_CELLS = 512 };
    struct arena a = {0};
    double *v = arena_array(&a, d->n_subtasks + 1u, sizeof *v), cells[MOST_CELLS];
    int room = r.w - 8 - 20, at = r.x + 8;
    for (uint32_t i = 0; i < d->n_subtasks; i++)
        v[i] = h->of(&d->subtasks[i], pressure_of(b, i, d->subtasks[i].index));
    const struct skew s = skew_of(v, d->n_subtasks);
    uint32_t n = skew_bars(v, d->n_subtasks, cells, room < 1 ? 1 : room < MOST_CELLS ? (uint32_t)room : MOST_CELLS);
    int wide = room / (int)(n ? n : 1);
    wide = wide < 1 ? 1 : wide > WIDEST ? WIDEST : wide;
    arena_free(&a);
    grid_text(g, r.x + 1, r.y, 7, ST_HEAD, h->name);
    for (uint32_t i = 0; i < n; i++)
        for (int k = 0; k < wide; k++)
            meter_heat(g, at++, r.y, cells[i] / (h->share ? 1 : s.most > 0 ? s.most : 1));
    if (h->share && n < d->n_subtasks)
        grid_textf(g, at + 1, r.y, r.x + r.w - at - 1, ST_DIM, "the most of %u", (d->n_subtasks + n - 1) / n);
    if (h->share || !s.n || !(s.sum > 0))
        return;
    double skew = s.most / s.mean;
    grid_textf(g, at + 1, r.y, r.x + r.w - at - 1, skew > 2 ? ST_WARN : ST_DIM, "most / mean %.1f", skew);
}

static int draw(struct view *v, const struct world *w, struct grid *g, struct rect r)
{
    const struct live_vertex_detail *d = data(v, w);
    const struct live_backpressure *b = answer_data(w, LIVE_BACKPRESSURE, v->at.job, v->at.vertex, NULL, NULL);
    const struct vertex_load *k = job_load_vertex(loads_job(w->loads, v->at.job), v->at.vertex);
    if (!d) {
        draw_missing(g, r, w, LIVE_VERTEX, v->at.job, v->at.vertex, NULL);
        return 1;
    }
    int x = r.x + 1, end = r.x + r.w;
    x += grid_text(g, x, r.y, end - x, ST_BOLD, live_text_or(d->name, v->at.vertex));
    if (k && k->root)
        x += grid_text(g, x, r.y, end - x, ST_BAD, "  ROOT of backpressure");
    if (k)
        grid_textf(g, x, r.y, end - x, ST_DIM, "  in %s out %s", show_rate(k->in_rate).s, show_rate(k->out_rate).s);
    if (r.h < 11 || d->n_subtasks < 2)
        return 1;
    for (int i = 0; i < 4; i++)
        draw_heat(d, b, &heats[i], g, (struct rect){r.x, r.y + 1 + i, r.w, 1});
    return 5;
}

const struct view_ops view_vertex = {
    .cols = cols,
    .n_cols = sizeof cols / sizeof *cols,
    .sort = -1,
    .state = sizeof(struct state),
    .want = ask,
    .load = load,
    .draw = draw,
};
