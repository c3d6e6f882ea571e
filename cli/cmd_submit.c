/* weir submit: a script of SQL goes to a cluster, through its SQL gateway. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "cli/cluster.h"
#include "cli/out.h"
#include "cli/script.h"
#include "live/gateway.h"
#include "live/http.h"
#include "sql/parse.h"

struct args {
    struct cluster_opts cluster;
    struct opt_texts set;
    const char *from;
    uint64_t wait;
    bool allow_non_restored;
};

enum { WAIT = 120, POLL_MS = 250, JOBS_MAX = 64 };

struct sending {
    struct gateway gateway;
    struct sql_text text;
    struct arena a;
    uint32_t n_jobs;
    const char *jobs[JOBS_MAX];
};

/* --- what is sent --- */

static void put_statement(const struct sending *s, const struct ast *x, struct buf *to)
{
    buf_put(to, s->text.bytes.p + x->at.at, x->at.n);
}

static bool send(struct sending *s, struct place at, const char *statement, struct err *e)
{
    struct err why = {0};
    const struct live_gateway_result *r = gateway_run(&s->gateway, statement, &why);
    if (!r && why.kind == ERR_INCOMPLETE) {
        sql_fault(&s->text, at, e, "%s", why.text);
        e->kind = ERR_INCOMPLETE;
        return false;
    }
    if (!r)
        return err_set(e, why.kind, "%s", why.text);
    if (r->job && s->n_jobs < JOBS_MAX)
        s->jobs[s->n_jobs++] = arena_str(&s->a, r->job);
    return true;
}

/* All INSERT INTO of a script are one job, as for weir run: from the first one's place on. */
static bool send_inserts(struct sending *s, const struct sql_script *script, struct err *e)
{
    const struct ast *first = NULL;
    struct buf b = {0};
    uint32_t n = 0;
    for (uint32_t i = 0; i < script->n; i++) {
        const struct ast *x = script->statements[i];
        uint32_t many = x->kind == AST_STATEMENT_SET ? x->n : x->kind == AST_INSERT;
        for (uint32_t k = 0; k < many; k++) {
            put_statement(s, x->kind == AST_INSERT ? x : x->kids[k], &b);
            buf_puts(&b, ";\n");
            first = first ? first : x;
            n++;
        }
    }
    struct buf all = {0};
    if (n == 1)
        b.n -= 2; /* as it is */
    else
        buf_puts(&all, "EXECUTE STATEMENT SET BEGIN\n");
    buf_put(&all, b.p, b.n);
    buf_puts(&all, n == 1 ? "" : "END");
    bool ok = !n || send(s, first->at, buf_cstr(&all), e);
    buf_free(&b);
    buf_free(&all);
    return ok;
}

/* What only looks at something is left out. */
static bool send_others(struct sending *s, const struct sql_script *script, struct err *e)
{
    for (uint32_t i = 0; i < script->n; i++) {
        const struct ast *x = script->statements[i];
        bool skipped = x->kind == AST_INSERT || x->kind == AST_STATEMENT_SET || x->kind == AST_SHOW || x->kind == AST_DESCRIBE ||
            x->kind == AST_EXPLAIN;
        struct buf b = {0};
        put_statement(s, x, &b);
        bool ok = skipped || send(s, x->at, buf_cstr(&b), e);
        buf_free(&b);
        if (!ok)
            return false;
    }
    return true;
}

static bool check(struct sending *s, const struct sql_script *script, struct err *e)
{
    bool job = false;
    for (uint32_t i = 0; i < script->n; i++) {
        const struct ast *x = script->statements[i];
        job = job || x->kind == AST_INSERT || x->kind == AST_STATEMENT_SET || x->kind == AST_EXECUTE_PLAN;
        if (ast_is_query(x))
            return sql_fault(&s->text, x->at, e, "the rows of a SELECT would go nowhere: INSERT INTO a table");
    }
    return job || err_set(e, ERR_USAGE, "%s: there is no INSERT INTO in it", s->text.name);
}

/* --- what becomes of it --- */

static bool wait_running(struct sending *s, const char *job, struct err *e)
{
    for (;;) {
        const char *state = gateway_job_state(&s->gateway, job, e);
        if (e->kind != ERR_NONE)
            return false;
        if (state && (!strcmp(state, "FAILED") || !strcmp(state, "FAILING")))
            return err_set(e, ERR_INCOMPLETE, "job %s has failed: weir exceptions %s", job, job);
        if (state && (!strcmp(state, "RUNNING") || !strcmp(state, "FINISHED")))
            return true;
        if (clock_monotonic_ms() > s->gateway.until_ms)
            return err_set(e, ERR_INCOMPLETE, "job %s is not running yet: %s", job, state ? state : "not known to the cluster");
        nanosleep(&(struct timespec){0, POLL_MS * 1000000L}, NULL);
    }
}

static bool finish(struct sending *s, struct err *e)
{
    struct buf out = {0};
    bool ok = s->n_jobs || err_set(e, ERR_SERVER, "the gateway has taken the script, but tells no job");
    for (uint32_t i = 0; ok && i < s->n_jobs; i++) {
        buf_printf(&out, "%s\n", s->jobs[i]);
        ok = out_write(&out, e) && wait_running(s, s->jobs[i], e);
    }
    buf_free(&out);
    return ok;
}

/* --- all of it --- */

static bool properties(const struct args *a, struct arena *arena, const char *(*to)[2], size_t *n, struct err *e)
{
    for (size_t i = 0; i < a->set.n; i++)
        if (!setting_pair(arena, a->set.v[i], to[(*n)++], e))
            return false;
    if (a->from) { /* by both names: of Flink 2.0 on, and before */
        to[*n][0] = "execution.state-recovery.path";
        to[(*n)++][1] = a->from;
        to[*n][0] = "execution.savepoint.path";
        to[(*n)++][1] = a->from;
    }
    if (a->allow_non_restored) {
        to[*n][0] = "execution.state-recovery.ignore-unclaimed-state";
        to[(*n)++][1] = "true";
        to[*n][0] = "execution.savepoint.ignore-unclaimed-state";
        to[(*n)++][1] = "true";
    }
    return true;
}

static bool submit(struct sending *s, const struct args *a, const struct sql_script *script, struct err *e)
{
    struct cluster c = {0};
    struct cluster_opts opts = a->cluster;
    const char *(*pairs)[2] = arena_array(&s->a, a->set.n + 4, sizeof *pairs);
    size_t n = 0;
    if (opts.gateway && !opts.url && !opts.context)
        opts.url = opts.gateway; /* the cluster itself is not asked */
    bool ok = properties(a, &s->a, pairs, &n, e) && cluster_open(&c, &opts, e);
    if (ok && !live_gateway(c.live))
        ok = err_set(e, ERR_USAGE, "which SQL gateway? --gateway URL, or gateway of a context: weir-config(5)");
    ok = ok &&
        gateway_open(&s->gateway, c.live, (const char *const(*)[2])pairs, n, clock_monotonic_ms() + (int64_t)a->wait * 1000, e) &&
        send_others(s, script, e) && send_inserts(s, script, e) && finish(s, e);
    gateway_close(&s->gateway);
    cluster_close(&c);
    return ok;
}

static enum weir_exit run(const struct cli *cli, struct err *e)
{
    const struct args *a = cli->opts;
    const char *path = cli->args.v[0];
    struct sending s = {0};
    struct sql_script script;
    struct buf bytes = {0}, point = {0};
    if (a->wait > 86400)
        err_set(e, ERR_USAGE, "--wait is at most 86400 seconds");
    else if (read_whole(path, &bytes, e)) {
        s.text = (struct sql_text){.name = path, .bytes = {bytes.p, bytes.n}};
        if (!is_script(&bytes))
            err_set(e, ERR_USAGE, "%s is no script of SQL, which is what a gateway takes", path);
        else if (sql_parse(&s.text, &s.a, &script, e) && check(&s, &script, e))
            submit(&s, a, &script, e);
    }
    sql_point(&s.text, &point);
    if (point.n)
        fwrite(point.p, 1, point.n, stderr);
    buf_free(&point);
    buf_free(&bytes);
    arena_free(&s.a);
    return WEIR_OK;
}

static const struct opt opts[] = {
    {"gateway", 0, OPT_TEXT, offsetof(struct args, cluster.gateway), "URL", NULL, "the SQL gateway's address"},
    {"from", 0, OPT_TEXT, offsetof(struct args, from), "SNAPSHOT", NULL, "begin with the state of a savepoint or checkpoint"},
    {"allow-non-restored-state", 0, OPT_FLAG, offsetof(struct args, allow_non_restored), NULL, NULL,
     "leave what that has of operators which the job has not"},
    {"set", 0, OPT_TEXTS, offsetof(struct args, set), "KEY=VALUE", NULL, "a property of the session, as SET in SQL"},
    {"wait", 0, OPT_COUNT, offsetof(struct args, wait), "SECONDS", NULL, "until the job runs (120)"},
    CLUSTER_ROWS(struct args),
    {0},
};

static const struct args defaults = {.wait = WAIT};

const struct command cmd_submit = {
    .operands = "FILE",
    .about = "Sends a script of Flink SQL to a cluster, through a SQL gateway (Flink 1.17 or\n"
             "later), waits until its job runs, and prints the job's id. It is the script that\n"
             "'weir run' executes in one process.\n",
    .opts = opts,
    .size = sizeof(struct args),
    .defaults = &defaults,
    .min = 1,
    .max = 1,
    .run = run,
};
