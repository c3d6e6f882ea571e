/* Checkpoints: their history, one of them, a vertex's part in one. */
#include <stdlib.h>
#include <string.h>

#include "serve/answer.h"

/* --- statistics --- */

static int by_size(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

/* Of n values, which it sorts. Without any they are 0, and the percentiles not told. */
static struct live_stats stats_of(int64_t *v, uint32_t n)
{
    struct live_stats s = {0, 0, 0, NAN, NAN, NAN, NAN, NAN};
    int64_t sum = 0;
    if (!n)
        return s;
    qsort(v, n, sizeof *v, by_size);
    for (uint32_t i = 0; i < n; i++)
        sum += v[i];
    s = (struct live_stats){.min = v[0], .max = v[n - 1], .avg = sum / n};
    double *const percentiles[] = {&s.p50, &s.p90, &s.p95, &s.p99, &s.p999};
    static const double at[] = {0.5, 0.9, 0.95, 0.99, 0.999};
    for (size_t i = 0; i < 5; i++)
        *percentiles[i] = (double)v[(uint32_t)(at[i] * (n - 1) + 0.5)];
    return s;
}

static struct live_stats zero(void)
{
    int64_t v = 0;
    return stats_of(&v, 1);
}

/* --- one --- */

static void fill(struct asked *q, const struct view_checkpoint *c, struct live_checkpoint *to)
{
    static const char *const classes[] = {"in_progress", "completed", "failed"};
    static const char *const states[] = {"IN_PROGRESS", "COMPLETED", "FAILED"};
    int64_t until = c->end_ms > 0 ? c->end_ms : q->now->now_ms; /* with its way to the disk, as Flink's */
    shape_clear(&shape_live_checkpoint, to);
    to->class_name = classes[c->status];
    to->id = (int64_t)c->id;
    to->status = states[c->status];
    to->checkpoint_type = c->savepoint ? "SAVEPOINT" : "CHECKPOINT";
    to->savepoint_format = c->savepoint ? "CANONICAL" : NULL;
    to->is_savepoint = c->savepoint ? LIVE_YES : LIVE_NO;
    to->trigger_ms = c->trigger_ms;
    to->latest_ack_ms = c->latest_ack_ms > 0 ? c->latest_ack_ms : -1;
    to->duration_ms = until > c->trigger_ms ? until - c->trigger_ms : 0;
    to->checkpointed_size = to->state_size = (int64_t)c->bytes;
    to->alignment_buffered = to->processed_data = to->persisted_data = 0;
    to->subtasks = c->n_parts;
    to->acknowledged = c->n_acks;
    if (c->status == CHECKPOINT_DONE) {
        to->external_path = c->path;
        to->discarded = c->discarded ? LIVE_YES : LIVE_NO;
    }
    if (c->status == CHECKPOINT_FAILED) {
        to->failure_ms = c->end_ms;
        to->failure_message = c->why;
    }
}

/* What a vertex has of it. */
static void vertex_part(struct asked *q, const struct view_checkpoint *c, const struct view_vertex *v,
                        struct live_checkpoint_vertex *to)
{
    *to = (struct live_checkpoint_vertex){.vertex = v->id, .id = (int64_t)c->id, .latest_ack_ms = -1, .subtasks = v->n_subtasks};
    for (uint32_t i = 0; i < v->n_subtasks && v->first + i < c->n_parts; i++) {
        const struct view_part *p = &c->parts[v->first + i];
        to->acknowledged += p->here;
        to->checkpointed_size += (int64_t)p->bytes;
        to->latest_ack_ms = p->here && p->ack_ms > to->latest_ack_ms ? p->ack_ms : to->latest_ack_ms;
    }
    bool whole = to->acknowledged == to->subtasks;
    to->state_size = to->checkpointed_size;
    to->status = whole ? "COMPLETED" : c->status == CHECKPOINT_FAILED ? "FAILED" : "IN_PROGRESS";
    to->duration_ms = to->latest_ack_ms > 0 ? to->latest_ack_ms - c->trigger_ms : q->now->now_ms - c->trigger_ms;
}

/* The checkpoint that the path names: one of the history, or the last of its kind. */
static const struct view_checkpoint *find(struct asked *q, struct reply *r)
{
    const struct view_checkpoints *all = &q->now->checkpoints;
    const struct view_checkpoint *last[] = {all->last_completed, all->last_savepoint, all->last_failed};
    const char *item = q->request->item;
    char *end;
    unsigned long long id = strtoull(item, &end, 10);
    if (*end || !(*item >= '0' && *item <= '9')) {
        answer_refuse(r, 400, "Bad request, could not parse parameters: '%s' is no id of a checkpoint", item);
        return NULL;
    }
    for (uint32_t i = 0; i < all->n; i++)
        if (all->list[i].id == id)
            return &all->list[i];
    for (int i = 0; i < 3; i++)
        if (last[i] && last[i]->id == id)
            return last[i];
    answer_refuse(
        r, 404,
        "org.apache.flink.runtime.rest.handler.RestHandlerException: Could not find checkpointing statistics for checkpoint %s.",
        item);
    return NULL;
}

bool answer_checkpoint(struct asked *q, struct reply *r, struct live_checkpoint *to)
{
    const struct view_checkpoint *c = find(q, r);
    if (!c)
        return false;
    fill(q, c, to);
    to->n_vertices = q->now->n_vertices;
    to->vertices = arena_array(q->a, to->n_vertices + 1, sizeof *to->vertices);
    for (uint32_t i = 0; i < to->n_vertices; i++)
        vertex_part(q, c, &q->now->vertices[i], &to->vertices[i]);
    return true;
}

/* --- a vertex's part, by subtask --- */

static void summarise(struct asked *q, const struct view_checkpoint *c, struct live_checkpoint_subtasks_summary *to)
{
    const struct view_vertex *v = q->vertex;
    int64_t *all = arena_array(q->a, v->n_subtasks + 1, sizeof *all);
    uint32_t n;
#define OVER(member, value)                                      \
    do {                                                         \
        n = 0;                                                   \
        for (uint32_t i = 0; i < v->n_subtasks; i++) {           \
            const struct view_part *p = &c->parts[v->first + i]; \
            if (v->first + i < c->n_parts && p->here)            \
                all[n++] = (int64_t)(value);                     \
        }                                                        \
        to->member = stats_of(all, n);                           \
    } while (0)
    OVER(checkpointed_size, p->bytes);
    OVER(state_size, p->bytes);
    OVER(duration_ms, p->ack_ms - c->trigger_ms);
    OVER(start_delay_ms, p->delay_ms);
    OVER(checkpoint.sync_ms, p->sync_ms);
    OVER(checkpoint.async_ms, p->async_ms);
    OVER(alignment.duration_ms, p->aligned_ms);
#undef OVER
    to->alignment.buffered = to->alignment.processed = to->alignment.persisted = zero();
}

bool answer_checkpoint_subtasks(struct asked *q, struct reply *r, struct live_checkpoint_subtasks *to)
{
    const struct view_checkpoint *c = find(q, r);
    const struct view_vertex *v = q->vertex;
    if (!c)
        return false;
    vertex_part(q, c, v, &to->vertex);
    summarise(q, c, &to->summary);
    to->n_subtasks = v->n_subtasks;
    to->subtasks = arena_array(q->a, v->n_subtasks + 1, sizeof *to->subtasks);
    for (uint32_t i = 0; i < v->n_subtasks; i++) {
        const struct view_part *p = v->first + i < c->n_parts ? &c->parts[v->first + i] : NULL;
        struct live_checkpoint_subtask *s = &to->subtasks[i];
        *s = (struct live_checkpoint_subtask){.class_name = "pending_or_failed", .status = "pending_or_failed", .index = i};
        if (!p || !p->here)
            continue;
        *s = (struct live_checkpoint_subtask){.class_name = "completed",
                                              .status = "completed",
                                              .index = i,
                                              .ack_ms = p->ack_ms,
                                              .duration_ms = p->ack_ms - c->trigger_ms,
                                              .checkpointed_size = (int64_t)p->bytes,
                                              .state_size = (int64_t)p->bytes,
                                              .start_delay_ms = p->delay_ms,
                                              .checkpoint = {p->sync_ms, p->async_ms},
                                              .alignment = {.duration_ms = p->aligned_ms},
                                              .unaligned = LIVE_NO,
                                              .aborted = LIVE_NO};
    }
    return true;
}

/* --- all --- */

static struct live_checkpoint *latest(struct asked *q, const struct view_checkpoint *c)
{
    if (!c)
        return NULL;
    struct live_checkpoint *to = arena_alloc(q->a, sizeof *to);
    fill(q, c, to);
    return to;
}

bool answer_checkpoints(struct asked *q, struct reply *r, struct live_checkpoints *to)
{
    const struct view_checkpoints *v = &q->now->checkpoints;
    int64_t *all = arena_array(q->a, v->n_samples + 1, sizeof *all);
    (void)r;
    to->counts.restored = (int64_t)v->restored;
    to->counts.in_progress = (int64_t)v->running;
    to->counts.completed = (int64_t)v->completed;
    to->counts.failed = (int64_t)v->failed;
    to->counts.total = to->counts.in_progress + to->counts.completed + to->counts.failed;
    for (uint32_t i = 0; i < v->n_samples; i++)
        all[i] = (int64_t)v->samples[i].bytes;
    to->summary.checkpointed_size = to->summary.state_size = stats_of(all, v->n_samples);
    for (uint32_t i = 0; i < v->n_samples; i++)
        all[i] = v->samples[i].ms;
    to->summary.duration_ms = stats_of(all, v->n_samples);
    to->summary.alignment_buffered = to->summary.processed_data = to->summary.persisted_data = zero();
    to->latest.completed = latest(q, v->last_completed);
    to->latest.savepoint = latest(q, v->last_savepoint);
    to->latest.failed = latest(q, v->last_failed);
    if (v->restored_id) {
        to->latest.restored = arena_alloc(q->a, sizeof *to->latest.restored);
        *to->latest.restored = (struct live_restored){(int64_t)v->restored_id, v->restored_ms, LIVE_NO, v->restored_path};
    }
    to->n_history = v->n;
    to->history = arena_array(q->a, v->n + 1, sizeof *to->history);
    for (uint32_t i = 0; i < v->n; i++)
        fill(q, &v->list[i], &to->history[i]);
    return true;
}

bool answer_checkpoint_config(struct asked *q, struct reply *r, struct live_checkpoint_config *to)
{
    const struct view_checkpoints *v = &q->now->checkpoints;
    (void)r;
    *to =
        (struct live_checkpoint_config){.mode = "exactly_once",
                                        .state_backend = "HashMapStateBackend",
                                        .checkpoint_storage = v->on ? "FileSystemCheckpointStorage" : "JobManagerCheckpointStorage",
                                        .changelog_storage = "memory",
                                        .interval_ms = v->on ? v->interval_ms : INT64_MAX,
                                        .timeout_ms = v->timeout_ms,
                                        .min_pause_ms = v->min_pause_ms,
                                        .max_concurrent = 1,
                                        .tolerable_failed = v->tolerable,
                                        .aligned_timeout_ms = 0,
                                        .materialization_interval_ms = 0,
                                        .unaligned = LIVE_NO,
                                        .after_tasks_finish = LIVE_YES,
                                        .changelog = LIVE_NO,
                                        .externalization = {v->on ? LIVE_YES : LIVE_NO, LIVE_NO}};
    return true;
}
