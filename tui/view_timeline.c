/* When the vertices of a job, or the subtasks of a vertex with their attempts, were in which state. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "tui/attempts.h"
#include "tui/show.h"
#include "tui/timeline.h"

static const struct list_col cols[] = {
    {.title = "WHAT", .json = "name", .flex = 20},
    {.title = "STATE", .json = "state", .rank = 5},
    {.title = "TIMELINE", .flex = 40},
    {.title = "BEGAN", .json = "startMs", .align = LIST_RIGHT, .rank = 6},
    {.title = "WAIT", .json = "waitedMs", .align = LIST_RIGHT, .rank = 2},
    {.title = "DEPLOY", .json = "deployingMs", .align = LIST_RIGHT, .rank = 3},
    {.title = "INIT", .json = "initializingMs", .align = LIST_RIGHT, .rank = 1},
    {.title = "RUN", .json = "runningMs", .align = LIST_RIGHT, .rank = 4},
    {.title = "ENDED", .json = "endMs", .align = LIST_RIGHT, .rank = 7},
    {.title = "WHERE", .json = "endpoint", .rank = 8},
};

enum { TIMES_EVERY_MS = 30000, MAX_ASKED = 128, ATTEMPTS_EACH = 3 };

struct state {
    int zoom;    /* 2 to the power of it is the part that is shown */
    double from; /* where it begins, as a share of all */
    int64_t least, most;
};

static const struct live_subtask_times *times_of(const struct view *v, const struct world *w, const char *vertex)
{
    return answer_data(w, LIVE_VERTEX_TIMES, v->at.job, vertex, NULL, NULL);
}

static void ask(const struct view *v, const struct world *w, struct wants *wants)
{
    const struct live_job *j = job_of(v, w);
    want(wants, LIVE_JOB, v->at.job, NULL, NULL, NULL);
    if (v->at.vertex) {
        want(wants, LIVE_VERTEX, v->at.job, v->at.vertex, NULL, NULL);
        want(wants, LIVE_VERTEX_TIMES, v->at.job, v->at.vertex, NULL, NULL);
        attempts_want(v, w, wants, ATTEMPTS_EACH);
        return;
    }
    for (uint32_t i = 0; j && i < j->n_vertices && i < MAX_ASKED; i++)
        if (j->vertices[i].id) {
            want(wants, LIVE_VERTEX_TIMES, v->at.job, j->vertices[i].id, NULL, NULL);
            want_every(wants, TIMES_EVERY_MS);
        }
}

/* --- rows --- */

struct row {
    const char *id, *name, *state, *where;
    bool past;
    struct phases p;
    int64_t wait_ms, deploy_ms, init_ms, run_ms; /* of a vertex: the longest of its subtasks */
};

static int64_t longer(int64_t a, int64_t b) { return a > b ? a : b; }

static void take_spans(struct row *r, const struct phases *p)
{
    r->wait_ms = longer(r->wait_ms, phases_ms(p, LIVE_TASK_SCHEDULED));
    r->deploy_ms = longer(r->deploy_ms, phases_ms(p, LIVE_TASK_DEPLOYING));
    r->init_ms = longer(r->init_ms, phases_ms(p, LIVE_TASK_INITIALIZING));
    r->run_ms = longer(r->run_ms, phases_ms(p, LIVE_TASK_RUNNING));
}

static struct row new_row(const char *id, const char *name, const char *state, const char *where)
{
    return (struct row){.id = id,
                        .name = name,
                        .state = state,
                        .where = where,
                        .wait_ms = LIVE_ABSENT,
                        .deploy_ms = LIVE_ABSENT,
                        .init_ms = LIVE_ABSENT,
                        .run_ms = LIVE_ABSENT};
}

static struct row row_of_vertex(struct arena *a, const struct live_vertex *x, const struct live_subtask_times *t, int64_t now_ms)
{
    struct row r = new_row(x->id, live_text_or(x->name, x->id), x->status, NULL);
    int64_t times[LIVE_TASK_STATES];
    if (t && t->n_subtasks) {
        struct phases *tasks = arena_array(a, t->n_subtasks, sizeof *tasks);
        for (uint32_t i = 0; i < t->n_subtasks; i++) {
            phases_of_times(&tasks[i], t->subtasks[i].timestamps, now_ms);
            take_spans(&r, &tasks[i]);
        }
        phases_join(&r.p, tasks, t->n_subtasks, now_ms);
        return r;
    }
    enum live_task_state s = x->status ? live_task_state(x->status) : LIVE_TASK_OTHER;
    for (int i = 0; i < LIVE_TASK_STATES; i++)
        times[i] = LIVE_ABSENT;
    times[s < LIVE_TASK_STATES && !phase_is_end(s) ? s : LIVE_TASK_RUNNING] = x->start_ms; /* not known better yet */
    if (s < LIVE_TASK_STATES && phase_is_end(s))
        times[s] = x->end_ms;
    phases_of_times(&r.p, times, now_ms);
    return r;
}

static uint32_t rows_of_job(const struct view *v, const struct world *w, struct arena *a, struct row **out)
{
    const struct live_job *j = job_of(v, w);
    struct row *rows = arena_array(a, j ? j->n_vertices + 1u : 1, sizeof *rows);
    uint32_t n = 0;
    for (uint32_t i = 0; j && i < j->n_vertices; i++)
        if (j->vertices[i].id)
            rows[n++] = row_of_vertex(a, &j->vertices[i], times_of(v, w, j->vertices[i].id), j->now_ms);
    *out = rows;
    return n;
}

static struct row row_of_attempt(struct arena *a, const struct live_subtask *s, int64_t now_ms)
{
    long long subtask = (long long)s->index, attempt = (long long)s->attempt;
    struct row r = new_row(arena_printf(a, "%lld/%lld", subtask, attempt),
                           arena_printf(a, "subtask %lld, attempt %lld", subtask, attempt), s->status, s->endpoint);
    r.past = true;
    phases_of_spans(&r.p, s->status_ms, s->status ? live_task_state(s->status) : LIVE_TASK_OTHER, s->start_ms, s->end_ms, now_ms);
    take_spans(&r, &r.p);
    return r;
}

static uint32_t rows_of_vertex(const struct view *v, const struct world *w, struct arena *a, struct row **out)
{
    const struct live_vertex_detail *d = answer_data(w, LIVE_VERTEX, v->at.job, v->at.vertex, NULL, NULL);
    const struct live_subtask_times *t = times_of(v, w, v->at.vertex);
    struct row *rows = arena_array(a, (t ? t->n_subtasks : 0) + ATTEMPTS_MOST + 1u, sizeof *rows);
    uint32_t n = 0;
    for (uint32_t i = 0; t && i < t->n_subtasks; i++) {
        const struct live_subtask_time *x = &t->subtasks[i];
        const struct live_subtask *s = NULL;
        for (uint32_t k = 0; d && k < d->n_subtasks && !s; k++)
            s = d->subtasks[k].index == x->index ? &d->subtasks[k] : NULL;
        const struct live_subtask *before[ATTEMPTS_EACH];
        int n_before = 0;
        struct attempts past = attempts_of(d, ATTEMPTS_EACH);
        while (attempts_next(&past) && n_before < ATTEMPTS_EACH)
            if (past.subtask == x->index && (before[n_before] = attempt_of(v, w, past.subtask, past.attempt)))
                n_before++;
        while (n_before-- > 0) /* the oldest first */
            rows[n++] = row_of_attempt(a, before[n_before], t->now_ms);
        struct row r = new_row(arena_printf(a, "%lld", (long long)x->index), arena_printf(a, "subtask %lld", (long long)x->index),
                               s ? s->status : NULL, x->endpoint);
        phases_of_times(&r.p, x->timestamps, t->now_ms);
        take_spans(&r, &r.p);
        rows[n++] = r;
    }
    *out = rows;
    return n;
}

/* --- the list --- */

static void window(const struct state *s, int64_t *from, int64_t *to)
{
    double all = (double)(s->most - s->least), part = all / (double)(1 << s->zoom);
    *from = s->least + (int64_t)(all * s->from);
    *to = *from + (int64_t)part;
    *to = *to > *from ? *to : *from + 1;
}

static void fill(struct list *l, const struct row *r, int64_t from, int64_t to)
{
    struct list_span spans[PHASES_MOST];
    int64_t began = LIVE_ABSENT, last = LIVE_ABSENT;
    bool some = phases_range(&r->p, &began, &last), ended = some && phase_is_end(r->p.v[r->p.n - 1].state);
    uint32_t n = phases_spans(&r->p, from, to, spans);
    list_row(l, r->id, r->past ? ST_DIM : ST_NORMAL);
    list_text(l, r->past ? ST_DIM : ST_BOLD, r->name);
    const char *state = some ? live_task_words[r->p.v[r->p.n - 1].state] : r->state; /* of the same answer as the times */
    list_text(l, state_style(state), state);
    list_spans(l, spans, n);
    list_whole(l, ST_NORMAL, began, show_time(began).s);
    list_whole(l, ST_NORMAL, r->wait_ms, show_ms(r->wait_ms).s);
    list_whole(l, ST_NORMAL, r->deploy_ms, show_ms(r->deploy_ms).s);
    list_whole(l, ST_NORMAL, r->init_ms, show_ms(r->init_ms).s);
    list_whole(l, ST_NORMAL, r->run_ms, show_ms(r->run_ms).s);
    list_whole(l, ST_NORMAL, ended ? last : LIVE_ABSENT, show_time(ended ? last : LIVE_ABSENT).s);
    list_text(l, ST_DIM, r->where);
}

static void load(struct view *v, const struct world *w)
{
    struct state *s = v->state;
    struct arena a = {0};
    struct row *rows;
    uint32_t n = v->at.vertex ? rows_of_vertex(v, w, &a, &rows) : rows_of_job(v, w, &a, &rows);
    s->least = s->most = LIVE_ABSENT;
    for (uint32_t i = 0; i < n; i++) {
        int64_t from, to;
        if (!phases_range(&rows[i].p, &from, &to))
            continue;
        s->least = !live_has(s->least) || from < s->least ? from : s->least;
        s->most = to > s->most ? to : s->most;
    }
    int64_t from = 0, to = 1;
    if (live_has(s->least))
        window(s, &from, &to);
    list_begin(&v->list);
    for (uint32_t i = 0; i < n; i++)
        fill(&v->list, &rows[i], from, to);
    list_end(&v->list);
    arena_free(&a);
}

/* --- drawing --- */

static int legend(struct grid *g, int x, int y, int end)
{
    static const enum live_task_state states[] = {LIVE_TASK_CREATED, LIVE_TASK_SCHEDULED, LIVE_TASK_DEPLOYING,
                                                  LIVE_TASK_INITIALIZING, LIVE_TASK_RUNNING};
    static const char *const shown[] = {"created", "scheduled", "deploying", "initializing", "running"};
    for (size_t i = 0; i < sizeof states / sizeof *states && end - x > 16; i++) {
        const struct phase_look look = phase_look(states[i]);
        grid_put(g, x + 2, y, look.style, look.code);
        x += 4 + grid_text(g, x + 4, y, end - x - 4, ST_DIM, shown[i]);
    }
    return x;
}

static int draw(struct view *v, const struct world *w, struct grid *g, struct rect r)
{
    const struct state *s = v->state;
    const struct live_job *j = job_of(v, w);
    const struct live_vertex *x = vertex_of_job(j, v->at.vertex);
    int at = r.x + 1, end = r.x + r.w;
    int64_t from, to;
    if (!j || (v->at.vertex && !times_of(v, w, v->at.vertex))) {
        draw_missing(g, r, w, j ? LIVE_VERTEX_TIMES : LIVE_JOB, v->at.job, v->at.vertex, NULL);
        return 1;
    }
    if (v->at.vertex)
        at += grid_textf(g, at, r.y, (end - at) / 2, ST_BOLD, "%s  ", x ? live_text_or(x->name, v->at.vertex) : v->at.vertex);
    if (live_has(s->least)) {
        window(s, &from, &to);
        at += grid_textf(g, at, r.y, end - at, ST_NORMAL, "%s to %s, ", show_time(from).s, show_time(to).s);
        at += grid_textf(g, at, r.y, end - at, ST_NORMAL, "%s", show_ms(to - from).s);
        if (s->zoom)
            at += grid_textf(g, at, r.y, end - at, ST_WARN, " of %s", show_ms(s->most - s->least).s);
    }
    legend(g, at, r.y, end);
    return 1;
}

/* --- keys --- */

static void look_at(struct view *v, const struct world *w, int zoom, double from)
{
    enum { MOST_ZOOM = 24 };
    struct state *s = v->state;
    double last = 1 - 1.0 / (double)(1 << (zoom < 0 ? 0 : zoom));
    if (zoom < 0 || zoom > MOST_ZOOM)
        return;
    s->zoom = zoom;
    s->from = from < 0 ? 0 : from > last ? last : from;
    load(v, w);
}

static bool verb(struct view *v, const struct world *w, enum verb what)
{
    const struct state *s = v->state;
    double part = 1.0 / (double)(1 << s->zoom);
    if (what == VERB_ZOOM_IN || what == VERB_ZOOM_OUT)
        look_at(v, w, s->zoom + (what == VERB_ZOOM_IN ? 1 : -1), s->from);
    else if (s->zoom && (what == VERB_LEFT || what == VERB_RIGHT))
        look_at(v, w, s->zoom, s->from + (what == VERB_LEFT ? -part : part) / 4);
    else
        return what == VERB_OPEN && v->at.vertex; /* a subtask has nothing behind it */
    return true;
}

static const char *vertex(const struct view *v) { return v->at.vertex ? v->at.vertex : view_row_id(v); }

const struct view_ops view_timeline = {
    .cols = cols,
    .n_cols = sizeof cols / sizeof *cols,
    .sort = -1,
    .state = sizeof(struct state),
    .want = ask,
    .load = load,
    .draw = draw,
    .opens = VIEW_timeline,
    .opens_by = OPENS_VERTEX,
    .verb = verb,
    .vertex = vertex,
};
