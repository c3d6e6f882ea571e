/* The hosts and task managers of a vertex, and what its tasks do there. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "tui/show.h"
#include "tui/view.h"

static const struct list_col cols[] = {
    {.title = "HOST", .json = "host", .flex = 12},
    {.title = "TASK MANAGER", .json = "taskManager", .flex = 12},
    {.title = "STATE", .json = "state"},
    {.title = "TASKS", .json = "tasks", .align = LIST_RIGHT},
    {.title = "", .json = "taskStates", .flex = 8, .rank = 4},
    {.title = "OF ALL READ", .width = 12, .rank = 2},
    {.title = "RECORDS IN", .json = "recordsIn", .align = LIST_RIGHT, .rank = 1},
    {.title = "RECORDS OUT", .json = "recordsOut", .align = LIST_RIGHT, .rank = 1},
    {.title = "READ", .json = "bytesIn", .align = LIST_RIGHT, .rank = 5},
    {.title = "WRITTEN", .json = "bytesOut", .align = LIST_RIGHT, .rank = 5},
    {.title = "BUSY", .json = "busyMs", .align = LIST_RIGHT, .rank = 3},
    {.title = "BACKP", .json = "backpressuredMs", .align = LIST_RIGHT, .rank = 6},
    {.title = "BEGAN", .json = "startMs", .align = LIST_RIGHT, .rank = 7},
    {.title = "FOR", .json = "durationMs", .align = LIST_RIGHT, .rank = 8},
};

typedef struct live_vertex_taskmanager manager;

static const struct live_vertex_taskmanagers *data(const struct view *v, const struct world *w)
{
    return answer_data(w, LIVE_VERTEX_TASKMANAGERS, v->at.job, v->at.vertex, NULL, NULL);
}

static void ask(const struct view *v, const struct world *w, struct wants *wants)
{
    (void)w;
    want(wants, LIVE_JOB, v->at.job, NULL, NULL, NULL);
    want(wants, LIVE_VERTEX_TASKMANAGERS, v->at.job, v->at.vertex, NULL, NULL);
}

/* Without the port, which Flink tells since 1.19. */
static size_t host_length(const char *endpoint)
{
    const char *colon = strrchr(endpoint, ':');
    return colon && colon[1] && !colon[1 + strspn(colon + 1, "0123456789")] ? (size_t)(colon - endpoint) : strlen(endpoint);
}

static bool same_host(const manager *a, const manager *b)
{
    const char *x = live_text_or(a->endpoint, ""), *y = live_text_or(b->endpoint, "");
    return host_length(x) == host_length(y) && !strncmp(x, y, host_length(x));
}

static int64_t tasks_of(const manager *m)
{
    int64_t n = 0;
    for (int s = 0; s < LIVE_TASK_STATES; s++)
        n += m->status_counts[s] > 0 && m->status_counts[s] < 1 << 30 ? m->status_counts[s] : 0;
    return n;
}

static int64_t plus(int64_t a, int64_t b)
{
    int64_t sum;
    return !live_has(a) ? b : !live_has(b) || __builtin_add_overflow(a, b, &sum) ? a : sum;
}

/* All of one host as one. */
static manager sum_of_host(const struct live_vertex_taskmanagers *d, uint32_t first, uint32_t *n)
{
    manager sum = d->list[first];
    *n = 1;
    for (uint32_t i = first + 1; i < d->n_list; i++) {
        const manager *m = &d->list[i];
        if (!same_host(m, &d->list[first]))
            continue;
        ++*n;
        for (int s = 0; s < LIVE_TASK_STATES; s++)
            sum.status_counts[s] = plus(sum.status_counts[s], m->status_counts[s]);
        sum.io.read_records = plus(sum.io.read_records, m->io.read_records);
        sum.io.write_records = plus(sum.io.write_records, m->io.write_records);
        sum.io.read_bytes = plus(sum.io.read_bytes, m->io.read_bytes);
        sum.io.write_bytes = plus(sum.io.write_bytes, m->io.write_bytes);
        sum.io.backpressured_ms = plus(sum.io.backpressured_ms, m->io.backpressured_ms);
        sum.io.busy_ms += m->io.busy_ms;
        sum.start_ms = live_has(m->start_ms) && m->start_ms < sum.start_ms ? m->start_ms : sum.start_ms;
        sum.duration_ms = m->duration_ms > sum.duration_ms ? m->duration_ms : sum.duration_ms;
        sum.status = sum.status && m->status && !strcmp(sum.status, m->status) ? sum.status : NULL;
    }
    return sum;
}

/* "2 RUNNING 1 FAILED" */
static const char *states_of(struct arena *a, const manager *m)
{
    const char *text = "";
    for (int s = 0; s < LIVE_TASK_STATES; s++)
        if (m->status_counts[s] > 0)
            text = arena_printf(a, "%s%s%lld %s", text, *text ? ", " : "", (long long)m->status_counts[s], live_task_words[s]);
    return text;
}

static void fill(struct list *l, const manager *m, const char *id, const char *host, const char *who, double all, enum style s)
{
    struct arena a = {0};
    const struct live_io *io = &m->io;
    int64_t busy = isfinite(io->busy_ms) && io->busy_ms < 9e15 ? (int64_t)io->busy_ms : LIVE_ABSENT, tasks = tasks_of(m);
    list_row(l, id, s);
    list_text(l, s == ST_DIM ? ST_DIM : ST_BOLD, host);
    list_text(l, ST_NORMAL, who);
    list_text(l, state_style(m->status), m->status);
    list_whole(l, ST_NORMAL, tasks, show_count(tasks).s);
    list_text(l, ST_DIM, states_of(&a, m));
    list_bar(l, ST_CHART, all > 0 && live_has(io->read_records) ? (double)io->read_records / all : NAN);
    list_whole(l, ST_NORMAL, io->read_records, show_count(io->read_records).s);
    list_whole(l, ST_NORMAL, io->write_records, show_count(io->write_records).s);
    list_whole(l, ST_NORMAL, io->read_bytes, show_bytes(io->read_bytes).s);
    list_whole(l, ST_NORMAL, io->write_bytes, show_bytes(io->write_bytes).s);
    list_whole(l, ST_NORMAL, busy, show_ms(busy).s);
    list_whole(l, ST_NORMAL, io->backpressured_ms, show_ms(io->backpressured_ms).s);
    list_whole(l, ST_NORMAL, m->start_ms, show_time(m->start_ms).s);
    list_whole(l, ST_NORMAL, m->duration_ms, show_ms(m->duration_ms).s);
    arena_free(&a);
}

static bool seen_before(const struct live_vertex_taskmanagers *d, uint32_t i)
{
    for (uint32_t k = 0; k < i; k++)
        if (same_host(&d->list[k], &d->list[i]))
            return true;
    return false;
}

static void fill_host(struct list *l, const struct live_vertex_taskmanagers *d, uint32_t i, double all)
{
    struct arena a = {0};
    uint32_t n;
    manager sum = sum_of_host(d, i, &n);
    const char *endpoint = live_text_or(d->list[i].endpoint, "?"), *host = arena_strn(&a, endpoint, host_length(endpoint));
    if (n > 1)
        fill(l, &sum, arena_printf(&a, "host %s", host), host, arena_printf(&a, "%u task managers", n), all, ST_NORMAL);
    for (uint32_t k = i; k < d->n_list; k++)
        if (same_host(&d->list[k], &d->list[i]))
            fill(l, &d->list[k], live_text_or(d->list[k].taskmanager, "?"), live_text_or(d->list[k].endpoint, "?"),
                 d->list[k].taskmanager, all, n > 1 ? ST_DIM : ST_NORMAL);
    arena_free(&a);
}

static void load(struct view *v, const struct world *w)
{
    const struct live_vertex_taskmanagers *d = data(v, w);
    double all = 0;
    for (uint32_t i = 0; d && i < d->n_list; i++)
        all += live_has(d->list[i].io.read_records) ? (double)d->list[i].io.read_records : 0;
    list_begin(&v->list);
    for (uint32_t i = 0; d && i < d->n_list; i++)
        if (!seen_before(d, i))
            fill_host(&v->list, d, i, all);
    list_end(&v->list);
}

static int draw(struct view *v, const struct world *w, struct grid *g, struct rect r)
{
    const struct live_vertex_taskmanagers *d = data(v, w);
    uint32_t hosts = 0;
    int x = r.x + 1, end = r.x + r.w;
    if (!d) {
        draw_missing(g, r, w, LIVE_VERTEX_TASKMANAGERS, v->at.job, v->at.vertex, NULL);
        return 1;
    }
    for (uint32_t i = 0; i < d->n_list; i++)
        hosts += !seen_before(d, i);
    x += grid_text(g, x, r.y, (end - x) / 2, ST_BOLD, live_text_or(d->name, v->at.vertex));
    grid_textf(g, x, r.y, end - x, ST_NORMAL, "  %u host%s, %u task manager%s", hosts, hosts == 1 ? "" : "s", d->n_list,
               d->n_list == 1 ? "" : "s");
    return 1;
}

static bool step(const struct view *v, struct step *to)
{
    const struct list_row *r = list_here(&v->list);
    if (!r || !strncmp(r->id, "host ", 5) || !strcmp(r->id, "?"))
        return false;
    *to = (struct step){.view = VIEW_taskmanager, .item = r->id};
    return true;
}

const struct view_ops view_hosts = {
    .cols = cols,
    .n_cols = sizeof cols / sizeof *cols,
    .sort = -1,
    .want = ask,
    .load = load,
    .draw = draw,
    .step = step,
};
