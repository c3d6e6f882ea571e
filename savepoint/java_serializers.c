/* Serializers of the table runtime as Java objects: arrays and maps keep those of their elements in their snapshots (InternalSerializers#create of
 * flink-table-runtime 2.3). Getters of elements are left out, as transient as they are in meaning: Java makes them NULL, and a serializer that is
 * restored makes those that it needs. */
#include <stdlib.h>

#include "base/wr.h"
#include "savepoint/java_out.h"

#define BASE "org.apache.flink.api.common.typeutils.base."
#define TABLE "org.apache.flink.table.runtime.typeutils."
#define SERIALIZER "org/apache/flink/api/common/typeutils/TypeSerializer;"
#define TYPE "org/apache/flink/table/types/logical/LogicalType;"

#define SINGLE(cls)                                                               \
    {                                                                             \
        .name = cls, .uid = 1, .flags = SC_SERIALIZABLE, .super = &java_singleton \
    }

static const struct java_desc singles[] = {
    [SLOT_BOOLEAN] = SINGLE(BASE "BooleanSerializer"),
    [SLOT_I8] = SINGLE(BASE "ByteSerializer"),
    [SLOT_I16] = SINGLE(BASE "ShortSerializer"),
    [SLOT_I32] = SINGLE(BASE "IntSerializer"),
    [SLOT_I64] = SINGLE(BASE "LongSerializer"),
    [SLOT_FLOAT] = SINGLE(BASE "FloatSerializer"),
    [SLOT_DOUBLE] = SINGLE(BASE "DoubleSerializer"),
    [SLOT_TEXT] = SINGLE(TABLE "StringDataSerializer"),
    [SLOT_BYTES] = SINGLE(BASE "array.BytePrimitiveArraySerializer"),
};
static const struct java_desc decimal = {.name = TABLE "DecimalDataSerializer",
                                         .uid = 1,
                                         .flags = SC_SERIALIZABLE,
                                         .n = 2,
                                         .fields = {{'I', "precision", NULL}, {'I', "scale", NULL}},
                                         .super = &java_type_serializer};
static const struct java_desc timestamp = {.name = TABLE "TimestampDataSerializer",
                                           .uid = 1,
                                           .flags = SC_SERIALIZABLE,
                                           .n = 1,
                                           .fields = {{'I', "precision", NULL}},
                                           .super = &java_type_serializer};
static const struct java_desc array = {.name = TABLE "ArrayDataSerializer",
                                       .uid = 1,
                                       .flags = SC_SERIALIZABLE,
                                       .n = 2,
                                       .fields = {{'L', "eleSer", "L" SERIALIZER}, {'L', "eleType", "L" TYPE}},
                                       .super = &java_type_serializer};
static const struct java_desc map = {.name = TABLE "MapDataSerializer",
                                     .uid = UINT64_C(4073842523628732956),
                                     .flags = SC_SERIALIZABLE,
                                     .n = 4,
                                     .fields = {{'L', "keySerializer", "L" SERIALIZER},
                                                {'L', "keyType", "L" TYPE},
                                                {'L', "valueSerializer", "L" SERIALIZER},
                                                {'L', "valueType", "L" TYPE}},
                                     .super = &java_type_serializer};
static const struct java_desc any_row = {
    .name = TABLE "AbstractRowDataSerializer", .uid = 1, .flags = SC_SERIALIZABLE, .super = &java_type_serializer};
static const struct java_desc binary_row = {.name = TABLE "BinaryRowDataSerializer",
                                            .uid = 1,
                                            .flags = SC_SERIALIZABLE,
                                            .n = 2,
                                            .fields = {{'I', "fixedLengthPartSize", NULL}, {'I', "numFields", NULL}},
                                            .super = &any_row};
static const struct java_desc row = {
    .name = TABLE "RowDataSerializer",
    .uid = 1,
    .flags = SC_SERIALIZABLE,
    .n = 3,
    .fields = {{'L', "binarySerializer", "Lorg/apache/flink/table/runtime/typeutils/BinaryRowDataSerializer;"},
               {'[', "fieldSerializers", "[L" SERIALIZER},
               {'[', "types", "[L" TYPE}},
    .super = &any_row};
/* Java asks for no uid of arrays. */
static const struct java_desc serializers = {.name = "[Lorg.apache.flink.api.common.typeutils.TypeSerializer;",
                                             .flags = SC_SERIALIZABLE};
static const struct java_desc types = {.name = "[Lorg.apache.flink.table.types.logical.LogicalType;", .flags = SC_SERIALIZABLE};

static bool put(struct java_out *o, const struct ltype *t);

static void begin_array(struct java_out *o, const struct java_desc *d, uint32_t n)
{
    wr_u8(o->to, TC_ARRAY);
    java_put_desc(o, d);
    o->next++;
    wr_u32(o->to, n);
}

static bool put_row(struct java_out *o, const struct ltype *t)
{
    java_begin(o, &row);
    java_begin(o, &binary_row);
    wr_u32(o->to, (t->n + 63 + 8) / 64 * 8 + t->n * 8);
    wr_u32(o->to, t->n);
    begin_array(o, &serializers, t->n);
    for (uint32_t i = 0; i < t->n; i++)
        if (!put(o, t->kids[i]))
            return false;
    begin_array(o, &types, t->n);
    for (uint32_t i = 0; i < t->n; i++)
        if (!java_put_type(o, t->kids[i]))
            return false;
    return true;
}

static bool put(struct java_out *o, const struct ltype *t)
{
    static const struct ltype times = {.root = L_INTEGER, .slot = SLOT_I32, .width = 4};
    if (t->slot < sizeof singles / sizeof *singles && singles[t->slot].name && t->root != L_BITMAP) {
        java_begin(o, &singles[t->slot]);
        return true;
    }
    switch (t->slot) {
    case SLOT_DECIMAL:
        java_begin(o, &decimal);
        wr_i32(o->to, t->precision);
        wr_i32(o->to, t->scale);
        return true;
    case SLOT_TIMESTAMP:
        java_begin(o, &timestamp);
        wr_i32(o->to, t->precision);
        return true;
    case SLOT_ARRAY:
        java_begin(o, &array);
        return put(o, t->kids[0]) && java_put_type(o, t->kids[0]);
    case SLOT_MAP: {
        const struct ltype *value = t->root == L_MULTISET ? &times : t->kids[1];
        java_begin(o, &map);
        return put(o, t->kids[0]) && java_put_type(o, t->kids[0]) && put(o, value) && java_put_type(o, value);
    }
    case SLOT_ROW:
        return put_row(o, t);
    default:
        return err_set(o->e, ERR_UNSUPPORTED, "weir cannot make a snapshot with %s within an array or map", lroot_name(t->root));
    }
}

bool ltype_put_serializer(const struct ltype *t, struct buf *to, struct err *e)
{
    struct java_out o = {.to = to, .e = e};
    size_t from = to->n;
    wr_u32(to, JAVA_STREAM);
    bool ok = put(&o, t);
    if (!ok)
        to->n = from;
    free(o.known);
    return ok;
}
