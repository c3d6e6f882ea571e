/* Avro. avro_vectors.tsv: snapshots and values of AvroSerializer, Flink 1.20.1: a GenericRecord with every type, and a class with
 * logical types as Avro's compiler makes it. How they print is what Avro read back, in weir's form. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "savepoint/avro_schema.h"
#include "tests/unit/value_check.h"

static const char vectors[] = "tests/unit/avro_vectors.tsv";
static struct arena arena;
static struct ser *generic, *logical;

static void take_snapshot(char **col, int n)
{
    assert_int_equal(n, 2);
    struct bytes b = unhex(col[1]);
    struct ser *s = snapshot_of(b, &arena, 0, NULL);
    *(strcmp(col[0], "generic") ? &logical : &generic) = s;
    snapshot_hurt(b, 0);
    free((void *)b.p);
}

static int set_up(void **state)
{
    (void)state;
    return each_vector(vectors, "snapshot", take_snapshot) != 2;
}

static int tear_down(void **state)
{
    (void)state;
    arena_free(&arena);
    return 0;
}

static void value_prints(char **col, int n)
{
    assert_int_equal(n, 3);
    struct bytes b = unhex(col[1]);
    const struct ser *s = strcmp(col[0], "generic") ? logical : generic;
    value_is(s, b, col[2]);
    value_hurt(s, b);
    free((void *)b.p);
}

static void values_print(void **state)
{
    (void)state;
    assert_int_equal(each_vector(vectors, "value", value_prints), 3);
    assert_string_equal(generic->label, "Avro All");
    assert_string_equal(generic->cls, "org.apache.avro.generic.GenericRecord");
}

/* A snapshot of version 1 or 2: the class only in 2, both as utf. */
static const struct ser *old_snapshot(int version, const char *cls, const char *json)
{
    static const char snapshot[] = "org.apache.flink.formats.avro.typeutils.AvroSerializerSnapshot";
    struct buf b = {0};
    const char *texts[] = {snapshot, version == 1 ? NULL : cls, json};
    for (int i = 0; i < 3; i++) {
        if (texts[i]) {
            size_t n = strlen(texts[i]);
            buf_putc(&b, (uint8_t)(n >> 8));
            buf_putc(&b, (uint8_t)n);
            buf_put(&b, texts[i], n);
        }
        if (i == 0)
            buf_put(&b, (uint8_t[]){0, 0, 0, (uint8_t)version}, 4);
    }
    const struct ser *s = snapshot_of((struct bytes){b.p, b.n}, &arena, 0, NULL);
    buf_free(&b);
    return s;
}

static void old_snapshots_are_read(void **state)
{
    (void)state;
    static const char json[] =
        "{\"type\":\"record\",\"name\":\"x.R\",\"fields\":[{\"name\":\"t\",\"type\":{\"type\":\"long\",\"logicalType\":\"timestamp-millis\"}}]}";
    static const char value[] = "0000000000000001";
    struct bytes b = unhex(value);
    value_is(old_snapshot(1, NULL, json), b, "{\"$avro\":\"x.R\",\"t\":\"1970-01-01T00:00:00.001Z\"}");
    value_is(old_snapshot(2, "x.R", json), b, "{\"$avro\":\"x.R\",\"t\":\"1970-01-01T00:00:00.001Z\"}");
    value_is(old_snapshot(2, "org.apache.avro.generic.GenericRecord", json), b, "{\"$avro\":\"x.R\",\"t\":1}");
    free((void *)b.p);
}

/* A schema that cannot be read costs the values, not what follows in the snapshot. */
static void bad_schemas_make_opaque_values(void **state)
{
    (void)state;
    const struct ser *s =
        old_snapshot(2, "x.R", "{\"type\":\"record\",\"name\":\"R\",\"fields\":[{\"name\":\"a\",\"type\":\"Nowhere\"}]}");
    assert_int_equal(s->n_attrs, 2);
    assert_string_equal(s->attrs[1].value, "an Avro schema that names a type which it does not define");
    struct bytes b = unhex("0102");
    value_is(s, b, "{\"$opaque\":\"x.R\",\"length\":2,\"why\":\"its Avro schema cannot be read\",\"$hex\":\"0102\"}");
    free((void *)b.p);
}

static const struct avro *schema(const char *json, const char **why) { return avro_parse(json, strlen(json), &arena, why); }

static void schemas_are_checked(void **state)
{
    (void)state;
    static const char *const bad[] = {"",
                                      "{",
                                      "7",
                                      "\"nothing\"",
                                      "{\"type\":\"record\",\"fields\":[]}",
                                      "{\"type\":\"record\",\"name\":\"R\"}",
                                      "{\"type\":\"enum\",\"name\":\"E\",\"symbols\":[1]}",
                                      "{\"type\":\"fixed\",\"name\":\"F\",\"size\":-1}",
                                      "{\"type\":\"array\"}",
                                      "[\"null\",null]",
                                      "{\"type\":\"map\",\"values\":\"gone\"}"};
    const char *why;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_null(schema(bad[i], &why));
        assert_non_null(why);
    }
    assert_int_equal(schema("\"string\"", &why)->kind, AVRO_STRING);
    assert_int_equal(schema("{\"type\":{\"type\":\"int\"}}", &why)->kind, AVRO_INT);
    assert_int_equal(schema("{\"type\":\"string\",\"logicalType\":\"date\"}", &why)->logical, AVRO_PLAIN);
    /* names: a namespace is inherited, a dot overrides it, no namespace is tried last */
    const struct avro *t = schema(
        "[{\"type\":\"fixed\",\"name\":\"G\",\"size\":1},{\"type\":\"record\",\"name\":\"n.R\",\"fields\":["
        "{\"name\":\"a\",\"type\":{\"type\":\"enum\",\"name\":\"E\",\"symbols\":[]}},{\"name\":\"b\",\"type\":\"n.E\"},{\"name\":\"c\",\"type\":\"G\"}]}]",
        &why);
    assert_string_equal(t->types[1]->types[0]->name, "n.E");
    assert_ptr_equal(t->types[1]->types[0], t->types[1]->types[1]);
    assert_ptr_equal(t->types[1]->types[2], t->types[0]);

    struct buf deep = {0};
    for (int i = 0; i < 3000; i++)
        buf_puts(&deep, "[");
    assert_null(schema(buf_cstr(&deep), &why));
    deep.n = 0;
    for (int i = 0; i < 150; i++)
        buf_puts(&deep, "[");
    buf_puts(&deep, "\"int\"");
    for (int i = 0; i < 150; i++)
        buf_puts(&deep, "]");
    assert_null(schema(buf_cstr(&deep), &why));
    assert_string_equal(why, "an Avro schema that is nested too deeply (limit 100)");
    buf_free(&deep);
}

/* Records of no bytes, doubled 60 times over; a record that holds itself at once; arrays of nulls. */
static void values_of_no_bytes_end(void **state)
{
    (void)state;
    struct buf json = {0};
    buf_puts(&json, "{\"type\":\"record\",\"name\":\"R0\",\"fields\":[{\"name\":\"a\",\"type\":");
    for (int i = 1; i < 60; i++)
        buf_printf(&json, "{\"type\":\"record\",\"name\":\"R%d\",\"fields\":[{\"name\":\"a\",\"type\":", i);
    buf_puts(&json, "\"null\"");
    for (int i = 59; i >= 0; i--)
        buf_printf(&json, "},{\"name\":\"b\",\"type\":\"%s%d\"}]}", i == 59 ? "null\",\"x\":\"" : "R", i == 59 ? 0 : i + 1);
    const char *bad[] = {
        buf_cstr(&json),
        "{\"type\":\"record\",\"name\":\"S\",\"fields\":[{\"name\":\"a\",\"type\":\"S\"},{\"name\":\"b\",\"type\":\"S\"}]}",
        "{\"type\":\"array\",\"items\":\"null\"}"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        const struct ser *s = old_snapshot(2, "x.R", bad[i]);
        assert_int_equal(s->n_attrs, 1);
        struct bytes b = unhex("ffffffff7f00");
        struct rd r = rd_of(b.p, b.n, 0);
        struct buf text = {0};
        value_json(s, &r, &text);
        assert_false(rd_ok(&r));
        assert_true(text.n < 1 << 20);
        buf_free(&text);
        free((void *)b.p);
    }
    buf_free(&json);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_print),
        cmocka_unit_test(old_snapshots_are_read),
        cmocka_unit_test(bad_schemas_make_opaque_values),
        cmocka_unit_test(schemas_are_checked),
        cmocka_unit_test(values_of_no_bytes_end),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
