#include <stdlib.h>
#include <string.h>

#include "runtime/exec.h"
#include "runtime/keygroup.h"

static bool is_exchange(const struct cplan_node *n) { return !strcmp(n->type, "stream-exec-exchange"); }

/* An option that counts something; 0: not set. */
static bool count_option(const char *text, const char *name, uint32_t *n, struct err *e)
{
    char *end;
    *n = 0;
    if (!text || !strcmp(text, "-1"))
        return true;
    unsigned long v = strtoul(text, &end, 10);
    if (*end || end == text || v < 1 || v > 32768)
        return err_set(e, ERR_USAGE, "%s is '%s', not a number from 1 to 32768", name, text);
    *n = (uint32_t)v;
    return true;
}

static bool default_parallelism(const struct job *j, uint32_t *n, struct err *e)
{
    static const char *const names[] = {"table.exec.resource.default-parallelism", "parallelism.default"};
    *n = j->opts.parallelism;
    for (size_t i = 0; i < 2 && !*n; i++)
        if (!count_option(job_config(j, names[i], NULL), names[i], n, e))
            return false;
    *n = *n ? *n : 1;
    return true;
}

/* An option of a scan's or sink's table. */
static bool table_option(const struct cplan_node *node, const char *member, const char *name, struct arena *a, uint32_t *n,
                         struct err *e)
{
    const struct value *table = cplan_member(cplan_member(node->json, member), "table");
    struct cplan_table t;
    return !table || (cplan_table_read(&t, a, table, e) && count_option(cplan_option(&t, name, NULL), name, n, e));
}

/* As the node's translateToPlan makes it (flink-table-planner 2.3). */
static bool node_parallelism(struct graph *g, struct arena *a, const struct cplan *plan, uint32_t at, uint32_t normal,
                             struct err *e)
{
    const struct cplan_node *node = &plan->nodes[at];
    uint32_t first = node->n_inputs ? g->parallelism[node->inputs[0] - plan->nodes] : normal, own = 0;
    if (is_exchange(node)) {
        const struct value *in = cplan_member(node->json, "inputProperties");
        const struct value *d = in && in->kind == VAL_LIST && in->n ? cplan_member(&in->items[0], "requiredDistribution") : NULL;
        const char *type = d ? cplan_text(d, "type", "UNKNOWN", e) : "UNKNOWN";
        uint32_t n_keys = 0;
        if (!strcmp(type, "HASH"))
            cplan_ints(a, d, "keys", UINT32_MAX, &n_keys, e);
        first = !strcmp(type, "SINGLETON") || (!strcmp(type, "HASH") && !n_keys) ? 1 : !strcmp(type, "HASH") ? normal : first;
    } else if (!strcmp(node->type, "stream-exec-values")) {
        first = 1;
    } else if (!strcmp(node->type, "stream-exec-table-source-scan")) {
        if (!table_option(node, "scanTableSource", "scan.parallelism", a, &own, e))
            return false;
    } else if (!strcmp(node->type, "stream-exec-sink")) {
        if (!table_option(node, "dynamicTableSink", "sink.parallelism", a, &own, e))
            return false;
    }
    g->parallelism[at] = own ? own : first;
    return e->kind == ERR_NONE;
}

/* Keys of an exchange behind a local aggregate that hands its rows on, or an incremental one: the columns that it groups by. */
static bool keys_before(struct edge *d, struct arena *a, const struct cplan_node *from, struct err *e)
{
    const struct op_class *class = node_class(from);
    uint32_t n;
    const char *member = class && class->sends ? "finalAggGrouping" : "grouping";
    if (!class || !(class->hands_on || class->sends) || !cplan_member(from->json, member))
        return true;
    const uint32_t *grouping = cplan_ints(a, from->json, member, UINT32_MAX, &n, e);
    uint32_t *keys = arena_array(a, d->n_keys + 1, sizeof *keys);
    for (uint32_t i = 0; grouping && i < d->n_keys; i++) {
        if (d->keys[i] >= n)
            return err_set(e, ERR_UNSUPPORTED, "an exchange by what is no key is not there yet");
        keys[i] = grouping[d->keys[i]];
    }
    d->keys = keys;
    return e->kind == ERR_NONE;
}

/* What an exchange asks for. */
static bool read_exchange(struct edge *d, struct arena *a, const struct cplan_node *node, struct err *e)
{
    const struct value *in = cplan_member(node->json, "inputProperties");
    const struct value *want = in && in->kind == VAL_LIST && in->n ? cplan_member(&in->items[0], "requiredDistribution") : NULL;
    const char *type = want ? cplan_text(want, "type", "UNKNOWN", e) : "UNKNOWN";
    if (!strcmp(type, "HASH")) {
        const struct cplan_node *from = node->inputs[0];
        d->keys = cplan_ints(a, want, "keys", from->output ? from->output->n : 0, &d->n_keys, e);
        d->kind = d->n_keys ? EDGE_HASH : EDGE_SINGLE;
        return e->kind == ERR_NONE && keys_before(d, a, from, e);
    }
    d->kind = !strcmp(type, "SINGLETON") ? EDGE_SINGLE : EDGE_FORWARD;
    return e->kind == ERR_NONE;
}

/* A sink that puts upserts in order has all rows of a key in one subtask (CommonExecSink#applyKeyBy). */
static bool sink_keys(struct edge *d, const struct graph *g, struct arena *a, const struct cplan_node *to, struct err *e)
{
    const struct value *table = cplan_member(cplan_member(to->json, "dynamicTableSink"), "table");
    struct cplan_table t;
    if (strcmp(to->type, "stream-exec-sink") || !table || !cplan_table_read(&t, a, table, e))
        return e->kind == ERR_NONE;
    bool differ = g->parallelism[d->from] != g->parallelism[d->to] && g->parallelism[d->to] != 1;
    if (t.n_key && (differ || cplan_bool(to->json, "requireUpsertMaterialize", false, e))) {
        uint32_t *keys = arena_array(a, t.n_key + 1u, sizeof *keys);
        for (uint32_t i = 0; i < t.n_key; i++)
            keys[i] = cplan_key_column(&t, i);
        d->kind = EDGE_HASH;
        d->keys = keys;
        d->n_keys = t.n_key;
    }
    return e->kind == ERR_NONE;
}

static bool make_edge(struct graph *g, struct arena *a, const struct cplan *plan, uint32_t to, uint32_t input, struct err *e)
{
    const struct cplan_node *from = plan->nodes[to].inputs[input];
    struct edge *d = &g->edges[g->n_edges++];
    bool found = false;
    *d = (struct edge){.to = to, .input = input, .kind = EDGE_FORWARD};
    for (; is_exchange(from) && from->n_inputs == 1; from = from->inputs[0]) {
        if (!found && !read_exchange(d, a, from, e)) /* the last one counts */
            return err_in(e, "node %lld (%s)", (long long)from->id, from->type);
        found = true;
    }
    d->from = (uint32_t)(from - plan->nodes);
    if (!sink_keys(d, g, a, &plan->nodes[to], e))
        return false;
    uint32_t p = g->parallelism[d->from], q = g->parallelism[to];
    if (q == 1 && p != 1)
        d->kind = EDGE_SINGLE;
    else if (d->kind == EDGE_FORWARD && p != q)
        d->kind = EDGE_REBALANCE;
    else if (d->kind == EDGE_SINGLE && q != 1)
        return err_set(e, ERR_CORRUPT, "node %lld gathers all rows in one subtask, but has several", (long long)plan->nodes[to].id);
    return true;
}

static bool keys_can(const struct edge *d, const struct cplan_node *from, struct err *e)
{
    const struct op_class *class = node_class(from);
    while (class && class->hands_on && from->n_inputs) /* such a node's rows are those of the first one that makes any */
        class = node_class(from = from->inputs[0]);
    for (uint32_t i = 0; i < d->n_keys && from->output; i++)
        if (d->keys[i] < from->output->n && !key_group_can(from->output->kids[d->keys[i]], e))
            return err_in(e, "column %s of node %lld", from->output->names[d->keys[i]], (long long)from->id);
    return true;
}

/* A node with one input, forward, is in its input's chain; a job of one subtask each is a single chain. */
static bool chain(struct graph *g, struct arena *a, const struct cplan *plan, struct err *e)
{
    uint32_t most = 1;
    for (uint32_t i = 0; i < plan->n; i++)
        most = g->parallelism[i] > most ? g->parallelism[i] : most;
    g->subtasks = arena_array(a, plan->n + 1, sizeof *g->subtasks);
    for (uint32_t i = 0, at = 0; i < plan->n; i++) {
        g->chain[i] = UINT32_MAX;
        if (is_exchange(&plan->nodes[i]))
            continue;
        uint32_t n_in = 0;
        struct edge *mine = &g->edges[at];
        for (; at < g->n_edges && g->edges[at].to == i; at++, n_in++)
            if (most == 1)
                g->edges[at].kind = EDGE_DIRECT;
            else if (g->edges[at].kind == EDGE_HASH && !keys_can(&g->edges[at], &plan->nodes[g->edges[at].from], e))
                return false;
        if (n_in == 1 && mine->kind == EDGE_FORWARD)
            mine->kind = EDGE_DIRECT;
        if (most == 1) {
            g->chain[i] = 0;
            g->n_chains = 1;
        } else {
            g->chain[i] = n_in == 1 && mine->kind == EDGE_DIRECT ? g->chain[mine->from] : g->n_chains++;
        }
        g->subtasks[g->chain[i]] = g->parallelism[i];
    }
    return true;
}

bool graph_of(struct graph *g, struct arena *a, const struct job *j, const struct cplan *plan, struct err *e)
{
    uint32_t normal, n = 0, most = 1;
    if (!default_parallelism(j, &normal, e))
        return false;
    g->parallelism = arena_array(a, plan->n + 1, sizeof *g->parallelism);
    g->chain = arena_array(a, plan->n + 1, sizeof *g->chain);
    for (uint32_t i = 0; i < plan->n; i++)
        n += plan->nodes[i].n_inputs;
    g->edges = arena_array(a, n + 1, sizeof *g->edges);
    for (uint32_t i = 0; i < plan->n; i++) {
        if (!node_parallelism(g, a, plan, i, normal, e))
            return false;
        most = g->parallelism[i] > most ? g->parallelism[i] : most;
    }
    for (uint32_t i = 0; i < plan->n; i++)
        for (uint32_t k = 0; !is_exchange(&plan->nodes[i]) && k < plan->nodes[i].n_inputs; k++)
            if (!make_edge(g, a, plan, i, k, e))
                return false;
    if (!count_option(job_config(j, "pipeline.max-parallelism", NULL), "pipeline.max-parallelism", &g->max_parallelism, e))
        return false;
    if (!g->max_parallelism)
        g->max_parallelism = key_group_default_max(most);
    if (most > g->max_parallelism)
        return err_set(e, ERR_USAGE, "parallelism %u is above the maximum of %u", most, g->max_parallelism);
    return chain(g, a, plan, e);
}
