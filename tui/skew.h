/* How unevenly something is spread over subtasks. */
#ifndef WEIR_TUI_SKEW_H
#define WEIR_TUI_SKEW_H

#include <stdint.h>

struct skew {
    uint32_t n; /* values that are numbers */
    double sum, mean, least, most;
    uint32_t most_at; /* the place of the most */
    double percent;   /* as Flink counts it: the mean distance from the mean, of the mean; 0 to 100 (DoubleAccumulator, 1.20 on) */
    double variation; /* standard deviation over mean */
};

/* NaN values are left out; NaN figures where there is no value. */
struct skew skew_of(const double *v, uint32_t n);

/* The values as at most `most` bars, each the largest of those that it stands for. Returns how many. */
uint32_t skew_bars(const double *v, uint32_t n, double *bars, uint32_t most);

#endif
