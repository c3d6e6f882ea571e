/* Tables as plans have them (flink-table-planner 2.3: ResolvedCatalogTableJsonSerializer, ResolvedSchemaJsonSerializer). */
#include <string.h>

#include "sql/catalog.h"

static struct value text(struct arena *a, const char *s) { return value_text(a, s, strlen(s)); }

static struct value expression_json(struct arena *a, const struct rex *x, const char *as_text)
{
    static const char *const names[] = {"rexNode", "serializableString"};
    struct value v = value_object(a, names, 2);
    v.items[0] = rex_json(a, x);
    v.items[1] = text(a, as_text);
    return v;
}

static struct value column_json(struct arena *a, const struct cplan_column *c, const char *as_text)
{
    static const char *const physical[] = {"name", "dataType"}, *const computed[] = {"name", "kind", "expression"};
    static const char *const metadata[] = {"name", "kind", "dataType", "metadataKey", "isVirtual"};
    struct value v = value_object(a,
                                  c->kind == COLUMN_PHYSICAL       ? physical
                                      : c->kind == COLUMN_COMPUTED ? computed
                                                                   : metadata,
                                  c->kind == COLUMN_PHYSICAL       ? 2
                                      : c->kind == COLUMN_COMPUTED ? 3
                                                                   : 5);
    v.items[0] = text(a, c->name);
    if (c->kind == COLUMN_PHYSICAL) {
        v.items[1] = type_json(a, c->type);
    } else if (c->kind == COLUMN_COMPUTED) {
        v.items[1] = text(a, "COMPUTED");
        v.items[2] = expression_json(a, c->expression, as_text);
    } else {
        v.items[1] = text(a, "METADATA");
        v.items[2] = type_json(a, c->type);
        v.items[3] = c->metadata_key ? text(a, c->metadata_key) : value_null();
        v.items[4] = value_bool(c->is_virtual);
    }
    return v;
}

static struct value schema_json(struct arena *a, const struct table *t)
{
    static const char *const of_watermark[] = {"rowtimeAttribute", "expression"}, *const of_key[] = {"name", "type", "columns"};
    const char *names[3] = {"columns"};
    struct value members[3] = {value_list(a, VAL_LIST, t->t.n)};
    uint32_t n = 1;
    for (uint32_t i = 0; i < t->t.n; i++)
        members[0].items[i] = column_json(a, &t->t.columns[i], t->texts[i]);
    if (t->watermark >= 0) {
        names[n] = "watermarkSpecs";
        members[n] = value_list(a, VAL_LIST, 1);
        struct value *w = &members[n++].items[0];
        *w = value_object(a, of_watermark, 2);
        w->items[0] = text(a, t->t.columns[t->watermark].name);
        w->items[1] = expression_json(a, t->watermark_rex, t->watermark_text);
    }
    if (t->t.n_key) {
        names[n] = "primaryKey";
        members[n] = value_object(a, of_key, 3);
        struct value *k = &members[n++];
        k->items[0] = text(a, t->key_name);
        k->items[1] = text(a, "PRIMARY_KEY");
        k->items[2] = value_list(a, VAL_LIST, t->t.n_key);
        for (uint32_t i = 0; i < t->t.n_key; i++)
            k->items[2].items[i] = text(a, t->t.columns[t->t.key[i]].name);
    }
    struct value v = value_object(a, names, n);
    memcpy(v.items, members, n * sizeof *members);
    return v;
}

struct value catalog_table_json(struct arena *a, const struct table *t)
{
    static const char *const names[] = {"identifier", "resolvedTable"};
    const char *parts[3] = {"schema"};
    uint32_t n = 1;
    struct value v = value_object(a, names, 2), members[3] = {schema_json(a, t)};
    if (t->t.n_partition) {
        parts[n] = "partitionKeys";
        members[n] = value_list(a, VAL_LIST, t->t.n_partition);
        for (uint32_t i = 0; i < t->t.n_partition; i++)
            members[n].items[i] = text(a, t->t.partition[i]);
        n++;
    }
    parts[n] = "options";
    members[n] = value_object(a, t->t.option_names, t->t.n_options);
    for (uint32_t i = 0; i < t->t.n_options; i++)
        members[n].items[i] = text(a, t->t.option_values[i]);
    n++;
    v.items[0] = text(a, t->t.identifier);
    v.items[1] = value_object(a, parts, n);
    memcpy(v.items[1].items, members, n * sizeof *members);
    return v;
}
