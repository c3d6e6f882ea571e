/* Rows in the binary form that Flink keeps and hashes: BinaryRowData, BinaryArrayData, BinaryMapData as BinaryRowWriter and BinaryArrayWriter of
 * flink-table-common 2.3 write them, so that equal rows are equal bytes. */
#ifndef WEIR_RUNTIME_BINROW_H
#define WEIR_RUNTIME_BINROW_H

#include "sql/batch.h"

/* A row being written, at the end of a buffer that nobody else appends to meanwhile. */
struct binrow {
    struct buf *to;
    size_t base, slots; /* where the row begins; its first slot */
};

/* n fields, to be set in their order. */
struct binrow binrow_begin(struct buf *to, enum row_kind kind, uint32_t n);
void binrow_set(struct binrow *r, uint32_t i, const struct ltype *t, union cell v, uint8_t null);
/* A whole row. */
void binrow_put(struct buf *to, enum row_kind kind, const struct ltype *const *types, uint32_t n, const union cell *v,
                const uint8_t *null);
/* A decimal's unscaled value as big-endian two's complement, of as few bytes as it takes (DecimalData#toUnscaledBytes); how many. */
uint32_t binrow_decimal(i128 v, uint8_t to[16]);
bool binrow_decimal_of(struct bytes b, i128 *to); /* false: not of 1 to 16 bytes */
/* BinaryRowData#hashCode. */
int32_t binrow_hash(const uint8_t *p, size_t n);

/* An array, map or row by itself. */
void binrow_put_seq(struct buf *to, const struct ltype *t, const struct seq *q);
bool binrow_get_seq(struct bytes b, const struct ltype *t, const struct seq **q, struct scratch *heap);

/* Reads a row's n fields; what they point to is copied to `heap`. False: the bytes are malformed. */
bool binrow_get(struct bytes row, enum row_kind *kind, const struct ltype *const *types, uint32_t n, union cell *v, uint8_t *null,
                struct scratch *heap);

#endif
