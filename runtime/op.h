/* Operators: for those who write one. An exec node's operator is one file with its op_class, and one row of nodes.def.
 *
 * Rows come as batches, pushed from the sources to the sinks: whatever a call of `batch` emits has gone all the way when it comes back. What
 * a batch points to lives until the source's next step; what an operator keeps, it copies (row.h). */
#ifndef WEIR_RUNTIME_OP_H
#define WEIR_RUNTIME_OP_H

#include "runtime/runtime.h"
#include "sql/expr.h"

struct op;

struct op_class {
    bool (*open)(struct op *o, struct err *e);                          /* reads the node; refuses what is not there */
    void (*batch)(struct op *o, uint32_t input, const struct batch *b); /* rows; never empty */
    void (*watermark)(struct op *o,
                      int64_t wm); /* event time has come to wm on all inputs; passed on afterwards. NULL: nothing to do */
    void (*end)(struct op *o);     /* all inputs are over. NULL: nothing to do */
    bool (*step)(struct op *o);    /* sources: emits some; false: it is over */
    void (*close)(struct op *o);   /* releases what is not in the arena; also after a failed open */
    uint32_t min_inputs, max_inputs;
    bool hands_on; /* sends its input's rows as they are, whatever its node's outputType says */
};

struct arrow {
    struct op *to;
    uint32_t input;
};

struct op {
    const struct op_class *class;
    const struct cplan_node *node;
    struct job *job;
    struct eval *ev; /* the job's */
    struct arena *a; /* the job's */
    uint32_t n_in;
    const struct ltype *out; /* the rows that it sends: its node's outputType, but for nodes that hand their input on */
    const struct ltype **in; /* rows, one an input */
    int64_t *in_wm;
    bool *in_over;
    int64_t wm;      /* INT64_MIN: none yet */
    uint32_t n_cols; /* of the output */
    const struct ltype *const *types;
    uint32_t n_outs;
    struct arrow *outs;
    struct vec *cols; /* rows that are being put together: n_rows */
    uint8_t *kinds;
    uint32_t n_rows;
    uint64_t rows_in, rows_out; /* of sources, of sinks: rows that have come in from outside, or gone out */
    uint64_t late;              /* rows that came behind the watermark, and were dropped */
    void *self;                 /* the operator's own, in the arena */
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
void op_keep(struct op *o, uint32_t row, uint32_t col, union cell v, uint8_t null);
/* Sends on what has been put together. Called by the machinery behind batch, watermark and end. */
void op_flush(struct op *o);
void op_send_watermark(struct op *o, int64_t wm);
void op_send_end(struct op *o);

/* --- for opening --- */

/* An expression over the columns of an input (or of several, one behind the other). */
struct expr *op_expr(struct op *o, const struct rex *rex, const struct ltype *row, struct err *e);
/* "node 5 (stream-exec-rank): … is not there yet". */
bool op_refuse(const struct op *o, struct err *e, const char *what);
const char *job_config(const struct job *j, const char *name, const char *otherwise);
uint32_t job_batch_rows(const struct job *j);
const struct world *job_world(const struct job *j);
enum job_output job_output(const struct job *j);
uint32_t job_sinks(const struct job *j); /* nodes of the plan that nobody reads from */
static inline bool op_failed(const struct op *o) { return o->ev->e.kind != ERR_NONE; }
/* The job fails: e->… of the first failure wins. */
void op_fail(struct op *o, enum err_kind kind, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

#endif
