#include "serve/metrics.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "serve/process.h"

const struct metric metrics[METRICS] = {
#define METRIC(scope, id, name, value) [METRIC_##id] = {METRIC_##scope, name},
#include "serve/metrics.def"
#undef METRIC
};

#define WHOLE(value) ((struct figure){false, (int64_t)(value), 0})
#define FRACTION(value) ((struct figure){true, 0, (value)})

struct figure metric_figure(enum metric_id id, const struct asked *q, uint32_t vertex, uint32_t subtask, uint32_t op,
                            const struct process_figures *p)
{
    static const struct view_op_figures no_op;
    static const struct view_subtask nothing;
    const struct job_view *v = q->now;
    const struct view_checkpoints *c = &v->checkpoints;
    const struct view_checkpoint *last = c->last_completed;
    const struct view_subtask *s = &v->vertices[vertex].subtasks[subtask], *before = answer_before(q, vertex, subtask),
                              *sb = before ? before : &nothing;
    const struct view_op_figures *o = &s->ops[op], *ob = before ? &before->ops[op] : &no_op;
    const struct shares share = answer_shares(q, s, before);
    const double seconds = answer_seconds(q);
    switch (id) {
#define METRIC(scope, id, name, value) \
    case METRIC_##id:                  \
        return value;
#include "serve/metrics.def"
#undef METRIC
    default:
        return WHOLE(0);
    }
}

double figure_real(struct figure f) { return f.is_real ? f.real : (double)f.whole; }

const char *figure_text(struct figure f, struct arena *a)
{
    if (!f.is_real)
        return arena_printf(a, "%lld", (long long)f.whole);
    return isnan(f.real) ? "NaN" : arena_printf(a, "%.15g", f.real);
}

/* --- which ones a route has --- */

/* One that can be asked for: by its name, of one or of several objects. */
struct named {
    const char *name;
    enum metric_id id;
    uint32_t vertex, subtask, op;
    const char *text; /* instead of a figure; NULL: none */
};

struct listed {
    struct named *v;
    uint32_t n, cap;
    struct arena *a;
};

static void add(struct listed *l, struct named one)
{
    if (l->n == l->cap) {
        struct named *more = arena_array(l->a, l->cap = l->cap ? l->cap * 2 : 64, sizeof *more);
        if (l->n)
            memcpy(more, l->v, l->n * sizeof *more);
        l->v = more;
    }
    l->v[l->n++] = one;
}

/* As MetricQueryService has operators' names: nothing in them that separates names. */
static const char *plain(const char *name, struct arena *a)
{
    char *s = arena_str(a, name);
    for (char *c = s; *c; c++)
        if (strchr(" .:,", *c))
            *c = '_';
    return s;
}

static void add_scope(struct listed *l, enum metric_scope scope)
{
    for (enum metric_id i = 0; i < METRICS; i++)
        if (metrics[i].scope == scope)
            add(l, (struct named){.name = metrics[i].name, .id = i});
}

/* Of a subtask; prefix: "" or "0.". */
static void add_subtask(struct listed *l, const struct asked *q, uint32_t vertex, uint32_t subtask, const char *prefix)
{
    const struct view_vertex *v = &q->now->vertices[vertex];
    for (enum metric_id i = 0; i < METRICS; i++) {
        if (metrics[i].scope == METRIC_TASK)
            add(l, (struct named){arena_printf(l->a, "%s%s", prefix, metrics[i].name), i, vertex, subtask, 0, NULL});
        for (uint32_t k = 0; metrics[i].scope == METRIC_OPERATOR && k < v->n_ops; k++)
            add(l,
                (struct named){arena_printf(l->a, "%s%s.%s", prefix, plain(v->ops[k].name, l->a), metrics[i].name), i, vertex,
                               subtask, k, NULL});
    }
}

static void list(struct listed *l, const struct asked *q, bool *several)
{
    uint32_t at = q->vertex ? (uint32_t)(q->vertex - q->now->vertices) : 0;
    *several = false;
    switch (q->request->route) {
    case LIVE_JOBS_METRICS:
    case LIVE_JOB_METRICS:
        *several = q->request->route == LIVE_JOBS_METRICS;
        if (q->request->job && strcmp(q->request->job, q->now->id) != 0)
            return;
        add_scope(l, METRIC_JOB);
        if (!*several)
            add(l,
                (struct named){.name = "lastCheckpointExternalPath",
                               .text = q->now->checkpoints.last_completed ? q->now->checkpoints.last_completed->path : "n/a"});
        return;
    case LIVE_JOBMANAGER_METRICS:
        add_scope(l, METRIC_JOBMANAGER);
        add_scope(l, METRIC_PROCESS);
        return;
    case LIVE_TASKMANAGERS_METRICS:
    case LIVE_TASKMANAGER_METRICS:
        *several = q->request->route == LIVE_TASKMANAGERS_METRICS;
        if (!q->request->item || !strcmp(q->request->item, SERVE_TASKMANAGER))
            add_scope(l, METRIC_PROCESS);
        return;
    case LIVE_SUBTASK_METRICS:
        if (q->vertex && q->subtask < q->vertex->n_subtasks)
            add_subtask(l, q, at, q->subtask, "");
        return;
    case LIVE_VERTEX_METRICS:
        for (uint32_t i = 0; q->vertex && i < q->vertex->n_subtasks; i++)
            add_subtask(l, q, at, i, arena_printf(l->a, "%u.", i));
        return;
    default: /* over the subtasks: named once */
        *several = true;
        if (q->vertex)
            add_subtask(l, q, at, 0, "");
    }
}

/* --- answers --- */

/* Over the subtasks, as far as it is asked for. Skew: the mean deviation as a percentage of the mean, at most 100. */
static void aggregate(const struct asked *q, const struct named *m, const char *wanted, const struct process_figures *p,
                      struct live_metric *to)
{
    uint32_t n = metrics[m->id].scope == METRIC_TASK || metrics[m->id].scope == METRIC_OPERATOR ? q->vertex->n_subtasks : 1;
    double min = INFINITY, max = -INFINITY, sum = 0, off = 0;
    for (uint32_t i = 0; i < n; i++) {
        double x = figure_real(metric_figure(m->id, q, m->vertex, i, m->op, p));
        min = x < min ? x : min;
        max = x > max ? x : max;
        sum += x;
    }
    for (uint32_t i = 0; i < n; i++)
        off += fabs(figure_real(metric_figure(m->id, q, m->vertex, i, m->op, p)) - sum / n);
    to->min = !wanted || strstr(wanted, "min") ? min : NAN;
    to->max = !wanted || strstr(wanted, "max") ? max : NAN;
    to->avg = !wanted || strstr(wanted, "avg") ? sum / n : NAN;
    to->sum = !wanted || strstr(wanted, "sum") ? sum : NAN;
    to->skew = !wanted || strstr(wanted, "skew") ? (sum != 0 ? fmin(100, fabs(off / sum) * 100) : 0) : NAN;
}

static const struct named *find(const struct listed *l, const char *name)
{
    for (uint32_t i = 0; i < l->n; i++)
        if (!strcmp(l->v[i].name, name))
            return &l->v[i];
    return NULL;
}

bool answer_metrics(struct asked *q, struct reply *r, struct live_metrics *to)
{
    struct listed l = {.a = q->a};
    struct process_figures p = process_look();
    const char *get = request_query(q->request, "get", q->a), *agg = request_query(q->request, "agg", q->a);
    bool several;
    uint32_t n = 0;
    (void)r;
    list(&l, q, &several);
    const char **names = get ? request_list(get, &n, q->a) : NULL;
    to->list = arena_array(q->a, (get ? n : l.n) + 1, sizeof *to->list);
    for (uint32_t i = 0; i < (get ? n : l.n); i++) {
        const struct named *m = get ? find(&l, names[i]) : &l.v[i];
        if (!m && several) { /* Flink then tells none at all */
            to->n_list = 0;
            return true;
        }
        if (!m)
            continue;
        struct live_metric *x = &to->list[to->n_list++];
        shape_clear(&shape_live_metric, x);
        x->id = m->name;
        if (get && several)
            aggregate(q, m, agg, &p, x);
        else if (get)
            x->text = m->text ? m->text : figure_text(metric_figure(m->id, q, m->vertex, m->subtask, m->op, &p), q->a);
    }
    return true;
}
