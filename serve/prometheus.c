/* Prometheus' text format (version 0.0.4), with the names and labels of Flink's PrometheusReporter (flink-metrics-prometheus 2.3): all of them
 * gauges, since Flink's counters may be set back. */
#include <stdio.h>
#include <string.h>

#include "serve/metrics.h"
#include "serve/process.h"

static const char *const scopes[] = {[METRIC_JOB] = "jobmanager_job",
                                     [METRIC_TASK] = "taskmanager_job_task",
                                     [METRIC_OPERATOR] = "taskmanager_job_task_operator",
                                     [METRIC_JOBMANAGER] = "jobmanager",
                                     [METRIC_PROCESS] = "taskmanager"};

/* A letter that may not stand in a name becomes "_". */
static void name(struct buf *to, const char *scope, const char *s)
{
    buf_printf(to, "flink_%s_", scope);
    for (; *s; s++)
        buf_putc(to, (*s >= 'a' && *s <= 'z') || (*s >= 'A' && *s <= 'Z') || (*s >= '0' && *s <= '9') ? (uint8_t)*s : '_');
}

static void label(struct buf *to, const char *key, const char *value)
{
    buf_printf(to, "%s=\"", key);
    for (; *value; value++) {
        if (*value == '"' || *value == '\\')
            buf_putc(to, '\\');
        if (*value == '\n')
            buf_puts(to, "\\n");
        else
            buf_putc(to, (uint8_t)*value);
    }
    buf_puts(to, "\",");
}

static void value(struct buf *to, struct figure f, struct arena *a) { buf_printf(to, "} %s\n", figure_text(f, a)); }

static void head(struct buf *to, enum metric_id id, const char *scope)
{
    buf_puts(to, "# HELP ");
    name(to, scope, metrics[id].name);
    buf_printf(to, " %s (scope: %s)\n# TYPE ", metrics[id].name, scope);
    name(to, scope, metrics[id].name);
    buf_puts(to, " gauge\n");
}

static void begin(struct buf *to, enum metric_id id, const char *scope)
{
    name(to, scope, metrics[id].name);
    buf_putc(to, '{');
    label(to, "host", "localhost");
}

static void of_job(struct buf *to, const struct job_view *v)
{
    label(to, "job_id", v->id);
    label(to, "job_name", v->name);
}

static void of_subtask(struct buf *to, const struct job_view *v, const struct view_vertex *x, uint32_t i)
{
    label(to, "tm_id", SERVE_TASKMANAGER);
    of_job(to, v);
    label(to, "task_id", x->id);
    label(to, "task_name", x->name);
    buf_printf(to, "subtask_index=\"%u\",task_attempt_num=\"%llu\",", i, (unsigned long long)v->restarts);
}

static void of_all(const struct asked *q, enum metric_id id, const struct process_figures *p, struct buf *to)
{
    const struct job_view *v = q->now;
    enum metric_scope scope = metrics[id].scope;
    for (uint32_t x = 0; x < v->n_vertices; x++)
        for (uint32_t i = 0; i < v->vertices[x].n_subtasks; i++)
            for (uint32_t k = 0; k < (scope == METRIC_OPERATOR ? v->vertices[x].n_ops : 1); k++) {
                begin(to, id, scopes[scope]);
                of_subtask(to, v, &v->vertices[x], i);
                if (scope == METRIC_OPERATOR) {
                    label(to, "operator_id", v->vertices[x].ops[k].id);
                    label(to, "operator_name", v->vertices[x].ops[k].name);
                }
                value(to, metric_figure(id, q, x, i, k, p), q->a);
            }
}

static void of_process(const struct asked *q, enum metric_id id, const char *scope, const struct process_figures *p, struct buf *to)
{
    head(to, id, scope);
    begin(to, id, scope);
    if (!strcmp(scope, "taskmanager"))
        label(to, "tm_id", SERVE_TASKMANAGER);
    value(to, metric_figure(id, q, 0, 0, 0, p), q->a);
}

void prometheus_write(const struct asked *q, struct buf *to)
{
    struct process_figures p = process_look();
    for (enum metric_id id = 0; id < METRICS; id++) {
        enum metric_scope scope = metrics[id].scope;
        if (scope == METRIC_PROCESS || scope == METRIC_JOBMANAGER) {
            of_process(q, id, "jobmanager", &p, to);
            if (scope == METRIC_PROCESS)
                of_process(q, id, "taskmanager", &p, to);
            continue;
        }
        head(to, id, scopes[scope]);
        if (scope != METRIC_JOB) {
            of_all(q, id, &p, to);
            continue;
        }
        begin(to, id, scopes[scope]);
        of_job(to, q->now);
        value(to, metric_figure(id, q, 0, 0, 0, &p), q->a);
    }
}
