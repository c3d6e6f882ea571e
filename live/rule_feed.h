/* Gives rules their samples: asks a cluster what they need, and nothing else, a look at a time. */
#ifndef WEIR_LIVE_RULE_FEED_H
#define WEIR_LIVE_RULE_FEED_H

#include "live/live.h"
#include "live/rule.h"

/* Zero-initialise but for the first four. */
struct rule_feed {
    struct live *live;
    const char *job; /* id; the caller's */
    struct rule **rules;
    uint32_t n_rules;

    int64_t now_ms; /* the cluster's clock at the last look, as far as it tells: since 1970 */
    enum live_job_state state;
    bool gone;               /* the cluster does not know the job any more */
    const char *unmatched;   /* a vertex of a rule that the job does not have, of the last look; NULL: none */
    struct err why;          /* why a figure is missing; ERR_NONE: none is */
    int64_t last_checkpoint; /* number of the newest that has been sampled */
    int64_t skew_ms;         /* the cluster's clock minus ours */
};

/* One look: every series gets a sample (NaN where the figure could not be read), those of checkpoints one for each that is new; the
 * first look takes what Flink's history has. Answers are released again. False: the cluster is away (e), nothing was sampled. */
bool rule_feed_look(struct rule_feed *f, struct err *e);

#endif
