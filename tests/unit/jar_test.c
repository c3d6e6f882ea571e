/* Class files and jars: what of them counts for Flink's types, and that nothing in them is believed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "jar/code_tree.h"
#include "jar/jar.h"

#define MODEL "tests/golden/model.jar"

static struct arena arena;

static struct jar *opened(const char *path)
{
    struct err e = {0};
    struct jar *j = jar_open(&path, 1, &e);
    if (!j)
        fail_msg("%s", e.text);
    return j;
}

static const struct class_file *class(struct jar *j, const char *name)
{
    const char *why;
    const struct class_file *c = jar_class(j, name, &why);
    if (!c)
        fail_msg("%s: %s", name, why ? why : "not there");
    return c;
}

static const char *text(const struct java_type *t)
{
    struct buf b = {0};
    java_type_text(t, &b);
    const char *s = arena_strn(&arena, (const char *)b.p, b.n);
    buf_free(&b);
    return s;
}

static void fields_stand_with_their_types(void **state)
{
    (void)state;
    static const char *const types[] = {"boolean",
                                        "byte",
                                        "short",
                                        "int",
                                        "long",
                                        "float",
                                        "double",
                                        "char",
                                        "java.lang.Integer",
                                        "java.lang.Long",
                                        "java.lang.String",
                                        "golden.Model$Level",
                                        "java.math.BigDecimal",
                                        "java.time.Instant",
                                        "java.time.LocalDate",
                                        "byte[]",
                                        "int[]",
                                        "java.lang.String[]",
                                        "java.util.List<java.lang.String>",
                                        "java.util.Map<java.lang.String,java.lang.Integer>",
                                        "golden.Model$Address",
                                        "org.apache.flink.api.java.tuple.Tuple2<java.lang.String,java.lang.Integer>"};
    struct jar *j = opened(MODEL);
    const struct class_file *c = class(j, "golden.Model$Person");
    assert_int_equal(c->access & (ACC_PUBLIC | ACC_STATIC | ACC_FINAL), ACC_PUBLIC | ACC_STATIC);
    assert_string_equal(c->super, "java.lang.Object");
    assert_int_equal(c->n_fields, sizeof types / sizeof *types);
    for (uint32_t i = 0; i < c->n_fields; i++)
        assert_string_equal(text(c->fields[i].type), types[i]);
    assert_string_equal(c->fields[19].name, "counts");
    assert_string_equal(text(c->fields[19].raw), "java.util.Map");
    assert_int_equal(c->n_methods, 1);
    assert_string_equal(c->methods[0].name, "<init>");
    assert_int_equal(c->methods[0].raw.n, 0);
    assert_null(c->avro_schema);
    jar_close(j);
}

static void enums_have_their_constants_in_order(void **state)
{
    (void)state;
    struct jar *j = opened(MODEL);
    const struct class_file *c = class(j, "golden.Model$Level");
    static const char *const constants[] = {"LOW", "MEDIUM", "HIGH"};
    uint32_t n = 0;
    assert_true(class_is_enum(c));
    assert_true(c->access & ACC_FINAL);
    for (uint32_t i = 0; i < c->n_fields; i++)
        if (c->fields[i].access & ACC_ENUM)
            assert_string_equal(c->fields[i].name, constants[n++]);
    assert_int_equal(n, 3);
    assert_true(class_is_enum(class(j, "golden.Model$Shape")));
    assert_false(class(j, "golden.Model$Shape")->access & ACC_FINAL);
    assert_false(class_is_enum(class(j, "golden.Model$Shape$1"))); /* a constant with a body */
    jar_close(j);
}

static void classes_are_found_by_name(void **state)
{
    (void)state;
    const char *why;
    struct jar *j = opened(MODEL);
    assert_int_equal(jar_classes(j), 17);
    assert_true(jar_has(j, "golden.Model$Car"));
    assert_false(jar_has(j, "golden.Model$Cart"));
    assert_false(jar_has(j, "golden.Model$"));
    assert_null(jar_class(j, "golden.Nobody", &why));
    assert_null(why);
    assert_ptr_equal(class(j, "golden.Model$Car"), class(j, "golden.Model$Car"));
    assert_string_equal(class(j, "golden.Model$Car")->super, "golden.Model$Vehicle");
    assert_string_equal(class(j, "golden.Model$Span")->interfaces[0], "org.apache.flink.types.CopyableValue");
    assert_true(jar_is_provided("java.util.List"));
    assert_true(jar_is_provided("org.apache.flink.types.Row"));
    assert_false(jar_is_provided("javafish.Trout"));
    jar_close(j);
}

static void not_read(struct jar *j, const char *name, const char *word)
{
    const char *why;
    assert_true(jar_has(j, name));
    assert_null(jar_class(j, name, &why));
    if (!why || !strstr(why, word))
        fail_msg("%s: %s", name, why ? why : "not there");
}

/* Jars in lib/, releases of Java up to 17, what is too large when it is unpacked, what is not what it is called. */
static void jars_within_jars(void **state)
{
    (void)state;
    struct jar *j = opened("tests/golden/odd.jar");
    assert_string_equal(class(j, "golden.Model$Car")->super, "golden.Model$Vehicle");  /* of release 11, not the junk */
    assert_string_equal(class(j, "golden.Model$Bike")->super, "golden.Model$Vehicle"); /* lib/inner.jar */
    not_read(j, "golden.Bomb", "larger than 8388608 bytes unpacked");
    not_read(j, "golden.Liar", "is the class golden.Model$Bike");
    assert_int_equal(jar_classes(j), 5);
    jar_close(j);
    static const char *const both[] = {"tests/golden/odd.jar", MODEL}; /* the first goes before */
    struct err e = {0};
    j = jar_open(both, 2, &e);
    assert_non_null(j);
    assert_true(jar_has(j, "golden.Model$Opaque"));
    not_read(j, "golden.Liar", "golden.Model$Bike");
    jar_close(j);
}

static void refused(const char *path, enum err_kind kind, const char *word)
{
    struct err e = {0};
    assert_null(jar_open(&path, 1, &e));
    assert_int_equal(e.kind, kind);
    assert_non_null(strstr(e.text, word));
}

static void what_is_no_jar_is_refused(void **state)
{
    (void)state;
    refused("tests/golden/none.jar", ERR_MISSING, "none.jar");
    refused("tests/golden/README.md", ERR_CORRUPT, "not readable as a jar");
    refused("tests/cli", ERR_MISSING, "no class in it");
}

static void types_are_read(void **state)
{
    (void)state;
    static const struct {
        const char *signature, *text;
    } good[] = {
        {"I", "int"},
        {"[[J", "long[][]"},
        {"Ljava/util/Map<TK;+Lzoo/Cat;>;", "java.util.Map<K,zoo.Cat>"},
        {"Ljava/util/List<*>;", "java.util.List<java.lang.Object>"},
        {"Ljava/util/List<-Lzoo/Cat;>;", "java.util.List<java.lang.Object>"},
        {"Lzoo/Box<TX;>.Lid<Ljava/lang/Long;>;", "zoo.Box$Lid<java.lang.Long>"},
        {"Ljava/util/List<[Lzoo/Cat;>;", "java.util.List<zoo.Cat[]>"},
    };
    static const char *const bad[] = {"", "L", "Lzoo", "X", "[", "Ljava/util/List<>", "Ljava/util/List<I", "II", "T", "TX", "L;"};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        assert_string_equal(text(java_type_of(good[i].signature, &arena)), good[i].text);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_null(java_type_of(bad[i], &arena));
    assert_string_equal(text(java_type_of_name("[Lzoo.Cat;", &arena)), "zoo.Cat[]");
    struct java_class_type c;
    assert_true(java_class_type_of(&c, "<A:Ljava/lang/Object;B::Ljava/lang/Runnable;>Lzoo/Box<TA;>;Ljava/lang/Cloneable;", &arena));
    assert_int_equal(c.n, 2);
    assert_string_equal(c.params[1], "B");
    assert_string_equal(text(c.bounds[1]), "java.lang.Runnable");
    assert_string_equal(text(c.super), "zoo.Box<A>");
    char deep[300];
    memset(deep, '[', sizeof deep);
    strcpy(deep + 200, "I");
    assert_null(java_type_of(deep, &arena));
}

/* Every class file cut at every length, and with every byte changed: refused or read, but always within its bounds. */
static void broken_classes_are_refused(void **state)
{
    (void)state;
    FILE *f = fopen("tests/fuzz/corpus/class/Model_Shape", "rb");
    uint8_t whole[8192];
    assert_non_null(f);
    size_t n = fread(whole, 1, sizeof whole, f);
    fclose(f);
    for (size_t cut = 0; cut < n; cut++) {
        struct class_file c;
        struct err e = {0};
        struct arena a = {0};
        uint8_t *part = mem_alloc(cut + 1);
        memcpy(part, whole, cut);
        assert_false(class_file_read(&c, (struct bytes){part, cut}, NULL, &a, &e));
        assert_int_equal(e.kind, ERR_CORRUPT);
        free(part);
        arena_free(&a);
    }
    for (size_t i = 0; i < n; i++)
        for (int flip = 1; flip < 256; flip = flip * 2 + 1) {
            struct class_file c;
            struct err e = {0};
            struct arena a = {0};
            whole[i] ^= (uint8_t)flip;
            (void)class_file_read(&c, (struct bytes){whole, n}, NULL, &a, &e);
            whole[i] ^= (uint8_t)flip;
            arena_free(&a);
        }
}

/* Code cut at every length, and with every byte changed: followed or not, but always within its bounds. */
static void broken_code_is_not_followed(void **state)
{
    (void)state;
    struct jar *j = opened("tests/golden/declared.jar");
    for (size_t k = 0; k < jar_classes(j); k++) {
        struct buf whole = {0};
        struct err e = {0};
        assert_true(jar_class_bytes(j, k, &whole, &e));
        for (size_t i = 0; i < whole.n; i++)
            for (int flip = 1; flip < 256; flip = flip * 4 + 3) {
                struct code_class c;
                struct arena a = {0};
                uint32_t nodes = 10000;
                whole.p[i] ^= (uint8_t)flip;
                (void)code_class_read(&c, (struct bytes){whole.p, whole.n}, &nodes, &a, &e);
                whole.p[i] ^= (uint8_t)flip;
                arena_free(&a);
            }
        buf_free(&whole);
    }
    jar_close(j);
}

static int free_arena(void **state)
{
    (void)state;
    arena_free(&arena);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fields_stand_with_their_types), cmocka_unit_test(enums_have_their_constants_in_order),
        cmocka_unit_test(classes_are_found_by_name),     cmocka_unit_test(jars_within_jars),
        cmocka_unit_test(what_is_no_jar_is_refused),     cmocka_unit_test(types_are_read),
        cmocka_unit_test(broken_classes_are_refused),    cmocka_unit_test(broken_code_is_not_followed),
    };
    return cmocka_run_group_tests(tests, NULL, free_arena);
}
