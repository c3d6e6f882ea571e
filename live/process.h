/* A process of the cluster: the JobManager, or a task manager. Both are asked the same. */
#ifndef WEIR_LIVE_PROCESS_H
#define WEIR_LIVE_PROCESS_H

#include "live/live.h"

enum process_question {
    PROCESS_LOGS,     /* live_logs: the files of its log directory */
    PROCESS_LOG_FILE, /* live_text; part: one of them */
    PROCESS_LOG,      /* live_text: the main log */
    PROCESS_STDOUT,   /* live_text */
    PROCESS_THREADS,  /* live_threads; of the JobManager since 1.15 */
    PROCESS_PROFILES, /* live_profiles; since 1.19 */
};

/* What stands for the JobManager where else a task manager's id does. */
#define PROCESS_JOBMANAGER "jobmanager"

/* `process`: a task manager's id; NULL or PROCESS_JOBMANAGER. The strings are shared. */
struct live_ask process_ask(enum process_question q, const char *process, const char *part);
bool process_is_jobmanager(const char *process);

#endif
