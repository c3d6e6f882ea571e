/* Waiting with a limit, by a clock that nobody sets. */
#ifndef WEIR_BASE_SOON_H
#define WEIR_BASE_SOON_H

#include <pthread.h>
#include <stdint.h>

void cond_open(pthread_cond_t *c); /* with the monotonic clock */
struct timespec soon(int64_t ms);  /* on that, for pthread_cond_timedwait */

#endif
