#include "tests/support/fit.h"

#include <stdio.h>
#include <string.h>

#include "savepoint/avro_schema.h"
#include "savepoint/ser_facts.h"

static bool is(const struct ser *s, const char *name) { return s->row && !strcmp(s->row->name, name); }

static struct value nothing_of(const struct ser *s)
{
    static const char *const numbers[] = {"Integer", "Long", "Short", "Byte", "Double", "Float"};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        if (is(s, numbers[i]))
            return value_int(0);
    return is(s, "Boolean") ? value_bool(false) : value_null();
}

/* The serializer of the value's class: the POJO's own, or one of its subclasses'. */
static const struct ser *of_class(const struct ser *s, const char *cls)
{
    const struct pojo_facts *p = s->extra;
    for (uint32_t i = 0; i < p->n_registered; i++)
        if (!strcmp(p->registered[i].cls, cls) && p->registered[i].ser->row)
            return p->registered[i].ser;
    for (uint32_t i = 0; i < p->n_other; i++)
        if (!strcmp(p->other[i].cls, cls) && p->other[i].ser->row)
            return p->other[i].ser;
    return s;
}

static struct value pojo(struct arena *a, const struct ser *s, const struct value *v)
{
    const struct value *cls = value_member(v, "$class");
    if (cls && cls->kind == VAL_TEXT)
        s = of_class(s, cls->text);
    const char **names = arena_array(a, (size_t)s->n + 1, sizeof *names);
    names[0] = "$class";
    for (uint32_t i = 0; i < s->n; i++)
        names[i + 1] = s->names[i];
    struct value to = value_object(a, names, s->n + 1);
    to.items[0] = value_text(a, s->cls, strlen(s->cls));
    for (uint32_t i = 0; i < s->n; i++) {
        const struct value *m = value_member(v, s->names[i]);
        to.items[i + 1] = m ? fit(a, s->kids[i], *m) : nothing_of(s->kids[i]);
    }
    return to;
}

static struct value row(struct arena *a, const struct ser *s, const struct value *v)
{
    const struct value *fields = v->kind == VAL_OBJECT ? value_member(v, "fields") : v;
    struct value to = value_list(a, VAL_LIST, s->n);
    for (uint32_t i = 0; i < s->n; i++)
        to.items[i] = fields && value_item(fields, i) ? fit(a, s->kids[i], fields->items[i]) : nothing_of(s->kids[i]);
    return to;
}

static struct value items(struct arena *a, const struct ser *s, const struct value *v)
{
    struct value to = value_list(a, (enum value_kind)v->kind, v->n);
    for (uint32_t i = 0; i < v->n; i++)
        to.items[i] = fit(a, s->kids[v->kind == VAL_MAP ? i % 2 : 0], v->items[i]);
    return to;
}

static struct value ttl(struct arena *a, const struct ser *s, const struct value *v)
{
    static const char *const names[] = {"$ttl", "value"};
    const struct value *since = value_member(v, "$ttl");
    struct value to = value_object(a, names, 2);
    to.items[0] = since ? *since : value_int(INT64_C(4000000000000)); /* long from now */
    to.items[1] = fit(a, s->kids[1], since ? *value_member(v, "value") : *v);
    return to;
}

/* By its name or a former one. */
static bool has_field(const struct avro *t, const char *name)
{
    for (uint32_t i = 0; t && t->kind == AVRO_RECORD && i < t->n; i++) {
        if (!strcmp(t->names[i], name))
            return true;
        for (const char **was = t->aliases[i]; was && *was; was++)
            if (!strcmp(*was, name))
                return true;
    }
    return false;
}

static struct value avro(struct arena *a, const struct ser *s, const struct value *v)
{
    struct value to = *v;
    struct value_name *names = arena_array(a, v->n, sizeof *names);
    const struct avro *t = ((const struct avro_facts *)s->extra)->schema;
    to.items = arena_array(a, v->n, sizeof *to.items);
    to.n = 0;
    to.origin = NULL;
    for (uint32_t i = 0; i < v->n; i++)
        if (has_field(t, v->names[i].s)) {
            names[to.n] = v->names[i];
            to.items[to.n++] = v->items[i];
        }
    to.names = names;
    return to;
}

struct value fit(struct arena *a, const struct ser *s, struct value v)
{
    char digits[32];
    bool list = v.kind == VAL_LIST || v.kind == VAL_SET || v.kind == VAL_MAP;
    if (is(s, "Ttl"))
        return ttl(a, s, &v);
    if (value_member(&v, "$ttl"))
        return fit(a, s, *value_member(&v, "value"));
    if (v.kind == VAL_NULL)
        return is(s, "POJO") ? v : nothing_of(s);
    if (is(s, "Nullable"))
        return fit(a, s->kids[0], v);
    if (is(s, "POJO") && v.kind == VAL_OBJECT)
        return pojo(a, s, &v);
    if (is(s, "Row") || is(s, "Tuple"))
        return row(a, s, &v);
    if (is(s, "Either") && v.kind == VAL_OBJECT && v.n == 1) {
        struct value to = value_copy_to(a, &v);
        to.items[0] = fit(a, s->kids[strcmp(v.names[0].s, "left") != 0], v.items[0]);
        return to;
    }
    if (is(s, "Avro") && v.kind == VAL_OBJECT)
        return avro(a, s, &v);
    if (list && s->n && (v.kind != VAL_MAP || s->n == 2))
        return items(a, s, &v);
    if (is(s, "String") && v.kind == VAL_INT)
        return value_text(a, digits, (size_t)snprintf(digits, sizeof digits, "%lld", (long long)v.i));
    return v;
}

struct value fit_key(struct arena *a, const struct ser *s, uint32_t i) { return fit(a, s, value_int(i)); }
