/* A tree as the JSON document of `weir inspect --json` (man weir-inspect). */
#ifndef WEIR_INSPECT_TREE_JSON_H
#define WEIR_INSPECT_TREE_JSON_H

#include "base/jsonw.h"
#include "inspect/tree.h"

/* What an operator's coordinator keeps, as JSON, where it is a form that weir knows. False, and nothing appended, else. */
bool coordinator_json(const struct meta_operator *op, struct buf *out);

void tree_json(const struct tree *t, struct jsonw *w);

#endif
