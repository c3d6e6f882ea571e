#include "runtime/exec_control.h"

#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "runtime/exec.h"

/* A text of so many hexadecimal digits, another one each time. */
static void make_id(const struct job *j, char *to, size_t digits)
{
    static _Atomic uint64_t n;
    const struct world *w = j->world;
    uint64_t mix[] = {w->seed, (uint64_t)w->ticks(w->ctx), atomic_fetch_add(&n, 1)};
    uint8_t digest[DIGEST_MAX];
    digest_bytes(DIGEST_MD5, mix, sizeof mix, digest);
    digest_hex(digest, digits / 2, to);
}

static const char *default_dir(const struct job *j)
{
    const char *dir = job_config(j, "execution.checkpointing.savepoint-dir", job_config(j, "state.savepoints.dir", NULL));
    return dir && *dir ? dir : NULL;
}

static struct wish *find(const struct job *j, const char *id)
{
    struct wish *o = j->controls.first;
    while (o && strcmp(o->id, id) != 0)
        o = o->next;
    return o;
}

/* --- ordering --- */

static const char *dir_of(const struct job *j, const struct control *c)
{
    return c->kind == CONTROL_CHECKPOINT ? NULL : c->dir ? c->dir : default_dir(j);
}

bool job_may(const struct job *j, const struct control *c, struct err *e)
{
    const char *dir = dir_of(j, c);
    if (c->id && (strlen(c->id) != CONTROL_ID || strspn(c->id, "0123456789abcdef") != CONTROL_ID))
        return err_set(e, ERR_USAGE, "'%s' is no id of 32 hexadecimal digits", c->id);
    if (c->kind == CONTROL_CHECKPOINT && !j->checkpoints.on)
        return err_set(e, ERR_REFUSED, "the job takes no checkpoints: weir run --checkpoint-dir DIR");
    if (c->kind == CONTROL_SAVEPOINT && !dir)
        return err_set(e, ERR_USAGE, "no directory is given, and execution.checkpointing.savepoint-dir is not set");
    if (dir && !strncmp(dir, "file:", 5))
        dir += 5;
    if (dir && strstr(dir, "://"))
        return err_set(e, ERR_UNSUPPORTED, "savepoints go to directories of this machine, not to '%s'", dir);
    if (c->kind == CONTROL_STOP && !c->drain && !dir && !j->checkpoints.on)
        return err_set(e, ERR_USAGE,
                       "no directory is given, execution.checkpointing.savepoint-dir is not set, and there are no checkpoints");
    if (dir && j->checkpoints.unable.kind)
        *e = j->checkpoints.unable;
    return e->kind == ERR_NONE;
}

static void append(struct job *j, struct wish *o)
{
    struct wish **at = &j->controls.first;
    while (*at)
        at = &(*at)->next;
    *at = o;
    atomic_store(&j->controls.any, true);
    atomic_store(&j->controls.fresh, true);
    pthread_cond_signal(&j->changed);
}

/* A job in one thread waits with its task. */
static void wake(struct job *j)
{
    pthread_mutex_lock(&j->looked);
    for (uint32_t i = 0; i < j->n_tasks && j->n_tasks == 1; i++)
        task_wake(j->tasks[i]);
    pthread_mutex_unlock(&j->looked);
}

bool job_order(struct job *j, const struct control *c, char *id, struct err *e)
{
    const char *dir = dir_of(j, c);
    if (!job_may(j, c, e))
        return false;
    if (c->id)
        memcpy(id, c->id, CONTROL_ID + 1);
    else
        make_id(j, id, CONTROL_ID);
    if (dir && !strncmp(dir, "file:", 5))
        dir += !strncmp(dir, "file://", 7) ? 7 : 5;
    struct wish *o = mem_zalloc(sizeof *o);
    *o = (struct wish){
        .kind = c->kind, .native = c->native, .drain = c->drain, .dir = dir ? mem_strdup(dir) : NULL, .progress = CONTROL_RUNS};
    memcpy(o->id, id, CONTROL_ID + 1);
    pthread_mutex_lock(&j->lock);
    bool over = job_phase_ended(j->life.phase), known = find(j, id);
    if (!over && !known) {
        append(j, o);
        o = NULL;
    }
    pthread_mutex_unlock(&j->lock);
    if (o) {
        free(o->dir);
        free(o);
    }
    wake(j);
    return !over || known || err_set(e, ERR_REFUSED, "the job has ended");
}

struct control_state job_ordered(struct job *j, const char *id, struct arena *a)
{
    struct control_state s = {.progress = CONTROL_UNKNOWN};
    pthread_mutex_lock(&j->lock);
    const struct wish *o = find(j, id);
    if (o)
        s = (struct control_state){o->progress, o->kind, o->checkpoint, o->location ? arena_str(a, o->location) : NULL,
                                   o->why ? arena_str(a, o->why) : NULL};
    pthread_mutex_unlock(&j->lock);
    return s;
}

bool job_takes_checkpoints(const struct job *j) { return j->checkpoints.on; }

bool job_has_databases(const struct job *j) { return j->rocks; }

void job_cancel(struct job *j)
{
    struct err why = {0};
    pthread_mutex_lock(&j->lock);
    bool over = job_phase_ended(j->life.phase);
    pthread_mutex_unlock(&j->lock);
    if (over || atomic_exchange(&j->controls.cancel, true))
        return;
    life_phase(j, PHASE_CANCELLING);
    err_set(&why, ERR_INTERRUPTED, "cancelled");
    pthread_mutex_lock(&j->looked);
    job_fail(j, NULL, &why);
    pthread_mutex_unlock(&j->looked);
    pthread_mutex_lock(&j->lock);
    pthread_cond_signal(&j->changed); /* it may be waiting to begin again */
    pthread_mutex_unlock(&j->lock);
}

/* --- carrying out --- */

static void tell_to_end(struct job *j)
{
    for (uint32_t i = 0; i < j->n_tasks; i++) {
        atomic_store(&j->tasks[i]->drain, true);
        task_wake(j->tasks[i]);
    }
}

struct wish *control_next(struct job *j, bool ended)
{
    struct wish *next = NULL;
    bool drains = false;
    pthread_mutex_lock(&j->lock);
    atomic_store(&j->controls.fresh, false);
    for (struct wish *o = j->controls.first; o && !next; o = o->next) {
        if (o->progress != CONTROL_RUNS || o->taken)
            continue;
        if (o->kind == CONTROL_STOP && o->drain && !ended) {
            drains = !o->drains;
            o->drains = true;
            break; /* whatever comes later comes too late */
        }
        if (o->dir || j->checkpoints.on)
            next = o;
        else
            o->taken = true;
    }
    pthread_mutex_unlock(&j->lock);
    if (drains)
        tell_to_end(j);
    return next;
}

char *control_path(const struct job *j, const struct wish *o, struct arena *a)
{
    char chance[13];
    if (!o || !o->dir)
        return NULL;
    make_id(j, chance, 12);
    return arena_printf(a, "%s/savepoint-%.6s-%s", o->dir, j->life.id, chance);
}

void control_done(struct job *j, struct wish *o, uint64_t checkpoint, const char *path)
{
    char *whole = path ? realpath(path, NULL) : NULL;
    pthread_mutex_lock(&j->lock);
    o->progress = CONTROL_DONE;
    o->checkpoint = checkpoint;
    o->location = whole ? whole : path ? mem_strdup(path) : NULL;
    pthread_mutex_unlock(&j->lock);
}

void control_failed(struct job *j, struct wish *o, const char *why)
{
    pthread_mutex_lock(&j->lock);
    o->progress = CONTROL_FAILED;
    o->why = mem_strdup(why);
    pthread_mutex_unlock(&j->lock);
    for (uint32_t i = 0; i < j->n_tasks && o->kind == CONTROL_STOP; i++) {
        atomic_store(&j->tasks[i]->stop_at, 0);
        task_wake(j->tasks[i]);
    }
}

/* The first that is open; begun: and has been begun. */
static struct wish *open_one(struct job *j, bool begun)
{
    pthread_mutex_lock(&j->lock);
    struct wish *o = j->controls.first;
    while (o && (o->progress != CONTROL_RUNS || (begun && !o->taken && !o->drains)))
        o = o->next;
    pthread_mutex_unlock(&j->lock);
    return o;
}

void control_attempt_over(struct job *j)
{
    for (struct wish *o; (o = open_one(j, true));)
        control_failed(j, o, "the job failed meanwhile, and began again");
    j->controls.current = NULL;
}

void control_over(struct job *j, bool well)
{
    for (struct wish *o; (o = open_one(j, false));) {
        if (well && o->kind == CONTROL_STOP && !o->dir)
            control_done(j, o, 0, NULL);
        else
            control_failed(j, o, "the job has ended");
    }
}

void control_close(struct job *j)
{
    for (struct wish *o = j->controls.first, *next; o; o = next) {
        next = o->next;
        free(o->dir);
        free(o->location);
        free(o->why);
        free(o);
    }
}
