/* The REST server of a running job: the door of this room. What a job tells is Flink's, in paths and shapes (live/rest_api.def, live/shapes_*.c):
 * one job, one task manager, which are this process.
 *
 * One thread answers; it looks at the job (runtime/view.h) and never holds it up. */
#ifndef WEIR_SERVE_SERVE_H
#define WEIR_SERVE_SERVE_H

#include "base/err.h"
#include "runtime/runtime.h"

struct serve;

struct serve_opts {
    const char *address; /* IPv4 or IPv6; NULL: 127.0.0.1 */
    uint16_t port;       /* 0: any that is free */
    const char *token;   /* what changes the job wants as its bearer; NULL: nothing may change it */
};

/* Begins to answer. The job must live until serve_close. NULL: e. */
struct serve *serve_open(struct job *j, const struct serve_opts *opts, struct err *e);
uint16_t serve_port(const struct serve *s);
/* Ends it. Whoever has ended the job is given a moment to see how. NULL is allowed. */
void serve_close(struct serve *s);

#endif
