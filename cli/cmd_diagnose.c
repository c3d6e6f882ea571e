/* weir diagnose: what is wrong with a job, ranked, with evidence. */
#include <string.h>
#include <time.h>

#include "base/term.h"
#include "cli/cells.h"
#include "cli/cluster.h"
#include "cli/out.h"
#include "live/diagnose.h"
#include "live/gather.h"

enum { JOBS_MAX = 500, FOR_DEFAULT = 12, FOR_MAX = 600 };

struct args {
    struct cluster_opts cluster;
    uint64_t span; /* s */
    bool json;
};

struct page {
    const struct cli *cli;
    const struct args *args;
    struct cluster *c;
    struct gather now, before; /* before: as it was at the first look */
    struct cluster_facts cluster;
    const struct live_job_row **jobs; /* that are looked at */
    uint32_t n, left_out;
    struct facts *facts;
    struct arena round; /* of the facts as they were taken last */
    struct diagnosis *diagnoses;
    struct buf out;
};

/* --- looking --- */

/* The job that is named; or all that have not ended, and those that have failed. */
static bool choose(struct page *p, struct err *e)
{
    if (p->cli->args.n) {
        p->jobs = arena_array(&p->c->arena, 1, sizeof(const struct live_job_row *));
        p->jobs[0] = cluster_job(p->c, p->cli->args.v[0], e);
        p->n = p->jobs[0] != NULL;
        return p->n > 0;
    }
    const struct live_jobs *all = live_get(p->c->live, &(struct live_ask){.route = LIVE_JOBS}, e);
    if (!all)
        return false;
    p->jobs = arena_array(&p->c->arena, all->n_list + 1u, sizeof(const struct live_job_row *));
    for (uint32_t i = 0; i < all->n_list; i++) {
        enum live_job_state s = live_job_state(all->list[i].state);
        if (live_job_ended(s) && s != LIVE_JOB_FAILED)
            continue;
        if (p->n < JOBS_MAX)
            p->jobs[p->n++] = &all->list[i];
        else
            p->left_out++;
    }
    return true;
}

/* What is known of all the jobs, and what more has to be asked for. */
static void take(void *ctx, const struct live_snapshot *known, struct wants *wants)
{
    struct page *p = ctx;
    const struct facts_from from = {.now = known, .before = p->before.known.n_answers ? &p->before.known : NULL, .wants = wants};
    arena_free(&p->round);
    p->round = (struct arena){0};
    facts_take_cluster(&p->cluster, &from, &p->round);
    for (uint32_t i = 0; i < p->n; i++) {
        p->facts[i] = (struct facts){.cluster = &p->cluster};
        facts_take(&p->facts[i], &from, p->jobs[i]->id, &p->round);
    }
}

/* What a second look is about: the answers that show whether time and records move, of the jobs that are late. */
static void want_again(const struct page *p, bool cluster, struct wants *w)
{
    for (uint32_t i = 0; i < p->n; i++) {
        const struct facts *f = &p->facts[i];
        const struct live_job *j = facts_job(f);
        if (!facts_want_before(f) || (f->job_before && facts_renewed(f)))
            continue;
        want_ask(w, &f->job->ask);
        for (uint32_t k = 0; k < j->n_vertices; k++)
            if (f->watermarks[k])
                want_ask(w, &f->watermarks[k]->ask);
    }
    for (uint32_t i = 0; cluster && i < p->cluster.n_managers; i++)
        if (p->cluster.managers[i])
            want_ask(w, &p->cluster.managers[i]->ask);
}

/* Looks again at what needs it, every second until Flink has renewed its figures or the time is over. */
static bool look_again(struct page *p, struct err *e)
{
    bool cluster = facts_want_before_cluster(&p->cluster), good = true;
    gather_copy(&p->before, &p->now);
    for (uint64_t s = 1; s <= p->args->span && good; s++) {
        struct wants w = {0};
        /* the total time of garbage collection is worth asking for once, at the end */
        want_again(p, cluster && s == p->args->span, &w);
        bool open = w.n || cluster;
        if (open) {
            nanosleep(&(struct timespec){.tv_sec = 1}, NULL);
            good = gather_again(&p->now, &w, e) && gather_all(&p->now, take, p, e);
        }
        wants_free(&w);
        if (!open)
            break;
    }
    return good;
}

static bool look(struct page *p, struct err *e)
{
    p->facts = arena_array(&p->c->arena, p->n + 1u, sizeof *p->facts);
    p->diagnoses = arena_array(&p->c->arena, p->n + 1u, sizeof *p->diagnoses);
    p->now.live = p->c->live;
    if (!gather_all(&p->now, take, p, e) || (p->args->span && !look_again(p, e)))
        return false;
    for (uint32_t i = 0; i < p->n; i++)
        diagnose(&p->diagnoses[i], &p->facts[i], &p->c->arena);
    return true;
}

/* --- printing --- */

static const char *state_of(const struct page *p, uint32_t i)
{
    const struct live_job *j = facts_job(&p->facts[i]);
    return live_text_or(j && j->state ? j->state : p->jobs[i]->state, "?");
}

static void print_finding(struct page *p, const struct finding *f)
{
    static const char *const colours[] = {"\033[1;31m", "\033[33m", ""};
    const struct finding_row *row = &finding_rows[f->id];
    bool colour = p->cli->colour && *colours[row->severity];
    buf_printf(&p->out, "  %s%-8s%s  %s: %s\n", colour ? colours[row->severity] : "", severity_words[row->severity],
               colour ? "\033[0m" : "", row->name, row->title);
    if (f->vertex)
        paragraph(&p->out, "            ", live_text_or(f->vertex->name, "?"), p->cli->width);
    for (uint32_t i = 0; i < f->n_evidence; i++)
        paragraph(&p->out, "            - ", f->evidence[i], p->cli->width);
    paragraph(&p->out, "            > ", row->advice, p->cli->width);
}

static void print_job(struct page *p, uint32_t i)
{
    const struct diagnosis *d = &p->diagnoses[i];
    const char *name = live_text_or(p->jobs[i]->name, "?"), *id = live_text_or(p->jobs[i]->id, "?"), *state = state_of(p, i);
    buf_puts(&p->out, i ? "\n" : "");
    term_escape(&p->out, name, strlen(name));
    buf_puts(&p->out, "  ");
    term_escape(&p->out, id, strlen(id) < SHORT_ID ? strlen(id) : SHORT_ID);
    buf_puts(&p->out, "  ");
    term_escape(&p->out, state, strlen(state));
    if (d->n)
        buf_printf(&p->out, "  %u finding%s\n", d->n, d->n > 1 ? "s" : "");
    else if (d->n_unassessed)
        buf_puts(&p->out, "  nothing found, but not all could be assessed\n");
    else
        buf_puts(&p->out, live_job_ended(live_job_state(state)) ? "  ended; nothing found\n" : "  healthy\n");
    for (uint32_t k = 0; k < d->n; k++)
        print_finding(p, &d->list[k]);
    for (uint32_t k = 0; k < d->n_unassessed; k++) {
        bool before = false; /* rules with the same reason share a line */
        struct buf head = {0};
        for (uint32_t o = 0; o < d->n_unassessed; o++) {
            if (strcmp(d->unassessed[o].why, d->unassessed[k].why) != 0)
                continue;
            before = before || o < k;
            buf_printf(&head, "%s%s", head.n ? ", " : "", finding_rows[d->unassessed[o].id].name);
        }
        buf_printf(&head, ": %s", d->unassessed[k].why);
        if (!before)
            paragraph(&p->out, "  not assessed  ", buf_cstr(&head), p->cli->width);
        buf_free(&head);
    }
}

static void json_finding(struct jsonw *w, const struct finding *f)
{
    const struct finding_row *row = &finding_rows[f->id];
    jsonw_object(w);
    jsonw_member_str(w, "finding", row->name);
    jsonw_member_str(w, "severity", severity_words[row->severity]);
    jsonw_member_str(w, "title", row->title);
    if (f->vertex) {
        jsonw_member_str(w, "vertex", f->vertex->id);
        jsonw_member_str(w, "vertexName", f->vertex->name);
    }
    if (f->taskmanager)
        jsonw_member_str(w, "taskManager", f->taskmanager);
    jsonw_key(w, "evidence");
    jsonw_array(w);
    for (uint32_t i = 0; i < f->n_evidence; i++)
        jsonw_str(w, f->evidence[i]);
    jsonw_end_array(w);
    jsonw_member_str(w, "advice", row->advice);
    jsonw_end_object(w);
}

static void json_jobs(struct page *p, struct err *e)
{
    struct jsonw w;
    cluster_json(&w, &p->out, p->c);
    jsonw_key(&w, "jobs");
    jsonw_array(&w);
    for (uint32_t i = 0; i < p->n; i++) {
        const struct diagnosis *d = &p->diagnoses[i];
        jsonw_object(&w);
        jsonw_member_str(&w, "id", p->jobs[i]->id);
        jsonw_member_str(&w, "name", p->jobs[i]->name);
        jsonw_member_str(&w, "state", state_of(p, i));
        jsonw_member_bool(&w, "healthy", !d->n && !d->n_unassessed);
        jsonw_key(&w, "findings");
        jsonw_array(&w);
        for (uint32_t k = 0; k < d->n; k++)
            json_finding(&w, &d->list[k]);
        jsonw_end_array(&w);
        jsonw_key(&w, "notAssessed");
        jsonw_array(&w);
        for (uint32_t k = 0; k < d->n_unassessed; k++) {
            jsonw_object(&w);
            jsonw_member_str(&w, "finding", finding_rows[d->unassessed[k].id].name);
            jsonw_member_str(&w, "why", d->unassessed[k].why);
            jsonw_end_object(&w);
        }
        jsonw_end_array(&w);
        jsonw_end_object(&w);
    }
    jsonw_end_array(&w);
    jsonw_member_uint(&w, "jobsLeftOut", p->left_out);
    cluster_json_end(&w, e);
}

static enum weir_exit print(struct page *p, struct err *e)
{
    enum weir_exit status = p->left_out ? WEIR_FINDING : WEIR_OK;
    for (uint32_t i = 0; i < p->n; i++)
        if (p->diagnoses[i].n || p->diagnoses[i].n_unassessed)
            status = WEIR_FINDING;
    if (p->args->json) {
        json_jobs(p, e);
        return status;
    }
    for (uint32_t i = 0; i < p->n; i++)
        print_job(p, i);
    if (!p->n)
        buf_puts(&p->out, "no job runs, none has failed\n");
    if (p->left_out)
        buf_printf(&p->out, "\n%u more jobs are not assessed; name them one by one\n", p->left_out);
    out_write(&p->out, e);
    return status;
}

static enum weir_exit run(const struct cli *cli, struct err *e)
{
    const struct args *a = cli->opts;
    struct cluster c = {0};
    struct page p = {.cli = cli, .args = a, .c = &c};
    enum weir_exit status = WEIR_OK;
    if (a->span > FOR_MAX)
        err_set(e, ERR_USAGE, "--for takes at most %d seconds", FOR_MAX);
    else if (cluster_open(&c, &a->cluster, e) && choose(&p, e) && look(&p, e))
        status = print(&p, e);
    buf_free(&p.out);
    gather_free(&p.before);
    gather_free(&p.now);
    arena_free(&p.round);
    cluster_close(&c);
    return status;
}

static const struct opt opts[] = {
    {"for", 'f', OPT_COUNT, offsetof(struct args, span), "SECONDS", NULL,
     "how long a second look may take, where one is needed (12)"},
    {"json", 0, OPT_FLAG, offsetof(struct args, json), NULL, NULL, "as one JSON document"},
    CLUSTER_ROWS(struct args),
    {0},
};

static const struct args defaults = {.span = FOR_DEFAULT};

const struct command cmd_diagnose = {
    .operands = "[JOB]",
    .about =
        "Says what is wrong with a job, or with all jobs that run or have failed: the worst first, with the evidence and what to do.\n"
        "What could not be read is \"not assessed\", never healthy.\n",
    .opts = opts,
    .defaults = &defaults,
    .size = sizeof(struct args),
    .max = 1,
    .run = run,
};
