/* What a job has been through: its phases, failures and checkpoints, kept for those who look at it (view.h). For job.c and exec_*.c only.
 * All of it is under the job's lock, which these functions take, but for life_acked. */
#ifndef WEIR_RUNTIME_EXEC_LIFE_H
#define WEIR_RUNTIME_EXEC_LIFE_H

#include "runtime/exec_checkpoint.h"
#include "runtime/view.h"

struct life {
    char id[ID_DIGITS + 1];
    const char *name;
    struct view_vertex *vertices; /* what does not change; by chain */
    struct view_op *ops;          /* of the plan's nodes */
    enum job_phase phase;
    int64_t start_ms, end_ms, at_ms[JOB_PHASES];
    uint64_t restarts;
    uint32_t n_failures; /* newest first */
    struct view_failure failures[VIEW_FAILURES];
    bool failures_truncated;
    uint32_t n_checkpoints; /* newest first */
    struct view_checkpoint checkpoints[VIEW_CHECKPOINTS];
    struct view_checkpoint last_completed, last_savepoint, last_failed; /* id 0: none */
    uint64_t completed, failed, restored, restored_id;
    int64_t restored_ms;
    char *restored_path;
    uint32_t n_samples, sample; /* sample: the place of the next one */
    struct view_sample samples[VIEW_SAMPLES];
};

/* The job's graph is there. False: e. */
bool life_open(struct job *j, struct err *e);
void life_close(struct job *j);
void life_phase(struct job *j, enum job_phase phase);
void life_failure(struct job *j, const struct err *why, const struct task *whose);

void life_triggered(struct job *j, uint64_t id, bool savepoint, int64_t now);
/* With the job's lock. */
void life_acked(struct task *t, uint64_t id, const struct ack *a);
void life_completed(struct job *j, uint64_t id, const char *path);
void life_checkpoint_failed(struct job *j, uint64_t id, const char *why);
void life_discarded(struct job *j, uint64_t id);
void life_restored(struct job *j, uint64_t id, const char *path);

#endif
