/* How long state lives after it was last written: StateTtlConfig as StateConfigUtil#createTtlConfig of flink-table-runtime 2.3 makes it
 * (OnCreateAndWrite, NeverReturnExpired, processing time). What has expired is as if it had never been. */
#ifndef WEIR_RUNTIME_TTL_H
#define WEIR_RUNTIME_TTL_H

#include "runtime/op.h"

struct ttl {
    int64_t ms;  /* 0: for ever */
    int64_t now; /* milliseconds since 1970, as of the last look at the clock: once a batch */
};

/* Of the state that the node keeps for that input: its plan's "state", or else table.exec.state.ttl. False: e. */
bool ttl_read(struct ttl *t, const struct op *o, uint32_t input, struct err *e);
/* table.exec.state.ttl alone, which is all that some nodes of Flink's look at. */
bool ttl_option(struct ttl *t, const struct op *o, struct err *e);

static inline void ttl_look(struct ttl *t, const struct op *o)
{
    if (t->ms)
        t->now = o->ev->now(o->ev->clock);
}

/* What was written then has expired (TtlUtils#expired). */
static inline bool ttl_over(const struct ttl *t, int64_t written)
{
    return t->ms && written <= INT64_MAX - t->ms && written + t->ms <= t->now;
}

#endif
