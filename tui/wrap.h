/* Text over several lines. */
#ifndef WEIR_TUI_WRAP_H
#define WEIR_TUI_WRAP_H

#include "tui/cells.h"

/* Draws head and text from the top of r on, broken between words, the lines behind the first one indented by the head's width.
 * Returns the lines taken, at most r.h. */
int wrap_draw(struct grid *g, struct rect r, enum style s, const char *head, const char *text);

#endif
