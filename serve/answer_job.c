/* The job: its graph, its plan, what it has been through. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "serve/answer.h"

static const char *state(const struct asked *q) { return job_phase_words[q->now->phase]; }

static int64_t ended(const struct job_view *v) { return v->end_ms > 0 ? v->end_ms : -1; }
static int64_t lasted(const struct job_view *v) { return (v->end_ms > 0 ? v->end_ms : v->now_ms) - v->start_ms; }

static void no_counts(int64_t *counts)
{
    for (int i = 0; i < LIVE_TASK_STATES; i++)
        counts[i] = 0;
}

/* As Flink's ExecutionJobVertex: the state of the vertex from those of its subtasks. */
static const char *vertex_status(const struct view_vertex *v)
{
    static const char *const order[] = {"FAILED", "CANCELED", "RUNNING", "CREATED"};
    for (size_t i = 0; i < sizeof order / sizeof *order; i++)
        for (uint32_t k = 0; k < v->n_subtasks; k++)
            if (!strcmp(v->subtasks[k].status, order[i]))
                return order[i];
    return "FINISHED";
}

static void count(const struct view_vertex *v, int64_t *counts)
{
    for (uint32_t i = 0; i < v->n_subtasks; i++)
        counts[live_task_state(v->subtasks[i].status)]++;
}

bool answer_jobs(struct asked *q, struct reply *r, struct live_jobs *to)
{
    const struct job_view *v = q->now;
    struct live_job_row *j = to->list = arena_alloc(q->a, sizeof *j);
    (void)r;
    to->n_list = 1;
    *j = (struct live_job_row){.id = v->id,
                               .name = v->name,
                               .state = state(q),
                               .job_type = "STREAMING",
                               .scheduler_type = "Default",
                               .start_ms = v->start_ms,
                               .end_ms = ended(v),
                               .duration_ms = lasted(v),
                               .modified_ms = v->at_ms[v->phase]};
    no_counts(j->tasks);
    for (uint32_t i = 0; i < v->n_vertices; i++)
        count(&v->vertices[i], j->tasks);
    return true;
}

/* --- the plan --- */

static void plan(struct asked *q, struct live_plan *to)
{
    const struct job_view *v = q->now;
    to->id = v->id;
    to->name = v->name;
    to->type = "STREAMING";
    to->n_nodes = v->n_vertices;
    to->nodes = arena_array(q->a, to->n_nodes + 1, sizeof *to->nodes);
    for (uint32_t i = 0; i < to->n_nodes; i++) { /* sinks first */
        const struct view_vertex *x = &v->vertices[to->n_nodes - 1 - i];
        struct live_plan_node *n = &to->nodes[i];
        *n = (struct live_plan_node){.id = x->id,
                                     .operator= "",
                                     .operator_strategy = "",
                                     .description = x->about,
                                     .optimizer_properties = "{}",
                                     .parallelism = x->n_subtasks,
                                     .n_inputs = x->n_inputs};
        n->inputs = arena_array(q->a, n->n_inputs + 1, sizeof *n->inputs);
        for (uint32_t k = 0; k < n->n_inputs; k++)
            n->inputs[k] = (struct live_edge){.from = v->vertices[x->inputs[k].vertex].id,
                                              .num = k,
                                              .ship_strategy = x->inputs[k].ship,
                                              .exchange = "pipelined_bounded"};
    }
}

bool answer_plan(struct asked *q, struct reply *r, struct live_job_plan *to)
{
    (void)r;
    plan(q, &to->plan);
    return true;
}

bool answer_job(struct asked *q, struct reply *r, struct live_job *to)
{
    const struct job_view *v = q->now;
    (void)r;
    to->id = to->application = v->id;
    to->name = v->name;
    to->state = state(q);
    to->job_type = "STREAMING";
    to->scheduler_type = "Default";
    to->stoppable = LIVE_NO; /* what Flink says of all jobs */
    to->start_ms = v->start_ms;
    to->end_ms = ended(v);
    to->duration_ms = lasted(v);
    to->now_ms = v->now_ms;
    to->max_parallelism = v->max_parallelism;
    to->pending_operators = 0;
    for (int i = 0; i < LIVE_JOB_STATES; i++)
        to->timestamps[i] = 0;
    to->timestamps[LIVE_JOB_INITIALIZING] = v->start_ms;
    for (int i = 0; i < JOB_PHASES; i++)
        to->timestamps[live_job_state(job_phase_words[i])] = v->at_ms[i];
    no_counts(to->status_counts);
    to->n_vertices = v->n_vertices;
    to->vertices = arena_array(q->a, v->n_vertices + 1, sizeof *to->vertices);
    for (uint32_t i = 0; i < v->n_vertices; i++) {
        const struct view_vertex *x = &v->vertices[i];
        struct live_vertex *w = &to->vertices[i];
        *w = (struct live_vertex){.id = x->id,
                                  .name = x->name,
                                  .status = vertex_status(x),
                                  .slot_sharing_group = v->id,
                                  .parallelism = x->n_subtasks,
                                  .max_parallelism = v->max_parallelism,
                                  .start_ms = v->at_ms[PHASE_RUNNING],
                                  .end_ms = ended(v),
                                  .duration_ms = v->at_ms[PHASE_RUNNING] ? lasted(v) - (v->at_ms[PHASE_RUNNING] - v->start_ms) : 0};
        no_counts(w->tasks);
        count(x, w->tasks);
        answer_io(x->subtasks, x->n_subtasks, &w->io);
        to->status_counts[live_task_state(w->status)]++;
    }
    plan(q, &to->plan);
    return true;
}

/* --- beside it --- */

bool answer_status(struct asked *q, struct reply *r, struct live_job_status *to)
{
    (void)r;
    to->status = state(q);
    return true;
}

bool answer_job_config(struct asked *q, struct reply *r, struct live_job_config *to)
{
    (void)r;
    to->id = q->now->id;
    to->name = q->now->name;
    to->execution = (struct live_execution_config){
        .restart_strategy = q->now->restart_strategy, .parallelism = q->now->parallelism, .object_reuse = LIVE_YES};
    return true;
}

bool answer_result(struct asked *q, struct reply *r, struct live_execution_result *to)
{
    const struct job_view *v = q->now;
    (void)r;
    to->status.id = job_phase_ended(v->phase) ? "COMPLETED" : "IN_PROGRESS";
    if (!job_phase_ended(v->phase))
        return true;
    struct live_job_result *x = to->result = arena_alloc(q->a, sizeof *x);
    *x = (struct live_job_result){.id = v->id,
                                  .name = v->name,
                                  .application = v->id,
                                  .application_status = v->phase == PHASE_FINISHED ? "SUCCEEDED" : state(q),
                                  .net_runtime_ms = lasted(v),
                                  .start_ms = v->start_ms,
                                  .end_ms = v->end_ms};
    if (v->phase == PHASE_FAILED && v->n_failures) {
        x->failure = arena_alloc(q->a, sizeof *x->failure);
        *x->failure = (struct live_failure){"weir", v->failures[0].text};
    }
    return true;
}

bool answer_exceptions(struct asked *q, struct reply *r, struct live_exceptions *to)
{
    const struct job_view *v = q->now;
    const char *text = request_query(q->request, "maxExceptions", q->a);
    char *end = "";
    unsigned long most = text ? strtoul(text, &end, 10) : VIEW_FAILURES;
    if (*end || (text && !(*text >= '0' && *text <= '9'))) {
        answer_refuse(r, 400, "Bad request, could not parse parameters: maxExceptions is '%s', no number", text);
        return false;
    }
    struct live_exception_history *h = &to->history;
    h->n_entries = v->n_failures < most ? v->n_failures : (uint32_t)most;
    h->truncated = v->failures_truncated || h->n_entries < v->n_failures ? LIVE_YES : LIVE_NO;
    h->entries = arena_array(q->a, h->n_entries + 1, sizeof *h->entries);
    for (uint32_t i = 0; i < h->n_entries; i++) {
        const struct view_failure *f = &v->failures[i];
        h->entries[i] = (struct live_exception){.name = "weir.Failure",
                                                .stack = arena_printf(q->a, "weir.Failure: %s\n", f->text),
                                                .at_ms = f->at_ms,
                                                .task = f->task,
                                                .endpoint = f->task ? q->endpoint : NULL,
                                                .taskmanager = f->task ? SERVE_TASKMANAGER : NULL};
    }
    return true;
}
