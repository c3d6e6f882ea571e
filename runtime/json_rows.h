/* Rows out of lines of JSON, by the types of their columns (flink-json 2.3, JsonParserToRowDataConverters; timestamps in SQL's form). Names that
 * are no column are skipped, columns that are not there are NULL.
 *
 * Nothing is built but the row: texts without escapes point into the line. */
#ifndef WEIR_RUNTIME_JSON_ROWS_H
#define WEIR_RUNTIME_JSON_ROWS_H

#include "base/err.h"
#include "sql/batch.h"

enum { JSON_KEYS = 64, JSON_KEY_BYTES = 56 };

/* A member's name as it stood, from its quote to its colon, at this place among the members of a line: lines are mostly alike. */
struct json_key {
    uint32_t n; /* bytes; 0: none yet */
    uint32_t column;
    uint8_t text[JSON_KEY_BYTES];
};

struct json_rows {
    uint32_t n;
    const char *const *names; /* of the wanted columns */
    const struct ltype *const *types;
    bool changelog;        /* {"data": {…}, "op": "+I"} around the row */
    bool iso;              /* json.timestamp-format.standard = ISO-8601: T between date and time */
    struct json_key *keys; /* JSON_KEYS, zeroed: the members of the line before */
};

/* Types whose values can be read. False: which one cannot, into e (ERR_UNSUPPORTED). */
bool json_rows_can(const struct ltype *t, struct err *e);
/* One line into the row of cols; what does not lie in the line goes to `heap`. False: ERR_CONVERT says what is wrong with it. */
bool json_rows_line(struct json_rows *r, struct scratch *heap, struct bytes line, struct vec *cols, uint32_t row,
                    enum row_kind *kind, struct err *e);

#endif
