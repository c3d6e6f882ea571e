/* What is known of a job and its cluster at one look, and of what must be looked at twice at an earlier one: the material of
 * diagnose.h and of the watch rules (rule.h).
 *
 * Answers may be missing (NULL), lacking or failed; all pointers live as long as the answers that the facts are taken from. */
#ifndef WEIR_LIVE_FACTS_H
#define WEIR_LIVE_FACTS_H

#include "live/wants.h"

enum {
    FACTS_VERTICES = 500, /* a job with more is not asked by vertex */
    FACTS_EDGES = 5000,   /* of its plan */
    FACTS_MANAGERS = 200, /* task managers that are asked one by one; more are not assessed */
    FACTS_LATE_MS = 60000 /* watermarks that are later are looked at twice */
};

/* Of the whole cluster, shared by the looks at its jobs. */
struct cluster_facts {
    const struct live_answer *overview, *taskmanagers;
    uint32_t n_managers;                        /* asked one by one: the first of the list */
    const struct live_answer **managers, **gc;  /* live_taskmanager; live_metrics of its JVM */
    const struct live_answer **managers_before; /* at the earlier look; NULL: there was none */
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
    int64_t low, high;  /* what its last operator has sent on, over the subtasks: as in live_watermarks; LIVE_ABSENT: not told */
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
    /* at the earlier look; NULL: there was none */
    const struct live_answer *job_before;
    const struct live_answer **watermarks_before;
    uint32_t pending; /* questions that have no answer yet */
    uint64_t number;  /* of the newest answer: facts of the same number and pending are the same */
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

/* Where facts are taken from. Nothing here waits: what is not known yet is left out and wanted, and may lead to more. */
struct facts_from {
    const struct live_snapshot *now;
    const struct live_snapshot *before; /* of an earlier look; NULL: there was none */
    struct wants *wants;                /* gets what has to be asked for; NULL: nothing will be */
    uint32_t managers;                  /* task managers that are asked one by one; 0: FACTS_MANAGERS */
};
void facts_take_cluster(struct cluster_facts *c, const struct facts_from *from, struct arena *a);
void facts_take(struct facts *f, const struct facts_from *from, const char *job, struct arena *a);
/* Whether an earlier look would tell more. */
bool facts_want_before(const struct facts *f);
bool facts_want_before_cluster(const struct cluster_facts *c);
/* Whether Flink has renewed the job's figures between the looks. */
bool facts_renewed(const struct facts *f);

/* Garbage collection of cluster_facts.gc, in ms per second; NaN: this release does not have it, or it was not read. */
double facts_gc_rate(const struct live_answer *gc);
/* Metaspace used, as a share of its limit; NaN: not told. */
double facts_metaspace(const struct live_answer *gc);

/* Whether the vertex's input lacks a watermark on some subtask, and all that feed it have theirs: there it gets stuck. */
bool facts_first_without_watermark(const struct facts *f, uint32_t i);
/* Finds out the job's edges from its plan. */
void facts_connect(struct facts *f, struct arena *a);
/* Fills `given` for what feeds such vertices, and if wanted for sources; needs id, job, edges and watermarks. Not more than 16 are asked. */
void facts_take_given(struct facts *f, const struct facts_from *from, bool sources, struct arena *a);
/* The same by asking and waiting. False: the cluster is away. */
bool facts_look_given(struct facts *f, struct live *l, bool sources, struct arena *a, struct err *e);
/* The answer to a question among those that are known, which it is wanted in any case; counted by f, which may be NULL. */
const struct live_answer *facts_ask(struct facts *f, const struct facts_from *from, const struct live_ask *ask);

#endif
