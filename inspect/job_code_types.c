/* Types as a job's code says them: Types.LONG, TypeInformation.of(…), new ListTypeInfo<>(…), LongSerializer.INSTANCE. */
#include <string.h>

#include "inspect/job_code.h"
#include "savepoint/ser_write.h"

#define TYPEINFO "org.apache.flink.api.common.typeinfo."
#define TYPEUTILS "org.apache.flink.api.java.typeutils."
#define BASE "org.apache.flink.api.common.typeutils.base."

enum { DEPTH_MAX = 30, STEPS_MAX = 10000, FIELDS_MAX = 64 };

struct types {
    const struct job_given *given;
    struct arena *a;
    unsigned depth, steps;
};

static const struct ser *type_of(struct types *t, const struct code_node *v, const struct ser *old);

static bool starts(const char *s, const char *with) { return !strncmp(s, with, strlen(with)); }
static bool is_a(const struct ser *s, const char *name) { return s && s->row && !strcmp(s->row->name, name); }

/* The serializers' trees are not changed by whoever makes others of them. */
static struct ser *part(const struct ser *s) { return (struct ser *)(uintptr_t)s; }

static const struct ser *kid(const struct ser *old, const char *name, uint32_t i)
{
    return is_a(old, name) && i < old->n ? old->kids[i] : NULL;
}

/* --- constants: fields that stand for a type --- */

static const char *constant_class(const struct code_node *v)
{
    static const struct {
        const char *name, *cls;
    } names[] = {{"STRING", "java.lang.String"},
                 {"BOOLEAN", "java.lang.Boolean"},
                 {"BYTE", "java.lang.Byte"},
                 {"SHORT", "java.lang.Short"},
                 {"INT", "java.lang.Integer"},
                 {"LONG", "java.lang.Long"},
                 {"FLOAT", "java.lang.Float"},
                 {"DOUBLE", "java.lang.Double"},
                 {"CHAR", "java.lang.Character"},
                 {"BIG_DEC", "java.math.BigDecimal"},
                 {"BIG_INT", "java.math.BigInteger"},
                 {"SQL_DATE", "java.sql.Date"},
                 {"SQL_TIME", "java.sql.Time"},
                 {"SQL_TIMESTAMP", "java.sql.Timestamp"},
                 {"LOCAL_DATE", "java.time.LocalDate"},
                 {"LOCAL_TIME", "java.time.LocalTime"},
                 {"INSTANT", "java.time.Instant"},
                 {"LOCAL_DATE_TIME", "java.time.LocalDateTime"},
                 {"VOID", "java.lang.Void"},
                 {"DATE", "java.util.Date"},
                 {"TIME", "java.sql.Time"},
                 {"TIMESTAMP", "java.sql.Timestamp"}};
    static const char tail[] = "_TYPE_INFO";
    size_t n = strlen(v->name);
    bool types = !strcmp(v->owner, TYPEINFO "Types"), basic = !strcmp(v->owner, TYPEINFO "BasicTypeInfo");
    bool local = !strcmp(v->owner, TYPEINFO "LocalTimeTypeInfo"), sql = !strcmp(v->owner, TYPEINFO "SqlTimeTypeInfo");
    if (!types && !basic && !local && !sql)
        return NULL;
    if (sql && !strcmp(v->name, "DATE"))
        return "java.sql.Date";
    if (basic)
        n = n > strlen(tail) && !strcmp(v->name + n - strlen(tail), tail) ? n - strlen(tail) : 0;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strlen(names[i].name) == n && !memcmp(names[i].name, v->name, n))
            return names[i].cls;
    return NULL;
}

static const struct ser *class_type(struct types *t, const struct java_type *type, const struct ser *old)
{
    const struct ser *s = type ? job_type_ser(t->given, type, old, t->a) : NULL;
    const char *unknown;
    return s && !ser_unknown(s, &unknown) ? s : NULL;
}

static const struct ser *named(struct types *t, const char *cls, const struct ser *old)
{
    return class_type(t, java_type_of_name(cls, t->a), old);
}

/* PrimitiveArrayTypeInfo.INT_PRIMITIVE_ARRAY_TYPE_INFO */
static const struct ser *primitive_array(struct types *t, const char *name)
{
    static const char *const names[] = {"BOOLEAN", "BYTE", "SHORT", "INT", "LONG", "FLOAT", "DOUBLE", "CHAR"};
    static const char *const arrays[] = {"[Z", "[B", "[S", "[I", "[J", "[F", "[D", "[C"};
    const char *end = strchr(name, '_');
    for (size_t i = 0; end && i < sizeof names / sizeof *names; i++)
        if (strlen(names[i]) == (size_t)(end - name) && starts(name, names[i]))
            return named(t, arrays[i], NULL);
    return NULL;
}

static const struct ser *constant(struct types *t, const struct code_node *v, const struct ser *old)
{
    const char *cls = constant_class(v);
    if (cls)
        return named(t, cls, old);
    if (!strcmp(v->owner, TYPEINFO "PrimitiveArrayTypeInfo"))
        return primitive_array(t, v->name);
    if (strcmp(v->name, "INSTANCE") != 0 || !starts(v->owner, BASE))
        return NULL;
    const char *snapshot = arena_printf(t->a, "%s$%sSnapshot", v->owner, strrchr(v->owner, '.') + 1);
    return ser_find(snapshot) ? ser_make(t->a, snapshot, 0, NULL) : NULL;
}

/* --- composites --- */

static const char *class_name(const struct job_given *given, const struct code_node *v)
{
    v = job_code_resolve(given->code, v);
    return v->kind == CODE_CLASS ? v->owner : NULL;
}

static const struct ser *list(struct types *t, const struct code_node *of, const struct ser *old)
{
    const struct ser *element = type_of(t, of, kid(old, "List", 0));
    return element ? ser_list(t->a, part(element)) : NULL;
}

static const struct ser *map(struct types *t, const struct code_node *k, const struct code_node *v, const struct ser *old)
{
    const struct ser *key = type_of(t, k, kid(old, "Map", 0)), *value = key ? type_of(t, v, kid(old, "Map", 1)) : NULL;
    return value ? ser_map(t->a, part(key), part(value)) : NULL;
}

static const struct ser *fields(struct types *t, const struct code_node *array, const struct ser *old, bool row)
{
    struct ser *kids[FIELDS_MAX];
    array = job_code_resolve(t->given->code, array);
    if (array->kind != CODE_ARRAY || array->n > FIELDS_MAX || (!row && array->n > 25))
        return NULL;
    for (uint32_t i = 0; i < array->n; i++) {
        const struct ser *s = array->args[i] ? type_of(t, array->args[i], kid(old, row ? "Row" : "Tuple", i)) : NULL;
        if (!s)
            return NULL;
        kids[i] = part(s);
    }
    return row ? ser_row(t->a, kids, array->n) : ser_tuple(t->a, kids, array->n);
}

/* new TypeHint<List<String>>() {}: what its class says. */
static const struct ser *hint(struct types *t, const char *cls, const struct ser *old)
{
    const char *why;
    const struct class_file *c = jar_class(t->given->jar, cls, &why);
    bool is = c && c->super && !strcmp(c->super, TYPEINFO "TypeHint") && c->type.super && c->type.super->n == 1;
    return is ? class_type(t, c->type.super->args[0], old) : NULL;
}

/* new Schema.Parser().parse("…") */
static const struct ser *avro_record(struct types *t, const struct code_node *schema)
{
    struct err quiet = {0};
    schema = job_code_resolve(t->given->code, schema);
    if (schema->kind != CODE_CALL || strcmp(schema->name, "parse") != 0 || schema->n != 1)
        return NULL;
    const struct code_node *text = job_code_resolve(t->given->code, schema->args[0]);
    return text->kind == CODE_STRING ? ser_avro(t->a, NULL, text->name, &quiet) : NULL;
}

static const struct ser *generic(struct types *t, const struct code_node *v, const struct ser *old)
{
    const char *cls = class_name(t->given, v);
    return cls ? job_generic_ser(t->given, cls, old, t->a) : NULL;
}

static const struct ser *object(struct types *t, const struct code_node *v, const struct ser *old)
{
    bool utils = starts(v->owner, TYPEUTILS) || starts(v->owner, BASE) || starts(v->owner, TYPEUTILS "runtime.");
    const char *simple = strrchr(v->owner, '.');
    simple = simple ? simple + 1 : v->owner;
    if (!utils)
        return starts(v->owner, "org.apache.flink.formats.avro.") && v->n == 1 ? !strcmp(simple, "GenericRecordAvroTypeInfo")
                ? avro_record(t, v->args[0])
                : !strcmp(simple, "AvroTypeInfo") ? type_of(t, v->args[0], old)
                                                  : NULL
                                                                               : hint(t, v->owner, old);
    if (v->n == 1 && (!strcmp(simple, "ListTypeInfo") || !strcmp(simple, "ListSerializer")))
        return list(t, v->args[0], old);
    if (v->n == 2 && (!strcmp(simple, "MapTypeInfo") || !strcmp(simple, "MapSerializer")))
        return map(t, v->args[0], v->args[1], old);
    if (v->n == 1 && !strcmp(simple, "GenericTypeInfo"))
        return generic(t, v->args[0], old);
    if (v->n == 1 && !strcmp(simple, "EnumTypeInfo"))
        return type_of(t, v->args[0], old);
    if (v->n == 1 && (!strcmp(simple, "TupleTypeInfo") || !strcmp(simple, "RowTypeInfo")))
        return fields(t, v->args[0], old, *simple == 'R');
    return NULL;
}

/* Types.LIST(…) and its like. */
static const struct ser *of_types(struct types *t, const struct code_node *v, const struct ser *old)
{
    const char *name = v->name;
    if (v->n == 1 && (!strcmp(name, "POJO") || !strcmp(name, "ENUM") || !strcmp(name, "VALUE")))
        return type_of(t, v->args[0], old);
    if (v->n == 1 && !strcmp(name, "GENERIC"))
        return generic(t, v->args[0], old);
    if (v->n == 1 && !strcmp(name, "LIST"))
        return list(t, v->args[0], old);
    if (v->n == 2 && !strcmp(name, "MAP"))
        return map(t, v->args[0], v->args[1], old);
    if (v->n == 1 && !strcmp(name, "TUPLE"))
        return class_name(t->given, v->args[0]) ? type_of(t, v->args[0], old) : fields(t, v->args[0], old, false);
    if (v->n && (!strcmp(name, "ROW") || !strcmp(name, "ROW_NAMED")))
        return fields(t, v->args[v->n - 1], old, true);
    if (v->n == 2 && !strcmp(name, "EITHER")) {
        const struct ser *left = type_of(t, v->args[0], kid(old, "Either", 0));
        const struct ser *right = left ? type_of(t, v->args[1], kid(old, "Either", 1)) : NULL;
        return right ? ser_either(t->a, part(left), part(right)) : NULL;
    }
    return NULL;
}

static const struct ser *call(struct types *t, const struct code_node *v, const struct ser *old)
{
    static const char *const extracts[] = {"of", "getForClass", "createTypeInfo"};
    if (!strcmp(v->owner, TYPEINFO "Types"))
        return of_types(t, v, old);
    if (v->on && (!strcmp(v->name, "createSerializer") || !strcmp(v->name, "getTypeInfo")))
        return type_of(t, v->on, old);
    bool extracting = !strcmp(v->owner, TYPEINFO "TypeInformation") || !strcmp(v->owner, TYPEUTILS "TypeExtractor");
    for (size_t i = 0; extracting && v->n == 1 && i < sizeof extracts / sizeof *extracts; i++)
        if (!strcmp(v->name, extracts[i]))
            return type_of(t, v->args[0], old);
    return NULL;
}

static const struct ser *type_of(struct types *t, const struct code_node *v, const struct ser *old)
{
    const struct ser *s = NULL;
    v = job_code_resolve(t->given->code, v);
    if (t->depth >= DEPTH_MAX || t->steps++ >= STEPS_MAX)
        return NULL;
    t->depth++;
    if (v->kind == CODE_CLASS)
        s = named(t, v->owner, old);
    else if (v->kind == CODE_FIELD)
        s = constant(t, v, old);
    else if (v->kind == CODE_NEW)
        s = object(t, v, old);
    else if (v->kind == CODE_CALL)
        s = call(t, v, old);
    t->depth--;
    return s;
}

const struct ser *job_code_type(const struct job_given *given, const struct code_node *v, const struct ser *old, struct arena *a)
{
    struct types t = {.given = given, .a = a};
    return type_of(&t, v, old);
}

/* --- keys --- */

/* keyBy(…) in front of an operator, or of the windows in front of it. */
static const struct code_node *keyed_by(const struct job_code *code, const struct code_node *call)
{
    static const char *const between[] = {"window", "trigger", "evictor", "allowedLateness", "sideOutputLateData", "countWindow"};
    const struct code_node *v = call->on;
    for (int depth = 0; v && depth < 100; depth++) {
        bool passes = false;
        v = job_code_stream(code, v);
        if (!v || v->kind != CODE_CALL || !strcmp(v->name, "keyBy"))
            break;
        for (size_t i = 0; i < sizeof between / sizeof *between; i++)
            passes = passes || !strcmp(v->name, between[i]);
        v = passes ? v->on : NULL;
    }
    return v && v->kind == CODE_CALL && v->n && !strcmp(v->name, "keyBy") ? v : NULL;
}

/* What a KeySelector gives: by its getKey, or by the method that a lambda ends in. */
static const struct java_type *selected(const struct job_given *given, const struct code_node *selector, struct arena *a)
{
    enum { SYNTHETIC = 0x1000 };
    struct java_method_type m;
    const char *why;
    if (selector->kind == CODE_LAMBDA)
        return strcmp(selector->name, "<init>") && java_method_type_of(&m, selector->descriptor, a) ? m.result : NULL;
    const struct class_file *c = selector->kind == CODE_NEW ? jar_class(given->jar, selector->owner, &why) : NULL;
    for (uint32_t i = 0; c && i < c->n_methods; i++)
        if (!strcmp(c->methods[i].name, "getKey") && !(c->methods[i].access & SYNTHETIC))
            return c->methods[i].type.result;
    return NULL;
}

const struct ser *job_code_key(const struct job_given *given, const struct job_code_operator *op, const struct ser *old,
                               struct arena *a)
{
    const struct code_node *by = keyed_by(given->code, op->call);
    if (!by)
        return NULL;
    if (by->n == 2)
        return job_code_type(given, by->args[1], old, a);
    struct types t = {.given = given, .a = a};
    const struct java_type *type = selected(given, job_code_resolve(given->code, by->args[0]), a);
    bool any = !type || type->kind == JAVA_VARIABLE || (type->name && !strcmp(type->name, "java.lang.Object"));
    return any ? NULL : class_type(&t, type, old);
}

/* --- functions --- */

static bool belongs(const char *cls, const char *to)
{
    size_t n = strlen(to);
    return !strncmp(cls, to, n) && (!cls[n] || cls[n] == '$');
}

bool job_code_is_of(const struct job_given *given, const struct job_code_operator *op, const char *cls)
{
    enum { SUPER_MAX = 64 };
    const char *why;
    for (uint32_t i = 0; i < op->call->n; i++) {
        const struct code_node *f = job_code_resolve(given->code, op->call->args[i]);
        const char *name = f->kind == CODE_NEW ? f->owner : NULL;
        for (int depth = 0; name && depth < SUPER_MAX; depth++) {
            if (belongs(cls, name))
                return true;
            const struct class_file *c = jar_class(given->jar, name, &why);
            name = c ? c->super : NULL;
        }
    }
    return false;
}

bool job_code_is_plain(const struct job_given *given, const struct job_code_operator *op)
{
    static const char *const calls[] = {"process", "map", "flatMap", "filter"};
    static const char *const streams[] = {"DataStream", "KeyedStream", "SingleOutputStreamOperator", "ConnectedStreams",
                                          "BroadcastConnectedStream"};
    const char *stream = strrchr(op->call->owner, '.');
    bool plain = false, own = false;
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++)
        plain = plain || !strcmp(op->call->name, calls[i]);
    for (size_t i = 0; stream && i < sizeof streams / sizeof *streams; i++)
        own = own || !strcmp(stream + 1, streams[i]);
    const struct code_node *f = op->call->n ? job_code_resolve(given->code, op->call->args[0]) : NULL;
    return plain && own && f && f->kind == CODE_NEW && jar_has(given->jar, f->owner);
}
