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

struct snap {
    struct arena *a;
    uint32_t n, cap;
    struct snap_element *elements;
    uint32_t n_keyed, cap_keyed;
    struct snap_keyed *keyed;
    const char *database;    /* where keyed state lies instead (cold.h): a directory that goes with the snapshot; NULL: nowhere */
    uint64_t database_bytes; /* of its files */
};

/* Appends a copy. The name is the caller's. */
void snap_put(struct snap *s, const char *list, const void *p, size_t n);
/* A Long of a union list, of which every subtask gets all when it is restored (ListState of OperatorStateStore#getUnionListState). */
void snap_put_long(struct snap *s, const char *list, int64_t v);
/* The least of those; INT64_MAX: there are none. */
int64_t snap_least(const struct snap *s, const char *list);
/* What is in it, without the framing of files. */
uint64_t snap_bytes(const struct snap *s);
void snap_put_keyed(struct snap *s, const struct snap_keyed *k);

#endif
