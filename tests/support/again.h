/* What a snapshot holds, made again: every serializer snapshot and state description from its tree, every key, namespace and value from
 * its value tree, also without the bytes that it was read from, for the
 * other Flink, and from the JSON that a dump prints. */
#ifndef WEIR_TESTS_SUPPORT_AGAIN_H
#define WEIR_TESTS_SUPPORT_AGAIN_H

#include <stdio.h>

#include "savepoint/savepoint.h"

enum again_what { AGAIN_SNAPSHOT, AGAIN_STATE, AGAIN_VALUE, AGAIN_FRESH, AGAIN_OTHER, AGAIN_JSON, AGAIN_KINDS };

struct again {
    uint64_t same[AGAIN_KINDS], opaque[AGAIN_KINDS], differ[AGAIN_KINDS];
    FILE *log; /* NULL, or where differences are told, each type once */
    uint32_t n_told;
    char *told[256];
};

/* Goes over all keyed and operator state of the snapshot. False: it cannot be read. */
bool again_snapshot(struct again *a, const char *location, struct err *e);
void again_free(struct again *a);

#endif
