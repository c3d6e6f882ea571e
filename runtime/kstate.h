/* Keyed state: for each key (a row) a value of the operator's. The operators keep in it what Flink's operator of the same node keeps.
 *
 * Entries stay where they are until they are removed, and are walked in the order in which they came, so that what comes out of a run does
 * not depend on hashes. */
#ifndef WEIR_RUNTIME_KSTATE_H
#define WEIR_RUNTIME_KSTATE_H

#include "runtime/row.h"
#include "runtime/ttl.h"

struct kentry {
    struct kentry *prev, *next;
    uint32_t hash;   /* its lower half */
    uint32_t put;    /* the last walk that it has been put in, or came behind the beginning of */
    struct row *key; /* behind the value */
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
    size_t page, room;            /* from there to its page and to its key */
    void (*release)(void *value); /* what a value holds; NULL: nothing, or release_of */
    void *owner;
    void (*release_of)(void *owner, void *value);
    uint32_t n, mask; /* entries; slots - 1 */
    struct kslot *slots;
    struct kentry *first, *last;
    struct pool *pool;     /* of entries; NULL: there were never many */
    uint32_t n_apart;      /* those that are not in the pool */
    const struct ttl *ttl; /* of entries, each of which has behind its value when it was written; NULL: they stay */
    struct kentry *hand;   /* the next one of which is seen whether it has expired */
    struct kpages *pages;  /* entries may be in a database instead (cold.h); NULL: all are here */
    /* --- a walk for a snapshot --- */
    uint32_t walk, left; /* the last one's number; entries that have not been put in it, none of which has changed since it began */
    struct kentry *at;   /* none of them is before this one */
    void (*put)(void *ctx, struct kentry *e);
    void *ctx;
};

/* Zero values to begin with. The types are the caller's. */
void kstate_init(struct kstate *k, const struct ltype *const *types, uint32_t n_types, size_t size, void (*release)(void *value));
/* What values hold is in pieces of a pool of their owner's, who clears it behind kstate_clear. Before the first entry. */
void kstate_owned(struct kstate *k, void *owner, void (*release_of)(void *owner, void *value));
void kstate_clear(struct kstate *k); /* drops all entries and memory; may be used again */

/* The entry of a key, or NULL. */
struct kentry *kstate_find(const struct kstate *k, const union cell *key, const uint8_t *null);
/* The same, made when it is not there (the value is zero); *fresh says so. */
struct kentry *kstate_at(struct kstate *k, const union cell *key, const uint8_t *null, bool *fresh);
void kstate_remove(struct kstate *k, struct kentry *entry);

/* The memory of a key that will be asked for soon is fetched meanwhile, step by step: `next`, zeroed to begin with, has those that have been
 * told, SOON of which are on their way. NULL: the first step alone. What comes back tells keys apart; its lower half is their entry's hash. */
enum { KSTATE_SOON = 8 };
struct kstate_soon {
    uint64_t hash[KSTATE_SOON];
    uint32_t at;
};
uint64_t kstate_soon(const struct kstate *k, struct kstate_soon *next, const union cell *key, const uint8_t *null);
/* Before row i of a batch: the rows whose keys are to be told, from this one to below i + SOON. */
static inline uint32_t kstate_soon_from(uint32_t i) { return i ? i + KSTATE_SOON - 1 : 0; }

/* --- a snapshot of all entries, which is taken while they go on changing: each is put as it was at the beginning, in its turn or before it is
 * found for the first time. Entries that come later are none of its --- */

/* The one before is over. What has expired may be put or not. */
void kstate_begin(struct kstate *k, void (*put)(void *ctx, struct kentry *e), void *ctx);
/* Puts some more, so many at most; false: that is all. */
bool kstate_go_on(struct kstate *k, uint32_t some);
void kstate_abandon(struct kstate *k); /* the rest is not put */
void kstate_put_before(struct kstate *k, struct kentry *e);
/* Before an entry changes that has not been found by its key, but by going along them. */
static inline void kstate_change(struct kstate *k, struct kentry *e)
{
    if (k->left && e->put != k->walk)
        kstate_put_before(k, e);
}

/* --- entries that expire: they are not found, a fresh one takes their place, and each kstate_at drops some others --- */

/* Behind init. NULL, or a time that does not end: nothing expires. The time is the caller's. */
void kstate_expires(struct kstate *k, const struct ttl *ttl);
static inline int64_t *kstate_written(const struct kstate *k, struct kentry *e)
{
    return (int64_t *)(void *)(e->value + (k->size + 7) / 8 * 8);
}
static inline int64_t kstate_when(const struct kstate *k, struct kentry *e) { return k->ttl ? *kstate_written(k, e) : 0; }
static inline void kstate_write_at(const struct kstate *k, struct kentry *e, int64_t when)
{
    if (k->ttl)
        *kstate_written(k, e) = when;
}
/* It is written now. A fresh entry is anyway. */
static inline void kstate_write(const struct kstate *k, struct kentry *e) { kstate_write_at(k, e, k->ttl ? k->ttl->now : 0); }
/* Comes from a snapshot, where it was written then: the latest of several counts. */
void kstate_came(const struct kstate *k, struct kentry *e, bool fresh, int64_t written);
static inline bool kstate_lives(const struct kstate *k, const struct kentry *e)
{
    return !k->ttl || !ttl_over(k->ttl, *kstate_written(k, (struct kentry *)e)); /* only read */
}
void kstate_purge(struct kstate *k); /* drops all that have expired */

/* --- entries that may be out of memory (cold.h) --- */

struct kpage;
void kstate_paged(struct kstate *k, struct kpages *pages); /* before the first entry */
struct kpage *kstate_page(const struct kstate *k, struct kentry *e);
void kstate_forget(struct kstate *k, struct kentry *e); /* it leaves memory, and may be found again */

#endif
