/* + - * / and the rest of a division: as Java computes, decimals as Flink's DecimalDataUtils. */
#include <math.h>

#include "sql/fn.h"

enum { OP_PLUS, OP_MINUS, OP_TIMES, OP_DIV, OP_MOD };

static int64_t wrapped(enum lroot root, int64_t v)
{
    switch (root) {
    case L_TINYINT:
        return (int8_t)v;
    case L_SMALLINT:
        return (int16_t)v;
    case L_INTEGER:
        return (int32_t)v;
    default:
        return v;
    }
}

static void operands(struct expr *x, struct eval *ev, const uint32_t *sel, uint32_t n)
{
    struct expr *l = x->args[0], *r = x->args[1];
    l->run(l, ev, sel, n);
    r->run(r, ev, sel, n);
    EACH(i) x->out.null[i] = l->out.null[i] | r->out.null[i];
}

#define WRAPPING(expression)                    \
    switch (x->type->root) {                    \
    case L_TINYINT:                             \
        EACH(i) o[i].i = (int8_t)(expression);  \
        break;                                  \
    case L_SMALLINT:                            \
        EACH(i) o[i].i = (int16_t)(expression); \
        break;                                  \
    case L_INTEGER:                             \
        EACH(i) o[i].i = (int32_t)(expression); \
        break;                                  \
    default:                                    \
        EACH(i) o[i].i = (int64_t)(expression); \
        break;                                  \
    }

static void run_int(struct expr *x, struct eval *ev, const uint32_t *sel, uint32_t n)
{
    operands(x, ev, sel, n);
    const union cell *a = x->args[0]->out.v, *b = x->args[1]->out.v;
    union cell *o = x->out.v;
    switch (x->k) {
    case OP_PLUS:
        WRAPPING((uint64_t)a[i].i + (uint64_t)b[i].i)
        break;
    case OP_MINUS:
        WRAPPING((uint64_t)a[i].i - (uint64_t)b[i].i)
        break;
    default:
        WRAPPING((uint64_t)a[i].i * (uint64_t)b[i].i)
        break;
    }
}

static void run_real(struct expr *x, struct eval *ev, const uint32_t *sel, uint32_t n)
{
    operands(x, ev, sel, n);
    const union cell *a = x->args[0]->out.v, *b = x->args[1]->out.v;
    union cell *o = x->out.v;
    switch (x->k) {
    case OP_PLUS:
        EACH(i) o[i].d = a[i].d + b[i].d;
        break;
    case OP_MINUS:
        EACH(i) o[i].d = a[i].d - b[i].d;
        break;
    case OP_TIMES:
        EACH(i) o[i].d = a[i].d * b[i].d;
        break;
    case OP_DIV:
        EACH(i) o[i].d = a[i].d / b[i].d;
        break;
    default:
        EACH(i) o[i].d = fmod(a[i].d, b[i].d);
        break;
    }
    if (x->type->root == L_FLOAT)
        EACH(i) o[i].d = (double)(float)o[i].d;
}

static enum got row_int_div(struct eval *ev, const struct expr *x, const union cell *a, const uint8_t *null, union cell *out)
{
    (void)null;
    if (!a[1].i)
        return got_failed(ev, "/ by zero");
    if (a[1].i == -1)
        return got_int(out, wrapped(x->type->root, x->k == OP_DIV ? (int64_t) - (uint64_t)a[0].i : 0));
    return got_int(out, wrapped(x->type->root, x->k == OP_DIV ? a[0].i / a[1].i : a[0].i % a[1].i));
}

static enum got row_dec(struct eval *ev, const struct expr *x, const union cell *a, const uint8_t *null, union cell *out)
{
    (void)null;
    int as = x->args[0]->type->scale, bs = x->args[1]->type->scale, p = x->type->precision, s = x->type->scale;
    bool ok;
    switch (x->k) {
    case OP_PLUS:
    case OP_MINUS:
        ok = dec_add(a[0].dec, as, a[1].dec, bs, x->k == OP_MINUS, p, s, &out->dec);
        break;
    case OP_TIMES:
        ok = dec_mul(a[0].dec, as, a[1].dec, bs, p, s, &out->dec);
        break;
    default:
        if (!a[1].dec)
            return got_failed(ev, "Division by zero");
        ok = x->k == OP_DIV ? dec_div(a[0].dec, as, a[1].dec, bs, p, s, &out->dec)
                            : dec_mod(a[0].dec, as, a[1].dec, bs, p, s, &out->dec);
        break;
    }
    return ok ? GOT_VALUE : GOT_NULL;
}

/* --- times --- */

/* Calendar months added to a day: the day of the month is cut to what the month has. */
static int64_t add_months(int64_t days, int64_t months)
{
    struct civil c;
    civil_of_days(days, &c);
    int64_t m = c.month - 1 + months;
    c.year += floor_div(m, 12);
    c.month = (int)floor_mod(m, 12) + 1;
    int last = civil_month_days(c.year, c.month);
    return civil_days(c.year, c.month, c.day < last ? c.day : last);
}

/* Date, time or timestamp plus or minus an interval. */
static enum got row_time_interval(struct eval *ev, const struct expr *x, const union cell *a, const uint8_t *null, union cell *out)
{
    (void)ev;
    (void)null;
    const struct ltype *t = x->args[0]->type;
    bool months = x->args[1]->type->root == L_INTERVAL_YEAR_MONTH;
    int64_t by = x->k == OP_MINUS ? -a[1].i : a[1].i;
    struct stamp s = a[0].t;
    if (t->root == L_DATE && x->type->root == L_DATE)
        return got_int(out, months ? add_months(a[0].i, by) : a[0].i + by / MS_DAY);
    if (t->root == L_TIME)
        return got_int(out, months ? a[0].i : floor_mod(a[0].i + by, MS_DAY));
    if (t->root == L_DATE)
        s = (struct stamp){a[0].i * MS_DAY, 0};
    if (months) {
        int64_t day = floor_div(s.ms, MS_DAY);
        s.ms = add_months(day, by) * MS_DAY + (s.ms - day * MS_DAY);
    } else {
        s.ms += by;
    }
    out->t = s;
    return GOT_VALUE;
}

static int64_t as_ms(const struct ltype *t, union cell v)
{
    return type_is_timestamp(t) ? v.t.ms : t->root == L_DATE ? v.i * MS_DAY : v.i;
}

/* Calcite's DateTimeUtils#subtractMonths: whole months between two moments. */
static int64_t months_between(int64_t a, int64_t b)
{
    struct civil c, d;
    int64_t day_a = floor_div(a, MS_DAY), day_b = floor_div(b, MS_DAY), part_a = a - day_a * MS_DAY, part_b = b - day_b * MS_DAY;
    civil_of_days(day_a, &c);
    civil_of_days(day_b, &d);
    int64_t guess = (c.year - d.year) * 12 + (c.month - d.month);
    int64_t back = add_months(day_b, guess);
    if (guess > 0 && (back > day_a || (back == day_a && part_b > part_a)))
        guess--;
    if (guess < 0 && (back < day_a || (back == day_a && part_b < part_a)))
        guess++;
    return guess;
}

static enum got row_time_diff(struct eval *ev, const struct expr *x, const union cell *a, const uint8_t *null, union cell *out)
{
    (void)ev;
    (void)null;
    int64_t l = as_ms(x->args[0]->type, a[0]), r = as_ms(x->args[1]->type, a[1]);
    return got_int(out, x->type->root == L_INTERVAL_YEAR_MONTH ? months_between(l, r) : l - r);
}

static bool is_interval(const struct ltype *t) { return t->root == L_INTERVAL_DAY_TIME || t->root == L_INTERVAL_YEAR_MONTH; }
static bool is_time(const struct ltype *t) { return type_is_timestamp(t) || t->root == L_DATE || t->root == L_TIME; }

static bool prepare_time(struct expr *x, struct err *e)
{
    struct ltype const *l = x->args[0]->type, *r = x->args[1]->type;
    x->strict = true;
    if (is_interval(l) && is_time(r) && x->k == OP_PLUS) { /* the other way round */
        struct expr *first = x->args[0];
        x->args[0] = x->args[1];
        x->args[1] = first;
        l = x->args[0]->type;
        r = x->args[1]->type;
    }
    if (is_time(l) && is_interval(r) && x->type->slot != SLOT_NONE && is_time(x->type))
        x->row = row_time_interval;
    else if (is_time(l) && is_time(r) && x->k == OP_MINUS && is_interval(x->type))
        x->row = row_time_diff;
    else
        return fn_refuse(x, e);
    return true;
}

/* DECIMAL(5, 0) % INT is an INT. */
static enum got row_dec_rest(struct eval *ev, const struct expr *x, const union cell *a, const uint8_t *null, union cell *out)
{
    i128 rest;
    (void)null;
    if (!a[1].dec)
        return got_failed(ev, "/ by zero");
    if (!dec_mod(a[0].dec, x->args[0]->type->scale, a[1].dec, x->args[1]->type->scale, DEC_MAX, 0, &rest))
        return GOT_NULL;
    return got_int(out, wrapped(x->type->root, (int64_t)rest));
}

static bool prepare_rest(struct binding *b, struct expr *x, struct err *e)
{
    static const int digits[] = {3, 5, 10, 19};
    for (uint32_t i = 0; i < 2; i++) {
        const struct ltype *t = x->args[i]->type;
        if (type_is_integer(t) &&
            !(x->args[i] = expr_cast(b, x->args[i], type_decimal(b->a, digits[t->root - L_TINYINT], 0, true), e)))
            return false;
    }
    x->row = row_dec_rest;
    return true;
}

static bool prepare(struct binding *b, struct expr *x, uint32_t op, struct err *e)
{
    static const int digits[] = {3, 5, 10, 19};
    x->k = op;
    x->strict = true;
    bool times = is_time(x->args[0]->type) || is_time(x->args[1]->type);
    if (times)
        return prepare_time(x, e);
    bool interval = is_interval(x->type);
    if (op == OP_MOD && type_is_integer(x->type) && x->args[0]->type->root == L_DECIMAL && type_is_integer(x->args[1]->type))
        return prepare_rest(b, x, e);
    for (uint32_t i = 0; i < 2; i++) {
        const struct ltype *t = x->args[i]->type, *to = x->type;
        if (!type_is_number(t) && !is_interval(t))
            return fn_refuse(x, e);
        if (x->type->root == L_DECIMAL)
            to = type_is_integer(t) ? type_decimal(b->a, digits[t->root - L_TINYINT], 0, true) : t;
        else if (interval || (type_is_integer(x->type) && (type_is_integer(t) || is_interval(t))))
            continue;
        if (x->type->root == L_DECIMAL && t->root != L_DECIMAL && !type_is_integer(t))
            return fn_refuse(x, e);
        if (op == OP_MOD && type_is_integer(x->type) && t->root == L_DECIMAL)
            continue;
        if (!(x->args[i] = expr_cast(b, x->args[i], to, e)))
            return false;
    }
    if (x->type->root == L_DECIMAL)
        x->row = row_dec;
    else if (type_is_real(x->type))
        x->run = run_real;
    else if (type_is_integer(x->type) || interval) {
        for (uint32_t i = 0; i < 2; i++)
            if (x->args[i]->type->root == L_DECIMAL || type_is_real(x->args[i]->type))
                return fn_refuse(x, e);
        if (op >= OP_DIV)
            x->row = row_int_div;
        else
            x->run = run_int;
    } else
        return fn_refuse(x, e);
    return true;
}

enum got row_negate(struct eval *ev, const struct expr *x, const union cell *a, const uint8_t *null, union cell *out)
{
    (void)ev;
    (void)null;
    if (x->type->root == L_DECIMAL)
        out->dec = -a[0].dec;
    else if (type_is_real(x->type))
        out->d = -a[0].d;
    else
        out->i = wrapped(x->type->root, (int64_t) - (uint64_t)a[0].i);
    return GOT_VALUE;
}

/* "-" has one operand or two. */
bool bind_minus(struct binding *b, struct expr *x, const struct rex *rex, struct err *e)
{
    (void)rex;
    bool zoned = x->n == 2 && (x->args[0]->type->root == L_TIMESTAMP_LTZ) != (x->args[1]->type->root == L_TIMESTAMP_LTZ);
    if (zoned && is_interval(x->type)) /* a difference of moments */
        return err_set(e, ERR_USAGE, "the difference of a TIMESTAMP_LTZ and another moment: both have to be TIMESTAMP_LTZ");
    if (x->n == 2)
        return prepare(b, x, OP_MINUS, e);
    if (!type_is_number(x->type) && !is_interval(x->type))
        return fn_refuse(x, e);
    x->row = row_negate;
    x->strict = true;
    return (x->args[0] = expr_cast(b, x->args[0], x->type, e));
}

#define ARITHMETIC(ident, op)                                                                  \
    bool bind_##ident(struct binding *b, struct expr *x, const struct rex *rex, struct err *e) \
    {                                                                                          \
        (void)rex;                                                                             \
        return prepare(b, x, op, e);                                                           \
    }
ARITHMETIC(plus, OP_PLUS)
ARITHMETIC(times, OP_TIMES)
ARITHMETIC(divide, OP_DIV)
ARITHMETIC(mod, OP_MOD)
#undef ARITHMETIC
