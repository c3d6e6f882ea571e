#include "jar/java_type.h"

#include <string.h>

enum { DEPTH_MAX = 64, ARGS_MAX = 1 << 12 };

struct parse {
    const char *p;
    struct arena *a;
    int depth;
};

static const struct java_type *type(struct parse *in);

static struct java_type *made(struct arena *a, enum java_kind kind, const char *name, uint32_t n, const struct java_type **args)
{
    struct java_type *t = arena_alloc(a, sizeof *t);
    *t = (struct java_type){kind, name, n, args};
    return t;
}

static const char *primitive(char c)
{
    static const struct {
        char code;
        const char *name;
    } all[] = {{'Z', "boolean"}, {'B', "byte"},  {'C', "char"},   {'S', "short"}, {'I', "int"},
               {'J', "long"},    {'F', "float"}, {'D', "double"}, {'V', "void"}};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (all[i].code == c)
            return all[i].name;
    return NULL;
}

/* "a/b/C" up to one of the characters that end it, with dots. NULL: nothing there. */
static char *name(struct parse *in, const char *ends)
{
    size_t n = strcspn(in->p, ends);
    if (!n || !in->p[n])
        return NULL;
    char *s = arena_strn(in->a, in->p, n);
    for (size_t i = 0; i < n; i++)
        if (s[i] == '/')
            s[i] = '.';
    in->p += n;
    return s;
}

/* Types are gathered in doubling pieces of the arena. */
static bool gather(const struct java_type ***list, uint32_t *n, const struct java_type *t, struct arena *a)
{
    if (!t || *n == ARGS_MAX)
        return false;
    if (!(*n & (*n - 1))) {
        const struct java_type **more = arena_array(a, *n ? 2 * (size_t)*n : 1, sizeof *more);
        if (*n)
            memcpy(more, *list, *n * sizeof *more);
        *list = more;
    }
    (*list)[(*n)++] = t;
    return true;
}

static const struct java_type *argument(struct parse *in)
{
    const struct java_type **bound = NULL;
    if (*in->p == '*') {
        in->p++;
        return made(in->a, JAVA_WILDCARD, "?", 0, NULL);
    }
    if (*in->p != '+' && *in->p != '-')
        return type(in);
    bool upper = *in->p++ == '+';
    bound = arena_array(in->a, 1, sizeof *bound);
    bound[0] = type(in);
    return bound[0] ? made(in->a, JAVA_WILDCARD, "?", upper, bound) : NULL;
}

/* Behind the L. Of a class within a parameterised one ("Lzoo/Box<TT;>.Lid;") the outer one's arguments are not kept. */
static const struct java_type *class_type(struct parse *in)
{
    const char *full = name(in, "<;.");
    const struct java_type **args = NULL;
    uint32_t n = 0;
    while (full) {
        n = 0;
        args = NULL;
        if (*in->p == '<') {
            for (in->p++; *in->p && *in->p != '>';)
                if (!gather(&args, &n, argument(in), in->a))
                    return NULL;
            if (*in->p++ != '>')
                return NULL;
        }
        if (*in->p != '.')
            break;
        in->p++;
        const char *inner = name(in, "<;.");
        full = inner ? arena_printf(in->a, "%s$%s", full, inner) : NULL;
    }
    if (!full || *in->p != ';')
        return NULL;
    in->p++;
    return made(in->a, JAVA_CLASS, full, n, args);
}

static const struct java_type *type(struct parse *in)
{
    const struct java_type *t = NULL, **of;
    if (in->depth == DEPTH_MAX)
        return NULL;
    in->depth++;
    char c = *in->p;
    const char *word = primitive(c);
    if (c)
        in->p++;
    if (word) {
        t = made(in->a, JAVA_PRIMITIVE, word, 0, NULL);
    } else if (c == 'L') {
        t = class_type(in);
    } else if (c == 'T') {
        const char *var = name(in, ";");
        if (var && *in->p++ == ';')
            t = made(in->a, JAVA_VARIABLE, var, 0, NULL);
    } else if (c == '[') {
        of = arena_array(in->a, 1, sizeof *of);
        of[0] = type(in);
        t = of[0] ? made(in->a, JAVA_ARRAY, "[]", 1, of) : NULL;
    }
    in->depth--;
    return t;
}

const struct java_type *java_type_read(const char **p, struct arena *a)
{
    struct parse in = {*p, a, 0};
    const struct java_type *t = type(&in);
    *p = in.p;
    return t;
}

const struct java_type *java_type_of(const char *text, struct arena *a)
{
    const struct java_type *t = java_type_read(&text, a);
    return t && !*text ? t : NULL;
}

/* "<T:Lbound;U::Liface;>" at *in, where there is one. */
static bool parameters(struct parse *in, struct java_class_type *c)
{
    const struct java_type **bounds = NULL, **names = NULL;
    uint32_t n = 0, n_bounds = 0;
    static const struct java_type none = {JAVA_WILDCARD, "?", 0, NULL};
    if (*in->p != '<')
        return true;
    for (in->p++; *in->p && *in->p != '>';) {
        const char *param = name(in, ":");
        const struct java_type *bound = NULL;
        while (param && *in->p == ':') {
            in->p++;
            const struct java_type *t = *in->p == ':' ? &none : type(in);
            if (!t)
                return false;
            bound = bound ? bound : t == &none ? NULL : t;
        }
        if (!param || !gather(&names, &n, made(in->a, JAVA_VARIABLE, param, 0, NULL), in->a) ||
            !gather(&bounds, &n_bounds, bound ? bound : &none, in->a))
            return false;
    }
    if (*in->p++ != '>')
        return false;
    c->n = n;
    c->params = arena_array(in->a, n, sizeof *c->params);
    c->bounds = arena_array(in->a, n, sizeof *c->bounds);
    for (uint32_t i = 0; i < n; i++) {
        c->params[i] = names[i]->name;
        c->bounds[i] = bounds[i] == &none ? NULL : bounds[i];
    }
    return true;
}

bool java_class_type_of(struct java_class_type *c, const char *text, struct arena *a)
{
    struct parse in = {text, a, 0};
    *c = (struct java_class_type){0};
    if (!parameters(&in, c))
        return false;
    c->super = type(&in);
    return c->super && c->super->kind == JAVA_CLASS;
}

bool java_method_type_of(struct java_method_type *m, const char *text, struct arena *a)
{
    struct parse in = {text, a, 0};
    struct java_class_type own = {0};
    *m = (struct java_method_type){0};
    if (!parameters(&in, &own) || *in.p++ != '(')
        return false;
    while (*in.p && *in.p != ')')
        if (!gather(&m->params, &m->n, type(&in), a))
            return false;
    if (*in.p++ != ')')
        return false;
    m->result = type(&in);
    return m->result;
}

void java_type_text(const struct java_type *t, struct buf *b)
{
    if (t->kind == JAVA_ARRAY) {
        java_type_text(t->args[0], b);
        buf_puts(b, "[]");
        return;
    }
    if (t->kind == JAVA_WILDCARD) {
        if (t->n)
            java_type_text(t->args[0], b);
        else
            buf_puts(b, "java.lang.Object");
        return;
    }
    buf_puts(b, t->name);
    for (uint32_t i = 0; i < t->n; i++) {
        buf_putc(b, i ? ',' : '<');
        java_type_text(t->args[i], b);
    }
    if (t->n)
        buf_putc(b, '>');
}

bool java_type_same(const struct java_type *a, const struct java_type *b)
{
    if (a == b)
        return true;
    if (!a || !b || a->kind != b->kind || a->n != b->n || strcmp(a->name, b->name) != 0)
        return false;
    for (uint32_t i = 0; i < a->n; i++)
        if (!java_type_same(a->args[i], b->args[i]))
            return false;
    return true;
}

const struct java_type *java_type_of_name(const char *class_name, struct arena *a)
{
    if (*class_name == '[') {
        char *text = arena_str(a, class_name);
        for (char *p = text; *p; p++)
            *p = *p == '.' ? '/' : *p;
        return java_type_of(text, a);
    }
    return made(a, JAVA_CLASS, arena_str(a, class_name), 0, NULL);
}
