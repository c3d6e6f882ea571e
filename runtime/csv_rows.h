/* Rows out of lines of CSV (flink-csv 2.3, CsvToRowDataConverters): fields by their places, quoted where they must be; a quoted field does not
 * go over the end of a line here. Fields that are not there are NULL. */
#ifndef WEIR_RUNTIME_CSV_ROWS_H
#define WEIR_RUNTIME_CSV_ROWS_H

#include "sql/cast.h"

struct csv_rows {
    uint32_t n_fields;                /* of the table */
    const int32_t *column;            /* of each field: the wanted column, or -1 */
    const struct ltype *const *types; /* of the wanted columns, n of them */
    uint32_t n;
    const struct caster **casts;
    char delimiter, quote;    /* quote 0: none */
    const char *null_literal; /* NULL: no text stands for NULL */
};

/* Types whose values can be read; prepares the casts. False: which one cannot (ERR_UNSUPPORTED). */
bool csv_rows_open(struct csv_rows *r, struct arena *a, struct err *e);
/* One line into the row of cols. Texts without quotes point into the line. False: ERR_CONVERT says what is wrong. */
bool csv_rows_line(struct csv_rows *r, struct eval *ev, struct bytes line, struct vec *cols, uint32_t row, struct err *e);

#endif
