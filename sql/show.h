/* What SHOW, DESCRIBE and EXPLAIN answer: a small table of texts. */
#ifndef WEIR_SQL_SHOW_H
#define WEIR_SQL_SHOW_H

#include "sql/ast.h"

struct catalog;
struct plan_tables;

struct show {
    bool text; /* one cell, of several lines */
    uint32_t n_columns, n_rows;
    const char *const *columns;
    const char **cells; /* row by row; NULL: null */
};

/* The statement is an AST_SHOW, AST_DESCRIBE or AST_EXPLAIN. All lives in the catalog's arena. False: e has a place. */
bool show_of(struct catalog *c, const struct plan_tables *tables, const struct ast *statement, struct show *to, struct err *e);

#endif
