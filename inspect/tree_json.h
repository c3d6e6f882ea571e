/* A tree as the JSON document of `weir inspect --json` (man weir-inspect). */
#ifndef WEIR_INSPECT_TREE_JSON_H
#define WEIR_INSPECT_TREE_JSON_H

#include "base/jsonw.h"
#include "inspect/tree.h"

void tree_json(const struct tree *t, struct jsonw *w);

#endif
