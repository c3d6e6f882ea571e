/* What stands in a vertex's box of the job graph: its load, rates, how far its event time is behind. */
#ifndef WEIR_TUI_GRAPH_BOX_H
#define WEIR_TUI_GRAPH_BOX_H

#include "tui/view.h"

/* Of the frame: the root of backpressure, failures and what is held up stand out. x may be NULL. */
enum style box_frame(const struct live_vertex *x, const struct vertex_load *k);
/* A name without "Source: ", which the place says as well. */
const char *box_name(const char *name);
/* All of a vertex in one line. */
void box_mini(struct grid *g, struct rect b, const char *name, const struct vertex_load *k, enum style s);
/* What is below the name in a large box; marks may be NULL. */
void box_full(struct grid *g, struct rect b, const struct live_vertex *x, const struct vertex_load *k,
              const struct live_watermarks *marks);
/* " wm lag 676 ms " into w columns at (x, y); returns those that it has taken: none where nothing is known, as of sources. */
int box_lag(struct grid *g, int x, int y, int w, const struct live_watermarks *m, const struct vertex_load *k);

#endif
