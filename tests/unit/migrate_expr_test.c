/* Expressions of migrations: what they give, what they refuse, and where. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "inspect/json_sink.h"
#include "migrate/expr.h"
#include "savepoint/ser_write.h"

struct world {
    struct arena a;
    struct scope scope;
    struct row row;
};

static void set(struct world *w, enum row_part part, struct ser *s, const char *json)
{
    struct err e = {0};
    w->scope.has[part] = true;
    w->scope.types[part] = typing_ser(s);
    assert_true(value_from_json(&w->row.parts[part], json, strlen(json), &w->a, &e));
}

static void make(struct world *w)
{
    struct arena *a = &w->a;
    struct ser *pair[] = {ser_plain(a, "String"), ser_plain(a, "Long")};
    struct ser_field fields[] = {{"at", ser_plain(a, "Instant"), NULL},       {"big", ser_plain(a, "BigDecimal"), NULL},
                                 {"half", ser_plain(a, "Double"), NULL},      {"id", ser_plain(a, "Long"), NULL},
                                 {"name", ser_plain(a, "String"), NULL},      {"nil", ser_plain(a, "String"), NULL},
                                 {"pair", ser_tuple(a, pair, 2), NULL},       {"tags", ser_list(a, ser_plain(a, "String")), NULL},
                                 {"what", ser_map(a, pair[0], pair[1]), NULL}};
    set(w, ROW_KEY, ser_plain(a, "Long"), "7");
    set(w, ROW_VALUE, ser_pojo(a, "x.Y", fields, 9),
        "{\"$class\":\"x.Y\",\"at\":\"2024-02-29T12:00:00.250Z\",\"big\":\"12.50\",\"half\":0.5,\"id\":9223372036854775807,"
        "\"name\":\"ünï\",\"nil\":null,\"pair\":[\"a\",-3],\"tags\":[\"x\",\"y\"],\"what\":{\"$map\":[[\"k\",5]]}}");
    w->row.now = 1700000000000;
}

/* The expression's value as JSON, or the message; in w's arena. */
static const char *value_of(struct world *w, const char *text)
{
    struct script s;
    struct err e = {0};
    struct value v;
    bool needs[ROW_PARTS];
    struct buf out = {0};
    buf_printf(&out, "weir migration 1\nUPDATE a.b SET value = %s;", text);
    const char *source = arena_strn(&w->a, (char *)out.p, out.n);
    size_t n = out.n;
    out.n = 0;
    if (script_parse(&s, (struct bytes){(const uint8_t *)source, n}, "s", &e) &&
        expr_bind(&s, s.stmts[0].sets[0].value, &w->scope, CLASS_ANY, needs, &e) &&
        expr_eval(s.stmts[0].sets[0].value, &w->row, &w->a, &v, &e)) {
        struct json_sink sink;
        json_sink_init(&sink, &out);
        value_report(&v, &sink.sink);
        json_sink_free(&sink);
    } else {
        buf_puts(&out, e.text);
    }
    const char *to = arena_strn(&w->a, (char *)out.p, out.n);
    buf_free(&out);
    script_free(&s);
    return to;
}

static void values(void **state)
{
    (void)state;
    static const char *const rows[][2] = {
        {"1 + 2 * 3 - -4", "11"},
        {"7 / 2", "3"},
        {"-7 % 3", "-1"},
        {"key * 2", "14"},
        {"1.5 + 1", "\"2.5\""},
        {"big * 2", "\"25.00\""},
        {"10.00 / 3", "\"3.333333\""},
        {"0.05 - 0.10", "\"-0.05\""},
        {"half + 1", "1.5"},
        {"1e3", "1000.0"},
        {"name || '-' || key", "\"ünï-7\""},
        {"nil || 'x'", "null"},
        {"nil IS NULL AND name IS NOT NULL", "true"},
        {"nil = 'x' OR TRUE", "true"},
        {"nil = 'x' AND TRUE", "null"},
        {"NOT (key < 7) AND key <= 7", "true"},
        {"big = 12.5", "true"},
        {"big > key", "true"},
        {"half = 0.5", "true"},
        {"id = 9223372036854775807", "true"},
        {"id > 9223372036854775806.5", "true"},
        {"name LIKE '_n%' AND name NOT LIKE 'n%'", "true"},
        {"'a%b' LIKE 'a%%b'", "true"},
        {"key IN (1, 7.0)", "true"},
        {"key NOT IN (1, NULL)", "null"},
        {"key BETWEEN 1 AND 7", "true"},
        {"key NOT BETWEEN 1 AND 7", "false"},
        {"CASE WHEN key = 1 THEN 'one' WHEN key = 7 THEN 'seven' END", "\"seven\""},
        {"CASE key WHEN 1 THEN 'one' ELSE 'more' END", "\"more\""},
        {"pair.f1 + 1", "-2"},
        {"value.tags[1]", "\"y\""},
        {"tags[9]", "null"},
        {"what.k", "5"},
        {"what.none", "null"},
        {"at < '2024-03-01'", "true"},
        {"at = 'ms:1709208000250'", "true"},
        {"EPOCH_MS(at)", "1709208000250"},
        {"TIMESTAMP_MS(0)", "\"1970-01-01T00:00:00Z\""},
        {"CAST(at AS DATE)", "\"2024-02-29\""},
        {"CAST(at AS TIME)", "\"12:00:00.250\""},
        {"CAST('2024-01-02T03:04' AS TIMESTAMP)", "\"2024-01-02T03:04\""},
        {"CAST('12' AS INT) + 1", "13"},
        {"CAST(12.00 AS BIGINT)", "12"},
        {"CAST(key AS STRING) || half", "\"70.5\""},
        {"CAST(1 AS DECIMAL(5, 2))", "\"1.00\""},
        {"CAST(0.5 AS DECIMAL(3, 3))", "\"0.500\""},
        {"CAST('TRUE' AS BOOLEAN)", "true"},
        {"COALESCE(nil, NULL, name)", "\"ünï\""},
        {"NULLIF(key, 7)", "null"},
        {"UPPER('aé') || LOWER('AB')", "\"Aéab\""},
        {"SUBSTRING(name, 2)", "\"nï\""},
        {"SUBSTRING('hello', 2, 3)", "\"ell\""},
        {"REPLACE('banana', 'an', '-')", "\"b--a\""},
        {"TRIM('  x ')", "\"x\""},
        {"LENGTH(name)", "3"},
        {"MASK(name, 1)", "\"**ï\""},
        {"MASK('ab', 9)", "\"ab\""},
        {"SIZE(tags) + SIZE(what)", "3"},
        {"ABS(pair.f1)", "3"},
        {"NOW_MS()", "1700000000000"},
        {"TO_JSON(pair)", "\"[\\\"a\\\",-3]\""},
        {"MD5('')", "\"d41d8cd98f00b204e9800998ecf8427e\""},
        {"SHA1('abc')", "\"a9993e364706816aba3e25717850c26c9cd0d89d\""},
        {"SHA256('abc')", "\"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\""},
        {"HMAC_SHA256('what do ya want for nothing?', 'Jefe')",
         "\"5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843\""},
        {"HASH64('abc')", "4213142463398924266"},
    };
    struct world w = {0};
    make(&w);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *got = value_of(&w, rows[i][0]);
        if (strcmp(got, rows[i][1]) != 0)
            fail_msg("%s: %s, not %s", rows[i][0], got, rows[i][1]);
    }
    arena_free(&w.a);
}

static void refused(void **state)
{
    (void)state;
    static const char *const rows[][2] = {
        {"id + 1", "a whole number beyond 64 bits"},
        {"key / 0", "a division by zero"},
        {"big % 0", "a division by zero"},
        {"CAST(300 AS TINYINT)", "300 is beyond a TINYINT"},
        {"CAST(half AS INT)", "0.5 is no whole number of 64 bits"},
        {"CAST(name AS BIGINT)", "ünï is no whole number of 64 bits"},
        {"CAST(123.45 AS DECIMAL(4, 2))", "123.45 is no number of that precision and scale"},
        {"CAST(1.005 AS DECIMAL(9, 2))", "1.005 is no number of that precision and scale"},
        {"99999999999999999999 * 99999999999999999999", "a decimal of more than 38 digits"},
        {"at > 'yesterday'", "\"yesterday\" is no date or time"},
        {"SUBSTRING(name, 0)", "SUBSTRING: characters are counted from 1, and so many are taken"},
        {"EPOCH_MS(name)", "EPOCH_MS: what it is given is no date or time"},
        {"nmae", "s:2:24: POJO Y{at Instant, big BigDecimal, half Double, id… has no field 'nmae'; did you mean 'name'?"},
        {"pair.f2", "s:2:29: Tuple2<String, Long> has no field 'f2'; did you mean 'f0'?"},
        {"user_key", "s:2:24: the state has no user_key"},
        {"name[0]", "s:2:29: an index into what is not a list"},
        {"name + 1", "s:2:24: expected a number, not a text"},
        {"name = 1", "s:2:24: a text cannot be compared with a whole number"},
        {"NOT key", "s:2:28: expected a condition, not a whole number"},
        {"UPER(name)", "s:2:24: there is no function UPER; did you mean UPPER?"},
        {"UPPER(key)", "s:2:30: expected a text, not a whole number"},
        {"UPPER()", "s:2:24: UPPER takes 1 argument, not 0"},
        {"CAST(key AS MONEY)", "s:2:36: CAST knows no type MONEY; INT, BIGINT, DOUBLE, DECIMAL, STRING, BOOLEAN, DATE, … it does"},
        {"1 +", "s:2:27: expected an expression, not ;"},
        {"1e999", "s:2:24: a number that is too large"},
    };
    struct world w = {0};
    make(&w);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *got = value_of(&w, rows[i][0]);
        if (strcmp(got, rows[i][1]) != 0)
            fail_msg("%s: %s, not %s", rows[i][0], got, rows[i][1]);
    }
    arena_free(&w.a);
}

/* However deep or long, a script ends in a value or a message. */
static void limits(void **state)
{
    (void)state;
    struct world w = {0};
    struct buf b = {0};
    make(&w);
    for (int i = 0; i < 5000; i++)
        buf_puts(&b, "(");
    assert_non_null(strstr(value_of(&w, buf_cstr(&b)), "nested more than 200 deep"));
    b.n = 0;
    for (int i = 0; i < 5000; i++)
        buf_puts(&b, "1+");
    assert_non_null(strstr(value_of(&w, buf_cstr(&b)), "more than 4000 parts"));
    b.n = 0;
    for (int i = 0; i < 1900; i++)
        buf_puts(&b, "1+");
    buf_puts(&b, "1");
    assert_string_equal(value_of(&w, buf_cstr(&b)), "1901");
    buf_free(&b);
    arena_free(&w.a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(values), cmocka_unit_test(refused), cmocka_unit_test(limits)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
