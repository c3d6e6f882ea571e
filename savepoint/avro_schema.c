#include "savepoint/avro_schema.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

/* A named type that has been met. */
struct known {
    const char *name;
    const struct avro *type;
    struct known *next;
};

struct parser {
    struct arena *a;
    struct known *known;
    unsigned n_known;
    const char *why;
    unsigned depth;
};

static const struct avro primitives[] = {{.kind = AVRO_NULL, .name = "null"},   {.kind = AVRO_BOOLEAN, .name = "boolean"},
                                         {.kind = AVRO_INT, .name = "int"},     {.kind = AVRO_LONG, .name = "long"},
                                         {.kind = AVRO_FLOAT, .name = "float"}, {.kind = AVRO_DOUBLE, .name = "double"},
                                         {.kind = AVRO_BYTES, .name = "bytes"}, {.kind = AVRO_STRING, .name = "string"}};

static const struct {
    const char *name;
    enum avro_logical logical;
    enum avro_kind on;
} logicals[] = {{"date", AVRO_DATE, AVRO_INT},
                {"time-millis", AVRO_TIME_MILLIS, AVRO_INT},
                {"time-micros", AVRO_TIME_MICROS, AVRO_LONG},
                {"timestamp-millis", AVRO_TIMESTAMP_MILLIS, AVRO_LONG},
                {"timestamp-micros", AVRO_TIMESTAMP_MICROS, AVRO_LONG},
                {"timestamp-nanos", AVRO_TIMESTAMP_NANOS, AVRO_LONG},
                {"local-timestamp-millis", AVRO_LOCAL_MILLIS, AVRO_LONG},
                {"local-timestamp-micros", AVRO_LOCAL_MICROS, AVRO_LONG},
                {"local-timestamp-nanos", AVRO_LOCAL_NANOS, AVRO_LONG},
                {"decimal", AVRO_DECIMAL, AVRO_BYTES},
                {"decimal", AVRO_DECIMAL, AVRO_FIXED}};

static const struct avro *parse(struct parser *p, const json_t *j, const char *space);

static const struct avro *bad(struct parser *p, const char *why)
{
    if (!p->why)
        p->why = why;
    return NULL;
}

/* "space.name", or name itself when it has a dot or there is no namespace. */
static const char *full_name(struct parser *p, const char *name, const char *space)
{
    return strchr(name, '.') || !*space ? name : arena_printf(p->a, "%s.%s", space, name);
}

static const struct avro *named(const struct parser *p, const char *name)
{
    for (const struct known *k = p->known; k; k = k->next)
        if (!strcmp(k->name, name))
            return k->type;
    return NULL;
}

/* A type by name: a primitive, or one defined before it in the text, first in the namespace around, then in none. */
static const struct avro *by_name(struct parser *p, const char *name, const char *space)
{
    for (size_t i = 0; i < sizeof primitives / sizeof primitives[0]; i++)
        if (!strcmp(name, primitives[i].name))
            return &primitives[i];
    const struct avro *t = named(p, full_name(p, name, space));
    if (!t)
        t = named(p, name);
    return t ? t : bad(p, "an Avro schema that names a type which it does not define");
}

static const char *text_of(const json_t *j, const char *key)
{
    const char *s = json_string_value(json_object_get(j, key));
    return s ? s : "";
}

static const struct avro *array_or_map(struct parser *p, const json_t *j, enum avro_kind kind, const char *space)
{
    struct avro *t = arena_alloc(p->a, sizeof *t);
    t->kind = kind;
    t->n = 1;
    t->types = arena_array(p->a, 1, sizeof *t->types);
    t->types[0] = parse(p, json_object_get(j, kind == AVRO_ARRAY ? "items" : "values"), space);
    return t->types[0] ? t : NULL;
}

static const struct avro *union_of(struct parser *p, const json_t *j, const char *space)
{
    struct avro *t = arena_alloc(p->a, sizeof *t);
    t->kind = AVRO_UNION;
    t->n = (uint32_t)json_array_size(j);
    t->types = arena_array(p->a, t->n, sizeof *t->types);
    for (uint32_t i = 0; i < t->n; i++)
        if (!(t->types[i] = parse(p, json_array_get(j, i), space)))
            return NULL;
    return t;
}

/* The logicalType attribute of j, if it fits the kind of t. */
static void set_logical(struct avro *t, const json_t *j)
{
    const char *name = text_of(j, "logicalType");
    json_int_t scale = json_integer_value(json_object_get(j, "scale"));
    for (size_t i = 0; *name && i < sizeof logicals / sizeof logicals[0]; i++)
        if (!strcmp(name, logicals[i].name) && t->kind == logicals[i].on && scale >= 0 && scale <= INT32_MAX) {
            t->logical = logicals[i].logical;
            t->scale = (int32_t)scale;
        }
}

/* The default of a field or enum as JSON text, in one form however it was written; NULL: there is none. */
static const char *default_of(struct parser *p, const json_t *j)
{
    const json_t *value = json_object_get(j, "default");
    char *text = value ? json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT | JSON_SORT_KEYS) : NULL;
    const char *kept = text ? arena_str(p->a, text) : NULL;
    free(text);
    return kept;
}

static const char **aliases_of(struct parser *p, const json_t *field)
{
    const json_t *list = json_object_get(field, "aliases");
    size_t n = json_array_size(list), kept = 0;
    if (!n)
        return NULL;
    const char **names = arena_array(p->a, n + 1, sizeof *names);
    for (size_t i = 0; i < n; i++) {
        const char *s = json_string_value(json_array_get(list, i));
        if (s)
            names[kept++] = arena_str(p->a, s);
    }
    return names;
}

/* record, error, enum, fixed: known by their full names from here on, inside themselves too. */
static const struct avro *definition(struct parser *p, const json_t *j, enum avro_kind kind, const char *space)
{
    const char *name = text_of(j, "name");
    const json_t *own = json_object_get(j, "namespace");
    if (!*name)
        return bad(p, "an Avro schema with a type that has no name");
    if (p->n_known++ >= AVRO_MAX_NAMED)
        return bad(p, "an Avro schema of more than 2000 named types");
    struct avro *t = arena_alloc(p->a, sizeof *t);
    t->kind = kind;
    t->name = arena_str(p->a, full_name(p, name, own && json_is_string(own) ? json_string_value(own) : space));
    const char *dot = strrchr(t->name, '.');
    const char *inside = dot ? arena_strn(p->a, t->name, (size_t)(dot - t->name)) : "";
    struct known *k = arena_alloc(p->a, sizeof *k);
    *k = (struct known){t->name, t, p->known};
    p->known = k;

    if (kind == AVRO_FIXED) {
        json_int_t size = json_integer_value(json_object_get(j, "size"));
        if (size < 0 || size > INT32_MAX)
            return bad(p, "an Avro schema with a fixed type of an impossible size");
        t->size = (uint32_t)size;
        set_logical(t, j);
        return t;
    }
    const json_t *list = json_object_get(j, kind == AVRO_ENUM ? "symbols" : "fields");
    if (!json_is_array(list))
        return bad(p, "an Avro schema with a record without fields or an enum without symbols");
    t->n = (uint32_t)json_array_size(list);
    t->names = arena_array(p->a, t->n, sizeof *t->names);
    t->types = kind == AVRO_RECORD ? arena_array(p->a, t->n, sizeof *t->types) : NULL;
    t->defaults = arena_array(p->a, kind == AVRO_ENUM ? 1 : t->n, sizeof *t->defaults);
    t->aliases = kind == AVRO_RECORD ? arena_array(p->a, t->n, sizeof *t->aliases) : NULL;
    if (kind == AVRO_ENUM)
        t->defaults[0] = default_of(p, j);
    for (uint32_t i = 0; i < t->n; i++) {
        const json_t *item = json_array_get(list, i);
        const char *s = kind == AVRO_ENUM ? json_string_value(item) : text_of(item, "name");
        if (!s)
            return bad(p, "an Avro schema with an enum symbol that is not text");
        t->names[i] = arena_str(p->a, s);
        if (kind == AVRO_RECORD) {
            t->defaults[i] = default_of(p, item);
            t->aliases[i] = aliases_of(p, item);
        }
        if (kind == AVRO_RECORD && !(t->types[i] = parse(p, json_object_get(item, "type"), inside)))
            return NULL;
    }
    return t;
}

/* A primitive type with a logicalType that fits it: one of its own, as primitives are shared. */
static const struct avro *with_logical(struct parser *p, const json_t *j, const struct avro *t)
{
    struct avro own = *t;
    set_logical(&own, j);
    if (own.logical == t->logical)
        return t;
    struct avro *kept = arena_alloc(p->a, sizeof *kept);
    *kept = own;
    return kept;
}

static const struct avro *object(struct parser *p, const json_t *j, const char *space)
{
    static const struct {
        const char *type;
        enum avro_kind kind;
    } complex[] = {{"record", AVRO_RECORD}, {"error", AVRO_RECORD}, {"enum", AVRO_ENUM},
                   {"fixed", AVRO_FIXED},   {"array", AVRO_ARRAY},  {"map", AVRO_MAP}};
    const json_t *type = json_object_get(j, "type");
    if (!json_is_string(type))
        return parse(p, type, space);
    for (size_t i = 0; i < sizeof complex / sizeof complex[0]; i++)
        if (!strcmp(json_string_value(type), complex[i].type))
            return complex[i].kind == AVRO_ARRAY || complex[i].kind == AVRO_MAP ? array_or_map(p, j, complex[i].kind, space)
                                                                                : definition(p, j, complex[i].kind, space);
    const struct avro *t = by_name(p, json_string_value(type), space);
    return t ? with_logical(p, j, t) : NULL;
}

static const struct avro *parse(struct parser *p, const json_t *j, const char *space)
{
    if (p->depth >= AVRO_MAX_DEPTH)
        return bad(p, "an Avro schema that is nested too deeply (limit 100)");
    p->depth++;
    const struct avro *t;
    if (json_is_string(j))
        t = by_name(p, json_string_value(j), space);
    else if (json_is_array(j))
        t = union_of(p, j, space);
    else if (json_is_object(j))
        t = object(p, j, space);
    else
        t = bad(p, "an Avro schema with something that is no type");
    p->depth--;
    return t;
}

const struct avro *avro_parse(const char *json, size_t n, struct arena *a, const char **why)
{
    struct parser p = {.a = a};
    if (n > AVRO_MAX_SCHEMA) {
        *why = "an Avro schema of more than 1 MiB";
        return NULL;
    }
    json_t *j = json_loadb(json, n, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
    const struct avro *t = j ? parse(&p, j, "") : bad(&p, "an Avro schema that is not JSON");
    json_decref(j);
    *why = t ? NULL : p.why;
    return t;
}
