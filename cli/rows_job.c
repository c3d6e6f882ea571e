#include "cli/rows_job.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/soon.h"
#include "cli/out.h"
#include "cli/result.h"
#include "runtime/conn.h"
#include "runtime/control.h"
#include "sql/compile.h"
#include "sql/zone.h"

enum { DRAW_MS = 200, MOST_ROWS = 1000000, HEIGHT = 24 };

static struct {
    pthread_mutex_t lock;
    struct job *job; /* NULL: none runs */
    bool stopped;
} running = {.lock = PTHREAD_MUTEX_INITIALIZER};

bool rows_job_stop(int sig)
{
    if (sig != SIGINT)
        return false;
    pthread_mutex_lock(&running.lock);
    bool one = running.job;
    if (one)
        job_cancel(running.job);
    running.stopped = running.stopped || one;
    pthread_mutex_unlock(&running.lock);
    return true;
}

struct run {
    struct job *job;
    struct result *result; /* NULL: nothing is drawn */
    pthread_mutex_t lock;  /* of the result */
    pthread_cond_t end;
    bool over;
    struct err e;
};

static void take(void *ctx, const struct batch *b, uint32_t at, const struct ltype *const *types)
{
    struct run *r = ctx;
    pthread_mutex_lock(&r->lock);
    result_take(r->result, b, at, types);
    pthread_mutex_unlock(&r->lock);
}

static void *run_job(void *ctx)
{
    struct run *r = ctx;
    job_run(r->job, &r->e);
    pthread_mutex_lock(&r->lock);
    r->over = true;
    pthread_cond_signal(&r->end);
    pthread_mutex_unlock(&r->lock);
    return NULL;
}

static unsigned height(void)
{
    struct winsize w;
    return !ioctl(STDOUT_FILENO, TIOCGWINSZ, &w) && w.ws_row > 4 ? w.ws_row : HEIGHT;
}

/* The table in place of the one before, of which `lines` are on the screen. The lock is held. */
static unsigned draw(const struct rows_job *to, struct run *r, unsigned lines)
{
    struct buf b = {0};
    struct cli cli = *to->cli;
    unsigned rows = height() - 3, now = 0;
    cli.width = term_width(STDOUT_FILENO);
    if (lines)
        buf_printf(&b, "\r\033[%uA\033[J", lines);
    buf_puts(&b, "\033[?7l"); /* long lines are cut */
    result_draw(r->result, &cli, rows, &b);
    if (r->result->live > rows)
        buf_printf(&b, "%u of %llu rows\n", rows, (unsigned long long)r->result->live);
    buf_puts(&b, "\033[?7h");
    for (size_t i = 0; i < b.n; i++)
        now += b.p[i] == '\n';
    out_write(&b, &r->e);
    buf_free(&b);
    return now;
}

static void watch(const struct rows_job *to, struct run *r)
{
    unsigned lines = 0;
    pthread_mutex_lock(&r->lock);
    while (!r->over) {
        struct timespec until = soon(DRAW_MS);
        pthread_cond_timedwait(&r->end, &r->lock, &until);
        if (!r->over && r->result && to->tty)
            lines = draw(to, r, lines);
    }
    if (r->result && to->tty)
        draw(to, r, lines);
    pthread_mutex_unlock(&r->lock);
}

/* Runs it to its end, or until Ctrl-C. */
static bool execute(const struct rows_job *to, const struct cplan *plan, struct result *result, struct err *e)
{
    const struct world world = world_real();
    struct run r = {.result = result, .lock = PTHREAD_MUTEX_INITIALIZER};
    struct job_opts opts = *to->opts;
    opts.output = result ? JOB_ROWS : JOB_TABLES;
    opts.row = take;
    opts.row_ctx = &r;
    pthread_t thread;
    cond_open(&r.end);
    r.job = job_open(plan, &world, &opts, e);
    if (!r.job)
        return false;
    pthread_mutex_lock(&running.lock);
    running.job = r.job;
    running.stopped = false;
    pthread_mutex_unlock(&running.lock);
    bool ok = !pthread_create(&thread, NULL, run_job, &r) || err_set(e, ERR_IO, "there can be no further thread");
    if (ok) {
        watch(to, &r);
        pthread_join(thread, NULL);
    }
    pthread_mutex_lock(&running.lock);
    running.job = NULL;
    bool stopped = running.stopped;
    pthread_mutex_unlock(&running.lock);
    struct job_figures f = job_figures(r.job);
    job_free(r.job);
    if (r.e.kind != ERR_NONE && !stopped)
        return err_set(e, r.e.kind, "%s", r.e.text);
    if (ok && result && !to->tty && !result_print(result, to->cli, e))
        return false;
    if (to->tty && ok)
        printf("%llu rows%s\n", (unsigned long long)(result ? result->live : f.rows_out),
               stopped      ? ", stopped"
                   : result ? ""
                            : " written");
    return ok;
}

bool rows_job_run(const struct rows_job *to, const struct cplan *plan, struct err *e) { return execute(to, plan, NULL, e); }

bool rows_job_changes(const struct catalog *c, bool table)
{
    const char *mode = catalog_config(c, "sql-client.execution.result-mode", table ? "table" : "changelog");
    return !strcasecmp(mode, "changelog");
}

bool rows_job_select(const struct rows_job *to, struct catalog *c, struct arena *a, const struct ast *query, struct err *e)
{
    struct result r = {.most = MOST_ROWS};
    struct value json;
    struct cplan plan;
    const struct ast *orders = NULL;
    const char *zone = catalog_config(c, "table.local-time-zone", "UTC");
    query = result_unordered(query, a, &orders);
    if (!compile_query(c, &conn_tables, query, &json, e) || !cplan_of(&plan, a, &json, e))
        return false;
    r.row = result_row(&plan, a, e);
    r.zone = zone_load(a, zone, strlen(zone), e);
    bool ok = r.row && r.zone && (!orders || result_order_by(&r, orders, c->text, a, e)) && execute(to, &plan, &r, e);
    result_free(&r);
    return ok;
}
