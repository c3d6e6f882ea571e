/* weir dump: the entries of a snapshot, decoded. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/human.h"
#include "cli/cells.h"
#include "cli/open.h"
#include "cli/out.h"
#include "inspect/dump.h"

struct args {
    struct open_opts open;
    const char *operator_wanted, *state, *key;
    uint64_t limit, jobs;
    int format;
    bool decode, json;
};

enum {
    TABLE_ROWS = 1000, /* a table is fitted and printed in strides, so that memory does not grow */
    CELL_MAX = 400     /* bytes of a cell of a table */
};

struct printing {
    enum dump_format format;
    const struct cli *cli;
    struct buf out;
    struct table table;
    uint32_t rows; /* in the table */
};

static const struct table_col columns[] = {
    {"OPERATOR", false, true}, {"STATE", false, true},     {"KIND", false, false},   {"GROUP", true, false},
    {"KEY", false, true},      {"NAMESPACE", false, true}, {"CONTENT", false, true},
};

static void print_table(struct printing *p)
{
    table_print(&p->table, &p->out, p->cli->width, p->cli->colour);
    p->rows = 0;
}

static void table_row(struct printing *p, const struct dump_row *row)
{
    table_cell(&p->table, row->op);
    table_cell(&p->table, row->state);
    table_cell(&p->table, kind_name(row->kind));
    if (row->key_group >= 0)
        table_cellf(&p->table, "%lld", (long long)row->key_group);
    else
        table_cell(&p->table, NULL);
    cell_cut(&p->table, row->key.p, row->key.n, CELL_MAX);
    cell_cut(&p->table, row->ns.p, row->ns.n, CELL_MAX);
    cell_cut(&p->table, row->content.p, row->content.n, CELL_MAX);
    if (++p->rows == TABLE_ROWS)
        print_table(p);
}

static void csv_row(struct buf *out, const struct dump_row *row)
{
    char group[24] = "";
    if (row->key_group >= 0)
        snprintf(group, sizeof group, "%lld", (long long)row->key_group);
    csv_field(out, true, row->op, strlen(row->op));
    csv_field(out, false, row->state, strlen(row->state));
    csv_field(out, false, kind_name(row->kind), strlen(kind_name(row->kind)));
    csv_field(out, false, group, strlen(group));
    csv_field(out, false, row->key.p, row->key.n);
    csv_field(out, false, row->ns.p, row->ns.n);
    csv_field(out, false, row->content.p, row->content.n);
    buf_puts(out, "\r\n");
}

static bool on_row(void *ctx, const struct dump_row *row, struct err *e)
{
    struct printing *p = ctx;
    switch (p->format) {
    case DUMP_NDJSON:
        buf_put(&p->out, row->line.p, row->line.n);
        buf_putc(&p->out, '\n');
        break;
    case DUMP_CSV:
        csv_row(&p->out, row);
        break;
    case DUMP_TABLE:
        table_row(p, row);
        break;
    }
    return out_drain(&p->out, e);
}

static void on_trouble(void *ctx, const struct err *e)
{
    (void)ctx;
    out_complain(e->text);
}

/* What the reader of the result should know besides. */
static void remark(const struct dump_figures *f)
{
    if (f->opaque)
        fprintf(stderr, "weir: %s value%s could not be decoded and stand%s as {\"$opaque\":…} with the reason\n",
                human_count(f->opaque).s, f->opaque == 1 ? "" : "s", f->opaque == 1 ? "s" : "");
}

static enum weir_exit run(const struct cli *cli, struct err *e)
{
    const struct args *a = cli->opts;
    struct printing p = {.format = a->json ? DUMP_NDJSON : (enum dump_format)a->format, .cli = cli};
    struct dump_opts opts = {.operator_wanted = a->operator_wanted,
                             .state = a->state,
                             .key = a->key,
                             .limit = a->limit,
                             .decode = a->decode,
                             .jobs = (unsigned)a->jobs};
    struct dump_figures figures = {0};
    struct progress progress;
    struct opened o;
    /* on a terminal the rows themselves show how far it is */
    progress_start(&progress, "reading", 0, cli->quiet || cli->width);
    opts.progress = &progress;
    if (opened_open(&o, &a->open, cli->args.v[0], e)) {
        table_start(&p.table, columns, sizeof columns / sizeof *columns);
        if (p.format == DUMP_CSV)
            buf_puts(&p.out, "operator,state,kind,key_group,key,namespace,content\r\n");
        dump(o.snapshot, &o.names, &opts, on_row, on_trouble, &p, &figures, e);
        print_table(&p);
        out_write(&p.out, e);
        progress_end(&progress);
        if (!cli->quiet)
            remark(&figures);
    }
    table_free(&p.table);
    buf_free(&p.out);
    opened_close(&o);
    return figures.failed ? WEIR_TROUBLE : WEIR_OK;
}

static const char *const formats[] = {"ndjson", "csv", "table", NULL};

static const struct opt opts[] = {
    {"operator", 'o', OPT_TEXT, offsetof(struct args, operator_wanted), "OPERATOR", NULL,
     "only this one: uid, name, id or 8 digits of it"},
    {"state", 's', OPT_TEXT, offsetof(struct args, state), "STATE", NULL, "only this one, or those that fit a shell pattern"},
    {"key", 'k', OPT_TEXT, offsetof(struct args, key), "KEY", NULL, "only this one, as JSON; of a string also plain"},
    {"limit", 'n', OPT_COUNT, offsetof(struct args, limit), "N", NULL, "stop after N rows"},
    {"format", 'f', OPT_CHOICE, offsetof(struct args, format), NULL, formats, "how a row looks (ndjson: a JSON object a line)"},
    {"json", 0, OPT_FLAG, offsetof(struct args, json), NULL, NULL, "the same as --format ndjson"},
    {"decode", 'd', OPT_FLAG, offsetof(struct args, decode), NULL, NULL, "also what sources and sinks keep as bytes"},
    {"jobs", 'j', OPT_COUNT, offsetof(struct args, jobs), "N", NULL, "read N subtasks side by side"},
    OPEN_ROWS(struct args),
    {0},
};

static const struct args defaults = {.jobs = 1};

const struct command cmd_dump = {
    .operands = "SNAPSHOT",
    .about = "Prints the entries of a savepoint or retained checkpoint, decoded: a row for\n"
             "each key (and namespace) of a state, one for each list or broadcast state of an\n"
             "operator's subtask. The order is always the same.\n",
    .opts = opts,
    .size = sizeof(struct args),
    .defaults = &defaults,
    .min = 1,
    .max = 1,
    .run = run,
};
