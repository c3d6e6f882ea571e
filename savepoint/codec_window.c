/* Namespaces, timers, TTL (flink-runtime, flink-streaming-java). */
#include "savepoint/codec.h"
#include "savepoint/encode.h"
#include "savepoint/ser_facts.h"
#include "savepoint/ser_write.h"

void read_time_window(const struct ser *s, struct rd *r, struct sink *out)
{
    (void)s;
    int64_t start = rd_i64(r), end = rd_i64(r);
    if (!out)
        return;
    sink_begin(out, BOX_OBJECT);
    sink_key(out, "start", 5);
    sink_int(out, start);
    sink_key(out, "end", 3);
    sink_int(out, end);
    sink_end(out, BOX_OBJECT);
}

void read_global_window(const struct ser *s, struct rd *r, struct sink *out)
{
    (void)s;
    (void)rd_u8(r);
    sink_text(out, "GlobalWindow", 12);
}

/* TimerSerializer: i64 timestamp with its sign bit flipped (so that bytes sort as times), key, namespace. */
void read_timer(const struct ser *s, struct rd *r, struct sink *out)
{
    if (s->n != 2) {
        ser_opaque_rest(r, out, s->snapshot_class, "no key and namespace serializers");
        return;
    }
    uint64_t at = (uint64_t)rd_i64(r) ^ UINT64_C(1) << 63;
    sink_begin(out, BOX_OBJECT);
    sink_key(out, "key", 3);
    if (rd_live(r))
        ser_read(s->kids[0], r, out);
    else
        sink_null(out);
    sink_key(out, "ns", 2);
    if (rd_live(r))
        ser_read(s->kids[1], r, out);
    else
        sink_null(out);
    sink_key(out, "timestamp", 9);
    sink_int(out, (int64_t)at);
    sink_end(out, BOX_OBJECT);
}

/* TtlStateFactory.TtlSerializer: i64 last access in ms, value. */
void read_ttl(const struct ser *s, struct rd *r, struct sink *out)
{
    if (s->n != 2) {
        ser_opaque_rest(r, out, s->snapshot_class, "no value serializer");
        return;
    }
    sink_begin(out, BOX_OBJECT);
    sink_key(out, "$ttl", 4);
    ser_read(s->kids[0], r, out);
    sink_key(out, "value", 5);
    if (rd_live(r))
        ser_read(s->kids[1], r, out);
    else
        sink_null(out);
    sink_end(out, BOX_OBJECT);
}

/* TtlAwareSerializerSnapshot (2.x): bool ttl, the snapshot of what it wraps. */
void body_ttl_aware(struct ser_in *in, struct ser *s)
{
    bool ttl = rd_bool(in->r);
    s->kids = arena_array(in->a, 1, sizeof *s->kids);
    s->kids[0] = rd_ok(in->r) ? ser_parse(in) : NULL;
    s->n = s->kids[0] ? 1 : 0;
    s->extra = ttl ? &ser_yes : NULL;
    ser_add_attr(in, s, "ttl", ttl ? "true" : "false");
}

bool put_ttl_aware(const struct ser *s, struct buf *to, struct err *e)
{
    wr_u8(to, s->extra != NULL);
    return ser_put(s->n ? s->kids[0] : NULL, to, e);
}

/* Wrappers that add no bytes. */
void read_inner(const struct ser *s, struct rd *r, struct sink *out)
{
    if (s->n)
        ser_read(s->kids[0], r, out);
    else
        ser_opaque_rest(r, out, s->snapshot_class, "no inner serializer");
}
