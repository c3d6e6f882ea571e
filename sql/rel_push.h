/* Conditions to where they belong: terms of WHERE over a join that look at one side go below it, those that compare both become the join's. */
#ifndef WEIR_SQL_REL_PUSH_H
#define WEIR_SQL_REL_PUSH_H

#include "sql/rel.h"

struct rel *rel_push(struct arena *a, struct rel *r);

#endif
