#include "sql/plan.h"

#include <stdlib.h>
#include <string.h>

const struct value *cplan_member(const struct value *v, const char *name)
{
    const struct value *m = v && v->kind == VAL_OBJECT ? value_member(v, name) : NULL;
    return m && m->kind != VAL_NULL ? m : NULL;
}

static const struct value *member_of(const struct value *v, const char *name, enum value_kind kind, const char *what, struct err *e)
{
    const struct value *m = cplan_member(v, name);
    if (m && m->kind != kind)
        return err_set(e, ERR_CORRUPT, "'%s' is not %s", name, what), NULL;
    return m;
}

bool cplan_bool(const struct value *v, const char *name, bool otherwise, struct err *e)
{
    const struct value *m = member_of(v, name, VAL_BOOL, "true or false", e);
    return m ? m->b : otherwise;
}

int64_t cplan_int(const struct value *v, const char *name, int64_t otherwise, struct err *e)
{
    const struct value *m = member_of(v, name, VAL_INT, "an integer", e);
    return m ? m->i : otherwise;
}

const char *cplan_text(const struct value *v, const char *name, const char *otherwise, struct err *e)
{
    const struct value *m = member_of(v, name, VAL_TEXT, "a text", e);
    return m ? m->text : otherwise;
}

const uint32_t *cplan_ints(struct arena *a, const struct value *v, const char *name, uint32_t limit, uint32_t *n, struct err *e)
{
    const struct value *m = member_of(v, name, VAL_LIST, "a list", e);
    *n = m ? m->n : 0;
    uint32_t *list = arena_array(a, *n + 1, sizeof *list);
    for (uint32_t i = 0; i < *n; i++) {
        if (m->items[i].kind != VAL_INT || m->items[i].i < 0 || m->items[i].i >= limit) {
            err_set(e, ERR_CORRUPT, "'%s' has an element that is no column", name);
            *n = 0;
            break;
        }
        list[i] = (uint32_t)m->items[i].i;
    }
    return list;
}

const struct rex *cplan_rex(struct arena *a, const struct value *v, const char *name, struct err *e)
{
    const struct value *m = cplan_member(v, name);
    const struct rex *x = m ? rex_read(a, m, e) : NULL;
    if (m && !x)
        err_in(e, "%s", name);
    return x;
}

const char *cplan_config(const struct cplan_node *node, const char *key)
{
    const struct value *config = cplan_member(node->json, "configuration"), *v = cplan_member(config, key);
    return v && v->kind == VAL_TEXT ? v->text : NULL;
}

/* "stream-exec-calc_1" into its two parts. */
static bool type_and_version(struct cplan_node *node, struct arena *a, const char *text, struct err *e)
{
    const char *line = strrchr(text, '_');
    char *end = NULL;
    long version = line ? strtol(line + 1, &end, 10) : 0;
    if (!line || !line[1] || *end || version < 1 || version > 1000)
        return err_set(e, ERR_CORRUPT, "node type '%.100s' has no version", text);
    node->type = arena_strn(a, text, (size_t)(line - text));
    node->version = (int)version;
    return true;
}

static bool read_node(struct cplan_node *node, struct arena *a, const struct value *v, struct err *e)
{
    node->json = v;
    const struct value *output = cplan_member(v, "outputType");
    const char *type = cplan_text(v, "type", NULL, e);
    node->id = cplan_int(v, "id", -1, e);
    node->about = cplan_text(v, "description", "", e);
    if (node->id < 0 || !type)
        return err_set(e, ERR_CORRUPT, "a node lacks its id or type");
    if (!type_and_version(node, a, type, e))
        return false;
    if (output && !(node->output = type_of_json(a, output, e)))
        return err_in(e, "node %lld (%s)", (long long)node->id, type);
    if (node->output && !type_is_row(node->output))
        return err_set(e, ERR_CORRUPT, "node %lld (%s): outputType is no row", (long long)node->id, type);
    return true;
}

/* Ids in order, so that edges find their nodes. */
struct by_id {
    int64_t id;
    struct cplan_node *node;
};

static int id_order(const void *a, const void *b)
{
    int64_t x = ((const struct by_id *)a)->id, y = ((const struct by_id *)b)->id;
    return (x > y) - (x < y);
}

static struct cplan_node *find(const struct by_id *ids, uint32_t n, int64_t id)
{
    const struct by_id *at = bsearch(&(struct by_id){.id = id}, ids, n, sizeof *ids, id_order);
    return at ? at->node : NULL;
}

static bool read_edge(const struct by_id *ids, uint32_t n, const struct value *v, struct cplan_node **from, struct cplan_node **to,
                      struct err *e)
{
    int64_t source = cplan_int(v, "source", -1, e), target = cplan_int(v, "target", -1, e);
    const char *shuffle = cplan_text(cplan_member(v, "shuffle"), "type", "FORWARD", e);
    *from = find(ids, n, source);
    *to = find(ids, n, target);
    if (!*from || !*to)
        return err_set(e, ERR_CORRUPT, "an edge goes from node %lld to node %lld, which are not both there", (long long)source,
                       (long long)target);
    if (*from >= *to)
        return err_set(e, ERR_CORRUPT, "an edge goes from node %lld back to node %lld", (long long)source, (long long)target);
    if (strcmp(shuffle, "FORWARD"))
        return err_set(e, ERR_UNSUPPORTED, "the edge from node %lld to node %lld has shuffle %s, which weir does not know",
                       (long long)source, (long long)target, shuffle);
    return true;
}

static bool read_edges(struct cplan *p, struct arena *a, const struct value *edges, struct err *e)
{
    struct by_id *ids = arena_array(a, p->n, sizeof *ids);
    for (uint32_t i = 0; i < p->n; i++)
        ids[i] = (struct by_id){p->nodes[i].id, &p->nodes[i]};
    qsort(ids, p->n, sizeof *ids, id_order);
    for (uint32_t i = 1; i < p->n; i++)
        if (ids[i].id == ids[i - 1].id)
            return err_set(e, ERR_CORRUPT, "there are two nodes %lld", (long long)ids[i].id);
    struct cplan_node *from, *to;
    for (uint32_t i = 0; i < edges->n; i++) {
        if (!read_edge(ids, p->n, &edges->items[i], &from, &to, e))
            return false;
        from->n_outputs++;
        to->n_inputs++;
    }
    for (uint32_t i = 0; i < p->n; i++) {
        p->nodes[i].inputs = arena_array(a, p->nodes[i].n_inputs + 1, sizeof *p->nodes[i].inputs);
        p->nodes[i].n_inputs = 0;
    }
    for (uint32_t i = 0; i < edges->n; i++)
        if (read_edge(ids, p->n, &edges->items[i], &from, &to, e))
            to->inputs[to->n_inputs++] = from;
    return true;
}

bool cplan_of(struct cplan *p, struct arena *a, const struct value *v, struct err *e)
{
    *p = (struct cplan){.json = v};
    const struct value *nodes = cplan_member(v, "nodes"), *edges = cplan_member(v, "edges");
    p->flink_version = cplan_text(v, "flinkVersion", NULL, e);
    if (!p->flink_version || !nodes || nodes->kind != VAL_LIST || !edges || edges->kind != VAL_LIST)
        return err_set(e, ERR_CORRUPT, "this is no compiled plan: flinkVersion, nodes or edges are not there");
    p->nodes = arena_array(a, nodes->n + 1, sizeof *p->nodes);
    p->n = nodes->n;
    for (uint32_t i = 0; i < p->n; i++)
        if (!read_node(&p->nodes[i], a, &nodes->items[i], e))
            return false;
    return read_edges(p, a, edges, e) && e->kind == ERR_NONE;
}

bool cplan_read(struct cplan *p, struct arena *a, const char *text, size_t n, struct err *e)
{
    struct value *v = arena_alloc(a, sizeof *v);
    return value_from_json(v, text, n, a, e) && cplan_of(p, a, v, e);
}
