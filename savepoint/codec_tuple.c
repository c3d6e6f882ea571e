/* Tuples, Either, nullable values, rows, Flink's Value types (flink-core, org.apache.flink.api.java.typeutils.runtime). */
#include <string.h>

#include "savepoint/codec.h"
#include "savepoint/encode.h"
#include "savepoint/ser_facts.h"
#include "savepoint/told.h"

void outer_class(struct ser_in *in, struct ser *s)
{
    s->cls = ser_utf(in);
    s->label = class_simple(s->cls);
}

bool put_class(const struct ser *s, struct buf *to, struct err *e) { return put_utf(to, s->cls, e); }

/* TupleSerializer: fields back to back, no null flags. */
void read_tuple(const struct ser *s, struct rd *r, struct sink *out)
{
    sink_begin(out, BOX_ARRAY);
    for (uint32_t i = 0; i < s->n && rd_live(r); i++)
        ser_read(s->kids[i], r, out);
    sink_end(out, BOX_ARRAY);
}

/* Tuple0Serializer: one byte, 42. */
void read_tuple0(const struct ser *s, struct rd *r, struct sink *out)
{
    (void)s;
    (void)rd_u8(r);
    sink_begin(out, BOX_ARRAY);
    sink_end(out, BOX_ARRAY);
}

void read_either(const struct ser *s, struct rd *r, struct sink *out)
{
    if (s->n != 2) {
        ser_opaque_rest(r, out, s->snapshot_class, "no left and right serializers");
        return;
    }
    bool left = rd_bool(r);
    sink_begin(out, BOX_OBJECT);
    sink_keyz(out, left ? "left" : "right");
    if (rd_live(r))
        ser_read(s->kids[left ? 0 : 1], r, out);
    else
        sink_null(out);
    sink_end(out, BOX_OBJECT);
}

/* NullableSerializerSnapshot: i32 padding; padded serializers have a fixed length. */
void outer_nullable(struct ser_in *in, struct ser *s)
{
    int32_t padding = rd_i32(in->r);
    if (padding < 0 || padding > 1 << 20)
        rd_fail(in->r, "padding of a nullable serializer outside 0 to 1048576");
    s->length = padding > 0 ? 1 + padding : LEN_VAR;
}

bool put_nullable(const struct ser *s, struct buf *to, struct err *e)
{
    (void)e;
    wr_i32(to, s->length > 0 ? s->length - 1 : 0);
    return true;
}

void read_nullable(const struct ser *s, struct rd *r, struct sink *out)
{
    if (s->n != 1) {
        ser_opaque_rest(r, out, s->snapshot_class, "no inner serializer");
        return;
    }
    if (rd_bool(r)) {
        if (s->length > 1)
            (void)rd_take(r, (size_t)s->length - 1);
        sink_null(out);
    } else {
        ser_read(s->kids[0], r, out);
    }
}

/* RowSerializerSnapshot, outer versions: <= 2 (Flink <= 1.10) no row kind, 3 (1.11 to 1.14) row kind, 4 says it by a flag. */
void outer_row(struct ser_in *in, struct ser *s)
{
    bool kind = s->outer_version == 3 || (s->outer_version >= 4 && rd_bool(in->r));
    s->extra = kind ? &ser_yes : NULL;
}

bool put_row(const struct ser *s, struct buf *to, struct err *e)
{
    (void)e;
    if (s->outer_version >= 4)
        wr_u8(to, s->extra != NULL);
    return true;
}

/* RowSerializer, MaskUtils: a mask of one bit a field (1 = null), first in the top bit, in front of it two bits of row kind. */
void read_row(const struct ser *s, struct rd *r, struct sink *out)
{
    static const char *const kinds[] = {"+I", "-U", "+U", "-D"};
    unsigned first = s->extra ? 2 : 0;
    const uint8_t *mask = rd_take(r, ((size_t)s->n + first + 7) / 8);
    unsigned kind = mask && first ? (mask[0] >> 7 & 1) | (mask[0] >> 5 & 2) : 0;
    sink_begin(out, BOX_OBJECT);
    sink_key(out, "$row", 4);
    sink_text(out, kinds[kind], 2);
    sink_key(out, "fields", 6);
    sink_begin(out, BOX_ARRAY);
    for (uint32_t i = 0; i < s->n && rd_live(r); i++) {
        uint32_t bit = i + first;
        if (mask[bit / 8] & 0x80 >> bit % 8)
            sink_null(out);
        else
            ser_read(s->kids[i], r, out);
    }
    sink_end(out, BOX_ARRAY);
    sink_end(out, BOX_OBJECT);
}

/* Value#write and CopyableValue#getBinaryLength of Flink's own value classes (org.apache.flink.types). */
static const struct {
    const char *cls;
    int length;
    ser_read_fn *read;
    ser_write_fn *write;
} values[] = {
    {"BooleanValue", 1, read_boolean, write_boolean},
    {"ByteValue", 1, read_byte, write_byte},
    {"ShortValue", 2, read_short, write_short},
    {"IntValue", 4, read_int, write_int},
    {"LongValue", 8, read_long, write_long},
    {"FloatValue", 4, read_float, write_float},
    {"DoubleValue", 8, read_double, write_double},
    {"CharValue", 2, read_char, write_char},
    {"StringValue", LEN_VAR, read_string_value, write_string_value},
    {"NullValue", 1, read_null_byte, write_null_byte},
};

static void read_told_value(const struct ser *s, struct rd *r, struct sink *out) { told_value(s->extra, r, out); }

/* GenericTypeSerializerSnapshot: the class of the values. */
void body_value(struct ser_in *in, struct ser *s)
{
    static const char package[] = "org.apache.flink.types.";
    s->cls = ser_utf(in);
    s->label = class_simple(s->cls);
    s->length = LEN_VAR;
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++)
        if (!strncmp(s->cls, package, sizeof package - 1) && !strcmp(s->cls + sizeof package - 1, values[i].cls)) {
            s->read = values[i].read;
            s->write = values[i].write;
            s->length = values[i].length;
            return;
        }
    const struct told_decl *told = told_find(in->told, TOLD_VALUE, s->cls);
    if (told) {
        s->extra = told;
        s->read = read_told_value;
        s->write = write_told;
        s->length = told->length;
    }
}

/* Only met for classes outside the table of which nothing was told: their layout is code of the user's. */
void read_value(const struct ser *s, struct rd *r, struct sink *out)
{
    ser_opaque_rest(r, out, s->cls, "a Value class writes itself: its layout is not in the snapshot");
}
