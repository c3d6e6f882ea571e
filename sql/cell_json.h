/* Values as JSON, in one of two forms.
 *
 * Typed: what `--format ndjson` prints, and what plans and tests hold.
 *
 * BOOLEAN true or false; integers exactly; FLOAT, DOUBLE as Java prints them, or "NaN", "Infinity", "-Infinity"; DECIMAL a text with the
 * type's scale; texts; BINARY, VARBINARY in Base64; DATE "yyyy-MM-dd"; TIME "HH:mm:ss[.fff]"; TIMESTAMP "yyyy-MM-dd HH:mm:ss[.f]" with
 * the type's digits, TIMESTAMP_LTZ the same in UTC with Z; intervals as months or milliseconds; ARRAY a list; MAP a list of [key, value]
 * in the order of their texts, MULTISET of [element, count]; ROW an object; BITMAP {"$bitmap": Base64}.
 *
 * Flink's: as flink-json 2.3 writes rows (RowDataToJsonConverters): the same but for decimals, which are numbers, fractions of seconds,
 * which have as many digits as they need, and maps, which are objects. */
#ifndef WEIR_SQL_CELL_JSON_H
#define WEIR_SQL_CELL_JSON_H

#include "base/err.h"
#include "base/jsonw.h"
#include "sql/batch.h"

enum cell_json_form { CELL_JSON_TYPED, CELL_JSON_FLINK };
void cell_json(struct jsonw *w, enum cell_json_form form, const struct ltype *t, union cell v, bool null);
/* The other way, for the typed form; also literals of plans (numbers in texts, intervals in texts). What is pointed to lives in `to`, texts in the value.
 * ERR_CORRUPT: no such value. */
bool cell_of_json(struct scratch *to, const struct ltype *t, const struct value *v, union cell *out, uint8_t *null, struct err *e);

#endif
