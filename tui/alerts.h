/* What is wrong with the jobs of a cluster: the findings of live/diagnose.h from what is known, while the console goes on.
 *
 * All jobs are looked into in the background, few enough at a time that a large cluster is not asked for more than ALERT_ASKS
 * questions a turn; what was found stays until the job's next turn. */
#ifndef WEIR_TUI_ALERTS_H
#define WEIR_TUI_ALERTS_H

#include "live/diagnose.h"

enum {
    ALERT_ASKS = 300,       /* questions of a turn */
    ALERT_TURN_MS = 30000,  /* a turn, where there are more jobs than one has room for */
    ALERT_EVERY_MS = 60000, /* how often a job is asked anew within its turn … */
    ALERT_LATE_MS = 20000,  /* … one whose event time is late … */
    ALERT_SHOWN_MS = 10000, /* … and one that is shown */
    ALERT_MANAGERS = 32     /* task managers that are asked one by one */
};

/* Owned by the job's arena. */
struct alert {
    enum finding_id id;
    const char *vertex, *vertex_name, *taskmanager; /* NULL: about none */
    const char *evidence[FINDING_EVIDENCE];
    uint32_t n_evidence;
};

struct alert_job {
    char *id;
    struct arena arena;
    const char *name, *state;
    struct alert *list; /* the worst first */
    uint32_t n;
    struct unassessed *unassessed;
    uint32_t n_unassessed;
    bool ended;
    bool looked;      /* it has been looked into; list and unassessed are what came of it */
    bool late;        /* its event time is */
    uint32_t pending; /* answers that the last look still waits for */
    uint64_t number;  /* of the newest answer in it */
    int64_t at_ms;    /* of the last look */
};

/* Zero-initialise; alerts_free. */
struct alerts {
    struct alert_job *jobs; /* in the order of the list of jobs: those that run, and those that have failed */
    uint32_t n;
    bool complete;       /* what is not there will not come: a recording. To be set */
    bool known;          /* there is a list of jobs */
    uint32_t counts[3];  /* findings by severity; one about a task manager counts once */
    uint32_t unlooked;   /* jobs that were not looked into to the end yet */
    uint32_t unassessed; /* jobs of which something could not be assessed */
    /* the turn */
    uint32_t first;
    int64_t turn_ms, update_ms;              /* monotonic */
    const struct live_snapshot *old, *older; /* held: the earlier looks */
    struct wants wants;
};

/* Takes what s has; false: not now, the last time was only a moment ago, and all is as it was. `shown` (NULL: none) is a job that is asked
 * more often, "" means every job. */
bool alerts_update(struct alerts *a, const struct live_snapshot *s, int64_t now_ms, const char *shown);
/* The same at once, without an earlier look and for all jobs there are room for: a single look. */
void alerts_once(struct alerts *a, const struct live_snapshot *s, int64_t now_ms, const char *job);
/* What has to be asked for. */
void alerts_want(const struct alerts *a, struct wants *w);
const struct alert_job *alerts_job(const struct alerts *a, const char *id);
/* The worst finding of all; NULL: none. */
const struct alert *alerts_worst(const struct alerts *a, const struct alert_job **of);
void alerts_free(struct alerts *a);

#endif
