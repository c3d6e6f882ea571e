/* Writes what told_value reads: values of Value classes and serializers whose layout the user has told. */
#include "savepoint/codec.h"
#include "savepoint/encode.h"
#include "savepoint/told.h"

static void put(enum told_type type, const struct value *v, struct enc *w)
{
    static ser_write_fn *const writes[] = {
        [TOLD_BOOLEAN] = write_boolean, [TOLD_BYTE] = write_byte,     [TOLD_SHORT] = write_short,
        [TOLD_CHAR] = write_char,       [TOLD_INT] = write_int,       [TOLD_LONG] = write_long,
        [TOLD_FLOAT] = write_float,     [TOLD_DOUBLE] = write_double, [TOLD_STRING] = write_string};
    struct bytes text;
    int64_t i;
    if (type < sizeof writes / sizeof *writes && writes[type])
        writes[type](NULL, v, w);
    else if (type == TOLD_UTF && enc_text(w, v, "a string", &text))
        enc_utf(w, text);
    else if (type == TOLD_VARINT && enc_int(w, v, 0, UINT32_MAX, "a number of 32 bits", &i))
        enc_varint(w, (uint64_t)i);
    else if (enc_ok(w))
        enc_unsupported(w, "weir cannot write a field of this type");
}

void write_told(const struct ser *s, const struct value *v, struct enc *w)
{
    static const struct value nothing = {.kind = VAL_NULL};
    const struct told_decl *d = s->extra;
    uint32_t n = 0;
    for (uint32_t i = 0; i < d->n; i++)
        n += !d->fields[i].in_snapshot;
    for (uint32_t i = 0; i < d->n && enc_ok(w); i++) {
        const struct told_field *f = &d->fields[i];
        const struct value *m = n == 1 ? v : enc_member(v, f->name);
        struct enc_step step;
        if (f->in_snapshot)
            continue;
        if (!enc_enter(w, &step, n == 1 ? "" : f->name, 0))
            return;
        put(f->type, m ? m : &nothing, w);
        enc_leave(w);
    }
}
