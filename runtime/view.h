/* A running job as others see it: a copy of its figures at one moment, taken from any thread while the job goes on.
 *
 * Figures are those of the present attempt, as in Flink; what a job has been through (phases, failures, checkpoints) is of all. Times are
 * milliseconds since 1970, 0 or less: not yet. */
#ifndef WEIR_RUNTIME_VIEW_H
#define WEIR_RUNTIME_VIEW_H

#include "base/mem.h"
#include "runtime/runtime.h"

/* JOB_PHASE(id, Flink's word: JobStatus of flink-runtime) */
#define JOB_PHASE_LIST                        \
    JOB_PHASE(PHASE_CREATED, "CREATED")       \
    JOB_PHASE(PHASE_RUNNING, "RUNNING")       \
    JOB_PHASE(PHASE_RESTARTING, "RESTARTING") \
    JOB_PHASE(PHASE_CANCELLING, "CANCELLING") \
    JOB_PHASE(PHASE_FAILED, "FAILED")         \
    JOB_PHASE(PHASE_CANCELED, "CANCELED")     \
    JOB_PHASE(PHASE_FINISHED, "FINISHED")

enum job_phase {
#define JOB_PHASE(id, word) id,
    JOB_PHASE_LIST
#undef JOB_PHASE
        JOB_PHASES
};
extern const char *const job_phase_words[JOB_PHASES];
static inline bool job_phase_ended(enum job_phase p) { return p >= PHASE_FAILED; }

enum { ID_DIGITS = 32, VIEW_FAILURES = 20, VIEW_CHECKPOINTS = 10, VIEW_SAMPLES = 1000 };

struct view_op {
    char id[ID_DIGITS + 1]; /* of the operator: the hash of its uid */
    const char *name;       /* "Calc[2]" */
    int32_t depth;          /* of its place in the chain: 0 for its head */
};

/* One of a subtask's operators. */
struct view_op_figures {
    uint64_t rows_in, rows_out; /* those of sources and sinks: rows of the outside */
    uint64_t late, skipped;     /* behind the watermark; malformed */
    int64_t wm_in, wm_out;      /* INT64_MIN: none yet */
};

struct view_subtask {
    const char *status; /* Flink's word: ExecutionState */
    int64_t busy_ms, idle_ms, pressed_ms;
    uint64_t rows_in, rows_out, bytes_in, bytes_out; /* with those of the outside */
    uint32_t queued;                                 /* messages that wait for it */
    struct view_op_figures *ops;                     /* of the vertex */
};

struct view_input {
    uint32_t vertex; /* its place */
    const char *ship;
};

struct view_vertex {
    char id[ID_DIGITS + 1];
    const char *name, *about; /* about: a line for each operator, with <br/> behind it */
    bool source;              /* nobody feeds it */
    uint32_t n_inputs, n_ops, n_subtasks;
    const struct view_input *inputs;
    const struct view_op *ops;
    struct view_subtask *subtasks;
    uint32_t first; /* its first subtask, among those of all vertices */
};

struct view_failure {
    int64_t at_ms;
    char *text, *task; /* task: NULL: of the whole job */
};

/* A subtask's part in a checkpoint. */
struct view_part {
    bool here; /* it has acknowledged */
    int64_t ack_ms, delay_ms, aligned_ms, sync_ms, async_ms;
    uint64_t bytes;
};

struct view_checkpoint {
    uint64_t id;
    enum { CHECKPOINT_RUNS, CHECKPOINT_DONE, CHECKPOINT_FAILED } status;
    bool savepoint, discarded;
    int64_t trigger_ms, latest_ack_ms, end_ms;
    uint32_t n_parts, n_acks;
    uint64_t bytes;
    char *path, *why;
    struct view_part *parts; /* of all subtasks */
};

struct view_sample {
    uint64_t bytes;
    int64_t ms;
};

struct view_checkpoints {
    bool on;
    int64_t interval_ms, timeout_ms, min_pause_ms;
    uint32_t tolerable, retained;
    const char *dir;
    uint64_t completed, failed, restored, running;
    uint32_t n; /* newest first */
    struct view_checkpoint *list;
    struct view_checkpoint *last_completed, *last_savepoint, *last_failed; /* NULL: none */
    uint64_t restored_id;                                                  /* 0: none */
    int64_t restored_ms;
    const char *restored_path;
    uint32_t n_samples; /* of those that have completed */
    const struct view_sample *samples;
};

struct job_view {
    char id[ID_DIGITS + 1];
    const char *name;
    enum job_phase phase;
    int64_t at_ms[JOB_PHASES]; /* the last time of each */
    int64_t start_ms, end_ms, now_ms;
    int64_t ticks; /* nanoseconds, of the figures */
    uint64_t restarts;
    uint32_t parallelism, max_parallelism;
    const char *restart_strategy;
    uint32_t n_config;
    const char *const *config_names, *const *config_values;
    uint32_t n_vertices, n_subtasks;
    struct view_vertex *vertices; /* sources first */
    uint32_t n_failures;          /* newest first */
    struct view_failure *failures;
    bool failures_truncated;
    struct view_checkpoints checkpoints;
};

/* A copy in the arena; what is the same for the whole run is the job's. */
void job_look(struct job *j, struct job_view *v, struct arena *a);

#endif
