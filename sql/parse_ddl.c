/* CREATE and DROP. */
#include <string.h>

#include "sql/parser.h"

/* --- columns --- */

static struct ast *comment(struct parser *p)
{
    return take_words(p, "COMMENT") ? sql_parse_text(p, "the comment, in quotes") : NULL;
}

static void not_enforced(struct parser *p)
{
    if (fine(p) && !take_words(p, "NOT ENFORCED"))
        expected(p, "NOT ENFORCED (Flink does not check keys)", (const char *const[]){"NOT", NULL});
}

static struct ast *key(struct parser *p)
{
    const struct token *from = p->t;
    const char *name = take_words(p, "CONSTRAINT") ? parse_part(p, "the constraint's name") : NULL;
    need_words(p, "PRIMARY KEY");
    struct ast *x = parse_names(p, "the key's columns in parentheses");
    not_enforced(p);
    if (!fine(p))
        return NULL;
    x->kind = AST_KEY;
    x->text = name;
    return placed(p, x, from);
}

static struct ast *watermark(struct parser *p)
{
    const struct token *from = p->t;
    need_words(p, "WATERMARK FOR");
    struct ast *column = sql_parse_name(p, "the column of the event's time");
    need_words(p, "AS");
    return placed(p, node(p, AST_WATERMARK, 2, column, parse_expression(p)), from);
}

static struct ast *column(struct parser *p)
{
    const struct token *from = p->t;
    struct ast *x = node(p, AST_COLUMN, 3, NULL, NULL, NULL);
    x->text = parse_part(p, "a column's name, PRIMARY KEY or WATERMARK");
    if (take_words(p, "AS")) {
        x->word = "AS";
        x->kids[0] = parse_expression(p);
    } else {
        x->type = sql_parse_type(p);
        if (take_words(p, "METADATA")) {
            x->word = "METADATA";
            if (take_words(p, "FROM"))
                x->kids[1] = sql_parse_text(p, "the metadata's key, in quotes");
            if (take_words(p, "VIRTUAL"))
                x->word = "VIRTUAL";
        }
        if (take_words(p, "PRIMARY KEY")) {
            x->flag = true;
            not_enforced(p);
        }
    }
    x->kids[2] = comment(p);
    return placed(p, x, from);
}

static struct ast *element(struct parser *p)
{
    if (at_words(p, "PRIMARY KEY") || at_word(p, "CONSTRAINT"))
        return key(p);
    return at_words(p, "WATERMARK FOR") ? watermark(p) : column(p);
}

static struct ast *elements(struct parser *p)
{
    if (at_sign(p, "(") && p->t[1].kind == TOKEN_SIGN && *p->t[1].text == ')') {
        const struct token *from = p->t;
        p->t += 2;
        return placed(p, node(p, AST_LIST, 0), from);
    }
    if (!need_sign(p, "("))
        return NULL;
    struct ast *list = parse_listed(p, element);
    if (fine(p) && !take_sign(p, ")"))
        expected(p, "',' or ')' behind the column",
                 (const char *const[]){"METADATA", "PRIMARY", "COMMENT", "VIRTUAL", "NOT", NULL});
    return fine(p) ? list : NULL;
}

/* --- the rest of a table --- */

static struct ast *option(struct parser *p)
{
    const struct token *from = p->t;
    struct ast *name = sql_parse_text(p, "an option's name in quotes");
    need_sign(p, "=");
    return placed(p, node(p, AST_PAIR, 2, name, sql_parse_text(p, "the option's value in quotes")), from);
}

static struct ast *options(struct parser *p)
{
    if (at_sign(p, "(") && p->t[1].kind == TOKEN_SIGN && *p->t[1].text == ')') {
        p->t += 2;
        return placed(p, node(p, AST_LIST, 0), p->t - 2);
    }
    return parse_group(p, option);
}

static struct ast *distribution(struct parser *p)
{
    const struct token *from = p->t;
    struct ast *x = node(p, AST_DISTRIBUTION, 2, NULL, NULL);
    if (!take_words(p, "DISTRIBUTED"))
        return NULL;
    if (take_words(p, "BY")) {
        x->word = take_words(p, "HASH") ? "HASH" : take_words(p, "RANGE") ? "RANGE" : NULL;
        x->kids[0] = parse_names(p, "columns in parentheses");
    }
    if (take_words(p, "INTO")) {
        const struct token *n = p->t;
        if (n->kind != TOKEN_NUMBER)
            return expected(p, "the number of buckets", NULL);
        p->t++;
        x->kids[1] = placed(p, node_text(p, AST_NUMBER, n->text), n);
        need_words(p, "BUCKETS");
    }
    return placed(p, x, from);
}

static struct ast *like(struct parser *p)
{
    static const char *const how[] = {"INCLUDING", "EXCLUDING", "OVERWRITING", NULL},
                             *const what[] = {"ALL",     "CONSTRAINTS", "DISTRIBUTION", "GENERATED", "METADATA",
                                              "OPTIONS", "PARTITIONS",  "WATERMARKS",   NULL};
    const struct token *from = p->t;
    struct kids kids = {0};
    if (!take_words(p, "LIKE"))
        return NULL;
    struct ast *name = sql_parse_name(p, "a table");
    if (take_sign(p, "(")) {
        while (fine(p) && !take_sign(p, ")")) {
            const char *first = take_one_of(p, how), *second = first ? take_one_of(p, what) : NULL;
            if (!second)
                expected(p,
                         first ? "ALL, CONSTRAINTS, GENERATED, METADATA, OPTIONS, PARTITIONS or WATERMARKS"
                               : "INCLUDING, EXCLUDING or OVERWRITING",
                         first ? what : how);
            else
                add_kid(p, &kids, placed(p, node_text(p, AST_WORD, arena_printf(p->a, "%s %s", first, second)), p->t - 1));
        }
    }
    struct ast *list = placed(p, node_kids(p, AST_LIST, &kids), from);
    return placed(p, node(p, AST_LIKE, 2, name, list), from);
}

static struct ast *create_table(struct parser *p, bool temporary)
{
    struct ast *x = node(p, AST_CREATE_TABLE, 8, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
    const struct token *from = p->t;
    x->word = temporary ? "TEMPORARY" : NULL;
    x->flag = take_words(p, "IF NOT EXISTS");
    x->kids[0] = sql_parse_name(p, "the table's name");
    if (at_sign(p, "("))
        x->kids[1] = elements(p);
    x->kids[2] = comment(p);
    x->kids[3] = distribution(p);
    if (take_words(p, "PARTITIONED BY"))
        x->kids[4] = parse_names(p, "columns in parentheses");
    if (take_words(p, "WITH"))
        x->kids[5] = options(p);
    x->kids[6] = like(p);
    if (take_words(p, "AS"))
        x->kids[7] = parse_query(p);
    if (fine(p) && !at_sign(p, ";") && p->t->kind != TOKEN_END)
        expected(p, "WITH, LIKE, PARTITIONED BY or the end of the statement",
                 (const char *const[]){"WITH", "LIKE", "PARTITIONED", "COMMENT", "DISTRIBUTED", "AS", NULL});
    return placed(p, x, from);
}

static struct ast *create_view(struct parser *p, bool temporary)
{
    struct ast *x = node(p, AST_CREATE_VIEW, 4, NULL, NULL, NULL, NULL);
    const struct token *from = p->t;
    x->word = temporary ? "TEMPORARY" : NULL;
    x->flag = take_words(p, "IF NOT EXISTS");
    x->kids[0] = sql_parse_name(p, "the view's name");
    if (at_sign(p, "("))
        x->kids[1] = parse_names(p, "columns");
    x->kids[2] = comment(p);
    need_words(p, "AS");
    x->kids[3] = parse_query(p);
    return placed(p, x, from);
}

/* What belongs to a server, kept as text: the binder refuses it by name. */
static struct ast *create_other(struct parser *p, const char *word, const struct token *from)
{
    while (fine(p) && !at_sign(p, ";") && p->t->kind != TOKEN_END) {
        if (p->t->kind == TOKEN_FAULT)
            return expected(p, "a statement", NULL);
        p->t++;
    }
    uint32_t to = p->t[-1].at.at + p->t[-1].at.n;
    struct ast *x =
        node_text(p, AST_CREATE_OTHER, arena_strn(p->a, (const char *)p->text->bytes.p + from->at.at, to - from->at.at));
    x->n_text = to - from->at.at; /* quotes may hold a NUL */
    x->word = word;
    return placed(p, x, from);
}

static struct ast *create(struct parser *p, const struct token *from)
{
    static const char *const others[] = {"FUNCTION", "MODEL", "CATALOG", "DATABASE", "MATERIALIZED TABLE", "CONNECTION", NULL};
    bool temporary = take_words(p, "TEMPORARY");
    take_words(p, "SYSTEM");
    if (take_words(p, "TABLE"))
        return create_table(p, temporary);
    if (take_words(p, "VIEW"))
        return create_view(p, temporary);
    const char *word = take_one_of(p, others);
    if (word)
        return create_other(p, word, from);
    return expected(p, "TABLE, VIEW, FUNCTION, DATABASE or CATALOG",
                    (const char *const[]){"TABLE", "VIEW", "FUNCTION", "DATABASE", "CATALOG", "TEMPORARY", NULL});
}

static struct ast *drop(struct parser *p, const struct token *from)
{
    static const char *const kinds[] = {"TABLE", "VIEW", "FUNCTION", "DATABASE", "CATALOG", "MODEL", NULL};
    take_words(p, "TEMPORARY");
    take_words(p, "SYSTEM");
    const char *word = take_one_of(p, kinds);
    if (!word)
        return expected(p, "TABLE, VIEW, FUNCTION, DATABASE or CATALOG", kinds);
    bool flag = take_words(p, "IF EXISTS");
    struct ast *x = node(p, AST_DROP, 1, sql_parse_name(p, "its name"));
    x->word = word;
    x->flag = flag;
    return placed(p, x, from);
}

struct ast *parse_ddl(struct parser *p)
{
    const struct token *from = p->t;
    return take_words(p, "CREATE") ? create(p, from) : take_words(p, "DROP") ? drop(p, from) : NULL;
}
