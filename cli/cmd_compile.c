/* weir compile: a script of Flink SQL as the compiled plan that Flink and weir execute. */
#include "cli/command.h"
#include "cli/out.h"
#include "cli/sqljob.h"

struct args {
    struct opt_texts set;
    const char *output;
};

static bool write_plan(const struct value *plan, const char *to, struct err *e)
{
    struct buf text = {0};
    planfile_put(plan, &text);
    bool ok = to ? planfile_save(to, &text, false, e) : out_write(&text, e);
    buf_free(&text);
    return ok;
}

static enum weir_exit run(const struct cli *cli, struct err *e)
{
    const struct args *a = cli->opts;
    const char *path = cli->args.v[0];
    struct sqljob s = {0};
    struct value plan;
    struct arena arena = {0};
    const char *(*settings)[2] = arena_array(&arena, a->set.n + 1, sizeof *settings);
    bool ok = true;
    for (size_t i = 0; ok && i < a->set.n; i++)
        ok = setting_pair(&arena, a->set.v[i], settings[i], e);
    ok = ok && read_whole(path, &s.bytes, e) && sqljob_read(&s, path, (const char *const(*)[2])settings, (uint32_t)a->set.n, e);
    if (ok && !s.n_inserts && !s.n_plans)
        ok = err_set(e, ERR_USAGE, "%s: there is no INSERT INTO in it", path);
    if (ok && (!s.n_inserts || sqljob_plan(&s, &plan, e)) && sqljob_write_plans(&s, e) && s.n_inserts)
        write_plan(&plan, a->output, e);
    sqljob_free(&s);
    arena_free(&arena);
    return WEIR_OK;
}

static const struct opt opts[] = {
    {"output", 'o', OPT_TEXT, offsetof(struct args, output), "FILE", NULL, "where the plan goes: a new file; else standard output"},
    {"set", 0, OPT_TEXTS, offsetof(struct args, set), "KEY=VALUE", NULL, "an option of Flink's, as SET in SQL"},
    {0},
};

const struct command cmd_compile = {
    .operands = "FILE",
    .about = "Makes of a script of Flink SQL the compiled plan (the JSON of COMPILE PLAN) that\n"
             "EXECUTE PLAN of Flink 2.3, or weir run, executes. All INSERT INTO of the script\n"
             "are one job. \"-\" reads standard input.\n",
    .opts = opts,
    .size = sizeof(struct args),
    .min = 1,
    .max = 1,
    .run = run,
};
