/* Whether two sides hold the same entries, by sums over small shares of them: what differs is in a share whose sums do. */
#ifndef WEIR_INSPECT_DIFF_SUMS_H
#define WEIR_INSPECT_DIFF_SUMS_H

#include <stdatomic.h>

#include "inspect/diff_piles.h"

enum { SHARES = 1024, SUMS = PILES * SHARES }; /* a pile in shares by the key: entries come by pile, so its sums stay near */

struct sums {
    _Atomic uint64_t *of[2]; /* by side: SUMS of them; NULL: none were taken */
};

/* What a thread adds to one pile after the other, before it goes to where all threads add. Zero-initialise. */
struct sums_own {
    uint64_t of[SHARES];
    uint32_t n;
    uint8_t pile;
};

void sums_start(struct sums *s);
void sums_free(struct sums *s);
/* From any thread, through what it has of its own; NULL: where piles come in no order. Order does not count, but how often an entry is
 * there does. */
void sums_add(struct sums *s, int side, struct sums_own *own, uint8_t pile, const struct record *r);
void sums_flush(struct sums *s, int side, struct sums_own *own);
/* May r be one of the differences? Always, where no sums were taken. */
bool sums_differ(const struct sums *s, uint8_t pile, const struct record *r);
bool sums_same(const struct sums *s); /* all of them */

#endif
