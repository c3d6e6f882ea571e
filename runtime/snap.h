/* What a subtask of an operator puts into a checkpoint as operator state: elements of list states, which are bytes. */
#ifndef WEIR_RUNTIME_SNAP_H
#define WEIR_RUNTIME_SNAP_H

#include "base/mem.h"

struct snap_element {
    const char *list; /* the state's name */
    struct bytes bytes;
};

struct snap {
    struct arena *a;
    uint32_t n, cap;
    struct snap_element *elements;
};

/* Appends a copy. The name is the caller's. */
void snap_put(struct snap *s, const char *list, const void *p, size_t n);

#endif
