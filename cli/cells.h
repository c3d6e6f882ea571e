/* What several commands print alike. */
#ifndef WEIR_CLI_CELLS_H
#define WEIR_CLI_CELLS_H

#include "base/table.h"
#include "inspect/tree.h"

/* Text that may be long: at most `max` bytes of it, then "…". */
void cell_cut(struct table *t, const void *p, size_t n, size_t max);
/* A readable type, cut likewise; NULL: an empty cell. */
void cell_type(struct table *t, const struct ser *s);

/* The first 8 digits of an id, which operator options take as well. */
enum { SHORT_ID = 8 };

/* A long sentence as a paragraph, escaped, behind `head` and indented by its width; `width` 0: on one line. */
void paragraph(struct buf *b, const char *head, const char *text, unsigned width);

/* A line on stderr for each file that is missing or cut and each part that could not be read, for commands whose result has no
 * place for them. */
void complain_of(const struct tree *t);

#endif
