#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <string.h>

#include "savepoint/told.h"
#include "tests/unit/vectors.h"

static bool read_text(struct told *t, const char *text, struct arena *a, struct err *e)
{
    return told_read(t, (struct bytes){(const uint8_t *)text, strlen(text)}, "classes.txt", a, e);
}

static void refused(const char *text, const char *why)
{
    struct told t;
    struct arena a = {0};
    struct err e = {0};
    assert_false(read_text(&t, text, &a, &e));
    assert_non_null(strstr(e.text, why));
    arena_free(&a);
}

/* FieldSerializer's order: by name over the whole chain of classes. */
static void classes_inherit(void **state)
{
    (void)state;
    struct told t;
    struct arena a = {0};
    struct err e = {0};
    assert_true(read_text(&t,
                          "# events of the CEP tests\n"
                          "final class zoo.SubEvent extends zoo.Event\n"
                          "    kind zoo.Kind # an object\n"
                          "\n"
                          "class zoo.Event extends zoo.Base\n"
                          "\tprice double\n"
                          "\tid int\r\n"
                          "class zoo.Base\n"
                          "  at long",
                          &a, &e));
    const struct told_decl *d = told_find(&t, TOLD_CLASS, "zoo.SubEvent");
    assert_non_null(d);
    assert_true(d->final);
    assert_int_equal(d->n, 4);
    static const char *const names[] = {"at", "id", "kind", "price"};
    for (uint32_t i = 0; i < 4; i++)
        assert_string_equal(d->fields[i].name, names[i]);
    assert_int_equal(d->fields[2].type, TOLD_OBJECT);
    assert_string_equal(d->fields[2].cls, "zoo.Kind");
    assert_null(told_find(&t, TOLD_VALUE, "zoo.SubEvent"));
    assert_null(told_find(NULL, TOLD_CLASS, "zoo.SubEvent"));
    arena_free(&a);
}

/* Constants in their order; a class with a field of the enum knows it to be final. */
static void enums_have_constants(void **state)
{
    (void)state;
    struct told t;
    struct arena a = {0};
    struct err e = {0};
    assert_true(read_text(&t, "enum zoo.Size\n  SMALL\n  LARGE # at the end\nclass zoo.Cage\n  size zoo.Size\n", &a, &e));
    const struct told_decl *d = told_find(&t, TOLD_ENUM, "zoo.Size");
    assert_non_null(d);
    assert_true(d->final);
    assert_int_equal(d->n, 2);
    assert_string_equal(d->fields[0].name, "SMALL");
    assert_string_equal(d->fields[1].name, "LARGE");
    arena_free(&a);
    refused("enum zoo.Size\n  SMALL int\n", "classes.txt:2:");
    refused("final enum zoo.Size\n", "classes.txt:1:");
    refused("enum zoo.Size\nenum zoo.Size\n", "enum zoo.Size is declared twice");
}

static void faults_are_named(void **state)
{
    (void)state;
    refused("    x int\n", "classes.txt:1:");
    refused("class zoo.A\n    x\n", "classes.txt:2:");
    refused("\n\nrecord zoo.A\n", "classes.txt:3:");
    refused("value zoo.A\n    x java.lang.String\n", "classes.txt:2:");
    refused("final value zoo.A\n", "classes.txt:1:");
    refused("serializer zoo.S\n    other long\n", "classes.txt:2:");
    refused("serializer zoo.S\n    length many\n", "classes.txt:2:");
    refused("class zoo.A extends zoo.B\n", "zoo.A extends zoo.B, which is not declared");
    refused("class zoo.A extends zoo.A\n", "too many");
    refused("class zoo.A\nclass zoo.A\n", "class zoo.A is declared twice");
    refused("value a b c d e f g h\n", "classes.txt:1:");
}

/* A serializer of the user's between two that are known: its body is framed, what stands behind it is not lost. */
static void serializer_is_read(void **state)
{
    (void)state;
    struct told t;
    struct arena a = {0};
    struct err e = {0};
    assert_true(read_text(&t, "serializer zoo.S\n  snapshot utf\n  snapshot int\n  length 8\n  value long\n", &a, &e));
    struct bytes b = unhex("00000002"
                           "00057a6f6f2e53"
                           "00000001"
                           "00026869"
                           "000000ff"); /* class zoo.S, version 1, body */
    struct rd r = rd_of(b.p, b.n, 0);
    struct ser_in in = {.r = &r, .a = &a, .told = &t};
    const struct ser *s = ser_parse_p(&in);
    assert_non_null(s);
    assert_null(in.lost);
    assert_int_equal(rd_left(&r), 0);
    assert_int_equal(s->length, 8);
    const char *unknown;
    assert_false(ser_unknown(s, &unknown));

    uint8_t value[9] = {0, 0, 0, 0, 0, 0, 0, 7, 1};
    struct rd v = rd_of(value, sizeof value, 0);
    ser_read(s, &v, NULL);
    assert_true(rd_ok(&v));
    assert_int_equal(rd_left(&v), 1);
    assert_int_equal(v.opaque, 0);

    in = (struct ser_in){.r = &(struct rd){0}, .a = &a};
    *in.r = rd_of(b.p, b.n, 0);
    assert_non_null(ser_parse_p(&in));
    assert_string_equal(in.lost, "zoo.S");
    free((void *)b.p);
    arena_free(&a);
}

/* Every cut of what a declaration says fails, none reads beyond. */
static void values_are_bounded(void **state)
{
    (void)state;
    struct told t;
    struct arena a = {0};
    struct err e = {0};
    assert_true(read_text(&t,
                          "value zoo.All\n a boolean\n b byte\n c short\n d char\n e int\n f long\n g float\n h double\n"
                          " i utf\n j string\n k varint\n",
                          &a, &e));
    const struct told_decl *d = told_find(&t, TOLD_VALUE, "zoo.All");
    struct bytes b = unhex("01"
                           "ff"
                           "0002"
                           "0041"
                           "00000005"
                           "0000000000000006"
                           "3f800000"
                           "3ff0000000000000"
                           "00026869"
                           "036869"
                           "8001");
    for (size_t n = 0; n <= b.n; n++) {
        uint8_t *exact = mem_alloc(n);
        if (n)
            memcpy(exact, b.p, n);
        struct rd r = rd_of(exact, n, 0);
        told_value(d, &r, NULL);
        assert_int_equal(rd_ok(&r), n == b.n);
        free(exact);
    }
    free((void *)b.p);
    arena_free(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(classes_inherit),    cmocka_unit_test(enums_have_constants), cmocka_unit_test(faults_are_named),
        cmocka_unit_test(serializer_is_read), cmocka_unit_test(values_are_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
