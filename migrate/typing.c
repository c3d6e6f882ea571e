#include "migrate/typing.h"

#include <stdio.h>
#include <string.h>

#include "savepoint/rowdata.h"
#include "savepoint/ser_facts.h"

const char *typing_class_name(enum typing_class c)
{
    static const char *const names[] = {"a value",         "null",   "a truth value", "a whole number", "a number",
                                        "a decimal",       "a text", "a date",        "a time",         "a timestamp",
                                        "a point in time", "bytes",  "a list",        "a map",          "a structure"};
    return names[c];
}

/* --- what serializers are --- */

enum form { FORM_OTHER, FORM_FIELDS, FORM_LIST, FORM_MAP, FORM_INNER, FORM_SQL, FORM_SQL_ONE, FORM_AVRO, FORM_WINDOW };

/* By the rows' names (serializers.def). */
static const struct {
    const char *name;
    enum form form;
    enum typing_class cls;
} rows[] = {
    {"Boolean", FORM_OTHER, CLASS_BOOL},
    {"BooleanValue", FORM_OTHER, CLASS_BOOL},
    {"Byte", FORM_OTHER, CLASS_INT},
    {"ByteValue", FORM_OTHER, CLASS_INT},
    {"Short", FORM_OTHER, CLASS_INT},
    {"ShortValue", FORM_OTHER, CLASS_INT},
    {"Integer", FORM_OTHER, CLASS_INT},
    {"IntValue", FORM_OTHER, CLASS_INT},
    {"Long", FORM_OTHER, CLASS_INT},
    {"LongValue", FORM_OTHER, CLASS_INT},
    {"Float", FORM_OTHER, CLASS_REAL},
    {"FloatValue", FORM_OTHER, CLASS_REAL},
    {"Double", FORM_OTHER, CLASS_REAL},
    {"DoubleValue", FORM_OTHER, CLASS_REAL},
    {"Character", FORM_OTHER, CLASS_TEXT},
    {"String", FORM_OTHER, CLASS_TEXT},
    {"StringValue", FORM_OTHER, CLASS_TEXT},
    {"Enum", FORM_OTHER, CLASS_TEXT},
    {"ScalaEnum", FORM_OTHER, CLASS_TEXT},
    {"StringData", FORM_OTHER, CLASS_TEXT},
    {"BigInteger", FORM_OTHER, CLASS_DECIMAL},
    {"BigDecimal", FORM_OTHER, CLASS_DECIMAL},
    {"DecimalData", FORM_OTHER, CLASS_DECIMAL},
    {"LocalDate", FORM_OTHER, CLASS_DATE},
    {"LocalTime", FORM_OTHER, CLASS_TIME},
    {"LocalDateTime", FORM_OTHER, CLASS_TIMESTAMP},
    {"TimestampData", FORM_OTHER, CLASS_TIMESTAMP},
    {"Instant", FORM_OTHER, CLASS_INSTANT},
    {"Date", FORM_OTHER, CLASS_INSTANT},
    {"java.sql.Date", FORM_OTHER, CLASS_INSTANT},
    {"java.sql.Time", FORM_OTHER, CLASS_INSTANT},
    {"java.sql.Timestamp", FORM_OTHER, CLASS_INSTANT},
    {"byte[]", FORM_OTHER, CLASS_BYTES},
    {"List", FORM_LIST, CLASS_LIST},
    {"ArrayList", FORM_LIST, CLASS_LIST},
    {"LinkedList", FORM_LIST, CLASS_LIST},
    {"Set", FORM_LIST, CLASS_LIST},
    {"Array", FORM_LIST, CLASS_LIST},
    {"ListView", FORM_LIST, CLASS_LIST},
    {"Map", FORM_MAP, CLASS_MAP},
    {"NullAwareMap", FORM_MAP, CLASS_MAP},
    {"MapView", FORM_MAP, CLASS_MAP},
    {"POJO", FORM_FIELDS, CLASS_STRUCT},
    {"Tuple", FORM_FIELDS, CLASS_STRUCT},
    {"Row", FORM_FIELDS, CLASS_STRUCT},
    {"CaseClass", FORM_FIELDS, CLASS_STRUCT},
    {"Nullable", FORM_INNER, CLASS_ANY},
    {"Option", FORM_INNER, CLASS_ANY},
    {"RowData", FORM_SQL, CLASS_STRUCT},
    {"ArrayData", FORM_SQL_ONE, CLASS_LIST},
    {"MapData", FORM_SQL, CLASS_MAP},
    {"Avro", FORM_AVRO, CLASS_ANY},
    {"TimeWindow", FORM_WINDOW, CLASS_STRUCT},
    {"CountWindow", FORM_WINDOW, CLASS_STRUCT},
};

static size_t row_of(const struct ser *s)
{
    size_t n = sizeof rows / sizeof *rows;
    for (size_t i = 0; s->row && i < n; i++)
        if (!strcmp(rows[i].name, s->row->name))
            return i;
    return n;
}

static enum form form_of(const struct ser *s)
{
    size_t i = row_of(s);
    return i < sizeof rows / sizeof *rows ? rows[i].form : FORM_OTHER;
}

/* What windows have; all of it whole numbers (codec_window.c, codec_table.c). */
static const char *const window_fields[][2] = {{"start", "end"}, {"id"}};
static const char *const *window_of(const struct ser *s) { return window_fields[strcmp(s->row->name, "TimeWindow") != 0]; }

static const struct ltypes *ltypes_of(const struct ser *s)
{
    const struct rowdata_facts *f = s->extra;
    return &f->types;
}

static struct typing of_logical(const struct ltype *t)
{
    while (t && t->root == L_DISTINCT && t->n)
        t = t->kids[0];
    return t ? (struct typing){.of = TYPING_LOGICAL, .logical = t} : (struct typing){0};
}

/* The branch beside null, where there is just one. */
static struct typing of_avro(const struct avro *t)
{
    if (t && t->kind == AVRO_UNION && t->n == 2)
        for (uint32_t i = 0; i < 2; i++)
            if (t->types[i]->kind == AVRO_NULL)
                t = t->types[1 - i];
    return t ? (struct typing){.of = TYPING_AVRO, .avro = t} : (struct typing){0};
}

/* Through what values do not show. */
struct typing typing_bare(struct typing t)
{
    for (int depth = 0; t.of == TYPING_SER && depth < RD_MAX_DEPTH; depth++) {
        enum form form = form_of(t.ser);
        if (form == FORM_AVRO) {
            const struct avro_facts *f = t.ser->extra;
            return f ? of_avro(f->schema) : (struct typing){0};
        }
        if (form != FORM_INNER || !t.ser->n || !t.ser->kids[0])
            break;
        t = typing_ser(t.ser->kids[0]);
    }
    return t;
}

static enum typing_class class_of_logical(const struct ltype *t)
{
    switch (t->root) {
    case L_BOOLEAN:
        return CLASS_BOOL;
    case L_TINYINT:
    case L_SMALLINT:
    case L_INTEGER:
    case L_BIGINT:
        return CLASS_INT;
    case L_FLOAT:
    case L_DOUBLE:
        return CLASS_REAL;
    case L_DECIMAL:
        return CLASS_DECIMAL;
    case L_CHAR:
    case L_VARCHAR:
        return CLASS_TEXT;
    case L_DATE:
        return CLASS_DATE;
    case L_TIME:
        return CLASS_TIME;
    case L_TIMESTAMP:
        return CLASS_TIMESTAMP;
    case L_TIMESTAMP_LTZ:
        return CLASS_INSTANT;
    case L_BINARY:
    case L_VARBINARY:
        return CLASS_BYTES;
    case L_ARRAY:
        return CLASS_LIST;
    case L_MAP:
    case L_MULTISET:
        return CLASS_MAP;
    case L_ROW:
    case L_STRUCTURED:
        return CLASS_STRUCT;
    default:
        return CLASS_ANY;
    }
}

static enum typing_class class_of_avro(const struct avro *t)
{
    static const enum typing_class classes[] = {
        [AVRO_NULL] = CLASS_NULL,     [AVRO_BOOLEAN] = CLASS_BOOL, [AVRO_INT] = CLASS_INT,     [AVRO_LONG] = CLASS_INT,
        [AVRO_FLOAT] = CLASS_REAL,    [AVRO_DOUBLE] = CLASS_REAL,  [AVRO_BYTES] = CLASS_BYTES, [AVRO_STRING] = CLASS_TEXT,
        [AVRO_RECORD] = CLASS_STRUCT, [AVRO_ENUM] = CLASS_TEXT,    [AVRO_FIXED] = CLASS_BYTES, [AVRO_ARRAY] = CLASS_LIST,
        [AVRO_MAP] = CLASS_MAP,       [AVRO_UNION] = CLASS_ANY};
    return t->logical == AVRO_PLAIN ? classes[t->kind] : CLASS_ANY; /* shown as numbers or as texts, by the serializer */
}

enum typing_class typing_class(struct typing t)
{
    t = typing_bare(t);
    if (t.of == TYPING_LOGICAL)
        return class_of_logical(t.logical);
    if (t.of == TYPING_AVRO)
        return class_of_avro(t.avro);
    size_t i = t.of == TYPING_SER ? row_of(t.ser) : sizeof rows / sizeof *rows;
    return i < sizeof rows / sizeof *rows ? rows[i].cls : CLASS_ANY;
}

/* --- parts --- */

uint32_t typing_fields(struct typing t)
{
    t = typing_bare(t);
    if (typing_class(t) != CLASS_STRUCT)
        return 0;
    if (t.of == TYPING_LOGICAL)
        return t.logical->n;
    if (t.of == TYPING_AVRO)
        return t.avro->n;
    if (form_of(t.ser) == FORM_WINDOW)
        return window_of(t.ser)[1] ? 2 : 1;
    return form_of(t.ser) == FORM_SQL ? ltypes_of(t.ser)->n : t.ser->n;
}

const char *typing_field_name(struct typing t, uint32_t i, char made[16])
{
    t = typing_bare(t);
    const char *const *names = t.of == TYPING_LOGICAL ? (const char *const *)t.logical->names
        : t.of == TYPING_AVRO                         ? (const char *const *)t.avro->names
        : t.of == TYPING_SER                          ? (const char *const *)t.ser->names
                                                      : NULL;
    if (t.of == TYPING_SER && form_of(t.ser) == FORM_WINDOW)
        names = window_of(t.ser);
    if (names && names[i])
        return names[i];
    snprintf(made, 16, "f%u", i);
    return made;
}

bool typing_find(struct typing t, const char *name, uint32_t *i)
{
    char made[16];
    uint32_t n = typing_fields(t);
    for (*i = 0; *i < n; ++*i)
        if (!strcmp(typing_field_name(t, *i, made), name))
            return true;
    return false;
}

struct typing typing_field(struct typing t, uint32_t i)
{
    t = typing_bare(t);
    if (i >= typing_fields(t))
        return (struct typing){0};
    if (t.of == TYPING_LOGICAL)
        return of_logical(t.logical->kids[i]);
    if (t.of == TYPING_AVRO)
        return of_avro(t.avro->types[i]);
    if (form_of(t.ser) == FORM_WINDOW) {
        static const struct ltype whole = {.root = L_BIGINT};
        return of_logical(&whole);
    }
    return form_of(t.ser) == FORM_SQL ? of_logical(ltypes_of(t.ser)->types[i]) : typing_ser(t.ser->kids[i]);
}

static struct typing part(struct typing t, enum typing_class cls, uint32_t i)
{
    t = typing_bare(t);
    if (typing_class(t) != cls)
        return (struct typing){0};
    if (t.of == TYPING_LOGICAL)
        return i < t.logical->n ? of_logical(t.logical->kids[i]) : (struct typing){0};
    if (t.of == TYPING_AVRO)
        return t.avro->kind == AVRO_MAP ? (i ? of_avro(t.avro->types[0]) : (struct typing){0}) : of_avro(t.avro->types[0]);
    if (form_of(t.ser) == FORM_SQL || form_of(t.ser) == FORM_SQL_ONE)
        return i < ltypes_of(t.ser)->n ? of_logical(ltypes_of(t.ser)->types[i]) : (struct typing){0};
    return i < t.ser->n ? typing_ser(t.ser->kids[i]) : (struct typing){0};
}

struct typing typing_item(struct typing t) { return typing_class(t) == CLASS_MAP ? part(t, CLASS_MAP, 1) : part(t, CLASS_LIST, 0); }

struct value *typing_member(struct typing t, const struct value *v, uint32_t i)
{
    char made[16];
    if (v->kind == VAL_LIST)
        return value_item(v, i);
    struct value *found = value_member(v, typing_field_name(t, i, made));
    struct value *fields = found ? NULL : value_member(v, "fields");
    return fields && fields->kind == VAL_LIST ? value_item(fields, i) : found;
}

void typing_text(struct typing t, struct buf *b)
{
    if (t.of == TYPING_SER)
        ser_type(t.ser, b);
    else if (t.of == TYPING_LOGICAL)
        ltype_text(t.logical, LTYPE_SUMMARY, b->n + 200, b);
    else if (t.of == TYPING_AVRO)
        buf_printf(b, "Avro %s", t.avro->name ? t.avro->name : typing_class_name(class_of_avro(t.avro)));
    else
        buf_puts(b, "unknown");
}
