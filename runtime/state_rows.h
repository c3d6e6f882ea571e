/* The keyed state of an operator in a snapshot as rows, one a key: for connector savepoint.
 *
 * Keys are those that any of the columns' states has. All entries of a key lie in one slice of one subtask's state (keyed_walk_slice): that is
 * what is in memory at a time. */
#ifndef WEIR_RUNTIME_STATE_ROWS_H
#define WEIR_RUNTIME_STATE_ROWS_H

#include "base/err.h"
#include "sql/batch.h"

struct state_rows_column {
    const char *name;
    const char *state; /* NULL: the key, which one column is */
    const char *kind;  /* "VALUE", "LIST", "MAP", in any case; NULL: by the type */
    const struct ltype *type;
    bool wanted; /* false: only its keys count */
};

struct state_rows;
/* An operator by its uid, or else by its hash in hex. Columns and texts are the caller's and live as long; so does the arena. ERR_MISSING: no
 * such snapshot, operator or state, ERR_REFUSED: a column of another type. NULL then. */
struct state_rows *state_rows_open(struct arena *a, const char *path, const char *uid, const char *hash,
                                   const struct state_rows_column *columns, uint32_t n, struct err *e);
void state_rows_close(struct state_rows *r);

/* The rows of the next slice, maybe none; of every stride-th subtask of the snapshot. What cells point to lives in the heap; *opaque: values
 * that could not be decoded, and are NULL. False: there are no
 * more, or e is set. */
bool state_rows_next(struct state_rows *r, uint32_t stride, struct scratch *heap, uint32_t *n, uint32_t *opaque, struct err *e);
void state_rows_cell(struct state_rows *r, uint32_t row, uint32_t column, union cell *cell, uint8_t *null);

/* Between two slices: the next one's subtask and number. */
struct state_rows_at {
    uint32_t subtask, slice;
};
struct state_rows_at state_rows_tell(const struct state_rows *r);
void state_rows_seek(struct state_rows *r, struct state_rows_at at);

#endif
