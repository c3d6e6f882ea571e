/* A value of JSON as one of a type. */
#ifndef WEIR_RUNTIME_JSON_VALUES_H
#define WEIR_RUNTIME_JSON_VALUES_H

#include "base/err.h"
#include "runtime/json_scan.h"

/* Types whose values can be read. False: which one cannot, into e. */
bool json_can(const struct ltype *t, struct err *e);
/* False: in->why. Where `lenient`, what is wrong with a value counts as NULL, unless it is no JSON either; an object or array where a number or
 * text must be is NULL as a whole (Flink's parser goes on inside of it). */
bool json_value(struct json_in *in, const struct ltype *t, union cell *v, uint8_t *null);

#endif
