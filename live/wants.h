/* What has to be asked for, gathered by whoever looks at answers: views of a console, the facts of a diagnosis. */
#ifndef WEIR_LIVE_WANTS_H
#define WEIR_LIVE_WANTS_H

#include "live/live.h"

/* Zero-initialise, wants_free. */
struct wants {
    struct live_want *v; /* in the order in which they came, each once */
    uint32_t n;
    struct arena arena; /* of the strings */
    uint32_t *index, n_index;
    uint32_t fresh; /* place of the last question plus 1; 0: it was wanted before */
};

/* One more question; asked as often as its row says. NULL where the route has no use for a parameter. Twice the same counts once. */
void want(struct wants *w, enum live_route route, const char *job, const char *vertex, const char *item, const char *query);
/* The same of a whole question. */
void want_ask(struct wants *w, const struct live_ask *ask);
/* The last question only every that many ms, unless it was wanted before. */
void want_every(struct wants *w, uint32_t ms);
void wants_free(struct wants *w);

#endif
