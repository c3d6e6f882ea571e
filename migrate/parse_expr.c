/* Expressions, by precedence: OR, AND, NOT, comparisons, ||, + -, * / %, signs, and what stands alone. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "migrate/parse.h"

static struct expr *node(struct parser *p, enum expr_kind kind, uint32_t at)
{
    struct expr *x = arena_alloc(p->a, sizeof *x);
    p->nodes++;
    x->kind = kind;
    x->where.at = at;
    return x;
}

static void end(struct parser *p, struct expr *x) { x->where = parse_since(p, x->where.at); }

static void add_kid(struct parser *p, struct expr *x, struct expr *kid)
{
    if (!(x->n & (x->n - 1))) {
        struct expr **more = arena_array(p->a, x->n ? (size_t)x->n * 2 : 1, sizeof(struct expr *));
        if (x->n)
            memcpy(more, x->kids, x->n * sizeof(struct expr *));
        x->kids = more;
    }
    x->kids[x->n++] = kid;
}

static bool enter(struct parser *p)
{
    if (p->nodes > SCRIPT_NODES)
        return script_fault(p->s, p->t.where, p->e, "expressions of more than %d parts in one statement", SCRIPT_NODES);
    return ++p->depth <= SCRIPT_DEPTH || script_fault(p->s, p->t.where, p->e, "nested more than %d deep", SCRIPT_DEPTH);
}

/* --- paths --- */

static struct path_part *add_part(struct parser *p, struct path *to)
{
    if (!(to->n & (to->n - 1))) {
        struct path_part *more = arena_array(p->a, to->n ? (size_t)to->n * 2 : 1, sizeof *more);
        if (to->n)
            memcpy(more, to->parts, to->n * sizeof *more);
        to->parts = more;
    }
    return &to->parts[to->n++];
}

static bool path_field(struct parser *p, struct path *to)
{
    struct name name;
    if (p->t.kind == TOKEN_TEXT || !parse_name(p, "a field's name", &name))
        return p->t.kind != TOKEN_TEXT ? false : parse_expected(p, "a field's name (texts stand in '…', names in \"…\")");
    *add_part(p, to) = (struct path_part){.field = name.text, .where = name.where};
    return true;
}

bool parse_path(struct parser *p, struct path *to)
{
    uint32_t at = p->t.where.at;
    *to = (struct path){0};
    if (!path_field(p, to))
        return false;
    for (;;) {
        bool dot, bracket = false;
        if (!parse_take(p, ".", &dot) || (!dot && !parse_take(p, "[", &bracket)))
            return false;
        if (!dot && !bracket)
            break;
        if (to->n == SCRIPT_DEPTH)
            return script_fault(p->s, p->t.where, p->e, "a path of more than %d parts", SCRIPT_DEPTH);
        if (dot && !path_field(p, to))
            return false;
        struct path_part index = {.where = p->t.where};
        if (bracket && (!parse_number(p, "an index", 0, UINT32_MAX, &index.index) || !parse_need(p, "]")))
            return false;
        if (bracket)
            *add_part(p, to) = index;
    }
    to->where = parse_since(p, at);
    return true;
}

/* --- what stands alone --- */

static bool number(struct parser *p, struct expr *x)
{
    x->text = p->t.text;
    x->text_n = p->t.n;
    x->real = strtod(p->t.text, NULL);
    if (p->t.kind == TOKEN_REAL && !isfinite(x->real))
        return script_fault(p->s, p->t.where, p->e, "a number that is too large");
    if (p->t.kind == TOKEN_INT && p->t.n > 18) { /* 9223372036854775807 has 19 digits */
        x->kind = EXPR_DECIMAL;
        if (p->t.n > 38)
            return script_fault(p->s, p->t.where, p->e, "a number of more than 38 digits");
        if (p->t.n == 19 && strcmp(p->t.text, "9223372036854775807") <= 0)
            x->kind = EXPR_INT;
    }
    if (x->kind == EXPR_INT)
        x->number = strtoll(p->t.text, NULL, 10);
    if (x->kind == EXPR_DECIMAL && p->t.n > 39)
        return script_fault(p->s, p->t.where, p->e, "a number of more than 38 digits");
    return parse_advance(p);
}

/* CASE WHEN c THEN v … [ELSE v] END; CASE x WHEN v THEN … is x = v. */
static bool case_of(struct parser *p, struct expr *x)
{
    struct expr *subject = NULL, *kid;
    bool more;
    if (!parse_is(p, "WHEN") && !parse_expr(p, &subject))
        return false;
    if (!parse_need(p, "WHEN"))
        return false;
    do {
        if (!parse_expr(p, &kid))
            return false;
        if (subject) {
            struct expr *same = node(p, EXPR_BINARY, kid->where.at);
            same->op = OP_EQ;
            add_kid(p, same, subject);
            add_kid(p, same, kid);
            same->where = kid->where;
            kid = same;
        }
        add_kid(p, x, kid);
        if (!parse_need(p, "THEN") || !parse_expr(p, &kid))
            return false;
        add_kid(p, x, kid);
        if (!parse_take(p, "WHEN", &more))
            return false;
    } while (more);
    if (!parse_take(p, "ELSE", &more) || (more && !parse_expr(p, &kid)))
        return false;
    if (!more)
        kid = node(p, EXPR_NULL, p->t.where.at);
    add_kid(p, x, kid);
    return parse_need(p, "END");
}

static bool cast(struct parser *p, struct expr *x)
{
    struct expr *kid;
    if (!parse_need(p, "(") || !parse_expr(p, &kid) || !parse_need(p, "AS") || !parse_type(p, &x->type))
        return false;
    add_kid(p, x, kid);
    return parse_need(p, ")");
}

static bool arguments(struct parser *p, struct expr *x)
{
    bool more;
    if (!parse_take(p, ")", &more))
        return false;
    if (more)
        return true;
    do {
        struct expr *kid;
        if (!parse_expr(p, &kid) || !parse_take(p, ",", &more))
            return false;
        add_kid(p, x, kid);
    } while (more);
    return parse_need(p, ")");
}

/* A word: a function when a parenthesis follows, else the beginning of a path. */
static bool word(struct parser *p, struct expr *x)
{
    struct token t;
    if (!lex(p->s, p->t.where.at + p->t.where.n, &t, p->e))
        return false;
    if (p->t.kind == TOKEN_NAME || t.kind != TOKEN_SIGN || strcmp(t.text, "(") != 0) {
        x->kind = EXPR_PATH;
        return parse_path(p, &x->path);
    }
    char *upper = arena_str(p->a, p->t.text);
    for (char *c = upper; *c; c++)
        *c = (char)(*c >= 'a' && *c <= 'z' ? *c - 32 : *c);
    x->kind = EXPR_CALL;
    x->text = upper;
    x->path.where = p->t.where;
    return parse_advance(p) && parse_advance(p) && arguments(p, x);
}

static bool alone(struct parser *p, struct expr **to)
{
    static const struct {
        const char *word;
        enum expr_kind kind;
        bool negated;
    } words[] = {{"NULL", EXPR_NULL, false}, {"TRUE", EXPR_BOOL, false}, {"FALSE", EXPR_BOOL, true}};
    static const enum expr_kind kinds[] = {
        [TOKEN_TEXT] = EXPR_TEXT, [TOKEN_INT] = EXPR_INT, [TOKEN_DECIMAL] = EXPR_DECIMAL, [TOKEN_REAL] = EXPR_REAL};
    bool paren, is_case, is_cast = false;
    struct expr *x = *to = node(p, EXPR_PATH, p->t.where.at);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (parse_is(p, words[i].word)) {
            x->kind = words[i].kind;
            x->negated = words[i].negated;
            return parse_advance(p);
        }
    if (!parse_take(p, "(", &paren))
        return false;
    if (paren)
        return parse_expr(p, to) && parse_need(p, ")");
    if (!parse_take(p, "CASE", &is_case) || (!is_case && !parse_take(p, "CAST", &is_cast)))
        return false;
    if (is_case || is_cast) {
        x->kind = is_case ? EXPR_CASE : EXPR_CAST;
        return is_case ? case_of(p, x) : cast(p, x);
    }
    switch (p->t.kind) {
    case TOKEN_TEXT:
        x->kind = EXPR_TEXT;
        x->text = p->t.text;
        x->text_n = p->t.n;
        return parse_advance(p);
    case TOKEN_INT:
    case TOKEN_DECIMAL:
    case TOKEN_REAL:
        x->kind = kinds[p->t.kind];
        return number(p, x);
    case TOKEN_WORD:
    case TOKEN_NAME:
        return word(p, x);
    default:
        return parse_expected(p, "an expression");
    }
}

/* `word`, any number of times, before what `below` takes. */
static bool prefixed(struct parser *p, const char *word, enum expr_kind kind, bool (*below)(struct parser *, struct expr **),
                     struct expr **to)
{
    uint32_t at = p->t.where.at;
    bool there, ok;
    if (!enter(p) || !parse_take(p, word, &there))
        return false;
    if (!there) {
        ok = below(p, to);
        if (ok)
            end(p, *to);
    } else {
        struct expr *kid, *x = *to = node(p, kind, at);
        ok = prefixed(p, word, kind, below, &kid);
        if (ok)
            add_kid(p, x, kid);
        end(p, x);
    }
    p->depth--;
    return ok;
}

static bool signed_(struct parser *p, struct expr **to) { return prefixed(p, "-", EXPR_MINUS, alone, to); }

/* --- operators --- */

struct level {
    const char *signs[4];
    enum expr_op ops[3];
};
static const struct level levels[] = {
    {{"||", NULL}, {OP_CONCAT}}, {{"+", "-", NULL}, {OP_ADD, OP_SUB}}, {{"*", "/", "%", NULL}, {OP_MUL, OP_DIV, OP_MOD}}};
enum { LEVELS = sizeof levels / sizeof *levels };

static struct expr *binary(struct parser *p, enum expr_op op, struct expr *left, struct expr *right)
{
    struct expr *x = node(p, EXPR_BINARY, left->where.at);
    x->op = op;
    add_kid(p, x, left);
    add_kid(p, x, right);
    end(p, x);
    return x;
}

static bool arithmetic(struct parser *p, size_t level, struct expr **to)
{
    if (level == LEVELS)
        return signed_(p, to);
    if (!arithmetic(p, level + 1, to))
        return false;
    for (;;) {
        size_t i = 0;
        while (levels[level].signs[i] && !parse_is(p, levels[level].signs[i]))
            i++;
        if (!levels[level].signs[i])
            return true;
        struct expr *right;
        if (!parse_advance(p) || !arithmetic(p, level + 1, &right))
            return false;
        *to = binary(p, levels[level].ops[i], *to, right);
    }
}

static bool in_list(struct parser *p, struct expr *x)
{
    bool more;
    if (!parse_need(p, "("))
        return false;
    do {
        struct expr *kid;
        if (!parse_expr(p, &kid) || !parse_take(p, ",", &more))
            return false;
        add_kid(p, x, kid);
    } while (more);
    return parse_need(p, ")");
}

/* [NOT] IN (…), [NOT] LIKE p, [NOT] BETWEEN a AND b, behind `left`. */
static bool predicate(struct parser *p, struct expr **to, bool negated)
{
    static const char *const words[] = {"IN", "LIKE", "BETWEEN", NULL};
    static const enum expr_kind kinds[] = {EXPR_IN, EXPR_LIKE, EXPR_BETWEEN};
    struct expr *kid, *x = node(p, EXPR_IN, (*to)->where.at);
    size_t which;
    if (!parse_one_of(p, words, "IN, LIKE or BETWEEN", &which))
        return false;
    x->kind = kinds[which];
    x->negated = negated;
    add_kid(p, x, *to);
    *to = x;
    if (x->kind == EXPR_IN)
        return in_list(p, x);
    if (!arithmetic(p, 0, &kid))
        return false;
    add_kid(p, x, kid);
    if (x->kind == EXPR_LIKE)
        return true;
    if (!parse_need(p, "AND") || !arithmetic(p, 0, &kid))
        return false;
    add_kid(p, x, kid);
    return true;
}

static bool is_null(struct parser *p, struct expr **to)
{
    struct expr *x = node(p, EXPR_IS_NULL, (*to)->where.at);
    if (!parse_take(p, "NOT", &x->negated) || !parse_need(p, "NULL"))
        return false;
    add_kid(p, x, *to);
    *to = x;
    return true;
}

static bool comparison(struct parser *p, struct expr **to)
{
    static const char *const signs[] = {"=", "<>", "!=", "<", "<=", ">", ">=", NULL};
    static const enum expr_op ops[] = {OP_EQ, OP_NE, OP_NE, OP_LT, OP_LE, OP_GT, OP_GE};
    bool is, negated;
    struct expr *right;
    if (!arithmetic(p, 0, to))
        return false;
    for (size_t i = 0; signs[i]; i++)
        if (parse_is(p, signs[i])) {
            if (!parse_advance(p) || !arithmetic(p, 0, &right))
                return false;
            *to = binary(p, ops[i], *to, right);
            return true;
        }
    if (!parse_take(p, "IS", &is) || (is && !is_null(p, to)))
        return false;
    if (!is &&
        (!parse_take(p, "NOT", &negated) ||
         ((negated || parse_is(p, "IN") || parse_is(p, "LIKE") || parse_is(p, "BETWEEN")) && !predicate(p, to, negated))))
        return false;
    end(p, *to);
    return true;
}

static bool negation(struct parser *p, struct expr **to) { return prefixed(p, "NOT", EXPR_NOT, comparison, to); }

static bool logical(struct parser *p, bool or_, struct expr **to)
{
    bool more;
    if (!(or_ ? logical(p, false, to) : negation(p, to)))
        return false;
    while (parse_is(p, or_ ? "OR" : "AND")) {
        struct expr *right;
        if (!parse_take(p, or_ ? "OR" : "AND", &more) || !(or_ ? logical(p, false, &right) : negation(p, &right)))
            return false;
        *to = binary(p, or_ ? OP_OR : OP_AND, *to, right);
    }
    return true;
}

bool parse_expr(struct parser *p, struct expr **to)
{
    bool ok = enter(p) && logical(p, true, to);
    p->depth--;
    return ok;
}
