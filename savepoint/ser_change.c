/* Serializers whose facts stand in bytes of their own (Kryo, Avro, RowData): made by writing a snapshot and reading it. And trees for
 * another Flink. */
#include "savepoint/ser_change.h"

#include <string.h>

#include "base/wr.h"
#include "savepoint/avro_schema.h"
#include "savepoint/codec_kryo.h"
#include "savepoint/logical_type.h"
#include "savepoint/ser_facts.h"
#include "savepoint/ser_write.h"

#define BASE "org.apache.flink.api.common.typeutils.base."
#define RUNT "org.apache.flink.api.java.typeutils.runtime."
#define TYPES "org.apache.flink.table.runtime.typeutils."
#define TWO_PHASE(where) "org.apache.flink.streaming.api.functions.sink." where "TwoPhaseCommitSinkFunction$StateSerializerSnapshot"

/* Reads the snapshot in b, which is released; its bytes go into the arena. NULL: e says why. */
static struct ser *read_back(struct arena *a, struct buf *b, int flink2, const struct told *told, struct err *e)
{
    struct rd r = rd_of(arena_strn(a, (const char *)b->p, b->n), b->n, 0);
    struct ser_in in = {.r = &r, .a = a, .flink2 = flink2, .told = told};
    struct ser *s = ser_parse(&in);
    buf_free(b);
    if (s && !in.lost && !rd_left(&r))
        return s;
    (void)err_set(e, ERR_UNSUPPORTED, "a serializer that cannot be made: %s", r.why ? r.why : "its class is not known");
    return NULL;
}

/* --- Kryo --- */

static bool put_registration(struct buf *to, const char *cls, struct err *e)
{
    struct buf key = {0}, value = {0};
    bool ok = put_utf(to, cls, e) && put_utf(&key, cls, e) && put_utf(&value, cls, e);
    wr_u32(&value, 0); /* UNSPECIFIED: Kryo's own serializer */
    optmap_put_frame(to, true, (struct bytes){key.p, key.n});
    optmap_put_frame(to, true, (struct bytes){value.p, value.n});
    buf_free(&key);
    buf_free(&value);
    return ok;
}

struct ser *ser_kryo(struct arena *a, const char *cls, bool v5)
{
    struct buf b = {0};
    struct err e = {0};
    wr_utfz(&b, RUNT "kryo.KryoSerializerSnapshot");
    wr_i32(&b, 2);
    bool ok = put_utf(&b, cls, &e);
    optmap_put(&b, 1);
    ok = ok && put_registration(&b, cls, &e);
    optmap_put(&b, 0);
    optmap_put(&b, 0);
    if (ok)
        return read_back(a, &b, v5, NULL, &e);
    buf_free(&b);
    return NULL;
}

static bool is_utf(struct bytes b, size_t at, const char *text)
{
    size_t n = strlen(text);
    return b.n >= at + 2 + n && be16(b.p + at) == n && !memcmp(b.p + at + 2, text, n);
}

/* A frame that begins with the name of a class: the same with another one. */
static struct bytes renamed_frame(struct arena *a, struct bytes frame, const char *from, const char *to)
{
    struct buf b = {0};
    if (!is_utf(frame, 0, from))
        return frame;
    wr_utfz(&b, to);
    buf_put(&b, frame.p + 2 + strlen(from), frame.n - 2 - strlen(from));
    frame = (struct bytes){(const uint8_t *)arena_strn(a, (const char *)b.p, b.n), b.n};
    buf_free(&b);
    return frame;
}

/* The facts with frames of their own, which may be changed. */
static struct kryo *own_frames(struct arena *a, const struct kryo *k)
{
    struct kryo *own = arena_alloc(a, sizeof *own);
    *own = *k;
    for (int map = 0; map < 3; map++) {
        own->frames[map] = arena_array(a, k->n_frames[map], sizeof **k->frames);
        if (k->n_frames[map])
            memcpy(own->frames[map], k->frames[map], k->n_frames[map] * sizeof **k->frames);
    }
    return own;
}

/* The Kryo serializer anew, by its facts. */
static struct ser *again(struct arena *a, const struct ser *s, const struct kryo *k, bool v5, struct err *e)
{
    struct ser *c = ser_clone(a, s);
    struct buf b = {0};
    c->extra = k;
    if (ser_put(c, &b, e))
        return read_back(a, &b, v5, k->from, e);
    buf_free(&b);
    return NULL;
}

static struct ser *rename_kryo(struct arena *a, const struct ser *s, const char *from, const char *to, struct err *e)
{
    struct kryo *k = own_frames(a, s->extra);
    for (int map = 0; map < 3; map++)
        for (uint32_t i = 0; i < k->n_frames[map]; i++) {
            struct kryo_frame *f = &k->frames[map][i];
            if (!strcmp(f->name, from))
                f->name = to;
            f->key = renamed_frame(a, f->key, from, to);
            f->value = renamed_frame(a, f->value, from, to);
        }
    struct ser *c = ser_clone(a, s);
    if (!strcmp(c->cls, from))
        c->cls = to;
    return again(a, c, k, k->v5, e);
}

/* Flink 1 registers a serializer object for Avro's arrays whose class Flink 2 does not have. It stands last, so no class id moves. */
static void drop_avro(struct kryo *k)
{
    uint32_t n = k->n_frames[0];
    if (n > 1 && !strcmp(k->frames[0][n - 1].name, "org.apache.avro.generic.GenericData$Array"))
        k->n_frames[0]--;
}

/* --- Avro --- */

struct ser *ser_avro(struct arena *a, const char *cls, const char *schema, struct err *e)
{
    struct buf b = {0};
    if (!cls)
        cls = "org.apache.avro.generic.GenericRecord";
    wr_utfz(&b, "org.apache.flink.formats.avro.typeutils.AvroSerializerSnapshot");
    wr_i32(&b, 3);
    if (!wr_flink_string(&b, cls, strlen(cls)) || !wr_flink_string(&b, schema, strlen(schema))) {
        buf_free(&b);
        (void)err_set(e, ERR_UNSUPPORTED, "an Avro schema that is not UTF-8");
        return NULL;
    }
    struct ser *s = read_back(a, &b, 0, NULL, e);
    const struct avro_facts *f = s ? s->extra : NULL;
    if (f && f->schema)
        return s;
    (void)err_set(e, ERR_UNSUPPORTED, "%s", s && s->n_attrs > 1 ? s->attrs[1].value : "an Avro schema that cannot be read");
    return NULL;
}

/* A generated class has the name of its record. */
static struct ser *rename_avro(struct arena *a, const struct ser *s, const char *from, const char *to, struct err *e)
{
    const struct avro_facts *f = s->extra;
    const char *json = f && f->json ? avro_rename(f->json, from, to, a) : NULL;
    bool own = !strcmp(s->cls, from);
    if (!f || !f->json || (!json && !own))
        return NULL;
    return ser_avro(a, own ? to : s->cls, json ? json : f->json, e);
}

void ser_rename_bytes(struct arena *a, struct ser *s, const char *from, const char *to)
{
    struct err e = {0};
    const struct ser *renamed = NULL;
    if (s->read == read_kryo)
        renamed = rename_kryo(a, s, from, to, &e);
    else
        renamed = rename_avro(a, s, from, to, &e);
    if (renamed)
        *s = *renamed;
    s->raw = (struct bytes){0};
}

/* --- RowData (InternalSerializers#create) --- */

#define VIEWS "org.apache.flink.table.api.dataview."

static struct ser *view(struct arena *a);
static struct ser *column(struct arena *a, const struct ltype *t, const struct ser *like, struct err *e);

/* A serializer that one of like's columns has for the same type. */
static struct ser *borrowed(const struct ltype *t, const struct ser *like)
{
    uint32_t n = 0;
    const struct ltype *const *types = like ? ser_row_types(like, &n) : NULL;
    for (uint32_t i = 0; types && i < n && i < like->n; i++)
        if (ltype_same(types[i], t))
            return like->kids[i];
    return NULL;
}

static struct ser *numbers(struct arena *a, const char *cls, int32_t version, const int32_t *v, int n, struct err *e)
{
    struct buf b = {0};
    wr_utfz(&b, cls);
    wr_i32(&b, version);
    for (int i = 0; i < n; i++)
        wr_i32(&b, v[i]);
    return read_back(a, &b, 0, NULL, e);
}

static struct ser *plain_column(struct arena *a, const struct ltype *t, struct err *e)
{
    static const char *const names[] = {
        [SLOT_BOOLEAN] = "Boolean", [SLOT_I8] = "Byte",        [SLOT_I16] = "Short",     [SLOT_I32] = "Integer",
        [SLOT_I64] = "Long",        [SLOT_FLOAT] = "Float",    [SLOT_DOUBLE] = "Double", [SLOT_TEXT] = "StringData",
        [SLOT_BYTES] = "byte[]",    [SLOT_VARIANT] = "Variant"};
    const int32_t v[] = {t->precision, t->scale};
    if (t->slot == SLOT_DECIMAL)
        return numbers(a, TYPES "DecimalDataSerializer$DecimalSerializerSnapshot", 3, v, 2, e);
    if (t->slot == SLOT_TIMESTAMP)
        return numbers(a, TYPES "TimestampDataSerializer$TimestampDataSerializerSnapshot", 1, v, 1, e);
    if (t->root == L_NULL)
        return ser_plain(a, "Null");
    const char *name = t->root == L_BITMAP ? "Bitmap" : t->slot < sizeof names / sizeof *names ? names[t->slot] : NULL;
    if (name)
        return ser_plain(a, name);
    (void)err_set(e, ERR_UNSUPPORTED, "a column of the type %s, whose snapshot holds Java objects that weir does not make",
                  lroot_name(t->root));
    return NULL;
}

/* Elements, or keys and values: their types, then their serializers. */
static struct ser *collection(struct arena *a, const struct ltype *t, struct err *e)
{
    static const struct ltype times = {.root = L_INTEGER, .slot = SLOT_I32, .width = 4};
    const struct ltype *of[] = {t->kids[0], t->root == L_MULTISET ? &times : t->slot == SLOT_MAP ? t->kids[1] : NULL};
    struct buf b = {0};
    bool ok = true;
    wr_utfz(&b,
            of[1] ? TYPES "MapDataSerializer$MapDataSerializerSnapshot" : TYPES "ArrayDataSerializer$ArrayDataSerializerSnapshot");
    wr_i32(&b, 3);
    for (int i = 0; i < 2; i++)
        ok = ok && (!of[i] || ltype_put(of[i], &b, e));
    for (int i = 0; i < 2; i++)
        ok = ok && (!of[i] || ltype_put_serializer(of[i], &b, e));
    if (ok)
        return read_back(a, &b, 0, NULL, e);
    buf_free(&b);
    return NULL;
}

static struct ser *column(struct arena *a, const struct ltype *t, const struct ser *like, struct err *e)
{
    struct ser *s = borrowed(t, like);
    while (!s && t->root == L_DISTINCT)
        t = t->kids[0];
    if (s)
        return s;
    if (t->root == L_RAW && t->cls && !strncmp(t->cls, VIEWS, sizeof VIEWS - 1))
        return view(a);
    if (t->slot == SLOT_ARRAY || t->slot == SLOT_MAP)
        return collection(a, t, e);
    return t->slot == SLOT_ROW ? ser_rowdata(a, t->kids, t->n, NULL, e) : plain_column(a, t, e);
}

/* The object of the same type in like's snapshot. */
static struct bytes borrowed_object(const struct ltype *t, const struct ser *like)
{
    const struct rowdata_facts *f = like && like->read == read_rowdata ? like->extra : NULL;
    for (uint32_t i = 0; f && i < f->types.n; i++)
        if (ltype_same(f->types.types[i], t))
            return f->objects[i];
    return (struct bytes){0};
}

/* RawValueDataSerializer of what stands for a view. */
static struct ser *view(struct arena *a)
{
    struct ser *nothing = ser_plain(a, "Null");
    struct ser *s = ser_make(a, TYPES "RawValueDataSerializer$RawValueDataSerializerSnapshot", 1, &nothing);
    s->outer_version = 1;
    return s;
}

struct ser *ser_rowdata(struct arena *a, const struct ltype *const *types, uint32_t n, const struct ser *like, struct err *e)
{
    struct buf b = {0};
    bool ok = true;
    wr_utfz(&b, TYPES "RowDataSerializer$RowDataSerializerSnapshot");
    wr_i32(&b, 3);
    wr_u32(&b, n);
    for (uint32_t i = 0; i < n && ok; i++) {
        struct bytes object = borrowed_object(types[i], like);
        wr_bytes(&b, object);
        ok = object.n || ltype_put(types[i], &b, e);
    }
    struct ser row = {.n = n, .kids = arena_array(a, n, sizeof *row.kids)};
    for (uint32_t i = 0; i < n && ok; i++)
        ok = (row.kids[i] = column(a, types[i], like, e)) != NULL;
    if (ok && put_nested(&row, &b, e))
        return read_back(a, &b, 0, NULL, e);
    buf_free(&b);
    return NULL;
}

struct ser *ser_external(struct arena *a, const struct ltype *t, enum data_class as, struct err *e)
{
    struct buf object = {0}, b = {0};
    struct ser *inner = column(a, t, NULL, e), *s = NULL;
    if (inner && ltype_put_data_type(t, as, &object, e)) {
        struct object_facts f = {.objects = {object.p, object.n}};
        struct ser *made = ser_make(a, TYPES "ExternalSerializer$ExternalSerializerSnapshot", 1, &inner);
        made->outer_version = 1;
        made->extra = &f;
        s = ser_put(made, &b, e) ? read_back(a, &b, 0, NULL, e) : NULL;
    }
    buf_free(&object);
    return s;
}

struct ser *ser_sorted_map(struct arena *a, const struct sort_field *by, uint32_t n, struct ser *key, struct ser *value,
                           struct err *e)
{
    struct buf b = {0};
    struct ser *kids[] = {key, value}, pair = {.n = 2, .kids = kids};
    wr_utfz(&b, TYPES "SortedMapSerializerSnapshot");
    wr_i32(&b, 3);
    if (comparator_put(by, n, &b, e) && put_nested(&pair, &b, e))
        return read_back(a, &b, 0, NULL, e);
    buf_free(&b);
    return NULL;
}

const struct ltype *const *ser_row_types(const struct ser *s, uint32_t *n)
{
    const struct rowdata_facts *f = s->read == read_rowdata ? s->extra : NULL;
    *n = f ? f->types.n : 0;
    return f ? f->types.types : NULL;
}

/* --- another Flink --- */

static bool is_class(const struct ser *s, const char *cls) { return !strcmp(s->snapshot_class, cls); }

static bool is_of(const struct ser *s, const char *package) { return !strncmp(s->snapshot_class, package, strlen(package)); }

static bool lacks(const struct ser *s, enum ser_flink flink)
{
    static const char *const only_2[] = {BASE "SetSerializerSnapshot", BASE "VariantSerializer", BASE "BitmapSerializer",
                                         "org.apache.flink.table.runtime.operators.sink.SortedLongSerializer",
                                         "org.apache.flink.table.runtime.sequencedmultisetstate."};
    if (flink == FLINK_2)
        return is_of(s, "org.apache.flink.api.scala.");
    for (size_t i = 0; i < sizeof only_2 / sizeof *only_2; i++)
        if (is_of(s, only_2[i]))
            return true;
    return false;
}

static struct ser *kryo_for(struct arena *a, const struct ser *s, enum ser_flink flink, struct err *e)
{
    struct kryo *k = own_frames(a, s->extra);
    if (k->v5 == (flink == FLINK_2))
        return (struct ser *)s;
    drop_avro(k);
    return again(a, s, k, flink == FLINK_2, e);
}

static bool pojo_for(struct arena *a, struct ser *s, enum ser_flink flink, struct err *e)
{
    const struct pojo_facts *p = s->extra;
    for (uint32_t i = 0; i < p->n_registered; i++)
        if (p->registered[i].ser->row && !(p->registered[i].ser = ser_for_flink(a, p->registered[i].ser, flink, e)))
            return false;
    for (uint32_t i = 0; i < p->n_other; i++)
        if (p->other[i].ser->row && !(p->other[i].ser = ser_for_flink(a, p->other[i].ser, flink, e)))
            return false;
    return true;
}

/* The class under which that Flink has the row. */
static const struct ser_row *moved(const struct ser *s, enum ser_flink flink)
{
    if (is_class(s, TWO_PHASE("")) && flink == FLINK_2)
        return ser_find(TWO_PHASE("legacy."));
    if (is_class(s, TWO_PHASE("legacy.")) && flink == FLINK_1)
        return ser_find(TWO_PHASE(""));
    return s->row;
}

struct ser *ser_for_flink(struct arena *a, const struct ser *s, enum ser_flink flink, struct err *e)
{
    if (!s->row)
        return (struct ser *)s;
    if (lacks(s, flink)) {
        (void)err_set(e, ERR_UNSUPPORTED, "Flink %s has no serializer for %s (%s)", flink == FLINK_2 ? "2" : "1", s->row->name,
                      s->snapshot_class);
        return NULL;
    }
    if (s->read == read_kryo)
        return kryo_for(a, s, flink, e);
    if (flink == FLINK_1 && is_of(s, "org.apache.flink.runtime.state.ttl.TtlAwareSerializer") && s->n == 1)
        return ser_for_flink(a, s->kids[0], flink, e);
    struct ser *c = ser_clone(a, s);
    bool changed = false;
    for (uint32_t i = 0; i < c->n; i++) {
        if (!(c->kids[i] = ser_for_flink(a, s->kids[i], flink, e)))
            return NULL;
        changed |= c->kids[i] != s->kids[i];
    }
    if (c->read == read_pojo && !pojo_for(a, c, flink, e))
        return NULL;
    c->row = moved(s, flink);
    c->snapshot_class = c->row->snapshot_class;
    return changed || c->read == read_pojo || c->row != s->row ? c : (struct ser *)s;
}

/* --- the same bytes --- */

static bool same_pojos(const struct ser *a, const struct ser *b)
{
    const struct pojo_facts *p = a->extra, *q = b->extra;
    if (p->n_registered > q->n_registered || p->n_other > q->n_other)
        return false;
    for (uint32_t i = 0; i < p->n_registered; i++)
        if (!ser_same_bytes(p->registered[i].ser, q->registered[i].ser))
            return false;
    for (uint32_t i = 0; i < p->n_other; i++)
        if (strcmp(p->other[i].cls, q->other[i].cls) != 0 || !ser_same_bytes(p->other[i].ser, q->other[i].ser))
            return false;
    return true;
}

static bool same_enums(const struct ser *a, const struct ser *b)
{
    const struct enum_facts *p = a->extra, *q = b->extra;
    if (p->n > q->n)
        return false;
    for (uint32_t i = 0; i < p->n; i++)
        if (strcmp(p->names[i], q->names[i]) != 0 || (p->ids && p->ids[i] != q->ids[i]))
            return false;
    return true;
}

static bool same_kryo(const struct ser *a, const struct ser *b)
{
    const struct kryo *p = a->extra, *q = b->extra;
    if (p->v5 != q->v5 || p->n_frames[0] > q->n_frames[0])
        return false;
    for (uint32_t i = 0; i < p->n_frames[0]; i++)
        if (strcmp(p->frames[0][i].name, q->frames[0][i].name) != 0)
            return false;
    return true;
}

static bool same_types(const struct ser *a, const struct ser *b)
{
    const struct rowdata_facts *p = a->extra, *q = b->extra;
    if (p->types.n != q->types.n)
        return false;
    for (uint32_t i = 0; i < p->types.n; i++)
        if (!ltype_same(p->types.types[i], q->types.types[i]))
            return false;
    return true;
}

static bool same_schemas(const struct avro_facts *a, const struct avro_facts *b)
{
    return a && b && a->json && b->json && !strcmp(a->json, b->json);
}

bool ser_same_bytes(const struct ser *a, const struct ser *b)
{
    if (a == b)
        return true;
    if (!a->row || !b->row)
        return !a->row && !b->row && !strcmp(a->snapshot_class, b->snapshot_class) && a->raw.n == b->raw.n && a->raw.n &&
            !memcmp(a->raw.p, b->raw.p, a->raw.n);
    if (a->read != b->read || (a->read == read_value && strcmp(a->cls, b->cls) != 0))
        return false;
    if (a->read == read_kryo)
        return same_kryo(a, b);
    if (a->read == read_rowdata || a->read == read_array_data || a->read == read_map_data)
        return same_types(a, b);
    if (a->read == read_decimal_data || a->read == read_timestamp_data)
        return ltype_same(a->extra, b->extra);
    if (a->read == read_avro)
        return same_schemas(a->extra, b->extra);
    if (a->read == read_enum || a->read == read_scala_enum)
        return same_enums(a, b);
    if (a->n != b->n || a->length != b->length || !a->names != !b->names)
        return false;
    if (a->read == read_pojo ? !same_pojos(a, b) : (a->extra == &ser_yes) != (b->extra == &ser_yes))
        return false;
    for (uint32_t i = 0; i < a->n; i++)
        if ((a->names && strcmp(a->names[i], b->names[i]) != 0) || !ser_same_bytes(a->kids[i], b->kids[i]))
            return false;
    return true;
}
