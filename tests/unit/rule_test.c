/* Rules: what is one, what they mean over samples. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "live/rule.h"
#include "live/rule_feed.h"
#include "tests/support/rest_stub.h"

static struct rule *parse(const char *text)
{
    struct rule_fault fault;
    struct rule *r = rule_parse(text, &fault);
    if (!r)
        fail_msg("%s: %s at %zu", text, fault.why, fault.at);
    return r;
}

static void good_rules(void **state)
{
    (void)state;
    static const char *const good[] = {"checkpoint.size > 3 * median(20)",
                                       "backpressure(Join) > 0.8 for 60s",
                                       "backpressure > 80% for 1.5m",
                                       "checkpoint.age > 5m",
                                       "restarts > 3 in 10m",
                                       "watermark.lag > 2m",
                                       "checkpoint.size anomalous",
                                       "checkpoint.full_size anomalous or checkpoint.failures >= 3",
                                       "running == 1 and uptime > 30s",
                                       "rate(records.read(Source: a (x)), 1m) < 10",
                                       "checkpoint.duration > max(1h) + 2s",
                                       "checkpoint.full_size / checkpoint.size > 2",
                                       "-restarts < - ( 1 + 2 ) * 3",
                                       "checkpoint.size>2*mean(checkpoint.full_size,10m)for 5s"};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        rule_free(parse(good[i]));
    assert_int_equal(rule_time("90s"), 90000);
    assert_int_equal(rule_time("1.5h"), 5400000);
    assert_int_equal(rule_time("5"), -1);
    assert_int_equal(rule_time("5m "), -1);
    assert_int_equal(rule_time("x"), -1);
}

static void bad_rules(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t at;
    } bad[] = {{"", 0},
               {"restarts", 8},
               {"restarts >", 10},
               {"restart > 3", 0},
               {"checkpoint.age > 5", 17},
               {"checkpoint.size > 5m", 18},
               {"restarts > 5m", 11},
               {"checkpoint.age > 5x", 18},
               {"checkpoint.age > 5m for", 23},
               {"checkpoint.age > 5m for 3", 24},
               {"checkpoint.age > 5m until", 20},
               {"restarts(x) > 1", 8},
               {"backpressure( ) > 1", 14},
               {"backpressure(x > 1", 13},
               {"3 > median(20)", 11},
               {"restarts > median()", 18},
               {"restarts > median(0)", 18},
               {"restarts > median(99999)", 18},
               {"restarts > rate(5)", 16},
               {"checkpoint.size * checkpoint.size > 1", 16},
               {"checkpoint.size + 1 > 1B", 16},
               {"1 + 1 anomalous", 0},
               {"1 > 1 in 5m", 0},
               {"(((((((((((((((((((((((((((((((((((1)))))))))))))))))))))))))))))))))) > 1", 32},
               {"restarts > 99999999999999999999", 11}};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct rule_fault fault;
        struct rule *r = rule_parse(bad[i].text, &fault);
        if (r)
            fail_msg("'%s' should be refused", bad[i].text);
        if (fault.at != bad[i].at)
            fail_msg("'%s': %s at %zu, not %zu", bad[i].text, fault.why, fault.at, bad[i].at);
    }
    char longest[RULE_TEXT + 2];
    struct rule_fault fault;
    memset(longest, '-', sizeof longest);
    longest[RULE_TEXT + 1] = 0;
    assert_null(rule_parse(longest, &fault));
    longest[RULE_TEXT] = 0;
    assert_null(rule_parse(longest, &fault));
}

static enum rule_truth after(struct rule *r, int64_t at_ms, double v)
{
    rule_sample(&r->series[0], at_ms, v);
    return rule_evaluate(r, at_ms).truth;
}

static void windows(void **state)
{
    (void)state;
    struct rule *r = parse("checkpoint.size > 3 * median(20)");
    for (int i = 0; i < 5; i++)
        assert_int_equal(after(r, i, 100), RULE_UNKNOWN); /* too few before it */
    assert_int_equal(after(r, 5, 300), RULE_NO);
    assert_int_equal(after(r, 6, 301), RULE_YES);
    struct rule_state s = rule_evaluate(r, 6);
    assert_true(s.left == 301 && s.right == 300 && s.unit == UNIT_SIZE);
    assert_int_equal(after(r, 7, NAN), RULE_UNKNOWN);
    rule_free(r);
    r = parse("busy > max(10s)");
    for (int i = 0; i < 5; i++)
        after(r, 1000 * i, 0.5);
    assert_int_equal(after(r, 5000, 0.6), RULE_YES);
    assert_int_equal(after(r, 20000, 0.6), RULE_UNKNOWN); /* nothing within 10 s before it */
    rule_free(r);
    r = parse("busy > min(3) and busy < mean(3)");
    after(r, 0, 0.1);
    after(r, 1, 0.5);
    after(r, 2, 0.9);
    assert_int_equal(after(r, 3, 0.3), RULE_YES);
    assert_int_equal(after(r, 4, 0.1), RULE_NO);
    rule_free(r);
    r = parse("busy > max(2047)"); /* a full ring */
    for (int i = 0; i < 3 * RULE_SAMPLES; i++)
        after(r, i, 0.5);
    assert_int_equal(after(r, 99999, 0.51), RULE_YES);
    rule_free(r);
}

static void counters(void **state)
{
    (void)state;
    struct rule *r = parse("restarts > 3 in 10m");
    assert_int_equal(after(r, 0, 7), RULE_UNKNOWN);
    assert_int_equal(after(r, 60000, 10), RULE_NO);
    assert_int_equal(after(r, 120000, 11), RULE_YES);
    assert_int_equal(after(r, 180000, 1), RULE_YES); /* it began anew */
    assert_int_equal(after(r, 700000, 1), RULE_NO);  /* what was before 10 minutes ago does not count */
    rule_free(r);
    r = parse("rate(records.read, 1m) < 10");
    after(r, 0, 1000);
    assert_int_equal(after(r, 10000, 1099), RULE_YES);
    assert_int_equal(after(r, 20000, 1999), RULE_NO);
    rule_free(r);
}

static void spans(void **state)
{
    (void)state;
    struct rule *r = parse("backpressure > 80% for 60s");
    assert_int_equal(after(r, 0, 0.9), RULE_PENDING);
    assert_int_equal(after(r, 59000, 0.9), RULE_PENDING);
    assert_int_equal(after(r, 60000, 0.9), RULE_YES);
    assert_int_equal(after(r, 61000, 0.8), RULE_NO);
    assert_int_equal(after(r, 62000, 0.9), RULE_PENDING);
    assert_int_equal(after(r, 120000, NAN), RULE_UNKNOWN); /* begins anew */
    assert_int_equal(after(r, 125000, 0.9), RULE_PENDING);
    rule_free(r);
    r = parse("busy > 1 or busy == 0.5 and busy != 0");
    assert_int_equal(after(r, 0, 0.5), RULE_YES);
    rule_free(r);
    r = parse("busy / 0 > 1");
    assert_int_equal(after(r, 0, 0.5), RULE_UNKNOWN);
    rule_free(r);
    assert_string_equal(rule_show(0.805, UNIT_SHARE).s, "80.5%");
    assert_string_equal(rule_show(1536, UNIT_SIZE).s, "1.5 KiB");
    assert_string_equal(rule_show(61000, UNIT_TIME).s, "1:01 min");
    assert_string_equal(rule_show(-3, UNIT_TIME).s, "-3");
    assert_string_equal(rule_show(NAN, UNIT_PLAIN).s, "not known");
}

static void anomalies(void **state)
{
    (void)state;
    struct rule *r = parse("checkpoint.size anomalous");
    for (int i = 0; i < 30; i++)
        assert_int_equal(after(r, i * 60000, 1000000 + i % 5 * 10000), i < ANOMALY_LEAST ? RULE_UNKNOWN : RULE_NO);
    assert_int_equal(after(r, 31 * 60000, 3000000), RULE_YES);
    assert_int_equal(after(r, 32 * 60000, 1000000), RULE_NO);
    rule_free(r);
}

/* Samples from a server. */
static void feed(void **state)
{
    (void)state;
    static const char *const texts[] = {"checkpoint.size > 0B",
                                        "backpressure(Source) > 90%",
                                        "busy(GroupAggregate) >= 1",
                                        "watermark.lag > 0s",
                                        "restarts >= 0",
                                        "checkpoint.age > 30s",
                                        "slots.free > 0",
                                        "taskmanagers == 1",
                                        "running == 1",
                                        "ended == 1",
                                        "records.read > 15000",
                                        "uptime > 30s",
                                        "checkpoint.failures > 0",
                                        "checkpoint.in_flight >= 0B",
                                        "records.written(No such vertex) > 1"};
    static const enum rule_truth healthy[] = {RULE_UNKNOWN, RULE_YES, RULE_YES, RULE_UNKNOWN, RULE_YES,
                                              RULE_YES,     RULE_YES, RULE_YES, RULE_YES,     RULE_NO,
                                              RULE_YES,     RULE_YES, RULE_NO,  RULE_UNKNOWN, RULE_UNKNOWN};
    enum { N = sizeof texts / sizeof *texts };
    struct rest_stub *stub = rest_stub_start("tests/rest/sick.tsv", STUB_PLAYS);
    struct err e = {0};
    struct live *l = live_open(&(struct live_target){.url = rest_stub_url(stub), .proxy = "", .timeout_ms = 5000}, &e);
    struct rule *rules[N];
    for (int i = 0; i < N; i++)
        rules[i] = parse(texts[i]);
    struct rule_feed f = {.live = l, .job = "e38be5198def6b160263aa2f9397473f", .rules = rules, .n_rules = N};
    assert_true(rule_feed_look(&f, &e));
    assert_string_equal(f.unmatched, "No such vertex");
    for (int i = 0; i < N; i++) {
        enum rule_truth truth = rule_evaluate(rules[i], f.now_ms).truth;
        if (truth != healthy[i])
            fail_msg("%s: %d, not %d", texts[i], (int)truth, (int)healthy[i]);
    }
    uint32_t samples = rules[13]->series[0].n;
    assert_true(rule_feed_look(&f, &e));
    assert_int_equal(rules[13]->series[0].n, samples); /* no checkpoint has completed in between */
    assert_int_equal(rules[1]->series[0].n, 2);
    rest_stub_behave(stub, STUB_LEADERLESS);
    assert_false(rule_feed_look(&f, &e));
    assert_int_equal(e.kind, ERR_SERVER);
    for (int i = 0; i < N; i++)
        rule_free(rules[i]);
    live_close(l);
    rest_stub_stop(stub);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(good_rules), cmocka_unit_test(bad_rules), cmocka_unit_test(windows),
                                       cmocka_unit_test(counters),   cmocka_unit_test(spans),     cmocka_unit_test(anomalies),
                                       cmocka_unit_test(feed)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
