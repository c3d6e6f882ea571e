#include "serve/answer.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef bool (*answer_fn)(struct asked *q, struct reply *r, void *to);

#define A(fn) (answer_fn)(void (*)(void)) fn
static const answer_fn answers[LIVE_ROUTES] = {
    [LIVE_CONFIG] = A(answer_config),
    [LIVE_OVERVIEW] = A(answer_overview),
    [LIVE_JOBS] = A(answer_jobs),
    [LIVE_TASKMANAGERS] = A(answer_taskmanagers),
    [LIVE_TASKMANAGER] = A(answer_taskmanager),
    [LIVE_TASKMANAGER_LOGS] = A(answer_nothing),
    [LIVE_TASKMANAGER_THREADS] = A(answer_threads),
    [LIVE_TASKMANAGER_METRICS] = A(answer_metrics),
    [LIVE_TASKMANAGERS_METRICS] = A(answer_metrics),
    [LIVE_JOBMANAGER_CONFIG] = A(answer_options),
    [LIVE_JOBMANAGER_METRICS] = A(answer_metrics),
    [LIVE_JOBMANAGER_LOGS] = A(answer_nothing),
    [LIVE_JOBMANAGER_THREADS] = A(answer_threads),
    [LIVE_JOBS_METRICS] = A(answer_metrics),
    [LIVE_JOB] = A(answer_job),
    [LIVE_JOB_PLAN] = A(answer_plan),
    [LIVE_JOB_STATUS] = A(answer_status),
    [LIVE_JOB_CONFIG] = A(answer_job_config),
    [LIVE_JOB_EXECUTION_RESULT] = A(answer_result),
    [LIVE_JOB_METRICS] = A(answer_metrics),
    [LIVE_JOB_ACCUMULATORS] = A(answer_nothing),
    [LIVE_JOB_EXCEPTIONS] = A(answer_exceptions),
    [LIVE_JOB_JOBMANAGER_CONFIG] = A(answer_options),
    [LIVE_CHECKPOINTS] = A(answer_checkpoints),
    [LIVE_CHECKPOINT_CONFIG] = A(answer_checkpoint_config),
    [LIVE_CHECKPOINT] = A(answer_checkpoint),
    [LIVE_CHECKPOINT_SUBTASKS] = A(answer_checkpoint_subtasks),
    [LIVE_VERTEX] = A(answer_vertex),
    [LIVE_VERTEX_TASKMANAGERS] = A(answer_vertex_taskmanagers),
    [LIVE_VERTEX_TIMES] = A(answer_times),
    [LIVE_VERTEX_ACCUMULATORS] = A(answer_vertex_accumulators),
    [LIVE_VERTEX_SUBTASKS_ACCUMULATORS] = A(answer_subtasks_accumulators),
    [LIVE_BACKPRESSURE] = A(answer_backpressure),
    [LIVE_WATERMARKS] = A(answer_watermarks),
    [LIVE_VERTEX_METRICS] = A(answer_metrics),
    [LIVE_VERTEX_JOBMANAGER_METRICS] = A(answer_nothing),
    [LIVE_SUBTASKS_METRICS] = A(answer_metrics),
    [LIVE_SUBTASK] = A(answer_subtask),
    [LIVE_SUBTASK_METRICS] = A(answer_metrics),
    [LIVE_ATTEMPT] = A(answer_subtask),
};
#undef A

static const char json_type[] = "application/json; charset=UTF-8";

void answer_refuse(struct reply *r, unsigned status, const char *fmt, ...)
{
    char text[1024];
    struct jsonw w = {.out = &r->body};
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    r->status = status;
    r->type = json_type;
    r->body.n = 0;
    jsonw_object(&w);
    jsonw_key(&w, "errors");
    jsonw_array(&w);
    jsonw_str(&w, text);
    jsonw_end_array(&w);
    jsonw_end_object(&w);
}

/* Watermarks and metrics stand in the API in forms of their own. */
static void write_watermarks(const struct live_watermarks *from, struct jsonw *w)
{
    char text[64];
    jsonw_array(w);
    for (uint32_t i = 0; i < from->n_list; i++) {
        int64_t ms = from->list[i].ms;
        jsonw_object(w);
        snprintf(text, sizeof text, "%lld.currentInputWatermark", (long long)from->list[i].subtask);
        jsonw_member_str(w, "id", text);
        snprintf(text, sizeof text, "%lld", (long long)(ms == LIVE_WATERMARK_NONE ? INT64_MIN : ms));
        jsonw_member_str(w, "value", text);
        jsonw_end_object(w);
    }
    jsonw_end_array(w);
}

void answer_write(struct reply *r, enum live_route route, const void *from)
{
    struct jsonw w = {.out = &r->body};
    r->type = json_type;
    if (routes[route].shape == &shape_live_watermarks)
        write_watermarks(from, &w);
    else
        shape_serve(routes[route].shape, from, &w);
}

static bool is_id(const char *s) { return strlen(s) == ID_DIGITS && strspn(s, "0123456789abcdefABCDEF") == ID_DIGITS; }

/* The job and the vertex that the path names, if it names any. */
static bool find(struct asked *q, struct reply *r)
{
    const struct request *in = q->request;
    bool figures = routes[in->route].shape == &shape_live_metrics;
    if ((in->job && !is_id(in->job)) || (in->vertex && !is_id(in->vertex))) {
        answer_refuse(r, 400, "Bad request, could not parse parameters: '%s' is no id of 32 hexadecimal digits",
                      in->job && !is_id(in->job) ? in->job : in->vertex);
        return false;
    }
    if (in->job && strcasecmp(in->job, q->now->id) != 0) {
        if (!figures)
            answer_refuse(r, 404, "org.apache.flink.runtime.rest.NotFoundException: Job %s not found", in->job);
        return figures;
    }
    for (uint32_t i = 0; in->vertex && i < q->now->n_vertices; i++)
        if (!strcasecmp(q->now->vertices[i].id, in->vertex))
            q->vertex = &q->now->vertices[i];
    if (in->vertex && !q->vertex && !figures && in->route != LIVE_BACKPRESSURE) {
        answer_refuse(r, 404, "org.apache.flink.runtime.rest.NotFoundException: JobVertex %s not found", in->vertex);
        return false;
    }
    return true;
}

/* The subtask that the path names. */
static bool find_subtask(struct asked *q, struct reply *r)
{
    const struct request *in = q->request;
    char *end;
    if (in->route != LIVE_SUBTASK && in->route != LIVE_ATTEMPT && in->route != LIVE_SUBTASK_METRICS)
        return true;
    unsigned long n = strtoul(in->item, &end, 10);
    if (*end || end == in->item || !(*in->item >= '0' && *in->item <= '9')) {
        answer_refuse(r, 400, "Bad request, could not parse parameters: '%s' is no index", in->item);
        return false;
    }
    if (q->vertex && n >= q->vertex->n_subtasks && in->route != LIVE_SUBTASK_METRICS) {
        answer_refuse(r, 404, "org.apache.flink.runtime.rest.handler.RestHandlerException: Invalid subtask index for vertex %s",
                      in->vertex);
        return false;
    }
    q->subtask = n < UINT32_MAX ? (uint32_t)n : UINT32_MAX;
    return true;
}

void answer(struct asked *q, struct reply *r)
{
    const struct request *in = q->request;
    r->status = 200;
    if (in->route == LIVE_ROUTES || !answers[in->route]) {
        answer_refuse(r, in->other_method ? 405 : 404, in->other_method ? "Method not allowed: %s" : "Not found: %s", in->path);
        return;
    }
    if (!find(q, r) || !find_subtask(q, r))
        return;
    const struct shape *s = routes[in->route].shape;
    void *to = arena_alloc(q->a, s->size);
    shape_clear(s, to);
    if (answers[in->route](q, r, to))
        answer_write(r, in->route, to);
}
