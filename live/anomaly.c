#include "live/anomaly.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { HOUR_MS = 3600000, DAYS_TO_EXCUSE = 3, DAYS_TO_TRIM = 5, DAYS_TO_ACCUSE = 7, OF_LATE = 16 };

/* Chosen on traces of other seeds than those that are measured (bench/anomaly-traces.py). In powers of two. */
#define FAR 5.0           /* usual steps from the median */
#define STEP_MIN 0.04     /* 3 %: rounding and the like */
#define MARGIN 0.35       /* a recent size that is that much nearer to the median is as far, 27 %; or … */
#define MARGIN_SHARE 0.3  /* … by that share of the distance */
#define HOUR_MARGIN 0.35  /* around what the hour has had */
#define ACCUSE_MARGIN 1.0 /* beyond it: twice */

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

double median_of(double *v, uint32_t n)
{
    if (!n)
        return NAN;
    qsort(v, n, sizeof *v, ascending);
    return n % 2 ? v[n / 2] : (v[n / 2 - 1] + v[n / 2]) / 2;
}

static double level(double bytes) { return log2(bytes > 1 ? bytes : 1); }

/* What this hour has had on other days, without the most extreme day when there are enough. */
struct season {
    uint32_t days;
    double low, high;
};

static struct season season_of(const struct anomaly *a, int64_t at_ms)
{
    int64_t hours = at_ms / HOUR_MS;
    const struct anomaly_hour *h = &a->hours[(hours % 24 + 24) % 24];
    double low[ANOMALY_DAYS], high[ANOMALY_DAYS];
    struct season s = {0, NAN, NAN};
    for (uint32_t i = 0; i < h->n; i++) {
        if (h->days[i].day == hours / 24)
            continue;
        low[s.days] = h->days[i].low;
        high[s.days++] = h->days[i].high;
    }
    if (!s.days)
        return s;
    qsort(low, s.days, sizeof *low, ascending);
    qsort(high, s.days, sizeof *high, ascending);
    uint32_t drop = s.days >= DAYS_TO_TRIM;
    s.low = low[drop];
    s.high = high[s.days - 1 - drop];
    return s;
}

/* The middle of the last 24 hours. */
static double day_level(const struct anomaly *a)
{
    double sum = 0;
    uint32_t n = 0;
    for (int i = 0; i < 24; i++)
        if (a->hours[i].n) {
            sum += a->hours[i].middle;
            n++;
        }
    return n ? sum / n : 0;
}

/* The i-th newest of a ring. */
static double newest(const struct anomaly *a, const double *ring, uint32_t i)
{
    return ring[(a->next + ANOMALY_RECENT - 1 - i) % ANOMALY_RECENT];
}

/* How far the level of late is from what the hours have had. */
static double offset(const struct anomaly *a)
{
    double v[OF_LATE] = {0};
    uint32_t n = a->n < OF_LATE ? a->n : OF_LATE;
    for (uint32_t i = 0; i < n; i++)
        v[i] = newest(a, a->off, i);
    return n ? median_of(v, n) : 0;
}

struct anomaly_verdict anomaly_judge(const struct anomaly *a, int64_t at_ms, double bytes)
{
    struct anomaly_verdict v = {false, false, NAN, NAN};
    double sorted[ANOMALY_RECENT], steps[ANOMALY_RECENT], x = level(bytes);
    if (a->n < ANOMALY_LEAST || !isfinite(bytes))
        return v;
    memcpy(sorted, a->recent, a->n * sizeof *sorted);
    double median = median_of(sorted, a->n);
    for (uint32_t i = 0; i + 1 < a->n; i++)
        steps[i] = fabs(newest(a, a->recent, i) - newest(a, a->recent, i + 1));
    double step = fmax(median_of(steps, a->n - 1), STEP_MIN);
    double margin = fmax(MARGIN, MARGIN_SHARE * fabs(x - median));
    uint32_t as_far = 0;
    for (uint32_t i = 0; i < a->n; i++)
        as_far += x > median ? sorted[i] > x - margin : sorted[i] < x + margin;
    v.expected = exp2(median);
    v.score = fabs(x - median) / step;
    v.anomalous = v.score >= FAR && as_far < 2;

    struct season s = season_of(a, at_ms);
    double here = x - day_level(a) - offset(a);
    if (s.days >= DAYS_TO_EXCUSE && here <= s.high + HOUR_MARGIN && here >= s.low - HOUR_MARGIN)
        v.anomalous = false;
    v.by_hour = !v.anomalous && s.days >= DAYS_TO_ACCUSE && (here > s.high + ACCUSE_MARGIN || here < s.low - ACCUSE_MARGIN);
    v.anomalous = v.anomalous || v.by_hour;
    return v;
}

void anomaly_add(struct anomaly *a, int64_t at_ms, double bytes)
{
    double x = level(bytes);
    if (!isfinite(bytes))
        return;
    struct season s = season_of(a, at_ms);
    int64_t hours = at_ms / HOUR_MS;
    struct anomaly_hour *h = &a->hours[(hours % 24 + 24) % 24];
    struct anomaly_range *r = &h->days[(h->next + ANOMALY_DAYS - 1) % ANOMALY_DAYS];
    bool begun = h->n && r->day == hours / 24;
    float here = (float)(h->n ? x - day_level(a) : 0);
    a->recent[a->next] = x;
    a->off[a->next] = s.days >= DAYS_TO_EXCUSE ? here - (s.low + s.high) / 2 : 0;
    a->next = (a->next + 1) % ANOMALY_RECENT;
    if (a->n < ANOMALY_RECENT)
        a->n++;
    if (!begun) {
        r = &h->days[h->next];
        h->next = (uint8_t)((h->next + 1) % ANOMALY_DAYS);
        if (h->n < ANOMALY_DAYS)
            h->n++;
        *r = (struct anomaly_range){hours / 24, here, here};
        h->middle = (float)x;
    }
    r->low = fminf(r->low, here);
    r->high = fmaxf(r->high, here);
    h->middle += ((float)x - h->middle) / 4;
}
