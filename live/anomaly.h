/* Whether a checkpoint's size is out of the ordinary, without a number that a user has to find.
 *
 * Sizes are compared as logarithms, so that "twice" is as far everywhere. A size is out of the ordinary when it is far from the
 * median of the recent ones, measured by how much sizes change from one to the next, and when at most one of the recent ones was
 * about as far: what has been seen lately is not news, so that steady growth, the sawtooth of incremental checkpoints and a new
 * level are not told again and again.
 * With some days of history a size that this hour of the day has had on other days is no news either; with a week of it, a size
 * far from all that this hour has had is, although it was seen at other hours. Both allow for the level of the last day. */
#ifndef WEIR_LIVE_ANOMALY_H
#define WEIR_LIVE_ANOMALY_H

#include <stdbool.h>
#include <stdint.h>

enum {
    ANOMALY_RECENT = 128, /* sizes that are remembered one by one */
    ANOMALY_LEAST = 8,    /* with fewer nothing is out of the ordinary */
    ANOMALY_DAYS = 14     /* of which each hour's range is remembered */
};

/* Zero-initialise. */
struct anomaly {
    double recent[ANOMALY_RECENT]; /* log2 of the sizes, a ring */
    double off[ANOMALY_RECENT];    /* how far each was from what its hour has had */
    uint32_t n, next;
    struct anomaly_hour {      /* UTC */
        float middle;          /* of its sizes, the last time */
        struct anomaly_range { /* a ring of days; relative to the middle of the 24 hours before */
            int64_t day;
            float low, high;
        } days[ANOMALY_DAYS];
        uint8_t n, next;
    } hours[24];
};

struct anomaly_verdict {
    bool anomalous;
    bool by_hour;    /* usual of late, but not at this hour */
    double expected; /* bytes; NaN: not enough is known */
    double score;    /* distance from it, in usual steps; NaN likewise */
};

/* Judges a size by what has been added so far. at_ms: since 1970. */
struct anomaly_verdict anomaly_judge(const struct anomaly *a, int64_t at_ms, double bytes);
/* Remembers it, whatever the verdict was. */
void anomaly_add(struct anomaly *a, int64_t at_ms, double bytes);

/* The median of n numbers, which are put in another order; NaN of none. */
double median_of(double *v, uint32_t n);

#endif
