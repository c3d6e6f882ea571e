/* flink-runtime and flink-streaming (org.apache.flink.streaming): records in flight, co-groups, interval joins, two-phase sinks. */
#include "savepoint/codec.h"
#include "savepoint/encode.h"
#include "savepoint/ser_facts.h"

static bool has_kids(const struct ser *s, uint32_t n, struct rd *r, struct sink *out)
{
    if (s->n == n)
        return true;
    ser_opaque_rest(r, out, s->snapshot_class, "nested serializers are missing");
    return false;
}

static void key_int(struct sink *out, const char *key, int64_t v)
{
    sink_keyz(out, key);
    sink_int(out, v);
}

/* StreamElementSerializer (runtime.streamrecord), tags 5 (1.19+) and 6 (1.20+) included. A record without a timestamp has
 * Long.MIN_VALUE, as StreamRecord#getTimestamp says. */
void read_stream_element(const struct ser *s, struct rd *r, struct sink *out)
{
    enum { RECORD = 0, RECORD_PLAIN, WATERMARK, LATENCY, STATUS, ATTRIBUTES, INTERNAL_WATERMARK };
    if (!has_kids(s, 1, r, out))
        return;
    uint8_t tag = rd_u8(r);
    sink_begin(out, BOX_OBJECT);
    switch (tag) {
    case RECORD:
    case RECORD_PLAIN:
        key_int(out, "ts", tag == RECORD ? rd_i64(r) : INT64_MIN);
        sink_keyz(out, "value");
        ser_read(s->kids[0], r, out);
        break;
    case WATERMARK:
        key_int(out, "watermark", rd_i64(r));
        break;
    case LATENCY:
        key_int(out, "latencyMarker", rd_i64(r));
        sink_keyz(out, "operator"); /* OperatorID's lower part, upper part */
        const uint8_t *id = rd_take(r, 16);
        sink_hex(out, "", id, id ? 16 : 0);
        key_int(out, "subtask", rd_i32(r));
        break;
    case STATUS:
        sink_keyz(out, "status"); /* WatermarkStatus: 0 active, else idle */
        sink_textz(out, rd_i32(r) == 0 ? "ACTIVE" : "IDLE");
        break;
    case ATTRIBUTES:
        sink_keyz(out, "backlog");
        sink_bool(out, rd_bool(r));
        break;
    case INTERNAL_WATERMARK:
        key_int(out, "subpartition", rd_i32(r));
        key_int(out, "watermark", rd_i64(r));
        break;
    default:
        rd_fail(r, "stream element of an unknown kind");
    }
    sink_end(out, BOX_OBJECT);
}

/* CoGroupedStreams.UnionSerializer: i8 1 or 2, value of that input. */
void read_tagged_union(const struct ser *s, struct rd *r, struct sink *out)
{
    if (!has_kids(s, 2, r, out))
        return;
    uint8_t tag = rd_u8(r);
    if (rd_ok(r) && tag != 1 && tag != 2)
        rd_fail(r, "tagged union that is neither one nor two");
    sink_begin(out, BOX_OBJECT);
    if (rd_ok(r)) {
        sink_keyz(out, tag == 1 ? "one" : "two");
        ser_read(s->kids[tag - 1], r, out);
    }
    sink_end(out, BOX_OBJECT);
}

/* IntervalJoinOperator.BufferEntrySerializer: bool hasBeenJoined, element. */
void read_buffer_entry(const struct ser *s, struct rd *r, struct sink *out)
{
    if (!has_kids(s, 1, r, out))
        return;
    sink_begin(out, BOX_OBJECT);
    sink_keyz(out, "joined");
    sink_bool(out, rd_bool(r));
    sink_keyz(out, "element");
    ser_read(s->kids[0], r, out);
    sink_end(out, BOX_OBJECT);
}

/* TwoPhaseCommitSinkFunction.StateSerializerSnapshot: outer version <= 2 (to 1.13) always has a pending transaction, 3 (1.14) may
 * have none, from 4 on a flag says which. */
void outer_two_phase(struct ser_in *in, struct ser *s)
{
    bool may_be_null = s->outer_version == 3 || (s->outer_version >= 4 && rd_bool(in->r));
    s->extra = may_be_null ? &ser_yes : NULL;
}

bool put_two_phase(const struct ser *s, struct buf *to, struct err *e)
{
    (void)e;
    if (s->outer_version >= 4)
        wr_u8(to, s->extra != NULL);
    return true;
}

/* TransactionHolder: handle, i64 start */
static void transaction(const struct ser *s, struct rd *r, struct sink *out)
{
    sink_begin(out, BOX_OBJECT);
    sink_keyz(out, "handle");
    ser_read(s->kids[0], r, out);
    key_int(out, "started", rd_live(r) ? rd_i64(r) : 0);
    sink_end(out, BOX_OBJECT);
}

void read_two_phase(const struct ser *s, struct rd *r, struct sink *out)
{
    if (!has_kids(s, 2, r, out))
        return;
    sink_begin(out, BOX_OBJECT);
    sink_keyz(out, "pending");
    if (s->extra && !rd_bool(r))
        sink_null(out);
    else
        transaction(s, r, out);
    sink_keyz(out, "committing");
    uint32_t n = rd_live(r) ? rd_count(r, 8) : 0;
    sink_begin(out, BOX_ARRAY);
    for (uint32_t i = 0; i < n && rd_live(r); i++)
        transaction(s, r, out);
    sink_end(out, BOX_ARRAY);
    sink_keyz(out, "context");
    if (rd_live(r) && rd_bool(r))
        ser_read(s->kids[1], r, out);
    else
        sink_null(out);
    sink_end(out, BOX_OBJECT);
}
