/* weir migrate: a savepoint made of another one, as scripts say. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/migrating.h"
#include "cli/out.h"

struct args {
    struct open_opts open;
    struct error_opts errors;
    const char *output, *plan_file;
    bool plan_only, dry, json;
    uint64_t jobs;
};

static bool check(const struct args *a, struct err *e)
{
    if (a->plan_only && a->dry)
        return err_set(e, ERR_USAGE, "migrate: --plan-only or --dry-run, not both");
    if (a->plan_file && !a->plan_only)
        return err_set(e, ERR_USAGE, "migrate: --plan-file goes with --plan-only");
    if (!a->output && !a->plan_only && !a->dry)
        return err_set(e, ERR_USAGE, "migrate: --output, --plan-only or --dry-run is missing");
    return true;
}

/* A plan that is there already stays: it may have been looked at and approved. */
static bool write_plan(const struct args *a, const struct migrating *m, struct err *e)
{
    struct buf out = {0};
    const struct plan_facts facts = {&m->draft, &m->scripts, &m->changes, m->prints, a->output};
    plan_write(&facts, &out);
    int fd = open(a->plan_file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    bool ok = fd >= 0;
    for (size_t at = 0; ok && at < out.n;) {
        ssize_t n = write(fd, out.p + at, out.n - at);
        ok = n > 0;
        at += ok ? (size_t)n : 0;
    }
    if (!ok && errno == EEXIST && fd < 0)
        err_set(e, ERR_REFUSED, "%s: is there already; weir overwrites nothing", a->plan_file);
    else if (!ok)
        err_set(e, ERR_IO, "cannot write %s: %s", a->plan_file, strerror(errno));
    if (fd >= 0 && close(fd) && ok)
        ok = err_set(e, ERR_IO, "cannot write %s: %s", a->plan_file, strerror(errno));
    if (fd >= 0 && !ok)
        unlink(a->plan_file);
    buf_free(&out);
    return ok;
}

static bool plan(const struct cli *cli, const struct args *a, struct migrating *m, struct err *e)
{
    if ((draft_has_steps(&m->draft) && !migrating_run(m, NULL, &a->errors, (unsigned)a->jobs, e)) ||
        !migrating_fingerprints(m, e) || (a->plan_file && !write_plan(a, m, e)))
        return false;
    progress_end(&m->progress);
    migrating_report(cli, m, a->json, true, a->output, "planned", e);
    return true;
}

static bool work(const struct cli *cli, const struct args *a, struct migrating *m, struct err *e)
{
    const char *location = cli->args.v[0];
    unsigned jobs = a->jobs > 256 ? 256 : (unsigned)a->jobs;
    if (!check(a, e) || !migrating_open(m, &a->open, location, e) ||
        !scripts_read(&m->scripts, cli->args.v + 1, cli->args.n - 1, &m->trail, e) ||
        !migrating_draft(m, location, jobs, a->plan_only, e))
        return false;
    if (a->plan_only)
        return plan(cli, a, m, e);
    if (!migrating_run(m, a->dry ? NULL : a->output, &a->errors, jobs, e))
        return false;
    progress_end(&m->progress);
    migrating_report(cli, m, a->json, false, a->dry ? NULL : a->output, a->dry ? "trial" : "written", e);
    return true;
}

static enum weir_exit run(const struct cli *cli, struct err *e)
{
    struct migrating m = {0};
    progress_start(&m.progress, "migrating", 0, cli->quiet);
    work(cli, cli->opts, &m, e);
    progress_end(&m.progress);
    migrating_point(&m);
    migrating_close(&m);
    return WEIR_OK;
}

static const struct opt opts[] = {
    {"output", 0, OPT_FILE, offsetof(struct args, output), "DIR", NULL, "write the savepoint there; it must not be there yet"},
    {"plan-only", 0, OPT_FLAG, offsetof(struct args, plan_only), NULL, NULL, "say what would be done, for weir apply"},
    {"plan-file", 'o', OPT_FILE, offsetof(struct args, plan_file), "FILE", NULL, "write the plan there, as JSON"},
    {"dry-run", 'n', OPT_FLAG, offsetof(struct args, dry), NULL, NULL, "convert everything and write nothing"},
    {"json", 0, OPT_FLAG, offsetof(struct args, json), NULL, NULL, "report as JSON"},
    {"jobs", 'j', OPT_COUNT, offsetof(struct args, jobs), "N", NULL, "work on N subtasks side by side"},
    ERROR_ROWS(struct args),
    OPEN_ROWS(struct args),
    {0},
};

static const struct args defaults = {.jobs = 1};

const struct command cmd_migrate = {
    .operands = "SNAPSHOT [SCRIPT...]",
    .about = "Makes a savepoint of another one: with other uids, without some states, for\n"
             "another maximum parallelism, ... as scripts say, which weir-migrations(5)\n"
             "explains. A directory of scripts runs by version, each script once. The\n"
             "snapshot itself is not changed.\n",
    .opts = opts,
    .size = sizeof(struct args),
    .defaults = &defaults,
    .min = 1,
    .max = UINT_MAX,
    .run = run,
};
