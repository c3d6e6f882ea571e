/* Calls: functions, and what looks like one but has a syntax of its own. */
#include <string.h>
#include <strings.h>

#include "sql/parser.h"

/* --- windows, order --- */

struct ast *parse_sort(struct parser *p)
{
    const struct token *from = p->t;
    struct ast *x = node(p, AST_SORT, 1, parse_expression(p));
    x->word = take_words(p, "ASC") ? "ASC" : take_words(p, "DESC") ? "DESC" : NULL;
    x->text = take_words(p, "NULLS FIRST") ? "NULLS FIRST" : take_words(p, "NULLS LAST") ? "NULLS LAST" : NULL;
    return placed(p, x, from);
}

static struct ast *bound(struct parser *p)
{
    static const char *const fixed[] = {"UNBOUNDED PRECEDING", "UNBOUNDED FOLLOWING", "CURRENT ROW", NULL};
    const struct token *from = p->t;
    const char *text = take_one_of(p, fixed);
    struct ast *distance = text ? NULL : parse_expression(p);
    if (!text && !(text = take_words(p, "PRECEDING") ? "PRECEDING" : take_words(p, "FOLLOWING") ? "FOLLOWING" : NULL))
        return fine(p) ? expected(p, "PRECEDING or FOLLOWING", (const char *const[]){"PRECEDING", "FOLLOWING", NULL}) : NULL;
    struct ast *x = node(p, AST_BOUND, 1, distance);
    x->text = text;
    return placed(p, x, from);
}

static struct ast *frame(struct parser *p, const char *word)
{
    const struct token *from = p->t - 1;
    struct ast *low, *high = NULL;
    if (take_words(p, "BETWEEN")) {
        low = bound(p);
        if (!need_words(p, "AND"))
            return NULL;
        high = bound(p);
    } else {
        low = bound(p);
    }
    struct ast *x = node(p, AST_FRAME, 2, low, high);
    x->word = word;
    return placed(p, x, from);
}

struct ast *parse_window(struct parser *p)
{
    const struct token *from = p->t;
    struct ast *partition = NULL, *order = NULL, *range = NULL;
    const char *base = NULL;
    if (!need_sign(p, "("))
        return NULL;
    if (at_name(p) && !at_word(p, "PARTITION") && !at_word(p, "ORDER") && !at_word(p, "ROWS") && !at_word(p, "RANGE"))
        base = parse_part(p, "a window's name");
    if (take_words(p, "PARTITION BY"))
        partition = parse_listed(p, parse_expression);
    if (take_words(p, "ORDER BY"))
        order = parse_listed(p, parse_sort);
    if (take_words(p, "ROWS"))
        range = frame(p, "ROWS");
    else if (take_words(p, "RANGE"))
        range = frame(p, "RANGE");
    if (!fine(p))
        return NULL;
    if (!take_sign(p, ")"))
        return expected(p, "PARTITION BY, ORDER BY, ROWS, RANGE or ')'",
                        (const char *const[]){"PARTITION", "ORDER", "ROWS", "RANGE", NULL});
    struct ast *x = node(p, AST_WINDOW, 3, partition, order, range);
    x->text = base;
    return placed(p, x, from);
}

/* --- ordinary calls --- */

static struct ast *table_arg(struct parser *p, struct ast *table, const struct token *from)
{
    struct ast *partition = NULL, *order = NULL;
    if (take_words(p, "PARTITION BY"))
        partition = at_sign(p, "(") ? parse_group(p, parse_expression) : placed(p, node(p, AST_LIST, 1, parse_expression(p)), from);
    if (take_words(p, "ORDER BY"))
        order = at_sign(p, "(") ? parse_group(p, parse_sort) : placed(p, node(p, AST_LIST, 1, parse_sort(p)), from);
    return placed(p, node(p, AST_TABLE_ARG, 3, table, partition, order), from);
}

/* Behind TABLE: a name, or a query in parentheses. */
static struct ast *table_or_query(struct parser *p)
{
    const struct token *from = p->t;
    struct ast *table;
    if (take_sign(p, "(")) {
        table = parse_query(p);
        need_sign(p, ")");
    } else {
        table = sql_parse_name(p, "a table's name");
    }
    return table_arg(p, table, from);
}

static struct ast *argument_value(struct parser *p)
{
    const struct token *from = p->t;
    if (take_words(p, "DEFAULT"))
        return placed(p, node_text(p, AST_DEFAULT, NULL), from);
    if (at_sign(p, "*")) {
        p->t++;
        return placed(p, node(p, AST_STAR, 0), from);
    }
    if (take_words(p, "TABLE"))
        return table_or_query(p);
    if (at_word(p, "MODEL") && p->t[1].kind != TOKEN_SIGN) {
        p->t++;
        return table_or_query(p);
    }
    if (at_query(p))
        return table_arg(p, parse_query(p), from);
    struct ast *x = parse_expression(p);
    bool table = x && x->kind == AST_SUBQUERY && (at_words(p, "PARTITION BY") || at_words(p, "ORDER BY"));
    return table ? table_arg(p, x->kids[0], from) : x;
}

static struct ast *argument(struct parser *p)
{
    const struct token *from = p->t;
    bool named =
        (p->t->kind == TOKEN_WORD || p->t->kind == TOKEN_NAME) && p->t[1].kind == TOKEN_SIGN && !strcmp(p->t[1].text, "=>");
    if (!named)
        return argument_value(p);
    p->t += 2;
    struct ast *x = node(p, AST_ARGUMENT, 1, argument_value(p));
    x->text = from->text;
    return placed(p, x, from);
}

/* OVER and what may stand before it. */
static struct ast *suffixes(struct parser *p, struct ast *x, const struct token *from)
{
    if (take_words(p, "IGNORE NULLS"))
        x->text = "IGNORE NULLS";
    else if (take_words(p, "RESPECT NULLS"))
        x->text = "RESPECT NULLS";
    if (take_words(p, "WITHIN GROUP")) {
        if (!need_sign(p, "(") || !need_words(p, "ORDER BY"))
            return NULL;
        x->kids[3] = parse_listed(p, parse_sort);
        need_sign(p, ")");
    }
    if (take_words(p, "FILTER")) {
        if (!need_sign(p, "(") || !need_words(p, "WHERE"))
            return NULL;
        x->kids[2] = parse_expression(p);
        need_sign(p, ")");
    }
    if (take_words(p, "OVER"))
        x->kids[4] = at_sign(p, "(") ? parse_window(p) : sql_parse_name(p, "a window");
    return placed(p, x, from);
}

/* POSITION(a IN b), SUBSTRING(a FROM b FOR c), OVERLAY(a PLACING b FROM c FOR d): the words stand for commas. */
static struct ast *worded(struct parser *p, const char *const *words)
{
    struct kids kids = {0};
    const struct token *from = p->t;
    do
        add_kid(p, &kids, parse_expression(p));
    while (take_sign(p, ",") || take_one_of(p, words));
    return placed(p, node_kids(p, AST_LIST, &kids), from);
}

static struct ast *position(struct parser *p)
{
    /* IN would be taken as the operator; so this is x IN y without its list. */
    const struct token *from = p->t;
    struct token *t = p->t;
    uint32_t depth = 0;
    for (; t->kind != TOKEN_END && t->kind != TOKEN_FAULT; t++) {
        if (t->kind == TOKEN_SIGN && (*t->text == '(' || *t->text == '['))
            depth++;
        else if (t->kind == TOKEN_SIGN && (*t->text == ')' || *t->text == ']') && !depth--)
            break;
        else if (!depth && t->kind == TOKEN_WORD && !strcasecmp(t->text, "IN"))
            break;
    }
    if (t->kind != TOKEN_WORD)
        return worded(p, (const char *const[]){"FROM", NULL});
    t->kind = TOKEN_SIGN; /* a comma in other words */
    t->text = ",";
    struct ast *x = parse_listed(p, parse_expression);
    return placed(p, x, from);
}

static struct ast *arguments(struct parser *p, const struct ast *name)
{
    static const char *const words[] = {"FROM", "FOR", "PLACING", NULL};
    const char *f = name->n == 1 ? name->kids[0]->text : "";
    if (at_sign(p, ")"))
        return placed(p, node(p, AST_LIST, 0), p->t);
    if (!strcasecmp(f, "POSITION"))
        return position(p);
    if (!strcasecmp(f, "SUBSTRING") || !strcasecmp(f, "OVERLAY"))
        return worded(p, words);
    return parse_listed(p, argument);
}

static struct ast *descriptor(struct parser *p, const struct token *from)
{
    struct ast *names = parse_names(p, "columns in parentheses");
    if (names)
        names->kind = AST_DESCRIPTOR;
    return placed(p, names, from);
}

/* JSON_OBJECTAGG([KEY] k VALUE v …) and JSON_ARRAYAGG(v …) are the functions that plans have, of values that are JSON; the clause is a part of
 * their names. */
static struct ast *json_aggregate(struct parser *p, struct ast *name)
{
    bool object = !strcasecmp(name->kids[0]->text, "JSON_OBJECTAGG"), nulls = object;
    const struct token *from = p->t;
    struct ast *key = NULL, *value;
    if (object) {
        if (at_word(p, "KEY") && p->t[1].kind != TOKEN_SIGN)
            p->t++;
        key = parse_expression(p);
        if (!take_sign(p, ":") && !need_words(p, "VALUE"))
            return NULL;
    }
    value = parse_expression(p);
    if (!fine(p))
        return NULL;
    if (take_words(p, "NULL ON NULL"))
        nulls = true;
    else if (take_words(p, "ABSENT ON NULL"))
        nulls = false;
    struct ast *json = placed(p, node(p, AST_LIST, 1, value), from);
    struct ast *to_json = placed(p, node(p, AST_NAME, 1, placed(p, node_text(p, AST_PART, "JSON_STRING"), from)), from);
    value = placed(p, node(p, AST_CALL, 5, to_json, json, NULL, NULL, NULL), from);
    name->kids[0]->text = object ? (nulls ? "JSON_OBJECTAGG_NULL_ON_NULL" : "JSON_OBJECTAGG_ABSENT_ON_NULL")
                                 : (nulls ? "JSON_ARRAYAGG_NULL_ON_NULL" : "JSON_ARRAYAGG_ABSENT_ON_NULL");
    return placed(p, object ? node(p, AST_LIST, 2, key, value) : node(p, AST_LIST, 1, value), from);
}

struct ast *parse_call(struct parser *p, struct ast *name, const struct token *from)
{
    if (name->n == 1 && !strcasecmp(name->kids[0]->text, "DESCRIPTOR"))
        return descriptor(p, from);
    p->t++;
    const char *word = take_words(p, "DISTINCT") ? "DISTINCT" : NULL;
    take_words(p, "ALL");
    bool json =
        name->n == 1 && (!strcasecmp(name->kids[0]->text, "JSON_OBJECTAGG") || !strcasecmp(name->kids[0]->text, "JSON_ARRAYAGG"));
    struct ast *list = json ? json_aggregate(p, name) : arguments(p, name);
    const char *nulls = take_words(p, "IGNORE NULLS") ? "IGNORE NULLS" : take_words(p, "RESPECT NULLS") ? "RESPECT NULLS" : NULL;
    if (!fine(p))
        return NULL;
    if (!take_sign(p, ")"))
        return expected(p, "',' or ')'", NULL);
    struct ast *x = node(p, AST_CALL, 5, name, list, NULL, NULL, NULL);
    x->word = word;
    x->text = nulls;
    return suffixes(p, x, from);
}
