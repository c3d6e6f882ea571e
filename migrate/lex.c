#include "migrate/lex.h"

#include <ctype.h>
#include <string.h>

struct text {
    struct script *s;
    uint32_t at;
};

static int peek(const struct text *t, uint32_t ahead) { return t->at + ahead < t->s->text.n ? t->s->text.p[t->at + ahead] : -1; }

static bool word_begins(int c) { return isalpha(c) || c == '_' || c == '$' || c >= 0x80; }
static bool word_goes_on(int c) { return word_begins(c) || isdigit(c); }

/* Blanks, "-- …" to the end of the line, and slash-star comments. */
static bool skip_blanks(struct text *t, struct err *e)
{
    for (;;) {
        int c = peek(t, 0);
        if (c == ' ' || c == '\t' || c == '\r' || c == '\n') {
            t->at++;
        } else if (c == '-' && peek(t, 1) == '-') {
            while (peek(t, 0) >= 0 && peek(t, 0) != '\n')
                t->at++;
        } else if (c == '/' && peek(t, 1) == '*') {
            struct place_in from = {t->at, 2};
            for (t->at += 2; !(peek(t, 0) == '*' && peek(t, 1) == '/'); t->at++)
                if (peek(t, 0) < 0)
                    return script_fault(t->s, from, e, "a comment that does not end");
            t->at += 2;
        } else {
            return true;
        }
    }
}

/* A doubled quote stands for one. */
static bool quoted(struct text *t, int quote, struct token *to, struct err *e)
{
    struct buf b = {0};
    struct place_in from = {t->at, 1};
    for (t->at++;; t->at++) {
        int c = peek(t, 0);
        if (c == quote && peek(t, 1) == quote)
            t->at++;
        else if (c == quote)
            break;
        if (c < 0 || (c == '\n' && quote != '\'') || !c) {
            buf_free(&b);
            return script_fault(t->s, from, e, c < 0 ? "a quote that does not end" : "a quote with a line end or a NUL in it");
        }
        buf_putc(&b, (uint8_t)c);
    }
    t->at++;
    to->text = arena_strn(&t->s->arena, b.n ? (char *)b.p : "", b.n);
    to->n = b.n;
    buf_free(&b);
    return quote == '\'' || to->n || script_fault(t->s, from, e, "an empty name");
}

static enum token_kind number(struct text *t)
{
    enum token_kind kind = TOKEN_INT;
    while (isdigit(peek(t, 0)))
        t->at++;
    if (peek(t, 0) == '.' && isdigit(peek(t, 1))) {
        kind = TOKEN_DECIMAL;
        for (t->at++; isdigit(peek(t, 0));)
            t->at++;
    }
    uint32_t sign = peek(t, 1) == '-' || peek(t, 1) == '+';
    if ((peek(t, 0) == 'e' || peek(t, 0) == 'E') && isdigit(peek(t, 1 + sign))) {
        kind = TOKEN_REAL;
        for (t->at += 1 + sign; isdigit(peek(t, 0));)
            t->at++;
    }
    return kind;
}

static bool sign(struct text *t)
{
    static const char *const signs[] = {"<>", "!=", "<=", ">=", "||", "(", ")", "<", ">", "=", "+",
                                        "-",  "*",  "/",  "%",  ",",  ";", ".", "[", "]", NULL};
    for (size_t i = 0; signs[i]; i++) {
        uint32_t n = (uint32_t)strlen(signs[i]);
        if (t->s->text.n - t->at >= n && !memcmp(t->s->text.p + t->at, signs[i], n)) {
            t->at += n;
            return true;
        }
    }
    return false;
}

bool lex(struct script *s, uint32_t at, struct token *to, struct err *e)
{
    struct text t = {s, at};
    *to = (struct token){0};
    if (!skip_blanks(&t, e))
        return false;
    uint32_t from = t.at;
    int c = peek(&t, 0);
    bool ok = true;
    if (c < 0) {
        to->kind = TOKEN_END;
    } else if (c == '\'' || c == '"' || c == '`') {
        to->kind = c == '\'' ? TOKEN_TEXT : TOKEN_NAME;
        ok = quoted(&t, c, to, e);
    } else if (word_begins(c)) {
        to->kind = TOKEN_WORD;
        while (word_goes_on(peek(&t, 0)))
            t.at++;
    } else if (isdigit(c)) {
        to->kind = number(&t);
    } else if (sign(&t)) {
        to->kind = TOKEN_SIGN;
    } else {
        ok = script_fault(s, (struct place_in){from, 1}, e, "a character that means nothing here");
    }
    to->where = (struct place_in){from, t.at - from};
    if (ok && !to->text) {
        to->n = t.at - from;
        to->text = arena_strn(&s->arena, (const char *)s->text.p + from, to->n);
    }
    return ok;
}
