/* weir watermarks: how far event time has come, vertex by vertex. */
#include <string.h>

#include "base/human.h"
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
};

static void mark_cell(struct table *t, int64_t ms)
{
    if (!live_has(ms))
        table_cell(t, NULL);
    else if (ms == LIVE_WATERMARK_NONE)
        table_cell(t, "none yet");
    else if (ms == LIVE_WATERMARK_END)
        table_cell(t, "end of input");
    else
        table_cell(t, human_time(ms).s);
}

static bool a_time(int64_t ms) { return live_has(ms) && ms != LIVE_WATERMARK_NONE && ms != LIVE_WATERMARK_END; }

/* By the cluster's own clock; absent when it makes no sense. */
static int64_t lag(const struct live_job *job, int64_t ms)
{
    int64_t d;
    return a_time(ms) && live_has(job->now_ms) && !__builtin_sub_overflow(job->now_ms, ms, &d) ? d : LIVE_ABSENT;
}

static void lag_cell(struct table *t, int64_t ms)
{
    if (live_has(ms) && ms < 0)
        table_cellf(t, "-%s", duration_text(-ms).s);
    else
        cell_ms(t, ms);
}

static void print_table(const struct cli *cli, const struct facts *f, bool subtasks, struct buf *out)
{
    static const struct table_col cols[] = {{"VERTEX", false, true},   {"SUBTASK", true, false}, {"LOWEST", false, false},
                                            {"HIGHEST", false, false}, {"LAG", true, false},     {"STUCK", false, true}};
    struct table t;
    table_start(&t, cols, sizeof cols / sizeof *cols);
    for (uint32_t i = 0; i < f->job->n_vertices; i++) {
        const struct live_watermarks *w = f->answers[i]->data;
        struct buf none = {0};
        for (uint32_t k = 0; w && k < w->n_list; k++)
            if (w->list[k].ms == LIVE_WATERMARK_NONE && live_has(w->list[k].subtask))
                buf_printf(&none, "%s%lld", none.n ? ", " : "no watermark in subtask ", (long long)w->list[k].subtask);
        cell_vertex(&t, f->job->vertices[i].name);
        table_cell(&t, NULL);
        if (w && w->n_list) {
            mark_cell(&t, w->low);
            mark_cell(&t, w->high);
            lag_cell(&t, lag(f->job, w->low));
            table_celln(&t, none.p, none.n);
        } else {
            table_cell(&t, live_vertex_fed(f->job, i) ? "not known" : "no input");
        }
        cell_rest(&t);
        buf_free(&none);
        for (uint32_t k = 0; w && subtasks && k < w->n_list; k++) {
            table_cell(&t, NULL);
            cell_count(&t, w->list[k].subtask);
            mark_cell(&t, w->list[k].ms);
            table_cell(&t, NULL);
            lag_cell(&t, lag(f->job, w->list[k].ms));
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
    if (live_has(f->job->now_ms))
        jsonw_member_int(&w, "nowMs", f->job->now_ms);
    jsonw_key(&w, "vertices");
    jsonw_array(&w);
    for (uint32_t i = 0; i < f->job->n_vertices; i++) {
        const struct live_watermarks *marks = f->answers[i]->data;
        jsonw_object(&w);
        jsonw_member_str(&w, "id", f->job->vertices[i].id);
        jsonw_member_str(&w, "name", f->job->vertices[i].name);
        if (marks && live_has(lag(f->job, marks->low)))
            jsonw_member_int(&w, "lagMs", lag(f->job, marks->low));
        jsonw_key(&w, "watermarks");
        if (marks)
            shape_write(&shape_live_watermarks, marks, &w, false);
        else
            jsonw_null(&w);
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
        (f.answers = cluster_vertices(&c, f.job, LIVE_WATERMARKS, e))) {
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

const struct command cmd_watermarks = {
    .operands = "JOB",
    .about = "Shows the input watermarks of every vertex of a running job: the lowest and highest over its subtasks, how far the\n"
             "lowest is behind the cluster's clock, and which subtasks have had none at all.\n",
    .opts = opts,
    .size = sizeof(struct args),
    .min = 1,
    .max = 1,
    .words = no_words,
    .run = run,
};
