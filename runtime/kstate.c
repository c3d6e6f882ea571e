#include "runtime/kstate.h"

#include <stdlib.h>
#include <string.h>

#include "runtime/cold.h"
#include "runtime/pool.h"

enum { POOLED_FROM = 32 }; /* slots: fewer entries are not worth a pool */
enum { SMALL = 1000 };     /* entries: they are near anyway */

/* Behind the value when it was written, and its page. */
static void set_room(struct kstate *k)
{
    k->page = (k->size + 7) / 8 * 8 + (k->ttl ? sizeof(int64_t) : 0);
    k->room = (k->page + (k->pages ? sizeof(struct kpage) : 0) + 15) & ~(size_t)15;
}

void kstate_init(struct kstate *k, const struct ltype *const *types, uint32_t n_types, size_t size, void (*release)(void *value))
{
    *k = (struct kstate){.types = types, .n_types = n_types, .size = size, .release = release};
    set_room(k);
}

void kstate_owned(struct kstate *k, void *owner, void (*release_of)(void *owner, void *value))
{
    k->owner = owner;
    k->release_of = release_of;
}

static void let_go(const struct kstate *k, void *value)
{
    if (k->release_of)
        k->release_of(k->owner, value);
    else if (k->release)
        k->release(value);
}

static void drop(struct kstate *k, struct kentry *e)
{
    if (k->pages)
        cold_gone(k, e);
    let_go(k, e->value);
    if (e->key->size) {
        pool_free(k->pool, e, e->key->size);
    } else {
        free(e);
        k->n_apart--;
    }
}

static void drop_slots(struct kslot *slots, uint32_t n)
{
    if (slots)
        pages_free(slots, n * sizeof *slots);
}

void kstate_clear(struct kstate *k)
{
    for (struct kentry *e = k->first, *next; e && (k->release || k->pages || k->n_apart); e = next) {
        next = e->next;
        drop(k, e);
    }
    if (k->pool)
        pool_clear(k->pool);
    free(k->pool);
    drop_slots(k->slots, k->mask + 1);
    k->pool = NULL;
    k->slots = NULL;
    k->first = k->last = k->hand = k->at = NULL;
    k->n = k->mask = k->left = 0;
}

static uint64_t hash_of(const struct kstate *k, const union cell *key, const uint8_t *null)
{
    uint64_t h = 1;
    for (uint32_t i = 0; i < k->n_types; i++)
        h = h * UINT64_C(0x9e3779b97f4a7c15) + (null[i] ? 7 : cell_hash(k->types[i], key[i]));
    return h ^ h >> 29;
}

static bool is_key(const struct kstate *k, const struct kentry *e, const union cell *key, const uint8_t *null)
{
    const struct row *r = (const struct row *)(const void *)(e->value + k->room); /* known before *e is */
    for (uint32_t i = 0; i < k->n_types; i++)
        if (r->null[i] != null[i] || (!null[i] && !cell_same(k->types[i], r->v[i], key[i])))
            return false;
    return true;
}

static struct kentry *look(const struct kstate *k, uint64_t hash, const union cell *key, const uint8_t *null)
{
    for (uint32_t i = (uint32_t)hash & k->mask; k->slots && k->slots[i].entry; i = (i + 1) & k->mask)
        if (k->slots[i].hash == hash && is_key(k, k->slots[i].entry, key, null))
            return k->slots[i].entry;
    return NULL;
}

static struct kentry *find(const struct kstate *k, const union cell *key, const uint8_t *null)
{
    struct kentry *e = k->n ? look(k, hash_of(k, key, null), key, null) : NULL;
    if (!e || !kstate_lives(k, e))
        return NULL;
    kstate_change((struct kstate *)k, e); /* nobody sees but the snapshot */
    return e;
}

/* The state is what it was, wherever its entries are. */
static struct kentry *find_paged(const struct kstate *k, const union cell *key, const uint8_t *null)
{
    struct kentry *e = k->n ? look(k, hash_of(k, key, null), key, null) : NULL;
    e = cold_look((struct kstate *)k, e, key, null);
    cold_leave(k->pages);
    return e && kstate_lives(k, e) ? e : NULL;
}

struct kentry *kstate_find(const struct kstate *k, const union cell *key, const uint8_t *null)
{
    return k->pages ? find_paged(k, key, null) : find(k, key, null);
}

/* First its slot; when half of the others have been told, its entry, of which the slot knows. */
uint64_t kstate_soon(const struct kstate *k, struct kstate_soon *next, const union cell *key, const uint8_t *null)
{
    uint64_t hash = hash_of(k, key, null);
    if (k->n < SMALL)
        return hash;
    __builtin_prefetch(&k->slots[(uint32_t)hash & k->mask]);
    if (next) {
        const struct kslot *s = &k->slots[(uint32_t)next->hash[(next->at + KSTATE_SOON / 2) % KSTATE_SOON] & k->mask];
        if (s->entry) {
            __builtin_prefetch(s->entry);
            __builtin_prefetch(s->entry->value + k->room);
        }
        next->hash[next->at++ % KSTATE_SOON] = hash;
    }
    return hash;
}

static void insert(struct kstate *k, struct kslot s)
{
    uint32_t i = (uint32_t)s.hash & k->mask;
    while (k->slots[i].entry)
        i = (i + 1) & k->mask;
    k->slots[i] = s;
}

static void grow(struct kstate *k)
{
    struct kslot *before = k->slots;
    uint32_t n = before ? k->mask + 1 : 0, slots = n ? n * 2 : 16;
    k->slots = pages_alloc(slots * sizeof *k->slots);
    k->mask = slots - 1;
    for (uint32_t i = 0; i < n; i++)
        if (before[i].entry)
            insert(k, before[i]);
    drop_slots(before, n);
    if (!k->pool && slots >= POOLED_FROM)
        k->pool = mem_zalloc(sizeof *k->pool);
}

/* Two a call: so those that nobody asks for any more are gone in time, too, and never many at once. */
static void sweep(struct kstate *k)
{
    for (int i = 0; i < 2 && k->first; i++) {
        struct kentry *e = k->hand ? k->hand : k->first;
        k->hand = e->next;
        if (!kstate_lives(k, e))
            kstate_remove(k, e);
    }
}

static void renew(struct kstate *k, struct kentry *e)
{
    let_go(k, e->value);
    memset(e->value, 0, k->size);
    kstate_write(k, e);
}

struct kentry *kstate_at(struct kstate *k, const union cell *key, const uint8_t *null, bool *fresh)
{
    uint64_t hash = hash_of(k, key, null);
    if (k->ttl)
        sweep(k);
    struct kentry *e = look(k, hash, key, null);
    if (k->pages)
        e = cold_look(k, e, key, null);
    *fresh = !e || !kstate_lives(k, e);
    if (e)
        kstate_change(k, e);
    if (e && *fresh)
        renew(k, e);
    if (e)
        return e;
    if (!k->slots || k->n >= k->mask - k->mask / 4)
        grow(k);
    size_t value = k->room, size = sizeof *e + value + row_size(k->types, k->n_types, key, null);
    bool pooled = k->pool && size <= UINT32_MAX;
    e = pooled ? pool_alloc(k->pool, size) : mem_alloc(size);
    memset(e->value, 0, value);
    e->hash = (uint32_t)hash;
    e->put = k->walk;
    e->next = NULL;
    kstate_write(k, e);
    e->key = row_make_at(e->value + value, k->types, k->n_types, key, null);
    e->key->size = pooled ? (uint32_t)size : 0;
    k->n_apart += !pooled;
    e->prev = k->last;
    if (k->last)
        k->last->next = e;
    else
        k->first = e;
    k->last = e;
    k->n++;
    insert(k, (struct kslot){hash, e});
    if (k->pages)
        cold_made(k, e);
    return e;
}

void kstate_paged(struct kstate *k, struct kpages *pages)
{
    k->pages = pages;
    set_room(k);
}

struct kpage *kstate_page(const struct kstate *k, struct kentry *e) { return (struct kpage *)(void *)(e->value + k->page); }

void kstate_remove(struct kstate *k, struct kentry *e)
{
    if (k->pages)
        cold_removed(k, e);
    kstate_change(k, e);
    kstate_forget(k, e);
}

void kstate_forget(struct kstate *k, struct kentry *e)
{
    uint32_t i = e->hash & k->mask;
    while (k->slots[i].entry != e)
        i = (i + 1) & k->mask;
    for (uint32_t j = i;;) { /* those behind it move up, as far as they may */
        k->slots[i].entry = NULL;
        uint32_t home;
        do {
            j = (j + 1) & k->mask;
            if (!k->slots[j].entry)
                goto closed;
            home = (uint32_t)k->slots[j].hash & k->mask;
        } while (i <= j ? i < home && home <= j : i < home || home <= j);
        k->slots[i] = k->slots[j];
        i = j;
    }
closed:
    if (e->prev)
        e->prev->next = e->next;
    else
        k->first = e->next;
    if (e->next)
        e->next->prev = e->prev;
    else
        k->last = e->prev;
    if (k->hand == e)
        k->hand = e->next;
    if (k->at == e)
        k->at = e->next;
    k->n--;
    drop(k, e);
}

/* --- a snapshot --- */

void kstate_begin(struct kstate *k, void (*put)(void *ctx, struct kentry *e), void *ctx)
{
    k->walk++;
    k->left = k->n;
    k->at = k->first;
    k->put = put;
    k->ctx = ctx;
}

void kstate_put_before(struct kstate *k, struct kentry *e)
{
    e->put = k->walk;
    k->left--;
    if (kstate_lives(k, e))
        k->put(k->ctx, e);
}

bool kstate_go_on(struct kstate *k, uint32_t some)
{
    for (; k->left && some; some--) {
        struct kentry *e = k->at;
        k->at = e->next;
        if (!kstate_lives(k, e))
            kstate_remove(k, e);
        else
            kstate_change(k, e);
    }
    return k->left;
}

void kstate_abandon(struct kstate *k) { k->left = 0; }

void kstate_expires(struct kstate *k, const struct ttl *ttl)
{
    k->ttl = ttl && ttl->ms ? ttl : NULL;
    set_room(k);
}

void kstate_came(const struct kstate *k, struct kentry *e, bool fresh, int64_t written)
{
    if (k->ttl && (fresh || written > *kstate_written(k, e)))
        *kstate_written(k, e) = written;
}

void kstate_purge(struct kstate *k)
{
    for (struct kentry *e = k->ttl ? k->first : NULL, *next; e; e = next) {
        next = e->next;
        if (!kstate_lives(k, e))
            kstate_remove(k, e);
    }
}
