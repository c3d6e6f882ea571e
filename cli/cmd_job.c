/* weir job: one job at a glance. */
#include <string.h>

#include "base/human.h"
#include "base/term.h"
#include "cli/cells.h"
#include "cli/cluster.h"
#include "cli/out.h"
#include "live/shape.h"

struct args {
    struct cluster_opts cluster;
    bool json;
};

struct facts {
    const struct live_job *job;
    const struct live_checkpoints *checkpoints; /* NULL: not told */
    const struct live_exceptions *exceptions;
};

static void line(struct buf *out, const char *label, const char *text)
{
    buf_printf(out, "%-14s", label);
    term_escape(out, text, strlen(text));
    buf_putc(out, '\n');
}

static void head(struct arena *a, const struct facts *f, struct buf *out)
{
    const struct live_job *j = f->job;
    line(out, "job", live_text_or(j->id, "?"));
    line(out, "name", live_text_or(j->name, "?"));
    enum live_job_state state = live_job_state(j->state);
    int64_t since = state < LIVE_JOB_STATES ? j->timestamps[state] : LIVE_ABSENT;
    line(out, "state",
         live_has(since) ? arena_printf(a, "%s since %s", j->state, human_time(since).s) : live_text_or(j->state, "?"));
    if (live_has(j->start_ms) && live_has(j->duration_ms))
        line(out, "started", arena_printf(a, "%s, %s ago", human_time(j->start_ms).s, duration_text(j->duration_ms).s));
    if (j->job_type || j->scheduler_type)
        line(out, "type",
             arena_printf(a, "%s%s%s", live_text_or(j->job_type, ""), j->scheduler_type ? ", scheduler " : "",
                          live_text_or(j->scheduler_type, "")));
    const struct live_checkpoints *c = f->checkpoints;
    const struct live_checkpoint *done = c ? c->latest.completed : NULL;
    if (done)
        line(out, "checkpoint",
             arena_printf(a, "%lld completed %s in %s, %s; %lld completed, %lld failed", (long long)done->id,
                          live_has(done->latest_ack_ms) ? human_time(done->latest_ack_ms).s : "",
                          duration_text(live_or(done->duration_ms, 0)).s, human_bytes((uint64_t)live_or(done->state_size, 0)).s,
                          (long long)live_or(c->counts.completed, 0), (long long)live_or(c->counts.failed, 0)));
    else if (c)
        line(out, "checkpoint", arena_printf(a, "none has completed; %lld failed", (long long)live_or(c->counts.failed, 0)));
    if (f->exceptions && f->exceptions->n_list) {
        const struct live_exception *x = &f->exceptions->list[0];
        const char *stack = live_text_or(x->stack, live_text_or(x->name, "?"));
        line(out, "last failure",
             arena_printf(a, "%s %.*s", live_has(x->at_ms) ? human_time(x->at_ms).s : "", (int)strcspn(stack, "\n"), stack));
    }
}

/* Of what the subtasks have lived through since their start. */
static double share(double ms, const struct live_vertex *v)
{
    double all = (double)live_or(v->duration_ms, 0) * (double)live_or(v->parallelism, 0);
    return all > 0 && live_has_real(ms) ? ms / all : NAN;
}
static double real(int64_t v) { return live_has(v) ? (double)v : NAN; }

static void vertices(const struct cli *cli, const struct live_job *j, struct buf *out)
{
    static const struct table_col cols[] = {{"VERTEX", false, true},   {"ID", false, false},       {"STATUS", false, false},
                                            {"PAR", true, false},      {"IN", true, false},        {"OUT", true, false},
                                            {"IN BYTES", true, false}, {"OUT BYTES", true, false}, {"BUSY", true, false},
                                            {"BACKPR.", true, false},  {"IDLE", true, false}};
    struct table t;
    table_start(&t, cols, sizeof cols / sizeof *cols);
    for (uint32_t i = 0; i < j->n_vertices; i++) {
        const struct live_vertex *v = &j->vertices[i];
        cell_vertex(&t, v->name);
        table_cellf(&t, "%.8s", live_text_or(v->id, "?"));
        table_cell(&t, v->status);
        cell_count(&t, v->parallelism);
        cell_count(&t, v->io.read_records);
        cell_count(&t, v->io.write_records);
        cell_bytes(&t, v->io.read_bytes);
        cell_bytes(&t, v->io.write_bytes);
        cell_ratio(&t, share(v->io.busy_ms, v));
        cell_ratio(&t, share(real(v->io.backpressured_ms), v));
        cell_ratio(&t, share(real(v->io.idle_ms), v));
        cell_rest(&t);
    }
    if (t.cells)
        buf_putc(out, '\n');
    table_print(&t, out, cli->width, cli->colour);
    table_free(&t);
}

static void print_json(const struct cluster *c, const struct facts *f, struct buf *out, struct err *e)
{
    struct jsonw w;
    cluster_json(&w, out, c);
    jsonw_key(&w, "job");
    shape_write(&shape_live_job, f->job, &w, false);
    if (f->checkpoints) {
        jsonw_key(&w, "checkpoints");
        shape_write(&shape_live_checkpoints, f->checkpoints, &w, false);
    }
    if (f->exceptions) {
        jsonw_key(&w, "exceptions");
        shape_write(&shape_live_exceptions, f->exceptions, &w, false);
    }
    cluster_json_end(&w, e);
}

static enum weir_exit report(const struct cli *cli, struct cluster *c, struct err *e)
{
    const struct args *a = cli->opts;
    const struct live_job_row *row = cluster_job(c, cli->args.v[0], e);
    const struct live_answer *answers[3];
    if (!row)
        return WEIR_OK;
    const struct live_ask asks[3] = {{.route = LIVE_JOB, .job = row->id},
                                     {.route = LIVE_CHECKPOINTS, .job = row->id},
                                     {.route = LIVE_JOB_EXCEPTIONS, .job = row->id, .query = "maxExceptions=10"}};
    if (!live_fetch(c->live, asks, 3, answers, e))
        return WEIR_OK;
    const struct facts f = {answers[0]->data, answers[1]->data, answers[2]->data};
    if (!f.job) {
        err_set(e, answers[0]->err.kind, "%s", answers[0]->err.text);
        return WEIR_OK;
    }
    struct buf out = {0};
    if (a->json) {
        print_json(c, &f, &out, e);
    } else {
        head(&c->arena, &f, &out);
        vertices(cli, f.job, &out);
        out_write(&out, e);
    }
    buf_free(&out);
    return complain_of_answers(answers, 3);
}

static enum weir_exit run(const struct cli *cli, struct err *e)
{
    const struct args *a = cli->opts;
    struct cluster c = {0};
    enum weir_exit status = cluster_open(&c, &a->cluster, e) ? report(cli, &c, e) : WEIR_OK;
    cluster_close(&c);
    return status;
}

static const struct opt opts[] = {
    {"json", 0, OPT_FLAG, offsetof(struct args, json), NULL, NULL, "as one JSON document"},
    CLUSTER_ROWS(struct args),
    {0},
};

const struct command cmd_job = {
    .operands = "JOB",
    .about = "Shows one job of a running cluster: its state, its last checkpoint and failure, its vertices.\n"
             "Busy, backpressured and idle are shares of the time since the vertex started (Flink 1.16 and later).\n",
    .opts = opts,
    .size = sizeof(struct args),
    .min = 1,
    .max = 1,
    .words = no_words,
    .run = run,
};
