/* Restart strategies: after a failure, whether and when the job begins again from its last checkpoint (RestartBackoffTimeStrategy of flink-runtime
 * 2.3, and its options). */
#ifndef WEIR_RUNTIME_EXEC_RESTART_H
#define WEIR_RUNTIME_EXEC_RESTART_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/mem.h"

struct job;

struct restarts {
    enum { RESTART_NEVER, RESTART_FIXED, RESTART_EXPONENTIAL, RESTART_RATE } kind;
    uint64_t attempts; /* fixed: at most; exponential: before it gives up; rate: in an interval; UINT64_MAX: any number */
    int64_t delay, max_delay, reset, interval; /* milliseconds */
    double multiplier, jitter;
    uint64_t n;         /* so far */
    int64_t next, last; /* exponential: the next delay; when the last failure was */
    int64_t window;     /* rate: when the interval began */
};

/* Without an option: exponential with checkpoints, never without. */
bool restarts_open(struct restarts *r, const struct job *j, bool checkpoints, struct err *e);
/* For people, as Flink's RestartStrategyDescriptionUtils has it. */
const char *restarts_about(const struct restarts *r, struct arena *a);
/* It has failed now: false, that is the end; else begin again after *delay milliseconds. `chance` is from 0 to 1. */
bool restarts_again(struct restarts *r, int64_t now, double chance, int64_t *delay);

#endif
