/* AvroSerializer (flink-avro, org.apache.flink.formats.avro.typeutils): values in the form of Flink's DataOutputEncoder, which is
 * not Avro's binary encoding.
 *
 * Logical types: a GenericRecord holds the underlying number, bytes or text, and that is printed. Classes that Avro generated hold
 * java.time values and BigDecimals, printed as those print. */
#include <string.h>

#include "savepoint/avro_schema.h"
#include "savepoint/codec.h"
#include "savepoint/encode.h"
#include "savepoint/javaio.h"
#include "savepoint/ser_facts.h"

/* AvroSerializerSnapshot: 1 utf schema; 2 utf class, utf schema; 3 (since 1.12) str class, str schema. */
void body_avro(struct ser_in *in, struct ser *s)
{
    if (s->version < 1 || s->version > 3) {
        in->lost = s->snapshot_class;
        return;
    }
    const char *cls = s->version == 1 ? NULL : s->version == 2 ? ser_utf(in) : java_flink_str(in->r, in->a);
    const char *json = s->version == 3 ? java_flink_str(in->r, in->a) : ser_utf(in);
    if (!rd_ok(in->r))
        return;
    struct avro_facts *v = arena_alloc(in->a, sizeof *v);
    const char *why = "an Avro snapshot without a schema";
    v->schema = json ? avro_parse(json, strlen(json), in->a, &why) : NULL;
    s->cls = cls ? cls : v->schema && v->schema->name ? v->schema->name : "?"; /* version 1: Flink goes by the schema's name */
    v->json = json;
    v->specific = strcmp(s->cls, "org.apache.avro.generic.GenericRecord") != 0;
    s->extra = v;
    s->label = v->schema && v->schema->name ? arena_printf(in->a, "Avro %s", class_simple(v->schema->name)) : NULL;
    ser_add_attr(in, s, "schema", json ? json : "");
    if (!v->schema)
        ser_add_attr(in, s, "problem", why);
}

bool put_avro(const struct ser *s, struct buf *to, struct err *e)
{
    const struct avro_facts *v = s->extra;
    if (!v || !v->json)
        return put_none(s, to, e);
    if (s->version == 3) {
        if (wr_flink_string(to, s->cls, strlen(s->cls)) && wr_flink_string(to, v->json, strlen(v->json)))
            return true;
        return err_set(e, ERR_UNSUPPORTED, "an Avro schema that is not UTF-8");
    }
    return (s->version == 1 || put_utf(to, s->cls, e)) && put_utf(to, v->json, e);
}

/* A value being read. A schema may make many values of no bytes (records of records of nulls): `left` bounds their number. */
struct walk {
    struct rd *r;
    struct sink *out;
    bool specific;
    uint64_t left;
};

static void value(struct walk *w, const struct avro *t);

static void text(struct sink *out) { sink_text(out, (const char *)out->scratch.p, out->scratch.n); }

/* A count of seconds, milliseconds … as whole seconds and nanos. */
static void split(int64_t v, int64_t per_second, int64_t *seconds, int32_t *nanos)
{
    int64_t rest = v % per_second;
    *seconds = v / per_second - (rest < 0);
    *nanos = (int32_t)((rest < 0 ? rest + per_second : rest) * (1000000000 / per_second));
}

/* An int or long with a logical type, as the Java object that a generated class holds. */
static void logical(struct sink *out, enum avro_logical as, int64_t v)
{
    if (!out)
        return;
    struct buf *b = &out->scratch;
    int64_t per_second = 1000, seconds;
    int32_t nanos;
    b->n = 0;
    if (as == AVRO_TIME_MICROS || as == AVRO_TIMESTAMP_MICROS || as == AVRO_LOCAL_MICROS)
        per_second = 1000000;
    else if (as == AVRO_TIMESTAMP_NANOS || as == AVRO_LOCAL_NANOS)
        per_second = 1000000000;
    split(v, per_second, &seconds, &nanos);
    switch (as) {
    case AVRO_DATE:
        java_epoch_day(b, v);
        break;
    case AVRO_TIME_MILLIS:
    case AVRO_TIME_MICROS:
        if (seconds < 0 || seconds >= 86400) {
            sink_int(out, v);
            return;
        }
        java_local_time(b, (int)(seconds / 3600), (int)(seconds / 60 % 60), (int)(seconds % 60), nanos);
        break;
    case AVRO_TIMESTAMP_MILLIS:
    case AVRO_TIMESTAMP_MICROS:
    case AVRO_TIMESTAMP_NANOS:
        java_instant(b, seconds, nanos);
        break;
    case AVRO_LOCAL_MILLIS:
    case AVRO_LOCAL_MICROS:
    case AVRO_LOCAL_NANOS:
        java_local_datetime(b, seconds, nanos);
        break;
    default:
        sink_int(out, v);
        return;
    }
    text(out);
}

static void number(struct walk *w, const struct avro *t, int64_t v)
{
    if (t->logical != AVRO_PLAIN && w->specific)
        logical(w->out, t->logical, v);
    else
        sink_int(w->out, v);
}

static void raw(struct walk *w, const struct avro *t, const uint8_t *p, size_t n)
{
    if (t->logical == AVRO_DECIMAL && w->specific && p && n && w->out)
        java_decimal(w->out, p, n, t->scale);
    else
        sink_hex(w->out, "hex:", p, p ? n : 0);
}

/* Arrays and maps: blocks of varcount items until a count of 0. Items without any bytes (arrays of nulls) are not accepted beyond
 * the number of bytes that follow. */
static void blocks(struct walk *w, const struct avro *t)
{
    struct rd *r = w->r;
    enum sink_box box = t->kind == AVRO_MAP ? BOX_MAP : BOX_ARRAY;
    sink_begin(w->out, box);
    for (uint64_t n; rd_live(r) && (n = rd_varint64(r)) != 0;) {
        if (n > rd_left(r)) {
            rd_fail(r, "an Avro block of more items than bytes that follow");
            break;
        }
        for (; n && rd_live(r); n--) {
            if (t->kind == AVRO_MAP) {
                struct bytes key = rd_bytes32(r);
                sink_text(w->out, (const char *)key.p, key.n);
            }
            value(w, t->types[0]);
        }
    }
    sink_end(w->out, box);
}

static void record(struct walk *w, const struct avro *t)
{
    sink_begin(w->out, BOX_OBJECT);
    sink_keyz(w->out, "$avro");
    sink_textz(w->out, t->name);
    for (uint32_t i = 0; i < t->n && rd_live(w->r); i++) {
        sink_keyz(w->out, t->names[i]);
        value(w, t->types[i]);
    }
    sink_end(w->out, BOX_OBJECT);
}

static void nested(struct walk *w, const struct avro *t)
{
    struct rd *r = w->r;
    if (!rd_enter(r)) {
        sink_null(w->out);
        return;
    }
    if (t->kind == AVRO_RECORD) {
        record(w, t);
    } else if (t->kind == AVRO_UNION) {
        uint32_t i = rd_u32(r);
        if (rd_ok(r) && i >= t->n)
            rd_fail(r, "an Avro union of a branch that its schema does not have");
        if (rd_ok(r))
            value(w, t->types[i]);
        else
            sink_null(w->out);
    } else {
        blocks(w, t);
    }
    rd_leave(r);
}

static void value(struct walk *w, const struct avro *t)
{
    struct rd *r = w->r;
    struct bytes b;
    uint32_t i;
    if (!w->left--) {
        w->left = 0;
        rd_fail(r, "an Avro value of more parts than its bytes can have");
    }
    switch (t->kind) {
    case AVRO_NULL:
        sink_null(w->out);
        break;
    case AVRO_BOOLEAN:
        sink_bool(w->out, rd_bool(r));
        break;
    case AVRO_INT:
        number(w, t, rd_i32(r));
        break;
    case AVRO_LONG:
        number(w, t, rd_i64(r));
        break;
    case AVRO_FLOAT:
        sink_real(w->out, (double)rd_f32(r), true);
        break;
    case AVRO_DOUBLE:
        sink_real(w->out, rd_f64(r), false);
        break;
    case AVRO_BYTES:
        b = rd_bytes32(r);
        raw(w, t, b.p, b.n);
        break;
    case AVRO_STRING:
        b = rd_bytes32(r);
        sink_text(w->out, (const char *)b.p, b.n);
        break;
    case AVRO_FIXED:
        raw(w, t, rd_take(r, t->size), t->size);
        break;
    case AVRO_ENUM:
        i = rd_u32(r);
        if (rd_ok(r) && i >= t->n)
            rd_fail(r, "an Avro enum value that its schema does not have");
        if (rd_ok(r))
            sink_textz(w->out, t->names[i]);
        else
            sink_null(w->out);
        break;
    default:
        nested(w, t);
    }
}

void read_avro(const struct ser *s, struct rd *r, struct sink *out)
{
    const struct avro_facts *v = s->extra;
    if (!v || !v->schema) {
        ser_opaque_rest(r, out, s->cls, "its Avro schema cannot be read");
        return;
    }
    struct walk w = {.r = r, .out = out, .specific = v->specific, .left = 4096 + 16 * (uint64_t)rd_left(r)};
    value(&w, v->schema);
}
