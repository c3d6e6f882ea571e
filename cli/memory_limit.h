/* The end of a job whose process has become larger than it may be, before the system ends it: taskmanager.memory.process.size. */
#ifndef WEIR_CLI_MEMORY_LIMIT_H
#define WEIR_CLI_MEMORY_LIMIT_H

#include <pthread.h>

#include "runtime/runtime.h"

struct memory_limit {
    struct job *job;
    uint64_t bytes;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t change;
    bool on, over;
    uint64_t reached; /* the size at which the job was ended; 0: it was not */
};

/* size: as Flink writes it; NULL: there is no limit. The job must live until memory_limit_end. */
bool memory_limit_begin(struct memory_limit *m, struct job *j, const char *size, struct err *e);
/* e: the limit was reached, which is why the job has ended. */
void memory_limit_end(struct memory_limit *m, struct err *e);

#endif
