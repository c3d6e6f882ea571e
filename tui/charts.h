/* Metrics over the time in which somebody looked: what has been marked for a chart, and its values, kept while the console runs. */
#ifndef WEIR_TUI_CHARTS_H
#define WEIR_TUI_CHARTS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/mem.h"
#include "live/model.h"

enum chart_of { CHART_SUM, CHART_MEAN, CHART_LEAST, CHART_MOST, CHART_KINDS }; /* over the subtasks; of one thing they are equal */
enum { CHART_KEPT = 512, CHARTS_MOST = 64 };

struct chart {
    char *of, *metric; /* what has the metric, and its name */
    bool marked;
    uint64_t number; /* of the answer that was added last */
    int64_t first_ms, last_ms;
    uint32_t n; /* values; oldest first; NaN where nobody looked, or where it was none */
    double v[CHART_KINDS][CHART_KEPT];
};

/* Zero-initialise; charts_free. */
struct charts {
    struct chart **v;
    uint32_t n;
};

/* NULL: there is none. */
struct chart *charts_find(const struct charts *c, const char *of, const char *metric);
/* Marks a metric for a chart, or takes the mark off; the values stay. False: there are CHARTS_MOST already. */
bool charts_mark(struct charts *c, const char *of, const char *metric, bool on);
/* Adds what an answer says, if it has not been added yet. After a pause of more than pause_ms there is a gap. */
void chart_add(struct chart *c, const struct live_metric *m, uint64_t number, int64_t at_ms, int64_t pause_ms);
/* The least and the most of what is kept; false: no number is. */
bool chart_range(const struct chart *c, enum chart_of kind, double *low, double *high);
void charts_free(struct charts *c);

#endif
