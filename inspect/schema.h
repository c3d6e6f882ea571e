/* The state schema of a snapshot as a JSON document (man weir-schema): what would have to stay compatible.
 *
 * It says the same for every snapshot of a job: nothing in it counts, dates or numbers a snapshot; everything is sorted. */
#ifndef WEIR_INSPECT_SCHEMA_H
#define WEIR_INSPECT_SCHEMA_H

#include "base/jsonw.h"
#include "inspect/tree.h"

enum { SCHEMA_FORMAT = 1 };

/* The tree may be of any depth; TREE_QUICK with `late_states` is enough. */
void schema_json(const struct tree *t, struct jsonw *w);

#endif
