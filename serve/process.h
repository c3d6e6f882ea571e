/* What the machine tells of this process. */
#ifndef WEIR_SERVE_PROCESS_H
#define WEIR_SERVE_PROCESS_H

#include <stdint.h>

struct process_figures {
    int64_t cores, memory, memory_free; /* of the machine; bytes */
    int64_t resident;                   /* bytes */
    int64_t threads, files;             /* open files; -1: not told */
    int64_t cpu_ns;                     /* so far, of all threads */
};
struct process_figures process_look(void);

#endif
