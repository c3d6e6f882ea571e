/* Logical types as Java objects (java.io.ObjectOutputStream, protocol 2), with the fields and serialVersionUIDs that the classes have in
 * Flink 1.15 to 2.3. A row's fields stand in an ArrayList, where Flink itself wraps one into an unmodifiable list: its field is a List. */
#include <stdlib.h>
#include <string.h>

#include "base/wr.h"
#include "savepoint/java_out.h"

#define TYPES "org.apache.flink.table.types.logical."
#define SIGNATURE "Lorg/apache/flink/table/types/logical/"

static bool again(struct java_out *o, char kind, const char *name)
{
    for (uint32_t i = 0; i < o->n; i++)
        if (o->known[i].kind == kind && !strcmp(o->known[i].name, name)) {
            wr_u8(o->to, TC_REFERENCE);
            wr_u32(o->to, o->known[i].handle);
            return true;
        }
    return false;
}

static void remember(struct java_out *o, char kind, const char *name)
{
    if (o->n == o->cap) {
        o->cap = o->cap ? o->cap * 2 : 16;
        o->known = mem_grow(o->known, o->cap, sizeof *o->known);
    }
    o->known[o->n++] = (struct known){kind, name, BASE_HANDLE + o->next++};
}

static bool put_string(struct java_out *o, const char *s)
{
    wr_u8(o->to, TC_STRING);
    o->next++;
    return wr_utfz(o->to, s) || err_set(o->e, ERR_UNSUPPORTED, "\"%.80s\": not UTF-8, or longer than 65535 bytes", s);
}

static const struct java_desc java_enum = {.name = "java.lang.Enum", .flags = SC_ENUM | SC_SERIALIZABLE};
static const struct java_desc root_enum = {
    .name = TYPES "LogicalTypeRoot", .flags = SC_ENUM | SC_SERIALIZABLE, .super = &java_enum};
static const struct java_desc kind_enum = {.name = TYPES "TimestampKind", .flags = SC_ENUM | SC_SERIALIZABLE, .super = &java_enum};
static const struct java_desc year_enum = {
    .name = TYPES "YearMonthIntervalType$YearMonthResolution", .flags = SC_ENUM | SC_SERIALIZABLE, .super = &java_enum};
static const struct java_desc day_enum = {
    .name = TYPES "DayTimeIntervalType$DayTimeResolution", .flags = SC_ENUM | SC_SERIALIZABLE, .super = &java_enum};
static const struct java_desc logical = {
    .name = TYPES "LogicalType",
    .uid = 1,
    .flags = SC_SERIALIZABLE,
    .n = 2,
    .fields = {{'Z', "isNullable", NULL}, {'L', "typeRoot", SIGNATURE "LogicalTypeRoot;"}},
};
static const struct java_desc array_list = {.name = "java.util.ArrayList",
                                            .uid = UINT64_C(0x7881d21d99c7619d),
                                            .flags = SC_WRITE_METHOD | SC_SERIALIZABLE,
                                            .n = 1,
                                            .fields = {{'I', "size", NULL}}};
static const struct java_desc row_field = {.name = TYPES "RowType$RowField",
                                           .uid = 1,
                                           .flags = SC_SERIALIZABLE,
                                           .n = 3,
                                           .fields = {{'L', "description", "Ljava/lang/String;"},
                                                      {'L', "name", "Ljava/lang/String;"},
                                                      {'L', "type", SIGNATURE "LogicalType;"}}};

#define PLAIN(cls)                                                               \
    {                                                                            \
        .name = TYPES cls, .uid = 1, .flags = SC_SERIALIZABLE, .super = &logical \
    }
#define ONE(cls, type, field, sig)                                                                                       \
    {                                                                                                                    \
        .name = TYPES cls, .uid = 1, .flags = SC_SERIALIZABLE, .n = 1, .fields = {{type, field, sig}}, .super = &logical \
    }
#define TWO(cls, t1, f1, s1, t2, f2, s2)                                                                                         \
    {                                                                                                                            \
        .name = TYPES cls, .uid = 1, .flags = SC_SERIALIZABLE, .n = 2, .fields = {{t1, f1, s1}, {t2, f2, s2}}, .super = &logical \
    }
#define TYPE SIGNATURE "LogicalType;"
#define KIND SIGNATURE "TimestampKind;"

/* User-defined types; Flink 2.2 and later have a name beside the class, and take it from the class where it is not there. */
static const struct java_desc user_defined = {
    .name = TYPES "UserDefinedType",
    .uid = 1,
    .flags = SC_SERIALIZABLE,
    .n = 3,
    .fields = {{'Z', "isFinal", NULL},
               {'L', "description", "Ljava/lang/String;"},
               {'L', "objectIdentifier", "Lorg/apache/flink/table/catalog/ObjectIdentifier;"}},
    .super = &logical};
static const struct java_desc attribute = {
    .name = TYPES "StructuredType$StructuredAttribute",
    .uid = 1,
    .flags = SC_SERIALIZABLE,
    .n = 3,
    .fields = {{'L', "description", "Ljava/lang/String;"}, {'L', "name", "Ljava/lang/String;"}, {'L', "type", TYPE}}};
static const struct java_desc comparison_enum = {
    .name = TYPES "StructuredType$StructuredComparison", .flags = SC_ENUM | SC_SERIALIZABLE, .super = &java_enum};

/* By root; no name: a type that is not written. */
static const struct java_desc classes[] = {
    [L_CHAR] = ONE("CharType", 'I', "length", NULL),
    [L_VARCHAR] = ONE("VarCharType", 'I', "length", NULL),
    [L_BOOLEAN] = PLAIN("BooleanType"),
    [L_BINARY] = ONE("BinaryType", 'I', "length", NULL),
    [L_VARBINARY] = ONE("VarBinaryType", 'I', "length", NULL),
    [L_DECIMAL] = TWO("DecimalType", 'I', "precision", NULL, 'I', "scale", NULL),
    [L_TINYINT] = PLAIN("TinyIntType"),
    [L_SMALLINT] = PLAIN("SmallIntType"),
    [L_INTEGER] = PLAIN("IntType"),
    [L_BIGINT] = PLAIN("BigIntType"),
    [L_FLOAT] = PLAIN("FloatType"),
    [L_DOUBLE] = PLAIN("DoubleType"),
    [L_DATE] = PLAIN("DateType"),
    [L_TIME] = ONE("TimeType", 'I', "precision", NULL),
    [L_TIMESTAMP] = TWO("TimestampType", 'I', "precision", NULL, 'L', "kind", KIND),
    [L_TIMESTAMP_LTZ] = TWO("LocalZonedTimestampType", 'I', "precision", NULL, 'L', "kind", KIND),
    [L_INTERVAL_YEAR_MONTH] = TWO("YearMonthIntervalType", 'I', "yearPrecision", NULL, 'L', "resolution",
                                  SIGNATURE "YearMonthIntervalType$YearMonthResolution;"),
    [L_INTERVAL_DAY_TIME] = {.name = TYPES "DayTimeIntervalType",
                             .uid = 1,
                             .flags = SC_SERIALIZABLE,
                             .n = 3,
                             .fields = {{'I', "dayPrecision", NULL},
                                        {'I', "fractionalPrecision", NULL},
                                        {'L', "resolution", SIGNATURE "DayTimeIntervalType$DayTimeResolution;"}},
                             .super = &logical},
    [L_ARRAY] = ONE("ArrayType", 'L', "elementType", TYPE),
    [L_MULTISET] = ONE("MultisetType", 'L', "elementType", TYPE),
    [L_MAP] = TWO("MapType", 'L', "keyType", TYPE, 'L', "valueType", TYPE),
    [L_ROW] = ONE("RowType", 'L', "fields", "Ljava/util/List;"),
    [L_STRUCTURED] = {.name = TYPES "StructuredType",
                      .uid = 1,
                      .flags = SC_SERIALIZABLE,
                      .n = 5,
                      .fields = {{'Z', "isInstantiable", NULL},
                                 {'L', "attributes", "Ljava/util/List;"},
                                 {'L', "comparison", SIGNATURE "StructuredType$StructuredComparison;"},
                                 {'L', "implementationClass", "Ljava/lang/Class;"},
                                 {'L', "superType", SIGNATURE "StructuredType;"}},
                      .super = &user_defined},
    [L_RAW] = TWO("RawType", 'L', "clazz", "Ljava/lang/Class;", 'L', "serializer",
                  "Lorg/apache/flink/api/common/typeutils/TypeSerializer;"),
    [L_NULL] = PLAIN("NullType"),
    [L_VARIANT] = PLAIN("VariantType"),
    [L_BITMAP] = PLAIN("BitmapType"),
};

void java_put_desc(struct java_out *o, const struct java_desc *d)
{
    if (!d) {
        wr_u8(o->to, TC_NULL);
        return;
    }
    if (again(o, 'D', d->name))
        return;
    wr_u8(o->to, TC_CLASSDESC);
    wr_utfz(o->to, d->name);
    wr_u64(o->to, d->uid);
    remember(o, 'D', d->name);
    wr_u8(o->to, d->flags);
    wr_u16(o->to, (uint16_t)d->n);
    for (uint32_t i = 0; i < d->n; i++) {
        const struct java_member *f = &d->fields[i];
        wr_u8(o->to, (uint8_t)f->type);
        wr_utfz(o->to, f->name);
        if (!f->signature || again(o, 'S', f->signature))
            continue;
        wr_u8(o->to, TC_STRING);
        remember(o, 'S', f->signature);
        wr_utfz(o->to, f->signature);
    }
    wr_u8(o->to, TC_ENDBLOCKDATA);
    java_put_desc(o, d->super);
}

static void put_constant(struct java_out *o, const struct java_desc *d, const char *name)
{
    if (again(o, 'E', name))
        return;
    wr_u8(o->to, TC_ENUM);
    java_put_desc(o, d);
    remember(o, 'E', name);
    put_string(o, name);
}

void java_begin(struct java_out *o, const struct java_desc *d)
{
    wr_u8(o->to, TC_OBJECT);
    java_put_desc(o, d);
    o->next++;
}

static bool put_fields(struct java_out *o, const struct ltype *t)
{
    const struct java_desc *field = t->root == L_ROW ? &row_field : &attribute;
    java_begin(o, &array_list);
    wr_u32(o->to, t->n);
    wr_u8(o->to, TC_BLOCKDATA);
    wr_u8(o->to, 4);
    wr_u32(o->to, t->n);
    for (uint32_t i = 0; i < t->n; i++) {
        const char *description = t->descriptions ? t->descriptions[i] : NULL;
        java_begin(o, field);
        if (!description)
            wr_u8(o->to, TC_NULL);
        if ((description && !put_string(o, description)) || !put_string(o, t->names[i]) || !java_put_type(o, t->kids[i]))
            return false;
    }
    wr_u8(o->to, TC_ENDBLOCKDATA);
    return true;
}

/* A class that is named, not serialized. */
static void put_class(struct java_out *o, const struct java_desc *d)
{
    wr_u8(o->to, TC_CLASS);
    java_put_desc(o, d);
    o->next++;
}

/* The accumulators of Flink's own functions, whose classes are there: final, instantiable, of no catalog. */
static bool put_structured(struct java_out *o, const struct ltype *t)
{
    static const char functions[] = "org.apache.flink.table.runtime.functions.aggregate.";
    if (!t->cls || t->ident || strncmp(t->cls, functions, sizeof functions - 1) != 0)
        return err_set(o->e, ERR_UNSUPPORTED,
                       "weir cannot make a snapshot with a structured type that is no accumulator of Flink's");
    wr_u8(o->to, 1);
    wr_u8(o->to, TC_NULL);
    wr_u8(o->to, TC_NULL);
    wr_u8(o->to, 1);
    if (!put_fields(o, t))
        return false;
    put_constant(o, &comparison_enum, "NONE");
    put_class(o, &(struct java_desc){.name = t->cls});
    wr_u8(o->to, TC_NULL);
    return true;
}

/* What stands in an accumulator's row for a view, which is a state of its own: NullSerializer (flink-table-runtime, dataview). */
const struct java_desc java_type_serializer = {
    .name = "org.apache.flink.api.common.typeutils.TypeSerializer", .uid = 1, .flags = SC_SERIALIZABLE};
const struct java_desc java_singleton = {.name = "org.apache.flink.api.common.typeutils.base.TypeSerializerSingleton",
                                         .uid = UINT64_C(0x79a987aac72e7745),
                                         .flags = SC_SERIALIZABLE,
                                         .super = &java_type_serializer};
static const struct java_desc null_serializer = {.name = "org.apache.flink.table.dataview.NullSerializer",
                                                 .uid = UINT64_C(0xb550ba4ab363ac5f),
                                                 .flags = SC_SERIALIZABLE,
                                                 .super = &java_singleton};
static const struct java_desc views[] = {{.name = "org.apache.flink.table.api.dataview.MapView"},
                                         {.name = "org.apache.flink.table.api.dataview.ListView"}};

static bool put_view(struct java_out *o, const struct ltype *t)
{
    for (size_t i = 0; i < sizeof views / sizeof *views; i++)
        if (!strcmp(views[i].name, t->cls)) {
            put_class(o, &views[i]);
            java_begin(o, &null_serializer);
            return true;
        }
    return err_set(o->e, ERR_UNSUPPORTED, "weir cannot make a snapshot with a column of the type RAW of %s", t->cls);
}

static bool put_own(struct java_out *o, const struct ltype *t)
{
    switch (t->root) {
    case L_RAW:
        return put_view(o, t);
    case L_CHAR:
    case L_VARCHAR:
    case L_BINARY:
    case L_VARBINARY:
        wr_i32(o->to, t->length);
        return true;
    case L_DECIMAL:
        wr_i32(o->to, t->precision);
        wr_i32(o->to, t->scale);
        return true;
    case L_TIME:
        wr_i32(o->to, t->precision);
        return true;
    case L_TIMESTAMP:
    case L_TIMESTAMP_LTZ:
        wr_i32(o->to, t->precision);
        put_constant(o, &kind_enum, t->kind ? t->kind : "REGULAR");
        return true;
    case L_INTERVAL_YEAR_MONTH:
        wr_i32(o->to, t->precision);
        put_constant(o, &year_enum, t->kind);
        return true;
    case L_INTERVAL_DAY_TIME:
        wr_i32(o->to, t->precision);
        wr_i32(o->to, t->scale);
        put_constant(o, &day_enum, t->kind);
        return true;
    case L_ARRAY:
    case L_MULTISET:
        return java_put_type(o, t->kids[0]);
    case L_MAP:
        return java_put_type(o, t->kids[0]) && java_put_type(o, t->kids[1]);
    case L_ROW:
        return put_fields(o, t);
    case L_STRUCTURED:
        return put_structured(o, t);
    default:
        return true;
    }
}

/* Types are at most 64 levels high. */
bool java_put_type(struct java_out *o, const struct ltype *t)
{
    bool interval = t->root == L_INTERVAL_YEAR_MONTH || t->root == L_INTERVAL_DAY_TIME;
    const struct java_desc *d = t->root < sizeof classes / sizeof *classes && !t->legacy ? &classes[t->root] : NULL;
    if (!d || !d->name || (interval && !t->kind))
        return err_set(o->e, ERR_UNSUPPORTED, "weir cannot make a snapshot with a column of the type %s",
                       t->legacy || !t->root ? t->cls : lroot_name(t->root));
    java_begin(o, d);
    wr_u8(o->to, t->nullable);
    put_constant(o, &root_enum, lroot_name(t->root));
    return put_own(o, t);
}

bool ltype_put(const struct ltype *t, struct buf *to, struct err *e)
{
    struct java_out o = {.to = to, .e = e};
    size_t from = to->n;
    wr_u32(to, JAVA_STREAM);
    bool ok = java_put_type(&o, t);
    if (!ok)
        to->n = from;
    free(o.known);
    return ok;
}

/* --- data types --- */

static const struct java_desc data_type = {.name = "org.apache.flink.table.types.DataType",
                                           .uid = UINT64_C(0xc68ff3149e02836d),
                                           .flags = SC_SERIALIZABLE,
                                           .n = 2,
                                           .fields = {{'L', "conversionClass", "Ljava/lang/Class;"}, {'L', "logicalType", TYPE}}};
static const struct java_desc atomic = {.name = "org.apache.flink.table.types.AtomicDataType",
                                        .uid = UINT64_C(0x1a885329fa7a2332),
                                        .flags = SC_SERIALIZABLE,
                                        .super = &data_type};

/* The default conversion of each type. */
static const struct java_desc conversions[] = {
#define CLASS(name_, uid_)                                             \
    {                                                                  \
        .name = name_, .uid = UINT64_C(uid_), .flags = SC_SERIALIZABLE \
    }
    [L_CHAR] = CLASS("java.lang.String", 0xa0f0a4387a3bb342),
    [L_VARCHAR] = CLASS("java.lang.String", 0xa0f0a4387a3bb342),
    [L_BOOLEAN] = CLASS("java.lang.Boolean", 0xcd207280d59cfaee),
    [L_DECIMAL] = CLASS("java.math.BigDecimal", 0x54c71557f981284f),
    [L_TINYINT] = CLASS("java.lang.Byte", 0x9c4e6084ee50f51c),
    [L_SMALLINT] = CLASS("java.lang.Short", 0x684d37133460da52),
    [L_INTEGER] = CLASS("java.lang.Integer", 0x12e2a0a4f7818738),
    [L_BIGINT] = CLASS("java.lang.Long", 0x3b8be490cc8f23df),
    [L_FLOAT] = CLASS("java.lang.Float", 0xdaedc9a2db3cf0ec),
    [L_DOUBLE] = CLASS("java.lang.Double", 0x80b3c24a296bfb04),
    [L_DATE] = CLASS("java.time.LocalDate", 0x28d617b1d8f33f1e),
    [L_TIME] = CLASS("java.time.LocalTime", 0x5904a8b626e1a4f1),
    [L_TIMESTAMP] = CLASS("java.time.LocalDateTime", 0x56266aa6a95fff2e),
    [L_TIMESTAMP_LTZ] = CLASS("java.time.Instant", 0xf6c2e8f0233a231c),
    [L_BINARY] = CLASS("[B", 0xacf317f8060854e0),
    [L_VARBINARY] = CLASS("[B", 0xacf317f8060854e0),
#undef CLASS
};

/* The classes of the table runtime, where it keeps a value as it is. */
static const struct java_desc internals[] = {
    [L_CHAR] = {.name = "org.apache.flink.table.data.StringData"},
    [L_VARCHAR] = {.name = "org.apache.flink.table.data.StringData"},
    [L_DECIMAL] = {.name = "org.apache.flink.table.data.DecimalData"},
    [L_TIMESTAMP] = {.name = "org.apache.flink.table.data.TimestampData"},
    [L_TIMESTAMP_LTZ] = {.name = "org.apache.flink.table.data.TimestampData"},
};

static const struct java_desc *class_of(const struct ltype *t, enum data_class as)
{
    static const struct java_desc primitive = {.name = "long"};
    const struct ltype number = {.root = t->slot == SLOT_I64 ? L_BIGINT : L_INTEGER};
    if (as == DATA_PRIMITIVE && t->root == L_BIGINT)
        return &primitive;
    if (as == DATA_INTERNAL && t->root < sizeof internals / sizeof *internals && internals[t->root].name)
        return &internals[t->root];
    bool kept_as_number =
        t->root == L_DATE || t->root == L_TIME || t->root == L_INTERVAL_YEAR_MONTH || t->root == L_INTERVAL_DAY_TIME;
    enum lroot root = as == DATA_INTERNAL && kept_as_number ? number.root : t->root;
    return root < sizeof conversions / sizeof *conversions && conversions[root].name ? &conversions[root] : NULL;
}

/* Of arrays, `as` is for the elements: they themselves are lists, or arrays where those are primitive. */
static bool put_data_type(struct java_out *o, const struct ltype *t, enum data_class as)
{
    static const struct java_desc list = {.name = "java.util.List"};
    static const struct java_desc longs = {.name = "[J", .uid = UINT64_C(0x782004b512b17593), .flags = SC_SERIALIZABLE};
    static const struct java_desc collection = {.name = "org.apache.flink.table.types.CollectionDataType",
                                                .uid = UINT64_C(0x2234d21ded6ca2b7),
                                                .flags = SC_SERIALIZABLE,
                                                .n = 1,
                                                .fields = {{'L', "elementDataType", "Lorg/apache/flink/table/types/DataType;"}},
                                                .super = &data_type};
    bool array = t->root == L_ARRAY;
    const struct java_desc *class = !array ? class_of(t, as) : as == DATA_PRIMITIVE ? &longs : &list;
    if (!class)
        return err_set(o->e, ERR_UNSUPPORTED, "weir cannot make a state of the external type %s", lroot_name(t->root));
    java_begin(o, array ? &collection : &atomic);
    put_class(o, class);
    return java_put_type(o, t) && (!array || put_data_type(o, t->kids[0], as));
}

bool ltype_put_data_type(const struct ltype *t, enum data_class as, struct buf *to, struct err *e)
{
    struct java_out o = {.to = to, .e = e};
    size_t from = to->n;
    wr_u32(to, JAVA_STREAM);
    bool ok = put_data_type(&o, t, as);
    if (!ok)
        to->n = from;
    free(o.known);
    return ok;
}
