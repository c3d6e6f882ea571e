/* Finds the command, reads its options by its table, runs it, makes an exit status of what happened. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/out.h"
#include "cli/signals.h"
#include "savepoint/store.h"

struct common {
    bool help, quiet;
    int colour;
};

static const char *const whens[] = {"auto", "always", "never", NULL};

const struct opt common_opts[] = {
    {"color", 0, OPT_CHOICE, offsetof(struct common, colour), NULL, whens, "colours; auto: on a terminal, unless NO_COLOR is set"},
    {"quiet", 'q', OPT_FLAG, offsetof(struct common, quiet), NULL, NULL, "no progress on stderr"},
    {"help", 'h', OPT_FLAG, offsetof(struct common, help), NULL, NULL, "show this and exit"},
    {0},
};

static enum weir_exit usage_error(const struct err *e, const char *verb)
{
    out_complain(e->text);
    fprintf(stderr, "Try 'weir %s%s--help'.\n", verb ? verb : "", verb ? " " : "");
    return WEIR_USAGE;
}

/* Prints b and ends. */
static enum weir_exit show(struct buf *b, struct err *e)
{
    out_write(b, e);
    buf_free(b);
    if (e->kind)
        out_complain(e->text);
    return err_exit(e);
}

static enum weir_exit run(const struct command_row *row, const struct common *common, struct cli *cli, struct err *e)
{
    const struct command *c = row->command;
    if (common->help) {
        struct buf b = {0};
        help_command(row, &b);
        return show(&b, e);
    }
    if (cli->args.n < c->min)
        err_set(e, ERR_USAGE, "%s: %s is missing", row->verb, c->operands);
    else if (cli->args.n > c->max)
        err_set(e, ERR_USAGE, "%s: '%s' is one argument too many", row->verb, cli->args.v[c->max]);
    if (e->kind)
        return usage_error(e, row->verb);

    cli->verb = row->verb;
    cli->quiet = common->quiet;
    cli->colour = term_colour(STDOUT_FILENO, (enum term_when)common->colour);
    cli->width = term_width(STDOUT_FILENO);
    enum weir_exit status = c->run(cli, e);
    if (e->kind == ERR_USAGE)
        return usage_error(e, row->verb);
    if (!e->kind)
        return status;
    out_complain(e->text);
    return err_exit(e);
}

static enum weir_exit parse_and_run(const struct command_row *row, int argc, char **argv, struct err *e)
{
    const struct command *c = row->command;
    struct common common = {0};
    void *opts = mem_zalloc(c->size);
    if (c->defaults)
        memcpy(opts, c->defaults, c->size);
    const struct opt_set sets[] = {{c->opts, opts}, {common_opts, &common}};
    struct cli cli = {.args.v = mem_alloc(sizeof *cli.args.v * (size_t)(argc + 1)), .opts = opts};

    enum weir_exit status;
    if (opt_parse(sets, 2, argc, argv, &cli.args, e))
        status = run(row, &common, &cli, e);
    else
        status = usage_error(e, row->verb);
    opt_free(sets, 2);
    free(opts);
    free(cli.args.v);
    return status;
}

int main(int argc, char **argv)
{
    struct err e = {0};
    struct buf b = {0};
    signals_start();
    store_guard_sigbus();
    if (argc < 2) {
        err_set(&e, ERR_USAGE, "a command is missing");
        return usage_error(&e, NULL);
    }
    if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h")) {
        help_top(&b);
        return show(&b, &e);
    }
    if (!strcmp(argv[1], "--version")) {
        buf_puts(&b, "weir " WEIR_VERSION "\n");
        return show(&b, &e);
    }
    const struct command_row *row = command_find(argv[1]);
    if (row)
        return parse_and_run(row, argc - 2, argv + 2, &e);
    if (argv[1][0] == '-')
        err_set(&e, ERR_USAGE, "no option %s; options follow the command", argv[1]);
    else
        command_unknown(argv[1], &e);
    return usage_error(&e, NULL);
}
