/* Places in a text that somebody has written, for messages about it. */
#ifndef WEIR_BASE_PLACE_H
#define WEIR_BASE_PLACE_H

#include "base/mem.h"

/* Appends "name:line:column" of the byte `at`; columns are characters, both begin at 1. */
void place_name(struct bytes text, const char *name, uint32_t at, struct buf *b);

/* Appends two lines: the line in which [at, at + n) begins, shortened around it and escaped for a terminal, and a caret under it. */
void place_point(struct bytes text, uint32_t at, uint32_t n, struct buf *b);

#endif
