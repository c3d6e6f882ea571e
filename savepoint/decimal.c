#include "savepoint/decimal.h"

#include <stdlib.h>
#include <string.h>

static bool is_digit(char c) { return c >= '0' && c <= '9'; }

/* Digits into d, leading zeros dropped; their number, kept or not. */
static size_t take_digits(struct decimal *d, const char **s, const char *end)
{
    const char *from = *s;
    for (; *s < end && is_digit(**s); (*s)++)
        if (**s != '0' || d->digits.n)
            buf_putc(&d->digits, (uint8_t) * *s);
    return (size_t)(*s - from);
}

static bool exponent(int64_t *scale, const char *s, const char *end)
{
    int64_t v = 0;
    bool minus = s < end && *s == '-';
    if (s < end && (*s == '-' || *s == '+'))
        s++;
    if (s == end)
        return false;
    for (; s < end; s++) {
        if (!is_digit(*s) || (v = v * 10 + (*s - '0')) > INT32_MAX)
            return false;
    }
    *scale -= minus ? -v : v;
    return true;
}

bool decimal_parse(struct decimal *d, const char *s, size_t n)
{
    const char *end = s + n;
    int64_t scale = 0;
    *d = (struct decimal){0};
    if (n > DECIMAL_MAX_DIGITS)
        return false;
    if (s < end && (*s == '-' || *s == '+'))
        d->negative = *s++ == '-';
    size_t whole = take_digits(d, &s, end), fraction = 0;
    if (s < end && *s == '.') {
        s++;
        fraction = take_digits(d, &s, end);
        scale = (int64_t)fraction;
    }
    if (!whole && !fraction)
        return false;
    if (s < end && (*s | 0x20) == 'e') {
        if (!exponent(&scale, s + 1, end))
            return false;
        s = end;
    }
    if (!d->digits.n) {
        buf_putc(&d->digits, '0');
        d->negative = false;
    }
    d->scale = (int32_t)scale;
    return s == end && scale == d->scale;
}

bool decimal_rescale(struct decimal *d, int32_t scale)
{
    bool zero = d->digits.n == 1 && d->digits.p[0] == '0';
    int64_t more = (int64_t)scale - d->scale;
    if (!zero && more > DECIMAL_MAX_DIGITS)
        return false;
    for (; !zero && more > 0; more--)
        buf_putc(&d->digits, '0');
    for (; !zero && more < 0; more++) {
        if (d->digits.n < 2 || d->digits.p[d->digits.n - 1] != '0')
            return false;
        d->digits.n--;
    }
    d->scale = scale;
    return true;
}

void decimal_unscaled(const struct decimal *d, struct buf *to)
{
    /* nine digits at a time into words, low first */
    size_t n = 0, cap = d->digits.n / 9 + 2;
    uint32_t *w = mem_zalloc(cap * sizeof *w);
    for (size_t i = 0; i < d->digits.n;) {
        uint32_t group = 0, base = 1;
        for (int k = 0; k < 9 && i < d->digits.n; k++, i++) {
            group = group * 10 + (d->digits.p[i] - '0');
            base *= 10;
        }
        uint64_t carry = group;
        for (size_t k = 0; k < n; k++) {
            carry += (uint64_t)w[k] * base;
            w[k] = (uint32_t)carry;
            carry >>= 32;
        }
        if (carry)
            w[n++] = (uint32_t)carry;
    }
    size_t bytes = 4 * n;
    while (bytes && !(w[(bytes - 1) / 4] >> 8 * ((bytes - 1) % 4) & 0xff))
        bytes--;
    /* one byte more, for the sign; then without the bytes that only repeat it */
    uint8_t *p = mem_alloc(bytes + 1), *from = p;
    p[0] = 0;
    for (size_t i = 0; i < bytes; i++)
        p[bytes - i] = (uint8_t)(w[i / 4] >> 8 * (i % 4));
    if (d->negative) {
        unsigned carry = 1;
        for (size_t i = bytes + 1; i-- > 0;) {
            carry += (uint8_t)~p[i];
            p[i] = (uint8_t)carry;
            carry >>= 8;
        }
    }
    size_t left = bytes + 1;
    while (left > 1 && ((from[0] == 0 && !(from[1] & 0x80)) || (from[0] == 0xff && from[1] & 0x80))) {
        from++;
        left--;
    }
    buf_put(to, from, left);
    free(p);
    free(w);
}
