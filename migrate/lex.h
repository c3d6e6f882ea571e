/* Words, quoted names, texts, numbers and signs of a migration script. */
#ifndef WEIR_MIGRATE_LEX_H
#define WEIR_MIGRATE_LEX_H

#include "migrate/script.h"

enum token_kind {
    TOKEN_END,
    TOKEN_WORD,    /* bare: text as written */
    TOKEN_NAME,    /* "…" or `…` */
    TOKEN_TEXT,    /* '…' */
    TOKEN_INT,     /* 12 */
    TOKEN_DECIMAL, /* 12.5 */
    TOKEN_REAL,    /* 12.5e3 */
    TOKEN_SIGN     /* text: "(", "<=", … */
};

struct token {
    enum token_kind kind;
    const char *text; /* in the script's arena, with a 0 behind it; quotes are undone */
    size_t n;
    struct place_in where;
};

/* The token at or behind byte `at`. False: e is set. */
bool lex(struct script *s, uint32_t at, struct token *t, struct err *e);

#endif
