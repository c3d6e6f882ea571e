#include "inspect/job_classes.h"

#include <string.h>

enum { CHAIN_MAX = 64, INTERFACES_MAX = 128, POJO_FIELDS_MAX = 2000 };

static struct job_env *env_of(const struct class_file *c, const struct java_type *type, const struct job_env *outer,
                              struct arena *a)
{
    struct job_env *env = arena_alloc(a, sizeof *env);
    *env = (struct job_env){c, 0, NULL, outer, false};
    env->open = !outer && type && !type->n && c->type.n;
    if (type && type->n == c->type.n) {
        env->n = type->n;
        env->args = type->args;
    }
    return env;
}

struct job_chain job_chain_of(struct jar *j, const struct class_file *c, const struct java_type *type, const struct job_env *outer,
                              struct arena *a)
{
    struct job_chain chain = {.envs = arena_array(a, CHAIN_MAX, sizeof *chain.envs)};
    for (; c && chain.n < CHAIN_MAX; c = jar_class(j, chain.end, &chain.why)) {
        struct job_env *env = env_of(c, type, outer, a);
        chain.envs[chain.n++] = env;
        outer = env;
        type = c->type.super;
        chain.end = c->super;
        chain.end_type = type;
        if (!c->super || !strcmp(c->super, "java.lang.Object"))
            chain.end = NULL;
        if (!chain.end || !strncmp(chain.end, "org.apache.flink.", strlen("org.apache.flink.")))
            return chain; /* Flink's own classes are known, also where a jar brings them along */
    }
    return chain;
}

const struct java_type *job_resolve(const struct java_type *t, const struct job_env **env)
{
    while (t && t->kind == JAVA_VARIABLE) {
        const struct java_type *found = NULL;
        for (uint32_t i = 0; *env && i < (*env)->n && !found; i++)
            if (!strcmp((*env)->c->type.params[i], t->name))
                found = (*env)->args[i];
        if (!found)
            return NULL;
        t = found;
        *env = (*env)->outer;
    }
    return t;
}

bool job_extends(const struct job_chain *chain, const char *super)
{
    for (uint32_t i = 0; i < chain->n; i++)
        if (!strcmp(chain->envs[i]->c->name, super))
            return true;
    return chain->end && !strcmp(chain->end, super);
}

static void add_interfaces(struct job_names *all, const struct class_file *c)
{
    for (uint32_t i = 0; i < c->n_interfaces && all->n < INTERFACES_MAX; i++) {
        bool known = false;
        for (uint32_t k = 0; k < all->n && !known; k++)
            known = !strcmp(all->names[k], c->interfaces[i]);
        if (!known)
            all->names[all->n++] = c->interfaces[i];
    }
}

struct job_names job_interfaces(struct jar *j, const struct job_chain *chain, struct arena *a)
{
    struct job_names all = {.names = arena_array(a, INTERFACES_MAX, sizeof *all.names)};
    const char *why;
    for (uint32_t i = 0; i < chain->n; i++)
        add_interfaces(&all, chain->envs[i]->c);
    for (uint32_t i = 0; i < all.n; i++) {
        const struct class_file *c = jar_class(j, all.names[i], &why);
        if (c)
            add_interfaces(&all, c);
    }
    return all;
}

bool job_implements(struct jar *j, const struct job_chain *chain, const char *interface, struct arena *a)
{
    struct job_names all = job_interfaces(j, chain, a);
    for (uint32_t i = 0; i < all.n; i++)
        if (!strcmp(all.names[i], interface))
            return true;
    return false;
}

bool job_can_load(const struct jar *j, const char *name, struct arena *a)
{
    const struct java_type *t = java_type_of_name(name, a);
    while (t && t->kind == JAVA_ARRAY)
        t = t->args[0];
    return t && (t->kind == JAVA_PRIMITIVE || jar_is_provided(t->name) || jar_has(j, t->name));
}

/* --- POJOs --- */

bool job_is_pojo_field(const struct java_field *f) { return !(f->access & (ACC_STATIC | ACC_TRANSIENT)); }

/* Lower case, without underscores; a Scala setter keeps its end: "value_$eq". */
static const char *low(const char *name, bool method, struct arena *a)
{
    static const char scala[] = "_$eq";
    size_t n = strlen(name), keep = method && n > 4 && !strcmp(name + n - 4, scala) ? n - 4 : n;
    char *to = arena_alloc(a, n + 1), *p = to;
    for (size_t i = 0; i < n; i++)
        if (name[i] != '_' || i == keep)
            *p++ = name[i] >= 'A' && name[i] <= 'Z' ? (char)(name[i] + 32) : name[i];
    return to;
}

/* int for java.lang.Integer, … */
static bool wraps(const struct java_type *wrapper, const struct java_type *primitive)
{
    static const char *const pairs[][2] = {{"java.lang.Boolean", "boolean"}, {"java.lang.Byte", "byte"},
                                           {"java.lang.Character", "char"},  {"java.lang.Short", "short"},
                                           {"java.lang.Integer", "int"},     {"java.lang.Long", "long"},
                                           {"java.lang.Float", "float"},     {"java.lang.Double", "double"}};
    if (wrapper->kind != JAVA_CLASS || primitive->kind != JAVA_PRIMITIVE)
        return false;
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
        if (!strcmp(pairs[i][0], wrapper->name) && !strcmp(pairs[i][1], primitive->name))
            return true;
    return false;
}

/* A field that is looked for by its accessors. */
struct accessed {
    const struct java_field *f;
    const struct java_type *type; /* what its variable stands for, where its type is one */
    const char *low, *owner;      /* owner: the POJO's class */
    int flink;
    bool getter, setter;
};

static bool fits(const struct accessed *x, const struct java_type *raw, const struct java_type *type)
{
    return java_type_same(raw, x->f->raw) || wraps(raw, x->f->raw) || java_type_same(type, x->type) ||
        java_type_same(type, x->f->type);
}

static bool is_getter(const struct accessed *x, const struct java_method *m, const char *name)
{
    const char *stem = !strncmp(name, "get", 3) ? name + 3 : !strncmp(name, "is", 2) ? name + 2 : name;
    return m->raw.n == 0 && (!strcmp(stem, x->low) || !strcmp(name, x->low)) && fits(x, m->raw.result, m->type.result);
}

static bool is_setter(const struct accessed *x, const struct java_method *m, const char *name)
{
    size_t n = strlen(x->low);
    bool named = !strncmp(name, "set", 3) &&
        (!strcmp(name + 3, x->low) || (x->flink >= 200 && !strncmp(x->low, "is", 2) && !strcmp(name + 3, x->low + 2)));
    named = named || (!strncmp(name, x->low, n) && !strcmp(name + n, "_$eq"));
    const struct java_type *r = m->raw.result;
    return named && m->raw.n == 1 && fits(x, m->raw.params[0], m->type.params[0]) &&
        (!strcmp(r->name, "void") || (r->kind == JAVA_CLASS && !strcmp(r->name, x->owner)));
}

/* The public methods of a class, its superclasses and interfaces, by the names that accessors are looked for. */
struct accessors {
    size_t n;
    struct accessor {
        const struct java_method *m;
        const char *low;
    } * list;
};

static size_t count_methods(struct jar *j, const struct job_chain *chain, const struct job_names *all)
{
    const char *why;
    size_t n = 0;
    for (uint32_t i = 0; i < chain->n; i++)
        n += chain->envs[i]->c->n_methods;
    for (uint32_t i = 0; i < all->n; i++) {
        const struct class_file *c = jar_class(j, all->names[i], &why);
        n += c ? c->n_methods : 0;
    }
    return n;
}

static void add_accessors(struct accessors *to, const struct class_file *c, struct arena *a)
{
    for (uint32_t i = 0; i < c->n_methods; i++)
        if (c->methods[i].access & ACC_PUBLIC && *c->methods[i].name != '<' && c->methods[i].raw.n <= 1)
            to->list[to->n++] = (struct accessor){&c->methods[i], low(c->methods[i].name, true, a)};
}

static struct accessors accessors_of(struct jar *j, const struct job_chain *chain, struct arena *a)
{
    struct job_names all = job_interfaces(j, chain, a);
    struct accessors to = {0, arena_array(a, count_methods(j, chain, &all), sizeof *to.list)};
    const char *why;
    for (uint32_t i = 0; i < chain->n; i++)
        add_accessors(&to, chain->envs[i]->c, a);
    for (uint32_t i = 0; i < all.n; i++) {
        const struct class_file *c = jar_class(j, all.names[i], &why);
        if (c)
            add_accessors(&to, c, a);
    }
    return to;
}

/* TypeExtractor#isValidPojoField */
static const char *no_pojo_field(const struct accessors *methods, const struct job_chain *chain, uint32_t at,
                                 const struct java_field *f, int flink, struct arena *a)
{
    const struct job_env *env = chain->envs[at];
    if (f->access & ACC_PUBLIC)
        return NULL;
    struct accessed x = {.f = f,
                         .type = job_resolve(f->type, &env),
                         .low = low(f->name, false, a),
                         .owner = chain->envs[0]->c->name,
                         .flink = flink};
    for (size_t i = 0; i < methods->n && !(x.getter && x.setter); i++) {
        x.getter = x.getter || is_getter(&x, methods->list[i].m, methods->list[i].low);
        x.setter = x.setter || is_setter(&x, methods->list[i].m, methods->list[i].low);
    }
    if (x.getter && x.setter)
        return NULL;
    return arena_printf(a, "its field %s is not public and has no %s", f->name,
                        x.getter       ? "setter"
                            : x.setter ? "getter"
                                       : "getter and no setter");
}

static const char *no_constructor(const struct class_file *c)
{
    for (uint32_t i = 0; i < c->n_methods; i++)
        if (!strcmp(c->methods[i].name, "<init>") && c->methods[i].raw.n == 0)
            return c->methods[i].access & ACC_PUBLIC ? NULL : "its constructor without parameters is not public";
    return c->access & (ACC_ABSTRACT | ACC_INTERFACE) ? NULL : "it has no constructor without parameters";
}

static const char *own_serialization(const struct class_file *c)
{
    for (uint32_t i = 0; i < c->n_methods; i++)
        if (!strcmp(c->methods[i].name, "readObject") || !strcmp(c->methods[i].name, "writeObject"))
            return c->methods[i].name;
    return NULL;
}

static bool has_field(const struct job_chain *chain, uint32_t upto, const char *name)
{
    for (uint32_t i = 0; i < upto; i++)
        for (uint32_t k = 0; k < chain->envs[i]->c->n_fields; k++)
            if (job_is_pojo_field(&chain->envs[i]->c->fields[k]) && !strcmp(chain->envs[i]->c->fields[k].name, name))
                return true;
    return false;
}

/* The fields of all classes of a chain; *n counts them. */
static const char *no_pojo_fields(struct jar *j, const struct job_chain *chain, bool record, int flink, struct arena *a, size_t *n)
{
    struct accessors methods = accessors_of(j, chain, a);
    for (uint32_t i = 0; i < chain->n; i++)
        for (uint32_t k = 0; k < chain->envs[i]->c->n_fields; k++) {
            const struct java_field *f = &chain->envs[i]->c->fields[k];
            if (!job_is_pojo_field(f))
                continue;
            if (++*n > POJO_FIELDS_MAX)
                return arena_printf(a, "it has more than %d fields, which weir does not look at", POJO_FIELDS_MAX);
            if (has_field(chain, i, f->name))
                return arena_printf(a, "it has two fields of the name %s, its own and an inherited one", f->name);
            const char *why = record ? NULL : no_pojo_field(&methods, chain, i, f, flink, a);
            if (why)
                return why;
        }
    return *n ? NULL : "it has no fields";
}

const char *job_no_pojo(struct jar *j, const struct job_chain *chain, int flink, struct arena *a)
{
    const struct class_file *c = chain->envs[0]->c;
    bool record = class_is_record(c);
    size_t n = 0;
    if (!(c->access & ACC_PUBLIC))
        return "it is not public";
    if (chain->end && !record)
        return arena_printf(a, "it extends %s", chain->end);
    const char *why = no_pojo_fields(j, chain, record, flink, a, &n);
    if (why)
        return why;
    for (uint32_t i = 0; i < chain->n; i++) {
        const char *method = own_serialization(chain->envs[i]->c);
        if (method)
            return arena_printf(a, "it has a method %s", method);
    }
    return record ? NULL : no_constructor(c);
}
