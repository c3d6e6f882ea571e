/* Jobs, their vertices and subtasks, exceptions. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "live/shape.h"

const char *const live_job_words[] = {
#define JOB_STATE(id, word, ended) word,
#define TASK_STATE(id, word)
#include "live/states.def"
    NULL};

const char *const live_task_words[] = {
#define JOB_STATE(id, word, ended)
#define TASK_STATE(id, word) word,
#include "live/states.def"
    NULL};

static int place(const char *const *words, const char *word)
{
    int i = 0;
    while (words[i] && (!word || strcasecmp(words[i], word) != 0))
        i++;
    return i;
}

enum live_job_state live_job_state(const char *word) { return (enum live_job_state)place(live_job_words, word); }
enum live_task_state live_task_state(const char *word) { return (enum live_task_state)place(live_task_words, word); }

bool live_job_ended(enum live_job_state state)
{
    static const bool ends[] = {
#define JOB_STATE(id, word, ended) ended,
#define TASK_STATE(id, word)
#include "live/states.def"
        false};
    return ends[state];
}

/* --- jobs --- */

static const struct shape_field job_row[] = {
    TEXT(live_job_row, id, "jid"),
    TEXT(live_job_row, name, "name"),
    TEXT(live_job_row, state, "state"),
    TEXT(live_job_row, job_type, "jobType"),
    TEXT(live_job_row, scheduler_type, "schedulerType"),
    MOMENT(live_job_row, start_ms, "start-time"),
    MOMENT(live_job_row, end_ms, "end-time"),
    SPAN(live_job_row, duration_ms, "duration"),
    MOMENT(live_job_row, modified_ms, "last-modification"),
    TASK_TOTALS(live_job_row, tasks, "tasks"),
    SPAN(live_job_row, pending_operators, "pending-operators"),
    SHAPE_END,
};
const struct shape shape_live_job_row = {.size = sizeof(struct live_job_row), .fields = job_row};

static const struct shape_field jobs[] = {LIST(live_jobs, list, &shape_live_job_row, "jobs"), SHAPE_END};

static int newest_first(const void *a, const void *b)
{
    const struct live_job_row *x = a, *y = b;
    if (x->start_ms != y->start_ms)
        return x->start_ms < y->start_ms ? 1 : -1;
    return strcmp(live_text_or(x->id, ""), live_text_or(y->id, ""));
}

static void sort_jobs(void *v, struct arena *a, bool *unsettled)
{
    (void)a;
    (void)unsettled;
    struct live_jobs *j = v;
    if (j->n_list)
        qsort(j->list, j->n_list, sizeof *j->list, newest_first);
}
const struct shape shape_live_jobs = {.size = sizeof(struct live_jobs), .fields = jobs, .essential = true, .finish = sort_jobs};

static const struct shape_field io[] = {
    SPAN(live_io, read_bytes, "read-bytes"),
    SPAN(live_io, write_bytes, "write-bytes"),
    SPAN(live_io, read_records, "read-records"),
    SPAN(live_io, write_records, "write-records"),
    BOOL(live_io, read_bytes_complete, "read-bytes-complete"),
    BOOL(live_io, write_bytes_complete, "write-bytes-complete"),
    BOOL(live_io, read_records_complete, "read-records-complete"),
    BOOL(live_io, write_records_complete, "write-records-complete"),
    SPAN(live_io, backpressured_ms, "accumulated-backpressured-time"),
    SPAN(live_io, idle_ms, "accumulated-idle-time"),
    REAL(live_io, busy_ms, "accumulated-busy-time"),
    SHAPE_END,
};
const struct shape shape_live_io = {.size = sizeof(struct live_io), .fields = io};

static const struct shape_field vertex[] = {
    TEXT(live_vertex, id, "id"),
    TEXT(live_vertex, name, "name"),
    TEXT(live_vertex, status, "status"),
    TEXT(live_vertex, slot_sharing_group, "slotSharingGroupId"),
    SPAN(live_vertex, parallelism, "parallelism"),
    SPAN(live_vertex, max_parallelism, "maxParallelism"),
    MOMENT(live_vertex, start_ms, "start-time"),
    MOMENT(live_vertex, end_ms, "end-time"),
    SPAN(live_vertex, duration_ms, "duration"),
    TASK_COUNTS(live_vertex, tasks, "tasks"),
    STRUCT(live_vertex, io, &shape_live_io, "metrics"),
    SHAPE_END,
};
const struct shape shape_live_vertex = {.size = sizeof(struct live_vertex), .fields = vertex};

static const struct shape_field edge[] = {
    TEXT(live_edge, from, "id"),
    TEXT(live_edge, ship_strategy, "ship_strategy"),
    TEXT(live_edge, exchange, "exchange"),
    TEXT(live_edge, local_strategy, "local_strategy"),
    TEXT(live_edge, caching, "caching"),
    SPAN(live_edge, num, "num"),
    SHAPE_END,
};
const struct shape shape_live_edge = {.size = sizeof(struct live_edge), .fields = edge};

static const struct shape_field node[] = {
    TEXT(live_plan_node, id, "id"),
    TEXT(live_plan_node, operator, "operator"),
    TEXT(live_plan_node, operator_strategy, "operator_strategy"),
    TEXT(live_plan_node, description, "description"),
    RAW(live_plan_node, optimizer_properties, "optimizer_properties"),
    SPAN(live_plan_node, parallelism, "parallelism"),
    LIST(live_plan_node, inputs, &shape_live_edge, "inputs"),
    SHAPE_END,
};
static const struct shape shape_node = {.size = sizeof(struct live_plan_node), .fields = node};

static const struct shape_field plan[] = {
    TEXT(live_plan, id, "jid"),
    TEXT(live_plan, name, "name"),
    TEXT(live_plan, type, "type"),
    LIST(live_plan, nodes, &shape_node, "nodes"),
    SHAPE_END,
};
const struct shape shape_live_plan = {.size = sizeof(struct live_plan), .fields = plan};

static const struct shape_field job_plan[] = {STRUCT(live_job_plan, plan, &shape_live_plan, "plan"), SHAPE_END};
const struct shape shape_live_job_plan = {.size = sizeof(struct live_job_plan), .fields = job_plan, .essential = true};

static const struct shape_field job[] = {
    TEXT(live_job, id, "jid"),
    TEXT(live_job, application, "application-id"),
    TEXT(live_job, name, "name"),
    TEXT(live_job, state, "state"),
    TEXT(live_job, job_type, "job-type"),
    TEXT(live_job, scheduler_type, "schedulerType"),
    BOOL(live_job, stoppable, "isStoppable"),
    MOMENT(live_job, start_ms, "start-time"),
    MOMENT(live_job, end_ms, "end-time"),
    SPAN(live_job, duration_ms, "duration"),
    MOMENT(live_job, now_ms, "now"),
    SPAN(live_job, max_parallelism, "maxParallelism"),
    SPAN(live_job, pending_operators, "pending-operators"),
    JOB_COUNTS(live_job, timestamps, "timestamps"),
    TASK_COUNTS(live_job, status_counts, "status-counts"),
    LIST(live_job, vertices, &shape_live_vertex, "vertices"),
    STRUCT(live_job, plan, &shape_live_plan, "plan"),
    RAW(live_job, stream_graph, "stream-graph"),
    SHAPE_END,
};
const struct shape shape_live_job = {.size = sizeof(struct live_job), .fields = job, .essential = true};

static const struct shape_field job_status[] = {TEXT(live_job_status, status, "status"), SHAPE_END};
const struct shape shape_live_job_status = {.size = sizeof(struct live_job_status), .fields = job_status};

static const struct shape_field execution_config[] = {
    TEXT(live_execution_config, execution_mode, "execution-mode"),
    TEXT(live_execution_config, restart_strategy, "restart-strategy"),
    INT(live_execution_config, parallelism, "job-parallelism"),
    BOOL(live_execution_config, object_reuse, "object-reuse-mode"),
    MAP(live_execution_config, user_config, &shape_live_pair, "user-config"),
    SHAPE_END,
};
static const struct shape shape_execution_config = {.size = sizeof(struct live_execution_config), .fields = execution_config};
static const struct shape_field job_config[] = {
    TEXT(live_job_config, id, "jid"),
    TEXT(live_job_config, name, "name"),
    STRUCT(live_job_config, execution, &shape_execution_config, "execution-config"),
    SHAPE_END,
};
const struct shape shape_live_job_config = {.size = sizeof(struct live_job_config), .fields = job_config};

static const struct shape_field failure[] = {
    TEXT(live_failure, class_name, "class"),
    TEXT(live_failure, stack_trace, "stack-trace"),
    SHAPE_END,
};
const struct shape shape_live_failure = {.size = sizeof(struct live_failure), .fields = failure};

static const struct shape_field job_result[] = {
    TEXT(live_job_result, id, "id"),
    TEXT(live_job_result, name, "name"),
    TEXT(live_job_result, application, "application-id"),
    TEXT(live_job_result, application_status, "application-status"),
    SPAN(live_job_result, net_runtime_ms, "net-runtime"),
    MOMENT(live_job_result, start_ms, "start-time"),
    MOMENT(live_job_result, end_ms, "end-time"),
    POINTER(live_job_result, failure, &shape_live_failure, "failure-cause"),
    SHAPE_END,
};
static const struct shape shape_job_result = {.size = sizeof(struct live_job_result), .fields = job_result};

static const struct shape_field progress[] = {TEXT(live_progress, id, "id"), SHAPE_END};
const struct shape shape_live_progress = {.size = sizeof(struct live_progress), .fields = progress};
static const struct shape_field execution_result[] = {
    STRUCT(live_execution_result, status, &shape_live_progress, "status"),
    POINTER(live_execution_result, result, &shape_job_result, "job-execution-result"),
    SHAPE_END,
};
const struct shape shape_live_execution_result = {.size = sizeof(struct live_execution_result), .fields = execution_result};
