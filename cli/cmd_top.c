/* weir top: the console, or one look at one of its views. */
#include <stdlib.h>

#include "cli/cluster.h"
#include "cli/out.h"
#include "cli/signals.h"
#include "live/context.h"
#include "tui/tui.h"

struct args {
    struct opt_texts urls, contexts;
    uint64_t timeout; /* seconds */
    const char *vertex, *item, *filter, *record, *replay, *at, *gateway, *ca_cert;
    uint64_t width, height, record_limit;
    int view, theme;
    bool once, json, ascii, mouse, no_history, all_contexts, read_only;
};

enum { CLUSTERS_MAX = 100, TEXT_KEPT = 8 << 20 }; /* text: the end of logs that is kept */

/* The clusters that are looked at; those that could not be opened have no `live`. */
struct opened {
    struct cluster *v;
    struct tui_cluster *shown;
    struct err *why; /* a cluster each */
    uint32_t n;
};

static const char *const themes[] = {"auto", "dark", "light", "mono", NULL}; /* enum theme_kind */

static bool look_once(const struct cli *cli, const struct opened *o, struct tui_config *c, struct err *e)
{
    struct buf out = {0};
    c->w = c->w ? c->w : (int)cli->width;
    bool ok = tui_once(o->shown, o->n, c, &out, e) && out_write(&out, e);
    buf_free(&out);
    return ok;
}

/* --- which clusters --- */

static void add(struct opened *o, const struct args *a, const char *url, const char *context, const char *name)
{
    const struct cluster_opts opts = {.url = url,
                                      .context = context,
                                      .timeout = a->timeout,
                                      .read_only = a->read_only,
                                      .text_bytes = TEXT_KEPT,
                                      .gateway = a->gateway,
                                      .ca_cert = a->ca_cert};
    struct cluster *c = &o->v[o->n];
    struct err *why = &o->why[o->n];
    bool opened = cluster_open(c, &opts, why);
    if (opened && !a->no_history)
        live_keep_history(c->live);
    o->shown[o->n++] = (struct tui_cluster){.name = name ? name
                                                : opened ? live_url(c->live)
                                                         : c->from,
                                            .live = c->live,
                                            .why = opened ? NULL : why->text,
                                            .read_only = opened && c->target.read_only};
}

static bool open_clusters(struct opened *o, const struct args *a, struct arena *arena, struct err *e)
{
    struct contexts all = {0};
    if (a->all_contexts && (a->urls.n || a->contexts.n))
        return err_set(e, ERR_USAGE, "--all-contexts goes without --url and --context");
    if (a->all_contexts && !contexts_read(&all, arena, e))
        return false;
    if (a->all_contexts && !all.n)
        return err_set(e, ERR_MISSING, "there are no contexts in %s; see weir-config(5)",
                       all.path ? all.path : "~/.config/weir/config");
    size_t n = a->urls.n + a->contexts.n + all.n;
    if (a->gateway && n > 1)
        return err_set(e, ERR_USAGE, "--gateway goes with one cluster; those of several are named in weir-config(5)");
    if (n > CLUSTERS_MAX)
        return err_set(e, ERR_USAGE, "%zu clusters; at most %d can be looked at together", n, CLUSTERS_MAX);
    o->v = mem_zalloc((n + 1) * sizeof *o->v);
    o->shown = mem_zalloc((n + 1) * sizeof *o->shown);
    o->why = mem_zalloc((n + 1) * sizeof *o->why);
    for (size_t i = 0; i < a->urls.n; i++)
        add(o, a, a->urls.v[i], NULL, a->urls.v[i]);
    for (size_t i = 0; i < a->contexts.n; i++)
        add(o, a, NULL, a->contexts.v[i], a->contexts.v[i]);
    for (size_t i = 0; i < all.n; i++)
        add(o, a, NULL, all.list[i].name, all.list[i].name);
    if (!n)
        add(o, a, NULL, NULL, NULL);
    /* the only one has to be opened; of several those that can */
    return o->n > 1 || !o->why[0].kind || err_set(e, o->why[0].kind, "%s", o->why[0].text);
}

/* The clusters, or the recording in their place. */
static bool open_them(struct opened *o, const struct args *a, struct arena *arena, struct err *e)
{
    if (a->json && !a->once)
        return err_set(e, ERR_USAGE, "--json goes with --once");
    if (a->at && !a->replay)
        return err_set(e, ERR_USAGE, "--at goes with --replay");
    if (a->replay && (a->record || a->urls.n || a->contexts.n || a->all_contexts))
        return err_set(
            e, ERR_USAGE,
            "--replay is of a recording and not of a cluster; it goes without --record, --url, --context and --all-contexts");
    if (a->replay) {
        o->v = mem_zalloc(sizeof *o->v);
        o->shown = mem_zalloc(sizeof *o->shown);
        o->n = 1;
        o->v->live = live_replay(a->replay, e);
        o->shown[0] = (struct tui_cluster){.name = a->replay, .live = o->v->live, .read_only = true};
        return o->v->live;
    }
    if (!open_clusters(o, a, arena, e))
        return false;
    if (a->record && o->n > 1)
        return err_set(e, ERR_USAGE, "--record is of one cluster");
    return !a->record || live_record(o->v->live, a->record, a->record_limit % (1u << 30) << 20, e);
}

static void close_them(struct opened *o)
{
    for (uint32_t i = 0; i < o->n; i++)
        cluster_close(&o->v[i]);
    free(o->v);
    free(o->shown);
    free(o->why);
}

/* By option or configuration; what is wrong with that is told where it is needed for more. */
static bool wants_mouse(const struct args *a, struct arena *arena)
{
    struct contexts all = {0};
    struct err e = {0};
    return a->mouse || (!a->once && contexts_read(&all, arena, &e) && all.mouse);
}

static int bounded(uint64_t n) { return n > 10000 ? 10000 : (int)n; }

static enum weir_exit run(const struct cli *cli, struct err *e)
{
    const struct args *a = cli->opts;
    struct opened o = {0};
    struct arena arena = {0};
    struct tui_config c = {
        .screen = {.theme = (enum theme_kind)a->theme, .ascii = a->ascii, .mouse = wants_mouse(a, &arena)},
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
    bool opened = open_them(&o, a, &arena, e);
    if (opened && o.n > 1 && (c.job || c.vertex || c.item)) {
        err_set(e, ERR_USAGE, "a job, --vertex and --item are of one cluster; here are %u", o.n);
    } else if (opened && a->once) {
        look_once(cli, &o, &c, e);
    } else if (opened) {
        signals_at_end(screen_rescue);
        tui_run(o.shown, o.n, &c, e);
        signals_at_end(NULL);
    }
    if (opened && a->record)
        live_record_end(o.v->live, e);
    close_them(&o);
    arena_free(&arena);
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
     "take clicks and the wheel; the terminal then selects text with Shift only"},
    {"record", 0, OPT_FILE, offsetof(struct args, record), "FILE", NULL, "also write all that the cluster answers into a new file"},
    {"record-limit", 0, OPT_COUNT, offsetof(struct args, record_limit), "MIB", NULL,
     "end the recording when its file is so large (1024; 0: never)"},
    {"replay", 0, OPT_FILE, offsetof(struct args, replay), "FILE", NULL, "look at a recording instead of a cluster"},
    {"at", 0, OPT_TEXT, offsetof(struct args, at), "TIME", NULL,
     "with --replay: where to begin: 14:05:30, 2026-11-25T14:05, 50%, +90, -10"},
    {"no-history", 0, OPT_FLAG, offsetof(struct args, no_history), NULL, NULL, "do not keep what becomes of checkpoints on disk"},
    {"read-only", 0, OPT_FLAG, offsetof(struct args, read_only), NULL, NULL, "send nothing that changes the cluster"},
    {"url", 0, OPT_TEXTS, offsetof(struct args, urls), "URL", NULL, "the cluster's REST address; several: a board of them"},
    {"context", 0, OPT_TEXTS, offsetof(struct args, contexts), "NAME", NULL,
     "the cluster of that name: weir-config(5); may be repeated"},
    {"ca-cert", 0, OPT_FILE, offsetof(struct args, ca_cert), "FILE", NULL, CA_CERT_HELP},
    {"all-contexts", 0, OPT_FLAG, offsetof(struct args, all_contexts), NULL, NULL, "all clusters that have a name"},
    {"gateway", 0, OPT_TEXT, offsetof(struct args, gateway), "URL", NULL, "the address of a SQL gateway, for its view"},
    {"timeout", 0, OPT_COUNT, offsetof(struct args, timeout), "SECONDS", NULL, "for each answer (10)"},
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
