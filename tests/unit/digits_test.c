/* Numbers as text: against libc over fixed pseudo-random sequences, and where floats are at their ends. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <float.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/digits.h"
#include "savepoint/javaio.h"

/* xorshift64*; the same in every run. */
static uint64_t next(uint64_t *x)
{
    *x ^= *x >> 12;
    *x ^= *x << 25;
    *x ^= *x >> 27;
    return *x * UINT64_C(0x2545F4914F6CDD1D);
}

static void integer(uint64_t v)
{
    char got[24], want[24];
    int n = snprintf(want, sizeof want, "%" PRIu64, v);
    memset(got, '#', sizeof got);
    assert_int_equal(digits_u64(got, v), n);
    assert_memory_equal(got, want, (size_t)n);
    assert_int_equal(got[n], '#'); /* nothing behind them */
}

static void integers(void **state)
{
    (void)state;
    for (uint64_t v = 0; v < 20000; v++)
        integer(v);
    uint64_t power = 1;
    for (int i = 0; i < 20; i++, power *= 10) {
        integer(power - 1);
        integer(power);
        integer(power + 1);
        integer(2 * power + 1);
    }
    for (int i = 0; i < 64; i++) {
        integer(UINT64_C(1) << i);
        integer((UINT64_C(1) << i) - 1);
    }
    integer(UINT64_MAX);
    integer(UINT64_MAX - 1);
    uint64_t x = 1;
    for (int i = 0; i < 20000; i++) {
        uint64_t v = next(&x);
        integer(v >> (v & 63));
    }
}

static double back(uint64_t mantissa, int exponent, bool single)
{
    char text[48];
    snprintf(text, sizeof text, "%" PRIu64 "e%d", mantissa, exponent);
    return single ? (double)strtof(text, NULL) : strtod(text, NULL);
}

/* How many digits libc needs until the number reads back: the shortest there is, and the nearest of those. */
static int shortest_of_libc(double v, bool single, char *text, size_t size)
{
    for (int digits = 1; digits <= 17; digits++) {
        snprintf(text, size, "%.*e", digits - 1, v);
        if ((single ? (double)strtof(text, NULL) : strtod(text, NULL)) == v)
            return digits;
    }
    return 18;
}

static void real(double v, bool single)
{
    uint64_t m;
    int e = digits_shortest(v, single, &m);
    char text[48], digits[24];
    double read = back(m, e, single);
    if (read != v)
        fail_msg("%.17g (%s) becomes %" PRIu64 "e%d", v, single ? "float" : "double", m, e);
    assert_true(m > 0);
    assert_true(m < UINT64_C(100000000000000000));
    assert_true(m < 10 || m % 10);
    int n = (int)digits_u64(digits, m), least = shortest_of_libc(v, single, text, sizeof text);
    /* printf rounds to nearest, which may miss the only short decimal inside the interval of a power of two: never longer */
    if (n > least)
        fail_msg("%.17g (%s): %d digits where %s does", v, single ? "float" : "double", n, text);
}

static void floats_at_their_ends(void **state)
{
    (void)state;
    static const double doubles[] = {5e-324,
                                     1e-323,
                                     DBL_MIN,
                                     DBL_MAX,
                                     1e22,
                                     1e23,
                                     9007199254740991.0,
                                     9007199254740992.0,
                                     9007199254740993.0,
                                     0.1,
                                     0.3,
                                     1.0 / 3,
                                     2.0 / 3,
                                     1e-5,
                                     1e21,
                                     1e308,
                                     123456789012345678.0,
                                     2.2250738585072011e-308,
                                     9.5e-19,
                                     1e16,
                                     1e17,
                                     4.35,
                                     0.000001,
                                     1e300,
                                     1.7976931348623155e308,
                                     9223372036854775807.0,
                                     18446744073709551615.0};
    for (size_t i = 0; i < sizeof doubles / sizeof *doubles; i++) {
        real(doubles[i], false);
        real(nextafter(doubles[i], 0) > 0 ? nextafter(doubles[i], 0) : doubles[i], false);
        if (isfinite(nextafter(doubles[i], INFINITY)))
            real(nextafter(doubles[i], INFINITY), false);
    }
    static const float floats[] = {1e-45F,     3e-45F, FLT_MIN, FLT_MAX, 1e10F,  16777216.0F, 16777215.0F,
                                   8388608.5F, 0.1F,   0.3F,    3.4e38F, 1e-10F, 33554432.0F, 9e9F};
    for (size_t i = 0; i < sizeof floats / sizeof *floats; i++) {
        real((double)floats[i], true);
        if (isfinite(nextafterf(floats[i], INFINITY)))
            real((double)nextafterf(floats[i], INFINITY), true);
    }
    for (int e = -1074; e < 1024; e++) {
        real(ldexp(1, e), false);
        real(nextafter(ldexp(1, e), INFINITY), false);
        if (e > -1074)
            real(nextafter(ldexp(1, e), 0), false);
    }
    for (int e = -149; e < 128; e++) {
        real(ldexp(1, e), true);
        real((double)nextafterf((float)ldexp(1, e), INFINITY), true);
    }
}

/* Powers of ten are exact up to 10^22 and the hard cases of every routine above. */
static void powers_of_ten(void **state)
{
    (void)state;
    for (int e = -323; e <= 308; e++) {
        char text[16];
        snprintf(text, sizeof text, "1e%d", e);
        uint64_t m;
        double v = strtod(text, NULL);
        real(v, false);
        int k = digits_shortest(v, false, &m);
        assert_int_equal(m, 1);
        assert_int_equal(k, e);
        if (e < -44 || e > 38)
            continue;
        k = digits_shortest((double)strtof(text, NULL), true, &m);
        assert_int_equal(m, 1);
        assert_int_equal(k, e);
    }
}

static void random_floats(void **state)
{
    (void)state;
    uint64_t x = 20240229;
    for (int i = 0; i < 30000; i++) {
        uint64_t bits = next(&x);
        double d;
        bits &= INT64_MAX;
        memcpy(&d, &bits, sizeof d);
        if (isfinite(d) && d > 0)
            real(d, false);
        float f;
        uint32_t low = (uint32_t)(next(&x) >> 33);
        memcpy(&f, &low, sizeof f);
        if (isfinite(f) && f > 0)
            real((double)f, true);
        real((double)(1 + next(&x) % 100000000) / 100, false); /* as people write them */
        real((double)(1 + next(&x) % UINT64_C(1000000000000000)), false);
    }
}

static void java(double v, bool single, const char *want)
{
    char text[32];
    size_t n = java_real(text, v, single);
    assert_true(n < sizeof text);
    text[n] = 0;
    assert_string_equal(text, want);
}

/* What Double.toString and Float.toString print since JDK 19. */
static void javas_layout(void **state)
{
    (void)state;
    java(0.0, false, "0.0");
    java(-0.0, false, "-0.0");
    java((double)NAN, false, "NaN");
    java(-(double)INFINITY, true, "-Infinity");
    java(1, false, "1.0");
    java(-1.5, false, "-1.5");
    java(100, false, "100.0");
    java(0.001, false, "0.001");
    java(0.00123, false, "0.00123");
    java(9.999e-4, false, "9.999E-4");
    java(1234567.125, false, "1234567.125");
    java(9999999, false, "9999999.0");
    java(1e7, false, "1.0E7");
    java(12345678.5, false, "1.23456785E7");
    java(9999999.999999998, false, "9999999.999999998");
    java(1e23, false, "1.0E23");
    java(2e-3, false, "0.002");
    java(4.9e-324, false, "4.9E-324");
    java(1e-323, false, "9.9E-324");
    java(2.2250738585072014E-308, false, "2.2250738585072014E-308");
    java(DBL_MAX, false, "1.7976931348623157E308");
    java((double)1e-45F, true, "1.4E-45");
    java((double)4e-45F, true, "4.2E-45");
    java((double)FLT_MAX, true, "3.4028235E38");
    java((double)FLT_MIN, true, "1.1754944E-38");
    java((double)16777216.0F, true, "1.6777216E7");
    java((double)3.3e10F, true, "3.3E10");
    java((double)0.1F, true, "0.1");
    java((double)0.1F, false, "0.10000000149011612");
    /* the longest there are */
    java(-2.2250738585072014E-308, false, "-2.2250738585072014E-308");
    java(-1234567.1234567892, false, "-1234567.1234567892");
}

/* The text reads back, whatever the layout. */
static void javas_text_reads_back(void **state)
{
    (void)state;
    uint64_t x = 7;
    for (int i = 0; i < 20000; i++) {
        uint64_t bits = next(&x);
        double d;
        memcpy(&d, &bits, sizeof d);
        if (i % 2)
            d = ldexp((double)(int64_t)bits, (int)(bits % 90) - 80); /* where the layout has no exponent, and around that */
        if (!isfinite(d))
            continue;
        char text[40];
        text[java_real(text, d, false)] = 0;
        assert_true(strtod(text, NULL) == d);
        float f = (float)d;
        if (isfinite(f)) {
            text[java_real(text, (double)f, true)] = 0;
            assert_true(strtof(text, NULL) == f);
        }
    }
    for (int i = 1; i < 2000; i++) { /* the smallest, which have their own rule */
        char text[40];
        double d = 4.9e-324 * i;
        text[java_real(text, d, false)] = 0;
        assert_true(strtod(text, NULL) == d);
        float f = 1.4e-45F * (float)i;
        text[java_real(text, (double)f, true)] = 0;
        assert_true(strtof(text, NULL) == f);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(integers),      cmocka_unit_test(floats_at_their_ends), cmocka_unit_test(powers_of_ten),
        cmocka_unit_test(random_floats), cmocka_unit_test(javas_layout),         cmocka_unit_test(javas_text_reads_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
