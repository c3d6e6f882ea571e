#include "runtime/keygroup.h"

#include "runtime/binrow.h"
#include "savepoint/murmur.h"
#include "sql/types.h"

uint32_t key_group_default_max(uint32_t parallelism)
{
    uint64_t want = (uint64_t)parallelism + parallelism / 2, max = 128;
    while (max < want && max < 32768)
        max *= 2;
    return (uint32_t)max;
}

bool key_group_can(const struct ltype *t, struct err *e)
{
    if (t->slot != SLOT_RAW && t->slot != SLOT_VARIANT && t->slot != SLOT_NONE && t->root != L_BITMAP)
        return true;
    return err_set(e, ERR_UNSUPPORTED, "dealing rows by a key of type %s is not there yet; run it with parallelism 1",
                   lroot_name(t->root));
}

uint32_t key_group_of(struct buf *scratch, const struct batch *batch, uint32_t row, const uint32_t *keys, uint32_t n_keys,
                      const struct ltype *const *types, uint32_t max_parallelism)
{
    scratch->n = 0;
    struct binrow r = binrow_begin(scratch, ROW_INSERT, n_keys);
    for (uint32_t k = 0; k < n_keys; k++) {
        const struct vec *col = &batch->cols[keys[k]];
        binrow_set(&r, k, types[keys[k]], col->v[row], col->null[row]);
    }
    return key_group_of_bytes(scratch->p, scratch->n, max_parallelism);
}

uint32_t key_group_of_bytes(const uint8_t *p, size_t n, uint32_t max_parallelism)
{
    return murmur_key_hash(binrow_hash(p, n)) % max_parallelism;
}
