/* Statements that are neither queries nor CREATE and DROP. */
#include <string.h>

#include "sql/parser.h"

/* --- INSERT --- */

static struct ast *static_partition(struct parser *p)
{
    const struct token *from = p->t;
    struct ast *name = placed(p, node_text(p, AST_PART, parse_part(p, "a partition's column")), from);
    need_sign(p, "=");
    return placed(p, node(p, AST_PAIR, 2, name, parse_expression(p)), from);
}

static const char *on_conflict(struct parser *p)
{
    static const char *const words[] = {"DEDUPLICATE", "NOTHING", "ERROR", NULL};
    if (!take_words(p, "ON CONFLICT") || !need_words(p, "DO"))
        return NULL;
    const char *word = take_one_of(p, words);
    if (!word && fine(p))
        expected(p, "NOTHING, ERROR or DEDUPLICATE", words);
    return word;
}

static struct ast *insert(struct parser *p)
{
    const struct token *from = p->t;
    struct ast *x = node(p, AST_INSERT, 5, NULL, NULL, NULL, NULL, NULL);
    need_words(p, "INSERT");
    x->word = take_words(p, "OVERWRITE") ? "OVERWRITE" : "INTO";
    if (!strcmp(x->word, "INTO"))
        need_words(p, "INTO");
    else
        take_words(p, "INTO");
    take_words(p, "TABLE");
    x->kids[0] = sql_parse_name(p, "a table");
    x->kids[4] = parse_hints(p);
    if (take_words(p, "PARTITION"))
        x->kids[2] = parse_group(p, static_partition);
    if (at_sign(p, "(") && !at_query(p))
        x->kids[1] = parse_names(p, "columns");
    x->kids[3] = parse_query(p);
    x->text = on_conflict(p);
    return placed(p, x, from);
}

/* INSERT … ; … END */
static struct ast *inserts(struct parser *p, const struct token *from)
{
    struct kids kids = {0};
    while (fine(p) && !at_word(p, "END")) {
        if (!at_word(p, "INSERT")) {
            expected(p, "INSERT INTO or END", (const char *const[]){"INSERT", "END", NULL});
            break;
        }
        add_kid(p, &kids, insert(p));
        need_sign(p, ";");
    }
    need_words(p, "END");
    return placed(p, node_kids(p, AST_STATEMENT_SET, &kids), from);
}

static struct ast *statement_set(struct parser *p, const struct token *from)
{
    return need_words(p, "BEGIN") ? inserts(p, from) : NULL;
}

/* --- settings --- */

/* 'key' or a.b-c without quotes. */
static struct ast *setting_key(struct parser *p)
{
    const struct token *from = p->t;
    if (p->t->kind == TOKEN_TEXT)
        return sql_parse_text(p, "a setting");
    while (p->t->kind == TOKEN_WORD || at_sign(p, ".") || at_sign(p, "-"))
        p->t++;
    if (p->t == from)
        return expected(p, "a setting's name", NULL);
    uint32_t n = p->t[-1].at.at + p->t[-1].at.n - from->at.at;
    struct ast *x = node_text(p, AST_TEXT, arena_strn(p->a, (const char *)p->text->bytes.p + from->at.at, n));
    x->n_text = n;
    return placed(p, x, from);
}

static struct ast *setting_value(struct parser *p)
{
    const struct token *from = p->t;
    if (p->t->kind == TOKEN_TEXT)
        return sql_parse_text(p, "a value");
    while (p->t->kind != TOKEN_END && p->t->kind != TOKEN_FAULT && !at_sign(p, ";"))
        p->t++;
    if (p->t == from)
        return expected(p, "a value", NULL);
    uint32_t n = p->t[-1].at.at + p->t[-1].at.n - from->at.at;
    struct ast *x = node_text(p, AST_TEXT, arena_strn(p->a, (const char *)p->text->bytes.p + from->at.at, n));
    x->n_text = n;
    return placed(p, x, from);
}

static bool at_end(const struct parser *p) { return at_sign(p, ";") || p->t->kind == TOKEN_END; }

static struct ast *set(struct parser *p, const struct token *from)
{
    if (at_end(p))
        return placed(p, node(p, AST_SET, 2, NULL, NULL), from);
    struct ast *name = setting_key(p);
    need_sign(p, "=");
    return placed(p, node(p, AST_SET, 2, name, setting_value(p)), from);
}

/* --- looking --- */

static struct ast *detail(struct parser *p)
{
    static const char *const words[] = {"ESTIMATED_COST", "CHANGELOG_MODE", "JSON_EXECUTION_PLAN", "PLAN_ADVICE", NULL};
    const struct token *from = p->t;
    const char *word = take_one_of(p, words);
    if (!word)
        return fine(p) ? expected(p, "ESTIMATED_COST, CHANGELOG_MODE, JSON_EXECUTION_PLAN or PLAN_ADVICE", words) : NULL;
    return placed(p, node_text(p, AST_WORD, word), from);
}

static struct ast *runnable(struct parser *p)
{
    const struct token *from = p->t;
    if (take_words(p, "EXECUTE"))
        take_words(p, "STATEMENT SET");
    else if (!take_words(p, "STATEMENT SET"))
        return at_word(p, "INSERT") ? insert(p) : parse_query(p);
    return statement_set(p, from);
}

static struct ast *explain(struct parser *p, const struct token *from)
{
    struct ast *details = NULL;
    if (!take_words(p, "PLAN FOR") && !at_query(p) && !at_word(p, "INSERT") && !at_word(p, "STATEMENT") && !at_word(p, "EXECUTE"))
        details = parse_listed(p, detail);
    return placed(p, node(p, AST_EXPLAIN, 2, details, runnable(p)), from);
}

static struct ast *show(struct parser *p, const struct token *from)
{
    static const char *const kinds[] = {"CREATE TABLE",     "CREATE VIEW", "TABLES",   "VIEWS",     "FUNCTIONS",
                                        "COLUMNS FROM",     "COLUMNS IN",  "CATALOGS", "DATABASES", "CURRENT CATALOG",
                                        "CURRENT DATABASE", "MODULES",     "JARS",     "JOBS",      NULL};
    const char *text = take_one_of(p, kinds);
    if (!text)
        return expected(p, "TABLES, VIEWS, FUNCTIONS, COLUMNS FROM, CREATE TABLE …", kinds);
    bool named = !strncmp(text, "CREATE", 6) || !strncmp(text, "COLUMNS", 7);
    struct ast *x = node(p, AST_SHOW, 1, named ? sql_parse_name(p, "a table or view") : NULL);
    x->text = text;
    return placed(p, x, from);
}

static struct ast *compile_plan(struct parser *p, const struct token *from, const char *word)
{
    struct ast *file = sql_parse_text(p, "the plan's file, in quotes");
    bool flag = take_words(p, "IF NOT EXISTS");
    need_words(p, "FOR");
    struct ast *x = node(p, AST_COMPILE_PLAN, 2, file, runnable(p));
    x->flag = flag;
    x->word = word;
    return placed(p, x, from);
}

static struct ast *execute(struct parser *p, const struct token *from)
{
    if (take_words(p, "STATEMENT SET"))
        return statement_set(p, from);
    if (take_words(p, "PLAN"))
        return placed(p, node(p, AST_EXECUTE_PLAN, 1, sql_parse_text(p, "the plan's file, in quotes")), from);
    if (at_word(p, "INSERT") || at_query(p))
        return runnable(p);
    return expected(p, "STATEMENT SET, PLAN, INSERT or SELECT",
                    (const char *const[]){"STATEMENT", "PLAN", "INSERT", "SELECT", NULL});
}

static struct ast *use(struct parser *p, const struct token *from)
{
    const char *word = take_words(p, "CATALOG") ? "CATALOG" : NULL;
    struct ast *x = node(p, AST_USE, 1, sql_parse_name(p, "a catalog or database"));
    x->word = word;
    return placed(p, x, from);
}

static const char *const verbs[] = {"SELECT", "WITH",    "VALUES", "INSERT",   "CREATE",  "DROP",    "SET",   "RESET",
                                    "USE",    "EXPLAIN", "SHOW",   "DESCRIBE", "COMPILE", "EXECUTE", "BEGIN", NULL};

struct ast *parse_statement(struct parser *p)
{
    const struct token *from = p->t;
    if (at_query(p))
        return parse_query(p);
    if (at_word(p, "INSERT"))
        return insert(p);
    if (at_word(p, "CREATE") || at_word(p, "DROP"))
        return parse_ddl(p);
    if (take_words(p, "SET"))
        return set(p, from);
    if (take_words(p, "RESET"))
        return placed(p, node(p, AST_RESET, 1, at_end(p) ? NULL : setting_key(p)), from);
    if (take_words(p, "USE"))
        return use(p, from);
    if (take_words(p, "EXPLAIN"))
        return explain(p, from);
    if (take_words(p, "SHOW"))
        return show(p, from);
    if (take_words(p, "DESCRIBE") || take_words(p, "DESC"))
        return placed(p, node(p, AST_DESCRIBE, 1, sql_parse_name(p, "a table or view")), from);
    if (take_words(p, "COMPILE PLAN"))
        return compile_plan(p, from, NULL);
    if (take_words(p, "COMPILE AND EXECUTE PLAN"))
        return compile_plan(p, from, "AND EXECUTE");
    if (take_words(p, "EXECUTE"))
        return execute(p, from);
    if (take_words(p, "BEGIN STATEMENT SET"))
        return need_sign(p, ";") ? inserts(p, from) : NULL;
    return expected(p, "a statement", verbs);
}
