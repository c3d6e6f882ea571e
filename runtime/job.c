#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/op.h"

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

struct job {
    struct arena a;
    const struct cplan *plan;
    const struct world *world;
    struct job_opts opts;
    struct eval ev;
    uint32_t n;
    struct op *ops; /* one a node, in the plan's order */
};

static const struct node *find(const char *type, int version)
{
    for (size_t i = 0; i < sizeof nodes / sizeof *nodes; i++)
        if (nodes[i].version == version && !strcmp(nodes[i].type, type))
            return &nodes[i];
    return NULL;
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
static bool job_failed(const struct job *j) { return j->ev.e.kind != ERR_NONE; }
uint32_t job_sinks(const struct job *j)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < j->plan->n; i++)
        n += !j->plan->nodes[i].n_outputs;
    return n;
}

struct job_figures job_figures(const struct job *j)
{
    struct job_figures f = {0};
    for (uint32_t i = 0; i < j->n; i++) {
        f.rows_in += j->ops[i].rows_in;
        f.rows_out += j->ops[i].rows_out;
        f.late += j->ops[i].late;
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

static bool connect(struct job *j, struct op *o, struct err *e)
{
    const struct cplan_node *node = o->node;
    o->n_in = node->n_inputs;
    o->in = arena_array(&j->a, o->n_in + 1, sizeof *o->in);
    o->in_wm = arena_array(&j->a, o->n_in + 1, sizeof *o->in_wm);
    o->in_over = arena_alloc(&j->a, o->n_in + 1);
    o->wm = INT64_MIN;
    if (o->n_in < o->class->min_inputs || o->n_in > o->class->max_inputs)
        return err_set(e, ERR_CORRUPT, "it has %u inputs", o->n_in);
    for (uint32_t i = 0; i < o->n_in; i++) {
        struct op *from = &j->ops[node->inputs[i] - j->plan->nodes];
        o->in[i] = from->out;
        o->in_wm[i] = INT64_MIN;
        from->outs[from->n_outs++] = (struct arrow){o, i};
    }
    return true;
}

static bool make_op(struct job *j, uint32_t at, struct err *e)
{
    const struct cplan_node *node = &j->plan->nodes[at];
    const struct node *row = find(node->type, node->version);
    struct op *o = &j->ops[at];
    if (!row)
        return err_set(e, ERR_UNSUPPORTED, "this kind of node is not there yet");
    if (!node->output)
        return err_set(e, ERR_CORRUPT, "it has no outputType");
    o->class = row->class;
    o->node = node;
    o->job = j;
    o->ev = &j->ev;
    o->a = &j->a;
    o->outs = arena_array(&j->a, node->n_outputs + 1, sizeof *o->outs);
    if (!connect(j, o, e))
        return false;
    o->out = o->class->hands_on && o->n_in ? o->in[0] : node->output;
    o->types = o->out->kids;
    o->n_cols = o->out->n;
    o->cols = arena_array(&j->a, o->n_cols + 1, sizeof *o->cols);
    for (uint32_t c = 0; c < o->n_cols; c++)
        o->cols[c] = vec_new(&j->a, BATCH_ROWS);
    o->kinds = arena_alloc(&j->a, BATCH_ROWS);
    return !o->class->open || o->class->open(o, e);
}

static bool configure(struct job *j, struct err *e)
{
    const char *zone = job_config(j, "table.local-time-zone", "UTC");
    const char *legacy = job_config(j, "table.exec.legacy-cast-behaviour", "DISABLED");
    j->ev.now = j->world->now;
    j->ev.clock = j->world->ctx;
    j->ev.random = j->world->seed ? j->world->seed : 1;
    j->ev.watermark = INT64_MIN;
    j->ev.legacy_cast = !strcmp(legacy, "ENABLED");
    if (strcmp(zone, "default") && !(j->ev.zone = zone_load(&j->a, zone, strlen(zone), e)))
        return false;
    return true;
}

struct job *job_open(const struct cplan *plan, const struct world *world, const struct job_opts *opts, struct err *e)
{
    struct job *j = mem_zalloc(sizeof *j);
    j->plan = plan;
    j->world = world;
    j->opts = *opts;
    if (j->opts.batch_rows > BATCH_ROWS)
        j->opts.batch_rows = BATCH_ROWS;
    j->ops = arena_array(&j->a, plan->n + 1, sizeof *j->ops);
    j->n = plan->n;
    bool ok = configure(j, e);
    for (uint32_t i = 0; ok && i < plan->n; i++) {
        ok = make_op(j, i, e);
        if (!ok)
            err_in(e, "node %lld (%s_%d)", (long long)plan->nodes[i].id, plan->nodes[i].type, plan->nodes[i].version);
    }
    if (ok && e->kind == ERR_NONE)
        return j;
    job_free(j);
    return NULL;
}

/* Sources take turns, so that none runs far ahead of the others. */
bool job_run(struct job *j, struct err *e)
{
    bool *over = arena_alloc(&j->a, j->n + 1);
    for (uint32_t open = 1; open && !job_failed(j);) {
        open = 0;
        for (uint32_t i = 0; i < j->n && !job_failed(j); i++) {
            struct op *o = &j->ops[i];
            if (!o->class->step || over[i])
                continue;
            scratch_reset(&j->ev.heap);
            if (o->class->step(o)) {
                op_flush(o);
                open++;
                continue;
            }
            over[i] = true;
            op_flush(o);
            op_send_watermark(o, INT64_MAX);
            op_send_end(o);
        }
    }
    if (job_failed(j))
        *e = j->ev.e;
    return !job_failed(j);
}

void job_free(struct job *j)
{
    if (!j)
        return;
    for (uint32_t i = 0; i < j->n; i++)
        if (j->ops[i].class && j->ops[i].class->close)
            j->ops[i].class->close(&j->ops[i]);
    scratch_free(&j->ev.heap);
    buf_free(&j->ev.text);
    arena_free(&j->a);
    free(j);
}
