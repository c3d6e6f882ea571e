#include "tui/meter.h"

#include <math.h>

void meter_bar(struct grid *g, int x, int y, int w, enum style s, double share)
{
    if (isnan(share) || share < 0)
        share = 0;
    int eighths = (int)((share > 1 ? 1 : share) * w * 8 + 0.5);
    if (!eighths && share > 0)
        eighths = 1; /* little is not nothing */
    for (int i = 0; i < w; i++, eighths -= 8)
        grid_put(g, x + i, y, s, eighths >= 8 ? 0x2588 : eighths > 0 ? 0x2590u - (uint32_t)eighths : ' ');
}

static double share_of(double v) { return isnan(v) || v < 0 ? 0 : v > 1 ? 1 : v; }

void meter_load(struct grid *g, int x, int y, int w, double busy, double pressed, double idle)
{
    static const struct {
        enum style s;
        uint32_t code;
    } part[] = {{ST_BUSY, 0x2588}, {ST_PRESSED, 0x2593}, {ST_IDLE, 0x2591}};
    const double share[] = {share_of(busy), share_of(pressed), share_of(idle)};
    double sum = share[0] + share[1] + share[2], scale = sum > 1 ? 1 / sum : 1, reached = 0;
    int at = 0;
    if (isnan(busy) && isnan(pressed) && isnan(idle)) {
        grid_fill(g, (struct rect){x, y, w, 1}, ST_DIM, 0xb7);
        grid_put(g, x + w / 2, y, ST_DIM, '?');
        return;
    }
    for (int i = 0; i < 3; i++) {
        reached += share[i] * scale;
        for (int end = (int)(reached * w + 0.5); at < end && at < w; at++)
            grid_put(g, x + at, y, part[i].s, part[i].code);
    }
    for (; at < w; at++)
        grid_put(g, x + at, y, ST_DIM, 0xb7);
}

static double largest(const double *v, size_t n)
{
    double most = 0;
    for (size_t i = 0; i < n; i++)
        most = v[i] > most ? v[i] : most;
    return most;
}

void meter_spark(struct grid *g, int x, int y, int w, enum style s, const double *v, size_t n, double top)
{
    if (w <= 0)
        return;
    if (n > (size_t)w) {
        v += n - (size_t)w;
        n = (size_t)w;
    }
    if (!(top > 0))
        top = largest(v, n);
    x += w - (int)n;
    for (size_t i = 0; i < n; i++) {
        double share = top > 0 ? v[i] / top : 0;
        int step = (int)(share_of(share) * 8 + 0.5);
        if (!isnan(v[i]))
            grid_put(g, x + (int)i, y, s, 0x2581u + (uint32_t)(step > 1 ? step - 1 : 0));
    }
}

/* The bit of a dot in its braille cell; row 0 is on top. */
static uint32_t dot(int column, int row)
{
    static const uint8_t bits[2][4] = {{0x01, 0x02, 0x04, 0x40}, {0x08, 0x10, 0x20, 0x80}};
    return bits[column][row];
}

void meter_chart(struct grid *g, struct rect r, enum style s, const double *v, size_t n, double low, double high)
{
    if (r.w <= 0 || r.h <= 0)
        return;
    size_t room = (size_t)r.w * 2;
    int dots = r.h * 4, before = -1;
    if (n > room) {
        v += n - room;
        n = room;
    }
    for (int cx = 0; cx < r.w; cx++) {
        uint32_t cell[64] = {0};
        for (int half = 0; half < 2; half++) {
            size_t place = (size_t)cx * 2 + (size_t)half;
            if (place < room - n || isnan(v[place - (room - n)])) {
                before = -1;
                continue;
            }
            double share = high > low ? share_of((v[place - (room - n)] - low) / (high - low)) : 0;
            int level = (int)(share * (dots - 1) + 0.5), from = before < 0 ? level : before;
            /* the line goes on from the value before, so that steps stay connected */
            for (int d = from < level ? from : level; d <= (from > level ? from : level); d++)
                if (d == level || d != from)
                    if ((dots - 1 - d) / 4 < 64)
                        cell[(dots - 1 - d) / 4] |= dot(half, (dots - 1 - d) % 4);
            before = level;
        }
        for (int cy = 0; cy < r.h && cy < 64; cy++)
            if (cell[cy])
                grid_put(g, r.x + cx, r.y + cy, s, 0x2800u | cell[cy]);
    }
}

void meter_heat(struct grid *g, int x, int y, double share)
{
    static const uint32_t shade[] = {0x2591, 0x2591, 0x2592, 0x2592, 0x2593, 0x2593, 0x2588, 0x2588};
    if (isnan(share)) {
        grid_put(g, x, y, ST_DIM, 0xb7);
        return;
    }
    enum style s = theme_heat(share);
    grid_put(g, x, y, s, shade[s - ST_HEAT0]);
}
