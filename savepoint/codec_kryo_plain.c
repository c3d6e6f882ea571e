/* Values of the JDK's classes without references in them, as Kryo 2.24 and 5.6, Flink's and chill's serializers wrote them. */
#include <stdio.h>
#include <string.h>

#include "savepoint/codec_java.h"
#include "savepoint/codec_kryo.h"
#include "savepoint/javaio.h"

static void text(struct kryo_in *k)
{
    if (k->out)
        sink_text(k->out, (const char *)k->out->scratch.p, k->out->scratch.n);
}

/* The sink's room, emptied; NULL when the value is only walked. */
static struct buf *room(struct kryo_in *k)
{
    if (!k->out)
        return NULL;
    k->out->scratch.n = 0;
    return &k->out->scratch;
}

void kryo_shown(struct kryo_in *k, const char *cls)
{
    struct sink *out = k->out;
    if (!out)
        return;
    sink_begin(out, BOX_OBJECT);
    sink_keyz(out, "$class");
    sink_textz(out, cls);
    sink_keyz(out, "$string");
    text(k);
    if (k->nested == 1) {
        sink_keyz(out, "$hex");
        sink_hex(out, "", k->start, (size_t)(k->r->p - k->start));
    }
    sink_end(out, BOX_OBJECT);
}

static void scalar(struct kryo_in *k, uint8_t form)
{
    struct rd *r = k->r;
    struct sink *out = k->out;
    union {
        uint32_t i;
        float f;
    } f;
    union {
        uint64_t i;
        double d;
    } d;
    uint16_t unit;
    struct buf *b;
    switch (form) {
    case K_INT:
    case K_ARRAY_OF_INT:
        sink_int(out, kryo_zigzag(kryo_varint(r)));
        break;
    case K_LONG:
    case K_ARRAY_OF_LONG:
        sink_int(out, kryo_zigzag64(kryo_varlong(r)));
        break;
    case K_SHORT:
    case K_ARRAY_OF_SHORT:
        sink_int(out, (int16_t)kryo_16(k));
        break;
    case K_BYTE:
        sink_int(out, rd_i8(r));
        break;
    case K_BOOLEAN:
    case K_ARRAY_OF_BOOLEAN:
        sink_bool(out, rd_bool(r));
        break;
    case K_FLOAT:
    case K_ARRAY_OF_FLOAT:
        f.i = kryo_32(k);
        sink_real(out, (double)f.f, true);
        break;
    case K_DOUBLE:
    case K_ARRAY_OF_DOUBLE:
        d.i = kryo_64(k);
        sink_real(out, d.d, false);
        break;
    default: /* K_CHAR, K_ARRAY_OF_CHAR */
        unit = kryo_16(k);
        if ((b = room(k)) != NULL)
            java_unit(b, 0, unit);
        text(k);
    }
}

void kryo_scalar(struct kryo_in *k, enum kryo_form form)
{
    if (form != K_STRING)
        scalar(k, (uint8_t)form);
    else if (kryo_string(k->r, room(k)))
        text(k);
    else
        sink_null(k->out);
}

/* DefaultArraySerializers: varint n + 1 (0 null), elements. */
static void array(struct kryo_in *k, uint8_t form)
{
    uint32_t n = kryo_varint(k->r);
    if (n == 0) {
        sink_null(k->out);
        return;
    }
    n = kryo_count(k->r, n - 1);
    if (form == K_BYTES) {
        const uint8_t *p = rd_take(k->r, n);
        sink_hex(k->out, "hex:", p, p ? n : 0);
        return;
    }
    sink_begin(k->out, BOX_ARRAY);
    for (; n && rd_ok(k->r); n--)
        scalar(k, form);
    sink_end(k->out, BOX_ARRAY);
}

/* BigIntegerSerializer, BigDecimalSerializer: varint n + 1 (0 null), n bytes, and the scale. */
static void big(struct kryo_in *k, bool decimal)
{
    uint32_t n = kryo_varint(k->r);
    n = n ? kryo_count(k->r, n - 1) : 0;
    const uint8_t *p = rd_take(k->r, n);
    if (!n) {
        sink_null(k->out);
        return;
    }
    int32_t scale = decimal ? kryo_zigzag(kryo_varint(k->r)) : 0;
    if (rd_ok(k->r) && k->out)
        java_decimal(k->out, p, n, scale);
    else
        sink_null(k->out);
}

/* ClassSerializer: the class, and (Kryo 2: always) whether a primitive is meant rather than its box. */
static void class_value(struct kryo_in *k)
{
    struct kryo_class c;
    bool some = kryo_read_class(k, &c), boxes = some && c.row && c.row->flags & B;
    bool primitive = (!k->k->v5 || boxes) && rd_bool(k->r);
    char name[300];
    if (!some)
        sink_null(k->out);
    else
        sink_textf(k->out, "%s%s", kryo_name(&c, name, sizeof name), boxes && !primitive ? " (boxed)" : "");
}

/* An ordinal + 1 (0 null); the names are in the class, which is known for a few only. */
static void constant(struct kryo_in *k, const struct kryo_class *c)
{
    const uint8_t *from = k->r->p;
    uint32_t n = kryo_varint(k->r);
    const char *w = c->row ? c->row->words : NULL;
    if (c->told && c->told->decl->kind == TOLD_ENUM)
        w = n && n <= c->told->decl->n ? c->told->decl->fields[n - 1].name : NULL;
    for (uint32_t i = 1; w && !c->told && i < n; i++)
        w = (w = strchr(w, ' ')) != NULL ? w + 1 : NULL;
    char name[300], why[80];
    if (n == 0 || !rd_ok(k->r)) {
        sink_null(k->out);
    } else if (w) {
        sink_text(k->out, w, strcspn(w, " "));
    } else {
        snprintf(why, sizeof why, "an enum's constant number %u; its name is in the class only", n - 1);
        sink_opaque(k->out, kryo_name(c, name, sizeof name), from, (size_t)(k->r->p - from), why);
        k->r->opaque++;
    }
}

/* EnumSetSerializer: the enum's class, varint n, constants. */
static void enum_set(struct kryo_in *k)
{
    struct kryo_class c;
    sink_begin(k->out, BOX_SET);
    if (kryo_read_class(k, &c))
        for (uint32_t n = kryo_count(k->r, kryo_varint(k->r)); n && rd_live(k->r); n--)
            constant(k, &c);
    sink_end(k->out, BOX_SET);
}

/* BitSetSerializer of chill and of Kryo 5: varint n, n words. BitSet#toString lists the bits. */
static void bit_set(struct kryo_in *k)
{
    uint32_t n = kryo_varint(k->r);
    struct buf *b = room(k);
    bool some = false;
    if (b)
        buf_putc(b, '{');
    for (uint32_t w = 0; w < n && rd_ok(k->r); w++)
        for (uint64_t word = kryo_64(k); word && b; word &= word - 1) {
            buf_printf(b, some ? ", %llu" : "%llu", (unsigned long long)w * 64 + (unsigned)__builtin_ctzll(word));
            some = true;
        }
    if (b)
        buf_putc(b, '}');
    kryo_shown(k, "java.util.BitSet");
}

static void uuid(struct kryo_in *k)
{
    uint64_t hi, lo;
    if (k->k->v5) {
        hi = kryo_64(k);
        lo = kryo_64(k);
    } else {
        hi = (uint64_t)kryo_zigzag64(kryo_varlong(k->r));
        lo = (uint64_t)kryo_zigzag64(kryo_varlong(k->r));
    }
    sink_textf(k->out, "%08x-%04x-%04x-%04x-%012llx", (unsigned)(hi >> 32), (unsigned)(hi >> 16 & 0xffff), (unsigned)(hi & 0xffff),
               (unsigned)(lo >> 48), (unsigned long long)(lo & 0xffffffffffff));
}

/* chill's TimestampSerializer: getTime, which has the milliseconds, and nanos; Kryo 5's: whole seconds and nanos. */
static void timestamp(struct kryo_in *k)
{
    int64_t ms = (int64_t)kryo_varlong(k->r);
    uint32_t nanos = kryo_varint(k->r);
    sink_textf(k->out, "ts:%lld:%u", (long long)((uint64_t)ms + (k->k->v5 ? nanos / 1000000 : 0)), nanos);
}

/* CalendarSerializer: zone, ms, lenient, first day of the week, days in the first week, Gregorian change. Shown by time and zone. */
static void calendar(struct kryo_in *k, const char *cls)
{
    sink_begin(k->out, BOX_OBJECT);
    sink_keyz(k->out, "$class");
    sink_textz(k->out, cls);
    sink_keyz(k->out, "zone");
    (void)kryo_string(k->r, room(k));
    text(k);
    sink_keyz(k->out, "ms");
    sink_int(k->out, (int64_t)kryo_varlong(k->r));
    (void)rd_u8(k->r);
    (void)kryo_varint(k->r);
    (void)kryo_varint(k->r);
    (void)kryo_varlong(k->r);
    sink_end(k->out, BOX_OBJECT);
}

/* Locale#toString of a language, a country and a variant, each behind the other in b. */
static void locale(struct kryo_in *k)
{
    struct buf *b = room(k);
    size_t end[3] = {0};
    for (int i = 0; i < 3; i++) {
        if (b && i)
            buf_putc(b, '_');
        (void)kryo_string(k->r, b);
        end[i] = b ? b->n : 0;
    }
    if (b) { /* "en__" -> "en", "en_US_" -> "en_US" */
        bool variant = end[2] > end[1] + 1, country = end[1] > end[0] + 1;
        b->n = variant ? end[2] : country ? end[1] : end[0];
    }
    kryo_shown(k, "java.util.Locale");
}

/* An object stream of its own; a second one of the same serializer goes on with the first and cannot be read alone. */
static void java(struct kryo_in *k, const struct kryo_class *c)
{
    if (rd_left(k->r) < 4 || be32(k->r->p) != 0xaced0005) {
        kryo_opaque(k, c, "it goes on with an earlier Java object stream");
        return;
    }
    if (c->form != K_JAVA_LOCALE) {
        java_stream(k->r, k->out);
        return;
    }
    struct arena a = {0};
    struct jobj *o = NULL;
    (void)javaobj_read(k->r, &a, &o);
    const char *language = jobj_field_text(o, "language"), *country = jobj_field_text(o, "country"),
               *variant = jobj_field_text(o, "variant");
    struct buf *b = room(k);
    if (b) {
        bool has_variant = variant && *variant, has_country = country && *country;
        buf_puts(b, language ? language : "");
        if (has_country || has_variant)
            buf_printf(b, "_%s", has_country ? country : "");
        if (has_variant)
            buf_printf(b, "_%s", variant);
    }
    arena_free(&a);
    kryo_shown(k, "java.util.Locale");
}

/* A string that is the object's toString, and what may follow it. */
static void named(struct kryo_in *k, const struct kryo_class *c)
{
    struct buf *b = room(k);
    if (!kryo_string(k->r, b)) {
        sink_null(k->out);
        return;
    }
    if (c->form == K_PATTERN)
        (void)kryo_varint(k->r);
    if (c->form == K_SOCKET_ADDRESS) {
        uint32_t port = kryo_varint(k->r);
        if (b)
            buf_printf(b, ":%u", port);
    }
    kryo_shown(k, c->row->cls);
}

/* Kryo 5's OptionalIntSerializer and its like: bool, [fixed number]. Kryo 2: the fields isPresent and value. */
static void optional(struct kryo_in *k, uint8_t form)
{
    static const uint8_t plain[] = {K_INT, K_LONG, K_DOUBLE};
    bool present = rd_bool(k->r), v5 = k->k->v5;
    struct sink *out = k->out;
    if (!present)
        sink_null(out);
    k->out = present ? out : NULL;
    if (!v5)
        scalar(k, plain[form - K_OPTIONAL_INT]);
    else if (present && form == K_OPTIONAL_DOUBLE)
        scalar(k, K_DOUBLE);
    else if (present)
        sink_int(k->out, form == K_OPTIONAL_INT ? (int32_t)kryo_32(k) : (int64_t)kryo_64(k));
    k->out = out;
}

/* java.util.concurrent.atomic by FieldSerializer: their one field; a boolean is an int. */
static void atomic(struct kryo_in *k, const struct kryo_class *c)
{
    int64_t v = c->form == K_ATOMIC_LONG ? kryo_zigzag64(kryo_varlong(k->r)) : kryo_zigzag(kryo_varint(k->r));
    struct buf *b = room(k);
    if (b && c->form == K_ATOMIC_BOOLEAN)
        buf_puts(b, v ? "true" : "false");
    else if (b)
        buf_printf(b, "%lld", (long long)v);
    kryo_shown(k, c->row->cls);
}

void kryo_plain(struct kryo_in *k, const struct kryo_class *c)
{
    switch ((enum kryo_form)c->form) {
    case K_INT:
    case K_LONG:
    case K_FLOAT:
    case K_DOUBLE:
    case K_BOOLEAN:
    case K_BYTE:
    case K_CHAR:
    case K_SHORT:
    case K_STRING:
        kryo_scalar(k, c->form);
        break;
    case K_BYTES:
    case K_ARRAY_OF_BOOLEAN:
    case K_ARRAY_OF_CHAR:
    case K_ARRAY_OF_SHORT:
    case K_ARRAY_OF_INT:
    case K_ARRAY_OF_LONG:
    case K_ARRAY_OF_FLOAT:
    case K_ARRAY_OF_DOUBLE:
        array(k, c->form);
        break;
    case K_BIG_INTEGER:
    case K_BIG_DECIMAL:
        big(k, c->form == K_BIG_DECIMAL);
        break;
    case K_CLASS:
        class_value(k);
        break;
    case K_DATE:
        sink_textf(k->out, "ms:%lld", (long long)kryo_varlong(k->r));
        break;
    case K_TIMESTAMP:
        timestamp(k);
        break;
    case K_CALENDAR:
        calendar(k, c->row->cls);
        break;
    case K_NAMED:
    case K_PATTERN:
    case K_SOCKET_ADDRESS:
        named(k, c);
        break;
    case K_UUID:
        uuid(k);
        break;
    case K_LOCALE:
        locale(k);
        break;
    case K_JAVA:
    case K_JAVA_LOCALE:
        java(k, c);
        break;
    case K_BIT_SET:
        bit_set(k);
        break;
    case K_ENUM:
        constant(k, c);
        break;
    case K_ENUM_SET:
        enum_set(k);
        break;
    case K_ATOMIC_INT:
    case K_ATOMIC_LONG:
    case K_ATOMIC_BOOLEAN:
        atomic(k, c);
        break;
    case K_BARE:
        sink_begin(k->out, BOX_OBJECT);
        sink_keyz(k->out, "$class");
        sink_textz(k->out, c->row->cls);
        sink_end(k->out, BOX_OBJECT);
        break;
    case K_OPTIONAL_INT:
    case K_OPTIONAL_LONG:
    case K_OPTIONAL_DOUBLE:
        optional(k, c->form);
        break;
    default:
        kryo_time(k, c);
    }
}
