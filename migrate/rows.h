/* The rows of a state, one by one through the draft's steps: elements of lists, entries of maps, values, timers. */
#ifndef WEIR_MIGRATE_ROWS_H
#define WEIR_MIGRATE_ROWS_H

#include "migrate/run.h"
#include "savepoint/write_form.h"

/* One state of one part; one thread. */
struct rows {
    const struct run_opts *opts;
    const struct draft_op *op;
    const struct draft_state *st;
    const struct keyed_header *header;  /* as it will be; NULL for operator state */
    const struct state_info *from, *to; /* the state as it was, and as it will be */
    struct row row;
    const struct ser *key_ser; /* the present key, decoded when something asks for it */
    struct bytes key;
    struct value_sink sink;
    struct arena arena; /* of the present row */
    struct buf value, user_key, whole;
    uint64_t changed, deleted, failed;
};

void rows_open(struct rows *w, const struct run_opts *opts, const struct draft_op *op, const struct draft_state *st,
               const struct keyed_header *header, const struct state_info *from, const struct state_info *to);
/* Its counts go to the draft's. Allowed on a zeroed one. */
void rows_close(struct rows *w);

/* Gives what becomes of an entry: none, one, or an entry for each of a map's. */
bool rows_entry(struct rows *w, const struct entry *given, entry_fn *emit, void *ctx, struct err *e);
/* The same for an element of a list, or all of a broadcast state, of operator state. *gone: nothing is left of the element. */
bool rows_element(struct rows *w, struct bytes element, struct bytes *to, bool *gone, struct err *e);

#endif
