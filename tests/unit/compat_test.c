/* Flink's verdict over serializers and states: the cases that real Flink was asked (1.20, 2.3), built from rows of the registry. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <string.h>

#include "inspect/compat.h"
#include "savepoint/ser_facts.h"

#define BASE "org.apache.flink.api.common.typeutils.base."
#define RUNT "org.apache.flink.api.java.typeutils.runtime."
#define TYPES "org.apache.flink.table.runtime.typeutils."
#define GENERIC "org.apache.avro.generic.GenericRecord"

static struct arena arena;

static struct ser *node(const char *cls, uint32_t n, struct ser **kids) { return ser_make(&arena, cls, n, kids); }
static struct ser *simple(const char *name)
{
    return node(arena_printf(&arena, BASE "%sSerializer$%sSerializerSnapshot", name, name), 0, NULL);
}
static struct ser *integer(void) { return simple("Int"); }
static struct ser *longs(void) { return simple("Long"); }
static struct ser *string(void) { return simple("String"); }

static struct ser *of(const char *cls, struct ser *a, struct ser *b)
{
    struct ser *kids[] = {a, b};
    return node(cls, b ? 2 : 1, kids);
}

static struct ser *list(struct ser *e) { return of(BASE "ListSerializerSnapshot", e, NULL); }
static struct ser *map(struct ser *k, struct ser *v) { return of(BASE "MapSerializerSnapshot", k, v); }
static struct ser *nullable(struct ser *e) { return of(RUNT "NullableSerializer$NullableSerializerSnapshot", e, NULL); }
static struct ser *tuple(struct ser *a, struct ser *b) { return of(RUNT "TupleSerializerSnapshot", a, b); }
static struct ser *row(struct ser *a, struct ser *b) { return of(RUNT "RowSerializer$RowSerializerSnapshot", a, b); }

static struct ser *with(struct ser *s, const char *cls, const char *attr, const char *value)
{
    struct ser_attr *attrs = arena_array(&arena, 1, sizeof *attrs);
    attrs[0] = (struct ser_attr){attr, value};
    s->cls = cls;
    s->n_attrs = attr ? 1 : 0;
    s->attrs = attrs;
    return s;
}

/* "a", type, "b", type, …, END */
#define END ((const char *)NULL)
static struct ser *pojo(const char *cls, ...)
{
    const char *names[8] = {0};
    struct ser *kids[8] = {0};
    uint32_t n = 0;
    va_list ap;
    va_start(ap, cls);
    for (const char *name; n < 8 && (name = va_arg(ap, const char *));) {
        names[n] = name;
        kids[n++] = va_arg(ap, struct ser *);
    }
    va_end(ap);
    struct ser *s = node(RUNT "PojoSerializerSnapshot", n, kids);
    s->names = arena_array(&arena, n, sizeof *s->names);
    memcpy(s->names, names, n * sizeof *names);
    return with(s, cls, NULL, NULL);
}

static struct ser *enumeration(const char *constants)
{
    return with(node(BASE "EnumSerializer$EnumSerializerSnapshot", 0, NULL), "x.E", "constants", constants);
}
static struct ser *avro(const char *cls, const char *schema)
{
    return with(node("org.apache.flink.formats.avro.typeutils.AvroSerializerSnapshot", 0, NULL), cls, "schema", schema);
}
static struct ser *kryo(const char *cls, const char *registered)
{
    return with(node(RUNT "kryo.KryoSerializerSnapshot", 0, NULL), cls, registered ? "registered" : NULL, registered);
}
static struct ser *rowdata(const char *label, struct ser *a, struct ser *b)
{
    struct ser *s = of(TYPES "RowDataSerializer$RowDataSerializerSnapshot", a, b);
    s->label = label;
    return s;
}
static struct ser *decimal(const char *label)
{
    struct ser *s = node(TYPES "DecimalDataSerializer$DecimalSerializerSnapshot", 0, NULL);
    s->label = label;
    return s;
}
static struct ser *array_of(const char *cls, struct ser *e)
{
    return with(of(BASE "GenericArraySerializerSnapshot", e, NULL), cls, NULL, NULL);
}

static const struct compat_target heap120 = {FLINK(1, 20), BACKEND_HASHMAP}, rocks120 = {FLINK(1, 20), BACKEND_ROCKSDB},
                                  rocks23 = {FLINK(2, 3), BACKEND_ROCKSDB}, any23 = {FLINK(2, 3), BACKEND_ANY};

static void expect(enum verdict want, const char *why, struct compat c)
{
    if (c.verdict != want || !strstr(c.why, why))
        fail_msg("%s (%s), not %s (%s)", verdict_name(c.verdict), c.why, verdict_name(want), why);
}

static void types(enum verdict want, const char *why, struct ser *old, struct ser *new)
{
    expect(want, why, compat_types(old, new, "value", &rocks120, &arena));
}

static void scalars(void **state)
{
    (void)state;
    types(VERDICT_AS_IS, "unchanged", longs(), longs());
    types(VERDICT_INCOMPATIBLE, "value: Integer became Long", integer(), longs());
    types(VERDICT_INCOMPATIBLE, "value: String became Integer", string(), integer());
    types(VERDICT_AS_IS, "unchanged", ser_make_unknown(&arena, "x.Own"), ser_make_unknown(&arena, "x.Own"));
    types(VERDICT_INCOMPATIBLE, "value", ser_make_unknown(&arena, "x.Own"), ser_make_unknown(&arena, "x.Other"));
}

/* A POJO x.P with one field, declared in that class, and one registered subclass. */
static struct ser *derived(const char *declaring, struct ser *field, struct ser *subclass)
{
    struct ser *s = pojo("x.P", "a", field, END);
    struct pojo_facts *f = arena_alloc(&arena, sizeof *f);
    f->declaring = arena_array(&arena, 1, sizeof *f->declaring);
    f->declaring[0] = declaring;
    f->registered = arena_array(&arena, 1, sizeof *f->registered);
    f->registered[0] = (struct pojo_subclass){"x.S", subclass};
    f->n_registered = 1;
    s->extra = f;
    return s;
}

static void pojos_know_more_than_fields(void **state)
{
    (void)state;
    struct ser *s = pojo("x.S", "b", longs(), END), *more = pojo("x.S", "b", longs(), "c", longs(), END);
    types(VERDICT_AS_IS, "unchanged", derived("x.P", longs(), s), derived("x.Base", longs(), s));
    types(VERDICT_AFTER_MIGRATION, "value.a: the field moved down from class x.Base to x.P", derived("x.Base", longs(), s),
          derived("x.P", longs(), s));
    types(VERDICT_AFTER_MIGRATION, "value as x.S.c: the field was added", derived("x.P", longs(), s),
          derived("x.P", longs(), more));
    types(VERDICT_INCOMPATIBLE, "value as x.S.b", derived("x.P", longs(), s),
          derived("x.P", longs(), pojo("x.S", "b", string(), END)));
    types(VERDICT_INCOMPATIBLE, "value: class x.P is not in the jar", derived("x.P", longs(), s),
          with(pojo("x.P", END), "x.P", "gone", "class x.P is not in the jar"));
}

static void pojos(void **state)
{
    (void)state;
    struct ser *ab = pojo("x.P", "a", longs(), "b", string(), END);
    types(VERDICT_AS_IS, "unchanged", ab, pojo("x.P", "b", string(), "a", longs(), END));
    types(VERDICT_AFTER_MIGRATION, "value.c: the field was added", ab,
          pojo("x.P", "a", longs(), "b", string(), "c", integer(), END));
    types(VERDICT_AFTER_MIGRATION, "value.b: the field was removed", ab, pojo("x.P", "a", longs(), END));
    types(VERDICT_INCOMPATIBLE, "value.b: String became Integer", ab, pojo("x.P", "a", longs(), "b", integer(), END));
    types(VERDICT_INCOMPATIBLE, "value.b", ab, pojo("x.P", "b", integer(), "c", longs(), END)); /* the worst is told */
    types(VERDICT_INCOMPATIBLE, "class x.P became x.Q", ab, pojo("x.Q", "a", longs(), "b", string(), END));
    types(VERDICT_INCOMPATIBLE, "POJO", ab, kryo("x.P", NULL));
    types(VERDICT_AFTER_MIGRATION, "value.p.c: the field was added", pojo("x.O", "p", ab, END),
          pojo("x.O", "p", pojo("x.P", "a", longs(), "b", string(), "c", longs(), END), END));
    types(VERDICT_RECONFIGURED, "registered", with(pojo("x.P", END), "x.P", "registered subclass", "x.A"),
          with(pojo("x.P", END), "x.P", "registered subclass", "x.B"));
    types(VERDICT_AS_IS, "unchanged", pojo("x.P", END), with(pojo("x.P", END), "x.P", "registered subclass", "x.A"));
    types(VERDICT_AS_IS, "unchanged", with(pojo("x.P", END), "x.P", "subclass", "x.A"), pojo("x.P", END));
    types(VERDICT_INCOMPATIBLE, "Flink 2 gives collections in POJOs", pojo("x.P", "l", kryo("java.util.List", NULL), END),
          pojo("x.P", "l", nullable(list(nullable(string()))), END));
}

static void composites(void **state)
{
    (void)state;
    struct ser *p1 = pojo("x.P", "a", longs(), END), *p2 = pojo("x.P", "a", longs(), "b", longs(), END);
    types(VERDICT_AS_IS, "unchanged", list(longs()), list(longs()));
    types(VERDICT_INCOMPATIBLE, "value[]: Integer became Long", list(integer()), list(longs()));
    types(VERDICT_AFTER_MIGRATION, "value[].b", list(p1), list(p2));
    types(VERDICT_INCOMPATIBLE, "value.key: Integer became Long", map(integer(), string()), map(longs(), string()));
    types(VERDICT_AFTER_MIGRATION, "value.value.b", map(string(), p1), map(string(), p2));
    types(VERDICT_INCOMPATIBLE, "List<Integer> became Map", list(integer()), map(integer(), integer()));
    types(VERDICT_AS_IS, "unchanged", tuple(longs(), string()), tuple(longs(), string()));
    types(VERDICT_INCOMPATIBLE, "1 fields became 2", of(RUNT "TupleSerializerSnapshot", longs(), NULL), tuple(longs(), longs()));
    types(VERDICT_INCOMPATIBLE, "value.f1: String became Long", tuple(longs(), string()), tuple(longs(), longs()));
    types(VERDICT_INCOMPATIBLE, "1 fields became 2", of(RUNT "RowSerializer$RowSerializerSnapshot", longs(), NULL),
          row(longs(), longs()));
    types(VERDICT_INCOMPATIBLE, "value.f0: Integer became Long", row(integer(), string()), row(longs(), string()));
    struct ser *before_1_11 = row(longs(), string());
    before_1_11->outer_version = 2;
    types(VERDICT_AFTER_MIGRATION, "row kind", before_1_11, row(longs(), string()));
    types(VERDICT_INCOMPATIBLE, "class x.A became x.B", array_of("x.A", longs()), array_of("x.B", longs()));
    types(VERDICT_AFTER_MIGRATION, "value.b", nullable(p1), nullable(p2));
    types(VERDICT_INCOMPATIBLE, "Long became Nullable", longs(), nullable(longs()));
    struct ser *padded = nullable(longs()), *other = nullable(longs());
    padded->length = 9;
    other->length = 13;
    types(VERDICT_INCOMPATIBLE, "null values had 9 bytes and have 13", padded, other);
}

static void enums(void **state)
{
    (void)state;
    types(VERDICT_AS_IS, "unchanged", enumeration("A B"), enumeration("A B"));
    types(VERDICT_RECONFIGURED, "constant C was added", enumeration("A B"), enumeration("A B C"));
    types(VERDICT_RECONFIGURED, "another order", enumeration("A B"), enumeration("B A"));
    types(VERDICT_INCOMPATIBLE, "constant B of Enum was removed or renamed", enumeration("A B"), enumeration("A BB"));
    types(VERDICT_RECONFIGURED, "registered for Kryo", kryo("x.K", "x.A"), kryo("x.K", NULL));
    types(VERDICT_AS_IS, "unchanged", kryo("x.K", "x.A"), kryo("x.K", "x.A"));
    types(VERDICT_INCOMPATIBLE, "class x.K became x.L", kryo("x.K", NULL), kryo("x.L", NULL));
}

static void sql(void **state)
{
    (void)state;
    types(VERDICT_AS_IS, "unchanged", rowdata("ROW<INT, BIGINT>", integer(), longs()),
          rowdata("ROW<INT, BIGINT>", integer(), longs()));
    types(VERDICT_INCOMPATIBLE, "column 2: DECIMAL(10, 2) became DECIMAL(12, 2)",
          rowdata("ROW<INT, DECIMAL(10, 2)>", integer(), longs()), rowdata("ROW<INT, DECIMAL(12, 2)>", integer(), longs()));
    types(VERDICT_INCOMPATIBLE, "column 1: INT became INT NOT NULL", rowdata("ROW<INT, BIGINT>", integer(), longs()),
          rowdata("ROW<INT NOT NULL, BIGINT>", integer(), longs()));
    types(VERDICT_INCOMPATIBLE, "2 columns became 1", rowdata("ROW<INT, BIGINT>", integer(), longs()),
          rowdata("ROW<INT>", integer(), NULL));
    types(VERDICT_INCOMPATIBLE, "DECIMAL(10, 2) became DECIMAL(12, 2)", decimal("DECIMAL(10, 2)"), decimal("DECIMAL(12, 2)"));
}

#define RECORD(fields) "{\"type\":\"record\",\"name\":\"R\",\"namespace\":\"x\",\"fields\":[" fields "]}"
#define FIELD(name, type) "{\"name\":\"" name "\",\"type\":" type "}"
#define FIELD_D(name, type, d) "{\"name\":\"" name "\",\"type\":" type ",\"default\":" d "}"
#define INT "\"int\""
#define LONG "\"long\""
#define STRING "\"string\""
#define ENUM(symbols) "{\"type\":\"enum\",\"name\":\"E\",\"symbols\":[" symbols "]}"

static void resolves(enum verdict heap, enum verdict rocks, const char *why, const char *old, const char *new)
{
    expect(heap, heap == rocks ? why : "", compat_types(avro(GENERIC, old), avro(GENERIC, new), "value", &heap120, &arena));
    expect(rocks, why, compat_types(avro(GENERIC, old), avro(GENERIC, new), "value", &rocks120, &arena));
}

static void avros(void **state)
{
    (void)state;
    const enum verdict as_is = VERDICT_AS_IS, migrates = VERDICT_AFTER_MIGRATION, not = VERDICT_INCOMPATIBLE;
    const char *id = RECORD(FIELD("id", INT)), *both = RECORD(FIELD("id", INT) "," FIELD("name", STRING));
    resolves(as_is, as_is, "unchanged", id, id);
    resolves(as_is, as_is, "unchanged", id,
             "{\"doc\":\"more\","
             "\"type\":\"record\",\"name\":\"x.R\",\"fields\":[{\"type\":\"int\",\"name\":\"id\"}]}");
    resolves(migrates, not, "the old records have no field at its position", id,
             RECORD(FIELD("id", INT) "," FIELD_D("n", INT, "0")));
    resolves(not, not, "R.n: a field without a default was added", id, RECORD(FIELD("id", INT) "," FIELD("n", INT)));
    resolves(migrates, migrates, "resolves", both, id);
    resolves(migrates, migrates, "resolves", id, RECORD(FIELD("id", LONG)));
    resolves(not, not, "R.id: long became int", RECORD(FIELD("id", LONG)), id);
    resolves(migrates, migrates, "resolves", RECORD(FIELD("e", ENUM("\"A\""))), RECORD(FIELD("e", ENUM("\"A\",\"B\""))));
    resolves(not, not, "the symbol B was removed", RECORD(FIELD("e", ENUM("\"A\",\"B\""))), RECORD(FIELD("e", ENUM("\"A\""))));
    resolves(migrates, migrates, "resolves", id, RECORD(FIELD("id", "[\"null\",\"int\"]")));
    resolves(migrates, not, "no branch of the new union is of type int", id, RECORD(FIELD("id", "[\"null\",\"long\"]")));
    resolves(not, not, "R.id", RECORD(FIELD("id", "[\"null\",\"int\"]")), id);
    resolves(migrates, migrates, "resolves", RECORD(FIELD("a", INT)),
             RECORD("{\"name\":\"b\",\"aliases\":[\"a\"],\"type\":\"int\"}"));
    resolves(not, not, "x.R became x.S", id, "{\"type\":\"record\",\"name\":\"x.S\",\"fields\":[" FIELD("id", INT) "]}");
    resolves(migrates, not, "a string is written as bytes", RECORD(FIELD("s", STRING)), RECORD(FIELD("s", "\"bytes\"")));
    resolves(not, not, "not JSON", id, "{");
    /* a generated class holds its records in the new form already */
    expect(migrates, "resolves",
           compat_types(avro("x.R", id), avro("x.R", RECORD(FIELD("id", INT) "," FIELD_D("n", INT, "0"))), "value", &rocks120,
                        &arena));
    /* the first of two fields of one type is gone: RocksDB gives the second one's name the first one's values */
    struct compat c = compat_types(avro(GENERIC, RECORD(FIELD("a", INT) "," FIELD("b", INT))),
                                   avro(GENERIC, RECORD(FIELD("b", INT))), "value", &rocks120, &arena);
    expect(migrates, "resolves", c);
    assert_non_null(c.danger);
    assert_non_null(strstr(c.danger, "R.b gets what a held"));
    /* schemas that contain themselves */
    const char *tree = RECORD(FIELD("next", "[\"null\",\"R\"]") "," FIELD("v", INT));
    resolves(as_is, as_is, "unchanged", tree, RECORD(FIELD("next", "[\"null\",\"x.R\"]") "," FIELD("v", INT)));
    resolves(migrates, migrates, "resolves", tree, RECORD(FIELD("next", "[\"null\",\"R\"]") "," FIELD("v", LONG)));
}

/* --- states --- */

static struct layout_state state_of(enum state_kind kind, struct ser *user_key, struct ser *element)
{
    return (struct layout_state){.name = "s", .kind = kind, .user_key = user_key, .element = element, .value = element};
}

static void states(void **unused)
{
    (void)unused;
    struct ser *p1 = pojo("x.P", "a", longs(), END), *p2 = pojo("x.P", "a", longs(), "b", longs(), END);
    struct layout_state value = state_of(KIND_VALUE, NULL, string()), list_ = state_of(KIND_LIST, NULL, string());
    expect(VERDICT_INCOMPATIBLE, "a VALUE state became a LIST state", compat_state(&value, &list_, &rocks120, &arena));
    struct layout_state old = state_of(KIND_MAP, p1, longs()), new = state_of(KIND_MAP, p2, longs());
    expect(VERDICT_INCOMPATIBLE, "Flink does not migrate the keys of maps in RocksDB", compat_state(&old, &new, &rocks120, &arena));
    expect(VERDICT_AFTER_MIGRATION, "user key.b", compat_state(&old, &new, &heap120, &arena));
    old = state_of(KIND_TIMERS, NULL, p1);
    new = state_of(KIND_TIMERS, NULL, p2);
    expect(VERDICT_INCOMPATIBLE, "does not migrate timers", compat_state(&old, &new, &heap120, &arena));
    old = state_of(KIND_OPERATOR_LIST, NULL, p1);
    new = state_of(KIND_OPERATOR_LIST, NULL, p2);
    expect(VERDICT_AFTER_MIGRATION, "element.b", compat_state(&old, &new, &rocks23, &arena));
    old.mode = OP_UNION;
    expect(VERDICT_INCOMPATIBLE, "the list was UNION and is SPLIT_DISTRIBUTE", compat_state(&old, &new, &rocks23, &arena));
    old = state_of(KIND_BROADCAST, string(), integer());
    new = state_of(KIND_BROADCAST, string(), longs());
    expect(VERDICT_INCOMPATIBLE, "Integer became Long", compat_state(&old, &new, &rocks23, &arena));
    old = state_of(KIND_VALUE, NULL, longs());
    new = old;
    old.ns = p1;
    new.ns = p2;
    expect(VERDICT_INCOMPATIBLE, "namespaces", compat_state(&old, &new, &rocks23, &arena));
    new.ns = NULL;
    expect(VERDICT_INCOMPATIBLE, "the namespace is gone", compat_state(&old, &new, &rocks23, &arena));
    old.ns = NULL;
    new.v2 = true;
    expect(VERDICT_AS_IS, "unchanged", compat_state(&old, &new, &rocks23, &arena));
    expect(VERDICT_INCOMPATIBLE, "API", compat_state(&old, &new, &rocks120, &arena));
}

static void ttl(void **unused)
{
    (void)unused;
    struct layout_state off = state_of(KIND_VALUE, NULL, string()), on = off;
    on.ttl = true;
    expect(VERDICT_INCOMPATIBLE, "TTL was turned on", compat_state(&off, &on, &heap120, &arena));
    expect(VERDICT_INCOMPATIBLE, "TTL was turned off", compat_state(&on, &off, &rocks120, &arena));
    expect(VERDICT_AFTER_MIGRATION, "TTL was turned on", compat_state(&off, &on, &any23, &arena));
    expect(VERDICT_AFTER_MIGRATION, "TTL was turned off", compat_state(&on, &off, &rocks23, &arena));
    expect(VERDICT_AS_IS, "unchanged", compat_state(&on, &on, &heap120, &arena));
}

static void keys(void **unused)
{
    (void)unused;
    struct ser *p1 = pojo("x.P", "a", longs(), END), *p2 = pojo("x.P", "a", longs(), "b", longs(), END);
    expect(VERDICT_INCOMPATIBLE, "key.b: the field was added; Flink does not migrate keys", compat_keys(p1, p2, &heap120, &arena));
    expect(VERDICT_INCOMPATIBLE, "key: Integer became Long", compat_keys(integer(), longs(), &rocks23, &arena));
    expect(VERDICT_RECONFIGURED, "key", compat_keys(enumeration("A"), enumeration("A B"), &rocks23, &arena));
    expect(VERDICT_AS_IS, "unchanged", compat_keys(longs(), NULL, &rocks23, &arena));
}

static void versions(void **unused)
{
    (void)unused;
    assert_int_equal(flink_version("1.20"), FLINK(1, 20));
    assert_int_equal(flink_version("1.20.5"), FLINK(1, 20));
    assert_int_equal(flink_version("2.3-SNAPSHOT"), FLINK(2, 3));
    assert_int_equal(flink_version("2"), 0);
    assert_int_equal(flink_version("x.1"), 0);
    assert_int_equal(flink_version("1.x"), 0);
    assert_int_equal(flink_of_metadata(4), FLINK(1, 20));
    assert_int_equal(flink_reads_metadata(6), FLINK(2, 1));
    assert_int_equal(derived_max_parallelism(1), 128);
    assert_int_equal(derived_max_parallelism(85), 128);
    assert_int_equal(derived_max_parallelism(86), 256);
    assert_int_equal(derived_max_parallelism(30000), 32768);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scalars),    cmocka_unit_test(pojos),    cmocka_unit_test(pojos_know_more_than_fields),
        cmocka_unit_test(composites), cmocka_unit_test(enums),    cmocka_unit_test(sql),
        cmocka_unit_test(avros),      cmocka_unit_test(states),   cmocka_unit_test(ttl),
        cmocka_unit_test(keys),       cmocka_unit_test(versions),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    arena_free(&arena);
    return failed;
}
