/* weir run: Flink SQL, or a compiled plan of it, in this process. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/out.h"
#include "cli/rows_job.h"
#include "cli/run_top.h"
#include "cli/serving.h"
#include "cli/shown.h"
#include "cli/signals.h"
#include "cli/sqljob.h"
#include "runtime/runtime.h"

struct args {
    struct opt_texts set;
    int format, state;
    uint64_t batch_rows, parallelism;
    const char *checkpoint_dir, *statement, *from;
    bool allow_non_restored;
    struct serving serving;
};

static const char *const formats[] = {"tables", "ndjson", NULL};
static const char *const states[] = {"hashmap", "rocksdb", "memory", NULL}; /* memory: hashmap */

static void set(struct job_opts *opts, struct arena *a, const char *name, const char *value)
{
    uint32_t n = opts->n_config;
    const char **names = arena_array(a, n + 1, sizeof *names), **values = arena_array(a, n + 1, sizeof *values);
    for (uint32_t i = 0; i < n; i++) {
        names[i + 1] = opts->config_names[i];
        values[i + 1] = opts->config_values[i];
    }
    names[0] = name; /* the first one counts */
    values[0] = value;
    opts->config_names = names;
    opts->config_values = values;
    opts->n_config = n + 1;
}

static bool settings(const struct opt_texts *all, struct arena *a, struct job_opts *opts, struct err *e)
{
    for (size_t i = 0; i < all->n; i++) {
        const char *pair[2];
        if (!setting_pair(a, all->v[i], pair, e))
            return false;
        set(opts, a, pair[0], pair[1]);
    }
    return true;
}

/* What is not in the result, so that nothing is lost in silence. */
static void tell_lost(const struct job *j, const struct job_opts *opts)
{
    struct job_figures f = job_figures(j);
    struct buf b = {0};
    if (f.skipped)
        buf_printf(&b, "%llu malformed line%s or value%s left out", (unsigned long long)f.skipped, f.skipped == 1 ? "" : "s",
                   f.skipped == 1 ? " is" : "s are");
    if (f.late)
        buf_printf(&b, "%s%llu row%s came behind the watermark and %s left out", b.n ? "; " : "", (unsigned long long)f.late,
                   f.late == 1 ? "" : "s", f.late == 1 ? "is" : "are");
    if (b.n)
        opts->notice(opts->notice_ctx, buf_cstr(&b));
    buf_free(&b);
}

/* `path`: of the plan, for what is wrong with it. */
static bool run_job(const struct cplan *plan, const char *path, const struct job_opts *opts, const struct serving *s, struct err *e)
{
    struct world world = world_real();
    if (s->top)
        world.print = run_top_print;
    struct job *j = job_open(plan, &world, opts, e);
    if (!j)
        return err_in(e, "%s", path);
    serving_run(j, s, opts, e);
    tell_lost(j, opts);
    job_free(j);
    if (s->top)
        run_top_told(e);
    return e->kind == ERR_NONE;
}

/* Tables of the catalog (or NULL) complete those of the plan. */
static bool run_plan(const char *path, const struct buf *text, const struct catalog *c, const struct job_opts *opts,
                     const struct serving *s, struct arena *a, struct err *e)
{
    struct cplan plan;
    return planfile_read(&plan, path, text, c, a, e) && run_job(&plan, path, opts, s, e);
}

/* --- scripts --- */

static bool run_files(const struct sqljob *s, const struct job_opts *opts, const struct serving *serving, struct arena *a,
                      struct err *e)
{
    bool ok = true;
    for (uint32_t i = 0; ok && i < s->n_files; i++) {
        struct buf text = {0};
        ok = read_whole(s->files[i], &text, e) && run_plan(s->files[i], &text, &s->catalog, opts, serving, a, e);
        buf_free(&text);
    }
    return ok;
}

static bool print_shows(const struct sqljob *s, const struct cli *cli, bool ndjson, struct err *e)
{
    struct buf out = {0};
    for (uint32_t i = 0; i < s->n_shows; i++) {
        if (i && !ndjson)
            buf_putc(&out, '\n');
        shown_put(&s->shows[i], ndjson, cli, &out);
    }
    bool ok = out_write(&out, e);
    buf_free(&out);
    return ok;
}

/* What the query's rows come to, drawn while they change where that can be seen. */
static bool run_table(struct sqljob *s, const struct job_opts *opts, const struct cli *cli, struct err *e)
{
    const struct rows_job job = {.cli = cli, .tty = isatty(STDOUT_FILENO), .opts = opts};
    signals_instead(rows_job_stop);
    bool ok = rows_job_select(&job, &s->catalog, &s->a, s->query, e);
    signals_instead(NULL);
    return ok;
}

/* Everything is looked at before anything runs. */
static bool run_script(struct sqljob *s, const char *name, const struct job_opts *given, const struct serving *serving,
                       const struct cli *cli, struct arena *a, struct err *e)
{
    const char *(*settings)[2] = arena_array(a, given->n_config + 1u, sizeof *settings);
    struct job_opts opts = *given;
    struct value plan;
    struct cplan c;
    for (uint32_t i = given->n_config; i--;) { /* the first one counts */
        settings[given->n_config - 1 - i][0] = given->config_names[i];
        settings[given->n_config - 1 - i][1] = given->config_values[i];
    }
    if (!sqljob_read(s, name, (const char *const(*)[2])settings, given->n_config, e))
        return false;
    if (!s->n_inserts && !s->n_files && !s->n_plans && !s->query && !s->n_shows)
        return err_set(e, ERR_USAGE, "%s: there is no INSERT INTO, SELECT or EXECUTE PLAN in it", name);
    for (uint32_t i = 0; i < s->catalog.n_config; i++)
        set(&opts, a, s->catalog.config_names[i], s->catalog.config_values[i]);
    bool table = s->query && opts.output != JOB_NDJSON && !rows_job_changes(&s->catalog, false);
    bool job = (s->n_inserts || s->query) && !table;
    if (table && (serving->rest || serving->top))
        return err_set(e, ERR_USAGE, "sql-client.execution.result-mode = table goes without --rest and --top");
    if (job && (!sqljob_plan(s, &plan, e) || !cplan_of(&c, &s->a, &plan, e)))
        return false;
    return sqljob_write_plans(s, e) && print_shows(s, cli, opts.output == JOB_NDJSON, e) && run_files(s, &opts, serving, a, e) &&
        (!table || run_table(s, &opts, cli, e)) && (!job || run_job(&c, name, &opts, serving, e));
}

/* What the job goes on from. */
static void notice(void *ctx, const char *text)
{
    (void)ctx;
    fprintf(stderr, "weir: %s\n", text);
}

static enum weir_exit run(const struct cli *cli, struct err *e)
{
    const struct args *a = cli->opts;
    const char *path = a->statement ? "-e" : cli->args.n ? cli->args.v[0] : NULL;
    struct arena arena = {0};
    struct sqljob s = {0};
    struct job_opts opts = {.output = a->format ? JOB_NDJSON : JOB_TABLES,
                            .checkpoint_dir = a->checkpoint_dir,
                            .notice = notice,
                            .from = a->from,
                            .allow_non_restored = a->allow_non_restored};
    if (a->batch_rows > UINT32_MAX)
        err_set(e, ERR_USAGE, "--batch-rows is too large");
    opts.batch_rows = (uint32_t)a->batch_rows;
    if (a->parallelism > 32768)
        err_set(e, ERR_USAGE, "--parallelism is at most 32768");
    opts.parallelism = (uint32_t)a->parallelism;
    if (!path || (a->statement && cli->args.n))
        err_set(e, ERR_USAGE, "either a file or -e 'SQL'");
    if (a->statement)
        buf_puts(&s.bytes, a->statement);
    if (a->state)
        set(&opts, &arena, "state.backend.type", states[a->state % 2]);
    if (e->kind == ERR_NONE && (!a->serving.top || run_top_may(e)) && settings(&a->set, &arena, &opts, e) &&
        (a->statement || read_whole(path, &s.bytes, e))) {
        if (a->statement || is_script(&s.bytes))
            run_script(&s, path, &opts, &a->serving, cli, &arena, e);
        else
            run_plan(path, &s.bytes, NULL, &opts, &a->serving, &arena, e);
    }
    sqljob_free(&s);
    arena_free(&arena);
    return WEIR_OK;
}

static const struct opt opts[] = {
    {"execute", 'e', OPT_TEXT, offsetof(struct args, statement), "SQL", NULL, "these statements, instead of a file"},
    {"format", 0, OPT_CHOICE, offsetof(struct args, format), NULL, formats, "where rows go: to the tables, or to standard output"},
    {"set", 0, OPT_TEXTS, offsetof(struct args, set), "KEY=VALUE", NULL, "an option of Flink's, as SET in SQL"},
    {"state", 0, OPT_CHOICE, offsetof(struct args, state), NULL, states,
     "where keyed state lies: in memory, or in RocksDB databases on the disk"},
    {"checkpoint-dir", 0, OPT_TEXT, offsetof(struct args, checkpoint_dir), "DIR", NULL,
     "take checkpoints there, and go on from the last one"},
    {"from", 0, OPT_TEXT, offsetof(struct args, from), "SNAPSHOT", NULL,
     "begin with the state of a savepoint or checkpoint, weir's or Flink's"},
    {"allow-non-restored-state", 0, OPT_FLAG, offsetof(struct args, allow_non_restored), NULL, NULL,
     "leave what that has of operators which the plan has not"},
    {"parallelism", 0, OPT_COUNT, offsetof(struct args, parallelism), "N", NULL, "subtasks of each step, one thread each (1)"},
    {"batch-rows", 0, OPT_COUNT, offsetof(struct args, batch_rows), "N", NULL, "rows that are worked on together, at most (1024)"},
    SERVING_ROWS(struct args, serving),
    {0},
};

const struct command cmd_run = {
    .operands = "[FILE]",
    .about = "Runs Flink SQL in this process, to the end of its input: a script of CREATE TABLE,\n"
             "INSERT INTO and SELECT, or a compiled plan (the JSON of COMPILE PLAN). What it\n"
             "does not know yet is refused before anything is read or written. \"-\" reads\n"
             "standard input.\n",
    .opts = opts,
    .size = sizeof(struct args),
    .min = 0,
    .max = 1,
    .run = run,
};
