/* Tables in compiled plans (flink-table-planner 2.3, ContextResolvedTableJsonSerializer, ResolvedCatalogTableJsonSerializer). */
#include <string.h>

#include "sql/plan.h"

/* The last of the quoted parts of `a`.`b`.`c`; "" when it is not made so. */
static const char *last_part(struct arena *a, const char *identifier)
{
    struct buf b = {0};
    const char *p = identifier;
    while (*p == '`') {
        b.n = 0;
        for (p++; *p && (*p != '`' || p[1] == '`'); p++) {
            p += *p == '`';
            buf_putc(&b, (uint8_t)*p);
        }
        p += *p == '`';
        p += *p == '.';
    }
    const char *name = arena_strn(a, (const char *)b.p, b.n);
    buf_free(&b);
    return name;
}

static bool read_column(struct cplan_column *c, struct arena *a, const struct value *v, struct err *e)
{
    const char *kind = cplan_text(v, "kind", "PHYSICAL", e);
    const struct value *type = cplan_member(v, "dataType");
    c->name = cplan_text(v, "name", NULL, e);
    if (!c->name)
        return err_set(e, ERR_CORRUPT, "a column has no name");
    if (!strcmp(kind, "COMPUTED")) {
        const struct value *expression = cplan_member(v, "expression");
        c->kind = COLUMN_COMPUTED;
        c->expression = cplan_rex(a, expression, "rexNode", e);
        if (!c->expression)
            return err_set(e, ERR_CORRUPT, "column %s has no expression", c->name);
        c->type = c->expression->type;
        return true;
    }
    if (!strcmp(kind, "METADATA")) {
        c->kind = COLUMN_METADATA;
        c->metadata_key = cplan_text(v, "metadataKey", NULL, e);
        c->is_virtual = cplan_bool(v, "isVirtual", false, e);
    } else if (strcmp(kind, "PHYSICAL")) {
        return err_set(e, ERR_UNSUPPORTED, "column %s is of kind %s, which weir does not know", c->name, kind);
    }
    if (type && type->kind == VAL_OBJECT && cplan_member(type, "logicalType")) /* with a class of Java's */
        type = cplan_member(type, "logicalType");
    if (!type)
        return err_set(e, ERR_CORRUPT, "column %s has no dataType", c->name);
    c->type = type_of_json(a, type, e);
    return c->type || err_in(e, "column %s", c->name);
}

static bool read_columns(struct cplan_table *t, struct arena *a, const struct value *schema, struct err *e)
{
    const struct value *columns = cplan_member(schema, "columns");
    if (!columns || columns->kind != VAL_LIST)
        return err_set(e, ERR_CORRUPT, "the schema has no columns");
    struct cplan_column *c = arena_array(a, columns->n + 1, sizeof *c);
    t->columns = c;
    t->n = columns->n;
    for (uint32_t i = 0; i < t->n; i++)
        if (!read_column(&c[i], a, &columns->items[i], e))
            return false;
    return true;
}

static bool read_key(struct cplan_table *t, struct arena *a, const struct value *schema, struct err *e)
{
    const struct value *names = cplan_member(cplan_member(schema, "primaryKey"), "columns");
    if (!names)
        return true;
    if (names->kind != VAL_LIST)
        return err_set(e, ERR_CORRUPT, "the primary key's columns are no list");
    uint32_t *key = arena_array(a, names->n + 1, sizeof *key);
    t->key = key;
    for (uint32_t i = 0; i < names->n; i++) {
        uint32_t c = 0;
        while (c < t->n && (names->items[i].kind != VAL_TEXT || strcmp(t->columns[c].name, names->items[i].text)))
            c++;
        if (c == t->n)
            return err_set(e, ERR_CORRUPT, "the primary key names a column that is not there");
        key[t->n_key++] = c;
    }
    return true;
}

static bool read_options(struct cplan_table *t, struct arena *a, const struct value *options, struct err *e)
{
    if (!options || options->kind != VAL_OBJECT)
        return true;
    t->option_names = arena_array(a, options->n + 1, sizeof *t->option_names);
    t->option_values = arena_array(a, options->n + 1, sizeof *t->option_values);
    for (uint32_t i = 0; i < options->n; i++) {
        if (options->items[i].kind != VAL_TEXT)
            return err_set(e, ERR_CORRUPT, "option '%s' is no text", options->names[i].s);
        t->option_names[i] = options->names[i].s;
        t->option_values[i] = options->items[i].text;
    }
    t->n_options = options->n;
    return true;
}

static bool read_partition(struct cplan_table *t, struct arena *a, const struct value *keys, struct err *e)
{
    if (!keys || keys->kind != VAL_LIST)
        return true;
    t->partition = arena_array(a, keys->n + 1, sizeof *t->partition);
    for (uint32_t i = 0; i < keys->n; i++) {
        if (keys->items[i].kind != VAL_TEXT)
            return err_set(e, ERR_CORRUPT, "a partition key is no text");
        t->partition[t->n_partition++] = keys->items[i].text;
    }
    return true;
}

bool cplan_table_read(struct cplan_table *t, struct arena *a, const struct value *table, struct err *e)
{
    *t = (struct cplan_table){0};
    const struct value *resolved = cplan_member(table, "resolvedTable"), *schema = cplan_member(resolved, "schema");
    t->identifier = cplan_text(table, "identifier", "*anonymous*", e);
    t->name = last_part(a, t->identifier);
    if (!schema)
        return e->kind == ERR_NONE;
    t->resolved = cplan_member(resolved, "options") != NULL;
    if (!read_columns(t, a, schema, e) || !read_key(t, a, schema, e) || !read_options(t, a, cplan_member(resolved, "options"), e) ||
        !read_partition(t, a, cplan_member(resolved, "partitionKeys"), e))
        return err_in(e, "table %s", t->name);
    return e->kind == ERR_NONE;
}

const char *cplan_option(const struct cplan_table *t, const char *name, const char *otherwise)
{
    for (uint32_t i = 0; i < t->n_options; i++)
        if (!strcmp(t->option_names[i], name))
            return t->option_values[i];
    return otherwise;
}

const struct ltype *cplan_table_row(const struct cplan_table *t, struct arena *a)
{
    const char **names = arena_array(a, t->n + 1, sizeof *names);
    const struct ltype **kids = arena_array(a, t->n + 1, sizeof *kids);
    uint32_t n = 0;
    for (uint32_t i = 0; i < t->n; i++)
        if (t->columns[i].kind == COLUMN_PHYSICAL) {
            names[n] = t->columns[i].name;
            kids[n++] = t->columns[i].type;
        }
    return type_row(a, names, kids, n, false);
}

uint32_t cplan_key_column(const struct cplan_table *t, uint32_t i)
{
    uint32_t n = 0;
    for (uint32_t c = 0; c < t->key[i]; c++)
        n += t->columns[c].kind == COLUMN_PHYSICAL;
    return n;
}
