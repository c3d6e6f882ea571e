/* Orders of others, as the coordinator carries them out: for job.c and exec_*.c only. */
#ifndef WEIR_RUNTIME_EXEC_CONTROL_H
#define WEIR_RUNTIME_EXEC_CONTROL_H

#include <stdatomic.h>

#include "runtime/control.h"

struct wish {
    struct wish *next; /* a later one */
    char id[CONTROL_ID + 1];
    enum control_kind kind;
    bool native;        /* a database's files as they are */
    bool drain, drains; /* drains: the sources have been told to end */
    char *dir;          /* NULL: a checkpoint, where they are on */
    enum control_progress progress;
    bool taken; /* its snapshot has been begun, or it needs none */
    uint64_t checkpoint;
    char *location, *why;
};

struct controls {
    struct wish *first;   /* under the job's lock, as all that orders hold */
    struct wish *current; /* whose snapshot is pending */
    atomic_bool fresh;    /* something was ordered that the coordinator has not looked at */
    atomic_bool any;      /* something was ever ordered */
    atomic_bool cancel;
};

/* The next one whose snapshot may begin; ended: the job's input is over. Tells the sources to end, where one drains. */
struct wish *control_next(struct job *j, bool ended);
/* Where its snapshot goes; NULL: to the checkpoints. */
char *control_path(const struct job *j, const struct wish *o, struct arena *a);
void control_done(struct job *j, struct wish *o, uint64_t checkpoint, const char *path);
/* A stop that has failed: the job goes on. */
void control_failed(struct job *j, struct wish *o, const char *why);
/* An attempt is over: what has been begun has failed. */
void control_attempt_over(struct job *j);
/* The job has ended: what is still open has failed, but for what wanted just that. */
void control_over(struct job *j, bool well);
void control_close(struct job *j);

#endif
