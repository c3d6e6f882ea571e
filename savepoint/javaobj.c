#include "savepoint/javaobj.h"

#include <stdlib.h>

#include "savepoint/javaio.h"

/* ObjectStreamConstants */
enum {
    TC_NULL = 0x70,
    TC_REFERENCE,
    TC_CLASSDESC,
    TC_OBJECT,
    TC_STRING,
    TC_ARRAY,
    TC_CLASS,
    TC_BLOCKDATA,
    TC_ENDBLOCKDATA,
    TC_RESET,
    TC_BLOCKDATALONG,
    TC_EXCEPTION,
    TC_LONGSTRING,
    TC_PROXYCLASSDESC,
    TC_ENUM
};
enum { SC_WRITE_METHOD = 1, SC_SERIALIZABLE = 2, SC_EXTERNALIZABLE = 4, SC_BLOCK_DATA = 8 };
enum { BASE_HANDLE = 0x7e0000, MAX_CHAIN = 64, MAX_MEMORY = 64 << 20 };

struct parse {
    struct rd *r;
    struct arena *a;
    size_t used;           /* arena bytes in use when the stream began */
    struct jobj **handles; /* descriptors stand as J_DESC */
    uint32_t n, cap;
    struct buf text;
};

static struct jobj *object(struct parse *q);

/* n * size bytes. The callers have checked n against what is left of the stream; what comes of it may still be 60 times larger. */
static void *room(struct parse *q, size_t n, size_t size)
{
    if (q->a->used - q->used > MAX_MEMORY)
        rd_fail(q->r, "Java object takes more than 64 MiB");
    return arena_array(q->a, rd_ok(q->r) ? n : 1, size);
}

static struct jobj *make(struct parse *q, enum jkind kind, const struct jclass *cls)
{
    struct jobj *o = room(q, 1, sizeof *o);
    o->kind = kind;
    o->cls = cls;
    return o;
}

static void handle(struct parse *q, struct jobj *o)
{
    if (q->n == q->cap) {
        q->cap = q->cap ? q->cap * 2 : 64;
        q->handles = mem_grow(q->handles, q->cap, sizeof *q->handles);
    }
    q->handles[q->n++] = o;
}

static struct jobj *reference(struct parse *q)
{
    uint32_t i = rd_u32(q->r) - BASE_HANDLE;
    if (rd_ok(q->r) && i < q->n)
        return q->handles[i];
    rd_fail(q->r, "Java object refers to an object that does not exist");
    return NULL;
}

/* n bytes of modified UTF-8. */
static const char *text(struct parse *q, size_t n, size_t *len)
{
    const uint8_t *p = rd_take(q->r, n);
    q->text.n = 0;
    if (!p || !java_mutf8(&q->text, p, n)) {
        rd_fail(q->r, "malformed text in a Java object");
        return "";
    }
    if (len)
        *len = q->text.n;
    return arena_strn(q->a, (const char *)q->text.p, q->text.n);
}

static const char *utf(struct parse *q) { return text(q, rd_u16(q->r), NULL); }

static struct jobj *string(struct parse *q, bool is_long)
{
    struct jobj *o = make(q, J_STRING, NULL);
    handle(q, o);
    o->text = text(q, is_long ? (size_t)rd_i64(q->r) : rd_u16(q->r), &o->n_text);
    return o;
}

/* Objects and block data up to TC_ENDBLOCKDATA. */
static void annotation(struct parse *q, struct jlevel *to)
{
    struct jobj **items = NULL;
    uint32_t n = 0, cap = 0;
    struct buf block = {0};
    for (;;) {
        if (!rd_left(q->r)) {
            rd_short(q->r);
            break;
        }
        uint8_t tag = *q->r->p;
        if (tag == TC_ENDBLOCKDATA) {
            q->r->p++;
            break;
        }
        if (tag == TC_BLOCKDATA || tag == TC_BLOCKDATALONG) {
            q->r->p++;
            uint32_t len = tag == TC_BLOCKDATA ? rd_u8(q->r) : rd_count(q->r, 1);
            const uint8_t *p = rd_take(q->r, len);
            if (p)
                buf_put(&block, p, len);
            continue;
        }
        if (n == cap) {
            cap = cap ? cap * 2 : 8;
            items = mem_grow(items, cap, sizeof *items);
        }
        items[n++] = object(q);
    }
    if (n && rd_ok(q->r)) {
        to->items = room(q, n, sizeof *items);
        if (rd_ok(q->r))
            memcpy(to->items, items, n * sizeof *items);
        to->n_items = n;
    }
    if (block.n)
        to->block = (struct bytes){(const uint8_t *)arena_strn(q->a, (const char *)block.p, block.n), block.n};
    free(items);
    buf_free(&block);
}

/* A class descriptor, null or a reference to one; NULL for null. */
static const struct jclass *class_desc(struct parse *q)
{
    uint8_t tag = rd_left(q->r) ? *q->r->p : 0;
    if (tag != TC_NULL && tag != TC_REFERENCE && tag != TC_CLASSDESC && tag != TC_PROXYCLASSDESC) {
        rd_fail(q->r, "class descriptor of a Java object expected");
        return NULL;
    }
    struct jobj *o = object(q);
    if (!o || !rd_ok(q->r))
        return NULL;
    if (o->kind != J_DESC || !o->cls->done) {
        rd_fail(q->r, "class descriptor of a Java object expected");
        return NULL;
    }
    return o->cls;
}

static void fields(struct parse *q, struct jclass *c)
{
    uint32_t n = rd_u16(q->r);
    if (rd_left(q->r) / 3 < n) {
        rd_short(q->r);
        return;
    }
    struct jfield *f = room(q, n, sizeof *f);
    for (uint32_t i = 0; i < n && rd_ok(q->r); i++) {
        f[i].type = (char)rd_u8(q->r);
        f[i].name = utf(q);
        if (f[i].type == 'L' || f[i].type == '[')
            object(q); /* its class, which the value tells again */
        else if (!f[i].type || !strchr("BCDFIJSZ", f[i].type))
            rd_fail(q->r, "unknown type of a field of a Java object");
    }
    c->fields = f;
    c->n = n;
}

static struct jobj *new_class_desc(struct parse *q, bool proxy)
{
    struct jclass *c = room(q, 1, sizeof *c);
    struct jobj *o = make(q, J_DESC, c);
    c->name = "java.lang.reflect.Proxy";
    if (proxy) {
        handle(q, o);
        c->flags = SC_SERIALIZABLE;
        c->n_interfaces = rd_count(q->r, 2);
        c->interfaces = room(q, c->n_interfaces, sizeof *c->interfaces);
        for (uint32_t i = 0; i < c->n_interfaces && rd_ok(q->r); i++)
            c->interfaces[i] = utf(q);
    } else {
        c->name = utf(q);
        c->uid = rd_i64(q->r);
        handle(q, o);
        c->flags = rd_u8(q->r);
        fields(q, c);
    }
    struct jlevel ignored = {0}; /* nothing that matters stands in class annotations (ObjectOutputStream#annotateClass) */
    annotation(q, &ignored);
    c->super = class_desc(q);
    c->chain = 1 + (c->super ? c->super->chain : 0);
    if (c->chain > MAX_CHAIN)
        rd_fail(q->r, "Java object with more than 64 superclasses");
    c->done = true;
    return o;
}

static struct jval value(struct parse *q, char type)
{
    struct jval v = {.type = type};
    switch (type) {
    case 'B':
        v.i = rd_i8(q->r);
        break;
    case 'Z':
        v.i = rd_bool(q->r);
        break;
    case 'C':
        v.i = rd_u16(q->r);
        break;
    case 'S':
        v.i = rd_i16(q->r);
        break;
    case 'I':
        v.i = rd_i32(q->r);
        break;
    case 'J':
        v.i = rd_i64(q->r);
        break;
    case 'F':
        v.d = (double)rd_f32(q->r);
        break;
    case 'D':
        v.d = rd_f64(q->r);
        break;
    default:
        v.o = object(q);
        break;
    }
    return v;
}

static void level(struct parse *q, const struct jclass *c, struct jlevel *l)
{
    l->cls = c;
    if (c->flags & SC_EXTERNALIZABLE) {
        if (c->flags & SC_BLOCK_DATA)
            annotation(q, l);
        else
            rd_fail(q->r, "Java object in the externalizable form of JDK 1.1, whose end cannot be found");
        return;
    }
    if (rd_left(q->r) < c->n) {
        rd_short(q->r);
        return;
    }
    struct jval *v = room(q, c->n, sizeof *v);
    for (uint32_t i = 0; i < c->n && rd_ok(q->r); i++)
        v[i] = value(q, c->fields[i].type);
    if (!rd_ok(q->r))
        return;
    l->vals = v;
    if (c->flags & SC_WRITE_METHOD)
        annotation(q, l);
}

static struct jobj *new_object(struct parse *q)
{
    const struct jclass *c = class_desc(q), *chain[MAX_CHAIN];
    struct jobj *o = make(q, J_OBJECT, c);
    handle(q, o);
    if (!c) {
        rd_fail(q->r, "Java object without a class");
        return o;
    }
    uint32_t n = 0;
    for (; c; c = c->flags & SC_EXTERNALIZABLE ? NULL : c->super)
        if (c->n || c->flags & (SC_WRITE_METHOD | SC_EXTERNALIZABLE))
            chain[n++] = c;
    o->levels = room(q, n, sizeof *o->levels);
    while (n && rd_ok(q->r))
        level(q, chain[--n], &o->levels[o->n_levels++]);
    return o;
}

static struct jobj *new_array(struct parse *q)
{
    static const uint8_t sizes[128] = {['B'] = 1, ['Z'] = 1, ['C'] = 2, ['S'] = 2, ['I'] = 4, ['F'] = 4, ['J'] = 8, ['D'] = 8};
    const struct jclass *c = class_desc(q);
    struct jobj *o = make(q, J_ARRAY, c);
    handle(q, o);
    if (!c || c->name[0] != '[') {
        rd_fail(q->r, "array of a Java object without an array class");
        return o;
    }
    uint8_t size = sizes[c->name[1] & 0x7f];
    o->n = rd_count(q->r, size ? size : 1);
    if (size) {
        const uint8_t *p = rd_take(q->r, (size_t)o->n * size);
        if (p)
            o->raw = (struct bytes){(const uint8_t *)arena_strn(q->a, (const char *)p, (size_t)o->n * size), (size_t)o->n * size};
        return o;
    }
    o->items = room(q, o->n, sizeof *o->items);
    for (uint32_t i = 0; i < o->n && rd_ok(q->r); i++)
        o->items[i] = object(q);
    return o;
}

static struct jobj *new_enum(struct parse *q)
{
    struct jobj *o = make(q, J_ENUM, class_desc(q));
    handle(q, o);
    struct jobj *name = object(q);
    if (!o->cls || !name || name->kind != J_STRING) {
        rd_fail(q->r, "enum constant of a Java object without a name");
        return o;
    }
    o->text = name->text;
    o->n_text = name->n_text;
    return o;
}

static struct jobj *new_class(struct parse *q)
{
    struct jobj *o = make(q, J_CLASS, class_desc(q));
    handle(q, o);
    if (!o->cls)
        rd_fail(q->r, "class inside a Java object without a descriptor");
    return o;
}

static struct jobj *object(struct parse *q)
{
    struct jobj *o = NULL;
    if (!rd_enter(q->r))
        return NULL;
    switch (rd_u8(q->r)) {
    case TC_NULL:
        break;
    case TC_REFERENCE:
        o = reference(q);
        break;
    case TC_CLASSDESC:
        o = new_class_desc(q, false);
        break;
    case TC_PROXYCLASSDESC:
        o = new_class_desc(q, true);
        break;
    case TC_OBJECT:
        o = new_object(q);
        break;
    case TC_STRING:
        o = string(q, false);
        break;
    case TC_LONGSTRING:
        o = string(q, true);
        break;
    case TC_ARRAY:
        o = new_array(q);
        break;
    case TC_CLASS:
        o = new_class(q);
        break;
    case TC_ENUM:
        o = new_enum(q);
        break;
    case TC_EXCEPTION:
        rd_fail(q->r, "Java object whose writing broke off with an exception");
        break;
    default:
        rd_fail(q->r, "unknown element of a Java object");
        break;
    }
    rd_leave(q->r);
    return rd_ok(q->r) ? o : NULL;
}

bool javaobj_read(struct rd *r, struct arena *a, struct jobj **o)
{
    struct parse q = {.r = r, .a = a, .used = a->used};
    *o = NULL;
    if (rd_u32(r) != 0xaced0005)
        rd_fail(r, "no Java object stream (its first bytes are not ac ed 00 05)");
    while (rd_ok(r) && rd_left(r) && *r->p == TC_RESET)
        r->p++;
    if (rd_ok(r))
        *o = object(&q);
    free(q.handles);
    buf_free(&q.text);
    return rd_ok(r);
}

const struct jval *jobj_val(const struct jobj *o, const char *field)
{
    if (!o || o->kind != J_OBJECT)
        return NULL;
    for (uint32_t l = o->n_levels; l-- > 0;)
        for (uint32_t i = 0; o->levels[l].vals && i < o->levels[l].cls->n; i++)
            if (!strcmp(o->levels[l].cls->fields[i].name, field))
                return &o->levels[l].vals[i];
    return NULL;
}

struct jobj *jobj_field(const struct jobj *o, const char *field)
{
    const struct jval *v = jobj_val(o, field);
    return v && (v->type == 'L' || v->type == '[') ? v->o : NULL;
}

int64_t jobj_int(const struct jobj *o, const char *field, int64_t none)
{
    const struct jval *v = jobj_val(o, field);
    return v && strchr("BCIJSZ", v->type) ? v->i : none;
}

const char *jobj_text(const struct jobj *o) { return o && (o->kind == J_STRING || o->kind == J_ENUM) ? o->text : NULL; }

const char *jobj_field_text(const struct jobj *o, const char *field) { return jobj_text(jobj_field(o, field)); }

const char *jobj_class(const struct jobj *o)
{
    return !o ? "" : o->kind == J_STRING ? "java.lang.String" : o->kind == J_CLASS ? "java.lang.Class" : o->cls ? o->cls->name : "";
}

bool jobj_is(const struct jobj *o, const char *class_name)
{
    if (!o || o->kind != J_OBJECT)
        return o && !strcmp(jobj_class(o), class_name);
    for (const struct jclass *c = o->cls; c; c = c->super)
        if (!strcmp(c->name, class_name))
            return true;
    return false;
}

static bool starts(const char *s, const char *with) { return !strncmp(s, with, strlen(with)); }

/* What a java.util class in o's chain wrote behind its fields. */
static struct jobj *const *written_elements(const struct jobj *o, uint32_t *n)
{
    for (uint32_t i = o->n_levels; i-- > 0;) {
        const struct jlevel *l = &o->levels[i];
        if (l->n_items && starts(l->cls->name, "java.util.")) {
            uint32_t skip = !strcmp(l->cls->name, "java.util.TreeSet"); /* its comparator comes first */
            *n = l->n_items - skip;
            return l->items + skip;
        }
    }
    return NULL;
}

struct jobj *const *jobj_elements(const struct jobj *o, uint32_t *n)
{
    /* where a wrapper keeps its collection (UnmodifiableList has it in `list` and in `c`, UnmodifiableMap in `m`, Arrays.asList in
     * `a`, Vector in `elementData`, EnumSet's proxy in `elements`) */
    static const char *const inner[] = {"list", "m", "c", "a", "elementData", "elements"};
    *n = 0;
    for (int hop = 0; hop < 16 && o; hop++) {
        if (o->kind == J_ARRAY) {
            *n = o->items ? o->n : 0;
            return o->items;
        }
        if (o->kind != J_OBJECT)
            return NULL;
        struct jobj *const *items = written_elements(o, n);
        if (items || !starts(o->cls->name, "java.util."))
            return items;
        const struct jval *one = jobj_val(o, "element"); /* Collections.singleton… */
        if (one && one->type == 'L') {
            *n = 1;
            return &one->o;
        }
        const struct jobj *in = NULL;
        for (size_t i = 0; i < sizeof inner / sizeof *inner && !in; i++)
            in = jobj_field(o, inner[i]);
        int64_t count = jobj_int(o, "elementCount", -1);
        if (in && in->kind == J_ARRAY && in->items && count >= 0 && count <= in->n) {
            *n = (uint32_t)count;
            return in->items;
        }
        o = in;
    }
    return NULL;
}
