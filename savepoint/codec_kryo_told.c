/* Classes and Kryo serializers that the user has declared (told.h), and FieldSerializer of Kryo 2.24 and 5.6, which writes the fields
 * of a class and its superclasses in the order of their names: ints and longs zigzag, other primitives as they are, an object of a
 * final class behind a reference mark, others with their class.
 *
 * A field's class may have type arguments, written as in Java without blanks: java.util.List<java.lang.Long>. Kryo leaves out the
 * class of elements whose argument is final. */
#include <string.h>

#include "savepoint/codec_kryo.h"

void kryo_told_begin(struct kryo *k, const struct told *t, struct arena *a)
{
    k->told = arena_array(a, t ? t->n : 0, sizeof *k->told);
    for (uint32_t i = 0; t && i < t->n; i++)
        if (t->decls[i].kind == TOLD_CLASS || t->decls[i].kind == TOLD_KRYO)
            k->told[k->n_told++].decl = &t->decls[i];
}

const struct kryo_told *kryo_told_find(const struct kryo *k, enum told_kind kind, const char *name, uint32_t n)
{
    for (uint32_t i = 0; i < k->n_told; i++)
        if (k->told[i].decl->kind == kind && kryo_same_name(name, n, k->told[i].decl->name))
            return &k->told[i];
    return NULL;
}

/* The class that the text from *p names, up to the end of it or to a comma or bracket behind it, with its type arguments. */
static struct kryo_class class_of(const struct kryo *k, const char **p, struct arena *a, int depth)
{
    const char *name = *p;
    size_t n = strcspn(name, "<,>");
    struct kryo_class c = kryo_class_of(k, name, (uint32_t)n);
    *p += n;
    if (**p != '<' || depth > 16)
        return c;
    for (int i = 0; **p == '<' || **p == ','; i++) {
        ++*p;
        struct kryo_class argument = class_of(k, p, a, depth + 1);
        if (i < 2) {
            struct kryo_class *kept = arena_alloc(a, sizeof *kept);
            *kept = argument;
            c.generic[i] = kept;
        }
    }
    if (**p == '>')
        ++*p;
    return c;
}

void kryo_told_resolve(struct kryo *k, struct arena *a)
{
    for (uint32_t i = 0; i < k->n_told; i++) {
        const struct told_decl *d = k->told[i].decl;
        k->told[i].fields = arena_array(a, d->n, sizeof *k->told[i].fields);
        for (uint32_t f = 0; f < d->n; f++)
            if (d->fields[f].type == TOLD_OBJECT) {
                const char *p = d->fields[f].cls;
                struct kryo_told_field *field = &k->told[i].fields[f];
                field->cls = class_of(k, &p, a, 0);
                field->final = kryo_is_final(k, &field->cls);
            }
    }
}

bool kryo_is_final(const struct kryo *k, const struct kryo_class *c)
{
    uint32_t dims = 0;
    while (dims < c->n && c->name[dims] == '[')
        dims++;
    if (dims && dims < c->n && c->name[dims] == 'L') {
        uint32_t n = c->n - dims - 2;
        struct kryo_class of = kryo_class_of(k, c->name + dims + 1, c->n > dims + 2 ? n : 0);
        return (of.row && of.row->flags & F) || (of.told && of.told->decl->final);
    }
    return dims || (c->row && c->row->flags & F) || (c->told && c->told->decl->final);
}

/* What Kryo's Output writes by a call of its own, in a serializer of the user's: there int and long have a fixed size. */
static void written(struct kryo_in *k, enum told_type type)
{
    static const uint8_t form[] = {
        [TOLD_BOOLEAN] = K_BOOLEAN, [TOLD_BYTE] = K_BYTE,     [TOLD_SHORT] = K_SHORT, [TOLD_CHAR] = K_CHAR,
        [TOLD_FLOAT] = K_FLOAT,     [TOLD_DOUBLE] = K_DOUBLE, [TOLD_UTF] = K_STRING,  [TOLD_STRING] = K_STRING};
    if (type == TOLD_INT)
        sink_int(k->out, (int32_t)kryo_32(k));
    else if (type == TOLD_LONG)
        sink_int(k->out, (int64_t)kryo_64(k));
    else if (type == TOLD_VARINT)
        sink_int(k->out, kryo_varint(k->r));
    else if (type == TOLD_OBJECT)
        kryo_any(k);
    else
        kryo_scalar(k, (enum kryo_form)form[type]);
}

static void field(struct kryo_in *k, enum told_type type, const struct kryo_told_field *f)
{
    struct kryo_class c;
    if (type == TOLD_INT || type == TOLD_LONG) {
        kryo_scalar(k, type == TOLD_INT ? K_INT : K_LONG);
    } else if (type != TOLD_OBJECT) {
        written(k, type);
    } else if (f->final || (f->cls.form == K_UNKNOWN && !f->cls.row)) { /* not known to be final or not: opaque */
        kryo_object(k, &f->cls, true);
    } else if (kryo_read_class(k, &c)) {
        memcpy(c.generic, f->cls.generic, sizeof c.generic);
        kryo_object(k, &c, false);
    } else {
        sink_null(k->out);
    }
}

void kryo_told(struct kryo_in *k, const struct kryo_class *c)
{
    const struct told_decl *d = c->told->decl;
    char name[300];
    sink_begin(k->out, BOX_OBJECT);
    sink_keyz(k->out, "$class");
    sink_textz(k->out, kryo_name(c, name, sizeof name));
    for (uint32_t i = 0; i < d->n && rd_live(k->r); i++) {
        sink_keyz(k->out, d->fields[i].name);
        if (d->kind == TOLD_CLASS)
            field(k, d->fields[i].type, &c->told->fields[i]);
        else
            written(k, d->fields[i].type);
    }
    sink_end(k->out, BOX_OBJECT);
}
