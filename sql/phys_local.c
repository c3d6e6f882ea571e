#include "sql/phys_local.h"

#include <string.h>

enum { COLUMNS_MAX = 4096, DISTINCT_MAX = 64 };

bool phys_two_phases(const struct planner *pl)
{
    return strcmp(catalog_config(pl->c, "table.optimizer.agg-phase-strategy", "AUTO"), "ONE_PHASE") != 0;
}

struct columns {
    struct planner *pl;
    const char **names;
    const struct ltype **types;
    struct value *json; /* of types */
    uint32_t n, n_buffers;
};

static void add(struct columns *c, const char *name, const struct ltype *t)
{
    c->names[c->n] = name;
    c->types[c->n] = t;
    c->json[c->n++] = type_json(c->pl->a, t);
}

static void add_buffer(struct columns *c, const char *name, const struct ltype *t)
{
    add(c, arena_printf(c->pl->a, "%s$%u", name, c->n_buffers++), type_nullable(c->pl->a, t, true));
}

/* The sum of an average (AvgAggFunction). */
static const struct ltype *sum_of(struct arena *a, const struct ltype *t)
{
    switch (t->root) {
    case L_TINYINT:
    case L_SMALLINT:
    case L_INTEGER:
    case L_BIGINT:
        return type_simple(a, L_BIGINT, true);
    case L_FLOAT:
    case L_DOUBLE:
        return type_simple(a, L_DOUBLE, true);
    case L_DECIMAL:
        return type_decimal(a, 38, t->precision ? t->scale : 0, true);
    default:
        return NULL;
    }
}

static bool is(const struct rel_call *c, const char *name) { return !strcmp(c->name, name); }

static bool buffers(struct columns *c, const struct rel_call *call, const struct ltype *in)
{
    const struct ltype *arg = call->n ? in->kids[call->args[0]] : NULL, *bigint = type_simple(c->pl->a, L_BIGINT, true);
    if (call->n > 1 || (!arg && !is(call, "$COUNT$1")))
        return false;
    if (is(call, "$COUNT$1")) {
        add_buffer(c, arg ? "count" : "count1", bigint);
    } else if (is(call, "$SUM$1") || is(call, "$$SUM0$1")) {
        add_buffer(c, "sum", call->type);
    } else if (is(call, "$MIN$1") || is(call, "$MAX$1")) {
        add_buffer(c, is(call, "$MIN$1") ? "min" : "max", call->type);
    } else if (is(call, "$AVG$1") && sum_of(c->pl->a, arg)) {
        add_buffer(c, "sum", sum_of(c->pl->a, arg));
        add_buffer(c, "count", bigint);
    } else {
        return false;
    }
    return true;
}

/* How Flink's data structures call values of that type where Java's usual class is another one; NULL: it is that; false: not known here. */
static bool key_class(const struct ltype *t, const char **to)
{
    *to = NULL;
    switch (t->root) {
    case L_CHAR:
    case L_VARCHAR:
        *to = "org.apache.flink.table.data.StringData";
        return true;
    case L_BOOLEAN:
    case L_TINYINT:
    case L_SMALLINT:
    case L_INTEGER:
    case L_BIGINT:
    case L_FLOAT:
    case L_DOUBLE:
        return true;
    default:
        return false;
    }
}

/* A view of the values that have been seen, with how often. */
static bool add_view(struct columns *c, uint32_t number, const struct ltype *key)
{
    static const char view[] = "org.apache.flink.table.api.dataview.MapView";
    struct arena *a = c->pl->a;
    struct members raw = {0}, external = {0}, field = {0}, cls = {0};
    const char *data;
    if (!key_class(key, &data))
        return false;
    struct value key_json = type_json(a, type_nullable(a, key, true)), fields = value_list(a, VAL_LIST, 1);
    struct value logical = put_text(
        a,
        arena_printf(a, "STRUCTURED<'%s', `map` MAP<%s, BIGINT NOT NULL>>", view, key_json.kind == VAL_TEXT ? key_json.text : "?"));
    put_member(&raw, "type", put_text(a, "RAW"));
    put_member(&raw, "class", put_text(a, view));
    if (data) {
        put_member(&cls, "conversionClass", put_text(a, data));
        put_member(&field, "name", put_text(a, "map"));
        put_member(&field, "keyClass", put_object(a, &cls));
        fields.items[0] = put_object(a, &field);
        put_member(&external, "logicalType", logical);
        put_member(&external, "fields", fields);
        put_member(&raw, "externalDataType", put_object(a, &external));
    } else {
        put_member(&raw, "externalDataType", logical);
    }
    c->names[c->n] = arena_printf(a, "distinct$%u", number);
    c->types[c->n] = type_simple(a, L_RAW, true);
    c->json[c->n++] = put_object(a, &raw);
    return true;
}

/* One for each column that is counted once. */
static bool views(struct columns *c, const struct rel_call *calls, uint32_t n, const struct ltype *in)
{
    uint32_t seen[DISTINCT_MAX], n_seen = 0;
    for (uint32_t i = 0; i < n; i++) {
        if (!calls[i].distinct)
            continue;
        uint32_t k = 0;
        while (k < n_seen && seen[k] != calls[i].args[0])
            k++;
        if (k < n_seen)
            continue;
        if (n_seen == DISTINCT_MAX || !add_view(c, n_seen, in->kids[calls[i].args[0]]))
            return false;
        seen[n_seen++] = calls[i].args[0];
    }
    return true;
}

static const struct value *row_json(struct columns *c, bool views)
{
    struct arena *a = c->pl->a;
    struct value *to = arena_alloc(a, sizeof *to);
    struct members m = {0};
    struct value fields = value_list(a, VAL_LIST, c->n);
    if (!views) {
        *to = type_json(a, type_row(a, c->names, c->types, c->n, true));
        return to;
    }
    for (uint32_t i = 0; i < c->n; i++) {
        struct members field = {0};
        put_member(&field, "name", put_text(a, c->names[i]));
        put_member(&field, "fieldType", c->json[i]);
        fields.items[i] = put_object(a, &field);
    }
    put_member(&m, "type", put_text(a, "ROW"));
    put_member(&m, "fields", fields);
    *to = put_object(a, &m);
    return to;
}

const struct ltype *phys_local_row(struct planner *pl, const struct ltype *in, const uint32_t *keys, uint32_t n_keys,
                                   const struct rel_call *calls, uint32_t n_calls, bool count_rows, const char *last,
                                   const struct value **json)
{
    uint32_t room = n_keys + 3 * n_calls + 3;
    struct columns c = {pl,
                        arena_array(pl->a, room, sizeof(char *)),
                        arena_array(pl->a, room, sizeof(void *)),
                        arena_array(pl->a, room, sizeof(struct value)),
                        0,
                        0};
    bool counted = false;
    for (uint32_t i = 0; i < n_keys; i++)
        add(&c, in->names[keys[i]], in->kids[keys[i]]);
    for (uint32_t i = 0; i < n_calls; i++) {
        if (!buffers(&c, &calls[i], in))
            return NULL;
        counted = counted || (!calls[i].n && calls[i].filter < 0);
    }
    if (count_rows && !counted)
        add_buffer(&c, "count1", type_simple(pl->a, L_BIGINT, true));
    uint32_t before = c.n;
    if (!views(&c, calls, n_calls, in))
        return NULL;
    bool viewed = c.n > before;
    if (last)
        add(&c, last, type_simple(pl->a, L_BIGINT, true));
    *json = row_json(&c, viewed);
    return type_row(pl->a, c.names, c.types, c.n, false);
}

/* --- how rows are dealt --- */

bool phys_dealt_by(const struct phys *p, const uint32_t *columns, uint32_t n)
{
    static const char *const forward[] = {"stream-exec-watermark-assigner", "stream-exec-mini-batch-assigner"};
    static const char *const groups[] = {"stream-exec-group-aggregate", "stream-exec-window-aggregate",
                                         "stream-exec-global-group-aggregate", "stream-exec-global-window-aggregate"};
    static const char *const same[] = {"stream-exec-rank", "stream-exec-deduplicate", "stream-exec-over-aggregate",
                                       "stream-exec-changelog-normalize"};
    uint32_t below[256], n_below = n;
    if (!p->n || n > 256)
        return false;
    memcpy(below, columns, n * sizeof *below);
    for (size_t i = 0; i < sizeof forward / sizeof *forward; i++)
        if (!strcmp(p->cls->type, forward[i]))
            return phys_dealt_by(p->inputs[0], columns, n);
    if (p->cls->passes) {
        for (uint32_t i = 0; i < n; i++)
            if (!p->cls->passes(p, columns[i], &below[i]))
                return false;
        return phys_dealt_by(p->inputs[0], below, n);
    }
    const struct phys *x = p->inputs[0];
    if (strcmp(x->cls->type, "stream-exec-exchange") != 0)
        return false;
    for (size_t i = 0; i < sizeof groups / sizeof *groups; i++)
        if (!strcmp(p->cls->type, groups[i])) { /* its first columns are the groups */
            for (uint32_t k = 0; k < n; k++)
                if (columns[k] >= x->n_hash)
                    return false;
            return n_below == x->n_hash;
        }
    for (size_t i = 0; i < sizeof same / sizeof *same; i++)
        if (!strcmp(p->cls->type, same[i]))
            return n == x->n_hash && columns_within(x->hash, n, columns, n);
    return false;
}
