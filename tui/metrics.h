/* Metrics by name: of what they are asked, and how their values are shown. */
#ifndef WEIR_TUI_METRICS_H
#define WEIR_TUI_METRICS_H

#include "tui/charts.h"
#include "tui/show.h"
#include "tui/view.h"

/* Where metrics come from: a question that without "get" tells the names. */
struct metric_source {
    enum live_route route;
    const char *job, *vertex, *item;
    const char *prefix; /* put before its names; "": none */
    bool many;          /* of several subtasks: there are aggregates */
};
enum { METRIC_SOURCES = 2 };

/* The sources for a target: a vertex, or one of its subtasks (from 1 on; 0: all), a job, a task manager (item), or the job manager.
 * How many. `number` is room for a subtask's number. */
int metric_sources(const struct target *at, const struct live_job *j, int64_t subtask, char number[24],
                   struct metric_source out[METRIC_SOURCES]);
/* A name for a source that is the same for the same thing: what charts are kept under. In the arena. */
const char *metric_of(struct arena *a, const struct metric_source *s);

/* Asks a source for the values of n names, in as many questions as it takes: Flink's server takes no request line over 4096 bytes. */
void metric_want(struct wants *w, const struct metric_source *s, const char *const *names, uint32_t n);
/* The answers to those questions, in the arena. */
struct metric_answers {
    const struct live_answer **v; /* each NULL until it is there */
    uint32_t n;
};
struct metric_answers metric_answers(const struct world *w, const struct metric_source *s, const char *const *names, uint32_t n,
                                     struct arena *a);
/* A value by its name, and its answer; NULL: not known. */
const struct live_metric *metric_value(const struct metric_answers *m, const char *name, const struct live_answer **answer);

/* A value as what its name says that it is: bytes, ms, a time, else a number. */
struct shown metric_shown(const char *name, double v);

#endif
