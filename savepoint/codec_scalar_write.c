/* Writes what codec_scalar.c reads. */
#include <stdlib.h>

#include "savepoint/codec.h"
#include "savepoint/decimal.h"
#include "savepoint/encode.h"
#include "savepoint/javaio.h"
#include "savepoint/ser_facts.h"

void write_boolean(const struct ser *s, const struct value *v, struct enc *w)
{
    bool b;
    (void)s;
    if (enc_bool(w, v, &b))
        wr_u8(w->out, b);
}

void write_byte(const struct ser *s, const struct value *v, struct enc *w)
{
    int64_t i;
    (void)s;
    if (enc_int(w, v, INT8_MIN, INT8_MAX, "a byte", &i))
        wr_u8(w->out, (uint8_t)i);
}

void write_short(const struct ser *s, const struct value *v, struct enc *w)
{
    int64_t i;
    (void)s;
    if (enc_int(w, v, INT16_MIN, INT16_MAX, "a short", &i))
        wr_u16(w->out, (uint16_t)i);
}

void write_int(const struct ser *s, const struct value *v, struct enc *w)
{
    int64_t i;
    (void)s;
    if (enc_int(w, v, INT32_MIN, INT32_MAX, "an int", &i))
        wr_i32(w->out, (int32_t)i);
}

void write_long(const struct ser *s, const struct value *v, struct enc *w)
{
    int64_t i;
    (void)s;
    if (enc_int(w, v, INT64_MIN, INT64_MAX, "a long", &i))
        wr_i64(w->out, i);
}

/* DataOutput#writeFloat, #writeDouble: every NaN is the same. */
void write_float(const struct ser *s, const struct value *v, struct enc *w)
{
    union {
        float f;
        uint32_t i;
    } u;
    (void)s;
    if (enc_single(w, v, &u.f))
        wr_u32(w->out, u.f != u.f ? 0x7fc00000 : u.i);
}

void write_double(const struct ser *s, const struct value *v, struct enc *w)
{
    union {
        double d;
        uint64_t i;
    } u;
    (void)s;
    if (enc_real(w, v, "a double", &u.d))
        wr_u64(w->out, u.d != u.d ? UINT64_C(0x7ff8000000000000) : u.i);
}

void write_char(const struct ser *s, const struct value *v, struct enc *w)
{
    uint16_t unit;
    (void)s;
    if (enc_char(w, v, &unit))
        wr_u16(w->out, unit);
}

void write_string(const struct ser *s, const struct value *v, struct enc *w)
{
    struct bytes text;
    (void)s;
    if (v->kind == VAL_NULL)
        wr_u8(w->out, 0);
    else if (enc_text(w, v, "a string", &text))
        enc_flink_string(w, text);
}

/* StringValue#write: the length without the one more. */
void write_string_value(const struct ser *s, const struct value *v, struct enc *w)
{
    struct bytes text;
    (void)s;
    if (!enc_text(w, v, "a string", &text))
        return;
    size_t from = w->out->n;
    enc_flink_string(w, text);
    struct rd r = rd_of(w->out->p + from, w->out->n - from, 0);
    uint32_t units = rd_varint32(&r);
    struct buf tail = {0};
    buf_put(&tail, r.p, rd_left(&r));
    w->out->n = from;
    enc_varint(w, units ? units - 1 : 0);
    buf_put(w->out, tail.p, tail.n);
    buf_free(&tail);
}

static void must_be_null(const struct value *v, struct enc *w)
{
    if (v->kind != VAL_NULL)
        enc_wrong(w, v, "null");
}

void write_nothing(const struct ser *s, const struct value *v, struct enc *w)
{
    (void)s;
    must_be_null(v, w);
}

void write_null_byte(const struct ser *s, const struct value *v, struct enc *w)
{
    (void)s;
    must_be_null(v, w);
    wr_u8(w->out, 0);
}

/* BigIntSerializer#writeBigInteger; numbers made by BigInteger.valueOf are the constants that have a short form. */
static void put_big(struct enc *w, const struct decimal *d)
{
    struct buf digits = {0};
    decimal_unscaled(d, &digits);
    uint8_t first = digits.p[0];
    if (digits.n == 1 && (first <= 1 || first == 10)) {
        wr_i32(w->out, first == 10 ? 3 : first + 1);
    } else {
        enc_count(w, digits.n + 4);
        buf_put(w->out, digits.p, digits.n);
    }
    buf_free(&digits);
}

void write_bigint(const struct ser *s, const struct value *v, struct enc *w)
{
    struct decimal d = {0};
    (void)s;
    if (v->kind == VAL_NULL) {
        wr_i32(w->out, 0);
    } else if (enc_decimal(w, v, &d)) {
        if (decimal_rescale(&d, 0))
            put_big(w, &d);
        else
            enc_fail(w, "a number with a fraction, or too large, where a BigInteger must be");
    }
    buf_free(&d.digits);
}

void write_bigdec(const struct ser *s, const struct value *v, struct enc *w)
{
    struct decimal d = {0};
    (void)s;
    if (v->kind == VAL_NULL) {
        wr_i32(w->out, 0);
    } else if (enc_decimal(w, v, &d)) {
        put_big(w, &d);
        wr_i32(w->out, d.scale);
    }
    buf_free(&d.digits);
}

/* The names are compared one by one: enums have few. */
static bool constant(const struct enum_facts *c, struct bytes name, uint32_t *i)
{
    for (*i = 0; *i < c->n; (*i)++)
        if (strlen(c->names[*i]) == name.n && !memcmp(c->names[*i], name.p, name.n))
            return true;
    return false;
}

void write_enum(const struct ser *s, const struct value *v, struct enc *w)
{
    const struct enum_facts *c = s->extra;
    struct bytes name;
    uint32_t i;
    if (!enc_text(w, v, "the name of a constant", &name))
        return;
    if (constant(c, name, &i))
        wr_i32(w->out, c->ids ? c->ids[i] : (int32_t)i);
    else
        enc_fail(w, "%s has no constant \"%.*s\"", s->cls, (int)(name.n < 80 ? name.n : 80), (const char *)name.p);
}

void write_byte_array(const struct ser *s, const struct value *v, struct enc *w)
{
    struct buf scratch = {0};
    struct bytes b;
    (void)s;
    if (enc_bytes(w, v, "bytes", &scratch, &b)) {
        enc_count(w, b.n);
        wr_bytes(w->out, b);
    }
    buf_free(&scratch);
}

void write_variant(const struct ser *s, const struct value *v, struct enc *w)
{
    const struct value *value = enc_member(v, "$variant"), *metadata = enc_member(v, "metadata");
    struct buf scratch[2] = {0};
    struct bytes b, m;
    (void)s;
    if (!value || !metadata)
        enc_wrong(w, v, "a variant {\"$variant\", \"metadata\"}");
    else if (enc_bytes(w, value, "bytes", &scratch[0], &b) && enc_bytes(w, metadata, "bytes", &scratch[1], &m)) {
        enc_count(w, b.n);
        enc_count(w, m.n);
        wr_bytes(w->out, b);
        wr_bytes(w->out, m);
    }
    buf_free(&scratch[0]);
    buf_free(&scratch[1]);
}

/* What was shown as bytes goes back as bytes. Opaque ones only where they are the whole value: nobody knows what else they hold. */
void write_shown(const struct ser *s, const struct value *v, struct enc *w)
{
    struct buf scratch = {0};
    const struct value *hex = enc_member(v, "$hex");
    if (v->kind == VAL_OPAQUE && w->depth == 1 && !strcmp(v->opaque->class_name, s->snapshot_class))
        wr_bytes(w->out, (struct bytes){v->bytes, v->n});
    else if (hex && hex->kind == VAL_BYTES)
        wr_bytes(w->out, (struct bytes){hex->bytes, hex->n});
    else if (hex && hex->kind == VAL_TEXT && enc_unhex(&scratch, hex->text, hex->n))
        wr_bytes(w->out, (struct bytes){scratch.p, scratch.n});
    else
        enc_unsupported(w, "weir cannot write values of %s", s->cls ? s->cls : s->snapshot_class);
    buf_free(&scratch);
}

void write_node_id(const struct ser *s, const struct value *v, struct enc *w)
{
    if (v->kind == VAL_NULL)
        wr_u8(w->out, 0);
    else
        write_shown(s, v, w);
}
