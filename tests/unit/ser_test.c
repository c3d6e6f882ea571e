/* flink-core's serializers: snapshots, lengths, types, and values by each of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "tests/support/bytes.h"
#include "tests/unit/value_check.h"

#define BASE "org.apache.flink.api.common.typeutils.base."
#define RUNT "org.apache.flink.api.java.typeutils.runtime."
#define SCALAR(x) BASE x "Serializer$" x "SerializerSnapshot"
#define ARRAY(x) BASE "array." x "ArraySerializer$" x "ArraySerializerSnapshot"
#define STATE "org.apache.flink.runtime.state."
#define STREAMING "org.apache.flink.streaming.api."
#define S_STRING SCALAR("String")
#define S_INT SCALAR("Int")
#define S_LONG SCALAR("Long")
#define S_LIST BASE "ListSerializerSnapshot"
#define S_MAP BASE "MapSerializerSnapshot"
#define S_TUPLE RUNT "TupleSerializerSnapshot"
#define S_POJO RUNT "PojoSerializerSnapshot"
#define S_NULLABLE RUNT "NullableSerializer$NullableSerializerSnapshot"
#define S_ROW RUNT "RowSerializer$RowSerializerSnapshot"
#define S_TIMER STREAMING "operators.TimerSerializerSnapshot"
#define S_TTL STATE "ttl.TtlStateFactory$TtlSerializerSnapshot"
#define S_VOID STATE "VoidNamespaceSerializer$VoidNamespaceSerializerSnapshot"
#define UNKNOWN "zoo.OwnSerializerSnapshot"

static struct arena arena;
static bool met[256]; /* rows of the registry whose values were read here */

static int tear_down(void **state)
{
    (void)state;
    arena_free(&arena);
    return 0;
}

/* --- snapshots --- */

static struct buf simple(const char *cls)
{
    struct buf b = {0};
    utf(&b, cls);
    u32(&b, 3);
    return b;
}

static void nested(struct buf *b, struct buf *kids, size_t n)
{
    u32(b, 1333245);
    u32(b, 1);
    u32(b, (uint32_t)n);
    for (size_t i = 0; i < n; i++)
        moved_in(b, kids[i]);
}

static struct buf composite_of(const char *cls, int outer_version, struct buf outer, struct buf *kids, size_t n)
{
    struct buf b = simple(cls);
    u32(&b, 911108);
    u32(&b, (uint32_t)outer_version);
    moved_in(&b, outer);
    nested(&b, kids, n);
    return b;
}

/* A composite whose outer part is (or has only) these bytes; behind them what is nested in it. */
#define COMPOSITE(cls, version, outer, ...) \
    composite_of(cls, version, outer, (struct buf[]){__VA_ARGS__}, sizeof((struct buf[]){__VA_ARGS__}) / sizeof(struct buf))
#define NESTED(cls, ...) COMPOSITE(cls, 1, (struct buf){0}, __VA_ARGS__)
#define TUPLE(...) COMPOSITE(S_TUPLE, 1, text("org.apache.flink.api.java.tuple.Tuple"), __VA_ARGS__)

static struct buf text(const char *s)
{
    struct buf b = {0};
    utf(&b, s);
    return b;
}

static struct buf number(uint32_t v)
{
    struct buf b = {0};
    u32(&b, v);
    return b;
}

static struct buf flag(unsigned v)
{
    struct buf b = {0};
    u8(&b, v);
    return b;
}

/* The snapshot is read whole, and not when it is damaged. */
static struct ser *parsed(struct buf b)
{
    snapshot_hurt(span_of(&b), 0);
    struct ser *s = snapshot_of(span_of(&b), &arena, 0, NULL);
    buf_free(&b);
    return s;
}

/* Parses what may be unreadable or have something behind it. */
static struct ser *attempt(struct buf b, const char **lost, const char **why)
{
    struct rd r = rd_of(b.p, b.n, 0);
    struct ser_in in = {.r = &r, .a = &arena};
    struct ser *s = ser_parse(&in);
    *lost = in.lost;
    *why = r.why;
    assert_int_equal(s == NULL, !rd_ok(&r));
    buf_free(&b);
    return s;
}

static void refused(struct buf b, const char *expected)
{
    const char *lost, *why;
    assert_null(attempt(b, &lost, &why));
    assert_string_equal(why, expected);
}

static void type_is(const struct ser *s, const char *expected)
{
    struct buf b = {0};
    ser_type(s, &b);
    assert_string_equal(buf_cstr(&b), expected);
    buf_free(&b);
}

/* --- values --- */

static void meet(const struct ser *s)
{
    const struct ser_row *rows;
    uint32_t n = ser_rows(&rows);
    assert_true(n < sizeof met);
    assert_true(s->row >= rows && s->row < rows + n);
    met[s->row - rows] = true;
}

static void check(const struct ser *s, const char *hex, const char *expected)
{
    struct buf b = {0};
    hexed(&b, hex);
    struct bytes own = value_copy(b.p, b.n);
    value_is(s, own, expected);
    value_hurt(s, own);
    if (s->length > 0)
        assert_int_equal(own.n, s->length);
    meet(s);
    free((void *)own.p);
    buf_free(&b);
}

static void malformed(const struct ser *s, const char *hex, const char *why)
{
    struct buf b = {0}, json = {0};
    hexed(&b, hex);
    struct bytes own = value_copy(b.p, b.n);
    struct rd r = rd_of(own.p, own.n, 0);
    value_json(s, &r, &json);
    assert_string_equal(r.why ? r.why : "read", why);
    free((void *)own.p);
    buf_free(&json);
    buf_free(&b);
}

/* The value ends in something opaque that takes all there is. */
static void opaque(const struct ser *s, const char *hex, const char *expected)
{
    struct buf b = {0}, json = {0};
    hexed(&b, hex);
    struct bytes own = value_copy(b.p, b.n);
    struct rd r = rd_of(own.p, own.n, 0);
    assert_string_equal(value_json(s, &r, &json), expected);
    assert_true(rd_ok(&r));
    assert_true(r.cut);
    assert_int_equal(r.opaque, 1);
    assert_int_equal(rd_left(&r), 0);
    free((void *)own.p);
    buf_free(&json);
    buf_free(&b);
}

#define OPAQUE(cls, len, why, hex) "{\"$opaque\":\"" cls "\",\"length\":" #len ",\"why\":\"" why "\",\"$hex\":\"" hex "\"}"

static const struct {
    const char *cls, *type;
    int length;
    const char *values[8]; /* hex, JSON, hex, JSON … */
} simples[] = {
    {SCALAR("Boolean"), "Boolean", 1, {"00", "false", "01", "true"}},
    {SCALAR("BooleanValue"), "BooleanValue", 1, {"01", "true"}},
    {SCALAR("Byte"), "Byte", 1, {"80", "-128", "7f", "127"}},
    {SCALAR("ByteValue"), "ByteValue", 1, {"ff", "-1"}},
    {SCALAR("Short"), "Short", 2, {"8000", "-32768", "0102", "258"}},
    {SCALAR("ShortValue"), "ShortValue", 2, {"7fff", "32767"}},
    {SCALAR("Int"), "Integer", 4, {"80000000", "-2147483648", "01020304", "16909060"}},
    {SCALAR("IntValue"), "IntValue", 4, {"ffffffff", "-1"}},
    {SCALAR("Long"), "Long", 8, {"8000000000000000", "-9223372036854775808", "7fffffffffffffff", "9223372036854775807"}},
    {SCALAR("LongValue"), "LongValue", 8, {"0020000000000001", "9007199254740993"}},
    {SCALAR("Float"), "Float", 4, {"3dcccccd", "0.1", "7fc00001", "\"NaN\"", "80000000", "-0.0", "4b189680", "1.0E7"}},
    {SCALAR("FloatValue"), "FloatValue", 4, {"ff800000", "\"-Infinity\"", "00000001", "1.4E-45"}},
    {SCALAR("Double"),
     "Double",
     8,
     {"3fb999999999999a", "0.1", "7ff0000000000000", "\"Infinity\"", "0000000000000001", "4.9E-324"}},
    {SCALAR("DoubleValue"), "DoubleValue", 8, {"c08f400000000000", "-1000.0"}},
    {SCALAR("Char"), "Character", 2, {"0041", "\"A\"", "20ac", "\"\xe2\x82\xac\"", "d83d", "\"\\ud83d\"", "0000", "\"\\u0000\""}},
    {SCALAR("CharValue"), "CharValue", 2, {"00e4", "\"\xc3\xa4\""}},
    {SCALAR("String"),
     "String",
     -1,
     {"00", "null", "01", "\"\"", "0361e401", "\"a\xc3\xa4\"", "03bdb00380bc03", "\"\xf0\x9f\x98\x80\""}},
    {SCALAR("StringValue"), "StringValue", -1, {"00", "\"\"", "026162", "\"ab\"", "01bdb003", "\"\\ud83d\""}},
    {SCALAR("NullValue"), "NullValue", 0, {"", "null"}},
    {SCALAR("Void"), "Void", 1, {"00", "null"}},
    {SCALAR("BigInt"), "BigInteger", -1, {"00000000", "null", "00000001", "\"0\"", "00000002", "\"1\"", "00000003", "\"10\""}},
    {SCALAR("BigInt"),
     "BigInteger",
     -1,
     {"0000000500", "\"0\"", "0000000501", "\"1\"", "000000050a", "\"10\"", "000000068000", "\"-32768\""}},
    {SCALAR("BigInt"),
     "BigInteger",
     -1,
     {"0000000d 0100000000 00000000", "\"18446744073709551616\"", "0000000d ff0000000000000000", "\"-18446744073709551616\""}},
    {SCALAR("BigDec"),
     "BigDecimal",
     -1,
     {"00000000", "null", "00000001 00000002", "\"0.00\"", "00000003 fffffffe", "\"1.0E+3\"", "00000005ff 00000003", "\"-0.001\""}},
    {SCALAR("Date"), "Date", 8, {"8000000000000000", "null", "0000000000000000", "\"ms:0\"", "ffffffffffffffff", "\"ms:-1\""}},
    {SCALAR("SqlDate"), "java.sql.Date", 8, {"8000000000000000", "null", "0000018bcfe79ca3", "\"ms:1700000144547\""}},
    {SCALAR("SqlTime"), "java.sql.Time", 8, {"8000000000000000", "null", "000000000000ea60", "\"ms:60000\""}},
    {SCALAR("SqlTimestamp"),
     "java.sql.Timestamp",
     12,
     {"8000000000000000 00000000", "null", "00000000000003e9 000f4240", "\"ts:1001:1000000\""}},
    {SCALAR("Instant"),
     "Instant",
     12,
     {"8000000000000000 80000000", "null", "0000000000000000 00000000", "\"1970-01-01T00:00:00Z\"", "ffffffffffffffff 3b9ac9ff",
      "\"1969-12-31T23:59:59.999999999Z\""}},
    {SCALAR("LocalDate"),
     "LocalDate",
     6,
     {"80000000 8000", "null", "000007e8 021d", "\"2024-02-29\"", "fffffffb 0101", "\"-0005-01-01\""}},
    {SCALAR("LocalTime"),
     "LocalTime",
     7,
     {"80 8000 80000000", "null", "000000 00000000", "\"00:00\"", "173b3b 3b9ac9ff", "\"23:59:59.999999999\""}},
    {SCALAR("LocalDateTime"),
     "LocalDateTime",
     13,
     {"800000008000 80800080000000", "null", "0000270f0c1f 0c0000 000003e8", "\"9999-12-31T12:00:00.000001\""}},
    {SCALAR("Variant"), "Variant", -1, {"00000001 00000002 0c 0100", "{\"$variant\":\"hex:0c\",\"metadata\":\"hex:0100\"}"}},
    {SCALAR("Bitmap"), "Bitmap", -1, {"00000003 3a3000", "\"hex:3a3000\"", "00000000", "\"hex:\""}},
    {ARRAY("BooleanPrimitive"), "boolean[]", -1, {"00000002 0100", "[true,false]", "00000000", "[]"}},
    {ARRAY("BytePrimitive"), "byte[]", -1, {"00000002 00ff", "\"hex:00ff\""}},
    {ARRAY("CharPrimitive"), "char[]", -1, {"00000002 0061 20ac", "[\"a\",\"\xe2\x82\xac\"]"}},
    {ARRAY("ShortPrimitive"), "short[]", -1, {"00000002 ffff 0001", "[-1,1]"}},
    {ARRAY("IntPrimitive"), "int[]", -1, {"00000002 ffffffff 00000001", "[-1,1]"}},
    {ARRAY("LongPrimitive"), "long[]", -1, {"00000001 8000000000000000", "[-9223372036854775808]"}},
    {ARRAY("FloatPrimitive"), "float[]", -1, {"00000001 3f000000", "[0.5]"}},
    {ARRAY("DoublePrimitive"), "double[]", -1, {"00000001 3fe0000000000000", "[0.5]"}},
    {ARRAY("String"), "String[]", -1, {"00000003 00 01 0261", "[null,\"\",\"a\"]"}},
    {RUNT "Tuple0SerializerSnapshot", "Tuple0", 1, {"2a", "[]"}},
    {S_VOID, "VoidNamespace", 0, {"00", "null"}},
    {STREAMING "windowing.windows.TimeWindow$Serializer$TimeWindowSerializerSnapshot",
     "TimeWindow",
     16,
     {"ffffffffffffffff 0000000000001388", "{\"start\":-1,\"end\":5000}"}},
    {STREAMING "windowing.windows.GlobalWindow$Serializer$GlobalWindowSerializerSnapshot",
     "GlobalWindow",
     1,
     {"00", "\"GlobalWindow\""}},
};

static void simple_values(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof simples / sizeof *simples; i++) {
        const struct ser *s = parsed(simple(simples[i].cls));
        type_is(s, simples[i].type);
        assert_int_equal(s->length, simples[i].length);
        for (size_t v = 0; v < 8 && simples[i].values[v]; v += 2)
            check(s, simples[i].values[v], simples[i].values[v + 1]);
    }
}

static void malformed_values(void **state)
{
    (void)state;
    const struct ser *s = parsed(simple(SCALAR("BigInt")));
    malformed(s, "00000004", "big integer of no bytes");
    malformed(s, "ffffffff", "big integer of no bytes");
    malformed(s, "7fffffff00", "ends too early");
    s = parsed(simple(S_STRING));
    malformed(s, "ffffffff0f 61", "ends too early");
    malformed(s, "ffffffffff", "variable-length number too long");
    malformed(s, "02 808004", "a character of more than 16 bits");
    malformed(s, "02 80808080", "a character of more than 16 bits");
    malformed(s, "0380", "ends too early");
    malformed(s, "03 61 80", "ends inside a string");
    s = parsed(simple(SCALAR("LocalDate")));
    malformed(s, "000007e8 0d01", "not a date");
    malformed(s, "000007e8 0100", "not a date");
    s = parsed(simple(SCALAR("LocalTime")));
    malformed(s, "180000 00000000", "not a time of day");
    malformed(s, "000000 3b9aca00", "not a time of day");
    s = parsed(simple(SCALAR("Instant")));
    malformed(s, "0000000000000000 3b9aca00", "not an instant");
    malformed(s, "0000000000000000 ffffffff", "not an instant");
    s = parsed(simple(ARRAY("LongPrimitive")));
    malformed(s, "7fffffff 0000000000000000", "count larger than what is left");
    malformed(s, "ffffffff", "negative count");
}

/* --- enums --- */

static struct buf enum_of(const char *cls, const char *const *names, uint32_t n)
{
    struct buf b = simple(SCALAR("Enum"));
    utf(&b, cls);
    u32(&b, n);
    for (uint32_t i = 0; i < n; i++)
        utf(&b, names[i]);
    return b;
}

static void enums(void **state)
{
    (void)state;
    static const char *const names[] = {"LOW", "HIGH", "TOP"}, *const others[] = {"LOW", "TOP", "HIGH"};
    const struct ser *s = parsed(enum_of("zoo.Size", names, 3));
    type_is(s, "Enum Size");
    assert_int_equal(s->length, 4);
    assert_string_equal(s->attrs[0].value, "LOW HIGH TOP");
    check(s, "00000000", "\"LOW\"");
    check(s, "00000002", "\"TOP\"");
    malformed(s, "00000003", "enum position outside its list of constants");
    malformed(s, "ffffffff", "enum position outside its list of constants");
    assert_true(ser_same(s, parsed(enum_of("zoo.Size", names, 3))));
    assert_false(ser_same(s, parsed(enum_of("zoo.Size", others, 3))));
    assert_false(ser_same(s, parsed(enum_of("zoo.Size", names, 2))));
    assert_false(ser_same(s, parsed(enum_of("zoo.Form", names, 3))));
}

/* --- collections --- */

static void collections(void **state)
{
    (void)state;
    const struct ser *s = parsed(NESTED(S_LIST, simple(S_STRING)));
    type_is(s, "List<String>");
    assert_int_equal(s->length, -1);
    check(s, "00000003 0261 00 01", "[\"a\",null,\"\"]");
    check(s, "00000000", "[]");
    malformed(s, "ffffffff", "negative count");
    s = parsed(NESTED(STATE "ArrayListSerializerSnapshot", simple(S_INT)));
    check(s, "00000002 00000002 00000001", "[2,1]");
    malformed(s, "00000003 00000002 00000001", "count larger than what is left");
    s = parsed(NESTED(S_MAP, simple(S_STRING), simple(S_INT)));
    type_is(s, "Map<String, Integer>");
    check(s, "00000003 0262 00 00000002 0261 01 00 00 00000000", "{\"$map\":[[\"a\",null],[\"b\",2],[null,0]]}");
    s = parsed(NESTED(BASE "SetSerializerSnapshot", simple(S_INT)));
    type_is(s, "Set<Integer>");
    check(s, "00000003 00 00000002 01 00 00000001", "[1,2,null]");
    s = parsed(COMPOSITE(BASE "GenericArraySerializerSnapshot", 1, text("java.lang.Long"), simple(S_LONG)));
    type_is(s, "Array<Long>");
    assert_string_equal(s->cls, "java.lang.Long");
    check(s, "00000002 01 0000000000000001 00", "[1,null]");
}

/* --- tuples, Either, nullable values, rows --- */

static void composed(void **state)
{
    (void)state;
    const struct ser *s =
        parsed(COMPOSITE(S_TUPLE, 1, text("org.apache.flink.api.java.tuple.Tuple2"), simple(S_STRING), simple(S_LONG)));
    type_is(s, "Tuple2<String, Long>");
    check(s, "0261 0000000000000007", "[\"a\",7]");
    s = parsed(NESTED(RUNT "JavaEitherSerializerSnapshot", simple(S_INT), simple(S_STRING)));
    type_is(s, "Either<Integer, String>");
    check(s, "01 00000005", "{\"left\":5}");
    check(s, "00 0261", "{\"right\":\"a\"}");
    s = parsed(NESTED(RUNT "EitherSerializerSnapshot", simple(S_INT), simple(S_STRING)));
    check(s, "00 00", "{\"right\":null}");
    s = parsed(COMPOSITE(S_NULLABLE, 1, number(0), simple(S_STRING)));
    type_is(s, "Nullable<String>");
    assert_int_equal(s->length, -1);
    check(s, "01", "null");
    check(s, "00 0261", "\"a\"");
    s = parsed(COMPOSITE(S_NULLABLE, 1, number(8), simple(S_LONG)));
    assert_int_equal(s->length, 9);
    check(s, "01 0000000000000000", "null");
    check(s, "00 0000000000000005", "5");
    refused(COMPOSITE(S_NULLABLE, 1, number(0x80000000), simple(S_LONG)), "padding of a nullable serializer outside 0 to 1048576");
    refused(COMPOSITE(S_NULLABLE, 1, number(1 << 21), simple(S_LONG)), "padding of a nullable serializer outside 0 to 1048576");
}

static void rows(void **state)
{
    (void)state;
    const struct ser *old = parsed(COMPOSITE(S_ROW, 2, (struct buf){0}, simple(S_INT), simple(S_STRING)));
    const struct ser *kind = parsed(COMPOSITE(S_ROW, 3, (struct buf){0}, simple(S_INT), simple(S_STRING)));
    const struct ser *with = parsed(COMPOSITE(S_ROW, 4, flag(1), simple(S_INT), simple(S_STRING)));
    const struct ser *without = parsed(COMPOSITE(S_ROW, 4, flag(0), simple(S_INT), simple(S_STRING)));
    type_is(old, "Row<Integer, String>");
    check(old, "40 00000007", "{\"$row\":\"+I\",\"fields\":[7,null]}");
    check(without, "80 0261", "{\"$row\":\"+I\",\"fields\":[null,\"a\"]}");
    check(kind, "00 00000007 0261", "{\"$row\":\"+I\",\"fields\":[7,\"a\"]}");
    check(kind, "80 00000007 0261", "{\"$row\":\"-U\",\"fields\":[7,\"a\"]}");
    check(with, "60 0261", "{\"$row\":\"+U\",\"fields\":[null,\"a\"]}");
    check(with, "f0", "{\"$row\":\"-D\",\"fields\":[null,null]}");
    /* the mask takes a second byte: 7 fields and the kind */
    struct buf seven[7];
    for (int i = 0; i < 7; i++)
        seven[i] = simple(SCALAR("Byte"));
    const struct ser *wide = parsed(composite_of(S_ROW, 3, (struct buf){0}, seven, 7));
    check(wide, "2080 0203040506", "{\"$row\":\"+I\",\"fields\":[null,2,3,4,5,6,null]}");
}

/* --- POJOs --- */

static void optmap(struct buf *b, uint32_t n)
{
    u64(b, UINT64_C(0x000004F2C69A3D70));
    u32(b, n);
}

static void field(struct buf *b, const char *name, bool gone, struct buf snapshot)
{
    utf(b, name);
    u8(b, !gone);
    if (!gone) {
        struct buf key = {0};
        utf(&key, "zoo.Cat");
        utf(&key, name);
        counted(b, key);
    }
    u8(b, 1);
    counted(b, snapshot);
}

static void subclass(struct buf *b, const char *name, struct buf snapshot)
{
    utf(b, name);
    u8(b, 1);
    u32(b, 0);
    u8(b, 1);
    counted(b, snapshot);
}

static struct buf pojo_begin(const char *cls)
{
    struct buf b = {0};
    utf(&b, S_POJO);
    u32(&b, 2);
    utf(&b, cls);
    return b;
}

/* One int field. */
static struct buf small_pojo(const char *cls, const char *name)
{
    struct buf b = pojo_begin(cls);
    optmap(&b, 1);
    field(&b, name, false, simple(S_INT));
    optmap(&b, 0);
    optmap(&b, 0);
    return b;
}

/* Fields age (int), name (string) and gone (a byte, no more in the class); registered Kitten, other Lynx. */
static struct buf cat(const char *name_snapshot)
{
    struct buf b = pojo_begin("zoo.Cat");
    optmap(&b, 3);
    field(&b, "age", false, simple(S_INT));
    field(&b, "name", false, simple(name_snapshot));
    field(&b, "gone", true, simple(SCALAR("Byte")));
    optmap(&b, 1);
    subclass(&b, "zoo.Kitten", small_pojo("zoo.Kitten", "days"));
    optmap(&b, 1);
    subclass(&b, "zoo.Lynx", small_pojo("zoo.Lynx", "teeth"));
    return b;
}

static void pojos(void **state)
{
    (void)state;
    struct buf b = cat(S_STRING);
    const struct ser *s = snapshot_of(span_of(&b), &arena, 0, NULL);
    type_is(s, "POJO Cat{age Integer, name String, gone Byte}");
    assert_int_equal(s->length, -1);
    check(s, "01", "null");
    check(s, "02 00 00000007 00 0261 01", "{\"$class\":\"zoo.Cat\",\"age\":7,\"name\":\"a\",\"gone\":null}");
    check(s, "02 01 01 00 05", "{\"$class\":\"zoo.Cat\",\"age\":null,\"name\":null,\"gone\":5}");
    check(s, "08 00 02 00 00000009", "{\"$class\":\"zoo.Kitten\",\"days\":9}");
    check(s, "08 00 01", "null");
    check(s, "04 0008 7a6f6f2e4c796e78 02 00 0000001c", "{\"$class\":\"zoo.Lynx\",\"teeth\":28}");
    check(s, "04 000a 7a6f6f2e4b697474656e 02 01", "{\"$class\":\"zoo.Kitten\",\"days\":null}");
    opaque(s, "04 0003 612e42 02 00", OPAQUE("a.B", 2, "a subclass that the snapshot does not describe", "0200"));
    malformed(s, "08 01 02 00", "tag of a subclass that is not registered");
    malformed(s, "00", "flags of a POJO that no Flink writes");
    const char *cls;
    assert_false(ser_unknown(s, &cls));
    assert_true(ser_same(s, snapshot_of(span_of(&b), &arena, 0, NULL)));
    snapshot_hurt(span_of(&b), 0);
    buf_free(&b);

    /* a field whose serializer is not known loses nothing of the snapshot, since frames have lengths */
    b = cat(UNKNOWN);
    s = snapshot_of(span_of(&b), &arena, 0, NULL);
    type_is(s, "POJO Cat{age Integer, name ?OwnSerializerSnapshot, gone Byte}");
    assert_true(ser_unknown(s, &cls));
    assert_string_equal(cls, UNKNOWN);
    opaque(s, "02 00 00000007 00 0261 01",
           "{\"$class\":\"zoo.Cat\",\"age\":7,\"name\":" OPAQUE(UNKNOWN, 3, "serializer not known to weir", "026101") "}");
    check(s, "02 01 01 01", "{\"$class\":\"zoo.Cat\",\"age\":null,\"name\":null,\"gone\":null}");
    check(s, "08 00 02 00 00000009", "{\"$class\":\"zoo.Kitten\",\"days\":9}");
    buf_free(&b);
}

/* A value that goes from subclass to subclass, further than there are any. */
static void subclasses_within(void **state)
{
    (void)state;
    struct buf b = pojo_begin("zoo.A"), inner = pojo_begin("zoo.A"), deep = {0}, json = {0};
    optmap(&inner, 0);
    optmap(&inner, 0);
    optmap(&inner, 0);
    optmap(&b, 0);
    optmap(&b, 1);
    subclass(&b, "zoo.A", inner);
    optmap(&b, 0);
    const struct ser *s = parsed(b);
    hexed(&deep, "0800 0800 02");
    struct rd r = rd_of(deep.p, deep.n, 0);
    value_json(s, &r, &json);
    assert_string_equal(r.why, "tag of a subclass that is not registered"); /* the inner one has none */
    buf_free(&deep);
    buf_free(&json);
}

/* --- Value types --- */

static struct buf value_class(const char *snapshot_class, const char *cls)
{
    struct buf b = {0};
    utf(&b, snapshot_class);
    u32(&b, 2);
    utf(&b, cls);
    return b;
}

static void value_types(void **state)
{
    (void)state;
#define COPYABLE RUNT "CopyableValueSerializer$CopyableValueSerializerSnapshot"
#define VALUE RUNT "ValueSerializer$ValueSerializerSnapshot"
#define TYPES "org.apache.flink.types."
    static const struct {
        const char *snapshot, *cls;
        int length;
        const char *hex, *json;
    } known[] = {
        {COPYABLE, TYPES "BooleanValue", 1, "01", "true"},
        {COPYABLE, TYPES "ByteValue", 1, "ff", "-1"},
        {COPYABLE, TYPES "ShortValue", 2, "0005", "5"},
        {COPYABLE, TYPES "IntValue", 4, "00000005", "5"},
        {COPYABLE, TYPES "LongValue", 8, "0000000000000005", "5"},
        {COPYABLE, TYPES "FloatValue", 4, "3f800000", "1.0"},
        {COPYABLE, TYPES "DoubleValue", 8, "3ff0000000000000", "1.0"},
        {COPYABLE, TYPES "CharValue", 2, "0061", "\"a\""},
        {COPYABLE, TYPES "StringValue", -1, "0161", "\"a\""},
        {COPYABLE, TYPES "NullValue", 1, "00", "null"},
        {VALUE, TYPES "StringValue", -1, "00", "\"\""},
        {VALUE, TYPES "IntValue", 4, "80000000", "-2147483648"},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        const struct ser *s = parsed(value_class(known[i].snapshot, known[i].cls));
        type_is(s, known[i].cls + strlen(TYPES));
        assert_int_equal(s->length, known[i].length);
        check(s, known[i].hex, known[i].json);
    }
    /* like one of Flink's by its simple name, but the user's */
    const struct ser *s = parsed(value_class(VALUE, "zoo.IntValue"));
    assert_int_equal(s->length, -1);
    opaque(s, "00000005", OPAQUE("zoo.IntValue", 4, "a Value class writes itself: its layout is not in the snapshot", "00000005"));
}

/* --- timers, TTL, wrappers --- */

static void timers_and_ttl(void **state)
{
    (void)state;
    const struct ser *s = parsed(NESTED(S_TIMER, simple(S_STRING), simple(S_LONG)));
    type_is(s, "Timer<String, Long>");
    assert_int_equal(s->length, -1);
    check(s, "80000000000003e8 0261 0000000000000001", "{\"key\":\"a\",\"ns\":1,\"timestamp\":1000}");
    check(s, "0000000000000000 00 0000000000000001", "{\"key\":null,\"ns\":1,\"timestamp\":-9223372036854775808}");
    s = parsed(NESTED(S_TTL, simple(S_LONG), simple(S_STRING)));
    type_is(s, "Ttl<Long, String>");
    check(s, "00000000000003e8 0261", "{\"$ttl\":1000,\"value\":\"a\"}");
    struct buf b = {0};
    utf(&b, STATE "ttl.TtlAwareSerializerSnapshot");
    u32(&b, 1);
    u8(&b, 1);
    moved_in(&b, NESTED(S_TTL, simple(S_LONG), simple(S_INT)));
    s = parsed(b);
    type_is(s, "TtlAware<Ttl<Long, Integer>>");
    assert_int_equal(s->length, 12);
    assert_string_equal(s->attrs[0].value, "true");
    check(s, "00000000000003e8 00000005", "{\"$ttl\":1000,\"value\":5}");
    s = parsed(NESTED(STREAMING
                      "typeutils.SingleThreadAccessCheckingTypeSerializer$SingleThreadAccessCheckingTypeSerializerSnapshot",
                      simple(S_INT)));
    assert_int_equal(s->length, 4);
    check(s, "00000005", "5");
}

/* --- lengths --- */

static int length_of(struct buf b)
{
    const struct ser *s = snapshot_of(span_of(&b), &arena, 0, NULL);
    buf_free(&b);
    return s->length;
}

static void lengths(void **state)
{
    (void)state;
    /* TupleSerializer: variable as soon as a field's length is not above 0 */
    assert_int_equal(length_of(TUPLE(simple(S_INT), simple(S_LONG))), 12);
    assert_int_equal(length_of(TUPLE(simple(S_INT), simple(S_STRING))), -1);
    assert_int_equal(length_of(TUPLE(simple(S_INT), simple(SCALAR("NullValue")))), -1);
    assert_int_equal(length_of(TUPLE(TUPLE(simple(S_INT), simple(SCALAR("Byte"))), simple(S_LONG))), 13);
    assert_int_equal(length_of(TUPLE(TUPLE(simple(S_STRING)), simple(S_LONG))), -1);
    /* CompositeSerializer: 0 counts as fixed */
    assert_int_equal(length_of(NESTED(S_TTL, simple(S_LONG), simple(S_INT))), 12);
    assert_int_equal(length_of(NESTED(S_TTL, simple(S_LONG), simple(SCALAR("NullValue")))), 8);
    assert_int_equal(length_of(NESTED(S_TTL, simple(S_LONG), simple(S_STRING))), -1);
    /* TimerSerializer: the timestamp, key and namespace; the void namespace says 0 */
    assert_int_equal(length_of(NESTED(S_TIMER, simple(S_LONG), simple(S_VOID))), 16);
    assert_int_equal(length_of(NESTED(S_TIMER, simple(S_LONG), simple(S_INT))), 20);
    assert_int_equal(length_of(NESTED(S_TIMER, simple(S_STRING), simple(S_VOID))), -1);
    assert_int_equal(length_of(NESTED(S_TIMER, simple(S_LONG), simple(S_STRING))), -1);
    /* sums that no int holds */
    struct buf wide[4096];
    for (int i = 0; i < 4096; i++)
        wide[i] = COMPOSITE(S_NULLABLE, 1, number(1 << 20), simple(S_LONG));
    assert_int_equal(length_of(composite_of(S_TUPLE, 1, text("zoo.Wide"), wide, 4096)), -1);
}

/* --- versions of the envelope, and what is wrong with it --- */

static void envelopes(void **state)
{
    (void)state;
    /* a simple snapshot of version 2 repeats a class name, a composite of version 2 has no magic */
    struct buf b = {0};
    utf(&b, S_INT);
    u32(&b, 2);
    utf(&b, "org.apache.flink.api.common.typeutils.base.IntSerializer");
    const struct ser *s = parsed(b);
    assert_int_equal(s->version, 2);
    check(s, "00000001", "1");
    b = (struct buf){0};
    utf(&b, S_ROW);
    u32(&b, 2);
    nested(&b, (struct buf[]){simple(S_INT)}, 1);
    s = parsed(b);
    assert_int_equal(s->outer_version, 2);
    check(s, "00 00000001", "{\"$row\":\"+I\",\"fields\":[1]}"); /* no row kind */

    b = simple(S_LIST);
    u32(&b, 911109);
    u32(&b, 1);
    nested(&b, (struct buf[]){simple(S_INT)}, 1);
    refused(b, "no composite-serializer magic where it must stand");
    b = simple(S_LIST);
    u32(&b, 911108);
    u32(&b, 1);
    u32(&b, 1333246);
    refused(b, "no nested-serializers magic where a composite serializer must have it");
    b = simple(S_LIST);
    u32(&b, 911108);
    u32(&b, 1);
    u32(&b, 1333245);
    u32(&b, 2);
    refused(b, "nested serializers of a version that is not known");
    b = simple(S_TUPLE);
    u32(&b, 911108);
    u32(&b, 1);
    utf(&b, "zoo.T");
    u32(&b, 1333245);
    u32(&b, 1);
    u32(&b, INT32_MAX);
    size_t before = arena.used;
    refused(b, "count larger than what is left");
    assert_true(arena.used - before < 4096);

    b = pojo_begin("zoo.A");
    u64(&b, 7);
    refused(b, "no optional-map magic where it must stand");
    b = pojo_begin("zoo.A");
    optmap(&b, INT32_MAX);
    before = arena.used;
    refused(b, "count larger than what is left");
    assert_true(arena.used - before < 4096);
}

/* The wrong number of nested serializers: opaque values, no crash. */
static void too_few_nested(void **state)
{
    (void)state;
    static const char *const classes[] = {
        S_LIST,
        S_MAP,
        BASE "SetSerializerSnapshot",
        RUNT "JavaEitherSerializerSnapshot",
        S_TIMER,
        S_TTL,
        STREAMING "typeutils.SingleThreadAccessCheckingTypeSerializer$SingleThreadAccessCheckingTypeSerializerSnapshot"};
    for (size_t i = 0; i < sizeof classes / sizeof *classes; i++) {
        struct buf json = {0};
        const struct ser *s = parsed(composite_of(classes[i], 1, (struct buf){0}, NULL, 0));
        struct rd r = rd_of("\1\2\3", 3, 0);
        value_json(s, &r, &json);
        assert_int_equal(r.opaque, 1);
        assert_int_equal(rd_left(&r), 0);
        buf_free(&json);
    }
}

/* ser_parse_p is the form in keyed headers. */
static void persisted(void **state)
{
    (void)state;
    for (uint32_t v = 0; v < 4; v++) {
        struct buf b = number(v);
        moved_in(&b, simple(S_INT));
        struct rd r = rd_of(b.p, b.n, 0);
        struct ser_in in = {.r = &r, .a = &arena};
        const struct ser *s = ser_parse_p(&in);
        if (v == 2)
            assert_non_null(s);
        else
            assert_string_equal(r.why,
                                v == 1 ? "a serializer written by Flink before 1.7, which needs Java to be read"
                                       : "a serializer snapshot of an unknown envelope version");
        buf_free(&b);
    }
}

/* --- what is not known --- */

static void unknown_in_a_tuple(void **state)
{
    (void)state;
    const char *lost, *why;
    struct buf b = TUPLE(simple(S_INT), simple(UNKNOWN), simple(S_LONG));
    struct ser *s = attempt(b, &lost, &why);
    assert_string_equal(lost, UNKNOWN);
    assert_int_equal(s->n, 3);
    assert_int_equal(s->length, -1);
    type_is(s, "Tuple<Integer, ?OwnSerializerSnapshot, ?OwnSerializerSnapshot>");
    const char *cls;
    assert_true(ser_unknown(s, &cls));
    assert_string_equal(cls, UNKNOWN);
    opaque(s, "00000007 0102", "[7," OPAQUE(UNKNOWN, 2, "serializer not known to weir", "0102") "]");

    s = attempt(simple(UNKNOWN), &lost, &why);
    assert_string_equal(lost, UNKNOWN);
    assert_null(s->row);
    type_is(s, "?OwnSerializerSnapshot");
    opaque(s, "", OPAQUE(UNKNOWN, 0, "serializer not known to weir", ""));
    type_is(NULL, "?");
    assert_false(ser_unknown(NULL, &cls));

    s = attempt(NESTED(S_MAP, simple(UNKNOWN), simple(S_INT)), &lost, &why);
    opaque(s, "00000002 0102", "{\"$map\":[[" OPAQUE(UNKNOWN, 2, "serializer not known to weir", "0102") ",null]]}");
}

/* --- depth --- */

static void deep_snapshots(void **state)
{
    (void)state;
    struct buf b = {0};
    for (int i = 0; i < 10000; i++) {
        moved_in(&b, simple(S_LIST));
        u32(&b, 911108);
        u32(&b, 1);
        u32(&b, 1333245);
        u32(&b, 1);
        u32(&b, 1);
    }
    moved_in(&b, simple(S_INT));
    refused(b, "nested too deeply (limit 200)");

    b = simple(S_INT);
    for (int i = 0; i < 199; i++)
        b = NESTED(S_LIST, b);
    const char *lost, *why;
    const struct ser *s = attempt(b, &lost, &why);
    assert_non_null(s);
    /* and a value as deep as that: 199 lists of one element each */
    struct buf value = {0}, want = {0}, json = {0};
    for (int i = 0; i < 199; i++)
        u32(&value, 1), buf_putc(&want, '[');
    u32(&value, 5);
    buf_putc(&want, '5');
    for (int i = 0; i < 199; i++)
        buf_putc(&want, ']');
    struct rd r = rd_of(value.p, value.n, 0);
    assert_string_equal(value_json(s, &r, &json), buf_cstr(&want));
    buf_free(&value);
    buf_free(&want);
    buf_free(&json);

    b = simple(S_INT);
    for (int i = 0; i < 200; i++)
        b = NESTED(S_LIST, b);
    refused(b, "nested too deeply (limit 200)");
}

/* --- sameness --- */

static void sameness(void **state)
{
    (void)state;
    const struct ser *ints = parsed(NESTED(S_LIST, simple(S_INT))), *longs = parsed(NESTED(S_LIST, simple(S_LONG)));
    assert_true(ser_same(ints, parsed(NESTED(S_LIST, simple(S_INT)))));
    assert_false(ser_same(ints, longs));
    assert_true(ser_same(NULL, NULL));
    assert_false(ser_same(ints, NULL));
    struct buf old = {0}; /* another version of the snapshot is the same type */
    utf(&old, S_INT);
    u32(&old, 2);
    utf(&old, "x");
    assert_true(ser_same(ints->kids[0], parsed(old)));
    const struct ser *pair = parsed(TUPLE(simple(S_INT), simple(S_INT)));
    assert_false(ser_same(pair, parsed(TUPLE(simple(S_INT)))));
    assert_false(ser_same(pair, parsed(COMPOSITE(S_TUPLE, 1, text("zoo.Pair"), simple(S_INT), simple(S_INT)))));
    assert_false(ser_same(parsed(small_pojo("zoo.A", "x")), parsed(small_pojo("zoo.A", "y"))));
    assert_false(ser_same(parsed(small_pojo("zoo.A", "x")), parsed(small_pojo("zoo.B", "x"))));
    /* ser_make gives what a snapshot gives */
    assert_true(ser_same(ints, ser_make(&arena, S_LIST, 1, (struct ser *[]){ser_make(&arena, S_INT, 0, NULL)})));
    assert_null(ser_make(&arena, UNKNOWN, 0, NULL)->row);
}

/* --- the registry --- */

static void every_row(void **state)
{
    (void)state;
    const struct ser_row *all;
    uint32_t n = ser_rows(&all);
    unsigned core = 0;
    for (uint32_t i = 0; i < n; i++) {
        assert_ptr_equal(ser_find(all[i].snapshot_class), &all[i]); /* no class twice */
        if (!strstr(all[i].snapshot_class, "flink.api.common.") && !strstr(all[i].snapshot_class, "flink.api.java."))
            continue;
        core++;
        if (!met[i] && !strstr(all[i].snapshot_class, "kryo"))
            fail_msg("no value by %s was read in this test", all[i].snapshot_class);
    }
    assert_true(core > 50);
    assert_null(ser_find(""));
    assert_null(ser_find("org.apache.flink.api.common.typeutils.base.IntSerializer"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(simple_values),  cmocka_unit_test(malformed_values),  cmocka_unit_test(enums),
        cmocka_unit_test(collections),    cmocka_unit_test(composed),          cmocka_unit_test(rows),
        cmocka_unit_test(pojos),          cmocka_unit_test(subclasses_within), cmocka_unit_test(value_types),
        cmocka_unit_test(timers_and_ttl), cmocka_unit_test(lengths),           cmocka_unit_test(envelopes),
        cmocka_unit_test(too_few_nested), cmocka_unit_test(persisted),         cmocka_unit_test(unknown_in_a_tuple),
        cmocka_unit_test(deep_snapshots), cmocka_unit_test(sameness),          cmocka_unit_test(every_row),
    };
    return cmocka_run_group_tests(tests, NULL, tear_down);
}
