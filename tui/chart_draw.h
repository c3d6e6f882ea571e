/* Charts of metrics side by side. */
#ifndef WEIR_TUI_CHART_DRAW_H
#define WEIR_TUI_CHART_DRAW_H

#include "tui/cells.h"
#include "tui/charts.h"

struct chart_shown {
    const struct chart *chart;
    enum chart_of kind;
    const char *about; /* which kind it is, "sum"; "": there is only one */
};

/* Rows that n charts take in w columns, at most `most`; below 4 there is no room. */
int charts_rows(int w, int most, uint32_t n);
/* Draws as many of them as there is room for, and how many are not shown. */
void charts_draw(struct grid *g, struct rect r, const struct chart_shown *v, uint32_t n);

#endif
