/* weir apply: does what a plan of weir migrate says, unless what it was made for has changed. */
#include <string.h>

#include "cli/migrating.h"
#include "cli/side.h"

struct args {
    struct open_opts open;
    struct error_opts errors;
    const char *output;
    bool json;
    uint64_t jobs;
};

struct work {
    struct plan plan;
    struct arena arena; /* of its text */
    struct migrating m;
};

static bool read_plan(struct work *w, const char *file, struct err *e)
{
    struct bytes text;
    return side_text(file, PLAN_MAX, &text, &w->arena, e) && plan_read(&w->plan, text, file, e);
}

static bool take_scripts(struct work *w, struct err *e)
{
    for (uint32_t i = 0; i < w->plan.n_scripts; i++)
        if (!scripts_add(&w->m.scripts, w->plan.scripts[i].name, w->plan.scripts[i].text, e))
            return false;
    return true;
}

static bool unchanged(struct work *w, struct err *e)
{
    struct migrating *m = &w->m;
    if (m->draft.n_inputs + m->draft.n_files != w->plan.n_inputs)
        return err_set(e, ERR_CORRUPT, "the plan does not name the snapshots and files that its scripts do");
    for (uint32_t i = 0; i < w->plan.n_inputs; i++)
        if (strcmp(m->prints[i].sha256.s, w->plan.inputs[i].sha256) != 0)
            return err_set(e, ERR_CHANGED, "%s: has changed since the plan was made; plan anew", w->plan.inputs[i].location);
    return true;
}

static bool work(const struct cli *cli, const struct args *a, struct work *w, struct err *e)
{
    struct migrating *m = &w->m;
    if (!read_plan(w, cli->args.v[0], e))
        return false;
    const char *output = a->output ? a->output : w->plan.output, *location = w->plan.inputs[0].location;
    unsigned jobs = a->jobs > 256 ? 256 : (unsigned)a->jobs;
    if (!output)
        return err_set(e, ERR_USAGE, "apply: the plan says no output, and --output is missing");
    if (!migrating_open(m, &a->open, location, e) || !take_scripts(w, e) || !migrating_draft(m, location, jobs, false, e) ||
        !migrating_fingerprints(m, e) || !unchanged(w, e) || !migrating_run(m, output, &a->errors, jobs, e))
        return false;
    progress_end(&m->progress);
    migrating_report(cli, m, a->json, false, output, "written", e);
    return true;
}

static enum weir_exit run(const struct cli *cli, struct err *e)
{
    struct work w = {0};
    progress_start(&w.m.progress, "migrating", 0, cli->quiet);
    work(cli, cli->opts, &w, e);
    progress_end(&w.m.progress);
    migrating_point(&w.m);
    migrating_close(&w.m);
    plan_free(&w.plan);
    arena_free(&w.arena);
    return WEIR_OK;
}

static const struct opt opts[] = {
    {"output", 0, OPT_FILE, offsetof(struct args, output), "DIR", NULL, "write the savepoint there (default: where the plan says)"},
    {"json", 0, OPT_FLAG, offsetof(struct args, json), NULL, NULL, "report as JSON"},
    {"jobs", 'j', OPT_COUNT, offsetof(struct args, jobs), "N", NULL, "work on N subtasks side by side"},
    ERROR_ROWS(struct args),
    OPEN_ROWS(struct args),
    {0},
};

static const struct args defaults = {.jobs = 1};

const struct command cmd_apply = {
    .operands = "PLAN",
    .about = "Does what a plan says that weir migrate --plan-only has written. When a byte of\n"
             "a snapshot that it was made for is another one since, nothing is done (exit 3).\n",
    .opts = opts,
    .size = sizeof(struct args),
    .defaults = &defaults,
    .min = 1,
    .max = 1,
    .run = run,
};
