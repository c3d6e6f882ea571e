/* Which job is meant. */
#ifndef WEIR_LIVE_FIND_H
#define WEIR_LIVE_FIND_H

#include "base/err.h"
#include "live/model.h"

/* The job with that name, else with an id that begins so, else with a name that begins so; of several that fit, the only one that
 * has not ended. wanted NULL: the only one that has not ended at all. `where` names the cluster in messages. NULL: e is set
 * (ERR_MISSING), and says what there is. */
const struct live_job_row *live_find_job(const struct live_jobs *jobs, const char *wanted, const char *where, struct err *e);

#endif
