/* Values while they are worked on, and batches of rows: one vector a column.
 *
 * Every value takes one cell of 16 bytes, whatever its type, so that rows can be gathered, kept and compared without looking at types.
 * What does not fit (texts, arrays, rows, maps) is pointed to and belongs to the batch's scratch or to somebody who lives longer. */
#ifndef WEIR_SQL_BATCH_H
#define WEIR_SQL_BATCH_H

#include <stdbool.h>

#include "sql/scratch.h"
#include "sql/types.h"

enum { BATCH_ROWS = 1024 }; /* at most, in one batch */

typedef __int128 i128;
typedef unsigned __int128 u128;

struct stamp {
    int64_t ms; /* since 1970, local for TIMESTAMP, UTC for TIMESTAMP_LTZ */
    int32_t ns; /* of the millisecond, 0 to 999999 */
};

struct seq;

/* BOOLEAN: b. TINYINT to BIGINT, DATE (days), TIME (milliseconds), intervals (months or milliseconds): i. FLOAT, DOUBLE: d. DECIMAL: dec,
 * unscaled. TIMESTAMP, TIMESTAMP_LTZ: t. CHAR, VARCHAR, BINARY, VARBINARY, VARIANT, BITMAP, RAW: s. ARRAY, MAP, MULTISET, ROW: q. */
union cell {
    bool b;
    int64_t i;
    double d;
    i128 dec;
    struct stamp t;
    struct bytes s;
    const struct seq *q;
};

/* n elements of an array or fields of a row; n entries of a map or multiset: keys in [0, n), values in [n, 2n). */
struct seq {
    uint32_t n;
    const union cell *v;
    const uint8_t *null; /* 1: NULL */
};

struct vec {
    union cell *v;
    uint8_t *null; /* 1: NULL; v of such a row means nothing */
};

enum row_kind { ROW_INSERT, ROW_UPDATE_BEFORE, ROW_UPDATE_AFTER, ROW_DELETE }; /* RowKind's byte */

struct batch {
    uint32_t n; /* rows */
    uint32_t n_cols;
    const struct vec *cols;
    const uint8_t *kind; /* NULL: all are inserts */
};

static inline enum row_kind batch_kind(const struct batch *b, uint32_t row)
{
    return b->kind ? (enum row_kind)b->kind[row] : ROW_INSERT;
}

/* "+I", "-U", "+U", "-D". */
const char *row_kind_name(enum row_kind k);

/* A vector for that many rows in the arena. */
struct vec vec_new(struct arena *a, uint32_t rows);

/* Whether the cells of this type point to something (texts, arrays …). */
static inline bool cell_points(const struct ltype *t)
{
    static const uint64_t roots = 1ull << L_CHAR | 1ull << L_VARCHAR | 1ull << L_BINARY | 1ull << L_VARBINARY | 1ull << L_ARRAY |
        1ull << L_MAP | 1ull << L_MULTISET | 1ull << L_ROW | 1ull << L_STRUCTURED | 1ull << L_RAW | 1ull << L_VARIANT |
        1ull << L_BITMAP;
    return roots >> t->root & 1;
}
/* A copy that lives in `to`, all that is pointed to included. */
union cell cell_copy(struct scratch *to, const struct ltype *t, union cell v);
/* The same value? As SQL's IS NOT DISTINCT FROM; maps by their entries in any order; NaN equals NaN and 0.0 is not -0.0 (Java's equals). */
bool cell_same_any(const struct ltype *t, union cell a, union cell b);
static inline bool cell_same(const struct ltype *t, union cell a, union cell b)
{
    return t->slot == SLOT_I64 ? a.i == b.i : cell_same_any(t, a, b);
}
/* Order of two values: below, at or above 0. Texts by their bytes, as Flink's BinaryStringData. Only of types that have an order. */
int cell_compare(const struct ltype *t, union cell a, union cell b);
/* A hash that goes with cell_same. */
uint64_t cell_hash(const struct ltype *t, union cell v);
/* The type's first kid, or the second one for the values of maps and multisets; the field's for rows. */
const struct ltype *seq_type(const struct ltype *t, uint32_t i, uint32_t n);
/* Cells of a seq: 2n for maps. */
static inline uint32_t seq_cells(const struct ltype *t, const struct seq *q)
{
    return t->root == L_MAP || t->root == L_MULTISET ? q->n * 2 : q->n;
}
/* A new one with room for so many cells; its members may be written through *v and *null. */
struct seq *seq_new(struct scratch *to, uint32_t n, uint32_t cells, union cell **v, uint8_t **null);

#endif
