/* Keyed states on disk, in Flink's canonical format: for exec_store.c only. */
#ifndef WEIR_RUNTIME_EXEC_KEYED_H
#define WEIR_RUNTIME_EXEC_KEYED_H

#include "runtime/keyed.h"
#include "savepoint/savepoint.h"
#include "savepoint/writer.h"

/* What a subtask's operator has put into a snapshot. */
bool keyed_write(const struct op *o, const struct snap *s, const struct out_place *place, struct meta_keyed *h, struct arena *a,
                 struct err *e);
/* What a handle holds, for the node of `like`, one of its subtasks. Types must be those that the operator has declared. Timers are
 * left: they follow from the other states. */
bool keyed_read(const struct snapshot *from, const struct meta_operator *op, const struct meta_keyed *h, const struct op *like,
                struct snap *to, struct err *e);

#endif
