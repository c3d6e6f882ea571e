/* What the formats of JSON have in common: json and changelog-json (format_json.c), debezium-json. */
#ifndef WEIR_RUNTIME_JSON_FORMAT_H
#define WEIR_RUNTIME_JSON_FORMAT_H

#include "base/jsonw.h"
#include "runtime/conn.h"
#include "runtime/json_rows.h"

/* Reading the table's rows, by the options of the format in use. */
bool json_format_rows(struct op *o, struct source *s, struct json_rows *r, struct err *e);
/* Whether rows can be written by those options. */
bool json_format_writer(struct op *o, struct table_sink *s, struct err *e);
/* A row as an object. */
void json_format_put(struct jsonw *w, const struct table_sink *s, const struct batch *b, uint32_t row);

#endif
