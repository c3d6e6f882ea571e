/* Kafka's source and sink (flink-connector-kafka 1.12 to 4.0), the old consumer, and number sequences (flink-core, 1.11+). */
#include "savepoint/wellknown_in.h"

/* KafkaPartitionSplitSerializer: the starting offset is the next one to be read; no stopping offset is Long.MIN_VALUE. */
void kafka_split(struct in *in)
{
    m_topic(in, "topic");
    m_i32(in, "partition");
    m_i64(in, "startingOffset");
    struct rd ahead = in->r;
    if (rd_i64(&ahead) == INT64_MIN)
        in->r = ahead;
    else
        m_i64(in, "stoppingOffset");
}

void dynamic_kafka_split(struct in *in)
{
    m_utf(in, "cluster");
    if (rd_i32(&in->r) != 0)
        rd_fail(&in->r, "another version of KafkaPartitionSplitSerializer");
    kafka_split(in);
}

/* KafkaSourceEnumStateSerializer: 1 assigned partitions; 2 partitions with their status, and a flag. */
void kafka_partitions(struct in *in)
{
    static const char *const status[] = {"ASSIGNED", "UNASSIGNED_INITIAL"};
    in_begin(in, "partitions", BOX_SET);
    for (uint32_t n = rd_count(&in->r, 6); n && rd_ok(&in->r); n--) {
        in_begin(in, NULL, BOX_OBJECT);
        m_topic(in, "topic");
        m_i32(in, "partition");
        if (in->version == 2)
            m_word(in, "status", status, 2);
        in_end(in, BOX_OBJECT);
    }
    in_end(in, BOX_SET);
    if (in->version < 2)
        return;
    bool finished = in_flag(in);
    sink_key(in->out, "initialDiscoveryFinished", 24);
    sink_bool(in->out, finished);
}

/* Version 0, SerdeUtils#serializeSplitAssignments: splits by reader. */
void kafka_readers(struct in *in)
{
    uint32_t n = rd_count(&in->r, 8);
    if (rd_i32(&in->r) != 0)
        rd_fail(&in->r, "another version of KafkaPartitionSplitSerializer");
    in_begin(in, "readers", BOX_ARRAY);
    for (; n && rd_ok(&in->r); n--) {
        in_begin(in, NULL, BOX_OBJECT);
        m_i32(in, "reader");
        in_begin(in, "splits", BOX_ARRAY);
        for (uint32_t k = rd_count(&in->r, 4); k && rd_ok(&in->r); k--) {
            struct in sub = in_sub(in, 0, rd_bytes32(&in->r));
            in_begin(in, NULL, BOX_OBJECT);
            kafka_split(&sub);
            in_end(in, BOX_OBJECT);
            in_join(in, &sub);
        }
        in_end(in, BOX_ARRAY);
        in_end(in, BOX_OBJECT);
    }
    in_end(in, BOX_ARRAY);
}

static void kafka_stream(struct in *in)
{
    in_begin(in, NULL, BOX_OBJECT);
    m_utf(in, "stream");
    in_begin(in, "clusters", BOX_ARRAY);
    for (uint32_t n = rd_count(&in->r, 8); n && rd_ok(&in->r); n--) {
        in_begin(in, NULL, BOX_OBJECT);
        m_utf(in, "cluster");
        in_begin(in, "topics", BOX_SET);
        for (uint32_t k = rd_count(&in->r, 2); k && rd_ok(&in->r); k--)
            m_topic(in, NULL);
        in_end(in, BOX_SET);
        m_utf(in, "bootstrapServers");
        in_end(in, BOX_OBJECT);
    }
    in_end(in, BOX_ARRAY);
    in_end(in, BOX_OBJECT);
}

/* DynamicKafkaSourceEnumStateSerializer. */
void dynamic_kafka_enumerator(struct in *in)
{
    in_begin(in, "streams", BOX_ARRAY);
    for (uint32_t n = rd_count(&in->r, 6); n && rd_ok(&in->r); n--)
        kafka_stream(in);
    in_end(in, BOX_ARRAY);
    int32_t version = rd_i32(&in->r);
    in_begin(in, "enumerators", BOX_ARRAY);
    for (uint32_t n = rd_count(&in->r, 6); n && rd_ok(&in->r); n--) {
        in_begin(in, NULL, BOX_OBJECT);
        m_utf(in, "cluster");
        struct bytes b = rd_bytes32(&in->r);
        if (rd_ok(&in->r))
            m_content(in, "state", IN_ENUMERATOR, version, b);
        in_end(in, BOX_OBJECT);
    }
    in_end(in, BOX_ARRAY);
}

void kafka_committable(struct in *in)
{
    m_i16(in, "epoch");
    m_i64(in, "producerId");
    m_utf(in, "transactionalId");
}

/* KafkaWriterStateSerializer: 1 (3.x) the prefix alone; 2 (4.x) who owns which transactions. */
void kafka_writer(struct in *in)
{
    static const char *const ownership[] = {"IMPLICIT_BY_SUBTASK_ID", "EXPLICIT_BY_WRITER_STATE"};
    m_utf(in, "transactionalIdPrefix");
    if (in->version < 2)
        return;
    m_i32(in, "ownedSubtask");
    m_i32(in, "ownedSubtasks");
    m_word(in, "ownership", ownership, 2);
    in_begin(in, "precommitted", BOX_ARRAY);
    for (uint32_t n = rd_count(&in->r, 10); n && rd_ok(&in->r); n--) {
        in_begin(in, NULL, BOX_OBJECT);
        m_utf(in, "transactionalId");
        m_i64(in, "checkpoint");
        in_end(in, BOX_OBJECT);
    }
    in_end(in, BOX_ARRAY);
}

static int32_t zigzag(struct rd *r)
{
    uint32_t v = rd_varint32(r);
    return (int32_t)(v >> 1 ^ -(v & 1));
}

/* A Kryo 2 string of ASCII: two or more characters plain with the last one's top bit set; one, with its length in front. */
static const char *kryo_ascii(struct in *in)
{
    struct rd *r = &in->r;
    char s[256];
    size_t n = 0;
    uint8_t c = rd_u8(r);
    if (c & 0x80) {
        if (c != 0x82)
            rd_fail(r, "not a short ASCII string");
        s[n++] = (char)rd_u8(r);
    } else {
        for (; !(c & 0x80) && n < sizeof s - 1 && rd_ok(r); c = rd_u8(r))
            s[n++] = (char)c;
        s[n++] = (char)(c & 0x7f);
    }
    return arena_strn(in->a, s, n);
}

/* FlinkKafkaConsumerBase: Tuple2 of a KafkaTopicPartition by Kryo 2's FieldSerializer (cachedHash, partition, topic) and the
 * offset of the record that was read last. The hash proves it: no snapshot tells these fields. */
void kafka_consumer_state(struct in *in)
{
    struct rd *r = &in->r;
    if (rd_varint32(r) < 2 || rd_varint32(r) != 1)
        rd_fail(r, "not a new object of a registered class");
    int32_t hash = zigzag(r), partition = zigzag(r);
    if (rd_varint32(r) != 1)
        rd_fail(r, "not a new string");
    const char *topic = kryo_ascii(in);
    uint32_t h = 0;
    for (const char *c = topic; *c; c++)
        h = 31 * h + (uint8_t)*c;
    if (31 * h + (uint32_t)partition != (uint32_t)hash)
        rd_fail(r, "not the hash of a topic and partition");
    sink_key(in->out, "topic", 5);
    sink_textz(in->out, topic);
    sink_key(in->out, "partition", 9);
    sink_int(in->out, partition);
    m_i64(in, "offset");
}

/* NumberSequenceSource, also under DataGeneratorSource. */
void number_split(struct in *in)
{
    m_utf(in, "split");
    m_i64(in, "from");
    m_i64(in, "to");
}

void number_splits(struct in *in)
{
    in_begin(in, "splits", BOX_ARRAY);
    for (uint32_t n = rd_count(&in->r, 18); n && rd_ok(&in->r); n--) {
        in_begin(in, NULL, BOX_OBJECT);
        number_split(in);
        in_end(in, BOX_OBJECT);
    }
    in_end(in, BOX_ARRAY);
}
