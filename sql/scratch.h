/* Memory that lives as long as one batch is being worked on: handed out by moving a pointer, dropped all at once, kept for the next batch.
 * Not zeroed. Zero-initialise, then scratch_free. Not shared between threads. */
#ifndef WEIR_SQL_SCRATCH_H
#define WEIR_SQL_SCRATCH_H

#include <string.h>

#include "base/mem.h"

struct scratch {
    uint8_t *p, *end;
    struct scratch_chunk *chunk; /* being filled; those behind it are full */
    struct scratch_chunk *spare; /* from before the last reset */
};

void *scratch_more(struct scratch *s, size_t n);

/* n bytes, aligned to 16. */
static inline void *scratch_alloc(struct scratch *s, size_t n)
{
    n = (n + 15 + !n) & ~(size_t)15; /* never nothing: there may be no chunk yet */
    if (__builtin_expect((size_t)(s->end - s->p) < n, 0))
        return scratch_more(s, n);
    void *p = s->p;
    s->p += n;
    return p;
}

static inline struct bytes scratch_copy(struct scratch *s, const void *p, size_t n)
{
    uint8_t *to = scratch_alloc(s, n);
    if (n)
        memcpy(to, p, n);
    return (struct bytes){to, n};
}

void scratch_reset(struct scratch *s);
void scratch_free(struct scratch *s);

#endif
