/* Kryo values of classes that the user told (told.h): fields as FieldSerializer writes them, and serializers of his own. */
#include "savepoint/codec_kryo.h"
#include "savepoint/javaio.h"

#include <string.h>

struct kryo_class kryo_told_class(const struct kryo *k, const char *name, uint32_t n)
{
    struct kryo_class c = {.name = name, .n = n};
    for (uint32_t i = 0; k->told && i < k->told->n; i++) {
        const struct told_decl *d = &k->told->decls[i];
        if (d->kind == TOLD_CLASS && strlen(d->name) == n && n && !memcmp(d->name, name, n - 1) && d->name[n - 1] == (name[n - 1] & 0x7f)) {
            c.told = d;
            c.form = K_FIELDS;
        }
    }
    return c;
}

/* Kryo writes no class for a field whose class is final. */
static bool is_final(const struct kryo_class *c)
{
    return c->form == K_FIELDS ? c->told->final : c->row && c->row->flags & F;
}

static void field_object(struct kryo_in *k, const struct told_field *f)
{
    struct kryo_class c = kryo_class_of(k->k, f->cls, (uint32_t)strlen(f->cls));
    if (is_final(&c))
        kryo_object(k, &c, true);
    else
        kryo_any(k);
}

static const enum kryo_form scalar_forms[] = {
    [TOLD_BOOLEAN] = K_BOOLEAN, [TOLD_BYTE] = K_BYTE, [TOLD_SHORT] = K_SHORT, [TOLD_CHAR] = K_CHAR,
    [TOLD_INT] = K_INT, [TOLD_LONG] = K_LONG, [TOLD_FLOAT] = K_FLOAT, [TOLD_DOUBLE] = K_DOUBLE,
};

/* What Output's plain methods write: int and long are fixed there. */
static void plain(struct kryo_in *k, enum told_type type)
{
    switch (type) {
    case TOLD_INT:
        sink_int(k->out, (int32_t)kryo_32(k));
        break;
    case TOLD_LONG:
        sink_int(k->out, (int64_t)kryo_64(k));
        break;
    case TOLD_STRING:
        kryo_scalar(k, K_STRING);
        break;
    case TOLD_VARINT:
        sink_int(k->out, kryo_varint(k->r));
        break;
    case TOLD_UTF:
    case TOLD_OBJECT:
        rd_fail(k->r, "a type that Kryo's Output does not write");
        sink_null(k->out);
        break;
    default:
        kryo_scalar(k, scalar_forms[type]);
    }
}

void kryo_told(struct kryo_in *k, const struct kryo_class *c)
{
    struct sink *out = k->out;
    sink_begin(out, BOX_OBJECT);
    if (out) {
        uint32_t n = c->n;
        char last = (char)(c->name[n - 1] & 0x7f);
        struct buf name = {0};
        buf_put(&name, c->name, n - 1);
        buf_putc(&name, (uint8_t)last);
        sink_keyz(out, "$class");
        sink_text(out, (const char *)name.p, name.n);
        buf_free(&name);
    }
    for (uint32_t i = 0; i < c->told->n && rd_live(k->r); i++) {
        const struct told_field *f = &c->told->fields[i];
        if (out)
            sink_keyz(out, f->name);
        if (c->form == K_TOLD)
            plain(k, f->type);
        else if (f->type == TOLD_OBJECT)
            field_object(k, f);
        else
            kryo_scalar(k, scalar_forms[f->type]);
    }
    sink_end(out, BOX_OBJECT);
}
