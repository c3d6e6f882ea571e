/* Upserts of a sink whose key is another one than its input's (SinkUpsertMaterializer of flink-table-runtime 2.3): of the rows with one
 * primary key, the last one that is still there is the table's. */
#ifndef WEIR_RUNTIME_MATERIALIZE_H
#define WEIR_RUNTIME_MATERIALIZE_H

#include "runtime/keyed.h"
#include "runtime/kstate.h"

struct materialize {
    const struct ltype *const *types; /* of the rows */
    uint32_t n_types, n_kept;         /* kept are the first ones: all, or the physical ones (stream-exec-sink_1) */
    uint32_t n_key, n_upsert;
    const uint32_t *key, *upsert; /* the primary key; what tells two rows apart (n_upsert 0: all of them) */
    const struct ltype **key_types;
    struct ttl ttl;
    struct kstate state;
    union cell *v;
    uint8_t *null;
    uint32_t values; /* the state in snapshots */
};

/* NULL: the sink needs none, or e is set. `types`: of the table's columns, the first n_physical not being metadata; `key`, `n_key`: its primary
 * key. */
struct materialize *materialize_open(struct op *o, const struct ltype *const *types, uint32_t n_physical, const uint32_t *key,
                                     uint32_t n_key, struct err *e);
/* What a row changes: false, nothing; else *kind and *row, which is the batch's when NULL, and has n_kept columns. It is valid until the next call. */
bool materialize_row(struct materialize *m, const struct batch *b, uint32_t at, enum row_kind *kind, const struct row **row);
void materialize_close(struct materialize *m);

#endif
