/* weir sql: statements of Flink SQL, one after the other, at a prompt. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/out.h"
#include "cli/input.h"
#include "cli/planfile.h"
#include "cli/rows_job.h"
#include "cli/script.h"
#include "cli/shown.h"
#include "cli/signals.h"
#include "cli/sql_words.h"
#include "runtime/conn.h"
#include "sql/compile.h"
#include "sql/parse.h"
#include "sql/show.h"

struct args {
    struct opt_texts set;
    const char *init;
};

struct session {
    const struct cli *cli;
    struct arena a;
    struct catalog c;
    struct sql_text *text; /* of the last statement */
    bool tty, over;
};

/* --- jobs --- */

static struct rows_job job_of(struct session *s, struct job_opts *opts)
{
    *opts = (struct job_opts){.n_config = s->c.n_config, .config_names = s->c.config_names, .config_values = s->c.config_values};
    return (struct rows_job){.cli = s->cli, .tty = s->tty, .opts = opts};
}

static bool execute(struct session *s, const struct cplan *plan, struct err *e)
{
    struct job_opts opts;
    struct rows_job job = job_of(s, &opts);
    return rows_job_run(&job, plan, e);
}

/* --- statements --- */

static bool insert(struct session *s, const struct ast *x, struct err *e)
{
    struct value json;
    struct cplan plan;
    return compile_inserts(&s->c, &conn_tables, &x, 1, &json, e) && cplan_of(&plan, &s->a, &json, e) && execute(s, &plan, e);
}

static bool execute_plan(struct session *s, const char *path, struct err *e)
{
    struct buf text = {0};
    struct cplan plan;
    bool ok = read_whole(path, &text, e) && planfile_read(&plan, path, &text, &s->c, &s->a, e);
    buf_free(&text);
    return ok && execute(s, &plan, e);
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
    struct job_opts opts;
    struct rows_job job = job_of(s, &opts);
    struct value json;
    struct cplan plan;
    if (!rows_job_changes(&s->c, true))
        return rows_job_select(&job, &s->c, &s->a, x, e);
    return compile_query(&s->c, &conn_tables, x, &json, e) && cplan_of(&plan, &s->a, &json, e) && rows_job_run(&job, &plan, e);
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
        signals_instead(rows_job_stop);
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
