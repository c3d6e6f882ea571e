/* Statements back to SQL. */
#include <string.h>

#include "sql/ast_printer.h"

void ast_print_column(const struct ast *x, struct buf *to)
{
    put_name(x->text, to);
    buf_putc(to, ' ');
    if (x->type)
        put_type(x->type, to);
    put_maybe("AS ", x->kids[0], to);
    if (x->word && strcmp(x->word, "AS") != 0) {
        buf_puts(to, " METADATA");
        put_maybe(" FROM ", x->kids[1], to);
        if (!strcmp(x->word, "VIRTUAL"))
            buf_puts(to, " VIRTUAL");
    }
    if (x->flag)
        buf_puts(to, " PRIMARY KEY NOT ENFORCED");
    put_maybe(" COMMENT ", x->kids[2], to);
}

static void distribution(const struct ast *x, struct buf *to)
{
    buf_puts(to, " DISTRIBUTED");
    if (x->kids[0]) {
        buf_printf(to, " BY %s", x->word ? x->word : "");
        put_listed("(", x->kids[0], ")", to);
    }
    put_maybe(" INTO ", x->kids[1], to);
    if (x->kids[1])
        buf_puts(to, " BUCKETS");
}

static void create_table(const struct ast *x, struct buf *to)
{
    buf_printf(to, "CREATE %sTABLE %s", x->word ? "TEMPORARY " : "", x->flag ? "IF NOT EXISTS " : "");
    put_print(x->kids[0], to);
    put_listed(" (", x->kids[1], ")", to);
    put_maybe(" COMMENT ", x->kids[2], to);
    if (x->kids[3])
        distribution(x->kids[3], to);
    put_listed(" PARTITIONED BY (", x->kids[4], ")", to);
    put_listed(" WITH (", x->kids[5], ")", to);
    if (x->kids[6]) {
        put_maybe(" LIKE ", x->kids[6]->kids[0], to);
        if (x->kids[6]->kids[1]->n) {
            buf_puts(to, " (");
            put_join(x->kids[6]->kids[1], " ", to);
            buf_putc(to, ')');
        }
    }
    put_maybe(" AS ", x->kids[7], to);
}

static void insert(const struct ast *x, struct buf *to)
{
    buf_printf(to, "INSERT %s ", x->word);
    put_print(x->kids[0], to);
    if (x->kids[4]) {
        buf_putc(to, ' ');
        put_print(x->kids[4], to);
    }
    put_listed(" PARTITION (", x->kids[2], ")", to);
    put_listed(" (", x->kids[1], ")", to);
    put_maybe(" ", x->kids[3], to);
    if (x->text)
        buf_printf(to, " ON CONFLICT DO %s", x->text);
}

void ast_print_statement(const struct ast *x, struct buf *to)
{
    switch (x->kind) {
    case AST_CREATE_VIEW:
        buf_printf(to, "CREATE %sVIEW %s", x->word ? "TEMPORARY " : "", x->flag ? "IF NOT EXISTS " : "");
        put_print(x->kids[0], to);
        put_listed(" (", x->kids[1], ")", to);
        put_maybe(" COMMENT ", x->kids[2], to);
        put_maybe(" AS ", x->kids[3], to);
        break;
    case AST_DROP:
        buf_printf(to, "DROP %s %s", x->word, x->flag ? "IF EXISTS " : "");
        put_print(x->kids[0], to);
        break;
    case AST_USE:
        buf_printf(to, "USE %s", x->word ? "CATALOG " : "");
        put_print(x->kids[0], to);
        break;
    case AST_STATEMENT_SET:
        buf_puts(to, "EXECUTE STATEMENT SET BEGIN ");
        for (uint32_t i = 0; i < x->n; i++) {
            put_print(x->kids[i], to);
            buf_puts(to, "; ");
        }
        buf_puts(to, "END");
        break;
    case AST_SET:
        buf_puts(to, "SET");
        put_maybe(" ", x->kids[0], to);
        put_maybe(" = ", x->kids[1], to);
        break;
    case AST_RESET:
        buf_puts(to, "RESET");
        put_maybe(" ", x->kids[0], to);
        break;
    case AST_EXPLAIN:
        buf_puts(to, x->kids[0] ? "EXPLAIN " : "EXPLAIN PLAN FOR ");
        put_listed("", x->kids[0], " ", to);
        put_print(x->kids[1], to);
        break;
    case AST_SHOW:
        buf_printf(to, "SHOW %s", x->text);
        put_maybe(" ", x->kids[0], to);
        break;
    case AST_DESCRIBE:
        put_maybe("DESCRIBE ", x->kids[0], to);
        break;
    case AST_COMPILE_PLAN:
        put_maybe(x->word ? "COMPILE AND EXECUTE PLAN " : "COMPILE PLAN ", x->kids[0], to);
        put_maybe(x->flag ? " IF NOT EXISTS FOR " : " FOR ", x->kids[1], to);
        break;
    case AST_EXECUTE_PLAN:
        put_maybe("EXECUTE PLAN ", x->kids[0], to);
        break;
    case AST_CREATE_TABLE:
        create_table(x, to);
        break;
    case AST_INSERT:
        insert(x, to);
        break;
    default:
        buf_put(to, x->text, x->n_text); /* AST_CREATE_OTHER */
    }
}

void ast_print_key(const struct ast *x, struct buf *to)
{
    if (x->text) {
        buf_puts(to, "CONSTRAINT ");
        put_name(x->text, to);
        buf_putc(to, ' ');
    }
    put_listed("PRIMARY KEY (", x, ") NOT ENFORCED", to);
}

void ast_print_watermark(const struct ast *x, struct buf *to)
{
    put_maybe("WATERMARK FOR ", x->kids[0], to);
    put_maybe(" AS ", x->kids[1], to);
}
