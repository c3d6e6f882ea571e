/* Rows that are kept: cells, nulls and all that they point to in one block of memory. */
#ifndef WEIR_RUNTIME_ROW_H
#define WEIR_RUNTIME_ROW_H

#include "sql/batch.h"

struct row {
    uint32_t n;
    uint32_t size; /* bytes of the pool's piece (pool.h) that it is or stands in; 0: it is in none */
    uint8_t *null;
    _Alignas(16) union cell v[];
};

/* A copy of n values; free() releases it. */
struct row *row_make(const struct ltype *const *types, uint32_t n, const union cell *v, const uint8_t *null);
/* The same at a place that has room for it, aligned to 16; size is 0. */
size_t row_size(const struct ltype *const *types, uint32_t n, const union cell *v, const uint8_t *null);
struct row *row_make_at(void *place, const struct ltype *const *types, uint32_t n, const union cell *v, const uint8_t *null);
/* A batch's row: all of its columns, or those of a list (columns NULL: the first n). */
struct row *row_of(const struct batch *b, uint32_t at, const struct ltype *const *types, const uint32_t *columns, uint32_t n);
/* The same in a pool (NULL: in none): row_drop releases rows that are in it or in none. */
struct pool;
struct row *row_of_in(struct pool *p, const struct batch *b, uint32_t at, const struct ltype *const *types, const uint32_t *columns,
                      uint32_t n);
struct row *row_into(struct pool *p, const struct ltype *const *types,
                     struct row *r); /* r itself, where it is in the pool already */
void row_drop(struct pool *p, struct row *r);
bool row_same(const struct ltype *const *types, const struct row *a, const struct row *b);
/* A single value that is kept, what it points to in a block of its own: free(*block) releases it. */
union cell cell_keep(const struct ltype *t, union cell v, void **block);

#endif
