/* weir stop: end a job with a savepoint. */
#include "cli/change.h"

struct args {
    struct change_opts change;
    const char *directory, *trigger;
    int format;
    bool drain;
};

enum { PATIENCE = 600 };

static enum weir_exit run(const struct cli *cli, struct err *e)
{
    const struct args *a = cli->opts;
    struct change c = {.order = {.kind = ORDER_STOP,
                                 .directory = a->directory,
                                 .format = change_format(a->format),
                                 .trigger = a->trigger,
                                 .drain = a->drain}};
    const char *what = a->drain ? "Stop for good, with all windows fired and a savepoint," : "Stop, with a savepoint,";
    if (change_open(&c, cli, &a->change, e) && change_job(&c, cli->args.v[0], e) && change_confirm(&c, what, NULL, e))
        change_run(&c, PATIENCE, e);
    change_close(&c);
    return WEIR_OK;
}

static const struct opt opts[] = {
    {"drain", 0, OPT_FLAG, offsetof(struct args, drain), NULL, NULL, "first let all windows fire; not for a job that is to go on"},
    SAVEPOINT_ROWS(struct args),
    CHANGE_YES_ROW(struct args),
    TRIGGER_ROW(struct args),
    CHANGE_ROWS(struct args, "600"),
    {0},
};

static const struct args defaults = {.format = -1};

const struct command cmd_stop = {
    .operands = "JOB",
    .about = "Stops a job with a savepoint and prints where that lies. Asks first. If the savepoint fails the job goes on.\n",
    .opts = opts,
    .size = sizeof(struct args),
    .defaults = &defaults,
    .min = 1,
    .max = 1,
    .words = no_words,
    .run = run,
};
