/* weir savepoint: take one, or dispose of one. */
#include "cli/change.h"

struct args {
    struct change_opts change;
    const char *directory, *trigger, *dispose;
    int format;
};

enum { PATIENCE = 600 };

static enum weir_exit run(const struct cli *cli, struct err *e)
{
    const struct args *a = cli->opts;
    struct change c = {.order = {.kind = a->dispose ? ORDER_DISPOSE : ORDER_SAVEPOINT,
                                 .directory = a->directory,
                                 .format = change_format(a->format),
                                 .path = a->dispose,
                                 .trigger = a->trigger}};
    if (!a->dispose == !cli->args.n)
        err_set(e, ERR_USAGE, "savepoint: either JOB or --dispose PATH is needed");
    else if (a->dispose && (a->directory || a->trigger || c.order.format))
        err_set(e, ERR_USAGE, "--dispose goes without --dir, --format and --trigger");
    else if (change_open(&c, cli, &a->change, e) &&
             (a->dispose ? change_confirm(&c, "Delete the savepoint", a->dispose, e) : change_job(&c, cli->args.v[0], e)))
        change_run(&c, PATIENCE, e);
    change_close(&c);
    return WEIR_OK;
}

static const struct opt opts[] = {
    SAVEPOINT_ROWS(struct args),
    {"dispose", 0, OPT_TEXT, offsetof(struct args, dispose), "PATH", NULL, "instead: delete the savepoint there; asks first"},
    CHANGE_YES_ROW(struct args),
    TRIGGER_ROW(struct args),
    CHANGE_ROWS(struct args, "600"),
    {0},
};

static const struct args defaults = {.format = -1};

const struct command cmd_savepoint = {
    .operands = "[JOB]",
    .about = "Takes a savepoint of a job, which goes on, and prints where it lies. With --dispose it deletes one.\n",
    .opts = opts,
    .size = sizeof(struct args),
    .defaults = &defaults,
    .max = 1,
    .run = run,
};
