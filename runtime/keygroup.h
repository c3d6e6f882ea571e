/* Which subtask a key belongs to: the murmur hash of BinaryRowData#hashCode, taken into a key group, taken into a range of key groups
 * (KeyGroupRangeAssignment, flink-runtime 2.3). */
#ifndef WEIR_RUNTIME_KEYGROUP_H
#define WEIR_RUNTIME_KEYGROUP_H

#include "base/err.h"
#include "sql/batch.h"

/* KeyGroupRangeAssignment#computeDefaultMaxParallelism. */
uint32_t key_group_default_max(uint32_t parallelism);
/* Types of columns that can be part of a key; false: ERR_UNSUPPORTED names the one that cannot. */
bool key_group_can(const struct ltype *t, struct err *e);
/* The key group of a row of b: its columns `keys`, written into `scratch` as a BinaryRowData, which may be used again. */
uint32_t key_group_of(struct buf *scratch, const struct batch *batch, uint32_t row, const uint32_t *keys, uint32_t n_keys,
                      const struct ltype *const *types, uint32_t max_parallelism);
/* The same, of a BinaryRowData. */
uint32_t key_group_of_bytes(const uint8_t *p, size_t n, uint32_t max_parallelism);
static inline uint32_t key_group_subtask(uint32_t group, uint32_t parallelism, uint32_t max_parallelism)
{
    return (uint32_t)((uint64_t)group * parallelism / max_parallelism);
}

#endif
