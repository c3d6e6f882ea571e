/* Writes what codec_avro.c reads: Flink's DataOutputEncoder. A union does not say in a value which branch it is: the first one that the
 * value fits into is taken, exactly before loosely. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "savepoint/avro_schema.h"
#include "savepoint/codec.h"
#include "savepoint/decimal.h"
#include "savepoint/encode.h"
#include "savepoint/ser_facts.h"
#include "savepoint/timetext.h"

struct avro_out {
    struct enc *w;
    bool specific; /* logical types are Java objects, and so text */
    bool json;     /* a default of the schema: bytes are text of U+0000 to U+00FF */
};

static const struct value nothing = {.kind = VAL_NULL};

static void put(struct avro_out *o, const struct avro *t, const struct value *v, const char *name, uint32_t i);

static struct bytes text_of(const struct value *v) { return (struct bytes){(const uint8_t *)v->text, v->n}; }

/* --- logical types --- */

static int64_t per_second(enum avro_logical as)
{
    if (as == AVRO_TIME_MICROS || as == AVRO_TIMESTAMP_MICROS || as == AVRO_LOCAL_MICROS)
        return 1000000;
    return as == AVRO_TIMESTAMP_NANOS || as == AVRO_LOCAL_NANOS ? 1000000000 : 1000;
}

/* The text of a java.time object as the number that stands for it. */
static bool logical(enum avro_logical as, struct bytes text, int64_t *to)
{
    struct date_text d;
    struct time_text t = {0};
    int64_t seconds = 0, unit = per_second(as);
    int32_t nanos = 0;
    switch (as) {
    case AVRO_DATE:
        *to = date_of_text(text, &d) ? epoch_day_of(&d) : 0;
        return date_of_text(text, &d);
    case AVRO_TIME_MILLIS:
    case AVRO_TIME_MICROS:
        if (!time_of_text(text, &t))
            return false;
        seconds = t.h * 3600 + t.m * 60 + t.s;
        nanos = t.nanos;
        break;
    case AVRO_TIMESTAMP_MILLIS:
    case AVRO_TIMESTAMP_MICROS:
    case AVRO_TIMESTAMP_NANOS:
        if (!instant_of_text(text, &seconds, &nanos))
            return false;
        break;
    case AVRO_LOCAL_MILLIS:
    case AVRO_LOCAL_MICROS:
    case AVRO_LOCAL_NANOS:
        if (!datetime_of_text(text, &d, &t))
            return false;
        seconds = epoch_second_of(&d, &t);
        nanos = t.nanos;
        break;
    default:
        return false;
    }
    return !__builtin_mul_overflow(seconds, unit, to) && !__builtin_add_overflow(*to, nanos / (1000000000 / unit), to);
}

static void put_number(struct avro_out *o, const struct avro *t, const struct value *v)
{
    struct enc *w = o->w;
    bool is_int = t->kind == AVRO_INT;
    int64_t min = is_int ? INT32_MIN : INT64_MIN, max = is_int ? INT32_MAX : INT64_MAX, i;
    struct value number;
    if (v->kind == VAL_TEXT && t->logical != AVRO_PLAIN && logical(t->logical, text_of(v), &i)) {
        number = value_int(i);
        v = &number;
    }
    if (!enc_int(w, v, min, max, is_int ? "an int" : "a long", &i))
        return;
    if (is_int)
        wr_i32(w->out, (int32_t)i);
    else
        wr_i64(w->out, i);
}

/* --- bytes --- */

/* Text of a schema's default. */
static void latin1(struct enc *w, struct bytes text, struct buf *to)
{
    uint32_t code;
    for (size_t i = 0; i < text.n;) {
        unsigned step = utf8_next(text.p + i, text.n - i, &code);
        if (!step || code > 0xff) {
            enc_fail(w, "a default of bytes with a character beyond U+00FF");
            return;
        }
        buf_putc(to, (uint8_t)code);
        i += step;
    }
}

/* A decimal's unscaled value; of a fixed type with its sign in front. */
static void unscaled(struct enc *w, const struct avro *t, const struct value *v, struct buf *to)
{
    struct decimal d;
    struct buf b = {0};
    if (enc_decimal(w, v, &d)) {
        if (!decimal_rescale(&d, t->scale))
            enc_fail(w, "a number with more than %d digits behind the point", t->scale);
        decimal_unscaled(&d, &b);
        if (t->kind == AVRO_FIXED && b.n > t->size)
            enc_fail(w, "a number of more than %u bytes", t->size);
        for (size_t i = b.n; t->kind == AVRO_FIXED && i < t->size; i++)
            buf_putc(to, b.p[0] & 0x80 ? 0xff : 0);
        buf_put(to, b.p, b.n);
    }
    buf_free(&b);
    buf_free(&d.digits);
}

static bool looks_hex(const struct value *v) { return v->kind == VAL_TEXT && v->n >= 4 && !memcmp(v->text, "hex:", 4); }

static void put_bytes(struct avro_out *o, const struct avro *t, const struct value *v)
{
    struct buf scratch = {0};
    struct bytes b = {0};
    struct enc *w = o->w;
    bool decimal = t->logical == AVRO_DECIMAL && v->kind != VAL_BYTES && !looks_hex(v) && !o->json;
    if (o->json && v->kind == VAL_TEXT)
        latin1(w, text_of(v), &scratch);
    else if (decimal)
        unscaled(w, t, v, &scratch);
    else
        (void)enc_bytes(w, v, "bytes", &scratch, &b);
    if (!b.p)
        b = (struct bytes){scratch.p, scratch.n};
    if (t->kind == AVRO_FIXED && b.n != t->size)
        enc_fail(w, "%zu bytes where %s has %u", b.n, t->name, t->size);
    if (t->kind == AVRO_BYTES)
        enc_count(w, b.n);
    wr_bytes(w->out, b);
    buf_free(&scratch);
}

/* --- which branch --- */

static bool has_symbol(const struct avro *t, struct bytes name, uint32_t *i)
{
    for (*i = 0; *i < t->n; (*i)++)
        if (strlen(t->names[*i]) == name.n && !memcmp(t->names[*i], name.p, name.n))
            return true;
    return false;
}

static bool fits_record(const struct avro *t, const struct value *v)
{
    const struct value *name = enc_member(v, "$avro");
    uint32_t i;
    if (v->kind != VAL_OBJECT)
        return false;
    if (name)
        return name->kind == VAL_TEXT && name->n == strlen(t->name) && !memcmp(name->text, t->name, name->n);
    for (uint32_t k = 0; k < v->n; k++)
        if (!has_symbol(t, (struct bytes){(const uint8_t *)v->names[k].s, v->names[k].n}, &i))
            return false;
    return true;
}

static bool fits_number(const struct avro *t, const struct value *v, bool exactly)
{
    int64_t i = v->i;
    bool text = v->kind == VAL_TEXT && t->logical != AVRO_PLAIN && logical(t->logical, text_of(v), &i);
    if (!text && v->kind != VAL_INT)
        return false;
    if (v->kind == VAL_INT && exactly && t->logical != AVRO_PLAIN && t->logical != AVRO_DECIMAL)
        return false;
    return t->kind == AVRO_LONG || (i >= INT32_MIN && i <= INT32_MAX);
}

static bool fits(const struct avro *t, const struct value *v, bool exactly)
{
    uint32_t i;
    bool real = v->kind == VAL_REAL || (v->kind == VAL_TEXT && !exactly);
    switch (t->kind) {
    case AVRO_NULL:
        return v->kind == VAL_NULL;
    case AVRO_BOOLEAN:
        return v->kind == VAL_BOOL;
    case AVRO_INT:
    case AVRO_LONG:
        return fits_number(t, v, exactly);
    case AVRO_FLOAT:
        return exactly ? v->kind == VAL_REAL && v->single : real || v->kind == VAL_INT;
    case AVRO_DOUBLE:
        return exactly ? v->kind == VAL_REAL && !v->single : real || v->kind == VAL_INT;
    case AVRO_STRING:
        return v->kind == VAL_TEXT;
    case AVRO_ENUM:
        return v->kind == VAL_TEXT && has_symbol(t, text_of(v), &i);
    case AVRO_BYTES:
    case AVRO_FIXED:
        if (v->kind == VAL_BYTES)
            return t->kind == AVRO_BYTES || t->size == v->n;
        return looks_hex(v) || (t->logical == AVRO_DECIMAL && (v->kind == VAL_TEXT || v->kind == VAL_REAL));
    case AVRO_RECORD:
        return fits_record(t, v);
    case AVRO_ARRAY:
        return v->kind == VAL_LIST || v->kind == VAL_SET;
    case AVRO_MAP:
        return v->kind == VAL_MAP || (!exactly && v->kind == VAL_OBJECT);
    case AVRO_UNION:
        break; /* not inside another one */
    }
    return false;
}

static void put_union(struct avro_out *o, const struct avro *t, const struct value *v)
{
    for (int exactly = 1; exactly >= 0; exactly--)
        for (uint32_t i = 0; i < t->n; i++)
            if (fits(t->types[i], v, exactly)) {
                wr_u32(o->w->out, i);
                put(o, t->types[i], v, "", 0);
                return;
            }
    enc_wrong(o->w, v, "something that a branch of the union takes");
}

/* --- containers --- */

static void put_array(struct avro_out *o, const struct avro *t, const struct value *v)
{
    const struct value *items;
    uint32_t n;
    if (!enc_items(o->w, v, "an array", &items, &n))
        return;
    if (n)
        enc_varint(o->w, n);
    for (uint32_t i = 0; i < n && enc_ok(o->w); i++)
        put(o, t->types[0], &items[i], NULL, i);
    wr_u8(o->w->out, 0);
}

static void put_key(struct enc *w, struct bytes key)
{
    enc_count(w, key.n);
    wr_bytes(w->out, key);
}

static void put_map(struct avro_out *o, const struct avro *t, const struct value *v)
{
    struct buf room = {0};
    const struct value *items;
    struct bytes key;
    uint32_t n;
    struct enc *w = o->w;
    bool object = v->kind == VAL_OBJECT;
    if (object) {
        items = v->items;
        n = v->n;
    } else if (!enc_pairs(w, v, "a map", &room, &items, &n)) {
        return;
    }
    if (n)
        enc_varint(w, n);
    for (uint32_t i = 0; i < n && enc_ok(w); i++) {
        if (object)
            key = (struct bytes){(const uint8_t *)v->names[i].s, v->names[i].n};
        else if (!enc_text(w, &items[2 * i], "a string as key", &key))
            break;
        put_key(w, key);
        put(o, t->types[0], &items[object ? i : 2 * i + 1], NULL, i);
    }
    wr_u8(w->out, 0);
    buf_free(&room);
}

/* The default that the schema has for the field. */
static void put_default(struct avro_out *o, const struct avro *t, uint32_t i)
{
    struct arena a = {0};
    struct avro_out from_schema = {o->w, o->specific, true};
    struct value v = nothing;
    struct err e = {0};
    if (t->defaults && t->defaults[i] && !value_from_json(&v, t->defaults[i], strlen(t->defaults[i]), &a, &e))
        enc_fail(o->w, "%s: its default: %s", t->names[i], e.text);
    else if (t->defaults && t->defaults[i])
        put(&from_schema, t->types[i], &v, t->names[i], 0);
    else
        put(o, t->types[i], &nothing, t->names[i], 0);
    arena_free(&a);
}

/* The field that had the name before. */
static const char *alias_of(const struct avro *t, const struct value_name *name)
{
    uint32_t i;
    if (has_symbol(t, (struct bytes){(const uint8_t *)name->s, name->n}, &i))
        return NULL;
    for (i = 0; t->aliases && i < t->n; i++)
        for (const char **a = t->aliases[i]; a && *a; a++)
            if (strlen(*a) == name->n && !memcmp(*a, name->s, name->n))
                return t->names[i];
    return NULL;
}

/* Members by their former names get the ones of today, as when Avro reads. */
static void put_record(struct avro_out *o, const struct avro *t, const struct value *v)
{
    const struct value **members = mem_grow(NULL, t->n, sizeof *members);
    struct value_name *names = NULL;
    struct value with_names = *v;
    for (uint32_t i = 0; v->kind == VAL_OBJECT && i < v->n; i++) {
        const char *now = alias_of(t, &v->names[i]);
        if (now && !names) {
            names = mem_grow(NULL, v->n, sizeof *names);
            memcpy(names, v->names, v->n * sizeof *names);
            with_names.names = names;
            v = &with_names;
        }
        if (now)
            names[i] = (struct value_name){now, strlen(now)};
    }
    if (v->kind == VAL_OBJECT && enc_member(v, "$avro") && !fits_record(t, v))
        enc_fail(o->w, "a record of another name than %s", t->name);
    if (enc_ok(o->w) && enc_members(o->w, v, t->name, t->names, t->n, members))
        for (uint32_t i = 0; i < t->n && enc_ok(o->w); i++) {
            if (members[i])
                put(o, t->types[i], members[i], t->names[i], 0);
            else
                put_default(o, t, i);
        }
    free((void *)members);
    free(names);
}

static void put_plain(struct avro_out *o, const struct avro *t, const struct value *v)
{
    struct enc *w = o->w;
    struct bytes text;
    uint32_t i;
    switch (t->kind) {
    case AVRO_NULL:
        if (v->kind != VAL_NULL)
            enc_wrong(w, v, "null");
        break;
    case AVRO_BOOLEAN:
        write_boolean(NULL, v, w);
        break;
    case AVRO_INT:
    case AVRO_LONG:
        put_number(o, t, v);
        break;
    case AVRO_FLOAT:
        write_float(NULL, v, w);
        break;
    case AVRO_DOUBLE:
        write_double(NULL, v, w);
        break;
    case AVRO_BYTES:
    case AVRO_FIXED:
        put_bytes(o, t, v);
        break;
    case AVRO_STRING:
        if (enc_text(w, v, "a string", &text))
            put_key(w, text);
        break;
    case AVRO_ENUM:
        if (!enc_text(w, v, "a symbol", &text))
            break;
        if (has_symbol(t, text, &i))
            wr_u32(w->out, i);
        else
            enc_wrong(w, v, "a symbol of the enum");
        break;
    case AVRO_RECORD:
        put_record(o, t, v);
        break;
    case AVRO_ARRAY:
        put_array(o, t, v);
        break;
    case AVRO_MAP:
        put_map(o, t, v);
        break;
    case AVRO_UNION:
        put_union(o, t, v);
        break;
    }
}

static void put(struct avro_out *o, const struct avro *t, const struct value *v, const char *name, uint32_t i)
{
    struct enc_step step;
    if (!enc_enter(o->w, &step, name, i))
        return;
    if (v->kind == VAL_OPAQUE)
        enc_unsupported(o->w, "bytes of %s that could not be decoded (%s)", v->opaque->class_name, v->opaque->why);
    else
        put_plain(o, t, v);
    enc_leave(o->w);
}

void write_avro(const struct ser *s, const struct value *v, struct enc *w)
{
    const struct avro_facts *f = s->extra;
    struct avro_out o = {.w = w, .specific = f && f->specific};
    if (!f || !f->schema)
        write_shown(s, v, w);
    else
        put_plain(&o, f->schema, v);
}
