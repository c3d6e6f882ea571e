/* From a value (value.h) to the bytes that Flink's serializer would write: the other side of ser_read.
 *
 * Values are held against the serializer as it is told by its snapshot, with checked conversions where nothing is lost:
 *
 *   numbers       an int from a whole number in range or a text of digits, a real from any number (a float is rounded, but never to
 *                 infinity). A fraction is no int; a number is no text
 *   decimals      from a text of digits, an int or a real (by its shortest digits); BigDecimal takes the scale as written, DECIMAL(p, s)
 *                 must hold all digits
 *   dates, times  the text that a dump prints ("2024-02-29", "12:30", "2024-02-29T12:30:00.500", "…Z", "ms:1700000000000",
 *                 "ts:1700000000123:123000000")
 *   bytes         bytes, or text "hex:…"
 *   enums         the constant's name
 *   POJO, Avro    an object; members by name. A missing one is null (POJO) or its default (Avro). "$class", "$avro" may be left out
 *   Row, RowData  {"$row": "+I", "fields": […]}, or a list of the fields (then +I); RowData with names: an object of them
 *   Tuple         a list
 *   maps          a map, or a list of pairs; Either {"left": …} or {"right": …}; Ttl {"$ttl": ms, "value": …}
 *
 * What does not fit is ERR_CONVERT: one sentence with the path of the field ("orders[3].price: 300 does not fit into a byte"). What weir
 * cannot write (classes that only Kryo knows and such) is ERR_UNSUPPORTED. A value that was decoded by the same serializer and not
 * replaced always encodes. */
#ifndef WEIR_SAVEPOINT_VALUE_ENCODE_H
#define WEIR_SAVEPOINT_VALUE_ENCODE_H

#include "base/err.h"
#include "savepoint/keyed.h"
#include "savepoint/value.h"

/* Appends the value's bytes to out; nothing when it fails. */
bool value_encode(const struct ser *s, const struct value *v, struct buf *out, struct err *e);

/* The value bytes of an entry of that form (keyed.h): FORM_LIST_DELIM, FORM_LIST_COUNT of a list, FORM_MAP_ENTRY of one map value (which may
 * be null), FORM_MAP_COUNT of a whole map, FORM_TIMER of {"key", "ns", "timestamp"}. The writer takes any of them (writer.h). */
bool value_encode_as(const struct state_info *info, enum entry_form form, const struct value *v, struct buf *out, struct err *e);

/* The value of an entry as a tree, in the shape that value_encode_as takes: an element (FORM_VALUE), a list, one map value, a whole map, or a
 * timer. Key, namespace and user key: value_decode, by their serializers. */
bool value_decode_as(struct value_sink *to, const struct entry *en, struct value *v, struct err *e);

/* The same for what stands in operator state for a whole broadcast state: a map. */
bool value_decode_broadcast(struct value_sink *to, const struct state_info *info, struct bytes b, struct value *v, struct err *e);
bool value_encode_broadcast(const struct state_info *info, const struct value *v, struct buf *out, struct err *e);

#endif
