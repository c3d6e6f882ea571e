/* Expressions, made from a plan's rex nodes and run over whole batches; SQL's three-valued logic.
 *
 * Making one checks everything: functions, operands, literals. What is not there is refused with one line (ERR_UNSUPPORTED). Running one
 * can only fail by a row's value (a cast, a division by zero), as Flink fails then. */
#ifndef WEIR_SQL_EXPR_H
#define WEIR_SQL_EXPR_H

#include "base/err.h"
#include "sql/batch.h"
#include "sql/rex.h"
#include "sql/zone.h"

/* What expressions of one task share. Zero-initialise; zone NULL is UTC. */
struct eval {
    struct scratch heap;         /* results live here; whoever runs batches resets it in between */
    struct err e;                /* the first failure of a row */
    struct buf text;             /* of a result that is being made; whoever owns this releases it */
    const struct vec *cols;      /* the batch's columns, set before a run */
    const struct zone *zone;     /* table.local-time-zone */
    int64_t (*now)(void *clock); /* milliseconds since 1970 */
    void *clock;
    uint64_t random;   /* state of the generator, never 0 once it is used */
    int64_t watermark; /* INT64_MIN: none yet */
    bool legacy_cast;  /* table.exec.legacy-cast-behaviour */
};

enum got { GOT_NULL, GOT_VALUE, GOT_FAILED };

struct expr;
/* For the rows sel[0 … n), or 0 … n when sel is NULL: fills x->out. */
typedef void (*run_fn)(struct expr *x, struct eval *ev, const uint32_t *sel, uint32_t n);
/* One row: a and null are its operands. GOT_FAILED: ev->e says why. */
typedef enum got (*row_fn)(struct eval *ev, const struct expr *x, const union cell *a, const uint8_t *null, union cell *out);

struct expr {
    const struct ltype *type;
    const char *name; /* of the function, for messages */
    run_fn run;
    row_fn row;
    bool strict;   /* NULL when an operand is */
    bool constant; /* a literal, or made of such */
    struct vec out;
    uint32_t n;
    struct expr **args;
    union cell *a; /* n operands of the row at hand */
    uint8_t *null;
    const void *data;     /* what the function has prepared */
    uint32_t k;           /* a number that it has prepared; the column of an input */
    uint32_t *sel, *rest; /* rows that are still open, for functions that stop early */
};

/* What making an expression needs. */
struct binding {
    struct arena *a;
    struct eval *ev;
    const struct ltype *const *inputs; /* types of the columns */
    uint32_t n_inputs;
};

/* NULL: e says why. It lives in the arena and belongs to one thread. */
struct expr *expr_make(struct binding *b, const struct rex *rex, struct err *e);

static inline void expr_run(struct expr *x, struct eval *ev, const uint32_t *sel, uint32_t n) { x->run(x, ev, sel, n); }

/* The rows of sel for which the condition is true, into `to` (room for n); how many. */
uint32_t expr_filter(struct expr *condition, struct eval *ev, const uint32_t *sel, uint32_t n, uint32_t *to);

/* The value of a literal; false when x is none or NULL. */
bool expr_literal(const struct expr *x, union cell *v);

#endif
