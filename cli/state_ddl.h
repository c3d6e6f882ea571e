/* The tables that a snapshot's keyed state is, as SQL. */
#ifndef WEIR_CLI_STATE_DDL_H
#define WEIR_CLI_STATE_DDL_H

#include "cli/open.h"

/* A CREATE TABLE with connector savepoint for each operator that has keyed state: named by its uid, else by its name where no other has it, else by
 * its id; a column for its key and for each of its states. What is no column stands in a remark. False: e. */
bool state_ddl(const struct opened *o, const char *location, struct buf *to, struct err *e);

#endif
