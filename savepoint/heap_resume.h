/* Where a value ends that cannot be decoded, in a heap stream that tells no lengths.
 *
 * What follows the value can be recognised: the next entry's namespace and key, whose hash must fall into the key group at hand,
 * or the head of the next state, or the key group's end. The first position that fits is taken. */
#ifndef WEIR_SAVEPOINT_HEAP_RESUME_H
#define WEIR_SAVEPOINT_HEAP_RESUME_H

#include "savepoint/keyed.h"

struct heap_resume {
    const struct keyed_header *header;
    int32_t max_parallelism;
    uint32_t group;
    const struct state_info *info; /* the state of the opaque value */
    uint32_t entries_left;         /* of that state, behind this one */
    const bool *seen;              /* by state id: its part of the key group has begun */
    uint32_t states_left;          /* behind this one */
};

/* The end of the value that begins at `from`; NULL when nothing that follows can be recognised. [from, end) is the rest of the key
 * group. */
const uint8_t *heap_resume(const struct heap_resume *h, const uint8_t *from, const uint8_t *end);

#endif
