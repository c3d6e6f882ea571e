/* SQL text to trees: a hand-written recursive descent, limited in depth. Only form is judged; names are looked up by the binder.
 *
 * Every function of the parser returns NULL when e is set, and the first message wins; so a caller goes on with what it has and looks
 * once. */
#ifndef WEIR_SQL_PARSE_H
#define WEIR_SQL_PARSE_H

#include "sql/ast.h"

/* A script: statements separated by semicolons. */
struct sql_script {
    uint32_t n;
    struct ast **statements;
};

/* False: e says what is wrong and where (ERR_USAGE; ERR_LIMIT is not used: what is too deep or too long is a fault like others). The text
 * is kept by reference, everything else is in the arena. */
bool sql_parse(struct sql_text *text, struct arena *a, struct sql_script *to, struct err *e);
/* One expression and nothing else. */
struct ast *sql_parse_expression(struct sql_text *text, struct arena *a, struct err *e);

#endif
