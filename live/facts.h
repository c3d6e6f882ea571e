/* What is known of a job and its cluster at one look, and of what must be looked at twice at a second one: the material of
 * diagnose.h and of the watch rules (rule.h).
 *
 * Answers may be missing (NULL), lacking or failed; all pointers live as long as the answers that live_fetch has given. */
#ifndef WEIR_LIVE_FACTS_H
#define WEIR_LIVE_FACTS_H

#include "live/live.h"

enum {
    FACTS_VERTICES = 500, /* a job with more is not asked by vertex */
    FACTS_EDGES = 5000,   /* of its plan */
    FACTS_MANAGERS = 200, /* task managers that are asked one by one; more are not assessed */
    FACTS_LATE_MS = 60000 /* watermarks that are later are looked at twice */
};

/* Of the whole cluster, shared by the looks at its jobs. */
struct cluster_facts {
    const struct live_answer *overview, *taskmanagers;
    uint32_t n_managers;                       /* asked one by one: the first of the list */
    const struct live_answer **managers, **gc; /* live_taskmanager; live_metrics of its JVM */
    const struct live_answer **managers_later; /* NULL: no second look */
    int64_t looked_ms, later_ms;               /* monotonic */
};

/* Which operators of a vertex have sent a watermark on, over its subtasks. */
enum giving {
    GIVING_UNTOLD,
    GIVING_NONE, /* no subtask ever has */
    GIVING_SOME, /* some subtasks have, others never */
    GIVING_ALL
};
struct given {
    enum giving giving;
    const char *silent; /* SOME, where it could be asked: "1, 4": the subtasks that never have */
};

struct edge { /* places among the job's vertices */
    uint32_t from, to;
};

struct facts {
    const struct cluster_facts *cluster; /* NULL: not looked at */
    const char *id;
    const struct live_answer *job; /* the others are NULL when it could not be read, or has ended where that makes no sense */
    const struct live_answer *exceptions, *restarts, *checkpoints, *checkpoint_config;
    struct edge *edges; /* of the plan */
    uint32_t n_edges;
    const struct live_answer **pressure, **watermarks; /* by vertex, as in the job; watermarks NULL for sources. NULL: not asked */
    const struct live_answer *checkpoint;              /* live_checkpoint: the newest that has completed, else the one under way */
    const struct live_answer *slowest, *largest; /* live_checkpoint_subtasks of its vertices that took longest, that is largest */
    const char *slowest_vertex, *largest_vertex;
    const struct live_answer **vertices; /* live_vertex_detail, by vertex; NULL: not asked */
    struct given *given;                 /* by vertex */
    int64_t looked_ms;                   /* monotonic */
    /* the second look; NULL: none */
    const struct live_answer *job_later;
    const struct live_answer **watermarks_later;
    int64_t later_ms;
};

/* The answer's data when it can be trusted; NULL: a is NULL, has none, or is only a beginning. */
const void *facts_data(const struct live_answer *a);
/* The job's row of numbers; NULL: not read. */
static inline const struct live_job *facts_job(const struct facts *f) { return facts_data(f->job); }
/* The cluster's time, where it tells it, else ours: ms since 1970. */
int64_t facts_now(const struct facts *f);
/* Restarts since the JobManager took the job; LIVE_ABSENT: not told. */
int64_t facts_restarts(const struct facts *f);
/* The median duration of the completed checkpoints of the history; LIVE_ABSENT: there are none. */
int64_t facts_checkpoint_duration(const struct live_checkpoints *c);
/* What went wrong at the bottom: the innermost "Caused by: " of a stack, or its first line. */
struct bytes facts_cause(const struct live_exception *x);
/* The newest checkpoint that has completed and is no savepoint; NULL: none. */
const struct live_checkpoint *facts_completed(const struct live_checkpoints *c);
/* How many of the newest checkpoints in a row have failed by themselves: not for a restart, nor because tasks were not yet there. */
uint32_t facts_failed_in_a_row(const struct live_checkpoints *c);
/* Whether a failure says something about the checkpoint: not that the job was being stopped or had just started. */
bool facts_failure_counts(const char *message);

/* The first look. False: the cluster is away. */
bool facts_look_cluster(struct cluster_facts *c, struct live *l, struct arena *a, struct err *e);
bool facts_look(struct facts *f, struct live *l, const char *job, struct arena *a, struct err *e);
/* Whether a second look would tell more, and the second look itself. It may be repeated until facts_renewed. */
bool facts_want_later(const struct facts *f);
bool facts_look_later(struct facts *f, struct live *l, struct arena *a, struct err *e);
bool facts_want_later_cluster(const struct cluster_facts *c);
bool facts_look_later_cluster(struct cluster_facts *c, struct live *l, struct arena *a, struct err *e);
/* Whether Flink has renewed the job's figures between the looks. */
bool facts_renewed(const struct facts *f);

/* Garbage collection of cluster_facts.gc, in ms per second; NaN: this release does not have it, or it was not read. */
double facts_gc_rate(const struct live_answer *gc);
/* Metaspace used, as a share of its limit; NaN: not told. */
double facts_metaspace(const struct live_answer *gc);

/* Whether the vertex's input lacks a watermark on some subtask, and all that feed it have theirs: there it gets stuck. */
bool facts_first_without_watermark(const struct facts *f, uint32_t i);
/* Fills `given` for what feeds such vertices. */
bool facts_look_given(struct facts *f, struct live *l, struct arena *a, struct err *e);

#endif
