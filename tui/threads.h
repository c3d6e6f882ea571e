/* A dump of a JVM's threads, those with the same state and stack together. */
#ifndef WEIR_TUI_THREADS_H
#define WEIR_TUI_THREADS_H

#include "live/process.h"
#include "tui/view.h"

enum thread_state { THREAD_DEADLOCK, THREAD_BLOCKED, THREAD_RUNNABLE, THREAD_WAITING, THREAD_TIMED_WAITING, THREAD_OTHER };
extern const char *const thread_state_words[]; /* "deadlock", "blocked", … */

struct thread_group {
    enum thread_state state; /* DEADLOCK: blocked by one that is blocked by it, perhaps over others */
    uint32_t key;            /* the same in another dump */
    uint32_t n;
    const char *names;                /* "a, b, …" */
    const char *top;                  /* the frame that tells most: the first that is no mere waiting */
    const char *lock, *owner;         /* that they wait for, and the thread that has it; NULL: not told */
    const struct live_thread *thread; /* one of them */
};

/* In the arena: deadlocks first, then blocked ones, …; of one state the larger groups first. *n of them. */
struct thread_group *thread_groups(struct arena *a, const struct live_threads *t, uint32_t *n);
/* The answer that a view of threads shows, of the process that is meant; NULL: not asked. */
const struct live_answer *threads_answer(const struct world *w, const char *process);

#endif
