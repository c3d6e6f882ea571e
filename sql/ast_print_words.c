/* What printing a tree is made of. */
#include <string.h>

#include "sql/ast_printer.h"

void put_print(const struct ast *x, struct buf *to) { ast_print(x, to); }

void put_quote(const char *s, size_t n, char mark, struct buf *to)
{
    buf_putc(to, (uint8_t)mark);
    for (size_t i = 0; i < n; i++) {
        buf_putc(to, (uint8_t)s[i]);
        if (s[i] == mark)
            buf_putc(to, (uint8_t)mark);
    }
    buf_putc(to, (uint8_t)mark);
}

void put_name(const char *s, struct buf *to) { put_quote(s, strlen(s), '`', to); }

void put_type(const struct ltype *t, struct buf *to) { ltype_text(t, LTYPE_SQL, SIZE_MAX, to); }

void put_join_from(const struct ast *x, uint32_t from, const char *between, struct buf *to)
{
    for (uint32_t i = from; i < x->n; i++) {
        if (i > from)
            buf_puts(to, between);
        put_print(x->kids[i], to);
    }
}

void put_join(const struct ast *x, const char *between, struct buf *to) { put_join_from(x, 0, between, to); }

void put_listed(const char *before, const struct ast *list, const char *after, struct buf *to)
{
    if (!list)
        return;
    buf_puts(to, before);
    put_join(list, ", ", to);
    buf_puts(to, after);
}

void put_maybe(const char *before, const struct ast *x, struct buf *to)
{
    if (!x)
        return;
    buf_puts(to, before);
    put_print(x, to);
}

/* An operand: what would bind more loosely stands in parentheses. */
void put_operand(const struct ast *x, struct buf *to)
{
    bool loose = x->kind == AST_OP;
    if (loose)
        buf_putc(to, '(');
    put_print(x, to);
    if (loose)
        buf_putc(to, ')');
}

void put_maybe_operand(const char *before, const struct ast *x, struct buf *to)
{
    if (!x)
        return;
    buf_puts(to, before);
    put_operand(x, to);
}

void put_query(const struct ast *x, struct buf *to)
{
    if (ast_is_query(x))
        buf_putc(to, '(');
    put_print(x, to);
    if (ast_is_query(x))
        buf_putc(to, ')');
}
