/* Pieces of memory that come and go with the entries of a state, and all go with it: what malloc would do for any piece of any program costs a
 * third of such an operator's time. Pieces of one size are handed out again; what is large is a block of its own, and so is everything where a
 * sanitizer watches. Not shared between threads. */
#ifndef WEIR_RUNTIME_POOL_H
#define WEIR_RUNTIME_POOL_H

#include "base/mem.h"

enum { POOL_STEP = 16, POOL_MOST = 512 }; /* pieces are multiples of STEP; above MOST they are blocks of their own */

struct pool {
    void *spare[POOL_MOST / POOL_STEP]; /* pieces of each size that have come back */
    uint8_t *at, *end;                  /* what is left of the last chunk */
    size_t size;                        /* of all chunks */
    struct pool_block *chunks, *large;
};

/* Zero-initialise, then pool_clear, behind which it may be used again. */
void *pool_alloc(struct pool *p, size_t n); /* aligned to 16 */
void pool_free(struct pool *p, void *piece, size_t n);
void *pool_grow(struct pool *p, void *piece, size_t n, size_t more); /* a piece of n bytes (NULL: none) becomes one of more */
void pool_clear(struct pool *p);

/* Large zeroed memory, of pages that the processor finds more easily where there are such. */
void *pages_alloc(size_t n);
void pages_free(void *p, size_t n);

#endif
