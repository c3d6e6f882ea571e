/* weir run: a compiled plan of Flink SQL, in this process. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "cli/out.h"
#include "runtime/runtime.h"

enum { PLAN_MAX_BYTES = 64 << 20 };

struct args {
    struct opt_texts set;
    int format;
    uint64_t batch_rows;
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

/* "key=value" into two lists; the values' strings are argv's. */
static bool settings(const struct opt_texts *set, struct arena *a, struct job_opts *opts, struct err *e)
{
    const char **names = arena_array(a, set->n + 1, sizeof *names), **values = arena_array(a, set->n + 1, sizeof *values);
    for (size_t i = 0; i < set->n; i++) {
        const char *eq = strchr(set->v[i], '=');
        if (!eq || eq == set->v[i])
            return err_set(e, ERR_USAGE, "--set takes KEY=VALUE, not '%s'", set->v[i]);
        names[i] = arena_strn(a, set->v[i], (size_t)(eq - set->v[i]));
        values[i] = eq + 1;
    }
    opts->n_config = (uint32_t)set->n;
    opts->config_names = names;
    opts->config_values = values;
    return true;
}

static bool run_plan(const char *path, const struct buf *text, const struct job_opts *opts, struct arena *a, struct err *e)
{
    struct cplan plan;
    const struct world world = world_real();
    if (!cplan_read(&plan, a, (const char *)text->p, text->n, e))
        return err_in(e, "%s", path);
    struct job *j = job_open(&plan, &world, opts, e);
    if (!j)
        return err_in(e, "%s", path);
    bool ok = job_run(j, e);
    job_free(j);
    return ok;
}

static enum weir_exit run(const struct cli *cli, struct err *e)
{
    const struct args *a = cli->opts;
    struct arena arena = {0};
    struct buf text = {0};
    struct job_opts opts = {.output = a->format ? JOB_NDJSON : JOB_TABLES};
    if (a->batch_rows > UINT32_MAX)
        err_set(e, ERR_USAGE, "--batch-rows is too large");
    opts.batch_rows = (uint32_t)a->batch_rows;
    if (e->kind == ERR_NONE && settings(&a->set, &arena, &opts, e) && read_file(cli->args.v[0], &text, e))
        run_plan(cli->args.v[0], &text, &opts, &arena, e);
    buf_free(&text);
    arena_free(&arena);
    return WEIR_OK;
}

static const struct opt opts[] = {
    {"format", 0, OPT_CHOICE, offsetof(struct args, format), NULL, formats, "where rows go: to the tables, or to standard output"},
    {"set", 0, OPT_TEXTS, offsetof(struct args, set), "KEY=VALUE", NULL, "an option of Flink's, as SET in SQL"},
    {"batch-rows", 0, OPT_COUNT, offsetof(struct args, batch_rows), "N", NULL, "rows that are worked on together, at most (1024)"},
    {0},
};

const struct command cmd_run = {
    .operands = "PLAN",
    .about = "Runs a compiled plan of Flink SQL (the JSON of COMPILE PLAN) in this process, to\n"
             "the end of its input. What it does not know yet is refused before anything is\n"
             "read or written. \"-\" reads the plan from standard input.\n",
    .opts = opts,
    .size = sizeof(struct args),
    .min = 1,
    .max = 1,
    .run = run,
};
