/* Aggregate functions: accumulators that rows are added to, taken back from, and whose result can be asked for at any time. */
#ifndef WEIR_RUNTIME_AGG_H
#define WEIR_RUNTIME_AGG_H

#include "runtime/kstate.h"
#include "runtime/op.h"

/* What each function keeps, as Flink's of the same name: some of these. */
struct acc {
    union cell v; /* sum, least, greatest, first … */
    void *block;  /* what v points to */
    union {
        int64_t order; /* FIRST_VALUE, LAST_VALUE: when it came, in milliseconds; LISTAGG: the size of `block` */
        double mean;   /* $WELFORD_M2 */
    };
    int64_t count;           /* rows, or values that are not NULL */
    bool some;               /* v means something */
    bool over;               /* a decimal sum was too large once: NULL from now on */
    struct agg_items *items; /* values in the order in which they came (agg_items.h) */
    struct agg_items *owed;  /* those that were taken back and had not come */
    struct orders *orders;   /* FIRST_VALUE, LAST_VALUE: all of them, where rows can be taken back */
    struct kstate *values;   /* value -> int64_t, for what can be taken back; JSON_OBJECTAGG: key -> value */
    struct kstate *distinct; /* of a leader: argument -> int64_t: which of its calls have had it, or how often it is there */
};

/* A value and when it came, in milliseconds. */
struct ordered {
    int64_t order, written;
    union cell v;
    void *block; /* what v points to */
};

/* By their order, then as they came. */
struct orders {
    uint32_t n, cap;
    struct ordered *o;
};

struct agg;

struct agg_fn {
    const char *name;                                                                          /* without Flink's "$…$1" */
    bool (*bind)(struct agg *g, struct op *o, struct err *e);                                  /* looks at the types; NULL: any */
    void (*add)(const struct agg *g, struct acc *a, union cell v, uint8_t null, int64_t sign); /* sign: 1, or -1 to take back */
    void (*merge)(const struct agg *g, struct acc *to, const struct acc *from);                /* not of DISTINCT calls */
    bool (*result)(const struct agg *g, struct acc *a, union cell *out);                       /* false: NULL */
    uint32_t args;                                                                             /* at most */
    bool takes_nulls; /* add is called for NULL (first) arguments, too */
    bool retracts;    /* sign may be -1 */
    const char *buffers, *buffers_back;
};

/* Columns of Flink's accumulators. */
enum {
    BUFFER_COUNT = 'n', /* acc.count, BIGINT */
    BUFFER_FEW = 'i',   /* acc.count, INT */
    BUFFER_SUM = 's',   /* acc.v; NULL: of nothing */
    BUFFER_ZERO = 'z',  /* acc.v; NULL: too large */
    BUFFER_VALUE = 'v', /* acc.v; NULL: none */
    BUFFER_FIRST = 'f', /* ROW<acc.v, acc.order> */
    BUFFER_LAST = 'l',
    /* Structured types with views: the least, greatest, first and last of what can be taken back */
    BUFFER_MIN_BACK = 'm',
    BUFFER_MAX_BACK = 'x',
    BUFFER_FIRST_BACK = 'F',
    BUFFER_LAST_BACK = 'L',
    BUFFER_WELFORD = 'w',   /* a structured type */
    BUFFER_DELIMITER = 'd', /* LISTAGG's last one */
    BUFFER_CONCAT = 'c',
    /* Structured types with views, of values that are kept one by one */
    BUFFER_TEXTS_BACK = 'T', /* LISTAGG */
    BUFFER_TEXTS_BY_BACK = 'W',
    BUFFER_COLLECT = 'C',
    BUFFER_JSON_ARRAY = 'J',
    BUFFER_JSON_OBJECT = 'O',
    BUFFER_PERCENTILE = 'P',
    /* What Flink keeps in a serializer that weir does not make: not in snapshots */
    BUFFER_ARRAY = 'A',
    BUFFER_LAG = 'G'
};

/* The further arguments of the row that is added. */
struct agg_more {
    uint32_t n, columns[2]; /* UINT32_MAX: a constant, which is there already */
    const struct ltype *types[2];
    union cell v[2];
    uint8_t null[2];
};

struct agg {
    const struct agg_fn *fn;
    const struct ltype *arg;    /* NULL: none */
    const struct ltype *result; /* of the node */
    const struct ltype *sum;    /* AVG: of the sum */
    uint32_t column;            /* of the argument */
    struct agg_more *more;      /* NULL: there are no others */
    bool ignores_nulls;
    int64_t filter; /* a BOOLEAN column, or -1 */
    bool distinct, retract;
    bool counts; /* COUNT: its result is what the accumulator counts */
    uint32_t
        leader;   /* DISTINCT: the first call over the same column, which has the values of all; itself, when rows are taken back */
    uint32_t bit; /* among the leader's calls */
    const struct eval *ev; /* for the time */
    const struct ttl *ttl; /* of what is counted for each value; NULL: it stays */
    struct op *op;         /* of those that can fail on a row, or make what they result in; else NULL */
};

/* The calls of a node over rows of that type. NULL: e is set. */
struct agg *aggs_read(struct op *o, const char *member, const char *retractions, const struct ltype *row, uint32_t *n,
                      struct err *e);
/* The same, of a list of calls that has been found already; constants: literals, whose numbers as arguments go on behind the columns, or NULL. */
struct agg *aggs_of(struct op *o, const struct value *calls, const struct value *retractions, const struct value *constants,
                    const struct ltype *row, uint32_t *n, struct err *e);
/* A row of the batch into n accumulators. */
void aggs_add(const struct agg *g, uint32_t n, struct acc *a, const struct batch *b, uint32_t row, int64_t sign);
/* Fetches what that will look for (kstate_soon). */
void aggs_soon(const struct agg *all, uint32_t n, const struct acc *a, const struct batch *b, uint32_t row);
/* Does call i look at that row? Of DISTINCT calls the value counts from then on. */
bool agg_looks(const struct agg *all, struct acc *a, uint32_t i, const struct batch *b, uint32_t row, int64_t sign);
/* What n other accumulators have been given, too, as if it had come behind; of calls that take nothing back. */
void aggs_merge(const struct agg *g, uint32_t n, struct acc *to, const struct acc *from);
void acc_release(struct acc *a);
/* The entry of a value in a set of its own (acc.values, acc.distinct), which is made with the first one: an int64_t, 0 to begin with. `type` lives as
 * long as the accumulator. */
struct kentry *acc_entry(struct kstate **set, const struct ltype *const *type, const struct ttl *ttl, union cell v, uint8_t null);
/* --- values by when they came (agg_order.c) --- */
void orders_add(struct acc *a, const struct agg *g, union cell v, int64_t order, int64_t written);
/* The earliest of that value goes. */
void orders_take_back(struct acc *a, const struct agg *g, union cell v);
/* The first or last of them that has not expired; NULL: there is none. */
const struct ordered *orders_end(const struct acc *a, const struct agg *g, bool last);
void orders_release(struct orders *all);

#define AGG(name, ident, args, takes_nulls, retracts, buffers, back)                                    \
    bool agg_bind_##ident(struct agg *g, struct op *o, struct err *e);                                  \
    void agg_merge_##ident(const struct agg *g, struct acc *to, const struct acc *from);                \
    void agg_add_##ident(const struct agg *g, struct acc *a, union cell v, uint8_t null, int64_t sign); \
    bool agg_result_##ident(const struct agg *g, struct acc *a, union cell *out);
#include "runtime/aggregates.def"
#undef AGG

#endif
