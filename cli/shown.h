/* What SHOW, DESCRIBE and EXPLAIN answer, as text. */
#ifndef WEIR_CLI_SHOWN_H
#define WEIR_CLI_SHOWN_H

#include "cli/command.h"

struct show;

/* A table for people, or an object a line. */
void shown_put(const struct show *s, bool ndjson, const struct cli *cli, struct buf *to);

#endif
