/* The parser's own words, for parse.c and its siblings. A function that returns bool has set the error when it is false. */
#ifndef WEIR_MIGRATE_PARSE_H
#define WEIR_MIGRATE_PARSE_H

#include "migrate/lex.h"

struct parser {
    struct script *s;
    struct arena *a;       /* the script's */
    struct token t;        /* the next one */
    uint32_t end;          /* behind the last one that was taken */
    unsigned depth, nodes; /* nodes: of the present statement */
    struct err *e;
};

bool parse_advance(struct parser *p);
bool parse_is(const struct parser *p, const char *word); /* a bare word, in any case, or a sign */
/* Takes it if it is next. */
bool parse_take(struct parser *p, const char *word, bool *taken);
bool parse_need(struct parser *p, const char *word);
/* Takes one of the words, NULL-ended: which. `what` is said when it is none of them, with the one that was meant. */
bool parse_one_of(struct parser *p, const char *const *words, const char *what, size_t *which);
/* A name: bare, quoted as a name, or as a text. */
bool parse_name(struct parser *p, const char *what, struct name *to);
bool parse_text(struct parser *p, const char *what, struct name *to); /* '…' only */
bool parse_number(struct parser *p, const char *what, int64_t min, int64_t max, int64_t *to);
/* a.b[0].c; its first part is a name. */
bool parse_path(struct parser *p, struct path *to);
bool parse_expr(struct parser *p, struct expr **to);
bool parse_type(struct parser *p, struct type **to);
/* "expected …, not …" at the next token */
bool parse_expected(struct parser *p, const char *what);
/* Everything from `at` to the last token taken. */
struct place_in parse_since(const struct parser *p, uint32_t at);

#endif
