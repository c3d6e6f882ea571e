/* Values of Flink SQL in their binary forms (flink-table-runtime: BinaryRowData, BinaryArrayData, BinaryMapData, little-endian) and
 * how they are shown. Nothing is allocated; every offset and length is checked against the bytes it must lie in, and the variable
 * parts of a row or array must not take more bytes together than it has, so that work stays in proportion to size. */
#ifndef WEIR_SAVEPOINT_ROWDATA_H
#define WEIR_SAVEPOINT_ROWDATA_H

#include "base/rd.h"
#include "savepoint/logical_type.h"
#include "savepoint/sink.h"

struct ltypes {
    uint32_t n;
    const struct ltype **types;
};

/* b: the whole row, array or map. r is only told of faults and limits nesting; its position does not change unless it fails. */
void rowdata_row(struct rd *r, struct bytes b, const struct ltypes *t, struct sink *out);
void rowdata_array(struct rd *r, struct bytes b, const struct ltype *element, struct sink *out);
void rowdata_map(struct rd *r, struct bytes b, const struct ltype *key, const struct ltype *value, struct sink *out);

/* StringData: bytes that should be UTF-8; malformed ones show as U+FFFD, as in Java. */
void rowdata_text(const uint8_t *p, size_t n, struct sink *out);
/* DecimalData#toString of at most 18 digits, scale 0..38. */
void rowdata_decimal(int64_t unscaled, int scale, struct sink *out);
/* TimestampData#toString; nanos: of the millisecond, 0..999999, or r fails. */
void rowdata_timestamp(struct rd *r, int64_t ms, int32_t nanos, struct sink *out);
/* BinaryRawValueData: {"$class", "$string", "$hex": i32 length and the bytes}. */
void rowdata_raw(const uint8_t *p, uint32_t n, struct sink *out);
/* BinaryVariant, shaped as read_variant shapes it. */
void rowdata_variant(struct bytes value, struct bytes metadata, struct sink *out);

/* "+I", "-U", "+U", "-D"; NULL for another byte. */
const char *rowdata_kind(uint8_t kind);

#endif
