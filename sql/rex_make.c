#include "sql/rex_make.h"

#include <string.h>

static struct rex *rex_new(struct arena *a, enum rex_kind kind, const struct ltype *type)
{
    struct rex *x = arena_alloc(a, sizeof *x);
    x->kind = kind;
    x->type = type;
    return x;
}

const struct rex *rex_call(struct arena *a, const char *name, const char *syntax, const struct ltype *type,
                           const struct rex *const *operands, uint32_t n)
{
    struct rex *x = rex_new(a, REX_CALL, type);
    x->name = arena_printf(a, "$%s$1", name);
    x->lookup = REX_INTERNAL;
    x->syntax = syntax;
    x->n = n;
    x->operands = arena_array(a, n ? n : 1, sizeof *x->operands);
    for (uint32_t i = 0; i < n; i++)
        x->operands[i] = operands[i];
    return x;
}

const struct rex *rex_input(struct arena *a, uint32_t column, const struct ltype *type)
{
    struct rex *x = rex_new(a, REX_INPUT, type);
    x->input = column;
    return x;
}

const struct rex *rex_literal(struct arena *a, struct value v, const struct ltype *type)
{
    struct rex *x = rex_new(a, REX_LITERAL, type);
    struct value *copy = arena_alloc(a, sizeof *copy);
    *copy = v;
    x->json = copy;
    return x;
}

const struct rex *rex_null(struct arena *a, const struct ltype *type)
{
    return rex_literal(a, value_null(), type_nullable(a, type, true));
}

/* Java's characters: what lies beyond the BMP counts two. */
static int32_t java_length(const char *s, size_t n)
{
    int32_t units = 0;
    for (size_t i = 0; i < n; i++) {
        units += (s[i] & 0xc0) != 0x80;
        units += (uint8_t)s[i] >= 0xf0;
    }
    return units;
}

const struct rex *rex_text(struct arena *a, const char *s, size_t n)
{
    return rex_literal(a, value_text(a, s, n), type_length(a, L_CHAR, java_length(s, n), false));
}

const struct rex *rex_int(struct arena *a, int64_t v)
{
    return rex_literal(a, value_int(v), type_simple(a, v >= INT32_MIN && v <= INT32_MAX ? L_INTEGER : L_BIGINT, false));
}

const struct rex *rex_bool(struct arena *a, bool v) { return rex_literal(a, value_bool(v), type_simple(a, L_BOOLEAN, false)); }

const struct rex *rex_symbol(struct arena *a, const char *cls, const char *word)
{
    struct rex *x = rex_new(a, REX_SYMBOL, type_simple(a, L_SYMBOL, false));
    x->symbol = cls;
    x->name = word;
    return x;
}

const struct rex *rex_cast(struct arena *a, const struct rex *x, const struct ltype *to)
{
    return rex_call(a, "CAST", "SPECIAL", to, &x, 1);
}

const struct rex *rex_field(struct arena *a, const struct rex *row, uint32_t field)
{
    struct rex *x = rex_new(a, REX_FIELD, row->type->kids[field]);
    x->name = row->type->names[field];
    x->input = field;
    x->n = 1;
    x->operands = arena_array(a, 1, sizeof *x->operands);
    x->operands[0] = row;
    return row->type->nullable && !x->type->nullable ? rex_cast(a, x, type_nullable(a, x->type, true)) : x;
}

bool rex_is_call(const struct rex *x, const char *name)
{
    size_t n = strlen(name);
    return x->kind == REX_CALL && x->lookup == REX_INTERNAL && x->name[0] == '$' && !strncmp(x->name + 1, name, n) &&
        !strcmp(x->name + 1 + n, "$1");
}

bool rex_function_varies(const char *internal)
{
    static const char *const names[] = {"$RAND$1",
                                        "$RAND_INTEGER$1",
                                        "$UUID$1",
                                        "$NOW$1",
                                        "$PROCTIME$1",
                                        "$UNIX_TIMESTAMP$1",
                                        "$CURRENT_DATE$1",
                                        "$CURRENT_TIME$1",
                                        "$LOCALTIME$1",
                                        "$LOCALTIMESTAMP$1",
                                        "$CURRENT_TIMESTAMP$1",
                                        "$CURRENT_ROW_TIMESTAMP$1",
                                        "$CURRENT_WATERMARK$1",
                                        "$PROCTIME_MATERIALIZE$1"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (!strcmp(names[i], internal))
            return true;
    return false;
}

bool rex_varies(const struct rex *x)
{
    if (x->kind == REX_CALL && (x->lookup != REX_INTERNAL || rex_function_varies(x->name)))
        return true;
    for (uint32_t i = 0; i < x->n; i++)
        if (rex_varies(x->operands[i]))
            return true;
    return false;
}

bool rex_is_null(const struct rex *x) { return x->kind == REX_LITERAL && x->json->kind == VAL_NULL; }

bool rex_number(struct arena *a, const struct rex *x, struct number *to)
{
    if (x->kind != REX_LITERAL || !type_is_number(x->type))
        return false;
    if (x->json->kind == VAL_TEXT)
        return number_parse(a, x->json->text, x->json->n, to);
    if (x->json->kind != VAL_INT)
        return false;
    const char *text = arena_printf(a, "%lld", (long long)x->json->i);
    return number_parse(a, text, strlen(text), to);
}
