/* Lines that a format cannot read, put aside in a file, which a table's option dead-letter.path names: a JSON object a line, with the table, the
 * file, the line's number there, what is wrong with it, and the line itself ("record", or "recordBase64" where it is no UTF-8). Behind a failure
 * lines are read again, and put aside again: at least once. */
#ifndef WEIR_RUNTIME_DEAD_LETTERS_H
#define WEIR_RUNTIME_DEAD_LETTERS_H

#include "runtime/conn.h"

extern const char dead_letters_option[];

/* The file, to which all subtasks append; made when there is a first line for it. NULL: the table has none, or e. */
struct dead_letters *dead_letters_of(struct op *o, const struct cplan_table *t, struct err *e);
/* False: the operator has failed. */
bool dead_letters_put(struct dead_letters *d, struct op *o, struct bytes line, const char *where, uint64_t number, const char *why);
void dead_letters_close(struct dead_letters *d, struct op *o);

#endif
