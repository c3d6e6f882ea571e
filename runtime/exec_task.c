#include "runtime/cold.h"
#include "runtime/exec.h"

#include <stdlib.h>
#include <string.h>

/* --- making one --- */

static bool connect(struct task *t, struct op *o, struct err *e)
{
    const struct job *j = t->job;
    const struct cplan_node *node = o->node;
    o->n_in = node->n_inputs;
    o->in = arena_array(&t->a, o->n_in + 1, sizeof *o->in);
    o->in_wm = arena_array(&t->a, o->n_in + 1, sizeof *o->in_wm);
    o->in_over = arena_alloc(&t->a, o->n_in + 1);
    o->in_idle = arena_alloc(&t->a, o->n_in + 1);
    o->wm = INT64_MIN;
    atomic_store(&o->came_wm, INT64_MIN);
    atomic_store(&o->shown_wm, INT64_MIN);
    o->wake = INT64_MAX;
    o->wait_file = -1;
    if (o->n_in < o->class->min_inputs || o->n_in > o->class->max_inputs)
        return err_set(e, ERR_CORRUPT, "it has %u inputs", o->n_in);
    for (uint32_t i = 0; i < o->n_in; i++) {
        o->in[i] = job_row(j, (uint32_t)(node->inputs[i] - j->plan->nodes));
        o->in_wm[i] = INT64_MIN;
    }
    return true;
}

static bool make_op(struct task *t, uint32_t at, struct err *e)
{
    const struct cplan_node *node = &t->job->plan->nodes[at];
    struct op *o = t->ops[t->n_ops++] = arena_alloc(&t->a, sizeof *o);
    uint32_t n_outs = 0;
    if (!(o->class = node_class(node)))
        return err_set(e, ERR_UNSUPPORTED, "this kind of node is not there yet");
    if (!node->output)
        return err_set(e, ERR_CORRUPT, "it has no outputType");
    o->node = node;
    o->job = t->job;
    o->task = t;
    o->ev = &t->ev;
    o->a = &t->a;
    o->subtask = t->index;
    o->subtasks = t->parallelism;
    for (uint32_t i = 0; i < t->job->graph.n_edges; i++)
        n_outs += t->job->graph.edges[i].from == at;
    o->outs = arena_array(&t->a, n_outs + 1, sizeof *o->outs);
    if (!connect(t, o, e))
        return false;
    o->out = job_row(t->job, at);
    o->types = o->out->kids;
    o->n_cols = o->out->n;
    o->cols = arena_array(&t->a, o->n_cols + 1, sizeof *o->cols);
    for (uint32_t c = 0; c < o->n_cols; c++)
        o->cols[c] = vec_new(&t->a, BATCH_ROWS);
    o->kinds = arena_alloc(&t->a, BATCH_ROWS);
    if (o->class->step)
        t->sources[t->n_sources++] = o;
    return (!o->class->open || o->class->open(o, e)) && cold_open(o, e);
}

static bool configure(struct task *t, struct err *e)
{
    const struct job *j = t->job;
    const char *zone = job_config(j, "table.local-time-zone", "UTC");
    const char *legacy = job_config(j, "table.exec.legacy-cast-behaviour", "DISABLED");
    t->ev.now = j->world->now;
    t->ev.clock = j->world->ctx;
    t->ev.random = (j->world->seed ? j->world->seed : 1) + (t->id + j->attempt * JOB_MAX_TASKS) * UINT64_C(0x9e3779b97f4a7c15);
    t->ev.watermark = INT64_MIN;
    t->ev.legacy_cast = !strcmp(legacy, "ENABLED");
    return !strcmp(zone, "default") || (t->ev.zone = zone_load(&t->a, zone, strlen(zone), e));
}

struct task *task_open(struct job *j, uint32_t chain, uint32_t index, struct err *e)
{
    struct task *t = mem_zalloc(sizeof *t);
    t->job = j;
    t->chain = chain;
    t->index = index;
    t->id = j->first_task[chain] + index;
    t->parallelism = j->graph.subtasks[chain];
    pthread_mutex_init(&t->lock, NULL);
    cond_open(&t->arrived);
    t->ops = arena_array(&t->a, j->plan->n + 1, sizeof(struct op *));
    t->sources = arena_array(&t->a, j->plan->n + 1, sizeof(struct op *));
    bool ok = configure(t, e);
    for (uint32_t i = 0; ok && i < j->plan->n; i++)
        if (j->graph.chain[i] == chain && !(ok = make_op(t, i, e) && e->kind == ERR_NONE))
            err_in(e, "node %lld (%s_%d)", (long long)j->plan->nodes[i].id, j->plan->nodes[i].type, j->plan->nodes[i].version);
    t->sources_open = t->n_sources;
    if (ok)
        return t;
    task_free(t);
    return NULL;
}

struct op *task_op(const struct task *t, uint32_t node)
{
    for (uint32_t i = 0; i < t->n_ops; i++)
        if (t->ops[i]->node == &t->job->plan->nodes[node])
            return t->ops[i];
    return NULL;
}

void task_free(struct task *t)
{
    if (!t)
        return;
    for (uint32_t i = 0; i < t->n_ops; i++) {
        if (t->ops[i]->class && t->ops[i]->class->close)
            t->ops[i]->class->close(t->ops[i]);
        if (t->ops[i]->keyed) {
            cold_close(t->ops[i]);
            keyed_free(t->ops[i]->keyed);
        }
    }
    ack_free(t->ack);
    for (uint32_t i = 0; i < t->n_in; i++)
        channel_free(t->in[i]);
    for (uint32_t i = 0; i < t->n_outs; i++)
        buf_free(&t->outs[i].key);
    pthread_mutex_destroy(&t->lock);
    pthread_cond_destroy(&t->arrived);
    scratch_free(&t->ev.heap);
    buf_free(&t->ev.text);
    arena_free(&t->a);
    free(t);
}

/* --- what comes in --- */

/* The least of the watermarks of what is neither over nor idle; where all is idle, the highest that has come. */
static void gate_advance(struct gate *g)
{
    int64_t least = INT64_MAX, most = INT64_MIN;
    bool active = false;
    for (uint32_t i = 0; i < g->n; i++) {
        const struct channel *c = g->in[i];
        if (c->over)
            continue;
        most = c->wm > most ? c->wm : most;
        if (c->idle)
            continue;
        active = true;
        least = c->wm < least ? c->wm : least;
    }
    if (active && g->idle)
        op_take_idle(g->op, g->input, g->idle = false);
    least = active ? least : most;
    if (least > g->wm)
        op_take_watermark(g->op, g->input, g->wm = least);
    if (!active && !g->idle)
        op_take_idle(g->op, g->input, g->idle = true);
}

static void channel_over(struct task *t, struct channel *c)
{
    struct gate *g = c->gate;
    bool all = true;
    c->over = true;
    c->blocked = false;
    t->in_open--;
    for (uint32_t i = 0; i < g->n; i++)
        all = all && g->in[i]->over;
    if (!all) {
        gate_advance(g);
        return;
    }
    op_take_watermark(g->op, g->input, g->wm = INT64_MAX);
    op_take_end(g->op, g->input);
}

/* --- barriers --- */

static void unblock(struct task *t)
{
    for (uint32_t i = 0; i < t->n_in; i++)
        t->in[i]->blocked = false;
}

/* One that is older than what has begun already counts no more. */
static void barrier_came(struct task *t, struct channel *c, uint64_t id)
{
    if (id <= t->begun || id < t->aligning)
        return;
    if (id > t->aligning) {
        unblock(t);
        t->first_barrier = t->job->world->ticks(t->job->world->ctx);
    }
    t->aligning = id;
    c->blocked = true;
}

/* Does every input that is not over have it? Sources have it when the coordinator has asked for it; as does a task without inputs. */
static bool aligned(const struct task *t, uint64_t *id)
{
    uint64_t asked = atomic_load(&t->asked);
    *id = t->in_open ? t->aligning : asked;
    if (*id <= t->begun || (t->sources_open && asked < *id))
        return false;
    for (uint32_t i = 0; i < t->n_in; i++)
        if (!t->in[i]->over && !t->in[i]->blocked)
            return false;
    return true;
}

/* Nobody waits for it any more. */
static void abandon(struct task *t)
{
    for (uint32_t i = 0; t->ack && i < t->n_ops; i++)
        op_snapshot_abandon(t->ops[i]);
    if (t->ack)
        checkpoints_ack(t, t->ack_of, t->ack);
    t->ack = NULL;
}

/* Rows are not to wait for entries that are put: so long at most. Where rows have waited for room anyway, they may longer. */
enum { PUT_NS = 1000000, PUT_NS_PRESSED = 3000000, PUT_AT_ONCE = 8, PUT_ONE_THREAD = 3 };

/* More of the snapshot. One thread for all has a clock of its own: so many entries. */
static void go_on_with_snapshot(struct task *t)
{
    const struct world *w = t->job->world;
    bool one = t->job->one_thread;
    int64_t until = one ? 0 : w->ticks(w->ctx) + (t->was_pressed ? PUT_NS_PRESSED : PUT_NS);
    if (atomic_load(&t->job->checkpoints.pending) != t->ack_of) {
        abandon(t);
        return;
    }
    do {
        if (!op_snapshot_go_on(t->ops[t->ack_op], one ? PUT_ONE_THREAD : PUT_AT_ONCE))
            t->ack_op++;
    } while (t->ack_op < t->n_ops && !one && !t->ev.e.kind && w->ticks(w->ctx) < until);
    if (t->ack_op < t->n_ops || t->ev.e.kind)
        return;
    t->ack->async_ns = w->ticks(w->ctx) - t->ack_from;
    checkpoints_ack(t, t->ack_of, t->ack);
    t->ack = NULL;
}

/* First the barrier goes on, so that others may begin; then the state as it is now, of which that by key is put while rows go on. */
static void snapshot(struct task *t, uint64_t id)
{
    const struct world *w = t->job->world;
    struct ack *a = mem_zalloc(sizeof *a);
    int64_t from = w->ticks(w->ctx);
    abandon(t);
    if (t->aligning == id) { /* it came through channels */
        a->aligned_ns = from - t->first_barrier;
        a->began_ns = t->first_barrier;
    } else {
        a->began_ns = from;
    }
    t->begun = id;
    for (uint32_t i = 0; i < t->n_ops && !t->ev.e.kind; i++)
        if (t->ops[i]->class->prepare) {
            t->ops[i]->class->prepare(t->ops[i]);
            op_flush(t->ops[i]);
        }
    for (uint32_t i = 0; i < t->n_outs; i++)
        for (uint32_t k = 0; !t->outs[i].ended && k < t->outs[i].n; k++)
            channel_barrier(t->outs[i].to[k], id);
    a->ended = t->ended;
    a->ops = arena_array(&a->a, t->n_ops + 1, sizeof *a->ops);
    t->ack = a;
    t->ack_of = id;
    t->ack_op = 0;
    for (uint32_t i = 0; i < t->n_ops && !t->ev.e.kind; i++) {
        a->ops[i].a = &a->a;
        a->n = i + 1;
        if (t->ops[i]->keyed && t->ops[i]->keyed->cold)
            cold_snapshot(t->ops[i], id, &a->ops[i]);
        else
            op_snapshot(t->ops[i], id, &a->ops[i]);
    }
    t->ack_from = w->ticks(w->ctx);
    a->sync_ns = t->ack_from - from;
    unblock(t);
}

/* What the coordinator has told. */
static void look_at_checkpoints(struct task *t)
{
    uint64_t id, completed = atomic_load(&t->completed);
    if (completed > t->seen) {
        t->seen = completed;
        for (uint32_t i = 0; i < t->n_ops && !t->ev.e.kind; i++)
            if (t->ops[i]->class->completed)
                t->ops[i]->class->completed(t->ops[i], completed);
    }
    if (!t->ev.e.kind && aligned(t, &id))
        snapshot(t, id);
}

/* --- messages --- */

/* That its rows take in memory, about. */
static uint64_t message_bytes(const struct channel *c, const struct msg *m)
{
    return (uint64_t)m->n * c->n_cols * (sizeof(union cell) + 1);
}

static void take(struct task *t, struct channel *c, struct msg *m)
{
    struct gate *g = c->gate;
    if (m->n) {
        struct batch b = {.n = m->n, .n_cols = c->n_cols, .cols = m->cols, .kind = m->kinds_differ ? m->kinds : NULL};
        t->ev.watermark = g->op->wm;
        op_count(&t->rows_in, m->n);
        op_count(&t->bytes_in, message_bytes(c, m));
        op_take_batch(g->op, g->input, &b);
    }
    if (m->idle)
        c->idle = m->idle == IDLE_YES;
    if (m->wm > c->wm)
        c->wm = m->wm;
    if (!op_failed(g->op) && !m->end && (m->idle || m->wm != INT64_MIN))
        gate_advance(g);
    if (m->end && !op_failed(g->op))
        channel_over(t, c);
    if (m->barrier && !op_failed(g->op))
        barrier_came(t, c, m->barrier);
    channel_give_back(c, m);
}

/* Channels take turns. */
static bool next_message(struct task *t)
{
    for (uint32_t i = 0; i < t->n_in; i++) {
        struct channel *c = t->in[t->in_turn];
        struct msg *m = c->blocked ? NULL : channel_pop(c);
        t->in_turn = t->in_turn + 1 == t->n_in ? 0 : t->in_turn + 1;
        if (m) {
            take(t, c, m);
            return true;
        }
    }
    return false;
}

/* Its last snapshot has been taken: nothing may come behind it. */
static bool stopped(const struct task *t)
{
    uint64_t at = atomic_load_explicit(&t->stop_at, memory_order_relaxed);
    return at && t->begun >= at;
}

/* Sources take turns, so that none runs far ahead of the others. */
static bool next_source(struct task *t, int64_t *until)
{
    bool drain = atomic_load_explicit(&t->drain, memory_order_relaxed);
    if (stopped(t))
        return false;
    for (uint32_t i = 0; i < t->n_sources; i++) {
        struct op *o = t->sources[t->source_turn];
        t->source_turn = t->source_turn + 1 == t->n_sources ? 0 : t->source_turn + 1;
        if (o->over)
            continue;
        enum step s = drain ? STEP_OVER : o->class->step(o);
        op_flush(o);
        if (s == STEP_LATER) {
            *until = o->wake < *until ? o->wake : *until;
            continue;
        }
        if (s == STEP_OVER) {
            o->over = true;
            t->sources_open--;
            op_send_watermark(o, INT64_MAX);
            op_send_end(o);
        }
        return true;
    }
    return false;
}

/* --- time --- */

/* A millisecond is over when the next one has begun: a row that comes within it is before its timers (ProcessingTimeServiceUtil of flink-runtime 2.3). */
static bool timers(struct task *t, int64_t *until)
{
    int64_t now = INT64_MIN;
    for (uint32_t i = 0; i < t->n_ops && !t->ev.e.kind && !stopped(t); i++) {
        struct op *o = t->ops[i];
        if (o->wake == INT64_MAX || !o->class->timer)
            continue;
        if (now == INT64_MIN)
            now = t->job->world->now(t->job->world->ctx);
        if (o->wake < now) {
            o->wake = INT64_MAX;
            o->class->timer(o, now - 1);
            op_flush(o);
        }
        if (o->wake != INT64_MAX && o->wake + 1 < *until)
            *until = o->wake + 1;
    }
    return false;
}

void task_hand_on(struct task *t, bool all)
{
    const struct world *w = t->job->world;
    int64_t now = INT64_MIN;
    for (uint32_t i = 0; i < t->n_outs; i++)
        for (uint32_t k = 0; k < t->outs[i].n; k++) {
            struct channel *c = t->outs[i].to[k];
            if (!c->filling)
                continue;
            if (!all && now == INT64_MIN)
                now = w->ticks(w->ctx);
            if (all || atomic_load_explicit(&c->to->waiting, memory_order_relaxed) ||
                now - c->since >= t->job->buffer_timeout * 1000000)
                channel_push(c);
        }
}

/* Lets operators show what they have gathered for the outside. */
static void flush_outside(struct task *t)
{
    for (uint32_t i = 0; i < t->n_ops && !t->ev.e.kind; i++)
        if (t->ops[i]->class->flush)
            t->ops[i]->class->flush(t->ops[i]);
}

static bool room_behind(const struct task *t)
{
    for (uint32_t i = 0; i < t->n_outs; i++)
        for (uint32_t k = 0; k < t->outs[i].n; k++)
            if (atomic_load(&t->outs[i].to[k]->n) >= CHANNEL_MESSAGES)
                return false;
    return true;
}

/* The input is over. What it has made counts when that of all tasks is. */
static enum stepped at_end(struct task *t)
{
    struct job *j = t->job;
    if (!t->ended) {
        t->ended = true;
        flush_outside(t);
        task_hand_on(t, true);
        pthread_mutex_lock(&j->lock);
        atomic_fetch_add(&j->n_ended, 1);
        pthread_cond_signal(&j->changed);
        pthread_mutex_unlock(&j->lock);
        return STEPPED;
    }
    return STEPPED_OVER;
}

enum stepped task_step(struct task *t, int64_t *until)
{
    *until = INT64_MAX;
    if (t->job->one_thread && !room_behind(t))
        return STEPPED_FULL;
    scratch_reset(&t->ev.heap);
    look_at_checkpoints(t);
    if (t->ack && !t->ev.e.kind)
        go_on_with_snapshot(t);
    if (t->seen == CHECKPOINT_END && !t->ev.e.kind) {
        flush_outside(t);
        return STEPPED_DONE;
    }
    timers(t, until);
    bool some = !t->ev.e.kind && (next_message(t) || next_source(t, until));
    if (t->ev.e.kind) {
        job_fail(t->job, t, &t->ev.e);
        return STEPPED_DONE;
    }
    if (!some)
        flush_outside(t);
    task_hand_on(t, !some);
    enum stepped s = !t->sources_open && !t->in_open ? at_end(t) : some ? STEPPED : STEPPED_OVER;
    return t->ack ? STEPPED : s;
}

/* --- waiting --- */

static bool has_come(const struct task *t)
{
    for (uint32_t i = 0; i < t->n_in; i++)
        if (!t->in[i]->blocked && atomic_load(&t->in[i]->n))
            return true;
    const struct controls *c = &t->job->controls;
    return atomic_load(&t->job->cancelled) || atomic_load(&t->completed) > t->seen || (atomic_load(&t->drain) && t->sources_open) ||
        (t->job->alone && atomic_load(&c->fresh)) || (atomic_load(&t->asked) > t->begun && (!t->in_open || t->sources_open));
}

/* A source's file that may have more soon is looked at in short turns, since something else may come meanwhile. */
static bool wait_for_file(struct task *t, int64_t ms)
{
    const struct world *w = t->job->world;
    for (uint32_t i = 0; i < t->n_sources; i++)
        if (!t->sources[i]->over && t->sources[i]->wait_file >= 0) {
            w->ready(w->ctx, t->sources[i]->wait_file, ms < 5 ? (int)ms : 5);
            return true;
        }
    return false;
}

void task_wait(struct task *t, int64_t until)
{
    const struct world *w = t->job->world;
    int64_t ms = until == INT64_MAX ? 60000 : until - w->now(w->ctx);
    if (ms <= 0 || wait_for_file(t, ms))
        return;
    struct timespec at = soon(ms < 60000 ? ms : 60000);
    pthread_mutex_lock(&t->lock);
    if (!has_come(t)) {
        atomic_store(&t->waiting, true);
        while (atomic_load(&t->waiting) && !has_come(t))
            if (pthread_cond_timedwait(&t->arrived, &t->lock, &at))
                break;
        atomic_store(&t->waiting, false);
    }
    pthread_mutex_unlock(&t->lock);
}

void task_wake(struct task *t)
{
    pthread_mutex_lock(&t->lock);
    atomic_store(&t->waiting, false);
    pthread_cond_broadcast(&t->arrived);
    for (uint32_t i = 0; i < t->n_in; i++)
        pthread_cond_broadcast(&t->in[i]->space);
    pthread_mutex_unlock(&t->lock);
}
