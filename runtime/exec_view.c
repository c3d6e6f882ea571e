/* Looking at a running job: names and ids once, figures whenever somebody asks. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/digest.h"
#include "runtime/exec.h"
#include "savepoint/savepoint.h"

/* --- names, as Flink makes them --- */

static const char *table_of(const struct cplan_node *n, struct arena *a, bool whole)
{
    struct err e = {0};
    struct cplan_table t;
    const struct value *table = cplan_member(cplan_member(n->json, "scanTableSource"), "table");
    table = table ? table : cplan_member(cplan_member(n->json, "dynamicTableSink"), "table");
    if (!table || !cplan_table_read(&t, a, table, &e))
        return NULL;
    if (!whole)
        return t.name;
    char *plain = arena_str(a, t.identifier), *to = plain; /* without its quotes */
    for (const char *c = t.identifier; *c; c++)
        if (*c != '`')
            *to++ = *c;
    *to = 0;
    return plain;
}

/* "stream-exec-group-aggregate" of node 4: "GroupAggregate[4]" (ExecNodeBase#createTransformationName). */
static const char *op_name(const struct cplan_node *n, struct arena *a)
{
    const char *table = table_of(n, a, false), *type = strstr(n->type, "-exec-");
    struct buf b = {0};
    type = type ? type + strlen("-exec-") : n->type;
    if (table) {
        buf_printf(&b, "%s%s", strcmp(type, "sink") ? "Source: " : "", table);
    } else {
        bool up = true;
        for (const char *c = type; *c; up = *c++ == '-')
            if (*c != '-')
                buf_putc(&b, (uint8_t)(up && *c >= 'a' && *c <= 'z' ? *c - 'a' + 'A' : *c));
    }
    buf_printf(&b, "[%lld]", (long long)n->id);
    if (table && !strcmp(type, "sink"))
        buf_puts(&b, ": Writer");
    const char *name = arena_strn(a, (const char *)b.p, b.n);
    buf_free(&b);
    return name;
}

static void op_id(const struct job *j, const struct cplan_node *n, struct arena *a, char to[ID_DIGITS + 1])
{
    uint8_t id[16];
    operator_id_of_uid(node_uid(j, n, node_transformation(n), a), id);
    digest_hex(id, sizeof id, to);
}

/* pipeline.name, or what Flink calls the statements of a SQL script (PlannerBase#translate). */
static const char *job_name(const struct job *j, struct arena *a)
{
    struct buf b = {0};
    for (uint32_t i = 0; i < j->plan->n; i++) {
        const char *table = j->plan->nodes[i].n_outputs ? NULL : table_of(&j->plan->nodes[i], a, true);
        if (table)
            buf_printf(&b, "%s%s", b.n ? "," : "insert-into_", table);
    }
    const char *name = job_config(j, "pipeline.name", b.n ? arena_strn(a, (const char *)b.p, b.n) : "collect");
    buf_free(&b);
    return name;
}

static bool job_id(const struct job *j, char to[ID_DIGITS + 1], struct err *e)
{
    const char *fixed = job_config(j, "$internal.pipeline.job-id", NULL);
    if (fixed) {
        if (strlen(fixed) != ID_DIGITS || strspn(fixed, "0123456789abcdef") != ID_DIGITS)
            return err_set(e, ERR_USAGE, "$internal.pipeline.job-id is '%s', not 32 hexadecimal digits", fixed);
        memcpy(to, fixed, ID_DIGITS + 1);
        return true;
    }
    uint64_t chance[2] = {j->world->seed, j->world->wait ? 0 : (uint64_t)getpid()};
    uint8_t digest[DIGEST_MAX];
    digest_bytes(DIGEST_MD5, chance, sizeof chance, digest);
    digest_hex(digest, 16, to);
    return true;
}

/* --- the graph --- */

static const char *ship(enum edge_kind kind)
{
    static const char *const words[] = {"FORWARD", "FORWARD", "HASH", "GLOBAL", "REBALANCE"};
    return words[kind];
}

/* As a tree is drawn: each operator below the one that feeds it. */
static void describe(struct buf *b, const struct view_op *op, const char *about)
{
    for (int32_t i = 1; i < op->depth; i++)
        buf_puts(b, "   ");
    if (op->depth)
        buf_puts(b, "+- ");
    buf_printf(b, "%s<br/>", about);
}

static void name_vertex(const struct job *j, struct view_vertex *v, uint32_t chain, struct arena *a)
{
    struct buf name = {0}, about = {0};
    struct view_op *ops = arena_array(a, j->plan->n + 1, sizeof *ops);
    for (uint32_t i = 0; i < j->plan->n; i++) {
        const struct cplan_node *n = &j->plan->nodes[i];
        if (j->graph.chain[i] != chain)
            continue;
        struct view_op *op = &ops[v->n_ops++];
        op_id(j, n, a, op->id);
        op->name = op_name(n, a);
        op->depth = (int32_t)(v->n_ops - 1);
        buf_printf(&name, "%s%s", name.n ? " -> " : "", op->name);
        describe(&about, op,
                 table_of(n, a, false) && !n->n_outputs ? op->name : arena_printf(a, "[%lld]:%s", (long long)n->id, n->about));
    }
    memcpy(v->id, ops[0].id, sizeof v->id);
    v->ops = ops;
    v->name = arena_strn(a, (const char *)name.p, name.n);
    v->about = arena_strn(a, (const char *)about.p, about.n);
    buf_free(&name);
    buf_free(&about);
}

bool life_open(struct job *j, struct err *e)
{
    struct life *l = &j->life;
    const struct graph *g = &j->graph;
    l->name = job_name(j, &j->a);
    l->vertices = arena_array(&j->a, g->n_chains + 1, sizeof *l->vertices);
    for (uint32_t c = 0, first = 0; c < g->n_chains; first += g->subtasks[c++]) {
        struct view_vertex *v = &l->vertices[c];
        struct view_input *inputs = arena_array(&j->a, g->n_edges + 1, sizeof *inputs);
        *v = (struct view_vertex){.n_subtasks = g->subtasks[c], .first = first, .inputs = inputs};
        name_vertex(j, v, c, &j->a);
        for (uint32_t i = 0; i < g->n_edges; i++) {
            const struct edge *d = &g->edges[i];
            if (d->kind != EDGE_DIRECT && g->chain[d->to] == c)
                inputs[v->n_inputs++] = (struct view_input){g->chain[d->from], ship(d->kind)};
        }
        v->source = !v->n_inputs;
    }
    life_phase(j, PHASE_CREATED);
    return job_id(j, l->id, e);
}

/* --- figures --- */

static int64_t ms_of(_Atomic int64_t *ns) { return atomic_load_explicit(ns, memory_order_relaxed) / 1000000; }

static void look_at_op(const struct op *o, struct view_op_figures *f)
{
    f->rows_in = op_counted(&o->received) + op_counted(&o->rows_in);
    f->rows_out = op_counted(&o->emitted) + op_counted(&o->rows_out);
    f->late = op_counted(&o->late);
    f->skipped = op_counted(&o->skipped);
    f->wm_out = atomic_load_explicit(&o->shown_wm, memory_order_relaxed);
    f->wm_in = atomic_load_explicit(&o->came_wm, memory_order_relaxed);
}

static int64_t idle_ms(struct task *t, int64_t ticks)
{
    int64_t first = atomic_load(&t->first), last = atomic_load(&t->last),
            all = first ? ((last ? last : ticks) - first) / 1000000 : 0, idle = all - ms_of(&t->busy) - ms_of(&t->back_pressured);
    if (idle > t->shown_idle)
        t->shown_idle = idle;
    return t->shown_idle;
}

static void look_at_task(struct task *t, struct view_subtask *s, int64_t ticks)
{
    bool done = atomic_load(&t->done);
    s->status = done ? (atomic_load(&t->job->cancelled) ? "CANCELED" : "FINISHED") : "RUNNING";
    s->busy_ms = ms_of(&t->busy);
    s->idle_ms = idle_ms(t, ticks);
    s->pressed_ms = ms_of(&t->back_pressured);
    s->rows_in = op_counted(&t->rows_in);
    s->rows_out = op_counted(&t->rows_out);
    s->bytes_in = op_counted(&t->bytes_in);
    s->bytes_out = op_counted(&t->bytes_out);
    for (uint32_t i = 0; i < t->n_in; i++)
        s->queued += atomic_load_explicit(&t->in[i]->n, memory_order_relaxed);
    for (uint32_t i = 0; i < t->n_ops; i++) {
        look_at_op(t->ops[i], &s->ops[i]);
        s->rows_in += op_counted(&t->ops[i]->rows_in);
        s->rows_out += op_counted(&t->ops[i]->rows_out);
    }
}

static void look_at_vertices(struct job *j, struct job_view *v, struct arena *a)
{
    v->n_vertices = j->graph.n_chains;
    v->vertices = arena_array(a, v->n_vertices + 1, sizeof *v->vertices);
    for (uint32_t c = 0; c < v->n_vertices; c++) {
        struct view_vertex *x = &v->vertices[c];
        *x = j->life.vertices[c];
        x->subtasks = arena_array(a, x->n_subtasks + 1, sizeof *x->subtasks);
        v->n_subtasks += x->n_subtasks;
        for (uint32_t i = 0; i < x->n_subtasks; i++) {
            struct view_subtask *s = &x->subtasks[i];
            s->ops = arena_array(a, x->n_ops + 1, sizeof *s->ops);
            s->status = "CREATED";
            for (uint32_t k = 0; k < x->n_ops; k++)
                s->ops[k].wm_in = s->ops[k].wm_out = INT64_MIN;
            if (x->first + i < j->n_tasks)
                look_at_task(j->tasks[x->first + i], s, v->ticks);
        }
    }
}

static char *kept(struct arena *a, const char *s) { return s ? arena_str(a, s) : NULL; }

static void copy_checkpoint(struct view_checkpoint *to, const struct view_checkpoint *from, struct arena *a)
{
    *to = *from;
    to->path = kept(a, from->path);
    to->why = kept(a, from->why);
    to->parts = arena_array(a, from->n_parts + 1, sizeof *to->parts);
    memcpy(to->parts, from->parts, from->n_parts * sizeof *to->parts);
}

static struct view_checkpoint *copy_of(const struct view_checkpoint *from, struct arena *a)
{
    if (!from->id)
        return NULL;
    struct view_checkpoint *to = arena_alloc(a, sizeof *to);
    copy_checkpoint(to, from, a);
    return to;
}

static void look_at_checkpoints(const struct job *j, struct view_checkpoints *v, struct arena *a)
{
    const struct life *l = &j->life;
    const struct checkpoints *c = &j->checkpoints;
    *v = (struct view_checkpoints){.on = c->on,
                                   .interval_ms = c->interval,
                                   .timeout_ms = c->timeout,
                                   .min_pause_ms = c->min_pause,
                                   .tolerable = c->tolerable,
                                   .retained = c->retained,
                                   .dir = c->dir,
                                   .completed = l->completed,
                                   .failed = l->failed,
                                   .restored = l->restored,
                                   .n = l->n_checkpoints,
                                   .restored_id = l->restored_id,
                                   .restored_ms = l->restored_ms,
                                   .restored_path = kept(a, l->restored_path),
                                   .n_samples = l->n_samples};
    v->list = arena_array(a, v->n + 1, sizeof *v->list);
    for (uint32_t i = 0; i < v->n; i++) {
        copy_checkpoint(&v->list[i], &l->checkpoints[i], a);
        v->running += v->list[i].status == CHECKPOINT_RUNS;
    }
    v->last_completed = copy_of(&l->last_completed, a);
    v->last_savepoint = copy_of(&l->last_savepoint, a);
    v->last_failed = copy_of(&l->last_failed, a);
    struct view_sample *samples = arena_array(a, v->n_samples + 1, sizeof *samples);
    memcpy(samples, l->samples, v->n_samples * sizeof *samples);
    v->samples = samples;
}

static void look_at_life(struct job *j, struct job_view *v, struct arena *a)
{
    const struct life *l = &j->life;
    v->phase = l->phase;
    memcpy(v->at_ms, l->at_ms, sizeof v->at_ms);
    v->start_ms = l->start_ms;
    v->end_ms = l->end_ms;
    v->restarts = l->restarts;
    v->n_failures = l->n_failures;
    v->failures_truncated = l->failures_truncated;
    v->failures = arena_array(a, l->n_failures + 1, sizeof *v->failures);
    for (uint32_t i = 0; i < l->n_failures; i++)
        v->failures[i] =
            (struct view_failure){l->failures[i].at_ms, arena_str(a, l->failures[i].text), kept(a, l->failures[i].task)};
    look_at_checkpoints(j, &v->checkpoints, a);
}

void job_look(struct job *j, struct job_view *v, struct arena *a)
{
    const struct world *w = j->world;
    *v = (struct job_view){.name = j->life.name,
                           .max_parallelism = j->graph.max_parallelism,
                           .restart_strategy = restarts_about(&j->restarts, a),
                           .n_config = j->opts.n_config,
                           .config_names = j->opts.config_names,
                           .config_values = j->opts.config_values};
    memcpy(v->id, j->life.id, sizeof v->id);
    for (uint32_t c = 0; c < j->graph.n_chains; c++)
        v->parallelism = j->graph.subtasks[c] > v->parallelism ? j->graph.subtasks[c] : v->parallelism;
    pthread_mutex_lock(&j->looked);
    v->now_ms = w->now(w->ctx);
    v->ticks = w->ticks(w->ctx);
    look_at_vertices(j, v, a);
    pthread_mutex_unlock(&j->looked);
    pthread_mutex_lock(&j->lock);
    look_at_life(j, v, a);
    pthread_mutex_unlock(&j->lock);
}
