/* Words, names, texts, numbers and signs of SQL, as Flink's parser (Calcite's, with back quotes) takes them. */
#ifndef WEIR_SQL_LEX_H
#define WEIR_SQL_LEX_H

#include "sql/text.h"

enum token_kind {
    TOKEN_END,
    TOKEN_WORD,   /* bare: text as written */
    TOKEN_NAME,   /* `…` */
    TOKEN_TEXT,   /* '…', also U&'…' and _UTF8'…' */
    TOKEN_BINARY, /* X'…': text has the digits, in capitals */
    TOKEN_NUMBER, /* 12, 12.5, 1e3 */
    TOKEN_SIGN,   /* text: "(", "<=", the beginning and end of a hint … */
    TOKEN_FAULT   /* text: what is wrong; the last one */
};

struct token {
    enum token_kind kind;
    const char *text; /* in the arena, with a 0 behind it; quotes are undone */
    uint32_t n;
    struct place at;
};

/* All tokens of a text, a TOKEN_END or TOKEN_FAULT behind them, and two more TOKEN_END so that one may look ahead. Texts of more than SQL_MAX_TEXT bytes are a fault. */
struct token *lex_all(struct arena *a, struct bytes text);

#endif
