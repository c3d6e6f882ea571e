/* What stands behind FROM. */
#include <string.h>
#include <strings.h>

#include "sql/parser.h"

struct ast *parse_alias(struct parser *p, struct ast *table, const struct token *from)
{
    if (!take_words(p, "AS") && !(fine(p) && at_name(p) && !at_word(p, "MATCH_RECOGNIZE")))
        return table;
    const char *name = parse_part(p, "an alias");
    struct ast *columns = at_sign(p, "(") ? parse_names(p, "columns") : NULL;
    struct ast *x = node(p, AST_AS, 2, table, columns);
    x->text = name;
    return placed(p, x, from);
}

static struct ast *joins(struct parser *p);

static struct ast *call(struct parser *p)
{
    const struct token *from = p->t;
    struct ast *name = parse_function_name(p, "a table function");
    if (!fine(p))
        return NULL;
    return at_sign(p, "(") ? parse_call(p, name, from) : expected(p, "'(' behind the function's name", NULL);
}

/* TABLE(f(…)) */
static struct ast *table_function(struct parser *p)
{
    const struct token *from = p->t - 1;
    if (!need_sign(p, "("))
        return NULL;
    struct ast *x = node(p, AST_TABLE_FN, 1, call(p));
    x->word = "TABLE";
    need_sign(p, ")");
    return placed(p, x, from);
}

static struct ast *unnest(struct parser *p)
{
    const struct token *from = p->t - 1;
    struct ast *x = parse_group(p, parse_expression);
    if (!x)
        return NULL;
    x->kind = AST_UNNEST;
    x->flag = take_words(p, "WITH ORDINALITY");
    return placed(p, x, from);
}

/* ( query ), ( a JOIN b ) */
static struct ast *parenthesised(struct parser *p)
{
    struct ast *x;
    bool query = at_query(p);
    if (!enter(p))
        return NULL;
    p->t++;
    x = query ? parse_query(p) : joins(p);
    leave(p);
    return need_sign(p, ")") ? x : NULL;
}

static struct ast *named(struct parser *p)
{
    const struct token *from = p->t;
    struct ast *name = sql_parse_name(p, "a table"), *x;
    if (!fine(p))
        return NULL;
    if (at_sign(p, "("))
        return placed(p, node(p, AST_TABLE_FN, 1, parse_call(p, name, from)), from);
    struct ast *hints = parse_hints(p);
    x = placed(p, node(p, AST_TABLE, 2, name, hints), from);
    if (take_words(p, "FOR SYSTEM_TIME AS OF"))
        x = placed(p, node(p, AST_SNAPSHOT, 2, x, parse_expression(p)), from);
    return x;
}

static struct ast *primary(struct parser *p)
{
    const struct token *from = p->t;
    struct ast *x;
    if (take_words(p, "LATERAL")) {
        x = take_words(p, "TABLE")    ? table_function(p)
            : take_words(p, "UNNEST") ? unnest(p)
            : at_sign(p, "(")         ? parenthesised(p)
                                      : call(p);
        x = placed(p, node(p, AST_LATERAL, 1, x), from);
    } else if (take_words(p, "TABLE")) {
        x = table_function(p);
    } else if (take_words(p, "UNNEST")) {
        x = unnest(p);
    } else if (at_sign(p, "(")) {
        x = parenthesised(p);
    } else {
        x = named(p);
    }
    if (at_word(p, "MATCH_RECOGNIZE"))
        x = parse_match(p, x, from);
    x = parse_alias(p, x, from);
    return at_word(p, "MATCH_RECOGNIZE") ? parse_alias(p, parse_match(p, x, from), from) : x;
}

static const char *join_kind(struct parser *p)
{
    static const struct {
        const char *written, *text;
    } words[] = {{"LEFT OUTER JOIN", "LEFT"}, {"LEFT JOIN", "LEFT"}, {"RIGHT OUTER JOIN", "RIGHT"}, {"RIGHT JOIN", "RIGHT"},
                 {"FULL OUTER JOIN", "FULL"}, {"FULL JOIN", "FULL"}, {"INNER JOIN", "INNER"},       {"CROSS JOIN", "CROSS"},
                 {"JOIN", "INNER"},           {NULL, NULL}};
    for (size_t i = 0; words[i].written; i++)
        if (take_words(p, words[i].written))
            return words[i].text;
    return NULL;
}

static struct ast *join(struct parser *p, const char *kind, bool natural, struct ast *left, const struct token *from)
{
    struct ast *right = primary(p), *on = NULL, *names = NULL;
    if (take_words(p, "ON"))
        on = parse_expression(p);
    else if (take_words(p, "USING"))
        names = parse_names(p, "columns in parentheses");
    struct ast *x = node(p, AST_JOIN, 4, left, right, on, names);
    x->text = kind;
    x->word = natural ? "NATURAL" : NULL;
    if (fine(p) && !on && !names && !natural && strcmp(kind, "CROSS") != 0)
        return expected(p, "ON and the join's condition", (const char *const[]){"ON", "USING", NULL});
    return placed(p, x, from);
}

/* a JOIN b ON … JOIN c ON … */
static struct ast *joined(struct parser *p)
{
    const struct token *from = p->t;
    struct ast *x = primary(p);
    while (fine(p)) {
        bool natural = take_words(p, "NATURAL");
        const char *kind = join_kind(p);
        if (!kind)
            return natural ? expected(p, "JOIN", NULL) : x;
        x = join(p, kind, natural, x, from);
    }
    return NULL;
}

static struct ast *joins(struct parser *p)
{
    const struct token *from = p->t;
    struct ast *x = joined(p);
    while (take_sign(p, ",")) {
        x = node(p, AST_JOIN, 4, x, joined(p), NULL, NULL);
        x->text = "COMMA";
        x = placed(p, x, from);
    }
    return fine(p) ? x : NULL;
}

struct ast *parse_from(struct parser *p) { return joins(p); }
