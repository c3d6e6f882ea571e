/* Sizes that are out of the ordinary, and those that only look so. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "live/anomaly.h"

enum { MINUTE = 60000, HOUR = 60 * MINUTE, DAY = 24 * HOUR };

static struct anomaly_verdict next(struct anomaly *a, int64_t at, double size)
{
    struct anomaly_verdict v = anomaly_judge(a, at, size);
    anomaly_add(a, at, size);
    return v;
}

/* A little up and down, the same each time. */
static double wobble(int i) { return 1 + 0.03 * (i * 7 % 5 - 2); }

static void jumps(void **state)
{
    (void)state;
    struct anomaly a = {0};
    int i = 0;
    for (; i < ANOMALY_LEAST; i++)
        assert_true(isnan(next(&a, (int64_t)i * MINUTE, 1e6 * wobble(i)).expected));
    for (; i < 200; i++)
        assert_false(next(&a, (int64_t)i * MINUTE, 1e6 * wobble(i)).anomalous);
    assert_false(next(&a, (int64_t)i++ * MINUTE, 1.2e6).anomalous);
    struct anomaly_verdict v = next(&a, (int64_t)i++ * MINUTE, 2e6);
    assert_true(v.anomalous && !v.by_hour);
    assert_true(fabs(v.expected - 1e6) < 5e4);
    assert_true(next(&a, (int64_t)i++ * MINUTE, 4e5).anomalous);
    assert_false(next(&a, (int64_t)i++ * MINUTE, 1e6).anomalous);
    /* a new level is told twice, and then no more */
    int told = 0;
    for (int k = 0; k < 50; k++)
        told += next(&a, (int64_t)i++ * MINUTE, 9e6 * wobble(k)).anomalous;
    assert_int_equal(told, 2);
    assert_false(anomaly_judge(&a, (int64_t)i * MINUTE, INFINITY).anomalous);
    next(&a, (int64_t)i * MINUTE, 0);
    next(&a, INT64_MIN / 2, NAN);
}

static void growth(void **state)
{
    (void)state;
    struct anomaly a = {0};
    for (int i = 0; i < 500; i++)
        assert_false(next(&a, (int64_t)i * MINUTE, (1e6 + 3e4 * i) * wobble(i)).anomalous);
}

/* A nightly batch is no news from the fourth night on; that it is missing, or comes at noon, is. */
static void seasons(void **state)
{
    (void)state;
    struct anomaly a = {0};
    int told = 0;
    for (int i = 0; i < 9 * 144; i++) {
        int64_t at = (int64_t)i * 10 * MINUTE;
        bool batch = at % DAY / HOUR == 2;
        bool anomalous = next(&a, at, (batch ? 8e6 : 1e6) * wobble(i)).anomalous;
        told += anomalous;
        if (i > 3 * 144)
            assert_false(anomalous);
    }
    assert_int_equal(told, 6);
    int64_t day = (int64_t)9 * DAY;
    for (int i = 0; i < 12; i++)
        next(&a, day + i * 10 * MINUTE, 1e6 * wobble(i));
    struct anomaly_verdict v = anomaly_judge(&a, day + 2 * HOUR, 1e6);
    assert_true(v.anomalous && v.by_hour);
    for (int i = 12; i < 72; i++)
        next(&a, day + i * 10 * MINUTE, (i < 18 ? 8e6 : 1e6) * wobble(i));
    assert_true(anomaly_judge(&a, day + 12 * HOUR, 8e6).anomalous);
    assert_false(anomaly_judge(&a, day + 12 * HOUR, 1e6).anomalous);
}

static void medians(void **state)
{
    (void)state;
    double v[] = {5, 1, 4, 2};
    assert_true(isnan(median_of(v, 0)));
    assert_true(median_of(v, 4) == 3);
    assert_true(median_of(v, 3) == 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(jumps), cmocka_unit_test(growth), cmocka_unit_test(seasons),
                                       cmocka_unit_test(medians)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
