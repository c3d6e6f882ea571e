#include "sql/ast.h"

#include <string.h>

bool ast_is_query(const struct ast *x)
{
    return x->kind == AST_SELECT || x->kind == AST_SET_OP || x->kind == AST_VALUES || x->kind == AST_ORDER || x->kind == AST_WITH;
}

static bool same_text(const char *a, const char *b) { return a == b || (a && b && !strcmp(a, b)); }

static bool same_bytes(const struct ast *a, const struct ast *b)
{
    return a->n_text == b->n_text && (a->n_text ? !memcmp(a->text, b->text, a->n_text) : same_text(a->text, b->text));
}

bool ast_same(const struct ast *a, const struct ast *b)
{
    if (!a || !b)
        return a == b;
    if (a->kind != b->kind || a->flag != b->flag || a->n != b->n || !same_bytes(a, b) || !same_text(a->word, b->word) ||
        !a->type != !b->type || (a->type && !type_same(a->type, b->type, false)))
        return false;
    for (uint32_t i = 0; i < a->n; i++)
        if (!ast_same(a->kids[i], b->kids[i]))
            return false;
    return true;
}
