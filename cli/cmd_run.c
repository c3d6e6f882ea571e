/* weir run: a compiled plan of Flink SQL, or a script that executes some, in this process. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "cli/out.h"
#include "cli/serving.h"
#include "runtime/runtime.h"
#include "sql/parse.h"

enum { PLAN_MAX_BYTES = 64 << 20 };

struct args {
    struct opt_texts set;
    int format;
    uint64_t batch_rows, parallelism;
    const char *checkpoint_dir;
    struct serving serving;
};

static const char *const formats[] = {"tables", "ndjson", NULL};

static bool read_file(const char *path, struct buf *b, struct err *e)
{
    FILE *f = strcmp(path, "-") ? fopen(path, "re") : stdin;
    if (!f)
        return err_set(e, errno == ENOENT ? ERR_MISSING : ERR_IO, "%s: %s", path, strerror(errno));
    size_t got;
    do {
        buf_reserve(b, 64 << 10);
        got = fread(b->p + b->n, 1, 64 << 10, f);
        b->n += got;
    } while (got && b->n <= PLAN_MAX_BYTES);
    bool ok = !ferror(f) || err_set(e, ERR_IO, "%s: %s", path, strerror(errno));
    if (f != stdin)
        fclose(f);
    return ok && (b->n <= PLAN_MAX_BYTES || err_set(e, ERR_LIMIT, "%s is larger than 64 MiB, which no plan is", path));
}

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
        const char *eq = strchr(all->v[i], '=');
        if (!eq || eq == all->v[i])
            return err_set(e, ERR_USAGE, "--set takes KEY=VALUE, not '%s'", all->v[i]);
        set(opts, a, arena_strn(a, all->v[i], (size_t)(eq - all->v[i])), eq + 1);
    }
    return true;
}

static bool run_plan(const char *path, const struct buf *text, const struct job_opts *opts, const struct serving *s,
                     struct arena *a, struct err *e)
{
    struct cplan plan;
    const struct world world = world_real();
    if (!cplan_read(&plan, a, (const char *)text->p, text->n, e))
        return err_in(e, "%s", path);
    struct job *j = job_open(&plan, &world, opts, e);
    if (!j)
        return err_in(e, "%s", path);
    bool ok = serving_run(j, s, opts, e);
    job_free(j);
    return ok;
}

/* --- scripts --- */

static bool is_script(const struct buf *text)
{
    size_t i = 0;
    while (i < text->n && strchr(" \t\r\n", text->p[i]) && text->p[i])
        i++;
    return i == text->n || text->p[i] != '{';
}

/* Everything else is refused before anything runs. */
static bool may_run(struct sql_text *t, const struct sql_script *script, struct err *e)
{
    uint32_t plans = 0;
    for (uint32_t i = 0; i < script->n; i++) {
        const struct ast *x = script->statements[i];
        plans += x->kind == AST_EXECUTE_PLAN;
        if (x->kind != AST_EXECUTE_PLAN && (x->kind != AST_SET || !ast_kid(x, 1)))
            return sql_fault(
                t, x->at, e,
                "weir runs SET 'key' = 'value' and EXECUTE PLAN 'file'; have Flink compile the rest (COMPILE PLAN 'file' FOR …)");
    }
    return plans || err_set(e, ERR_USAGE, "%s: there is no EXECUTE PLAN 'file' in it", t->name);
}

static bool run_file(const char *path, const struct job_opts *opts, const struct serving *s, struct arena *a, struct err *e);

static bool run_script(const char *path, const struct buf *text, const struct job_opts *given, const struct serving *s,
                       struct arena *a, struct err *e)
{
    struct sql_text t = {.name = path, .bytes = {text->p, text->n}};
    struct sql_script script;
    struct job_opts opts = *given;
    bool ok = sql_parse(&t, a, &script, e) && may_run(&t, &script, e);
    struct buf point = {0};
    sql_point(&t, &point);
    if (point.n)
        fwrite(point.p, 1, point.n, stderr);
    buf_free(&point);
    for (uint32_t i = 0; ok && i < script.n; i++) {
        const struct ast *x = script.statements[i];
        if (x->kind == AST_SET)
            set(&opts, a, x->kids[0]->text, x->kids[1]->text);
        else
            ok = run_file(x->kids[0]->text, &opts, s, a, e);
    }
    return ok;
}

static bool run_file(const char *path, const struct job_opts *opts, const struct serving *s, struct arena *a, struct err *e)
{
    struct buf text = {0};
    bool ok = read_file(path, &text, e) && run_plan(path, &text, opts, s, a, e);
    buf_free(&text);
    return ok;
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
    const char *path = cli->args.v[0];
    struct arena arena = {0};
    struct buf text = {0};
    struct job_opts opts = {.output = a->format ? JOB_NDJSON : JOB_TABLES, .checkpoint_dir = a->checkpoint_dir, .notice = notice};
    if (a->batch_rows > UINT32_MAX)
        err_set(e, ERR_USAGE, "--batch-rows is too large");
    opts.batch_rows = (uint32_t)a->batch_rows;
    if (a->parallelism > 32768)
        err_set(e, ERR_USAGE, "--parallelism is at most 32768");
    opts.parallelism = (uint32_t)a->parallelism;
    if (e->kind == ERR_NONE && settings(&a->set, &arena, &opts, e) && read_file(path, &text, e)) {
        if (is_script(&text))
            run_script(path, &text, &opts, &a->serving, &arena, e);
        else
            run_plan(path, &text, &opts, &a->serving, &arena, e);
    }
    buf_free(&text);
    arena_free(&arena);
    return WEIR_OK;
}

static const struct opt opts[] = {
    {"format", 0, OPT_CHOICE, offsetof(struct args, format), NULL, formats, "where rows go: to the tables, or to standard output"},
    {"set", 0, OPT_TEXTS, offsetof(struct args, set), "KEY=VALUE", NULL, "an option of Flink's, as SET in SQL"},
    {"checkpoint-dir", 0, OPT_TEXT, offsetof(struct args, checkpoint_dir), "DIR", NULL,
     "take checkpoints there, and go on from the last one"},
    {"parallelism", 0, OPT_COUNT, offsetof(struct args, parallelism), "N", NULL, "subtasks of each step, one thread each (1)"},
    {"batch-rows", 0, OPT_COUNT, offsetof(struct args, batch_rows), "N", NULL, "rows that are worked on together, at most (1024)"},
    SERVING_ROWS(struct args, serving),
    {0},
};

const struct command cmd_run = {
    .operands = "PLAN|SCRIPT",
    .about = "Runs a compiled plan of Flink SQL (the JSON of COMPILE PLAN) in this process, to\n"
             "the end of its input; or a script of SET and EXECUTE PLAN statements. What it\n"
             "does not know yet is refused before anything is read or written. \"-\" reads\n"
             "standard input.\n",
    .opts = opts,
    .size = sizeof(struct args),
    .min = 1,
    .max = 1,
    .run = run,
};
