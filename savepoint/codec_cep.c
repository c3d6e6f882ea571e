/* State of flink-cep (org.apache.flink.cep.nfa): NFAState and the shared buffer, as Flink 1.8 to 2.3 write them.
 *
 * These classes have no plain form: a value is shown as its class, Java's toString and its bytes. */
#include <stdarg.h>
#include <stdio.h>

#include "savepoint/codec.h"
#include "savepoint/encode.h"
#include "savepoint/ser_facts.h"
#include "savepoint/javaio.h"

#define NFA "org.apache.flink.cep.nfa."

/* Reads a value (or a part of one) and appends its toString to b, unless that is NULL: then it is only walked. */
typedef void text_fn(const struct ser *s, struct buf *b, struct rd *r);

static void say(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void say(struct buf *b, const char *fmt, ...)
{
    if (!b)
        return;
    char small[128];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(small, sizeof small, fmt, ap);
    va_end(ap);
    buf_puts(b, small);
}

/* StringValue#writeString: length + 1 and UTF-16 units, all 7 bits a byte. */
static void say_string(struct buf *b, struct rd *r)
{
    uint32_t n = rd_varint32(r);
    if (n == 0)
        say(b, "null");
    if (n > rd_left(r) + 1) {
        rd_fail(r, "string longer than what follows");
        return;
    }
    size_t from = b ? b->n : 0;
    for (uint32_t i = 1; i < n && rd_ok(r); i++) {
        uint32_t unit = rd_varint32(r);
        if (unit > UINT16_MAX)
            rd_fail(r, "string with a unit beyond 16 bits");
        else if (b)
            java_unit(b, from, (uint16_t)unit);
    }
}

/* EventId.EventIdSerializer */
static void event_id(const struct ser *s, struct buf *b, struct rd *r)
{
    (void)s;
    int32_t id = rd_i32(r);
    int64_t timestamp = rd_i64(r);
    say(b, "EventId{id=%d, timestamp=%lld}", id, (long long)timestamp);
}

/* NodeId.NodeIdSerializer: i8 0 is null */
static void node_id(const struct ser *s, struct buf *b, struct rd *r)
{
    (void)s;
    if (!rd_u8(r)) {
        say(b, "null");
        return;
    }
    say(b, "NodeId{eventId=");
    event_id(NULL, b, r);
    say(b, ", pageName='");
    say_string(b, r);
    say(b, "'}");
}

/* DeweyNumber.DeweyNumberSerializer */
static void dewey(const struct ser *s, struct buf *b, struct rd *r)
{
    (void)s;
    uint32_t n = rd_count(r, 4);
    for (uint32_t i = 0; i < n && rd_ok(r); i++)
        say(b, i ? ".%d" : "%d", rd_i32(r));
}

/* SharedBufferEdge.SharedBufferEdgeSerializer */
static void edge(const struct ser *s, struct buf *b, struct rd *r)
{
    (void)s;
    say(b, "SharedBufferEdge{target=");
    node_id(NULL, b, r);
    say(b, ", deweyNumber=");
    dewey(NULL, b, r);
    say(b, "}");
}

/* NFAStateSerializer#serializeSingleComputationState. The node stands in front of the version, toString has it behind the times. */
static void computation_state(struct buf *b, struct rd *r, bool previous)
{
    say(b, "ComputationState{currentStateName='");
    say_string(b, r);
    struct rd node = *r;
    node_id(NULL, NULL, r);
    say(b, "', version=");
    dewey(NULL, b, r);
    say(b, ", startTimestamp=%lld", (long long)rd_i64(r));
    if (previous) /* since 1.16 */
        say(b, ", previousTimestamp=%lld", (long long)rd_i64(r));
    say(b, ", previousBufferEntry=");
    node_id(NULL, b, &node);
    say(b, ", startEventID=");
    if (rd_u8(r) == 1)
        event_id(NULL, b, r);
    else
        say(b, "null");
    say(b, "}");
}

static void computation_states(struct buf *b, struct rd *r, bool previous)
{
    uint32_t n = rd_count(r, 15); /* name, no node, empty version, start, no event */
    say(b, "[");
    for (uint32_t i = 0; i < n && rd_ok(r); i++) {
        if (i)
            say(b, ", ");
        computation_state(b, r, previous);
    }
    say(b, "]");
}

/* NFAStateSerializerSnapshot: outer version 1 has no previous timestamps, from 2 on a flag says. */
void outer_nfa_state(struct ser_in *in, struct ser *s) { s->extra = s->outer_version >= 2 && rd_bool(in->r) ? &ser_yes : NULL; }

bool put_nfa_state(const struct ser *s, struct buf *to, struct err *e)
{
    (void)e;
    if (s->outer_version >= 2)
        wr_u8(to, s->extra != NULL);
    return true;
}

static void nfa_state(const struct ser *s, struct buf *b, struct rd *r)
{
    say(b, "NFAState{partialMatches=");
    computation_states(b, r, s->extra != NULL);
    say(b, ", completedMatches=");
    computation_states(b, r, s->extra != NULL);
    say(b, ", stateChanged=false}"); /* not written: false after a restore */
}

/* Lockable.LockableTypeSerializer: toString does not show the element. */
static void lockable(const struct ser *s, struct buf *b, struct rd *r)
{
    say(b, "Lock{refCounter=%d}", rd_i32(r));
    if (s->n == 1)
        ser_read(s->kids[0], r, NULL);
    else
        ser_opaque_rest(r, NULL, s->snapshot_class, "no element serializer");
}

/* SharedBufferNodeSerializer (1.13+): i32 n, n * (i32 references, edge). */
static void buffer_node(const struct ser *s, struct buf *b, struct rd *r)
{
    (void)s;
    uint32_t n = rd_count(r, 9);
    say(b, "SharedBufferNode{edges=[");
    for (uint32_t i = 0; i < n && rd_ok(r); i++) {
        say(b, i ? ", Lock{refCounter=%d}" : "Lock{refCounter=%d}", rd_i32(r));
        edge(NULL, NULL, r);
    }
    say(b, "]}");
}

/* SharedBufferNode.SharedBufferNodeSerializer (to 1.12): a list of edges; read as locked by nobody. */
static void buffer_node_old(const struct ser *s, struct buf *b, struct rd *r)
{
    (void)s;
    uint32_t n = rd_count(r, 5);
    say(b, "SharedBufferNode{edges=[");
    for (uint32_t i = 0; i < n && rd_ok(r); i++) {
        say(b, i ? ", Lock{refCounter=0}" : "Lock{refCounter=0}");
        edge(NULL, NULL, r);
    }
    say(b, "]}");
}

/* Reports {"$class", "$string", "$hex"} of the value that `body` reads. */
static void report(const struct ser *s, struct rd *r, struct sink *out, const char *cls, text_fn *body)
{
    if (!out) {
        body(s, NULL, r);
        return;
    }
    const uint8_t *from = r->p;
    sink_begin(out, BOX_OBJECT);
    sink_keyz(out, "$class");
    sink_textz(out, cls);
    sink_keyz(out, "$string");
    out->scratch.n = 0;
    body(s, &out->scratch, r);
    sink_text(out, (const char *)out->scratch.p, out->scratch.n);
    sink_keyz(out, "$hex");
    sink_hex(out, "", from, (size_t)(r->p - from));
    sink_end(out, BOX_OBJECT);
}

void read_nfa_state(const struct ser *s, struct rd *r, struct sink *out) { report(s, r, out, NFA "NFAState", nfa_state); }
void read_lockable(const struct ser *s, struct rd *r, struct sink *out)
{
    report(s, r, out, NFA "sharedbuffer.Lockable", lockable);
}
void read_buffer_node(const struct ser *s, struct rd *r, struct sink *out)
{
    report(s, r, out, NFA "sharedbuffer.SharedBufferNode", buffer_node);
}
void read_buffer_node_old(const struct ser *s, struct rd *r, struct sink *out)
{
    report(s, r, out, NFA "sharedbuffer.SharedBufferNode", buffer_node_old);
}
void read_buffer_edge(const struct ser *s, struct rd *r, struct sink *out)
{
    report(s, r, out, NFA "sharedbuffer.SharedBufferEdge", edge);
}
void read_event_id(const struct ser *s, struct rd *r, struct sink *out) { report(s, r, out, NFA "sharedbuffer.EventId", event_id); }
void read_dewey(const struct ser *s, struct rd *r, struct sink *out) { report(s, r, out, NFA "DeweyNumber", dewey); }

/* Its own form of null: the byte 0. */
void read_node_id(const struct ser *s, struct rd *r, struct sink *out)
{
    if (rd_left(r) && !*r->p) {
        r->p++;
        sink_null(out);
    } else {
        report(s, r, out, NFA "sharedbuffer.NodeId", node_id);
    }
}

/* The state of Flink 1.5, which later ones registered until 1.11 to read it in, and never write. */
void read_migrated_nfa(const struct ser *s, struct rd *r, struct sink *out)
{
    ser_opaque_rest(r, out, s->snapshot_class, "CEP state of Flink 1.5 and before");
}
