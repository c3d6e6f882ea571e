#include "runtime/state_sql.h"

#include <string.h>

#include "savepoint/ser_facts.h"

/* --- types --- */

/* By the names of serializers.def; of those that have one type. */
static const struct {
    const char *name, *type;
} plain[] = {
    {"Boolean", "BOOLEAN"},
    {"BooleanValue", "BOOLEAN"},
    {"Byte", "TINYINT"},
    {"ByteValue", "TINYINT"},
    {"Short", "SMALLINT"},
    {"ShortValue", "SMALLINT"},
    {"Integer", "INT"},
    {"IntValue", "INT"},
    {"Long", "BIGINT"},
    {"LongValue", "BIGINT"},
    {"SortedLong", "BIGINT"},
    {"Float", "FLOAT"},
    {"FloatValue", "FLOAT"},
    {"Double", "DOUBLE"},
    {"DoubleValue", "DOUBLE"},
    {"BigInteger", "DECIMAL(38, 0)"},
    {"BigDecimal", "DECIMAL(38, 18)"},
    {"Date", "TIMESTAMP_LTZ(3)"},
    {"java.sql.Date", "TIMESTAMP_LTZ(3)"}, /* the day depends on the JVM's time zone */
    {"java.sql.Time", "TIMESTAMP_LTZ(3)"},
    {"java.sql.Timestamp", "TIMESTAMP_LTZ(9)"},
    {"Instant", "TIMESTAMP_LTZ(9)"},
    {"LocalDate", "DATE"},
    {"LocalTime", "TIME(3)"},
    {"LocalDateTime", "TIMESTAMP(9)"},
    {"TimeWindow", "ROW<`start` BIGINT, `end` BIGINT>"},
    {"byte[]", "BYTES"},
    {"boolean[]", "ARRAY<BOOLEAN>"},
    {"short[]", "ARRAY<SMALLINT>"},
    {"int[]", "ARRAY<INT>"},
    {"long[]", "ARRAY<BIGINT>"},
    {"float[]", "ARRAY<FLOAT>"},
    {"double[]", "ARRAY<DOUBLE>"},
    {"char[]", "ARRAY<STRING>"},
    {"String[]", "ARRAY<STRING>"},
};

/* A type that is being made. Types of a hostile snapshot may hold each other many times over: behind so many of them, all are STRING. */
enum { PARTS = 4096 };
struct making {
    struct arena *a;
    uint32_t left;
};

static bool ends(struct making *m, unsigned depth) { return depth > TYPE_MAX_NESTING / 2 || !m->left || !m->left--; }

static const struct ltype *text_type(struct arena *a) { return type_length(a, L_VARCHAR, TYPE_MAX_LENGTH, true); }

static bool is(const struct ser *s, const char *name) { return !strcmp(s->row->name, name); }

/* Copies, or f0, f1 … */
static const char **names_of(struct arena *a, const char *const *names, uint32_t n)
{
    const char **to = arena_array(a, n + 1, sizeof *to);
    for (uint32_t i = 0; i < n; i++)
        to[i] = names ? arena_str(a, names[i]) : arena_printf(a, "f%u", i);
    return to;
}

static const struct ltype *leaf(struct arena *a, const struct ltype *t)
{
    struct ltype *copy = arena_alloc(a, sizeof *copy);
    *copy = *t;
    copy->nullable = true;
    copy->kind = t->kind ? arena_str(a, t->kind) : NULL;
    copy->ident = copy->cls = NULL;
    return copy;
}

/* A type of SQL's own state, without what SQL's texts cannot say. */
static const struct ltype *of_sql(struct making *m, const struct ltype *t, unsigned depth)
{
    struct arena *a = m->a;
    if (!t || ends(m, depth))
        return text_type(a);
    const struct ltype **kids = arena_array(a, t->n + 1, sizeof *kids);
    for (uint32_t i = 0; i < t->n; i++)
        kids[i] = of_sql(m, t->kids[i], depth + 1);
    switch (t->root) {
    case L_DISTINCT:
        return kids[0] ? kids[0] : text_type(a);
    case L_ARRAY:
        return type_of_kids(a, t->root, kids[0], NULL, true);
    case L_MAP:
        return type_of_kids(a, t->root, kids[0], kids[1], true);
    case L_MULTISET:
        return type_of_kids(a, L_MAP, kids[0], type_simple(a, L_INTEGER, true), true);
    case L_ROW:
    case L_STRUCTURED:
        return t->n ? type_row(a, names_of(a, t->names, t->n), kids, t->n, true) : text_type(a);
    case L_TIMESTAMP:
    case L_TIMESTAMP_LTZ:
        return t->precision >= 0 && t->precision <= 9 ? type_time(a, t->root, t->precision, NULL, true) : text_type(a);
    case L_DECIMAL:
        return t->precision >= 1 && t->precision <= 38 && t->scale >= 0 && t->scale <= t->precision
            ? type_decimal(a, t->precision, t->scale, true)
            : text_type(a);
    case L_TIME:
        return type_time(a, t->root, 3, NULL, true);
    case L_BINARY:
    case L_VARBINARY:
        return type_length(a, L_VARBINARY, TYPE_MAX_LENGTH, true);
    case L_CHAR:
    case L_VARCHAR:
    case L_UNKNOWN:
    case L_TIMESTAMP_TZ:
    case L_NULL:
    case L_RAW:
    case L_SYMBOL:
    case L_UNRESOLVED:
    case L_DESCRIPTOR:
    case L_VARIANT:
        return text_type(a);
    default:
        return leaf(a, t);
    }
}

static const struct ltype *type_at(struct making *m, const struct ser *s, unsigned depth);

static const struct ltype *row_type(struct making *m, const struct ser *s, unsigned depth)
{
    const struct ltype **kids = arena_array(m->a, s->n + 1, sizeof *kids);
    for (uint32_t i = 0; i < s->n; i++)
        kids[i] = type_at(m, s->kids[i], depth + 1);
    return s->n ? type_row(m->a, names_of(m->a, s->names, s->n), kids, s->n, true) : text_type(m->a);
}

static bool of_table(const struct ser *s)
{
    return is(s, "RowData") || is(s, "ArrayData") || is(s, "MapData") || is(s, "DecimalData") || is(s, "TimestampData");
}

static const struct ltype *table_type(struct making *m, const struct ser *s, unsigned depth)
{
    const struct rowdata_facts *f = s->extra;
    if (!f)
        return text_type(m->a);
    if (is(s, "DecimalData") || is(s, "TimestampData"))
        return of_sql(m, s->extra, depth);
    const struct ltype all = {.root = is(s, "RowData") ? L_ROW
                                  : is(s, "ArrayData") ? L_ARRAY
                                                       : L_MAP,
                              .n = f->types.n,
                              .kids = f->types.types};
    bool whole = all.n >= (all.root == L_MAP ? 2 : 1);
    return whole ? of_sql(m, &all, depth) : text_type(m->a);
}

static const struct ltype *type_at(struct making *m, const struct ser *s, unsigned depth)
{
    struct err e = {0};
    struct arena *a = m->a;
    if (!s || !s->row || ends(m, depth))
        return text_type(a);
    for (size_t i = 0; i < sizeof plain / sizeof *plain; i++)
        if (is(s, plain[i].name))
            return type_parse(a, plain[i].type, strlen(plain[i].type), &e);
    if (of_table(s))
        return table_type(m, s, depth);
    if ((is(s, "List") || is(s, "ArrayList") || is(s, "Set") || is(s, "Array")) && s->n == 1)
        return type_of_kids(a, L_ARRAY, type_at(m, s->kids[0], depth + 1), NULL, true);
    if (is(s, "Map") && s->n == 2) {
        const struct ltype *key = type_at(m, s->kids[0], depth + 1);
        return type_of_kids(a, L_MAP, key, type_at(m, s->kids[1], depth + 1), true);
    }
    if (is(s, "Tuple") || is(s, "CaseClass") || is(s, "Row") || is(s, "POJO"))
        return row_type(m, s, depth);
    if ((is(s, "Nullable") || is(s, "TtlAware") || is(s, "SingleThreadAccessChecking")) && s->n == 1)
        return type_at(m, s->kids[0], depth + 1);
    return is(s, "Ttl") && s->n == 2 ? type_at(m, s->kids[1], depth + 1) : text_type(a);
}

const struct ltype *state_sql_type(struct arena *a, const struct ser *s)
{
    struct making m = {a, PARTS};
    return type_at(&m, s, 0);
}
