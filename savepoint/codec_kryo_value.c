/* Values as Kryo#writeClassAndObject wrote them, references on: Kryo 2.24 (Flink 1.x) and Kryo 5.6 (Flink 2.x).
 *
 * object  = class, reference mark (not for boxed values; Kryo 5: nor for enums), body
 * class   = varint 0 null, 1 by name (varint name number, and the name the first time), else id + 2
 * mark    = varint 1 new, n + 2 the n-th object of this value again
 *
 * A reference shows the object once more, by reading its bytes again. */
#include <stdio.h>
#include <string.h>

#include "savepoint/codec_java.h"
#include "savepoint/codec_kryo.h"
#include "savepoint/javaio.h"

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

static void opaque(struct kryo_in *k, const struct kryo_class *c, const char *why)
{
    char name[300];
    ser_opaque_rest(k->r, k->out, kryo_name(c, name, sizeof name), why);
}

static void text(struct kryo_in *k)
{
    if (k->out)
        sink_text(k->out, (const char *)k->out->scratch.p, k->out->scratch.n);
}

/* The sink's room, emptied; NULL when the value is only walked. */
static struct buf *room(struct kryo_in *k)
{
    if (!k->out)
        return NULL;
    k->out->scratch.n = 0;
    return &k->out->scratch;
}

void kryo_shown(struct kryo_in *k, const char *cls)
{
    struct sink *out = k->out;
    if (!out)
        return;
    sink_begin(out, BOX_OBJECT);
    sink_keyz(out, "$class");
    sink_textz(out, cls);
    sink_keyz(out, "$string");
    text(k);
    if (k->nested == 1) {
        sink_keyz(out, "$hex");
        sink_hex(out, "", k->start, (size_t)(k->r->p - k->start));
    }
    sink_end(out, BOX_OBJECT);
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
            *c = (struct kryo_class){.name = "?", .n = 1, .why = "a class id that is not in the snapshot (Scala's registrations have such)"};
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
    if (id < k->n_objects)
        return id; /* read again */
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
    body(k, c);
    k->nested--;
    rd_leave(k->r);
}

/* Shows an earlier object again. What that may cost in all is limited: references to references multiply. */
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
    char name[300];
    if (!o.end) {
        sink_opaque(k->out, kryo_name(&o.cls, name, sizeof name), NULL, 0, "a reference to the object that it is a part of");
    } else if (cost > k->repeats) {
        sink_opaque(k->out, kryo_name(&o.cls, name, sizeof name), NULL, 0, "a reference to an earlier object, not shown so often");
    } else {
        const uint8_t *back = r->p;
        uint32_t next = k->next_id;
        k->repeats -= cost;
        r->p = o.body;
        k->next_id = id + 1;
        read_body(k, &o.cls);
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
        opaque(k, c, c->why);
        return;
    }
    if ((c->row && c->row->flags & B) || (k->k->v5 && c->form == K_ENUM)) {
        if (or_null && !kryo_varint(r))
            sink_null(k->out);
        else
            body(k, c);
        return;
    }
    uint32_t mark = kryo_varint(r);
    if (mark == 0) {
        if (!or_null)
            rd_fail(r, "a Kryo object without its reference mark");
        sink_null(k->out);
    } else if (mark == 1) {
        uint32_t id = kryo_new_object(k, &known);
        read_body(k, &known);
        if (rd_live(r))
            k->objects[id].end = r->p;
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
    if (sorted)
        kryo_any(k);
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
        opaque(k, c, "an array of a class that is not known to be final or not");
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

static void scalar(struct kryo_in *k, uint8_t form)
{
    struct rd *r = k->r;
    struct sink *out = k->out;
    union { uint32_t i; float f; } f;
    union { uint64_t i; double d; } d;
    uint16_t unit;
    struct buf *b;
    switch (form) {
    case K_INT:
    case K_ARRAY_OF_INT:
        sink_int(out, kryo_zigzag(kryo_varint(r)));
        break;
    case K_LONG:
    case K_ARRAY_OF_LONG:
        sink_int(out, kryo_zigzag64(kryo_varlong(r)));
        break;
    case K_SHORT:
    case K_ARRAY_OF_SHORT:
        sink_int(out, (int16_t)kryo_16(k));
        break;
    case K_BYTE:
        sink_int(out, rd_i8(r));
        break;
    case K_BOOLEAN:
    case K_ARRAY_OF_BOOLEAN:
        sink_bool(out, rd_bool(r));
        break;
    case K_FLOAT:
    case K_ARRAY_OF_FLOAT:
        f.i = kryo_32(k);
        sink_real(out, (double)f.f, true);
        break;
    case K_DOUBLE:
    case K_ARRAY_OF_DOUBLE:
        d.i = kryo_64(k);
        sink_real(out, d.d, false);
        break;
    default: /* K_CHAR, K_ARRAY_OF_CHAR */
        unit = kryo_16(k);
        if ((b = room(k)) != NULL)
            java_unit(b, 0, unit);
        text(k);
    }
}

void kryo_scalar(struct kryo_in *k, enum kryo_form form)
{
    if (form != K_STRING)
        scalar(k, (uint8_t)form);
    else if (kryo_string(k->r, room(k)))
        text(k);
    else
        sink_null(k->out);
}

/* DefaultArraySerializers: varint n + 1 (0 null), elements. */
static void array(struct kryo_in *k, uint8_t form)
{
    uint32_t n = kryo_varint(k->r);
    if (n == 0) {
        sink_null(k->out);
        return;
    }
    n = kryo_count(k->r, n - 1);
    if (form == K_BYTES) {
        const uint8_t *p = rd_take(k->r, n);
        sink_hex(k->out, "hex:", p, p ? n : 0);
        return;
    }
    sink_begin(k->out, BOX_ARRAY);
    for (; n && rd_ok(k->r); n--)
        scalar(k, form);
    sink_end(k->out, BOX_ARRAY);
}

/* BigIntegerSerializer, BigDecimalSerializer: varint n + 1 (0 null), n bytes, and the scale. */
static void big(struct kryo_in *k, bool decimal)
{
    uint32_t n = kryo_varint(k->r);
    n = n ? kryo_count(k->r, n - 1) : 0;
    const uint8_t *p = rd_take(k->r, n);
    if (!n) {
        sink_null(k->out);
        return;
    }
    int32_t scale = decimal ? kryo_zigzag(kryo_varint(k->r)) : 0;
    if (rd_ok(k->r) && k->out)
        java_decimal(k->out, p, n, scale);
    else
        sink_null(k->out);
}

/* ClassSerializer: the class, and (Kryo 2: always) whether a primitive is meant rather than its box. */
static void class_value(struct kryo_in *k)
{
    struct kryo_class c;
    bool some = kryo_read_class(k, &c), boxes = some && c.row && c.row->flags & B;
    bool primitive = (!k->k->v5 || boxes) && rd_bool(k->r);
    char name[300];
    if (!some)
        sink_null(k->out);
    else
        sink_textf(k->out, "%s%s", kryo_name(&c, name, sizeof name), boxes && !primitive ? " (boxed)" : "");
}

/* An ordinal + 1 (0 null); the names are in the class, which is known for a few only. */
static void constant(struct kryo_in *k, const struct kryo_class *c)
{
    const uint8_t *from = k->r->p;
    uint32_t n = kryo_varint(k->r);
    const char *w = c->row ? c->row->words : NULL;
    for (uint32_t i = 1; w && i < n; i++)
        w = (w = strchr(w, ' ')) != NULL ? w + 1 : NULL;
    char name[300], why[80];
    if (n == 0 || !rd_ok(k->r)) {
        sink_null(k->out);
    } else if (w) {
        sink_text(k->out, w, strcspn(w, " "));
    } else {
        snprintf(why, sizeof why, "an enum's constant number %u; its name is in the class only", n - 1);
        sink_opaque(k->out, kryo_name(c, name, sizeof name), from, (size_t)(k->r->p - from), why);
        k->r->opaque++;
    }
}

/* EnumSetSerializer: the enum's class, varint n, constants. */
static void enum_set(struct kryo_in *k)
{
    struct kryo_class c;
    sink_begin(k->out, BOX_SET);
    if (kryo_read_class(k, &c))
        for (uint32_t n = kryo_count(k->r, kryo_varint(k->r)); n && rd_live(k->r); n--)
            constant(k, &c);
    sink_end(k->out, BOX_SET);
}

/* BitSetSerializer of chill and of Kryo 5: varint n, n words. BitSet#toString lists the bits. */
static void bit_set(struct kryo_in *k)
{
    uint32_t n = kryo_varint(k->r);
    struct buf *b = room(k);
    bool some = false;
    if (b)
        buf_putc(b, '{');
    for (uint32_t w = 0; w < n && rd_ok(k->r); w++)
        for (uint64_t word = kryo_64(k); word && b; word &= word - 1) {
            buf_printf(b, some ? ", %llu" : "%llu", (unsigned long long)w * 64 + (unsigned)__builtin_ctzll(word));
            some = true;
        }
    if (b)
        buf_putc(b, '}');
    kryo_shown(k, "java.util.BitSet");
}

static void uuid(struct kryo_in *k)
{
    uint64_t hi, lo;
    if (k->k->v5) {
        hi = kryo_64(k);
        lo = kryo_64(k);
    } else {
        hi = (uint64_t)kryo_zigzag64(kryo_varlong(k->r));
        lo = (uint64_t)kryo_zigzag64(kryo_varlong(k->r));
    }
    sink_textf(k->out, "%08x-%04x-%04x-%04x-%012llx", (unsigned)(hi >> 32), (unsigned)(hi >> 16 & 0xffff), (unsigned)(hi & 0xffff),
               (unsigned)(lo >> 48), (unsigned long long)(lo & 0xffffffffffff));
}

/* chill's TimestampSerializer: getTime, which has the milliseconds, and nanos; Kryo 5's: whole seconds and nanos. */
static void timestamp(struct kryo_in *k)
{
    int64_t ms = (int64_t)kryo_varlong(k->r);
    uint32_t nanos = kryo_varint(k->r);
    sink_textf(k->out, "ts:%lld:%u", (long long)((uint64_t)ms + (k->k->v5 ? nanos / 1000000 : 0)), nanos);
}

/* CalendarSerializer: zone, ms, lenient, first day of the week, days in the first week, Gregorian change. Shown by time and zone. */
static void calendar(struct kryo_in *k, const char *cls)
{
    sink_begin(k->out, BOX_OBJECT);
    sink_keyz(k->out, "$class");
    sink_textz(k->out, cls);
    sink_keyz(k->out, "zone");
    (void)kryo_string(k->r, room(k));
    text(k);
    sink_keyz(k->out, "ms");
    sink_int(k->out, (int64_t)kryo_varlong(k->r));
    (void)rd_u8(k->r);
    (void)kryo_varint(k->r);
    (void)kryo_varint(k->r);
    (void)kryo_varlong(k->r);
    sink_end(k->out, BOX_OBJECT);
}

/* Locale#toString of a language, a country and a variant, each behind the other in b. */
static void locale(struct kryo_in *k)
{
    struct buf *b = room(k);
    size_t end[3] = {0};
    for (int i = 0; i < 3; i++) {
        if (b && i)
            buf_putc(b, '_');
        (void)kryo_string(k->r, b);
        end[i] = b ? b->n : 0;
    }
    if (b) { /* "en__" -> "en", "en_US_" -> "en_US" */
        bool variant = end[2] > end[1] + 1, country = end[1] > end[0] + 1;
        b->n = variant ? end[2] : country ? end[1] : end[0];
    }
    kryo_shown(k, "java.util.Locale");
}

/* An object stream of its own; a second one of the same serializer goes on with the first and cannot be read alone. */
static void java(struct kryo_in *k, const struct kryo_class *c)
{
    if (rd_left(k->r) < 4 || be32(k->r->p) != 0xaced0005) {
        opaque(k, c, "it goes on with an earlier Java object stream");
        return;
    }
    if (c->form != K_JAVA_LOCALE) {
        java_stream(k->r, k->out);
        return;
    }
    struct arena a = {0};
    struct jobj *o = NULL;
    (void)javaobj_read(k->r, &a, &o);
    const char *language = jobj_field_text(o, "language"), *country = jobj_field_text(o, "country"), *variant = jobj_field_text(o, "variant");
    struct buf *b = room(k);
    if (b) {
        bool has_variant = variant && *variant, has_country = country && *country;
        buf_puts(b, language ? language : "");
        if (has_country || has_variant)
            buf_printf(b, "_%s", has_country ? country : "");
        if (has_variant)
            buf_printf(b, "_%s", variant);
    }
    arena_free(&a);
    kryo_shown(k, "java.util.Locale");
}

/* A string that is the object's toString, and what may follow it. */
static void named(struct kryo_in *k, const struct kryo_class *c)
{
    struct buf *b = room(k);
    if (!kryo_string(k->r, b)) {
        sink_null(k->out);
        return;
    }
    if (c->form == K_PATTERN)
        (void)kryo_varint(k->r);
    if (c->form == K_SOCKET_ADDRESS) {
        uint32_t port = kryo_varint(k->r);
        if (b)
            buf_printf(b, ":%u", port);
    }
    kryo_shown(k, c->row->cls);
}

static void objects(struct kryo_in *k, unsigned n)
{
    sink_begin(k->out, BOX_ARRAY);
    for (; n && rd_live(k->r); n--)
        kryo_any(k);
    sink_end(k->out, BOX_ARRAY);
}

/* Kryo 5's OptionalIntSerializer and its like: bool, [fixed number]. Kryo 2: the fields isPresent and value. */
static void optional(struct kryo_in *k, uint8_t form)
{
    static const uint8_t plain[] = {K_INT, K_LONG, K_DOUBLE};
    bool present = rd_bool(k->r), v5 = k->k->v5;
    struct sink *out = k->out;
    if (!present)
        sink_null(out);
    k->out = present ? out : NULL;
    if (!v5)
        scalar(k, plain[form - K_OPTIONAL_INT]);
    else if (present && form == K_OPTIONAL_DOUBLE)
        scalar(k, K_DOUBLE);
    else if (present)
        sink_int(k->out, form == K_OPTIONAL_INT ? (int32_t)kryo_32(k) : (int64_t)kryo_64(k));
    k->out = out;
}

/* java.util.concurrent.atomic by FieldSerializer: their one field; a boolean is an int. */
static void atomic(struct kryo_in *k, const struct kryo_class *c)
{
    int64_t v = c->form == K_ATOMIC_LONG ? kryo_zigzag64(kryo_varlong(k->r)) : kryo_zigzag(kryo_varint(k->r));
    struct buf *b = room(k);
    if (b && c->form == K_ATOMIC_BOOLEAN)
        buf_puts(b, v ? "true" : "false");
    else if (b)
        buf_printf(b, "%lld", (long long)v);
    kryo_shown(k, c->row->cls);
}

static void body(struct kryo_in *k, const struct kryo_class *c)
{
    struct rd *r = k->r;
    switch ((enum kryo_form)c->form) {
    case K_UNKNOWN:
        opaque(k, c, c->why);
        break;
    case K_INT: case K_LONG: case K_FLOAT: case K_DOUBLE: case K_BOOLEAN: case K_BYTE: case K_CHAR: case K_SHORT: case K_STRING:
        kryo_scalar(k, c->form);
        break;
    case K_BYTES: case K_ARRAY_OF_BOOLEAN: case K_ARRAY_OF_CHAR: case K_ARRAY_OF_SHORT: case K_ARRAY_OF_INT: case K_ARRAY_OF_LONG:
    case K_ARRAY_OF_FLOAT: case K_ARRAY_OF_DOUBLE:
        array(k, c->form);
        break;
    case K_OBJECT_ARRAY:
        object_array(k, c);
        break;
    case K_BIG_INTEGER: case K_BIG_DECIMAL:
        big(k, c->form == K_BIG_DECIMAL);
        break;
    case K_CLASS:
        class_value(k);
        break;
    case K_DATE:
        sink_textf(k->out, "ms:%lld", (long long)kryo_varlong(r));
        break;
    case K_TIMESTAMP:
        timestamp(k);
        break;
    case K_CALENDAR:
        calendar(k, c->row->cls);
        break;
    case K_NAMED: case K_PATTERN: case K_SOCKET_ADDRESS:
        named(k, c);
        break;
    case K_UUID:
        uuid(k);
        break;
    case K_LOCALE:
        locale(k);
        break;
    case K_JAVA: case K_JAVA_LOCALE:
        java(k, c);
        break;
    case K_BIT_SET:
        bit_set(k);
        break;
    case K_ENUM:
        constant(k, c);
        break;
    case K_ENUM_SET:
        enum_set(k);
        break;
    case K_LIST: case K_SET: case K_SORTED_LIST: case K_SORTED_SET:
        list(k, c);
        break;
    case K_MAP: case K_SORTED_MAP:
        map(k, c);
        break;
    case K_AS_LIST:
        as_list(k);
        break;
    case K_EMPTY_LIST: case K_EMPTY_MAP:
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
    case K_SINGLETON_LIST: case K_OBJECTS_1:
        objects(k, 1);
        break;
    case K_OBJECTS_2:
        objects(k, 2);
        break;
    case K_OBJECTS_3:
        objects(k, 3);
        break;
    case K_ATOMIC_INT: case K_ATOMIC_LONG: case K_ATOMIC_BOOLEAN:
        atomic(k, c);
        break;
    case K_BARE:
        sink_begin(k->out, BOX_OBJECT);
        sink_keyz(k->out, "$class");
        sink_textz(k->out, c->row->cls);
        sink_end(k->out, BOX_OBJECT);
        break;
    case K_OPTIONAL_INT: case K_OPTIONAL_LONG: case K_OPTIONAL_DOUBLE:
        optional(k, c->form);
        break;
    case K_TOLD:
        kryo_told(k, c);
        break;
    default:
        kryo_time(k, c);
    }
}
