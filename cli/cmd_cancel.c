/* weir cancel: end a job as it is. */
#include "cli/change.h"

struct args {
    struct change_opts change;
};

enum { PATIENCE = 600 };

static enum weir_exit run(const struct cli *cli, struct err *e)
{
    const struct args *a = cli->opts;
    struct change c = {.order = {.kind = ORDER_CANCEL}};
    if (change_open(&c, cli, &a->change, e) && change_job(&c, cli->args.v[0], e) &&
        change_confirm(&c, "Cancel, without a savepoint,", NULL, e))
        change_run(&c, PATIENCE, e);
    change_close(&c);
    return WEIR_OK;
}

static const struct opt opts[] = {
    CHANGE_YES_ROW(struct args),
    CHANGE_ROWS(struct args, "600"),
    {0},
};

const struct command cmd_cancel = {
    .operands = "JOB",
    .about = "Cancels a job, without a savepoint, and prints the state that it has ended in. Asks first. See also weir stop.\n",
    .opts = opts,
    .size = sizeof(struct args),
    .min = 1,
    .max = 1,
    .words = no_words,
    .run = run,
};
