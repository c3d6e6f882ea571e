#include <time.h>

#include "runtime/exec.h"

void job_fail(struct job *j, struct task *t, const struct err *why)
{
    pthread_mutex_lock(&j->lock);
    if (!j->e.kind) {
        j->e = *why;
        j->failed = t;
    }
    pthread_mutex_unlock(&j->lock);
    atomic_store(&j->cancelled, true);
    for (uint32_t i = 0; i < j->n_tasks; i++)
        task_wake(j->tasks[i]);
}

static void over(struct task *t)
{
    struct job *j = t->job;
    atomic_store(&t->last, j->world->ticks(j->world->ctx));
    atomic_store(&t->done, true);
    pthread_mutex_lock(&j->lock);
    j->n_done++;
    pthread_cond_signal(&j->changed);
    pthread_mutex_unlock(&j->lock);
}

/* A step, and where the time since *now went, which is the time after it. */
static enum stepped timed_step(struct task *t, int64_t *now, int64_t *until)
{
    const struct world *w = t->job->world;
    enum stepped s = task_step(t, until);
    int64_t then = w->ticks(w->ctx);
    task_spend(&t->busy, then - *now - t->pressed);
    t->was_pressed = t->pressed > 0;
    t->pressed = 0;
    *now = then;
    return s;
}

static void timed_wait(struct task *t, int64_t *now, int64_t until)
{
    const struct world *w = t->job->world;
    task_wait(t, until);
    *now = w->ticks(w->ctx);
}

/* --- a thread for each task --- */

static int64_t begin(struct task *t)
{
    int64_t now = t->job->world->ticks(t->job->world->ctx);
    atomic_store(&t->first, now);
    return now;
}

static void *work(void *arg)
{
    struct task *t = arg;
    struct job *j = t->job;
    int64_t until, now = begin(t);
    for (enum stepped s = STEPPED; s != STEPPED_DONE && !atomic_load_explicit(&j->cancelled, memory_order_relaxed);) {
        s = timed_step(t, &now, &until);
        if (s == STEPPED_OVER)
            timed_wait(t, &now, until);
    }
    over(t);
    return NULL;
}

/* An acknowledgement, a task that is over; or it is time. With the lock. */
static void wait_for_change(struct job *j, int64_t until, uint32_t n)
{
    const struct checkpoints *c = &j->checkpoints;
    int64_t ms = until == INT64_MAX ? 60000 : until - j->world->now(j->world->ctx);
    bool news = j->n_done == n || (atomic_load(&j->controls.fresh) && !c->pending) || (c->pending && c->n_acks == j->n_tasks) ||
        (atomic_load(&j->n_ended) == j->n_tasks && !j->over && !c->pending);
    if (ms <= 0 || news)
        return;
    struct timespec at = soon(ms < 60000 ? ms : 60000);
    pthread_cond_timedwait(&j->changed, &j->lock, &at);
}

static bool in_threads(struct job *j, struct err *e)
{
    uint32_t n = 0;
    for (; n < j->n_tasks; n++)
        if (pthread_create(&j->tasks[n]->thread, NULL, work, j->tasks[n])) {
            struct err why = {0};
            err_set(&why, ERR_IO, "no thread for subtask %u of %u; use a lower --parallelism", n + 1, j->n_tasks);
            job_fail(j, NULL, &why);
            break;
        }
    pthread_mutex_lock(&j->lock);
    while (j->n_done < n) {
        pthread_mutex_unlock(&j->lock);
        int64_t until = checkpoints_poll(j);
        pthread_mutex_lock(&j->lock);
        wait_for_change(j, until, n);
    }
    pthread_mutex_unlock(&j->lock);
    for (uint32_t i = 0; i < n; i++)
        pthread_join(j->tasks[i]->thread, NULL);
    *e = j->e;
    return !j->e.kind;
}

/* --- one thread for all: in the order that the seed makes --- */

static uint32_t chance(uint64_t *state, uint32_t below)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return (uint32_t)((*state >> 16) % below);
}

/* A unit of work of any task, from a random one on; false: none has anything to do until *until. */
static bool one_of(struct job *j, uint64_t *random, int64_t *until)
{
    uint32_t from = j->n_tasks > 1 ? chance(random, j->n_tasks) : 0;
    *until = INT64_MAX;
    for (uint32_t i = 0; i < j->n_tasks && !atomic_load(&j->cancelled); i++) {
        struct task *t = j->tasks[(from + i) % j->n_tasks];
        int64_t when;
        if (atomic_load(&t->done))
            continue;
        uint64_t begun = t->begun;
        enum stepped s = task_step(t, &when);
        if (s == STEPPED_DONE)
            over(t);
        if (s == STEPPED_DONE || s == STEPPED || t->begun != begun) /* a barrier is work for others */
            return true;
        *until = when < *until ? when : *until;
    }
    return false;
}

static bool in_one_thread(struct job *j, struct err *e)
{
    const struct world *w = j->world;
    int64_t until, due;
    while (j->n_done < j->n_tasks && !atomic_load(&j->cancelled)) {
        due = checkpoints_poll(j);
        if (one_of(j, &j->chance, &until))
            continue;
        if (checkpoints_poll(j) != due)
            continue;
        until = due < until ? due : until;
        if (until == INT64_MAX)
            return err_set(e, ERR_IO, "no subtask can go on: this is a fault of weir's");
        w->wait(w->ctx, until);
    }
    *e = j->e;
    return !j->e.kind;
}

/* --- a single task: in this thread, which is the coordinator's --- */

static bool alone(struct job *j, struct err *e)
{
    struct task *t = j->tasks[0];
    int64_t until, due, now = begin(t);
    for (enum stepped s = STEPPED; s != STEPPED_DONE && !atomic_load_explicit(&j->cancelled, memory_order_relaxed);) {
        due = checkpoints_poll(j);
        s = timed_step(t, &now, &until);
        if (s == STEPPED_OVER && checkpoints_poll(j) == due)
            timed_wait(t, &now, due < until ? due : until);
    }
    over(t);
    *e = j->e;
    return !j->e.kind;
}

bool run_tasks(struct job *j, struct err *e)
{
    j->alone = !j->one_thread && j->n_tasks == 1 && !j->checkpoints.on; /* the disk is not waited for where rows are */
    return j->one_thread ? in_one_thread(j, e) : j->alone ? alone(j, e) : in_threads(j, e);
}
