/* The door of runtime/: a compiled plan becomes a job, which runs in this process.
 *
 * Opening a job makes all of its operators and looks at every member of their nodes: what is not there yet is refused then, by one
 * line that names it and its node, before anything has been read or written. */
#ifndef WEIR_RUNTIME_RUNTIME_H
#define WEIR_RUNTIME_RUNTIME_H

#include "runtime/world.h"
#include "sql/plan.h"

struct batch;
struct job;

/* What sinks do. */
enum job_output {
    JOB_TABLES, /* what their tables' connectors say */
    JOB_ROWS,   /* all hand their changes to job_opts.row */
    JOB_NDJSON  /* all print their changelog to standard output: {"op": "+I", "row": {…}}, with "sink" when there are several */
};

struct job_opts {
    enum job_output output;
    const char *checkpoint_dir; /* NULL: as the options say. The latest checkpoint in it is restored */
    const char *from;           /* a snapshot, weir's or Flink's, to begin from, where there is no checkpoint yet; NULL: none */
    bool allow_non_restored;    /* what it holds of operators that the plan has not is left */
    void (*notice)(void *ctx, const char *text); /* what the job goes on from; NULL: nobody asks */
    void *notice_ctx;
    /* JOB_ROWS: row `at` of the batch, of these types; from one thread at a time. */
    void (*row)(void *ctx, const struct batch *b, uint32_t at, const struct ltype *const *types);
    void *row_ctx;
    uint32_t parallelism; /* 0: as the options say, else 1 */
    uint32_t batch_rows;  /* 0: BATCH_ROWS; 1: every row goes all the way before the next one */
    uint32_t n_config;    /* options of Flink's, "table.local-time-zone" … */
    const char *const *config_names, *const *config_values;
};

struct job_figures {
    uint64_t rows_in, rows_out; /* of sources, of sinks */
    uint64_t skipped; /* lines that were malformed, where formats ignore that; values of a snapshot that cannot be decoded */
    uint64_t late;    /* rows that came behind the watermark, and were dropped */
};

/* The plan and the world are the caller's and must live as long as the job. NULL: e says what is wrong or not there yet. */
struct job *job_open(const struct cplan *plan, const struct world *world, const struct job_opts *opts, struct err *e);
/* Runs it to the end of its input. */
bool job_run(struct job *j, struct err *e);
struct job_figures job_figures(const struct job *j);
void job_free(struct job *j);

#endif
