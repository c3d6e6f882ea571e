#include "jar/class_file.h"

#include <string.h>

#include "jar/class_code.h"

static const char type_info[] = "Lorg/apache/flink/api/common/typeinfo/TypeInfo;";

struct reading {
    struct rd r;
    struct class_pool pool;
    struct arena *a;
    struct class_file *c;
    struct class_code *code; /* NULL: not wanted */
};

/* An attribute: its name's index, and its body. */
struct attribute {
    uint16_t name;
    struct rd body;
};

static bool next_attribute(struct rd *r, struct attribute *to)
{
    to->name = rd_u16(r);
    uint32_t n = rd_u32(r);
    to->body = rd_sub(r, rd_ok(r) ? n : 0);
    return rd_ok(r);
}

enum { ANNOTATION_DEPTH = 16 };

static void skip_annotation(struct rd *r, int depth);

static void skip_value(struct rd *r, int depth)
{
    uint8_t tag = rd_u8(r);
    if (tag == '@') {
        (void)rd_u16(r);
        skip_annotation(r, depth + 1);
    } else if (tag == '[' && depth < ANNOTATION_DEPTH) {
        for (uint32_t n = rd_u16(r); n && rd_ok(r); n--)
            skip_value(r, depth + 1);
    } else if (tag == '[') {
        rd_fail(r, "annotations nested too deeply");
    } else {
        (void)rd_take(r, tag == 'e' ? 4 : 2);
    }
}

/* Behind its type. */
static void skip_annotation(struct rd *r, int depth)
{
    if (depth >= ANNOTATION_DEPTH)
        rd_fail(r, "annotations nested too deeply");
    for (uint32_t n = rd_u16(r); n && rd_ok(r); n--) {
        (void)rd_u16(r); /* the element's name */
        skip_value(r, depth);
    }
}

/* RuntimeVisibleAnnotations: is @TypeInfo among them? Those of Kryo are noted for the class. */
static bool has_type_info(struct reading *in, struct rd *body)
{
    static const char kryo[] = "Lcom/esotericsoftware/kryo/";
    bool found = false;
    for (uint32_t n = rd_u16(body); n && rd_ok(body); n--) {
        const char *type = class_pool_text(&in->pool, rd_u16(body), in->a);
        found |= !strcmp(type, type_info);
        in->c->kryo_annotated |= !strncmp(type, kryo, sizeof kryo - 1);
        skip_annotation(body, 0);
    }
    return found;
}

struct member {
    const char *name, *descriptor, *signature;
    uint16_t access;
    bool type_info;
    struct bytes code; /* of a method, the attribute */
};

static struct member member(struct reading *in)
{
    struct rd *r = &in->r;
    struct member m = {.access = rd_u16(r)};
    m.name = class_pool_text(&in->pool, rd_u16(r), in->a);
    m.descriptor = class_pool_text(&in->pool, rd_u16(r), in->a);
    m.signature = m.descriptor;
    for (uint32_t n = rd_u16(r); n && rd_ok(r); n--) {
        struct attribute at;
        if (!next_attribute(r, &at))
            break;
        if (class_pool_is(&in->pool, at.name, "Signature")) {
            m.signature = class_pool_text(&in->pool, rd_u16(&at.body), in->a);
        } else if (class_pool_is(&in->pool, at.name, "RuntimeVisibleAnnotations")) {
            m.type_info |= has_type_info(in, &at.body);
        } else if (class_pool_is(&in->pool, at.name, "Code")) {
            size_t size = rd_left(&at.body);
            m.code = (struct bytes){rd_take(&at.body, size), size};
        }
    }
    return m;
}

static void fields(struct reading *in)
{
    uint32_t n = rd_u16(&in->r);
    if (n > rd_left(&in->r) / 8)
        rd_fail(&in->r, "more fields than fit");
    struct java_field *list = arena_array(in->a, rd_ok(&in->r) ? n : 0, sizeof *list);
    for (uint32_t i = 0; i < n && rd_ok(&in->r); i++) {
        struct member m = member(in);
        const struct java_type *raw = java_type_of(m.descriptor, in->a), *type = java_type_of(m.signature, in->a);
        if (!raw)
            rd_fail(&in->r, "a field whose type is none");
        list[i] = (struct java_field){m.name, m.access, raw, type ? type : raw, m.type_info};
        in->c->n_fields = i + 1;
    }
    in->c->fields = list;
}

static void methods(struct reading *in)
{
    uint32_t n = rd_u16(&in->r);
    if (n > rd_left(&in->r) / 8)
        rd_fail(&in->r, "more methods than fit");
    struct java_method *list = arena_array(in->a, rd_ok(&in->r) ? n : 0, sizeof *list);
    if (in->code)
        in->code->bodies = arena_array(in->a, rd_ok(&in->r) ? n : 0, sizeof *in->code->bodies);
    for (uint32_t i = 0; i < n && rd_ok(&in->r); i++) {
        struct member m = member(in);
        struct java_method *to = &list[i];
        to->name = m.name;
        to->access = m.access;
        if (!java_method_type_of(&to->raw, m.descriptor, in->a))
            rd_fail(&in->r, "a method whose type is none");
        if (!java_method_type_of(&to->type, m.signature, in->a) || to->type.n != to->raw.n)
            to->type = to->raw;
        if (!strcmp(m.name, "<clinit>") && m.code.n)
            in->c->avro_schema = class_code_strings_into(m.code, &in->pool, "SCHEMA$", in->a);
        if (in->code)
            in->code->bodies[in->code->n++] = m.code;
        in->c->n_methods = i + 1;
    }
    in->c->methods = list;
}

/* A nested class's own row says what its source does; the file's access has no static, and private as package-private. */
static void inner_classes(struct reading *in, struct rd *r)
{
    for (uint32_t n = rd_u16(r); n && rd_ok(r); n--) {
        const char *inner = class_pool_class(&in->pool, rd_u16(r), in->a);
        (void)rd_take(r, 4);
        uint16_t access = rd_u16(r);
        if (rd_ok(r) && inner && !strcmp(inner, in->c->name))
            in->c->access = access;
    }
}

static void attributes(struct reading *in)
{
    for (uint32_t n = rd_u16(&in->r); n && rd_ok(&in->r); n--) {
        struct attribute at;
        if (!next_attribute(&in->r, &at))
            break;
        if (class_pool_is(&in->pool, at.name, "Signature")) {
            if (!java_class_type_of(&in->c->type, class_pool_text(&in->pool, rd_u16(&at.body), in->a), in->a))
                in->c->type = (struct java_class_type){0};
        } else if (class_pool_is(&in->pool, at.name, "RuntimeVisibleAnnotations")) {
            in->c->type_info |= has_type_info(in, &at.body);
        } else if (class_pool_is(&in->pool, at.name, "InnerClasses")) {
            inner_classes(in, &at.body);
        } else if (in->code && class_pool_is(&in->pool, at.name, "BootstrapMethods")) {
            size_t size = rd_left(&at.body);
            in->code->bootstrap = (struct bytes){rd_take(&at.body, size), size};
        }
    }
}

static void head(struct reading *in)
{
    struct rd *r = &in->r;
    if (rd_u32(r) != 0xcafebabe)
        rd_fail(r, "no class file");
    (void)rd_take(r, 4); /* version */
    class_pool_read(&in->pool, r, in->a);
    in->c->access = rd_u16(r);
    in->c->name = class_pool_class(&in->pool, rd_u16(r), in->a);
    in->c->super = class_pool_class(&in->pool, rd_u16(r), in->a);
    if (rd_ok(r) && (!in->c->name || strlen(in->c->name) > CLASS_NAME_MAX))
        rd_fail(r, "a class without a name");
    uint32_t n = rd_u16(r);
    if (n > rd_left(r) / 2)
        rd_fail(r, "more interfaces than fit");
    n = rd_ok(r) ? n : 0;
    in->c->interfaces = arena_array(in->a, n, sizeof *in->c->interfaces);
    for (uint32_t i = 0; i < n; i++) {
        const char *name = class_pool_class(&in->pool, rd_u16(r), in->a);
        if (name)
            in->c->interfaces[in->c->n_interfaces++] = name;
    }
}

bool class_file_read(struct class_file *c, struct bytes file, struct class_code *code, struct arena *a, struct err *e)
{
    struct reading in = {.r = rd_of(file.p, file.n, 0), .a = a, .c = c, .code = code};
    *c = (struct class_file){0};
    if (code)
        *code = (struct class_code){0};
    if (file.n > CLASS_FILE_MAX)
        return err_set(e, ERR_LIMIT, "a class file of more than 8 MiB");
    head(&in);
    if (rd_ok(&in.r))
        fields(&in);
    if (rd_ok(&in.r))
        methods(&in);
    if (rd_ok(&in.r))
        attributes(&in);
    if (!rd_ok(&in.r))
        return err_set(e, ERR_CORRUPT, "not a class file: %s, at offset %llu", in.r.why, (unsigned long long)in.r.bad_at);
    if (code)
        code->pool = in.pool;
    if (!c->type.super && c->super)
        c->type.super = java_type_of_name(c->super, a);
    return true;
}

bool class_is_enum(const struct class_file *c) { return c->super && !strcmp(c->super, "java.lang.Enum"); }

bool class_is_record(const struct class_file *c)
{
    return c->super && !strcmp(c->super, "java.lang.Record") && c->access & ACC_FINAL;
}
