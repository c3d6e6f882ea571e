/* Avro's rules of schema resolution (org.apache.avro.SchemaCompatibility of Avro 1.11), and what Flink makes of them. */
#ifndef WEIR_INSPECT_COMPAT_AVRO_H
#define WEIR_INSPECT_COMPAT_AVRO_H

#include <stdbool.h>

#include "base/mem.h"
#include "savepoint/avro_schema.h"

/* Equal but for documentation and aliases, as Schema#equals. */
bool avro_equal(const struct avro *a, const struct avro *b, struct arena *arena);

/* Can data of `writer` be read as `reader`? NULL: yes; else a sentence that names the place. */
const char *avro_resolve(const struct avro *reader, const struct avro *writer, struct arena *arena);

/* Can a GenericRecord read with schema `old` be written with schema `new`, as RocksDB's migration does it? GenericDatumWriter takes
 * fields by position and branches of unions by type. NULL: yes; else a sentence. *mixed: yes, but fields get other fields' values. */
const char *avro_rewrite(const struct avro *new, const struct avro *old, const char **mixed, struct arena *arena);

#endif
