/* Values as Kryo#writeClassAndObject wrote them, references on: Kryo 2.24 (Flink 1.x) and Kryo 5.6 (Flink 2.x).
 *
 * object  = class, reference mark (not for boxed values; Kryo 5: nor for enums), body
 * class   = varint 0 null, 1 by name (varint name number, and the name the first time), else id + 2
 * mark    = varint 1 new, n + 2 the n-th object of this value again
 *
 * A reference shows the object once more, by reading its bytes again. */
#include <string.h>

#include "savepoint/codec_kryo.h"

static void body(struct kryo_in *k, const struct kryo_class *c);

const char *kryo_name(const struct kryo_class *c, char *to, size_t size)
{
    uint32_t n = c->n < size ? c->n : (uint32_t)size - 1;
    memcpy(to, c->name, n);
    if (n == c->n && n)
        to[n - 1] &= 0x7f;
    to[n] = 0;
    return to;
}

void kryo_opaque(struct kryo_in *k, const struct kryo_class *c, const char *why)
{
    char name[300];
    ser_opaque_rest(k->r, k->out, kryo_name(c, name, sizeof name), why);
}

bool kryo_read_class(struct kryo_in *k, struct kryo_class *c)
{
    struct rd *r = k->r;
    uint32_t id = kryo_varint(r);
    if (id == 0 || !rd_ok(r))
        return false;
    if (id != 1) {
        id -= 2;
        if (id < k->k->n_ids && k->k->ids[id].name)
            *c = k->k->ids[id];
        else
            *c = (struct kryo_class){
                .name = "?", .n = 1, .why = "a class id that is not in the snapshot (Scala's registrations have such)"};
        return true;
    }
    uint32_t number = kryo_varint(r);
    const uint8_t *at = r->p;
    if (rd_ok(r) && number < k->n_names) {
        *c = k->names[number].cls;
        if (k->names[number].at == at)
            (void)kryo_string(r, NULL);
        return rd_ok(r);
    }
    if (number != k->n_names)
        rd_fail(r, "a Kryo class name that is not there");
    if (!kryo_string(r, NULL)) {
        rd_fail(r, "a Kryo class without a name");
        return false;
    }
    const uint8_t *name = at;
    if (*at & 0x80) {
        name++;
        if (*at & 0x40)
            while (*name++ & 0x80)
                ;
    }
    *c = kryo_class_of(k->k, (const char *)name, (uint32_t)(r->p - name));
    if (k->n_names == k->cap_names) {
        struct kryo_name *more = k->names == k->few_names ? NULL : k->names;
        more = mem_grow(more, k->cap_names * 2, sizeof *more);
        if (k->names == k->few_names)
            memcpy(more, k->few_names, sizeof k->few_names);
        k->names = more;
        k->cap_names *= 2;
    }
    k->names[k->n_names++] = (struct kryo_name){at, *c};
    return true;
}

uint32_t kryo_new_object(struct kryo_in *k, const struct kryo_class *c)
{
    uint32_t id = k->next_id++;
    if (id < k->n_objects) { /* read again */
        k->objects[id].end = NULL;
        return id;
    }
    if (k->n_objects == k->cap_objects) {
        struct kryo_object *more = k->objects == k->few_objects ? NULL : k->objects;
        more = mem_grow(more, k->cap_objects * 2, sizeof *more);
        if (k->objects == k->few_objects)
            memcpy(more, k->few_objects, sizeof k->few_objects);
        k->objects = more;
        k->cap_objects *= 2;
    }
    k->objects[k->n_objects++] = (struct kryo_object){.body = k->r->p, .cls = *c};
    return id;
}

static void read_body(struct kryo_in *k, const struct kryo_class *c)
{
    if (!rd_enter(k->r)) {
        sink_null(k->out);
        return;
    }
    k->nested++;
    if (k->deepest < k->r->depth)
        k->deepest = k->r->depth;
    body(k, c);
    k->nested--;
    rd_leave(k->r);
}

/* Of what class the value is, for whoever may write it again; not where its comparator would be lost. */
static void note_class(struct kryo_in *k, const struct kryo_class *c)
{
    char name[300];
    if (k->out && k->out->ops->of_class && !k->compared && rd_live(k->r))
        sink_of_class(k->out, kryo_name(c, name, sizeof name));
}

/* Shows an earlier object again. What that may cost in all and how deep it may nest are limited: references to references multiply. */
static void reference(struct kryo_in *k, uint32_t id)
{
    struct rd *r = k->r;
    if (rd_ok(r) && id >= k->n_objects)
        rd_fail(r, "a Kryo reference to an object that is not there");
    if (!k->out)
        return;
    if (!rd_ok(r)) {
        sink_null(k->out);
        return;
    }
    struct kryo_object o = k->objects[id];
    uint64_t cost = o.end ? (uint64_t)(o.end - o.body) + 1 : 0;
    const char *why = !o.end                  ? "a reference to the object that it is a part of"
        : cost > k->repeats                   ? "a reference to an earlier object, not shown so often"
        : r->depth + o.height >= RD_MAX_DEPTH ? "a reference to an earlier object, not shown so deep"
                                              : NULL;
    if (why) {
        char name[300];
        sink_opaque(k->out, kryo_name(&o.cls, name, sizeof name), NULL, 0, why);
        r->opaque++;
    } else {
        const uint8_t *back = r->p;
        uint32_t next = k->next_id;
        k->repeats -= cost;
        r->p = o.body;
        k->next_id = id + 1;
        k->objects[id].end = NULL;
        bool compared = k->compared;
        k->compared = false;
        read_body(k, &o.cls);
        note_class(k, &o.cls);
        k->compared = compared;
        k->objects[id].end = o.end;
        k->next_id = next;
        if (rd_ok(r))
            r->p = back;
    }
}

/* A class that is not known, but whose object stream names it: a Throwable, for which Flink registers its JavaSerializer. */
static bool is_java_stream(const struct rd *r, const struct kryo_class *c)
{
    static const uint8_t head[] = {1, 0xac, 0xed, 0, 5, 's', 'r'};
    return !c->row && c->form == K_UNKNOWN && rd_left(r) >= sizeof head + 2 + c->n && !memcmp(r->p, head, sizeof head) &&
        be16(r->p + sizeof head) == c->n && !memcmp(r->p + sizeof head + 2, c->name, c->n - 1) &&
        r->p[sizeof head + 1 + c->n] == (c->name[c->n - 1] & 0x7f);
}

void kryo_object(struct kryo_in *k, const struct kryo_class *c, bool or_null)
{
    struct rd *r = k->r;
    struct kryo_class known = *c;
    if (is_java_stream(r, c))
        known.form = K_JAVA;
    else if (c->form == K_UNKNOWN) {
        kryo_opaque(k, c, c->why);
        return;
    }
    if ((c->row && c->row->flags & B) || (k->k->v5 && c->form == K_ENUM)) {
        if (or_null && !kryo_varint(r)) {
            sink_null(k->out);
        } else {
            body(k, c);
            note_class(k, c);
        }
        return;
    }
    uint32_t mark = kryo_varint(r);
    if (mark == 0) {
        if (!or_null)
            rd_fail(r, "a Kryo object without its reference mark");
        sink_null(k->out);
    } else if (mark == 1) {
        uint32_t id = kryo_new_object(k, &known), around = k->deepest;
        bool compared = k->compared;
        k->deepest = r->depth;
        k->compared = false;
        read_body(k, &known);
        note_class(k, &known);
        k->compared = compared;
        if (rd_live(r)) {
            k->objects[id].end = r->p;
            k->objects[id].height = k->deepest - r->depth;
        }
        k->deepest = k->deepest > around ? k->deepest : around;
    } else {
        reference(k, mark - 2);
    }
}

void kryo_any(struct kryo_in *k)
{
    struct kryo_class c;
    if (kryo_read_class(k, &c))
        kryo_object(k, &c, false);
    else
        sink_null(k->out);
}

/* An element, a key or a value. g: what a field's type arguments say of it: its class, when that is final, else (in Kryo 5) the
 * arguments of its own. */
static void element(struct kryo_in *k, const struct kryo_class *g)
{
    struct kryo_class c;
    if (g && kryo_is_final(k->k, g)) {
        kryo_object(k, g, true);
    } else if (kryo_read_class(k, &c)) {
        memcpy(c.generic, g && k->k->v5 ? g->generic : c.generic, sizeof c.generic);
        kryo_object(k, &c, false);
    } else {
        sink_null(k->out);
    }
}

/* A comparator is not shown; one that cannot be read hides what follows. */
static bool comparator(struct kryo_in *k, const struct kryo_class *c)
{
    struct sink *out = k->out;
    const uint8_t *from = k->r->p;
    k->out = NULL;
    kryo_any(k);
    k->out = out;
    k->compared = rd_ok(k->r) && *from != 0;
    char name[300];
    if (k->r->cut)
        sink_opaque(out, kryo_name(c, name, sizeof name), from, (size_t)(k->r->end - from), "its comparator is not known");
    return rd_live(k->r);
}

static bool is_sorted(uint8_t form) { return form == K_SORTED_LIST || form == K_SORTED_SET || form == K_SORTED_MAP; }

/* Kryo 5's CollectionSerializer: length + 1 with a flag "all of one class" in the top bit; then that class, once, and whether some
 * are null (not for collections that cannot hold null). Of a known final class: the flag says whether some are null. */
static void elements5(struct kryo_in *k, const struct kryo_class *c)
{
    struct rd *r = k->r;
    bool same = rd_left(r) && *r->p & 0x80;
    uint32_t n = rd_u8(r);
    bool more = n & 0x40;
    n = (n & 0x3f) | (more ? kryo_varint(r) << 6 : 0);
    if (n <= 1 || !rd_ok(r)) {
        if (n == 1 && is_sorted(c->form))
            (void)comparator(k, c);
        return;
    }
    n--;
    if (is_sorted(c->form) && !comparator(k, c))
        return;
    const struct kryo_class *g = c->generic[0];
    if (g && kryo_is_final(k->k, g)) {
        for (n = kryo_count(r, n); n && rd_live(r); n--)
            kryo_object(k, g, same);
        return;
    }
    if (!same) {
        for (n = kryo_count(r, n); n && rd_live(r); n--)
            element(k, g);
        return;
    }
    struct kryo_class one;
    if (!kryo_read_class(k, &one)) { /* nothing but nulls */
        if (n > k->repeats)
            rd_fail(r, "a list of more nulls than weir shows");
        for (k->repeats -= rd_ok(r) ? n : 0; n && rd_ok(r); n--)
            sink_null(k->out);
        return;
    }
    if (g)
        memcpy(one.generic, g->generic, sizeof one.generic);
    bool or_null = !(c->row && c->row->flags & N) && rd_bool(r);
    for (n = kryo_count(r, n); n && rd_live(r); n--)
        kryo_object(k, &one, or_null);
}

static void list(struct kryo_in *k, const struct kryo_class *c)
{
    struct rd *r = k->r;
    enum sink_box box = c->form == K_SET || c->form == K_SORTED_SET ? BOX_SET : BOX_ARRAY;
    sink_begin(k->out, box);
    if (k->k->v5)
        elements5(k, c);
    else if (!is_sorted(c->form) || comparator(k, c))
        for (uint32_t n = kryo_count(r, kryo_varint(r)); n && rd_live(r); n--)
            element(k, c->generic[0]);
    sink_end(k->out, box);
}

/* chill's ArraysAsListSerializer: varint n, the array's component class, elements. */
static void as_list(struct kryo_in *k)
{
    uint32_t n = kryo_varint(k->r);
    struct kryo_class component;
    (void)kryo_read_class(k, &component);
    sink_begin(k->out, BOX_ARRAY);
    for (n = kryo_count(k->r, n); n && rd_live(k->r); n--)
        kryo_any(k);
    sink_end(k->out, BOX_ARRAY);
}

static void entry(struct kryo_in *k, const struct kryo_class *c)
{
    element(k, c->generic[0]);
    if (rd_live(k->r))
        element(k, c->generic[1]);
    else
        sink_null(k->out);
}

/* MapSerializer. Kryo 2: comparator, n; Kryo 5: n + 1, comparator. */
static void map(struct kryo_in *k, const struct kryo_class *c)
{
    struct rd *r = k->r;
    bool sorted = is_sorted(c->form), v5 = k->k->v5;
    sink_begin(k->out, BOX_MAP);
    const uint8_t *from = r->p;
    struct sink *out = k->out;
    k->out = NULL; /* no opaque key without a value */
    uint32_t n = v5 ? kryo_varint(r) : 0;
    const uint8_t *comparator_at = r->p;
    if (sorted)
        kryo_any(k);
    bool compared = sorted && rd_ok(r) && *comparator_at != 0;
    n = v5 ? n - (n > 0) : rd_live(r) ? kryo_varint(r) : 0;
    k->out = out;
    if (r->cut) {
        char name[300];
        sink_opaque(out, kryo_name(c, name, sizeof name), from, (size_t)(r->end - from), "its comparator is not known");
        sink_null(out);
    }
    for (n = rd_live(r) ? kryo_count(r, n) : 0; n && rd_live(r); n--)
        entry(k, c);
    sink_end(k->out, BOX_MAP);
    k->compared = compared;
}

/* ObjectArraySerializer, StringArraySerializer: varint n + 1; elements have no class where the component class is final. */
static void object_array(struct kryo_in *k, const struct kryo_class *c)
{
    struct rd *r = k->r;
    const uint8_t *from = r->p;
    uint32_t n = kryo_varint(r);
    struct kryo_class component = {0};
    if (c->name[1] == 'L')
        component = kryo_class_of(k->k, c->name + 2, c->n > 3 ? c->n - 3 : 0);
    else
        component = kryo_class_of(k->k, c->name + 1, c->n - 1);
    if (n > 1 && !component.row && !component.told && component.form != K_OBJECT_ARRAY) {
        r->p = from;
        kryo_opaque(k, c, "an array of a class that is not known to be final or not");
        return;
    }
    bool final = component.form == K_OBJECT_ARRAY || kryo_is_final(k->k, &component); /* to Java each array class is final */
    sink_begin(k->out, BOX_ARRAY);
    for (n = n > 1 ? kryo_count(r, n - 1) : 0; n && rd_live(r); n--) {
        if (final)
            kryo_object(k, &component, true);
        else
            kryo_any(k);
    }
    sink_end(k->out, BOX_ARRAY);
}

static void objects(struct kryo_in *k, unsigned n)
{
    sink_begin(k->out, BOX_ARRAY);
    for (; n && rd_live(k->r); n--)
        kryo_any(k);
    sink_end(k->out, BOX_ARRAY);
}

static void body(struct kryo_in *k, const struct kryo_class *c)
{
    switch ((enum kryo_form)c->form) {
    case K_UNKNOWN:
        kryo_opaque(k, c, c->why);
        break;
    case K_OBJECT_ARRAY:
        object_array(k, c);
        break;
    case K_LIST:
    case K_SET:
    case K_SORTED_LIST:
    case K_SORTED_SET:
        list(k, c);
        break;
    case K_MAP:
    case K_SORTED_MAP:
        map(k, c);
        break;
    case K_AS_LIST:
        as_list(k);
        break;
    case K_EMPTY_LIST:
    case K_EMPTY_MAP:
        sink_begin(k->out, c->form == K_EMPTY_MAP ? BOX_MAP : BOX_ARRAY);
        sink_end(k->out, c->form == K_EMPTY_MAP ? BOX_MAP : BOX_ARRAY);
        break;
    case K_SINGLETON_MAP:
        sink_begin(k->out, BOX_MAP);
        entry(k, c);
        sink_end(k->out, BOX_MAP);
        break;
    case K_HOLDER:
        kryo_any(k);
        break;
    case K_SINGLETON_LIST:
    case K_OBJECTS_1:
        objects(k, 1);
        break;
    case K_OBJECTS_2:
        objects(k, 2);
        break;
    case K_OBJECTS_3:
        objects(k, 3);
        break;
    case K_TOLD:
        kryo_told(k, c);
        break;
    default:
        kryo_plain(k, c);
    }
}
