/* Nodes as the JSON of a compiled plan (flink-table-planner 2.3: ExecNodeGraphJsonSerializer, ExecNodeBase). */
#include <string.h>

#include "base/duration.h"
#include "base/jsonw.h"

#include "sql/phys.h"
#include "sql/rex_make.h"

void put_member(struct members *m, const char *name, struct value v)
{
    if (m->n < MEMBERS_MAX) {
        m->names[m->n] = name;
        m->values[m->n++] = v;
    }
}

struct value put_object(struct arena *a, const struct members *m)
{
    struct value v = value_object(a, m->names, m->n);
    memcpy(v.items, m->values, m->n * sizeof *m->values);
    return v;
}

struct value put_text(struct arena *a, const char *s) { return value_text(a, s, strlen(s)); }

struct value put_ints(struct arena *a, const uint32_t *v, uint32_t n)
{
    struct value list = value_list(a, VAL_LIST, n);
    for (uint32_t i = 0; i < n; i++)
        list.items[i] = value_int(v[i]);
    return list;
}

struct value put_state(struct planner *pl, const struct phys *p, const char *const *names, uint32_t n)
{
    struct value list = value_list(pl->a, VAL_LIST, n);
    const char *option = catalog_config(pl->c, "table.exec.state.ttl", "0 ms");
    for (uint32_t i = 0; i < n; i++) {
        struct members m = {0};
        const char *ttl = p->rel && p->rel->ttl[i] ? p->rel->ttl[i] : option;
        int64_t ms;
        if (duration_option(ttl, &ms))
            ttl = duration_put(pl->a, ms);
        put_member(&m, "index", value_int(i));
        put_member(&m, "ttl", put_text(pl->a, ttl));
        put_member(&m, "name", put_text(pl->a, names[i]));
        list.items[i] = put_object(pl->a, &m);
    }
    return list;
}

struct value put_config(struct planner *pl, const char *const (*options)[2], uint32_t n)
{
    struct members m = {0};
    for (uint32_t i = 0; i < n; i++)
        put_member(&m, options[i][0], put_text(pl->a, catalog_config(pl->c, options[i][0], options[i][1])));
    return put_object(pl->a, &m);
}

struct value put_calls(struct planner *pl, const struct rel_call *calls, uint32_t n)
{
    struct value list = value_list(pl->a, VAL_LIST, n);
    for (uint32_t i = 0; i < n; i++) {
        const struct rel_call *c = &calls[i];
        struct members m = {0};
        put_member(&m, "name", c->as ? put_text(pl->a, c->as) : value_null());
        if (c->syntax)
            put_member(&m, "syntax", put_text(pl->a, c->syntax));
        put_member(&m, "internalName", put_text(pl->a, c->name));
        put_member(&m, "argList", put_ints(pl->a, c->args, c->n));
        put_member(&m, "filterArg", value_int(c->filter));
        put_member(&m, "distinct", value_bool(c->distinct));
        put_member(&m, "approximate", value_bool(false));
        put_member(&m, "ignoreNulls", value_bool(c->ignores_nulls));
        put_member(&m, "type", type_json(pl->a, c->type));
        list.items[i] = put_object(pl->a, &m);
    }
    return list;
}

struct value put_orders(struct planner *pl, const struct rel_order *o, uint32_t n)
{
    struct value list = value_list(pl->a, VAL_LIST, n);
    struct members spec = {0};
    for (uint32_t i = 0; i < n; i++) {
        struct members m = {0};
        put_member(&m, "index", value_int(o[i].column));
        put_member(&m, "isAscending", value_bool(!o[i].descending));
        put_member(&m, "nullIsLast", value_bool(o[i].nulls_last));
        list.items[i] = put_object(pl->a, &m);
    }
    put_member(&spec, "fields", list);
    return put_object(pl->a, &spec);
}

void about_columns(const struct ltype *row, const uint32_t *columns, uint32_t n, struct buf *to)
{
    buf_puts(to, "[");
    for (uint32_t i = 0; i < n; i++)
        buf_printf(to, "%s%.100s", i ? ", " : "", row->names[columns ? columns[i] : i]);
    buf_puts(to, "]");
}

/* --- nodes --- */

static struct value distribution(struct planner *pl, const struct phys *p)
{
    struct members m = {0};
    bool exchange = !strcmp(p->cls->type, "stream-exec-exchange");
    put_member(&m, "type", put_text(pl->a, !exchange ? "UNKNOWN" : p->n_hash ? "HASH" : "SINGLETON"));
    if (exchange && p->n_hash)
        put_member(&m, "keys", put_ints(pl->a, p->hash, p->n_hash));
    return put_object(pl->a, &m);
}

static struct value inputs(struct planner *pl, const struct phys *p)
{
    struct value list = value_list(pl->a, VAL_LIST, p->n);
    for (uint32_t i = 0; i < p->n; i++) {
        struct members m = {0};
        put_member(&m, "requiredDistribution", distribution(pl, p));
        put_member(&m, "damBehavior", put_text(pl->a, "PIPELINED"));
        put_member(&m, "priority", value_int(0));
        list.items[i] = put_object(pl->a, &m);
    }
    return list;
}

/* "stream-exec-window-join" is WindowJoin. */
static void name_of(const struct phys_class *cls, struct buf *to)
{
    const char *p = cls->type + strlen("stream-exec");
    for (; *p; p++)
        if (*p == '-' && p[1])
            buf_putc(to, (uint8_t)(*++p - 'a' + 'A'));
        else
            buf_putc(to, (uint8_t)*p);
}

static struct value node(struct planner *pl, const struct phys *p)
{
    struct members m = {0};
    struct buf b = {0};
    put_member(&m, "id", value_int(p->id));
    put_member(&m, "type", put_text(pl->a, arena_printf(pl->a, "%s_%d", p->cls->type, p->cls->version)));
    if (p->cls->put)
        p->cls->put(pl, p, &m);
    if (p->n)
        put_member(&m, "inputProperties", inputs(pl, p));
    put_member(&m, "outputType", p->row_json ? *p->row_json : type_json(pl->a, type_nullable(pl->a, p->row, true)));
    name_of(p->cls, &b);
    buf_putc(&b, '(');
    if (p->cls->about) {
        p->cls->about(pl, p, &b);
    } else {
        buf_puts(&b, "select=");
        about_columns(p->row, NULL, p->row->n, &b);
    }
    buf_putc(&b, ')');
    put_member(&m, "description", value_text(pl->a, (const char *)b.p, b.n));
    buf_free(&b);
    return put_object(pl->a, &m);
}

static struct value edge(struct planner *pl, const struct phys *from, const struct phys *to)
{
    struct members m = {0}, shuffle = {0};
    put_member(&shuffle, "type", put_text(pl->a, "FORWARD"));
    put_member(&m, "source", value_int(from->id));
    put_member(&m, "target", value_int(to->id));
    put_member(&m, "shuffle", put_object(pl->a, &shuffle));
    put_member(&m, "shuffleMode", put_text(pl->a, "PIPELINED"));
    return put_object(pl->a, &m);
}

struct writing {
    struct value *nodes, *edges;
    const char **digests; /* of the nodes */
    uint32_t n_nodes, n_edges;
};

static void count(const struct phys *p, uint32_t *n)
{
    ++*n;
    for (uint32_t i = 0; i < p->n; i++)
        count(p->inputs[i], n);
}

/* Does a member of a node call something that is another thing each time? No deeper than expressions are (REX_MAX_DEPTH). */
static bool varies(const struct value *v)
{
    for (uint32_t i = 0; (v->kind == VAL_LIST || v->kind == VAL_OBJECT) && i < v->n; i++) {
        const struct value *item = &v->items[i];
        bool called = v->kind == VAL_OBJECT && v->names[i].n == 12 && !memcmp(v->names[i].s, "internalName", 12);
        if (called && item->kind == VAL_TEXT ? rex_function_varies(item->text) : varies(item))
            return true;
    }
    return false;
}

/* All that a node is, but for its id; NULL: it is not the same as another one that looks alike. */
static const char *digest(struct planner *pl, const struct phys *p, const struct value *node)
{
    if (p->cls->alone || varies(node))
        return NULL;
    struct buf b = {0};
    struct jsonw w = {.out = &b};
    value_put_json(&w, node);
    buf_printf(&b, " %d %d %d %d %d", p->kinds, p->updates, p->deletes, p->drops, p->before);
    for (uint32_t i = 0; i < p->n; i++)
        buf_printf(&b, " %lld", (long long)p->inputs[i]->id);
    const char *text = arena_strn(pl->a, (const char *)b.p, b.n);
    buf_free(&b);
    return text;
}

/* What is there twice is one node with two that read from it (SubplanReuser). */
static void write(struct planner *pl, struct phys *p, struct writing *w)
{
    if (p->id)
        return;
    for (uint32_t i = 0; i < p->n; i++)
        write(pl, p->inputs[i], w);
    struct value json = node(pl, p);
    const char *mine = digest(pl, p, &json);
    for (uint32_t i = 0; mine && i < w->n_nodes; i++)
        if (w->digests[i] && !strcmp(w->digests[i], mine)) {
            p->id = w->nodes[i].items[0].i;
            return;
        }
    json.items[0] = value_int(p->id = ++pl->next_id);
    w->digests[w->n_nodes] = mine;
    w->nodes[w->n_nodes++] = json;
    for (uint32_t i = 0; i < p->n; i++)
        w->edges[w->n_edges++] = edge(pl, p->inputs[i], p);
}

struct value put_plan(struct planner *pl, struct phys *const *sinks, uint32_t n)
{
    struct members m = {0};
    uint32_t room = 0;
    phys_reuse_scans(pl, sinks, n);
    for (uint32_t i = 0; i < n; i++)
        count(sinks[i], &room);
    struct writing w = {.nodes = arena_array(pl->a, room + 1u, sizeof *w.nodes),
                        .edges = arena_array(pl->a, room + 1u, sizeof *w.edges),
                        .digests = arena_array(pl->a, room + 1u, sizeof *w.digests)};
    for (uint32_t i = 0; i < n; i++)
        write(pl, sinks[i], &w);
    struct value nodes = value_list(pl->a, VAL_LIST, w.n_nodes), edges = value_list(pl->a, VAL_LIST, w.n_edges);
    memcpy(nodes.items, w.nodes, w.n_nodes * sizeof *w.nodes);
    memcpy(edges.items, w.edges, w.n_edges * sizeof *w.edges);
    put_member(&m, "flinkVersion", put_text(pl->a, "2.3"));
    put_member(&m, "nodes", nodes);
    put_member(&m, "edges", edges);
    return put_object(pl->a, &m);
}
