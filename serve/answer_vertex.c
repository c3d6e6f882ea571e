/* One vertex: its subtasks, their times, pressure, watermarks. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "live/pressure.h"
#include "serve/answer.h"

/* --- figures --- */

const struct view_subtask *answer_before(const struct asked *q, uint32_t vertex, uint32_t subtask)
{
    return q->before ? &q->before->vertices[vertex].subtasks[subtask] : NULL;
}

double answer_seconds(const struct asked *q)
{
    const struct job_view *v = q->now;
    double s = q->before ? (double)(v->ticks - q->before->ticks) / 1e9 : (double)(v->now_ms - v->at_ms[PHASE_RUNNING]) / 1000;
    return s > 0.001 ? s : 0.001;
}

void answer_io(const struct view_subtask *s, uint32_t n, struct live_io *to)
{
    *to = (struct live_io){.read_bytes_complete = LIVE_YES,
                           .write_bytes_complete = LIVE_YES,
                           .read_records_complete = LIVE_YES,
                           .write_records_complete = LIVE_YES};
    for (uint32_t i = 0; i < n; i++) {
        to->read_bytes += (int64_t)s[i].bytes_in;
        to->write_bytes += (int64_t)s[i].bytes_out;
        to->read_records += (int64_t)s[i].rows_in;
        to->write_records += (int64_t)s[i].rows_out;
        to->backpressured_ms += s[i].pressed_ms;
        to->idle_ms += s[i].idle_ms;
        to->busy_ms += (double)s[i].busy_ms;
    }
}

struct shares answer_shares(const struct asked *q, const struct view_subtask *s, const struct view_subtask *before)
{
    static const struct view_subtask none;
    if (!before)
        before = &none;
    (void)q;
    double busy = (double)(s->busy_ms - before->busy_ms), idle = (double)(s->idle_ms - before->idle_ms),
           pressed = (double)(s->pressed_ms - before->pressed_ms), all = busy + idle + pressed;
    return all > 0 ? (struct shares){busy / all, idle / all, pressed / all} : (struct shares){0, 1, 0};
}

/* --- over subtasks: QuantileEstimator-free, all values are there --- */

static int by_size(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static int64_t quantile(const int64_t *sorted, uint32_t n, double p)
{
    uint32_t at = (uint32_t)(p * n);
    return sorted[at < n ? at : n - 1];
}

static void aggregate(struct live_aggregate *x, const char *name, int64_t *v, uint32_t n)
{
    int64_t sum = 0;
    qsort(v, n, sizeof *v, by_size);
    for (uint32_t i = 0; i < n; i++)
        sum += v[i];
    *x = (struct live_aggregate){.name = name,
                                 .min = v[0],
                                 .avg = sum / n,
                                 .median = n % 2 ? v[n / 2] : (v[n / 2 - 1] + v[n / 2]) / 2,
                                 .max = v[n - 1],
                                 .sum = sum,
                                 .p25 = quantile(v, n, 0.25),
                                 .p75 = quantile(v, n, 0.75),
                                 .p95 = quantile(v, n, 0.95)};
}

static int64_t began(const struct asked *q) { return q->now->at_ms[PHASE_RUNNING]; }
static int64_t duration(const struct asked *q)
{
    const struct job_view *v = q->now;
    return began(q) ? (v->end_ms > 0 ? v->end_ms : v->now_ms) - began(q) : 0;
}

/* How long a subtask has been in each state; there is nothing to schedule and to deploy. */
static void durations(const struct asked *q, int64_t *ms)
{
    const struct job_view *v = q->now;
    ms[LIVE_TASK_CREATED] = (began(q) ? began(q) : v->now_ms) - v->at_ms[PHASE_CREATED];
    ms[LIVE_TASK_SCHEDULED] = ms[LIVE_TASK_DEPLOYING] = ms[LIVE_TASK_INITIALIZING] = 0;
    ms[LIVE_TASK_RUNNING] = duration(q);
}

static void aggregate_durations(struct asked *q, struct live_aggregates *to, int64_t *all)
{
    static const enum live_task_state states[] = {LIVE_TASK_CREATED, LIVE_TASK_SCHEDULED, LIVE_TASK_DEPLOYING,
                                                  LIVE_TASK_INITIALIZING, LIVE_TASK_RUNNING};
    int64_t ms[LIVE_TASK_STATES];
    durations(q, ms);
    to->status_durations = arena_array(q->a, 5, sizeof *to->status_durations);
    for (size_t i = 0; i < 5; i++) {
        for (uint32_t k = 0; k < q->vertex->n_subtasks; k++)
            all[k] = ms[states[i]];
        aggregate(&to->status_durations[to->n_status_durations++], live_task_words[states[i]], all, q->vertex->n_subtasks);
    }
}

static void aggregates(struct asked *q, struct live_aggregates *to)
{
    const struct view_vertex *v = q->vertex;
    uint32_t n = v->n_subtasks;
    int64_t *all = arena_array(q->a, n + 1, sizeof *all);
    to->metrics = arena_array(q->a, 7, sizeof *to->metrics);
#define OVER(name, value)                                       \
    do {                                                        \
        for (uint32_t i = 0; i < n; i++) {                      \
            const struct view_subtask *s = &v->subtasks[i];     \
            all[i] = (int64_t)(value);                          \
        }                                                       \
        aggregate(&to->metrics[to->n_metrics++], name, all, n); \
    } while (0)
    OVER("read-bytes", s->bytes_in);
    OVER("write-bytes", s->bytes_out);
    OVER("read-records", s->rows_in);
    OVER("write-records", s->rows_out);
    OVER("accumulated-backpressured-time", s->pressed_ms);
    OVER("accumulated-idle-time", s->idle_ms);
    OVER("accumulated-busy-time", s->busy_ms);
#undef OVER
    aggregate_durations(q, to, all);
}

/* --- subtasks --- */

static void subtask(struct asked *q, uint32_t i, struct live_subtask *to)
{
    const struct view_subtask *s = &q->vertex->subtasks[i];
    shape_clear(&shape_live_subtask, to);
    to->index = i;
    to->attempt = (int64_t)q->now->restarts;
    to->status = s->status;
    to->endpoint = q->endpoint;
    to->taskmanager = SERVE_TASKMANAGER;
    to->start_ms = began(q);
    to->end_ms = q->now->end_ms > 0 ? q->now->end_ms : -1;
    to->duration_ms = duration(q);
    durations(q, to->status_ms);
    answer_io(s, 1, &to->io);
}

bool answer_subtask(struct asked *q, struct reply *r, struct live_subtask *to)
{
    char number[24];
    if (q->request->route == LIVE_ATTEMPT) {
        snprintf(number, sizeof number, "%llu", (unsigned long long)q->now->restarts);
        if (strcmp(q->request->part, number) != 0) {
            answer_refuse(r, 404, "org.apache.flink.runtime.rest.handler.RestHandlerException: Attempt %s not found in subtask %u",
                          q->request->part, q->subtask);
            return false;
        }
    }
    subtask(q, q->subtask, to);
    return true;
}

bool answer_vertex(struct asked *q, struct reply *r, struct live_vertex_detail *to)
{
    const struct view_vertex *v = q->vertex;
    (void)r;
    to->id = v->id;
    to->name = v->name;
    to->parallelism = to->n_subtasks = v->n_subtasks;
    to->max_parallelism = q->now->max_parallelism;
    to->now_ms = q->now->now_ms;
    to->subtasks = arena_array(q->a, v->n_subtasks + 1, sizeof *to->subtasks);
    for (uint32_t i = 0; i < v->n_subtasks; i++)
        subtask(q, i, &to->subtasks[i]);
    aggregates(q, &to->aggregated);
    return true;
}

bool answer_vertex_taskmanagers(struct asked *q, struct reply *r, struct live_vertex_taskmanagers *to)
{
    const struct view_vertex *v = q->vertex;
    (void)r;
    to->id = v->id;
    to->name = v->name;
    to->now_ms = q->now->now_ms;
    to->n_list = 1;
    to->list = arena_alloc(q->a, sizeof *to->list);
    struct live_vertex_taskmanager *t = to->list;
    t->endpoint = q->endpoint;
    t->taskmanager = SERVE_TASKMANAGER;
    t->status = v->subtasks[0].status;
    t->start_ms = began(q);
    t->end_ms = q->now->end_ms > 0 ? q->now->end_ms : -1;
    t->duration_ms = duration(q);
    for (uint32_t i = 0; i < v->n_subtasks; i++)
        t->status_counts[live_task_state(v->subtasks[i].status)]++;
    answer_io(v->subtasks, v->n_subtasks, &t->io);
    aggregates(q, &t->aggregated);
    return true;
}

bool answer_times(struct asked *q, struct reply *r, struct live_subtask_times *to)
{
    const struct view_vertex *v = q->vertex;
    (void)r;
    to->id = v->id;
    to->name = v->name;
    to->now_ms = q->now->now_ms;
    to->n_subtasks = v->n_subtasks;
    to->subtasks = arena_array(q->a, v->n_subtasks + 1, sizeof *to->subtasks);
    for (uint32_t i = 0; i < v->n_subtasks; i++) {
        struct live_subtask_time *t = &to->subtasks[i];
        t->index = i;
        t->endpoint = q->endpoint;
        t->duration_ms = duration(q);
        t->timestamps[LIVE_TASK_CREATED] = q->now->start_ms;
        t->timestamps[LIVE_TASK_SCHEDULED] = t->timestamps[LIVE_TASK_DEPLOYING] = t->timestamps[LIVE_TASK_INITIALIZING] = began(q);
        t->timestamps[LIVE_TASK_RUNNING] = began(q);
        if (q->now->end_ms > 0)
            t->timestamps[live_task_state(v->subtasks[i].status)] = q->now->end_ms;
    }
    return true;
}

/* --- pressure, watermarks --- */

static const char *level(double ratio) { return ratio <= LIVE_PRESSURE_LOW ? "ok" : ratio <= LIVE_PRESSURE_HIGH ? "low" : "high"; }

/* Three digits, as Flink has them: its shares are whole milliseconds of a second. */
static double thousandths(double v) { return (double)(int64_t)(v * 1000 + 0.5) / 1000; }

bool answer_backpressure(struct asked *q, struct reply *r, struct live_backpressure *to)
{
    const struct view_vertex *v = q->vertex;
    double worst = 0;
    (void)r;
    if (!v) {
        to->status = "deprecated";
        return true;
    }
    to->status = "ok";
    to->end_ms = q->now->now_ms;
    to->n_subtasks = v->n_subtasks;
    to->subtasks = arena_array(q->a, v->n_subtasks + 1, sizeof *to->subtasks);
    for (uint32_t i = 0; i < v->n_subtasks; i++) {
        struct shares s = answer_shares(q, &v->subtasks[i], answer_before(q, (uint32_t)(v - q->now->vertices), i));
        to->subtasks[i] = (struct live_pressure){.index = i,
                                                 .attempt = (int64_t)q->now->restarts,
                                                 .level = level(s.pressed),
                                                 .ratio = thousandths(s.pressed),
                                                 .idle = thousandths(s.idle),
                                                 .busy = thousandths(s.busy)};
        worst = s.pressed > worst ? s.pressed : worst;
    }
    to->level = level(worst);
    return true;
}

bool answer_watermarks(struct asked *q, struct reply *r, struct live_watermarks *to)
{
    const struct view_vertex *v = q->vertex;
    (void)r;
    to->n_list = v->source ? 0 : v->n_subtasks;
    to->list = arena_array(q->a, to->n_list + 1, sizeof *to->list);
    for (uint32_t i = 0; i < to->n_list; i++) {
        int64_t wm = v->subtasks[i].ops[0].wm_in;
        to->list[i] = (struct live_watermark){i, wm == INT64_MIN ? LIVE_WATERMARK_NONE : wm};
    }
    return true;
}

/* --- accumulators: there are none --- */

bool answer_vertex_accumulators(struct asked *q, struct reply *r, struct live_vertex_accumulators *to)
{
    (void)r;
    to->id = q->vertex->id;
    return true;
}

bool answer_subtasks_accumulators(struct asked *q, struct reply *r, struct live_subtasks_accumulators *to)
{
    (void)r;
    to->id = q->vertex->id;
    to->parallelism = to->n_subtasks = q->vertex->n_subtasks;
    to->subtasks = arena_array(q->a, to->n_subtasks + 1, sizeof *to->subtasks);
    for (uint32_t i = 0; i < to->n_subtasks; i++)
        to->subtasks[i] =
            (struct live_subtask_accumulators){.index = i, .attempt = (int64_t)q->now->restarts, .endpoint = q->endpoint};
    return true;
}
