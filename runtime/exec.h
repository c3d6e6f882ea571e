/* How a job is executed: for job.c and exec_*.c only.
 *
 * The plan's nodes are chained: what is chained calls each other directly (op.c). A chain has as many subtasks as its parallelism; each
 * is a task with operators, expressions and memory of its own, which one thread works on. Between tasks are channels: bounded queues of
 * messages, each with rows and what follows them (idleness, a watermark, a barrier, the end). */
#ifndef WEIR_RUNTIME_EXEC_H
#define WEIR_RUNTIME_EXEC_H

#include <pthread.h>
#include <stdatomic.h>

#include "base/soon.h"
#include "runtime/exec_checkpoint.h"
#include "runtime/exec_control.h"
#include "runtime/exec_life.h"
#include "runtime/exec_restart.h"
#include "runtime/op.h"

/* --- the graph: which nodes are chained, and how rows are dealt between chains (exec_graph.c) --- */

enum edge_kind { EDGE_DIRECT, EDGE_FORWARD, EDGE_HASH, EDGE_SINGLE, EDGE_REBALANCE };

struct edge {
    uint32_t from, to, input; /* nodes by their place in the plan; exchanges are edges, not nodes */
    enum edge_kind kind;
    uint32_t n_keys; /* EDGE_HASH: columns of the rows */
    const uint32_t *keys;
};

struct graph {
    uint32_t n_edges;
    struct edge *edges;    /* by `to`, then by its inputs */
    uint32_t *parallelism; /* of each node */
    uint32_t *chain;       /* of each node; UINT32_MAX: of an exchange, which has none */
    uint32_t n_chains;
    uint32_t *subtasks; /* of each chain */
    uint32_t max_parallelism;
};

bool graph_of(struct graph *g, struct arena *a, const struct job *j, const struct cplan *plan, struct err *e);

/* --- channels (exec_channel.c) --- */

enum { CHANNEL_MESSAGES = 4 }; /* in the queue; a producer waits when there are so many */

enum idle { IDLE_SAME, IDLE_YES, IDLE_NO };

/* Rows, then, in this order: a change of idleness, a watermark, a barrier, the end. */
struct msg {
    struct msg *next;
    uint32_t n;
    bool kinds_differ; /* not all of them are inserts */
    struct vec *cols;  /* room for channel.rows; NULL: none yet */
    uint8_t *kinds;
    struct scratch heap; /* what rows point to */
    enum idle idle;
    int64_t wm;       /* INT64_MIN: none */
    uint64_t barrier; /* a checkpoint; 0: none */
    bool end;
};

struct channel {
    struct task *from, *to;
    struct gate *gate; /* where it ends */
    uint32_t rows;     /* of a message, at most */
    uint32_t n_cols;
    const struct ltype *const *types;
    pthread_cond_t space;     /* with to->lock: a message has been taken */
    struct msg *first, *last; /* the queue, under to->lock */
    struct msg *spare;        /* read and given back, under to->lock */
    _Atomic uint32_t n;       /* in the queue; changed under to->lock */
    struct msg *filling;      /* the producer's: NULL, or begun */
    int64_t since;            /* ticks at which that began */
    /* the consumer's: */
    int64_t wm;
    bool idle, over, blocked; /* blocked: its barrier has come, those of others have not */
};

/* All rows of b, or those in sel: copied. */
void channel_rows(struct channel *c, const struct batch *b, const uint32_t *sel, uint32_t n);
void channel_idle(struct channel *c, bool idle);
void channel_watermark(struct channel *c, int64_t wm);
void channel_barrier(struct channel *c, uint64_t checkpoint); /* goes at once */
void channel_end(struct channel *c);                          /* goes at once */
/* Hands on what has been gathered; waits while the queue is full, unless the job runs in one thread. */
void channel_push(struct channel *c);
/* The next message, or NULL. It is the consumer's until it is given back. */
struct msg *channel_pop(struct channel *c);
void channel_give_back(struct channel *c, struct msg *m);
void channel_free(struct channel *c);

/* --- where rows leave a task (exec_out.c) --- */

struct out {
    struct task *task;
    enum edge_kind kind;
    uint32_t n; /* channels: one, or one a subtask of the consumer */
    struct channel **to;
    uint32_t turn; /* EDGE_REBALANCE: who is next */
    bool ended;    /* nothing comes any more */
    uint32_t n_keys;
    const uint32_t *keys;
    const struct ltype *const *types;
    uint32_t max_parallelism;
    struct buf key;
    uint32_t **sel, *n_sel; /* rows of each channel */
};

void out_rows(struct out *t, const struct batch *b);

/* --- tasks (exec_task.c) --- */

/* Where channels end: one input of an operator. */
struct gate {
    struct op *op;
    uint32_t input;
    uint32_t n;
    struct channel **in;
    int64_t wm;
    bool idle;
};

struct task {
    struct job *job;
    uint32_t id, chain, index, parallelism;
    struct arena a;
    struct eval ev;
    uint32_t n_ops;
    struct op **ops; /* in the plan's order */
    uint32_t n_sources, source_turn, sources_open;
    struct op **sources;
    uint32_t n_gates;
    struct gate *gates;
    uint32_t n_in, in_turn, in_open;
    struct channel **in;
    uint32_t n_outs;
    struct out *outs;

    pthread_t thread;
    pthread_mutex_t lock;              /* of its incoming channels and what is asked of it */
    pthread_cond_t arrived;            /* … something has come */
    atomic_bool waiting;               /* for that */
    bool ended;                        /* all inputs are over; it waits for the others' */
    atomic_bool done;                  /* all is over */
    _Atomic uint64_t stop_at;          /* sources give nothing behind this checkpoint; 0: none */
    atomic_bool drain;                 /* sources are to end */
    _Atomic uint64_t asked, completed; /* checkpoints: the last one that sources are to begin; the last one that is on the disk */
    uint64_t aligning, begun, seen; /* whose barriers have come in part; the last one that it has snapshotted; known as completed */
    /* Nanoseconds since it began, and ticks at which it began and was over (0: not yet); read by others. What is neither is idleness: so
     * it is known while a task waits. */
    _Atomic int64_t busy, back_pressured, first, last;
    int64_t pressed;    /* its thread's: time of this step that went by in channel_push */
    bool was_pressed;   /* … some, in the step before */
    int64_t shown_idle; /* milliseconds, to those who have looked: it never falls. Under job->looked */
    op_counter rows_in, rows_out, bytes_in, bytes_out; /* through channels; bytes: of the cells in memory */
    /* The snapshot that goes on beside the rows; NULL: none does. Whose it is; the operator that is being put; ticks at which its barrier came. */
    struct ack *ack;
    uint64_t ack_of;
    uint32_t ack_op;
    int64_t ack_from;
    int64_t first_barrier; /* ticks at which the first barrier of `aligning` came */
};

enum stepped {
    STEPPED,      /* there may be more to do */
    STEPPED_OVER, /* nothing to do until something comes, or until *until */
    STEPPED_FULL, /* one thread only: a queue behind it is full */
    STEPPED_DONE
};

/* A task with its operators opened. NULL: e. Channels are connected later. */
struct task *task_open(struct job *j, uint32_t chain, uint32_t index, struct err *e);
/* A unit of work: a source's turn, a message, what is due. *until: when something will be due (milliseconds, INT64_MAX: never). */
enum stepped task_step(struct task *t, int64_t *until);
/* Waits for something to come, or for that time. */
void task_wait(struct task *t, int64_t until);
void task_wake(struct task *t);
struct op *task_op(const struct task *t, uint32_t node); /* NULL: in another chain */
void task_free(struct task *t);

/* Only its own thread raises a figure that others read. */
static inline void task_spend(_Atomic int64_t *on, int64_t ns)
{
    atomic_store_explicit(on, atomic_load_explicit(on, memory_order_relaxed) + ns, memory_order_relaxed);
}

/* Gives what has been gathered for others on, where they wait for it or it has waited long enough; all of it, when `all`. */
void task_hand_on(struct task *t, bool all);

/* --- op.c, for tasks --- */

void op_take_batch(struct op *o, uint32_t input, const struct batch *b);
void op_take_watermark(struct op *o, uint32_t input, int64_t wm);
void op_take_idle(struct op *o, uint32_t input, bool idle);
void op_take_end(struct op *o, uint32_t input);

/* --- the job (job.c), its threads (exec_run.c) --- */

struct shared {
    struct shared *next;
    const struct cplan_node *node;
    void (*release)(void *p);
    void *p;
};

struct job {
    struct arena a;
    struct arena run; /* of an attempt */
    const struct cplan *plan;
    const struct world *world;
    struct job_opts opts;
    struct graph graph;
    const struct ltype **rows; /* of nodes whose operator says what it sends; NULL: as the plan says */
    int64_t buffer_timeout;    /* milliseconds */
    bool one_thread;           /* deterministic: the world has a clock of its own */
    bool alone;                /* its only task is worked on by the thread that coordinates */
    struct shared *shared;     /* what subtasks of a node have together */
    struct shared *kept;       /* the same, of all attempts */
    uint32_t n_tasks;
    struct task **tasks;      /* by chain, then index */
    uint32_t *first_task;     /* of each chain */
    pthread_mutex_t lock;     /* of what follows */
    pthread_cond_t changed;   /* a task is over, or has failed */
    struct err e;             /* the first failure */
    struct task *failed;      /* whose it was; NULL: of the whole job */
    _Atomic uint32_t n_ended; /* tasks whose input is over */
    bool over;                /* they have been told */
    struct checkpoints checkpoints;
    struct restarts restarts;
    uint64_t attempt;      /* so that what is left to chance is another each time, as names of files are */
    uint64_t chance;       /* of this job: schedule, jitter */
    struct snap *restored; /* of each node, while operators are opened; NULL: this is the beginning */
    struct snapshot *from; /* … what that was read from, and the operator in it of each node whose state goes into databases */
    const struct meta_operator **from_ops;
    bool rocks;               /* keyed state lies in databases (cold.h) */
    uint32_t rocks_entries;   /* entries in memory, of each state; 0: by default */
    char *rocks_dir;          /* beside which databases lie */
    uint32_t n_done;          /* tasks that are over */
    atomic_bool cancelled;    /* tasks stop where they are */
    pthread_mutex_t printing; /* standard output is one for all */
    pthread_mutex_t looked;   /* tasks are not made or freed while somebody looks (exec_view.c) */
    struct life life;         /* under lock */
    struct controls controls;
};

enum { JOB_MAX_TASKS = 10000 };

/* The last part of the uid of its operator. */
const char *node_transformation(const struct cplan_node *node);
/* The uid that Flink gives the operator of that name of a compiled plan's node (ExecNodeContext#generateUid, table.exec.uid.format). */
char *node_uid(const struct job *j, const struct cplan_node *n, const char *name, struct arena *a);
const struct op_class *node_class(const struct cplan_node *node); /* NULL: this kind of node is not there */
const struct ltype *job_row(const struct job *j, uint32_t node);  /* what it sends; NULL: the plan does not say */
/* Something that is not what the job is asked for: a failure that it goes on from. */
void job_notice(struct job *j, const char *text);
/* t: whose failure it is; NULL: the whole job's. */
void job_fail(struct job *j, struct task *t, const struct err *why);
bool run_tasks(struct job *j, struct err *e);

#endif
