/* Expressions: operators by their precedence in Calcite, atoms. */
#include <string.h>

#include "sql/parser.h"

/* How tightly an operator binds, as in Calcite's SqlStdOperatorTable. */
enum {
    LEVEL_OR = 22,
    LEVEL_AND = 24,
    LEVEL_NOT = 26,
    LEVEL_IS = 28,
    LEVEL_COMPARE = 30,
    LEVEL_LIKE = 32,
    LEVEL_PLUS = 40,
    LEVEL_TIMES = 60,
    LEVEL_SIGN = 80,
    LEVEL_ITEM = 100
};

static struct ast *expression(struct parser *p, int level);

struct ast *parse_expression(struct parser *p) { return expression(p, 0); }

static struct ast *op(struct parser *p, const char *text, struct ast *left, struct ast *right, const struct token *from)
{
    struct ast *x = right ? node(p, AST_OP, 2, left, right) : node(p, AST_OP, 1, left);
    x->text = text;
    return placed(p, x, from);
}

/* AND and OR are one node with all operands, as long as no parentheses stand between them. */
static struct ast *chain(struct parser *p, const char *text, struct ast *left, int level, const struct token *from)
{
    struct kids kids = {0};
    add_kid(p, &kids, left);
    do
        add_kid(p, &kids, expression(p, level + 1));
    while (take_words(p, text));
    struct ast *x = node_kids(p, AST_OP, &kids);
    x->text = text;
    return placed(p, x, from);
}

/* --- operators behind their first operand --- */

static const char *const is_words[] = {"IS NOT NULL",
                                       "IS NULL",
                                       "IS NOT TRUE",
                                       "IS TRUE",
                                       "IS NOT FALSE",
                                       "IS FALSE",
                                       "IS NOT UNKNOWN",
                                       "IS UNKNOWN",
                                       "IS NOT JSON VALUE",
                                       "IS JSON VALUE",
                                       "IS NOT JSON OBJECT",
                                       "IS JSON OBJECT",
                                       "IS NOT JSON ARRAY",
                                       "IS JSON ARRAY",
                                       "IS NOT JSON SCALAR",
                                       "IS JSON SCALAR",
                                       "IS NOT A SET",
                                       "IS A SET",
                                       "IS NOT EMPTY",
                                       "IS EMPTY",
                                       "IS NORMALIZED",
                                       "IS NOT NORMALIZED",
                                       NULL};

static struct ast *is(struct parser *p, struct ast *left, const struct token *from)
{
    const char *text = take_one_of(p, is_words);
    if (text)
        return op(p, text, left, NULL, from);
    if (take_words(p, "IS NOT JSON"))
        return op(p, "IS NOT JSON VALUE", left, NULL, from);
    if (take_words(p, "IS JSON"))
        return op(p, "IS JSON VALUE", left, NULL, from);
    if (take_words(p, "IS NOT DISTINCT FROM"))
        return op(p, "IS NOT DISTINCT FROM", left, expression(p, LEVEL_IS + 1), from);
    if (take_words(p, "IS DISTINCT FROM"))
        return op(p, "IS DISTINCT FROM", left, expression(p, LEVEL_IS + 1), from);
    p->t++;
    return expected(p, "NULL, NOT NULL, TRUE, FALSE, DISTINCT FROM or JSON behind IS", NULL);
}

static struct ast *subquery(struct parser *p)
{
    const struct token *from = p->t;
    if (!need_sign(p, "("))
        return NULL;
    struct ast *query = parse_query(p);
    return need_sign(p, ")") ? placed(p, node(p, AST_SUBQUERY, 1, query), from) : NULL;
}

static struct ast *in(struct parser *p, const char *text, struct ast *left, const struct token *from)
{
    struct ast *set;
    if (!at_sign(p, "("))
        return expected(p, "a list or a query in parentheses behind IN", NULL);
    p->t++;
    bool query = at_query(p);
    p->t--;
    set = query ? subquery(p) : parse_group(p, parse_expression);
    return op(p, text, left, set, from);
}

static struct ast *between(struct parser *p, const char *text, struct ast *left, const struct token *from)
{
    struct ast *low = expression(p, LEVEL_LIKE + 1);
    if (!need_words(p, "AND"))
        return NULL;
    struct ast *x = node(p, AST_OP, 3, left, low, expression(p, LEVEL_LIKE + 1));
    x->text = text;
    return placed(p, x, from);
}

static struct ast *like(struct parser *p, const char *text, struct ast *left, const struct token *from)
{
    struct ast *pattern = expression(p, LEVEL_LIKE + 1);
    struct ast *x = node(p, AST_OP, 2, left, pattern);
    if (take_words(p, "ESCAPE"))
        x = node(p, AST_OP, 3, left, pattern, expression(p, LEVEL_LIKE + 1));
    x->text = text;
    return placed(p, x, from);
}

static const char *const like_words[] = {"NOT LIKE", "LIKE", "NOT SIMILAR TO", "SIMILAR TO", NULL};
static const char *const between_words[] = {
    "NOT BETWEEN SYMMETRIC", "BETWEEN SYMMETRIC", "NOT BETWEEN ASYMMETRIC", "BETWEEN ASYMMETRIC", "NOT BETWEEN", "BETWEEN", NULL};
static const char *const in_words[] = {"NOT IN", "IN", NULL};

static const char *without_asymmetric(const char *text)
{
    return !strcmp(text, "BETWEEN ASYMMETRIC") ? "BETWEEN" : !strcmp(text, "NOT BETWEEN ASYMMETRIC") ? "NOT BETWEEN" : text;
}

static struct ast *special(struct parser *p, struct ast *left, const struct token *from)
{
    const char *text;
    if ((text = take_one_of(p, like_words)))
        return like(p, text, left, from);
    if ((text = take_one_of(p, between_words)))
        return between(p, without_asymmetric(text), left, from);
    text = take_one_of(p, in_words);
    return in(p, text, left, from);
}

static bool at_special(const struct parser *p)
{
    return at_word(p, "LIKE") || at_word(p, "IN") || at_word(p, "BETWEEN") || at_words(p, "SIMILAR TO") ||
        at_words(p, "NOT LIKE") || at_words(p, "NOT IN") || at_words(p, "NOT BETWEEN") || at_words(p, "NOT SIMILAR");
}

static const struct binary {
    const char *text, *shown;
    int level;
} binaries[] = {{"=", "=", LEVEL_COMPARE},   {"<>", "<>", LEVEL_COMPARE},
                {"!=", "<>", LEVEL_COMPARE}, {"<", "<", LEVEL_COMPARE},
                {"<=", "<=", LEVEL_COMPARE}, {">", ">", LEVEL_COMPARE},
                {">=", ">=", LEVEL_COMPARE}, {"+", "+", LEVEL_PLUS},
                {"-", "-", LEVEL_PLUS},      {"*", "*", LEVEL_TIMES},
                {"/", "/", LEVEL_TIMES},     {"%", "%", LEVEL_TIMES},
                {"||", "||", LEVEL_TIMES},   {0}};

static const struct binary *binary_here(const struct parser *p)
{
    for (const struct binary *b = binaries; b->text; b++)
        if (at_sign(p, b->text))
            return b;
    return NULL;
}

/* = ANY (SELECT …) */
static const char *quantifier(struct parser *p, const char *text)
{
    static const char *const words[] = {"ANY", "SOME", "ALL", NULL};
    if (p->t[1].kind != TOKEN_SIGN || strcmp(p->t[1].text, "(") != 0)
        return NULL;
    const char *word = take_one_of(p, words);
    return word ? arena_printf(p->a, "%s %s", text, word) : NULL;
}

static struct ast *binary(struct parser *p, const struct binary *b, struct ast *left, const struct token *from)
{
    p->t++;
    const char *text = b->level == LEVEL_COMPARE ? quantifier(p, b->shown) : NULL;
    if (text)
        return in(p, text, left, from);
    return op(p, b->shown, left, expression(p, b->level + 1), from);
}

static struct ast *item(struct parser *p, struct ast *left, const struct token *from)
{
    p->t++;
    struct ast *index = expression(p, 0);
    return need_sign(p, "]") ? placed(p, node(p, AST_ITEM, 2, left, index), from) : NULL;
}

static struct ast *field(struct parser *p, struct ast *left, const struct token *from)
{
    p->t++;
    if (p->t->kind != TOKEN_NAME && p->t->kind != TOKEN_WORD)
        return expected(p, "a field's name behind the dot", NULL);
    struct ast *x = node(p, AST_FIELD, 1, left);
    x->text = p->t++->text;
    return placed(p, x, from);
}

/* One operator more, or NULL when none of at least that level stands here. */
static struct ast *extended(struct parser *p, struct ast *left, int level, const struct token *from)
{
    const struct binary *b = binary_here(p);
    if (at_sign(p, "["))
        return item(p, left, from);
    if (at_sign(p, "."))
        return field(p, left, from);
    if (b)
        return b->level >= level ? binary(p, b, left, from) : NULL;
    if (level <= LEVEL_LIKE && at_special(p))
        return special(p, left, from);
    if (level <= LEVEL_IS && at_word(p, "IS"))
        return is(p, left, from);
    if (level <= LEVEL_COMPARE && take_words(p, "OVERLAPS"))
        return op(p, "OVERLAPS", left, expression(p, LEVEL_COMPARE + 1), from);
    if (level <= LEVEL_AND && take_words(p, "AND"))
        return chain(p, "AND", left, LEVEL_AND, from);
    if (level <= LEVEL_OR && take_words(p, "OR"))
        return chain(p, "OR", left, LEVEL_OR, from);
    return NULL;
}

/* --- operands --- */

/* ( query ), ( a, b ), ( a ) */
static struct ast *parenthesised(struct parser *p)
{
    const struct token *from = p->t;
    p->t++;
    bool query = at_query(p);
    p->t--;
    if (query)
        return subquery(p);
    struct ast *list = parse_group(p, parse_expression);
    if (!list || list->n == 1)
        return list ? list->kids[0] : NULL;
    list->kind = AST_ROW;
    return placed(p, list, from);
}

static struct ast *prefixed(struct parser *p, const char *text, int level)
{
    const struct token *from = p->t++;
    if (!enter(p))
        return NULL;
    struct ast *kid = expression(p, level);
    leave(p);
    return op(p, text, kid, NULL, from);
}

static struct ast *exists(struct parser *p)
{
    const struct token *from = p->t++;
    return op(p, "EXISTS", subquery(p), NULL, from);
}

/* a.b, a.*, f(…), CURRENT_DATE */
static struct ast *named(struct parser *p)
{
    const struct token *from = p->t;
    struct ast *name = parse_function_name(p, "an expression");
    if (!fine(p))
        return NULL;
    if (at_sign(p, "("))
        return parse_call(p, name, from);
    if (at_sign(p, ".") && p->t[1].kind == TOKEN_SIGN && !strcmp(p->t[1].text, "*")) {
        p->t += 2;
        name->kind = AST_STAR;
        return placed(p, name, from);
    }
    return name;
}

static struct ast *literal(struct parser *p)
{
    const struct token *from = p->t++;
    struct ast *x = node_text(p,
                              from->kind == TOKEN_NUMBER     ? AST_NUMBER
                                  : from->kind == TOKEN_TEXT ? AST_TEXT
                                                             : AST_BINARY,
                              from->text);
    if (from->kind != TOKEN_TEXT)
        return placed(p, x, from);
    struct buf b = {0};
    buf_put(&b, from->text, from->n);
    for (; p->t->kind == TOKEN_TEXT; p->t++) /* 'a' 'b' is 'ab' */
        buf_put(&b, p->t->text, p->t->n);
    x->n_text = (uint32_t)b.n;
    x->text = arena_strn(p->a, b.n ? (char *)b.p : "", b.n);
    buf_free(&b);
    return placed(p, x, from);
}

static struct ast *keyword(struct parser *p)
{
    static const char *const truths[] = {"TRUE", "FALSE", "UNKNOWN", NULL};
    const struct token *from = p->t;
    if (take_words(p, "NULL"))
        return placed(p, node_text(p, AST_NULL, NULL), from);
    const char *truth = take_one_of(p, truths);
    if (truth)
        return placed(p, node_text(p, AST_BOOL, truth), from);
    if (at_word(p, "EXISTS") && p->t[1].kind == TOKEN_SIGN)
        return exists(p);
    if (at_word(p, "NOT"))
        return prefixed(p, "NOT", LEVEL_NOT);
    struct ast *x = parse_special(p);
    return x || !fine(p) ? x : named(p);
}

static struct ast *operand(struct parser *p)
{
    switch (p->t->kind) {
    case TOKEN_NUMBER:
    case TOKEN_TEXT:
    case TOKEN_BINARY:
        return literal(p);
    case TOKEN_NAME:
        return named(p);
    case TOKEN_WORD:
        return keyword(p);
    case TOKEN_SIGN:
        if (at_sign(p, "("))
            return parenthesised(p);
        if (at_sign(p, "-"))
            return prefixed(p, "-", LEVEL_SIGN);
        if (at_sign(p, "+"))
            return prefixed(p, "+", LEVEL_SIGN);
        return expected(p, "an expression", NULL);
    default:
        return expected(p, "an expression", NULL);
    }
}

static struct ast *expression(struct parser *p, int level)
{
    const struct token *from = p->t;
    if (!enter(p))
        return NULL;
    struct ast *x = operand(p);
    while (fine(p)) {
        struct ast *more = extended(p, x, level, from);
        if (!more)
            break;
        x = more;
    }
    leave(p);
    return fine(p) ? x : NULL;
}
