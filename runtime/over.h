/* What stream-exec-over-aggregate keeps, and how snapshots have it: for op_over.c and over_state.c. */
#ifndef WEIR_RUNTIME_OVER_H
#define WEIR_RUNTIME_OVER_H

#include "runtime/agg_state.h"
#include "runtime/order.h"

/* By event time: all rows in front, so many rows, so many milliseconds. By processing time and by other columns: all rows in front. */
enum over_kind { OVER_TIME_ALL, OVER_TIME_ROWS, OVER_TIME_RANGE, OVER_NOW, OVER_OTHER };

struct over {
    enum over_kind kind;
    uint32_t n_keys, n_aggs, rowtime, n_row;
    const uint32_t *keys;
    const struct ltype **key_types;
    struct order order;
    struct agg *aggs;
    bool by_time, rows;
    struct ttl ttl; /* the least time that a partition stays (KeyedProcessFunctionWithCleanupState); OVER_NOW: that its values do */
    int64_t before; /* rows or milliseconds in front; -1: all */
    struct kstate state;
    union cell *key, *results;
    uint8_t *key_null, *results_null;
    struct acc *acc;
    struct vec *row; /* one that is being added */
    int64_t next;    /* the least time that waits */
    /* --- snapshots --- */
    struct agg *kept; /* the calls as Flink's accumulators have them: what ends somewhere in front is taken back */
    struct acc_layout layout;
    struct acc *put;                              /* while an entry is put */
    uint32_t input, last, count, cleanup, timers; /* states, by time */
    uint32_t cleans;                              /* … and when the partition goes; UINT32_MAX: it stays */
    uint32_t ids, sorted, values, accs;           /* … and by other columns */
};

struct placed {
    struct row *row;
    struct row *result; /* what was sent; NULL: nothing yet */
    int64_t id;         /* by other columns: in which order they came */
};

/* A partition's rows in order; the first `done` have been sent (by time), all of them otherwise. */
struct partition {
    struct placed *p;
    uint32_t n, cap, done;
    int64_t last_id; /* the last one that was given; they begin behind INT64_MIN */
    uint32_t n_aggs;
    struct acc *acc;       /* OVER_TIME_ALL, OVER_NOW: of the rows that have been sent, which are not kept; NULL: of none */
    int64_t cleanup;       /* the processing time at which it goes, unless rows wait; 0: none is known */
    int64_t last;          /* OVER_TIME_ROWS and _RANGE: the time up to which rows have been sent; INT64_MIN: none has */
    struct kstate *places; /* during a restore: id -> place */
};

void over_declare(struct op *o);

/* --- of op_over.c --- */

void over_add(struct op *o, const struct agg *aggs, struct acc *acc, const struct row *r);
/* The partition has been used. */
void over_keep_on(struct over *v, struct kentry *e);
void over_results(struct over *v, struct acc *acc); /* into results */
uint32_t over_insert(struct over *v, struct partition *all, struct row *row);
/* The rows from `at` on that have the same place. */
uint32_t over_peers(const struct over *v, const struct partition *all, uint32_t at);
static inline int64_t over_time(const struct over *v, const struct partition *all, uint32_t i)
{
    return all->p[i].row->v[v->rowtime].t.ms;
}

#endif
