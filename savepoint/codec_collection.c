/* Lists, maps, sets, arrays (flink-core, org.apache.flink.api.common.typeutils.base). */
#include "savepoint/codec.h"
#include "savepoint/javaio.h"

/* ListSerializer, ArrayListSerializer: i32 n, elements. */
void read_list(const struct ser *s, struct rd *r, struct sink *out)
{
    if (s->n != 1) {
        ser_opaque_rest(r, out, s->snapshot_class, "no element serializer");
        return;
    }
    const struct ser *element = s->kids[0];
    uint32_t n = rd_count(r, element->length > 0 ? (size_t)element->length : 0);
    sink_begin(out, BOX_ARRAY);
    if (rd_enter(r)) {
        for (uint32_t i = 0; i < n && rd_live(r); i++)
            ser_read(element, r, out);
        rd_leave(r);
    }
    sink_end(out, BOX_ARRAY);
}

/* MapSerializer: i32 n, n * (key, bool isNull, [value]). */
void read_map(const struct ser *s, struct rd *r, struct sink *out)
{
    if (s->n != 2) {
        ser_opaque_rest(r, out, s->snapshot_class, "no key and value serializers");
        return;
    }
    uint32_t n = rd_count(r, 1);
    sink_begin(out, BOX_MAP);
    if (rd_enter(r)) {
        for (uint32_t i = 0; i < n && rd_live(r); i++) {
            ser_read(s->kids[0], r, out);
            if (!rd_live(r) || rd_bool(r))
                sink_null(out);
            else
                ser_read(s->kids[1], r, out);
        }
        rd_leave(r);
    }
    sink_end(out, BOX_MAP);
}

/* SetSerializer (2.0+): i32 n, n * (bool isNull, [element]). */
void read_set(const struct ser *s, struct rd *r, struct sink *out)
{
    if (s->n != 1) {
        ser_opaque_rest(r, out, s->snapshot_class, "no element serializer");
        return;
    }
    uint32_t n = rd_count(r, 1);
    sink_begin(out, BOX_SET);
    if (rd_enter(r)) {
        for (uint32_t i = 0; i < n && rd_live(r); i++) {
            if (rd_bool(r))
                sink_null(out);
            else
                ser_read(s->kids[0], r, out);
        }
        rd_leave(r);
    }
    sink_end(out, BOX_SET);
}

void outer_component(struct ser_in *in, struct ser *s) { s->cls = ser_utf(in); }

/* GenericArraySerializer: i32 n, n * (bool isPresent, [element]). */
void read_generic_array(const struct ser *s, struct rd *r, struct sink *out)
{
    if (s->n != 1) {
        ser_opaque_rest(r, out, s->snapshot_class, "no component serializer");
        return;
    }
    uint32_t n = rd_count(r, 1);
    sink_begin(out, BOX_ARRAY);
    if (rd_enter(r)) {
        for (uint32_t i = 0; i < n && rd_live(r); i++) {
            if (rd_bool(r))
                ser_read(s->kids[0], r, out);
            else
                sink_null(out);
        }
        rd_leave(r);
    }
    sink_end(out, BOX_ARRAY);
}

void read_byte_array(const struct ser *s, struct rd *r, struct sink *out)
{
    (void)s;
    struct bytes b = rd_bytes32(r);
    sink_hex(out, "hex:", b.p, b.n);
}

/* The arrays of primitives: i32 n, n elements in plain form. */
#define PRIMITIVE_ARRAY(name, size, element)                       \
    void name(const struct ser *s, struct rd *r, struct sink *out) \
    {                                                              \
        uint32_t n = rd_count(r, size);                            \
        if (!out) {                                                \
            (void)rd_take(r, (size_t)n *(size));                   \
            return;                                                \
        }                                                          \
        sink_begin(out, BOX_ARRAY);                                \
        for (uint32_t i = 0; i < n; i++)                           \
            element(s, r, out);                                    \
        sink_end(out, BOX_ARRAY);                                  \
    }
PRIMITIVE_ARRAY(read_boolean_array, 1, read_boolean)
PRIMITIVE_ARRAY(read_char_array, 2, read_char)
PRIMITIVE_ARRAY(read_short_array, 2, read_short)
PRIMITIVE_ARRAY(read_int_array, 4, read_int)
PRIMITIVE_ARRAY(read_long_array, 8, read_long)
PRIMITIVE_ARRAY(read_float_array, 4, read_float)
PRIMITIVE_ARRAY(read_double_array, 8, read_double)

void read_string_array(const struct ser *s, struct rd *r, struct sink *out)
{
    uint32_t n = rd_count(r, 1);
    sink_begin(out, BOX_ARRAY);
    for (uint32_t i = 0; i < n && rd_live(r); i++)
        read_string(s, r, out);
    sink_end(out, BOX_ARRAY);
}
