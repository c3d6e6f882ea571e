/* Failures of a job, grouped by their root cause. */
#ifndef WEIR_TUI_EXCEPTIONS_H
#define WEIR_TUI_EXCEPTIONS_H

#include "tui/view.h"

struct exception_group {
    const char *cause; /* one line: the innermost "Caused by", without its numbers being told apart */
    const struct live_exception *latest;
    int64_t first_ms, last_ms;
    uint32_t n;
};

/* The groups, latest first, in the arena; *n of them. */
struct exception_group *exception_groups(struct arena *a, const struct live_exceptions *x, uint32_t *n);
/* The first line of the innermost cause, in the arena. */
const char *exception_cause(struct arena *a, const struct live_exception *x);
/* What a view of a job's exceptions asks for, and its answer. */
void want_exceptions(const struct view *v, struct wants *wants);
const struct live_exceptions *exceptions_of(const struct view *v, const struct world *w);
/* A name for a group that holds from one answer to the next. */
const char *exception_id(struct arena *a, const struct exception_group *g);

#endif
