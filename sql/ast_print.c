/* Trees back to SQL. Operands that are operators stand in parentheses, names in back quotes: what is printed needs no precedence. */
#include <string.h>

#include "sql/ast_printer.h"

/* IS NULL stands behind its operand, EXISTS in front of it, BETWEEN around. */
static void op(const struct ast *x, struct buf *to)
{
    bool prefix = !strcmp(x->text, "NOT") || !strcmp(x->text, "EXISTS") || !strcmp(x->text, "UNIQUE");
    if (x->n == 1 && (prefix || !strcmp(x->text, "-") || !strcmp(x->text, "+"))) {
        buf_printf(to, prefix ? "%s " : "%s", x->text);
        if (x->text[1] || x->kids[0]->kind == AST_OP || x->kids[0]->kind != AST_NUMBER)
            put_operand(x->kids[0], to);
        else
            put_listed("(", &(struct ast){.n = 1, .kids = x->kids}, ")", to);
        return;
    }
    put_operand(x->kids[0], to);
    if (x->n == 1)
        buf_printf(to, " %s", x->text);
    for (uint32_t i = 1; i < x->n; i++) {
        bool between = strstr(x->text, "BETWEEN"), like = strstr(x->text, "LIKE") || strstr(x->text, "SIMILAR");
        buf_printf(to, " %s ", i == 1 ? x->text : between ? "AND" : like ? "ESCAPE" : x->text);
        put_operand(x->kids[i], to);
    }
}

static void call(const struct ast *x, struct buf *to)
{
    const struct ast *args = ast_kid(x, 1);
    if (!args && x->kids[0]->n == 1) {
        buf_puts(to, x->kids[0]->kids[0]->text);
        return;
    }
    put_print(x->kids[0], to);
    buf_putc(to, '(');
    if (x->word)
        buf_printf(to, "%s ", x->word);
    if (args)
        put_join(args, ", ", to);
    buf_putc(to, ')');
    if (x->text)
        buf_printf(to, " %s", x->text);
    put_listed(" WITHIN GROUP (ORDER BY ", ast_kid(x, 3), ")", to);
    if (ast_kid(x, 2)) {
        put_maybe(" FILTER (WHERE ", ast_kid(x, 2), to);
        buf_putc(to, ')');
    }
    put_maybe(" OVER ", ast_kid(x, 4), to);
}

static void cases(const struct ast *x, struct buf *to)
{
    buf_puts(to, "CASE");
    put_maybe(" ", x->kids[0], to);
    for (uint32_t i = 2; i + 1 < x->n; i += 2) {
        buf_puts(to, " WHEN ");
        if (x->kids[i]->kind == AST_LIST)
            put_listed("", x->kids[i], "", to);
        else
            put_print(x->kids[i], to);
        put_maybe(" THEN ", x->kids[i + 1], to);
    }
    put_maybe(" ELSE ", x->kids[1], to);
    buf_puts(to, " END");
}

static void unit_call(const struct ast *x, struct buf *to)
{
    if (!strcmp(x->text, "EXTRACT")) {
        buf_printf(to, "EXTRACT(%s FROM ", x->word);
        put_join(x, ", ", to);
    } else if (!strncmp(x->text, "TIMESTAMP", 9)) {
        buf_printf(to, "%s(%s, ", x->text, x->word);
        put_join(x, ", ", to);
    } else {
        buf_printf(to, "%s(", x->text);
        put_join(x, ", ", to);
        buf_printf(to, " TO %s", x->word);
    }
    buf_putc(to, ')');
}

static void json(const struct ast *x, struct buf *to)
{
    buf_printf(to, "%s(", x->text);
    for (uint32_t i = 0; i < x->n; i++) {
        const struct ast *k = x->kids[i];
        if (i)
            buf_puts(to, k->kind == AST_CLAUSE ? " " : ", ");
        if (k->kind == AST_PAIR) {
            put_maybe("KEY ", k->kids[0], to);
            put_maybe(" VALUE ", k->kids[1], to);
        } else {
            put_print(k, to);
        }
    }
    buf_putc(to, ')');
}

static void clause(const struct ast *x, struct buf *to)
{
    if (!ast_kid(x, 0)) {
        buf_puts(to, x->text);
    } else {
        put_maybe("DEFAULT ", x->kids[0], to);
        buf_puts(to, x->text + strlen("DEFAULT"));
    }
    if (x->type) {
        buf_putc(to, ' ');
        put_type(x->type, to);
    }
}

static void select_query(const struct ast *x, struct buf *to)
{
    buf_puts(to, "SELECT ");
    if (x->kids[0])
        put_print(x->kids[0], to);
    if (x->word)
        buf_printf(to, "%s ", x->word);
    put_join(x->kids[1], ", ", to);
    if (x->kids[2]) {
        buf_puts(to, " FROM ");
        put_query(x->kids[2], to);
    }
    put_maybe(" WHERE ", x->kids[3], to);
    put_listed(" GROUP BY ", x->kids[4], "", to);
    put_maybe(" HAVING ", x->kids[5], to);
    put_listed(" WINDOW ", x->kids[6], "", to);
}

static void window(const struct ast *x, struct buf *to)
{
    buf_putc(to, '(');
    if (x->text)
        put_name(x->text, to);
    put_listed(" PARTITION BY ", x->kids[0], "", to);
    put_listed(" ORDER BY ", x->kids[1], "", to);
    put_maybe(" ", x->kids[2], to);
    buf_putc(to, ')');
}

static void frame(const struct ast *x, struct buf *to)
{
    buf_printf(to, x->kids[1] ? "%s BETWEEN " : "%s ", x->word);
    put_print(x->kids[0], to);
    put_maybe(" AND ", x->kids[1], to);
}

static void tables_join(const struct ast *x, struct buf *to)
{
    bool nested = x->kids[1]->kind == AST_JOIN;
    put_query(x->kids[0], to);
    if (!strcmp(x->text, "COMMA"))
        buf_puts(to, ", ");
    else
        buf_printf(to, " %s%s JOIN ", x->word ? "NATURAL " : "", x->text);
    buf_puts(to, nested ? "(" : "");
    put_query(x->kids[1], to);
    buf_puts(to, nested ? ")" : "");
    put_maybe(" ON ", x->kids[2], to);
    put_listed(" USING (", x->kids[3], ")", to);
}

static void alias(const struct ast *x, struct buf *to)
{
    bool nested = x->kids[0]->kind == AST_JOIN || ast_is_query(x->kids[0]);
    buf_puts(to, nested ? "(" : "");
    put_print(x->kids[0], to);
    buf_puts(to, nested ? ") AS " : " AS ");
    put_name(x->text, to);
    put_listed(" (", ast_kid(x, 1), ")", to);
}

/* A whole query below ORDER BY or a set operation. */
static void order(const struct ast *x, struct buf *to)
{
    put_query(x->kids[0], to);
    put_listed(" ORDER BY ", x->kids[1], "", to);
    put_maybe_operand(" OFFSET ", x->kids[2], to);
    if (x->kids[2])
        buf_puts(to, " ROWS");
    put_maybe_operand(" FETCH NEXT ", x->kids[3], to);
    if (x->kids[3])
        buf_puts(to, " ROWS ONLY");
}

static void pattern(const struct ast *x, struct buf *to)
{
    if (!strcmp(x->text, "PERMUTE")) {
        put_listed("PERMUTE(", x, ")", to);
        return;
    }
    buf_puts(to, "(");
    put_join(x, !strcmp(x->text, "|") ? " | " : " ", to);
    buf_puts(to, ")");
    if (strcmp(x->text, "|") != 0)
        buf_puts(to, x->text);
}

static void match(const struct ast *x, struct buf *to)
{
    put_query(x->kids[0], to);
    buf_puts(to, " MATCH_RECOGNIZE (");
    put_listed(" PARTITION BY ", x->kids[1], "", to);
    put_listed(" ORDER BY ", x->kids[2], "", to);
    put_listed(" MEASURES ", x->kids[3], "", to);
    if (x->word)
        buf_printf(to, " %s PER MATCH", x->word);
    if (x->text)
        buf_printf(to, " %s", x->text);
    put_maybe(" PATTERN ", x->kids[4], to);
    put_maybe(" WITHIN ", x->kids[5], to);
    put_listed(" SUBSET ", x->kids[6], "", to);
    buf_puts(to, " DEFINE ");
    for (uint32_t i = 0; i < x->kids[7]->n; i++) {
        const struct ast *d = x->kids[7]->kids[i];
        buf_puts(to, i ? ", " : "");
        put_name(d->text, to);
        put_maybe(" AS ", d->kids[0], to);
    }
    buf_putc(to, ')');
}

static void table_arg(const struct ast *x, struct buf *to)
{
    if (!ast_is_query(x->kids[0]))
        buf_puts(to, "TABLE ");
    put_query(x->kids[0], to);
    put_listed(" PARTITION BY (", x->kids[1], ")", to);
    put_listed(" ORDER BY (", x->kids[2], ")", to);
}

static void simple_query(const struct ast *x, struct buf *to)
{
    switch (x->kind) {
    case AST_VALUES:
        put_listed("VALUES ", x, "", to);
        break;
    case AST_SET_OP:
        put_query(x->kids[0], to);
        buf_printf(to, " %s ", x->text);
        put_query(x->kids[1], to);
        break;
    case AST_WITH:
        put_listed("WITH ", x->kids[0], " ", to);
        put_print(x->kids[1], to);
        break;
    case AST_CTE:
        put_name(x->text, to);
        put_listed(" (", x->kids[0], ")", to);
        put_maybe(" AS (", x->kids[1], to);
        buf_putc(to, ')');
        break;
    case AST_SORT:
        put_operand(x->kids[0], to);
        if (x->word)
            buf_printf(to, " %s", x->word);
        if (x->text)
            buf_printf(to, " %s", x->text);
        break;
    case AST_BOUND:
        if (x->kids[0]) {
            put_operand(x->kids[0], to);
            buf_putc(to, ' ');
        }
        buf_puts(to, x->text);
        break;
    case AST_GROUPING:
        buf_puts(to, x->word);
        put_listed(" (", x, ")", to);
        break;
    default: /* AST_UNNEST */
        put_listed("UNNEST(", x, x->flag ? ") WITH ORDINALITY" : ")", to);
    }
}

static void table(const struct ast *x, struct buf *to)
{
    switch (x->kind) {
    case AST_TABLE:
        put_print(x->kids[0], to);
        put_maybe(" ", x->kids[1], to);
        break;
    case AST_SNAPSHOT:
        put_print(x->kids[0], to);
        put_maybe_operand(" FOR SYSTEM_TIME AS OF ", x->kids[1], to);
        break;
    case AST_LATERAL:
        buf_puts(to, "LATERAL ");
        put_query(x->kids[0], to);
        break;
    case AST_TABLE_FN:
        buf_puts(to, x->word ? "TABLE(" : "");
        put_print(x->kids[0], to);
        buf_puts(to, x->word ? ")" : "");
        break;
    case AST_HINTS:
        put_listed("/*+ ", x, " */ ", to);
        break;
    default: /* AST_HINT */
        put_name(x->text, to);
        if (x->n)
            put_listed("(", x, ")", to);
    }
}

static void atom(const struct ast *x, struct buf *to)
{
    switch (x->kind) {
    case AST_NULL:
        buf_puts(to, "NULL");
        break;
    case AST_TEXT:
        put_quote(x->text, x->n_text, '\'', to);
        break;
    case AST_BINARY:
        buf_printf(to, "X'%s'", x->text);
        break;
    case AST_TIME:
        buf_printf(to, "%s ", x->word);
        put_quote(x->text, x->n_text, '\'', to);
        break;
    case AST_INTERVAL:
        buf_puts(to, x->flag ? "INTERVAL -" : "INTERVAL ");
        put_quote(x->text, x->n_text, '\'', to);
        buf_printf(to, " %s", x->word);
        break;
    case AST_PART:
        put_name(x->text, to);
        break;
    case AST_DEFAULT:
        buf_puts(to, "DEFAULT");
        break;
    default: /* AST_BOOL, AST_NUMBER, AST_WORD */
        buf_puts(to, x->text);
    }
}

static void expression(const struct ast *x, struct buf *to)
{
    switch (x->kind) {
    case AST_NAME:
        put_join(x, ".", to);
        break;
    case AST_STAR:
        put_join(x, ".", to);
        buf_puts(to, x->n ? ".*" : "*");
        break;
    case AST_ARGUMENT:
        put_name(x->text, to);
        put_maybe(" => ", x->kids[0], to);
        break;
    case AST_CAST:
        buf_printf(to, "%s(", x->word);
        put_print(x->kids[0], to);
        buf_puts(to, " AS ");
        put_type(x->type, to);
        buf_putc(to, ')');
        break;
    case AST_ROW:
        put_listed("ROW(", x, ")", to);
        break;
    case AST_ARRAY:
        put_listed("ARRAY[", x, "]", to);
        break;
    case AST_MAP:
        put_listed("MAP[", x, "]", to);
        break;
    case AST_ITEM:
        put_operand(x->kids[0], to);
        put_maybe("[", x->kids[1], to);
        buf_putc(to, ']');
        break;
    case AST_FIELD:
        buf_putc(to, '(');
        put_print(x->kids[0], to);
        buf_puts(to, ").");
        put_name(x->text, to);
        break;
    case AST_TRIM:
        buf_printf(to, "TRIM(%s", x->word);
        put_maybe(" ", x->kids[0], to);
        put_maybe(" FROM ", x->kids[1], to);
        buf_putc(to, ')');
        break;
    case AST_PAIR:
        put_print(x->kids[0], to);
        put_maybe(" = ", x->kids[1], to);
        break;
    case AST_SUBQUERY:
    case AST_LIST:
        put_listed("(", x, ")", to);
        break;
    default: /* AST_DESCRIPTOR */
        put_listed("DESCRIPTOR(", x, ")", to);
    }
}

static void named(const struct ast *x, struct buf *to) /* AST_NAMED_WINDOW */
{
    put_name(x->text, to);
    put_maybe(" AS ", x->kids[0], to);
}

void ast_print(const struct ast *x, struct buf *to)
{
    static void (*const own[AST_EXECUTE_PLAN + 1])(const struct ast *, struct buf *) = {
        [AST_OP] = op,
        [AST_CALL] = call,
        [AST_CASE] = cases,
        [AST_UNIT_CALL] = unit_call,
        [AST_JSON] = json,
        [AST_CLAUSE] = clause,
        [AST_TABLE_ARG] = table_arg,
        [AST_SELECT] = select_query,
        [AST_ORDER] = order,
        [AST_WINDOW] = window,
        [AST_FRAME] = frame,
        [AST_JOIN] = tables_join,
        [AST_AS] = alias,
        [AST_PATTERN] = pattern,
        [AST_MATCH] = match,
        [AST_NAMED_WINDOW] = named,
        [AST_COLUMN] = ast_print_column,
        [AST_KEY] = ast_print_key,
        [AST_WATERMARK] = ast_print_watermark,
    };
    if (own[x->kind])
        own[x->kind](x, to);
    else if (x->kind <= AST_INTERVAL || x->kind == AST_PART || x->kind == AST_DEFAULT || x->kind == AST_WORD)
        atom(x, to);
    else if (x->kind <= AST_DESCRIPTOR)
        expression(x, to);
    else if (x->kind == AST_TABLE || x->kind == AST_SNAPSHOT || x->kind == AST_LATERAL || x->kind == AST_TABLE_FN ||
             x->kind == AST_HINTS || x->kind == AST_HINT)
        table(x, to);
    else if (x->kind < AST_CREATE_TABLE)
        simple_query(x, to);
    else
        ast_print_statement(x, to);
}
