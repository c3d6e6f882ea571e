#include "sql/dec.h"

#include <math.h>
#include <string.h>

#include "base/digits.h"

i128 dec_power(int n)
{
    static const uint64_t low[] = {1u,
                                   10u,
                                   100u,
                                   1000u,
                                   10000u,
                                   100000u,
                                   1000000u,
                                   10000000u,
                                   100000000u,
                                   1000000000u,
                                   10000000000u,
                                   100000000000u,
                                   1000000000000u,
                                   10000000000000u,
                                   100000000000000u,
                                   1000000000000000u,
                                   10000000000000000u,
                                   100000000000000000u,
                                   1000000000000000000u,
                                   10000000000000000000u};
    return n < 20 ? (i128)low[n] : (i128)low[19] * low[n - 19];
}

bool dec_fits(i128 v, int precision)
{
    i128 limit = dec_power(precision);
    return v < limit && v > -limit;
}

int dec_digits(i128 v)
{
    u128 u = v < 0 ? -(u128)v : (u128)v;
    int n = 1;
    while (n < DEC_MAX && u >= (u128)dec_power(n))
        n++;
    return n;
}

/* --- 256 bits, for products and quotients --- */

struct wide {
    uint32_t d[8]; /* low first */
};

static struct wide wide_of(u128 v)
{
    struct wide w = {{(uint32_t)v, (uint32_t)(v >> 32), (uint32_t)(v >> 64), (uint32_t)(v >> 96)}};
    return w;
}

static struct wide wide_mul(u128 a, u128 b)
{
    struct wide x = wide_of(a), y = wide_of(b), r = {{0}};
    for (int i = 0; i < 4; i++) {
        uint64_t carry = 0;
        for (int j = 0; j < 4; j++) {
            carry += (uint64_t)x.d[i] * y.d[j] + r.d[i + j];
            r.d[i + j] = (uint32_t)carry;
            carry >>= 32;
        }
        r.d[i + 4] = (uint32_t)carry;
    }
    return r;
}

static bool wide_big(const struct wide *w) { return w->d[4] | w->d[5] | w->d[6] | w->d[7]; }

static u128 wide_low(const struct wide *w) { return (u128)w->d[3] << 96 | (u128)w->d[2] << 64 | (u128)w->d[1] << 32 | w->d[0]; }

/* q = w / b, returns the rest. Bit by bit: only large decimals come here. */
static u128 wide_div(const struct wide *w, u128 b, struct wide *q)
{
    u128 rest = 0;
    *q = (struct wide){{0}};
    for (int i = 255; i >= 0; i--) {
        bool carry = rest >> 127;
        rest = rest << 1 | (w->d[i / 32] >> (i % 32) & 1);
        if (carry || rest >= b) {
            rest -= b;
            q->d[i / 32] |= 1u << (i % 32);
        }
    }
    return rest;
}

static u128 magnitude(i128 v) { return v < 0 ? -(u128)v : (u128)v; }

/* |a| * |b| / 10^down, rounded half up, with its sign. */
static bool scaled_product(u128 a, u128 b, int down, bool negative, int precision, i128 *out)
{
    struct wide w = wide_mul(a, b), q = w;
    while (down > 0) { /* in one division as long as the divisor fits, so that it rounds once */
        int step = down > DEC_MAX ? DEC_MAX : down;
        u128 by = (u128)dec_power(step), rest = wide_div(&w, by, &q);
        down -= step;
        if (!down && rest >= by - rest) {
            for (int i = 0; i < 8 && !++q.d[i]; i++)
                ;
        }
        w = q;
    }
    u128 v = wide_low(&q);
    if (wide_big(&q) || v >= (u128)dec_power(precision))
        return false;
    *out = negative ? -(i128)v : (i128)v;
    return true;
}

bool dec_rescale(i128 *v, int from, int to, int precision)
{
    if (from == to)
        return dec_fits(*v, precision);
    if (to > from)
        return scaled_product(magnitude(*v), (u128)dec_power(to - from), 0, *v < 0, precision, v);
    if (*v >= INT64_MIN && *v <= INT64_MAX && from - to <= 18) {
        int64_t by = (int64_t)dec_power(from - to), n = (int64_t)*v, q = n / by, rest = n % by;
        *v = q + (rest >= by - rest) - (rest <= -by - rest);
        return dec_fits(*v, precision);
    }
    return scaled_product(magnitude(*v), 1, from - to, *v < 0, precision, v);
}

/* a * 10^up as 256 bits. */
static struct wide lifted(i128 a, int up) { return wide_mul(magnitude(a), (u128)dec_power(up)); }

static int wide_compare(const struct wide *a, const struct wide *b)
{
    for (int i = 7; i >= 0; i--)
        if (a->d[i] != b->d[i])
            return a->d[i] > b->d[i] ? 1 : -1;
    return 0;
}

static struct wide wide_sum(const struct wide *a, const struct wide *b, bool minus)
{
    struct wide r;
    int64_t carry = 0;
    for (int i = 0; i < 8; i++) {
        carry += (int64_t)a->d[i] + (minus ? -(int64_t)b->d[i] : (int64_t)b->d[i]);
        r.d[i] = (uint32_t)carry;
        carry >>= 32;
    }
    return r;
}

bool dec_add(i128 a, int as, i128 b, int bs, bool minus, int precision, int scale, i128 *out)
{
    int s = as > bs ? as : bs;
    if (minus)
        b = -b;
    if (dec_digits(a) + s - as < DEC_MAX && dec_digits(b) + s - bs < DEC_MAX) {
        *out = a * dec_power(s - as) + b * dec_power(s - bs);
        return dec_rescale(out, s, scale, precision);
    }
    struct wide x = lifted(a, s - as), y = lifted(b, s - bs), sum;
    bool negative = a < 0;
    if ((a < 0) == (b < 0)) {
        sum = wide_sum(&x, &y, false);
    } else if (wide_compare(&x, &y) >= 0) {
        sum = wide_sum(&x, &y, true);
    } else {
        sum = wide_sum(&y, &x, true);
        negative = b < 0;
    }
    struct wide q = sum;
    if (s > scale) {
        u128 by = (u128)dec_power(s - scale), rest = wide_div(&sum, by, &q);
        if (rest >= by - rest) {
            for (int i = 0; i < 8 && !++q.d[i]; i++)
                ;
        }
    }
    u128 v = wide_low(&q);
    if (wide_big(&q) || v >= (u128)dec_power(precision))
        return false;
    *out = negative ? -(i128)v : (i128)v;
    return s >= scale || dec_rescale(out, s, scale, precision);
}

bool dec_mul(i128 a, int as, i128 b, int bs, int precision, int scale, i128 *out)
{
    bool negative = (a < 0) != (b < 0);
    if (as + bs >= scale)
        return scaled_product(magnitude(a), magnitude(b), as + bs - scale, negative, precision, out);
    if (!scaled_product(magnitude(a), magnitude(b), 0, negative, precision, out))
        return false;
    return dec_rescale(out, as + bs, scale, precision);
}

bool dec_div(i128 a, int as, i128 b, int bs, int precision, int scale, i128 *out)
{
    u128 x = magnitude(a), y = magnitude(b);
    bool negative = (a < 0) != (b < 0);
    if (!x) {
        *out = 0;
        return true;
    }
    /* The quotient with 38 significant digits: x * 10^up / y with 38 or 39 digits, then one rounding to 38. */
    int up = DEC_MAX - dec_digits(a) + dec_digits(b);
    struct wide w = wide_mul(x, (u128)dec_power(up > DEC_MAX ? DEC_MAX : up)), q;
    if (up > DEC_MAX) { /* in two steps: the first factor leaves room for the second */
        u128 by = (u128)dec_power(up - DEC_MAX);
        struct wide r = {{0}};
        uint64_t carry;
        struct wide factor = wide_of(by);
        for (int i = 0; i < 8; i++) {
            carry = 0;
            for (int j = 0; j < 4 && i + j < 8; j++) {
                carry += (uint64_t)w.d[i] * factor.d[j] + r.d[i + j];
                r.d[i + j] = (uint32_t)carry;
                carry >>= 32;
            }
        }
        w = r;
    }
    u128 rest = wide_div(&w, y, &q);
    int qs = as - bs + up;
    u128 v = wide_low(&q);
    if (wide_big(&q) || v >= (u128)dec_power(DEC_MAX)) {
        struct wide t = q;
        u128 last = wide_div(&t, 10, &q);
        qs--;
        v = wide_low(&q) + (last >= 5);
    } else if (rest >= y - rest) {
        v++;
    }
    int down = qs - scale;
    if (down > DEC_MAX) {
        *out = 0;
        return true;
    }
    if (down >= 0)
        return scaled_product(v, 1, down, negative, precision, out);
    return -down <= DEC_MAX && scaled_product(v, (u128)dec_power(-down), 0, negative, precision, out);
}

bool dec_mod(i128 a, int as, i128 b, int bs, int precision, int scale, i128 *out)
{
    int s = as > bs ? as : bs;
    if (dec_digits(b) + s - bs > DEC_MAX) { /* b is beyond what a can be */
        *out = a;
        return dec_rescale(out, as, scale, precision);
    }
    struct wide w = lifted(a, s - as), q;
    u128 rest = wide_div(&w, magnitude(b) * (u128)dec_power(s - bs), &q);
    *out = a < 0 ? -(i128)rest : (i128)rest;
    return dec_rescale(out, s, scale, precision);
}

int dec_compare(i128 a, int as, i128 b, int bs)
{
    if (as == bs)
        return (a > b) - (a < b);
    if ((a < 0) != (b < 0))
        return a < 0 ? -1 : 1;
    int s = as > bs ? as : bs;
    struct wide x = lifted(a, s - as), y = lifted(b, s - bs);
    int r = wide_compare(&x, &y);
    return a < 0 ? -r : r;
}

i128 dec_whole(i128 v, int scale) { return v / dec_power(scale); }
