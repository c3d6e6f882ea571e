/* weir logs: what the processes of a cluster have logged. */
#include <string.h>
#include <time.h>

#include "base/human.h"
#include "base/term.h"
#include "cli/cluster.h"
#include "cli/out.h"
#include "live/process.h"
#include "live/shape.h"

struct args {
    struct cluster_opts cluster;
    uint64_t lines;
    bool list, follow, json;
};

enum { FOLLOW_S = 2, TEXT_KEPT = 16 << 20 };

/* Whose logs, and which. */
struct source {
    const char *taskmanager; /* NULL: the JobManager */
    const char *file;        /* NULL: the main log */
};

static struct live_ask ask_of(const struct source *s)
{
    return process_ask(s->file ? PROCESS_LOG_FILE : PROCESS_LOG, s->taskmanager, s->file);
}

/* Lines, each safe for a terminal. */
static void put_lines(struct buf *out, const char *p, size_t n)
{
    while (n) {
        const char *end = memchr(p, '\n', n), *tab;
        size_t k = end ? (size_t)(end - p) : n, all = k + (end != NULL);
        size_t text = k && p[k - 1] == '\r' ? k - 1 : k;
        for (const char *at = p; text; at = tab + 1) { /* tabs may stay */
            tab = memchr(at, '\t', text);
            size_t piece = tab ? (size_t)(tab - at) : text;
            term_escape(out, at, piece);
            if (!tab)
                break;
            buf_putc(out, '\t');
            text -= piece + 1;
        }
        if (end)
            buf_putc(out, '\n');
        p += all;
        n -= all;
    }
}

/* Where the last `lines` lines begin. */
static size_t tail(const char *p, size_t n, uint64_t lines)
{
    size_t at = n && p[n - 1] == '\n' ? n - 1 : n;
    while (at) {
        if (p[at - 1] == '\n' && --lines == 0)
            break;
        at--;
    }
    return at;
}

/* How far a log has been printed, and what stood there at the end: where that is not so any more, it is another file by that name. */
struct printed {
    uint64_t n;
    char end[256];
    size_t n_end;
};

static bool goes_on(const struct printed *p, const struct live_text *t)
{
    return p->n <= t->skipped + t->n && p->n >= t->skipped + p->n_end &&
        (!p->n_end || !memcmp(t->text + (p->n - t->skipped) - p->n_end, p->end, p->n_end));
}

/* Prints t from a byte of the log on. */
static void print_from(struct printed *p, const struct live_text *t, uint64_t from, struct err *e)
{
    struct buf out = {0};
    put_lines(&out, t->text + (from - t->skipped), (size_t)(t->skipped + t->n - from));
    out_write(&out, e);
    buf_free(&out);
    p->n = t->skipped + t->n;
    p->n_end = t->n < sizeof p->end ? t->n : sizeof p->end;
    if (p->n_end)
        memcpy(p->end, t->text + t->n - p->n_end, p->n_end);
}

/* What has been added since; all that is kept of a log that has begun anew, or of which more has come than is kept. False: the cluster
 * is away, which is said once. */
static bool print_more(const struct cli *cli, struct cluster *c, const struct live_ask *ask, struct printed *p, bool was_away,
                       struct err *e)
{
    struct err away = {0};
    const struct live_text *t = live_get(c->live, ask, &away);
    if (t)
        print_from(p, t, goes_on(p, t) ? p->n : t->skipped, e);
    else if (!was_away && !cli->quiet)
        out_complain(away.text);
    live_forget(c->live);
    return t;
}

static void follow(const struct cli *cli, struct cluster *c, struct live_ask *ask, struct err *e)
{
    const struct args *a = cli->opts;
    struct printed p = {0};
    ask->item = ask->item ? arena_str(&c->arena, ask->item) : NULL; /* it was a part of an answer, and these are forgotten */
    const struct live_text *t = live_get(c->live, ask, e);
    if (t)
        print_from(&p, t, t->skipped + (a->lines ? tail(t->text, t->n, a->lines) : 0), e);
    else if (!ask->part)
        err_in(e, "the main log is not to be had; weir logs --list shows the files there are");
    live_forget(c->live);
    for (bool here = true; a->follow && !e->kind;) {
        nanosleep(&(struct timespec){.tv_sec = FOLLOW_S}, NULL);
        here = print_more(cli, c, ask, &p, !here, e);
    }
}

static void print_list(const struct cli *cli, const struct live_logs *logs, struct buf *out)
{
    static const struct table_col cols[] = {{"FILE", false, true}, {"BYTES", true, false}, {"CHANGED", false, false}};
    struct table t;
    table_start(&t, cols, sizeof cols / sizeof *cols);
    for (uint32_t i = 0; i < logs->n_list; i++) {
        table_cell(&t, logs->list[i].name);
        cell_bytes(&t, logs->list[i].size);
        cell_time(&t, logs->list[i].modified_ms);
        cell_rest(&t);
    }
    if (!t.cells)
        buf_puts(out, "no log files\n");
    table_print(&t, out, cli->width, cli->colour);
    table_free(&t);
}

static void list(const struct cli *cli, struct cluster *c, const struct source *s, struct err *e)
{
    const struct args *a = cli->opts;
    const struct live_ask ask = process_ask(PROCESS_LOGS, s->taskmanager, NULL);
    const struct live_logs *logs = live_get(c->live, &ask, e);
    struct buf out = {0};
    if (logs && a->json) {
        struct jsonw w;
        cluster_json(&w, &out, c);
        shape_write_members(&shape_live_logs, logs, &w, false);
        cluster_json_end(&w, e);
    } else if (logs) {
        print_list(cli, logs, &out);
        out_write(&out, e);
    }
    buf_free(&out);
}

static bool source_of(struct source *s, struct cluster *c, const struct cli *cli, struct err *e)
{
    const char *who = cli->args.v[0];
    if (!process_is_jobmanager(who) && !(s->taskmanager = cluster_taskmanager(c, who, e)))
        return false;
    s->file = cli->args.n > 1 ? cli->args.v[1] : NULL;
    return true;
}

static enum weir_exit run(const struct cli *cli, struct err *e)
{
    const struct args *a = cli->opts;
    struct cluster c = {0};
    struct source s = {0};
    bool only_list = a->list || a->json;
    if (only_list && (cli->args.n > 1 || a->follow || a->lines)) {
        err_set(e, ERR_USAGE, "logs: --list and --json go with no FILE, --follow or --lines");
        return WEIR_OK;
    }
    struct cluster_opts opened = a->cluster;
    if (a->lines) /* what stands far before the end need not be kept */
        opened.text_bytes = TEXT_KEPT;
    if (cluster_open(&c, &opened, e) && source_of(&s, &c, cli, e)) {
        struct live_ask ask = ask_of(&s);
        if (only_list)
            list(cli, &c, &s, e);
        else
            follow(cli, &c, &ask, e);
    }
    cluster_close(&c);
    return WEIR_OK;
}

static const struct opt opts[] = {
    {"list", 'l', OPT_FLAG, offsetof(struct args, list), NULL, NULL, "the files there are, instead of what stands in one"},
    {"lines", 'n', OPT_COUNT, offsetof(struct args, lines), "N", NULL, "only the last N lines"},
    {"follow", 'f', OPT_FLAG, offsetof(struct args, follow), NULL, NULL, "go on with what is added"},
    {"json", 0, OPT_FLAG, offsetof(struct args, json), NULL, NULL, "the list of files as one JSON document"},
    CLUSTER_ROWS(struct args),
    {0},
};

static const char *const words[] = {PROCESS_JOBMANAGER, NULL};

const struct command cmd_logs = {
    .operands = "TASKMANAGER|jobmanager [FILE]",
    .about = "Prints a log of a task manager or of the JobManager: its main log, or a file of its log directory.\n",
    .opts = opts,
    .size = sizeof(struct args),
    .min = 1,
    .max = 2,
    .words = words,
    .run = run,
};
