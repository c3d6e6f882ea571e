/* Standard output. Everything that a command prints as its result goes through here, so that a full disk is never overlooked. */
#ifndef WEIR_CLI_OUT_H
#define WEIR_CLI_OUT_H

#include "base/err.h"
#include "base/mem.h"

/* Writes the buffer's bytes and empties it. ERR_IO when they cannot be written. */
bool out_write(struct buf *b, struct err *e);

/* How many bytes a stream of results gathers before it is written. */
enum { OUT_CHUNK = 256 << 10 };
/* Writes when the buffer holds at least OUT_CHUNK. */
static inline bool out_drain(struct buf *b, struct err *e) { return b->n < OUT_CHUNK || out_write(b, e); }

/* Text that is not ours, line by line, safe for a terminal. */
void out_lines(struct buf *to, const struct buf *text);

/* One line on stderr: "weir: …", safe for a terminal. */
void out_complain(const char *text);

#endif
