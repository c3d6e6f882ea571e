/* Figures as pictures in cells. */
#ifndef WEIR_TUI_METER_H
#define WEIR_TUI_METER_H

#include "tui/cells.h"

/* A bar over `w` columns for a share of 0 to 1, in eighths of a column. */
void meter_bar(struct grid *g, int x, int y, int w, enum style s, double share);
/* Shares of busy, backpressured and idle, side by side; each its own pattern, so that it reads without colour. NAN: not known;
 * all three unknown: "?" over the bar's middle. */
void meter_load(struct grid *g, int x, int y, int w, double busy, double pressed, double idle);
/* The last w of n values as a row of lower blocks, the last at the right end; scaled from 0 to the largest (or to `top` when
 * that is larger than 0). NAN leaves a gap. */
void meter_spark(struct grid *g, int x, int y, int w, enum style s, const double *v, size_t n, double top);
/* A line over time in braille dots, 2 by 4 a cell: the newest value at the right edge, from `low` to `high`. */
void meter_chart(struct grid *g, struct rect r, enum style s, const double *v, size_t n, double low, double high);
/* One cell of a heat map. */
void meter_heat(struct grid *g, int x, int y, double share);

#endif
