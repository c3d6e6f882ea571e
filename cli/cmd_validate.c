/* weir validate: is a snapshot whole, and would the new job restore from it? */
#include <string.h>
#include <time.h>

#include "cli/against.h"
#include "cli/out.h"
#include "inspect/report.h"
#include "inspect/validate_policy.h"

enum format { FORMAT_TEXT, FORMAT_JSON, FORMAT_JUNIT, FORMAT_SARIF, FORMAT_GITHUB };

static const char *const formats[] = {"text", "json", "junit", "sarif", "github", NULL};
static report_fn *const reporters[] = {report_text, report_json, report_junit, report_sarif, report_github};
static const char *const backends[] = {"hashmap", "rocksdb", NULL};

struct args {
    struct open_opts open;
    const char *against, *flink, *policy;
    int backend, format;
    uint64_t jobs;
    bool allow, deep, quick, json;
};

/* The command's pieces, released together. */
struct work {
    struct opened opened;
    struct tree tree;
    struct against against;
    struct policy policy;
    struct arena arena;
    struct validation v;
};

enum { POLICY_MAX = 4 << 20 };

static bool read_policy(struct work *w, const char *file, struct err *e)
{
    struct bytes text;
    return !file || (side_text(file, POLICY_MAX, &text, &w->arena, e) && policy_read(&w->policy, text, file, &w->arena, e));
}

static bool read_target(const struct args *a, struct validate_opts *opts, struct err *e)
{
    opts->flink_given = a->flink;
    opts->backend_given = a->backend >= 0;
    if (a->flink && !(opts->target.flink = flink_version(a->flink)))
        return err_set(e, ERR_USAGE, "validate: --flink: \"%s\" is no version of Flink, as 1.20 or 2.3 are", a->flink);
    if (a->backend >= 0)
        opts->target.backend = a->backend ? BACKEND_ROCKSDB : BACKEND_HASHMAP;
    return true;
}

/* The jar is the new job's: what the old one's classes were it does not tell, so nothing is decoded by it. */
static bool open_old(struct work *w, const struct args *a, const char *location, struct err *e)
{
    bool ok = opened_open(&w->opened, &a->open, location, e);
    w->opened.told.source = NULL;
    return ok;
}

static bool read_against(struct work *w, const struct args *a, struct validate_opts *opts, struct err *e)
{
    if (!against_open(&w->against, a->against, &w->opened, &a->open, &w->tree, opts->flink_given ? opts->target.flink : 0, e))
        return false;
    opts->against = w->against.layout;
    return true;
}

static void today(char date[16])
{
    time_t now = time(NULL);
    struct tm tm;
    strftime(date, 16, "%Y-%m-%d", gmtime_r(&now, &tm));
}

static enum weir_exit report(const struct cli *cli, const struct args *a, struct work *w, struct err *e)
{
    struct buf out = {0};
    char date[16];
    const struct report r = {&w->v, cli->args.v[0], w->against.label, cli->width, cli->colour};
    today(date);
    if (a->policy)
        policy_apply(&w->policy, &w->v, &w->tree, date);
    reporters[a->json ? FORMAT_JSON : a->format](&r, &out);
    out_write(&out, e);
    buf_free(&out);
    return validation_count(&w->v, SEVERITY_ERROR) ? WEIR_FINDING : WEIR_OK;
}

static enum weir_exit run(const struct cli *cli, struct err *e)
{
    const struct args *a = cli->opts;
    struct work w = {0};
    struct progress progress;
    enum weir_exit status = WEIR_OK;
    struct validate_opts opts = {.deep = a->deep,
                                 .allow_non_restored = a->allow,
                                 .location = cli->args.v[0],
                                 .jobs = (unsigned)a->jobs,
                                 .progress = &progress};
    if (a->quick && a->deep) {
        err_set(e, ERR_USAGE, "validate: --quick or --deep, not both");
        return WEIR_USAGE;
    }
    const struct tree_opts tree = {.depth = a->quick ? TREE_QUICK
                                       : a->deep     ? TREE_DEEP
                                                     : TREE_NORMAL,
                                   .groups = !a->quick,
                                   .late_states = true,
                                   .jobs = (unsigned)a->jobs,
                                   .progress = &progress};
    progress_start(&progress, "reading", 0, cli->quiet);
    if (read_target(a, &opts, e) && read_policy(&w, a->policy, e) && open_old(&w, a, cli->args.v[0], e) &&
        tree_build(&w.tree, w.opened.snapshot, &w.opened.names, &tree, e) && read_against(&w, a, &opts, e)) {
        validate(&w.v, &w.tree, &opts);
        progress_end(&progress);
        status = report(cli, a, &w, e);
    }
    progress_end(&progress);
    validation_free(&w.v);
    against_close(&w.against);
    tree_free(&w.tree);
    opened_close(&w.opened);
    arena_free(&w.arena);
    return status;
}

static const struct opt opts[] = {
    {"against", 'a', OPT_FILE, offsetof(struct args, against), "NEW", NULL,
     "what the new job has: its snapshot, a weir schema, an Avro schema, a plan"},
    {"flink", 0, OPT_TEXT, offsetof(struct args, flink), "VERSION", NULL, "restore in this Flink (default: the snapshot's own)"},
    {"backend", 0, OPT_CHOICE, offsetof(struct args, backend), NULL, backends,
     "restore into this backend (default: the snapshot's own)"},
    {"allow-non-restored-state", 0, OPT_FLAG, offsetof(struct args, allow), NULL, NULL,
     "state of operators that are gone may be lost"},
    {"policy", 'p', OPT_FILE, offsetof(struct args, policy), "FILE", NULL, "what counts how much, and budgets: weir-policy(5)"},
    {"format", 'f', OPT_CHOICE, offsetof(struct args, format), NULL, formats, "how to say it"},
    {"json", 0, OPT_FLAG, offsetof(struct args, json), NULL, NULL, "the same as --format json"},
    {"deep", 'd', OPT_FLAG, offsetof(struct args, deep), NULL, NULL, "decode everything, and look for keys in wrong key groups"},
    {"quick", 0, OPT_FLAG, offsetof(struct args, quick), NULL, NULL, "only metadata and headers, no entries"},
    {"jobs", 'j', OPT_COUNT, offsetof(struct args, jobs), "N", NULL, "read N subtasks side by side"},
    OPEN_ROWS(struct args),
    {0},
};

static const struct args defaults = {.jobs = 1, .backend = -1};

const struct command cmd_validate = {
    .operands = "SNAPSHOT",
    .about = "Says whether a savepoint or retained checkpoint is whole, what is dangerous\n"
             "about it, and, with --against, whether a new version of the job restores from\n"
             "it: Flink's verdict for each state, and why. --jar does that by the new job's\n"
             "classes.\n",
    .opts = opts,
    .size = sizeof(struct args),
    .defaults = &defaults,
    .min = 1,
    .max = 1,
    .run = run,
};
