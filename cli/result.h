/* The rows of a query, as its changes leave them, for people and scripts. */
#ifndef WEIR_CLI_RESULT_H
#define WEIR_CLI_RESULT_H

#include "cli/command.h"
#include "runtime/row.h"
#include "sql/expr.h"
#include "sql/ast.h"
#include "sql/plan.h"

enum result_format { RESULT_TABLE, RESULT_NDJSON, RESULT_CSV };
extern const char *const result_formats[];

struct result_order {
    uint32_t column;
    bool descending, nulls_last;
};

/* Zero-initialise; row and zone must live as long. result_free. */
struct result {
    const struct ltype *row;
    enum result_format format;
    bool at_once; /* there will be no other changes than inserts, and no order: rows are printed as they come (not tables) */
    const struct zone *zone; /* of TIMESTAMP_LTZ in texts */
    uint32_t n_orders;
    const struct result_order *orders;
    /* --- its own --- */
    uint32_t n, cap, n_buckets, oldest, gap; /* gap: 1 + where the row of the last UPDATE_BEFORE stood; 0: nowhere */
    uint64_t live;
    struct row **rows; /* in the order in which they came; NULL: gone */
    uint32_t *next, *buckets;
    struct buf out;
    struct eval *ev;
    struct err e;
    uint64_t most; /* rows that are kept, the latest; 0: all */
};

/* The row of a query's plan, as its only sink's table has it. NULL: e. */
const struct ltype *result_row(const struct cplan *plan, struct arena *a, struct err *e);
/* job_opts.row */
void result_take(void *result, const struct batch *b, uint32_t at, const struct ltype *const *types);
/* What is there, in order. */
bool result_print(struct result *r, const struct cli *cli, struct err *e);
/* The same as a table of at most so many rows, the latest ones where there is no order. */
void result_draw(struct result *r, const struct cli *cli, uint32_t rows, struct buf *to);
void result_free(struct result *r);

/* The order that the outermost ORDER BY of a query says over the columns of its result; the query without it where no LIMIT needs it. Streams have
 * an order by event time alone; a result that is complete has any. */
const struct ast *result_unordered(const struct ast *query, struct arena *a, const struct ast **orders);
bool result_order_by(struct result *r, const struct ast *orders, struct sql_text *text, struct arena *a, struct err *e);

#endif
