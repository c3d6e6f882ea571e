/* Inside the printer: what printing a tree is made of. */
#ifndef WEIR_SQL_AST_PRINTER_H
#define WEIR_SQL_AST_PRINTER_H

#include "sql/ast.h"

/* quote: with that mark around, doubled inside. maybe, listed: nothing when it is NULL. operand: in parentheses when it is an operator;
 * query: when it is a query. */
void put_print(const struct ast *x, struct buf *to);
void put_quote(const char *s, size_t n, char mark, struct buf *to);
void put_name(const char *s, struct buf *to);
void put_type(const struct ltype *t, struct buf *to);
void put_join_from(const struct ast *x, uint32_t from, const char *between, struct buf *to);
void put_join(const struct ast *x, const char *between, struct buf *to);
void put_listed(const char *before, const struct ast *list, const char *after, struct buf *to);
void put_maybe(const char *before, const struct ast *x, struct buf *to);
void put_operand(const struct ast *x, struct buf *to);
void put_maybe_operand(const char *before, const struct ast *x, struct buf *to);
void put_query(const struct ast *x, struct buf *to);

/* Statements but queries; what stands in them. */
void ast_print_statement(const struct ast *x, struct buf *to);
void ast_print_column(const struct ast *x, struct buf *to);
void ast_print_key(const struct ast *x, struct buf *to);
void ast_print_watermark(const struct ast *x, struct buf *to);

#endif
