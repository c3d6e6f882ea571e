/* BinaryRowData, BinaryArrayData, BinaryMapData (flink-table-common, org.apache.flink.table.data.binary, the same from 1.11 to 2.3). */
#include "savepoint/rowdata.h"

#include <stdio.h>

#include "base/utf8.h"
#include "savepoint/javaio.h"

const char *rowdata_kind(uint8_t kind)
{
    static const char *const kinds[] = {"+I", "-U", "+U", "-D"};
    return kind < 4 ? kinds[kind] : NULL;
}

static bool ascii(const uint8_t *p, size_t n)
{
    for (; n >= 8; p += 8, n -= 8)
        if (le64(p) & UINT64_C(0x8080808080808080))
            return false;
    for (; n; p++, n--)
        if (*p & 0x80)
            return false;
    return true;
}

void rowdata_text(const uint8_t *p, size_t n, struct sink *out)
{
    if (!out)
        return;
    size_t i = 0;
    if (!ascii(p, n)) {
        unsigned step;
        uint32_t code;
        while (i < n && (step = utf8_next(p + i, n - i, &code)))
            i += step;
        if (i < n) {
            struct buf *b = &out->scratch;
            b->n = 0;
            for (i = 0; i < n; i += step ? step : 1) {
                step = utf8_next(p + i, n - i, &code);
                if (step)
                    buf_put(b, p + i, step);
                else
                    buf_puts(b, "\xef\xbf\xbd");
            }
            p = b->p;
            n = b->n;
        }
    }
    sink_text(out, (const char *)p, n);
}

void rowdata_decimal(int64_t unscaled, int scale, struct sink *out)
{
    if (!out)
        return;
    char digits[64], *end = digits + sizeof digits, *p = end;
    uint64_t u = unscaled < 0 ? 0 - (uint64_t)unscaled : (uint64_t)unscaled;
    for (int i = 0; u || i <= scale; i++, u /= 10) {
        if (i == scale && scale)
            *--p = '.';
        *--p = (char)('0' + u % 10);
    }
    if (unscaled < 0)
        *--p = '-';
    sink_text(out, p, (size_t)(end - p));
}

void rowdata_timestamp(struct rd *r, int64_t ms, int32_t nanos, struct sink *out)
{
    if (nanos < 0 || nanos > 999999)
        rd_fail(r, "nanoseconds of a timestamp outside 0..999999");
    if (!out)
        return;
    if (!rd_ok(r)) {
        sink_null(out);
        return;
    }
    int64_t s = ms / 1000, rest = ms % 1000;
    if (rest < 0) {
        rest += 1000;
        s--;
    }
    struct buf *b = &out->scratch;
    b->n = 0;
    java_local_datetime(b, s, (int32_t)rest * 1000000 + nanos);
    sink_text(out, (const char *)b->p, b->n);
}

void rowdata_raw(const uint8_t *p, uint32_t n, struct sink *out)
{
    if (!out)
        return;
    char length[9];
    snprintf(length, sizeof length, "%08x", n);
    sink_begin(out, BOX_OBJECT);
    sink_key(out, "$class", 6);
    sink_textz(out, "org.apache.flink.table.data.binary.BinaryRawValueData");
    sink_key(out, "$string", 7);
    sink_text(out, "SqlRawValue{?}", 14);
    sink_key(out, "$hex", 4);
    sink_hex(out, length, p, n);
    sink_end(out, BOX_OBJECT);
}

void rowdata_variant(struct bytes value, struct bytes metadata, struct sink *out)
{
    sink_begin(out, BOX_OBJECT);
    sink_key(out, "$variant", 8);
    sink_hex(out, "hex:", value.p, value.n);
    sink_key(out, "metadata", 8);
    sink_hex(out, "hex:", metadata.p, metadata.n);
    sink_end(out, BOX_OBJECT);
}

/* A row or array being read. */
struct box {
    struct rd *r;
    struct bytes b;
    size_t left; /* bytes that variable parts may still take */
};

/* The part that a slot points to: offset << 32 | length. */
static bool part(struct box *x, uint64_t slot, struct bytes *to)
{
    size_t at = slot >> 32, n = slot & 0xffffffff;
    if (at > x->b.n || n > x->b.n - at) {
        rd_fail(x->r, "part of a row lies outside of it");
        return false;
    }
    if (n > x->left) {
        rd_fail(x->r, "parts of a row overlap");
        return false;
    }
    x->left -= n;
    *to = (struct bytes){x->b.p + at, n};
    return true;
}

/* CHAR, VARCHAR, BINARY, VARBINARY: up to 7 bytes stand in the slot, with 0x80 | length as its top byte. */
static bool short_part(struct box *x, const uint8_t *slot, struct bytes *to)
{
    if (!(slot[7] & 0x80))
        return part(x, le64(slot), to);
    *to = (struct bytes){slot, slot[7] & 0x7f};
    if (to->n > 7)
        rd_fail(x->r, "text in a row's slot longer than the slot");
    return to->n <= 7;
}

static bool decimal(struct box *x, const uint8_t *slot, const struct ltype *t, struct sink *out)
{
    struct bytes b;
    if (t->precision <= 18) {
        rowdata_decimal((int64_t)le64(slot), t->scale, out);
        return true;
    }
    if (!part(x, le64(slot), &b))
        return false;
    if (b.n < 1 || b.n > 16) {
        rd_fail(x->r, "decimal number of a row not of 1 to 16 bytes");
        return false;
    }
    if (out)
        java_decimal_plain(out, b.p, b.n, t->scale);
    return true;
}

static bool timestamp(struct box *x, const uint8_t *slot, const struct ltype *t, struct sink *out)
{
    uint64_t v = le64(slot);
    int32_t nanos = 0;
    if (t->precision > 3) { /* offset << 32 | nanos; the part is 8 bytes */
        struct bytes b;
        nanos = (int32_t)(v & 0xffffffff);
        if (!part(x, (v >> 32 << 32) | 8, &b))
            return false;
        v = le64(b.p);
    }
    rowdata_timestamp(x->r, (int64_t)v, nanos, out);
    return true;
}

static bool variant(struct box *x, const uint8_t *slot, struct sink *out)
{
    struct bytes b;
    if (!part(x, le64(slot), &b))
        return false;
    uint32_t m = b.n >= 4 ? be32(b.p) : 0; /* big-endian, unlike the rest (AbstractBinaryWriter#writeVariant) */
    if (b.n < 4 || m > b.n - 4) {
        rd_fail(x->r, "metadata of a variant lies outside of it");
        return false;
    }
    rowdata_variant((struct bytes){b.p + 4 + m, b.n - 4 - m}, (struct bytes){b.p + 4, m}, out);
    return true;
}

/* A value in its slot, or element in an array. False: r has failed and nothing was reported. */
static bool value(struct box *x, const uint8_t *slot, const struct ltype *t, struct sink *out)
{
    struct bytes b;
    while (t->root == L_DISTINCT)
        t = t->kids[0];
    switch (t->slot) {
    case SLOT_BOOLEAN:
        sink_bool(out, *slot != 0);
        return true;
    case SLOT_I8:
        sink_int(out, (int8_t)*slot);
        return true;
    case SLOT_I16:
        sink_int(out, (int16_t)(slot[0] | slot[1] << 8));
        return true;
    case SLOT_I32:
        sink_int(out, (int32_t)le32(slot));
        return true;
    case SLOT_I64:
        sink_int(out, (int64_t)le64(slot));
        return true;
    case SLOT_FLOAT: {
        float f;
        memcpy(&f, slot, sizeof f);
        sink_real(out, (double)f, true);
        return true;
    }
    case SLOT_DOUBLE: {
        double d;
        memcpy(&d, slot, sizeof d);
        sink_real(out, d, false);
        return true;
    }
    case SLOT_TEXT:
        if (!short_part(x, slot, &b))
            return false;
        rowdata_text(b.p, b.n, out);
        return true;
    case SLOT_BYTES:
        if (t->root == L_BITMAP ? !part(x, le64(slot), &b) : !short_part(x, slot, &b))
            return false;
        sink_hex(out, "hex:", b.p, b.n);
        return true;
    case SLOT_DECIMAL:
        return decimal(x, slot, t, out);
    case SLOT_TIMESTAMP:
        return timestamp(x, slot, t, out);
    case SLOT_VARIANT:
        return variant(x, slot, out);
    case SLOT_RAW:
        if (!part(x, le64(slot), &b))
            return false;
        rowdata_raw(b.p, (uint32_t)b.n, out);
        return true;
    case SLOT_ARRAY:
        if (!part(x, le64(slot), &b))
            return false;
        rowdata_array(x->r, b, t->kids[0], out);
        return true;
    case SLOT_MAP:
        if (!part(x, le64(slot), &b))
            return false;
        rowdata_map(x->r, b, t->kids[0], t->kids[1], out);
        return true;
    case SLOT_ROW:
        if (!part(x, le64(slot), &b))
            return false;
        rowdata_row(x->r, b, &(struct ltypes){t->n, t->kids}, out);
        return true;
    case SLOT_NONE:
        break;
    }
    sink_opaque(out, t->cls ? t->cls : lroot_name(t->root), slot, t->width, "type without a binary form");
    x->r->opaque++;
    return true;
}

void rowdata_row(struct rd *r, struct bytes b, const struct ltypes *t, struct sink *out)
{
    size_t nulls = ((size_t)t->n + 71) / 64 * 8, fixed = nulls + 8 * (size_t)t->n;
    const char *kind = b.n ? rowdata_kind(b.p[0]) : NULL;
    if (b.n < fixed)
        rd_fail(r, "row shorter than its fields");
    else if (!kind)
        rd_fail(r, "row of an unknown kind");
    if (!rd_ok(r) || !rd_enter(r)) {
        sink_null(out);
        return;
    }
    struct box x = {r, b, b.n - fixed};
    sink_begin(out, BOX_OBJECT);
    sink_key(out, "$row", 4);
    sink_text(out, kind, 2);
    sink_key(out, "fields", 6);
    sink_begin(out, BOX_ARRAY);
    for (uint32_t i = 0; i < t->n; i++) {
        uint32_t bit = i + 8;
        if (b.p[bit / 8] >> bit % 8 & 1)
            sink_null(out);
        else if (!value(&x, b.p + nulls + 8 * (size_t)i, t->types[i], out))
            break;
    }
    sink_end(out, BOX_ARRAY);
    sink_end(out, BOX_OBJECT);
    rd_leave(r);
}

/* An array's header: elements, where they begin. False: r has failed. */
struct elements {
    uint32_t n;
    size_t at;
};

static bool elements_of(struct rd *r, struct bytes b, const struct ltype *t, struct elements *e)
{
    e->n = b.n >= 4 ? le32(b.p) : 0;
    e->at = 4 + ((size_t)e->n + 31) / 32 * 4;
    if (b.n < 4 || e->n > INT32_MAX || e->at + (size_t)e->n * t->width > b.n) {
        rd_fail(r, "array of a row shorter than its elements");
        return false;
    }
    return true;
}

static void element(struct box *x, const struct elements *e, uint32_t i, const struct ltype *t, struct sink *out)
{
    if (!rd_ok(x->r) || x->b.p[4 + i / 8] >> i % 8 & 1 || !value(x, x->b.p + e->at + (size_t)i * t->width, t, out))
        sink_null(out);
}

static struct box array_box(struct rd *r, struct bytes b, const struct elements *e, const struct ltype *t)
{
    return (struct box){r, b, b.n - e->at - (size_t)e->n * t->width};
}

void rowdata_array(struct rd *r, struct bytes b, const struct ltype *t, struct sink *out)
{
    struct elements e;
    if (!elements_of(r, b, t, &e) || !rd_enter(r)) {
        sink_null(out);
        return;
    }
    struct box x = array_box(r, b, &e, t);
    sink_begin(out, BOX_ARRAY);
    for (uint32_t i = 0; i < e.n && rd_ok(r); i++)
        element(&x, &e, i, t, out);
    sink_end(out, BOX_ARRAY);
    rd_leave(r);
}

void rowdata_map(struct rd *r, struct bytes b, const struct ltype *key, const struct ltype *val, struct sink *out)
{
    uint32_t n = b.n >= 4 ? le32(b.p) : 0;
    struct elements ke, ve;
    struct bytes kb = {0}, vb = {0};
    if (b.n < 4 || n > b.n - 4) {
        rd_fail(r, "keys of a map lie outside of it");
    } else {
        kb = (struct bytes){b.p + 4, n};
        vb = (struct bytes){b.p + 4 + n, b.n - 4 - n};
    }
    if (!rd_ok(r) || !elements_of(r, kb, key, &ke) || !elements_of(r, vb, val, &ve) || !rd_enter(r)) {
        sink_null(out);
        return;
    }
    if (ke.n != ve.n)
        rd_fail(r, "map with more keys than values, or fewer");
    struct box kx = array_box(r, kb, &ke, key), vx = array_box(r, vb, &ve, val);
    sink_begin(out, BOX_MAP);
    for (uint32_t i = 0; i < ke.n && rd_ok(r); i++) {
        element(&kx, &ke, i, key, out);
        element(&vx, &ve, i, val, out);
    }
    sink_end(out, BOX_MAP);
    rd_leave(r);
}
