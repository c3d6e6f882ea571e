/* Flink's Scala API (flink-scala of Flink 1.x, org.apache.flink.api.scala.typeutils).
 *
 * Case classes print like tuples, as arrays in field order (the snapshot has no field names); Option as its value or null, Try as
 * {"success": …} or {"failure": …}, Either as {"left": …} or {"right": …}, Traversables as arrays, Unit as null. */
#include "savepoint/codec.h"
#include "savepoint/encode.h"
#include "savepoint/ser_facts.h"

/* TraversableSerializerSnapshot: utf, the source code of the collection's builder. */
void outer_traversable(struct ser_in *in, struct ser *s)
{
    s->extra = ser_utf(in);
    if (rd_ok(in->r))
        ser_add_attr(in, s, "builder", s->extra);
}

bool put_traversable(const struct ser *s, struct buf *to, struct err *e) { return put_utf(to, s->extra, e); }

/* OptionSerializer: bool isSome, [value] */
void read_option(const struct ser *s, struct rd *r, struct sink *out)
{
    if (s->n != 1)
        ser_opaque_rest(r, out, s->snapshot_class, "no element serializer");
    else if (rd_bool(r))
        ser_read(s->kids[0], r, out);
    else
        sink_null(out);
}

/* TrySerializer: bool isSuccess, value or throwable */
void read_try(const struct ser *s, struct rd *r, struct sink *out)
{
    if (s->n != 2) {
        ser_opaque_rest(r, out, s->snapshot_class, "nested serializers are missing");
        return;
    }
    bool success = rd_bool(r);
    sink_begin(out, BOX_OBJECT);
    sink_keyz(out, success ? "success" : "failure");
    ser_read(s->kids[success ? 0 : 1], r, out);
    sink_end(out, BOX_OBJECT);
}

/* ScalaEnumSerializerSnapshot (version 3): utf class, i32 n, n * (utf name, i32 id); a value is an id. */
void body_scala_enum(struct ser_in *in, struct ser *s)
{
    s->cls = ser_utf(in);
    struct enum_facts *e = arena_alloc(in->a, sizeof *e);
    e->n = rd_count(in->r, 6);
    e->names = arena_array(in->a, e->n, sizeof *e->names);
    e->ids = arena_array(in->a, e->n, sizeof *e->ids);
    struct buf list = {0};
    for (uint32_t i = 0; i < e->n && rd_ok(in->r); i++) {
        e->names[i] = ser_utf(in);
        e->ids[i] = rd_i32(in->r);
        buf_printf(&list, "%s%s=%d", i ? " " : "", e->names[i], e->ids[i]);
    }
    s->label = arena_printf(in->a, "ScalaEnum %s", class_simple(s->cls));
    s->extra = e;
    ser_add_attr(in, s, "constants", arena_str(in->a, buf_cstr(&list)));
    buf_free(&list);
}

bool put_scala_enum(const struct ser *s, struct buf *to, struct err *e)
{
    const struct enum_facts *c = s->extra;
    if (!put_utf(to, s->cls, e))
        return false;
    wr_u32(to, c->n);
    for (uint32_t i = 0; i < c->n; i++) {
        if (!put_utf(to, c->names[i], e))
            return false;
        wr_i32(to, c->ids[i]);
    }
    return true;
}

void read_scala_enum(const struct ser *s, struct rd *r, struct sink *out)
{
    const struct enum_facts *e = s->extra;
    int32_t id = rd_i32(r);
    uint32_t i = 0;
    while (i < e->n && e->ids[i] != id)
        i++;
    if (rd_ok(r) && i == e->n)
        rd_fail(r, "enum id outside its list of constants");
    if (rd_ok(r))
        sink_textz(out, e->names[i]);
    else
        sink_null(out);
}

/* NothingSerializer stands where no value can be (None, Left[Nothing, …]). */
void read_scala_nothing(const struct ser *s, struct rd *r, struct sink *out)
{
    (void)s;
    rd_fail(r, "a value of Scala's Nothing");
    sink_null(out);
}
