#include "sql/number.h"

#include <stdlib.h>
#include <string.h>

bool number_parse(struct arena *a, const char *text, size_t n, struct number *to)
{
    size_t i = n && (*text == '-' || *text == '+'), at = 0;
    int32_t behind = 0;
    bool point = false;
    char *digits = arena_alloc(a, n + 2);
    to->minus = n && *text == '-';
    for (; i < n && ((text[i] >= '0' && text[i] <= '9') || (text[i] == '.' && !point)); i++) {
        if (text[i] == '.') {
            point = true;
            continue;
        }
        digits[at++] = text[i];
        behind += point;
    }
    long exponent = 0;
    if (at && i < n && (text[i] == 'e' || text[i] == 'E')) {
        char *end;
        exponent = strtol(text + i + 1, &end, 10); /* the text ends with a 0 */
        i = (size_t)(end - text);
    }
    if (!at || i != n || exponent > 100000 || exponent < -100000)
        return false;
    size_t zeros = 0;
    while (zeros + 1 < at && digits[zeros] == '0')
        zeros++;
    to->digits = digits + zeros;
    to->n = (uint32_t)(at - zeros);
    to->scale = behind - (int32_t)exponent;
    if (to->n == 1 && *to->digits == '0')
        to->minus = false;
    return true;
}

const char *number_text(struct arena *a, const struct number *x)
{
    const char *sign = x->minus ? "-" : "";
    int64_t power = (int64_t)x->n - 1 - x->scale; /* of the first digit */
    if (!x->scale)
        return arena_printf(a, "%s%.*s", sign, (int)x->n, x->digits);
    if (x->scale < 0 || power < -6) {
        const char *dot = x->n > 1 ? "." : "";
        return arena_printf(a, "%s%c%s%.*sE%+lld", sign, *x->digits, dot, (int)x->n - 1, x->digits + 1, (long long)power);
    }
    if ((int64_t)x->n > x->scale) {
        int whole = (int)x->n - x->scale;
        return arena_printf(a, "%s%.*s.%.*s", sign, whole, x->digits, x->scale, x->digits + whole);
    }
    static const char zeros[] = "000000";
    return arena_printf(a, "%s0.%.*s%.*s", sign, x->scale - (int)x->n, zeros, (int)x->n, x->digits);
}

/* digits + 1 in place; true: a digit more in front is needed. */
static bool carry(char *digits, uint32_t n)
{
    while (n-- > 0) {
        if (digits[n] != '9') {
            digits[n]++;
            return false;
        }
        digits[n] = '0';
    }
    return true;
}

struct number number_rounded(struct arena *a, const struct number *x, int32_t scale)
{
    struct number r = *x;
    int64_t drop = (int64_t)x->scale - scale;
    if (drop <= 0)
        return r;
    r.scale = scale;
    uint32_t keep = drop >= x->n ? 0 : x->n - (uint32_t)drop;
    bool up = drop <= x->n && x->digits[keep] >= '5';
    char *digits = arena_alloc(a, keep + 3);
    *digits = '0';
    memcpy(digits + 1, x->digits, keep);
    if (up)
        carry(digits, keep + 1);
    bool zero = *digits == '0' && keep;
    r.digits = digits + zero;
    r.n = keep + 1 - zero;
    if (r.n == 1 && *r.digits == '0')
        r.minus = false;
    return r;
}

bool number_int(const struct number *x, int64_t *to)
{
    uint64_t v = 0, limit = x->minus ? (uint64_t)INT64_MAX + 1 : INT64_MAX;
    if (x->scale || x->n > 19)
        return false;
    for (uint32_t i = 0; i < x->n; i++)
        v = v * 10 + (uint64_t)(x->digits[i] - '0');
    if (v > limit)
        return false;
    *to = x->minus ? (int64_t)(0 - v) : (int64_t)v;
    return true;
}
