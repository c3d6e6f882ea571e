#include "runtime/exec_checkpoint.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/duration.h"
#include "base/temp.h"
#include "runtime/exec.h"
#include "runtime/exec_keyed.h"

void snap_put(struct snap *s, const char *list, const void *p, size_t n)
{
    if (s->n == s->cap) {
        struct snap_element *more = arena_array(s->a, s->cap ? s->cap * 2 : 4, sizeof *more);
        if (s->n)
            memcpy(more, s->elements, s->n * sizeof *more);
        s->elements = more;
        s->cap = s->cap ? s->cap * 2 : 4;
    }
    s->bytes += n;
    s->elements[s->n++] = (struct snap_element){list, {(const uint8_t *)arena_strn(s->a, p, n), n}, NULL};
}

void snap_put_long(struct snap *s, const char *list, int64_t v)
{
    v = (int64_t)__builtin_bswap64((uint64_t)v);
    snap_put(s, list, &v, sizeof v);
    s->elements[s->n - 1].type = "Long";
}

int64_t snap_least(const struct snap *s, const char *list)
{
    int64_t least = INT64_MAX;
    for (uint32_t i = 0; i < s->n; i++)
        if (!strcmp(s->elements[i].list, list) && s->elements[i].bytes.n == 8) {
            int64_t v = (int64_t)be64(s->elements[i].bytes.p);
            least = v < least ? v : least;
        }
    return least;
}

/* --- options --- */

static const char *option(const struct job *j, const char *name, const char *old, const char *otherwise)
{
    return job_config(j, name, job_config(j, old, otherwise));
}

static bool number(const struct job *j, const char *name, const char *old, uint32_t otherwise, uint32_t *n, struct err *e)
{
    const char *text = option(j, name, old, NULL);
    char *end;
    unsigned long v = text ? strtoul(text, &end, 10) : otherwise;
    *n = (uint32_t)v;
    return !text || (!*end && end != text && v <= INT32_MAX) || err_set(e, ERR_USAGE, "%s is no number: %s", name, text);
}

static bool span(const struct job *j, const char *name, const char *old, const char *otherwise, int64_t *ms, struct err *e)
{
    const char *text = option(j, name, old, otherwise);
    return (duration_option(text, ms) && *ms >= 0) || err_set(e, ERR_USAGE, "%s is no duration: %s", name, text);
}

static bool all_can(const struct job *j, struct err *e)
{
    for (uint32_t i = 0; i < j->n_tasks; i++)
        for (uint32_t k = 0; k < j->tasks[i]->n_ops; k++) {
            const struct op *o = j->tasks[i]->ops[k];
            if (o->keyed && o->keyed->why.kind != ERR_NONE) {
                *e = o->keyed->why;
                return err_in(e, "node %lld (%s): a checkpoint of it", (long long)o->node->id, o->node->type);
            }
            if (o->class->can_snapshot && !o->class->can_snapshot(o, e))
                return err_in(e, "node %lld (%s)", (long long)o->node->id, o->node->type);
        }
    return true;
}

static bool flag_is_set(const char *text) { return !strcasecmp(text, "true"); }

bool checkpoints_open(struct job *j, struct err *e)
{
    struct checkpoints *c = &j->checkpoints;
    const char *dir = option(j, "execution.checkpointing.dir", "state.checkpoints.dir", NULL);
    const char *interval = option(j, "execution.checkpointing.interval", "execution.checkpointing.interval", NULL);
    c->dir = j->opts.checkpoint_dir ? j->opts.checkpoint_dir : dir;
    if (c->dir && !strncmp(c->dir, "file://", 7))
        c->dir += 7;
    if (!interval && j->opts.checkpoint_dir)
        interval = "10 s";
    c->incremental = flag_is_set(option(j, "execution.checkpointing.incremental", "state.backend.incremental", "false"));
    c->acks = arena_array(&j->a, j->n_tasks + 1, sizeof(struct ack *));
    all_can(j, &c->unable);
    if (!interval || !strcmp(interval, "0"))
        return span(j, "execution.checkpointing.timeout", "", "10 min", &c->timeout, e); /* of savepoints */
    if (!span(j, "execution.checkpointing.interval", "", interval, &c->interval, e) ||
        !span(j, "execution.checkpointing.timeout", "", "10 min", &c->timeout, e) ||
        !span(j, "execution.checkpointing.min-pause", "", "0 ms", &c->min_pause, e) ||
        !number(j, "execution.checkpointing.tolerable-failed-checkpoints", "", 0, &c->tolerable, e) ||
        !number(j, "execution.checkpointing.num-retained", "state.checkpoints.num-retained", 1, &c->retained, e))
        return false;
    if (!c->dir)
        return err_set(e, ERR_USAGE, "execution.checkpointing.interval is set, but not where to: --checkpoint-dir DIR");
    c->on = c->interval > 0;
    c->retained = c->retained ? c->retained : 1;
    if (c->on && c->unable.kind)
        *e = c->unable;
    return e->kind == ERR_NONE;
}

/* --- acknowledgements --- */

void ack_free(struct ack *a)
{
    if (!a)
        return;
    for (uint32_t i = 0; i < a->n; i++)
        if (a->ops[i].database)
            temp_remove_below(a->ops[i].database);
    arena_free(&a->a);
    free(a);
}

/* With the job's lock: what has come is freed behind it. */
static struct ack *end_pending(struct checkpoints *c, uint32_t n_tasks)
{
    struct ack *all = c->late;
    for (uint32_t i = 0; c->acks && i < n_tasks; i++)
        if (c->acks[i]) {
            c->acks[i]->next = all;
            all = c->acks[i];
            c->acks[i] = NULL;
        }
    c->late = NULL;
    c->pending = 0;
    c->n_acks = 0;
    return all;
}

static void free_acks(struct ack *all)
{
    for (struct ack *next; all; all = next) {
        next = all->next;
        ack_free(all);
    }
}

static void drop_pending(struct job *j)
{
    pthread_mutex_lock(&j->lock);
    struct ack *all = end_pending(&j->checkpoints, j->n_tasks);
    pthread_mutex_unlock(&j->lock);
    free_acks(all);
}

void checkpoints_ack(struct task *t, uint64_t id, struct ack *a)
{
    struct job *j = t->job;
    struct checkpoints *c = &j->checkpoints;
    pthread_mutex_lock(&j->lock);
    if (id == c->pending && !c->acks[t->id]) {
        life_acked(t, id, a);
        c->acks[t->id] = a;
        c->n_acks++;
        pthread_cond_signal(&j->changed);
    } else {
        a->next = c->late;
        c->late = a;
    }
    pthread_mutex_unlock(&j->lock);
}

/* --- the coordinator --- */

static void tell_all(struct job *j, uint64_t asked, uint64_t completed)
{
    for (uint32_t i = 0; i < j->n_tasks; i++) {
        if (asked)
            atomic_store(&j->tasks[i]->asked, asked);
        if (completed)
            atomic_store(&j->tasks[i]->completed, completed);
        task_wake(j->tasks[i]);
    }
}

static void failed(struct job *j, uint64_t id, const struct err *why)
{
    struct checkpoints *c = &j->checkpoints;
    life_checkpoint_failed(j, id, why->text);
    if (++c->failures > c->tolerable)
        job_fail(j, NULL, why);
    else
        job_notice(j, why->text);
}

static void keep(struct job *j, uint64_t id)
{
    struct checkpoints *c = &j->checkpoints;
    if (c->n_kept == c->cap_kept)
        c->kept = mem_grow(c->kept, c->cap_kept = c->cap_kept ? c->cap_kept * 2 : 8, sizeof *c->kept);
    c->kept[c->n_kept++] = id;
    while (c->n_kept > c->retained) {
        chk_remove(j, c->kept[0]);
        life_discarded(j, c->kept[0]);
        memmove(c->kept, c->kept + 1, --c->n_kept * sizeof *c->kept);
    }
}

/* No task has anything to do any more. */
static void all_over(struct job *j)
{
    tell_all(j, 0, CHECKPOINT_END);
    j->over = true;
}

/* A snapshot that somebody has ordered counts for nothing but itself; unless it was to be the last one. */
static void ordered(struct job *j, struct wish *o, uint64_t id, const char *path, const struct err *e)
{
    j->controls.current = NULL;
    if (e->kind) {
        life_checkpoint_failed(j, id, e->text);
        control_failed(j, o, e->text);
        return;
    }
    control_done(j, o, id, path);
    if (o->kind == CONTROL_STOP)
        all_over(j);
}

/* All have acknowledged. */
static void complete(struct job *j)
{
    struct checkpoints *c = &j->checkpoints;
    struct wish *o = j->controls.current;
    struct err e = {0};
    struct arena a = {0};
    uint64_t id = c->pending;
    const char *saved = control_path(j, o, &a), *path = saved ? saved : chk_path(j, id, &a);
    int own = c->incremental ? WRITE_SHARED : WRITE_FILES;
    bool ended = true,
         ok = chk_write(j, id, path,
                        !saved || !o    ? own
                            : o->native ? WRITE_FILES
                                        : WRITE_CANONICAL,
                        c->acks, &e),
         counts = !saved;
    if (ok && saved && o && o->kind == CONTROL_STOP && c->on) /* the directory of checkpoints has to know what counts now */
        counts = ok = chk_write(j, id, chk_path(j, id, &a), own, c->acks, &e);
    for (uint32_t i = 0; i < j->n_tasks; i++)
        ended = ended && c->acks[i]->ended;
    drop_pending(j);
    if (!ok)
        err_in(&e, "%s %llu", saved ? "savepoint" : "checkpoint", (unsigned long long)id);
    if (ok)
        life_completed(j, id, path);
    if (ok && counts) {
        c->failures = 0;
        c->completed = id;
        keep(j, id);
    }
    if (ok && !saved)
        tell_all(j, 0, id);
    c->final = ok && ended && (!saved || o->kind == CONTROL_STOP);
    if (o)
        ordered(j, o, id, path, &e);
    else if (!ok)
        failed(j, id, &e);
    arena_free(&a);
}

static void begin_order(struct job *j, struct wish *o, uint64_t id)
{
    o->taken = true;
    j->controls.current = o;
    for (uint32_t i = 0; i < j->n_tasks && o->kind == CONTROL_STOP; i++)
        atomic_store(&j->tasks[i]->stop_at, id);
}

static void trigger(struct job *j, int64_t now, struct wish *o)
{
    struct checkpoints *c = &j->checkpoints;
    if (o)
        begin_order(j, o, c->last + 1);
    pthread_mutex_lock(&j->lock);
    c->pending = ++c->last;
    pthread_mutex_unlock(&j->lock);
    life_triggered(j, c->pending, o && o->dir, now);
    c->started = now;
    c->next = now + (c->interval > c->min_pause ? c->interval : c->min_pause);
    tell_all(j, c->pending, 0);
}

/* It has taken too long. */
static void give_up(struct job *j)
{
    struct checkpoints *c = &j->checkpoints;
    struct wish *o = j->controls.current;
    struct err e = {0};
    err_set(&e, ERR_IO, "checkpoint %llu took longer than execution.checkpointing.timeout", (unsigned long long)c->last);
    if (o)
        ordered(j, o, c->last, NULL, &e);
    else
        failed(j, c->last, &e);
}

/* One is pending: is it whole, or late? */
static int64_t poll_pending(struct job *j, int64_t now)
{
    struct checkpoints *c = &j->checkpoints;
    pthread_mutex_lock(&j->lock);
    bool whole = c->n_acks == j->n_tasks, late = !whole && now - c->started > c->timeout;
    struct ack *given_up = late ? end_pending(c, j->n_tasks) : NULL;
    pthread_mutex_unlock(&j->lock);
    free_acks(given_up);
    if (late)
        give_up(j);
    if (!whole)
        return c->pending ? c->started + c->timeout + 1 : now;
    complete(j);
    if (c->next < now + c->min_pause)
        c->next = now + c->min_pause;
    return now;
}

int64_t checkpoints_poll(struct job *j)
{
    struct checkpoints *c = &j->checkpoints;
    bool ended = atomic_load(&j->n_ended) == j->n_tasks, fresh = atomic_load(&j->controls.fresh),
         any = atomic_load(&j->controls.any);
    if (j->over || (!ended && !c->on && !c->pending && !any))
        return INT64_MAX;
    int64_t now = j->world->now(j->world->ctx);
    if (c->pending)
        return poll_pending(j, now);
    struct wish *o = c->final || !any ? NULL : control_next(j, ended);
    if (ended && !o && (!c->on || c->final)) {
        all_over(j);
        return INT64_MAX;
    }
    if (!atomic_load(&j->cancelled) && (o || (c->on && (ended || now >= c->next))))
        trigger(j, now, o);
    return fresh ? now : c->pending ? c->started + c->timeout + 1 : c->on ? c->next : INT64_MAX;
}

void checkpoints_begin(struct job *j)
{
    struct checkpoints *c = &j->checkpoints;
    if (c->pending)
        life_checkpoint_failed(j, c->pending, "the job began again");
    control_attempt_over(j);
    drop_pending(j);
    c->final = false;
    c->failures = 0;
    c->next = j->world->now(j->world->ctx) + c->interval;
}

void checkpoints_close(struct job *j)
{
    drop_pending(j);
    free(j->checkpoints.kept);
    free(j->checkpoints.shared);
}
