/* An Avro schema is JSON: edited as such, so that what weir does not know in it stays. */
#include <string.h>

#include "inspect/json_sink.h"
#include "migrate/retype.h"

struct editing {
    struct script *s;
    struct arena *a;
    const struct edit *edit;
    struct place_in where;
    struct value *root;
    struct err *e;
};

static bool is_text(const struct value *v, const char *text)
{
    return v && v->kind == VAL_TEXT && v->n == strlen(text) && !memcmp(v->text, text, v->n);
}

static bool wrong(const struct editing *d, const char *why) { return script_fault(d->s, d->where, d->e, "%s", why); }

/* "a.b.C" and "C" name the same, as far as one schema is concerned. */
static bool same_name(const struct value *name, const struct value *wanted)
{
    const char *dot = memrchr(wanted->text, '.', wanted->n), *from = dot ? dot + 1 : wanted->text;
    size_t n = wanted->n - (size_t)(from - wanted->text);
    return name && name->kind == VAL_TEXT && name->n >= n && !memcmp(name->text + name->n - n, from, n) &&
        (name->n == n || name->text[name->n - n - 1] == '.');
}

/* The definition of a named type. */
static struct value *definition(struct value *v, const struct value *name, int depth)
{
    if (depth > AVRO_MAX_DEPTH || (v->kind != VAL_OBJECT && v->kind != VAL_LIST))
        return NULL;
    if (v->kind == VAL_OBJECT && value_member(v, "fields") && same_name(value_member(v, "name"), name))
        return v;
    for (uint32_t i = 0; i < v->n; i++) {
        struct value *found = definition(&v->items[i], name, depth + 1);
        if (found)
            return found;
    }
    return NULL;
}

/* Through a union with null, {"type": …} and names, to what a type really is. */
static struct value *bare(const struct editing *d, struct value *v)
{
    for (int depth = 0; v && depth < AVRO_MAX_DEPTH; depth++) {
        struct value *type = value_member(v, "type");
        if (v->kind == VAL_LIST && v->n == 2) {
            v = &v->items[is_text(&v->items[0], "null")];
        } else if (v->kind == VAL_TEXT) {
            struct value *found = definition(d->root, v, 0);
            if (!found)
                return v;
            v = found;
        } else if (type && type->kind != VAL_TEXT) {
            v = type;
        } else {
            return v;
        }
    }
    return v;
}

static struct value *field_of(struct value *record, const char *name, uint32_t *i)
{
    struct value *fields = value_member(record, "fields");
    for (*i = 0; fields && fields->kind == VAL_LIST && *i < fields->n; ++*i)
        if (is_text(value_member(&fields->items[*i], "name"), name))
            return &fields->items[*i];
    return NULL;
}

static struct value text(const struct editing *d, const char *s) { return value_text(d->a, s, strlen(s)); }

static struct value object(const struct editing *d, const char *const *names, const struct value *values, uint32_t n)
{
    const char **copy = arena_array(d->a, n, sizeof(char *));
    memcpy(copy, names, n * sizeof(char *));
    struct value v = value_object(d->a, copy, n);
    memcpy(v.items, values, n * sizeof *values);
    return v;
}

/* {"type": what, …: …} */
static struct value with_one(const struct editing *d, const char *type, const char *name, struct value v)
{
    return object(d, (const char *const[]){"type", name}, (struct value[]){text(d, type), v}, 2);
}

/* Types beside the plain ones are logical ones over them. */
static const struct {
    const char *word, *avro, *logical;
} words[] = {{"BOOLEAN", "boolean", NULL},
             {"INT", "int", NULL},
             {"INTEGER", "int", NULL},
             {"SMALLINT", "int", NULL},
             {"TINYINT", "int", NULL},
             {"BIGINT", "long", NULL},
             {"FLOAT", "float", NULL},
             {"DOUBLE", "double", NULL},
             {"STRING", "string", NULL},
             {"VARCHAR", "string", NULL},
             {"BYTES", "bytes", NULL},
             {"DATE", "int", "date"},
             {"TIME", "int", "time-millis"},
             {"TIMESTAMP", "long", "local-timestamp-millis"},
             {"TIMESTAMP_LTZ", "long", "timestamp-millis"}};

static bool schema_of(const struct editing *d, const struct type *t, struct value *to, bool optional)
{
    size_t i = 0;
    struct value item;
    bool list = !strcmp(t->word.text, "LIST") || !strcmp(t->word.text, "ARRAY"), map = !strcmp(t->word.text, "MAP");
    while (i < sizeof words / sizeof *words && strcmp(words[i].word, t->word.text) != 0)
        i++;
    if (i < sizeof words / sizeof *words) {
        *to = words[i].logical ? with_one(d, words[i].avro, "logicalType", text(d, words[i].logical)) : text(d, words[i].avro);
    } else if ((list && t->n == 1) || (map && t->n == 2)) {
        if (!schema_of(d, t->kids[t->n - 1], &item, false))
            return false;
        *to = with_one(d, list ? "array" : "map", list ? "items" : "values", item);
    } else {
        return script_fault(d->s, t->where, d->e, "weir makes no Avro type of %s", t->word.text);
    }
    if (optional && !t->not_null) {
        item = *to;
        *to = value_list(d->a, VAL_LIST, 2);
        to->items[0] = text(d, "null");
        to->items[1] = item;
    }
    return true;
}

static void resize(const struct editing *d, struct value *list, uint32_t n)
{
    struct value v = value_list(d->a, VAL_LIST, n);
    memcpy(v.items, list->items, (n < list->n ? n : list->n) * sizeof v);
    *list = v;
}

static void move(struct value *list, uint32_t from, uint32_t to)
{
    struct value one = list->items[from];
    memmove(&list->items[from], &list->items[from + 1], (list->n - from - 1) * sizeof one);
    memmove(&list->items[to + 1], &list->items[to], (list->n - to - 1) * sizeof one);
    list->items[to] = one;
}

static bool add(const struct editing *d, struct value *fields)
{
    struct value type;
    const struct edit *ed = d->edit;
    if (!schema_of(d, ed->type, &type, true))
        return false;
    resize(d, fields, fields->n + 1);
    fields->items[fields->n - 1] = object(d, (const char *const[]){"name", "type", "default"},
                                          (struct value[]){text(d, ed->name), type, value_null()}, ed->type->not_null ? 2 : 3);
    move(fields, fields->n - 1, ed->i);
    return true;
}

static bool edit_record(const struct editing *d, struct value *record)
{
    struct value *fields = value_member(record, "fields");
    const struct edit *ed = d->edit;
    if (!fields || fields->kind != VAL_LIST)
        return wrong(d, "no record of Avro");
    if (ed->kind != EDIT_ADD && ed->i >= fields->n)
        return wrong(d, "no such field in the schema");
    switch (ed->kind) {
    case EDIT_ADD:
        return add(d, fields);
    case EDIT_DROP:
        move(fields, ed->i, fields->n - 1);
        resize(d, fields, fields->n - 1);
        return true;
    case EDIT_RENAME:
        *value_member(&fields->items[ed->i], "name") = text(d, ed->name);
        return true;
    default:
        move(fields, ed->i, ed->to);
        return true;
    }
}

/* The place of the type at the end of the path. */
static struct value *reach(const struct editing *d, const char *const *path, uint32_t n)
{
    struct value *v = d->root;
    for (uint32_t i = 0; i < n && v; i++) {
        struct value *in = bare(d, v), *field;
        uint32_t at;
        if (!path[i]) {
            v = value_member(in, "items") ? value_member(in, "items") : value_member(in, "values");
            continue;
        }
        field = field_of(in, path[i], &at);
        v = field ? value_member(field, "type") : NULL;
    }
    return v;
}

/* A field whose type is another loses its default, which is of the old one. */
static void drop_default(const struct editing *d, const char *const *path, uint32_t n)
{
    struct value *record = n ? reach(d, path, n - 1) : NULL, *field;
    uint32_t at;
    if (!record || !path[n - 1] || !(field = field_of(bare(d, record), path[n - 1], &at)))
        return;
    uint32_t kept = 0;
    struct value_name *names = arena_array(d->a, field->n, sizeof *names);
    for (uint32_t i = 0; i < field->n; i++)
        if (field->names[i].n != 7 || memcmp(field->names[i].s, "default", 7) != 0) {
            names[kept] = field->names[i];
            field->items[kept++] = field->items[i];
        }
    field->names = names;
    field->n = kept;
}

static bool edit_at(const struct editing *d, const char *const *path, uint32_t n)
{
    struct value *v = reach(d, path, n);
    if (!v)
        return wrong(d, "the schema has nothing there");
    if (d->edit->kind != EDIT_TYPE)
        return edit_record(d, bare(d, v));
    if (!n)
        return wrong(d, "the schema's own type cannot be another");
    if (!schema_of(d, d->edit->type, v, v->kind == VAL_LIST))
        return false;
    drop_default(d, path, n);
    return true;
}

const char *avro_edit(struct script *s, struct arena *a, const char *schema, const char *const *path, uint32_t n,
                      const struct edit *edit, struct place_in where, struct err *e)
{
    struct value root;
    struct editing d = {s, a, edit, where, &root, e};
    if (!value_from_json(&root, schema, strlen(schema), a, e) || !edit_at(&d, path, n))
        return NULL;
    struct buf b = {0};
    struct json_sink sink;
    json_sink_init(&sink, &b);
    value_report(&root, &sink.sink);
    const char *to = arena_strn(a, (char *)b.p, b.n);
    json_sink_free(&sink);
    buf_free(&b);
    return to;
}
