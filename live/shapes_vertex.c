/* One vertex: its subtasks, where they run, pressure, watermarks, accumulators, flame graphs. */
#include "live/shape.h"

#include <string.h>

static const struct shape_field aggregate[] = {
    TEXT(live_aggregate, name, NULL), INT(live_aggregate, min, "min"),
    INT(live_aggregate, avg, "avg"),  INT(live_aggregate, median, "median"),
    INT(live_aggregate, max, "max"),  INT(live_aggregate, sum, "sum"),
    INT(live_aggregate, p25, "p25"),  INT(live_aggregate, p75, "p75"),
    INT(live_aggregate, p95, "p95"),  SHAPE_END,
};
static const struct shape shape_aggregate = {.size = sizeof(struct live_aggregate), .fields = aggregate};
static const struct shape_field aggregates[] = {
    MAP(live_aggregates, metrics, &shape_aggregate, "metrics"),
    MAP(live_aggregates, status_durations, &shape_aggregate, "status-duration"),
    SHAPE_END,
};
static const struct shape shape_aggregates = {.size = sizeof(struct live_aggregates), .fields = aggregates};

static const struct shape_field subtask[] = {
    SPAN(live_subtask, index, "subtask"),
    SPAN(live_subtask, attempt, "attempt"),
    TEXT(live_subtask, status, "status"),
    TEXT(live_subtask, endpoint, "endpoint", "host"),
    TEXT(live_subtask, taskmanager, "taskmanager-id"),
    MOMENT(live_subtask, start_ms, "start-time", "start_time"),
    MOMENT(live_subtask, end_ms, "end-time"),
    SPAN(live_subtask, duration_ms, "duration"),
    TASK_COUNTS(live_subtask, status_ms, "status-duration"),
    STRUCT(live_subtask, io, &shape_live_io, "metrics"),
    LIST(live_subtask, other_attempts, &shape_live_subtask, "other-concurrent-attempts"),
    SHAPE_END,
};
const struct shape shape_live_subtask = {.size = sizeof(struct live_subtask), .fields = subtask};

static const struct shape_field vertex_detail[] = {
    TEXT(live_vertex_detail, id, "id"),
    TEXT(live_vertex_detail, name, "name"),
    SPAN(live_vertex_detail, parallelism, "parallelism"),
    SPAN(live_vertex_detail, max_parallelism, "maxParallelism"),
    MOMENT(live_vertex_detail, now_ms, "now"),
    LIST(live_vertex_detail, subtasks, &shape_live_subtask, "subtasks"),
    STRUCT(live_vertex_detail, aggregated, &shape_aggregates, "aggregated"),
    SHAPE_END,
};
const struct shape shape_live_vertex_detail = {
    .size = sizeof(struct live_vertex_detail), .fields = vertex_detail, .essential = true};

static const struct shape_field vertex_taskmanager[] = {
    TEXT(live_vertex_taskmanager, endpoint, "endpoint", "host"),
    TEXT(live_vertex_taskmanager, taskmanager, "taskmanager-id"),
    TEXT(live_vertex_taskmanager, status, "status"),
    MOMENT(live_vertex_taskmanager, start_ms, "start-time"),
    MOMENT(live_vertex_taskmanager, end_ms, "end-time"),
    SPAN(live_vertex_taskmanager, duration_ms, "duration"),
    TASK_COUNTS(live_vertex_taskmanager, status_counts, "status-counts"),
    STRUCT(live_vertex_taskmanager, io, &shape_live_io, "metrics"),
    STRUCT(live_vertex_taskmanager, aggregated, &shape_aggregates, "aggregated"),
    SHAPE_END,
};
static const struct shape shape_vertex_taskmanager = {.size = sizeof(struct live_vertex_taskmanager), .fields = vertex_taskmanager};
static const struct shape_field vertex_taskmanagers[] = {
    TEXT(live_vertex_taskmanagers, id, "id"),
    TEXT(live_vertex_taskmanagers, name, "name"),
    MOMENT(live_vertex_taskmanagers, now_ms, "now"),
    LIST(live_vertex_taskmanagers, list, &shape_vertex_taskmanager, "taskmanagers"),
    SHAPE_END,
};
const struct shape shape_live_vertex_taskmanagers = {.size = sizeof(struct live_vertex_taskmanagers),
                                                     .fields = vertex_taskmanagers};

static const struct shape_field subtask_time[] = {
    SPAN(live_subtask_time, index, "subtask"),
    SPAN(live_subtask_time, duration_ms, "duration"),
    TEXT(live_subtask_time, endpoint, "endpoint", "host"),
    TASK_COUNTS(live_subtask_time, timestamps, "timestamps"),
    SHAPE_END,
};
static const struct shape shape_subtask_time = {.size = sizeof(struct live_subtask_time), .fields = subtask_time};
static const struct shape_field subtask_times[] = {
    TEXT(live_subtask_times, id, "id"),
    TEXT(live_subtask_times, name, "name"),
    MOMENT(live_subtask_times, now_ms, "now"),
    LIST(live_subtask_times, subtasks, &shape_subtask_time, "subtasks"),
    SHAPE_END,
};

/* A state that was never entered has the time 0. */
static void forget_zeros(void *v, struct arena *a, bool *unsettled)
{
    (void)a;
    (void)unsettled;
    struct live_subtask_times *t = v;
    for (uint32_t i = 0; i < t->n_subtasks; i++)
        for (int s = 0; s < LIVE_TASK_STATES; s++)
            if (t->subtasks[i].timestamps[s] == 0)
                t->subtasks[i].timestamps[s] = LIVE_ABSENT;
}
const struct shape shape_live_subtask_times = {
    .size = sizeof(struct live_subtask_times), .fields = subtask_times, .finish = forget_zeros};

/* --- pressure, watermarks --- */

static const struct shape shape_pressure;
static const struct shape_field pressure[] = {
    SPAN(live_pressure, index, "subtask"),
    SPAN(live_pressure, attempt, "attempt-number"),
    TEXT(live_pressure, level, "backpressureLevel", "backpressure-level"),
    REAL(live_pressure, ratio, "ratio"),
    REAL(live_pressure, idle, "idleRatio"),
    REAL(live_pressure, busy, "busyRatio"),
    LIST(live_pressure, other_attempts, &shape_pressure, "other-concurrent-attempts"),
    SHAPE_END,
};
static const struct shape shape_pressure = {.size = sizeof(struct live_pressure), .fields = pressure};
static const struct shape_field backpressure[] = {
    TEXT(live_backpressure, status, "status"),
    TEXT(live_backpressure, level, "backpressureLevel", "backpressure-level"),
    MOMENT(live_backpressure, end_ms, "end-timestamp"),
    LIST(live_backpressure, subtasks, &shape_pressure, "subtasks"),
    SHAPE_END,
};

static void settle_backpressure(void *v, struct arena *a, bool *unsettled)
{
    (void)a;
    const struct live_backpressure *b = v;
    *unsettled = b->status && !strcmp(b->status, "deprecated");
}
const struct shape shape_live_backpressure = {
    .size = sizeof(struct live_backpressure), .fields = backpressure, .essential = true, .finish = settle_backpressure};

static const struct shape_field watermark[] = {
    LEADING(live_watermark, subtask, "id"),
    WATERMARK(live_watermark, ms, "value"),
    SHAPE_END,
};
static const struct shape shape_watermark = {.size = sizeof(struct live_watermark), .fields = watermark};
static const struct shape_field watermarks[] = {LIST(live_watermarks, list, &shape_watermark, "list"), SHAPE_END};

static void settle_watermarks(void *v, struct arena *a, bool *unsettled)
{
    (void)a;
    struct live_watermarks *w = v;
    w->low = w->high = LIVE_ABSENT;
    for (uint32_t i = 0; i < w->n_list; i++) {
        int64_t ms = w->list[i].ms;
        if (!live_has(ms))
            continue;
        w->low = !live_has(w->low) || ms < w->low ? ms : w->low;
        w->high = !live_has(w->high) || ms > w->high ? ms : w->high;
    }
    *unsettled = !w->n_list;
}
const struct shape shape_live_watermarks = {
    .size = sizeof(struct live_watermarks), .fields = watermarks, .list = true, .finish = settle_watermarks};

/* --- accumulators --- */

static const struct shape_field accumulator[] = {
    TEXT(live_accumulator, name, "name"),
    TEXT(live_accumulator, type, "type"),
    TEXT(live_accumulator, value, "value"),
    SHAPE_END,
};
static const struct shape shape_accumulator = {.size = sizeof(struct live_accumulator), .fields = accumulator};
static const struct shape_field accumulators[] = {
    LIST(live_accumulators, job, &shape_accumulator, "job-accumulators"),
    LIST(live_accumulators, user, &shape_accumulator, "user-task-accumulators"),
    SHAPE_END,
};
const struct shape shape_live_accumulators = {.size = sizeof(struct live_accumulators), .fields = accumulators};

static const struct shape_field vertex_accumulators[] = {
    TEXT(live_vertex_accumulators, id, "id"),
    LIST(live_vertex_accumulators, user, &shape_accumulator, "user-accumulators"),
    SHAPE_END,
};
const struct shape shape_live_vertex_accumulators = {.size = sizeof(struct live_vertex_accumulators),
                                                     .fields = vertex_accumulators};

static const struct shape_field subtask_accumulators[] = {
    SPAN(live_subtask_accumulators, index, "subtask"),
    SPAN(live_subtask_accumulators, attempt, "attempt"),
    TEXT(live_subtask_accumulators, id, "id"),
    TEXT(live_subtask_accumulators, endpoint, "endpoint", "host"),
    LIST(live_subtask_accumulators, user, &shape_accumulator, "user-accumulators"),
    SHAPE_END,
};
const struct shape shape_live_subtask_accumulators = {.size = sizeof(struct live_subtask_accumulators),
                                                      .fields = subtask_accumulators};
static const struct shape_field subtasks_accumulators[] = {
    TEXT(live_subtasks_accumulators, id, "id"),
    SPAN(live_subtasks_accumulators, parallelism, "parallelism"),
    LIST(live_subtasks_accumulators, subtasks, &shape_live_subtask_accumulators, "subtasks"),
    SHAPE_END,
};
const struct shape shape_live_subtasks_accumulators = {.size = sizeof(struct live_subtasks_accumulators),
                                                       .fields = subtasks_accumulators};

/* --- flame graphs --- */

static const struct shape shape_flame_node;
static const struct shape_field flame_node[] = {
    TEXT(live_flame_node, name, "name"),
    SPAN(live_flame_node, value, "value"),
    LIST(live_flame_node, children, &shape_flame_node, "children"),
    SHAPE_END,
};
static const struct shape shape_flame_node = {.size = sizeof(struct live_flame_node), .fields = flame_node};
static const struct shape_field flamegraph[] = {
    INT(live_flamegraph, end_ms, "endTimestamp"),
    POINTER(live_flamegraph, root, &shape_flame_node, "data"),
    SHAPE_END,
};

static void settle_flamegraph(void *v, struct arena *a, bool *unsettled)
{
    (void)a;
    const struct live_flamegraph *f = v;
    *unsettled = !f->root && f->end_ms != LIVE_FLAME_ENDED && f->end_ms != LIVE_FLAME_OFF;
}
const struct shape shape_live_flamegraph = {
    .size = sizeof(struct live_flamegraph), .fields = flamegraph, .finish = settle_flamegraph};
