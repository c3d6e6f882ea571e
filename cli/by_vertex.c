#include "cli/by_vertex.h"

#include "cli/out.h"

static void print_table(const struct cli *cli, const struct by_vertex *f, const struct by_vertex_ops *ops, bool subtasks,
                        struct buf *out)
{
    struct table t;
    table_start(&t, ops->cols, ops->n_cols);
    for (uint32_t i = 0; i < f->job->n_vertices; i++)
        ops->rows(f, i, subtasks, &t);
    table_print(&t, out, cli->width, cli->colour);
    table_free(&t);
    enum live_job_state state = live_job_state(live_text_or(f->job->state, ""));
    if (live_job_ended(state))
        buf_printf(out, "\nThe job is %s; Flink measures only what runs.\n", live_job_words[state]);
    else if (ops->remark)
        ops->remark(f, out);
}

static void print_json(const struct by_vertex *f, const struct by_vertex_ops *ops, struct buf *out, struct err *e)
{
    struct jsonw w;
    cluster_json(&w, out, f->cluster);
    jsonw_member_str(&w, "job", f->job->id);
    if (ops->json)
        ops->json(f, &w);
    jsonw_key(&w, "vertices");
    jsonw_array(&w);
    for (uint32_t i = 0; i < f->job->n_vertices; i++) {
        jsonw_object(&w);
        jsonw_member_str(&w, "id", f->job->vertices[i].id);
        jsonw_member_str(&w, "name", f->job->vertices[i].name);
        ops->json_vertex(f, i, &w);
        jsonw_end_object(&w);
    }
    jsonw_end_array(&w);
    cluster_json_end(&w, e);
}

enum weir_exit by_vertex_run(const struct cli *cli, const struct by_vertex_ops *ops, struct err *e)
{
    const struct by_vertex_opts *a = cli->opts;
    struct cluster c = {0};
    struct by_vertex f = {.cluster = &c};
    struct buf out = {0};
    enum weir_exit status = WEIR_OK;
    if (cluster_open(&c, &a->cluster, e) && (f.job = cluster_job_detail(&c, cli->args.v[0], e)) &&
        (f.answers = cluster_vertices(&c, f.job, ops->route, e)) && ops->assess(&f, e)) {
        if (a->json) {
            print_json(&f, ops, &out, e);
        } else {
            print_table(cli, &f, ops, a->subtasks, &out);
            out_write(&out, e);
        }
        status = complain_of_answers(f.answers, f.job->n_vertices);
    }
    buf_free(&out);
    cluster_close(&c);
    return status;
}

const struct opt by_vertex_rows[] = {
    {"subtasks", 's', OPT_FLAG, offsetof(struct by_vertex_opts, subtasks), NULL, NULL, "also a line for each subtask"},
    {"json", 0, OPT_FLAG, offsetof(struct by_vertex_opts, json), NULL, NULL, "as one JSON document, with the subtasks"},
    CLUSTER_ROWS(struct by_vertex_opts),
    {0},
};
