#include "base/digits.h"

#include <string.h>

static const char pairs[201] =
    "00010203040506070809101112131415161718192021222324252627282930313233343536373839404142434445464748495051525354555657585960616263646566676869"
    "707172737475767778798081828384858687888990919293949596979899";

static size_t count(uint64_t v)
{
    static const uint64_t power[] = {0,
                                     10,
                                     100,
                                     1000,
                                     10000,
                                     100000,
                                     1000000,
                                     10000000,
                                     100000000,
                                     1000000000,
                                     10000000000,
                                     100000000000,
                                     1000000000000,
                                     10000000000000,
                                     100000000000000,
                                     1000000000000000,
                                     10000000000000000,
                                     100000000000000000,
                                     1000000000000000000,
                                     10000000000000000000U};
    size_t n = (size_t)((64 - __builtin_clzll(v | 1)) * 1233 >> 12); /* the digits or one less */
    return n + (n < sizeof power / sizeof *power && v >= power[n]);
}

size_t digits_u64(char *to, uint64_t v)
{
    size_t n = count(v);
    char *p = to + n;
    for (; v >= 100000000; v /= 100000000) { /* eight digits at a time, by 32-bit divisions */
        uint32_t low = (uint32_t)(v % 100000000), high = low / 10000;
        low %= 10000;
        p -= 8;
        memcpy(p, pairs + 2 * (high / 100), 2);
        memcpy(p + 2, pairs + 2 * (high % 100), 2);
        memcpy(p + 4, pairs + 2 * (low / 100), 2);
        memcpy(p + 6, pairs + 2 * (low % 100), 2);
    }
    uint32_t rest = (uint32_t)v;
    for (; rest >= 100; rest /= 100) {
        p -= 2;
        memcpy(p, pairs + 2 * (rest % 100), 2);
    }
    if (p - to == 2)
        memcpy(to, pairs + 2 * rest, 2);
    else if (p - to == 1)
        *to = (char)('0' + rest);
    return n;
}

/* --- powers of ten: 10^k = g * 2^(floor(log2 10^k) - 127), g rounded up to 128 bits --- */

struct power {
    uint64_t hi, lo;
};
enum { K_MIN = -324, K_MAX = 324, LIMBS = 36 };

/* v / 2^n, rounded down. */
static int shift_down(int v, int n) { return v >= 0 ? v >> n : ~(~v >> n); }

static int floor_log2_pow10(int k) { return shift_down(k * 1741647, 19); }

struct big { /* little-endian limbs */
    uint32_t v[LIMBS];
};

static void big_times(struct big *b, uint32_t m)
{
    uint64_t carry = 0;
    for (int i = 0; i < LIMBS; i++) {
        carry += (uint64_t)b->v[i] * m;
        b->v[i] = (uint32_t)carry;
        carry >>= 32;
    }
}

static int big_bits(const struct big *b)
{
    for (int i = LIMBS - 1; i >= 0; i--)
        if (b->v[i])
            return 32 * i + 32 - __builtin_clz(b->v[i]);
    return 0;
}

static bool big_bit(const struct big *b, int i) { return i >= 0 && b->v[i / 32] >> i % 32 & 1; }

static bool big_less(const struct big *a, const struct big *b)
{
    for (int i = LIMBS - 1; i >= 0; i--)
        if (a->v[i] != b->v[i])
            return a->v[i] < b->v[i];
    return false;
}

static void big_minus(struct big *a, const struct big *b)
{
    int64_t borrow = 0;
    for (int i = 0; i < LIMBS; i++) {
        int64_t d = (int64_t)a->v[i] - b->v[i] + borrow;
        a->v[i] = (uint32_t)d;
        borrow = d >> 32;
    }
}

static void big_double(struct big *b)
{
    for (int i = LIMBS - 1; i > 0; i--)
        b->v[i] = b->v[i] << 1 | b->v[i - 1] >> 31;
    b->v[0] <<= 1;
}

static struct power compute(int k)
{
    struct big ten = {{1}};
    for (int i = k < 0 ? -k : k; i; i--)
        big_times(&ten, 10);
    unsigned __int128 g = 0;
    bool exact = true;
    int bits = big_bits(&ten);
    if (k >= 0) { /* the top 128 bits */
        for (int i = bits - 1; i >= bits - 128; i--)
            g = g << 1 | big_bit(&ten, i);
        for (int i = bits - 129; i >= 0 && exact; i--)
            exact = !big_bit(&ten, i);
    } else { /* 128 bits of 1 / ten, the first of them set, by long division */
        struct big rest = {{0}};
        rest.v[(bits - 1) / 32] = 1U << (bits - 1) % 32; /* the largest power of two that is not above ten */
        exact = false;
        for (int i = 0; i < 128; i++) {
            big_double(&rest);
            g <<= 1;
            if (!big_less(&rest, &ten)) {
                big_minus(&rest, &ten);
                g |= 1;
            }
        }
    }
    g += !exact;
    return (struct power){(uint64_t)(g >> 64), (uint64_t)g};
}

/* Data use few exponents: each thread computes the powers that it meets. */
static struct power power_of_ten(int k)
{
    static _Thread_local struct power known[K_MAX - K_MIN + 1];
    struct power *p = &known[k - K_MIN];
    if (!p->hi)
        *p = compute(k);
    return *p;
}

/* The product's upper 64 bits, its lowest bit set when anything below them is ("round to odd"). */
static uint64_t times(struct power g, uint64_t c)
{
    unsigned __int128 low = (unsigned __int128)g.lo * c, high = (unsigned __int128)g.hi * c + (uint64_t)(low >> 64);
    return (uint64_t)(high >> 64) | ((uint64_t)high > 1);
}

static int trim(uint64_t m, int e, uint64_t *mantissa)
{
    while (m >= 10 && m % 10 == 0) {
        m /= 10;
        e++;
    }
    *mantissa = m;
    return e;
}

/* R. Giulietti, "The Schubfach way to render doubles": all arithmetic in 64 x 128 bits, exact for every double. */
int digits_shortest(double v, bool single, uint64_t *mantissa)
{
    uint64_t c;
    int q;
    bool power_of_two;
    if (single) {
        float f = (float)v;
        uint32_t u;
        memcpy(&u, &f, sizeof u);
        uint32_t fraction = u & 0x7fffff, exponent = u >> 23 & 0xff;
        c = exponent ? fraction | 0x800000 : fraction;
        q = (exponent ? (int)exponent : 1) - 150;
        power_of_two = !fraction && exponent > 1;
    } else {
        uint64_t u;
        memcpy(&u, &v, sizeof u);
        uint64_t fraction = u & 0xfffffffffffff, exponent = u >> 52 & 0x7ff;
        c = exponent ? fraction | UINT64_C(1) << 52 : fraction;
        q = (exponent ? (int)exponent : 1) - 1075;
        power_of_two = !fraction && exponent > 1;
    }
    if (q <= 0 && q > -64 && !(c & ((UINT64_C(1) << -q) - 1)))
        return trim(c >> -q, 0, mantissa);

    uint64_t odd = c & 1;
    int k = shift_down(q * 1262611 - (power_of_two ? 524031 : 0), 22);
    int h = q + floor_log2_pow10(-k) + 1;
    struct power g = power_of_ten(-k);
    uint64_t low = times(g, (4 * c - 2 + power_of_two) << h) + odd;
    uint64_t mid = times(g, 4 * c << h);
    uint64_t high = times(g, (4 * c + 2) << h) - odd;

    uint64_t s = mid / 4;
    if (s >= 10) {
        uint64_t t = s / 10;
        bool down = low <= 40 * t, up = 40 * t + 40 <= high;
        if (down != up)
            return trim(t + up, k + 1, mantissa);
    }
    bool down = low <= 4 * s, up = 4 * s + 4 <= high;
    if (down != up)
        return trim(s + up, k, mantissa);
    uint64_t half = 4 * s + 2;
    return trim(s + (mid > half || (mid == half && s & 1)), k, mantissa);
}
