/* How many rows a source may make until now, when so many a second are wanted. */
#ifndef WEIR_RUNTIME_PACE_H
#define WEIR_RUNTIME_PACE_H

#include <stdint.h>

struct pace {
    int64_t per_second;     /* above 0 */
    int64_t since, counted; /* milliseconds since 1970, 0: not begun yet; rows since then */
};

/* Rows that are due at `now`, `most` at most; 0: none before *wake. Whoever makes some adds them to counted. */
static inline int64_t pace_due(struct pace *p, int64_t now, int64_t most, int64_t *wake)
{
    if (!p->since)
        p->since = now;
    int64_t due = (int64_t)((__int128)(now - p->since) * p->per_second / 1000) + 1 - p->counted;
    if (due > 0)
        return due < most ? due : most;
    *wake = p->since + (p->counted * 1000 + p->per_second - 1) / p->per_second;
    *wake = *wake > now ? *wake : now + 1;
    return 0;
}

#endif
