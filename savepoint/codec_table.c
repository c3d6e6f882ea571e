/* Serializers of flink-table (org.apache.flink.table.runtime.typeutils, .dataview, .runtime.operators; 1.13 to 2.3). */
#include "savepoint/codec.h"
#include "savepoint/javaio.h"
#include "savepoint/rowdata.h"
#include "savepoint/ser_facts.h"

/* A label of a hostile file may be longer than what it was made of, but in proportion. */
static size_t label_limit(const struct ser_in *in, const uint8_t *from) { return 4096 + 64 * (size_t)(in->r->p - from); }

static const char *label_of(struct ser_in *in, struct buf *b)
{
    const char *label = arena_strn(in->a, (const char *)b->p, b->n);
    buf_free(b);
    return label;
}

static struct bytes since(const struct ser_in *in, const uint8_t *from) { return (struct bytes){from, (size_t)(in->r->p - from)}; }

/* Room for n types. */
static struct rowdata_facts *facts_of(struct ser_in *in, uint32_t n)
{
    struct rowdata_facts *f = arena_alloc(in->a, sizeof *f);
    f->types.types = arena_array(in->a, n, sizeof *f->types.types);
    f->objects = arena_array(in->a, n, sizeof *f->objects);
    f->serializers = arena_array(in->a, n, sizeof *f->serializers);
    return f;
}

static void read_type(struct ser_in *in, struct rowdata_facts *f)
{
    struct jobj *o;
    const uint8_t *from = in->r->p;
    javaobj_read(in->r, in->a, &o);
    f->objects[f->types.n] = since(in, from);
    f->types.types[f->types.n++] = ltype_of(o, in->a);
}

/* Reads a Java object of which only the class is told. */
static struct bytes read_class_attr(struct ser_in *in, struct ser *s, const char *attr)
{
    struct jobj *o;
    const uint8_t *from = in->r->p;
    if (javaobj_read(in->r, in->a, &o))
        ser_add_attr(in, s, attr, jobj_class(o));
    return since(in, from);
}

const char *rowdata_label(struct arena *a, const struct ltypes *t, size_t limit)
{
    struct buf b = {0};
    buf_puts(&b, "ROW<");
    for (uint32_t i = 0; i < t->n && b.n <= limit; i++) {
        if (i)
            buf_puts(&b, ", ");
        ltype_text(t->types[i], LTYPE_SQL, limit, &b);
    }
    buf_putc(&b, '>');
    const char *label = arena_strn(a, (const char *)b.p, b.n);
    buf_free(&b);
    return label;
}

/* RowDataSerializerSnapshot: i32 n, n LogicalTypes, nested serializers (which the types say again). */
void body_rowdata(struct ser_in *in, struct ser *s)
{
    const uint8_t *from = in->r->p;
    uint32_t n = rd_count(in->r, 5);
    struct rowdata_facts *f = facts_of(in, n);
    while (f->types.n < n && rd_ok(in->r))
        read_type(in, f);
    s->label = rowdata_label(in->a, &f->types, label_limit(in, from));
    s->extra = f;
    if (rd_ok(in->r))
        ser_parse_nested(in, s);
}

/* The i32 length and bytes in front of every binary form. The bytes are taken by taken(), so that faults name their place. */
static struct bytes framed(struct rd *r)
{
    uint32_t n = rd_count(r, 1);
    return (struct bytes){r->p, n};
}

static void taken(struct rd *r, struct bytes b)
{
    if (rd_ok(r))
        r->p += b.n;
}

void read_rowdata(const struct ser *s, struct rd *r, struct sink *out)
{
    struct bytes b = framed(r);
    const struct rowdata_facts *f = s->extra;
    if (f)
        rowdata_row(r, b, &f->types, out);
    else
        sink_opaque(out, s->snapshot_class, b.p, b.n, "no field types");
    taken(r, b);
}

/* BinaryRowDataSerializerSnapshot: i32 arity. What the fields are is not said: the bytes are shown as the serializer writes them. */
void body_binary_row(struct ser_in *in, struct ser *s)
{
    int32_t *arity = arena_alloc(in->a, sizeof *arity);
    *arity = rd_i32(in->r);
    s->extra = arity;
    s->label = arena_printf(in->a, "BinaryRow(%d)", *arity);
}

void read_binary_row(const struct ser *s, struct rd *r, struct sink *out)
{
    (void)s;
    const uint8_t *from = r->p;
    (void)rd_bytes32(r);
    if (!rd_ok(r)) {
        sink_null(out);
        return;
    }
    sink_begin(out, BOX_OBJECT);
    sink_keyz(out, "$class");
    sink_textz(out, "org.apache.flink.table.data.binary.BinaryRowData");
    sink_keyz(out, "$string");
    sink_textz(out, "org.apache.flink.table.data.binary.BinaryRowData@");
    sink_keyz(out, "$hex");
    sink_hex(out, "", from, (size_t)(r->p - from));
    sink_end(out, BOX_OBJECT);
}

/* ArrayDataSerializerSnapshot: element LogicalType, element TypeSerializer. */
void body_array_data(struct ser_in *in, struct ser *s)
{
    const uint8_t *from = in->r->p;
    struct rowdata_facts *f = facts_of(in, 1);
    read_type(in, f);
    struct buf b = {0};
    buf_puts(&b, "ARRAY<");
    ltype_text(f->types.types[0], LTYPE_SQL, label_limit(in, from), &b);
    buf_putc(&b, '>');
    s->label = label_of(in, &b);
    s->extra = f;
    f->serializers[0] = read_class_attr(in, s, "element serializer");
}

void read_array_data(const struct ser *s, struct rd *r, struct sink *out)
{
    struct bytes b = framed(r);
    const struct rowdata_facts *f = s->extra;
    if (f)
        rowdata_array(r, b, f->types.types[0], out);
    else
        sink_opaque(out, s->snapshot_class, b.p, b.n, "no element type");
    taken(r, b);
}

/* MapDataSerializerSnapshot: key and value LogicalType, key and value TypeSerializer. */
void body_map_data(struct ser_in *in, struct ser *s)
{
    const uint8_t *from = in->r->p;
    struct rowdata_facts *f = facts_of(in, 2);
    read_type(in, f);
    read_type(in, f);
    struct buf b = {0};
    size_t limit = label_limit(in, from);
    buf_puts(&b, "MAP<");
    ltype_text(f->types.types[0], LTYPE_SQL, limit, &b);
    buf_puts(&b, ", ");
    ltype_text(f->types.types[1], LTYPE_SQL, limit, &b);
    buf_putc(&b, '>');
    s->label = label_of(in, &b);
    s->extra = f;
    f->serializers[0] = read_class_attr(in, s, "key serializer");
    f->serializers[1] = read_class_attr(in, s, "value serializer");
}

void read_map_data(const struct ser *s, struct rd *r, struct sink *out)
{
    struct bytes b = framed(r);
    const struct rowdata_facts *f = s->extra;
    if (f)
        rowdata_map(r, b, f->types.types[0], f->types.types[1], out);
    else
        sink_opaque(out, s->snapshot_class, b.p, b.n, "no key and value types");
    taken(r, b);
}

/* DecimalSerializerSnapshot, TimestampDataSerializerSnapshot: the numbers of the type, kept as one. */
static struct ltype *number_type(struct ser_in *in, struct ser *s, enum lroot root)
{
    struct ltype *t = arena_alloc(in->a, sizeof *t);
    t->root = root;
    t->precision = rd_i32(in->r);
    s->extra = t;
    return t;
}

void body_decimal_data(struct ser_in *in, struct ser *s)
{
    struct ltype *t = number_type(in, s, L_DECIMAL);
    t->scale = rd_i32(in->r);
    if (t->precision < 0 || t->precision > 38 || t->scale < 0 || t->scale > 38)
        rd_fail(in->r, "precision or scale of a decimal type out of range");
    s->label = arena_printf(in->a, "DECIMAL(%d, %d)", t->precision, t->scale);
}

void read_decimal_data(const struct ser *s, struct rd *r, struct sink *out)
{
    const struct ltype *t = s->extra;
    if (!t) {
        ser_opaque_rest(r, out, s->snapshot_class, "no precision");
    } else if (t->precision <= 18) {
        rowdata_decimal(rd_i64(r), t->scale, out);
    } else {
        struct bytes b = rd_bytes32(r);
        if (b.n < 1 || b.n > 16)
            rd_fail(r, "decimal number not of 1 to 16 bytes");
        if (!rd_ok(r))
            sink_null(out);
        else if (out)
            java_decimal_plain(out, b.p, b.n, t->scale);
    }
}

void body_timestamp_data(struct ser_in *in, struct ser *s)
{
    const struct ltype *t = number_type(in, s, L_TIMESTAMP);
    s->length = t->precision <= 3 ? 8 : 12;
    s->label = arena_printf(in->a, "TIMESTAMP(%d)", t->precision);
}

void read_timestamp_data(const struct ser *s, struct rd *r, struct sink *out)
{
    const struct ltype *t = s->extra;
    if (!t) {
        ser_opaque_rest(r, out, s->snapshot_class, "no precision");
        return;
    }
    int64_t ms = rd_i64(r);
    rowdata_timestamp(r, ms, t->precision <= 3 ? 0 : rd_i32(r), out);
}

void read_string_data(const struct ser *s, struct rd *r, struct sink *out)
{
    (void)s;
    struct bytes b = rd_bytes32(r);
    rowdata_text(b.p, b.n, out);
}

void read_raw_data(const struct ser *s, struct rd *r, struct sink *out)
{
    (void)s;
    struct bytes b = rd_bytes32(r);
    rowdata_raw(b.p, (uint32_t)b.n, out);
}

/* ExternalSerializerSnapshot: DataType, bool isInternalInput. The value stands, and is shown, in its internal form. */
void outer_external(struct ser_in *in, struct ser *s)
{
    const uint8_t *from = in->r->p;
    struct jobj *o;
    javaobj_read(in->r, in->a, &o);
    const struct jobj *conversion = jobj_field(o, "conversionClass");
    const struct ltype *t = ltype_of(jobj_field(o, "logicalType"), in->a);
    struct buf b = {0};
    buf_puts(&b, "EXTERNAL<");
    ltype_text(t, LTYPE_SQL, label_limit(in, from), &b);
    buf_putc(&b, '>');
    s->label = label_of(in, &b);
    struct object_facts *f = arena_alloc(in->a, sizeof *f);
    f->objects = since(in, from);
    f->internal = rd_bool(in->r);
    s->extra = f;
    if (conversion && conversion->kind == J_CLASS)
        s->cls = conversion->cls->name;
    ser_add_attr(in, s, "internal input", f->internal ? "true" : "false");
}

/* LinkedListSerializerSnapshot: a null mask since outer version 2, by choice since 3 (1.15). */
void outer_linked_list(struct ser_in *in, struct ser *s)
{
    bool mask = s->outer_version == 2 || (s->outer_version > 2 && rd_bool(in->r));
    s->extra = mask ? &ser_yes : NULL;
    ser_add_attr(in, s, "null mask", mask ? "true" : "false");
}

/* LinkedListSerializer: i32 n, [n bits, first one in the top bit, set for null], the elements that are not null. */
void read_linked_list(const struct ser *s, struct rd *r, struct sink *out)
{
    if (s->n != 1) {
        ser_opaque_rest(r, out, s->snapshot_class, "no element serializer");
        return;
    }
    const uint8_t *mask = NULL;
    uint32_t n;
    if (s->extra) {
        int32_t count = rd_i32(r);
        n = count > 0 ? (uint32_t)count : 0;
        if (count < 0)
            rd_fail(r, "negative count");
        mask = rd_take(r, ((size_t)n + 7) / 8);
    } else {
        n = rd_count(r, 0);
    }
    sink_begin(out, BOX_ARRAY);
    if (rd_enter(r)) {
        for (uint32_t i = 0; i < n && rd_live(r); i++) {
            if (mask && mask[i / 8] & 0x80 >> i % 8)
                sink_null(out);
            else
                ser_read(s->kids[0], r, out);
        }
        rd_leave(r);
    }
    sink_end(out, BOX_ARRAY);
}

/* SortedMapSerializerSnapshot: the comparator, nested serializers. Values are as MapSerializer's. */
void body_sorted_map(struct ser_in *in, struct ser *s)
{
    struct object_facts *f = arena_alloc(in->a, sizeof *f);
    f->objects = read_class_attr(in, s, "comparator");
    s->extra = f;
    if (rd_ok(in->r))
        ser_parse_nested(in, s);
}

/* NullAwareMapSerializer: i32 n, n * (bool isNull, [key], bool isNull, [value]). */
void read_null_aware_map(const struct ser *s, struct rd *r, struct sink *out)
{
    if (s->n != 2) {
        ser_opaque_rest(r, out, s->snapshot_class, "no key and value serializers");
        return;
    }
    uint32_t n = rd_count(r, 2);
    sink_begin(out, BOX_MAP);
    if (rd_enter(r)) {
        for (uint32_t i = 0; i < n && rd_live(r); i++)
            for (int k = 0; k < 2; k++) {
                if (!rd_live(r) || rd_bool(r))
                    sink_null(out);
                else
                    ser_read(s->kids[k], r, out);
            }
        rd_leave(r);
    }
    sink_end(out, BOX_MAP);
}

/* A nested value as a member of an object; null when the reading has ended. */
static void member(const struct ser *kid, const char *name, struct rd *r, struct sink *out)
{
    sink_keyz(out, name);
    if (rd_live(r))
        ser_read(kid, r, out);
    else
        sink_null(out);
}

static void read_members(const struct ser *s, const char *const *names, uint32_t n, struct rd *r, struct sink *out)
{
    if (s->n != n) {
        ser_opaque_rest(r, out, s->snapshot_class, "nested serializers of another number than expected");
        return;
    }
    sink_begin(out, BOX_OBJECT);
    for (uint32_t i = 0; i < n; i++)
        member(s->kids[i], names[i], r, out);
    sink_end(out, BOX_OBJECT);
}

/* WindowKeySerializer: i64 window (its end in ms, or a slice's), key. */
void read_window_key(const struct ser *s, struct rd *r, struct sink *out)
{
    if (s->n != 1) {
        ser_opaque_rest(r, out, s->snapshot_class, "no key serializer");
        return;
    }
    int64_t window = rd_i64(r);
    sink_begin(out, BOX_OBJECT);
    sink_keyz(out, "window");
    sink_int(out, window);
    member(s->kids[0], "key", r, out);
    sink_end(out, BOX_OBJECT);
}

/* NodeSerializer, RowSqnInfoSerializer, MetaSqnInfoSerializer (2.3, the linked multiset of SinkUpsertMaterializerV2). */
void read_sqn_node(const struct ser *s, struct rd *r, struct sink *out)
{
    static const char *const names[] = {"row", "sqn", "prevSqn", "nextSqn", "nextSqnForRecord", "timestamp"};
    read_members(s, names, 6, r, out);
}

void read_row_sqn_info(const struct ser *s, struct rd *r, struct sink *out)
{
    static const char *const names[] = {"firstSqn", "lastSqn"};
    read_members(s, names, 2, r, out);
}

void read_meta_sqn_info(const struct ser *s, struct rd *r, struct sink *out)
{
    static const char *const names[] = {"highSqn", "size"};
    read_members(s, names, 2, r, out);
}

/* RowDataKeySerializerSnapshot (2.3): i32 length and object of a generated equaliser, the same of a hash function, the snapshot. */
void body_rowdata_key(struct ser_in *in, struct ser *s)
{
    struct object_facts *f = arena_alloc(in->a, sizeof *f);
    const uint8_t *from = in->r->p;
    (void)rd_bytes32(in->r);
    (void)rd_bytes32(in->r);
    f->objects = since(in, from);
    s->extra = f;
    s->kids = arena_array(in->a, 1, sizeof *s->kids);
    s->kids[0] = rd_ok(in->r) ? ser_parse(in) : NULL;
    s->n = s->kids[0] ? 1 : 0;
}

/* SortedLongSerializer (2.3): the sign bit is flipped, so that bytes sort as numbers. */
void read_sorted_long(const struct ser *s, struct rd *r, struct sink *out)
{
    (void)s;
    sink_int(out, (int64_t)((uint64_t)rd_i64(r) ^ UINT64_C(1) << 63));
}

/* CountWindow (org.apache.flink.table.runtime.operators.window): i64 id. */
void read_count_window(const struct ser *s, struct rd *r, struct sink *out)
{
    (void)s;
    int64_t id = rd_i64(r);
    sink_begin(out, BOX_OBJECT);
    sink_keyz(out, "id");
    sink_int(out, id);
    sink_end(out, BOX_OBJECT);
}
