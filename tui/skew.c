#include "tui/skew.h"

#include <math.h>

struct skew skew_of(const double *v, uint32_t n)
{
    struct skew s = {.sum = NAN, .mean = NAN, .least = NAN, .most = NAN, .percent = NAN, .variation = NAN};
    double distance = 0, squares = 0;
    for (uint32_t i = 0; i < n; i++) {
        if (!isfinite(v[i]))
            continue;
        s.sum = s.n ? s.sum + v[i] : v[i];
        s.least = !s.n || v[i] < s.least ? v[i] : s.least;
        if (!s.n || v[i] > s.most) {
            s.most = v[i];
            s.most_at = i;
        }
        s.n++;
    }
    if (!s.n)
        return s;
    s.mean = s.sum / s.n;
    for (uint32_t i = 0; i < n; i++)
        if (isfinite(v[i])) {
            distance += fabs(v[i] - s.mean);
            squares += (v[i] - s.mean) * (v[i] - s.mean);
        }
    s.percent = s.mean == 0 ? 0 : fmin(distance / s.n / s.mean * 100, 100);
    s.variation = s.mean == 0 ? 0 : sqrt(squares / s.n) / s.mean;
    return s;
}

uint32_t skew_bars(const double *v, uint32_t n, double *bars, uint32_t most)
{
    uint32_t count = n < most ? n : most;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t from = (uint32_t)((uint64_t)i * n / count), to = (uint32_t)((uint64_t)(i + 1) * n / count);
        bars[i] = NAN;
        for (uint32_t k = from; k < to; k++)
            if (isfinite(v[k]) && !(v[k] <= bars[i]))
                bars[i] = v[k];
    }
    return count;
}
