/* Windows of table functions, inside the planner. */
#ifndef WEIR_SQL_PHYS_WINDOW_H
#define WEIR_SQL_PHYS_WINDOW_H

#include <stdio.h>

#include "sql/phys.h"

struct windowing {
    bool attached;            /* the rows have the window's columns; else their time says which windows they are in */
    struct rel_window window; /* its time: the column, where not attached */
    const struct rel *source; /* the function */
    const struct ltype *time; /* of the time attribute */
    int start, end, row_time; /* the window's columns; row_time -1: not there any more */
};

/* Whether the step's rows have the columns of a window, and which they are. */
bool windowing_of(const struct rel *r, struct windowing *to);
struct value windowing_json(struct arena *a, const struct windowing *w);
const char *window_duration(struct arena *a, int64_t ms);
struct value window_config(struct planner *pl);
void window_about(const struct windowing *w, struct buf *to);

#endif
