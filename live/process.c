#include "live/process.h"

#include <string.h>

bool process_is_jobmanager(const char *process) { return !process || !strcmp(process, PROCESS_JOBMANAGER); }

struct live_ask process_ask(enum process_question q, const char *process, const char *part)
{
    static const enum live_route routes[][2] = {
        [PROCESS_LOGS] = {LIVE_JOBMANAGER_LOGS, LIVE_TASKMANAGER_LOGS},
        [PROCESS_LOG_FILE] = {LIVE_JOBMANAGER_LOG_FILE, LIVE_TASKMANAGER_LOG_FILE},
        [PROCESS_LOG] = {LIVE_JOBMANAGER_LOG, LIVE_TASKMANAGER_LOG},
        [PROCESS_STDOUT] = {LIVE_JOBMANAGER_STDOUT, LIVE_TASKMANAGER_STDOUT},
        [PROCESS_THREADS] = {LIVE_JOBMANAGER_THREADS, LIVE_TASKMANAGER_THREADS},
        [PROCESS_PROFILES] = {LIVE_JOBMANAGER_PROFILES, LIVE_TASKMANAGER_PROFILES},
    };
    bool manager = process_is_jobmanager(process);
    return (struct live_ask){.route = routes[q][!manager], .item = manager ? NULL : process, .part = part};
}
