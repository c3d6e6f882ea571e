/* Values of the JDK's classes without objects in them, as Kryo 2.24 and 5.6 write them: the other side of codec_kryo_plain.c. */
#include <string.h>

#include "base/utf8.h"
#include "savepoint/codec_kryo_out.h"
#include "savepoint/decimal.h"
#include "savepoint/timetext.h"

static bool v5(const struct kryo_out *o) { return o->k->v5; }
static bool is_null(const struct value *v) { return v->kind == VAL_NULL; }

/* --- Kryo's Output --- */

/* At most 9 bytes, the ninth a whole one. */
void kryo_put_varlong(struct kryo_out *o, uint64_t v)
{
    for (int i = 0; i < 8; i++, v >>= 7) {
        if (v < 0x80) {
            wr_u8(o->w->out, (uint8_t)v);
            return;
        }
        wr_u8(o->w->out, (uint8_t)(v | 0x80));
    }
    wr_u8(o->w->out, (uint8_t)v);
}

static void unit(struct buf *b, uint32_t u)
{
    if (u <= 0x7f) {
        wr_u8(b, (uint8_t)u);
    } else if (u > 0x7ff) {
        wr_u8(b, (uint8_t)(0xe0 | u >> 12));
        wr_u8(b, (uint8_t)(0x80 | (u >> 6 & 0x3f)));
        wr_u8(b, (uint8_t)(0x80 | (u & 0x3f)));
    } else {
        wr_u8(b, (uint8_t)(0xc0 | u >> 6));
        wr_u8(b, (uint8_t)(0x80 | (u & 0x3f)));
    }
}

void kryo_put_flagged(struct kryo_out *o, bool flag, uint32_t v)
{
    uint8_t first = (uint8_t)((flag ? 0x80 : 0) | (v & 0x3f));
    wr_u8(o->w->out, v >> 6 ? first | 0x40 : first);
    if (v >> 6)
        kryo_put_varint(o, v >> 6);
}

/* Output#writeString. Short ASCII: the characters, the last with its top bit set; else length + 1, and units of 1 to 3 bytes. */
void kryo_put_string(struct kryo_out *o, struct bytes s)
{
    uint32_t units = 0, code, limit = v5(o) ? 32 : 63;
    bool ascii = true;
    for (size_t i = 0; i < s.n;) {
        unsigned n = utf8_next(s.p + i, s.n - i, &code);
        if (!n) {
            enc_fail(o->w, "text that is not UTF-8");
            return;
        }
        i += n;
        units += code > UINT16_MAX ? 2 : 1;
        ascii = ascii && code < 0x80;
    }
    struct buf *b = o->w->out;
    if (ascii && units > 1 && units <= limit) {
        wr_bytes(b, s);
        b->p[b->n - 1] |= 0x80;
        return;
    }
    kryo_put_flagged(o, true, units + 1);
    for (size_t i = 0; i < s.n;) {
        i += utf8_next(s.p + i, s.n - i, &code);
        if (code > UINT16_MAX) {
            unit(b, 0xd800 | (code - 0x10000) >> 10);
            code = 0xdc00 | ((code - 0x10000) & 0x3ff);
        }
        unit(b, code);
    }
}

/* --- values without parts --- */

void kryo_put_number(struct kryo_out *o, const struct value *v, uint8_t form)
{
    int64_t i;
    double d;
    union {
        float f;
        uint32_t i;
    } f;
    uint16_t u;
    bool b;
    struct enc *w = o->w;
    switch (form) {
    case K_INT:
    case K_ARRAY_OF_INT:
        if (enc_int(w, v, INT32_MIN, INT32_MAX, "an int", &i))
            kryo_put_varint(o, kryo_to_zigzag((int32_t)i));
        break;
    case K_LONG:
    case K_ARRAY_OF_LONG:
        if (enc_int(w, v, INT64_MIN, INT64_MAX, "a long", &i))
            kryo_put_varlong(o, kryo_to_zigzag64(i));
        break;
    case K_SHORT:
    case K_ARRAY_OF_SHORT:
        if (enc_int(w, v, INT16_MIN, INT16_MAX, "a short", &i))
            kryo_put_16(o, (uint16_t)i);
        break;
    case K_BYTE:
        if (enc_int(w, v, INT8_MIN, INT8_MAX, "a byte", &i))
            wr_u8(w->out, (uint8_t)i);
        break;
    case K_BOOLEAN:
    case K_ARRAY_OF_BOOLEAN:
        if (enc_bool(w, v, &b))
            wr_u8(w->out, b);
        break;
    case K_FLOAT:
    case K_ARRAY_OF_FLOAT:
        if (enc_single(w, v, &f.f))
            kryo_put_32(o, f.f != f.f ? 0x7fc00000 : f.i);
        break;
    case K_DOUBLE:
    case K_ARRAY_OF_DOUBLE:
        if (enc_real(w, v, "a double", &d)) {
            uint64_t bits = UINT64_C(0x7ff8000000000000);
            if (d == d)
                memcpy(&bits, &d, sizeof bits);
            kryo_put_64(o, bits);
        }
        break;
    default: /* K_CHAR, K_ARRAY_OF_CHAR */
        if (enc_char(w, v, &u))
            kryo_put_16(o, u);
    }
}

static void array(struct kryo_out *o, const struct value *v, uint8_t form)
{
    const struct value *items;
    uint32_t n;
    if (!enc_items(o->w, v, "an array", &items, &n))
        return;
    kryo_put_varint(o, n + 1);
    for (uint32_t i = 0; i < n && enc_ok(o->w); i++)
        kryo_put_number(o, &items[i], form);
}

static void bytes(struct kryo_out *o, const struct value *v)
{
    struct buf scratch = {0};
    struct bytes b;
    if (enc_bytes(o->w, v, "bytes", &scratch, &b)) {
        kryo_put_varint(o, (uint32_t)b.n + 1);
        wr_bytes(o->w->out, b);
    }
    buf_free(&scratch);
}

static void big(struct kryo_out *o, const struct value *v, bool decimal)
{
    struct decimal d;
    struct buf b = {0};
    if (enc_decimal(o->w, v, &d)) {
        if (!decimal && !decimal_rescale(&d, 0))
            enc_fail(o->w, "a number with a fraction, or too large, where a BigInteger must be");
        decimal_unscaled(&d, &b);
        kryo_put_varint(o, (uint32_t)b.n + 1);
        buf_put(o->w->out, b.p, b.n);
        if (decimal)
            kryo_put_varint(o, kryo_to_zigzag(d.scale));
    }
    buf_free(&b);
    buf_free(&d.digits);
}

static bool uuid_of(struct bytes text, uint64_t part[2])
{
    struct buf b = {0};
    char hex[32];
    size_t n = 0;
    for (size_t i = 0; i < text.n && n < sizeof hex; i++)
        if (text.p[i] != '-')
            hex[n++] = (char)text.p[i];
    bool ok = text.n == 36 && n == sizeof hex && enc_unhex(&b, hex, n);
    for (int i = 0; ok && i < 2; i++)
        part[i] = be64(b.p + (size_t)8 * (unsigned)i);
    buf_free(&b);
    return ok;
}

static struct bytes text_of(const struct value *v)
{
    return v->kind == VAL_TEXT ? (struct bytes){(const uint8_t *)v->text, v->n} : (struct bytes){(const uint8_t *)"", 0};
}

static void uuid(struct kryo_out *o, const struct value *v)
{
    uint64_t part[2];
    if (!uuid_of(text_of(v), part)) {
        enc_wrong(o->w, v, "a UUID");
        return;
    }
    for (int i = 0; i < 2; i++) {
        if (v5(o))
            kryo_put_64(o, part[i]);
        else
            kryo_put_varlong(o, kryo_to_zigzag64((int64_t)part[i]));
    }
}

static void timestamp(struct kryo_out *o, const struct value *v)
{
    int64_t ms;
    int32_t nanos;
    if (!ts_of_text(text_of(v), &ms, &nanos)) {
        enc_wrong(o->w, v, "a timestamp \"ts:…:…\"");
        return;
    }
    kryo_put_varlong(o, (uint64_t)ms - (v5(o) ? (uint64_t)(nanos / 1000000) : 0)); /* Kryo 5: whole seconds */
    kryo_put_varint(o, (uint32_t)nanos);
}

static void date_ms(struct kryo_out *o, const struct value *v)
{
    int64_t ms;
    if (ms_of_text(text_of(v), &ms))
        kryo_put_varlong(o, (uint64_t)ms);
    else
        enc_wrong(o->w, v, "a date \"ms:…\"");
}

/* What was shown as {"$class", "$string"}. */
static void named(struct kryo_out *o, const struct value *v)
{
    const struct value *text = enc_member(v, "$string");
    struct bytes s;
    if (enc_text(o->w, text ? text : v, "text", &s))
        kryo_put_string(o, s);
}

static void atomic(struct kryo_out *o, const struct value *v, uint8_t form)
{
    const struct value *text = enc_member(v, "$string");
    int64_t i;
    bool b = false;
    v = text ? text : v;
    if (form == K_ATOMIC_BOOLEAN) {
        if (enc_bool(o->w, v, &b))
            kryo_put_varint(o, kryo_to_zigzag(b));
    } else if (form == K_ATOMIC_LONG) {
        if (enc_int(o->w, v, INT64_MIN, INT64_MAX, "a long", &i))
            kryo_put_varlong(o, kryo_to_zigzag64(i));
    } else if (enc_int(o->w, v, INT32_MIN, INT32_MAX, "an int", &i)) {
        kryo_put_varint(o, kryo_to_zigzag((int32_t)i));
    }
}

/* BitSet#toString, "{1, 70}", as words. */
static void bit_set(struct kryo_out *o, const struct value *v)
{
    enum { MAX_BITS = 1 << 20 };
    const struct value *shown = enc_member(v, "$string");
    struct buf words = {0};
    struct bytes text;
    if (!enc_text(o->w, shown ? shown : v, "a set of bits \"{1, 70}\"", &text))
        return;
    for (size_t i = 0; i < text.n && enc_ok(o->w);) {
        uint32_t bit = 0;
        for (; i < text.n && text.p[i] >= '0' && text.p[i] <= '9' && bit < MAX_BITS; i++)
            bit = bit * 10 + (text.p[i] - '0');
        bool digits = i && text.p[i - 1] >= '0' && text.p[i - 1] <= '9';
        if (bit >= MAX_BITS || (i < text.n && !strchr("{, }", text.p[i] ? text.p[i] : '?')))
            enc_wrong(o->w, shown ? shown : v, "a set of bits \"{1, 70}\"");
        for (; digits && words.n <= bit / 64 * 8;)
            wr_u64(&words, 0);
        if (digits)
            words.p[bit / 64 * 8 + bit % 64 / 8] |= (uint8_t)(1u << bit % 8);
        i++;
    }
    kryo_put_varint(o, (uint32_t)(words.n / 8));
    for (size_t i = 0; i < words.n; i += 8)
        kryo_put_64(o, le64(words.p + i));
    buf_free(&words);
}

/* A constant of the enums whose names are known. */
static void constant(struct kryo_out *o, const struct kryo_class *c, const struct value *v)
{
    const char *word = c->row ? c->row->words : NULL;
    struct bytes name;
    if (!word) {
        enc_unsupported(o->w, "weir does not know the constants of an enum in Kryo's form");
        return;
    }
    if (!enc_text(o->w, v, "a constant's name", &name))
        return;
    for (uint32_t i = 1; word; i++) {
        size_t n = strcspn(word, " ");
        if (n == name.n && !memcmp(word, name.p, n)) {
            kryo_put_varint(o, i);
            return;
        }
        word = word[n] ? word + n + 1 : NULL;
    }
    enc_wrong(o->w, v, "a constant's name");
}

/* Kryo 5's OptionalIntSerializer and its like; Kryo 2: the fields isPresent and value. */
static void optional(struct kryo_out *o, const struct value *v, uint8_t form)
{
    static const uint8_t plain[] = {K_INT, K_LONG, K_DOUBLE};
    const struct value none = value_int(0);
    int64_t i;
    wr_u8(o->w->out, !is_null(v));
    if (!v5(o))
        kryo_put_number(o, is_null(v) ? &none : v, plain[form - K_OPTIONAL_INT]);
    else if (form == K_OPTIONAL_DOUBLE && !is_null(v))
        kryo_put_number(o, v, K_DOUBLE);
    else if (!is_null(v) &&
             enc_int(o->w, v, form == K_OPTIONAL_INT ? INT32_MIN : INT64_MIN, form == K_OPTIONAL_INT ? INT32_MAX : INT64_MAX,
                     "a whole number", &i)) {
        if (form == K_OPTIONAL_INT)
            kryo_put_32(o, (uint32_t)i);
        else
            kryo_put_64(o, (uint64_t)i);
    }
}

void kryo_put_plain(struct kryo_out *o, const struct kryo_class *c, const struct value *v)
{
    struct bytes text;
    switch ((enum kryo_form)c->form) {
    case K_INT:
    case K_LONG:
    case K_FLOAT:
    case K_DOUBLE:
    case K_BOOLEAN:
    case K_BYTE:
    case K_CHAR:
    case K_SHORT:
        kryo_put_number(o, v, c->form);
        break;
    case K_STRING:
        if (enc_text(o->w, v, "a string", &text))
            kryo_put_string(o, text);
        break;
    case K_BYTES:
        bytes(o, v);
        break;
    case K_ARRAY_OF_BOOLEAN:
    case K_ARRAY_OF_CHAR:
    case K_ARRAY_OF_SHORT:
    case K_ARRAY_OF_INT:
    case K_ARRAY_OF_LONG:
    case K_ARRAY_OF_FLOAT:
    case K_ARRAY_OF_DOUBLE:
        array(o, v, c->form);
        break;
    case K_BIG_INTEGER:
    case K_BIG_DECIMAL:
        big(o, v, c->form == K_BIG_DECIMAL);
        break;
    case K_DATE:
        date_ms(o, v);
        break;
    case K_TIMESTAMP:
        timestamp(o, v);
        break;
    case K_NAMED:
        named(o, v);
        break;
    case K_BIT_SET:
        bit_set(o, v);
        break;
    case K_UUID:
        uuid(o, v);
        break;
    case K_ENUM:
        constant(o, c, v);
        break;
    case K_ATOMIC_INT:
    case K_ATOMIC_LONG:
    case K_ATOMIC_BOOLEAN:
        atomic(o, v, c->form);
        break;
    case K_OPTIONAL_INT:
    case K_OPTIONAL_LONG:
    case K_OPTIONAL_DOUBLE:
        optional(o, v, c->form);
        break;
    default:
        kryo_put_time(o, c, v);
    }
}
