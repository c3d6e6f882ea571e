#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "inspect/json_sink.h"
#include "savepoint/javaobj.h"
#include "savepoint/logical_type.h"
#include "savepoint/rowdata.h"
#include "savepoint/ser_write.h"
#include "savepoint/value_encode.h"
#include "tests/unit/vectors.h"

static const char vectors[] = "tests/unit/table_vectors.tsv";

static unsigned types_written, types_equal, values_equal;

/* Written by weir, the type is the same; and, unless it holds a row, whose list Flink wraps, so are the bytes. */
static void type_again(const struct ltype *t, struct bytes b, struct arena *a)
{
    struct buf made = {0};
    struct err e = {0};
    struct jobj *o;
    if (ltype_put(t, &made, &e)) {
        struct rd r = rd_of(made.p, made.n, 0);
        assert_true(javaobj_read(&r, a, &o));
        assert_int_equal(rd_left(&r), 0);
        assert_true(ltype_same(t, ltype_of(o, a)));
        types_written++;
        types_equal += made.n == b.n && !memcmp(made.p, b.p, b.n);
    } else {
        assert_int_equal(e.kind, ERR_UNSUPPORTED);
    }
    buf_free(&made);
}

static void type_vector(char **col, int n)
{
    assert_int_equal(n, 3);
    struct bytes b = unhex(col[2]);
    struct rd r = rd_of(b.p, b.n, 0);
    struct arena a = {0};
    struct jobj *o;
    assert_true(javaobj_read(&r, &a, &o));
    const struct ltype *t = ltype_of(o, &a);
    struct buf summary = {0}, sql = {0};
    ltype_text(t, LTYPE_SUMMARY, 1000, &summary);
    ltype_text(t, LTYPE_SQL, 1000, &sql);
    assert_string_equal(buf_cstr(&summary), col[0]);
    assert_string_equal(buf_cstr(&sql), col[1]);
    type_again(t, b, &a);
    buf_free(&summary);
    buf_free(&sql);
    arena_free(&a);
    free((void *)b.p);
}

static void test_types(void **state)
{
    (void)state;
    assert_int_equal(each_vector(vectors, "type", type_vector), 52);
    assert_int_equal(types_written, 44);
    assert_int_equal(types_equal, 41);
}

/* The value as JSON, and the same way walked without a sink. */
static const char *json(const struct ser *s, struct rd *r, struct buf *b)
{
    struct json_sink j;
    struct rd walk = *r;
    b->n = 0;
    json_sink_init(&j, b);
    ser_read(s, r, &j.sink);
    json_sink_free(&j);
    ser_read(s, &walk, NULL);
    assert_ptr_equal(walk.p, r->p);
    assert_ptr_equal(walk.why, r->why);
    return buf_cstr(b);
}

/* Cut at every length, and with each byte changed: the value must fail or be something, and stay inside its bytes. */
static void hurt(const struct ser *s, struct bytes b, struct buf *text)
{
    for (size_t n = 0; n < b.n; n++) {
        uint8_t *p = mem_alloc(n);
        if (n)
            memcpy(p, b.p, n);
        struct rd r = rd_of(p, n, 0);
        json(s, &r, text);
        assert_non_null(r.why);
        free(p);
    }
    uint8_t *p = mem_alloc(b.n);
    static const uint8_t changes[] = {0x01, 0x80, 0xff, 0x7f, 0x08};
    for (size_t i = 0; i < b.n; i++)
        for (size_t k = 0; k < sizeof changes; k++) {
            memcpy(p, b.p, b.n);
            p[i] ^= changes[k];
            struct rd r = rd_of(p, b.n, 0);
            json(s, &r, text);
        }
    free(p);
}

/* The snapshot from its tree, and a value from its own: the same bytes, but for what real Flink leaves between the parts of a row. */
static void snapshot_again(const struct ser *s, struct bytes b, struct arena *a)
{
    struct buf made = {0};
    struct err e = {0};
    assert_true(ser_put(ser_clone_all(a, s), &made, &e));
    assert_int_equal(made.n, b.n);
    assert_memory_equal(made.p, b.p, b.n);
    buf_free(&made);
}

static void again(const struct ser *s, struct bytes b, const char *printed, struct arena *a)
{
    struct buf made = {0}, text = {0};
    struct err e = {0};
    struct value v;
    struct value_sink sink;
    value_sink_init(&sink, a);
    assert_true(value_decode(&sink, s, b, &v, &e));
    if (value_encode(s, &v, &made, &e)) {
        struct rd r = rd_of(made.p, made.n, 0);
        assert_string_equal(json(s, &r, &text), printed);
        assert_null(r.why);
        values_equal += made.n == b.n && !memcmp(made.p, b.p, b.n);
    } else if (e.kind != ERR_UNSUPPORTED) {
        fail_msg("%s: %s", printed, e.text);
    }
    value_sink_free(&sink);
    buf_free(&made);
    buf_free(&text);
}

static void serializer_vector(char **col, int n)
{
    assert_true(n >= 5);
    struct bytes b = unhex(col[2]);
    struct rd r = rd_of(b.p, b.n, 0);
    struct arena a = {0};
    struct ser_in in = {.r = &r, .a = &a, .flink2 = 1};
    struct ser *s = ser_parse(&in);
    struct buf text = {0};
    assert_non_null(s);
    assert_null(in.lost);
    assert_int_equal(rd_left(&r), 0);
    ser_type(s, &text);
    assert_string_equal(buf_cstr(&text), col[0]);
    assert_int_equal(s->length, atoi(col[1]));
    snapshot_again(s, b, &a);
    for (int i = 3; i + 1 < n; i += 2) {
        struct bytes v = unhex(col[i]);
        r = rd_of(v.p, v.n, 0);
        assert_string_equal(json(s, &r, &text), col[i + 1]);
        assert_null(r.why);
        assert_int_equal(rd_left(&r), 0);
        again(s, v, col[i + 1], &a);
        hurt(s, v, &text);
        free((void *)v.p);
    }
    for (size_t cut = 0; cut < b.n; cut += 1 + cut / 64) {
        uint8_t *p = mem_alloc(cut);
        if (cut)
            memcpy(p, b.p, cut);
        struct rd short_r = rd_of(p, cut, 0);
        struct ser_in short_in = {.r = &short_r, .a = &a, .flink2 = 1};
        struct ser *none = ser_parse(&short_in);
        assert_true(!none || short_in.lost);
        free(p);
    }
    buf_free(&text);
    arena_free(&a);
    free((void *)b.p);
}

static void test_serializers(void **state)
{
    (void)state;
    assert_int_equal(each_vector(vectors, "serializer", serializer_vector), 28);
    assert_int_equal(values_equal, 30);
}

/* --- rows made by hand --- */

static const struct ltype t_int = {.root = L_INTEGER, .slot = SLOT_I32, .width = 4};
static const struct ltype t_text = {.root = L_VARCHAR, .slot = SLOT_TEXT, .width = 8};
static const struct ltype t_time9 = {.root = L_TIMESTAMP, .slot = SLOT_TIMESTAMP, .width = 8, .precision = 9};
static const struct ltype t_dec38 = {.root = L_DECIMAL, .slot = SLOT_DECIMAL, .width = 8, .precision = 38, .scale = 2};
static const struct ltype t_odd = {.root = L_UNKNOWN, .slot = SLOT_NONE, .width = 8, .cls = "GEOMETRY"};

struct made {
    uint8_t p[256];
    size_t n;
};

static void le(struct made *m, size_t at, uint64_t v)
{
    memcpy(m->p + at, &v, 8);
    if (m->n < at + 8)
        m->n = at + 8;
}

static uint64_t part(uint64_t at, uint64_t n) { return at << 32 | n; }

static const char *row(const struct made *m, const struct ltypes *t, struct buf *text)
{
    struct json_sink j;
    uint8_t *exact = mem_alloc(m->n);
    memcpy(exact, m->p, m->n);
    struct rd r = rd_of(exact, m->n, 100);
    text->n = 0;
    json_sink_init(&j, text);
    rowdata_row(&r, (struct bytes){exact, m->n}, t, &j.sink);
    json_sink_free(&j);
    free(exact);
    return r.why ? r.why : buf_cstr(text);
}

static void test_hostile_rows(void **state)
{
    (void)state;
    struct buf text = {0};
    const struct ltype *one[] = {&t_text}, *two[] = {&t_text, &t_text};
    struct ltypes t1 = {1, one}, t2 = {2, two};
    struct made m = {.n = 24};
    le(&m, 8, part(16, 8));
    memcpy(m.p + 16, "12345678", 8);
    assert_string_equal(row(&m, &t1, &text), "{\"$row\":\"+I\",\"fields\":[\"12345678\"]}");
    m.p[0] = 4;
    assert_string_equal(row(&m, &t1, &text), "row of an unknown kind");
    m.p[0] = 3;
    m.p[1] = 1;
    assert_string_equal(row(&m, &t1, &text), "{\"$row\":\"-D\",\"fields\":[null]}");
    m.p[1] = 0;
    le(&m, 8, part(17, 8));
    assert_string_equal(row(&m, &t1, &text), "part of a row lies outside of it");
    le(&m, 8, part(0xffffffff, 1));
    assert_string_equal(row(&m, &t1, &text), "text in a row's slot longer than the slot"); /* its top byte is a short text's */
    le(&m, 8, part(0x7fffffff, 0xffffffff));
    assert_string_equal(row(&m, &t1, &text), "part of a row lies outside of it");
    le(&m, 8, part(0, 9)); /* inside the row, but more than its variable part */
    assert_string_equal(row(&m, &t1, &text), "parts of a row overlap");
    le(&m, 8, UINT64_C(0x83) << 56 | 0x636261);
    assert_string_equal(row(&m, &t1, &text), "{\"$row\":\"-D\",\"fields\":[\"abc\"]}");
    le(&m, 8, UINT64_C(0x88) << 56);
    assert_string_equal(row(&m, &t1, &text), "text in a row's slot longer than the slot");
    m.n = 15;
    assert_string_equal(row(&m, &t1, &text), "row shorter than its fields");

    m = (struct made){.n = 32};
    le(&m, 8, part(24, 5));
    le(&m, 16, part(24, 5)); /* the same bytes again */
    assert_string_equal(row(&m, &t2, &text), "parts of a row overlap");
    le(&m, 8, UINT64_C(0x82) << 56 | 0xff41); /* no UTF-8 */
    le(&m, 16, UINT64_C(0x80) << 56);
    assert_string_equal(row(&m, &t2, &text), "{\"$row\":\"+I\",\"fields\":[\"A\xef\xbf\xbd\",\"\"]}");
    buf_free(&text);
}

static void test_hostile_values(void **state)
{
    (void)state;
    struct buf text = {0};
    const struct ltype *time[] = {&t_time9}, *dec[] = {&t_dec38}, *odd[] = {&t_odd};
    struct ltypes tt = {1, time}, td = {1, dec}, to = {1, odd};
    struct made m = {.n = 40};
    le(&m, 8, part(16, 999999));
    le(&m, 16, UINT64_MAX);
    assert_string_equal(row(&m, &tt, &text), "{\"$row\":\"+I\",\"fields\":[\"1969-12-31T23:59:59.999999999\"]}");
    le(&m, 8, part(16, 1000000));
    assert_string_equal(row(&m, &tt, &text), "nanoseconds of a timestamp outside 0..999999");
    le(&m, 8, part(33, 0));
    assert_string_equal(row(&m, &tt, &text), "part of a row lies outside of it");
    le(&m, 8, part(16, 0));
    assert_string_equal(row(&m, &td, &text), "decimal number of a row not of 1 to 16 bytes");
    le(&m, 8, part(16, 17));
    assert_string_equal(row(&m, &td, &text), "decimal number of a row not of 1 to 16 bytes");
    le(&m, 8, part(16, 1));
    assert_string_equal(row(&m, &td, &text), "{\"$row\":\"+I\",\"fields\":[\"-0.01\"]}");
    assert_non_null(strstr(row(&m, &to, &text), "GEOMETRY"));
    buf_free(&text);
}

/* An array of arrays … whose only elements all point to the same inner one would make work without end. */
static void test_overlap_bomb(void **state)
{
    (void)state;
    enum { LEVELS = 40, COUNT = 8, HEAD = 8, SIZE = HEAD + 8 * COUNT };
    static struct ltype types[LEVELS];
    const struct ltype *kids[LEVELS];
    for (int i = 0; i < LEVELS; i++) {
        kids[i] = i ? &types[i - 1] : &t_int;
        types[i] = (struct ltype){.root = L_ARRAY, .slot = SLOT_ARRAY, .width = 8, .n = 1, .kids = &kids[i]};
    }
    uint8_t p[LEVELS * SIZE] = {0};
    for (int i = 0; i < LEVELS; i++) {
        size_t at = (size_t)i * SIZE;
        uint32_t n = COUNT;
        memcpy(p + at, &n, 4);
        for (int k = 0; k < COUNT; k++) {
            uint64_t slot = part(SIZE, sizeof p - at - SIZE);
            memcpy(p + at + HEAD + 8 * (size_t)k, &slot, 8);
        }
    }
    struct rd r = rd_of(p, sizeof p, 0);
    rowdata_array(&r, (struct bytes){p, sizeof p}, &types[LEVELS - 2], NULL);
    assert_string_equal(r.why, "parts of a row overlap");
}

/* Types that refer to themselves or share parts: no endless text, no endless nesting. */
static void test_type_graphs(void **state)
{
    (void)state;
    struct arena a = {0};
    struct jfield root_fields[] = {{"isNullable", 'Z'}, {"typeRoot", 'L'}, {"keyType", 'L'}, {"valueType", 'L'}};
    struct jclass cls = {.name = "MapType", .n = 4, .fields = root_fields, .done = true};
    struct jobj name = {.kind = J_ENUM, .text = "MAP", .n_text = 3}, maps[100];
    struct jval vals[100][4];
    struct jlevel levels[100];
    for (int i = 0; i < 100; i++) {
        struct jobj *inner = i ? &maps[i - 1] : &maps[99]; /* the innermost refers to the outermost */
        vals[i][0] = (struct jval){.type = 'Z', .i = 1};
        vals[i][1] = (struct jval){.type = 'L', .o = &name};
        vals[i][2] = vals[i][3] = (struct jval){.type = 'L', .o = inner};
        levels[i] = (struct jlevel){.cls = &cls, .vals = vals[i]};
        maps[i] = (struct jobj){.kind = J_OBJECT, .cls = &cls, .n_levels = 1, .levels = &levels[i]};
    }
    const struct ltype *t = ltype_of(&maps[99], &a);
    assert_int_equal(t->root, L_UNKNOWN); /* 64 levels and no end */
    t = ltype_of(&maps[30], &a);          /* 31 levels with the unknown type below them, in 2^31 places */
    assert_int_equal(t->root, L_MAP);
    assert_int_equal(t->height, 31);
    struct buf b = {0};
    ltype_text(t, LTYPE_SUMMARY, 5000, &b);
    assert_true(b.n > 5000 && b.n < 6000);
    buf_free(&b);
    arena_free(&a);
}

static void test_decimal_text(void **state)
{
    (void)state;
    static const struct {
        int64_t v;
        int scale;
        const char *text;
    } cases[] = {{0, 0, "\"0\""},
                 {0, 2, "\"0.00\""},
                 {-5, 2, "\"-0.05\""},
                 {123, 0, "\"123\""},
                 {123, 3, "\"0.123\""},
                 {1230, 3, "\"1.230\""},
                 {INT64_MIN, 0, "\"-9223372036854775808\""},
                 {INT64_MAX, 38, "\"0.00000000000000000009223372036854775807\""}};
    struct buf b = {0};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct json_sink j;
        b.n = 0;
        json_sink_init(&j, &b);
        rowdata_decimal(cases[i].v, cases[i].scale, &j.sink);
        json_sink_free(&j);
        assert_string_equal(buf_cstr(&b), cases[i].text);
    }
    buf_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_types),          cmocka_unit_test(test_serializers),  cmocka_unit_test(test_hostile_rows),
        cmocka_unit_test(test_hostile_values), cmocka_unit_test(test_overlap_bomb), cmocka_unit_test(test_type_graphs),
        cmocka_unit_test(test_decimal_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
