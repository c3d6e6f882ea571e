/* Reading scripts of SQL and plans, for commands. */
#ifndef WEIR_CLI_SCRIPT_H
#define WEIR_CLI_SCRIPT_H

#include "base/err.h"
#include "base/mem.h"

enum { PLAN_MAX_BYTES = 64 << 20 };

/* A file, or "-": standard input. */
bool read_whole(const char *path, struct buf *b, struct err *e);
/* KEY=VALUE of --set. */
bool setting_pair(struct arena *a, const char *text, const char *pair[2], struct err *e);
/* Text that is not JSON. */
bool is_script(const struct buf *text);

#endif
