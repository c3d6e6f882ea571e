#include "tui/log_file.h"

#include <string.h>

const char *log_file_item(struct arena *a, const char *process, const char *file)
{
    return arena_printf(a, "%s/%s", process ? process : PROCESS_JOBMANAGER, file);
}

bool log_file_ask(struct arena *a, const char *item, struct live_ask *ask)
{
    const char *slash = item ? strrchr(item, '/') : NULL;
    if (!slash || slash == item || !slash[1])
        return false;
    const char *process = arena_strn(a, item, (size_t)(slash - item)), *file = slash + 1;
    *ask = !strcmp(file, LOG_FILE_MAIN)  ? process_ask(PROCESS_LOG, process, NULL)
        : !strcmp(file, LOG_FILE_STDOUT) ? process_ask(PROCESS_STDOUT, process, NULL)
                                         : process_ask(PROCESS_LOG_FILE, process, arena_str(a, file));
    return true;
}

const struct live_log *log_file_row(const struct world *w, const struct live_ask *ask)
{
    const struct live_ask list = process_ask(PROCESS_LOGS, ask->item, NULL);
    const struct live_logs *logs = w->snapshot ? live_data(w->snapshot, &list) : NULL;
    for (uint32_t i = 0; logs && ask->part && i < logs->n_list; i++)
        if (logs->list[i].name && !strcmp(logs->list[i].name, ask->part))
            return &logs->list[i];
    return NULL;
}
