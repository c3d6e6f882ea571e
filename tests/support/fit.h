/* A value as another type would have it, for tests: fields by their names, new ones 0, false or null. */
#ifndef WEIR_TESTS_SUPPORT_FIT_H
#define WEIR_TESTS_SUPPORT_FIT_H

#include "savepoint/value.h"

struct ser;

struct value fit(struct arena *a, const struct ser *to, struct value v);
/* A user key for the i-th element of a list that becomes a map. */
struct value fit_key(struct arena *a, const struct ser *to, uint32_t i);

#endif
