/* What stream-exec-join keeps, and how snapshots have it: for op_join.c and join_state.c. */
#ifndef WEIR_RUNTIME_JOIN_H
#define WEIR_RUNTIME_JOIN_H

#include "runtime/keyed.h"
#include "runtime/kstate.h"
#include "runtime/pair.h"
#include "runtime/pool.h"

enum join_type { INNER, LEFT, RIGHT, FULL, SEMI, ANTI };

/* A row of one side, and with how many of the other side it goes, where that side is padded. */
struct record {
    struct row *row;
    int64_t matches;
};

/* Where they expire, room for `cap` times follows on them: when each was written. */
struct records {
    struct record *r;
    uint32_t n, cap;
};

struct side {
    const struct ltype *row;
    const uint32_t *keys;
    uint32_t n_unique;
    const uint32_t *unique; /* columns of a unique key; n_unique 0: none is known */
    bool has_unique;
    bool counts; /* in snapshots: with each row how many of the other side it goes with */
    bool outer;  /* its rows are sent even when none fits */
    struct ttl ttl;
    struct kstate state;
    struct pool rows; /* all that its values hold */
    struct kstate_soon soon;
    const struct ltype **key_types;
    enum { BY_KEY, BY_UNIQUE, BY_ROW } layout; /* of its state in snapshots: a value; a map by the unique key; a map by the row */
    const struct ltype **unique_types;
    uint32_t records; /* the state */
};

struct join {
    enum join_type type;
    uint32_t n_keys;
    const bool *filter_nulls;
    struct side side[2];
    struct pair pair;
    union cell *key;
    uint8_t *key_null;
    struct record **fit; /* those of the other side that fit */
    uint32_t n_fit, cap_fit;
    struct kentry *other; /* … and where they are; NULL: there are none */
    int64_t copies;       /* rows that a snapshot has had in one entry with others */
};

void join_release(void *side, void *value);
/* The row is its from now on. */
void join_append(struct side *s, struct records *all, struct row *row, int64_t matches, int64_t when);
void join_drop(struct side *s, struct records *all, uint32_t i);
void join_prune(struct side *s, struct records *all); /* those that have expired go */
/* Those of an entry, which may be NULL, that have not expired. */
static inline struct records *join_alive(struct side *s, struct kentry *e)
{
    if (e && s->ttl.ms)
        join_prune(s, (struct records *)e->value);
    return e ? (struct records *)e->value : NULL;
}
void join_write(const struct side *s, struct kentry *e, uint32_t i);
/* Equal rows stand once in Flink's state, where they have no unique key: they are written together. */
void join_write_equals(const struct side *s, struct kentry *e, const struct row *row);

/* counts: with each row how many of the other side it goes with. */
void join_declare(struct op *o, struct side *s, const char *name, bool counts);

#endif
