/* Java's and Flink's primitive forms: modified UTF-8, StringValue, BigInteger; Java's printed forms of numbers and dates. */
#ifndef WEIR_SAVEPOINT_JAVAIO_H
#define WEIR_SAVEPOINT_JAVAIO_H

#include "base/mem.h"
#include "base/rd.h"
#include "savepoint/sink.h"

/* DataInput#readUTF: u16 byte count, modified UTF-8. A copy as UTF-8 in the arena; "" when r fails. */
const char *java_utf(struct rd *r, struct arena *a);
/* Modified UTF-8 bytes to UTF-8 (WTF-8 for lone surrogates), appended to b. False: malformed. */
bool java_mutf8(struct buf *b, const uint8_t *p, size_t n);
/* One UTF-16 unit appended as WTF-8; a low surrogate joins the high one that stands at the end of b (not before `from`). */
void java_unit(struct buf *b, size_t from, uint16_t unit);

/* StringValue#readString (flink-core): length + 1 and UTF-16 units, all 7 bits a byte. Reports text or null. */
void java_flink_string(struct rd *r, struct sink *out);
/* StringValue#read: the same with the plain length and no null. */
void java_string_value(struct rd *r, struct sink *out);
/* The same into the arena; NULL for Java's null (or failure). */
const char *java_flink_str(struct rd *r, struct arena *a);

/* A two's complement big-endian integer of n bytes (n >= 1) as decimal digits; `scale` digits behind the point, as
 * BigDecimal#toString writes it (scientific form where Java uses it). Reported as text. At most 64 KiB of bytes. */
void java_decimal(struct sink *out, const uint8_t *p, size_t n, int32_t scale);
/* The same without an exponent (BigDecimal#toPlainString), as DecimalData prints. */
void java_decimal_plain(struct sink *out, const uint8_t *p, size_t n, int32_t scale);

/* java.time's toString forms. */
void java_local_date(struct buf *b, int64_t year, int month, int day);
void java_local_time(struct buf *b, int h, int m, int s, int32_t nanos);
void java_instant(struct buf *b, int64_t seconds, int32_t nanos);
/* LocalDateTime#toString of an epoch second and nanos, UTC. */
void java_local_datetime(struct buf *b, int64_t seconds, int32_t nanos);
/* LocalDate of an epoch day. */
void java_epoch_day(struct buf *b, int64_t day);

/* Double#toString / Float#toString: the shortest decimal that reads back the same, in Java's layout ("1.0", "1.5E10"). NaN and
 * infinities as Java names them. Returns the length; `to` has room for 32 bytes. */
size_t java_real(char *to, double v, bool single);

#endif
