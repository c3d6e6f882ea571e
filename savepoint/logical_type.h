/* Flink SQL's logical types (flink-table-common, org.apache.flink.table.types.logical), as RowData serializers keep them in their
 * snapshots: Java objects. Fields are taken by name; seen in Flink 1.15 to 2.3. */
#ifndef WEIR_SAVEPOINT_LOGICAL_TYPE_H
#define WEIR_SAVEPOINT_LOGICAL_TYPE_H

#include "base/err.h"
#include "base/mem.h"
#include "savepoint/javaobj.h"

/* LogicalTypeRoot: its name in Flink, how a value of it lies in binary rows and arrays, and the bytes of an array element
 * (BinaryArrayData#calculateFixLengthPartSize; a row's slot is always 8). */
#define LROOTS(X)                                                                                        \
    X(L_UNKNOWN, "", SLOT_NONE, 8) /* no type that weir knows: cls  */                                   \
    X(L_CHAR, "CHAR", SLOT_TEXT, 8)                                                                      \
    X(L_VARCHAR, "VARCHAR", SLOT_TEXT, 8)                                                                \
    X(L_BOOLEAN, "BOOLEAN", SLOT_BOOLEAN, 1)                                                             \
    X(L_BINARY, "BINARY", SLOT_BYTES, 8)                                                                 \
    X(L_VARBINARY, "VARBINARY", SLOT_BYTES, 8)                                                           \
    X(L_DECIMAL, "DECIMAL", SLOT_DECIMAL, 8)                                                             \
    X(L_TINYINT, "TINYINT", SLOT_I8, 1)                                                                  \
    X(L_SMALLINT, "SMALLINT", SLOT_I16, 2)                                                               \
    X(L_INTEGER, "INTEGER", SLOT_I32, 4)                                                                 \
    X(L_BIGINT, "BIGINT", SLOT_I64, 8)                                                                   \
    X(L_FLOAT, "FLOAT", SLOT_FLOAT, 4)                                                                   \
    X(L_DOUBLE, "DOUBLE", SLOT_DOUBLE, 8)                                                                \
    X(L_DATE, "DATE", SLOT_I32, 4)                                                                       \
    X(L_TIME, "TIME_WITHOUT_TIME_ZONE", SLOT_I32, 4)                                                     \
    X(L_TIMESTAMP, "TIMESTAMP_WITHOUT_TIME_ZONE", SLOT_TIMESTAMP, 8)                                     \
    X(L_TIMESTAMP_TZ, "TIMESTAMP_WITH_TIME_ZONE", SLOT_NONE, 8)                                          \
    X(L_TIMESTAMP_LTZ, "TIMESTAMP_WITH_LOCAL_TIME_ZONE", SLOT_TIMESTAMP, 8)                              \
    X(L_INTERVAL_YEAR_MONTH, "INTERVAL_YEAR_MONTH", SLOT_I32, 4)                                         \
    X(L_INTERVAL_DAY_TIME, "INTERVAL_DAY_TIME", SLOT_I64, 8)                                             \
    X(L_ARRAY, "ARRAY", SLOT_ARRAY, 8)                                                                   \
    X(L_MULTISET, "MULTISET", SLOT_MAP, 8)                                                               \
    X(L_MAP, "MAP", SLOT_MAP, 8)                                                                         \
    X(L_ROW, "ROW", SLOT_ROW, 8)                                                                         \
    X(L_DISTINCT, "DISTINCT_TYPE", SLOT_NONE, 8) /* slot, width: the source type's */                    \
    X(L_STRUCTURED, "STRUCTURED_TYPE", SLOT_ROW, 8)                                                      \
    X(L_NULL, "NULL", SLOT_NONE, 8)                                                                      \
    X(L_RAW, "RAW", SLOT_RAW, 8)                                                                         \
    X(L_SYMBOL, "SYMBOL", SLOT_NONE, 8)                                                                  \
    X(L_UNRESOLVED, "UNRESOLVED", SLOT_NONE, 8) /* in no snapshot: its identifier is not serializable */ \
    X(L_DESCRIPTOR, "DESCRIPTOR", SLOT_NONE, 8)                                                          \
    X(L_VARIANT, "VARIANT", SLOT_VARIANT, 8)                                                             \
    X(L_BITMAP, "BITMAP", SLOT_BYTES, 8)

enum lroot {
#define X(id, name, slot, width) id,
    LROOTS(X)
#undef X
};

enum lslot {
    SLOT_NONE,
    SLOT_BOOLEAN,
    SLOT_I8,
    SLOT_I16,
    SLOT_I32,
    SLOT_I64,
    SLOT_FLOAT,
    SLOT_DOUBLE,
    SLOT_TEXT,
    SLOT_BYTES,
    SLOT_DECIMAL,
    SLOT_TIMESTAMP,
    SLOT_ARRAY,
    SLOT_MAP,
    SLOT_ROW,
    SLOT_RAW,
    SLOT_VARIANT
};

struct ltype {
    enum lroot root;
    enum lslot slot;
    uint8_t width; /* bytes of an array element */
    bool nullable;
    bool legacy;              /* LegacyTypeInformationType */
    uint8_t height;           /* levels of types below, 0 for one without kids */
    int32_t length;           /* CHAR, VARCHAR, BINARY, VARBINARY; 2147483647: without limit */
    int32_t precision, scale; /* DECIMAL 1..38, 0..precision; TIME, TIMESTAMP*: precision 0..9; intervals: precision of days or
                                   years, and of the second's fraction */
    const char *kind;         /* TIMESTAMP*: "REGULAR", "ROWTIME" or "PROCTIME"; intervals: the resolution, "DAY_TO_SECOND" */
    const char *ident;        /* DISTINCT, STRUCTURED: `catalog`.`database`.`object`, or NULL */
    const char *cls;          /* RAW, STRUCTURED without ident, legacy: the Java class; L_UNKNOWN: what it says it is */
    uint32_t n;
    const struct ltype **kids; /* ARRAY, MULTISET: element; MAP: key, value (MULTISET: an INT as second); ROW, STRUCTURED: fields;
                                   DISTINCT: source */
    const char **names;        /* ROW, STRUCTURED: n names, else NULL */
    const char **descriptions; /* likewise; NULL where a field has none */
};

/* From the object of a LogicalType. Never NULL: what is no type that weir knows, or nested deeper than 64, becomes
 * L_UNKNOWN. Types that an object refers to twice are the same `struct ltype` twice; there are no cycles. */
const struct ltype *ltype_of(struct jobj *o, struct arena *a);

enum ltype_style {
    LTYPE_SQL,    /* LogicalType#asSerializableString (of Flink 2.3), with '...' for a RAW type's serializer */
    LTYPE_SUMMARY /* LogicalType#asSummaryString: STRING, BYTES, TIMESTAMP_LTZ, *ROWTIME* */
};
/* Appends the type's text, ending in "…" where it would make more than `limit` bytes in b (types of hostile files can repeat). */
void ltype_text(const struct ltype *t, enum ltype_style style, size_t limit, struct buf *b);

/* Types made anew, nullable. length of CHAR, VARCHAR, BINARY, VARBINARY (0: without limit); precision, scale as above. NULL: the numbers make no
 * sense, or it is none of these. */
struct ltype *ltype_make(struct arena *a, enum lroot root, int32_t length, int32_t precision, int32_t scale);
/* ARRAY, MULTISET: an element; MAP: key, value; ROW: n fields with names. Kids are shared. */
struct ltype *ltype_nest(struct arena *a, enum lroot root, const struct ltype *const *kids, const char *const *names, uint32_t n);
/* The same type: what LogicalType#equals compares, names of fields included. */
bool ltype_same(const struct ltype *a, const struct ltype *b);

/* Appends the type as a Java object, as Flink 1.15 to 2.3 read it. ERR_UNSUPPORTED: RAW, legacy and unknown types, whose objects hold
 * classes and serializers. */
bool ltype_put(const struct ltype *t, struct buf *to, struct err *e);
/* The serializer that the table runtime has for the type, in the same way. */
bool ltype_put_serializer(const struct ltype *t, struct buf *to, struct err *e);
/* A column that rows are ordered by. */
struct sort_field {
    const struct ltype *type;
    bool ascending, nulls_last;
};
/* What compares rows of those columns (ComparableRecordComparator). */
bool comparator_put(const struct sort_field *by, uint32_t n, struct buf *to, struct err *e);

/* Java's classes of values: by default, as the table runtime has them, or long. */
enum data_class { DATA_DEFAULT, DATA_INTERNAL, DATA_PRIMITIVE };
/* The same of a DataType (flink-table-common, org.apache.flink.table.types): a type without parts, or a list (of primitives: an array) of such. */
bool ltype_put_data_type(const struct ltype *t, enum data_class as, struct buf *to, struct err *e);

/* The name in Flink, "TIMESTAMP_WITH_LOCAL_TIME_ZONE". */
const char *lroot_name(enum lroot r);

#endif
