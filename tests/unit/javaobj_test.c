#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "savepoint/javaobj.h"
#include "tests/unit/vectors.h"

/* CheckpointProperties at the end of a _metadata of Flink 1.20: a retained checkpoint's, and a canonical savepoint's. */
static const char checkpoint[] =
    "aced0005737200386f72672e6170616368652e666c696e6b2e72756e74696d652e636865636b706f696e742e436865636b706f696e7450726f706572"
    "7469657300000000000000020200085a00106469736361726443616e63656c6c65645a000d646973636172644661696c65645a000f64697363617264"
    "46696e69736865645a000f6469736361726453756273756d65645a00106469736361726453757370656e6465645a0006666f726365645a0009756e63"
    "6c61696d65644c000e636865636b706f696e74547970657400324c6f72672f6170616368652f666c696e6b2f72756e74696d652f636865636b706f69"
    "6e742f536e617073686f74547970653b787000000101000000737200326f72672e6170616368652e666c696e6b2e72756e74696d652e636865636b70"
    "6f696e742e436865636b706f696e7454797065d6de4f0305ae1d3a0200024c00046e616d657400124c6a6176612f6c616e672f537472696e673b4c00"
    "1473686172696e6746696c657353747261746567797400474c6f72672f6170616368652f666c696e6b2f72756e74696d652f636865636b706f696e74"
    "2f536e617073686f74547970652453686172696e6746696c657353747261746567793b787074000a436865636b706f696e747e7200456f72672e6170"
    "616368652e666c696e6b2e72756e74696d652e636865636b706f696e742e536e617073686f74547970652453686172696e6746696c65735374726174"
    "65677900000000000000001200007872000e6a6176612e6c616e672e456e756d00000000000000001200007870740010464f52574152445f4241434b"
    "57415244";
static const char savepoint[] =
    "aced0005737200386f72672e6170616368652e666c696e6b2e72756e74696d652e636865636b706f696e742e436865636b706f696e7450726f706572"
    "7469657300000000000000020200085a00106469736361726443616e63656c6c65645a000d646973636172644661696c65645a000f64697363617264"
    "46696e69736865645a000f6469736361726453756273756d65645a00106469736361726453757370656e6465645a0006666f726365645a0009756e63"
    "6c61696d65644c000e636865636b706f696e74547970657400324c6f72672f6170616368652f666c696e6b2f72756e74696d652f636865636b706f69"
    "6e742f536e617073686f74547970653b787000000000000100737200316f72672e6170616368652e666c696e6b2e72756e74696d652e636865636b70"
    "6f696e742e53617665706f696e7454797065a087d308a45814b80200034c000a666f726d6174547970657400354c6f72672f6170616368652f666c69"
    "6e6b2f636f72652f657865637574696f6e2f53617665706f696e74466f726d6174547970653b4c00046e616d657400124c6a6176612f6c616e672f53"
    "7472696e673b4c0014706f7374436865636b706f696e74416374696f6e7400484c6f72672f6170616368652f666c696e6b2f72756e74696d652f6368"
    "65636b706f696e742f53617665706f696e745479706524506f7374436865636b706f696e74416374696f6e3b78707e7200336f72672e617061636865"
    "2e666c696e6b2e636f72652e657865637574696f6e2e53617665706f696e74466f726d61745479706500000000000000001200007872000e6a617661"
    "2e6c616e672e456e756d0000000000000000120000787074000943414e4f4e4943414c74000953617665706f696e747e7200466f72672e6170616368"
    "652e666c696e6b2e72756e74696d652e636865636b706f696e742e53617665706f696e745479706524506f7374436865636b706f696e74416374696f"
    "6e00000000000000001200007871007e00097400044e4f4e45";

static const char vectors[] = "tests/unit/table_vectors.tsv";

/* Reads one object, and then again in every cut: each must fail, and fail tidily. */
static struct jobj *read_all(const char *hex, struct arena *a)
{
    struct bytes b = unhex(hex);
    struct jobj *o;
    struct rd r = rd_of(b.p, b.n, 0);
    assert_true(javaobj_read(&r, a, &o));
    assert_int_equal(rd_left(&r), 0);
    for (size_t n = 0; n < b.n; n++) {
        uint8_t *exact = mem_alloc(n);
        if (n)
            memcpy(exact, b.p, n);
        struct arena cut = {0};
        struct jobj *none;
        r = rd_of(exact, n, 0);
        assert_false(javaobj_read(&r, &cut, &none));
        assert_null(none);
        assert_non_null(r.why);
        arena_free(&cut);
        free(exact);
    }
    free((void *)b.p);
    return o;
}

static void test_checkpoint_properties(void **state)
{
    (void)state;
    struct arena a = {0};
    struct jobj *o = read_all(checkpoint, &a), *type = jobj_field(o, "checkpointType");
    assert_string_equal(jobj_class(o), "org.apache.flink.runtime.checkpoint.CheckpointProperties");
    assert_int_equal(o->cls->uid, 2);
    assert_int_equal(jobj_int(o, "discardFinished", -1), 1);
    assert_int_equal(jobj_int(o, "forced", -1), 0);
    assert_int_equal(jobj_int(o, "not there", -1), -1);
    assert_string_equal(jobj_class(type), "org.apache.flink.runtime.checkpoint.CheckpointType");
    assert_string_equal(jobj_field_text(type, "name"), "Checkpoint");
    assert_string_equal(jobj_field_text(type, "sharingFilesStrategy"), "FORWARD_BACKWARD");
    assert_null(jobj_field_text(type, "formatType"));

    o = read_all(savepoint, &a);
    type = jobj_field(o, "checkpointType");
    assert_int_equal(jobj_int(o, "forced", -1), 1);
    assert_string_equal(jobj_class(type), "org.apache.flink.runtime.checkpoint.SavepointType");
    assert_string_equal(jobj_field_text(type, "name"), "Savepoint");
    assert_string_equal(jobj_field_text(type, "formatType"), "CANONICAL");
    assert_string_equal(jobj_field_text(type, "postCheckpointAction"), "NONE");
    arena_free(&a);
}

static void object_vector(char **col, int n)
{
    assert_int_equal(n, 3);
    struct arena a = {0};
    struct buf b = {0};
    struct jobj *o = read_all(col[2], &a);
    assert_string_equal(*jobj_class(o) ? jobj_class(o) : "-", col[0]);
    uint32_t count;
    struct jobj *const *items = jobj_elements(o, &count);
    for (uint32_t i = 0; i < count; i++) {
        const char *text = jobj_text(items[i]);
        buf_printf(&b, "%s%s", i ? " " : "", text ? text : items[i] ? jobj_class(items[i]) : "null");
    }
    assert_string_equal(b.n ? buf_cstr(&b) : "-", col[1]);
    buf_free(&b);
    arena_free(&a);
}

static void test_java_classes(void **state)
{
    (void)state;
    assert_int_equal(each_vector(vectors, "object", object_vector), 26);
}

static struct jobj *throwable, *proxy, *primitives;
static struct arena kept;

static void keep(char **col, int n)
{
    (void)n;
    struct jobj **to = !strcmp(col[0], "java.lang.IllegalStateException") ? &throwable
        : !strcmp(col[0], "java.lang.reflect.Proxy")                      ? &proxy
        : !strcmp(col[0], "[Ljava.lang.Object;")                          ? &primitives
                                                                          : NULL;
    if (to)
        *to = read_all(col[2], &kept);
}

static void test_fields(void **state)
{
    (void)state;
    uint32_t n;
    assert_int_equal(each_vector(vectors, "object", keep), 26);
    assert_string_equal(jobj_field_text(throwable, "detailMessage"), "bad");
    assert_string_equal(jobj_field_text(jobj_field(throwable, "cause"), "detailMessage"), "inner");
    assert_true(jobj_is(throwable, "java.lang.Throwable"));
    assert_false(jobj_is(throwable, "java.lang.Error"));
    struct jobj *cause = jobj_field(jobj_field(throwable, "cause"), "cause"); /* a Throwable without a cause refers to itself */
    assert_ptr_equal(cause, jobj_field(throwable, "cause"));
    struct jobj *const *suppressed = jobj_elements(jobj_field(throwable, "suppressedExceptions"), &n);
    assert_int_equal(n, 1);
    assert_string_equal(jobj_field_text(suppressed[0], "detailMessage"), "sup");

    assert_int_equal(proxy->cls->n_interfaces, 1);
    assert_string_equal(proxy->cls->interfaces[0], "java.lang.Runnable");
    assert_int_equal(jobj_int(jobj_field(proxy, "h"), "h", 0), 5);

    struct jobj *const *v = jobj_elements(primitives, &n);
    assert_int_equal(jobj_int(v[0], "value", 0), 1);
    assert_int_equal(jobj_int(v[2], "value", 0), 'c');
    assert_int_equal(jobj_int(v[3], "value", 0), 4);
    assert_true(jobj_val(v[4], "value")->d == 5);
    assert_true(jobj_val(v[5], "value")->d == 6);
    assert_int_equal(jobj_int(v[5], "value", -1), -1); /* not an integer */
    assert_int_equal(jobj_int(v[6], "value", 0), 1);
    arena_free(&kept);
}

/* Hostile and rare streams, made by hand. `cls` is a descriptor of class [Ljava.lang.Object; (handle 0). */
#define HEAD "aced0005"
#define OBJECTS "7200135b4c6a6176612e6c616e672e4f626a6563743b90ce589f1073296c0200007870"

static const char *failure(struct buf *b)
{
    struct arena a = {0};
    struct jobj *o;
    struct rd r = rd_of(b->p, b->n, 0);
    bool ok = javaobj_read(&r, &a, &o);
    assert_true(a.used < (80u << 20));
    arena_free(&a);
    buf_free(b);
    return ok ? NULL : r.why;
}

static void put_hex(struct buf *b, const char *hex)
{
    struct bytes x = unhex(hex);
    buf_put(b, x.p, x.n);
    free((void *)x.p);
}

static const char *failure_of(const char *hex)
{
    struct buf b = {0};
    put_hex(&b, hex);
    return failure(&b);
}

static void test_hostile(void **state)
{
    (void)state;
    assert_string_equal(failure_of("aced000470"), "no Java object stream (its first bytes are not ac ed 00 05)");
    assert_string_equal(failure_of(HEAD "7f"), "unknown element of a Java object");
    assert_string_equal(failure_of(HEAD "71007e0000"), "Java object refers to an object that does not exist");
    assert_string_equal(failure_of(HEAD "71007dffff"), "Java object refers to an object that does not exist");
    assert_string_equal(failure_of(HEAD "7370"), "Java object without a class");
    assert_string_equal(failure_of(HEAD "7b"), "Java object whose writing broke off with an exception");
    assert_string_equal(failure_of(HEAD "75" OBJECTS "7fffffff70"), "count larger than what is left");
    assert_string_equal(failure_of(HEAD "75" OBJECTS "ffffffff70"), "negative count");
    assert_string_equal(failure_of(HEAD "740001ff"), "malformed text in a Java object");
    assert_non_null(failure_of(HEAD "7cffffffffffffffff")); /* a string of 2^64-1 bytes */
    assert_non_null(failure_of(HEAD "72000141000000000000000002000078"
                                    "71007e0000")); /* a class that is its own superclass */
    assert_non_null(failure_of(HEAD "73"
                                    "72000141000000000000000004000078"
                                    "70")); /* Externalizable without block data */
    assert_non_null(failure_of(HEAD "73"
                                    "740001"
                                    "41")); /* a string as class descriptor */
    assert_null(failure_of(HEAD "797970")); /* TC_RESET in front */
}

static void test_depth(void **state)
{
    (void)state;
    struct buf b = {0};
    put_hex(&b, HEAD "75" OBJECTS "00000001");
    for (int i = 0; i < 1000; i++)
        put_hex(&b, "7571007e000000000001");
    put_hex(&b, "70");
    assert_string_equal(failure(&b), "nested too deeply (limit 200)");
}

/* An array that holds itself: fine, and its elements are found. */
static void test_cycle(void **state)
{
    (void)state;
    struct bytes b = unhex(HEAD "75" OBJECTS "00000002"
                                "71007e0001"
                                "70");
    struct rd r = rd_of(b.p, b.n, 0);
    struct arena a = {0};
    struct jobj *o;
    uint32_t n;
    assert_true(javaobj_read(&r, &a, &o));
    assert_ptr_equal(jobj_elements(o, &n)[0], o);
    assert_int_equal(n, 2);
    arena_free(&a);
    free((void *)b.p);
}

/* Three bytes a string, which take 150 in memory. */
static void test_memory(void **state)
{
    (void)state;
    struct buf b = {0};
    put_hex(&b, HEAD "75" OBJECTS "001e8480");
    for (int i = 0; i < 2000000; i++)
        buf_put(&b, "\x74\0\0", 3);
    assert_string_equal(failure(&b), "Java object takes more than 64 MiB");
}

static void test_where_it_ends(void **state)
{
    (void)state;
    struct bytes b = unhex(HEAD "7400026869"
                                "70707070");
    struct rd r = rd_of(b.p, b.n, 0);
    struct arena a = {0};
    struct jobj *o;
    assert_true(javaobj_read(&r, &a, &o));
    assert_string_equal(jobj_text(o), "hi");
    assert_int_equal(rd_left(&r), 4);
    arena_free(&a);
    free((void *)b.p);
}

/* Every byte of a real stream changed in several ways: anything may come of it but a fault. */
static void test_flips(void **state)
{
    (void)state;
    struct bytes b = unhex(savepoint);
    uint8_t *p = mem_alloc(b.n);
    for (size_t i = 0; i < b.n; i++)
        for (int bit = 0; bit < 8; bit++) {
            memcpy(p, b.p, b.n);
            p[i] ^= (uint8_t)(1 << bit);
            struct rd r = rd_of(p, b.n, 0);
            struct arena a = {0};
            struct jobj *o;
            bool ok = javaobj_read(&r, &a, &o);
            assert_int_equal(ok, rd_ok(&r));
            arena_free(&a);
        }
    free(p);
    free((void *)b.p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_checkpoint_properties),
        cmocka_unit_test(test_java_classes),
        cmocka_unit_test(test_fields),
        cmocka_unit_test(test_hostile),
        cmocka_unit_test(test_depth),
        cmocka_unit_test(test_cycle),
        cmocka_unit_test(test_memory),
        cmocka_unit_test(test_where_it_ends),
        cmocka_unit_test(test_flips),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
