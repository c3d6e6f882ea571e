/* weir query: SQL over a snapshot's keyed state. */
#include <stdio.h>
#include <string.h>

#include "cli/command.h"
#include "cli/out.h"
#include "cli/result.h"
#include "cli/sqljob.h"
#include "cli/state_ddl.h"
#include "runtime/runtime.h"
#include "sql/zone.h"

struct args {
    struct open_opts open;
    struct opt_texts set;
    int format;
};

/* Is it all inserts that arrive at the plan's sink? */
static bool only_inserts(const struct cplan *plan)
{
    const struct value *mode = cplan_member(plan->nodes[plan->n - 1].json, "inputChangelogMode");
    return mode && mode->kind == VAL_LIST && mode->n == 1;
}

static bool run_query(struct sqljob *s, struct result *r, const struct cli *cli, struct err *e)
{
    const struct world world = world_real();
    struct job_opts opts = {.output = JOB_ROWS, .row = result_take, .row_ctx = r};
    const struct ast *orders;
    struct value json;
    struct cplan plan;
    const char *zone = catalog_config(&s->catalog, "table.local-time-zone", "UTC");
    opts.n_config = s->catalog.n_config;
    opts.config_names = s->catalog.config_names;
    opts.config_values = s->catalog.config_values;
    s->query = result_unordered(s->query, &s->a, &orders);
    if (!sqljob_plan(s, &json, e) || !cplan_of(&plan, &s->a, &json, e))
        return false;
    r->row = result_row(&plan, &s->a, e);
    r->at_once = !orders && only_inserts(&plan);
    r->zone = zone_load(&s->a, zone, strlen(zone), e);
    if (!r->row || !r->zone || (orders && !result_order_by(r, orders, &s->text, &s->a, e)))
        return false;
    struct job *j = job_open(&plan, &world, &opts, e);
    bool ok = j && job_run(j, e) && result_print(r, cli, e);
    uint64_t skipped = j ? job_figures(j).skipped : 0;
    if (ok && skipped && !cli->quiet)
        fprintf(stderr, "weir: %llu value%s could not be decoded and %s NULL; weir dump shows why\n", (unsigned long long)skipped,
                skipped == 1 ? "" : "s", skipped == 1 ? "is" : "are");
    if (j)
        job_free(j);
    return ok;
}

static bool query(struct sqljob *s, const struct cli *cli, struct err *e)
{
    const struct args *a = cli->opts;
    struct result r = {.format = (enum result_format)a->format};
    const char *(*settings)[2] = arena_array(&s->a, a->set.n + 1, sizeof *settings);
    bool ok = true;
    for (size_t i = 0; ok && i < a->set.n; i++)
        ok = setting_pair(&s->a, a->set.v[i], settings[i], e);
    buf_puts(&s->bytes, cli->args.v[1]);
    ok = ok && sqljob_read(s, "SQL", (const char *const(*)[2])settings, (uint32_t)a->set.n, e);
    if (ok && (!s->query || s->n_inserts || s->n_files))
        ok = err_set(e, ERR_USAGE, "a query is a SELECT; without one, the tables are listed");
    ok = ok && run_query(s, &r, cli, e);
    result_free(&r);
    return ok;
}

static enum weir_exit run(const struct cli *cli, struct err *e)
{
    const struct args *a = cli->opts;
    struct opened o;
    struct buf ddl = {0};
    bool ok = opened_open(&o, &a->open, cli->args.v[0], e) && state_ddl(&o, cli->args.v[0], &ddl, e);
    opened_close(&o);
    if (ok && cli->args.n > 1) {
        struct sqljob s = {.prelude = {ddl.p, ddl.n}};
        query(&s, cli, e);
        sqljob_free(&s);
    } else if (ok) {
        struct buf text = {0};
        out_lines(&text, &ddl);
        out_write(&text, e);
        buf_free(&text);
    }
    buf_free(&ddl);
    return WEIR_OK;
}

static const struct opt opts[] = {
    {"format", 'f', OPT_CHOICE, offsetof(struct args, format), NULL, result_formats, "how rows look"},
    {"set", 0, OPT_TEXTS, offsetof(struct args, set), "KEY=VALUE", NULL, "an option of Flink's, as SET in SQL"},
    {"uid", 'u', OPT_TEXTS, offsetof(struct args, open.uids), "UID", NULL, "call that operator by its uid; may be repeated"},
    {"uid-map", 0, OPT_FILE, offsetof(struct args, open.uid_map), "FILE", NULL, "the same for every line of a file"},
    {0},
};

const struct command cmd_query = {
    .operands = "SNAPSHOT [SQL]",
    .about = "Runs Flink SQL over the keyed state of a savepoint or retained checkpoint, and\n"
             "prints the rows. Each operator is a table, with a column for its key and one for\n"
             "each of its states. Without SQL, those tables are printed as CREATE TABLE\n"
             "statements, which a script for 'weir run' or Flink may begin with.\n",
    .opts = opts,
    .size = sizeof(struct args),
    .min = 1,
    .max = 2,
    .run = run,
};
