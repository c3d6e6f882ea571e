/* A file of rows that did not convert: a line of JSON each, with what was wrong. */
#ifndef WEIR_MIGRATE_QUARANTINE_H
#define WEIR_MIGRATE_QUARANTINE_H

#include "savepoint/value.h"

struct quarantine;

/* ERR_REFUSED when there is such a file already. */
bool quarantine_open(struct quarantine **q, const char *file, struct err *e);
/* From any thread. key, user_key: NULL for none. */
bool quarantine_put(struct quarantine *q, const char *op, const char *state, const struct value *key, const struct value *user_key,
                    const struct value *value, const char *why, struct err *e);
/* Everything is on the disk; the file stays if `keep`. NULL is allowed. */
bool quarantine_close(struct quarantine *q, bool keep, struct err *e);

#endif
