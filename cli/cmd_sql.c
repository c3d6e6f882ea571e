/* weir sql: statements of Flink SQL, one after the other, at a prompt. */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/out.h"
#include "cli/input.h"
#include "cli/planfile.h"
#include "cli/result.h"
#include "cli/script.h"
#include "cli/shown.h"
#include "cli/signals.h"
#include "cli/sql_words.h"
#include "runtime/conn.h"
#include "runtime/control.h"
#include "sql/compile.h"
#include "sql/parse.h"
#include "sql/show.h"
#include "sql/zone.h"

struct args {
    struct opt_texts set;
    const char *init;
};

enum { DRAW_MS = 200, MOST_ROWS = 1000000, HEIGHT = 24 };

struct session {
    const struct cli *cli;
    struct arena a;
    struct catalog c;
    struct sql_text *text; /* of the last statement */
    bool tty, over;
};

/* --- a job --- */

static struct {
    pthread_mutex_t lock;
    struct job *job; /* NULL: none runs */
    bool stopped;
} running = {.lock = PTHREAD_MUTEX_INITIALIZER};

/* Ctrl-C ends what runs, not the prompt. */
static bool on_signal(int sig)
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
static unsigned draw(struct session *s, struct run *r, unsigned lines)
{
    struct buf b = {0};
    struct cli cli = *s->cli;
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

static void watch(struct session *s, struct run *r)
{
    unsigned lines = 0;
    pthread_mutex_lock(&r->lock);
    while (!r->over) {
        struct timespec until;
        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_nsec += DRAW_MS * 1000000L;
        until.tv_sec += until.tv_nsec / 1000000000;
        until.tv_nsec %= 1000000000;
        pthread_cond_timedwait(&r->end, &r->lock, &until);
        if (!r->over && r->result && s->tty)
            lines = draw(s, r, lines);
    }
    if (r->result && s->tty)
        draw(s, r, lines);
    pthread_mutex_unlock(&r->lock);
}

/* Runs it to its end, or until Ctrl-C. */
static bool execute(struct session *s, const struct cplan *plan, struct result *result, struct err *e)
{
    const struct world world = world_real();
    struct run r = {.result = result, .lock = PTHREAD_MUTEX_INITIALIZER, .end = PTHREAD_COND_INITIALIZER};
    struct job_opts opts = {.output = result ? JOB_ROWS : JOB_TABLES,
                            .row = take,
                            .row_ctx = &r,
                            .n_config = s->c.n_config,
                            .config_names = s->c.config_names,
                            .config_values = s->c.config_values};
    pthread_t thread;
    r.job = job_open(plan, &world, &opts, e);
    if (!r.job)
        return false;
    pthread_mutex_lock(&running.lock);
    running.job = r.job;
    running.stopped = false;
    pthread_mutex_unlock(&running.lock);
    bool ok = !pthread_create(&thread, NULL, run_job, &r) || err_set(e, ERR_IO, "there can be no further thread");
    if (ok) {
        watch(s, &r);
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
    if (ok && result && !s->tty && !result_print(result, s->cli, e))
        return false;
    if (s->tty && ok)
        printf("%llu rows%s\n", (unsigned long long)(result ? result->live : f.rows_out),
               stopped      ? ", stopped"
                   : result ? ""
                            : " written");
    return ok;
}

/* --- statements --- */

static bool plan_of(struct session *s, struct value *json, struct cplan *plan, struct err *e)
{
    return cplan_of(plan, &s->a, json, e);
}

static bool insert(struct session *s, const struct ast *x, struct err *e)
{
    struct value json;
    struct cplan plan;
    return compile_inserts(&s->c, &conn_tables, &x, 1, &json, e) && plan_of(s, &json, &plan, e) && execute(s, &plan, NULL, e);
}

static bool execute_plan(struct session *s, const char *path, struct err *e)
{
    struct buf text = {0};
    struct cplan plan;
    bool ok = read_whole(path, &text, e) && planfile_read(&plan, path, &text, &s->c, &s->a, e);
    buf_free(&text);
    return ok && execute(s, &plan, NULL, e);
}

static bool compile_plan(struct session *s, const struct ast *x, struct err *e)
{
    struct planfile f = {0};
    bool ok = planfile_compile(&f, &s->c, x, e) && planfile_write(&f, e);
    planfile_free(&f);
    return ok && (!f.execute || execute_plan(s, f.path, e)) && (f.execute || !s->tty || puts("done") >= 0);
}

static bool select_(struct session *s, const struct ast *x, struct err *e)
{
    struct result r = {.most = MOST_ROWS};
    struct value json;
    struct cplan plan;
    const struct ast *orders = NULL;
    const char *zone = catalog_config(&s->c, "table.local-time-zone", "UTC");
    bool changes = !strcasecmp(catalog_config(&s->c, "sql-client.execution.result-mode", "table"), "changelog");
    if (!changes)
        x = result_unordered(x, &s->a, &orders);
    if (!compile_query(&s->c, &conn_tables, x, &json, e) || !plan_of(s, &json, &plan, e))
        return false;
    if (changes)
        return execute(s, &plan, NULL, e);
    r.row = result_row(&plan, &s->a, e);
    r.zone = zone_load(&s->a, zone, strlen(zone), e);
    bool ok = r.row && r.zone && (!orders || result_order_by(&r, orders, s->text, &s->a, e)) && execute(s, &plan, &r, e);
    result_free(&r);
    return ok;
}

static bool show(struct session *s, const struct ast *x, struct err *e)
{
    struct show answer;
    struct buf out = {0};
    if (!show_of(&s->c, &conn_tables, x, &answer, e))
        return false;
    shown_put(&answer, false, s->cli, &out);
    bool ok = out_write(&out, e);
    buf_free(&out);
    return ok;
}

static bool statement(struct session *s, const struct ast *x, struct err *e)
{
    switch (x->kind) {
    case AST_INSERT:
    case AST_STATEMENT_SET:
        return insert(s, x, e);
    case AST_COMPILE_PLAN:
        return compile_plan(s, x, e);
    case AST_EXECUTE_PLAN:
        return execute_plan(s, x->kids[0]->text, e);
    case AST_SHOW:
    case AST_DESCRIBE:
    case AST_EXPLAIN:
        return show(s, x, e);
    default:
        if (ast_is_query(x))
            return select_(s, x, e);
        return catalog_do(&s->c, x, e) && (!s->tty || puts("done") >= 0);
    }
}

/* Statements with their semicolons. What is wrong is pointed at. */
static bool statements(struct session *s, const char *text, size_t n, const char *name, struct err *e)
{
    struct sql_script script;
    struct sql_text *t = arena_alloc(&s->a, sizeof *t);
    const char *copy = arena_strn(&s->a, text, n);
    *t = (struct sql_text){.name = name, .bytes = {(const uint8_t *)copy, n}};
    s->text = s->c.text = t;
    bool ok = sql_parse(t, &s->a, &script, e);
    for (uint32_t i = 0; ok && i < script.n; i++)
        ok = statement(s, script.statements[i], e);
    struct buf point = {0};
    sql_point(t, &point);
    if (!ok && point.n)
        fwrite(point.p, 1, point.n, stderr);
    buf_free(&point);
    return ok;
}

/* --- the prompt --- */

static const char about[] = "  SELECT … ;            its rows, as they come; Ctrl-C stops it\n"
                            "  CREATE TABLE … ;      tables for it: weir help sql says what there is\n"
                            "  SHOW TABLES; DESCRIBE name; SHOW FUNCTIONS; EXPLAIN SELECT … ;\n"
                            "  SET 'sql-client.execution.result-mode' = 'changelog';   changes instead of a table\n"
                            "  \\d [name]             tables and views, or what columns one has\n"
                            "  \\i file               the statements of a file\n"
                            "  \\q, quit; or Ctrl-D   ends\n";

static bool include(struct session *s, const char *path, struct err *e)
{
    struct buf text = {0};
    bool ok = read_whole(path, &text, e) && statements(s, (const char *)text.p, text.n, arena_str(&s->a, path), e);
    buf_free(&text);
    return ok;
}

/* A line that begins with a backslash, and words of Flink's client. False: it is none. */
static bool command(struct session *s, const char *line, struct err *e)
{
    char word[32] = "";
    size_t n = strcspn(line, " \t;");
    const char *rest = line + n + strspn(line + n, " \t;");
    memcpy(word, line, n < sizeof word - 1 ? n : sizeof word - 1);
    struct buf text = {0};
    if (!strcmp(word, "\\q") || !strcasecmp(word, "quit") || !strcasecmp(word, "exit"))
        s->over = true;
    else if (!strcmp(word, "\\?") || !strcmp(word, "\\h") || !strcasecmp(word, "help"))
        fputs(about, stdout);
    else if (!strcmp(word, "\\d")) {
        buf_printf(&text, "%s%s", *rest ? "DESCRIBE " : "SHOW TABLES", rest);
        statements(s, (const char *)text.p, text.n, "SQL", e);
    } else if (!strcmp(word, "\\i") && *rest)
        include(s, rest, e);
    else if (*word == '\\')
        err_set(e, ERR_USAGE, "there is no %s; \\? lists what there is", word);
    else
        return false;
    buf_free(&text);
    return true;
}

static void complain(struct session *s, struct err *e, bool *failed)
{
    if (e->kind == ERR_NONE)
        return;
    fflush(stdout);
    out_complain(e->text);
    *failed = true;
    s->over = s->over || e->kind == ERR_IO;
    *e = (struct err){0};
}

/* True: there is a statement in it, whole. */
static bool entered(struct session *s, struct input *p, struct buf *all, const struct buf *line, struct err *e)
{
    const char *text = buf_cstr((struct buf *)(uintptr_t)line);
    while (*text == ' ' || *text == '\t')
        text++;
    if (!all->n && (!*text || command(s, text, e))) {
        if (*text)
            input_remember(p, text);
        return false;
    }
    if (all->n)
        buf_putc(all, '\n');
    buf_put(all, line->p, line->n);
    return sql_is_whole((struct bytes){all->p, all->n});
}

static bool loop(struct session *s, struct input *p, struct err *e)
{
    struct buf line = {0}, all = {0};
    bool failed = false;
    for (enum input_end end = INPUT_LINE; !s->over && end != INPUT_EOF;) {
        end = input_read(p, all.n ? "    > " : "weir> ", &line, e);
        if (end == INPUT_DROPPED)
            all.n = 0;
        bool whole = end == INPUT_LINE ? entered(s, p, &all, &line, e) : end == INPUT_EOF && all.n && !s->tty;
        if (whole) {
            input_remember(p, buf_cstr(&all));
            statements(s, (const char *)all.p, all.n, "SQL", e);
            all.n = 0;
        }
        complain(s, e, &failed);
    }
    if (s->tty && !s->over)
        putchar('\n');
    buf_free(&line);
    buf_free(&all);
    return !failed || s->tty; /* who saw it knows it */
}

static const char *history_file(struct arena *a)
{
    const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
    if (state && *state == '/')
        return arena_printf(a, "%s/weir/sql-history", state);
    return home && *home ? arena_printf(a, "%s/.local/state/weir/sql-history", home) : NULL;
}

static const char *word_at(void *ctx, size_t i)
{
    struct session *s = ctx;
    return sql_word(&s->c, i);
}

static enum weir_exit run(const struct cli *cli, struct err *e)
{
    const struct args *a = cli->opts;
    struct session s = {.cli = cli, .tty = isatty(STDIN_FILENO) && isatty(STDOUT_FILENO)};
    bool ok = true;
    catalog_init(&s.c, &s.a, NULL);
    for (size_t i = 0; ok && i < a->set.n; i++) {
        const char *pair[2];
        ok = setting_pair(&s.a, a->set.v[i], pair, e);
        if (ok)
            catalog_set(&s.c, pair[0], pair[1]);
    }
    ok = ok && (!a->init || include(&s, a->init, e));
    struct input *p = ok ? input_open(s.tty, history_file(&s.a), word_at, &s, e) : NULL;
    if (p) {
        signals_instead(on_signal);
        if (s.tty && !cli->quiet)
            puts("Statements end with ;  \\? tells more.");
        ok = loop(&s, p, e);
        input_close(p);
    }
    catalog_free(&s.c);
    arena_free(&s.a);
    return ok || e->kind != ERR_NONE ? WEIR_OK : WEIR_FINDING;
}

static const struct opt opts[] = {
    {"init", 'i', OPT_FILE, offsetof(struct args, init), "FILE", NULL, "first the statements of that file"},
    {"set", 0, OPT_TEXTS, offsetof(struct args, set), "KEY=VALUE", NULL, "an option of Flink's, as SET in SQL"},
    {0},
};

const struct command cmd_sql = {
    .operands = "",
    .about = "Takes statements of Flink SQL at a prompt, with history and completion, and shows\n"
             "what comes of them: of a SELECT the rows, while they change. Without a terminal,\n"
             "reads standard input, and prints what is left in the end.\n",
    .opts = opts,
    .size = sizeof(struct args),
    .run = run,
};
