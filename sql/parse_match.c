/* MATCH_RECOGNIZE. */
#include <string.h>

#include "sql/parser.h"

static struct ast *alternatives(struct parser *p);

/* *, +, ?, {n}, {n,}, {,m}, {n,m}, each reluctant with a ? behind; "" when there is none. */
static const char *quantifier(struct parser *p)
{
    struct buf b = {0};
    if (at_sign(p, "*") || at_sign(p, "+") || at_sign(p, "?")) {
        buf_puts(&b, p->t++->text);
    } else if (take_sign(p, "{")) {
        buf_putc(&b, '{');
        while (p->t->kind == TOKEN_NUMBER || at_sign(p, ","))
            buf_puts(&b, p->t++->text);
        need_sign(p, "}");
        buf_putc(&b, '}');
    }
    if (b.n && take_sign(p, "?"))
        buf_putc(&b, '?');
    const char *text = arena_str(p->a, buf_cstr(&b));
    buf_free(&b);
    return text;
}

static struct ast *factor(struct parser *p)
{
    const struct token *from = p->t;
    struct ast *x;
    if (take_words(p, "PERMUTE")) {
        if (!enter(p) || !(x = parse_group(p, alternatives)))
            return NULL;
        leave(p);
        x->kind = AST_PATTERN;
        x->text = "PERMUTE";
        return placed(p, x, from);
    }
    if (take_sign(p, "(")) {
        if (!enter(p))
            return NULL;
        x = alternatives(p);
        leave(p);
        need_sign(p, ")");
    } else {
        x = placed(p, node_text(p, AST_PART, parse_part(p, "a pattern variable")), from);
    }
    const char *text = fine(p) ? quantifier(p) : "";
    if (!*text)
        return x;
    x = node(p, AST_PATTERN, 1, x);
    x->text = text;
    return placed(p, x, from);
}

static struct ast *sequence(struct parser *p)
{
    const struct token *from = p->t;
    struct kids kids = {0};
    do
        add_kid(p, &kids, factor(p));
    while (fine(p) && (at_name(p) || at_sign(p, "(")));
    struct ast *x = node_kids(p, AST_PATTERN, &kids);
    x->text = "";
    return placed(p, x->n == 1 && fine(p) ? x->kids[0] : x, from);
}

static struct ast *alternatives(struct parser *p)
{
    const struct token *from = p->t;
    struct kids kids = {0};
    do
        add_kid(p, &kids, sequence(p));
    while (take_sign(p, "|"));
    struct ast *x = node_kids(p, AST_PATTERN, &kids);
    x->text = "|";
    return placed(p, x->n == 1 && fine(p) ? x->kids[0] : x, from);
}

static struct ast *measure(struct parser *p)
{
    const struct token *from = p->t;
    if (!take_words(p, "FINAL"))
        take_words(p, "RUNNING");
    struct ast *x = node(p, AST_AS, 2, parse_expression(p), NULL);
    need_words(p, "AS");
    x->text = parse_part(p, "the measure's name");
    return placed(p, x, from);
}

static struct ast *define(struct parser *p)
{
    const struct token *from = p->t;
    const char *name = parse_part(p, "a pattern variable");
    need_words(p, "AS");
    struct ast *x = node(p, AST_AS, 2, parse_expression(p), NULL);
    x->text = name;
    return placed(p, x, from);
}

static struct ast *subset(struct parser *p)
{
    const struct token *from = p->t;
    struct ast *name = placed(p, node_text(p, AST_PART, parse_part(p, "a name")), from);
    need_sign(p, "=");
    return placed(p, node(p, AST_PAIR, 2, name, parse_names(p, "pattern variables")), from);
}

static const char *after_match(struct parser *p)
{
    static const char *const fixed[] = {"AFTER MATCH SKIP TO NEXT ROW", "AFTER MATCH SKIP PAST LAST ROW", NULL};
    const char *text = take_one_of(p, fixed), *place;
    if (text || !take_words(p, "AFTER MATCH SKIP TO"))
        return text;
    place = take_words(p, "FIRST") ? "FIRST " : take_words(p, "LAST") ? "LAST " : "";
    const char *name = parse_part(p, "a pattern variable");
    return name ? arena_printf(p->a, "AFTER MATCH SKIP TO %s%s", place, name) : NULL;
}

struct ast *parse_match(struct parser *p, struct ast *table, const struct token *from)
{
    static const char *const rows[] = {"ONE ROW PER MATCH", "ALL ROWS PER MATCH", NULL};
    struct ast *x = node(p, AST_MATCH, 8, table, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
    const char *word;
    p->t++;
    need_sign(p, "(");
    if (take_words(p, "PARTITION BY"))
        x->kids[1] = parse_listed(p, parse_expression);
    if (take_words(p, "ORDER BY"))
        x->kids[2] = parse_listed(p, parse_sort);
    if (take_words(p, "MEASURES"))
        x->kids[3] = parse_listed(p, measure);
    if ((word = take_one_of(p, rows)))
        x->word = word == rows[0] ? "ONE ROW" : "ALL ROWS";
    x->text = after_match(p);
    if (need_words(p, "PATTERN") && need_sign(p, "(")) {
        x->kids[4] = alternatives(p);
        need_sign(p, ")");
    }
    if (take_words(p, "WITHIN"))
        x->kids[5] = parse_expression(p);
    if (take_words(p, "SUBSET"))
        x->kids[6] = parse_listed(p, subset);
    if (need_words(p, "DEFINE"))
        x->kids[7] = parse_listed(p, define);
    need_sign(p, ")");
    return placed(p, x, from);
}
