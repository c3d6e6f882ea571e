#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/duration.h"
#include "runtime/cold.h"
#include "runtime/exec.h"
#include "runtime/keyed.h"

#define NODE(type, version, ident) extern const struct op_class op_##ident;
#include "runtime/nodes.def"
#undef NODE

static const struct node {
    const char *type;
    int version;
    const struct op_class *class;
} nodes[] = {
#define NODE(type, version, ident) {type, version, &op_##ident},
#include "runtime/nodes.def"
#undef NODE
};

const struct op_class *node_class(const struct cplan_node *node)
{
    for (size_t i = 0; i < sizeof nodes / sizeof *nodes; i++)
        if (nodes[i].version == node->version && !strcmp(nodes[i].type, node->type))
            return nodes[i].class;
    return NULL;
}

const char *node_transformation(const struct cplan_node *node)
{
    static const char prefix[] = "stream-exec-";
    const struct op_class *class = node_class(node);
    size_t skip = strncmp(node->type, prefix, sizeof prefix - 1) ? 0 : sizeof prefix - 1;
    return class && class->uid ? class->uid : node->type + skip;
}

const char *job_config(const struct job *j, const char *name, const char *otherwise)
{
    for (uint32_t i = 0; i < j->opts.n_config; i++)
        if (!strcmp(j->opts.config_names[i], name))
            return j->opts.config_values[i];
    return otherwise;
}

uint32_t job_batch_rows(const struct job *j) { return j->opts.batch_rows ? j->opts.batch_rows : BATCH_ROWS; }
const struct world *job_world(const struct job *j) { return j->world; }
enum job_output job_output(const struct job *j) { return j->opts.output; }

uint32_t job_sinks(const struct job *j)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < j->plan->n; i++)
        n += !j->plan->nodes[i].n_outputs;
    return n;
}

const struct ltype *job_row(const struct job *j, uint32_t node)
{
    const struct cplan_node *n = &j->plan->nodes[node];
    const struct op_class *class;
    while ((class = node_class(n)) && class->hands_on && n->n_inputs)
        n = n->inputs[0];
    const struct ltype *own = j->rows ? j->rows[n - j->plan->nodes] : NULL;
    return own ? own : n->output;
}

bool job_print(struct job *j, struct bytes lines, struct err *e)
{
    pthread_mutex_lock(&j->printing);
    bool ok = j->world->print(j->world->ctx, lines, e);
    pthread_mutex_unlock(&j->printing);
    return ok;
}

void job_change(struct job *j, const struct batch *b, uint32_t at, const struct ltype *const *types)
{
    pthread_mutex_lock(&j->printing);
    j->opts.row(j->opts.row_ctx, b, at, types);
    pthread_mutex_unlock(&j->printing);
}

static void *shared(struct shared **all, struct arena *a, const struct op *o, size_t size, void (*release)(void *p))
{
    struct shared *s = *all;
    while (s && s->node != o->node)
        s = s->next;
    if (s)
        return s->p;
    s = arena_alloc(a, sizeof *s);
    *s = (struct shared){*all, o->node, release, arena_alloc(a, size)};
    *all = s;
    return s->p;
}

static void release_all(struct shared **all)
{
    for (struct shared *s = *all; s; s = s->next)
        s->release(s->p);
    *all = NULL;
}

void *op_shared(struct op *o, size_t size, void (*release)(void *p))
{
    return shared(&o->job->shared, &o->job->run, o, size, release);
}

void *op_kept(struct op *o, size_t size, void (*release)(void *p)) { return shared(&o->job->kept, &o->job->a, o, size, release); }

struct job_figures job_figures(const struct job *j)
{
    struct job_figures f = {0};
    for (uint32_t i = 0; i < j->n_tasks; i++)
        for (uint32_t k = 0; k < j->tasks[i]->n_ops; k++) {
            const struct op *o = j->tasks[i]->ops[k];
            f.rows_in += op_counted(&o->rows_in);
            f.rows_out += op_counted(&o->rows_out);
            f.late += op_counted(&o->late);
            f.skipped += op_counted(&o->skipped);
        }
    return f;
}

bool op_refuse(const struct op *o, struct err *e, const char *what)
{
    (void)o;
    return err_set(e, ERR_UNSUPPORTED, "%s is not there yet", what);
}

void op_fail(struct op *o, enum err_kind kind, const char *fmt, ...)
{
    char text[512];
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    err_set(&o->ev->e, kind, "%s", text);
    err_in(&o->ev->e, "node %lld (%s)", (long long)o->node->id, o->node->type);
}

struct expr *op_expr(struct op *o, const struct rex *rex, const struct ltype *row, struct err *e)
{
    struct binding b = {o->a, o->ev, row->kids, row->n};
    return expr_make(&b, rex, e);
}

/* --- tasks and what connects them --- */

static bool open_tasks(struct job *j, struct err *e)
{
    struct graph *g = &j->graph;
    uint32_t n = 0;
    j->first_task = arena_array(&j->run, g->n_chains + 1, sizeof *j->first_task);
    for (uint32_t c = 0; c < g->n_chains; c++) {
        j->first_task[c] = n;
        n += g->subtasks[c];
    }
    if (n > JOB_MAX_TASKS)
        return err_set(e, ERR_LIMIT, "that would be %u subtasks; %d are the most", n, JOB_MAX_TASKS);
    j->tasks = arena_array(&j->run, n + 1, sizeof(struct task *));
    for (uint32_t c = 0; c < g->n_chains; c++)
        for (uint32_t i = 0; i < g->subtasks[c]; i++, j->n_tasks++)
            if (!(j->tasks[j->n_tasks] = task_open(j, c, i, e)))
                return false;
    return true;
}

static struct channel *connect(struct task *from, struct task *to, struct gate *gate, const struct op *o, uint32_t channels)
{
    struct channel *c = arena_alloc(&to->a, sizeof *c);
    c->from = from;
    c->to = to;
    c->gate = gate;
    c->rows = BATCH_ROWS / channels < 128 ? 128 : BATCH_ROWS / channels;
    c->n_cols = o->n_cols;
    c->types = o->types;
    c->wm = INT64_MIN;
    cond_open(&c->space);
    gate->in[gate->n++] = c;
    to->in[to->n_in++] = c;
    to->in_open++;
    return c;
}

/* Which subtasks of the consumer a subtask of the producer sends to. */
static void connect_subtask(struct job *j, const struct edge *d, struct task *from)
{
    uint32_t q = j->graph.parallelism[d->to], chain = j->graph.chain[d->to];
    bool all = d->kind == EDGE_HASH || d->kind == EDGE_REBALANCE;
    struct op *o = task_op(from, d->from);
    struct out *t = &from->outs[from->n_outs++];
    *t = (struct out){.task = from,
                      .kind = d->kind,
                      .n = all ? q : 1,
                      .n_keys = d->n_keys,
                      .keys = d->keys,
                      .types = o->types,
                      .max_parallelism = j->graph.max_parallelism};
    t->to = arena_array(&from->a, t->n, sizeof(struct channel *));
    t->sel = arena_array(&from->a, t->n, sizeof *t->sel);
    t->n_sel = arena_array(&from->a, t->n, sizeof *t->n_sel);
    for (uint32_t i = 0; i < t->n; i++) {
        struct task *to = j->tasks[j->first_task[chain] + (all ? i : d->kind == EDGE_FORWARD ? from->index : 0)];
        struct gate *gate = to->gates;
        while (gate->op != task_op(to, d->to) || gate->input != d->input)
            gate++;
        t->to[i] = connect(from, to, gate, o, t->n);
        t->sel[i] = arena_array(&from->a, BATCH_ROWS, sizeof **t->sel);
    }
    o->outs[o->n_outs++] = (struct arrow){.out = t};
}

static void open_gates(struct job *j, const struct edge *d)
{
    for (uint32_t i = 0; i < j->graph.parallelism[d->to]; i++) {
        struct task *to = j->tasks[j->first_task[j->graph.chain[d->to]] + i];
        struct gate *g = &to->gates[to->n_gates++];
        uint32_t p = j->graph.parallelism[d->from];
        *g = (struct gate){.op = task_op(to, d->to), .input = d->input, .wm = INT64_MIN};
        g->in = arena_array(&to->a, p, sizeof(struct channel *));
    }
}

static void connect_tasks(struct job *j)
{
    struct graph *g = &j->graph;
    for (uint32_t i = 0; i < j->n_tasks; i++) {
        struct task *t = j->tasks[i];
        uint32_t in = 0, out = 0, channels = 0;
        for (uint32_t k = 0; k < g->n_edges; k++) {
            const struct edge *d = &g->edges[k];
            if (d->kind == EDGE_DIRECT)
                continue;
            in += g->chain[d->to] == t->chain;
            channels += g->chain[d->to] == t->chain ? g->parallelism[d->from] : 0;
            out += g->chain[d->from] == t->chain;
        }
        t->gates = arena_array(&t->a, in + 1, sizeof *t->gates);
        t->outs = arena_array(&t->a, out + 1, sizeof *t->outs);
        t->in = arena_array(&t->a, channels + 1, sizeof(struct channel *));
    }
    for (uint32_t k = 0; k < g->n_edges; k++)
        if (g->edges[k].kind != EDGE_DIRECT)
            open_gates(j, &g->edges[k]);
    for (uint32_t k = 0; k < g->n_edges; k++) {
        const struct edge *d = &g->edges[k];
        for (uint32_t i = 0; i < g->parallelism[d->from]; i++) {
            struct task *from = j->tasks[j->first_task[g->chain[d->from]] + i];
            struct op *o = task_op(from, d->from);
            if (d->kind == EDGE_DIRECT)
                o->outs[o->n_outs++] = (struct arrow){.to = task_op(from, d->to), .input = d->input};
            else
                connect_subtask(j, d, from);
        }
    }
}

/* Where keyed state lies. */
static bool configure_state(struct job *j, struct err *e)
{
    const char *type = job_config(j, "state.backend.type", job_config(j, "state.backend", "hashmap"));
    const char *entries = job_config(j, "weir.state.entries", NULL);
    char *end = NULL;
    unsigned long n = entries ? strtoul(entries, &end, 10) : 0;
    j->rocks = !strcmp(type, "rocksdb");
    j->rocks_entries = (uint32_t)n;
    if (!j->rocks && strcmp(type, "hashmap") != 0 && strcmp(type, "filesystem") != 0 && strcmp(type, "jobmanager") != 0)
        return err_set(e, ERR_UNSUPPORTED, "state.backend.type: weir keeps state by hashmap or rocksdb, not by %s", type);
    return !entries || (*entries && !*end && n && n <= UINT32_MAX) ||
        err_set(e, ERR_USAGE, "weir.state.entries is no number above 0");
}

static bool configure(struct job *j, struct err *e)
{
    const char *timeout = job_config(j, "execution.buffer-timeout.interval", job_config(j, "execution.buffer-timeout", "100 ms"));
    if (!duration_option(timeout, &j->buffer_timeout))
        return err_set(e, ERR_USAGE, "execution.buffer-timeout.interval is no duration");
    if (j->opts.batch_rows > BATCH_ROWS)
        j->opts.batch_rows = BATCH_ROWS;
    j->one_thread = j->world->wait;
    return configure_state(j, e);
}

/* --- attempts: a job that has failed begins again, from its last checkpoint --- */

static void close_attempt(struct job *j)
{
    pthread_mutex_lock(&j->looked);
    for (uint32_t i = 0; i < j->n_tasks; i++)
        task_free(j->tasks[i]);
    release_all(&j->shared);
    j->n_tasks = j->n_done = 0;
    j->attempt++;
    j->restored = NULL;
    j->over = false;
    j->e = (struct err){0};
    j->failed = NULL;
    atomic_store(&j->n_ended, 0);
    atomic_store(&j->cancelled, false);
    arena_free(&j->run);
    pthread_mutex_unlock(&j->looked);
}

void job_notice(struct job *j, const char *text)
{
    if (j->opts.notice)
        j->opts.notice(j->opts.notice_ctx, text);
}

/* State of operators that is a connector's of Flink: a table has another connector here. */
static void leave_foreign(struct job *j, const struct op *o, const struct snap *of)
{
    char text[400];
    for (uint32_t i = 0; i < of->n && !o->subtask; i++) {
        const char *list = of->elements[i].list;
        bool known = i && !strcmp(of->elements[i - 1].list, list); /* said already */
        for (const char *const *l = o->class->lists; !known && l && *l; l++)
            known = !strcmp(*l, list);
        if (known)
            continue;
        snprintf(text, sizeof text, "node %lld (%s): state \"%.80s\" is another connector's and is left: this one begins anew",
                 (long long)o->node->id, o->node->type, list);
        job_notice(j, text);
    }
}

/* Databases of what is not in memory. */
static bool open_databases(struct job *j, struct err *e)
{
    for (uint32_t i = 0; i < j->n_tasks; i++)
        for (uint32_t k = 0; k < j->tasks[i]->n_ops; k++) {
            struct op *o = j->tasks[i]->ops[k];
            const struct meta_operator *from = j->from ? j->from_ops[o->node - j->plan->nodes] : NULL;
            if (o->keyed && o->keyed->cold && !cold_begin(o, j->from, from, e))
                return err_in(e, "node %lld (%s)", (long long)o->node->id, o->node->type);
        }
    return true;
}

static bool restore(struct job *j, const char *path, struct err *e)
{
    for (uint32_t i = 0; i < j->n_tasks; i++)
        for (uint32_t k = 0; k < j->tasks[i]->n_ops; k++) {
            struct op *o = j->tasks[i]->ops[k];
            const struct snap *of = &j->restored[o->node - j->plan->nodes];
            leave_foreign(j, o, of);
            if ((of->n || of->n_keyed) && !op_restore(o, of, e))
                return err_in(e, "%s: node %lld (%s)", path, (long long)o->node->id, o->node->type);
        }
    return true;
}

/* id 0: what it is to begin from, if anything. */
static bool restore_from(struct job *j, uint64_t id, struct err *e)
{
    struct arena a = {0};
    const char *path = id ? chk_path(j, id, &a) : j->opts.from;
    bool ok = (!path || chk_read(j, path, e)) && open_databases(j, e) && (!path || restore(j, path, e));
    snapshot_close(j->from);
    j->from = NULL;
    if (ok && path)
        life_restored(j, id, path);
    arena_free(&a);
    return ok;
}

static bool open_attempt(struct job *j, uint64_t checkpoint, struct err *e)
{
    pthread_mutex_lock(&j->looked);
    bool ok = open_tasks(j, e) && restore_from(j, checkpoint, e);
    if (ok)
        connect_tasks(j);
    pthread_mutex_unlock(&j->looked);
    if (ok)
        checkpoints_begin(j);
    return ok;
}

/* What a checkpoint directory holds is gone on from. */
static bool go_on(struct job *j, struct err *e)
{
    struct checkpoints *c = &j->checkpoints;
    char text[64];
    if (c->on && !(c->completed = chk_latest(j, e)) && e->kind != ERR_NONE)
        return false;
    chk_sweep(j);
    snprintf(text, sizeof text, "going on from checkpoint %llu", (unsigned long long)c->completed);
    if (c->completed)
        job_notice(j, text);
    return restore_from(j, c->completed, e);
}

static bool read_rows(struct job *j, struct err *e)
{
    j->rows = arena_array(&j->a, j->plan->n + 1u, sizeof *j->rows);
    for (uint32_t i = 0; i < j->plan->n; i++) {
        const struct cplan_node *node = &j->plan->nodes[i];
        const struct op_class *class = node_class(node);
        if (class && class->sends && !(j->rows[i] = class->sends(&j->a, node, e)))
            return err_in(e, "node %lld", (long long)node->id);
    }
    return true;
}

struct job *job_open(const struct cplan *plan, const struct world *world, const struct job_opts *opts, struct err *e)
{
    struct job *j = mem_zalloc(sizeof *j);
    j->plan = plan;
    j->world = world;
    j->opts = *opts;
    j->chance = world->seed ? world->seed : 1;
    pthread_mutex_init(&j->lock, NULL);
    pthread_mutex_init(&j->printing, NULL);
    pthread_mutex_init(&j->looked, NULL);
    cond_open(&j->changed);
    if (configure(j, e) && read_rows(j, e) && graph_of(&j->graph, &j->a, j, plan, e) && life_open(j, e) && open_tasks(j, e) &&
        checkpoints_open(j, e) && chk_prepare(j, e) && restarts_open(&j->restarts, j, j->checkpoints.on, e) && go_on(j, e)) {
        connect_tasks(j);
        checkpoints_begin(j);
        return j;
    }
    job_free(j);
    return NULL;
}

/* Until it is cancelled, at most. */
static void pause_for(struct job *j, int64_t ms)
{
    const struct world *w = j->world;
    struct timespec at = soon(ms);
    if (w->wait) {
        w->wait(w->ctx, w->now(w->ctx) + ms);
        return;
    }
    pthread_mutex_lock(&j->lock);
    while (!atomic_load(&j->controls.cancel) && pthread_cond_timedwait(&j->changed, &j->lock, &at) != ETIMEDOUT)
        ;
    pthread_mutex_unlock(&j->lock);
}

static bool cancelled(struct job *j, struct err *e)
{
    if (!atomic_load(&j->controls.cancel))
        return false;
    *e = (struct err){0};
    return !err_set(e, ERR_INTERRUPTED, "cancelled");
}

static bool end(struct job *j, enum job_phase phase)
{
    life_phase(j, phase);
    control_over(j, phase == PHASE_FINISHED);
    return phase == PHASE_FINISHED;
}

bool job_run(struct job *j, struct err *e)
{
    char text[sizeof e->text + 64];
    life_phase(j, PHASE_RUNNING);
    while (!run_tasks(j, e)) {
        int64_t delay;
        if (cancelled(j, e))
            return end(j, PHASE_CANCELED);
        life_failure(j, e, j->failed);
        double chance = (double)(j->chance >> 11) / 9007199254740992.0;
        if (!restarts_again(&j->restarts, j->world->now(j->world->ctx), chance, &delay)) {
            return end(j, PHASE_FAILED);
        }
        life_phase(j, PHASE_RESTARTING);
        snprintf(text, sizeof text, "%s; beginning again in %lld ms", e->text, (long long)delay);
        job_notice(j, text);
        *e = (struct err){0};
        close_attempt(j);
        pause_for(j, delay);
        if (!open_attempt(j, j->checkpoints.completed, e)) {
            life_failure(j, e, NULL);
            return end(j, PHASE_FAILED);
        }
        if (cancelled(j, e))
            return end(j, PHASE_CANCELED);
        life_phase(j, PHASE_RUNNING);
    }
    return end(j, PHASE_FINISHED);
}

void job_free(struct job *j)
{
    if (!j)
        return;
    checkpoints_close(j);
    close_attempt(j);
    release_all(&j->kept);
    life_close(j);
    control_close(j);
    pthread_mutex_destroy(&j->looked);
    pthread_mutex_destroy(&j->lock);
    pthread_mutex_destroy(&j->printing);
    pthread_cond_destroy(&j->changed);
    arena_free(&j->a);
    free(j);
}
