#include "tui/load.h"

#include <stdlib.h>
#include <string.h>

/* Flink gathers metrics every 10 s (metrics.fetcher.update-interval); in between the totals stand still. */
enum { STANDS_STILL_MS = 25000, TOGETHER_MS = 500 };

const char *const load_metrics[2] = {"numRecordsInPerSecond", "numRecordsOutPerSecond"};

static void push(struct load_series *s, double v)
{
    if (s->n == LOAD_KEPT) {
        s->n--;
        memmove(s->v, s->v + 1, sizeof *s->v * s->n);
    }
    s->v[s->n++] = v;
}

static double real(int64_t v) { return v == LIVE_ABSENT ? NAN : (double)v; }

static double rate(int64_t now, int64_t before, double seconds)
{
    double d = real(now) - real(before);
    return seconds > 0 && d >= 0 ? d / seconds : NAN;
}

/* Of a server that says what cannot be, too. NaN stays. */
static double share(double v) { return v < 0 ? 0 : v > 1 ? 1 : v; }

static bool same_vertices(const struct job_load *j, const struct live_job *job)
{
    if (j->n != job->n_vertices)
        return false;
    for (uint32_t i = 0; i < j->n; i++)
        if (strcmp(j->v[i].id, live_text_or(job->vertices[i].id, "")))
            return false;
    return true;
}

static void drop_vertices(struct job_load *j)
{
    for (uint32_t i = 0; i < j->n; i++)
        free(j->v[i].id);
    free(j->v);
    j->v = NULL;
    j->n = 0;
}

/* The first look: means since the tasks have started. */
static void since_start(struct vertex_load *v, const struct live_vertex *now)
{
    double ms = now->duration_ms > 0 ? (double)now->duration_ms : NAN, par = now->parallelism > 0 ? (double)now->parallelism : 1;
    double sum = now->io.busy_ms + real(now->io.idle_ms) + real(now->io.backpressured_ms);
    double whole = sum > 0 ? sum : ms * par;
    v->since_start = true;
    v->busy = share(now->io.busy_ms / whole);
    v->pressed = share(real(now->io.backpressured_ms) / whole);
    v->idle = share(real(now->io.idle_ms) / whole);
    v->in_rate = real(now->io.read_records) / (ms / 1000);
    v->out_rate = real(now->io.write_records) / (ms / 1000);
    v->in_bytes = real(now->io.read_bytes) / (ms / 1000);
    v->out_bytes = real(now->io.write_bytes) / (ms / 1000);
    if (isnan(real(now->io.backpressured_ms)))
        v->busy = v->idle = v->pressed = NAN;
}

static void start(struct job_load *j, const struct live_job *job)
{
    drop_vertices(j);
    j->n = job->n_vertices;
    j->v = mem_zalloc(sizeof *j->v * ((size_t)j->n + 1));
    j->before_ms = job->now_ms;
    for (uint32_t i = 0; i < j->n; i++) {
        j->v[i].id = mem_strdup(live_text_or(job->vertices[i].id, ""));
        j->v[i].before = job->vertices[i].io;
        since_start(&j->v[i], &job->vertices[i]);
    }
}

static bool same_real(double a, double b) { return a == b || (isnan(a) && isnan(b)); }

static bool moved(const struct live_io *a, const struct live_io *b)
{
    return a->read_records != b->read_records || a->write_records != b->write_records ||
        a->backpressured_ms != b->backpressured_ms || a->idle_ms != b->idle_ms || !same_real(a->busy_ms, b->busy_ms);
}

static double spent(const struct live_io *now, const struct live_io *before)
{
    return now->busy_ms - before->busy_ms + real(now->idle_ms) - real(before->idle_ms) + real(now->backpressured_ms) -
        real(before->backpressured_ms);
}

/* How long the interval was, by the tasks' own clocks: busy, idle and backpressured time add up to it. The time between two answers
 * is not it, since Flink answers from figures of some seconds ago. */
static double interval_ms(const struct job_load *j, const struct live_job *job)
{
    double most = 0;
    for (uint32_t i = 0; i < j->n; i++) {
        double ms = spent(&job->vertices[i].io, &j->v[i].before) /
            (job->vertices[i].parallelism > 0 ? (double)job->vertices[i].parallelism : 1);
        most = ms > most ? ms : most;
    }
    double between = (double)(job->now_ms - j->before_ms);
    return most > 0 && most < between * 4 + 30000 ? most : between;
}

static void step_vertex(struct vertex_load *v, const struct live_vertex *now, double ms)
{
    const struct live_io *a = &v->before, *b = &now->io;
    double par = now->parallelism > 0 ? (double)now->parallelism : 1, sum = spent(b, a), whole = sum > 0 ? sum : ms * par;
    v->since_start = false;
    v->busy = share((b->busy_ms - a->busy_ms) / whole);
    v->pressed = share((real(b->backpressured_ms) - real(a->backpressured_ms)) / whole);
    v->idle = share((real(b->idle_ms) - real(a->idle_ms)) / whole);
    if (isnan(real(b->backpressured_ms)))
        v->busy = v->idle = v->pressed = NAN;
    v->in_rate = rate(b->read_records, a->read_records, ms / 1000);
    v->out_rate = rate(b->write_records, a->write_records, ms / 1000);
    v->in_bytes = rate(b->read_bytes, a->read_bytes, ms / 1000);
    v->out_bytes = rate(b->write_bytes, a->write_bytes, ms / 1000);
    v->before = *b;
    push(&v->busy_over, v->busy);
    push(&v->pressed_over, v->pressed);
    push(&v->in_over, v->in_rate);
    push(&v->out_over, v->out_rate);
}

static void step(struct job_load *j, const struct live_job *job)
{
    bool some = false, back = false;
    for (uint32_t i = 0; i < j->n; i++) {
        some |= moved(&job->vertices[i].io, &j->v[i].before);
        back |= job->vertices[i].io.read_records < j->v[i].before.read_records ||
            job->vertices[i].io.write_records < j->v[i].before.write_records || spent(&job->vertices[i].io, &j->v[i].before) < 0;
    }
    if (back) { /* the tasks have been started anew */
        start(j, job);
        return;
    }
    if (job->now_ms <= j->before_ms || (!some && job->now_ms - j->before_ms < STANDS_STILL_MS))
        return;
    double ms = interval_ms(j, job);
    for (uint32_t i = 0; i < j->n; i++)
        step_vertex(&j->v[i], &job->vertices[i], ms);
    j->before_ms = job->now_ms;
}

/* Releases before 1.16 have no totals of time, and a single look has no difference: what Flink measures itself is taken then. */
static void from_backpressure(struct vertex_load *v, const struct live_backpressure *b)
{
    double busy = 0, pressed = 0, idle = 0;
    uint32_t n = b->n_subtasks;
    if (!n)
        return;
    for (uint32_t i = 0; i < n; i++) {
        busy += b->subtasks[i].busy;
        pressed += b->subtasks[i].ratio;
        idle += b->subtasks[i].idle;
    }
    v->busy = share(busy / n);
    v->pressed = share(pressed / n);
    v->idle = share(idle / n);
}

static void fill_in(struct job_load *j, const struct live_snapshot *s, const char *query)
{
    for (uint32_t i = 0; i < j->n; i++) {
        struct vertex_load *v = &j->v[i];
        if (!v->since_start && !isnan(v->pressed))
            continue;
        const struct live_backpressure *b =
            live_data(s, &(struct live_ask){.route = LIVE_BACKPRESSURE, .job = j->job, .vertex = v->id});
        if (b)
            from_backpressure(v, b);
        const struct live_metrics *m =
            live_data(s, &(struct live_ask){.route = LIVE_SUBTASKS_METRICS, .job = j->job, .vertex = v->id, .query = query});
        const struct live_metric *in = m ? live_metric(m, load_metrics[0]) : NULL,
                                 *out = m ? live_metric(m, load_metrics[1]) : NULL;
        if (v->since_start && in && !isnan(in->sum))
            v->in_rate = in->sum;
        if (v->since_start && out && !isnan(out->sum))
            v->out_rate = out->sum;
    }
}

static struct vertex_load *vertex_of(const struct job_load *j, const char *id)
{
    for (uint32_t i = 0; id && i < j->n; i++)
        if (!strcmp(j->v[i].id, id))
            return &j->v[i];
    return NULL;
}

/* Flink counts only what goes between its vertices: a source's reading and a sink's writing is 0, which would be a lie. */
static void blank_ends(struct job_load *j, const struct live_job *job)
{
    const struct live_plan *p = &job->plan;
    bool *feeds = mem_zalloc((size_t)j->n + 1), *fed = mem_zalloc((size_t)j->n + 1);
    for (uint32_t k = 0; k < p->n_nodes; k++)
        for (uint32_t i = 0; i < p->nodes[k].n_inputs; i++) {
            uint32_t from = live_vertex_place(job, p->nodes[k].inputs[i].from), to = live_vertex_place(job, p->nodes[k].id);
            feeds[from < j->n ? from : j->n] = true;
            fed[to < j->n ? to : j->n] = true;
        }
    for (uint32_t i = 0; i < j->n && p->n_nodes; i++) {
        if (!fed[i])
            j->v[i].in_rate = j->v[i].in_bytes = NAN;
        if (!feeds[i])
            j->v[i].out_rate = j->v[i].out_bytes = NAN;
    }
    free(feeds);
    free(fed);
}

static void mark_roots(struct job_load *j, const struct live_job *job)
{
    double *pressed = mem_alloc(sizeof *pressed * ((size_t)j->n + 1)), *busy = mem_alloc(sizeof *busy * ((size_t)j->n + 1));
    bool *root = mem_zalloc((size_t)j->n + 1);
    for (uint32_t i = 0; i < j->n; i++) {
        pressed[i] = j->v[i].pressed;
        busy[i] = j->v[i].busy;
    }
    if (!live_job_ended(live_job_state(live_text_or(job->state, ""))))
        live_pressure_roots(job, pressed, busy, root);
    for (uint32_t i = 0; i < j->n; i++)
        j->v[i].root = root[i];
    free(pressed);
    free(busy);
    free(root);
}

/* Watermarks are asked for less often than what tells the time: by the clock of now they would fall behind until the next answer. */
void marks_came(struct marks_date *d, const struct live_answer *marks, const struct live_answer *clock, int64_t now_ms, bool single)
{
    if (!marks || !marks->data || !clock || !live_has(now_ms) || marks->number == d->number)
        return;
    int64_t later = marks->came_ms - clock->came_ms;
    d->number = marks->number;
    if (single || (later > -TOGETHER_MS && later < TOGETHER_MS))
        later = 0;
    if (__builtin_add_overflow(now_ms, later, &d->ms))
        d->ms = 0;
}

int64_t marks_lag(const struct marks_date *d, int64_t mark)
{
    int64_t lag;
    bool time = mark != LIVE_WATERMARK_NONE && mark != LIVE_WATERMARK_END && mark != LIVE_ABSENT;
    return d && d->ms && time && !__builtin_sub_overflow(d->ms, mark, &lag) ? lag : LIVE_ABSENT;
}

static void date_marks(struct job_load *j, const struct live_answer *answer, const struct live_snapshot *s, bool single)
{
    const struct live_job *job = answer->data;
    for (uint32_t i = 0; i < j->n; i++) {
        struct vertex_load *v = &j->v[i];
        const struct live_ask ask = {.route = LIVE_WATERMARKS, .job = j->job, .vertex = v->id};
        marks_came(&v->marks, live_find(s, &ask), answer, job->now_ms, single);
    }
}

void loads_update(struct loads *l, const struct live_snapshot *s)
{
    struct arena a = {0};
    const char *query = live_metrics_query(&a, load_metrics, 2, "sum");
    for (uint32_t i = 0; i < s->n_answers; i++) {
        const struct live_answer *answer = s->answers[i];
        const struct live_job *job = answer->data;
        struct job_load *j = NULL;
        if (answer->ask.route != LIVE_JOB || !job || !answer->ask.job)
            continue;
        for (uint32_t k = 0; k < l->n && !j; k++)
            if (!strcmp(l->jobs[k].job, answer->ask.job))
                j = &l->jobs[k];
        if (!j) {
            l->jobs = mem_grow(l->jobs, l->n + 1u, sizeof *l->jobs);
            j = &l->jobs[l->n++];
            *j = (struct job_load){.job = mem_strdup(answer->ask.job)};
        }
        if (j->number != answer->number) {
            if (same_vertices(j, job))
                step(j, job);
            else
                start(j, job);
            j->number = answer->number;
        }
        fill_in(j, s, query);
        blank_ends(j, job);
        mark_roots(j, job);
        date_marks(j, answer, s, l->single);
    }
    arena_free(&a);
}

const struct job_load *loads_job(const struct loads *l, const char *job)
{
    for (uint32_t i = 0; job && i < l->n; i++)
        if (!strcmp(l->jobs[i].job, job))
            return &l->jobs[i];
    return NULL;
}

const struct vertex_load *job_load_vertex(const struct job_load *j, const char *vertex) { return j ? vertex_of(j, vertex) : NULL; }

void loads_free(struct loads *l)
{
    for (uint32_t i = 0; i < l->n; i++) {
        drop_vertices(&l->jobs[i]);
        free(l->jobs[i].job);
    }
    free(l->jobs);
    *l = (struct loads){0};
}
