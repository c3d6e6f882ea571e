/* Checkpoints, exceptions, operations, rescaling. */
#include "live/shape.h"

#include <string.h>

static const struct shape_field stats[] = {
    SPAN(live_stats, min, "min"), SPAN(live_stats, max, "max"),   SPAN(live_stats, avg, "avg"),
    REAL(live_stats, p50, "p50"), REAL(live_stats, p90, "p90"),   REAL(live_stats, p95, "p95"),
    REAL(live_stats, p99, "p99"), REAL(live_stats, p999, "p999"), SHAPE_END,
};
const struct shape shape_live_stats = {.size = sizeof(struct live_stats), .fields = stats};

static const struct shape_field checkpoint_vertex[] = {
    TEXT(live_checkpoint_vertex, vertex, NULL),
    SPAN(live_checkpoint_vertex, id, "id"),
    TEXT(live_checkpoint_vertex, status, "status"),
    MOMENT(live_checkpoint_vertex, latest_ack_ms, "latest_ack_timestamp"),
    SPAN(live_checkpoint_vertex, duration_ms, "end_to_end_duration"),
    SPAN(live_checkpoint_vertex, checkpointed_size, "checkpointed_size"),
    SPAN(live_checkpoint_vertex, state_size, "state_size"),
    SPAN(live_checkpoint_vertex, alignment_buffered, "alignment_buffered"),
    SPAN(live_checkpoint_vertex, processed_data, "processed_data"),
    SPAN(live_checkpoint_vertex, persisted_data, "persisted_data"),
    SPAN(live_checkpoint_vertex, subtasks, "num_subtasks"),
    SPAN(live_checkpoint_vertex, acknowledged, "num_acknowledged_subtasks"),
    SHAPE_END,
};
static const struct shape shape_checkpoint_vertex = {.size = sizeof(struct live_checkpoint_vertex), .fields = checkpoint_vertex};

static const struct shape_field checkpoint[] = {
    TEXT(live_checkpoint, class_name, "className"),
    SPAN(live_checkpoint, id, "id"),
    TEXT(live_checkpoint, status, "status"),
    TEXT(live_checkpoint, checkpoint_type, "checkpoint_type"),
    TEXT(live_checkpoint, savepoint_format, "savepointFormat"),
    BOOL(live_checkpoint, is_savepoint, "is_savepoint"),
    BOOL(live_checkpoint, discarded, "discarded"),
    MOMENT(live_checkpoint, trigger_ms, "trigger_timestamp"),
    MOMENT(live_checkpoint, latest_ack_ms, "latest_ack_timestamp"),
    SPAN(live_checkpoint, duration_ms, "end_to_end_duration"),
    SPAN(live_checkpoint, checkpointed_size, "checkpointed_size"),
    SPAN(live_checkpoint, state_size, "state_size"),
    SPAN(live_checkpoint, alignment_buffered, "alignment_buffered"),
    SPAN(live_checkpoint, processed_data, "processed_data"),
    SPAN(live_checkpoint, persisted_data, "persisted_data"),
    SPAN(live_checkpoint, subtasks, "num_subtasks"),
    SPAN(live_checkpoint, acknowledged, "num_acknowledged_subtasks"),
    TEXT(live_checkpoint, external_path, "external_path"),
    MOMENT(live_checkpoint, failure_ms, "failure_timestamp"),
    TEXT(live_checkpoint, failure_message, "failure_message"),
    MAP(live_checkpoint, vertices, &shape_checkpoint_vertex, "tasks"),
    SHAPE_END,
};
const struct shape shape_live_checkpoint = {.size = sizeof(struct live_checkpoint), .fields = checkpoint};

static const struct shape_field restored[] = {
    SPAN(live_restored, id, "id"),
    MOMENT(live_restored, restored_ms, "restore_timestamp"),
    BOOL(live_restored, is_savepoint, "is_savepoint"),
    TEXT(live_restored, external_path, "external_path"),
    SHAPE_END,
};
static const struct shape shape_restored = {.size = sizeof(struct live_restored), .fields = restored};

static const struct shape_field counts[] = {
    SPAN(live_checkpoint_counts, restored, "restored"),       SPAN(live_checkpoint_counts, total, "total"),
    SPAN(live_checkpoint_counts, in_progress, "in_progress"), SPAN(live_checkpoint_counts, completed, "completed"),
    SPAN(live_checkpoint_counts, failed, "failed"),           SHAPE_END,
};
static const struct shape shape_counts = {.size = sizeof(struct live_checkpoint_counts), .fields = counts};

static const struct shape_field summary[] = {
    STRUCT(live_checkpoint_summary, checkpointed_size, &shape_live_stats, "checkpointed_size"),
    STRUCT(live_checkpoint_summary, state_size, &shape_live_stats, "state_size"),
    STRUCT(live_checkpoint_summary, duration_ms, &shape_live_stats, "end_to_end_duration"),
    STRUCT(live_checkpoint_summary, alignment_buffered, &shape_live_stats, "alignment_buffered"),
    STRUCT(live_checkpoint_summary, processed_data, &shape_live_stats, "processed_data"),
    STRUCT(live_checkpoint_summary, persisted_data, &shape_live_stats, "persisted_data"),
    SHAPE_END,
};
static const struct shape shape_summary = {.size = sizeof(struct live_checkpoint_summary), .fields = summary};

static const struct shape_field latest[] = {
    POINTER(live_checkpoint_latest, completed, &shape_live_checkpoint, "completed"),
    POINTER(live_checkpoint_latest, savepoint, &shape_live_checkpoint, "savepoint"),
    POINTER(live_checkpoint_latest, failed, &shape_live_checkpoint, "failed"),
    POINTER(live_checkpoint_latest, restored, &shape_restored, "restored"),
    SHAPE_END,
};
static const struct shape shape_latest = {.size = sizeof(struct live_checkpoint_latest), .fields = latest};

static const struct shape_field checkpoints[] = {
    STRUCT(live_checkpoints, counts, &shape_counts, "counts"),
    STRUCT(live_checkpoints, summary, &shape_summary, "summary"),
    STRUCT(live_checkpoints, latest, &shape_latest, "latest"),
    LIST(live_checkpoints, history, &shape_live_checkpoint, "history"),
    SHAPE_END,
};
const struct shape shape_live_checkpoints = {.size = sizeof(struct live_checkpoints), .fields = checkpoints, .essential = true};

static const struct shape_field externalization[] = {
    BOOL(live_externalization, enabled, "enabled"),
    BOOL(live_externalization, delete_on_cancellation, "delete_on_cancellation"),
    SHAPE_END,
};
static const struct shape shape_externalization = {.size = sizeof(struct live_externalization), .fields = externalization};

static const struct shape_field checkpoint_config[] = {
    TEXT(live_checkpoint_config, mode, "mode"),
    TEXT(live_checkpoint_config, state_backend, "state_backend"),
    TEXT(live_checkpoint_config, checkpoint_storage, "checkpoint_storage"),
    TEXT(live_checkpoint_config, changelog_storage, "changelog_storage"),
    SPAN(live_checkpoint_config, interval_ms, "interval"),
    SPAN(live_checkpoint_config, timeout_ms, "timeout"),
    SPAN(live_checkpoint_config, min_pause_ms, "min_pause"),
    SPAN(live_checkpoint_config, max_concurrent, "max_concurrent"),
    SPAN(live_checkpoint_config, tolerable_failed, "tolerable_failed_checkpoints"),
    SPAN(live_checkpoint_config, aligned_timeout_ms, "aligned_checkpoint_timeout"),
    SPAN(live_checkpoint_config, materialization_interval_ms, "changelog_periodic_materialization_interval"),
    BOOL(live_checkpoint_config, unaligned, "unaligned_checkpoints"),
    BOOL(live_checkpoint_config, after_tasks_finish, "checkpoints_after_tasks_finish"),
    BOOL(live_checkpoint_config, changelog, "state_changelog_enabled"),
    STRUCT(live_checkpoint_config, externalization, &shape_externalization, "externalization"),
    SHAPE_END,
};

/* Without periodic checkpoints the interval is the largest number there is. */
static void settle_config(void *v, struct arena *a, bool *unsettled)
{
    (void)a;
    (void)unsettled;
    struct live_checkpoint_config *c = v;
    if (c->interval_ms == INT64_MAX)
        c->interval_ms = LIVE_ABSENT;
}
const struct shape shape_live_checkpoint_config = {
    .size = sizeof(struct live_checkpoint_config), .fields = checkpoint_config, .finish = settle_config};

/* --- one vertex's part --- */

static const struct shape_field phase_stats[] = {
    STRUCT(live_phase_stats, sync_ms, &shape_live_stats, "sync"),
    STRUCT(live_phase_stats, async_ms, &shape_live_stats, "async"),
    SHAPE_END,
};
static const struct shape shape_phase_stats = {.size = sizeof(struct live_phase_stats), .fields = phase_stats};
static const struct shape_field alignment_stats[] = {
    STRUCT(live_alignment_stats, buffered, &shape_live_stats, "buffered"),
    STRUCT(live_alignment_stats, processed, &shape_live_stats, "processed"),
    STRUCT(live_alignment_stats, persisted, &shape_live_stats, "persisted"),
    STRUCT(live_alignment_stats, duration_ms, &shape_live_stats, "duration"),
    SHAPE_END,
};
static const struct shape shape_alignment_stats = {.size = sizeof(struct live_alignment_stats), .fields = alignment_stats};
static const struct shape_field subtasks_summary[] = {
    STRUCT(live_checkpoint_subtasks_summary, checkpointed_size, &shape_live_stats, "checkpointed_size"),
    STRUCT(live_checkpoint_subtasks_summary, state_size, &shape_live_stats, "state_size"),
    STRUCT(live_checkpoint_subtasks_summary, duration_ms, &shape_live_stats, "end_to_end_duration"),
    STRUCT(live_checkpoint_subtasks_summary, start_delay_ms, &shape_live_stats, "start_delay"),
    STRUCT(live_checkpoint_subtasks_summary, checkpoint, &shape_phase_stats, "checkpoint_duration"),
    STRUCT(live_checkpoint_subtasks_summary, alignment, &shape_alignment_stats, "alignment"),
    SHAPE_END,
};
static const struct shape shape_subtasks_summary = {.size = sizeof(struct live_checkpoint_subtasks_summary),
                                                    .fields = subtasks_summary};

static const struct shape_field phases[] = {
    SPAN(live_phases, sync_ms, "sync"),
    SPAN(live_phases, async_ms, "async"),
    SHAPE_END,
};
static const struct shape shape_phases = {.size = sizeof(struct live_phases), .fields = phases};
static const struct shape_field alignment[] = {
    SPAN(live_alignment, buffered, "buffered"),
    SPAN(live_alignment, processed, "processed"),
    SPAN(live_alignment, persisted, "persisted"),
    SPAN(live_alignment, duration_ms, "duration"),
    SHAPE_END,
};
static const struct shape shape_alignment = {.size = sizeof(struct live_alignment), .fields = alignment};
static const struct shape_field checkpoint_subtask[] = {
    TEXT(live_checkpoint_subtask, class_name, "className"),
    TEXT(live_checkpoint_subtask, status, "status"),
    SPAN(live_checkpoint_subtask, index, "index"),
    MOMENT(live_checkpoint_subtask, ack_ms, "ack_timestamp"),
    SPAN(live_checkpoint_subtask, duration_ms, "end_to_end_duration"),
    SPAN(live_checkpoint_subtask, checkpointed_size, "checkpointed_size"),
    SPAN(live_checkpoint_subtask, state_size, "state_size"),
    SPAN(live_checkpoint_subtask, start_delay_ms, "start_delay"),
    STRUCT(live_checkpoint_subtask, checkpoint, &shape_phases, "checkpoint"),
    STRUCT(live_checkpoint_subtask, alignment, &shape_alignment, "alignment"),
    BOOL(live_checkpoint_subtask, unaligned, "unaligned_checkpoint"),
    BOOL(live_checkpoint_subtask, aborted, "aborted"),
    SHAPE_END,
};
static const struct shape shape_checkpoint_subtask = {.size = sizeof(struct live_checkpoint_subtask), .fields = checkpoint_subtask};
static const struct shape_field checkpoint_subtasks[] = {
    STRUCT(live_checkpoint_subtasks, vertex, &shape_checkpoint_vertex, ""),
    STRUCT(live_checkpoint_subtasks, summary, &shape_subtasks_summary, "summary"),
    LIST(live_checkpoint_subtasks, subtasks, &shape_checkpoint_subtask, "subtasks"),
    SHAPE_END,
};
const struct shape shape_live_checkpoint_subtasks = {.size = sizeof(struct live_checkpoint_subtasks),
                                                     .fields = checkpoint_subtasks};

/* --- operations --- */

static const struct shape_field trigger[] = {TEXT(live_trigger, id, "request-id"), SHAPE_END};
const struct shape shape_live_trigger = {.size = sizeof(struct live_trigger), .fields = trigger};

static const struct shape_field outcome[] = {
    TEXT(live_outcome, location, "location"),
    SPAN(live_outcome, checkpoint_id, "checkpointId"),
    POINTER(live_outcome, failure, &shape_live_failure, "failure-cause"),
    SHAPE_END,
};
static const struct shape shape_outcome = {.size = sizeof(struct live_outcome), .fields = outcome};
static const struct shape_field operation[] = {
    STRUCT(live_operation, status, &shape_live_progress, "status"),
    POINTER(live_operation, outcome, &shape_outcome, "operation"),
    SHAPE_END,
};
const struct shape shape_live_operation = {.size = sizeof(struct live_operation), .fields = operation};
