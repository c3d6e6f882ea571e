/* What connectors that make rows by themselves share: chance and the pace. */
#ifndef WEIR_RUNTIME_GENERATE_H
#define WEIR_RUNTIME_GENERATE_H

#include <stdint.h>

/* 64 bits of chance; the state is any number. */
static inline uint64_t dice(uint64_t *state)
{
    uint64_t x = *state += UINT64_C(0x9e3779b97f4a7c15);
    x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
    return x ^ x >> 31;
}

/* From 0 to below 1. */
static inline double dice_share(uint64_t *state) { return (double)(dice(state) >> 11) / 9007199254740992.0; }

/* How many rows may be made until now, when so many a second are wanted. */
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
