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

/* "ROW<INT, STRING>", cut at the limit. */
const char *rowdata_label(struct arena *a, const struct ltypes *t, size_t limit);

/* "+I", "-U", "+U", "-D"; NULL for another byte. */
const char *rowdata_kind(uint8_t kind);

/* --- the other side (codec_rowdata_write.c) --- */

struct enc;
struct value;
/* Append the whole form, without a length in front. names: of a row's fields, where its type says them, or NULL. */
void rowdata_put_row(struct enc *w, const struct ltypes *t, const char *const *names, const struct value *v);
void rowdata_put_array(struct enc *w, const struct ltype *element, const struct value *v);
void rowdata_put_map(struct enc *w, const struct ltype *key, const struct ltype *val, const struct value *v);
/* The unscaled value of a decimal that must fit, two's complement, big-endian; false: w has failed. As a long: of at most 8 bytes. */
bool rowdata_unscaled(struct enc *w, const struct value *v, int precision, int scale, struct buf *to);
int64_t rowdata_long(struct bytes unscaled);
/* A timestamp's text; nanos: of the millisecond. */
bool rowdata_instant(struct enc *w, const struct value *v, int precision, int64_t *ms, int32_t *nanos);
/* The bytes of a raw value {"$hex"}, without their length. */
bool rowdata_raw_bytes(struct enc *w, const struct value *v, struct buf *scratch, struct bytes *to);

#endif
