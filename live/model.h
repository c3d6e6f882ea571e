/* What a running Flink tells about itself, as plain structs.
 *
 * Every member may be absent: releases from 1.13 to 2.3 differ, and a server may leave out or misspell anything. Absent are an
 * int64_t of LIVE_ABSENT, a double of NaN, a live_bool of LIVE_UNTOLD, a NULL string or pointer, a list of 0.
 * Units: names in _ms are milliseconds, either of a duration or since 1970; sizes are bytes; ratios 0 to 1. What Flink marks by -1
 * or, for times, by 0 ("not yet", "never", "unknown") is absent here. Strings are as the server sent them and hostile: they may
 * hold control characters and are escaped where they are printed (base/table.h, base/jsonw.h, term_escape).
 * All of it lies in the arena of one answer (live.h) and never changes. */
#ifndef WEIR_LIVE_MODEL_H
#define WEIR_LIVE_MODEL_H

#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LIVE_ABSENT INT64_MIN

static inline bool live_has(int64_t v) { return v != LIVE_ABSENT; }
static inline bool live_has_real(double v) { return !isnan(v); }
static inline int64_t live_or(int64_t v, int64_t otherwise) { return live_has(v) ? v : otherwise; }
static inline const char *live_text_or(const char *s, const char *otherwise) { return s ? s : otherwise; }

enum live_bool { LIVE_UNTOLD, LIVE_NO, LIVE_YES };

/* States, in the order in which they are met. live_job_state and live_task_state give the place of a word; OTHER for a word that
 * is not known. */
enum live_job_state {
#define JOB_STATE(id, word, ended) id,
#define TASK_STATE(id, word)
#include "live/states.def"
    LIVE_JOB_STATES,
    LIVE_JOB_OTHER = LIVE_JOB_STATES
};
enum live_task_state {
#define JOB_STATE(id, word, ended)
#define TASK_STATE(id, word) id,
#include "live/states.def"
    LIVE_TASK_STATES,
    LIVE_TASK_OTHER = LIVE_TASK_STATES
};
enum live_job_state live_job_state(const char *word);
enum live_task_state live_task_state(const char *word);
extern const char *const live_job_words[]; /* of the states, LIVE_JOB_STATES of them, then NULL */
extern const char *const live_task_words[];
/* Whether a job in that state will never run again. */
bool live_job_ended(enum live_job_state state);

/* A name with a figure or a text. */
struct live_pair {
    const char *key, *value;
};

/* --- the cluster --- */

struct live_config {
    int64_t refresh_interval_ms; /* how old Flink lets its answers on jobs grow */
    const char *timezone_name;
    int64_t timezone_offset_ms;
    const char *flink_version, *flink_revision;
    struct live_features {
        enum live_bool web_submit, web_cancel, web_rescale, web_history;
    } features;
};

struct live_overview {
    int64_t taskmanagers, taskmanagers_blocked, slots_total, slots_available, slots_free_and_blocked;
    int64_t jobs_running, jobs_finished, jobs_cancelled, jobs_failed;
    const char *flink_version, *flink_commit;
};

/* MB, and cores. */
struct live_resource {
    double cpu_cores;
    int64_t task_heap_mb, task_off_heap_mb, managed_mb, network_mb;
};

struct live_collector {
    const char *name;
    int64_t count, time_ms; /* since the JVM's start */
};

struct live_memory { /* configured */
    int64_t framework_heap, task_heap, framework_off_heap, task_off_heap, network, managed, jvm_metaspace, jvm_overhead;
    int64_t total_flink, total_process;
};

struct live_hardware { /* of the machine, not of the process */
    int64_t cpu_cores, physical_memory, free_memory, managed_memory;
};

struct live_jvm { /* all 0 in a first answer */
    int64_t heap_used, heap_committed, heap_max, non_heap_used, non_heap_committed, non_heap_max;
    int64_t direct_count, direct_used, direct_max, mapped_count, mapped_used, mapped_max;
    int64_t segments_available, segments_total; /* before 2.0 */
    int64_t shuffle_segments_available, shuffle_segments_used, shuffle_segments_total;
    int64_t shuffle_available, shuffle_used, shuffle_total; /* bytes */
    struct live_collector *collectors;
    uint32_t n_collectors;
};

struct live_slot {
    const char *job;
    struct live_resource resource;
    int64_t assigned_tasks; /* 2.3 */
};

struct live_taskmanager {
    const char *id, *path;
    int64_t data_port, jmx_port;
    int64_t last_heartbeat_ms; /* when */
    int64_t slots, free_slots, assigned_tasks;
    enum live_bool blocked;
    struct live_resource total, free;
    struct live_hardware hardware;
    struct live_memory memory;
    struct live_jvm *jvm; /* only asked one by one; so are the slots */
    struct live_slot *allocated;
    uint32_t n_allocated;
};

struct live_taskmanagers {
    struct live_taskmanager *list;
    uint32_t n_list;
};

struct live_logs {
    struct live_log {
        const char *name;
        int64_t size, modified_ms;
    } * list;
    uint32_t n_list;
};

struct live_threads {
    struct live_thread {
        const char *name, *stack; /* the stack with its line ends */
    } * list;
    uint32_t n_list;
};

struct live_pairs {
    struct live_pair *list;
    uint32_t n_list;
};

struct live_environment {
    struct live_jvm_info {
        const char *version, *arch;
        const char **options;
        uint32_t n_options;
    } jvm;
    const char **classpath;
    uint32_t n_classpath;
};

struct live_profiles {
    struct live_profile {
        const char *status, *mode, *message, *output_file;
        int64_t triggered_ms, finished_ms, duration_s;
    } * list;
    uint32_t n_list;
};

/* A log, standard output: bytes as they are, n of them, with a 0 behind. */
struct live_text {
    const char *text;
    size_t n;
    uint64_t skipped; /* bytes before it that were not kept: live_target.text_bytes */
};

struct live_url {
    const char *url;
};

/* --- jobs --- */

struct live_job_row {
    const char *id, *name, *state, *job_type, *scheduler_type;
    int64_t start_ms, end_ms, duration_ms, modified_ms;
    int64_t tasks[LIVE_TASK_STATES];
    int64_t pending_operators;
};

struct live_jobs {
    struct live_job_row *list; /* newest start first */
    uint32_t n_list;
};

/* Totals of the current attempts. A source's reading and a sink's writing is not in them. */
struct live_io {
    int64_t read_bytes, write_bytes, read_records, write_records;
    enum live_bool read_bytes_complete, write_bytes_complete, read_records_complete, write_records_complete;
    /* since the start, summed over the subtasks; 1.16 on. A share is a difference over (elapsed time x parallelism). */
    int64_t backpressured_ms, idle_ms;
    double busy_ms; /* NaN for sources of the old kind */
};

struct live_vertex {
    const char *id, *name, *status, *slot_sharing_group;
    int64_t parallelism, max_parallelism, start_ms, end_ms, duration_ms;
    int64_t tasks[LIVE_TASK_STATES];
    struct live_io io;
};

struct live_edge {
    const char *from; /* the id of the vertex that feeds */
    const char *ship_strategy, *exchange, *local_strategy, *caching;
    int64_t num;
};

struct live_plan_node {
    const char *id, *operator, * operator_strategy, *description, *optimizer_properties;
    int64_t parallelism;
    struct live_edge *inputs;
    uint32_t n_inputs;
};

struct live_plan {
    const char *id, *name, *type;
    struct live_plan_node *nodes; /* as Flink orders them: sinks first, mostly */
    uint32_t n_nodes;
};

struct live_job {
    const char *id, *application, *name, *state, *job_type, *scheduler_type;
    enum live_bool stoppable;
    int64_t start_ms, end_ms, duration_ms, now_ms, max_parallelism, pending_operators;
    int64_t timestamps[LIVE_JOB_STATES];     /* the last time of each state */
    int64_t status_counts[LIVE_TASK_STATES]; /* vertices in each state */
    struct live_vertex *vertices;            /* sources first */
    uint32_t n_vertices;
    struct live_plan plan;
    const char *stream_graph; /* JSON, only of jobs whose graph is not complete */
};

/* The answer of /jobs/:id/plan. */
struct live_job_plan {
    struct live_plan plan;
};

struct live_job_status {
    const char *status;
};

struct live_job_config {
    const char *id, *name;
    struct live_execution_config {
        const char *execution_mode, *restart_strategy;
        int64_t parallelism;
        enum live_bool object_reuse;
        struct live_pair *user_config;
        uint32_t n_user_config;
    } execution;
};

struct live_failure {
    const char *class_name, *stack_trace;
};

struct live_progress {
    const char *id; /* IN_PROGRESS, COMPLETED */
};

struct live_execution_result {
    struct live_progress status;
    struct live_job_result {
        const char *id, *name, *application, *application_status;
        int64_t net_runtime_ms, start_ms, end_ms;
        struct live_failure *failure;
    } * result;
};

/* --- vertices --- */

struct live_aggregate {
    const char *name; /* of the figure, as Flink calls it */
    int64_t min, avg, median, max, sum, p25, p75, p95;
};

struct live_aggregates { /* 1.16 on */
    struct live_aggregate *metrics, *status_durations;
    uint32_t n_metrics, n_status_durations;
};

struct live_subtask {
    int64_t index, attempt;
    const char *status;
    const char *endpoint; /* host:port since 1.19, before that the host */
    const char *taskmanager;
    int64_t start_ms, end_ms, duration_ms;
    int64_t status_ms[LIVE_TASK_STATES]; /* how long in each, 1.16 on */
    struct live_io io;
    struct live_subtask *other_attempts; /* that run beside it */
    uint32_t n_other_attempts;
};

struct live_vertex_detail {
    const char *id, *name;
    int64_t parallelism, max_parallelism, now_ms;
    struct live_subtask *subtasks;
    uint32_t n_subtasks;
    struct live_aggregates aggregated;
};

struct live_vertex_taskmanagers {
    const char *id, *name;
    int64_t now_ms;
    struct live_vertex_taskmanager {
        const char *endpoint, *taskmanager, *status;
        int64_t start_ms, end_ms, duration_ms;
        int64_t status_counts[LIVE_TASK_STATES];
        struct live_io io;
        struct live_aggregates aggregated;
    } * list;
    uint32_t n_list;
};

struct live_subtask_times {
    const char *id, *name;
    int64_t now_ms;
    struct live_subtask_time {
        int64_t index, duration_ms;
        const char *endpoint;
        int64_t timestamps[LIVE_TASK_STATES];
    } * subtasks;
    uint32_t n_subtasks;
};

struct live_pressure {
    int64_t index, attempt;
    const char *level;        /* ok, low, high */
    double ratio, idle, busy; /* busy is NaN for sources of the old kind */
    struct live_pressure *other_attempts;
    uint32_t n_other_attempts;
};

struct live_backpressure {
    const char *status; /* "deprecated": Flink has only begun to look; ask again */
    const char *level;
    int64_t end_ms; /* of the measurement */
    struct live_pressure *subtasks;
    uint32_t n_subtasks;
};

#define LIVE_WATERMARK_NONE (INT64_MIN + 1) /* no watermark has come yet */
#define LIVE_WATERMARK_END INT64_MAX        /* the input has ended */

/* The input watermark of each subtask; empty for a source. */
struct live_watermarks {
    struct live_watermark {
        int64_t subtask, ms; /* ms: since 1970 in event time, or one of the above */
    } * list;
    uint32_t n_list;
    int64_t low, high; /* over the list: NONE counts as lowest; LIVE_ABSENT when it is empty */
};

/* Metrics. Of one object: text, and its value when it is a number. Of several (…/subtasks/metrics and so on): min to skew, as far
 * as they were asked for. Neither when only the names were asked for. */
struct live_metric {
    const char *id, *text;
    double value, min, max, avg, sum, skew; /* skew 0 to 100, 1.20 on */
};

struct live_metrics {
    struct live_metric *list; /* by id */
    uint32_t n_list;
};

struct live_accumulator {
    const char *name, *type, *value;
};

struct live_accumulators {
    struct live_accumulator *job, *user;
    uint32_t n_job, n_user;
};

struct live_vertex_accumulators {
    const char *id;
    struct live_accumulator *user;
    uint32_t n_user;
};

struct live_subtasks_accumulators {
    const char *id;
    int64_t parallelism;
    struct live_subtask_accumulators {
        int64_t index, attempt;
        const char *id; /* of the attempt; said where one is asked for */
        const char *endpoint;
        struct live_accumulator *user;
        uint32_t n_user;
    } * subtasks;
    uint32_t n_subtasks;
};

struct live_flame_node {
    const char *name;
    int64_t value; /* samples */
    struct live_flame_node *children;
    uint32_t n_children;
};

#define LIVE_FLAME_ENDED (-1)     /* the tasks run no more */
#define LIVE_FLAME_OFF (-2)       /* rest.flamegraph.enabled is false */
#define LIVE_FLAME_GATHERING (-3) /* the first answer: Flink has only begun to sample, ask again */

struct live_flamegraph {
    int64_t end_ms; /* of the sampling, or one of the above: VertexFlameGraph of Flink */
    struct live_flame_node *root;
};

/* --- checkpoints --- */

/* Over several checkpoints, or over the subtasks of one; bytes or ms. */
struct live_stats {
    int64_t min, max, avg;
    double p50, p90, p95, p99, p999;
};

/* Common to a checkpoint and to one vertex's part in it. */
struct live_checkpoint_vertex {
    const char *vertex; /* its id */
    int64_t id;         /* of the checkpoint */
    const char *status;
    int64_t latest_ack_ms, duration_ms;
    int64_t checkpointed_size; /* uploaded for this one; 1.15 on */
    int64_t state_size;        /* with what earlier ones have uploaded */
    int64_t alignment_buffered, processed_data, persisted_data;
    int64_t subtasks, acknowledged;
};

struct live_checkpoint {
    const char *class_name; /* completed, failed, in_progress */
    int64_t id;
    const char *status, *checkpoint_type, *savepoint_format;
    enum live_bool is_savepoint, discarded;
    int64_t trigger_ms, latest_ack_ms, duration_ms;
    int64_t checkpointed_size, state_size, alignment_buffered, processed_data, persisted_data;
    int64_t subtasks, acknowledged;
    const char *external_path;
    int64_t failure_ms;
    const char *failure_message;
    struct live_checkpoint_vertex *vertices; /* only asked one by one */
    uint32_t n_vertices;
};

struct live_restored {
    int64_t id, restored_ms;
    enum live_bool is_savepoint;
    const char *external_path;
};

struct live_checkpoints {
    struct live_checkpoint_counts {
        int64_t restored, total, in_progress, completed, failed;
    } counts;
    struct live_checkpoint_summary {
        struct live_stats checkpointed_size, state_size, duration_ms, alignment_buffered, processed_data, persisted_data;
    } summary;
    struct live_checkpoint_latest {
        struct live_checkpoint *completed, *savepoint, *failed;
        struct live_restored *restored;
    } latest;
    struct live_checkpoint *history; /* newest first, as many as Flink keeps (10) */
    uint32_t n_history;
};

struct live_checkpoint_config {
    const char *mode, *state_backend, *checkpoint_storage, *changelog_storage;
    int64_t interval_ms; /* absent: no periodic checkpoints */
    int64_t timeout_ms, min_pause_ms, max_concurrent, tolerable_failed, aligned_timeout_ms, materialization_interval_ms;
    enum live_bool unaligned, after_tasks_finish, changelog;
    struct live_externalization {
        enum live_bool enabled, delete_on_cancellation;
    } externalization;
};

/* One vertex's part in a checkpoint, by subtask. */
struct live_checkpoint_subtasks {
    struct live_checkpoint_vertex vertex; /* its id is not told: vertex.vertex is absent */
    struct live_checkpoint_subtasks_summary {
        struct live_stats checkpointed_size, state_size, duration_ms, start_delay_ms;
        struct live_phase_stats {
            struct live_stats sync_ms, async_ms;
        } checkpoint;
        struct live_alignment_stats {
            struct live_stats buffered, processed, persisted, duration_ms;
        } alignment;
    } summary;
    struct live_checkpoint_subtask {
        const char *class_name, *status; /* completed; pending_or_failed: has not answered, and has only its index */
        int64_t index, ack_ms, duration_ms, checkpointed_size, state_size, start_delay_ms;
        struct live_phases {
            int64_t sync_ms, async_ms;
        } checkpoint;
        struct live_alignment {
            int64_t buffered, processed, persisted, duration_ms;
        } alignment;
        enum live_bool unaligned, aborted;
    } * subtasks;
    uint32_t n_subtasks;
};

/* --- exceptions --- */

struct live_exception {
    const char *name;  /* of the class */
    const char *stack; /* with its line ends */
    int64_t at_ms;
    const char *task; /* absent for a failure of the whole job */
    const char *job;  /* only in an application's */
    const char *endpoint, *taskmanager;
    struct live_pair *labels; /* 1.18 on */
    uint32_t n_labels;
    struct live_exception *concurrent;
    uint32_t n_concurrent;
};

struct live_exceptions {
    /* Newest first. From exceptionHistory, or from the older fields where the server has only those. */
    struct live_exception *list;
    uint32_t n_list;
    enum live_bool truncated; /* there were more */
    /* As the server has them: before 2.0 the older fields stand beside the history and repeat it. */
    struct live_exception_history {
        struct live_exception *entries;
        uint32_t n_entries;
        enum live_bool truncated;
    } history;
    struct live_old_exceptions {
        const char *root;
        int64_t at_ms;
        enum live_bool truncated;
        struct live_exception *all; /* stack and name from "exception" */
        uint32_t n_all;
    } old;
};

/* --- operations, rescaling --- */

struct live_trigger {
    const char *id; /* to poll with */
};

struct live_operation {
    struct live_progress status; /* COMPLETED does not mean success: see outcome->failure */
    struct live_outcome {
        const char *location; /* of a savepoint */
        int64_t checkpoint_id;
        struct live_failure *failure;
    } * outcome;
};

struct live_requirements {
    struct live_requirement {
        const char *vertex;
        struct live_bounds {
            int64_t lower, upper;
        } parallelism;
    } * list;
    uint32_t n_list;
};

struct live_rescale {
    const char *id, *requirements, *terminal_state, *trigger_cause, *terminated_reason;
    int64_t attempt, start_ms, end_ms;
    struct live_rescale_vertex { /* only asked one by one; so are slots and states */
        const char *id, *name, *slot_sharing_group, *slot_sharing_group_name;
        int64_t desired, sufficient, before, after; /* parallelism */
    } * vertices;
    struct live_rescale_slots {
        const char *slot_sharing_group, *slot_sharing_group_name;
        struct live_resource *requested, *acquired;
        int64_t desired, minimal, before, after;
    } * slots;
    struct live_scheduler_state {
        const char *state, *exception;
        int64_t enter_ms, leave_ms, duration_ms;
    } * states;
    uint32_t n_vertices, n_slots, n_states;
};

struct live_rescales { /* newest first; empty unless the cluster keeps a history */
    struct live_rescale *list;
    uint32_t n_list;
};

struct live_rescale_counts {
    int64_t ignored, in_progress, completed, failed;
};

struct live_rescale_overview {
    struct live_rescale_counts counts;
    struct live_rescale_latest {
        struct live_rescale *completed, *failed, *ignored;
    } latest;
};

struct live_rescale_summary {
    struct live_rescale_counts counts;
    struct live_stats all_ms, completed_ms, ignored_ms, failed_ms;
};

struct live_rescale_config {
    int64_t history_max, submission_wait_ms, submission_stabilization_ms, slot_idle_ms, cooldown_ms, stabilization_ms,
        max_trigger_delay_ms;
    int64_t failed_checkpoints;
    const char *execution_mode;
};

/* --- applications, 2.3 on --- */

struct live_count {
    const char *state;
    int64_t n;
};

struct live_application {
    const char *id, *name, *status;
    int64_t start_ms, end_ms, duration_ms;
    struct live_count *timestamps; /* state and ms; absent in a list, as are the jobs */
    struct live_job_row *jobs;
    uint32_t n_timestamps, n_jobs;
};

struct live_applications {
    struct live_application_row {
        const char *id, *name, *status;
        int64_t start_ms, end_ms, duration_ms;
        struct live_count *jobs;
        uint32_t n_jobs;
    } * list;
    uint32_t n_list;
};

/* --- a SQL gateway, 1.16 on --- */

struct live_gateway_info {
    const char *product, *version;
};

struct live_gateway_versions { /* of its REST interface: "V1", … */
    const char **list;
    uint32_t n_list;
};

struct live_gateway_session {
    struct live_pair *properties; /* how the session is configured */
    uint32_t n_properties;
};

struct live_gateway_handle {
    const char *session, *operation; /* what was opened, or begun */
};

struct live_gateway_result { /* of an operation, its first rows */
    const char *type;        /* NOT_READY: once more; PAYLOAD, EOS */
    const char *job;         /* that it has begun */
    struct live_gateway_rows {
        struct live_gateway_row {
            const char **fields;
            uint32_t n_fields;
        } * list;
        uint32_t n_list;
    } rows;
};

struct live_jars {
    const char *address;
    struct live_jar {
        const char *id, *name;
        int64_t uploaded_ms;
        struct live_jar_entry {
            const char *name, *description;
        } * entries;
        uint32_t n_entries;
    } * list;
    uint32_t n_list;
};

#endif
