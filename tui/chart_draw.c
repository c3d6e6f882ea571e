#include "tui/chart_draw.h"

#include <math.h>

#include "tui/meter.h"
#include "tui/metrics.h"
#include "tui/show.h"

enum { LEAST_WIDTH = 50, LEAST_HEIGHT = 4, MOST_HEIGHT = 9, LABELS = 12 };

static int across(int w, uint32_t n)
{
    int most = w / LEAST_WIDTH > 0 ? w / LEAST_WIDTH : 1;
    return (int)n < most ? (int)n : most;
}

static int height(int w, int most, uint32_t n)
{
    int lines = ((int)n + across(w, n) - 1) / across(w, n), h = most / lines;
    return h < LEAST_HEIGHT ? LEAST_HEIGHT : h > MOST_HEIGHT ? MOST_HEIGHT : h;
}

int charts_rows(int w, int most, uint32_t n)
{
    if (!n || most < LEAST_HEIGHT)
        return 0;
    int h = height(w, most, n), lines = ((int)n + across(w, n) - 1) / across(w, n);
    return (lines * h > most ? most / h : lines) * h;
}

/* All that is kept over the whole width, as far as that has a dot for each. */
static void draw_line(struct grid *g, struct rect r, const double *v, uint32_t n, double low, double high)
{
    double dots[2 * CHART_KEPT];
    uint32_t room = r.w > CHART_KEPT ? 2 * CHART_KEPT : r.w > 0 ? 2 * (uint32_t)r.w : 0;
    if (n > room) {
        v += n - room;
        n = room;
    }
    for (uint32_t i = 0; n && i < room; i++)
        dots[i] = v[(uint64_t)i * n / room];
    meter_chart(g, r, ST_CHART, dots, n ? room : 0, low, high);
}

static void draw_one(struct grid *g, struct rect r, const struct chart_shown *s)
{
    const struct chart *c = s->chart;
    double low, high, now = c->n ? c->v[s->kind][c->n - 1] : NAN;
    bool some = chart_range(c, s->kind, &low, &high);
    struct shown value = metric_shown(c->metric, now);
    int columns = text_columns(value.s, __builtin_strlen(value.s)), x = r.x + 1, end = r.x + r.w - columns - 1;
    grid_right(g, r.x, r.y, r.w, ST_BOLD, value.s);
    x += grid_text(g, x, r.y, end - x, ST_HEAD, c->metric);
    x += grid_textf(g, x, r.y, end - x, ST_DIM, *s->about ? " %s" : "%s", s->about);
    if (c->last_ms - c->first_ms >= 10000)
        grid_textf(g, x, r.y, end - x, ST_DIM, ", %s", show_age(c->last_ms - c->first_ms).s);
    if (!some) {
        grid_text(g, r.x + 1, r.y + 1, r.w - 1, ST_DIM, c->n ? "no number" : "waiting for the first value …");
        return;
    }
    double floor = low >= 0 && (low < high / 2 || low == high) ? 0 : low,
           top = high > floor ? high : floor + 1; /* level: along the bottom */
    draw_line(g, (struct rect){r.x + 1, r.y + 1, r.w - LABELS - 2, r.h - 2}, c->v[s->kind], c->n, floor, top);
    grid_textf(g, r.x + r.w - LABELS, r.y + 1, LABELS, ST_DIM, "%s", metric_shown(c->metric, high).s);
    if (high > floor)
        grid_textf(g, r.x + r.w - LABELS, r.y + r.h - 2, LABELS, ST_DIM, "%s", metric_shown(c->metric, floor).s);
}

void charts_draw(struct grid *g, struct rect r, const struct chart_shown *v, uint32_t n)
{
    if (!n || r.h < LEAST_HEIGHT)
        return;
    int h = height(r.w, r.h, n), beside = across(r.w, n), w = r.w / beside;
    uint32_t room = (uint32_t)(r.h / h * beside);
    for (uint32_t i = 0; i < n && i < room; i++)
        draw_one(g, (struct rect){r.x + (int)i % beside * w, r.y + (int)i / beside * h, w, h}, &v[i]);
    if (n > room)
        grid_textf(g, r.x + 1, r.y + r.h - 1, r.w - 1, ST_WARN, "%u more are marked", n - room);
}
