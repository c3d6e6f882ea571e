/* An Avro schema (JSON, Avro 1.8 to 1.12) as a tree that values are read by. */
#ifndef WEIR_SAVEPOINT_AVRO_SCHEMA_H
#define WEIR_SAVEPOINT_AVRO_SCHEMA_H

#include "base/mem.h"

/* Limits: the JSON text of one schema, the nesting and the number of its named types. */
enum { AVRO_MAX_SCHEMA = 1 << 20, AVRO_MAX_DEPTH = 100, AVRO_MAX_NAMED = 2000 };

enum avro_kind {
    AVRO_NULL,
    AVRO_BOOLEAN,
    AVRO_INT,
    AVRO_LONG,
    AVRO_FLOAT,
    AVRO_DOUBLE,
    AVRO_BYTES,
    AVRO_STRING, /* in this order in avro_schema.c */
    AVRO_RECORD,
    AVRO_ENUM,
    AVRO_FIXED,
    AVRO_ARRAY,
    AVRO_MAP,
    AVRO_UNION
};

/* The logicalType attribute, where it stands on a type that it fits. */
enum avro_logical {
    AVRO_PLAIN,
    AVRO_DATE,
    AVRO_TIME_MILLIS,
    AVRO_TIME_MICROS,
    AVRO_TIMESTAMP_MILLIS,
    AVRO_TIMESTAMP_MICROS,
    AVRO_TIMESTAMP_NANOS,
    AVRO_LOCAL_MILLIS,
    AVRO_LOCAL_MICROS,
    AVRO_LOCAL_NANOS,
    AVRO_DECIMAL
};

struct avro {
    enum avro_kind kind;
    enum avro_logical logical;
    uint32_t size;             /* fixed: bytes */
    int32_t scale;             /* decimal */
    const char *name;          /* record, enum, fixed: the full name */
    uint32_t n;                /* record: fields, union: branches, enum: symbols; array and map: 1 */
    const struct avro **types; /* n; NULL for enums. A record may contain itself */
    const char **names;        /* record: field names, enum: symbols */
    const char **defaults;     /* record: each field's default as JSON text, NULL: it has none; enum: one, likewise */
    const char ***aliases;     /* record: each field's former names, NULL-ended; NULL: none */
};

/* Parses n bytes of JSON into the arena. NULL: *why says what is wrong with it (a static sentence). */
const struct avro *avro_parse(const char *json, size_t n, struct arena *a, const char **why);

/* The schema's text with another full name for a type, wherever it is defined or referred to. NULL: it has no such type, or is no schema. */
const char *avro_rename(const char *json, const char *from, const char *to, struct arena *a);

#endif
