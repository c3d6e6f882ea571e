#include "inspect/job_types_in.h"

#include <stdlib.h>
#include <string.h>

#include "inspect/compat.h"
#include "inspect/job_gone.h"
#include "savepoint/codec.h"
#include "savepoint/ser_facts.h"

#define BASE "org.apache.flink.api.common.typeutils.base."
#define RUNT "org.apache.flink.api.java.typeutils.runtime."

enum { DEPTH_MAX = 100, STEPS_MAX = 200000 };

static bool starts(const char *s, const char *with) { return !strncmp(s, with, strlen(with)); }

void job_add_attr(struct job_work *w, struct ser *s, const char *name, const char *value)
{
    struct ser_in in = {.a = w->a};
    ser_add_attr(&in, s, name, value);
}

static struct ser *copy(struct job_work *w, const struct ser *old)
{
    struct ser *s = arena_alloc(w->a, sizeof *s);
    *s = *old;
    return s;
}

static struct ser *unknown(struct job_work *w) { return ser_make_unknown(w->a, "?"); }

static struct ser *gone(struct job_work *w, const struct ser *old, const char *why)
{
    struct ser *s = old ? copy(w, old) : unknown(w);
    job_add_attr(w, s, "gone", why);
    return s;
}

/* --- serializers by class --- */

static const struct basic {
    const char *cls, *snapshot;
} basics[] = {
    {"boolean", BASE "BooleanSerializer$BooleanSerializerSnapshot"},
    {"java.lang.Boolean", BASE "BooleanSerializer$BooleanSerializerSnapshot"},
    {"byte", BASE "ByteSerializer$ByteSerializerSnapshot"},
    {"java.lang.Byte", BASE "ByteSerializer$ByteSerializerSnapshot"},
    {"short", BASE "ShortSerializer$ShortSerializerSnapshot"},
    {"java.lang.Short", BASE "ShortSerializer$ShortSerializerSnapshot"},
    {"int", BASE "IntSerializer$IntSerializerSnapshot"},
    {"java.lang.Integer", BASE "IntSerializer$IntSerializerSnapshot"},
    {"long", BASE "LongSerializer$LongSerializerSnapshot"},
    {"java.lang.Long", BASE "LongSerializer$LongSerializerSnapshot"},
    {"float", BASE "FloatSerializer$FloatSerializerSnapshot"},
    {"java.lang.Float", BASE "FloatSerializer$FloatSerializerSnapshot"},
    {"double", BASE "DoubleSerializer$DoubleSerializerSnapshot"},
    {"java.lang.Double", BASE "DoubleSerializer$DoubleSerializerSnapshot"},
    {"char", BASE "CharSerializer$CharSerializerSnapshot"},
    {"java.lang.Character", BASE "CharSerializer$CharSerializerSnapshot"},
    {"java.lang.String", BASE "StringSerializer$StringSerializerSnapshot"},
    {"java.lang.Void", BASE "VoidSerializer$VoidSerializerSnapshot"},
    {"java.math.BigInteger", BASE "BigIntSerializer$BigIntSerializerSnapshot"},
    {"java.math.BigDecimal", BASE "BigDecSerializer$BigDecSerializerSnapshot"},
    {"java.util.Date", BASE "DateSerializer$DateSerializerSnapshot"},
    {"java.time.Instant", BASE "InstantSerializer$InstantSerializerSnapshot"},
    {"java.sql.Date", BASE "SqlDateSerializer$SqlDateSerializerSnapshot"},
    {"java.sql.Time", BASE "SqlTimeSerializer$SqlTimeSerializerSnapshot"},
    {"java.sql.Timestamp", BASE "SqlTimestampSerializer$SqlTimestampSerializerSnapshot"},
    {"[boolean", BASE "array.BooleanPrimitiveArraySerializer$BooleanPrimitiveArraySerializerSnapshot"},
    {"[byte", BASE "array.BytePrimitiveArraySerializer$BytePrimitiveArraySerializerSnapshot"},
    {"[short", BASE "array.ShortPrimitiveArraySerializer$ShortPrimitiveArraySerializerSnapshot"},
    {"[int", BASE "array.IntPrimitiveArraySerializer$IntPrimitiveArraySerializerSnapshot"},
    {"[long", BASE "array.LongPrimitiveArraySerializer$LongPrimitiveArraySerializerSnapshot"},
    {"[float", BASE "array.FloatPrimitiveArraySerializer$FloatPrimitiveArraySerializerSnapshot"},
    {"[double", BASE "array.DoublePrimitiveArraySerializer$DoublePrimitiveArraySerializerSnapshot"},
    {"[char", BASE "array.CharPrimitiveArraySerializer$CharPrimitiveArraySerializerSnapshot"},
    {"[java.lang.String", BASE "array.StringArraySerializer$StringArraySerializerSnapshot"},
};

static struct ser *basic(struct job_work *w, const char *head, const char *name)
{
    for (size_t i = 0; i < sizeof basics / sizeof *basics; i++)
        if (starts(basics[i].cls, head) && !strcmp(basics[i].cls + strlen(head), name))
            return ser_make(w->a, basics[i].snapshot, 0, NULL);
    return NULL;
}

struct ser *job_work_made(struct job_work *w, const char *snapshot, const char *cls, const char *word, uint32_t n,
                          struct ser **kids)
{
    struct ser *s = ser_make(w->a, snapshot, n, kids);
    s->cls = cls;
    s->label = *word ? arena_printf(w->a, "%s %s", word, class_simple(cls)) : class_simple(cls);
    return s;
}

/* Registrations with Kryo and subclasses are the job's code: taken for what they were. */
static struct ser *kryo(struct job_work *w, const char *cls, const struct ser *old, const char *because)
{
    if (old && job_is(old, "Kryo") && !strcmp(old->cls, cls))
        return copy(w, old);
    struct ser *s = job_work_made(w, RUNT "kryo.KryoSerializerSnapshot", cls, "Kryo", 0, NULL);
    if (job_is(old, "Kryo")) {
        s->n_attrs = old->n_attrs;
        s->attrs = old->attrs;
    }
    if (because)
        job_add_attr(w, s, "because", because);
    return s;
}

/* "zoo.Cat" or "[Lzoo.Cat;", as Class#getName has it. */
static const char *class_name(struct job_work *w, const struct java_type *t, const struct job_env *env)
{
    t = job_resolve(t, &env);
    if (!t)
        return "java.lang.Object";
    if (t->kind != JAVA_ARRAY)
        return t->name;
    const char *of = class_name(w, t->args[0], env);
    const struct java_type *c = job_resolve(t->args[0], &env);
    if (c && c->kind == JAVA_PRIMITIVE)
        return arena_printf(w->a, "[%c", !strcmp(of, "boolean") ? 'Z' : !strcmp(of, "long") ? 'J' : *of - 32);
    return *of == '[' ? arena_printf(w->a, "[%s", of) : arena_printf(w->a, "[L%s;", of);
}

static struct ser *array(struct job_work *w, const struct java_type *t, const struct job_env *env, const struct job_path *path,
                         const struct ser *old)
{
    const struct java_type *of = job_resolve(t->args[0], &env);
    struct ser *s = of && of->kind != JAVA_ARRAY && !of->n ? basic(w, "[", of->name) : NULL;
    if (s || !of)
        return s;
    struct ser *kid = job_work_type(w, of, env, path, job_is(old, "Array") && old->n == 1 ? old->kids[0] : NULL);
    return kid ? job_work_made(w, BASE "GenericArraySerializerSnapshot", class_name(w, of, env), "", 1, &kid) : NULL;
}

static struct ser *nullable(struct job_work *w, struct ser *of)
{
    if (job_is(of, "Nullable"))
        return of;
    struct ser *s = ser_make(w->a, RUNT "NullableSerializer$NullableSerializerSnapshot", 1, &of);
    s->length = LEN_VAR;
    return s;
}

static bool is_plain_class(const struct java_type *t)
{
    while (t->kind == JAVA_ARRAY)
        t = t->args[0];
    return t->kind == JAVA_PRIMITIVE || (t->kind == JAVA_CLASS && !t->n);
}

/* The element of a collection in Flink 2: looked at anew, by TypeExtractor#createTypeInfo. */
static struct ser *element(struct job_work *w, const struct java_type *t, const struct ser *old)
{
    const struct job_path here = {class_name(w, t, NULL), w->elements};
    for (const struct job_path *p = w->elements; p; p = p->up)
        if (!strcmp(p->name, here.name))
            return gone(w, NULL,
                        arena_printf(w->a,
                                     "class %s has a collection of itself, over which Flink 2 fails with a StackOverflowError",
                                     here.name));
    const struct job_path *before = w->elements, first = {here.name, NULL};
    w->elements = &here;
    struct ser *s = job_work_type(w, t, NULL, &first, old);
    w->elements = before;
    return s ? s : kryo(w, here.name, old, NULL);
}

static const struct ser *kid(const struct ser *s, const char *name, uint32_t i)
{
    s = job_is(s, "Nullable") && s->n == 1 ? s->kids[0] : s;
    return job_is(s, name) && i < s->n ? s->kids[i] : NULL;
}

static const struct ser *bare(const struct ser *s) { return job_is(s, "Nullable") && s->n == 1 ? s->kids[0] : s; }

/* Since 2.0: interfaces of collections whose arguments are classes. NULL: another type. */
static struct ser *collection(struct job_work *w, const struct java_type *t, const struct ser *old)
{
    static const char *const lists[] = {"java.util.List", "java.util.Collection", "java.lang.Iterable",
                                        "java.util.SequencedCollection"};
    struct ser *kids[2];
    bool map = !strcmp(t->name, "java.util.Map"), set = !strcmp(t->name, "java.util.Set"), list = false;
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
        list = list || !strcmp(t->name, lists[i]);
    if (w->given->flink < FLINK(2, 0) || !(map || set || list) || t->n != (map ? 2 : 1))
        return NULL;
    for (uint32_t i = 0; i < t->n; i++)
        if (!is_plain_class(t->args[i]))
            return NULL;
    if (map) {
        kids[0] = nullable(w, element(w, t->args[0], bare(kid(old, "Map", 0))));
        kids[1] = element(w, t->args[1], kid(old, "Map", 1));
        return nullable(w, ser_make(w->a, BASE "MapSerializerSnapshot", 2, kids));
    }
    kids[0] = element(w, t->args[0], set ? kid(old, "Set", 0) : bare(kid(old, "List", 0)));
    if (list)
        kids[0] = nullable(w, kids[0]);
    return nullable(w, ser_make(w->a, list ? BASE "ListSerializerSnapshot" : BASE "SetSerializerSnapshot", 1, kids));
}

/* org.apache.flink.api.java.tuple.TupleN, its arguments as they stand in env. NULL: Flink gives up. */
static struct ser *tuple(struct job_work *w, const struct java_type *t, const char *cls, const struct job_env *env,
                         const struct job_path *path, const struct ser *old)
{
    enum { ARITY_MAX = 25 };
    struct ser *kids[ARITY_MAX];
    char *end;
    unsigned long arity = strtoul(class_simple(t->name) + strlen("Tuple"), &end, 10);
    if (*end || arity > ARITY_MAX || t->n != arity)
        return NULL;
    if (!arity)
        return ser_make(w->a, RUNT "Tuple0SerializerSnapshot", 0, NULL);
    for (uint32_t i = 0; i < arity; i++) {
        const struct job_env *in = env;
        const struct java_type *of = job_resolve(t->args[i], &in);
        const struct job_path here = {of ? of->name : "", path};
        const struct ser *was = job_is(old, "Tuple") && old->n == arity ? old->kids[i] : NULL;
        kids[i] = of ? job_work_type(w, of, in, &here, was) : was && in && in->open ? job_work_successor(w, was) : NULL;
        if (!kids[i])
            return NULL;
    }
    return job_work_made(w, RUNT "TupleSerializerSnapshot", cls, "", (uint32_t)arity, kids);
}

/* --- classes of the job --- */

static struct ser *avro(struct job_work *w, const char *cls, const char *json)
{
    struct ser *s = job_work_made(w, "org.apache.flink.formats.avro.typeutils.AvroSerializerSnapshot", cls, "Avro", 0, NULL);
    job_add_attr(w, s, "schema", json);
    return s;
}

static struct ser *with_successors(struct job_work *w, const struct ser *old)
{
    struct ser *s = copy(w, old);
    s->kids = arena_array(w->a, old->n, sizeof *s->kids);
    for (uint32_t i = 0; i < old->n; i++)
        s->kids[i] = old->kids[i] ? job_work_successor(w, old->kids[i]) : NULL;
    return s;
}

struct ser *job_work_kept(struct job_work *w, const struct ser *old)
{
    const char *why = old ? job_node_gone(w->given, w->a, old) : NULL;
    return !old ? unknown(w) : why ? gone(w, old, why) : with_successors(w, old);
}

struct ser *job_work_kryo(struct job_work *w, const struct java_type *t, const struct job_env *env, const struct ser *old)
{
    const struct java_type *raw = t->kind == JAVA_VARIABLE || t->kind == JAVA_WILDCARD ? NULL : t;
    return kryo(w, raw ? class_name(w, raw, env) : "java.lang.Object", old, NULL);
}

static bool has_type_info(const struct job_chain *chain)
{
    for (uint32_t i = 0; i < chain->n; i++)
        if (chain->envs[i]->c->type_info)
            return true;
    return false;
}

static bool has_public_field(const struct job_chain *chain)
{
    for (uint32_t i = 0; i < chain->n; i++)
        for (uint32_t k = 0; k < chain->envs[i]->c->n_fields; k++)
            if (job_is_pojo_field(&chain->envs[i]->c->fields[k]) && chain->envs[i]->c->fields[k].access & ACC_PUBLIC)
                return true;
    return false;
}

static const char *avro_class_schema(const struct job_chain *chain)
{
    return job_extends(chain, "org.apache.avro.specific.SpecificRecordBase") ? chain->envs[0]->c->avro_schema : NULL;
}

/* A class that is in the jar (TypeExtractor#privateGetForClass). */
static struct ser *class_ser(struct job_work *w, const struct class_file *c, const struct java_type *t, const struct job_env *env,
                             const struct job_path *path, const struct ser *old)
{
    static const char tuples[] = "org.apache.flink.api.java.tuple.Tuple";
    struct job_chain chain = job_chain_of(w->given->jar, c, t, env, w->a);
    if (chain.why)
        return gone(w, old, chain.why);
    if (has_type_info(&chain) || job_implements(w->given->jar, &chain, "org.apache.flink.types.Value", w->a))
        return job_work_kept(w, old);
    if (chain.end && starts(chain.end, tuples)) {
        const struct java_type *super = chain.end_type;
        if (has_public_field(&chain))
            return job_work_kept(w, old); /* a POJO, of the tuple's fields and those */
        return super->n ? tuple(w, super, c->name, chain.envs[chain.n - 1], path, old) : NULL;
    }
    if (chain.end && !job_can_load(w->given->jar, chain.end, w->a) && !starts(chain.end, "org.apache.avro."))
        return gone(w, old, arena_printf(w->a, "class %s extends %s, which is not in the jar", c->name, chain.end));
    uint32_t times = 0;
    for (const struct job_path *p = path; p; p = p->up)
        times += !strcmp(p->name, c->name);
    if (times > 1)
        return kryo(w, c->name, old, "it contains itself");
    if (class_is_enum(c)) {
        struct ser *s = job_work_made(w, BASE "EnumSerializer$EnumSerializerSnapshot", c->name, "Enum", 0, NULL);
        job_add_attr(w, s, "constants", job_constants(c, w->a));
        return s;
    }
    const char *schema = avro_class_schema(&chain);
    if (schema)
        return avro(w, c->name, schema);
    if (job_extends(&chain, "org.apache.avro.specific.SpecificRecordBase"))
        return job_work_kept(w, old);
    if (c->access & ACC_INTERFACE)
        return kryo(w, c->name, old, "it is an interface");
    const char *why = job_no_pojo(w->given->jar, &chain, w->given->flink, w->a);
    return why ? kryo(w, c->name, old, why) : job_pojo(w, &chain, path, old);
}

/* Flink's own classes: those that stand for one value have serializers of their own. */
static struct ser *flink_class(struct job_work *w, const char *name, const struct ser *old)
{
    static const char types[] = "org.apache.flink.types.";
    if (!starts(name, types))
        return NULL;
    const char *simple = name + sizeof types - 1;
    const char *snapshot = arena_printf(w->a, BASE "%sSerializer$%sSerializerSnapshot", simple, simple);
    return !old && ser_find(snapshot) ? ser_make(w->a, snapshot, 0, NULL) : NULL;
}

static struct ser *named_class(struct job_work *w, const struct java_type *t, const struct job_env *env,
                               const struct job_path *path, const struct ser *old)
{
    static const char tuples[] = "org.apache.flink.api.java.tuple.Tuple";
    const char *why;
    struct ser *s = t->n ? NULL : basic(w, "", t->name);
    if (!s && starts(t->name, tuples))
        return tuple(w, t, t->name, env, path, old);
    s = s ? s : collection(w, t, old);
    if (s)
        return s;
    const struct class_file *c = jar_class(w->given->jar, t->name, &why);
    if (c)
        return class_ser(w, c, t, env, path, old);
    if (why)
        return gone(w, old, why);
    if (starts(t->name, "java.") || starts(t->name, "javax."))
        return kryo(w, t->name, old, NULL);
    s = flink_class(w, t->name, old);
    if (s)
        return s;
    why = job_not_there(w->given, w->a, t->name);
    return why ? gone(w, old, why) : job_work_kept(w, old);
}

struct ser *job_work_type(struct job_work *w, const struct java_type *t, const struct job_env *env, const struct job_path *path,
                          const struct ser *old)
{
    struct ser *s = NULL;
    if (w->depth >= DEPTH_MAX || w->steps++ >= STEPS_MAX)
        return gone(w, old, "its classes are nested too deeply for weir to follow");
    w->depth++;
    t = job_resolve(t, &env);
    if (!t)
        s = old && env && env->open ? job_work_successor(w, old) : NULL;
    else if (t->kind == JAVA_PRIMITIVE)
        s = basic(w, "", t->name);
    else if (t->kind == JAVA_ARRAY)
        s = array(w, t, env, path, old);
    else if (t->kind == JAVA_CLASS)
        s = named_class(w, t, env, path, old);
    w->depth--;
    return s;
}

/* --- what the old serializer says --- */

static const char *given_schema(const struct job_work *w, const struct ser *old)
{
    const char *json = job_attr(old, "schema"), *why;
    const struct avro *schema = json ? avro_parse(json, strlen(json), w->a, &why) : NULL;
    for (uint32_t i = 0; schema && schema->name && i < w->given->n_avro; i++)
        if (!strcmp(schema->name, w->given->avro[i].name))
            return w->given->avro[i].json;
    return NULL;
}

/* A serializer whose own class says all: by what this class is now. NULL: it is not of that kind, or nothing is known of it. */
static struct ser *of_its_class(struct job_work *w, const struct ser *old)
{
    static const char *const kinds[] = {"POJO", "Kryo", "Enum", "Avro", "Tuple"};
    bool kind = false;
    const char *why;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        kind = kind || job_is(old, kinds[i]);
    const char *schema = job_is(old, "Avro") ? given_schema(w, old) : NULL;
    if (schema)
        return avro(w, old->cls, schema);
    if (!kind || !w->given->jar || starts(old->cls, "org.apache.flink.") || !jar_has(w->given->jar, old->cls))
        return NULL;
    const struct java_type *t = java_type_of_name(old->cls, w->a);
    const struct job_path path = {old->cls, NULL};
    struct ser *s = jar_class(w->given->jar, old->cls, &why) ? job_work_type(w, t, NULL, &path, old) : gone(w, old, why);
    if (job_is(old, "Avro") && !job_is(s, "Avro"))
        return NULL; /* a class that the job has Avro look at by reflection */
    return s ? s : kryo(w, old->cls, old, NULL);
}

struct ser *job_work_successor(struct job_work *w, const struct ser *old)
{
    const char *why = w->given->jar ? job_node_gone(w->given, w->a, old) : NULL;
    struct ser *s;
    if (why)
        return gone(w, old, why);
    if (w->depth >= DEPTH_MAX || w->steps++ >= STEPS_MAX)
        return gone(w, old, "its classes are nested too deeply for weir to follow");
    w->depth++;
    s = of_its_class(w, old);
    s = s ? s : with_successors(w, old);
    w->depth--;
    return s;
}

const struct ser *job_successor(const struct job_given *given, const struct ser *old, struct arena *a)
{
    struct job_work w = {.given = given, .a = a};
    return old ? job_work_successor(&w, old) : NULL;
}

const struct ser *job_class_ser(const struct job_given *given, const char *cls, struct arena *a)
{
    struct job_work w = {.given = given, .a = a};
    const struct job_path path = {cls, NULL};
    if (!given->jar || !jar_has(given->jar, cls))
        return NULL;
    struct ser *s = job_work_type(&w, java_type_of_name(cls, a), NULL, &path, NULL);
    return s ? s : kryo(&w, cls, NULL, NULL);
}

const struct ser *job_type_ser(const struct job_given *given, const struct java_type *t, const struct ser *old, struct arena *a)
{
    struct job_work w = {.given = given, .a = a};
    const struct job_path path = {t->name ? t->name : "", NULL};
    bool same = old && (!old->cls || (t->kind == JAVA_CLASS && !strcmp(old->cls, t->name)));
    return job_work_type(&w, t, NULL, &path, same ? old : NULL);
}

const struct ser *job_generic_ser(const struct job_given *given, const char *cls, const struct ser *old, struct arena *a)
{
    struct job_work w = {.given = given, .a = a};
    return kryo(&w, cls, old, NULL);
}
