/* What a subtask of an operator puts into a checkpoint: operator state, which is elements of list states, and keyed state (keyed.h). */
#ifndef WEIR_RUNTIME_SNAP_H
#define WEIR_RUNTIME_SNAP_H

#include "base/mem.h"

struct snap_element {
    const char *list; /* the state's name */
    struct bytes bytes;
    const char
        *type; /* of the element, as ser_plain names it, whose bytes these are; NULL: byte[], of which they are the content */
};

struct snap_keyed {
    uint32_t state, group;
    struct bytes key, ns, user_key, value; /* as the serializers write them */
};

/* They stay where they are, however many come: there may be millions, and nobody is to wait until they have been moved. */
struct snap_block {
    struct snap_block *next;
    uint32_t n, cap;
    struct snap_keyed k[];
};

struct snap {
    struct arena *a;
    uint32_t n, cap;
    struct snap_element *elements;
    uint64_t n_keyed;
    struct snap_block *keyed, *last;
    uint64_t bytes, keyed_bytes; /* of the elements, and of those; without the framing of files */
    const char *database;    /* where keyed state lies instead (cold.h): a directory that goes with the snapshot; NULL: nowhere */
    uint64_t database_bytes; /* of its files */
};

/* Appends a copy. The name is the caller's. */
void snap_put(struct snap *s, const char *list, const void *p, size_t n);
/* A Long of a union list, of which every subtask gets all when it is restored (ListState of OperatorStateStore#getUnionListState). */
void snap_put_long(struct snap *s, const char *list, int64_t v);
/* The least of those; INT64_MAX: there are none. */
int64_t snap_least(const struct snap *s, const char *list);
void snap_put_keyed(struct snap *s, const struct snap_keyed *k);
/* There are none any more; their memory stays the arena's. */
static inline void snap_forget_keyed(struct snap *s)
{
    s->n_keyed = s->keyed_bytes = 0;
    s->keyed = s->last = NULL;
}

#endif
