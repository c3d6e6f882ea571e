/* Decimals: what java.math.BigDecimal gives, and against plain integers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "sql/dec.h"

static i128 dec(const char *text, int scale)
{
    i128 v = 0;
    bool malformed;
    assert_true(dec_of_text((struct bytes){(const uint8_t *)text, strlen(text)}, 38, scale, &v, &malformed));
    return v;
}

static void is(i128 v, int scale, const char *text)
{
    char got[64];
    size_t n = dec_text(got, v, scale);
    got[n] = 0;
    assert_string_equal(got, text);
}

static void texts(void **state)
{
    (void)state;
    is(dec("12.345", 2), 2, "12.35");
    is(dec("-12.345", 2), 2, "-12.35");
    is(dec("0.004", 2), 2, "0.00");
    is(dec("1e3", 1), 1, "1000.0");
    is(dec("99999999999999999999999999999999999999", 0), 0, "99999999999999999999999999999999999999");
    i128 v;
    bool malformed;
    assert_false(dec_of_text((struct bytes){(const uint8_t *)"1x", 2}, 38, 0, &v, &malformed));
    assert_true(malformed);
    assert_false(dec_of_text((struct bytes){(const uint8_t *)"1000", 4}, 3, 0, &v, &malformed));
    assert_false(malformed);
}

static void division(void **state)
{
    i128 v;
    (void)state;
    assert_true(dec_div(dec("10", 0), 0, dec("3", 0), 0, 38, 20, &v));
    is(v, 20, "3.33333333333333333333");
    assert_true(dec_div(dec("2", 0), 0, dec("3", 0), 0, 38, 6, &v));
    is(v, 6, "0.666667");
    assert_true(dec_div(dec("-7.5", 1), 1, dec("0.002", 3), 3, 20, 2, &v));
    is(v, 2, "-3750.00");
    assert_true(dec_div(dec("99999999999999999999999999999999999999", 0), 0, dec("7", 0), 0, 38, 0, &v));
    is(v, 0, "14285714285714285714285714285714285714");
    assert_false(dec_div(dec("99999999999999999999999999999999999999", 0), 0, dec("0.1", 1), 1, 38, 0, &v));
    assert_true(dec_mod(dec("-7.5", 1), 1, dec("2", 0), 0, 10, 1, &v));
    is(v, 1, "-1.5");
}

/* Against 64-bit arithmetic, where that is exact. */
static void against_integers(void **state)
{
    uint64_t x = 7;
    (void)state;
    for (int i = 0; i < 20000; i++) {
        x = x * UINT64_C(6364136223846793005) + 1442695040888963407u;
        int64_t a = (int64_t)(x >> 33) - (1 << 30), b = (int64_t)(x & 0xfffff) - (1 << 19);
        i128 v;
        assert_true(dec_mul(a, 3, b, 2, 38, 5, &v));
        assert_true(v == (i128)a * b);
        assert_true(dec_add(a, 3, b, 2, i & 1, 38, 3, &v));
        assert_true(v == a + (i & 1 ? -b : b) * 10);
        int64_t unit = 1000, rest = a % unit, want = a / unit + (rest >= 500) - (rest <= -500);
        v = a;
        assert_true(dec_rescale(&v, 3, 0, 38));
        assert_true(v == want);
        assert_int_equal(dec_compare(a, 3, b, 2), (a > b * 10) - (a < b * 10));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(texts), cmocka_unit_test(division), cmocka_unit_test(against_integers)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
