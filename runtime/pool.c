#include "runtime/pool.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#ifndef WATCHED /* by a sanitizer, which sees blocks of malloc best; a test says that it is not */
#if defined(__SANITIZE_ADDRESS__)
#define WATCHED 1
#elif defined(__has_feature)
#define WATCHED __has_feature(address_sanitizer)
#else
#define WATCHED 0
#endif
#endif

enum { FIRST_CHUNK = 1 << 10, MOST_CHUNK = 4 << 20, HUGE_PAGE = 2 << 20 };

/* In front of a chunk or of a large piece. */
struct pool_block {
    struct pool_block *prev, *next;
    size_t n; /* bytes with this */
    size_t unused;
};

void *pages_alloc(size_t n)
{
    if (WATCHED || n < HUGE_PAGE)
        return mem_zalloc(n);
    /* At a place where a huge page may begin: what is around it is given back. */
    uint8_t *p = mmap(NULL, n + HUGE_PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (p == MAP_FAILED)
        return mem_zalloc(SIZE_MAX); /* ends the program, as ever */
    size_t before = (HUGE_PAGE - ((uintptr_t)p & (HUGE_PAGE - 1))) & (HUGE_PAGE - 1), whole = (n + 65535) & ~(size_t)65535;
    if (before)
        munmap(p, before);
    if (n + HUGE_PAGE > before + whole)
        munmap(p + before + whole, n + HUGE_PAGE - before - whole);
    madvise(p + before, whole, MADV_HUGEPAGE); /* if there are none, pages are small */
    return p + before;
}

void pages_free(void *p, size_t n)
{
    if (WATCHED || n < HUGE_PAGE)
        free(p);
    else
        munmap(p, (n + 65535) & ~(size_t)65535);
}

static void *large_alloc(struct pool *p, size_t n)
{
    struct pool_block *b = mem_alloc(sizeof *b + n);
    *b = (struct pool_block){.next = p->large, .n = n};
    if (p->large)
        p->large->prev = b;
    p->large = b;
    return b + 1;
}

static void large_free(struct pool *p, void *piece)
{
    struct pool_block *b = (struct pool_block *)piece - 1;
    if (b->prev)
        b->prev->next = b->next;
    else
        p->large = b->next;
    if (b->next)
        b->next->prev = b->prev;
    free(b);
}

static size_t rounded(size_t n) { return (n + POOL_STEP - 1) & ~(size_t)(POOL_STEP - 1); }

/* What is left of the last chunk is lost: less than a piece. */
static void *from_new_chunk(struct pool *p, size_t n)
{
    size_t size = p->size / 4 & ~(size_t)(FIRST_CHUNK - 1);
    size = size < FIRST_CHUNK ? FIRST_CHUNK : size < MOST_CHUNK ? size : MOST_CHUNK;
    struct pool_block *b = size < HUGE_PAGE ? mem_alloc(size) : pages_alloc(size);
    *b = (struct pool_block){.next = p->chunks, .n = size};
    p->chunks = b;
    p->size += size;
    p->at = (uint8_t *)(b + 1);
    p->end = (uint8_t *)b + size;
    void *piece = p->at;
    p->at += n;
    return piece;
}

void *pool_alloc(struct pool *p, size_t n)
{
    if (WATCHED || n > POOL_MOST || !n)
        return large_alloc(p, n);
    n = rounded(n);
    void **spare = &p->spare[n / POOL_STEP - 1], *piece = *spare;
    if (piece) {
        memcpy(spare, piece, sizeof *spare);
        return piece;
    }
    if ((size_t)(p->end - p->at) < n)
        return from_new_chunk(p, n);
    piece = p->at;
    p->at += n;
    return piece;
}

void pool_free(struct pool *p, void *piece, size_t n)
{
    if (WATCHED || n > POOL_MOST || !n) {
        large_free(p, piece);
        return;
    }
    void **spare = &p->spare[rounded(n) / POOL_STEP - 1];
    memcpy(piece, spare, sizeof *spare);
    *spare = piece;
}

void *pool_grow(struct pool *p, void *piece, size_t n, size_t more)
{
    void *to = pool_alloc(p, more);
    if (piece) {
        memcpy(to, piece, n);
        pool_free(p, piece, n);
    }
    return to;
}

void pool_clear(struct pool *p)
{
    for (struct pool_block *b = p->large, *next; b; b = next) {
        next = b->next;
        free(b);
    }
    for (struct pool_block *b = p->chunks, *next; b; b = next) {
        next = b->next;
        pages_free(b, b->n);
    }
    *p = (struct pool){0};
}
