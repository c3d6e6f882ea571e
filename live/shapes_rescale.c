/* Resource requirements and the history of rescaling; exceptions. */
#include "live/shape.h"

#include <string.h>

static const struct shape_field bounds[] = {SPAN(live_bounds, lower, "lowerBound"), SPAN(live_bounds, upper, "upperBound"),
                                            SHAPE_END};
static const struct shape shape_bounds = {.size = sizeof(struct live_bounds), .fields = bounds};
static const struct shape_field requirement[] = {
    TEXT(live_requirement, vertex, NULL),
    STRUCT(live_requirement, parallelism, &shape_bounds, "parallelism"),
    SHAPE_END,
};
static const struct shape shape_requirement = {.size = sizeof(struct live_requirement), .fields = requirement};
static const struct shape_field requirements[] = {MAP(live_requirements, list, &shape_requirement, "list"), SHAPE_END};
const struct shape shape_live_requirements = {.size = sizeof(struct live_requirements), .fields = requirements, .list = true};

static const struct shape_field rescale_vertex[] = {
    TEXT(live_rescale_vertex, id, "jobVertexId"),
    TEXT(live_rescale_vertex, name, "jobVertexName"),
    TEXT(live_rescale_vertex, slot_sharing_group, "slotSharingGroupId"),
    TEXT(live_rescale_vertex, slot_sharing_group_name, "slotSharingGroupName"),
    SPAN(live_rescale_vertex, desired, "desiredParallelism"),
    SPAN(live_rescale_vertex, sufficient, "sufficientParallelism"),
    SPAN(live_rescale_vertex, before, "preRescaleParallelism"),
    SPAN(live_rescale_vertex, after, "postRescaleParallelism"),
    SHAPE_END,
};
static const struct shape shape_rescale_vertex = {.size = sizeof(struct live_rescale_vertex), .fields = rescale_vertex};

static const struct shape_field rescale_slots[] = {
    TEXT(live_rescale_slots, slot_sharing_group, "slotSharingGroupId"),
    TEXT(live_rescale_slots, slot_sharing_group_name, "slotSharingGroupName"),
    POINTER(live_rescale_slots, requested, &shape_live_resource, "requestResourceProfile"),
    POINTER(live_rescale_slots, acquired, &shape_live_resource, "acquiredResourceProfile"),
    SPAN(live_rescale_slots, desired, "desiredSlots"),
    SPAN(live_rescale_slots, minimal, "minimalRequiredSlots"),
    SPAN(live_rescale_slots, before, "preRescaleSlots"),
    SPAN(live_rescale_slots, after, "postRescaleSlots"),
    SHAPE_END,
};
static const struct shape shape_rescale_slots = {.size = sizeof(struct live_rescale_slots), .fields = rescale_slots};

static const struct shape_field scheduler_state[] = {
    TEXT(live_scheduler_state, state, "state"),
    TEXT(live_scheduler_state, exception, "stringifiedException"),
    MOMENT(live_scheduler_state, enter_ms, "enterTimestampInMillis"),
    MOMENT(live_scheduler_state, leave_ms, "leaveTimestampInMillis"),
    SPAN(live_scheduler_state, duration_ms, "durationInMillis"),
    SHAPE_END,
};
static const struct shape shape_scheduler_state = {.size = sizeof(struct live_scheduler_state), .fields = scheduler_state};

static const struct shape_field rescale[] = {
    TEXT(live_rescale, id, "rescaleUuid"),
    TEXT(live_rescale, requirements, "resourceRequirementsUuid"),
    TEXT(live_rescale, terminal_state, "terminalState"),
    TEXT(live_rescale, trigger_cause, "triggerCause"),
    TEXT(live_rescale, terminated_reason, "terminatedReason"),
    SPAN(live_rescale, attempt, "rescaleAttemptId"),
    MOMENT(live_rescale, start_ms, "startTimestampInMillis"),
    MOMENT(live_rescale, end_ms, "endTimestampInMillis"),
    MAP(live_rescale, vertices, &shape_rescale_vertex, "vertices"),
    MAP(live_rescale, slots, &shape_rescale_slots, "slots"),
    LIST(live_rescale, states, &shape_scheduler_state, "schedulerStates"),
    SHAPE_END,
};
const struct shape shape_live_rescale = {.size = sizeof(struct live_rescale), .fields = rescale};
static const struct shape_field rescales[] = {LIST(live_rescales, list, &shape_live_rescale, "list"), SHAPE_END};
const struct shape shape_live_rescales = {.size = sizeof(struct live_rescales), .fields = rescales, .list = true};

static const struct shape_field rescale_counts[] = {
    SPAN(live_rescale_counts, ignored, "ignored"),
    SPAN(live_rescale_counts, in_progress, "inProgress"),
    SPAN(live_rescale_counts, completed, "completed"),
    SPAN(live_rescale_counts, failed, "failed"),
    SHAPE_END,
};
static const struct shape shape_rescale_counts = {.size = sizeof(struct live_rescale_counts), .fields = rescale_counts};
static const struct shape_field rescale_latest[] = {
    POINTER(live_rescale_latest, completed, &shape_live_rescale, "completed"),
    POINTER(live_rescale_latest, failed, &shape_live_rescale, "failed"),
    POINTER(live_rescale_latest, ignored, &shape_live_rescale, "ignored"),
    SHAPE_END,
};
static const struct shape shape_rescale_latest = {.size = sizeof(struct live_rescale_latest), .fields = rescale_latest};
static const struct shape_field rescale_overview[] = {
    STRUCT(live_rescale_overview, counts, &shape_rescale_counts, "rescalesCounts"),
    STRUCT(live_rescale_overview, latest, &shape_rescale_latest, "latest"),
    SHAPE_END,
};
const struct shape shape_live_rescale_overview = {.size = sizeof(struct live_rescale_overview), .fields = rescale_overview};

static const struct shape_field rescale_summary[] = {
    STRUCT(live_rescale_summary, counts, &shape_rescale_counts, "rescalesCounts"),
    STRUCT(live_rescale_summary, all_ms, &shape_live_stats, "rescalesDurationStatsInMillis"),
    STRUCT(live_rescale_summary, completed_ms, &shape_live_stats, "completedRescalesDurationStatsInMillis"),
    STRUCT(live_rescale_summary, ignored_ms, &shape_live_stats, "ignoredRescalesDurationStatsInMillis"),
    STRUCT(live_rescale_summary, failed_ms, &shape_live_stats, "failedRescalesDurationStatsInMillis"),
    SHAPE_END,
};
const struct shape shape_live_rescale_summary = {.size = sizeof(struct live_rescale_summary), .fields = rescale_summary};

static const struct shape_field rescale_config[] = {
    SPAN(live_rescale_config, history_max, "rescaleHistoryMax"),
    SPAN(live_rescale_config, submission_wait_ms, "submissionResourceWaitTimeoutInMillis"),
    SPAN(live_rescale_config, submission_stabilization_ms, "submissionResourceStabilizationTimeoutInMillis"),
    SPAN(live_rescale_config, slot_idle_ms, "slotIdleTimeoutInMillis"),
    SPAN(live_rescale_config, cooldown_ms, "executingCooldownTimeoutInMillis"),
    SPAN(live_rescale_config, stabilization_ms, "executingResourceStabilizationTimeoutInMillis"),
    SPAN(live_rescale_config, max_trigger_delay_ms, "maximumDelayForTriggeringRescaleInMillis"),
    SPAN(live_rescale_config, failed_checkpoints, "rescaleOnFailedCheckpointCount"),
    TEXT(live_rescale_config, execution_mode, "schedulerExecutionMode"),
    SHAPE_END,
};
const struct shape shape_live_rescale_config = {.size = sizeof(struct live_rescale_config), .fields = rescale_config};

/* --- exceptions --- */

static const struct shape shape_exception;
static const struct shape_field exception[] = {
    TEXT(live_exception, name, "exceptionName"),
    TEXT(live_exception, stack, "stacktrace", "exception"),
    MOMENT(live_exception, at_ms, "timestamp"),
    TEXT(live_exception, task, "taskName", "task"),
    TEXT(live_exception, job, "jobId"),
    TEXT(live_exception, endpoint, "endpoint", "location"),
    TEXT(live_exception, taskmanager, "taskManagerId"),
    MAP(live_exception, labels, &shape_live_pair, "failureLabels"),
    LIST(live_exception, concurrent, &shape_exception, "concurrentExceptions"),
    SHAPE_END,
};
static const struct shape shape_exception = {.size = sizeof(struct live_exception), .fields = exception};

static const struct shape_field history[] = {
    LIST(live_exception_history, entries, &shape_exception, "entries"),
    BOOL(live_exception_history, truncated, "truncated"),
    SHAPE_END,
};
static const struct shape shape_history = {.size = sizeof(struct live_exception_history), .fields = history};

static const struct shape_field old[] = {
    TEXT(live_old_exceptions, root, "root-exception"),
    MOMENT(live_old_exceptions, at_ms, "timestamp"),
    BOOL(live_old_exceptions, truncated, "truncated"),
    LIST(live_old_exceptions, all, &shape_exception, "all-exceptions"),
    SHAPE_END,
};
static const struct shape shape_old = {.size = sizeof(struct live_old_exceptions), .fields = old};

static const struct shape_field exceptions[] = {
    LIST(live_exceptions, list, &shape_exception, NULL),
    BOOL(live_exceptions, truncated, NULL),
    INNER(live_exceptions, history, &shape_history, "exceptionHistory"),
    INNER(live_exceptions, old, &shape_old, ""),
    SHAPE_END,
};

/* "java.lang.X: message\n\tat …": the class. */
static const char *class_of(const char *stack, struct arena *a)
{
    size_t n = stack ? strcspn(stack, ":\n\r\t ") : 0;
    return n ? arena_strn(a, stack, n) : NULL;
}

/* Before there was a history: the root failure, then those of the tasks. */
static void from_old(struct live_exceptions *x, struct arena *a)
{
    const struct live_old_exceptions *o = &x->old;
    x->n_list = o->n_all + (o->root ? 1 : 0);
    x->list = arena_array(a, x->n_list, sizeof *x->list);
    struct live_exception *e = x->list;
    if (o->root) {
        shape_clear(&shape_exception, e);
        e->stack = o->root;
        e->at_ms = o->at_ms;
        e++;
    }
    if (o->n_all)
        memcpy(e, o->all, o->n_all * sizeof *e);
    for (uint32_t i = 0; i < x->n_list; i++)
        x->list[i].name = class_of(x->list[i].stack, a);
    x->truncated = o->truncated;
}

static void settle_exceptions(void *v, struct arena *a, bool *unsettled)
{
    (void)unsettled;
    struct live_exceptions *x = v;
    x->list = x->history.entries;
    x->n_list = x->history.n_entries;
    x->truncated = x->history.truncated;
    if (!x->n_list && (x->old.root || x->old.n_all))
        from_old(x, a);
}
const struct shape shape_live_exceptions = {
    .size = sizeof(struct live_exceptions), .fields = exceptions, .finish = settle_exceptions};
