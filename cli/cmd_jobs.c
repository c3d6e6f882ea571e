/* weir jobs: the jobs of a cluster. */
#include <string.h>

#include "base/human.h"
#include "cli/cells.h"
#include "cli/cluster.h"
#include "cli/out.h"
#include "live/shape.h"

struct args {
    struct cluster_opts cluster;
    bool running, json;
};

enum { NAME = 60 };

static bool wanted(const struct args *a, const struct live_job_row *j)
{
    return !a->running || !live_job_ended(live_job_state(j->state));
}

/* "4/6 running, 2 deploying": how many of the tasks run, and what the others do. */
static void tasks_cell(struct table *t, const struct live_job_row *j)
{
    struct buf b = {0};
    int64_t total = 0, runs = live_or(j->tasks[LIVE_TASK_RUNNING], 0);
    for (int s = 0; s < LIVE_TASK_STATES; s++)
        total += live_or(j->tasks[s], 0) % INT32_MAX;
    buf_printf(&b, "%lld/%lld running", (long long)runs, (long long)total);
    for (int s = 0; s < LIVE_TASK_STATES; s++)
        if (s != LIVE_TASK_RUNNING && live_or(j->tasks[s], 0) > 0)
            buf_printf(&b, ", %lld %s", (long long)j->tasks[s], live_task_words[s]);
    for (size_t i = 0; i < b.n; i++)
        if (b.p[i] >= 'A' && b.p[i] <= 'Z')
            b.p[i] |= 0x20;
    table_celln(t, b.p, b.n);
    buf_free(&b);
}

static void print_table(const struct cli *cli, const struct args *a, const struct live_jobs *jobs, struct buf *out)
{
    static const struct table_col cols[] = {{"ID", false, false},      {"NAME", false, true},     {"STATE", false, false},
                                            {"STARTED", false, false}, {"DURATION", true, false}, {"TASKS", false, true}};
    struct table t;
    table_start(&t, cols, sizeof cols / sizeof *cols);
    for (uint32_t i = 0; i < jobs->n_list; i++) {
        const struct live_job_row *j = &jobs->list[i];
        if (!wanted(a, j))
            continue;
        table_cellf(&t, "%.8s", live_text_or(j->id, "?"));
        cell_cut(&t, live_text_or(j->name, "?"), strlen(live_text_or(j->name, "?")), NAME);
        table_cell(&t, j->state);
        cell_time(&t, j->start_ms);
        cell_ms(&t, j->duration_ms);
        tasks_cell(&t, j);
        cell_rest(&t);
    }
    if (!t.cells)
        buf_puts(out, "no jobs\n");
    table_print(&t, out, cli->width, cli->colour);
    table_free(&t);
}

static void print_json(const struct cluster *c, const struct args *a, const struct live_jobs *jobs, struct buf *out, struct err *e)
{
    struct jsonw w;
    cluster_json(&w, out, c);
    jsonw_key(&w, "jobs");
    jsonw_array(&w);
    for (uint32_t i = 0; i < jobs->n_list; i++)
        if (wanted(a, &jobs->list[i]))
            shape_write(&shape_live_job_row, &jobs->list[i], &w, false);
    jsonw_end_array(&w);
    cluster_json_end(&w, e);
}

static enum weir_exit run(const struct cli *cli, struct err *e)
{
    const struct args *a = cli->opts;
    struct cluster c = {0};
    struct buf out = {0};
    const struct live_jobs *jobs =
        cluster_open(&c, &a->cluster, e) ? live_get(c.live, &(struct live_ask){.route = LIVE_JOBS}, e) : NULL;
    if (jobs && a->json) {
        print_json(&c, a, jobs, &out, e);
    } else if (jobs) {
        print_table(cli, a, jobs, &out);
        out_write(&out, e);
    }
    buf_free(&out);
    cluster_close(&c);
    return WEIR_OK;
}

static const struct opt opts[] = {
    {"running", 'r', OPT_FLAG, offsetof(struct args, running), NULL, NULL, "only jobs that have not ended"},
    {"json", 0, OPT_FLAG, offsetof(struct args, json), NULL, NULL, "as one JSON document"},
    CLUSTER_ROWS(struct args),
    {0},
};

const struct command cmd_jobs = {
    .operands = "",
    .about = "Lists the jobs of a running cluster, the newest first.\n",
    .opts = opts,
    .size = sizeof(struct args),
    .run = run,
};
