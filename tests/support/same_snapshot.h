/* Are two snapshots the same bytes, but for ids, times and names of files? */
#ifndef WEIR_TESTS_SUPPORT_SAME_SNAPSHOT_H
#define WEIR_TESTS_SUPPORT_SAME_SNAPSHOT_H

#include "savepoint/savepoint.h"

/* False: e says where they differ first. */
bool same_snapshot(const struct snapshot *a, const struct snapshot *b, struct err *e);

#endif
