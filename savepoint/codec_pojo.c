/* POJOs and Java records (flink-core: PojoSerializerSnapshotData, PojoSerializer). */
#include <string.h>

#include "savepoint/codec.h"

struct pojo {
    size_t class_len, *name_len;
    uint32_t n_registered, n_other;
    const char **registered_class, **other_class; /* index of registered = tag in the values */
    struct ser **registered, **other;
};

static uint32_t subclasses(struct ser_in *in, const char ***classes, struct ser ***sers)
{
    uint32_t n = optmap_begin(in);
    *classes = arena_array(in->a, n, sizeof **classes);
    *sers = arena_array(in->a, n, sizeof **sers);
    for (uint32_t i = 0; i < n && rd_ok(in->r); i++) {
        struct optmap_entry e;
        optmap_next(in, &e);
        (*classes)[i] = e.name;
        (*sers)[i] = optmap_snapshot(in, &e);
    }
    return n;
}

/* Version 2: utf class, fields, registered subclasses, subclasses met without registration. */
void body_pojo(struct ser_in *in, struct ser *s)
{
    struct pojo *p = arena_alloc(in->a, sizeof *p);
    s->extra = p;
    s->cls = ser_utf(in);
    s->label = arena_printf(in->a, "POJO %s", class_simple(s->cls));

    uint32_t n = optmap_begin(in);
    s->names = arena_array(in->a, n, sizeof *s->names);
    s->kids = arena_array(in->a, n, sizeof *s->kids);
    s->n = n;
    p->class_len = strlen(s->cls);
    p->name_len = arena_array(in->a, n, sizeof *p->name_len);
    for (uint32_t i = 0; i < n; i++) {
        struct optmap_entry e = {.name = ""};
        if (rd_ok(in->r))
            optmap_next(in, &e);
        s->names[i] = e.name;
        p->name_len[i] = strlen(e.name);
        s->kids[i] = optmap_snapshot(in, &e);
    }
    p->n_registered = subclasses(in, &p->registered_class, &p->registered);
    p->n_other = subclasses(in, &p->other_class, &p->other);
    for (uint32_t i = 0; i < p->n_registered; i++)
        ser_add_attr(in, s, "registered subclass", p->registered_class[i]);
    for (uint32_t i = 0; i < p->n_other; i++)
        ser_add_attr(in, s, "subclass", p->other_class[i]);
}

static void fields(const struct ser *s, struct rd *r, struct sink *out)
{
    const struct pojo *p = s->extra;
    sink_begin(out, BOX_OBJECT);
    sink_key(out, "$class", 6);
    sink_text(out, s->cls, p->class_len);
    for (uint32_t i = 0; i < s->n && rd_live(r); i++) {
        sink_key(out, s->names[i], p->name_len[i]);
        if (rd_bool(r))
            sink_null(out);
        else if (rd_live(r))
            ser_read(s->kids[i], r, out);
        else
            sink_null(out);
    }
    sink_end(out, BOX_OBJECT);
}

static void subclass_value(const struct ser *sub, const char *cls, struct rd *r, struct sink *out)
{
    if (!rd_enter(r)) {
        sink_null(out);
        return;
    }
    if (sub)
        ser_read(sub, r, out);
    else
        ser_opaque_rest(r, out, cls, "a subclass that the snapshot does not describe");
    rd_leave(r);
}

/* A class name in the input, compared without copying: names in modified UTF-8 and UTF-8 are the same unless they hold U+0000 or
 * characters above U+FFFF. */
static const struct ser *by_name(const struct pojo *p, struct bytes name)
{
    for (uint32_t i = 0; i < p->n_other; i++)
        if (strlen(p->other_class[i]) == name.n && !memcmp(p->other_class[i], name.p, name.n))
            return p->other[i];
    for (uint32_t i = 0; i < p->n_registered; i++)
        if (strlen(p->registered_class[i]) == name.n && !memcmp(p->registered_class[i], name.p, name.n))
            return p->registered[i];
    return NULL;
}

/* Flags: 1 null, 2 this class, 4 subclass by name, 8 subclass by tag. */
void read_pojo(const struct ser *s, struct rd *r, struct sink *out)
{
    const struct pojo *p = s->extra;
    uint8_t flags = rd_u8(r);
    if (flags & 1 || !rd_ok(r)) {
        sink_null(out);
    } else if (flags & 4) {
        size_t n = rd_u16(r);
        struct bytes name = {rd_take(r, n), n};
        char text[512];
        size_t len = name.p ? n < sizeof text - 1 ? n : sizeof text - 1 : 0;
        memcpy(text, name.p ? name.p : (const uint8_t *)"", len);
        text[len] = 0;
        subclass_value(name.p ? by_name(p, name) : NULL, text, r, out);
    } else if (flags & 8) {
        uint8_t tag = rd_u8(r);
        if (tag >= p->n_registered) {
            rd_fail(r, "tag of a subclass that is not registered");
            sink_null(out);
        } else {
            subclass_value(p->registered[tag], p->registered_class[tag], r, out);
        }
    } else if (flags & 2) {
        fields(s, r, out);
    } else {
        rd_fail(r, "flags of a POJO that no Flink writes");
        sink_null(out);
    }
}
