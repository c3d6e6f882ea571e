/* For bootstrap.c and bootstrap_csv.c: a file that a state is made from, while it is read. */
#ifndef WEIR_MIGRATE_BOOTSTRAP_IN_H
#define WEIR_MIGRATE_BOOTSTRAP_IN_H

#include "migrate/bootstrap.h"

struct reading {
    const struct draft_state *st;
    const struct state_info *info; /* the state as the file has it */
    const struct keyed_header *header;
    entry_fn *fn;
    void *ctx;
    struct arena arena; /* of the line */
    struct buf key, ns, value, user_key;
};

/* Key and namespace of what comes next; ns: NULL where the state has none. */
bool reading_scope(struct reading *in, const struct value *key, const struct value *ns, struct err *e);
/* Hands on what stands in in->value, under that key and namespace. */
bool reading_give(struct reading *in, enum entry_form form, struct err *e);
bool reading_csv(struct reading *in, FILE *f, struct err *e);

#endif
