/* weir exceptions: why a job has failed. */
#include <string.h>

#include "base/human.h"
#include "base/term.h"
#include "cli/cluster.h"
#include "cli/out.h"
#include "live/shape.h"

struct args {
    struct cluster_opts cluster;
    uint64_t max;
    bool stack, json;
};

/* The last "Caused by: " line of a stack, or its first line: what went wrong at the bottom of it. */
static struct bytes root_cause(const char *stack)
{
    static const char mark[] = "Caused by: ";
    const char *at = stack;
    for (const char *next = stack; (next = strstr(next, mark)); next++)
        if (next == stack || next[-1] == '\n' || next[-1] == '\t')
            at = next + sizeof mark - 1;
    return (struct bytes){(const uint8_t *)at, strcspn(at, "\r\n")};
}

static void member(struct buf *out, const char *label, const char *text)
{
    if (!text)
        return;
    buf_printf(out, "  %-13s", label);
    term_escape(out, text, strlen(text));
    buf_putc(out, '\n');
}

static void print_stack(struct buf *out, const char *s)
{
    while (*s) {
        size_t n = strcspn(s, "\n");
        buf_puts(out, "    ");
        if (n && s[0] == '\t') {
            buf_puts(out, "    ");
            term_escape(out, s + 1, n - 1);
        } else {
            term_escape(out, s, n);
        }
        buf_putc(out, '\n');
        s += n + (s[n] == '\n');
    }
}

static void print_one(struct buf *out, const struct args *a, const struct live_exception *x)
{
    const char *stack = live_text_or(x->stack, live_text_or(x->name, "?"));
    struct bytes cause = root_cause(stack);
    buf_printf(out, "%s  ", live_has(x->at_ms) ? human_time(x->at_ms).s : "?");
    term_escape(out, cause.p, cause.n);
    buf_putc(out, '\n');
    member(out, "task", x->task ? x->task : x->job ? NULL : "(the whole job)");
    member(out, "job", x->job);
    member(out, "task manager", x->taskmanager);
    member(out, "endpoint", x->endpoint);
    for (uint32_t i = 0; i < x->n_labels; i++)
        member(out, live_text_or(x->labels[i].key, "?"), x->labels[i].value);
    if (x->n_concurrent)
        buf_printf(out, "  with %u others at the same time\n", x->n_concurrent);
    if (a->stack)
        print_stack(out, stack);
}

static void print_all(const struct args *a, const struct live_exceptions *x, struct buf *out)
{
    for (uint32_t i = 0; i < x->n_list; i++) {
        print_one(out, a, &x->list[i]);
        for (uint32_t k = 0; a->stack && k < x->list[i].n_concurrent; k++)
            print_one(out, a, &x->list[i].concurrent[k]);
    }
    if (!x->n_list)
        buf_puts(out, "no exceptions\n");
    else if (x->truncated == LIVE_YES)
        buf_puts(out, "there are more: --max\n");
}

static enum weir_exit run(const struct cli *cli, struct err *e)
{
    const struct args *a = cli->opts;
    struct cluster c = {0};
    struct buf out = {0};
    const struct live_job_row *job = cluster_open(&c, &a->cluster, e) ? cluster_job(&c, cli->args.v[0], e) : NULL;
    const struct live_exceptions *x = NULL;
    if (job) {
        const char *query = arena_printf(&c.arena, "maxExceptions=%llu", (unsigned long long)a->max);
        x = live_get(c.live, &(struct live_ask){.route = LIVE_JOB_EXCEPTIONS, .job = job->id, .query = query}, e);
    }
    if (x && a->json) {
        struct jsonw w;
        cluster_json(&w, &out, &c);
        jsonw_member_str(&w, "job", job->id);
        jsonw_key(&w, "exceptions");
        shape_write(&shape_live_exceptions, x, &w, false);
        cluster_json_end(&w, e);
    } else if (x) {
        print_all(a, x, &out);
        out_write(&out, e);
    }
    buf_free(&out);
    cluster_close(&c);
    return WEIR_OK;
}

static const struct opt opts[] = {
    {"max", 'n', OPT_COUNT, offsetof(struct args, max), "N", NULL, "at most N failures (20)"},
    {"stack", 's', OPT_FLAG, offsetof(struct args, stack), NULL, NULL, "with stack traces, and what failed at the same time"},
    {"json", 0, OPT_FLAG, offsetof(struct args, json), NULL, NULL, "as one JSON document"},
    CLUSTER_ROWS(struct args),
    {0},
};

static const struct args defaults = {.max = 20};

const struct command cmd_exceptions = {
    .operands = "JOB",
    .about = "Lists the failures of a job that Flink remembers, the newest first, each by its root cause.\n",
    .opts = opts,
    .size = sizeof(struct args),
    .defaults = &defaults,
    .min = 1,
    .max = 1,
    .words = no_words,
    .run = run,
};
