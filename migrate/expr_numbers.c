/* Arithmetic and order of values. Decimals are 128 bits and a scale while they are computed with. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "migrate/cast.h"
#include "savepoint/decimal.h"

typedef __int128 wide;

struct fixed {
    wide n;
    int32_t scale; /* digits behind the point, not negative */
};

enum { DIGITS = 38, DIVISION_SCALE = 6 };

static wide limit(void)
{
    wide v = 1;
    for (int i = 0; i < DIGITS; i++)
        v *= 10;
    return v;
}

static bool too_long(struct err *e) { return err_set(e, ERR_CONVERT, "a decimal of more than %d digits", DIGITS); }

static bool in_range(wide n) { return n < limit() && n > -limit(); }

static bool scale_up(struct fixed *f, int32_t scale, struct err *e)
{
    for (; f->scale < scale; f->scale++) {
        if (f->n > limit() / 10 || f->n < -limit() / 10)
            return too_long(e);
        f->n *= 10;
    }
    return in_range(f->n) || too_long(e);
}

static bool fixed_of_text(const char *s, size_t n, struct fixed *f, struct err *e)
{
    struct decimal d;
    *f = (struct fixed){0};
    bool ok = decimal_parse(&d, s, n);
    if (!ok)
        err_set(e, ERR_CONVERT, "\"%.*s\" is no number", n > 60 ? 60 : (int)n, s);
    else if (d.digits.n > DIGITS || d.scale > DIGITS || d.scale < -DIGITS)
        ok = too_long(e);
    for (size_t i = 0; ok && i < d.digits.n; i++)
        f->n = f->n * 10 + (d.digits.p[i] - '0');
    if (ok) {
        f->n = d.negative ? -f->n : f->n;
        f->scale = d.scale;
    }
    buf_free(&d.digits);
    return ok && scale_up(f, 0, e);
}

static bool fixed_of(const struct value *v, struct fixed *f, struct err *e)
{
    *f = (struct fixed){0};
    if (v->kind == VAL_TEXT)
        return fixed_of_text(v->text, v->n, f, e);
    f->n = v->i;
    return true;
}

static struct value text_of_fixed(struct fixed f, struct arena *a)
{
    char digits[64], *p = digits + sizeof digits;
    bool negative = f.n < 0;
    wide n = negative ? -f.n : f.n;
    int32_t behind = 0;
    *--p = 0;
    do {
        *--p = (char)('0' + (int)(n % 10));
        n /= 10;
        if (++behind == f.scale)
            *--p = '.';
    } while (n || behind <= f.scale);
    if (*p == '.')
        *--p = '0';
    if (negative)
        *--p = '-';
    return value_text(a, p, strlen(p));
}

static double real_of(const struct value *v)
{
    return v->kind == VAL_REAL ? v->d : v->kind == VAL_INT ? (double)v->i : strtod(v->text, NULL);
}

static bool is_number(const struct value *v, enum typing_class c)
{
    return v->kind == VAL_INT || v->kind == VAL_REAL || (v->kind == VAL_TEXT && c == CLASS_DECIMAL);
}

static bool multiply(struct fixed *x, struct fixed y, struct err *e)
{
    wide n;
    if (__builtin_mul_overflow(x->n, y.n, &n) || !in_range(n) || x->scale + y.scale > DIGITS)
        return too_long(e);
    *x = (struct fixed){n, x->scale + y.scale};
    return true;
}

/* Rounded half away from zero. */
static bool divide(struct fixed *x, struct fixed y, struct err *e)
{
    int32_t scale = x->scale > DIVISION_SCALE ? x->scale : DIVISION_SCALE;
    if (!scale_up(x, scale + y.scale, e))
        return false;
    wide q = x->n / y.n, r = x->n % y.n, twice = (r < 0 ? -r : r) * 2;
    if (twice >= (y.n < 0 ? -y.n : y.n))
        q += (x->n < 0) == (y.n < 0) ? 1 : -1;
    *x = (struct fixed){q, scale};
    return true;
}

static bool fixed_arithmetic(enum expr_op op, struct fixed x, struct fixed y, struct fixed *to, struct err *e)
{
    int32_t scale = x.scale > y.scale ? x.scale : y.scale;
    if ((op == OP_DIV || op == OP_MOD) && !y.n)
        return err_set(e, ERR_CONVERT, "a division by zero");
    *to = x;
    if (op == OP_MUL)
        return multiply(to, y, e);
    if (op == OP_DIV)
        return divide(to, y, e);
    if (!scale_up(to, scale, e) || !scale_up(&y, scale, e))
        return false;
    to->n = op == OP_ADD ? to->n + y.n : op == OP_SUB ? to->n - y.n : to->n % y.n;
    return in_range(to->n) || too_long(e);
}

static bool int_arithmetic(enum expr_op op, int64_t x, int64_t y, int64_t *to, struct err *e)
{
    bool over = false;
    if ((op == OP_DIV || op == OP_MOD) && !y)
        return err_set(e, ERR_CONVERT, "a division by zero");
    if (op == OP_ADD)
        over = __builtin_add_overflow(x, y, to);
    else if (op == OP_SUB)
        over = __builtin_sub_overflow(x, y, to);
    else if (op == OP_MUL)
        over = __builtin_mul_overflow(x, y, to);
    else if (y == -1) /* the smallest number has no counterpart */
        over = op == OP_DIV && __builtin_sub_overflow((int64_t)0, x, to);
    else
        *to = op == OP_DIV ? x / y : x % y;
    if (y == -1 && op == OP_MOD)
        *to = 0;
    return !over || err_set(e, ERR_CONVERT, "a whole number beyond 64 bits");
}

static double real_arithmetic(enum expr_op op, double x, double y)
{
    switch (op) {
    case OP_ADD:
        return x + y;
    case OP_SUB:
        return x - y;
    case OP_MUL:
        return x * y;
    case OP_DIV:
        return x / y;
    default:
        return fmod(x, y);
    }
}

bool arithmetic_of(enum expr_op op, const struct value *a, enum typing_class ca, const struct value *b, enum typing_class cb,
                   struct arena *arena, struct value *v, struct err *e)
{
    struct fixed x, y, r;
    *v = value_null();
    if (a->kind == VAL_NULL || b->kind == VAL_NULL)
        return true;
    if (!is_number(a, ca) || !is_number(b, cb))
        return err_set(e, ERR_CONVERT, "arithmetic with what is no number");
    if (a->kind == VAL_REAL || b->kind == VAL_REAL) {
        *v = value_double(real_arithmetic(op, real_of(a), real_of(b)));
        return true;
    }
    if (a->kind == VAL_INT && b->kind == VAL_INT) {
        int64_t n = 0;
        bool ok = int_arithmetic(op, a->i, b->i, &n, e);
        *v = ok ? value_int(n) : value_null();
        return ok;
    }
    if (!fixed_of(a, &x, e) || !fixed_of(b, &y, e) || !fixed_arithmetic(op, x, y, &r, e))
        return false;
    *v = text_of_fixed(r, arena);
    return true;
}

/* --- order --- */

static int sign(bool less, bool more) { return more - less; }

static int order_bytes(const void *a, size_t na, const void *b, size_t nb)
{
    size_t n = na < nb ? na : nb;
    int c = n ? memcmp(a, b, n) : 0;
    return c ? sign(c<0, c> 0) : sign(na<nb, na> nb);
}

static bool order_numbers(const struct value *a, const struct value *b, int *order, struct err *e)
{
    if (a->kind == VAL_REAL || b->kind == VAL_REAL) {
        double x = real_of(a), y = real_of(b);
        *order = sign(x<y, x> y);
        return true;
    }
    struct fixed x, y;
    if (a->kind == VAL_INT && b->kind == VAL_INT) {
        *order = sign(a->i<b->i, a->i> b->i);
        return true;
    }
    if (!fixed_of(a, &x, e) || !fixed_of(b, &y, e))
        return false;
    int32_t scale = x.scale > y.scale ? x.scale : y.scale;
    if (!scale_up(&x, scale, e) || !scale_up(&y, scale, e))
        return false;
    *order = sign(x.n<y.n, x.n> y.n);
    return true;
}

static bool is_time(enum typing_class c) { return c >= CLASS_DATE && c <= CLASS_INSTANT; }

static bool order_times(const struct value *a, const struct value *b, int *order, struct err *e)
{
    int64_t x, y;
    int32_t nx, ny;
    const struct value *bad = !time_of_value(a, &x, &nx) ? a : !time_of_value(b, &y, &ny) ? b : NULL;
    if (bad)
        return err_set(e, ERR_CONVERT, "\"%.*s\" is no date or time", bad->n > 60 ? 60 : (int)bad->n, bad->text);
    *order = x != y ? sign(x<y, x> y) : sign(nx<ny, nx> ny);
    return true;
}

bool value_order(const struct value *a, enum typing_class ca, const struct value *b, enum typing_class cb, int *order,
                 struct err *e)
{
    if (is_number(a, ca) && is_number(b, cb))
        return order_numbers(a, b, order, e);
    if (a->kind == VAL_TEXT && b->kind == VAL_TEXT) {
        if (is_time(ca) || is_time(cb))
            return order_times(a, b, order, e);
        *order = order_bytes(a->text, a->n, b->text, b->n);
        return true;
    }
    if (a->kind == VAL_BYTES && b->kind == VAL_BYTES) {
        *order = order_bytes(a->bytes, a->n, b->bytes, b->n);
        return true;
    }
    if (a->kind == VAL_BOOL && b->kind == VAL_BOOL) {
        *order = (int)a->b - (int)b->b;
        return true;
    }
    return err_set(e, ERR_CONVERT, "values that cannot be compared");
}
