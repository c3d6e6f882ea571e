/* Formats of lines: what a file's lines become. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/lines_job.h"

static struct lines_job of(const char *options, const char *text)
{
    return (struct lines_job){
        .name = "in",
        .content = {(const uint8_t *)text, strlen(text)},
        .columns = "[{\"name\":\"a\",\"dataType\":\"BIGINT\"},{\"name\":\"b\",\"dataType\":\"VARCHAR(2147483647)\"}]",
        .row = "ROW<`a` BIGINT, `b` VARCHAR(2147483647)>",
        .options = options};
}

static void gives_of(const struct lines_job *l, const char *rows)
{
    struct buf out = {0};
    struct err e = {0};
    if (!lines_job_run(l, &out, &e))
        fail_msg("%s", e.text);
    assert_string_equal(buf_cstr(&out), rows);
    buf_free(&out);
}

/* In batches of every size. */
static void gives(const char *options, const char *text, const char *rows)
{
    struct lines_job l = of(options, text);
    for (l.batch_rows = 0; l.batch_rows < 5; l.batch_rows++)
        gives_of(&l, rows);
}

static void fails(const char *options, const char *text, const char *why)
{
    struct lines_job l = of(options, text);
    for (l.batch_rows = 0; l.batch_rows < 3; l.batch_rows++) {
        struct buf out = {0};
        struct err e = {0};
        assert_false(lines_job_run(&l, &out, &e));
        if (!strstr(e.text, why))
            fail_msg("%s", e.text);
        buf_free(&out);
    }
}

#define ROW(op, a, b) "{\"op\":\"" op "\",\"row\":{\"a\":" a ",\"b\":" b "}}\n"
#define DEBEZIUM "\"format\":\"debezium-json\""
#define LENIENT DEBEZIUM ",\"debezium-json.ignore-parse-errors\":\"true\""

static void debezium_changes(void **state)
{
    (void)state;
    gives(DEBEZIUM,
          "{\"before\":null,\"after\":{\"a\":1,\"b\":\"x\"},\"source\":{\"db\":\"y\",\"n\":[{}]},\"op\":\"c\",\"ts_ms\":7}\n"
          "\n"
          "{ \"op\" : \"r\" , \"after\" : { \"b\" : \"\\u00e4\\n\" } }\n"
          "{\"op\":\"u\",\"after\":{\"a\":\"3\",\"more\":1,\"b\":null},\"before\":{\"a\":2,\"b\":\"y\"}}\n"
          "{\"op\":\"d\",\"before\":{\"a\":3},\"after\":null}\n",
          ROW("+I", "1", "\"x\"") ROW("+I", "null", "\"ä\\n\"") ROW("-U", "2", "\"y\"") ROW("+U", "3", "null")
              ROW("-D", "3", "null"));
    /* a name that is there twice */
    gives(DEBEZIUM, "{\"op\":\"d\",\"before\":{\"a\":1},\"before\":{\"a\":2},\"op\":\"d\"}", ROW("-D", "2", "null"));
}

static void debezium_with_its_schema(void **state)
{
    (void)state;
    gives(
        DEBEZIUM ",\"debezium-json.schema-include\":\"true\"",
        "{\"schema\":{\"type\":\"struct\",\"op\":\"d\"},\"payload\":{\"before\":null,\"after\":{\"a\":1,\"b\":\"payload\"},\"op\":\"c\"}}\n",
        ROW("+I", "1", "\"payload\""));
    fails(DEBEZIUM ",\"debezium-json.schema-include\":\"true\"", "{\"after\":{\"a\":1},\"op\":\"c\"}",
          "op is none of c, r, u and d");
    fails(DEBEZIUM ",\"debezium-json.schema-include\":\"true\"", "{\"payload\":null}", "no object where a change must be");
}

static void debezium_that_is_none(void **state)
{
    static const struct {
        const char *line, *why, *rows; /* NULL: none, where errors are ignored */
    } cases[] = {
        {"{\"op\":\"x\",\"after\":{\"a\":1}}", "/in:2: op is none of c, r, u and d: {\"op\":\"x\"", NULL},
        {"{\"op\":null,\"after\":{\"a\":1}}", "op is none", NULL},
        {"{\"after\":{\"a\":1}}", "op is none", NULL},
        {"{\"op\":1,\"after\":{\"a\":1}}", "an op that is no text", NULL},
        {"{\"op\":\"c\"}", "an insert without after", NULL},
        {"{\"op\":\"c\",\"after\":null}", "an insert without after", NULL},
        {"{\"op\":\"d\",\"after\":{\"a\":1}}", "a delete without before: PostgreSQL needs REPLICA IDENTITY FULL", NULL},
        {"{\"op\":\"u\",\"after\":{\"a\":1}}", "an update without before: PostgreSQL needs REPLICA IDENTITY FULL", NULL},
        {"{\"op\":\"u\",\"before\":{\"a\":1}}", "an update without after", NULL},
        {"{\"op\":\"u\",\"before\":{\"a\":1},\"after\":{\"a\":\"x\"}}", "no integer where one must be: {\"a\":\"x\"}",
         ROW("-U", "1", "null") ROW("+U", "null", "null")},
        {"{\"op\":\"u\",\"before\":{\"a\":\"x\"},\"after\":{\"a\":1}}", "no integer where one must be",
         ROW("-U", "null", "null") ROW("+U", "1", "null")},
        {"{\"op\":\"c\",\"after\":[1]}", "no object where a row must be", NULL},
        {"{\"op\":\"c\",\"after\":{\"a\":1}", "no comma between members", NULL},
        {"{\"op\":\"c\",\"after\":{\"a\":1}}}", "something behind the change", NULL},
        {"[]", "no object where a change must be", NULL},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct buf b = {0};
        buf_printf(&b, "{\"op\":\"c\",\"after\":{\"a\":0}}\n%s\n{\"op\":\"c\",\"after\":{\"a\":9}}\n", cases[i].line);
        fails(DEBEZIUM, buf_cstr(&b), cases[i].why);
        struct buf rows = {0};
        buf_printf(&rows, "%s%s%s", ROW("+I", "0", "null"), cases[i].rows ? cases[i].rows : "", ROW("+I", "9", "null"));
        gives(LENIENT, buf_cstr(&b), buf_cstr(&rows));
        buf_free(&rows);
        buf_free(&b);
    }
}

/* Members are told by those of the line before: in another order, more, fewer, written in another way. */
static void json_members(void **state)
{
    (void)state;
    gives("\"format\":\"json\"",
          "{\"a\":1,\"b\":\"x\"}\n"
          "{\"a\":2,\"b\":\"y\"}\n"
          "{\"b\":\"z\",\"a\":3}\n"
          "{\"aa\":9,\"\\u0061\":4,\"b\" : \"\\u0062\",\"c\":{\"a\":7}}\n"
          "{\"aa\":9,\"\\u0061\":5,\"b\" : null}\n"
          "{}\n"
          "{\"a\":6}\n"
          "{\"a\":7,\"a\":8,\"b\":1.50}\n",
          ROW("+I", "1", "\"x\"") ROW("+I", "2", "\"y\"") ROW("+I", "3", "\"z\"") ROW("+I", "4", "\"b\"") ROW("+I", "5", "null")
              ROW("+I", "null", "null") ROW("+I", "6", "null") ROW("+I", "8", "null"));
    fails("\"format\":\"json\"", "{\"a\":1,\"b\":\"x\"}\n{\"a\":1,\"b", "a text without an end");
    fails("\"format\":\"json\"", "{\"a\":1,\"b\":\"x\"}\n{\"a\":", "no value where one must be");
    fails("\"format\":\"json\"", "{\"a\":1,\"b\":\"x\"}\n{\"a\"1}", "a malformed object");
}

/* Texts are looked at in pieces of sixteen bytes: each length, with and without an escape at its end. */
static void json_texts(void **state)
{
    (void)state;
    for (int n = 0; n < 40; n++) {
        char in[256], out[256];
        snprintf(in, sizeof in, "{\"b\":\"%.*s\",\"a\":1}\n{\"a\":2,\"b\":\"%.*s\\n\"}\n", n,
                 "0123456789abcdefghijklmnopqrstuvwxyz0123456789", n, "0123456789abcdefghijklmnopqrstuvwxyz0123456789");
        snprintf(out, sizeof out,
                 "{\"op\":\"+I\",\"row\":{\"a\":1,\"b\":\"%.*s\"}}\n{\"op\":\"+I\",\"row\":{\"a\":2,\"b\":\"%.*s\\n\"}}\n", n,
                 "0123456789abcdefghijklmnopqrstuvwxyz0123456789", n, "0123456789abcdefghijklmnopqrstuvwxyz0123456789");
        gives("\"format\":\"json\"", in, out);
    }
}

static void json_integers(void **state)
{
    (void)state;
    gives("\"format\":\"json\"",
          "{\"a\":123456789012345678}\n{\"a\":9223372036854775807}\n{\"a\":-9223372036854775808}\n{\"a\": 7 }\n{\"a\":\" 8 \"}\n"
          "{\"a\":+9}\n{\"a\":0}\n{\"a\":1.9}\n{\"a\":-1e3}\n",
          ROW("+I", "123456789012345678", "null") ROW("+I", "9223372036854775807", "null") ROW("+I", "-9223372036854775808", "null")
              ROW("+I", "7", "null") ROW("+I", "8", "null") ROW("+I", "9", "null") ROW("+I", "0", "null") ROW("+I", "1", "null")
                  ROW("+I", "-1000", "null"));
    static const char *const wrong[] = {
        "{\"a\":9223372036854775808}", "{\"a\":\"1.5\"}", "{\"a\":1e300}", "{\"a\":12", "{\"a\":-}", "{\"a\":1x}"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        fails("\"format\":\"json\"", wrong[i], wrong[i]);
}

#define BAD "\"format\":\"json\",\"json.ignore-parse-errors\":\"true\""

/* What is no value of its type is NULL; a line that is no JSON is none. */
static void json_that_is_bad(void **state)
{
    (void)state;
    gives(BAD,
          "{\"a\":\"x\",\"b\":1}\n"
          "{\"a\":1,\"b\":tru}\n"
          "{\"a\":[1,{}],\"b\":{\"q\" : [1, \"a b\"]}}\n"
          "7\n"
          "{\"a\":99999999999999999999,\"b\":\"y\"}\n"
          "[{\"a\":5}, {\"a\":\"\",\"b\":\"z\"}]\n"
          "{\"a\":8",
          ROW("+I", "null", "\"1\"") ROW("+I", "null", "\"{\\\"q\\\":[1,\\\"a b\\\"]}\"") ROW("+I", "null", "\"y\"")
              ROW("+I", "5", "null") ROW("+I", "null", "\"z\""));
    fails("\"format\":\"json\",\"json.fail-on-missing-field\":\"true\"", "{\"a\":1}", "a member is missing");
    fails(BAD ",\"json.fail-on-missing-field\":\"true\"", "", "exclude each other");
    fails("\"format\":\"json\"", "[{\"a\":1}", "no JSON behind 1 rows of an array");
    gives("\"format\":\"json\"", " []\n[{\"a\":1},{\"a\":2}]\n", ROW("+I", "1", "null") ROW("+I", "2", "null"));
}

/* Arrays, maps and rows: each with what is wrong in it as NULL. Of equal keys the last one counts. */
static void json_nested(void **state)
{
    (void)state;
    struct lines_job l = of(
        BAD, "{\"a\":{\"k\":1,\"l\":\"x\",\"k\":3},\"b\":[{\"x\":1,\"y\":\"TRUE\"},null,{\"x\":\"n\"},4]}\n{\"a\":[],\"b\":{}}\n");
    l.columns = "[{\"name\":\"a\",\"dataType\":\"MAP<VARCHAR(2147483647), INT>\"},"
                "{\"name\":\"b\",\"dataType\":\"ARRAY<ROW<`x` INT, `y` BOOLEAN>>\"}]";
    l.row = "ROW<`a` MAP<VARCHAR(2147483647), INT>, `b` ARRAY<ROW<`x` INT, `y` BOOLEAN>>>";
    gives_of(&l,
             ROW("+I", "[[\"k\",3],[\"l\",null]]", "[{\"x\":1,\"y\":true},null,{\"x\":null,\"y\":null},null]")
                 ROW("+I", "null", "null"));
}

static void options_are_looked_at(void **state)
{
    (void)state;
    fails(DEBEZIUM ",\"debezium-json.changelog-mode\":\"I\"", "", "debezium-json.changelog-mode");
    fails(DEBEZIUM ",\"debezium-json.timestamp-format.standard\":\"X\"", "", "is SQL or ISO-8601, not 'X'");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(debezium_changes),      cmocka_unit_test(debezium_with_its_schema),
                                       cmocka_unit_test(debezium_that_is_none), cmocka_unit_test(options_are_looked_at),
                                       cmocka_unit_test(json_members),          cmocka_unit_test(json_that_is_bad),
                                       cmocka_unit_test(json_nested),           cmocka_unit_test(json_texts),
                                       cmocka_unit_test(json_integers)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
