/* Values of an accumulator, in the order in which they came: what Flink keeps in a ListView or a LinkedList. */
#ifndef WEIR_RUNTIME_AGG_ITEMS_H
#define WEIR_RUNTIME_AGG_ITEMS_H

#include "runtime/agg.h"

struct agg_item {
    union cell v;
    void *block; /* what v points to */
    uint8_t null;
};

struct agg_items {
    uint32_t n, cap;
    struct agg_item *x;
};

/* Behind the others; *all is made when it is NULL. Copies. */
void agg_items_add(struct agg_items **all, const struct ltype *t, union cell v, uint8_t null);
/* The first that is the same goes; false: there is none. */
bool agg_items_remove(struct agg_items *all, const struct ltype *t, union cell v, uint8_t null);
void agg_items_drop(struct agg_items *all, uint32_t at);
static inline uint32_t agg_items_n(const struct agg_items *all) { return all ? all->n : 0; }
void agg_items_free(struct agg_items *all); /* NULL is allowed */

/* --- what agg_state.c and agg_view.c have to know of functions --- */

extern const struct ltype *const agg_double; /* DOUBLE */
extern const struct ltype *const agg_text;   /* STRING */
struct bytes agg_delimiter(const struct acc *a);
/* LISTAGG without rows that are taken back: what it has gathered (whole), or its delimiter. */
void agg_take_texts(const struct agg *g, struct acc *a, struct bytes text, bool whole);

/* JSON_OBJECTAGG: a key with its value, written then; false: it is there already. The value of an entry of acc.values. */
bool agg_member_put(const struct agg *g, struct acc *a, struct bytes key, struct bytes text, int64_t written);
struct bytes agg_member_text(const struct kentry *e);

/* Adds, or takes back: from `items`, or into `owed`, where it has not come (the *WithRetract* functions). */
void agg_items_count(struct acc *a, const struct ltype *t, union cell v, uint8_t null, int64_t sign);
/* All that `from` has, behind; then what is owed is taken. */
void agg_items_merge(struct acc *to, const struct acc *from, const struct ltype *t);

#endif
