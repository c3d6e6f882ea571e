/* weir rules: what weir validate can find. */
#include <string.h>

#include "base/jsonw.h"
#include "base/nearest.h"
#include "cli/cells.h"
#include "cli/command.h"
#include "cli/out.h"
#include "inspect/validate.h"

struct args {
    bool json;
};

static const char *rule_at(const void *unused, size_t i)
{
    (void)unused;
    return i < RULES ? rules[i].id : NULL;
}

static void json_of(struct jsonw *w, const struct rule *r)
{
    jsonw_object(w);
    jsonw_member_str(w, "rule", r->id);
    jsonw_member_str(w, "severity", severity_name(r->severity));
    jsonw_member_bool(w, "refused", r->refuses);
    jsonw_member_str(w, "title", r->title);
    jsonw_member_str(w, "explanation", r->explanation);
    jsonw_member_str(w, "advice", r->advice);
    jsonw_end_object(w);
}

static void list_json(struct buf *out)
{
    struct jsonw w = {.out = out, .pretty = true};
    jsonw_array(&w);
    for (size_t i = 0; i < RULES; i++)
        json_of(&w, &rules[i]);
    jsonw_end_array(&w);
}

static void list(const struct cli *cli, struct buf *out)
{
    static const struct table_col cols[] = {{"RULE", false, false}, {"SEVERITY", false, false}, {"WHAT", false, true}};
    struct table table;
    table_start(&table, cols, 3);
    for (size_t i = 0; i < RULES; i++) {
        table_cell(&table, rules[i].id);
        table_cell(&table, severity_name(rules[i].severity));
        table_cell(&table, rules[i].title);
    }
    table_print(&table, out, cli->width, cli->colour);
    table_free(&table);
}

static void one(const struct cli *cli, const struct rule *r, struct buf *out)
{
    enum { WIDTH = 80 };
    unsigned width = cli->width ? cli->width : WIDTH;
    buf_printf(out, "%s (%s)%s\n\n", r->id, severity_name(r->severity), r->refuses ? ": Flink would not restore" : "");
    buf_printf(out, "  %s.\n\n", r->title);
    paragraph(out, "  ", r->explanation, width);
    buf_putc(out, '\n');
    paragraph(out, "  What to do: ", r->advice, width);
}

static enum weir_exit run(const struct cli *cli, struct err *e)
{
    const struct args *a = cli->opts;
    struct buf out = {0};
    const char *id = cli->args.n ? cli->args.v[0] : NULL;
    const struct rule *r = id ? rule_by_id(id) : NULL;
    if (id && !r) {
        const char *meant = nearest_name(id, rule_at, NULL);
        err_set(e, ERR_USAGE, "rules: no rule \"%s\"%s%s%s", id, meant ? "; did you mean " : "", meant ? meant : "",
                meant ? "?" : "");
        return WEIR_USAGE;
    }
    if (r && a->json) {
        struct jsonw w = {.out = &out, .pretty = true};
        json_of(&w, r);
    } else if (r) {
        one(cli, r, &out);
    } else if (a->json) {
        list_json(&out);
    } else {
        list(cli, &out);
    }
    if (a->json)
        buf_putc(&out, '\n');
    out_write(&out, e);
    buf_free(&out);
    return WEIR_OK;
}

static const struct opt opts[] = {
    {"json", 0, OPT_FLAG, offsetof(struct args, json), NULL, NULL, "one JSON document"},
    {0},
};

static const char *const ids[] = {
#define RULE(ident, id, severity, refuses, title, explanation, advice) id,
#include "inspect/rules.def"
#undef RULE
    NULL,
};

const struct command cmd_rules = {
    .operands = "[RULE]",
    .about = "Lists what weir validate can find, or explains one rule and says what to do.\n",
    .opts = opts,
    .size = sizeof(struct args),
    .min = 0,
    .max = 1,
    .words = ids,
    .run = run,
};
