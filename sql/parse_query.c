/* Queries: SELECT, VALUES, set operations, WITH, ORDER BY, LIMIT. */
#include <string.h>

#include "sql/parser.h"

bool at_query(const struct parser *p)
{
    struct parser q = *p;
    while (at_sign(&q, "("))
        q.t++;
    return at_word(&q, "SELECT") || at_word(&q, "VALUES") || (at_word(&q, "WITH") && q.t[1].kind != TOKEN_SIGN);
}

/* --- hints --- */

static struct ast *hint_argument(struct parser *p)
{
    const struct token *from = p->t;
    struct ast *x;
    if (p->t->kind == TOKEN_NUMBER) {
        p->t++;
        return placed(p, node_text(p, AST_NUMBER, from->text), from);
    }
    if (p->t->kind == TOKEN_TEXT)
        x = sql_parse_text(p, "a text");
    else
        x = placed(p, node_text(p, AST_PART, parse_part(p, "a table's name or an option in quotes")), from);
    if (!take_sign(p, "="))
        return x;
    return placed(p, node(p, AST_PAIR, 2, x, hint_argument(p)), from);
}

static struct ast *hint(struct parser *p)
{
    const struct token *from = p->t;
    const char *name = parse_part(p, "a hint's name");
    struct kids kids = {0};
    if (take_sign(p, "(") && !take_sign(p, ")")) {
        do
            add_kid(p, &kids, hint_argument(p));
        while (take_sign(p, ","));
        need_sign(p, ")");
    }
    struct ast *x = node_kids(p, AST_HINT, &kids);
    x->text = name;
    return placed(p, x, from);
}

struct ast *parse_hints(struct parser *p)
{
    const struct token *from = p->t;
    struct kids kids = {0};
    if (!take_sign(p, "/*+"))
        return NULL;
    do {
        add_kid(p, &kids, hint(p));
        take_sign(p, ",");
    } while (fine(p) && !at_sign(p, "*/"));
    need_sign(p, "*/");
    return placed(p, node_kids(p, AST_HINTS, &kids), from);
}

/* --- SELECT --- */

static struct ast *item(struct parser *p)
{
    const struct token *from = p->t;
    if (at_sign(p, "*")) {
        p->t++;
        return placed(p, node(p, AST_STAR, 0), from);
    }
    struct ast *x = parse_expression(p);
    if (!take_words(p, "AS") && !(fine(p) && at_name(p)))
        return x;
    struct ast *as = node(p, AST_AS, 2, x, NULL);
    as->text = parse_part(p, "an alias");
    return placed(p, as, from);
}

static struct ast *grouping(struct parser *p);

static struct ast *grouping_list(struct parser *p, const char *word, const struct token *from)
{
    struct ast *x = enter(p) ? parse_group(p, grouping) : NULL;
    if (!x)
        return NULL;
    leave(p);
    x->kind = AST_GROUPING;
    x->word = word;
    return placed(p, x, from);
}

/* An expression, a list of them in parentheses, ROLLUP (…), CUBE (…), GROUPING SETS (…). */
static struct ast *grouping(struct parser *p)
{
    static const char *const words[] = {"ROLLUP", "CUBE", "GROUPING SETS", NULL};
    const struct token *from = p->t;
    const char *word = take_one_of(p, words);
    if (word)
        return grouping_list(p, word, from);
    if (at_sign(p, "(") && p->t[1].kind == TOKEN_SIGN && *p->t[1].text == ')') {
        p->t += 2;
        return placed(p, node(p, AST_LIST, 0), from);
    }
    struct ast *x = parse_expression(p);
    if (x && x->kind == AST_ROW)
        x->kind = AST_LIST;
    return x;
}

static struct ast *named_window(struct parser *p)
{
    const struct token *from = p->t;
    const char *name = parse_part(p, "a window's name");
    if (!need_words(p, "AS"))
        return NULL;
    struct ast *x = node(p, AST_NAMED_WINDOW, 1, parse_window(p));
    x->text = name;
    return placed(p, x, from);
}

static struct ast *select_query(struct parser *p)
{
    const struct token *from = p->t;
    struct ast *x = node(p, AST_SELECT, 7, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
    need_words(p, "SELECT");
    x->kids[0] = parse_hints(p);
    if (take_words(p, "DISTINCT"))
        x->word = "DISTINCT";
    else
        take_words(p, "ALL");
    x->kids[1] = parse_listed(p, item);
    if (take_words(p, "FROM"))
        x->kids[2] = parse_from(p);
    if (take_words(p, "WHERE"))
        x->kids[3] = parse_expression(p);
    if (take_words(p, "GROUP BY"))
        x->kids[4] = parse_listed(p, grouping);
    if (take_words(p, "HAVING"))
        x->kids[5] = parse_expression(p);
    if (take_words(p, "WINDOW"))
        x->kids[6] = parse_listed(p, named_window);
    return placed(p, x, from);
}

/* --- other queries --- */

static struct ast *values_row(struct parser *p)
{
    const struct token *from = p->t;
    struct ast *x;
    take_words(p, "ROW");
    x = at_sign(p, "(") ? parse_group(p, parse_expression) : placed(p, node(p, AST_LIST, 1, parse_expression(p)), from);
    if (x)
        x->kind = AST_ROW;
    return x;
}

static struct ast *leaf(struct parser *p)
{
    const struct token *from = p->t;
    struct ast *x = NULL;
    if (take_sign(p, "(")) {
        x = parse_query(p);
        need_sign(p, ")");
        return fine(p) ? x : NULL;
    }
    if (take_words(p, "VALUES")) {
        if ((x = parse_listed(p, values_row)))
            x->kind = AST_VALUES;
        return placed(p, x, from);
    }
    if (!at_word(p, "SELECT"))
        return expected(p, "a query", (const char *const[]){"SELECT", "VALUES", "WITH", NULL});
    return select_query(p);
}

static struct ast *set_operation(struct parser *p, const char *text, struct ast *left, struct ast *right, const struct token *from)
{
    struct ast *x = node(p, AST_SET_OP, 2, left, right);
    x->text = text;
    return placed(p, x, from);
}

static struct ast *intersections(struct parser *p)
{
    static const char *const words[] = {"INTERSECT ALL", "INTERSECT DISTINCT", "INTERSECT", NULL};
    const struct token *from = p->t;
    struct ast *x = leaf(p);
    const char *word;
    while ((word = take_one_of(p, words)))
        x = set_operation(p, strcmp(word, words[1]) ? word : "INTERSECT", x, leaf(p), from);
    return x;
}

static struct ast *unions(struct parser *p)
{
    static const struct {
        const char *written, *text;
    } words[] = {{"UNION ALL", "UNION ALL"}, {"UNION DISTINCT", "UNION"}, {"UNION", "UNION"},  {"EXCEPT ALL", "EXCEPT ALL"},
                 {"EXCEPT", "EXCEPT"},       {"MINUS ALL", "EXCEPT ALL"}, {"MINUS", "EXCEPT"}, {NULL, NULL}};
    const struct token *from = p->t;
    struct ast *x = intersections(p);
    for (size_t i = 0; words[i].written; i++)
        if (take_words(p, words[i].written)) {
            x = set_operation(p, words[i].text, x, intersections(p), from);
            i = (size_t)-1;
        }
    return x;
}

static struct ast *rows(struct parser *p, const char *const *ends)
{
    struct ast *x = parse_expression(p);
    if (ends)
        take_one_of(p, ends);
    return x;
}

/* ORDER BY, LIMIT, OFFSET, FETCH behind a query. */
static struct ast *ordered(struct parser *p, struct ast *query, const struct token *from)
{
    static const char *const ends[] = {"ROWS", "ROW", NULL};
    struct ast *order = NULL, *offset = NULL, *fetch = NULL;
    if (take_words(p, "ORDER BY"))
        order = parse_listed(p, parse_sort);
    if (take_words(p, "LIMIT") && !take_words(p, "ALL")) {
        fetch = rows(p, NULL);
        if (take_sign(p, ",")) {
            offset = fetch;
            fetch = rows(p, NULL);
        }
    }
    if (take_words(p, "OFFSET"))
        offset = rows(p, ends);
    if (take_words(p, "FETCH")) {
        if (!take_words(p, "FIRST"))
            need_words(p, "NEXT");
        fetch = rows(p, ends);
        need_words(p, "ONLY");
    }
    if (!order && !offset && !fetch)
        return query;
    return placed(p, node(p, AST_ORDER, 4, query, order, offset, fetch), from);
}

static struct ast *cte(struct parser *p)
{
    const struct token *from = p->t;
    const char *name = parse_part(p, "a name");
    struct ast *columns = at_sign(p, "(") ? parse_names(p, "columns") : NULL;
    if (!need_words(p, "AS") || !need_sign(p, "("))
        return NULL;
    struct ast *x = node(p, AST_CTE, 2, columns, parse_query(p));
    need_sign(p, ")");
    x->text = name;
    return placed(p, x, from);
}

struct ast *parse_query(struct parser *p)
{
    const struct token *from = p->t;
    struct ast *ctes = NULL, *x;
    if (!enter(p))
        return NULL;
    if (at_word(p, "WITH") && at_word(&(struct parser){.t = p->t + 1}, "RECURSIVE"))
        return parse_wrong(p, "WITH RECURSIVE is nothing that Flink's streams know");
    if (take_words(p, "WITH"))
        ctes = parse_listed(p, cte);
    x = ordered(p, unions(p), from);
    leave(p);
    return ctes ? placed(p, node(p, AST_WITH, 2, ctes, x), from) : x;
}
