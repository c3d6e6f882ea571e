/* Another name for a type in an Avro schema's text; whatever else stands in the schema stays. */
#include <jansson.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "savepoint/avro_schema.h"

struct renaming {
    struct arena *a;
    const char *from, *to;
    unsigned depth, renamed;
};

static json_t *renamed(struct renaming *r, const json_t *j, const char *space, const char *now);

static bool is_primitive(const char *name)
{
    static const char *const names[] = {"null", "boolean", "int", "long", "float", "double", "bytes", "string"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (!strcmp(name, names[i]))
            return true;
    return false;
}

static const char *full(struct renaming *r, const char *name, const char *space)
{
    return strchr(name, '.') || !*space ? name : arena_printf(r->a, "%s.%s", space, name);
}

static const char *new_name(struct renaming *r, const char *name)
{
    bool same = strcmp(name, r->from) != 0;
    r->renamed += !same;
    return same ? name : r->to;
}

/* A type by its name. space: the namespace around it, now: what that has become. */
static json_t *reference(struct renaming *r, const char *name, const char *space, const char *now)
{
    if (is_primitive(name))
        return json_string(name);
    const char *was = full(r, name, space), *is = new_name(r, was);
    return json_string(is == was && !strcmp(space, now) ? name : is);
}

static json_t *list(struct renaming *r, const json_t *j, const char *space, const char *now)
{
    json_t *to = json_array();
    for (size_t i = 0; i < json_array_size(j); i++)
        json_array_append_new(to, renamed(r, json_array_get(j, i), space, now));
    return to;
}

/* The fields of a record: each has a type. */
static json_t *fields(struct renaming *r, const json_t *j, const char *space, const char *now)
{
    json_t *to = json_deep_copy(j);
    for (size_t i = 0; i < json_array_size(to); i++) {
        json_t *field = json_array_get(to, i);
        if (json_is_object(field))
            json_object_set_new(field, "type", renamed(r, json_object_get(json_array_get(j, i), "type"), space, now));
    }
    return to;
}

static json_t *definition(struct renaming *r, const json_t *j, const char *space, const char *now)
{
    const char *name = json_string_value(json_object_get(j, "name")), *own = json_string_value(json_object_get(j, "namespace"));
    json_t *to = json_copy((json_t *)j);
    const char *was = full(r, name, own ? own : space), *is = new_name(r, was);
    const char *dot = strrchr(was, '.'), *new_dot = strrchr(is, '.');
    const char *inside = dot ? arena_strn(r->a, was, (size_t)(dot - was)) : "";
    const char *new_inside = new_dot ? arena_strn(r->a, is, (size_t)(new_dot - is)) : "";
    if (is != was || (!own && !strchr(name, '.') && strcmp(space, now) != 0)) {
        json_object_set_new(to, "name", json_string(new_dot ? new_dot + 1 : is));
        json_object_set_new(to, "namespace", json_string(new_inside));
    }
    if (json_is_array(json_object_get(j, "fields")))
        json_object_set_new(to, "fields", fields(r, json_object_get(j, "fields"), inside, new_inside));
    return to;
}

static json_t *object(struct renaming *r, const json_t *j, const char *space, const char *now)
{
    static const char *const parts[] = {"items", "values"};
    const json_t *type = json_object_get(j, "type");
    if (json_is_string(json_object_get(j, "name")) && json_is_string(type))
        return definition(r, j, space, now);
    json_t *to = json_copy((json_t *)j);
    if (!json_is_string(type))
        json_object_set_new(to, "type", renamed(r, type, space, now));
    for (size_t i = 0; i < 2; i++)
        if (json_object_get(j, parts[i]))
            json_object_set_new(to, parts[i], renamed(r, json_object_get(j, parts[i]), space, now));
    return to;
}

static json_t *renamed(struct renaming *r, const json_t *j, const char *space, const char *now)
{
    if (!j || r->depth >= AVRO_MAX_DEPTH)
        return json_null();
    json_t *to;
    r->depth++;
    if (json_is_string(j))
        to = reference(r, json_string_value(j), space, now);
    else if (json_is_array(j))
        to = list(r, j, space, now);
    else if (json_is_object(j))
        to = object(r, j, space, now);
    else
        to = json_deep_copy(j);
    r->depth--;
    return to;
}

const char *avro_rename(const char *json, const char *from, const char *to, struct arena *a)
{
    struct renaming r = {.a = a, .from = from, .to = to};
    json_t *j = json_loads(json, JSON_DECODE_ANY, NULL), *made = j ? renamed(&r, j, "", "") : NULL;
    char *text = made && r.renamed ? json_dumps(made, JSON_ENCODE_ANY | JSON_COMPACT) : NULL;
    const char *kept = text ? arena_str(a, text) : NULL;
    free(text);
    json_decref(made);
    json_decref(j);
    return kept;
}
