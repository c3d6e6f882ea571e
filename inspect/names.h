/* What an operator is called: its uid where the snapshot or the user tells it, else its id. */
#ifndef WEIR_INSPECT_NAMES_H
#define WEIR_INSPECT_NAMES_H

#include "savepoint/savepoint.h"

/* uids that the user names; their ids are computed as Flink does. Zero-initialise; names_free releases. */
struct names {
    struct names_row {
        char *uid;
        uint8_t id[16];
    } * rows;
    size_t n;
};
void names_add(struct names *names, const char *uid);
/* One uid a line; blank lines and lines that begin with '#' are skipped. */
bool names_load(struct names *names, const char *file, struct err *e);
void names_free(struct names *names);

/* The uid in the metadata, else the user's uid with that id, else NULL. */
const char *operator_uid(const struct names *names, const struct meta_operator *op);
/* The uid or, where there is none, the id in hex. */
const char *operator_label(const struct names *names, const struct meta_operator *op);
/* Is it the one that the user means: by uid, name, id or the first (8 or more) digits of the id? NULL means every one. */
bool operator_matches(const struct names *names, const struct meta_operator *op, const char *wanted);

#endif
