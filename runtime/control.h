/* Changing a running job, from any thread: snapshots now, the end. Orders are carried out by the job's own coordinator, one after the other, and
 * told of until the job is freed. */
#ifndef WEIR_RUNTIME_CONTROL_H
#define WEIR_RUNTIME_CONTROL_H

#include "base/mem.h"
#include "runtime/runtime.h"

enum { CONTROL_ID = 32 }; /* hexadecimal digits */

enum control_kind {
    CONTROL_CHECKPOINT, /* as the periodic ones */
    CONTROL_SAVEPOINT,  /* into a directory of its own below `dir` */
    CONTROL_STOP        /* no source gives anything behind the last snapshot; then the job has FINISHED */
};

struct control {
    enum control_kind kind;
    const char *id;  /* NULL: one is made. The same id twice is one order */
    const char *dir; /* NULL: execution.checkpointing.savepoint-dir. STOP without either takes a checkpoint, where they are on */
    bool native;     /* a savepoint of the files of databases, where the job has those; else it is canonical */
    bool drain;      /* STOP: sources end before the snapshot, and event time with them: windows give what they have */
};

enum control_progress { CONTROL_UNKNOWN, CONTROL_RUNS, CONTROL_DONE, CONTROL_FAILED };

struct control_state {
    enum control_progress progress;
    enum control_kind kind;
    uint64_t checkpoint;  /* 0: none was taken */
    const char *location; /* of the snapshot; NULL: none */
    const char *why;      /* FAILED */
};

/* False: e says why not. id has room for CONTROL_ID + 1. */
bool job_order(struct job *j, const struct control *c, char *id, struct err *e);
/* What has become of it; strings in the arena. */
struct control_state job_ordered(struct job *j, const char *id, struct arena *a);
/* Whether that could be ordered. */
bool job_may(const struct job *j, const struct control *c, struct err *e);
/* Whether it takes checkpoints, so that it can be stopped and go on. */
bool job_takes_checkpoints(const struct job *j);
/* Whether its keyed state lies in databases, of which there are native savepoints. */
bool job_has_databases(const struct job *j);
/* Ends the job where it is: job_run says ERR_INTERRUPTED. */
void job_cancel(struct job *j);

#endif
