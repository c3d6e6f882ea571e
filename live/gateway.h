/* A session of a SQL gateway (flink-sql-gateway, its REST interface V2, from 1.17 on): statements, one after the other. */
#ifndef WEIR_LIVE_GATEWAY_H
#define WEIR_LIVE_GATEWAY_H

#include "live/live.h"

struct gateway {
    struct live *l;
    const char *session; /* NULL: none is open */
    int64_t until_ms;    /* clock_monotonic_ms by which all must be done */
    struct arena arena;
};

/* Opens a session with n properties {name, value}. gateway_close also after a failure: what runs on the cluster goes on. */
bool gateway_open(struct gateway *g, struct live *l, const char *const (*properties)[2], size_t n, int64_t until_ms, struct err *e);
void gateway_close(struct gateway *g);

/* Runs a statement to its end. NULL: e, ERR_INCOMPLETE with the gateway's innermost reason where it says no, ERR_SERVER where there is no answer.
 * Lives as long as the cluster. */
const struct live_gateway_result *gateway_run(struct gateway *g, const char *statement, struct err *e);
/* The state of a job by SHOW JOBS, "RUNNING"; NULL without an error: it is not known there. */
const char *gateway_job_state(struct gateway *g, const char *job, struct err *e);

#endif
