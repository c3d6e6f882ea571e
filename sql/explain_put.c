/* A plan as a tree, and as JSON. */
#include <stdlib.h>
#include <string.h>

#include "sql/explain.h"

enum { DEPTH = 400 };

struct tree {
    const struct explain *x;
    struct buf *to, *lead; /* what stands in front of the lines below a node */
    uint32_t *seen;        /* of each node: its number, when it is read more than once; 0: not yet */
    uint32_t numbers;
};

static const struct explain_node *of(const struct explain *x, const struct cplan_node *n) { return &x->nodes[n - x->plan->nodes]; }

static void put_line(struct tree *t, const struct explain_node *n, uint32_t number)
{
    const char *between = "(";
    buf_puts(t->to, n->kind);
    for (uint32_t i = 0; i < n->n; i++) {
        buf_printf(t->to, "%s%s=[%s]", between, n->facts[i].name, n->facts[i].text);
        between = ", ";
    }
    if (number)
        buf_printf(t->to, "%sreuse_id=[%u]", between, number);
    buf_puts(t->to, *between == '(' && !number ? "\n" : ")\n");
}

static void put_node(struct tree *t, const struct cplan_node *n, unsigned depth)
{
    uint32_t at = (uint32_t)(n - t->x->plan->nodes), number = 0;
    if (t->seen[at] || depth > DEPTH) {
        if (depth > DEPTH)
            buf_puts(t->to, "…\n");
        else
            buf_printf(t->to, "Reused(reference_id=[%u])\n", t->seen[at]);
        return;
    }
    if (n->n_outputs > 1)
        number = t->seen[at] = ++t->numbers;
    put_line(t, of(t->x, n), number);
    size_t lead = t->lead->n;
    for (uint32_t i = 0; i < n->n_inputs; i++) {
        bool last = i + 1 == n->n_inputs;
        buf_put(t->to, t->lead->p, t->lead->n);
        buf_puts(t->to, last ? "+- " : ":- ");
        buf_puts(t->lead, last ? "   " : ":  ");
        put_node(t, n->inputs[i], depth + 1);
        t->lead->n = lead;
    }
}

void explain_tree(const struct explain *x, struct buf *to)
{
    struct buf lead = {0};
    struct tree t = {.x = x, .to = to, .lead = &lead, .seen = mem_zalloc((x->plan->n + 1) * sizeof *t.seen)};
    bool first = true;
    buf_putc(&lead, ' ');
    lead.n = 0;
    for (uint32_t i = 0; i < x->plan->n; i++) {
        if (x->plan->nodes[i].n_outputs)
            continue;
        if (!first)
            buf_putc(to, '\n');
        first = false;
        put_node(&t, &x->plan->nodes[i], 0);
    }
    free(t.seen);
    buf_free(&lead);
}

void explain_json(const struct explain *x, struct jsonw *w)
{
    jsonw_object(w);
    jsonw_member_str(w, "flinkVersion", x->plan->flink_version);
    jsonw_key(w, "nodes");
    jsonw_array(w);
    for (uint32_t i = 0; i < x->plan->n; i++) {
        const struct explain_node *n = &x->nodes[i];
        jsonw_object(w);
        jsonw_member_int(w, "id", n->node->id);
        jsonw_member_str(w, "type", n->node->type);
        jsonw_member_int(w, "version", n->node->version);
        jsonw_member_str(w, "kind", n->kind);
        jsonw_key(w, "inputs");
        jsonw_array(w);
        for (uint32_t k = 0; k < n->node->n_inputs; k++)
            jsonw_int(w, n->node->inputs[k]->id);
        jsonw_end_array(w);
        for (uint32_t k = 0; k < n->n; k++)
            jsonw_member_str(w, n->facts[k].name, n->facts[k].text);
        jsonw_end_object(w);
    }
    jsonw_end_array(w);
    jsonw_end_object(w);
}
