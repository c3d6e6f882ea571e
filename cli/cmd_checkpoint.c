/* weir checkpoint: take one now. */
#include "cli/change.h"

struct args {
    struct change_opts change;
    const char *trigger;
    int type;
};

enum { PATIENCE = 600 };

static const char *const types[] = {"configured", "full", "incremental", NULL};

static enum weir_exit run(const struct cli *cli, struct err *e)
{
    static const char *const words[] = {"CONFIGURED", "FULL", "INCREMENTAL"};
    const struct args *a = cli->opts;
    struct change c = {.order = {.kind = ORDER_CHECKPOINT, .type = words[a->type], .trigger = a->trigger}};
    if (change_open(&c, cli, &a->change, e) && change_job(&c, cli->args.v[0], e))
        change_run(&c, PATIENCE, e);
    change_close(&c);
    return WEIR_OK;
}

static const struct opt opts[] = {
    {"type", 't', OPT_CHOICE, offsetof(struct args, type), NULL, types, "as the job is configured, whole, or what has changed"},
    TRIGGER_ROW(struct args),
    CHANGE_ROWS(struct args, "600"),
    {0},
};

const struct command cmd_checkpoint = {
    .operands = "JOB",
    .about = "Takes a checkpoint of a job now and prints its number. Needs Flink 1.17.\n",
    .opts = opts,
    .size = sizeof(struct args),
    .min = 1,
    .max = 1,
    .words = no_words,
    .run = run,
};
