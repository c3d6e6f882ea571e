/* Records of a database, in the order of states and keys: for cold*.c. */
#ifndef WEIR_RUNTIME_COLD_ITEMS_H
#define WEIR_RUNTIME_COLD_ITEMS_H

#include "base/mem.h"
#include "savepoint/rocks_kv.h"

struct item {
    uint32_t state, key_n, value_n;
    size_t at; /* the key in `bytes`, the value behind it */
};

/* Being gathered. */
struct cold_items {
    uint32_t n, cap;
    struct item *v;
    struct buf bytes;
};

/* Gathered: one allocation. */
struct kept {
    uint32_t n;
    size_t bytes; /* all of it */
    struct item v[];
};

static inline struct bytes item_key(const struct item *i, const uint8_t *bytes) { return (struct bytes){bytes + i->at, i->key_n}; }
static inline struct bytes item_value(const struct item *i, const uint8_t *bytes)
{
    return (struct bytes){bytes + i->at + i->key_n, i->value_n};
}
static inline const uint8_t *kept_bytes(const struct kept *k) { return (const uint8_t *)(k->v + k->n); }

void items_clear(struct cold_items *i);
void items_free(struct cold_items *i);
/* The key that is begun by `key`, and goes on with the others. */
void items_add(struct cold_items *i, uint32_t state, struct bytes key, struct bytes value);
/* The value of the last one grows. */
void items_grow(struct cold_items *i, struct bytes more);
/* In order; of those that are the same, one. */
void items_sort(struct cold_items *i);
/* NULL: there are none. */
struct kept *items_keep(const struct cold_items *i);
int item_compare(const struct item *a, const uint8_t *a_bytes, const struct item *b, const uint8_t *b_bytes);
/* Gives the database what it does not have: it has `before` (or nothing). */
void items_write(const struct cold_items *now, const struct kept *before, struct rocks_kv *d);

#endif
