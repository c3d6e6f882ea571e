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
    bool changelog; /* {"data": {…}, "op": "+I"} around the row */
    bool lenient; /* json.ignore-parse-errors: what is no value of its type is NULL; a text that is no JSON is wrong all the same */
    bool by_count;         /* behind as many members as there are columns, no more of them are looked at */
    bool all_fields;       /* json.fail-on-missing-field */
    bool iso;              /* json.timestamp-format.standard = ISO-8601: T between date and time */
    struct json_key *keys; /* JSON_KEYS, zeroed: the members of the line before */
};

/* One line into the row of cols; what does not lie in the line goes to `heap`. False: ERR_CONVERT says what is wrong with it. */
bool json_rows_line(struct json_rows *r, struct scratch *heap, struct bytes line, struct vec *cols, uint32_t row,
                    enum row_kind *kind, struct err *e);
/* The rows of a line that is an array of them: where the next one is, from `line` on, which is shortened. False: there is none. *bad: it is no JSON. */
bool json_rows_next(struct bytes *line, struct bytes *one, bool *bad);

#endif
