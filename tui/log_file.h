/* Which log: a process and a file of it, as one word for views: "jobmanager/flink.log". */
#ifndef WEIR_TUI_LOG_FILE_H
#define WEIR_TUI_LOG_FILE_H

#include "live/process.h"
#include "tui/view.h"

#define LOG_FILE_MAIN ":log"
#define LOG_FILE_STDOUT ":stdout"

const char *log_file_item(struct arena *a, const char *process, const char *file);
/* The question for its text. Flink's files have no "/" in their names; ids of task managers may. False: `item` names no file. */
bool log_file_ask(struct arena *a, const char *item, struct live_ask *ask);
/* Its row in the list of files; NULL: not known, or none of these. */
const struct live_log *log_file_row(const struct world *w, const struct live_ask *ask);

#endif
