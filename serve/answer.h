/* Answers of the REST server: from a look at the job to the structs of live/model.h, which the shapes write as Flink does. */
#ifndef WEIR_SERVE_ANSWER_H
#define WEIR_SERVE_ANSWER_H

#include "runtime/view.h"
#include "serve/request.h"

/* A request, and what is known when it comes. */
struct asked {
    const struct request *request;
    const struct job_view *now;
    const struct job_view *before;    /* an earlier look of the same attempt, for rates; NULL: none */
    const struct view_vertex *vertex; /* that the path names */
    uint32_t subtask;                 /* below …/subtasks/:item */
    const char *endpoint;             /* host:port of this server */
    struct arena *a;
};

struct reply {
    unsigned status; /* of HTTP */
    const char *type;
    struct buf body;
};

#define SERVE_TASKMANAGER "weir" /* the only one's id */

/* Answers whatever only looks; body is to be released. */
void answer(struct asked *q, struct reply *r);
/* {"errors": […]}: as Flink words it, with the class that its clients cut off. */
void answer_refuse(struct reply *r, unsigned status, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
/* Writes a struct by its route's shape, as Flink does. */
void answer_write(struct reply *r, enum live_route route, const void *from);

/* Each fills the struct of its route, cleared before; false: it has refused. */
bool answer_config(struct asked *q, struct reply *r, struct live_config *to);
bool answer_overview(struct asked *q, struct reply *r, struct live_overview *to);
bool answer_taskmanagers(struct asked *q, struct reply *r, struct live_taskmanagers *to);
bool answer_taskmanager(struct asked *q, struct reply *r, struct live_taskmanager *to);
bool answer_options(struct asked *q, struct reply *r, struct live_pairs *to);
bool answer_threads(struct asked *q, struct reply *r, struct live_threads *to);
bool answer_nothing(struct asked *q, struct reply *r, void *to); /* there is nothing of that */
bool answer_jobs(struct asked *q, struct reply *r, struct live_jobs *to);
bool answer_job(struct asked *q, struct reply *r, struct live_job *to);
bool answer_plan(struct asked *q, struct reply *r, struct live_job_plan *to);
bool answer_status(struct asked *q, struct reply *r, struct live_job_status *to);
bool answer_job_config(struct asked *q, struct reply *r, struct live_job_config *to);
bool answer_result(struct asked *q, struct reply *r, struct live_execution_result *to);
bool answer_exceptions(struct asked *q, struct reply *r, struct live_exceptions *to);
bool answer_vertex(struct asked *q, struct reply *r, struct live_vertex_detail *to);
bool answer_vertex_taskmanagers(struct asked *q, struct reply *r, struct live_vertex_taskmanagers *to);
bool answer_subtask(struct asked *q, struct reply *r, struct live_subtask *to);
bool answer_times(struct asked *q, struct reply *r, struct live_subtask_times *to);
bool answer_backpressure(struct asked *q, struct reply *r, struct live_backpressure *to);
bool answer_watermarks(struct asked *q, struct reply *r, struct live_watermarks *to);
bool answer_vertex_accumulators(struct asked *q, struct reply *r, struct live_vertex_accumulators *to);
bool answer_subtasks_accumulators(struct asked *q, struct reply *r, struct live_subtasks_accumulators *to);
bool answer_checkpoints(struct asked *q, struct reply *r, struct live_checkpoints *to);
bool answer_checkpoint_config(struct asked *q, struct reply *r, struct live_checkpoint_config *to);
bool answer_checkpoint(struct asked *q, struct reply *r, struct live_checkpoint *to);
bool answer_checkpoint_subtasks(struct asked *q, struct reply *r, struct live_checkpoint_subtasks *to);
bool answer_metrics(struct asked *q, struct reply *r, struct live_metrics *to);

/* --- figures (answer_vertex.c) --- */

/* Of vertex i now; its subtasks at the earlier look, NULL: none. */
const struct view_subtask *answer_before(const struct asked *q, uint32_t vertex, uint32_t subtask);
/* Seconds between the looks, or since the start. */
double answer_seconds(const struct asked *q);
void answer_io(const struct view_subtask *s, uint32_t n, struct live_io *to);
/* Percentages of the time between the looks. */
struct shares {
    double busy, idle, pressed;
};
struct shares answer_shares(const struct asked *q, const struct view_subtask *s, const struct view_subtask *before);

#endif
