/* Flink SQL's logical types, as texts and as the JSON of compiled plans; which are alike. The types themselves are struct ltype of
 * savepoint/logical_type.h: what a plan says and what a snapshot says are one thing.
 *
 * Everything made here lives in the caller's arena and is never changed afterwards; kids may be shared. */
#ifndef WEIR_SQL_TYPES_H
#define WEIR_SQL_TYPES_H

#include "base/err.h"
#include "base/mem.h"
#include "savepoint/logical_type.h"
#include "savepoint/value.h"

enum { TYPE_MAX_LENGTH = 2147483647, TYPE_MAX_NESTING = 64 };

/* --- making them. Defaults are Flink's: nullable, not a time attribute. --- */

const struct ltype *type_simple(struct arena *a, enum lroot root, bool nullable); /* no parameters, or the root's default ones */
const struct ltype *type_length(struct arena *a, enum lroot root, int32_t length,
                                bool nullable); /* CHAR, VARCHAR, BINARY, VARBINARY */
const struct ltype *type_decimal(struct arena *a, int32_t precision, int32_t scale, bool nullable);
/* TIME, TIMESTAMP, TIMESTAMP_LTZ, TIMESTAMP_TZ; kind: NULL, "ROWTIME" or "PROCTIME". */
const struct ltype *type_time(struct arena *a, enum lroot root, int32_t precision, const char *kind, bool nullable);
/* L_ARRAY, L_MULTISET: second is NULL; L_MAP: key and value. */
const struct ltype *type_of_kids(struct arena *a, enum lroot root, const struct ltype *first, const struct ltype *second,
                                 bool nullable);
/* The arrays are not copied. */
const struct ltype *type_row(struct arena *a, const char **names, const struct ltype **kids, uint32_t n, bool nullable);
/* The same type with that nullability; t itself when it is so already. */
const struct ltype *type_nullable(struct arena *a, const struct ltype *t, bool nullable);

/* --- texts --- */

/* Reads "DECIMAL(10, 2) NOT NULL" as Flink's LogicalTypeParser (flink-table-common 2.3) does, Calcite's spellings (DATETIME no, STRING,
 * BYTES, NUMERIC, TIMESTAMP_LTZ yes) included. NULL: ERR_CORRUPT says what was expected. */
const struct ltype *type_parse(struct arena *a, const char *text, size_t n, struct err *e);
/* A type of SQL at the beginning of a longer text, where VARCHAR and VARBINARY alone have no limit; *used: how far it goes. */
const struct ltype *type_parse_some(struct arena *a, const char *text, size_t n, size_t *used, struct err *e);

/* --- compiled plans (flink-table-planner, LogicalTypeJsonSerializer) --- */

/* From a member that holds a type: a text, or an object where a text cannot say it (time attributes, SYMBOL, CHAR(0)). */
const struct ltype *type_of_json(struct arena *a, const struct value *v, struct err *e);
/* The other way: the compact form wherever Flink uses it. */
struct value type_json(struct arena *a, const struct ltype *t);

/* --- asking --- */

bool type_is_text(const struct ltype *t);      /* CHAR, VARCHAR */
bool type_is_bytes(const struct ltype *t);     /* BINARY, VARBINARY */
bool type_is_integer(const struct ltype *t);   /* TINYINT to BIGINT */
bool type_is_real(const struct ltype *t);      /* FLOAT, DOUBLE */
bool type_is_number(const struct ltype *t);    /* integers, reals, DECIMAL */
bool type_is_timestamp(const struct ltype *t); /* TIMESTAMP, TIMESTAMP_LTZ */
bool type_is_rowtime(const struct ltype *t);
bool type_is_proctime(const struct ltype *t);
bool type_is_row(const struct ltype *t); /* ROW, STRUCTURED */

/* The same type; nullability at any level is not looked at when `lax`. */
bool type_same(const struct ltype *a, const struct ltype *b, bool lax);

/* "DECIMAL(10, 2)" for messages, at most ~200 bytes; in the arena. */
const char *type_label(struct arena *a, const struct ltype *t);

#endif
