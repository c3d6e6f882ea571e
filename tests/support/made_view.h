/* A look at a job that there is not: two steps of two subtasks, a failure, checkpoints of every kind. */
#ifndef WEIR_TESTS_MADE_VIEW_H
#define WEIR_TESTS_MADE_VIEW_H

#include "runtime/view.h"

#define MADE_JOB "0123456789abcdef0123456789abcdef"
#define MADE_SOURCE "11111111111111111111111111111111"
#define MADE_SINK "22222222222222222222222222222222"

/* In the arena. When: seconds since its start, by which figures grow. */
struct job_view *made_view(struct arena *a, int when);

#endif
