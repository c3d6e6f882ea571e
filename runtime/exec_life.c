#include "runtime/exec_life.h"

#include <stdlib.h>
#include <string.h>

#include "runtime/exec.h"

const char *const job_phase_words[JOB_PHASES] = {
#define JOB_PHASE(id, word) word,
    JOB_PHASE_LIST
#undef JOB_PHASE
};

static int64_t now_of(const struct job *j) { return j->world->now(j->world->ctx); }

void life_phase(struct job *j, enum job_phase phase)
{
    struct life *l = &j->life;
    int64_t now = now_of(j);
    pthread_mutex_lock(&j->lock);
    if (job_phase_ended(l->phase)) { /* cancelled too late */
        pthread_mutex_unlock(&j->lock);
        return;
    }
    l->phase = phase;
    l->at_ms[phase] = now;
    if (phase == PHASE_CREATED)
        l->start_ms = now;
    if (phase == PHASE_RESTARTING)
        l->restarts++;
    if (job_phase_ended(phase))
        l->end_ms = now;
    pthread_mutex_unlock(&j->lock);
}

static void failure_free(struct view_failure *f)
{
    free(f->text);
    free(f->task);
}

void life_failure(struct job *j, const struct err *why, const struct task *whose)
{
    struct life *l = &j->life;
    struct view_failure f = {.at_ms = now_of(j), .text = mem_strdup(why->text)};
    if (whose) {
        struct arena a = {0};
        f.task = mem_strdup(arena_printf(&a, "%s (%u/%u) - execution #%llu", l->vertices[whose->chain].name, whose->index + 1,
                                         whose->parallelism, (unsigned long long)j->attempt));
        arena_free(&a);
    }
    pthread_mutex_lock(&j->lock);
    if (l->n_failures == VIEW_FAILURES) {
        failure_free(&l->failures[--l->n_failures]);
        l->failures_truncated = true;
    }
    memmove(l->failures + 1, l->failures, l->n_failures++ * sizeof f);
    l->failures[0] = f;
    pthread_mutex_unlock(&j->lock);
}

/* --- checkpoints --- */

static void checkpoint_free(struct view_checkpoint *c)
{
    free(c->path);
    free(c->why);
    free(c->parts);
    *c = (struct view_checkpoint){0};
}

/* Instead of the one that was there. */
static void remember(struct view_checkpoint *to, const struct view_checkpoint *c)
{
    checkpoint_free(to);
    *to = *c;
    to->path = c->path ? mem_strdup(c->path) : NULL;
    to->why = c->why ? mem_strdup(c->why) : NULL;
    to->parts = mem_alloc((c->n_parts + 1) * sizeof *c->parts);
    memcpy(to->parts, c->parts, c->n_parts * sizeof *c->parts);
}

static struct view_checkpoint *checkpoint(struct life *l, uint64_t id)
{
    for (uint32_t i = 0; i < l->n_checkpoints; i++)
        if (l->checkpoints[i].id == id)
            return &l->checkpoints[i];
    return NULL;
}

void life_triggered(struct job *j, uint64_t id, bool savepoint, int64_t now)
{
    struct life *l = &j->life;
    pthread_mutex_lock(&j->lock);
    if (l->n_checkpoints == VIEW_CHECKPOINTS)
        checkpoint_free(&l->checkpoints[--l->n_checkpoints]);
    memmove(l->checkpoints + 1, l->checkpoints, l->n_checkpoints++ * sizeof *l->checkpoints);
    l->checkpoints[0] = (struct view_checkpoint){.id = id,
                                                 .savepoint = savepoint,
                                                 .trigger_ms = now,
                                                 .n_parts = j->n_tasks,
                                                 .parts = mem_zalloc((j->n_tasks + 1) * sizeof(struct view_part))};
    pthread_mutex_unlock(&j->lock);
}

void life_acked(struct task *t, uint64_t id, const struct ack *a)
{
    struct view_checkpoint *c = checkpoint(&t->job->life, id);
    if (!c || t->id >= c->n_parts)
        return;
    const struct world *w = t->job->world;
    int64_t now = now_of(t->job), ago = (w->ticks(w->ctx) - a->began_ns) / 1000000;
    struct view_part *p = &c->parts[t->id];
    *p = (struct view_part){.here = true,
                            .ack_ms = now,
                            .aligned_ms = a->aligned_ns / 1000000,
                            .sync_ms = a->sync_ns / 1000000,
                            .async_ms = a->async_ns / 1000000};
    p->delay_ms = now - ago > c->trigger_ms ? now - ago - c->trigger_ms : 0;
    for (uint32_t i = 0; i < t->n_ops; i++)
        p->bytes += a->ops[i].bytes + a->ops[i].keyed_bytes + a->ops[i].database_bytes;
    c->n_acks++;
    c->bytes += p->bytes;
    c->latest_ack_ms = now;
}

void life_completed(struct job *j, uint64_t id, const char *path)
{
    struct life *l = &j->life;
    int64_t now = now_of(j);
    pthread_mutex_lock(&j->lock);
    struct view_checkpoint *c = checkpoint(l, id);
    l->completed++;
    if (c) {
        c->status = CHECKPOINT_DONE;
        c->path = mem_strdup(path);
        c->end_ms = now;
        l->samples[l->sample] = (struct view_sample){c->bytes, now - c->trigger_ms};
        l->sample = (l->sample + 1) % VIEW_SAMPLES;
        l->n_samples += l->n_samples < VIEW_SAMPLES;
        remember(c->savepoint ? &l->last_savepoint : &l->last_completed, c);
    }
    pthread_mutex_unlock(&j->lock);
}

void life_checkpoint_failed(struct job *j, uint64_t id, const char *why)
{
    struct life *l = &j->life;
    int64_t now = now_of(j);
    pthread_mutex_lock(&j->lock);
    struct view_checkpoint *c = checkpoint(l, id);
    l->failed++;
    if (c) {
        c->status = CHECKPOINT_FAILED;
        c->why = mem_strdup(why);
        c->end_ms = now;
        remember(&l->last_failed, c);
    }
    pthread_mutex_unlock(&j->lock);
}

void life_discarded(struct job *j, uint64_t id)
{
    struct life *l = &j->life;
    pthread_mutex_lock(&j->lock);
    struct view_checkpoint *c = checkpoint(l, id);
    if (c)
        c->discarded = true;
    pthread_mutex_unlock(&j->lock);
}

void life_restored(struct job *j, uint64_t id, const char *path)
{
    struct life *l = &j->life;
    int64_t now = now_of(j);
    pthread_mutex_lock(&j->lock);
    l->restored++;
    l->restored_id = id;
    l->restored_ms = now;
    free(l->restored_path);
    l->restored_path = mem_strdup(path);
    pthread_mutex_unlock(&j->lock);
}

void life_close(struct job *j)
{
    struct life *l = &j->life;
    for (uint32_t i = 0; i < l->n_failures; i++)
        failure_free(&l->failures[i]);
    for (uint32_t i = 0; i < l->n_checkpoints; i++)
        checkpoint_free(&l->checkpoints[i]);
    checkpoint_free(&l->last_completed);
    checkpoint_free(&l->last_savepoint);
    checkpoint_free(&l->last_failed);
    free(l->restored_path);
}
