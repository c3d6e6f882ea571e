/* Values of one type as values of another, checked: what would lose digits or is no such value is ERR_CONVERT. */
#ifndef WEIR_MIGRATE_CAST_H
#define WEIR_MIGRATE_CAST_H

#include "migrate/expr.h"

/* CAST(… AS type). */
bool cast_value(const struct value *from, enum typing_class cf, const struct type *to, struct arena *a, struct value *v,
                struct err *e);
/* The same by kind; ranges and precisions are left to whoever encodes the value. CLASS_ANY and structures: as it is. */
bool cast_to_class(const struct value *from, enum typing_class cf, enum typing_class to, struct arena *a, struct value *v,
                   struct err *e);
/* Of a structure: the list of its fields, or the object; a SQL row and a Row have them one level below. */
struct value *value_fields(struct value *v);
/* What the word of a type means here; CLASS_ANY: nothing. */
enum typing_class class_of_type(const struct type *t);
/* Dates, times and points in time in any form that weir dump prints: seconds since 1970 and the rest. */
bool time_of_value(const struct value *v, int64_t *seconds, int32_t *nanos);

#endif
