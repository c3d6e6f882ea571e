/* KryoSerializer (flink-core, org.apache.flink.api.java.typeutils.runtime.kryo): the snapshot, and the classes that it registers. */
#include <stdlib.h>
#include <string.h>

#include "savepoint/codec_kryo.h"
#include "savepoint/javaio.h"
#include "savepoint/ser_facts.h"

static const struct kryo_row rows[] = {
#define KRYO(cls, form2, form5, flags, words) {cls, {form2, form5}, flags, words},
#include "savepoint/kryo_classes.def"
#undef KRYO
};

/* Class ids that every Flink job has: Kryo's own from 0, those of FlinkChillPackageRegistrar from 73, the snapshot's from 85. (With
 * the Scala API chill's registrations for Scala have the ids between; the snapshot does not tell which.) */
enum { FIRST_CHILL = 73, FIRST_REGISTERED = 85 };
static const char *const kryo_ids[] = {"int",  "java.lang.String", "float", "boolean", "byte", "char", "short",
                                       "long", "double",           "void"};
static const char *const chill_ids[] = {"java.util.Arrays$ArrayList",
                                        "java.util.BitSet",
                                        "java.util.PriorityQueue",
                                        "java.util.regex.Pattern",
                                        "java.sql.Date",
                                        "java.sql.Time",
                                        "java.sql.Timestamp",
                                        "java.net.URI",
                                        "java.net.InetSocketAddress",
                                        "java.util.UUID",
                                        "java.util.Locale",
                                        "java.text.SimpleDateFormat"};

enum kind { UNSPECIFIED, CLASS, INSTANCE }; /* KryoRegistration.SerializerDefinitionType */

bool kryo_same_name(const char *name, uint32_t n, const char *other)
{
    return strlen(other) == n && n && !memcmp(name, other, n - 1) && (name[n - 1] & 0x7f) == other[n - 1];
}

const struct kryo_row *kryo_find(const char *name, uint32_t n)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (kryo_same_name(name, n, rows[i].cls))
            return &rows[i];
    return NULL;
}

/* A class with a serializer of the user's, given by its class (NULL: an object, or not known). */
static struct kryo_class with_serializer(const struct kryo *k, const char *name, uint32_t n, const char *serializer)
{
    static const char *const java[] = {"com.esotericsoftware.kryo.serializers.JavaSerializer",
                                       "org.apache.flink.api.java.typeutils.runtime.kryo.JavaSerializer"};
    struct kryo_class c = {.name = name, .n = n, .why = "the job has a Kryo serializer of its own for the class"};
    if (!serializer)
        return c;
    for (size_t i = 0; i < sizeof java / sizeof java[0]; i++)
        if (!strcmp(serializer, java[i]))
            c.form = K_JAVA;
    c.told = kryo_told_find(k, TOLD_KRYO, serializer, (uint32_t)strlen(serializer));
    if (c.told)
        c.form = K_TOLD;
    return c;
}

struct kryo_class kryo_class_of(const struct kryo *k, const char *name, uint32_t n)
{
    struct kryo_class c = {.name = name, .n = n, .why = "the fields of the class are not in the snapshot"};
    for (uint32_t i = FIRST_REGISTERED; i < k->n_ids; i++)
        if (k->ids[i].name && kryo_same_name(name, n, k->ids[i].name))
            return k->ids[i];
    if ((c.told = kryo_told_find(k, TOLD_CLASS, name, n)) || (c.told = kryo_told_find(k, TOLD_ENUM, name, n))) {
        c.form = c.told->decl->kind == TOLD_ENUM ? K_ENUM : K_TOLD;
        return c;
    }
    for (uint32_t i = 0; i < k->n_defaults; i++)
        if (kryo_same_name(name, n, k->defaults[2 * i]))
            return with_serializer(k, name, n, k->defaults[2 * i + 1]);
    c.row = kryo_find(name, n);
    if (k->wild && !(c.row && c.row->flags & B)) {
        c.why = "the job has Kryo serializers of its own that may serve the class";
        c.row = NULL;
        return c;
    }
    if (c.row)
        c.form = c.row->form[k->v5];
    else if (n > 1 && name[0] == '[')
        c.form = K_OBJECT_ARRAY;
    else if ((c.told = kryo_told_look(k, name, n)))
        c.form = c.told->decl->kind == TOLD_ENUM ? K_ENUM : K_TOLD;
    if (c.row && c.form == K_UNKNOWN)
        c.why = k->v5 ? "Kryo 5 has no values of the class" : "Kryo 2 writes the class's fields, which differ from JDK to JDK";
    return c;
}

/* KryoUtils#applyRegistrations: a class that has an id already keeps it, unless the registration brings a serializer. */
static void add_registration(struct kryo *k, const char *name, enum kind kind, const char *serializer)
{
    uint32_t n = (uint32_t)strlen(name);
    struct kryo_class c = kind == UNSPECIFIED ? kryo_class_of(k, name, n) : with_serializer(k, name, n, serializer);
    if (kind == UNSPECIFIED) {
        for (uint32_t i = 0; i < k->n_ids; i++)
            if (k->ids[i].name && !strcmp(k->ids[i].name, name))
                return;
        if (c.row && c.row->flags & B)
            return; /* a boxed class: its primitive is registered */
    }
    k->ids[k->n_ids++] = c;
}

static void shared_ids(struct kryo *k)
{
    for (uint32_t i = 0; i < sizeof kryo_ids / sizeof kryo_ids[0]; i++)
        k->ids[i] = kryo_class_of(k, kryo_ids[i], (uint32_t)strlen(kryo_ids[i]));
    for (uint32_t i = 0; i < sizeof chill_ids / sizeof chill_ids[0]; i++) {
        const struct kryo_row *row = kryo_find(chill_ids[i], (uint32_t)strlen(chill_ids[i]));
        k->ids[FIRST_CHILL + i] =
            (struct kryo_class){.name = row->cls, .n = (uint32_t)strlen(row->cls), .row = row, .form = row->form[k->v5]};
    }
    k->n_ids = FIRST_REGISTERED;
}

struct registration {
    const char *name, *serializer;
    enum kind kind;
};

/* A serializer that was given as an object: Flink 1 wraps it in an object of a class that Flink 2 does not have. */
static void note_object(struct kryo *k, const char *name, struct rd object, struct arena *a)
{
    static const uint8_t head[] = {0xac, 0xed, 0, 5, 's', 'r'};
    const uint8_t *p = rd_take(&object, sizeof head);
    if (!k->object1 && p && !memcmp(p, head, sizeof head) &&
        !strcmp(java_utf(&object, a), "org.apache.flink.api.common.ExecutionConfig$SerializableSerializer"))
        k->object1 = name;
}

const char *kryo_object_of_flink1(const struct ser *s)
{
    const struct kryo *k = s->row && s->row->read == read_kryo ? s->extra : NULL;
    return k ? k->object1 : NULL;
}

/* One entry of the registrations: value = utf class, i32 kind, [CLASS: utf serializer; INSTANCE: a Java object]. An entry that Flink
 * could not resolve when it wrote the snapshot anew has no value. */
static struct registration read_registration(struct ser_in *in, struct kryo *k, struct optmap_entry *e)
{
    struct registration g = {.name = e->name};
    if (!e->has_value)
        return g;
    struct ser_in inner = {.r = &e->value, .a = in->a};
    g.name = ser_utf(&inner);
    uint32_t kind = rd_u32(&e->value);
    if (kind == CLASS)
        g.serializer = ser_utf(&inner);
    if (kind == INSTANCE)
        note_object(k, g.name, e->value, in->a);
    if (!rd_ok(&e->value) || kind > INSTANCE)
        rd_fail(in->r, "a Kryo registration that is none");
    g.kind = (enum kind)kind;
    return g;
}

static void keep_frame(struct kryo *k, int map, const struct optmap_entry *e)
{
    k->frames[map][k->n_frames[map]++] =
        (struct kryo_frame){e->name, e->has_key, e->has_value, {e->key.p, rd_left(&e->key)}, {e->value.p, rd_left(&e->value)}};
}

/* Classes for which the job has default serializers: the class is the entry's name, the value a Java object or utf class. */
static void read_defaults(struct ser_in *in, struct kryo *k, bool by_class)
{
    uint32_t n = optmap_begin(in);
    k->frames[1 + by_class] = arena_array(in->a, n, sizeof **k->frames);
    const char **list = arena_array(in->a, 2 * ((size_t)k->n_defaults + n), sizeof *list);
    if (k->n_defaults)
        memcpy(list, k->defaults, 2 * k->n_defaults * sizeof *list);
    k->defaults = list;
    for (uint32_t i = 0; i < n && rd_ok(in->r); i++) {
        struct optmap_entry e;
        optmap_next(in, &e);
        if (!rd_ok(in->r))
            return;
        keep_frame(k, 1 + by_class, &e);
        const struct kryo_row *row = kryo_find(e.name, (uint32_t)strlen(e.name));
        k->wild |= row ? (row->flags & A) != 0 : !strncmp(e.name, "java.", 5);
        if (!by_class && e.has_value)
            note_object(k, e.name, e.value, in->a);
        list[2 * k->n_defaults] = e.name;
        list[2 * k->n_defaults++ + 1] = by_class && e.has_value ? java_utf(&e.value, in->a) : NULL;
    }
}

/* KryoSerializerSnapshotData: utf class, the registrations, default serializers and default serializer classes. */
void body_kryo(struct ser_in *in, struct ser *s)
{
    s->cls = ser_utf(in);
    struct kryo *k = arena_alloc(in->a, sizeof *k);
    k->v5 = in->flink2 > 0;
    k->from = in->told;
    uint32_t n = optmap_begin(in);
    struct registration *list = arena_array(in->a, n, sizeof *list);
    k->frames[0] = arena_array(in->a, n, sizeof **k->frames);
    for (uint32_t i = 0; i < n && rd_ok(in->r); i++) {
        struct optmap_entry e;
        optmap_next(in, &e);
        if (!rd_ok(in->r))
            break;
        keep_frame(k, 0, &e);
        list[i] = read_registration(in, k, &e);
    }
    read_defaults(in, k, false);
    read_defaults(in, k, true);
    if (!rd_ok(in->r))
        return;
    kryo_told_begin(k, in->told, in->a);
    k->ids = arena_array(in->a, FIRST_REGISTERED + (size_t)n, sizeof *k->ids);
    shared_ids(k);
    struct ser_attr *attrs = arena_array(in->a, n, sizeof *attrs);
    for (uint32_t i = 0; i < n; i++) {
        const struct registration *g = &list[i];
        add_registration(k, g->name, g->kind, g->serializer);
        attrs[i] =
            (struct ser_attr){"registered", g->serializer ? arena_printf(in->a, "%s by %s", g->name, g->serializer) : g->name};
    }
    kryo_told_resolve(k, in->a);
    s->n_attrs = n;
    s->attrs = attrs;
    s->extra = k;
    s->label = arena_printf(in->a, "Kryo %s", class_simple(s->cls));
}

bool put_kryo(const struct ser *s, struct buf *to, struct err *e)
{
    const struct kryo *k = s->extra;
    if (!put_utf(to, s->cls, e))
        return false;
    for (int map = 0; map < 3; map++) {
        optmap_put(to, k->n_frames[map]);
        for (uint32_t i = 0; i < k->n_frames[map]; i++) {
            const struct kryo_frame *f = &k->frames[map][i];
            if (!put_utf(to, f->name, e))
                return false;
            optmap_put_frame(to, f->has_key, f->key);
            optmap_put_frame(to, f->has_value, f->value);
        }
    }
    return true;
}

void read_kryo(const struct ser *s, struct rd *r, struct sink *out)
{
    if (!s->extra) {
        ser_opaque_rest(r, out, s->cls, "no Kryo snapshot");
        return;
    }
    struct kryo_in k; /* its tables are not set: that would cost more than most values */
    k.k = s->extra;
    k.r = r;
    k.out = out;
    k.start = r->p;
    k.compared = false;
    k.repeats = 4096 + 8 * (uint64_t)rd_left(r);
    k.nested = k.deepest = k.next_id = k.n_objects = k.n_names = 0;
    k.cap_objects = k.cap_names = KRYO_FEW;
    k.objects = k.few_objects;
    k.names = k.few_names;
    kryo_any(&k);
    if (k.objects != k.few_objects)
        free(k.objects);
    if (k.names != k.few_names)
        free(k.names);
    if (rd_live(r))
        sink_origin(out, s, k.start, (size_t)(r->p - k.start)); /* it does not show classes and references */
}
