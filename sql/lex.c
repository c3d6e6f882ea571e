#include "sql/lex.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/utf8.h"

struct lexer {
    struct arena *a;
    struct bytes text;
    uint32_t at;
    bool hint; /* between the signs of a hint */
    const char *why;
};

static int peek(const struct lexer *l, uint32_t ahead) { return l->at + ahead < l->text.n ? l->text.p[l->at + ahead] : -1; }

static bool word_begins(int c) { return c >= 0 && (isalpha(c) || c == '_' || c == '$' || c >= 0x80); }
static bool word_goes_on(int c) { return word_begins(c) || (c >= 0 && isdigit(c)); }

static bool comment(struct lexer *l)
{
    for (l->at += 2; !(peek(l, 0) == '*' && peek(l, 1) == '/'); l->at++)
        if (peek(l, 0) < 0) {
            l->why = "a comment that does not end";
            return false;
        }
    l->at += 2;
    return true;
}

/* Blanks and comments. */
static bool skip(struct lexer *l)
{
    for (;;) {
        int c = peek(l, 0), d = peek(l, 1);
        if (c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\f') {
            l->at++;
        } else if ((c == '-' && d == '-') || (c == '/' && d == '/')) {
            while (peek(l, 0) >= 0 && peek(l, 0) != '\n')
                l->at++;
        } else if (c == '/' && d == '*' && peek(l, 2) != '+') {
            if (!comment(l))
                return false;
        } else {
            return true;
        }
    }
}

/* From quote to quote; a doubled one stands for one. */
static void quoted(struct lexer *l, int quote, struct token *t)
{
    struct buf b = {0};
    for (l->at++;; l->at++) {
        int c = peek(l, 0);
        if (c == quote && peek(l, 1) == quote)
            l->at++;
        else if (c == quote)
            break;
        if (c < 0 || (!c && quote == '`')) {
            l->why = c ? "a quote that does not end" : "a NUL byte in a name";
            buf_free(&b);
            return;
        }
        buf_putc(&b, (uint8_t)c);
    }
    l->at++;
    t->text = arena_strn(l->a, b.n ? (char *)b.p : "", b.n);
    t->n = (uint32_t)b.n;
    buf_free(&b);
}

static int hex(int c) { return isdigit(c) ? c - '0' : isxdigit(c) ? (c | 32) - 'a' + 10 : -1; }

/* X'0aF1' */
static void binary(struct lexer *l, struct token *t)
{
    l->at++;
    quoted(l, '\'', t);
    if (l->why)
        return;
    char *digits = (char *)t->text;
    t->kind = TOKEN_BINARY;
    for (uint32_t i = 0; i < t->n; i++) {
        if (hex((uint8_t)digits[i]) < 0)
            l->why = "X'…' takes hexadecimal digits";
        digits[i] = (char)toupper((uint8_t)digits[i]);
    }
    if (t->n % 2)
        l->why = "X'…' takes an even number of digits";
}

/* Two surrogates, each as three bytes, are one character of four. */
static void join_surrogates(struct buf *b)
{
    uint32_t high, low;
    if (b->n < 6 || utf8_next(b->p + b->n - 6, 3, &high) != 3 || utf8_next(b->p + b->n - 3, 3, &low) != 3 || high < 0xd800 ||
        high >= 0xdc00 || low < 0xdc00 || low >= 0xe000)
        return;
    uint32_t c = 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00);
    b->n -= 6;
    buf_putc(b, (uint8_t)(0xf0 | c >> 18));
    buf_putc(b, (uint8_t)(0x80 | (c >> 12 & 0x3f)));
    buf_putc(b, (uint8_t)(0x80 | (c >> 6 & 0x3f)));
    buf_putc(b, (uint8_t)(0x80 | (c & 0x3f)));
}

/* \4E2D in U&'…', or with another escape: UESCAPE '!' */
static void unescape(struct lexer *l, struct token *t, char escape)
{
    struct buf b = {0};
    for (uint32_t i = 0; i < t->n; i++) {
        if (t->text[i] != escape) {
            buf_putc(&b, (uint8_t)t->text[i]);
        } else if (i + 1 < t->n && t->text[i + 1] == escape) {
            buf_putc(&b, (uint8_t)t->text[i++]);
        } else {
            uint32_t c = 0, k = 1;
            for (; k <= 4 && i + k < t->n && hex((uint8_t)t->text[i + k]) >= 0; k++)
                c = c * 16 + (uint32_t)hex((uint8_t)t->text[i + k]);
            if (k <= 4 || !c)
                l->why = "U&'…' takes four hexadecimal digits, not all 0, behind its escape character";
            utf8_put(&b, c);
            join_surrogates(&b);
            i += k - 1;
        }
    }
    t->text = arena_strn(l->a, b.n ? (char *)b.p : "", b.n);
    t->n = (uint32_t)b.n;
    buf_free(&b);
}

static void unicode(struct lexer *l, struct token *t)
{
    char escape = '\\';
    l->at += 2;
    quoted(l, '\'', t);
    if (l->why || !skip(l))
        return;
    if (l->text.n - l->at > 7 && !strncasecmp((const char *)l->text.p + l->at, "UESCAPE", 7) && !word_goes_on(peek(l, 7))) {
        struct token e = {0};
        l->at += 7;
        if (!skip(l) || peek(l, 0) != '\'') {
            l->why = "UESCAPE takes a character in quotes";
            return;
        }
        quoted(l, '\'', &e);
        if (l->why || e.n != 1 || hex((uint8_t)e.text[0]) >= 0) {
            l->why = "UESCAPE takes one character that is no hexadecimal digit";
            return;
        }
        escape = e.text[0];
    }
    unescape(l, t, escape);
}

static void number(struct lexer *l)
{
    while (isdigit(peek(l, 0)))
        l->at++;
    if (peek(l, 0) == '.' && !word_begins(peek(l, 1)))
        for (l->at++; isdigit(peek(l, 0));)
            l->at++;
    uint32_t sign = peek(l, 1) == '-' || peek(l, 1) == '+';
    if ((peek(l, 0) | 32) == 'e' && isdigit(peek(l, 1 + sign)))
        for (l->at += 1 + sign; isdigit(peek(l, 0));)
            l->at++;
    if (word_begins(peek(l, 0)))
        l->why = "letters right behind a number";
}

static bool sign(struct lexer *l)
{
    static const char *const signs[] = {"/*+", "*/", "<>", "!=", "<=", ">=", "||", "=>", "{-", "-}", "(", ")", "<", ">", "=", "+",
                                        "-",   "*",  "/",  "%",  ",",  ";",  ".",  "[",  "]",  "{",  "}", "?", "|", "^", ":", NULL};
    for (size_t i = 0; signs[i]; i++) {
        uint32_t n = (uint32_t)strlen(signs[i]);
        if (l->text.n - l->at < n || memcmp(l->text.p + l->at, signs[i], n) != 0)
            continue;
        if (n == 2 && signs[i][0] == '*' && !l->hint)
            continue;
        if (n == 3 || signs[i][1] == '/')
            l->hint = n == 3;
        l->at += n;
        return true;
    }
    return false;
}

/* _UTF8'…', N'…': the character set says nothing here, all is UTF-8. Bytes in front of the quote, or 0. */
static uint32_t charset(const struct lexer *l)
{
    uint32_t n = 0;
    if ((peek(l, 0) | 32) == 'n' && peek(l, 1) == '\'')
        return 1;
    if (peek(l, 0) != '_')
        return 0;
    while (word_goes_on(peek(l, n)) || (n && peek(l, n) == '-'))
        n++;
    return peek(l, n) == '\'' ? n : 0;
}

static void next(struct lexer *l, struct token *t)
{
    int c = peek(l, 0);
    if (c < 0) {
        t->kind = TOKEN_END;
    } else if (c == '\'' || c == '`') {
        t->kind = c == '\'' ? TOKEN_TEXT : TOKEN_NAME;
        quoted(l, c, t);
        if (!l->why && c == '`' && !t->n)
            l->why = "an empty name";
    } else if ((c | 32) == 'x' && peek(l, 1) == '\'') {
        binary(l, t);
    } else if ((c | 32) == 'u' && peek(l, 1) == '&' && peek(l, 2) == '\'') {
        t->kind = TOKEN_TEXT;
        unicode(l, t);
    } else if (charset(l)) {
        t->kind = TOKEN_TEXT;
        l->at += charset(l);
        quoted(l, '\'', t);
    } else if (word_begins(c)) {
        t->kind = TOKEN_WORD;
        while (word_goes_on(peek(l, 0)))
            l->at++;
    } else if (isdigit(c) || (c == '.' && isdigit(peek(l, 1)))) {
        t->kind = TOKEN_NUMBER;
        number(l);
    } else if (sign(l)) {
        t->kind = TOKEN_SIGN;
    } else {
        l->why = c == '"' ? "names stand in `back quotes`, texts in 'quotes'" : "a character that means nothing here";
    }
}

struct token *lex_all(struct arena *a, struct bytes text)
{
    struct lexer l = {.a = a, .text = text};
    struct token *list = NULL;
    size_t n = 0, cap = 0;
    if (text.n > SQL_MAX_TEXT)
        l.why = "a script of more than 4 MiB";
    do {
        if (n == cap)
            list = mem_grow(list, cap = cap ? cap * 2 : 256, sizeof *list);
        struct token *t = &list[n++];
        *t = (struct token){0};
        if (!l.why)
            skip(&l);
        t->at.at = l.at;
        if (!l.why)
            next(&l, t);
        t->at.n = l.at - t->at.at;
        if (!l.why && !t->text) {
            t->n = t->at.n;
            t->text = arena_strn(a, t->n ? (const char *)text.p + t->at.at : "", t->n);
        }
        if (l.why) {
            t->kind = TOKEN_FAULT;
            t->text = l.why;
            t->at.n = 1;
        }
    } while (list[n - 1].kind != TOKEN_END && list[n - 1].kind != TOKEN_FAULT);
    struct token *kept = arena_array(a, n + 2, sizeof *kept);
    memcpy(kept, list, n * sizeof *kept);
    free(list);
    return kept;
}
