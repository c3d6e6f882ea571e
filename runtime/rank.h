/* What stream-exec-rank keeps, and how snapshots have it: for op_rank.c and rank_state.c. */
#ifndef WEIR_RUNTIME_RANK_H
#define WEIR_RUNTIME_RANK_H

#include "runtime/keyed.h"
#include "runtime/kstate.h"
#include "runtime/order.h"
#include "runtime/pool.h"

enum strategy {
    APPEND_FAST,
    UPDATE_FAST,
    RETRACT,
    FIRST_COME /* the first rows are the first ones: nothing but their number is kept (AppendOnlyFirstNFunction) */
};

struct rank {
    uint32_t n_keys, n_row, n_unique;
    const uint32_t *keys, *unique; /* partition; the row's own key (UPDATE_FAST) */
    const struct ltype **key_types;
    struct order order;
    int64_t start, end; /* from 1, both included */
    enum strategy strategy;
    bool numbered, update_before;
    struct ttl ttl;
    struct kstate state;
    struct pool pieces; /* all that its values hold */
    struct kstate_soon soon;
    union cell *key;
    uint8_t *key_null;
    const struct ltype **unique_types;
    uint32_t data;       /* the state in snapshots … */
    uint32_t counts;     /* … and RETRACT's of sort keys */
    struct row **before; /* of the rows in the range, before a change */
    uint32_t n_before, cap_before;
};

/* A partition's rows in order. Append-only ones have no more than `end`. */
struct rank_value {
    struct row **rows;
    uint32_t n, cap;
    union {
        int64_t come;     /* FIRST_COME: rows so far */
        int64_t *written; /* … otherwise: when each row was, where they expire */
    };
    int32_t *places; /* during a restore: of each row among its equals */
};

static inline bool rank_is_top1(const struct rank *r) { return r->strategy != RETRACT && r->start == 1 && r->end == 1; }

void rank_release(void *rank, void *value);
/* Behind all rows that are not above it: where it stands. It is the value's from now on. */
uint32_t rank_insert(struct rank *r, struct rank_value *v, struct row *row, int64_t written);
struct row *rank_take(struct rank_value *v, uint32_t i);
/* What the row stands with in Flink's state is written: all rows of its sort key, or itself. */
void rank_write(const struct rank *r, struct kentry *e, uint32_t i);
/* Rows that have expired go, and nobody is told. */
void rank_prune(struct rank *r, struct rank_value *v);

void rank_declare(struct op *o);

#endif
