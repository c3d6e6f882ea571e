/* The parts of a run, for run.c: what becomes of one operator's state. */
#ifndef WEIR_MIGRATE_RUN_PARTS_H
#define WEIR_MIGRATE_RUN_PARTS_H

#include <stdatomic.h>

#include "migrate/rows.h"
#include "savepoint/copy_parts.h"
#include "savepoint/opstate.h"

struct run {
    const struct draft *d;
    const struct run_opts *opts;
    int32_t version; /* of the metadata */
    enum keyed_out_form form;
    struct out_place place;
    struct writer *w;
    struct run_unit *units;
    uint32_t n_units;
    struct meta_stream *coordinators; /* by operator of the draft: as they will be */
    struct arena arena;
    _Atomic uint32_t next; /* unit that nobody has taken */
    atomic_bool failed;
};

/* What is worked on by one thread: a subtask that stays as it is, or an operator whose state is dealt out anew. */
struct run_unit {
    const struct draft_op *op;
    const struct meta_subtask *from; /* NULL: the whole operator */
    struct meta_subtask *to;         /* n of them; in the arena */
    uint32_t n;
    struct arena arena;
    struct err err;
};

bool keeps_compression(const struct run *r, bool was);
/* Bytes that the handle refers to have been read. */
void run_progress(const struct run *r, const struct meta_keyed *h);

/* A part's header as it will be; in the arena. */
struct run_header {
    struct keyed_header header;
    int32_t *to;                     /* by state of the old header: place in the new one; -1: dropped */
    const struct draft_state **with; /* likewise: what is done with it */
    struct rows **rows;              /* likewise: NULL until it has a row to be looked at */
};
bool run_header(const struct run *r, const struct draft_op *op, const struct keyed_part *p, struct run_header *h, struct arena *a,
                struct err *e);
void run_header_close(struct run_header *h, uint32_t n);
/* Gives an entry of state i of the old header to fn, as the new header `in` has it: none, one or several times. */
bool run_entry(const struct run *r, const struct draft_op *op, const struct keyed_header *from, struct run_header *h,
               const struct keyed_header *in, const struct entry *given, entry_fn *fn, void *ctx, struct err *e);

/* One subtask's keyed and operator state, as it is dealt out. */
bool run_keyed(const struct run *r, const struct draft_op *op, const struct meta_keyed *h, struct meta_keyed *to, struct arena *a,
               struct err *e);
bool run_managed(const struct run *r, const struct draft_op *op, const struct meta_op_handle *h, struct meta_op_handle *to,
                 struct arena *a, struct err *e);

/* A whole operator's, to the n subtasks of `to`. */
bool deal_keyed(const struct run *r, const struct draft_op *op, struct meta_subtask *to, uint32_t n, struct arena *a,
                struct err *e);
bool deal_raw_keyed(const struct run *r, const struct draft_op *op, struct meta_subtask *to, uint32_t n, struct arena *a,
                    struct err *e);
bool deal_managed(const struct run *r, const struct draft_op *op, struct meta_subtask *to, uint32_t n, struct arena *a,
                  struct err *e);

/* The key groups of a subtask (KeyGroupRangeAssignment#computeKeyGroupRangeForOperatorIndex, flink-runtime). */
struct key_groups {
    int32_t first;
    uint32_t n;
};
struct key_groups key_groups_of(int32_t max_parallelism, int32_t parallelism, int32_t subtask);
/* The other way: computeOperatorIndexForKeyGroup. */
uint32_t subtask_of_group(int32_t max_parallelism, int32_t parallelism, uint32_t group);

#endif
