#include "inspect/job_gone.h"

#include <string.h>

#include "inspect/job_classes.h"

enum { DEPTH_MAX = 100 };

static bool is_a(const struct ser *s, const char *name) { return s && s->row && !strcmp(s->row->name, name); }

static bool starts(const char *s, const char *with) { return !strncmp(s, with, strlen(with)); }

const char *job_not_there(const struct job_given *g, struct arena *a, const char *cls)
{
    return job_can_load(g->jar, cls, a) ? NULL : arena_printf(a, "class %s is not in the jar", cls);
}

/* "zoo.Cat by zoo.CatSerializer" */
static const char *registration_gone(const struct job_given *g, struct arena *a, const char *text)
{
    const char *by = strstr(text, " by ");
    const char *cls = by ? arena_strn(a, text, (size_t)(by - text)) : text;
    if (starts(cls, "org.apache.avro."))
        return NULL; /* Flink's own registrations, made whether Avro is there or not */
    const char *why = job_not_there(g, a, cls);
    return why || !by ? why : job_not_there(g, a, by + strlen(" by "));
}

static const char *attr_gone(const struct job_given *g, struct arena *a, const struct ser *s)
{
    const char *why = NULL;
    for (uint32_t i = 0; i < s->n_attrs && !why; i++) {
        const struct ser_attr *attr = &s->attrs[i];
        if (!strcmp(attr->name, "registered"))
            why = registration_gone(g, a, attr->value);
        else if (!strcmp(attr->name, "registered subclass") || !strcmp(attr->name, "subclass"))
            why = job_not_there(g, a, attr->value);
        if (why)
            why = arena_printf(a, "%s, which the snapshot knows as a %s", why, attr->name);
    }
    return why;
}

static bool has_word(const char *list, const char *word, size_t n)
{
    for (; *list; list += strcspn(list, " "), list += *list == ' ')
        if (strcspn(list, " ") == n && !memcmp(list, word, n))
            return true;
    return false;
}

const char *job_constants(const struct class_file *c, struct arena *a)
{
    struct buf b = {0};
    for (uint32_t i = 0; i < c->n_fields; i++)
        if (c->fields[i].access & ACC_ENUM)
            buf_printf(&b, "%s%s", b.n ? " " : "", c->fields[i].name);
    const char *text = arena_strn(a, b.n ? (const char *)b.p : "", b.n);
    buf_free(&b);
    return text;
}

const char *job_attr(const struct ser *s, const char *name)
{
    for (uint32_t i = 0; i < s->n_attrs; i++)
        if (!strcmp(s->attrs[i].name, name))
            return s->attrs[i].value;
    return NULL;
}

/* EnumSerializerSnapshot#readSnapshot: each old constant must be there. */
static const char *constant_gone(const struct job_given *g, struct arena *a, const struct ser *old)
{
    const char *why, *before = job_attr(old, "constants");
    const struct class_file *c = jar_class(g->jar, old->cls, &why);
    if (!c || !before)
        return NULL;
    if (!class_is_enum(c))
        return arena_printf(a, "%s is no enum any more", old->cls);
    const char *now = job_constants(c, a);
    for (const char *p = before; *p; p += strcspn(p, " "), p += *p == ' ') {
        int n = (int)strcspn(p, " ");
        if (!has_word(now, p, (size_t)n))
            return arena_printf(a, "constant %.*s of %s was removed or renamed", n, p, old->cls);
    }
    return NULL;
}

const char *job_node_gone(const struct job_given *g, struct arena *a, const struct ser *old)
{
    const char *why = NULL;
    if (!old->row)
        return strchr(old->snapshot_class, '.') ? job_not_there(g, a, old->snapshot_class) : NULL;
    if (old->cls && strchr(old->cls, '.') && !is_a(old, "ScalaEnum") && !starts(old->cls, "org.apache.avro."))
        why = job_not_there(g, a, old->cls);
    why = why ? why : attr_gone(g, a, old);
    return why || !is_a(old, "Enum") ? why : constant_gone(g, a, old);
}

static const char *gone(const struct job_given *g, struct arena *a, const struct ser *old, unsigned depth)
{
    const char *why = old && depth < DEPTH_MAX ? job_node_gone(g, a, old) : NULL;
    for (uint32_t i = 0; old && depth < DEPTH_MAX && i < old->n && !why; i++)
        why = gone(g, a, old->kids[i], depth + 1);
    return why;
}

const char *job_gone(const struct job_given *g, struct arena *a, const struct ser *old)
{
    return g->jar ? gone(g, a, old, 0) : NULL;
}
