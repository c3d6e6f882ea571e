/* Inside the parser: tokens, trees, and the doors of its parts. */
#ifndef WEIR_SQL_PARSER_H
#define WEIR_SQL_PARSER_H

#include "sql/lex.h"
#include "sql/parse.h"

enum { PARSE_DEPTH = 100, PARSE_MAX_KIDS = 65535 };

struct parser {
    struct sql_text *text;
    struct arena *a;
    struct token *tokens, *t; /* all; the next one */
    uint32_t depth;
    struct err *e;
};

/* Kids being gathered. */
struct kids {
    struct ast **v;
    uint32_t n, cap;
};

static inline bool fine(const struct parser *p) { return p->e->kind == ERR_NONE; }

/* --- tokens --- */

bool at_sign(const struct parser *p, const char *sign);
bool at_word(const struct parser *p, const char *word);   /* any case, not in back quotes */
bool at_words(const struct parser *p, const char *words); /* "GROUP BY": one after the other */
bool take_sign(struct parser *p, const char *sign);
bool take_words(struct parser *p, const char *words);
/* Takes it or says that it was expected. */
bool need_sign(struct parser *p, const char *sign);
bool need_words(struct parser *p, const char *words);
/* Says that `what` was expected here; with the near one of `words` (NULL-ended, or NULL) when a word stands here. Returns NULL. */
void *expected(struct parser *p, const char *what, const char *const *words);
/* "What" as a fault at the next token, in one's own words. */
void *parse_wrong(struct parser *p, const char *why);
/* Takes one of the words, NULL-ended and in capitals; NULL: none of them stands here. */
const char *take_one_of(struct parser *p, const char *const *words);
/* One level deeper, or a fault; each successful one is followed by leave. */
bool enter(struct parser *p);
static inline void leave(struct parser *p) { p->depth--; }

/* --- trees --- */

struct ast *node(struct parser *p, enum ast_kind kind, uint32_t n, ...); /* n kids, which may be NULL */
struct ast *node_text(struct parser *p, enum ast_kind kind, const char *text);
/* With those kids; the array is taken over. */
struct ast *node_kids(struct parser *p, enum ast_kind kind, struct kids *kids);
void add_kid(struct parser *p, struct kids *kids, struct ast *x);
/* Gives x the place from that token to the last one taken, and its depth. NULL: too deep. */
struct ast *placed(struct parser *p, struct ast *x, const struct token *from);

/* --- parts --- */

const char *parse_part(struct parser *p, const char *what);     /* a name's part */
bool at_name(const struct parser *p);                           /* a word that may be a name, or a quoted name */
struct ast *sql_parse_name(struct parser *p, const char *what); /* a.b.c */
/* The same where a function may stand, whose name may be a reserved word. */
struct ast *parse_function_name(struct parser *p, const char *what);
struct ast *sql_parse_text(struct parser *p, const char *what); /* 'text' */
const struct ltype *sql_parse_type(struct parser *p);
/* "( name, name )" */
struct ast *parse_names(struct parser *p, const char *what);
/* one or more of them with commas between; the list's node */
struct ast *parse_listed(struct parser *p, struct ast *(*item)(struct parser *));
/* The same in parentheses. */
struct ast *parse_group(struct parser *p, struct ast *(*item)(struct parser *));

struct ast *parse_expression(struct parser *p);
struct ast *parse_call(struct parser *p, struct ast *name, const struct token *from); /* behind the name, before "(" */
struct ast *parse_special(struct parser *p); /* CAST, EXTRACT, CASE …; NULL without an error: none of them stands here */
struct ast *parse_sort(struct parser *p);
struct ast *parse_window(struct parser *p); /* (…) */
struct ast *parse_query(struct parser *p);  /* WITH, set operations, ORDER BY … */
bool at_query(const struct parser *p);
struct ast *parse_from(struct parser *p);
struct ast *parse_hints(struct parser *p); /* NULL without an error: there are none */
struct ast *parse_match(struct parser *p, struct ast *table, const struct token *from);
struct ast *parse_alias(struct parser *p, struct ast *table, const struct token *from);
struct ast *parse_ddl(struct parser *p); /* CREATE, DROP */
struct ast *parse_statement(struct parser *p);

#endif
