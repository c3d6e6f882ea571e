/* weir context: the clusters that the user has given names. */
#include <string.h>

#include "base/jsonw.h"
#include "base/table.h"
#include "base/term.h"
#include "cli/command.h"
#include "cli/out.h"
#include "live/context.h"

struct args {
    bool json;
};

static bool is_current(const struct contexts *all, const struct context *c)
{
    return all->current && !strcmp(all->current, c->name);
}

static void print_table(const struct cli *cli, const struct contexts *all, struct buf *out)
{
    static const struct table_col cols[] = {{"", false, false}, {"CONTEXT", false, false}, {"ADDRESS", false, true}};
    struct table t;
    table_start(&t, cols, sizeof cols / sizeof *cols);
    for (size_t i = 0; i < all->n; i++) {
        const struct context *c = &all->list[i];
        table_cell(&t, is_current(all, c) ? "*" : NULL);
        table_cell(&t, c->name);
        table_cell(&t, c->target.unix_socket ? c->target.unix_socket : c->target.url);
    }
    if (!t.cells) {
        buf_puts(out, "no contexts in ");
        term_escape(out, all->path, strlen(all->path));
        buf_puts(out, "; see weir-config(5)\n");
    }
    table_print(&t, out, cli->width, cli->colour);
    table_free(&t);
}

static void print_json(const struct contexts *all, struct buf *out)
{
    struct jsonw w = {.out = out, .pretty = true};
    jsonw_object(&w);
    jsonw_member_int(&w, "formatVersion", 1);
    jsonw_member_str(&w, "file", all->path);
    jsonw_member_str(&w, "current", all->current);
    jsonw_key(&w, "contexts");
    jsonw_array(&w);
    for (size_t i = 0; i < all->n; i++) {
        jsonw_object(&w);
        jsonw_member_str(&w, "name", all->list[i].name);
        jsonw_member_str(&w, "url", all->list[i].target.url);
        jsonw_member_str(&w, "unixSocket", all->list[i].target.unix_socket);
        jsonw_member_bool(&w, "readOnly", all->list[i].target.read_only);
        jsonw_end_object(&w);
    }
    jsonw_end_array(&w);
    jsonw_end_object(&w);
    buf_putc(out, '\n');
}

static enum weir_exit run(const struct cli *cli, struct err *e)
{
    const struct args *a = cli->opts;
    bool list = !strcmp(cli->args.v[0], "list"), use = !strcmp(cli->args.v[0], "use");
    struct arena arena = {0};
    struct contexts all;
    struct buf out = {0};
    if (!list && !use)
        err_set(e, ERR_USAGE, "context: '%s' is neither list nor use", cli->args.v[0]);
    else if (use != (cli->args.n == 2))
        err_set(e, ERR_USAGE, use ? "context use: the NAME is missing" : "context list takes no name");
    else if (!contexts_read(&all, &arena, e))
        ;
    else if (!all.path)
        err_set(e, ERR_MISSING, "neither XDG_CONFIG_HOME nor HOME is set, so there is no file of contexts");
    else if (use)
        contexts_use(&all, cli->args.v[1], e);
    else if (a->json)
        print_json(&all, &out);
    else
        print_table(cli, &all, &out);
    out_write(&out, e);
    buf_free(&out);
    arena_free(&arena);
    return WEIR_OK;
}

static const struct opt opts[] = {
    {"json", 0, OPT_FLAG, offsetof(struct args, json), NULL, NULL, "the list as one JSON document"},
    {0},
};

static const char *const words[] = {"list", "use", NULL};

const struct command cmd_context = {
    .operands = "list|use [NAME]",
    .about = "Lists the clusters that have names (weir-config(5)), or makes one of them the current one, which the commands on a\n"
             "running cluster take when neither --url, --context nor WEIR_URL names another.\n",
    .opts = opts,
    .size = sizeof(struct args),
    .min = 1,
    .max = 2,
    .words = words,
    .run = run,
};
