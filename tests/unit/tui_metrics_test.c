/* Metrics: how their values are shown, what a chart keeps, how uneven they are. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tui/chart_draw.h"
#include "tui/metrics.h"
#include "tui/skew.h"

static void values_are_shown_as_what_they_are(void **state)
{
    static const struct {
        const char *name;
        double v;
        const char *shown;
    } values[] = {
        {"numRecordsIn", 1234567, "1,234,567"},
        {"numRecordsIn", 123456789, "123M"},
        {"numRecordsInPerSecond", 12.3456, "12.3"},
        {"numRecordsInPerSecond", 0.5, "0.5"},
        {"numBytesIn", 2048, "2.0 KiB"},
        {"numBytesInPerSecond", 2048.7, "2.0 KiB/s"},
        {"Status.JVM.Memory.Heap.Used", 1048576, "1.0 MiB"},
        {"Status.JVM.Memory.Direct.Count", 12, "12"},
        {"lastCheckpointSize", 1024, "1.0 KiB"},
        {"lastCheckpointSize", -1, "-1"},
        {"currentInputWatermark", -9223372036854775808.0, "none yet"},
        {"x.currentOutputWatermark", 9223372036854775807.0, "ended"},
        {"x.currentOutputWatermark", 1795650457123.0, "2026-11-25 23:47:37 UTC"},
        {"numRecordsIn", NAN, "-"},
        {"numBytesIn", INFINITY, "inf"},
        {"anything", 1e300, "1e+300"},
        {"anything", -0.0000123, "-1.23e-05"},
        {"anything", -1234567890123.0, "-1235G"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof values / sizeof *values; i++)
        assert_string_equal(metric_shown(values[i].name, values[i].v).s, values[i].shown);
}

static void a_chart_keeps_what_was_seen(void **state)
{
    struct charts c = {0};
    double low, high;
    struct live_metric m = {.id = "m", .value = NAN, .min = 1, .max = 3, .avg = 2, .sum = 4, .skew = NAN};
    (void)state;
    assert_true(charts_mark(&c, "vertex", "m", true));
    struct chart *x = charts_find(&c, "vertex", "m");
    assert_non_null(x);
    assert_null(charts_find(&c, "other", "m"));
    assert_false(chart_range(x, CHART_SUM, &low, &high));
    chart_add(x, &m, 1, 1000, 5000);
    chart_add(x, &m, 1, 1500, 5000); /* the same answer */
    m.sum = 8;
    chart_add(x, &m, 2, 2000, 5000);
    assert_int_equal(x->n, 2);
    chart_add(x, &m, 3, 9000, 5000); /* nobody looked for a while */
    assert_int_equal(x->n, 4);
    assert_true(isnan(x->v[CHART_SUM][2]));
    m = (struct live_metric){.id = "m", .text = "NaN", .value = NAN, .min = NAN, .max = NAN, .avg = NAN, .sum = NAN};
    chart_add(x, &m, 4, 9500, 5000);
    assert_true(chart_range(x, CHART_SUM, &low, &high) && low == 4 && high == 8);
    assert_true(chart_range(x, CHART_LEAST, &low, &high) && low == 1 && high == 1);
    m.value = 5; /* of one thing: all kinds are the same */
    chart_add(x, &m, 5, 9600, 5000);
    assert_true(x->v[CHART_SUM][x->n - 1] == 5 && x->v[CHART_MOST][x->n - 1] == 5);
    for (uint64_t i = 6; i < 6 + 2 * CHART_KEPT; i++) {
        m.value = (double)i;
        chart_add(x, &m, i, 9600, 5000);
    }
    assert_int_equal(x->n, CHART_KEPT);
    assert_true(x->v[CHART_SUM][CHART_KEPT - 1] == 6 + 2 * CHART_KEPT - 1);
    charts_free(&c);
}

static void there_is_room_for_so_many_marks(void **state)
{
    struct charts c = {0};
    char name[8];
    (void)state;
    for (int i = 0; i < CHARTS_MOST; i++) {
        snprintf(name, sizeof name, "m%d", i);
        assert_true(charts_mark(&c, "job", name, true));
    }
    assert_false(charts_mark(&c, "job", "one more", true));
    assert_true(charts_mark(&c, "job", "m7", false)); /* its values stay until the room is needed */
    assert_non_null(charts_find(&c, "job", "m7"));
    assert_true(charts_mark(&c, "job", "one more", true));
    assert_null(charts_find(&c, "job", "m7"));
    assert_int_equal(c.n, CHARTS_MOST);
    charts_free(&c);
}

static void charts_stand_side_by_side(void **state)
{
    static struct chart made[3];
    struct chart_shown shown[3];
    struct grid g = {0};
    struct buf out = {0};
    (void)state;
    for (int i = 0; i < 3; i++) {
        made[i] = (struct chart){.of = (char *)"x", .metric = (char *)"numBytesIn", .n = 3, .first_ms = 0, .last_ms = 20000};
        for (int k = 0; k < 3; k++)
            made[i].v[CHART_SUM][k] = i == 2 ? NAN : (double)(k * 1024);
        shown[i] = (struct chart_shown){&made[i], CHART_SUM, "sum"};
    }
    assert_int_equal(charts_rows(100, 3, 3), 0); /* no room */
    assert_int_equal(charts_rows(100, 100, 3), 18);
    assert_int_equal(charts_rows(100, 5, 1), 5);
    assert_int_equal(charts_rows(100, 10, 0), 0);
    grid_size(&g, 100, 4);
    charts_draw(&g, g.clip, shown, 3);
    grid_print(&g, &out, false);
    const char *text = buf_cstr(&out);
    assert_non_null(strstr(text, "numBytesIn sum, 20 s"));
    assert_non_null(strstr(text, "2.0 KiB"));
    assert_non_null(strstr(text, "1 more are marked"));
    out.n = 0;
    charts_draw(&g, g.clip, &shown[2], 1);
    grid_print(&g, &out, false);
    assert_non_null(strstr(buf_cstr(&out), "no number"));
    buf_free(&out);
    grid_free(&g);
}

/* The last two: what a cluster of 2.3 said of the same subtasks. */
static void skew_is_what_flink_says(void **state)
{
    const double even[] = {100, 100, 100}, one[] = {0, 0, 0, 400}, none[] = {0, 0}, nothing[] = {NAN, NAN};
    const double clicks[] = {NAN, 11458, 13388}, readings[] = {178516, 178484};
    (void)state;
    assert_true(skew_of(even, 3).percent == 0 && skew_of(even, 3).variation == 0);
    struct skew s = skew_of(one, 4);
    assert_true(s.percent == 100 && s.most_at == 3 && s.mean == 100 && s.sum == 400 && s.least == 0);
    assert_true(fabs(s.variation - sqrt(3)) < 1e-9);
    assert_true(skew_of(none, 2).percent == 0);
    assert_true(isnan(skew_of(nothing, 2).percent) && skew_of(nothing, 2).n == 0);
    s = skew_of(clicks, 3);
    assert_true(s.n == 2 && s.most_at == 2 && fabs(s.percent - 7.7678499557272795) < 1e-9);
    assert_true(fabs(skew_of(readings, 2).percent - 0.008963585434173669) < 1e-12);
}

static void many_subtasks_become_bars(void **state)
{
    double v[1000], bars[32];
    (void)state;
    for (int i = 0; i < 1000; i++)
        v[i] = i == 500 ? 99 : i % 7 ? 1 : NAN;
    assert_int_equal(skew_bars(v, 1000, bars, 32), 32);
    for (int i = 0; i < 32; i++)
        assert_true(bars[i] == (i == 16 ? 99 : 1));
    assert_int_equal(skew_bars(v, 3, bars, 32), 3);
    assert_true(isnan(bars[0]) && bars[1] == 1);
    assert_int_equal(skew_bars(v, 0, bars, 32), 0);
}

/* Flink's server takes no request line over 4096 bytes. */
static void questions_are_not_too_long(void **state)
{
    struct wants w = {0};
    struct arena a = {0};
    const char *names[300];
    struct metric_source s = {.route = LIVE_SUBTASKS_METRICS, .job = "j", .vertex = "v", .prefix = "", .many = true};
    (void)state;
    for (uint32_t i = 0; i < 300; i++)
        names[i] = arena_printf(&a, "GroupAggregate[%u]{}äöü.numRecordsInPerSecond", i);
    metric_want(&w, &s, names, 300);
    assert_true(w.n > 1);
    for (uint32_t i = 0; i < w.n; i++)
        assert_true(strlen(w.v[i].ask.query) < 3500);
    metric_want(&w, &s, names, 0);
    wants_free(&w);
    arena_free(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_are_shown_as_what_they_are), cmocka_unit_test(a_chart_keeps_what_was_seen),
        cmocka_unit_test(there_is_room_for_so_many_marks),   cmocka_unit_test(charts_stand_side_by_side),
        cmocka_unit_test(skew_is_what_flink_says),           cmocka_unit_test(many_subtasks_become_bars),
        cmocka_unit_test(questions_are_not_too_long),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
