/* Java's and Flink's primitive forms. What is expected of numbers, dates and times was printed by JDK 25. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "inspect/json_sink.h"
#include "savepoint/javaio.h"
#include "tests/support/bytes.h"

/* --- decimals --- */

static void decimal_is(const char *hex, int32_t scale, bool plain, const char *want)
{
    struct buf b = {0}, text = {0}, quoted = {0};
    struct json_sink j;
    hexed(&b, hex);
    json_sink_init(&j, &text);
    (plain ? java_decimal_plain : java_decimal)(&j.sink, b.p, b.n, scale);
    buf_printf(&quoted, "\"%s\"", want);
    assert_string_equal(buf_cstr(&text), buf_cstr(&quoted));
    json_sink_free(&j);
    buf_free(&b);
    buf_free(&text);
    buf_free(&quoted);
}

static void decimals(void **state)
{
    (void)state;
    static const struct {
        const char *hex;
        int32_t scale;
        const char *text, *plain; /* toString, toPlainString */
    } all[] = {
        {"00", 0, "0", "0"},
        {"00", 3, "0.000", "0.000"},
        {"00", 7, "0E-7", "0.0000000"},
        {"00", -3, "0E+3", "0"},
        {"00", INT32_MIN, "0E+2147483648", NULL},
        {"00", INT32_MAX, "0E-2147483647", NULL},
        {"01", 2, "0.01", "0.01"},
        {"01", 6, "0.000001", "0.000001"},
        {"01", 7, "1E-7", "0.0000001"},
        {"01", -1, "1E+1", "10"},
        {"ff", 6, "-0.000001", "-0.000001"},
        {"ff", 7, "-1E-7", "-0.0000001"},
        {"ff", -1, "-1E+1", "-10"},
        {"7b", 3, "0.123", "0.123"},
        {"7b", 7, "0.0000123", "0.0000123"},
        {"7b", -3, "1.23E+5", "123000"},
        {"7b", INT32_MIN, "1.23E+2147483650", NULL},
        {"7b", INT32_MAX, "1.23E-2147483645", NULL},
        {"0080", 1, "12.8", "12.8"},
        {"0080", 10, "1.28E-8", "0.0000000128"},
        {"80", 1, "-12.8", "-12.8"},
        {"80", 40, "-1.28E-38", "-0.0000000000000000000000000000000000000128"},
        {"ff7f", -3, "-1.29E+5", "-129000"},
        {"03e8", 2, "10.00", "10.00"},
        {"03e8", -1, "1.000E+4", "10000"},
        {"7fffffffffffffff", 0, "9223372036854775807", "9223372036854775807"},
        {"7fffffffffffffff", -3, "9.223372036854775807E+21", "9223372036854775807000"},
        {"8000000000000000", 1, "-922337203685477580.8", "-922337203685477580.8"},
        {"8000000000000000", 40, "-9.223372036854775808E-22", "-0.0000000000000000000009223372036854775808"},
        {"010000000000000000", 7, "1844674407370.9551616", "1844674407370.9551616"},
        {"ff0000000000000000", -1, "-1.8446744073709551616E+20", "-184467440737095516160"},
        {"033b2e3c9fd0803ce7ffffff", 2, "9999999999999999999999999.99", "9999999999999999999999999.99"},
        {"00c097ce7bc90715b34b9f1000000000", 2, "10000000000000000000000000000000000.00", "10000000000000000000000000000000000.00"},
        {"ff00000000000000000000000000000000", 0, "-340282366920938463463374607431768211456",
         "-340282366920938463463374607431768211456"},
        {"ff00000000000000000000000000000000", 6, "-340282366920938463463374607431768.211456",
         "-340282366920938463463374607431768.211456"},
        /* more bytes than the number needs */
        {"00000000000000000000000000000000", 0, "0", "0"},
        {"000000000000000000000000000000000b", 0, "11", "11"},
        {"ffffffffffffffffffffffffffffffffff", 0, "-1", "-1"},
    };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        decimal_is(all[i].hex, all[i].scale, false, all[i].text);
        decimal_is(all[i].hex, all[i].scale, true, all[i].plain ? all[i].plain : all[i].text); /* too many zeros for anybody */
    }
}

/* Every group of nine digits keeps its zeros: 10^9k, and one more and less, for numbers of many words. */
static void long_decimals(void **state)
{
    (void)state;
    uint8_t number[64] = {0};
    struct buf want = {0};
    number[63] = 1;
    for (int digits = 1; digits <= 150; digits++) {
        struct buf hex = {0};
        for (int i = 0; i < 64; i++)
            buf_printf(&hex, "%02x", number[i]);
        want.n = 0;
        buf_putc(&want, '1');
        for (int i = 1; i < digits; i++)
            buf_putc(&want, '0');
        decimal_is(buf_cstr(&hex), 0, false, buf_cstr(&want));
        buf_free(&hex);
        for (unsigned i = 64, carry = 0; i--; carry >>= 8) {
            carry += number[i] * 10U;
            number[i] = (uint8_t)carry;
        }
    }
    buf_free(&want);

    struct buf hex = {0};
    for (int i = 0; i < (64 << 10) + 1; i++)
        buf_puts(&hex, "01");
    decimal_is(buf_cstr(&hex), 0, false, "(a number of more than 64 KiB)");
    buf_free(&hex);
}

/* --- dates and times --- */

static void text_is(struct buf *b, const char *want)
{
    assert_string_equal(buf_cstr(b), want);
    b->n = 0;
}

static void dates(void **state)
{
    (void)state;
    static const struct {
        int64_t day;
        const char *text;
    } days[] = {
        {0, "1970-01-01"},        {-1, "1969-12-31"},      {11016, "2000-02-29"},     {-719528, "0000-01-01"},
        {-719529, "-0001-12-31"}, {2932896, "9999-12-31"}, {2932897, "+10000-01-01"}, {365241780471, "+999999999-12-31"},
        {-719163, "0000-12-31"},  {18321, "2020-02-29"},   {-25509, "1900-02-28"},    {-365243219162, "-999999999-01-01"},
        {47540, "2100-02-28"},    {47541, "2100-03-01"},
    };
    struct buf b = {0};
    for (size_t i = 0; i < sizeof days / sizeof *days; i++) {
        java_epoch_day(&b, days[i].day);
        text_is(&b, days[i].text);
    }
    static const struct {
        int64_t year;
        const char *text;
    } years[] = {{0, "0000-02-03"},      {1, "0001-02-03"},        {-1, "-0001-02-03"},    {999, "0999-02-03"},
                 {-9999, "-9999-02-03"}, {-10000, "-10000-02-03"}, {10000, "+10000-02-03"}};
    for (size_t i = 0; i < sizeof years / sizeof *years; i++) {
        java_local_date(&b, years[i].year, 2, 3);
        text_is(&b, years[i].text);
    }
    buf_free(&b);
}

static void times(void **state)
{
    (void)state;
    static const struct {
        int64_t second;
        int32_t nanos;
        const char *instant, *local;
    } all[] = {
        {0, 0, "1970-01-01T00:00:00Z", "1970-01-01T00:00"},
        {-1, 999999999, "1969-12-31T23:59:59.999999999Z", "1969-12-31T23:59:59.999999999"},
        {-1, 1000, "1969-12-31T23:59:59.000001Z", "1969-12-31T23:59:59.000001"},
        {1, 1000000, "1970-01-01T00:00:01.001Z", "1970-01-01T00:00:01.001"},
        {1, 120000000, "1970-01-01T00:00:01.120Z", "1970-01-01T00:00:01.120"},
        {86399, 0, "1970-01-01T23:59:59Z", "1970-01-01T23:59:59"},
        {3600, 0, "1970-01-01T01:00:00Z", "1970-01-01T01:00"},
        {-62135596801, 500000000, "0000-12-31T23:59:59.500Z", "0000-12-31T23:59:59.500"},
        {-62167219201, 0, "-0001-12-31T23:59:59Z", "-0001-12-31T23:59:59"},
        {253402300800, 0, "+10000-01-01T00:00:00Z", "+10000-01-01T00:00"},
        {31556889864403199, 999999999, "+1000000000-12-31T23:59:59.999999999Z", NULL},
        {-31557014167219200, 0, "-1000000000-01-01T00:00:00Z", NULL},
        {31556889864403200, 0, "(second 31556889864403200)", "(second 31556889864403200)"},
        {INT64_MIN, 0, "(second -9223372036854775808)", "(second -9223372036854775808)"},
    };
    struct buf b = {0};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        java_instant(&b, all[i].second, all[i].nanos);
        text_is(&b, all[i].instant);
        if (!all[i].local)
            continue;
        java_local_datetime(&b, all[i].second, all[i].nanos);
        text_is(&b, all[i].local);
    }
    java_local_time(&b, 0, 0, 0, 0);
    text_is(&b, "00:00");
    java_local_time(&b, 1, 2, 0, 1);
    text_is(&b, "01:02:00.000000001");
    java_local_time(&b, 0, 0, 1, 120000000);
    text_is(&b, "00:00:01.120");
    buf_free(&b);
}

/* --- modified UTF-8 --- */

/* NULL: malformed. Also read as a field with its length in front. */
static void mutf8(const char *hex, const char *want)
{
    struct buf in = {0}, out = {0}, with_length = {0};
    struct arena a = {0};
    hexed(&in, hex);
    uint8_t *own = mem_alloc(in.n); /* so that a look behind the end is seen */
    memcpy(own, in.p, in.n);
    buf_puts(&out, "\xed\xa0\xbd"); /* what stands before is left alone, even a high surrogate */
    assert_int_equal(java_mutf8(&out, own, in.n), want != NULL);
    if (want)
        assert_string_equal(buf_cstr(&out) + 3, want);
    u16(&with_length, (uint32_t)in.n);
    add(&with_length, &in);
    struct rd r = rd_of(with_length.p, with_length.n, 0);
    assert_string_equal(java_utf(&r, &a), want ? want : "");
    assert_string_equal(r.why ? r.why : "read", want ? "read" : "not modified UTF-8");
    arena_free(&a);
    free(own);
    buf_free(&in);
    buf_free(&out);
    buf_free(&with_length);
}

static void modified_utf8(void **state)
{
    (void)state;
    mutf8("616263", "abc");
    mutf8("61c3a4e282ac", "a\xc3\xa4\xe2\x82\xac");
    mutf8("eda0bdedb880", "\xf0\x9f\x98\x80");               /* a pair becomes one character */
    mutf8("eda0bd", "\xed\xa0\xbd");                         /* lone surrogates stay */
    mutf8("edb880", "\xed\xb8\x80");                         /* … and join nothing that was there before */
    mutf8("edb880eda0bd", "\xed\xb8\x80\xed\xa0\xbd");       /* the wrong way round */
    mutf8("eda0bd61edb880", "\xed\xa0\xbd\x61\xed\xb8\x80"); /* not side by side */
    mutf8("eda0bdeda0bdedb880", "\xed\xa0\xbd\xf0\x9f\x98\x80");
    mutf8("c3", NULL); /* cut */
    mutf8("61e282", NULL);
    mutf8("80", NULL); /* a continuation alone */
    mutf8("c361", NULL);
    mutf8("e28261", NULL);
    mutf8("f09f9880", NULL); /* four bytes are never written */
    mutf8("ff", NULL);
    /* U+0000 has two bytes */
    struct buf b = {0};
    assert_true(java_mutf8(&b, (const uint8_t *)"a\xc0\x80z", 4));
    assert_int_equal(b.n, 3);
    assert_memory_equal(b.p, "a\0z", 3);
    buf_free(&b);

    struct rd r = rd_of("\0\5abc", 5, 0); /* shorter than it says */
    struct arena a = {0};
    assert_string_equal(java_utf(&r, &a), "");
    assert_false(rd_ok(&r));
    arena_free(&a);
}

/* Faults at every place of texts of every length: the fast way for ASCII looks at whole words. */
static void high_bytes_anywhere(void **state)
{
    (void)state;
    for (size_t n = 1; n <= 40; n++)
        for (size_t at = 0; at < n; at++) {
            uint8_t *p = mem_alloc(n);
            struct buf b = {0};
            memset(p, 'x', n);
            assert_true(java_mutf8(&b, p, n));
            assert_int_equal(b.n, n);
            p[at] = 0x80;
            assert_false(java_mutf8(&b, p, n));
            buf_free(&b);
            free(p);
        }
}

/* --- Flink's strings --- */

static void string_is(const char *hex, bool null_form, const char *want)
{
    struct buf in = {0}, out = {0};
    struct json_sink j;
    hexed(&in, hex);
    struct rd r = rd_of(in.p, in.n, 0), walk = r;
    json_sink_init(&j, &out);
    (null_form ? java_flink_string : java_string_value)(&r, &j.sink);
    (null_form ? java_flink_string : java_string_value)(&walk, NULL);
    assert_true(rd_ok(&r));
    assert_int_equal(rd_left(&r), 0);
    assert_ptr_equal(walk.p, r.p);
    assert_string_equal(buf_cstr(&out), want);
    json_sink_free(&j);
    buf_free(&in);
    buf_free(&out);
}

static void flink_strings(void **state)
{
    (void)state;
    string_is("00", true, "null");
    string_is("01", true, "\"\"");
    string_is("00", false, "\"\"");
    string_is("04616263", true, "\"abc\"");
    string_is("03616263", false, "\"abc\"");
    string_is("02e401", true, "\"\xc3\xa4\"");
    string_is("02ac41", true, "\"\xe2\x82\xac\"");
    string_is("03bdb00380bc03", true, "\"\xf0\x9f\x98\x80\""); /* a pair */
    string_is("02bdb003", true, "\"\\ud83d\"");                /* lone */
    string_is("0380bc03bdb003", true, "\"\\ude00\\ud83d\"");
    string_is("02ffff03", true, "\"\xef\xbf\xbf\"");
    /* ASCII in more bytes than it takes, as a reader may meet it */
    string_is("02e100", true, "\"a\"");

    struct buf in = {0}, want = {0};
    hexed(&in, "ad02"); /* 301: 300 characters */
    buf_putc(&want, '"');
    for (int i = 0; i < 300; i++) {
        buf_putc(&in, 'y');
        buf_putc(&want, 'y');
    }
    buf_putc(&want, '"');
    struct buf hex = {0};
    for (size_t i = 0; i < in.n; i++)
        buf_printf(&hex, "%02x", in.p[i]);
    string_is(buf_cstr(&hex), true, buf_cstr(&want));
    buf_free(&in);
    buf_free(&want);
    buf_free(&hex);

    struct arena a = {0};
    struct rd r = rd_of("\4abc\0\2", 6, 0);
    assert_string_equal(java_flink_str(&r, &a), "abc");
    assert_null(java_flink_str(&r, &a));
    assert_true(rd_ok(&r));
    assert_null(java_flink_str(&r, &a));
    assert_false(rd_ok(&r));
    arena_free(&a);
}

/* A length that is not there allocates nothing. */
static void long_lies(void **state)
{
    (void)state;
    struct buf out = {0};
    struct json_sink j;
    json_sink_init(&j, &out);
    struct rd r = rd_of("\xff\xff\xff\xff\x07\xe1\x01", 7, 0);
    java_flink_string(&r, &j.sink);
    assert_false(rd_ok(&r));
    assert_string_equal(buf_cstr(&out), "null");
    assert_true(j.sink.scratch.cap < 4096);
    json_sink_free(&j);
    buf_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(decimals),      cmocka_unit_test(long_decimals), cmocka_unit_test(dates),
        cmocka_unit_test(times),         cmocka_unit_test(modified_utf8), cmocka_unit_test(high_bytes_anywhere),
        cmocka_unit_test(flink_strings), cmocka_unit_test(long_lies),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
