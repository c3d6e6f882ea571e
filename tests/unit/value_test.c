/* Values as trees: from bytes, from JSON, into bytes; snapshots and states made from trees. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "savepoint/ser_write.h"
#include "savepoint/value_encode.h"
#include "tests/support/bytes.h"
#include "tests/unit/value_check.h"

static struct arena arena;

static int tear_down(void **state)
{
    (void)state;
    arena_free(&arena);
    return 0;
}

static struct ser *pojo(void)
{
    struct ser_field f[] = {{"count", ser_plain(&arena, "Integer"), NULL}, {"name", ser_plain(&arena, "String"), NULL}};
    return ser_pojo(&arena, "zoo.Cat", f, 2);
}

static struct value json(const char *text)
{
    struct value v;
    struct err e = {0};
    if (!value_from_json(&v, text, strlen(text), &arena, &e))
        fail_msg("%s", e.text);
    return v;
}

/* What is encoded, printed as a dump prints it. */
static void encodes(const struct ser *s, const char *text, const char *printed)
{
    struct value v = json(text);
    struct buf b = {0};
    struct err e = {0};
    if (!value_encode(s, &v, &b, &e))
        fail_msg("%s", e.text);
    value_is(s, (struct bytes){b.p, b.n}, printed);
    buf_free(&b);
}

static void refuses(const struct ser *s, const char *text, const char *why)
{
    struct value v = json(text);
    struct buf b = {0};
    struct err e = {0};
    assert_false(value_encode(s, &v, &b, &e));
    assert_int_equal(b.n, 0);
    assert_int_equal(e.kind, ERR_CONVERT);
    assert_string_equal(e.text, why);
    buf_free(&b);
}

static void pojos(void **state)
{
    (void)state;
    const struct ser *s = pojo();
    encodes(s, "{\"name\":\"Tom\",\"count\":3}", "{\"$class\":\"zoo.Cat\",\"count\":3,\"name\":\"Tom\"}");
    encodes(s, "{\"$class\":\"zoo.Cat\",\"count\":\"-7\"}", "{\"$class\":\"zoo.Cat\",\"count\":-7,\"name\":null}");
    encodes(s, "null", "null");
    refuses(s, "{\"count\":2147483648}", "count: 2147483648 does not fit into an int");
    refuses(s, "{\"count\":1.5}", "count: a number where an int must be");
    refuses(s, "{\"name\":1}", "name: 1 where a string must be");
    refuses(s, "{\"nome\":\"x\"}", "zoo.Cat has no field \"nome\"");
    refuses(s, "{\"$class\":\"zoo.Dog\"}", "zoo.Dog is neither zoo.Cat nor a subclass that its snapshot has");
    refuses(s, "[]", "a list where zoo.Cat must be");
}

static void json_values(void **state)
{
    (void)state;
    static const char *const good[] = {"null",
                                       "true",
                                       "-9223372036854775808",
                                       "1.5",
                                       "\"a\\ud800\\u0000\"",
                                       "[1,[],{}]",
                                       "{\"$map\":[[\"k\",{\"a\":2}],[1,null]]}",
                                       "{\"$opaque\":\"zoo.X\",\"length\":2,\"why\":\"so\",\"$hex\":\"00ff\"}"};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        struct value v = json(good[i]), copy = value_copy_to(&arena, &v);
        struct buf b = {0};
        struct json_sink j;
        json_sink_init(&j, &b);
        value_report(&copy, &j.sink);
        assert_string_equal(buf_cstr(&b), good[i]);
        assert_true(value_same(&v, &copy));
        json_sink_free(&j);
        buf_free(&b);
    }
    static const char *const bad[] = {"",      "[",   "{\"$map\":[[1]]}", "{\"$map\":1}", "{\"$map\":[],\"x\":1}",
                                      "1e999", "1 2", "{\"a\"}"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct value v;
        struct err e = {0};
        assert_false(value_from_json(&v, bad[i], strlen(bad[i]), &arena, &e));
        assert_int_equal(e.kind, ERR_CORRUPT);
    }
}

/* Written, read again: the same type. */
static void snapshots(void **state)
{
    (void)state;
    struct err e = {0};
    struct ser *s = ser_map(&arena, ser_plain(&arena, "String"), ser_ttl(&arena, ser_list(&arena, pojo())));
    assert_true(ser_seal(&arena, s, &e));
    struct ser *again = snapshot_of(s->raw, &arena, 0, NULL);
    assert_true(ser_same(s, again));
    const struct ser *renamed = ser_with_class(&arena, again, "zoo.Cat", "zoo.Lion");
    assert_false(ser_same(s, renamed));
    assert_string_equal(renamed->kids[1]->kids[1]->kids[0]->label, "POJO Lion");
    assert_string_equal(s->kids[1]->kids[1]->kids[0]->label, "POJO Cat");
}

static void states(void **state)
{
    (void)state;
    struct err e = {0};
    struct state_info info = {.name = "cats", .kind = KIND_LIST, .value = ser_list(&arena, pojo())};
    assert_true(state_info_make(&arena, &info, &e));
    assert_false(info.ttl);
    state_info_set_element(&arena, &info, ser_ttl(&arena, (struct ser *)info.element));
    assert_true(state_info_make(&arena, &info, &e));
    struct rd r = rd_of(info.raw.p, info.raw.n, 0);
    struct ser_in in = {.r = &r, .a = &arena};
    struct state_info again = {0};
    assert_true(state_info_read(&again, &in));
    assert_int_equal(rd_left(&r), 0);
    assert_true(again.ttl);
    assert_false(again.has_ns);
    assert_true(ser_same(again.value, info.value));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pojos),
        cmocka_unit_test(json_values),
        cmocka_unit_test(snapshots),
        cmocka_unit_test(states),
    };
    return cmocka_run_group_tests(tests, NULL, tear_down);
}
