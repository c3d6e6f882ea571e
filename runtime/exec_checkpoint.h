/* Checkpoints of a running job: for job.c and exec_*.c. A barrier goes from the sources through all channels; a task that has it on all of its
 * inputs hands it on, begins a snapshot of its operators, and goes on with its rows; what is kept by key is put beside them, as it was when the
 * snapshot began (kstate.h), a slice of time each step. When all of it has been put the task acknowledges; when all tasks have, the checkpoint is
 * written, and only then told to the operators (CheckpointCoordinator, SingleCheckpointBarrierHandler of flink-runtime 2.3). */
#ifndef WEIR_RUNTIME_EXEC_CHECKPOINT_H
#define WEIR_RUNTIME_EXEC_CHECKPOINT_H

#include <stdatomic.h>

#include "runtime/snap.h"
#include "runtime/world.h"

struct job;
struct task;

#define CHECKPOINT_END UINT64_MAX /* "completed": the job is over, all that it has done counts */

/* What a task gives with its acknowledgement. */
struct ack {
    struct arena a;
    uint32_t n;
    struct snap *ops; /* one an operator of the task, in its order */
    bool ended;       /* its inputs were over */
    /* ticks at which the first barrier came; how long until all had; how long the snapshot took (nanoseconds) */
    int64_t began_ns, aligned_ns, sync_ns, async_ns; /* … and how long until all was put, while rows went on */
    struct ack *next;                                /* in checkpoints.late */
};

struct checkpoints {
    bool on;
    struct err unable;                    /* why the plan's state cannot be in any */
    int64_t interval, timeout, min_pause; /* milliseconds */
    uint32_t tolerable, retained;
    const char *dir;
    bool incremental;         /* of a database: its tables go into a directory that checkpoints share */
    char *shared;             /* that, an absolute path; NULL: it is not there */
    uint64_t last, completed; /* ids; 0: none */
    _Atomic uint64_t pending; /* the one that tasks put into; 0: none */
    struct ack *late;         /* that came for others, to be freed by the coordinator; under the job's lock */
    int64_t started, next;
    uint32_t n_acks, failures;
    struct ack **acks; /* of the pending one, by task; under the job's lock */
    bool final;        /* the last one has been taken with all tasks at their end */
    uint64_t *kept;    /* ids of those that are on the disk, the oldest first */
    uint32_t n_kept, cap_kept;
};

/* Reads the options. */
bool checkpoints_open(struct job *j, struct err *e);
/* What is due: triggers one, gives one up, writes one whose acknowledgements are there. When to look again (milliseconds). */
int64_t checkpoints_poll(struct job *j);
/* An attempt begins: none is pending. */
void checkpoints_begin(struct job *j);
void checkpoints_close(struct job *j);
/* From a task's thread; a is the coordinator's from then on. */
void checkpoints_ack(struct task *t, uint64_t id, struct ack *a);
void ack_free(struct ack *a);

/* --- on disk (exec_store.c): chk-N below the directory, in Flink's format --- */

/* Where it is. */
char *chk_path(const struct job *j, uint64_t id, struct arena *a);
/* To that path, whose directory is made when it is not there. form: an enum keyed_writing (exec_keyed.h), of what lies in databases. */
bool chk_write(struct job *j, uint64_t id, const char *path, int form, struct ack *const *acks, struct err *e);
/* What the job keeps outside of memory has a place (cold.h). */
bool chk_prepare(struct job *j, struct err *e);
/* The latest one that is whole; 0: there is none. The others are listed in kept. */
uint64_t chk_latest(struct job *j, struct err *e);
/* Reads the operators' states, of a checkpoint of weir's or a snapshot of Flink's, into j->restored. What goes into databases is left in
 * j->from, which the caller closes. */
bool chk_read(struct job *j, const char *path, struct err *e);
/* With the shared tables that no checkpoint in `kept` names. */
void chk_remove(struct job *j, uint64_t id);
/* Removes shared tables that no checkpoint in `kept` names: what a run that was killed has left. */
void chk_sweep(struct job *j);

#endif
