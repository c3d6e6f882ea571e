/* Trees of serializers, changed and made. */
#include <stdlib.h>
#include <string.h>

#include "savepoint/codec.h"
#include "savepoint/ser_facts.h"
#include "savepoint/ser_change.h"
#include "savepoint/ser_write.h"

const bool ser_yes = true;

#define BASE "org.apache.flink.api.common.typeutils.base."
#define RUNT "org.apache.flink.api.java.typeutils.runtime."
#define S_POJO RUNT "PojoSerializerSnapshot"
#define TUPLE "org.apache.flink.api.java.tuple.Tuple"

static bool is_pojo(const struct ser *s) { return s->read == read_pojo; }

/* --- clones --- */

static void *copy_array(struct arena *a, const void *p, size_t n, size_t size)
{
    void *to = arena_array(a, n, size);
    if (n && p)
        memcpy(to, p, n * size);
    return to;
}

static struct pojo_facts *clone_facts(struct arena *a, const struct pojo_facts *p, uint32_t n)
{
    struct pojo_facts *to = arena_alloc(a, sizeof *to);
    *to = *p;
    to->name_len = copy_array(a, p->name_len, n, sizeof *p->name_len);
    to->declaring = copy_array(a, p->declaring, n, sizeof *p->declaring);
    to->registered = copy_array(a, p->registered, p->n_registered, sizeof *p->registered);
    to->other = copy_array(a, p->other, p->n_other, sizeof *p->other);
    return to;
}

struct ser *ser_clone(struct arena *a, const struct ser *s)
{
    struct ser *to = arena_alloc(a, sizeof *to);
    *to = *s;
    to->kids = copy_array(a, s->kids, s->n, sizeof *s->kids);
    to->names = s->names ? copy_array(a, s->names, s->n, sizeof *s->names) : NULL;
    to->attrs = copy_array(a, s->attrs, s->n_attrs, sizeof *s->attrs);
    if (is_pojo(s))
        to->extra = clone_facts(a, s->extra, s->n);
    if (s->row && s->row->put)
        to->raw = (struct bytes){0};
    return to;
}

/* Clones the tree and lets fn change every node. */
typedef void node_fn(struct arena *a, struct ser *s, const char *from, const char *to);

static struct ser *clone_all(struct arena *a, const struct ser *s, node_fn *fn, const char *from, const char *to)
{
    if (!s)
        return NULL;
    struct ser *c = ser_clone(a, s);
    for (uint32_t i = 0; i < c->n; i++)
        c->kids[i] = clone_all(a, c->kids[i], fn, from, to);
    if (is_pojo(c)) {
        const struct pojo_facts *p = c->extra;
        for (uint32_t i = 0; i < p->n_registered; i++)
            p->registered[i].ser = clone_all(a, p->registered[i].ser, fn, from, to);
        for (uint32_t i = 0; i < p->n_other; i++)
            p->other[i].ser = clone_all(a, p->other[i].ser, fn, from, to);
    }
    if (fn)
        fn(a, c, from, to);
    ser_set_length(c);
    return c;
}

struct ser *ser_clone_all(struct arena *a, const struct ser *s) { return clone_all(a, s, NULL, NULL, NULL); }

struct ser *ser_with_kid(struct arena *a, const struct ser *s, uint32_t i, struct ser *kid)
{
    struct ser *c = ser_clone(a, s);
    c->kids[i] = kid;
    ser_set_length(c);
    return c;
}

/* --- names of classes --- */

static void rename(const char **name, const char *from, const char *to)
{
    if (*name && !strcmp(*name, from))
        *name = to;
}

static void set_label(struct arena *a, struct ser *s)
{
    if (is_pojo(s))
        s->label = arena_printf(a, "POJO %s", class_simple(s->cls));
    else if (s->read == read_enum)
        s->label = arena_printf(a, "Enum %s", class_simple(s->cls));
    else if (s->row && s->row->outer == outer_class)
        s->label = class_simple(s->cls);
}

static void set_subclass_attrs(struct arena *a, struct ser *s)
{
    const struct pojo_facts *p = s->extra;
    struct ser_attr *attrs = arena_array(a, (size_t)p->n_registered + p->n_other, sizeof *attrs);
    s->n_attrs = 0;
    for (uint32_t i = 0; i < p->n_registered; i++)
        attrs[s->n_attrs++] = (struct ser_attr){"registered subclass", p->registered[i].cls};
    for (uint32_t i = 0; i < p->n_other; i++)
        attrs[s->n_attrs++] = (struct ser_attr){"subclass", p->other[i].cls};
    s->attrs = attrs;
}

static void rename_in(struct arena *a, struct ser *s, const char *from, const char *to)
{
    if (s->read == read_kryo || s->read == read_avro) {
        ser_rename_bytes(a, s, from, to);
        return;
    }
    rename(&s->cls, from, to);
    if (is_pojo(s)) {
        struct pojo_facts *p = clone_facts(a, s->extra, s->n);
        p->class_len = strlen(s->cls);
        for (uint32_t i = 0; i < s->n; i++)
            rename(&p->declaring[i], from, to);
        for (uint32_t i = 0; i < p->n_registered; i++)
            rename(&p->registered[i].cls, from, to);
        for (uint32_t i = 0; i < p->n_other; i++)
            rename(&p->other[i].cls, from, to);
        s->extra = p;
        set_subclass_attrs(a, s);
    }
    set_label(a, s);
}

struct ser *ser_with_class(struct arena *a, const struct ser *s, const char *from, const char *to)
{
    return clone_all(a, s, rename_in, from, arena_str(a, to));
}

/* --- fields --- */

void ser_fields(const struct ser *s, struct ser_field *to)
{
    const struct pojo_facts *p = is_pojo(s) ? s->extra : NULL;
    for (uint32_t i = 0; i < s->n; i++)
        to[i] = (struct ser_field){s->names ? s->names[i] : NULL, s->kids[i], p ? p->declaring[i] : NULL};
}

struct ser *ser_with_subclasses(struct arena *a, const struct ser *s, const struct pojo_subclass *registered, uint32_t n_registered,
                                const struct pojo_subclass *other, uint32_t n_other)
{
    struct ser *c = ser_clone(a, s);
    struct pojo_facts *p = clone_facts(a, s->extra, s->n);
    p->registered = copy_array(a, registered, n_registered, sizeof *registered);
    p->other = copy_array(a, other, n_other, sizeof *other);
    p->n_registered = n_registered;
    p->n_other = n_other;
    c->extra = p;
    set_subclass_attrs(a, c);
    return c;
}

struct ser *ser_with_fields(struct arena *a, const struct ser *s, const struct ser_field *fields, uint32_t n)
{
    struct ser *c = ser_clone(a, s);
    c->n = n;
    c->kids = arena_array(a, n, sizeof *c->kids);
    if (is_pojo(s))
        c->names = arena_array(a, n, sizeof *c->names);
    for (uint32_t i = 0; i < n; i++) {
        c->kids[i] = fields[i].ser;
        if (c->names)
            c->names[i] = arena_str(a, fields[i].name);
    }
    if (is_pojo(s)) {
        struct pojo_facts *p = clone_facts(a, s->extra, 0);
        p->name_len = arena_array(a, n, sizeof *p->name_len);
        p->declaring = arena_array(a, n, sizeof *p->declaring);
        for (uint32_t i = 0; i < n; i++) {
            p->name_len[i] = strlen(fields[i].name);
            p->declaring[i] = fields[i].declaring ? arena_str(a, fields[i].declaring) : c->cls;
        }
        c->extra = p;
    }
    if (c->cls && !strncmp(c->cls, TUPLE, sizeof TUPLE - 1)) {
        c->cls = arena_printf(a, TUPLE "%u", n);
        set_label(a, c);
    }
    ser_set_length(c);
    return c;
}

static int by_name(const void *x, const void *y)
{
    return strcmp(((const struct ser_field *)x)->name, ((const struct ser_field *)y)->name);
}

void ser_sort_fields(struct ser_field *fields, uint32_t n)
{
    if (n)
        qsort(fields, n, sizeof *fields, by_name);
}

/* --- from nothing --- */

struct ser *ser_plain(struct arena *a, const char *name)
{
    const struct ser_row *rows;
    uint32_t n = ser_rows(&rows);
    for (uint32_t i = 0; i < n; i++)
        if (rows[i].body == BODY_SIMPLE && !strcmp(rows[i].name, name))
            return ser_make(a, rows[i].snapshot_class, 0, NULL);
    return NULL;
}

static struct ser *composite(struct arena *a, const char *cls, int32_t outer_version, struct ser *const *kids, uint32_t n)
{
    struct ser *s = ser_make(a, cls, n, (struct ser **)kids);
    s->outer_version = outer_version;
    return s;
}

struct ser *ser_list(struct arena *a, struct ser *element) { return composite(a, BASE "ListSerializerSnapshot", 1, &element, 1); }

struct ser *ser_set(struct arena *a, struct ser *element) { return composite(a, BASE "SetSerializerSnapshot", 1, &element, 1); }

struct ser *ser_map(struct arena *a, struct ser *key, struct ser *value)
{
    struct ser *const kids[] = {key, value};
    return composite(a, BASE "MapSerializerSnapshot", 1, kids, 2);
}

struct ser *ser_ttl(struct arena *a, struct ser *value)
{
    struct ser *const kids[] = {ser_plain(a, "Long"), value};
    return composite(a, "org.apache.flink.runtime.state.ttl.TtlStateFactory$TtlSerializerSnapshot", 2, kids, 2);
}

struct ser *ser_timer(struct arena *a, struct ser *key, struct ser *ns)
{
    struct ser *const kids[] = {key, ns};
    return composite(a, "org.apache.flink.streaming.api.operators.TimerSerializerSnapshot", 2, kids, 2);
}

struct ser *ser_enum(struct arena *a, const char *cls, const char *const *constants, uint32_t n)
{
    struct ser *s = ser_make(a, BASE "EnumSerializer$EnumSerializerSnapshot", 0, NULL);
    struct enum_facts *c = arena_alloc(a, sizeof *c);
    struct buf list = {0};
    c->n = n;
    c->names = arena_array(a, n, sizeof *c->names);
    for (uint32_t i = 0; i < n; i++) {
        c->names[i] = arena_str(a, constants[i]);
        buf_printf(&list, "%s%s", i ? " " : "", constants[i]);
    }
    s->cls = arena_str(a, cls);
    s->extra = c;
    struct ser_attr *attr = arena_alloc(a, sizeof *attr);
    *attr = (struct ser_attr){"constants", arena_str(a, buf_cstr(&list))};
    s->attrs = attr;
    s->n_attrs = 1;
    set_label(a, s);
    buf_free(&list);
    return s;
}

struct ser *ser_pojo(struct arena *a, const char *cls, const struct ser_field *fields, uint32_t n)
{
    struct ser *s = ser_make(a, S_POJO, 0, NULL);
    s->version = 2;
    s->cls = arena_str(a, cls);
    struct pojo_facts *p = arena_alloc(a, sizeof *p);
    p->class_len = strlen(cls);
    s->extra = p;
    set_label(a, s);
    return ser_with_fields(a, s, fields, n);
}

struct ser *ser_array(struct arena *a, const char *component_class, struct ser *component)
{
    struct ser *s = composite(a, BASE "GenericArraySerializerSnapshot", 1, &component, 1);
    s->cls = arena_str(a, component_class);
    return s;
}

struct ser *ser_nullable(struct arena *a, struct ser *inner)
{
    struct ser *s = composite(a, RUNT "NullableSerializer$NullableSerializerSnapshot", 2, &inner, 1);
    s->length = LEN_VAR;
    return s;
}

struct ser *ser_either(struct arena *a, struct ser *left, struct ser *right)
{
    struct ser *const kids[] = {left, right};
    return composite(a, RUNT "JavaEitherSerializerSnapshot", 1, kids, 2);
}

struct ser *ser_tuple(struct arena *a, struct ser *const *fields, uint32_t n)
{
    if (!n)
        return ser_plain(a, "Tuple0");
    struct ser *s = composite(a, RUNT "TupleSerializerSnapshot", 2, fields, n);
    s->cls = arena_printf(a, TUPLE "%u", n);
    set_label(a, s);
    return s;
}

struct ser *ser_row(struct arena *a, struct ser *const *fields, uint32_t n)
{
    struct ser *s = composite(a, RUNT "RowSerializer$RowSerializerSnapshot", 4, fields, n);
    s->extra = &ser_yes; /* it has row kinds */
    return s;
}
