#include "tui/charts.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct chart *charts_find(const struct charts *c, const char *of, const char *metric)
{
    for (uint32_t i = 0; i < c->n; i++)
        if (!strcmp(c->v[i]->metric, metric) && !strcmp(c->v[i]->of, of))
            return c->v[i];
    return NULL;
}

static void chart_free(struct chart *c)
{
    free(c->of);
    free(c->metric);
    free(c);
}

/* Makes room where all places are taken, from a chart that nobody has marked; false: there is none. */
static bool make_room(struct charts *c)
{
    if (c->n < CHARTS_MOST)
        return true;
    for (uint32_t i = 0; i < c->n; i++)
        if (!c->v[i]->marked) {
            chart_free(c->v[i]);
            c->v[i] = c->v[--c->n];
            return true;
        }
    return false;
}

bool charts_mark(struct charts *c, const char *of, const char *metric, bool on)
{
    struct chart *x = charts_find(c, of, metric);
    if (x) {
        x->marked = on;
        return true;
    }
    if (!on)
        return true;
    if (!make_room(c))
        return false;
    c->v = mem_grow(c->v, c->n + 1u, sizeof *c->v);
    x = c->v[c->n++] = mem_zalloc(sizeof *x);
    x->of = mem_strdup(of);
    x->metric = mem_strdup(metric);
    x->marked = true;
    return true;
}

static void put(struct chart *c, const double v[CHART_KINDS])
{
    if (c->n == CHART_KEPT) {
        for (int k = 0; k < CHART_KINDS; k++)
            memmove(c->v[k], c->v[k] + 1, sizeof(double) * (CHART_KEPT - 1));
        c->n--;
    }
    for (int k = 0; k < CHART_KINDS; k++)
        c->v[k][c->n] = v[k];
    c->n++;
}

void chart_add(struct chart *c, const struct live_metric *m, uint64_t number, int64_t at_ms, int64_t pause_ms)
{
    static const double gap[CHART_KINDS] = {NAN, NAN, NAN, NAN};
    if (number == c->number)
        return;
    if (c->n && at_ms - c->last_ms > pause_ms)
        put(c, gap);
    if (!c->n)
        c->first_ms = at_ms;
    c->number = number;
    c->last_ms = at_ms;
    bool one = isfinite(m->value);
    put(c,
        (const double[CHART_KINDS]){[CHART_SUM] = one ? m->value : m->sum,
                                    [CHART_MEAN] = one ? m->value : m->avg,
                                    [CHART_LEAST] = one ? m->value : m->min,
                                    [CHART_MOST] = one ? m->value : m->max});
}

bool chart_range(const struct chart *c, enum chart_of kind, double *low, double *high)
{
    *low = *high = NAN;
    for (uint32_t i = 0; i < c->n; i++) {
        double v = c->v[kind][i];
        if (!isfinite(v))
            continue;
        *low = isnan(*low) || v < *low ? v : *low;
        *high = isnan(*high) || v > *high ? v : *high;
    }
    return !isnan(*low);
}

void charts_free(struct charts *c)
{
    for (uint32_t i = 0; i < c->n; i++)
        chart_free(c->v[i]);
    free(c->v);
    *c = (struct charts){0};
}
