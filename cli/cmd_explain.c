/* weir explain: what a script or plan will do. */
#include <stdio.h>
#include <string.h>

#include "cli/command.h"
#include "cli/out.h"
#include "cli/sqljob.h"
#include "sql/explain.h"

struct args {
    struct opt_texts set;
    bool json, plain;
};

static bool print(const struct explain *x, const struct args *a, struct err *e)
{
    struct buf text = {0}, out = {0};
    struct jsonw w = {.out = &out, .pretty = true};
    if (a->json) {
        explain_json(x, &w);
        buf_putc(&out, '\n');
    } else {
        if (a->plain)
            explain_plain(x, &text);
        else
            explain_tree(x, &text);
        out_lines(&out, &text);
    }
    bool ok = out_write(&out, e);
    buf_free(&text);
    buf_free(&out);
    return ok;
}

static bool explain(const struct value *json, const char *path, const struct args *a, struct arena *arena, struct err *e)
{
    struct cplan plan;
    struct explain x;
    if (!cplan_of(&plan, arena, json, e) || !explain_read(&x, &plan, arena, e))
        return err_in(e, "%s", path);
    return print(&x, a, e);
}

static enum weir_exit run(const struct cli *cli, struct err *e)
{
    const struct args *a = cli->opts;
    const char *path = cli->args.v[0];
    struct sqljob s = {0};
    struct value json;
    struct arena arena = {0};
    const char *(*settings)[2] = arena_array(&arena, a->set.n + 1, sizeof *settings);
    bool ok = !(a->json && a->plain) || err_set(e, ERR_USAGE, "either --json or --plain");
    for (size_t i = 0; ok && i < a->set.n; i++)
        ok = setting_pair(&arena, a->set.v[i], settings[i], e);
    if (ok && read_whole(path, &s.bytes, e)) {
        if (!is_script(&s.bytes)) {
            if (value_from_json(&json, (const char *)s.bytes.p, s.bytes.n, &arena, e) || err_in(e, "%s", path))
                explain(&json, path, a, &arena, e);
        } else if (sqljob_read(&s, path, (const char *const(*)[2])settings, (uint32_t)a->set.n, e)) {
            if (!s.n_inserts && !s.query)
                err_set(e, ERR_USAGE, "%s: there is no INSERT INTO or SELECT in it", path);
            else if (sqljob_plan(&s, &json, e))
                explain(&json, path, a, &arena, e);
        }
    }
    sqljob_free(&s);
    arena_free(&arena);
    return WEIR_OK;
}

static const struct opt opts[] = {
    {"plain", 'p', OPT_FLAG, offsetof(struct args, plain), NULL, NULL, "in plain words, for who does not read SQL"},
    {"json", 0, OPT_FLAG, offsetof(struct args, json), NULL, NULL, "for programs"},
    {"set", 0, OPT_TEXTS, offsetof(struct args, set), "KEY=VALUE", NULL, "an option of Flink's, as SET in SQL"},
    {0},
};

const struct command cmd_explain = {
    .operands = "FILE",
    .about = "Says what a script of Flink SQL, or a compiled plan, will do: its steps as a tree,\n"
             "from what is written down to what is read. Nothing is run. \"-\" reads standard\n"
             "input.\n",
    .opts = opts,
    .size = sizeof(struct args),
    .min = 1,
    .max = 1,
    .run = run,
};
