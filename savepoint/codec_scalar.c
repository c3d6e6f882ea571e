/* Numbers, booleans, characters, strings, enums (flink-core, org.apache.flink.api.common.typeutils.base). */
#include <stdio.h>
#include <string.h>

#include "savepoint/codec.h"
#include "savepoint/encode.h"
#include "savepoint/javaio.h"
#include "savepoint/ser_facts.h"

void read_boolean(const struct ser *s, struct rd *r, struct sink *out)
{
    (void)s;
    sink_bool(out, rd_bool(r));
}

void read_byte(const struct ser *s, struct rd *r, struct sink *out)
{
    (void)s;
    sink_int(out, rd_i8(r));
}

void read_short(const struct ser *s, struct rd *r, struct sink *out)
{
    (void)s;
    sink_int(out, rd_i16(r));
}

void read_int(const struct ser *s, struct rd *r, struct sink *out)
{
    (void)s;
    sink_int(out, rd_i32(r));
}

void read_long(const struct ser *s, struct rd *r, struct sink *out)
{
    (void)s;
    sink_int(out, rd_i64(r));
}

void read_float(const struct ser *s, struct rd *r, struct sink *out)
{
    (void)s;
    sink_real(out, (double)rd_f32(r), true);
}

void read_double(const struct ser *s, struct rd *r, struct sink *out)
{
    (void)s;
    sink_real(out, rd_f64(r), false);
}

void read_char(const struct ser *s, struct rd *r, struct sink *out)
{
    (void)s;
    uint16_t unit = rd_u16(r);
    if (!out)
        return;
    out->scratch.n = 0;
    java_unit(&out->scratch, 0, unit);
    sink_text(out, (const char *)out->scratch.p, out->scratch.n);
}

void read_string(const struct ser *s, struct rd *r, struct sink *out)
{
    (void)s;
    java_flink_string(r, out);
}

void read_string_value(const struct ser *s, struct rd *r, struct sink *out)
{
    (void)s;
    java_string_value(r, out);
}

void read_nothing(const struct ser *s, struct rd *r, struct sink *out)
{
    (void)s;
    (void)r;
    sink_null(out);
}

/* VoidSerializer, VoidNamespaceSerializer: one byte that says nothing. */
void read_null_byte(const struct ser *s, struct rd *r, struct sink *out)
{
    (void)s;
    (void)rd_u8(r);
    sink_null(out);
}

/* BigIntSerializer#readBigInteger: 0 null, 1 zero, 2 one, 3 ten, else length + 4 and two's complement bytes. False: null. */
static bool big_integer(struct rd *r, struct bytes *digits)
{
    static const uint8_t zero[] = {0}, one[] = {1}, ten[] = {10};
    int32_t k = rd_i32(r);
    switch (k) {
    case 0:
        return false;
    case 1:
        *digits = (struct bytes){zero, 1};
        return true;
    case 2:
        *digits = (struct bytes){one, 1};
        return true;
    case 3:
        *digits = (struct bytes){ten, 1};
        return true;
    default:
        if (k < 5) {
            rd_fail(r, "big integer of no bytes");
            return false;
        }
        const uint8_t *p = rd_take(r, (size_t)k - 4);
        *digits = (struct bytes){p, p ? (size_t)k - 4 : 0};
        return p;
    }
}

/* 0, 1 and 10 have a short form, which Flink writes for Java's constants only, not for an equal number of other origin. */
static void keep_long_form(const struct ser *s, const uint8_t *from, const struct rd *r, struct sink *out, struct bytes digits)
{
    if (digits.n == 1 && digits.p > from && digits.p < r->p && (digits.p[0] <= 1 || digits.p[0] == 10))
        sink_origin(out, s, from, (size_t)(r->p - from));
}

void read_bigint(const struct ser *s, struct rd *r, struct sink *out)
{
    struct bytes digits;
    const uint8_t *from = r->p;
    if (!big_integer(r, &digits)) {
        sink_null(out);
    } else if (out) {
        java_decimal(out, digits.p, digits.n, 0);
        keep_long_form(s, from, r, out, digits);
    }
}

void read_bigdec(const struct ser *s, struct rd *r, struct sink *out)
{
    struct bytes digits;
    const uint8_t *from = r->p;
    if (!big_integer(r, &digits)) {
        sink_null(out);
        return;
    }
    int32_t scale = rd_i32(r);
    if (out) {
        java_decimal(out, digits.p, digits.n, scale);
        keep_long_form(s, from, r, out, digits);
    }
}

/* EnumSerializerSnapshot (versions 2 and 3): utf class, i32 n, n * utf constant; a value is a position in that list. */
void body_enum(struct ser_in *in, struct ser *s)
{
    s->cls = ser_utf(in);
    struct enum_facts *c = arena_alloc(in->a, sizeof *c);
    c->n = rd_count(in->r, 2);
    c->names = arena_array(in->a, c->n, sizeof *c->names);
    struct buf list = {0};
    for (uint32_t i = 0; i < c->n && rd_ok(in->r); i++) {
        c->names[i] = ser_utf(in);
        buf_printf(&list, "%s%s", i ? " " : "", c->names[i]);
    }
    s->label = arena_printf(in->a, "Enum %s", class_simple(s->cls));
    s->extra = c;
    ser_add_attr(in, s, "constants", arena_str(in->a, buf_cstr(&list)));
    buf_free(&list);
}

bool put_enum(const struct ser *s, struct buf *to, struct err *e)
{
    const struct enum_facts *c = s->extra;
    if (!put_utf(to, s->cls, e))
        return false;
    wr_u32(to, c->n);
    for (uint32_t i = 0; i < c->n; i++)
        if (!put_utf(to, c->names[i], e))
            return false;
    return true;
}

void read_enum(const struct ser *s, struct rd *r, struct sink *out)
{
    const struct enum_facts *c = s->extra;
    uint32_t i = rd_u32(r);
    if (rd_ok(r) && i >= c->n)
        rd_fail(r, "enum position outside its list of constants");
    if (rd_ok(r) && out)
        sink_textz(out, c->names[i]);
    else
        sink_null(out);
}

/* VariantSerializer (2.1+): value and metadata in Parquet's variant encoding, shown as their bytes. */
void read_variant(const struct ser *s, struct rd *r, struct sink *out)
{
    (void)s;
    uint32_t nv = rd_count(r, 1), nm = rd_count(r, 1);
    const uint8_t *v = rd_take(r, nv), *m = rd_take(r, nm);
    sink_begin(out, BOX_OBJECT);
    if (v && m && out) {
        sink_keyz(out, "$variant");
        sink_hex(out, "hex:", v, nv);
        sink_keyz(out, "metadata");
        sink_hex(out, "hex:", m, nm);
    }
    sink_end(out, BOX_OBJECT);
}
