/* weir graph: a job's graph, as a tree of text, JSON, DOT or Mermaid. */
#include <string.h>

#include "base/term.h"
#include "cli/cluster.h"
#include "cli/out.h"
#include "live/pressure.h"
#include "live/shape.h"

struct args {
    struct cluster_opts cluster;
    bool json, dot, mermaid;
};

struct graph {
    const struct live_job *job;
    const struct live_plan_node **nodes; /* of each vertex, in their order; NULL: the plan has none */
    bool *shown;
    struct buf *out;
};

enum { LABEL = 80, DEEP = 200 };

/* --- text: from what takes to what gives, as the plan's inputs are --- */

static const char *blank_if_none(const char *s) { return s ? s : ""; }

/* Text that is safe in a quoted label: one line, cut, without control characters. */
static void label(struct buf *out, const char *text, const char *bad)
{
    struct buf safe = {0};
    size_t n = strlen(text);
    if (n > LABEL) {
        n = LABEL;
        while (n && ((uint8_t)text[n] & 0xc0) == 0x80)
            n--;
    }
    term_escape(&safe, text, n);
    for (size_t i = 0; i < safe.n; i++)
        buf_putc(out, strchr(bad, safe.p[i]) ? '\'' : safe.p[i]);
    if (n < strlen(text))
        buf_puts(out, "…");
    buf_free(&safe);
}

static bool takes_from(const struct live_plan_node *n, const char *id)
{
    for (uint32_t i = 0; n && i < n->n_inputs; i++)
        if (n->inputs[i].from && !strcmp(n->inputs[i].from, id))
            return true;
    return false;
}

static void vertex_line(struct graph *g, uint32_t i)
{
    const struct live_vertex *v = &g->job->vertices[i];
    label(g->out, blank_if_none(v->name), "");
    buf_printf(g->out, "  (%.8s, parallelism %lld", blank_if_none(v->id), (long long)live_or(v->parallelism, 0));
    if (v->status) {
        buf_puts(g->out, ", ");
        label(g->out, v->status, "");
    }
    buf_puts(g->out, ")\n");
}

/* What feeds on vertex i, each with what feeds on it, `lead` in front. What has been shown is only named. */
static void followers(struct graph *g, uint32_t i, struct buf *lead, unsigned depth)
{
    uint32_t left = 0;
    const char *id = g->job->vertices[i].id;
    for (uint32_t k = 0; id && k < g->job->n_vertices; k++)
        left += takes_from(g->nodes[k], id);
    for (uint32_t k = 0; left && k < g->job->n_vertices; k++) {
        if (!takes_from(g->nodes[k], id))
            continue;
        const char *ship = NULL;
        for (uint32_t j = 0; j < g->nodes[k]->n_inputs; j++)
            if (g->nodes[k]->inputs[j].from && !strcmp(g->nodes[k]->inputs[j].from, id))
                ship = g->nodes[k]->inputs[j].ship_strategy;
        left--;
        buf_put(g->out, lead->p, lead->n);
        buf_puts(g->out, left ? "├─" : "└─");
        label(g->out, live_text_or(ship, "?"), "");
        buf_puts(g->out, "─> ");
        if (g->shown[k] || depth == DEEP) {
            label(g->out, blank_if_none(g->job->vertices[k].name), "");
            buf_puts(g->out, "  (above)\n");
            continue;
        }
        g->shown[k] = true;
        vertex_line(g, k);
        size_t n = lead->n;
        buf_puts(lead, left ? "│  " : "   ");
        followers(g, k, lead, depth + 1);
        lead->n = n;
    }
}

static void print_text(struct graph *g)
{
    struct buf lead = {0};
    for (int pass = 0; pass < 2; pass++) /* sources first; then what no source leads to */
        for (uint32_t i = 0; i < g->job->n_vertices; i++)
            if (!g->shown[i] && (pass || !g->nodes[i] || !g->nodes[i]->n_inputs)) {
                g->shown[i] = true;
                vertex_line(g, i);
                followers(g, i, &lead, 0);
            }
    buf_free(&lead);
}

/* --- for other programs --- */

static void print_dot(struct graph *g)
{
    buf_puts(g->out, "digraph job {\n  rankdir=LR;\n  node [shape=box];\n");
    for (uint32_t i = 0; i < g->job->n_vertices; i++) {
        buf_printf(g->out, "  v%u [label=\"", i);
        label(g->out, blank_if_none(g->job->vertices[i].name), "\"\\");
        buf_printf(g->out, "\\nparallelism %lld\"];\n", (long long)live_or(g->job->vertices[i].parallelism, 0));
    }
    for (uint32_t i = 0; i < g->job->n_vertices; i++)
        for (uint32_t k = 0; g->nodes[i] && k < g->nodes[i]->n_inputs; k++) {
            uint32_t from = live_vertex_place(g->job, g->nodes[i]->inputs[k].from);
            if (from == g->job->n_vertices)
                continue;
            buf_printf(g->out, "  v%u -> v%u [label=\"", from, i);
            label(g->out, blank_if_none(g->nodes[i]->inputs[k].ship_strategy), "\"\\");
            buf_puts(g->out, "\"];\n");
        }
    buf_puts(g->out, "}\n");
}

static void print_mermaid(struct graph *g)
{
    buf_puts(g->out, "flowchart LR\n");
    for (uint32_t i = 0; i < g->job->n_vertices; i++) {
        buf_printf(g->out, "  v%u[\"", i);
        label(g->out, blank_if_none(g->job->vertices[i].name), "\"`#");
        buf_printf(g->out, " (%lld)\"]\n", (long long)live_or(g->job->vertices[i].parallelism, 0));
    }
    for (uint32_t i = 0; i < g->job->n_vertices; i++)
        for (uint32_t k = 0; g->nodes[i] && k < g->nodes[i]->n_inputs; k++) {
            uint32_t from = live_vertex_place(g->job, g->nodes[i]->inputs[k].from);
            if (from == g->job->n_vertices)
                continue;
            buf_printf(g->out, "  v%u -- \"", from);
            label(g->out, live_text_or(g->nodes[i]->inputs[k].ship_strategy, "?"), "\"`#");
            buf_printf(g->out, "\" --> v%u\n", i);
        }
}

static void print_json(const struct cluster *c, struct graph *g, struct err *e)
{
    struct jsonw w;
    cluster_json(&w, g->out, c);
    jsonw_member_str(&w, "job", g->job->id);
    jsonw_member_str(&w, "name", g->job->name);
    jsonw_key(&w, "vertices");
    jsonw_array(&w);
    for (uint32_t i = 0; i < g->job->n_vertices; i++)
        shape_write(&shape_live_vertex, &g->job->vertices[i], &w, false);
    jsonw_end_array(&w);
    jsonw_key(&w, "edges");
    jsonw_array(&w);
    for (uint32_t i = 0; i < g->job->n_vertices; i++)
        for (uint32_t k = 0; g->nodes[i] && k < g->nodes[i]->n_inputs; k++) {
            jsonw_object(&w);
            jsonw_member_str(&w, "to", g->job->vertices[i].id);
            shape_write_members(&shape_live_edge, &g->nodes[i]->inputs[k], &w, false);
            jsonw_end_object(&w);
        }
    jsonw_end_array(&w);
    cluster_json_end(&w, e);
}

static void print(const struct args *a, struct cluster *c, const struct live_job *job, struct err *e)
{
    struct buf out = {0};
    struct graph g = {.job = job, .out = &out};
    g.nodes = arena_array(&c->arena, job->n_vertices + 1, sizeof(const struct live_plan_node *));
    g.shown = arena_array(&c->arena, job->n_vertices + 1, sizeof *g.shown);
    for (uint32_t k = 0; k < job->plan.n_nodes; k++) {
        uint32_t i = live_vertex_place(job, job->plan.nodes[k].id);
        if (i < job->n_vertices)
            g.nodes[i] = &job->plan.nodes[k];
    }
    if (a->json)
        print_json(c, &g, e);
    else if (a->dot)
        print_dot(&g);
    else if (a->mermaid)
        print_mermaid(&g);
    else
        print_text(&g);
    out_write(&out, e);
    buf_free(&out);
}

static enum weir_exit run(const struct cli *cli, struct err *e)
{
    const struct args *a = cli->opts;
    struct cluster c = {0};
    const struct live_job *job = NULL;
    if (a->json + a->dot + a->mermaid > 1)
        err_set(e, ERR_USAGE, "graph: only one of --json, --dot and --mermaid");
    else if (cluster_open(&c, &a->cluster, e))
        job = cluster_job_detail(&c, cli->args.v[0], e);
    if (job)
        print(a, &c, job, e);
    cluster_close(&c);
    return WEIR_OK;
}

static const struct opt opts[] = {
    {"json", 0, OPT_FLAG, offsetof(struct args, json), NULL, NULL, "as one JSON document"},
    {"dot", 0, OPT_FLAG, offsetof(struct args, dot), NULL, NULL, "for Graphviz"},
    {"mermaid", 0, OPT_FLAG, offsetof(struct args, mermaid), NULL, NULL, "for Mermaid, which GitHub and others draw"},
    CLUSTER_ROWS(struct args),
    {0},
};

const struct command cmd_graph = {
    .operands = "JOB",
    .about = "Prints the graph of a job: each vertex below what feeds it, with the way in which records are shipped.\n",
    .opts = opts,
    .size = sizeof(struct args),
    .min = 1,
    .max = 1,
    .words = no_words,
    .run = run,
};
