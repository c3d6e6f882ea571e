/* The table of commands, and help made from it. */
#include <string.h>

#include "base/nearest.h"
#include "cli/command.h"
#include "cli/out.h"

const struct command_row commands[] = {
#define COMMAND(verb, ident, summary) {verb, summary, &cmd_##ident},
#include "cli/commands.def"
#undef COMMAND
    {0},
};

const struct command_row *command_find(const char *verb)
{
    for (const struct command_row *row = commands; row->verb; row++)
        if (!strcmp(row->verb, verb))
            return row;
    return NULL;
}

static const char *verb_at(const void *unused, size_t i)
{
    (void)unused;
    return commands[i].verb;
}

bool command_unknown(const char *verb, struct err *e)
{
    const char *meant = nearest_name(verb, verb_at, NULL);
    if (meant)
        return err_set(e, ERR_USAGE, "no command '%s'; did you mean '%s'?", verb, meant);
    return err_set(e, ERR_USAGE, "no command '%s'", verb);
}

void help_top(struct buf *b)
{
    buf_puts(b,
             "usage: weir COMMAND [OPTION]... [ARGUMENT]...\n"
             "       weir --version | --help\n\n"
             "Reads what Apache Flink leaves behind, without a JVM.\n\n");
    for (const struct command_row *row = commands; row->verb; row++)
        buf_printf(b, "  %-12s %s\n", row->verb, row->summary);
    buf_puts(
        b,
        "\n'weir COMMAND --help' and weir-COMMAND(1) tell more, 'weir help exit-codes' what the exit status means,\n'weir help sql' which SQL there is.\n");
}

void help_command(const struct command_row *row, struct buf *b)
{
    const struct command *c = row->command;
    buf_printf(b, "usage: weir %s [OPTION]...%s%s\n\n%s\n", row->verb, *c->operands ? " " : "", c->operands, c->about);
    opt_help(c->opts, b);
    opt_help(common_opts, b);
}

static const char exit_codes[] = "Exit statuses, the same in every command:\n\n"
                                 "  0    fine\n"
                                 "  1    a finding: differs, incompatible, incomplete\n"
                                 "  2    trouble: input missing, corrupt or unreadable; input or output failed\n"
                                 "  3    refused: policy, read-only, the input changed while it was read\n"
                                 "  4    a server is away or says no\n"
                                 "  64   wrong usage\n"
                                 "  130  interrupted\n";

static const char sql[] =
    "What weir compiles of Flink SQL, for 'weir run', 'weir sql', 'weir compile' and 'weir query':\n\n"
    "  CREATE [TEMPORARY] TABLE   physical, computed and METADATA columns, WATERMARK, PRIMARY KEY, LIKE, WITH\n"
    "  CREATE [TEMPORARY] VIEW, DROP TABLE, DROP VIEW, SET, RESET\n"
    "  INSERT INTO [PARTITION], EXECUTE STATEMENT SET, one SELECT\n"
    "  COMPILE PLAN, COMPILE AND EXECUTE PLAN, EXECUTE PLAN\n"
    "  SHOW TABLES, VIEWS, FUNCTIONS, CATALOGS, DATABASES, CREATE TABLE, CREATE VIEW; DESCRIBE, EXPLAIN\n"
    "  SELECT [DISTINCT]          expressions, FROM, WHERE, GROUP BY, HAVING, WITH, VALUES, UNION [ALL],\n"
    "                             INTERSECT, EXCEPT; GROUPING SETS, ROLLUP, CUBE\n"
    "  JOIN                       INNER, LEFT, RIGHT, FULL, CROSS; ON, USING; interval joins, joins of windows,\n"
    "                             with versions of a table (FOR SYSTEM_TIME AS OF event time)\n"
    "  UNNEST                     [WITH ORDINALITY], by CROSS JOIN, JOIN … ON, LEFT JOIN … ON TRUE\n"
    "  TUMBLE, HOP, CUMULATE, SESSION as table functions, and GROUP BY window_start, window_end;\n"
    "                             GROUP BY TUMBLE(time, interval), HOP, SESSION\n"
    "  TO_CHANGELOG, FROM_CHANGELOG\n"
    "  queries as values          [NOT] IN and [NOT] EXISTS, anywhere in WHERE; one value, in WHERE and SELECT; over columns of the query around\n"
    "  OVER                       one window; Top-N and deduplication by ROW_NUMBER\n"
    "  ORDER BY                   by any expression: event time first, or with LIMIT\n\n"
    "Not there yet: other functions of tables, MATCH_RECOGNIZE, lookup joins,\n"
    "metadata to be written, hints but STATE_TTL, INTERSECT ALL, EXCEPT ALL, bounded OVER\n"
    "by processing time. Plans that Flink has compiled may have some of these: weir-run(1).\n";

static enum weir_exit run(const struct cli *cli, struct err *e)
{
    struct buf b = {0};
    const char *what = cli->args.n ? cli->args.v[0] : NULL;
    const struct command_row *row = what ? command_find(what) : NULL;
    if (!what)
        help_top(&b);
    else if (row)
        help_command(row, &b);
    else if (!strcmp(what, "exit-codes"))
        buf_puts(&b, exit_codes);
    else
        command_unknown(what, e);
    if (what && !strcmp(what, "sql")) { /* a command, and the language that others take as well */
        buf_puts(&b, "\n");
        buf_puts(&b, sql);
    }
    out_write(&b, e);
    buf_free(&b);
    return WEIR_OK;
}

static const struct opt opts[] = {{0}};

const struct command cmd_help = {
    .operands = "[COMMAND|exit-codes|sql]",
    .about = "Explains a command, or says which there are.\n",
    .opts = opts,
    .max = 1,
    .run = run,
};
