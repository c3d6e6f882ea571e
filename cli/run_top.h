/* weir run --top: the console on a job of this process, over its own REST server. */
#ifndef WEIR_CLI_RUN_TOP_H
#define WEIR_CLI_RUN_TOP_H

#include "base/err.h"
#include "base/mem.h"

/* A terminal, or e. */
bool run_top_may(struct err *e);
/* Shows the console until its user leaves; the job may end meanwhile. */
bool run_top_look(const char *url, const char *token, struct err *e);
/* Instead of standard output, which is the console's: keeps the last MiB of lines, until run_top_told writes them. From any thread. */
bool run_top_print(void *ctx, struct bytes lines, struct err *e);
bool run_top_told(struct err *e);

#endif
