/* Mathematics: java.lang.Math by way of libm, decimals as DecimalDataUtils. */
#include <math.h>

#include "savepoint/javaio.h"
#include "sql/fn.h"

#define FN(ident) \
    enum got row_##ident(struct eval *ev, const struct expr *x, const union cell *a, const uint8_t *null, union cell *out)
#define UNUSED ((void)ev, (void)x, (void)null)

#define REAL(ident, expression)                         \
    FN(ident)                                           \
    {                                                   \
        UNUSED;                                         \
        double v = number_real(x->args[0]->type, a[0]); \
        return got_real(out, expression);               \
    }
REAL(sin, sin(v))
REAL(cos, cos(v))
REAL(tan, tan(v))
REAL(cot, 1.0 / tan(v))
REAL(asin, asin(v))
REAL(acos, acos(v))
REAL(atan, atan(v))
REAL(sinh, sinh(v))
REAL(cosh, cosh(v))
REAL(tanh, tanh(v))
REAL(exp, exp(v))
REAL(ln, log(v))
REAL(log10, log10(v))
REAL(log2, log(v) / log(2))
REAL(degrees, v * 57.29577951308232)
REAL(radians, v * 0.017453292519943295)
#undef REAL

FN(pi)
{
    (void)a;
    UNUSED;
    return got_real(out, 3.141592653589793);
}

FN(e)
{
    (void)a;
    UNUSED;
    return got_real(out, 2.718281828459045);
}

FN(atan2)
{
    UNUSED;
    return got_real(out, atan2(number_real(x->args[0]->type, a[0]), number_real(x->args[1]->type, a[1])));
}

FN(power)
{
    UNUSED;
    double base = number_real(x->args[0]->type, a[0]), by = number_real(x->args[1]->type, a[1]);
    if (isnan(by) || (fabs(base) == 1 && isinf(by))) /* Math#pow differs from C's there */
        return got_real(out, by == 0 ? 1 : NAN);
    return got_real(out, pow(base, by));
}

FN(log)
{
    UNUSED;
    double v = number_real(x->args[0]->type, a[0]);
    if (x->n == 1)
        return got_real(out, log(v));
    return got_real(out, log(number_real(x->args[1]->type, a[1])) / log(v));
}

static int64_t fit(enum lroot root, int64_t v)
{
    return root == L_TINYINT ? (int8_t)v : root == L_SMALLINT ? (int16_t)v : root == L_INTEGER ? (int32_t)v : v;
}

FN(abs)
{
    UNUSED;
    if (type_is_real(x->type))
        return got_real(out, fabs(a[0].d));
    if (x->type->root == L_DECIMAL) {
        out->dec = a[0].dec < 0 ? -a[0].dec : a[0].dec;
        return GOT_VALUE;
    }
    return got_int(out, fit(x->type->root, a[0].i < 0 ? (int64_t) - (uint64_t)a[0].i : a[0].i));
}

FN(sign)
{
    UNUSED;
    const struct ltype *t = x->args[0]->type;
    if (type_is_real(t))
        return got_real(out, isnan(a[0].d) || a[0].d == 0 ? a[0].d : a[0].d > 0 ? 1 : -1);
    if (t->root == L_DECIMAL) {
        out->dec = ((a[0].dec > 0) - (a[0].dec < 0)) * dec_power(x->type->scale);
        return GOT_VALUE;
    }
    return got_int(out, (a[0].i > 0) - (a[0].i < 0));
}

/* --- ROUND and TRUNCATE: by way of decimals --- */

/* v * 10^-scale to `digits` behind the point (which may be below 0), as v' * 10^-scale. False: too large. */
static bool shorten(i128 *v, int scale, int64_t digits, bool half_up)
{
    if (digits >= scale)
        return true;
    if (scale - digits > DEC_MAX) {
        *v = 0;
        return true;
    }
    i128 unit = dec_power((int)(scale - digits)), rest = *v % unit;
    *v -= rest;
    if (half_up && (rest >= unit - rest || -rest >= unit + rest))
        *v += rest > 0 ? unit : -unit;
    return true;
}

static enum got real_digits(struct eval *ev, const struct expr *x, double d, int64_t digits, bool half_up, union cell *out)
{
    /* exactly on the digits that Java prints, whatever their place */
    char text[40];
    if (!isfinite(d))
        return got_failed(ev, "Character %c is neither a decimal digit number, decimal point, nor \"e\" notation exponential mark.",
                          isnan(d) ? 'N' : 'I');
    size_t n = java_real(text, d, x->args[0]->type->root == L_FLOAT);
    i128 v;
    bool malformed;
    int scale = half_up ? 20 : 18;
    if (!dec_of_text((struct bytes){(uint8_t *)text, n}, DEC_MAX, scale, &v, &malformed))
        return half_up ? got_real(out, d) : GOT_NULL;
    shorten(&v, scale, digits, half_up);
    d = dec_double(v, scale);
    return got_real(out, x->type->root == L_FLOAT ? (double)(float)d : d);
}

static enum got shortened(struct eval *ev, const struct expr *x, const union cell *a, bool half_up, union cell *out)
{
    const struct ltype *t = x->args[0]->type;
    int64_t digits = x->n > 1 ? a[1].i : 0;
    if (type_is_real(t))
        return real_digits(ev, x, a[0].d, digits, half_up, out);
    i128 v = t->root == L_DECIMAL ? a[0].dec : a[0].i;
    shorten(&v, t->root == L_DECIMAL ? t->scale : 0, digits, half_up);
    if (t->root != L_DECIMAL)
        return got_int(out, fit(x->type->root, (int64_t)v));
    out->dec = v;
    return dec_rescale(&out->dec, t->scale, x->type->scale, x->type->precision) ? GOT_VALUE : GOT_NULL;
}

FN(round)
{
    UNUSED;
    return shortened(ev, x, a, true, out);
}

FN(truncate)
{
    UNUSED;
    return shortened(ev, x, a, false, out);
}

/* --- bases --- */

FN(bin)
{
    UNUSED;
    char text[65];
    size_t n = 64;
    uint64_t v = (uint64_t)a[0].i;
    do
        text[--n] = (char)('0' + (v & 1));
    while (v >>= 1);
    return got_text(ev, out, text + n, 64 - n);
}

FN(hex)
{
    UNUSED;
    static const char digits[] = "0123456789ABCDEF";
    struct buf *b = fn_buf(ev);
    if (type_is_integer(x->args[0]->type)) {
        buf_printf(b, "%llX", (unsigned long long)a[0].i);
        return got_buf(ev, out);
    }
    for (size_t i = 0; i < a[0].s.n; i++) {
        buf_putc(b, (uint8_t)digits[a[0].s.p[i] >> 4]);
        buf_putc(b, (uint8_t)digits[a[0].s.p[i] & 15]);
    }
    return got_buf(ev, out);
}

static int digit_of(uint8_t c)
{
    return c >= '0' && c <= '9' ? c - '0' : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10 : -1;
}

FN(unhex)
{
    UNUSED;
    struct buf *b = fn_buf(ev);
    size_t i = 0;
    if (a[0].s.n % 2) {
        if (digit_of(a[0].s.p[i++]) < 0)
            return GOT_NULL;
        buf_putc(b, 0); /* so does Flink 2.3 */
    }
    for (; i < a[0].s.n; i += 2) {
        int high = digit_of(a[0].s.p[i]), low = digit_of(a[0].s.p[i + 1]);
        if (high < 0 || low < 0)
            return GOT_NULL;
        buf_putc(b, (uint8_t)(high << 4 | low));
    }
    return got_buf(ev, out);
}

/* --- chance --- */

static uint64_t next(uint64_t *state)
{
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    return *state * UINT64_C(0x2545F4914F6CDD1D);
}

/* java.util.Random's sequence, for a seed that the query gives. */
static uint32_t java_bits(uint64_t *seed, int bits)
{
    *seed = (*seed * UINT64_C(0x5DEECE66D) + 11) & ((UINT64_C(1) << 48) - 1);
    return (uint32_t)(*seed >> (48 - bits));
}

static uint64_t *seeded(struct eval *ev, const struct expr *x, const union cell *a, bool given)
{
    uint64_t *state = (uint64_t *)x->data;
    if (!given)
        return &ev->random;
    if (!state[0]) {
        state[0] = 1;
        state[1] = ((uint64_t)a[0].i ^ UINT64_C(0x5DEECE66D)) & ((UINT64_C(1) << 48) - 1);
    }
    return &state[1];
}

static enum got row_rand(struct eval *ev, const struct expr *x, const union cell *a, const uint8_t *null, union cell *out)
{
    (void)null;
    uint64_t *s = seeded(ev, x, a, x->n > 0);
    if (!x->n)
        return got_real(out, (double)(next(s) >> 11) * 0x1p-53);
    uint64_t high = java_bits(s, 26);
    return got_real(out, (double)((high << 27) + java_bits(s, 27)) * 0x1p-53);
}

static enum got row_rand_integer(struct eval *ev, const struct expr *x, const union cell *a, const uint8_t *null, union cell *out)
{
    (void)null;
    int64_t bound = a[x->n - 1].i;
    if (bound <= 0)
        return got_failed(ev, "bound must be positive");
    if (x->n == 1)
        return got_int(out, (int64_t)(next(&ev->random) % (uint64_t)bound));
    uint64_t *s = seeded(ev, x, a, true);
    int32_t r = (int32_t)java_bits(s, 31), m = (int32_t)bound - 1;
    if (!(bound & m))
        return got_int(out, (int64_t)((uint64_t)bound * (uint64_t)r >> 31));
    for (int32_t u = r; (int32_t)((uint32_t)u - (uint32_t)(r = u % (int32_t)bound) + (uint32_t)m) < 0;)
        u = (int32_t)java_bits(s, 31);
    return got_int(out, r);
}

static bool with_seed(struct binding *b, struct expr *x, row_fn row)
{
    x->data = arena_array(b->a, 2, sizeof(uint64_t));
    x->row = row;
    x->strict = true;
    return true;
}

bool bind_rand(struct binding *b, struct expr *x, const struct rex *rex, struct err *e)
{
    (void)rex;
    (void)e;
    return with_seed(b, x, row_rand);
}

bool bind_rand_integer(struct binding *b, struct expr *x, const struct rex *rex, struct err *e)
{
    (void)rex;
    (void)e;
    return with_seed(b, x, row_rand_integer);
}

FN(uuid)
{
    UNUSED;
    (void)a;
    static const char digits[] = "0123456789abcdef";
    uint64_t high = (next(&ev->random) & ~UINT64_C(0xf000)) | 0x4000,
             low = (next(&ev->random) & (~UINT64_C(0) >> 2)) | UINT64_C(1) << 63;
    char text[36];
    for (int i = 0, at = 0; i < 32; i++) {
        if (i == 8 || i == 12 || i == 16 || i == 20)
            text[at++] = '-';
        text[at++] = digits[(i < 16 ? high >> (60 - 4 * i) : low >> (124 - 4 * i)) & 15];
    }
    return got_text(ev, out, text, sizeof text);
}
