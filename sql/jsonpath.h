/* JSON paths of Flink SQL: "lax $.a[0].b", "strict $..c" (SqlJsonUtils of flink-table-runtime 2.3, over Jayway's JsonPath): members, elements by
 * number (from the end when negative), ranges of them, [*], .*, and .. for any depth. */
#ifndef WEIR_SQL_JSONPATH_H
#define WEIR_SQL_JSONPATH_H

#include "savepoint/value.h"

struct jsonpath;

/* NULL: e says what is wrong, or what is not there (filters: ERR_UNSUPPORTED). */
const struct jsonpath *jsonpath_parse(struct arena *a, const char *text, size_t n, struct err *e);
bool jsonpath_strict(const struct jsonpath *p);
/* What the path finds in v, into the arena; a path that may find several gives a list. False: nothing is there. */
bool jsonpath_find(const struct jsonpath *p, struct arena *a, const struct value *v, struct value *to);

#endif
