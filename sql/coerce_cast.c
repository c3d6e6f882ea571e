/* Which casts there are, and how a cast of an expression looks. */
#include <string.h>

#include "sql/coerce.h"
#include "sql/number.h"

/* --- LogicalTypeCasts --- */

enum group {
    G_TEXT = 1,
    G_BYTES = 2,
    G_NUMBER = 4,
    G_BOOL = 8,
    G_DATE = 16,
    G_TIME = 32,
    G_STAMP = 64,
    G_LTZ = 128,
    G_INTERVAL = 256,
    G_HOLDER = 512, /* ARRAY, MAP, ROW … */
    G_RAW = 1024,
    G_STRUCT = 2048,
    G_BITMAP = 4096,
    G_WHOLE = 8192, /* TINYINT to BIGINT, beside G_NUMBER */
    G_DECIMAL = 16384,
    G_STAMPS = G_STAMP | G_LTZ
};

static unsigned group_of(const struct ltype *t)
{
    switch (t->root) {
    case L_CHAR:
    case L_VARCHAR:
        return G_TEXT;
    case L_BINARY:
    case L_VARBINARY:
        return G_BYTES;
    case L_BOOLEAN:
        return G_BOOL;
    case L_DECIMAL:
        return G_NUMBER | G_DECIMAL;
    case L_FLOAT:
    case L_DOUBLE:
        return G_NUMBER;
    case L_DATE:
        return G_DATE;
    case L_TIME:
        return G_TIME;
    case L_TIMESTAMP:
        return G_STAMP;
    case L_TIMESTAMP_LTZ:
        return G_LTZ;
    case L_INTERVAL_YEAR_MONTH:
    case L_INTERVAL_DAY_TIME:
        return G_INTERVAL;
    case L_ARRAY:
    case L_MAP:
    case L_MULTISET:
    case L_ROW:
        return G_HOLDER;
    case L_STRUCTURED:
        return G_STRUCT;
    case L_RAW:
        return G_RAW;
    case L_BITMAP:
        return G_BITMAP;
    default:
        return type_is_integer(t) ? G_NUMBER | G_WHOLE : 0;
    }
}

static bool one_field(const struct ltype *interval) { return !strstr(interval->kind, "_TO_"); }

static bool casts(const struct ltype *from, const struct ltype *to, bool explicit);

static bool holders_cast(const struct ltype *from, const struct ltype *to, bool explicit)
{
    bool rows = type_is_row(from) && type_is_row(to);
    if ((from->root != to->root && !rows) || from->n != to->n)
        return false;
    for (uint32_t i = 0; i < from->n; i++)
        if (!casts(from->kids[i], to->kids[i], explicit))
            return false;
    return true;
}

static bool implicitly(const struct ltype *from, const struct ltype *to)
{
    if (from->root == to->root)
        return true;
    switch (to->root) {
    case L_VARCHAR:
        return from->root == L_CHAR;
    case L_VARBINARY:
        return from->root == L_BINARY;
    case L_SMALLINT:
    case L_INTEGER:
    case L_BIGINT:
        return type_is_integer(from) && from->root < to->root;
    case L_DECIMAL:
    case L_DOUBLE:
        return type_is_number(from);
    case L_FLOAT:
        return type_is_integer(from) || from->root == L_DECIMAL;
    case L_DATE:
    case L_TIME:
        return from->root == L_TIMESTAMP;
    case L_TIMESTAMP:
        return from->root == L_TIMESTAMP_LTZ;
    case L_TIMESTAMP_LTZ:
        return from->root == L_TIMESTAMP;
    default:
        return false;
    }
}

static bool explicitly(const struct ltype *from, const struct ltype *to)
{
    unsigned f = group_of(from), t = group_of(to);
    if (t & G_TEXT)
        return f && true;
    if (t & G_BYTES)
        return f & (G_TEXT | G_BYTES | G_RAW | (to->root == L_VARBINARY && to->length == TYPE_MAX_LENGTH ? G_BITMAP : 0));
    if (t & (G_WHOLE | G_DECIMAL))
        return f & (G_NUMBER | G_TEXT | G_INTERVAL | G_BOOL | G_STAMPS);
    if (t & G_NUMBER)
        return f & (G_NUMBER | G_TEXT | G_BOOL | G_STAMPS);
    if (t & G_BOOL)
        return f & (G_TEXT | G_WHOLE);
    if (t & G_DATE)
        return f & (G_STAMPS | G_TEXT);
    if (t & G_TIME)
        return f & (G_TIME | G_STAMPS | G_TEXT);
    if (t & G_STAMPS)
        return f & (G_DATE | G_TIME | G_STAMPS | G_TEXT | G_NUMBER);
    return (t & G_INTERVAL) && (f & (G_WHOLE | G_DECIMAL | G_TEXT));
}

static bool casts(const struct ltype *from, const struct ltype *to, bool explicit)
{
    if (from->nullable && !to->nullable && !explicit)
        return false;
    if (type_same(from, to, true) || from->root == L_NULL)
        return true;
    unsigned f = group_of(from), t = group_of(to);
    if ((f & G_INTERVAL) && (t & (G_WHOLE | G_DECIMAL)))
        return explicit && one_field(from);
    if ((t & G_INTERVAL) && (f & (G_WHOLE | G_DECIMAL)))
        return explicit && one_field(to);
    if ((f & (G_HOLDER | G_STRUCT)) && (t & (G_HOLDER | G_STRUCT)))
        return holders_cast(from, to, explicit);
    if ((f & G_RAW && !(t & (G_TEXT | G_BYTES))) || t & G_RAW || from->root == L_SYMBOL || to->root == L_SYMBOL)
        return false;
    return implicitly(from, to) || (explicit && explicitly(from, to));
}

bool type_casts_implicitly(const struct ltype *from, const struct ltype *to) { return casts(from, to, false); }
bool type_casts(const struct ltype *from, const struct ltype *to) { return casts(from, to, true); }

/* The longest text of a value; -1: it is not known. */
static int32_t text_length(const struct ltype *t)
{
    switch (t->root) {
    case L_BOOLEAN:
        return 5;
    case L_TINYINT:
        return 4;
    case L_SMALLINT:
        return 6;
    case L_INTEGER:
        return 11;
    case L_BIGINT:
        return 20;
    case L_FLOAT:
        return 15;
    case L_DOUBLE:
        return 24;
    case L_DATE:
        return 10;
    case L_TIME:
        return t->precision ? 9 + t->precision : 8;
    case L_TIMESTAMP:
    case L_TIMESTAMP_LTZ:
        return t->precision ? 20 + t->precision : 19;
    default:
        return -1;
    }
}

static bool length_keeps(const struct ltype *from, const struct ltype *to)
{
    int32_t n = text_length(from);
    if (type_is_text(to))
        return type_is_text(from) ? (to->root == L_VARCHAR || from->root == L_CHAR) && to->length >= from->length
                                  : n >= 0 && to->length >= n;
    if (type_is_text(from))
        return to->length == TYPE_MAX_LENGTH || to->length / 4 >= from->length;
    return type_is_bytes(from) && (to->root == L_VARBINARY || from->root == L_BINARY) && to->length >= from->length;
}

bool type_cast_keeps(const struct ltype *from, const struct ltype *to)
{
    if (from->root == L_NULL)
        return true;
    if (type_is_row(from) && type_is_row(to)) {
        bool keeps = from->n == to->n;
        for (uint32_t i = 0; keeps && i < from->n; i++)
            keeps = type_cast_keeps(from->kids[i], to->kids[i]);
        return keeps;
    }
    if (type_is_text(to) || type_is_bytes(to))
        return length_keeps(from, to);
    if (type_is_integer(to))
        return type_is_integer(from) && from->root <= to->root;
    if (type_is_timestamp(to))
        return type_is_timestamp(from) && from->precision == to->precision;
    if (from->root != to->root)
        return false;
    return to->root == L_DECIMAL ? from->precision == to->precision && from->scale == to->scale
        : to->root == L_TIME     ? from->precision == to->precision
                                 : type_is_real(to) || to->root == L_BOOLEAN || to->root == L_DATE;
}

/* --- RexBuilder#makeCast --- */

static bool text_fits(const struct ltype *from, const struct ltype *to)
{
    return (to->root == L_CHAR && to->length == from->length) || (to->root == L_VARCHAR && to->length >= from->length);
}

static bool bytes_fit(const struct ltype *from, const struct ltype *to)
{
    return (to->root == L_BINARY && to->length == from->length) || (to->root == L_VARBINARY && to->length >= from->length);
}

/* A number's literal as another type's; NULL: its value does not fit. */
static const struct rex *number_as(struct arena *a, const struct rex *x, const struct ltype *to)
{
    static const int64_t limits[] = {INT8_MAX, INT16_MAX, INT32_MAX, INT64_MAX};
    struct number v;
    int64_t whole;
    if (!rex_number(a, x, &v))
        return NULL;
    if (type_is_integer(to)) {
        int64_t limit = limits[to->root - L_TINYINT];
        if (!number_int(&v, &whole) || whole > limit || whole < -limit - 1)
            return NULL;
        return rex_literal(a, value_int(whole), to);
    }
    if (to->root == L_DECIMAL && (int64_t)v.n - v.scale > to->precision - to->scale)
        return NULL;
    const char *text = number_text(a, &v);
    return rex_literal(a, value_text(a, text, strlen(text)), to);
}

/* Seconds' digits beyond the type's are cut. */
static const struct rex *time_as(struct arena *a, const struct rex *x, const struct ltype *to)
{
    const char *text = x->json->text, *dot = strchr(text, '.');
    size_t n = x->json->n;
    if (dot && to->precision < (int32_t)strlen(dot + 1))
        n = (size_t)(dot - text) + (to->precision ? (size_t)to->precision + 1 : 0);
    while (dot && n > (size_t)(dot - text) && (text[n - 1] == '0' || text[n - 1] == '.'))
        n--;
    return rex_literal(a, value_text(a, text, n), to);
}

static const struct rex *literal_as(struct arena *a, const struct rex *x, const struct ltype *to)
{
    const struct ltype *from = x->type, *plain = type_nullable(a, to, false);
    if (rex_is_null(x))
        return rex_null(a, to);
    if (type_is_number(from) && type_is_number(to))
        return number_as(a, x, plain);
    if ((type_is_text(from) && text_fits(from, to)) || (type_is_bytes(from) && bytes_fit(from, to)) ||
        (from->root == L_BOOLEAN && to->root == L_BOOLEAN) || (from->root == L_DATE && to->root == L_DATE))
        return rex_literal(a, *x->json, plain);
    if (from->root == to->root && (from->root == L_TIME || type_is_timestamp(from)))
        return time_as(a, x, plain);
    return type_is_interval(from) && from->root == to->root ? rex_literal(a, *x->json, plain) : NULL;
}

static const struct rex *bool_as_number(struct arena *a, const struct rex *x, const struct ltype *to)
{
    const struct ltype *plain = type_nullable(a, to, false), *truth = type_simple(a, L_BOOLEAN, false);
    const struct rex *one = literal_as(a, rex_int(a, 1), plain), *zero = literal_as(a, rex_int(a, 0), plain);
    if (!one)
        return rex_cast(a, x, to);
    const struct rex *number = rex_call(a, "CASE", "SPECIAL", plain, REX_OPS(x, one, zero));
    if (!x->type->nullable)
        return number;
    const struct rex *there = rex_call(a, "IS NOT NULL", "POSTFIX", truth, REX_OPS(x));
    return rex_call(a, "CASE", "SPECIAL", type_nullable(a, to, true), REX_OPS(there, number, rex_null(a, to)));
}

const struct rex *rex_cast_to(struct arena *a, const struct rex *x, const struct ltype *to)
{
    const struct ltype *from = x->type;
    bool number = type_is_integer(to) || to->root == L_DECIMAL;
    if (type_same(from, to, false))
        return x;
    if (from->root == L_BOOLEAN && number && !rex_is_null(x))
        return bool_as_number(a, x, to);
    if (x->kind == REX_LITERAL) {
        const struct rex *literal = literal_as(a, x, to);
        return literal ? literal : rex_cast(a, x, to);
    }
    if (to->root == L_BOOLEAN && (type_is_integer(from) || from->root == L_DECIMAL)) {
        const struct rex *zero = literal_as(a, rex_int(a, 0), type_nullable(a, from, false));
        return rex_call(a, "<>", "BINARY", to, REX_OPS(x, zero));
    }
    return rex_cast(a, x, to);
}
