/* Operators: for those who write one. An exec node's operator is one file with its op_class, and one row of nodes.def.
 *
 * Rows come as batches, pushed from the sources to the sinks: whatever a call of `batch` emits has gone all the way when it comes back. What
 * a batch points to lives until the source's next step; what an operator keeps, it copies (row.h). */
#ifndef WEIR_RUNTIME_OP_H
#define WEIR_RUNTIME_OP_H

#include <stdatomic.h>

#include "runtime/runtime.h"
#include "runtime/snap.h"
#include "sql/expr.h"

struct op;
struct out;
struct task;

/* A figure that its task's thread raises and others may read at any time. */
typedef _Atomic uint64_t op_counter;
static inline uint64_t op_counted(const op_counter *c) { return atomic_load_explicit(c, memory_order_relaxed); }
static inline void op_count(op_counter *c, uint64_t n) { atomic_store_explicit(c, op_counted(c) + n, memory_order_relaxed); }

enum step {
    STEP_OVER,
    STEP_MORE,
    STEP_LATER /* nothing now: until o->wake, or until there is more in o->wait_file */
};

struct op_class {
    bool (*open)(struct op *o, struct err *e);                          /* reads the node; refuses what is not there */
    void (*batch)(struct op *o, uint32_t input, const struct batch *b); /* rows; never empty */
    void (*watermark)(struct op *o,
                      int64_t wm);   /* event time has come to wm on all inputs; passed on afterwards. NULL: nothing to do */
    void (*end)(struct op *o);       /* all inputs are over. NULL: nothing to do */
    enum step (*step)(struct op *o); /* sources: emits some */
    /* All of processing time up to `at`, o->wake included, is over; o->wake is INT64_MAX again. NULL: none. */
    void (*timer)(struct op *o, int64_t at);
    void (*prepare)(struct op *o); /* before a checkpoint's barrier goes on: sends what has to be in front of it. NULL: nothing */
    void (*flush)(struct op *o);   /* shows outside what it has gathered, since there is a pause. NULL: nothing */
    void (*close)(struct op *o);   /* releases what is not in the arena; also after a failed open */
    /* --- checkpoints: what an operator keeps is its entries (ks_entries, keyed.h), and the rest --- */
    const char *uid; /* the last part of its uid in Flink; NULL: its node's type without "stream-exec-" */
    const char *const
        *lists; /* names of the operator state that it puts and takes, NULL behind the last; what else is there is a connector's
                                 of Flink */
    bool (*can_snapshot)(const struct op *o, struct err *e); /* false: what it does can not be in a checkpoint. NULL: it can */
    void (*snapshot)(struct op *o, uint64_t checkpoint, struct snap *to); /* between two batches: the rest. NULL: there is none */
    bool (*restore)(struct op *o, const struct snap *of, struct err *e); /* … behind open: what all subtasks of the node have put */
    void (*completed)(struct op *o, uint64_t checkpoint); /* is on the disk; CHECKPOINT_END: the job is over. NULL: nothing to do */
    bool stateless;                                       /* it keeps nothing, and Flink's snapshots have no such operator */
    uint32_t min_inputs, max_inputs;
    /* Its rows, where they are not of its node's outputType. NULL: they are */
    const struct ltype *(*sends)(struct arena *a, const struct cplan_node *node, struct err *e);
    bool hands_on; /* sends its input's rows as they are, whatever its node's outputType says */
};

/* To an operator of the same task, or out of it. */
struct arrow {
    struct op *to;
    uint32_t input;
    struct out *out;
};

struct op {
    const struct op_class *class;
    const struct cplan_node *node;
    struct job *job;
    struct task *task;
    uint32_t subtask, subtasks;
    struct eval *ev; /* the task's */
    struct arena *a; /* the task's */
    uint32_t n_in;
    const struct ltype *out; /* the rows that it sends: its node's outputType, but for nodes that hand their input on */
    const struct ltype **in; /* rows, one an input */
    int64_t *in_wm;
    bool *in_over, *in_idle;
    int64_t wm;      /* INT64_MIN: none yet */
    bool idle;       /* all inputs are: watermarks of others do not wait for it */
    bool over;       /* a source's */
    int64_t wake;    /* processing time at which `timer` is called, or a source looked at again; INT64_MAX: never */
    int wait_file;   /* a source's, which may have more soon; -1: none */
    uint32_t n_cols; /* of the output */
    const struct ltype *const *types;
    uint32_t n_outs;
    struct arrow *outs;
    struct vec *cols; /* rows that are being put together: n_rows */
    uint8_t *kinds;
    uint32_t n_rows;
    /* --- read by others while it runs: changed by op_count alone --- */
    op_counter rows_in, rows_out;      /* of sources, of sinks: rows that have come in from outside, or gone out */
    op_counter skipped;                /* a source's: lines that were malformed */
    op_counter late;                   /* rows that came behind the watermark, and were dropped */
    op_counter received, emitted;      /* rows from operators before it, to those behind it (once, however many there are) */
    _Atomic int64_t came_wm, shown_wm; /* the watermarks that have come, and gone on; INT64_MIN: none yet */
    struct keyed *keyed;               /* its keyed states (keyed.h); NULL: none */
    void *self;                        /* the operator's own, in the arena */
};

/* --- emitting --- */

void op_emit(struct op *o, const struct batch *b);
/* The place for one more row of that kind: o->cols[c].v[i] and .null[i] are to be set. Full batches go on by themselves. */
uint32_t op_row(struct op *o, enum row_kind kind);
/* Sets a column of that row to a value that lives long enough. */
static inline void op_put(struct op *o, uint32_t row, uint32_t col, union cell v, uint8_t null)
{
    o->cols[col].v[row] = v;
    o->cols[col].null[row] = null;
}
/* The same, of a value that may change or go: copied. */
static inline void op_keep(struct op *o, uint32_t row, uint32_t col, union cell v, uint8_t null)
{
    const struct ltype *t = o->types[col];
    op_put(o, row, col, null || !cell_points(t) ? v : cell_copy(&o->ev->heap, t, v), null);
}
/* Sends on what has been put together. Called by the machinery behind batch, watermark and end. */
void op_flush(struct op *o);
void op_send_watermark(struct op *o, int64_t wm);
void op_send_idle(struct op *o, bool idle);
void op_send_end(struct op *o);

/* --- for opening --- */

/* An expression over the columns of an input (or of several, one behind the other). */
struct expr *op_expr(struct op *o, const struct rex *rex, const struct ltype *row, struct err *e);
/* "node 5 (stream-exec-rank): … is not there yet". */
bool op_refuse(const struct op *o, struct err *e, const char *what);
const char *job_config(const struct job *j, const char *name, const char *otherwise);
bool op_mini_batch(const struct op *o); /* Flink works it off in bundles, and then it has no timers */
uint32_t job_batch_rows(const struct job *j);
const struct world *job_world(const struct job *j);
enum job_output job_output(const struct job *j);
/* Memory that all subtasks of a node share, zeroed; made by the first one that opens, and released behind all of them. */
void *op_shared(struct op *o, size_t size, void (*release)(void *p));
/* The same, which stays when the job begins again behind a failure. */
void *op_kept(struct op *o, size_t size, void (*release)(void *p));
/* Whole lines to standard output, from any task. */
bool job_print(struct job *j, struct bytes lines, struct err *e);
/* A change to job_opts.row, from any task. */
void job_change(struct job *j, const struct batch *b, uint32_t at, const struct ltype *const *types);
uint32_t job_sinks(const struct job *j); /* nodes of the plan that nobody reads from */
static inline bool op_failed(const struct op *o) { return o->ev->e.kind != ERR_NONE; }
/* The job fails: e->… of the first failure wins. */
void op_fail(struct op *o, enum err_kind kind, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

#endif
