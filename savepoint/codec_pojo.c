/* POJOs and Java records (flink-core: PojoSerializerSnapshotData, PojoSerializer). */
#include <stdlib.h>
#include <string.h>

#include "base/wr.h"
#include "savepoint/codec.h"
#include "savepoint/encode.h"
#include "savepoint/javaio.h"
#include "savepoint/ser_facts.h"
#include "savepoint/told.h"

static uint32_t subclasses(struct ser_in *in, struct pojo_subclass **list)
{
    uint32_t n = optmap_begin(in);
    *list = arena_array(in->a, n, sizeof **list);
    for (uint32_t i = 0; i < n && rd_ok(in->r); i++) {
        struct optmap_entry e;
        optmap_next(in, &e);
        (*list)[i] = (struct pojo_subclass){e.name, optmap_snapshot(in, &e)};
    }
    return n;
}

/* A field's key: utf declaring class, utf name (PojoFieldUtils#writeField). */
static const char *declaring(struct ser_in *in, struct optmap_entry *e) { return e->has_key ? java_utf(&e->key, in->a) : NULL; }

/* Version 2: utf class, fields, registered subclasses, subclasses met without registration. */
void body_pojo(struct ser_in *in, struct ser *s)
{
    struct pojo_facts *p = arena_alloc(in->a, sizeof *p);
    s->extra = p;
    p->told = in->told;
    p->flink2 = in->flink2 > 0;
    s->cls = ser_utf(in);
    s->label = arena_printf(in->a, "POJO %s", class_simple(s->cls));

    uint32_t n = optmap_begin(in);
    s->names = arena_array(in->a, n, sizeof *s->names);
    s->kids = arena_array(in->a, n, sizeof *s->kids);
    s->n = n;
    p->class_len = strlen(s->cls);
    p->name_len = arena_array(in->a, n, sizeof *p->name_len);
    p->declaring = arena_array(in->a, n, sizeof *p->declaring);
    for (uint32_t i = 0; i < n; i++) {
        struct optmap_entry e = {.name = ""};
        if (rd_ok(in->r))
            optmap_next(in, &e);
        s->names[i] = e.name;
        p->name_len[i] = strlen(e.name);
        p->declaring[i] = declaring(in, &e);
        s->kids[i] = optmap_snapshot(in, &e);
    }
    p->n_registered = subclasses(in, &p->registered);
    p->n_other = subclasses(in, &p->other);
    for (uint32_t i = 0; i < p->n_registered; i++)
        ser_add_attr(in, s, "registered subclass", p->registered[i].cls);
    for (uint32_t i = 0; i < p->n_other; i++)
        ser_add_attr(in, s, "subclass", p->other[i].cls);
}

static bool put_subclasses(struct buf *to, const struct pojo_subclass *list, uint32_t n, struct err *e)
{
    optmap_put(to, n);
    for (uint32_t i = 0; i < n; i++) {
        if (!put_utf(to, list[i].cls, e))
            return false;
        optmap_put_frame(to, true, (struct bytes){0}); /* the class, whose name has been told */
        if (!optmap_put_snapshot(to, list[i].ser, e))
            return false;
    }
    return true;
}

static bool put_field(const struct ser *s, uint32_t i, struct buf *to, struct err *e)
{
    const struct pojo_facts *p = s->extra;
    struct buf key = {0};
    bool has = p->declaring[i] != NULL;
    bool ok = put_utf(to, s->names[i], e) && (!has || (put_utf(&key, p->declaring[i], e) && put_utf(&key, s->names[i], e)));
    optmap_put_frame(to, has, (struct bytes){key.p, key.n});
    buf_free(&key);
    return ok && optmap_put_snapshot(to, s->kids[i], e);
}

bool put_pojo(const struct ser *s, struct buf *to, struct err *e)
{
    const struct pojo_facts *p = s->extra;
    if (!put_utf(to, s->cls, e))
        return false;
    optmap_put(to, s->n);
    for (uint32_t i = 0; i < s->n; i++)
        if (!put_field(s, i, to, e))
            return false;
    return put_subclasses(to, p->registered, p->n_registered, e) && put_subclasses(to, p->other, p->n_other, e);
}

static void fields(const struct ser *s, struct rd *r, struct sink *out)
{
    const struct pojo_facts *p = s->extra;
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
static const struct ser *by_name(const struct pojo_facts *p, struct bytes name)
{
    for (uint32_t i = 0; i < p->n_other; i++)
        if (strlen(p->other[i].cls) == name.n && !memcmp(p->other[i].cls, name.p, name.n))
            return p->other[i].ser;
    for (uint32_t i = 0; i < p->n_registered; i++)
        if (strlen(p->registered[i].cls) == name.n && !memcmp(p->registered[i].cls, name.p, name.n))
            return p->registered[i].ser;
    return NULL;
}

/* Flags: 1 null, 2 this class, 4 subclass by name, 8 subclass by tag. */
void read_pojo(const struct ser *s, struct rd *r, struct sink *out)
{
    const struct pojo_facts *p = s->extra;
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
        const struct ser *sub = name.p ? by_name(p, name) : NULL;
        if (name.p && !sub)
            sub = told_subclass(p->told, text, p->flink2);
        subclass_value(sub, text, r, out);
    } else if (flags & 8) {
        uint8_t tag = rd_u8(r);
        if (tag >= p->n_registered) {
            rd_fail(r, "tag of a subclass that is not registered");
            sink_null(out);
        } else {
            subclass_value(p->registered[tag].ser, p->registered[tag].cls, r, out);
        }
    } else if (flags & 2) {
        fields(s, r, out);
    } else {
        rd_fail(r, "flags of a POJO that no Flink writes");
        sink_null(out);
    }
}

/* --- writing --- */

static void write_fields(const struct ser *s, const struct value *v, struct enc *w)
{
    const struct value **members = mem_grow(NULL, s->n, sizeof *members);
    if (enc_members(w, v, s->cls, s->names, s->n, members)) {
        wr_u8(w->out, 2);
        for (uint32_t i = 0; i < s->n && enc_ok(w); i++) {
            bool null = !members[i] || members[i]->kind == VAL_NULL;
            wr_u8(w->out, null);
            if (!null)
                enc_value(w, s->kids[i], members[i], s->names[i], 0);
        }
    }
    free(members);
}

/* A value of a subclass: by its tag, or by its name. */
static void write_subclass(const struct ser *s, const struct value *v, struct bytes cls, struct enc *w)
{
    const struct pojo_facts *p = s->extra;
    for (uint32_t i = 0; i < p->n_registered && i <= UINT8_MAX; i++)
        if (strlen(p->registered[i].cls) == cls.n && !memcmp(p->registered[i].cls, cls.p, cls.n)) {
            wr_u8(w->out, 8);
            wr_u8(w->out, (uint8_t)i);
            enc_value(w, p->registered[i].ser, v, "", 0);
            return;
        }
    const struct ser *sub = by_name(p, cls);
    if (!sub) {
        enc_fail(w, "%.*s is neither %s nor a subclass that its snapshot has", (int)(cls.n < 200 ? cls.n : 200),
                 (const char *)cls.p, s->cls);
        return;
    }
    wr_u8(w->out, 4);
    enc_utf(w, cls);
    enc_value(w, sub, v, "", 0);
}

/* PojoSerializer#serialize. */
void write_pojo(const struct ser *s, const struct value *v, struct enc *w)
{
    const struct value *cls = enc_member(v, "$class");
    struct bytes name;
    if (v->kind == VAL_NULL)
        wr_u8(w->out, 1);
    else if (!cls || (cls->kind == VAL_TEXT && cls->n == strlen(s->cls) && !memcmp(cls->text, s->cls, cls->n)))
        write_fields(s, v, w);
    else if (enc_text(w, cls, "a class name", &name))
        write_subclass(s, v, name, w);
}
