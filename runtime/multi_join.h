/* What stream-exec-multi-join keeps, and how snapshots have it: for op_multi_join.c and multi_join_state.c. */
#ifndef WEIR_RUNTIME_MULTI_JOIN_H
#define WEIR_RUNTIME_MULTI_JOIN_H

#include "runtime/keyed.h"
#include "runtime/kstate.h"
#include "runtime/ttl.h"

struct record {
    struct row *row;
    int32_t times;
    int64_t written;
};

struct records {
    struct record *r;
    uint32_t n, cap;
};

/* The rows of a key. */
struct common {
    uint32_t n;
    struct records in[];
};

struct input {
    const struct ltype *row;
    uint32_t first; /* its first column in the output */
    const uint32_t *keys, *join, *unique;
    uint32_t n_join, n_unique;  /* n_join 0: no join key, as of the first input */
    bool left;                  /* LEFT JOIN: rows before it are padded where it has none */
    bool has_unique, contained; /* rows have a key of their own; which is within the join key */
    struct expr *condition;     /* over the columns up to its own; NULL: every row fits */
    struct ttl ttl;
    uint32_t state;
    const struct ltype **under; /* what rows lie under: the parts of the map's key */
    uint32_t n_under;
};

struct multi_join {
    uint32_t n, n_keys;
    struct input *in;
    const struct ltype **key_types;
    struct kstate state;
    struct scratch heap; /* while an entry is put */
    union cell *key;
    uint8_t *key_null;
    struct vec *cols;          /* one row of all inputs */
    const struct row **joined; /* of each input so far; NULL: padded */
};

static inline bool mjoin_alive(const struct input *in, const struct record *r)
{
    return !in->ttl.ms || !ttl_over(&in->ttl, r->written);
}

void mjoin_declare(struct op *o, struct input *in, uint32_t i);
struct common *mjoin_common(struct multi_join *j, const union cell *key, const uint8_t *null);
/* The row is the state's from then on. */
void mjoin_keep(const struct input *in, struct records *all, struct row *row, int32_t times, int64_t written);
void mjoin_forget(const struct input *in, struct records *all, const struct row *row);
extern const struct keyed_form mjoin_form;

#endif
