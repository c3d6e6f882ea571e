/* Decimals as texts and as floating-point numbers. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/digits.h"
#include "sql/dec.h"

size_t dec_text(char *to, i128 v, int scale)
{
    char digits[40];
    int n = 0;
    size_t at = 0;
    for (u128 u = v < 0 ? -(u128)v : (u128)v; u || n <= scale; u /= 10)
        digits[n++] = (char)('0' + (int)(u % 10));
    if (v < 0)
        to[at++] = '-';
    while (n) {
        if (n == scale)
            to[at++] = '.';
        to[at++] = digits[--n];
    }
    return at;
}

double dec_double(i128 v, int scale)
{
    if (v > -((i128)1 << 53) && v < (i128)1 << 53 && scale <= 22)
        return (double)(int64_t)v / (double)(uint64_t)dec_power(scale > 19 ? 19 : scale) /
            (scale > 19 ? (double)(int64_t)dec_power(scale - 19) : 1);
    char text[64];
    size_t n = dec_text(text, v, scale);
    text[n] = 0;
    return strtod(text, NULL);
}

bool dec_of_int(int64_t i, int precision, int scale, i128 *out)
{
    *out = i;
    return dec_rescale(out, 0, scale, precision);
}

/* mantissa * 10^exponent. */
static bool place(u128 mantissa, bool negative, int64_t exponent, int precision, int scale, i128 *out)
{
    *out = negative ? -(i128)mantissa : (i128)mantissa;
    if (!mantissa)
        return true;
    if (exponent >= 0)
        return exponent + scale <= DEC_MAX && dec_rescale(out, 0, (int)exponent + scale, DEC_MAX) && dec_fits(*out, precision);
    if (-exponent - scale > DEC_MAX) {
        *out = 0;
        return true;
    }
    int down = (int)(-exponent) - scale;
    return down >= 0 ? dec_rescale(out, down, 0, precision) : dec_rescale(out, 0, -down, precision);
}

bool dec_of_double(double d, int precision, int scale, i128 *out)
{
    uint64_t mantissa = 0;
    if (!isfinite(d))
        return false;
    int exponent = d == 0 ? 0 : digits_shortest(fabs(d), false, &mantissa);
    return place(mantissa, signbit(d), exponent, precision, scale, out);
}

bool dec_of_text(struct bytes text, int precision, int scale, i128 *out, bool *malformed)
{
    const char *p = (const char *)text.p, *end = p + text.n;
    bool negative = p < end && *p == '-', point = false, any = false;
    u128 mantissa = 0;
    int64_t exponent = 0;
    int digits = 0, next = -1;
    *malformed = true;
    if (p < end && (*p == '-' || *p == '+'))
        p++;
    for (; p < end && ((*p >= '0' && *p <= '9') || (*p == '.' && !point)); p++) {
        if (*p == '.') {
            point = true;
            continue;
        }
        any = true;
        if (digits < DEC_MAX) {
            mantissa = mantissa * 10 + (unsigned)(*p - '0');
            digits += mantissa != 0;
            exponent -= point;
        } else {
            if (next < 0)
                next = *p - '0';
            exponent += !point;
        }
    }
    if (!any)
        return false;
    if (p < end && (*p == 'e' || *p == 'E')) {
        bool down = ++p < end && *p == '-';
        int64_t x = 0;
        if (p < end && (*p == '-' || *p == '+'))
            p++;
        if (p == end)
            return false;
        for (; p < end && *p >= '0' && *p <= '9'; p++)
            x = x < 100000 ? x * 10 + (*p - '0') : x;
        exponent += down ? -x : x;
    }
    if (p != end)
        return false;
    *malformed = false;
    if (next >= 5) /* the digits beyond 38 */
        mantissa++;
    return place(mantissa, negative, exponent, precision, scale, out);
}
