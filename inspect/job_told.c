#include "inspect/job_told.h"

#include <stdlib.h>
#include <string.h>

#include "inspect/compat.h"
#include "inspect/job_classes.h"
#include "inspect/job_subclass.h"

enum { ACC_SYNTHETIC = 0x1000, TEXT_DEPTH = 16 };

static bool starts(const char *s, const char *with) { return !strncmp(s, with, strlen(with)); }

/* Interfaces for which Kryo, or Flink's set-up of it, has serializers: collections, maps and what writes itself. One that is not known
 * may be such. */
static bool has_serializer(const struct jar *j, const char *interface)
{
    static const char *const harmless[] = {"java.util.function.",    "java.util.Comparator",    "java.util.Iterator",
                                           "java.util.RandomAccess", "java.util.EventListener", "java.util.concurrent.Callable"};
    static const char *const served[] = {"java.util.", "com.esotericsoftware.", "org.apache.avro.", "scala.collection."};
    for (size_t i = 0; i < sizeof harmless / sizeof *harmless; i++)
        if (starts(interface, harmless[i]))
            return false;
    for (size_t i = 0; i < sizeof served / sizeof *served; i++)
        if (starts(interface, served[i]))
            return true;
    return !jar_is_provided(interface) && !jar_has(j, interface);
}

static bool is_written(const struct java_field *f) { return !(f->access & (ACC_STATIC | ACC_TRANSIENT | ACC_SYNTHETIC)); }

static bool has_variable(const struct java_type *t)
{
    if (t->kind == JAVA_VARIABLE)
        return true;
    for (uint32_t i = 0; i < t->n; i++)
        if (has_variable(t->args[i]))
            return true;
    return false;
}

static bool is_certain(struct job_told *t, const struct job_chain *chain, struct arena *a)
{
    if (chain->end || chain->why || class_is_record(chain->envs[0]->c))
        return false;
    struct job_names all = job_interfaces(t->jar, chain, a);
    for (uint32_t i = 0; i < all.n; i++)
        if (has_serializer(t->jar, all.names[i]))
            return false;
    for (uint32_t i = 0; i < chain->n; i++) {
        const struct class_file *c = chain->envs[i]->c;
        if (c->kryo_annotated)
            return false;
        for (uint32_t k = 0; k < c->n_fields; k++)
            if (is_written(&c->fields[k]) && has_variable(c->fields[k].type))
                return false;
    }
    return true;
}

/* A class as Class#getName has it, with its type arguments behind. */
static void type_text(const struct java_type *t, struct buf *b, int depth)
{
    const struct java_type *of = t;
    if (t->kind == JAVA_WILDCARD || depth > TEXT_DEPTH) {
        buf_puts(b, "java.lang.Object"); /* what Kryo takes it for */
        return;
    }
    for (; of->kind == JAVA_ARRAY; of = of->args[0])
        buf_putc(b, '[');
    if (of != t) {
        if (of->kind == JAVA_PRIMITIVE)
            buf_putc(b, (uint8_t)(!strcmp(of->name, "boolean") ? 'Z' : !strcmp(of->name, "long") ? 'J' : *of->name - 32));
        else
            buf_printf(b, "L%s;", of->name);
        return;
    }
    buf_puts(b, t->name);
    for (uint32_t i = 0; i < t->n; i++) {
        buf_putc(b, i ? ',' : '<');
        type_text(t->args[i], b, depth + 1);
    }
    if (t->n)
        buf_putc(b, '>');
}

static struct told_field field_of(const struct java_field *f, struct arena *a)
{
    static const struct {
        const char *name;
        enum told_type type;
    } primitives[] = {{"boolean", TOLD_BOOLEAN}, {"byte", TOLD_BYTE}, {"short", TOLD_SHORT}, {"char", TOLD_CHAR},
                      {"int", TOLD_INT},         {"long", TOLD_LONG}, {"float", TOLD_FLOAT}, {"double", TOLD_DOUBLE}};
    struct told_field to = {.name = f->name, .type = TOLD_OBJECT};
    struct buf b = {0};
    for (size_t i = 0; f->raw->kind == JAVA_PRIMITIVE && i < sizeof primitives / sizeof *primitives; i++)
        if (!strcmp(primitives[i].name, f->raw->name))
            to.type = primitives[i].type;
    type_text(f->type, &b, 0);
    to.cls = arena_strn(a, (const char *)b.p, b.n);
    buf_free(&b);
    return to;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct told_field *)a)->name, ((const struct told_field *)b)->name);
}

static void class_fields(struct told_decl *d, const struct job_chain *chain, struct arena *a)
{
    uint32_t all = 0;
    for (uint32_t i = 0; i < chain->n; i++)
        all += chain->envs[i]->c->n_fields;
    d->fields = arena_array(a, all, sizeof *d->fields);
    for (uint32_t i = 0; i < chain->n; i++)
        for (uint32_t k = 0; k < chain->envs[i]->c->n_fields; k++)
            if (is_written(&chain->envs[i]->c->fields[k]))
                d->fields[d->n++] = field_of(&chain->envs[i]->c->fields[k], a);
    if (d->n)
        qsort(d->fields, d->n, sizeof *d->fields, by_name);
}

static void constants(struct told_decl *d, const struct class_file *c, struct arena *a)
{
    d->fields = arena_array(a, c->n_fields, sizeof *d->fields);
    for (uint32_t i = 0; i < c->n_fields; i++)
        if (c->fields[i].access & ACC_ENUM)
            d->fields[d->n++].name = c->fields[i].name;
}

static const struct told_decl *find(void *ctx, const char *name)
{
    struct job_told *t = ctx;
    struct arena *a = &t->source.arena;
    const char *why;
    const struct class_file *c = jar_is_provided(name) ? NULL : jar_class(t->jar, name, &why);
    if (!c)
        return NULL;
    struct job_chain chain = job_chain_of(t->jar, c, NULL, NULL, a);
    struct told_decl *d = arena_alloc(a, sizeof *d);
    *d = (struct told_decl){.name = c->name, .final = c->access & ACC_FINAL, .length = LEN_VAR};
    if (class_is_enum(c)) {
        d->kind = TOLD_ENUM;
        constants(d, c, a);
    } else if (is_certain(t, &chain, a)) {
        d->kind = TOLD_CLASS;
        class_fields(d, &chain, a);
    } else {
        return NULL;
    }
    return d;
}

struct job_told_subclass {
    const char *cls;
    bool flink2;
    const struct ser *ser; /* NULL: nothing is known */
    struct job_told_subclass *next;
};

static const struct ser *subclass(void *ctx, const char *cls, bool flink2)
{
    struct job_told *t = ctx;
    struct arena *a = &t->source.arena;
    if (!jar_has(t->jar, cls))
        return NULL;
    for (const struct job_told_subclass *s = t->subclasses; s; s = s->next)
        if (s->flink2 == flink2 && !strcmp(s->cls, cls))
            return s->ser;
    const struct job_given given = {.jar = t->jar, .flink = flink2 ? FLINK(2, 3) : FLINK(1, 20)};
    struct job_told_subclass *s = arena_alloc(a, sizeof *s);
    *s = (struct job_told_subclass){arena_str(a, cls), flink2, job_subclass(&given, cls, a), t->subclasses};
    t->subclasses = s;
    return s->ser;
}

void job_told_begin(struct job_told *t, struct jar *jar)
{
    pthread_mutexattr_t recursive;
    *t = (struct job_told){.source = {.find = find, .subclass = subclass, .ctx = t}, .jar = jar};
    pthread_mutexattr_init(&recursive);
    pthread_mutexattr_settype(&recursive, PTHREAD_MUTEX_RECURSIVE);
    pthread_mutex_init(&t->source.lock, &recursive);
    pthread_mutexattr_destroy(&recursive);
}

void job_told_end(struct job_told *t)
{
    pthread_mutex_destroy(&t->source.lock);
    arena_free(&t->source.arena);
}
