/* CASE, CAST, EXTRACT, TRIM, JSON_VALUE, literals with a word in front: forms that are no ordinary calls. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "sql/parser.h"

static struct ast *with_word(struct parser *p, struct ast *x, const char *word, const struct token *from)
{
    if (x)
        x->word = word;
    return placed(p, x, from);
}

/* --- CASE, CAST --- */

static struct ast *cases(struct parser *p, const struct token *from)
{
    struct kids kids = {0};
    add_kid(p, &kids, at_word(p, "WHEN") ? NULL : parse_expression(p));
    add_kid(p, &kids, NULL);
    while (take_words(p, "WHEN")) {
        struct ast *when = parse_listed(p, parse_expression); /* CASE x WHEN 1, 2 THEN … */
        add_kid(p, &kids, when && when->n == 1 ? when->kids[0] : when);
        need_words(p, "THEN");
        add_kid(p, &kids, parse_expression(p));
    }
    if (take_words(p, "ELSE"))
        kids.v[1] = parse_expression(p);
    if (kids.n < 4 && fine(p))
        expected(p, "WHEN", (const char *const[]){"WHEN", NULL});
    if (fine(p) && !take_words(p, "END"))
        expected(p, "WHEN, ELSE or END", (const char *const[]){"WHEN", "ELSE", "END", NULL});
    return placed(p, node_kids(p, AST_CASE, &kids), from);
}

static struct ast *cast(struct parser *p, const char *word, const struct token *from)
{
    p->t++;
    struct ast *x = node(p, AST_CAST, 1, parse_expression(p));
    if (!need_words(p, "AS"))
        return NULL;
    x->type = sql_parse_type(p);
    need_sign(p, ")");
    return with_word(p, x, word, from);
}

/* --- units --- */

static const char *const units[] = {"MILLENNIUM",
                                    "CENTURY",
                                    "DECADE",
                                    "YEAR",
                                    "QUARTER",
                                    "MONTH",
                                    "WEEK",
                                    "DAY",
                                    "HOUR",
                                    "MINUTE",
                                    "SECOND",
                                    "MILLISECOND",
                                    "MICROSECOND",
                                    "NANOSECOND",
                                    "DOW",
                                    "DOY",
                                    "ISODOW",
                                    "ISOYEAR",
                                    "EPOCH",
                                    "SQL_TSI_YEAR",
                                    "SQL_TSI_QUARTER",
                                    "SQL_TSI_MONTH",
                                    "SQL_TSI_WEEK",
                                    "SQL_TSI_DAY",
                                    "SQL_TSI_HOUR",
                                    "SQL_TSI_MINUTE",
                                    "SQL_TSI_SECOND",
                                    "FRAC_SECOND",
                                    "YEARS",
                                    "QUARTERS",
                                    "MONTHS",
                                    "WEEKS",
                                    "DAYS",
                                    "HOURS",
                                    "MINUTES",
                                    "SECONDS",
                                    NULL};

/* SQL_TSI_DAY and DAYS are DAY. */
static const char *unit(struct parser *p)
{
    const char *word = take_one_of(p, units);
    if (!word) {
        if (fine(p))
            expected(p, "a unit of time (YEAR, MONTH, DAY, HOUR, MINUTE, SECOND …)", units);
        return NULL;
    }
    if (!strncmp(word, "SQL_TSI_", 8))
        word += 8;
    size_t n = strlen(word);
    return word[n - 1] == 'S' ? arena_strn(p->a, word, n - 1) : word;
}

static struct ast *extract(struct parser *p, const struct token *from)
{
    p->t++;
    const char *word = unit(p);
    if (!word || !need_words(p, "FROM"))
        return NULL;
    struct ast *x = node(p, AST_UNIT_CALL, 1, parse_expression(p));
    need_sign(p, ")");
    x->text = "EXTRACT";
    return with_word(p, x, word, from);
}

/* FLOOR(x TO DAY), FLOOR(x) */
static struct ast *floor_or_ceil(struct parser *p, const char *name, const struct token *from)
{
    p->t++;
    struct ast *value = parse_expression(p);
    const char *word = take_words(p, "TO") ? unit(p) : NULL;
    if (!need_sign(p, ")"))
        return NULL;
    if (!word) {
        struct ast *part = placed(p, node_text(p, AST_PART, name), from), *list = placed(p, node(p, AST_LIST, 1, value), from);
        return placed(p, node(p, AST_CALL, 5, placed(p, node(p, AST_NAME, 1, part), from), list, NULL, NULL, NULL), from);
    }
    struct ast *x = node(p, AST_UNIT_CALL, 1, value);
    x->text = name;
    return with_word(p, x, word, from);
}

static struct ast *timestamp_call(struct parser *p, const char *name, const struct token *from)
{
    p->t++;
    const char *word = unit(p);
    if (!word || !need_sign(p, ","))
        return NULL;
    struct ast *first = parse_expression(p);
    if (!need_sign(p, ","))
        return NULL;
    struct ast *x = node(p, AST_UNIT_CALL, 2, first, parse_expression(p));
    need_sign(p, ")");
    x->text = name;
    return with_word(p, x, word, from);
}

/* TRIM([BOTH|LEADING|TRAILING] [x] FROM y), TRIM(y) */
static struct ast *trim(struct parser *p, const struct token *from)
{
    static const char *const sides[] = {"BOTH", "LEADING", "TRAILING", NULL};
    p->t++;
    const char *side = take_one_of(p, sides);
    struct ast *first = side && at_word(p, "FROM") ? NULL : parse_expression(p), *x;
    if (take_words(p, "FROM"))
        x = node(p, AST_TRIM, 2, first, parse_expression(p));
    else if (side)
        return fine(p) ? expected(p, "FROM", NULL) : NULL;
    else
        x = node(p, AST_TRIM, 2, NULL, first);
    need_sign(p, ")");
    return with_word(p, x, side ? side : "BOTH", from);
}

/* --- JSON --- */

static struct ast *clause(struct parser *p)
{
    static const char *const fixed[] = {"NULL ON EMPTY",
                                        "ERROR ON EMPTY",
                                        "NULL ON ERROR",
                                        "ERROR ON ERROR",
                                        "TRUE ON ERROR",
                                        "FALSE ON ERROR",
                                        "UNKNOWN ON ERROR",
                                        "EMPTY ARRAY ON EMPTY",
                                        "EMPTY OBJECT ON EMPTY",
                                        "EMPTY ARRAY ON ERROR",
                                        "EMPTY OBJECT ON ERROR",
                                        "NULL ON NULL",
                                        "ABSENT ON NULL",
                                        "WITHOUT ARRAY WRAPPER",
                                        "WITHOUT WRAPPER",
                                        "WITH CONDITIONAL ARRAY WRAPPER",
                                        "WITH CONDITIONAL WRAPPER",
                                        "WITH UNCONDITIONAL ARRAY WRAPPER",
                                        "WITH UNCONDITIONAL WRAPPER",
                                        "WITH ARRAY WRAPPER",
                                        "WITH WRAPPER",
                                        NULL};
    const struct token *from = p->t;
    struct ast *x = node(p, AST_CLAUSE, 1, NULL);
    if (take_words(p, "RETURNING")) {
        x->text = "RETURNING";
        x->type = sql_parse_type(p);
    } else if (take_words(p, "DEFAULT")) {
        x->kids[0] = parse_expression(p);
        x->text = take_words(p, "ON EMPTY") ? "DEFAULT ON EMPTY" : take_words(p, "ON ERROR") ? "DEFAULT ON ERROR" : NULL;
        if (!x->text)
            return fine(p) ? expected(p, "ON EMPTY or ON ERROR", NULL) : NULL;
    } else if (!(x->text = take_one_of(p, fixed))) {
        return NULL;
    }
    return placed(p, x, from);
}

/* [KEY] k VALUE v, k : v */
static struct ast *pair(struct parser *p)
{
    const struct token *from = p->t;
    if (at_word(p, "KEY") && p->t[1].kind != TOKEN_SIGN)
        p->t++;
    struct ast *key = parse_expression(p);
    if (!take_sign(p, ":") && !need_words(p, "VALUE"))
        return NULL;
    return placed(p, node(p, AST_PAIR, 2, key, parse_expression(p)), from);
}

static struct ast *json(struct parser *p, const char *name, const struct token *from)
{
    bool object = !strncmp(name, "JSON_OBJECT", 11);
    struct kids kids = {0};
    struct ast *c = NULL;
    p->t++;
    if (!at_sign(p, ")") && !(c = clause(p)))
        do
            add_kid(p, &kids, object ? pair(p) : parse_expression(p));
        while (take_sign(p, ","));
    for (; fine(p) && (c || (c = clause(p))); c = NULL)
        add_kid(p, &kids, c);
    if (fine(p) && !take_sign(p, ")"))
        expected(p, "',', ')', RETURNING, or what to do ON EMPTY, ON ERROR, ON NULL", NULL);
    struct ast *x = node_kids(p, AST_JSON, &kids);
    x->text = name;
    return placed(p, x, from);
}

/* --- constructors, literals --- */

static struct ast *row(struct parser *p, const struct token *from)
{
    struct ast *list;
    if (p->t[1].kind == TOKEN_SIGN && *p->t[1].text == ')') {
        p->t += 2;
        list = node(p, AST_ROW, 0);
    } else {
        list = parse_group(p, parse_expression);
    }
    if (list)
        list->kind = AST_ROW;
    return placed(p, list, from);
}

static struct ast *brackets(struct parser *p, enum ast_kind kind, const struct token *from)
{
    p->t++;
    struct ast *list = at_sign(p, "]") ? node(p, kind, 0) : parse_listed(p, parse_expression);
    if (!list || !need_sign(p, "]"))
        return NULL;
    list->kind = kind;
    if (kind == AST_MAP && list->n % 2) {
        sql_fault(p->text, from->at, p->e, "MAP takes keys and values in turn");
        return NULL;
    }
    return placed(p, list, from);
}

static const char *qualifier_part(struct parser *p, bool last)
{
    const char *word = unit(p);
    struct buf b = {0};
    if (!word)
        return NULL;
    buf_puts(&b, word);
    if (take_sign(p, "(")) {
        const struct token *n = p->t;
        bool bad = n->kind != TOKEN_NUMBER || n->n > 2 || (last && strcmp(word, "SECOND") != 0);
        if (bad)
            expected(p, "a precision", NULL);
        else
            p->t++;
        buf_printf(&b, "(%s", bad ? "" : n->text);
        if (!last && !bad && take_sign(p, ",")) {
            buf_printf(&b, ", %s", p->t->text);
            if (p->t->kind != TOKEN_NUMBER || p->t->n > 2)
                expected(p, "a precision", NULL);
            else
                p->t++;
        }
        buf_putc(&b, ')');
        need_sign(p, ")");
    }
    word = arena_str(p->a, buf_cstr(&b));
    buf_free(&b);
    return fine(p) ? word : NULL;
}

static struct ast *interval(struct parser *p)
{
    const struct token *from = p->t++;
    bool minus = take_sign(p, "-");
    if (!minus)
        take_sign(p, "+");
    struct ast *x = sql_parse_text(p, "an interval's value in quotes");
    const char *word = qualifier_part(p, false), *to = word && take_words(p, "TO") ? qualifier_part(p, true) : NULL;
    if (!fine(p))
        return NULL;
    x->kind = AST_INTERVAL;
    x->flag = minus;
    return with_word(p, x, to ? arena_printf(p->a, "%s TO %s", word, to) : word, from);
}

static struct ast *time_literal(struct parser *p, const char *word, const struct token *from)
{
    struct ast *x = sql_parse_text(p, "a text");
    if (x)
        x->kind = AST_TIME;
    return with_word(p, x, word, from);
}

/* --- the table of them --- */

static bool sign_behind(const struct parser *p, const char *sign)
{
    return p->t[1].kind == TOKEN_SIGN && !strcmp(p->t[1].text, sign);
}

static struct ast *with_parentheses(struct parser *p, const struct token *from)
{
    static const char *const casts[] = {"CAST", "TRY_CAST", NULL}, *const floors[] = {"FLOOR", "CEIL", NULL},
                             *const adds[] = {"TIMESTAMPADD", "TIMESTAMPDIFF", NULL},
                             *const jsons[] = {"JSON_VALUE", "JSON_QUERY", "JSON_EXISTS", "JSON_OBJECT", "JSON_ARRAY", NULL};
    const char *word;
    if ((word = take_one_of(p, casts)))
        return cast(p, word, from);
    if ((word = take_one_of(p, floors)))
        return floor_or_ceil(p, word, from);
    if (take_words(p, "CEILING"))
        return floor_or_ceil(p, "CEIL", from);
    if ((word = take_one_of(p, adds)))
        return timestamp_call(p, word, from);
    if ((word = take_one_of(p, jsons)))
        return json(p, word, from);
    if (take_words(p, "EXTRACT"))
        return extract(p, from);
    if (take_words(p, "TRIM"))
        return trim(p, from);
    if (take_words(p, "ROW"))
        return row(p, from);
    if (at_word(p, "LEFT") || at_word(p, "RIGHT") || at_word(p, "SET") || at_word(p, "LIKE")) { /* functions with reserved names */
        struct ast *part = placed(p, node_text(p, AST_PART, p->t++->text), from);
        return fine(p) ? parse_call(p, placed(p, node(p, AST_NAME, 1, part), from), from) : NULL;
    }
    return NULL;
}

struct ast *parse_special(struct parser *p)
{
    static const char *const times[] = {"DATE", "TIME", "TIMESTAMP", NULL};
    const struct token *from = p->t;
    const char *word;
    if (take_words(p, "CASE"))
        return cases(p, from);
    if (at_word(p, "INTERVAL") && (p->t[1].kind == TOKEN_TEXT || p->t[2].kind == TOKEN_TEXT))
        return interval(p);
    if (p->t[1].kind == TOKEN_TEXT && (word = take_one_of(p, times)))
        return time_literal(p, word, from);
    if (sign_behind(p, "["))
        return take_words(p, "ARRAY") ? brackets(p, AST_ARRAY, from) : take_words(p, "MAP") ? brackets(p, AST_MAP, from) : NULL;
    return sign_behind(p, "(") ? with_parentheses(p, from) : NULL;
}
