/* The parser's words: tokens, trees, names; scripts. */
#include "sql/parser.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/nearest.h"

/* --- tokens --- */

bool at_sign(const struct parser *p, const char *sign) { return p->t->kind == TOKEN_SIGN && !strcmp(p->t->text, sign); }

static bool is_word(const struct token *t, const char *word, size_t n)
{
    return t->kind == TOKEN_WORD && t->n == n && !strncasecmp(t->text, word, n);
}

bool at_word(const struct parser *p, const char *word) { return is_word(p->t, word, strlen(word)); }

/* How many tokens the words take, 0: they do not stand here. */
static size_t words_here(const struct parser *p, const char *words)
{
    size_t k = 0;
    for (const char *w = words; *w; k++) {
        size_t n = strcspn(w, " ");
        if (!is_word(&p->t[k], w, n)) /* the last token is no word */
            return 0;
        w += n + (w[n] == ' ');
    }
    return k;
}

bool at_words(const struct parser *p, const char *words) { return words_here(p, words); }

bool take_sign(struct parser *p, const char *sign)
{
    if (!fine(p) || !at_sign(p, sign))
        return false;
    p->t++;
    return true;
}

bool take_words(struct parser *p, const char *words)
{
    size_t k = fine(p) ? words_here(p, words) : 0;
    p->t += k;
    return k;
}

static const char *word_at(const void *words, size_t i) { return ((const char *const *)words)[i]; }

static const char *found(struct parser *p)
{
    if (p->t->kind == TOKEN_END)
        return "the end of the script";
    int n = p->t->at.n > 40 ? 40 : (int)p->t->at.n;
    return arena_printf(p->a, "'%.*s'", n, (const char *)p->text->bytes.p + p->t->at.at);
}

static const char *upper(struct arena *a, const char *s)
{
    char *copy = arena_str(a, s);
    for (char *c = copy; *c; c++)
        *c = (char)toupper((uint8_t)*c);
    return copy;
}

void *expected(struct parser *p, const char *what, const char *const *words)
{
    const char *near = NULL;
    if (p->t->kind == TOKEN_FAULT)
        return parse_wrong(p, p->t->text);
    if (words && p->t->kind == TOKEN_WORD)
        near = nearest_name(upper(p->a, p->t->text), word_at, words);
    if (near && !is_word(p->t, near, strlen(near)))
        sql_fault(p->text, p->t->at, p->e, "expected %s, found %s; did you mean %s?", what, found(p), near);
    else
        sql_fault(p->text, p->t->at, p->e, "expected %s, found %s", what, found(p));
    return NULL;
}

void *parse_wrong(struct parser *p, const char *why)
{
    sql_fault(p->text, p->t->at, p->e, "%s", p->t->kind == TOKEN_FAULT ? p->t->text : why);
    return NULL;
}

bool need_sign(struct parser *p, const char *sign)
{
    if (take_sign(p, sign))
        return true;
    if (fine(p))
        expected(p, arena_printf(p->a, "'%s'", sign), NULL);
    return false;
}

bool need_words(struct parser *p, const char *words)
{
    if (take_words(p, words))
        return true;
    const char *first = arena_strn(p->a, words, strcspn(words, " "));
    if (fine(p))
        expected(p, words, (const char *const[]){first, NULL});
    return false;
}

const char *take_one_of(struct parser *p, const char *const *words)
{
    for (; *words; words++)
        if (take_words(p, *words))
            return *words;
    return NULL;
}

bool enter(struct parser *p)
{
    if (!fine(p))
        return false;
    if (p->depth >= PARSE_DEPTH) {
        parse_wrong(p, "nested too deeply (limit 100)");
        return false;
    }
    p->depth++;
    return true;
}

/* --- trees --- */

struct ast *node(struct parser *p, enum ast_kind kind, uint32_t n, ...)
{
    va_list ap;
    struct ast *x = arena_alloc(p->a, sizeof *x);
    x->kind = kind;
    x->n = n;
    x->kids = arena_array(p->a, n ? n : 1, sizeof *x->kids);
    va_start(ap, n);
    for (uint32_t i = 0; i < n; i++)
        x->kids[i] = va_arg(ap, struct ast *);
    va_end(ap);
    return x;
}

struct ast *node_text(struct parser *p, enum ast_kind kind, const char *text)
{
    struct ast *x = arena_alloc(p->a, sizeof *x);
    x->kind = kind;
    x->text = text;
    return x;
}

struct ast *node_kids(struct parser *p, enum ast_kind kind, struct kids *kids)
{
    struct ast *x = arena_alloc(p->a, sizeof *x);
    x->kind = kind;
    x->n = kids->n;
    x->kids = arena_array(p->a, kids->n ? kids->n : 1, sizeof *x->kids);
    if (kids->n)
        memcpy(x->kids, kids->v, kids->n * sizeof *x->kids);
    free(kids->v);
    *kids = (struct kids){0};
    return x;
}

void add_kid(struct parser *p, struct kids *kids, struct ast *x)
{
    if (kids->n >= PARSE_MAX_KIDS) {
        parse_wrong(p, "a list of more than 65535 members");
        return;
    }
    if (kids->n == kids->cap)
        kids->v = mem_grow(kids->v, kids->cap = kids->cap ? kids->cap * 2 : 8, sizeof *kids->v);
    kids->v[kids->n++] = x;
}

struct ast *placed(struct parser *p, struct ast *x, const struct token *from)
{
    uint32_t depth = 0;
    if (!fine(p) || !x)
        return NULL;
    const struct token *last = p->t > from ? p->t - 1 : from;
    x->at = (struct place){from->at.at, last->at.at + last->at.n - from->at.at};
    for (uint32_t i = 0; i < x->n; i++)
        if (x->kids[i] && x->kids[i]->depth >= depth)
            depth = x->kids[i]->depth + 1u;
    if (depth > AST_MAX_DEPTH) {
        sql_fault(p->text, from->at, p->e, "nested too deeply (limit %d)", AST_MAX_DEPTH);
        return NULL;
    }
    x->depth = (uint8_t)depth;
    return x;
}

/* --- names --- */

static const char *const reserved[] = {
#define R(word) #word,
#include "sql/reserved.def"
#undef R
};

static bool is_reserved(const struct token *t)
{
    size_t from = 0, to = sizeof reserved / sizeof *reserved;
    while (t->kind == TOKEN_WORD && from < to) {
        size_t at = (from + to) / 2;
        int c = strncasecmp(t->text, reserved[at], t->n);
        c = c ? c : reserved[at][t->n] ? -1 : 0;
        if (!c)
            return true;
        if (c < 0)
            to = at;
        else
            from = at + 1;
    }
    return false;
}

bool at_name(const struct parser *p) { return p->t->kind == TOKEN_NAME || (p->t->kind == TOKEN_WORD && !is_reserved(p->t)); }

/* Functions whose names are reserved, of which some stand without parentheses; where there is no such function, a column may have its name. */
static bool at_function(const struct parser *p)
{
    static const char *const bare[] = {"CURRENT_CATALOG", "CURRENT_DATE",   "CURRENT_PATH",     "CURRENT_ROLE", "CURRENT_SCHEMA",
                                       "CURRENT_TIME",    "CURRENT_USER",   "SESSION_USER",     "SYSTEM_USER",  "USER",
                                       "LOCALTIME",       "LOCALTIMESTAMP", "CURRENT_TIMESTAMP"};
    if (!is_reserved(p->t))
        return false;
    for (size_t i = 0; i < sizeof bare / sizeof *bare; i++)
        if (at_word(p, bare[i]))
            return true;
    return p->t[1].kind == TOKEN_SIGN && !strcmp(p->t[1].text, "(");
}

const char *parse_part(struct parser *p, const char *what)
{
    if (!fine(p))
        return NULL;
    if (is_reserved(p->t)) {
        sql_fault(p->text, p->t->at, p->e, "expected %s, found the keyword %s; a name that is one stands in `back quotes`", what,
                  found(p));
        return NULL;
    }
    if (!at_name(p))
        return expected(p, what, NULL);
    return p->t++->text;
}

static struct ast *part(struct parser *p, const char *what)
{
    const struct token *from = p->t;
    const char *text = parse_part(p, what);
    return placed(p, node_text(p, AST_PART, text), from);
}

/* Behind a dot every word is a name. */
static struct ast *next_part(struct parser *p)
{
    const struct token *from = p->t;
    if (p->t->kind != TOKEN_NAME && p->t->kind != TOKEN_WORD)
        return expected(p, "a name behind the dot", NULL);
    return placed(p, node_text(p, AST_PART, p->t++->text), from);
}

struct ast *sql_parse_name(struct parser *p, const char *what)
{
    const struct token *from = p->t;
    struct kids kids = {0};
    add_kid(p, &kids, part(p, what));
    while (fine(p) && at_sign(p, ".") && p->t[1].kind != TOKEN_SIGN) {
        p->t++;
        add_kid(p, &kids, next_part(p));
    }
    return placed(p, node_kids(p, AST_NAME, &kids), from);
}

struct ast *parse_function_name(struct parser *p, const char *what)
{
    const struct token *from = p->t;
    struct kids kids = {0};
    if (!fine(p) || !at_function(p))
        return sql_parse_name(p, what);
    add_kid(p, &kids, next_part(p));
    return placed(p, node_kids(p, AST_NAME, &kids), from);
}

struct ast *sql_parse_text(struct parser *p, const char *what)
{
    if (!fine(p))
        return NULL;
    if (p->t->kind != TOKEN_TEXT)
        return expected(p, what, NULL);
    struct ast *x = node_text(p, AST_TEXT, p->t->text);
    x->n_text = p->t->n;
    p->t++;
    return placed(p, x, p->t - 1);
}

const struct ltype *sql_parse_type(struct parser *p)
{
    struct err e = {0};
    size_t used = 0;
    if (!fine(p))
        return NULL;
    uint32_t at = p->t->at.at;
    const struct ltype *t = type_parse_some(p->a, (const char *)p->text->bytes.p + at, p->text->bytes.n - at, &used, &e);
    if (!t) {
        const char *why = strstr(e.text, "': ");
        sql_fault(p->text, p->t->at, p->e, "%s", why ? arena_printf(p->a, "this is no type: %s of it", why + 3) : e.text);
        return NULL;
    }
    const struct token *from = p->t;
    while (p->t->kind != TOKEN_END && p->t->kind != TOKEN_FAULT && p->t->at.at < at + used)
        p->t++;
    if (p->t == from || p->t[-1].at.at + p->t[-1].at.n > at + used)
        return parse_wrong(p, "this is no type");
    return t;
}

struct ast *parse_listed(struct parser *p, struct ast *(*item)(struct parser *))
{
    const struct token *from = p->t;
    struct kids kids = {0};
    do
        add_kid(p, &kids, item(p));
    while (take_sign(p, ","));
    return placed(p, node_kids(p, AST_LIST, &kids), from);
}

struct ast *parse_group(struct parser *p, struct ast *(*item)(struct parser *))
{
    if (!need_sign(p, "("))
        return NULL;
    struct ast *list = parse_listed(p, item);
    return need_sign(p, ")") ? list : NULL;
}

static struct ast *a_part(struct parser *p) { return part(p, "a name"); }

struct ast *parse_names(struct parser *p, const char *what)
{
    if (!at_sign(p, "("))
        return expected(p, what, NULL);
    return parse_group(p, a_part);
}

/* --- doors --- */

static bool start(struct parser *p)
{
    p->t = p->tokens = lex_all(p->a, p->text->bytes);
    return fine(p);
}

bool sql_parse(struct sql_text *text, struct arena *a, struct sql_script *to, struct err *e)
{
    struct parser p = {.text = text, .a = a, .e = e};
    struct kids kids = {0};
    start(&p);
    while (fine(&p) && p.t->kind != TOKEN_END) {
        if (take_sign(&p, ";"))
            continue;
        const struct token *from = p.t;
        struct ast *x = parse_statement(&p);
        add_kid(&p, &kids, placed(&p, x, from));
        if (fine(&p) && !at_sign(&p, ";") && p.t->kind != TOKEN_END)
            expected(&p, "';' or the end of the statement", NULL);
    }
    struct ast *list = node_kids(&p, AST_LIST, &kids);
    *to = (struct sql_script){list->n, list->kids};
    return fine(&p);
}

struct ast *sql_parse_expression(struct sql_text *text, struct arena *a, struct err *e)
{
    struct parser p = {.text = text, .a = a, .e = e};
    if (!start(&p))
        return NULL;
    struct ast *x = parse_expression(&p);
    if (fine(&p) && p.t->kind != TOKEN_END)
        expected(&p, "the end of the expression", NULL);
    return fine(&p) ? x : NULL;
}
