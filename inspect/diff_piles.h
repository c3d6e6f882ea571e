/* Records of entries, in piles that go to disk when they grow beyond what memory is to hold. */
#ifndef WEIR_INSPECT_DIFF_PILES_H
#define WEIR_INSPECT_DIFF_PILES_H

#include <pthread.h>

#include "base/err.h"
#include "base/mem.h"

struct record {
    uint64_t key[2], value;
    uint32_t state; /* the caller's number of it */
    int32_t group;  /* key group; -1: none */
};

enum { PILES = 256 };

struct piles {
    struct buf pile[2][PILES]; /* by side */
    size_t bytes, limit;       /* in memory, in all */
    char *dir;                 /* once something has gone to disk */
    pthread_mutex_t lock;
};

void piles_start(struct piles *p, size_t limit);
void piles_free(struct piles *p);
/* Adds records, `where` telling the pile of each. From any thread. */
bool piles_add(struct piles *p, int side, const struct record *records, const uint8_t *where, size_t n, struct err *e);
/* All records of one pile; free() releases. */
bool piles_take(struct piles *p, int side, unsigned pile, struct record **records, size_t *n, struct err *e);

#endif
