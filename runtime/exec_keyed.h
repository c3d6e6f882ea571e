/* Keyed states on disk: for exec_store.c and cold.c. */
#ifndef WEIR_RUNTIME_EXEC_KEYED_H
#define WEIR_RUNTIME_EXEC_KEYED_H

#include "runtime/keyed.h"
#include "savepoint/savepoint.h"
#include "savepoint/writer.h"

enum keyed_writing {
    WRITE_CANONICAL,
    WRITE_FILES, /* a database's files, all of them the snapshot's own */
    WRITE_SHARED /* … of which its tables are shared with other checkpoints */
};

/* What a subtask's operator has put into a snapshot. Files are made of what lies in a database; other state is canonical. */
bool keyed_write(const struct op *o, const struct snap *s, const struct out_place *place, enum keyed_writing form,
                 uint64_t checkpoint, struct meta_keyed *h, struct arena *a, struct err *e);
/* What a handle holds, for the node of `like`, one of its subtasks. Types must be those that the operator has declared. Timers are
 * left: they follow from the other states. each: called behind every entry, and may take what is in `to`; NULL: all is gathered there. */
typedef bool keyed_each(void *ctx, struct snap *to, struct err *e);
bool keyed_read(const struct snapshot *from, const struct meta_operator *op, const struct meta_keyed *h, const struct op *like,
                struct snap *to, keyed_each *each, void *ctx, struct err *e);
/* The handle's database into a directory, where it can be gone on with as it is: *linked. False: its types are not the operator's, or e. */
bool keyed_link(const struct snapshot *from, const struct meta_operator *op, const struct meta_keyed *h, const struct op *like,
                const char *dir, bool *linked, struct arena *a, struct err *e);

/* What its states are in a snapshot. In the arena. NULL: e. */
struct keyed_header *keyed_header_of(const struct keyed *k, struct arena *a, struct err *e);
enum entry_form keyed_form_of(enum state_kind kind); /* of entries that an operator puts */

#endif
