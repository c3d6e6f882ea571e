/* weir rescale: give the vertices of a job another parallelism while it runs. */
#include <stdlib.h>
#include <string.h>

#include "cli/change.h"

struct args {
    struct change_opts change;
};

enum { PATIENCE = 120, OPERANDS = 1000 };

/* "4", "2-8", "VERTEX=4". */
static bool read_scale(const struct live_job *job, struct arena *a, const char *word, struct order_scale *s, struct err *e)
{
    const char *is = strrchr(word, '=');
    if (!order_scale_read(s, is ? is + 1 : word, e))
        return false;
    const struct live_vertex *v = is ? cluster_vertex(job, arena_strn(a, word, (size_t)(is - word)), e) : NULL;
    s->vertex = v ? v->id : NULL;
    return !is || v;
}

static bool read_order(struct change *c, struct err *e)
{
    const struct opt_args *words = &c->cli->args;
    struct arena *a = &c->cluster.arena;
    const struct live_job *job = live_get(c->cluster.live, &(struct live_ask){.route = LIVE_JOB, .job = c->order.job}, e);
    struct order_scale *scale = arena_array(a, words->n, sizeof *scale);
    for (size_t i = 1; job && i < words->n && read_scale(job, a, words->v[i], &scale[i - 1], e); i++)
        c->order.n_scale++;
    c->order.scale = scale;
    return !e->kind;
}

static enum weir_exit run(const struct cli *cli, struct err *e)
{
    const struct args *a = cli->opts;
    struct change c = {.order = {.kind = ORDER_RESCALE}};
    if (change_open(&c, cli, &a->change, e) && change_job(&c, cli->args.v[0], e) && read_order(&c, e) &&
        change_confirm(&c, "Restart with another parallelism", NULL, e))
        change_run(&c, PATIENCE, e);
    change_close(&c);
    return WEIR_OK;
}

static const struct opt opts[] = {
    CHANGE_YES_ROW(struct args),
    CHANGE_ROWS(struct args, "120"),
    {0},
};

const struct command cmd_rescale = {
    .operands = "JOB [VERTEX=]PARALLELISM...",
    .about =
        "Gives a job, or vertices of it, another parallelism while it runs. Needs Flink 1.18 and the adaptive scheduler. Asks first.\n"
        "PARALLELISM is a number, or two as in 2-8: at least, at most. Without VERTEX it is for all that are not named.\n",
    .opts = opts,
    .size = sizeof(struct args),
    .min = 2,
    .max = OPERANDS,
    .words = no_words,
    .run = run,
};
