/* weir top: the console, or one look at one of its views. */
#include "cli/cluster.h"
#include "cli/out.h"
#include "cli/signals.h"
#include "tui/tui.h"

struct args {
    struct cluster_opts cluster;
    const char *vertex, *item, *filter, *record, *replay, *at;
    uint64_t width, height, record_limit;
    int view, theme;
    bool once, json, ascii, mouse, no_history;
};

static const char *const themes[] = {"auto", "dark", "light", "mono", NULL}; /* enum theme_kind */

static bool look_once(const struct cli *cli, struct live *live, struct tui_config *c, struct err *e)
{
    struct buf out = {0};
    c->w = c->w ? c->w : (int)cli->width;
    bool ok = tui_once(live, c, &out, e) && out_write(&out, e);
    buf_free(&out);
    return ok;
}

/* The cluster, or the recording in its place. */
static bool open_it(struct cluster *cluster, const struct args *a, struct err *e)
{
    if (a->json && !a->once)
        return err_set(e, ERR_USAGE, "--json goes with --once");
    if (a->at && !a->replay)
        return err_set(e, ERR_USAGE, "--at goes with --replay");
    if (a->replay && (a->record || a->cluster.url || a->cluster.context))
        return err_set(e, ERR_USAGE,
                       "--replay is of a recording and not of a cluster; it goes without --record, --url and --context");
    if (a->replay)
        return (cluster->live = live_replay(a->replay, e)) != NULL;
    if (!cluster_open(cluster, &a->cluster, e))
        return false;
    if (!a->no_history)
        live_keep_history(cluster->live);
    return !a->record || live_record(cluster->live, a->record, a->record_limit % (1u << 30) << 20, e);
}

static int bounded(uint64_t n) { return n > 10000 ? 10000 : (int)n; }

static enum weir_exit run(const struct cli *cli, struct err *e)
{
    const struct args *a = cli->opts;
    struct cluster cluster = {0};
    struct tui_config c = {
        .screen = {.theme = (enum theme_kind)a->theme, .ascii = a->ascii, .mouse = a->mouse},
        .view = a->view < 0 ? NULL : tui_view_names[a->view],
        .job = cli->args.n ? cli->args.v[0] : NULL,
        .vertex = a->vertex,
        .item = a->item,
        .filter = a->filter,
        .w = bounded(a->width),
        .h = bounded(a->height),
        .json = a->json,
        .at = a->at,
    };
    bool opened = open_it(&cluster, a, e);
    if (opened && a->once) {
        look_once(cli, cluster.live, &c, e);
    } else if (opened) {
        c.read_only = a->replay || cluster.target.read_only;
        signals_at_end(screen_rescue);
        tui_run(cluster.live, &c, e);
        signals_at_end(NULL);
    }
    if (opened && a->record)
        live_record_end(cluster.live, e);
    cluster_close(&cluster);
    return WEIR_OK;
}

static const struct opt opts[] = {
    {"view", 'v', OPT_CHOICE, offsetof(struct args, view), NULL, tui_view_names, "where to begin; jobs, or with JOB its graph"},
    {"vertex", 0, OPT_TEXT, offsetof(struct args, vertex), "VERTEX", NULL,
     "for views of a vertex: its id or name, or a part of it"},
    {"item", 0, OPT_TEXT, offsetof(struct args, item), "ID", NULL, "for views of one thing: a checkpoint's number, …"},
    {"once", '1', OPT_FLAG, offsetof(struct args, once), NULL, NULL, "print the view and exit; needs no terminal"},
    {"json", 0, OPT_FLAG, offsetof(struct args, json), NULL, NULL, "with --once: as one JSON document"},
    {"filter", 'f', OPT_TEXT, offsetof(struct args, filter), "TEXT", NULL,
     "with --once: only rows with that text (!TEXT: without)"},
    {"width", 0, OPT_COUNT, offsetof(struct args, width), "COLUMNS", NULL, "with --once: of the text (120)"},
    {"height", 0, OPT_COUNT, offsetof(struct args, height), "LINES", NULL, "with --once: of the text (as many as it takes)"},
    {"theme", 0, OPT_CHOICE, offsetof(struct args, theme), NULL, themes, "colours for a dark or light background, or none"},
    {"ascii", 0, OPT_FLAG, offsetof(struct args, ascii), NULL, NULL, "draw with ASCII only"},
    {"mouse", 0, OPT_FLAG, offsetof(struct args, mouse), NULL, NULL,
     "take clicks and the wheel; the terminal no longer selects text"},
    {"record", 0, OPT_FILE, offsetof(struct args, record), "FILE", NULL, "also write all that the cluster answers into a new file"},
    {"record-limit", 0, OPT_COUNT, offsetof(struct args, record_limit), "MIB", NULL,
     "end the recording when its file is so large (1024; 0: never)"},
    {"replay", 0, OPT_FILE, offsetof(struct args, replay), "FILE", NULL, "look at a recording instead of a cluster"},
    {"at", 0, OPT_TEXT, offsetof(struct args, at), "TIME", NULL,
     "with --replay: where to begin: 14:05:30, 2026-11-25T14:05, 50%, +90, -10"},
    {"no-history", 0, OPT_FLAG, offsetof(struct args, no_history), NULL, NULL, "do not keep what becomes of checkpoints on disk"},
    {"read-only", 0, OPT_FLAG, offsetof(struct args, cluster.read_only), NULL, NULL, "send nothing that changes the cluster"},
    CLUSTER_ROWS(struct args),
    {0},
};

static const struct args defaults = {.view = -1, .record_limit = 1024};

const struct command cmd_top = {
    .operands = "[JOB]",
    .about =
        "Watches a Flink cluster in the terminal: jobs, the job graph with the root of backpressure, checkpoints, exceptions …\n"
        "JOB is an id, a name, or the beginning of one. ? shows the keys.\n",
    .opts = opts,
    .size = sizeof(struct args),
    .defaults = &defaults,
    .max = 1,
    .run = run,
};
