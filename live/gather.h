/* Answers gathered in rounds, where what is known leads to further questions: for those who wait. Screens have the collector. */
#ifndef WEIR_LIVE_GATHER_H
#define WEIR_LIVE_GATHER_H

#include "live/wants.h"

/* Zero-initialise but for `live`; gather_free. The answers live as long as those of live_fetch. */
struct gather {
    struct live *live;
    struct live_snapshot known; /* what is known so far */
    const struct live_answer **answers;
};

/* Asks what `tell` wants of what is known, all of it side by side, until it wants nothing new; so it is told of the last answers too.
 * False: the cluster is away. */
bool gather_all(struct gather *g, void (*tell)(void *ctx, const struct live_snapshot *known, struct wants *), void *ctx,
                struct err *e);
/* Asks what is known already once more, and has the new answers in the place of the old. */
bool gather_again(struct gather *g, const struct wants *what, struct err *e);
/* The same answers, to be kept while g goes on. */
void gather_copy(struct gather *to, const struct gather *g);
void gather_free(struct gather *g);

#endif
