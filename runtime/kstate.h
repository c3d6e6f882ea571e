/* Keyed state: for each key (a row) a value of the operator's. The operators keep in it what Flink's operator of the same node keeps.
 *
 * Entries stay where they are until they are removed, and are walked in the order in which they came, so that what comes out of a run does
 * not depend on hashes. */
#ifndef WEIR_RUNTIME_KSTATE_H
#define WEIR_RUNTIME_KSTATE_H

#include "runtime/row.h"

struct kentry {
    struct kentry *prev, *next;
    uint64_t hash;
    struct row *key;
    _Alignas(16) uint8_t value[];
};

struct kslot {
    uint64_t hash;
    struct kentry *entry;
};

struct kstate {
    const struct ltype *const *types; /* of the key */
    uint32_t n_types;
    size_t size;                  /* of a value */
    void (*release)(void *value); /* what a value holds; NULL: nothing */
    uint32_t n, mask;             /* entries; slots - 1 */
    struct kslot *slots;
    struct kentry *first, *last;
};

/* Zero values to begin with. The types are the caller's. */
void kstate_init(struct kstate *k, const struct ltype *const *types, uint32_t n_types, size_t size, void (*release)(void *value));
void kstate_clear(struct kstate *k); /* drops all entries and memory; may be used again */

/* The entry of a key, or NULL. */
struct kentry *kstate_find(const struct kstate *k, const union cell *key, const uint8_t *null);
/* The same, made when it is not there (the value is zero); *fresh says so. */
struct kentry *kstate_at(struct kstate *k, const union cell *key, const uint8_t *null, bool *fresh);
void kstate_remove(struct kstate *k, struct kentry *entry);

#endif
