/* What statements about fields do with a row's value. */
#ifndef WEIR_MIGRATE_ROWS_FIELDS_H
#define WEIR_MIGRATE_ROWS_FIELDS_H

#include "migrate/draft.h"

/* Like bound_find; containers on the way are no longer what was read. */
struct value *bound_reach(const struct bound *b, struct row *row);
/* Carries out a step that is about fields, TTL or classes. ERR_CONVERT. */
/* In its stead, when a value does not convert: null, or the zero of its type. */
void step_default(const struct step *s, struct row *row, struct arena *a);
bool step_fields(const struct step *s, struct row *row, struct arena *a, struct err *e);

#endif
