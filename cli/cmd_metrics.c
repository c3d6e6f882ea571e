/* weir metrics: figures by name, of any part of a cluster. */
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cluster.h"
#include "cli/out.h"
#include "live/shape.h"

struct args {
    struct cluster_opts cluster;
    const char *job, *vertex, *subtask, *taskmanager;
    bool taskmanagers, json;
};

/* A request line may have 4096 bytes. */
enum { QUERY_MAX = 3000 };

/* Whose metrics: a route with its parameters. */
static bool scope(struct live_ask *ask, const struct args *a, struct cluster *c, struct err *e)
{
    if (a->vertex && !a->job)
        return err_set(e, ERR_USAGE, "metrics: --vertex needs --job");
    if (a->subtask && !a->vertex)
        return err_set(e, ERR_USAGE, "metrics: --subtask needs --vertex");
    if (!!a->job + !!a->taskmanager + a->taskmanagers > 1)
        return err_set(e, ERR_USAGE, "metrics: only one of --job, --taskmanager and --taskmanagers");
    ask->route = a->taskmanagers ? LIVE_TASKMANAGERS_METRICS : LIVE_JOBMANAGER_METRICS;
    if (a->taskmanager) {
        ask->route = LIVE_TASKMANAGER_METRICS;
        return (ask->item = cluster_taskmanager(c, a->taskmanager, e)) != NULL;
    }
    if (!a->job)
        return true;
    const struct live_job *job = cluster_job_detail(c, a->job, e);
    const struct live_vertex *v = job && a->vertex ? cluster_vertex(job, a->vertex, e) : NULL;
    if (!job || (a->vertex && !v))
        return false;
    ask->route = !v ? LIVE_JOB_METRICS : a->subtask ? LIVE_SUBTASK_METRICS : LIVE_SUBTASKS_METRICS;
    ask->job = job->id;
    ask->vertex = v ? v->id : NULL;
    ask->item = a->subtask;
    return true;
}

static bool matches(const struct cli *cli, const char *id)
{
    for (size_t i = 0; i < cli->args.n; i++)
        if (!strcmp(cli->args.v[i], id) || fnmatch(cli->args.v[i], id, 0) == 0)
            return true;
    return false;
}

/* The wanted names in as few questions as their length allows. */
static struct live_ask *batches(const struct cli *cli, const struct live_ask *scope_ask, const struct live_metrics *all,
                                struct arena *a, size_t *n)
{
    const char **names = arena_array(a, all->n_list, sizeof *names);
    struct live_ask *asks = arena_array(a, all->n_list, sizeof *asks);
    size_t count = 0, length = 0;
    *n = 0;
    for (uint32_t i = 0; i < all->n_list; i++) {
        const char *id = all->list[i].id;
        if (!id || !matches(cli, id))
            continue;
        size_t more = 3 * strlen(id) + 1;
        if (count && length + more > QUERY_MAX) {
            asks[*n] = *scope_ask;
            asks[(*n)++].query = live_metrics_query(a, names, count, NULL);
            count = length = 0;
        }
        names[count++] = id;
        length += more;
    }
    if (count) {
        asks[*n] = *scope_ask;
        asks[(*n)++].query = live_metrics_query(a, names, count, NULL);
    }
    return asks;
}

static bool aggregated(enum live_route r) { return r == LIVE_SUBTASKS_METRICS || r == LIVE_TASKMANAGERS_METRICS; }

static void print_table(const struct cli *cli, const struct live_answer **answers, size_t n, bool many, struct buf *out)
{
    static const struct table_col one[] = {{"METRIC", false, true}, {"VALUE", false, true}};
    static const struct table_col several[] = {{"METRIC", false, true}, {"MIN", true, false}, {"AVG", true, false},
                                               {"MAX", true, false},    {"SUM", true, false}, {"SKEW", true, false}};
    struct table t;
    table_start(&t, many ? several : one, many ? 6 : 2);
    for (size_t i = 0; i < n; i++) {
        const struct live_metrics *m = answers[i]->data;
        for (uint32_t k = 0; m && k < m->n_list; k++) {
            const struct live_metric *x = &m->list[k];
            const double figures[] = {x->min, x->avg, x->max, x->sum, x->skew};
            table_cell(&t, x->id);
            if (!many)
                table_cell(&t, x->text);
            for (int f = 0; many && f < 5; f++)
                cell_real(&t, figures[f]);
            cell_rest(&t);
        }
    }
    table_print(&t, out, cli->width, cli->colour);
    table_free(&t);
}

static void print_json(const struct cluster *c, const struct live_answer **answers, size_t n, struct buf *out, struct err *e)
{
    struct jsonw w;
    cluster_json(&w, out, c);
    jsonw_key(&w, "metrics");
    jsonw_array(&w);
    for (size_t i = 0; i < n; i++) {
        const struct live_metrics *m = answers[i]->data;
        for (uint32_t k = 0; m && k < m->n_list; k++)
            shape_write(&shape_live_metric, &m->list[k], &w, false);
    }
    jsonw_end_array(&w);
    cluster_json_end(&w, e);
}

static void print_names(const struct live_metrics *all, struct buf *out)
{
    for (uint32_t i = 0; i < all->n_list; i++) {
        const char *id = live_text_or(all->list[i].id, "");
        jsonw_escape(out, id, strlen(id));
        buf_putc(out, '\n');
    }
}

static enum weir_exit report(const struct cli *cli, struct cluster *c, struct err *e)
{
    const struct args *a = cli->opts;
    struct live_ask ask = {0};
    const struct live_answer *list;
    struct buf out = {0};
    enum weir_exit status = WEIR_OK;
    if (!scope(&ask, a, c, e) || !live_fetch(c->live, &ask, 1, &list, e))
        return WEIR_OK;
    if (!list->data) {
        err_set(e, list->err.kind, "%s", list->err.text);
        return WEIR_OK;
    }
    if (!cli->args.n) {
        if (a->json)
            print_json(c, &list, 1, &out, e);
        else
            print_names(list->data, &out);
        out_write(&out, e);
        buf_free(&out);
        return WEIR_OK;
    }
    size_t n;
    const struct live_ask *asks = batches(cli, &ask, list->data, &c->arena, &n);
    const struct live_answer **answers = arena_array(&c->arena, n + 1, sizeof(const struct live_answer *));
    if (!n)
        err_set(e, ERR_MISSING, "no metric fits; without a name all of them are listed");
    else if (live_fetch(c->live, asks, n, answers, e)) {
        if (a->json)
            print_json(c, answers, n, &out, e);
        else
            print_table(cli, answers, n, aggregated(ask.route), &out);
        out_write(&out, e);
        status = complain_of_answers(answers, (uint32_t)n);
    }
    buf_free(&out);
    return status;
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
    {"job", 'j', OPT_TEXT, offsetof(struct args, job), "JOB", NULL, "of a job: name, id, or the beginning of either"},
    {"vertex", 'v', OPT_TEXT, offsetof(struct args, vertex), "VERTEX", NULL, "of a vertex of that job: id, or part of its name"},
    {"subtask", 's', OPT_TEXT, offsetof(struct args, subtask), "N", NULL, "of one subtask of that vertex, instead of all together"},
    {"taskmanager", 't', OPT_TEXT, offsetof(struct args, taskmanager), "ID", NULL, "of a task manager"},
    {"taskmanagers", 0, OPT_FLAG, offsetof(struct args, taskmanagers), NULL, NULL, "of all task managers together"},
    {"json", 0, OPT_FLAG, offsetof(struct args, json), NULL, NULL, "as one JSON document"},
    CLUSTER_ROWS(struct args),
    {0},
};

const struct command cmd_metrics = {
    .operands = "[METRIC...]",
    .about = "Prints metrics of the JobManager, or of what the options name. A METRIC may be a pattern ('*PerSecond').\n"
             "Without METRIC their names are listed.\n",
    .opts = opts,
    .size = sizeof(struct args),
    .max = 1000,
    .words = no_words,
    .run = run,
};
