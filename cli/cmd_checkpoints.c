/* weir checkpoints: whether they complete, how long they take, what they weigh. */
#include <string.h>

#include "base/human.h"
#include "base/term.h"
#include "cli/cells.h"
#include "cli/cluster.h"
#include "cli/out.h"
#include "live/history.h"
#include "live/pressure.h"
#include "live/shape.h"

struct args {
    struct cluster_opts cluster;
    const char *id;
    bool history, json;
};

struct page {
    const struct cli *cli;
    struct cluster *c;
    const struct live_job_row *job;
    const struct live_checkpoints *checkpoints;
    const struct live_checkpoint_config *config; /* NULL: not told */
    const struct live_checkpoint **older;        /* from the history on disk, the newest first: what Flink no longer tells */
    uint32_t n_older;
    struct buf out;
};

enum { MESSAGE = 70, OLDER_MAX = 10000 };

static void heading(struct page *p, const char *text)
{
    buf_printf(&p->out, p->cli->colour ? "%s\033[1m%s\033[0m\n" : "%s%s\n", p->out.n ? "\n" : "", text);
}

static void line(struct page *p, const char *label, const char *text)
{
    buf_printf(&p->out, "%-12s", label);
    term_escape(&p->out, text, strlen(text));
    buf_putc(&p->out, '\n');
}

/* --- what is and was --- */

static void one_line(struct page *p, const char *label, const struct live_checkpoint *k)
{
    if (!k)
        return;
    struct buf b = {0};
    int64_t when = live_has(k->failure_ms) ? k->failure_ms : live_has(k->latest_ack_ms) ? k->latest_ack_ms : k->trigger_ms;
    buf_printf(&b, "%lld", (long long)live_or(k->id, -1));
    if (live_has(when))
        buf_printf(&b, ", %s", human_time(when).s);
    if (live_has(k->duration_ms))
        buf_printf(&b, ", in %s", duration_text(k->duration_ms).s);
    if (live_has(k->state_size) && !k->failure_message)
        buf_printf(&b, ", %s", human_bytes((uint64_t)k->state_size).s);
    if (k->failure_message || k->external_path)
        buf_printf(&b, ", %s", k->failure_message ? k->failure_message : k->external_path);
    line(p, label, buf_cstr(&b));
    buf_free(&b);
}

static void config_line(struct page *p)
{
    const struct live_checkpoint_config *k = p->config;
    struct buf b = {0};
    if (!k)
        return;
    if (live_has(k->interval_ms))
        buf_printf(&b, "every %s", duration_text(k->interval_ms).s);
    else
        buf_puts(&b, "no periodic checkpoints");
    if (live_has(k->timeout_ms))
        buf_printf(&b, ", timeout %s", duration_text(k->timeout_ms).s);
    if (k->mode)
        buf_printf(&b, ", %s", k->mode);
    if (k->unaligned == LIVE_YES)
        buf_puts(&b, ", unaligned");
    if (live_has(k->tolerable_failed))
        buf_printf(&b, ", %lld failures tolerated", (long long)k->tolerable_failed);
    line(p, "configured", buf_cstr(&b));
    if (k->state_backend || k->checkpoint_storage)
        line(p, "kept by",
             arena_printf(&p->c->arena, "%s, %s", live_text_or(k->state_backend, "?"), live_text_or(k->checkpoint_storage, "?")));
    buf_free(&b);
}

static void stats_row(struct table *t, const char *what, const struct live_stats *s, void (*cell)(struct table *, int64_t))
{
    const double v[] = {s->p50, s->p90, s->p99};
    table_cell(t, what);
    cell(t, s->min);
    cell(t, s->avg);
    for (int i = 0; i < 3; i++)
        cell(t, v[i] >= 0 && v[i] < 1e18 ? (int64_t)v[i] : LIVE_ABSENT);
    cell(t, s->max);
    cell_rest(t);
}

static void summary(struct page *p)
{
    static const struct table_col cols[] = {{"COMPLETED", false, false}, {"MIN", true, false}, {"AVG", true, false},
                                            {"P50", true, false},        {"P90", true, false}, {"P99", true, false},
                                            {"MAX", true, false}};
    const struct live_checkpoint_summary *s = &p->checkpoints->summary;
    struct table t;
    if (live_or(p->checkpoints->counts.completed, 0) == 0)
        return;
    table_start(&t, cols, sizeof cols / sizeof *cols);
    stats_row(&t, "duration", &s->duration_ms, cell_ms);
    stats_row(&t, "uploaded", &s->checkpointed_size, cell_bytes);
    stats_row(&t, "full size", &s->state_size, cell_bytes);
    stats_row(&t, "processed in flight", &s->processed_data, cell_bytes);
    stats_row(&t, "persisted in flight", &s->persisted_data, cell_bytes);
    buf_putc(&p->out, '\n');
    table_print(&t, &p->out, p->cli->width, p->cli->colour);
    table_free(&t);
}

/* Whether Flink tells of it. */
static bool told(const struct live_checkpoints *c, const struct live_checkpoint *k)
{
    for (uint32_t i = 0; i < c->n_history; i++)
        if (c->history[i].id == k->id && c->history[i].trigger_ms == k->trigger_ms)
            return true;
    return false;
}

static void read_older(struct page *p)
{
    struct history *h = p->c->target.no_history ? NULL : history_open(live_url(p->c->live));
    uint32_t n = 0;
    const struct live_checkpoint *all = h ? history_read(h, p->job->id, OLDER_MAX, &p->c->arena, &n) : NULL;
    p->older = arena_array(&p->c->arena, n + 1u, sizeof(const struct live_checkpoint *));
    for (uint32_t i = 0; i < n; i++)
        if (!told(p->checkpoints, &all[i]))
            p->older[p->n_older++] = &all[i];
    history_close(h);
}

static void history_row(struct table *t, const struct live_checkpoint *k)
{
    const char *remark = live_text_or(k->failure_message, "");
    cell_count(t, k->id);
    table_cell(t, k->status);
    table_cell(t, k->checkpoint_type ? k->checkpoint_type : k->is_savepoint == LIVE_YES ? "SAVEPOINT" : "CHECKPOINT");
    cell_time(t, k->trigger_ms);
    cell_ms(t, k->duration_ms);
    cell_bytes(t, k->checkpointed_size);
    cell_bytes(t, k->state_size);
    cell_bytes(t, k->persisted_data);
    table_cellf(t, "%lld/%lld", (long long)live_or(k->acknowledged, 0), (long long)live_or(k->subtasks, 0));
    cell_cut(t, remark, strlen(remark), MESSAGE);
    cell_rest(t);
}

static void history(struct page *p)
{
    static const struct table_col cols[] = {
        {"ID", true, false},       {"STATUS", false, false},  {"TYPE", false, false},     {"TRIGGERED", false, false},
        {"DURATION", true, false}, {"UPLOADED", true, false}, {"FULL SIZE", true, false}, {"IN FLIGHT", true, false},
        {"ACKED", true, false},    {"", false, true}};
    struct table t;
    table_start(&t, cols, sizeof cols / sizeof *cols);
    for (uint32_t i = 0; i < p->checkpoints->n_history; i++)
        history_row(&t, &p->checkpoints->history[i]);
    for (uint32_t i = 0; i < p->n_older; i++)
        history_row(&t, p->older[i]);
    heading(p, "History");
    table_print(&t, &p->out, p->cli->width, p->cli->colour);
    table_free(&t);
}

static void print_overview(struct page *p, bool with_history)
{
    const struct live_checkpoint_counts *n = &p->checkpoints->counts;
    line(p, "counted",
         arena_printf(&p->c->arena, "%lld completed, %lld failed, %lld in progress, %lld restored",
                      (long long)live_or(n->completed, 0), (long long)live_or(n->failed, 0), (long long)live_or(n->in_progress, 0),
                      (long long)live_or(n->restored, 0)));
    one_line(p, "completed", p->checkpoints->latest.completed);
    one_line(p, "failed", p->checkpoints->latest.failed);
    one_line(p, "savepoint", p->checkpoints->latest.savepoint);
    const struct live_restored *r = p->checkpoints->latest.restored;
    if (r)
        line(p, "restored",
             arena_printf(&p->c->arena, "%lld, %s, %s", (long long)live_or(r->id, -1),
                          live_has(r->restored_ms) ? human_time(r->restored_ms).s : "?", live_text_or(r->external_path, "?")));
    config_line(p);
    summary(p);
    if (with_history)
        history(p);
}

static enum weir_exit overview(struct page *p, const struct args *a, struct err *e)
{
    const struct live_ask asks[2] = {{.route = LIVE_CHECKPOINTS, .job = p->job->id},
                                     {.route = LIVE_CHECKPOINT_CONFIG, .job = p->job->id}};
    const struct live_answer *answers[2];
    if (!live_fetch(p->c->live, asks, 2, answers, e))
        return WEIR_OK;
    p->checkpoints = answers[0]->data;
    p->config = answers[1]->data;
    if (!p->checkpoints) {
        err_set(e, answers[0]->err.kind, "%s", answers[0]->err.text);
        return WEIR_OK;
    }
    if (a->json || a->history)
        read_older(p);
    if (a->json) {
        struct jsonw w;
        cluster_json(&w, &p->out, p->c);
        jsonw_member_str(&w, "job", p->job->id);
        shape_write_members(&shape_live_checkpoints, p->checkpoints, &w, false);
        jsonw_key(&w, "older");
        jsonw_array(&w);
        for (uint32_t i = 0; i < p->n_older; i++)
            shape_write(&shape_live_checkpoint, p->older[i], &w, false);
        jsonw_end_array(&w);
        if (p->config) {
            jsonw_key(&w, "config");
            shape_write(&shape_live_checkpoint_config, p->config, &w, false);
        }
        cluster_json_end(&w, e);
    } else {
        print_overview(p, a->history);
    }
    return complain_of_answers(answers + 1, 1);
}

/* --- one of them --- */

static void subtask_rows(struct table *t, const struct live_checkpoint_subtasks *s)
{
    for (uint32_t i = 0; s && i < s->n_subtasks; i++) {
        const struct live_checkpoint_subtask *k = &s->subtasks[i];
        table_cell(t, NULL);
        cell_count(t, k->index);
        table_cell(t, k->status);
        cell_ms(t, k->duration_ms);
        cell_bytes(t, k->checkpointed_size);
        cell_bytes(t, k->state_size);
        cell_ms(t, k->checkpoint.sync_ms);
        cell_ms(t, k->checkpoint.async_ms);
        cell_ms(t, k->alignment.duration_ms);
        cell_ms(t, k->start_delay_ms);
        cell_rest(t);
    }
}

static void print_detail(struct page *p, const struct live_job *job, const struct live_checkpoint *k,
                         const struct live_answer **answers)
{
    static const struct table_col cols[] = {{"VERTEX", false, true},     {"SUBTASK", true, false},  {"STATUS", false, false},
                                            {"DURATION", true, false},   {"UPLOADED", true, false}, {"FULL SIZE", true, false},
                                            {"SYNC", true, false},       {"ASYNC", true, false},    {"ALIGNMENT", true, false},
                                            {"START DELAY", true, false}};
    struct table t;
    one_line(p, live_text_or(k->status, "?"), k);
    table_start(&t, cols, sizeof cols / sizeof *cols);
    for (uint32_t i = 0; i < k->n_vertices; i++) {
        const struct live_checkpoint_vertex *v = &k->vertices[i];
        uint32_t place = live_vertex_place(job, v->vertex);
        cell_vertex(&t, place < job->n_vertices ? job->vertices[place].name : v->vertex);
        table_cellf(&t, "%lld/%lld", (long long)live_or(v->acknowledged, 0), (long long)live_or(v->subtasks, 0));
        table_cell(&t, v->status);
        cell_ms(&t, v->duration_ms);
        cell_bytes(&t, v->checkpointed_size);
        cell_bytes(&t, v->state_size);
        cell_rest(&t);
        subtask_rows(&t, answers[i]->data);
    }
    buf_putc(&p->out, '\n');
    table_print(&t, &p->out, p->cli->width, p->cli->colour);
    table_free(&t);
}

static void json_detail(struct page *p, const struct live_checkpoint *k, const struct live_answer **answers, struct err *e)
{
    struct jsonw w;
    cluster_json(&w, &p->out, p->c);
    jsonw_member_str(&w, "job", p->job->id);
    jsonw_key(&w, "checkpoint");
    shape_write(&shape_live_checkpoint, k, &w, false);
    jsonw_key(&w, "vertices");
    jsonw_array(&w);
    for (uint32_t i = 0; i < k->n_vertices; i++) {
        jsonw_object(&w);
        jsonw_member_str(&w, "id", k->vertices[i].vertex);
        if (answers[i]->data)
            shape_write_members(&shape_live_checkpoint_subtasks, answers[i]->data, &w, false);
        jsonw_end_object(&w);
    }
    jsonw_end_array(&w);
    cluster_json_end(&w, e);
}

static enum weir_exit detail(struct page *p, const struct args *a, struct err *e)
{
    const struct live_ask whole = {.route = LIVE_JOB, .job = p->job->id},
                          one = {.route = LIVE_CHECKPOINT, .job = p->job->id, .item = a->id};
    const struct live_job *job = live_get(p->c->live, &whole, e);
    const struct live_checkpoint *k = job ? live_get(p->c->live, &one, e) : NULL;
    if (!k)
        return WEIR_OK;
    struct live_ask *asks = arena_array(&p->c->arena, k->n_vertices, sizeof *asks);
    const struct live_answer **answers = arena_array(&p->c->arena, k->n_vertices + 1, sizeof(const struct live_answer *));
    for (uint32_t i = 0; i < k->n_vertices; i++)
        asks[i] =
            (struct live_ask){.route = LIVE_CHECKPOINT_SUBTASKS, .job = p->job->id, .item = a->id, .vertex = k->vertices[i].vertex};
    if (!live_fetch(p->c->live, asks, k->n_vertices, answers, e))
        return WEIR_OK;
    if (a->json)
        json_detail(p, k, answers, e);
    else
        print_detail(p, job, k, answers);
    return complain_of_answers(answers, k->n_vertices);
}

static enum weir_exit run(const struct cli *cli, struct err *e)
{
    const struct args *a = cli->opts;
    struct cluster c = {0};
    struct page p = {.cli = cli, .c = &c};
    enum weir_exit status = WEIR_OK;
    if (cluster_open(&c, &a->cluster, e) && (p.job = cluster_job(&c, cli->args.v[0], e)))
        status = a->id ? detail(&p, a, e) : overview(&p, a, e);
    out_write(&p.out, e);
    buf_free(&p.out);
    cluster_close(&c);
    return status;
}

static const struct opt opts[] = {
    {"history", 0, OPT_FLAG, offsetof(struct args, history), NULL, NULL,
     "also a line for each checkpoint that Flink remembers, or weir top has seen"},
    {"id", 'i', OPT_TEXT, offsetof(struct args, id), "N", NULL, "only checkpoint N, by vertex and subtask"},
    {"json", 0, OPT_FLAG, offsetof(struct args, json), NULL, NULL, "as one JSON document, with the history"},
    CLUSTER_ROWS(struct args),
    {0},
};

const struct command cmd_checkpoints = {
    .operands = "JOB",
    .about =
        "Shows the checkpoints of a job: how many, the last ones, how they are configured, how long they took and what they weigh.\n",
    .opts = opts,
    .size = sizeof(struct args),
    .min = 1,
    .max = 1,
    .words = no_words,
    .run = run,
};
