/* BinaryRowWriter, BinaryArrayWriter, BinaryMapData (flink-table-runtime, the same from 1.11 to 2.3): writes what codec_rowdata.c
 * reads. All padding is zero, since Flink compares and hashes rows by their bytes. */
#include "savepoint/rowdata.h"

#include <stdlib.h>

#include "base/utf8.h"
#include "savepoint/codec.h"
#include "savepoint/decimal.h"
#include "savepoint/encode.h"
#include "savepoint/timetext.h"

/* A row or array being written: where it begins in out, and the slot that is filled. Places, not pointers: out grows. */
struct slot {
    size_t base, at;
};

static const struct value nothing = {.kind = VAL_NULL};

static bool is_null(const struct value *v) { return !v || v->kind == VAL_NULL; }

static void zeros(struct enc *w, size_t n)
{
    buf_reserve(w->out, n);
    memset(w->out->p + w->out->n, 0, n);
    w->out->n += n;
}

static void align(struct enc *w, size_t base) { zeros(w, (8 - (w->out->n - base) % 8) % 8); }

static void set(struct enc *w, const struct slot *s, uint64_t v, size_t width) { memcpy(w->out->p + s->at, &v, width); }

/* offset << 32 | length, of what begins at `from` in out. */
static void set_part(struct enc *w, const struct slot *s, size_t from, uint64_t low)
{
    if (from - s->base > INT32_MAX)
        enc_fail(w, "a row of more than 2 GiB");
    set(w, s, (uint64_t)(from - s->base) << 32 | low, 8);
}

/* CHAR, VARCHAR, BINARY, VARBINARY: up to 7 bytes stand in the slot, with 0x80 | length as its top byte. */
static void set_short(struct enc *w, const struct slot *s, struct bytes b)
{
    uint8_t in[8] = {0};
    uint64_t v;
    if (b.n > 7) {
        size_t from = w->out->n;
        wr_bytes(w->out, b);
        align(w, s->base);
        set_part(w, s, from, b.n);
        return;
    }
    memcpy(in, b.p, b.n);
    in[7] = (uint8_t)(0x80 | b.n);
    memcpy(&v, in, 8);
    set(w, s, v, 8);
}

static size_t characters(struct bytes b)
{
    size_t n = 0;
    uint32_t code;
    for (size_t i = 0; i < b.n; n++) {
        unsigned step = utf8_next(b.p + i, b.n - i, &code);
        i += step ? step : 1;
    }
    return n;
}

static void set_text(struct enc *w, const struct slot *s, const struct ltype *t, const struct value *v)
{
    struct bytes b;
    if (!enc_text(w, v, "a string", &b))
        return;
    size_t n = t->length < INT32_MAX ? characters(b) : 0;
    if (n > (size_t)t->length)
        enc_fail(w, "%zu characters do not fit into %s(%d)", n, lroot_name(t->root), t->length);
    else
        set_short(w, s, b);
}

static void set_bytes(struct enc *w, const struct slot *s, const struct ltype *t, const struct value *v)
{
    struct buf scratch = {0};
    struct bytes b;
    bool bitmap = t->root == L_BITMAP;
    if (enc_bytes(w, v, "bytes", &scratch, &b)) {
        size_t from = w->out->n;
        if (!bitmap && t->length < INT32_MAX && b.n > (size_t)t->length)
            enc_fail(w, "%zu bytes do not fit into %s(%d)", b.n, lroot_name(t->root), t->length);
        if (!bitmap) {
            set_short(w, s, b);
        } else {
            wr_bytes(w->out, b);
            align(w, s->base);
            set_part(w, s, from, b.n);
        }
    }
    buf_free(&scratch);
}

bool rowdata_unscaled(struct enc *w, const struct value *v, int precision, int scale, struct buf *to)
{
    struct decimal d;
    if (enc_decimal(w, v, &d)) {
        if (!decimal_rescale(&d, scale) || d.digits.n > (size_t)precision)
            enc_fail(w, "a number that does not fit into DECIMAL(%d, %d)", precision, scale);
        else
            decimal_unscaled(&d, to);
    }
    buf_free(&d.digits);
    return enc_ok(w);
}

int64_t rowdata_long(struct bytes unscaled)
{
    uint64_t v = unscaled.n && unscaled.p[0] & 0x80 ? UINT64_MAX : 0;
    for (size_t i = 0; i < unscaled.n; i++)
        v = v << 8 | unscaled.p[i];
    return (int64_t)v;
}

static void set_decimal(struct enc *w, const struct slot *s, const struct ltype *t, const struct value *v)
{
    struct buf b = {0};
    if (rowdata_unscaled(w, v, t->precision, t->scale, &b)) {
        if (t->precision <= 18) {
            set(w, s, (uint64_t)rowdata_long((struct bytes){b.p, b.n}), 8);
        } else {
            size_t from = w->out->n;
            buf_put(w->out, b.p, b.n);
            zeros(w, 16 - b.n);
            set_part(w, s, from, b.n);
        }
    }
    buf_free(&b);
}

bool rowdata_instant(struct enc *w, const struct value *v, int precision, int64_t *ms, int32_t *nanos)
{
    struct bytes text;
    struct date_text d;
    struct time_text t;
    *ms = *nanos = 0;
    if (!enc_text(w, v, "a timestamp", &text))
        return false;
    if (text.n && text.p[text.n - 1] == 'Z')
        text.n--;
    if (!datetime_of_text(text, &d, &t))
        enc_wrong(w, v, "a timestamp");
    else if (precision <= 3 && t.nanos % 1000000)
        enc_fail(w, "a fraction of a millisecond does not fit into TIMESTAMP(%d)", precision);
    else if (__builtin_mul_overflow(epoch_second_of(&d, &t), 1000, ms) || __builtin_add_overflow(*ms, t.nanos / 1000000, ms))
        enc_fail(w, "a time beyond what milliseconds can tell");
    *nanos = enc_ok(w) ? t.nanos % 1000000 : 0;
    return enc_ok(w);
}

static void set_timestamp(struct enc *w, const struct slot *s, const struct ltype *t, const struct value *v)
{
    int64_t ms;
    int32_t nanos;
    if (!rowdata_instant(w, v, t->precision, &ms, &nanos))
        return;
    if (t->precision <= 3) {
        set(w, s, (uint64_t)ms, 8);
        return;
    }
    size_t from = w->out->n;
    buf_put(w->out, &ms, 8);
    set_part(w, s, from, (uint32_t)nanos);
}

static void set_variant(struct enc *w, const struct slot *s, const struct value *v)
{
    const struct value *value = enc_member(v, "$variant"), *metadata = enc_member(v, "metadata");
    struct buf scratch[2] = {0};
    struct bytes b, m;
    size_t from = w->out->n;
    if (!value || !metadata)
        enc_wrong(w, v, "a variant {\"$variant\", \"metadata\"}");
    else if (enc_bytes(w, value, "bytes", &scratch[0], &b) && enc_bytes(w, metadata, "bytes", &scratch[1], &m)) {
        wr_bytes32(w->out, m); /* big-endian, unlike the rest */
        wr_bytes(w->out, b);
        size_t n = w->out->n - from;
        align(w, s->base);
        set_part(w, s, from, n);
    }
    buf_free(&scratch[0]);
    buf_free(&scratch[1]);
}

bool rowdata_raw_bytes(struct enc *w, const struct value *v, struct buf *scratch, struct bytes *to)
{
    const struct value *hex = enc_member(v, "$hex");
    *to = (struct bytes){(const uint8_t *)"", 0};
    if (hex && hex->kind == VAL_BYTES)
        *to = (struct bytes){hex->bytes, hex->n};
    else if (hex && hex->kind == VAL_TEXT && enc_unhex(scratch, hex->text, hex->n) && scratch->n >= 4)
        *to = (struct bytes){scratch->p + 4, scratch->n - 4}; /* behind the length */
    else
        enc_wrong(w, v, "a raw value {\"$hex\"}");
    return enc_ok(w);
}

static void set_raw(struct enc *w, const struct slot *s, const struct value *v)
{
    struct buf scratch = {0};
    struct bytes b;
    if (rowdata_raw_bytes(w, v, &scratch, &b)) {
        size_t from = w->out->n;
        wr_bytes(w->out, b);
        align(w, s->base);
        set_part(w, s, from, b.n);
    }
    buf_free(&scratch);
}

static void set_nested(struct enc *w, const struct slot *s, const struct ltype *t, const struct value *v)
{
    size_t from = w->out->n;
    if (t->slot == SLOT_ARRAY)
        rowdata_put_array(w, t->kids[0], v);
    else if (t->slot == SLOT_MAP)
        rowdata_put_map(w, t->kids[0], t->kids[1], v);
    else
        rowdata_put_row(w, &(struct ltypes){t->n, t->kids}, t->names, v);
    size_t n = w->out->n - from;
    align(w, s->base);
    if (enc_ok(w))
        set_part(w, s, from, n);
}

static void set_number(struct enc *w, const struct slot *s, const struct ltype *t, const struct value *v)
{
    union {
        float f;
        uint32_t i;
    } f;
    union {
        double d;
        uint64_t i;
    } d;
    static const struct {
        int64_t min, max;
        const char *type;
        size_t width;
    } ints[] = {[SLOT_I8] = {INT8_MIN, INT8_MAX, "TINYINT", 1},
                [SLOT_I16] = {INT16_MIN, INT16_MAX, "SMALLINT", 2},
                [SLOT_I32] = {INT32_MIN, INT32_MAX, "INT", 4},
                [SLOT_I64] = {INT64_MIN, INT64_MAX, "BIGINT", 8}};
    int64_t i;
    bool b;
    if (t->slot == SLOT_BOOLEAN) {
        if (enc_bool(w, v, &b))
            set(w, s, b, 1);
    } else if (t->slot == SLOT_FLOAT) {
        if (enc_single(w, v, &f.f))
            set(w, s, f.i, 4);
    } else if (t->slot == SLOT_DOUBLE) {
        if (enc_real(w, v, "DOUBLE", &d.d))
            set(w, s, d.i, 8);
    } else if (enc_int(w, v, ints[t->slot].min, ints[t->slot].max, ints[t->slot].type, &i)) {
        set(w, s, (uint64_t)i, ints[t->slot].width);
    }
}

static void set_value(struct enc *w, const struct slot *s, const struct ltype *t, const struct value *v)
{
    while (t->root == L_DISTINCT)
        t = t->kids[0];
    switch (t->slot) {
    case SLOT_BOOLEAN:
    case SLOT_I8:
    case SLOT_I16:
    case SLOT_I32:
    case SLOT_I64:
    case SLOT_FLOAT:
    case SLOT_DOUBLE:
        set_number(w, s, t, v);
        break;
    case SLOT_TEXT:
        set_text(w, s, t, v);
        break;
    case SLOT_BYTES:
        set_bytes(w, s, t, v);
        break;
    case SLOT_DECIMAL:
        set_decimal(w, s, t, v);
        break;
    case SLOT_TIMESTAMP:
        set_timestamp(w, s, t, v);
        break;
    case SLOT_VARIANT:
        set_variant(w, s, v);
        break;
    case SLOT_RAW:
        set_raw(w, s, v);
        break;
    case SLOT_ARRAY:
    case SLOT_MAP:
    case SLOT_ROW:
        set_nested(w, s, t, v);
        break;
    case SLOT_NONE:
        enc_unsupported(w, "weir cannot write values of the type %s", t->cls ? t->cls : lroot_name(t->root));
    }
}

/* The value in its slot; null sets a bit. name: see enc_value. */
static void put_slot(struct enc *w, const struct slot *s, const struct ltype *t, const struct value *v, size_t null_at, uint8_t bit,
                     const char *name, uint32_t i)
{
    struct enc_step step;
    if (!enc_enter(w, &step, name, i))
        return;
    if (is_null(v) && !t->nullable)
        enc_fail(w, "null where the type is NOT NULL");
    else if (is_null(v))
        w->out->p[null_at] |= bit;
    else if (v->kind == VAL_OPAQUE)
        enc_unsupported(w, "bytes of %s that could not be decoded (%s)", v->opaque->class_name, v->opaque->why);
    else
        set_value(w, s, t, v);
    enc_leave(w);
}

void rowdata_put_row(struct enc *w, const struct ltypes *t, const char *const *names, const struct value *v)
{
    const struct value **fields = mem_grow(NULL, t->n, sizeof *fields);
    size_t base = w->out->n, nulls = ((size_t)t->n + 71) / 64 * 8;
    unsigned kind;
    if (enc_row(w, v, names, t->n, &kind, fields)) {
        zeros(w, nulls + 8 * (size_t)t->n);
        w->out->p[base] = (uint8_t)kind;
        for (uint32_t i = 0; i < t->n && enc_ok(w); i++) {
            struct slot s = {base, base + nulls + 8 * (size_t)i};
            uint32_t bit = i + 8;
            put_slot(w, &s, t->types[i], fields[i] ? fields[i] : &nothing, base + bit / 8, (uint8_t)(1u << bit % 8),
                     names ? names[i] : NULL, i);
        }
    }
    free((void *)fields);
}

/* n elements, `step` apart. */
static void put_elements(struct enc *w, const struct ltype *t, const struct value *items, uint32_t n, uint32_t step)
{
    size_t base = w->out->n, header = 4 + ((size_t)n + 31) / 32 * 4, fixed = (header + (size_t)n * t->width + 7) / 8 * 8;
    if (n > INT32_MAX || fixed > INT32_MAX) {
        enc_fail(w, "an array of more than 2 GiB");
        return;
    }
    zeros(w, fixed);
    memcpy(w->out->p + base, &n, 4);
    for (uint32_t i = 0; i < n && enc_ok(w); i++) {
        struct slot s = {base, base + header + (size_t)i * t->width};
        put_slot(w, &s, t, &items[(size_t)i * step], base + 4 + i / 8, (uint8_t)(1u << i % 8), NULL, i);
    }
}

void rowdata_put_array(struct enc *w, const struct ltype *element, const struct value *v)
{
    const struct value *items;
    uint32_t n;
    if (enc_items(w, v, "an array", &items, &n))
        put_elements(w, element, items, n, 1);
}

void rowdata_put_map(struct enc *w, const struct ltype *key, const struct ltype *val, const struct value *v)
{
    struct buf room = {0};
    const struct value *items;
    uint32_t n;
    if (enc_pairs(w, v, "a map", &room, &items, &n)) {
        size_t at = w->out->n;
        zeros(w, 4);
        put_elements(w, key, items, n, 2);
        uint32_t keys = (uint32_t)(w->out->n - at - 4);
        memcpy(w->out->p + at, &keys, 4);
        if (enc_ok(w))
            put_elements(w, val, items + 1, n, 2);
    }
    buf_free(&room);
}
