/* Writes what codec_window.c and codec_stream.c read: namespaces, timers, TTL, records in flight, joins, sinks. */
#include "savepoint/codec.h"
#include "savepoint/encode.h"

static const struct value nothing = {.kind = VAL_NULL};

static const struct value *member(const struct value *v, const char *name)
{
    const struct value *m = enc_member(v, name);
    return m ? m : &nothing;
}

static void put_long(struct enc *w, const struct value *v, const char *name)
{
    struct enc_step step;
    int64_t i;
    if (!enc_enter(w, &step, name, 0))
        return;
    if (enc_int(w, member(v, name), INT64_MIN, INT64_MAX, "a long", &i))
        wr_i64(w->out, i);
    enc_leave(w);
}

static void put_int(struct enc *w, const struct value *v, const char *name)
{
    struct enc_step step;
    int64_t i;
    if (!enc_enter(w, &step, name, 0))
        return;
    if (enc_int(w, member(v, name), INT32_MIN, INT32_MAX, "an int", &i))
        wr_i32(w->out, (int32_t)i);
    enc_leave(w);
}

static void put_bool(struct enc *w, const struct value *v, const char *name)
{
    struct enc_step step;
    bool b;
    if (!enc_enter(w, &step, name, 0))
        return;
    if (enc_bool(w, member(v, name), &b))
        wr_u8(w->out, b);
    enc_leave(w);
}

static void put(struct enc *w, const struct ser *s, const struct value *v, const char *name)
{
    enc_value(w, s, member(v, name), name, 0);
}

static bool has_kids(const struct ser *s, uint32_t n, struct enc *w)
{
    if (s->n != n)
        enc_unsupported(w, "%s without its nested serializers", s->snapshot_class);
    return s->n == n;
}

void write_time_window(const struct ser *s, const struct value *v, struct enc *w)
{
    (void)s;
    put_long(w, v, "start");
    put_long(w, v, "end");
}

void write_count_window(const struct ser *s, const struct value *v, struct enc *w)
{
    (void)s;
    put_long(w, v, "id");
}

void write_global_window(const struct ser *s, const struct value *v, struct enc *w)
{
    struct bytes text;
    (void)s;
    if (enc_text(w, v, "\"GlobalWindow\"", &text))
        wr_u8(w->out, 0);
}

/* The sign bit is flipped, so that bytes sort as numbers. */
static void put_sorted(struct enc *w, const struct value *v)
{
    int64_t i;
    if (enc_int(w, v, INT64_MIN, INT64_MAX, "a long", &i))
        wr_u64(w->out, (uint64_t)i ^ UINT64_C(1) << 63);
}

void write_sorted_long(const struct ser *s, const struct value *v, struct enc *w)
{
    (void)s;
    put_sorted(w, v);
}

void write_timer(const struct ser *s, const struct value *v, struct enc *w)
{
    if (!has_kids(s, 2, w))
        return;
    put_sorted(w, member(v, "timestamp"));
    put(w, s->kids[0], v, "key");
    put(w, s->kids[1], v, "ns");
}

void write_ttl(const struct ser *s, const struct value *v, struct enc *w)
{
    if (!has_kids(s, 2, w))
        return;
    put(w, s->kids[0], v, "$ttl");
    put(w, s->kids[1], v, "value");
}

/* Wrappers that add no bytes. */
void write_inner(const struct ser *s, const struct value *v, struct enc *w)
{
    if (has_kids(s, 1, w))
        enc_value(w, s->kids[0], v, "", 0);
}

void write_window_key(const struct ser *s, const struct value *v, struct enc *w)
{
    if (!has_kids(s, 1, w))
        return;
    put_long(w, v, "window");
    put(w, s->kids[0], v, "key");
}

/* --- codec_stream.c --- */

static void put_record(const struct ser *s, const struct value *v, struct enc *w)
{
    const struct value *ts = member(v, "ts");
    bool plain = ts->kind == VAL_NULL || (ts->kind == VAL_INT && ts->i == INT64_MIN);
    wr_u8(w->out, plain ? 1 : 0);
    if (!plain)
        put_long(w, v, "ts");
    put(w, s->kids[0], v, "value");
}

static void put_latency_marker(const struct value *v, struct enc *w)
{
    struct buf scratch = {0};
    const struct value *id = member(v, "operator");
    struct bytes b = {0};
    wr_u8(w->out, 3);
    put_long(w, v, "latencyMarker");
    if (id->kind == VAL_BYTES)
        b = (struct bytes){id->bytes, id->n};
    else if (id->kind == VAL_TEXT && enc_unhex(&scratch, id->text, id->n))
        b = (struct bytes){scratch.p, scratch.n};
    if (b.n != 16)
        enc_wrong(w, id, "an operator's id of 16 bytes");
    wr_bytes(w->out, b);
    put_int(w, v, "subtask");
    buf_free(&scratch);
}

static void put_status(const struct value *v, struct enc *w)
{
    struct bytes text;
    wr_u8(w->out, 4);
    if (!enc_text(w, v, "\"ACTIVE\" or \"IDLE\"", &text))
        return;
    bool idle = text.n == 4 && !memcmp(text.p, "IDLE", 4);
    if (!idle && !(text.n == 6 && !memcmp(text.p, "ACTIVE", 6)))
        enc_wrong(w, v, "\"ACTIVE\" or \"IDLE\"");
    wr_i32(w->out, idle ? -1 : 0);
}

void write_stream_element(const struct ser *s, const struct value *v, struct enc *w)
{
    if (!has_kids(s, 1, w))
        return;
    if (enc_member(v, "latencyMarker")) {
        put_latency_marker(v, w);
    } else if (enc_member(v, "subpartition")) {
        wr_u8(w->out, 6);
        put_int(w, v, "subpartition");
        put_long(w, v, "watermark");
    } else if (enc_member(v, "watermark")) {
        wr_u8(w->out, 2);
        put_long(w, v, "watermark");
    } else if (enc_member(v, "status")) {
        put_status(enc_member(v, "status"), w);
    } else if (enc_member(v, "backlog")) {
        wr_u8(w->out, 5);
        put_bool(w, v, "backlog");
    } else if (v->kind == VAL_OBJECT) {
        put_record(s, v, w);
    } else {
        enc_wrong(w, v, "a stream element");
    }
}

void write_tagged_union(const struct ser *s, const struct value *v, struct enc *w)
{
    const struct value *one = enc_member(v, "one"), *two = enc_member(v, "two");
    if (!has_kids(s, 2, w))
        return;
    if (!one == !two) {
        enc_fail(w, "something else where {\"one\": …} or {\"two\": …} must be");
        return;
    }
    wr_u8(w->out, one ? 1 : 2);
    put(w, s->kids[one ? 0 : 1], v, one ? "one" : "two");
}

void write_buffer_entry(const struct ser *s, const struct value *v, struct enc *w)
{
    if (!has_kids(s, 1, w))
        return;
    put_bool(w, v, "joined");
    put(w, s->kids[0], v, "element");
}

static void put_transaction(const struct ser *s, const struct value *v, struct enc *w)
{
    put(w, s->kids[0], v, "handle");
    put_long(w, v, "started");
}

void write_two_phase(const struct ser *s, const struct value *v, struct enc *w)
{
    const struct value *pending = member(v, "pending"), *context = member(v, "context"), *items;
    uint32_t n;
    if (!has_kids(s, 2, w))
        return;
    if (s->extra)
        wr_u8(w->out, pending->kind != VAL_NULL);
    if (!s->extra || pending->kind != VAL_NULL)
        put_transaction(s, pending, w);
    if (!enc_items(w, member(v, "committing"), "a list of transactions", &items, &n))
        return;
    enc_count(w, n);
    for (uint32_t i = 0; i < n && enc_ok(w); i++)
        put_transaction(s, &items[i], w);
    wr_u8(w->out, context->kind != VAL_NULL);
    if (context->kind != VAL_NULL)
        put(w, s->kids[1], v, "context");
}
