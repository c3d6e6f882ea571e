/* Records in any order, given back in the order of their keys: for sources that do not come by key group (databases, changelogs,
 * whatever is keyed anew). Memory is bounded by a budget; what does not fit goes to a file below `dir`, which has no name. */
#ifndef WEIR_SAVEPOINT_WRITE_SORT_H
#define WEIR_SAVEPOINT_WRITE_SORT_H

#include "base/err.h"
#include "base/mem.h"

struct sorter;

/* dir outlives it. budget: bytes. */
struct sorter *sort_new(const char *dir, size_t budget);
/* The key is head and then rest; byte order decides. The bytes are copied. Together at most 2 GiB. */
bool sort_add(struct sorter *s, struct bytes head, struct bytes rest, struct bytes value, struct err *e);
/* Gives all records, in order (those with equal keys as they came); valid during the call. Once, and no more is added. */
typedef bool sorted_fn(void *ctx, struct bytes key, struct bytes value, struct err *e);
bool sort_run(struct sorter *s, sorted_fn *fn, void *ctx, struct err *e);
void sort_free(struct sorter *s);

#endif
