/* Rows as lines of JSON, as flink-json 2.3 writes them (RowDataToJsonConverters): numbers as numbers, decimals too, timestamps in SQL's form. */
#ifndef WEIR_RUNTIME_JSON_OUT_H
#define WEIR_RUNTIME_JSON_OUT_H

#include "base/jsonw.h"
#include "sql/batch.h"

void json_out_cell(struct jsonw *w, const struct ltype *t, union cell v, bool null);

#endif
