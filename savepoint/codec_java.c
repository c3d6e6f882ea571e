/* JavaSerializer (flink-runtime, org.apache.flink.runtime.state): values as Java object streams. */
#include "savepoint/codec_java.h"

#include <stdio.h>
#include <string.h>

#include "savepoint/codec.h"
#include "savepoint/javaio.h"

/* Objects may refer to each other in any way: both the depth and the sum of what one value may print are limited. */
enum { MAX_DEPTH = 100, MAX_OBJECTS = 100000 };

struct printer {
    struct sink *out;
    uint32_t depth, objects;
};

static void object(struct printer *p, const struct jobj *o);

static bool starts(const char *s, const char *with) { return !strncmp(s, with, strlen(with)); }

static void value(struct printer *p, const struct jval *v)
{
    struct sink *out = p->out;
    switch (v->type) {
    case 'L':
    case '[':
        object(p, v->o);
        break;
    case 'Z':
        sink_bool(out, v->i != 0);
        break;
    case 'F':
    case 'D':
        sink_real(out, v->d, v->type == 'F');
        break;
    case 'C':
        out->scratch.n = 0;
        java_unit(&out->scratch, 0, (uint16_t)v->i);
        sink_text(out, (const char *)out->scratch.p, out->scratch.n);
        break;
    default:
        sink_int(out, v->i);
    }
}

/* One element of an array of primitives. */
static void primitive(struct sink *out, char type, struct rd *r)
{
    struct printer p = {.out = out};
    struct jval v = {.type = type};
    switch (type) {
    case 'Z':
    case 'B':
        v.i = rd_i8(r);
        break;
    case 'S':
        v.i = rd_i16(r);
        break;
    case 'C':
        v.i = rd_u16(r);
        break;
    case 'I':
        v.i = rd_i32(r);
        break;
    case 'J':
        v.i = rd_i64(r);
        break;
    case 'F':
        v.d = (double)rd_f32(r);
        break;
    default:
        v.d = rd_f64(r);
    }
    value(&p, &v);
}

static void array(struct printer *p, const struct jobj *o)
{
    char type = jobj_class(o)[1]; /* "[I" */
    if (type == 'B') {
        sink_hex(p->out, "hex:", o->raw.p, o->raw.n);
        return;
    }
    sink_begin(p->out, BOX_ARRAY);
    if (type == 'L' || type == '[') {
        for (uint32_t i = 0; i < o->n; i++)
            object(p, o->items[i]);
    } else {
        struct rd r = rd_of(o->raw.p, o->raw.n, 0);
        for (uint32_t i = 0; i < o->n && rd_ok(&r); i++)
            primitive(p->out, type, &r);
    }
    sink_end(p->out, BOX_ARRAY);
}

/* Plain data that the class wrote behind its fields, at the level that has some. */
static struct rd block_of(const struct jobj *o)
{
    for (uint32_t i = 0; i < o->n_levels; i++)
        if (o->levels[i].block.n)
            return rd_of(o->levels[i].block.p, o->levels[i].block.n, 0);
    return rd_of(NULL, 0, 0);
}

/* java.math.BigInteger: signum and big-endian magnitude; reported with a scale, as two's complement of one byte more. */
static bool big_number(struct sink *out, const struct jobj *integer, int32_t scale)
{
    const struct jobj *magnitude = jobj_field(integer, "magnitude");
    if (!magnitude || magnitude->raw.n > 4096)
        return false;
    uint8_t bytes[4097] = {0};
    size_t n = magnitude->raw.n;
    if (n)
        memcpy(bytes + 1, magnitude->raw.p, n);
    if (jobj_int(integer, "signum", 0) < 0) {
        unsigned carry = 1;
        for (size_t i = n + 1; i-- > 0;) {
            unsigned digit = (bytes[i] ^ 0xffu) + carry;
            bytes[i] = (uint8_t)digit;
            carry = digit >> 8;
        }
    }
    java_decimal(out, bytes, n + 1, scale);
    return true;
}

/* java.time.Ser: a type byte and the parts, in the form of each class's writeExternal. Those that Flink has serializers for. */
static bool java_time(struct sink *out, const struct jobj *o)
{
    enum { INSTANT = 2, LOCAL_DATE = 3, LOCAL_TIME = 4, LOCAL_DATE_TIME = 5 };
    struct rd r = block_of(o);
    int type = rd_u8(&r);
    struct buf *b = &out->scratch;
    b->n = 0;
    if (type == INSTANT) {
        int64_t seconds = rd_i64(&r);
        java_instant(b, seconds, rd_i32(&r));
    }
    if (type == LOCAL_DATE || type == LOCAL_DATE_TIME) {
        int32_t year = rd_i32(&r);
        int month = rd_u8(&r), day = rd_u8(&r);
        if (month < 1 || month > 12 || day < 1 || day > 31)
            return false;
        java_local_date(b, year, month, day);
    }
    if (type == LOCAL_DATE_TIME)
        buf_putc(b, 'T');
    if (type == LOCAL_TIME || type == LOCAL_DATE_TIME) { /* the last part that is not zero is written as its complement */
        int part[3] = {0}, i = 0;
        int32_t nanos = 0;
        while (i < 3 && (part[i] = rd_i8(&r)) >= 0)
            i++;
        if (i < 3)
            part[i] = ~part[i];
        else
            nanos = rd_i32(&r);
        if (part[0] > 23 || part[1] > 59 || part[2] > 59 || nanos < 0 || nanos > 999999999)
            return false;
        java_local_time(b, part[0], part[1], part[2], nanos);
    }
    if (!b->n || !rd_ok(&r))
        return false;
    sink_text(out, (const char *)b->p, b->n);
    return true;
}

/* The classes of the JDK that have a plain form. False: o is another one. */
static bool plain(struct printer *p, const struct jobj *o)
{
    static const char *const boxes[] = {"Boolean", "Byte", "Short", "Character", "Integer", "Long", "Float", "Double"};
    const char *cls = jobj_class(o);
    struct sink *out = p->out;
    if (starts(cls, "java.lang."))
        for (size_t i = 0; i < sizeof boxes / sizeof boxes[0]; i++) {
            const struct jval *v = !strcmp(cls + 10, boxes[i]) ? jobj_val(o, "value") : NULL;
            if (v) {
                value(p, v);
                return true;
            }
        }
    if (!strcmp(cls, "java.math.BigInteger"))
        return big_number(out, o, 0);
    if (!strcmp(cls, "java.math.BigDecimal"))
        return big_number(out, jobj_field(o, "intVal"), (int32_t)jobj_int(o, "scale", 0));
    if (!strcmp(cls, "java.time.Ser"))
        return java_time(out, o);
    if (!strcmp(cls, "java.util.UUID")) {
        uint64_t hi = (uint64_t)jobj_int(o, "mostSigBits", 0), lo = (uint64_t)jobj_int(o, "leastSigBits", 0);
        sink_textf(out, "%08x-%04x-%04x-%04x-%012llx", (unsigned)(hi >> 32), (unsigned)(hi >> 16 & 0xffff), (unsigned)(hi & 0xffff),
                   (unsigned)(lo >> 48), (unsigned long long)(lo & 0xffffffffffff));
        return true;
    }
    if (jobj_is(o, "java.util.Date")) { /* java.util.Date#writeObject: the time; a Timestamp keeps whole seconds there */
        struct rd r = block_of(o);
        int64_t ms = rd_i64(&r), nanos = jobj_int(o, "nanos", 0);
        if (!strcmp(cls, "java.sql.Timestamp"))
            sink_textf(out, "ts:%lld:%lld", (long long)ms + (long long)(nanos / 1000000), (long long)nanos);
        else
            sink_textf(out, "ms:%lld", (long long)ms);
        return true;
    }
    if (jobj_is(o, "java.lang.Throwable")) {
        const struct jobj *message = jobj_field(o, "detailMessage");
        sink_begin(out, BOX_OBJECT);
        sink_keyz(out, "$class");
        sink_textz(out, cls);
        sink_keyz(out, "$string");
        out->scratch.n = 0;
        buf_puts(&out->scratch, cls);
        if (jobj_text(message)) {
            buf_puts(&out->scratch, ": ");
            buf_put(&out->scratch, message->text, message->n_text);
        }
        sink_text(out, (const char *)out->scratch.p, out->scratch.n);
        sink_end(out, BOX_OBJECT);
        return true;
    }
    return false;
}

/* Lists, sets and maps of the JDK, by their names; an empty one has no elements to tell it by. */
static bool collection(struct printer *p, const struct jobj *o)
{
    static const char *const kinds[] = {"List", "Set", "Map", "Deque", "Queue", "Vector", "Hashtable", "Collection"};
    const char *cls = jobj_class(o);
    uint32_t n, k = 0;
    struct jobj *const *items = jobj_elements(o, &n);
    while (k < sizeof kinds / sizeof kinds[0] && !strstr(cls, kinds[k]))
        k++;
    if (!items && (!starts(cls, "java.util.") || k == sizeof kinds / sizeof kinds[0] || !strcmp(cls, "java.util.BitSet")))
        return false;
    enum sink_box box = strstr(cls, "Map") || strstr(cls, "Hashtable") ? BOX_MAP : strstr(cls, "Set") ? BOX_SET : BOX_ARRAY;
    sink_begin(p->out, box);
    for (uint32_t i = 0; i < (box == BOX_MAP ? n & ~1u : n); i++)
        object(p, items[i]);
    sink_end(p->out, box);
    return true;
}

/* Fields of all classes of the chain, the class's own first; one that hides another is shown alone. */
static void fields(struct printer *p, const struct jobj *o)
{
    bool tuple = starts(jobj_class(o), "org.apache.flink.api.java.tuple.Tuple");
    sink_begin(p->out, tuple ? BOX_ARRAY : BOX_OBJECT);
    if (!tuple) {
        sink_keyz(p->out, "$class");
        sink_textz(p->out, jobj_class(o));
    }
    for (uint32_t i = o->n_levels; i-- > 0;) {
        const struct jlevel *level = &o->levels[i];
        for (uint32_t k = 0; level->vals && k < level->cls->n; k++) {
            const char *name = level->cls->fields[k].name;
            if (jobj_val(o, name) != &level->vals[k])
                continue;
            if (!tuple)
                sink_keyz(p->out, name);
            value(p, &level->vals[k]);
        }
    }
    sink_end(p->out, tuple ? BOX_ARRAY : BOX_OBJECT);
}

static void object(struct printer *p, const struct jobj *o)
{
    if (!o) {
        sink_null(p->out);
        return;
    }
    if (p->depth >= MAX_DEPTH || p->objects >= MAX_OBJECTS) {
        sink_opaque(p->out, jobj_class(o), NULL, 0, "refers to objects without end");
        return;
    }
    p->depth++;
    p->objects++;
    switch (o->kind) {
    case J_STRING:
    case J_ENUM:
        sink_text(p->out, o->text, o->n_text);
        break;
    case J_CLASS:
    case J_DESC:
        sink_textz(p->out, o->cls->name); /* the class that it stands for */
        break;
    case J_ARRAY:
        array(p, o);
        break;
    case J_OBJECT:
        if (!plain(p, o) && !collection(p, o))
            fields(p, o);
        break;
    }
    p->depth--;
}

void java_stream(struct rd *r, struct sink *out)
{
    struct arena a = {0};
    struct jobj *o;
    if (!javaobj_read(r, &a, &o) || !out)
        sink_null(out);
    else
        object(&(struct printer){.out = out}, o);
    arena_free(&a);
}

void read_java(const struct ser *s, struct rd *r, struct sink *out)
{
    const uint8_t *from = r->p;
    java_stream(r, out);
    if (rd_live(r))
        sink_origin(out, s, from, (size_t)(r->p - from));
}
