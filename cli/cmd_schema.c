/* weir schema: the state schema of a snapshot, to be kept in git. */
#include "cli/cells.h"
#include "cli/open.h"
#include "cli/out.h"
#include "inspect/schema.h"

struct args {
    struct open_opts open;
    const char *operator_wanted;
    bool json;
};

static enum weir_exit run(const struct cli *cli, struct err *e)
{
    const struct args *a = cli->opts;
    struct opened o = {0};
    struct tree t = {0};
    struct buf out = {0};
    const struct tree_opts opts = {.depth = TREE_QUICK, .late_states = true, .operator_wanted = a->operator_wanted, .jobs = 1};
    if (opened_open(&o, &a->open, cli->args.v[0], e) && tree_build(&t, o.snapshot, &o.names, &opts, e)) {
        struct jsonw w = {.out = &out, .pretty = true};
        schema_json(&t, &w);
        buf_putc(&out, '\n');
        out_write(&out, e);
        complain_of(&t);
    }
    enum weir_exit status = tree_exit(&t);
    buf_free(&out);
    tree_free(&t);
    opened_close(&o);
    return status;
}

static const struct opt opts[] = {
    {"operator", 'o', OPT_TEXT, offsetof(struct args, operator_wanted), "OPERATOR", NULL,
     "only this one: uid, name, id or 8 digits of it"},
    {"json", 0, OPT_FLAG, offsetof(struct args, json), NULL, NULL, "JSON, which it always is"},
    OPEN_ROWS(struct args),
    {0},
};

const struct command cmd_schema = {
    .operands = "SNAPSHOT",
    .about = "Prints the state schema of a savepoint or retained checkpoint as a JSON\n"
             "document: operators, states, serializers with all of their fields. It is the\n"
             "same for every snapshot of a job, to be kept in git and compared.\n",
    .opts = opts,
    .size = sizeof(struct args),
    .min = 1,
    .max = 1,
    .run = run,
};
