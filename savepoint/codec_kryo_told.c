/* Classes and Kryo serializers that the user has declared (told.h), and FieldSerializer of Kryo 2.24 and 5.6, which writes the fields
 * of a class and its superclasses in the order of their names: ints and longs zigzag, other primitives as they are, an object of a
 * final class behind a reference mark, others with their class.
 *
 * A field's class may have type arguments, written as in Java without blanks: java.util.List<java.lang.Long>. Kryo leaves out the
 * class of elements whose argument is final. */
#include <string.h>

#include "savepoint/codec_kryo.h"

enum { CLASS_NAME_MAX = 1024 };

/* Classes that the told source has been asked for, also in vain: a hash table of 2^bits, under the source's lock. */
struct kryo_found {
    struct told_source *source;
    bool closed; /* not all of the snapshot's facts are known yet, or fields are being resolved: new classes wait */
    unsigned bits;
    size_t n;
    struct kryo_slot {
        const char *name;
        struct kryo_told *told; /* NULL: the source knows nothing */
    } * slots;
    struct kryo_waiting {
        struct kryo_told *told;
        struct kryo_waiting *next;
    } * waiting; /* for their fields */
};

void kryo_told_begin(struct kryo *k, const struct told *t, struct arena *a)
{
    k->told = arena_array(a, t ? t->n : 0, sizeof *k->told);
    for (uint32_t i = 0; t && i < t->n; i++)
        if (t->decls[i].kind == TOLD_CLASS || t->decls[i].kind == TOLD_ENUM || t->decls[i].kind == TOLD_KRYO)
            k->told[k->n_told++].decl = &t->decls[i];
    if (t && t->source) {
        k->found = arena_alloc(a, sizeof *k->found);
        k->found->source = t->source;
        k->found->closed = true;
    }
}

const struct kryo_told *kryo_told_find(const struct kryo *k, enum told_kind kind, const char *name, uint32_t n)
{
    for (uint32_t i = 0; i < k->n_told; i++)
        if (k->told[i].decl->kind == kind && kryo_same_name(name, n, k->told[i].decl->name))
            return &k->told[i];
    return NULL;
}

/* The class that the text from *p names, up to the end of it or to a comma or bracket behind it, with its type arguments. */
static struct kryo_class class_of(const struct kryo *k, const char **p, struct arena *a, int depth)
{
    const char *name = *p;
    size_t n = strcspn(name, "<,>");
    struct kryo_class c = kryo_class_of(k, name, (uint32_t)n);
    *p += n;
    if (**p != '<' || depth > 16)
        return c;
    for (int i = 0; **p == '<' || **p == ','; i++) {
        ++*p;
        struct kryo_class argument = class_of(k, p, a, depth + 1);
        if (i < 2) {
            struct kryo_class *kept = arena_alloc(a, sizeof *kept);
            *kept = argument;
            c.generic[i] = kept;
        }
    }
    if (**p == '>')
        ++*p;
    return c;
}

static void resolve(const struct kryo *k, struct kryo_told *t, struct arena *a)
{
    const struct told_decl *d = t->decl;
    t->fields = arena_array(a, d->n, sizeof *t->fields);
    for (uint32_t f = 0; d->kind != TOLD_ENUM && f < d->n; f++)
        if (d->fields[f].type == TOLD_OBJECT) {
            const char *p = d->fields[f].cls;
            t->fields[f].cls = class_of(k, &p, a, 0);
            t->fields[f].final = kryo_is_final(k, &t->fields[f].cls);
        }
}

/* The fields of what waits, which may bring more that waits. */
static void resolve_waiting(const struct kryo *k)
{
    struct kryo_found *f = k->found;
    f->closed = true;
    while (f->waiting) {
        struct kryo_told *t = f->waiting->told;
        f->waiting = f->waiting->next;
        resolve(k, t, &f->source->arena);
    }
    f->closed = false;
}

void kryo_told_resolve(struct kryo *k, struct arena *a)
{
    for (uint32_t i = 0; i < k->n_told; i++)
        resolve(k, &k->told[i], a);
    if (k->found) {
        pthread_mutex_lock(&k->found->source->lock);
        resolve_waiting(k);
        pthread_mutex_unlock(&k->found->source->lock);
    }
}

static struct kryo_slot *slot_of(const struct kryo_found *f, const char *name)
{
    uint64_t h = 1469598103934665603ull;
    for (const char *p = name; *p; p++)
        h = (h ^ (uint8_t)*p) * 1099511628211ull;
    size_t mask = ((size_t)1 << f->bits) - 1, i = (size_t)(h ^ h >> 32) & mask;
    while (f->slots[i].name && strcmp(f->slots[i].name, name) != 0)
        i = (i + 1) & mask;
    return &f->slots[i];
}

static void more_slots(struct kryo_found *f)
{
    struct kryo_slot *old = f->slots;
    size_t n = old ? (size_t)1 << f->bits : 0;
    f->bits = old ? f->bits + 1 : 5;
    f->slots = arena_array(&f->source->arena, (size_t)1 << f->bits, sizeof *f->slots);
    for (size_t i = 0; i < n; i++)
        if (old[i].name)
            *slot_of(f, old[i].name) = old[i];
}

static struct kryo_told *look(const struct kryo *k, const char *name)
{
    struct kryo_found *f = k->found;
    struct arena *a = &f->source->arena;
    if (!f->slots || 2 * f->n >= (size_t)1 << f->bits)
        more_slots(f);
    struct kryo_slot *slot = slot_of(f, name);
    if (slot->name)
        return slot->told;
    const struct told_decl *d = f->source->find(f->source->ctx, name);
    *slot = (struct kryo_slot){arena_str(a, name), d ? arena_alloc(a, sizeof *slot->told) : NULL};
    f->n++;
    if (!d)
        return NULL;
    struct kryo_told *t = slot->told; /* the table may grow below */
    t->decl = d;
    struct kryo_waiting *w = arena_alloc(a, sizeof *w);
    *w = (struct kryo_waiting){t, f->waiting};
    f->waiting = w;
    if (!f->closed)
        resolve_waiting(k);
    return t;
}

const struct kryo_told *kryo_told_look(const struct kryo *k, const char *name, uint32_t n)
{
    char text[CLASS_NAME_MAX];
    if (!k->found || n >= sizeof text)
        return NULL;
    struct kryo_class c = {.name = name, .n = n};
    pthread_mutex_lock(&k->found->source->lock);
    const struct kryo_told *t = look(k, kryo_name(&c, text, sizeof text));
    pthread_mutex_unlock(&k->found->source->lock);
    return t;
}

bool kryo_is_final(const struct kryo *k, const struct kryo_class *c)
{
    uint32_t dims = 0;
    while (dims < c->n && c->name[dims] == '[')
        dims++;
    if (dims && dims < c->n && c->name[dims] == 'L') {
        uint32_t n = c->n - dims - 2;
        struct kryo_class of = kryo_class_of(k, c->name + dims + 1, c->n > dims + 2 ? n : 0);
        return (of.row && of.row->flags & F) || (of.told && of.told->decl->final);
    }
    return dims || (c->row && c->row->flags & F) || (c->told && c->told->decl->final);
}

/* What Kryo's Output writes by a call of its own, in a serializer of the user's: there int and long have a fixed size. */
static void written(struct kryo_in *k, enum told_type type)
{
    static const uint8_t form[] = {
        [TOLD_BOOLEAN] = K_BOOLEAN, [TOLD_BYTE] = K_BYTE,     [TOLD_SHORT] = K_SHORT, [TOLD_CHAR] = K_CHAR,
        [TOLD_FLOAT] = K_FLOAT,     [TOLD_DOUBLE] = K_DOUBLE, [TOLD_UTF] = K_STRING,  [TOLD_STRING] = K_STRING};
    if (type == TOLD_INT)
        sink_int(k->out, (int32_t)kryo_32(k));
    else if (type == TOLD_LONG)
        sink_int(k->out, (int64_t)kryo_64(k));
    else if (type == TOLD_VARINT)
        sink_int(k->out, kryo_varint(k->r));
    else if (type == TOLD_OBJECT)
        kryo_any(k);
    else
        kryo_scalar(k, (enum kryo_form)form[type]);
}

static void field(struct kryo_in *k, enum told_type type, const struct kryo_told_field *f)
{
    struct kryo_class c;
    if (type == TOLD_INT || type == TOLD_LONG) {
        kryo_scalar(k, type == TOLD_INT ? K_INT : K_LONG);
    } else if (type != TOLD_OBJECT) {
        written(k, type);
    } else if (f->final || (f->cls.form == K_UNKNOWN && !f->cls.row)) { /* not known to be final or not: opaque */
        kryo_object(k, &f->cls, true);
    } else if (kryo_read_class(k, &c)) {
        memcpy(c.generic, f->cls.generic, sizeof c.generic);
        kryo_object(k, &c, false);
    } else {
        sink_null(k->out);
    }
}

void kryo_told(struct kryo_in *k, const struct kryo_class *c)
{
    const struct told_decl *d = c->told->decl;
    char name[300];
    sink_begin(k->out, BOX_OBJECT);
    sink_keyz(k->out, "$class");
    sink_textz(k->out, kryo_name(c, name, sizeof name));
    for (uint32_t i = 0; i < d->n && rd_live(k->r); i++) {
        sink_keyz(k->out, d->fields[i].name);
        if (d->kind == TOLD_CLASS)
            field(k, d->fields[i].type, &c->told->fields[i]);
        else
            written(k, d->fields[i].type);
    }
    sink_end(k->out, BOX_OBJECT);
}
