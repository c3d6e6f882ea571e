#include "inspect/compat_avro.h"

#include <string.h>

/* Pairs that are being compared: records may contain themselves. */
struct pair {
    const struct avro *a, *b;
    const struct pair *up;
};

struct compare {
    struct arena *arena;
    unsigned depth;
    uint64_t steps; /* a hostile pair of schemas can make very many */
};

enum { STEPS_MAX = 20000000, DEPTH_MAX = 200 };
static const char too_large[] = "the Avro schemas are too large to be compared";

static bool met(const struct pair *p, const struct avro *a, const struct avro *b)
{
    for (; p; p = p->up)
        if (p->a == a && p->b == b)
            return true;
    return false;
}

static bool too_much(struct compare *c) { return ++c->steps > STEPS_MAX || c->depth > DEPTH_MAX; }

static bool same_text(const char *a, const char *b) { return a == b || (a && b && !strcmp(a, b)); }

static const char *kind_word(const struct avro *t)
{
    static const char *const words[] = {"null",   "boolean", "int",  "long",  "float", "double", "bytes",
                                        "string", "record",  "enum", "fixed", "array", "map",    "union"};
    return words[t->kind];
}

static bool has_name(const struct avro *t) { return t->kind == AVRO_RECORD || t->kind == AVRO_ENUM || t->kind == AVRO_FIXED; }

static const char *simple(const char *name)
{
    const char *dot = strrchr(name, '.');
    return dot ? dot + 1 : name;
}

/* --- Schema#equals --- */

static bool equal(struct compare *c, const struct avro *a, const struct avro *b, const struct pair *up)
{
    if (a == b || met(up, a, b))
        return true;
    if (too_much(c) || a->kind != b->kind || a->logical != b->logical || a->n != b->n || a->size != b->size ||
        a->scale != b->scale || (has_name(a) && strcmp(a->name, b->name)) ||
        (a->kind == AVRO_ENUM && !same_text(a->defaults[0], b->defaults[0])))
        return false;
    const struct pair here = {a, b, up};
    c->depth++;
    bool same = true;
    for (uint32_t i = 0; same && i < a->n; i++)
        same = (!a->names || !strcmp(a->names[i], b->names[i])) &&
            (a->kind != AVRO_RECORD || same_text(a->defaults[i], b->defaults[i])) &&
            (!a->types || equal(c, a->types[i], b->types[i], &here));
    c->depth--;
    return same;
}

bool avro_equal(const struct avro *a, const struct avro *b, struct arena *arena)
{
    struct compare c = {.arena = arena};
    return equal(&c, a, b, NULL);
}

/* --- SchemaCompatibility#checkReaderWriterCompatibility --- */

static const char *resolve(struct compare *c, const struct avro *r, const struct avro *w, const char *at, const struct pair *up);

static const char *became(struct compare *c, const char *at, const struct avro *w, const struct avro *r)
{
    const char *from = has_name(w) ? w->name : kind_word(w), *to = has_name(r) ? r->name : kind_word(r);
    return arena_printf(c->arena, "%s: %s became %s, and Avro does not read the one as the other", at, from, to);
}

static uint32_t field_of(const struct avro *writer, const struct avro *reader, uint32_t i)
{
    const char **alias = reader->aliases[i];
    for (uint32_t j = 0; j < writer->n; j++)
        if (!strcmp(writer->names[j], reader->names[i]))
            return j;
    for (; alias && *alias; alias++)
        for (uint32_t j = 0; j < writer->n; j++)
            if (!strcmp(writer->names[j], *alias))
                return j;
    return writer->n;
}

static const char *resolve_record(struct compare *c, const struct avro *r, const struct avro *w, const char *at,
                                  const struct pair *up)
{
    const char *why = NULL;
    for (uint32_t i = 0; !why && i < r->n; i++) {
        uint32_t j = field_of(w, r, i);
        const char *here = arena_printf(c->arena, "%s.%s", at, r->names[i]);
        if (j < w->n)
            why = resolve(c, r->types[i], w->types[j], here, up);
        else if (!r->defaults[i] && !(r->types[i]->kind == AVRO_ENUM && r->types[i]->defaults[0]))
            why = arena_printf(c->arena, "%s: a field without a default was added", here);
        c->steps += w->n;
        if (too_much(c))
            return too_large;
    }
    return why;
}

static const char *resolve_enum(struct compare *c, const struct avro *r, const struct avro *w, const char *at)
{
    for (uint32_t i = 0; i < w->n && !r->defaults[0]; i++) {
        uint32_t j = 0;
        while (j < r->n && strcmp(r->names[j], w->names[i]))
            j++;
        if (j == r->n)
            return arena_printf(c->arena, "%s: the symbol %s was removed from enum %s, which has no default", at, w->names[i],
                                w->name);
    }
    return NULL;
}

static bool promotes(enum avro_kind w, enum avro_kind r)
{
    switch (r) {
    case AVRO_LONG:
        return w == AVRO_INT;
    case AVRO_FLOAT:
        return w == AVRO_INT || w == AVRO_LONG;
    case AVRO_DOUBLE:
        return w == AVRO_INT || w == AVRO_LONG || w == AVRO_FLOAT;
    case AVRO_BYTES:
        return w == AVRO_STRING;
    case AVRO_STRING:
        return w == AVRO_BYTES;
    default:
        return false;
    }
}

static const char *resolve_union(struct compare *c, const struct avro *r, const struct avro *w, const char *at,
                                 const struct pair *up)
{
    const char *why = NULL;
    if (w->kind == AVRO_UNION) {
        for (uint32_t i = 0; !why && i < w->n; i++)
            why = resolve(c, r, w->types[i], at, up);
        return why;
    }
    for (uint32_t i = 0; i < r->n; i++)
        if (!resolve(c, r->types[i], w, at, up))
            return NULL;
    return arena_printf(c->arena, "%s: no branch of the new union takes %s", at, has_name(w) ? w->name : kind_word(w));
}

static const char *resolve_same(struct compare *c, const struct avro *r, const struct avro *w, const char *at,
                                const struct pair *up)
{
    if (has_name(r) && strcmp(simple(r->name), simple(w->name)))
        return became(c, at, w, r);
    switch (r->kind) {
    case AVRO_RECORD:
        return resolve_record(c, r, w, at, up);
    case AVRO_ENUM:
        return resolve_enum(c, r, w, at);
    case AVRO_FIXED:
        return r->size == w->size ? NULL
                                  : arena_printf(c->arena, "%s: fixed %s had %u bytes and has %u", at, w->name, w->size, r->size);
    case AVRO_ARRAY:
    case AVRO_MAP:
        return resolve(c, r->types[0], w->types[0], arena_printf(c->arena, "%s[]", at), up);
    default:
        return NULL;
    }
}

static const char *resolve(struct compare *c, const struct avro *r, const struct avro *w, const char *at, const struct pair *up)
{
    if (r == w || met(up, r, w))
        return NULL;
    if (too_much(c))
        return too_large;
    const struct pair here = {r, w, up};
    const char *why;
    c->depth++;
    if (r->kind == AVRO_UNION || w->kind == AVRO_UNION)
        why = resolve_union(c, r, w, at, &here);
    else if (r->kind == w->kind)
        why = resolve_same(c, r, w, at, &here);
    else
        why = promotes(w->kind, r->kind) ? NULL : became(c, at, w, r);
    c->depth--;
    return why;
}

static const char *root(const struct avro *t) { return has_name(t) ? simple(t->name) : kind_word(t); }

const char *avro_resolve(const struct avro *reader, const struct avro *writer, struct arena *arena)
{
    struct compare c = {.arena = arena};
    return resolve(&c, reader, writer, root(reader), NULL);
}

/* --- GenericDatumWriter over records of the old schema --- */

static const char *rewrite(struct compare *c, const struct avro *n, const struct avro *o, const char *at, const char **mixed,
                           const struct pair *up);

static bool number(enum avro_kind k) { return k == AVRO_INT || k == AVRO_LONG || k == AVRO_FLOAT || k == AVRO_DOUBLE; }

static const char *rewrite_record(struct compare *c, const struct avro *n, const struct avro *o, const char *at, const char **mixed,
                                  const struct pair *up)
{
    const char *why = NULL;
    for (uint32_t i = 0; !why && i < n->n; i++) {
        const char *here = arena_printf(c->arena, "%s.%s", at, n->names[i]);
        if (i >= o->n)
            return arena_printf(c->arena, "%s: the old records have no field at its position", here);
        why = rewrite(c, n->types[i], o->types[i], here, mixed, up);
        if (!why && !*mixed && strcmp(n->names[i], o->names[i]))
            *mixed = arena_printf(c->arena, "%s gets what %s held, since fields are taken by position", here, o->names[i]);
        if (too_much(c))
            return too_large;
    }
    return why;
}

/* Which branch a datum takes goes by its Java class, or the full name of its schema. */
static const char *rewrite_union(struct compare *c, const struct avro *n, const struct avro *o, const char *at, const char **mixed,
                                 const struct pair *up)
{
    const char *why = NULL;
    if (o->kind == AVRO_UNION) {
        for (uint32_t i = 0; !why && i < o->n; i++)
            why = rewrite(c, n, o->types[i], at, mixed, up);
        return why;
    }
    for (uint32_t i = 0; i < n->n; i++)
        if (n->types[i]->kind == o->kind && (!has_name(o) || !strcmp(n->types[i]->name, o->name)))
            return rewrite(c, n->types[i], o, at, mixed, up);
    return arena_printf(c->arena, "%s: no branch of the new union is of type %s", at, root(o));
}

static const char *rewrite(struct compare *c, const struct avro *n, const struct avro *o, const char *at, const char **mixed,
                           const struct pair *up)
{
    if (n == o || met(up, n, o))
        return NULL;
    if (too_much(c))
        return too_large;
    const struct pair here = {n, o, up};
    const char *why = NULL;
    c->depth++;
    if (n->kind == AVRO_UNION || o->kind == AVRO_UNION)
        why = rewrite_union(c, n, o, at, mixed, &here);
    else if (n->kind != o->kind && !(number(n->kind) && number(o->kind)))
        why = arena_printf(c->arena, "%s: a %s is written as %s", at, root(o), root(n));
    else if (n->kind == AVRO_RECORD)
        why = rewrite_record(c, n, o, at, mixed, &here);
    else if (n->kind == AVRO_ARRAY || n->kind == AVRO_MAP)
        why = rewrite(c, n->types[0], o->types[0], arena_printf(c->arena, "%s[]", at), mixed, &here);
    c->depth--;
    return why;
}

const char *avro_rewrite(const struct avro *new, const struct avro *old, const char **mixed, struct arena *arena)
{
    struct compare c = {.arena = arena};
    *mixed = NULL;
    return rewrite(&c, new, old, root(new), mixed, NULL);
}
