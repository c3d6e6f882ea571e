/* Tables for people, and rows of CSV. */
#ifndef WEIR_BASE_TABLE_H
#define WEIR_BASE_TABLE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/mem.h"

struct table_col {
    const char *title; /* with the unit where the cells do not carry it */
    bool right;        /* numbers */
    bool flexible;     /* may be cut, with "…", to fit a terminal */
};

/* A table that is being filled, row by row, cell by cell. */
struct table {
    const struct table_col *cols; /* the caller's, n of them */
    uint32_t n;
    size_t cells; /* so far */
    struct table_cell *cell;
    struct buf text; /* of all cells, escaped */
};

void table_start(struct table *t, const struct table_col *cols, uint32_t n);
/* The next cell. Text is escaped for a terminal; NULL gives an empty cell. */
void table_cell(struct table *t, const char *s);
void table_celln(struct table *t, const void *p, size_t n);
void table_cellf(struct table *t, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Fills the row up with empty cells. */
void table_end_row(struct table *t);
/* Appends the table to `out`: a line of titles, then the rows; at most `width` columns wide (0: as wide as it is). `bold` makes
 * the titles bold. Nothing at all when it has no row. The rows are dropped; more may follow. */
void table_print(struct table *t, struct buf *out, unsigned width, bool bold);
void table_free(struct table *t);

/* A CSV field (RFC 4180: quoted where it must be); `first` in its row or not. The caller ends a row with "\r\n" or "\n". */
void csv_field(struct buf *out, bool first, const void *p, size_t n);

#endif
