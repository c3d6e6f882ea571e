/* The attempts of a vertex's subtasks: those that run, and those before, as far as Flink keeps them. */
#ifndef WEIR_TUI_ATTEMPTS_H
#define WEIR_TUI_ATTEMPTS_H

#include "tui/view.h"

/* Goes over the attempts that are past: of all subtasks the last one, then of all the one before it, and so on. */
struct attempts {
    const struct live_vertex_detail *d;
    uint32_t at, left; /* left: so many at most */
    int64_t back, most;
    int64_t subtask, attempt; /* the present one */
};

/* `each`: so many of a subtask at most, all in all ATTEMPTS_MOST. d may be NULL. */
enum { ATTEMPTS_MOST = 128 };
struct attempts attempts_of(const struct live_vertex_detail *d, int64_t each);
bool attempts_next(struct attempts *a);

void attempts_want(const struct view *v, const struct world *w, struct wants *wants, int64_t each);
/* What is known of a past attempt; NULL: nothing yet, or Flink has forgotten it. */
const struct live_subtask *attempt_of(const struct view *v, const struct world *w, int64_t subtask, int64_t attempt);

#endif
