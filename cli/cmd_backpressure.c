/* weir backpressure: which vertices are held up, and by which one. */
#include <string.h>

#include "cli/cluster.h"
#include "cli/out.h"
#include "live/pressure.h"
#include "live/shape.h"

struct args {
    struct cluster_opts cluster;
    bool subtasks, json;
};

struct facts {
    const struct live_job *job;
    const struct live_answer **answers; /* a vertex each */
    double *pressured, *busy;
    bool *root;
};

static const struct live_backpressure *of(const struct facts *f, uint32_t i)
{
    const struct live_backpressure *b = f->answers[i]->data;
    return b && !f->answers[i]->unsettled ? b : NULL;
}

static double least_idle(const struct live_backpressure *b)
{
    double least = NAN;
    for (uint32_t i = 0; b && i < b->n_subtasks; i++)
        least = fmin(least, b->subtasks[i].idle);
    return least;
}

static void assess(struct facts *f, struct arena *a)
{
    uint32_t n = f->job->n_vertices;
    f->pressured = arena_array(a, n + 1, sizeof *f->pressured);
    f->busy = arena_array(a, n + 1, sizeof *f->busy);
    f->root = arena_array(a, n + 1, sizeof *f->root);
    for (uint32_t i = 0; i < n; i++) {
        f->pressured[i] = live_pressure_worst(of(f, i));
        f->busy[i] = live_busy_worst(of(f, i));
    }
    live_pressure_roots(f->job, f->pressured, f->busy, f->root);
}

static void print_table(const struct cli *cli, const struct facts *f, bool subtasks, struct buf *out)
{
    static const struct table_col cols[] = {
        {"VERTEX", false, true}, {"SUBTASK", true, false}, {"LEVEL", false, false}, {"BACKPRESSURED", true, false},
        {"BUSY", true, false},   {"IDLE", true, false},    {"", false, false}};
    struct table t;
    table_start(&t, cols, sizeof cols / sizeof *cols);
    for (uint32_t i = 0; i < f->job->n_vertices; i++) {
        const struct live_backpressure *b = of(f, i);
        cell_vertex(&t, f->job->vertices[i].name);
        table_cell(&t, b && b->n_subtasks > 1 ? "worst" : NULL);
        table_cell(&t, b ? b->level : "not known");
        cell_ratio(&t, f->pressured[i]);
        cell_ratio(&t, f->busy[i]);
        cell_ratio(&t, least_idle(b));
        table_cell(&t, f->root[i] ? "<- holds up those before it" : NULL);
        cell_rest(&t);
        for (uint32_t k = 0; b && subtasks && k < b->n_subtasks; k++) {
            const struct live_pressure *p = &b->subtasks[k];
            table_cell(&t, NULL);
            cell_count(&t, p->index);
            table_cell(&t, p->level);
            cell_ratio(&t, p->ratio);
            cell_ratio(&t, p->busy);
            cell_ratio(&t, p->idle);
            cell_rest(&t);
        }
    }
    table_print(&t, out, cli->width, cli->colour);
    table_free(&t);
}

static void print_json(const struct cluster *c, const struct facts *f, struct buf *out, struct err *e)
{
    struct jsonw w;
    cluster_json(&w, out, c);
    jsonw_member_str(&w, "job", f->job->id);
    jsonw_key(&w, "vertices");
    jsonw_array(&w);
    for (uint32_t i = 0; i < f->job->n_vertices; i++) {
        jsonw_object(&w);
        jsonw_member_str(&w, "id", f->job->vertices[i].id);
        jsonw_member_str(&w, "name", f->job->vertices[i].name);
        jsonw_member_bool(&w, "root", f->root[i]);
        if (of(f, i))
            shape_write_members(&shape_live_backpressure, of(f, i), &w, false);
        jsonw_end_object(&w);
    }
    jsonw_end_array(&w);
    cluster_json_end(&w, e);
}

static enum weir_exit run(const struct cli *cli, struct err *e)
{
    const struct args *a = cli->opts;
    struct cluster c = {0};
    struct facts f = {0};
    struct buf out = {0};
    enum weir_exit status = WEIR_OK;
    if (cluster_open(&c, &a->cluster, e) && (f.job = cluster_job_detail(&c, cli->args.v[0], e)) &&
        (f.answers = cluster_vertices(&c, f.job, LIVE_BACKPRESSURE, e))) {
        assess(&f, &c.arena);
        if (a->json) {
            print_json(&c, &f, &out, e);
        } else {
            print_table(cli, &f, a->subtasks, &out);
            out_write(&out, e);
        }
        status = complain_of_answers(f.answers, f.job->n_vertices);
    }
    buf_free(&out);
    cluster_close(&c);
    return status;
}

static const struct opt opts[] = {
    {"subtasks", 's', OPT_FLAG, offsetof(struct args, subtasks), NULL, NULL, "also a line for each subtask"},
    {"json", 0, OPT_FLAG, offsetof(struct args, json), NULL, NULL, "as one JSON document, with the subtasks"},
    CLUSTER_ROWS(struct args),
    {0},
};

const struct command cmd_backpressure = {
    .operands = "JOB",
    .about = "Says which vertices of a running job are held up by those after them, and which vertex is the cause.\n"
             "Figures are of the worst subtask of each vertex, over Flink's last sampling.\n",
    .opts = opts,
    .size = sizeof(struct args),
    .min = 1,
    .max = 1,
    .words = no_words,
    .run = run,
};
