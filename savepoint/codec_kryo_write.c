/* Kryo#writeClassAndObject, references on: writes what codec_kryo.c reads, in the form of Kryo 2.24 or 5.6 as the snapshot says. Every object
 * is written as a new one: what were two references to one object become two equal objects.
 *
 * A dump does not show classes, so a value says of itself what it is: by "$class", by what its decoder has noted, by the class around it,
 * or by being text, a boolean or a list. A number that says nothing is not written: Integer and Long are not the same to the job. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "savepoint/codec_kryo_out.h"

static void any(struct kryo_out *o, const struct value *v, const struct kryo_class *hint, const struct kryo_class *g,
                const char *name, uint32_t i);
static void object(struct kryo_out *o, const struct kryo_class *c, const struct value *v, bool or_null);

static bool v5(const struct kryo_out *o) { return o->k->v5; }
static bool is_null(const struct value *v) { return v->kind == VAL_NULL; }

/* --- classes --- */

static struct kryo_class class_named(const struct kryo_out *o, const char *name)
{
    return kryo_class_of(o->k, name, (uint32_t)strlen(name));
}

/* A decoder's note: the first of its lines. */
static struct kryo_class class_noted(const struct kryo_out *o, const char *note)
{
    return kryo_class_of(o->k, note, (uint32_t)strcspn(note, "\n"));
}

/* The primitive under whose id a boxed class is registered. */
static const char *registered_name(const char *name)
{
    static const char *const boxes[][2] = {{"java.lang.Integer", "int"},     {"java.lang.Float", "float"},
                                           {"java.lang.Boolean", "boolean"}, {"java.lang.Byte", "byte"},
                                           {"java.lang.Character", "char"},  {"java.lang.Short", "short"},
                                           {"java.lang.Long", "long"},       {"java.lang.Double", "double"}};
    for (size_t i = 0; i < sizeof boxes / sizeof *boxes; i++)
        if (!strcmp(name, boxes[i][0]))
            return boxes[i][1];
    return name;
}

/* DefaultClassResolver#writeClass */
void kryo_put_class(struct kryo_out *o, const struct kryo_class *c)
{
    char name[300];
    const char *plain = registered_name(kryo_name(c, name, sizeof name));
    for (uint32_t i = 0; i < o->k->n_ids; i++)
        if (o->k->ids[i].name && kryo_same_name(o->k->ids[i].name, o->k->ids[i].n, plain)) {
            kryo_put_varint(o, i + 2);
            return;
        }
    kryo_put_varint(o, 1);
    for (uint32_t i = 0; i < o->n_names; i++)
        if (!strcmp(o->names[i], name)) {
            kryo_put_varint(o, i);
            return;
        }
    kryo_put_varint(o, o->n_names);
    o->names = mem_grow(o->names, (size_t)o->n_names + 1, sizeof *o->names);
    o->names[o->n_names++] = mem_strdup(name);
    kryo_put_string(o, (struct bytes){(const uint8_t *)name, strlen(name)});
}

/* A class of which values can be, and that weir can write. */
static bool is_concrete(const struct kryo_class *c)
{
    return c && c->n && c->form != K_UNKNOWN && c->form != K_BARE && !(c->row && c->row->flags & A);
}

/* A field or serializer of the class `hint` cannot hold values of every class: another one than a final class does not fit, and a collection of
 * another kind becomes the usual one. */
static void settle(struct kryo_out *o, const struct kryo_class *hint, struct kryo_class *c)
{
    static const struct {
        const char *interface, *usual;
        uint8_t forms[4];
    } groups[] = {{"java.util.Set", "java.util.HashSet", {K_SET, K_SORTED_SET, K_ENUM_SET, 0}},
                  {"java.util.List", "java.util.ArrayList", {K_LIST, K_AS_LIST, K_EMPTY_LIST, K_SINGLETON_LIST}},
                  {"java.util.Map", "java.util.HashMap", {K_MAP, K_SORTED_MAP, K_EMPTY_MAP, K_SINGLETON_MAP}}};
    char name[300], own[300];
    if (!hint || !hint->n)
        return;
    (void)kryo_name(hint, name, sizeof name);
    (void)kryo_name(c, own, sizeof own);
    bool final = hint->row && hint->row->flags & F && is_concrete(hint);
    if (final && strcmp(registered_name(name), registered_name(own)) != 0)
        enc_fail(o->w, "%s where %s must be", own, name);
    for (size_t i = 0; i < sizeof groups / sizeof *groups; i++)
        if (!strcmp(name, groups[i].interface)) {
            bool known =
                c->form == K_UNKNOWN || c->form == K_TOLD || memchr(groups[i].forms, c->form, sizeof groups[i].forms) != NULL;
            if (!known)
                *c = class_named(o, groups[i].usual);
        }
}

static bool class_of(struct kryo_out *o, const struct value *v, const struct kryo_class *hint, struct kryo_class *c)
{
    static const char *const by_kind[] = {
        [VAL_BOOL] = "java.lang.Boolean", [VAL_TEXT] = "java.lang.String", [VAL_BYTES] = "[B", [VAL_LIST] = "java.util.ArrayList",
        [VAL_SET] = "java.util.HashSet",  [VAL_MAP] = "java.util.HashMap", [VAL_OPAQUE] = NULL};
    const struct value *own = enc_member(v, "$class");
    if (own && own->kind == VAL_TEXT)
        *c = class_named(o, own->text);
    else if (v->origin && v->origin->class_name)
        *c = class_noted(o, v->origin->class_name);
    else if (is_concrete(hint))
        *c = *hint;
    else if (by_kind[v->kind])
        *c = class_named(o, by_kind[v->kind]);
    else {
        enc_unsupported(o->w, "a value in Kryo's form that does not say of what class it is");
        return false;
    }
    settle(o, hint, c);
    return enc_ok(o->w);
}

/* --- containers --- */

/* What items that say nothing of themselves are taken for: the class of those that do, if it is one. */
static struct kryo_class class_of_others(struct kryo_out *o, const struct value *items, uint32_t n, uint32_t step)
{
    const char *name = NULL;
    for (uint32_t i = 0; i < n; i++) {
        const struct value *v = &items[(size_t)i * step];
        const char *own = v->origin ? v->origin->class_name : NULL;
        if (own && name && strcmp(own, name) != 0)
            return (struct kryo_class){0};
        name = own ? own : name;
    }
    return name ? class_noted(o, name) : (struct kryo_class){0};
}

/* The one class of all items that are not null; false: they differ, or one does not say. */
static bool one_class(struct kryo_out *o, const struct value *items, uint32_t n, const struct kryo_class *hint,
                      struct kryo_class *c, bool *nulls)
{
    char first[300], name[300];
    bool some = false;
    *nulls = false;
    for (uint32_t i = 0; i < n; i++) {
        struct kryo_class own;
        if (is_null(&items[i])) {
            *nulls = true;
            continue;
        }
        if (!class_of(o, &items[i], hint, &own))
            return false;
        (void)kryo_name(&own, name, sizeof name);
        if (some && strcmp(registered_name(name), first) != 0)
            return false;
        snprintf(first, sizeof first, "%s", registered_name(name));
        some = true;
        *c = own;
    }
    return some;
}

static bool is_final(const struct kryo_out *o, const struct kryo_class *g) { return g && kryo_is_final(o->k, g); }

/* An element, a key or a value. g: what a field's type arguments say of it: its class, when that is final, else (in Kryo 5) the arguments
 * of its own. */
static void element(struct kryo_out *o, const struct value *v, const struct kryo_class *g, const struct kryo_class *hint,
                    uint32_t i)
{
    struct enc_step step;
    if (!is_final(o, g)) {
        any(o, v, hint && hint->n ? hint : g, v5(o) ? g : NULL, NULL, i);
    } else if (enc_enter(o->w, &step, NULL, i)) {
        object(o, g, v, true);
        enc_leave(o->w);
    }
}

/* Of a known final class: whether some are null, then the elements. */
static void final_elements5(struct kryo_out *o, const struct kryo_class *g, const struct value *items, uint32_t n, bool sorted)
{
    bool nulls = false;
    for (uint32_t i = 0; i < n; i++)
        nulls |= is_null(&items[i]);
    if (n)
        kryo_put_flagged(o, nulls, n + 1);
    else
        wr_u8(o->w->out, 1);
    if (sorted)
        kryo_put_varint(o, 0);
    for (uint32_t i = 0; i < n && enc_ok(o->w); i++) {
        struct enc_step step;
        if (!enc_enter(o->w, &step, NULL, i))
            return;
        object(o, g, &items[i], nulls);
        enc_leave(o->w);
    }
}

/* Kryo 5's CollectionSerializer. */
static void elements5(struct kryo_out *o, const struct kryo_class *c, const struct value *items, uint32_t n, bool sorted)
{
    if (is_final(o, c->generic[0])) {
        final_elements5(o, c->generic[0], items, n, sorted);
        return;
    }
    struct kryo_class hint = class_of_others(o, items, n, 1), one = {0};
    bool nulls, same = one_class(o, items, n, &hint, &one, &nulls);
    if (!n)
        wr_u8(o->w->out, 1);
    else
        kryo_put_flagged(o, same, n + 1);
    if (sorted)
        kryo_put_varint(o, 0); /* no comparator */
    if (same && n) {
        kryo_put_class(o, &one);
        if (c->generic[0])
            memcpy(one.generic, c->generic[0]->generic, sizeof one.generic);
        if (!(c->row && c->row->flags & N))
            wr_u8(o->w->out, nulls);
    }
    for (uint32_t i = 0; i < n && enc_ok(o->w); i++) {
        struct enc_step step;
        if (!same) {
            element(o, &items[i], c->generic[0], &hint, i);
        } else if (enc_enter(o->w, &step, NULL, i)) {
            object(o, &one, &items[i], nulls);
            enc_leave(o->w);
        }
    }
}

static void list(struct kryo_out *o, const struct kryo_class *c, const struct value *v)
{
    const struct value *items;
    uint32_t n;
    bool sorted = c->form == K_SORTED_LIST || c->form == K_SORTED_SET;
    if (!enc_items(o->w, v, "a list", &items, &n))
        return;
    if (v5(o)) {
        elements5(o, c, items, n, sorted);
        return;
    }
    struct kryo_class hint = class_of_others(o, items, n, 1);
    if (sorted)
        kryo_put_varint(o, 0);
    kryo_put_varint(o, n);
    if (c->form == K_AS_LIST) {
        struct kryo_class component = class_named(o, "java.lang.Object");
        kryo_put_class(o, &component);
    }
    for (uint32_t i = 0; i < n && enc_ok(o->w); i++)
        element(o, &items[i], c->generic[0], &hint, i);
}

static void map(struct kryo_out *o, const struct kryo_class *c, const struct value *v)
{
    struct buf room = {0};
    const struct value *items;
    uint32_t n;
    bool sorted = c->form == K_SORTED_MAP;
    if (enc_pairs(o->w, v, "a map", &room, &items, &n)) {
        struct kryo_class keys = class_of_others(o, items, n, 2), values = class_of_others(o, items + (n > 0), n, 2);
        if (v5(o))
            kryo_put_varint(o, n + 1);
        if (sorted)
            kryo_put_varint(o, 0);
        if (!v5(o))
            kryo_put_varint(o, n);
        for (uint32_t i = 0; i < n && enc_ok(o->w); i++) {
            element(o, &items[2 * i], c->generic[0], &keys, i);
            element(o, &items[2 * i + 1], c->generic[1], &values, i);
        }
    }
    buf_free(&room);
}

static void object_array(struct kryo_out *o, const struct kryo_class *c, const struct value *v)
{
    const struct value *items;
    char name[300], *part = name;
    uint32_t n;
    if (!enc_items(o->w, v, "an array", &items, &n))
        return;
    (void)kryo_name(c, name, sizeof name);
    part += part[1] == 'L' ? 2 : 1;
    if (part[-1] == 'L' && *part)
        part[strlen(part) - 1] = 0; /* the semicolon */
    struct kryo_class component = class_named(o, part);
    bool final = component.form == K_OBJECT_ARRAY || kryo_is_final(o->k, &component);
    if (n && !component.row && !component.told && component.form != K_OBJECT_ARRAY) {
        enc_unsupported(o->w, "an array of a class that is not known to be final or not");
        return;
    }
    kryo_put_varint(o, n + 1);
    for (uint32_t i = 0; i < n && enc_ok(o->w); i++) {
        struct enc_step step;
        if (!final) {
            any(o, &items[i], &component, NULL, NULL, i);
        } else if (enc_enter(o->w, &step, NULL, i)) {
            object(o, &component, &items[i], true);
            enc_leave(o->w);
        }
    }
}

/* So many objects, one behind the other. */
static void objects(struct kryo_out *o, const struct value *v, uint32_t n)
{
    const struct value *items;
    uint32_t have;
    if (!enc_items(o->w, v, "a list", &items, &have))
        return;
    if (have != n)
        enc_fail(o->w, "%u parts where %u must be", have, n);
    for (uint32_t i = 0; i < n && enc_ok(o->w); i++)
        any(o, &items[i], NULL, NULL, NULL, i);
}

/* --- classes of the user's (FieldSerializer) --- */

static void field(struct kryo_out *o, const struct told_field *f, const struct kryo_told_field *t, const struct value *v)
{
    static const uint8_t form[] = {
        [TOLD_BOOLEAN] = K_BOOLEAN, [TOLD_BYTE] = K_BYTE, [TOLD_SHORT] = K_SHORT, [TOLD_CHAR] = K_CHAR,
        [TOLD_INT] = K_INT,         [TOLD_LONG] = K_LONG, [TOLD_FLOAT] = K_FLOAT, [TOLD_DOUBLE] = K_DOUBLE};
    if (f->type < sizeof form)
        kryo_put_number(o, v, form[f->type]);
    else if (f->type != TOLD_OBJECT)
        enc_unsupported(o->w, "weir cannot write a field of this type");
    else if (t->final)
        object(o, &t->cls, v, true);
    else
        any(o, v, &t->cls, &t->cls, "", 0);
}

static void told(struct kryo_out *o, const struct kryo_class *c, const struct value *v)
{
    static const struct value nothing = {.kind = VAL_NULL};
    const struct told_decl *d = c->told->decl;
    if (d->kind != TOLD_CLASS || v->kind != VAL_OBJECT) {
        enc_unsupported(o->w, "weir cannot write values of %s", d->name);
        return;
    }
    for (uint32_t i = 0; i < d->n && enc_ok(o->w); i++) {
        const struct value *m = enc_member(v, d->fields[i].name);
        struct enc_step step;
        if (!enc_enter(o->w, &step, d->fields[i].name, 0))
            return;
        field(o, &d->fields[i], &c->told->fields[i], m ? m : &nothing);
        enc_leave(o->w);
    }
}

/* --- objects --- */

/* What an Optional or AtomicReference holds, which is shown in its place. */
static void held(struct kryo_out *o, const struct value *v)
{
    const char *note = v->origin && v->origin->class_name ? strchr(v->origin->class_name, '\n') : NULL;
    const struct value_origin origin = {.class_name = note ? note + 1 : NULL};
    struct value inner = *v;
    inner.origin = note ? &origin : NULL;
    any(o, &inner, NULL, NULL, "", 0);
}

static void body(struct kryo_out *o, const struct kryo_class *c, const struct value *v)
{
    switch ((enum kryo_form)c->form) {
    case K_OBJECT_ARRAY:
        object_array(o, c, v);
        break;
    case K_LIST:
    case K_SET:
    case K_SORTED_LIST:
    case K_SORTED_SET:
    case K_AS_LIST:
        list(o, c, v);
        break;
    case K_MAP:
    case K_SORTED_MAP:
        map(o, c, v);
        break;
    case K_SINGLETON_LIST:
    case K_OBJECTS_1:
        objects(o, v, 1);
        break;
    case K_OBJECTS_2:
        objects(o, v, 2);
        break;
    case K_OBJECTS_3:
        objects(o, v, 3);
        break;
    case K_SINGLETON_MAP:
        if (v->kind == VAL_MAP && v->n == 2) {
            element(o, &v->items[0], c->generic[0], NULL, 0);
            element(o, &v->items[1], c->generic[1], NULL, 0);
        } else {
            enc_wrong(o->w, v, "a map of one entry");
        }
        break;
    case K_HOLDER:
        held(o, v);
        break;
    case K_TOLD:
        told(o, c, v);
        break;
    case K_EMPTY_LIST:
    case K_EMPTY_MAP:
    case K_BARE:
        break;
    default:
        kryo_put_plain(o, c, v);
    }
}

/* Kryo#writeObject, #writeObjectOrNull: the reference mark and the body. */
static void object(struct kryo_out *o, const struct kryo_class *c, const struct value *v, bool or_null)
{
    bool plain = (c->row && c->row->flags & B) || (v5(o) && c->form == K_ENUM);
    if (v->kind == VAL_OPAQUE) {
        enc_unsupported(o->w, "bytes of %s that could not be decoded (%s)", v->opaque->class_name, v->opaque->why);
        return;
    }
    if (is_null(v)) {
        if (or_null)
            kryo_put_varint(o, 0);
        else
            enc_wrong(o->w, v, "an object");
        return;
    }
    if (!plain || or_null)
        kryo_put_varint(o, 1);
    body(o, c, v);
}

/* Kryo#writeClassAndObject. hint: of what class it may be; g: a class whose type arguments hold for it, or NULL. */
static void any(struct kryo_out *o, const struct value *v, const struct kryo_class *hint, const struct kryo_class *g,
                const char *name, uint32_t i)
{
    struct enc_step step;
    struct kryo_class c = {0};
    if (is_null(v)) {
        kryo_put_varint(o, 0);
        return;
    }
    if (!enc_enter(o->w, &step, name, i))
        return;
    if (class_of(o, v, hint, &c)) {
        kryo_put_class(o, &c);
        if (g)
            memcpy(c.generic, g->generic, sizeof c.generic);
        object(o, &c, v, false);
    }
    enc_leave(o->w);
}

void write_kryo(const struct ser *s, const struct value *v, struct enc *w)
{
    struct kryo_out o = {.w = w, .k = s->extra};
    struct kryo_class hint = class_named(&o, s->cls);
    any(&o, v, &hint, NULL, "", 0);
    for (uint32_t i = 0; i < o.n_names; i++)
        free((void *)o.names[i]);
    free((void *)o.names);
}
