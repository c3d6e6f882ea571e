#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "inspect/json_sink.h"
#include "savepoint/wellknown.h"
#include "tests/unit/build.h"

static struct buf unhex(const char *hex)
{
    struct buf b = {0};
    hexed(&b, hex);
    return b;
}

static void le32_to(struct buf *b, uint32_t v)
{
    v = __builtin_bswap32(v);
    u32(b, v);
}
static void le64_to(struct buf *b, uint64_t v) { u64(b, __builtin_bswap64(v)); }
static void flink_string(struct buf *b, const char *s) { u8(b, 1), str(b, s); }

static struct buf envelope(int32_t version, struct buf inner)
{
    struct buf b = {0};
    u32(&b, (uint32_t)version);
    counted(&b, inner);
    return b;
}

/* Decodes as an element (state NULL: as coordinator state). want NULL: it must not fit. */
static bool decoded(const char *state, struct bytes b, struct buf *text)
{
    struct json_sink j;
    json_sink_init(&j, text);
    uint8_t *exact = mem_alloc(b.n ? b.n : 1); /* its own allocation, so that reading beyond is seen */
    if (b.n)
        memcpy(exact, b.p, b.n);
    struct bytes own = {exact, b.n};
    bool ok = state ? wellknown_decode(state, own, &j.sink) : wellknown_coordinator(own, &j.sink);
    json_sink_free(&j);
    free(exact);
    return ok;
}

static void check(const char *state, struct buf element, const char *want)
{
    struct buf text = {0};
    bool ok = decoded(state, (struct bytes){element.p, element.n}, &text);
    if (want) {
        assert_true(ok);
        assert_string_equal(buf_cstr(&text), want);
    } else {
        assert_false(ok);
        assert_int_equal(text.n, 0);
    }
    buf_free(&text);
    for (size_t n = 0; n < element.n; n++) { /* cut anywhere, nothing fits: an element's length stands in front */
        bool cut = decoded(state, (struct bytes){element.p, n}, &text);
        assert_false(cut);
        assert_int_equal(text.n, 0);
    }
    for (size_t i = 0; i < element.n; i++) { /* damaged anywhere: some answer, in balance */
        element.p[i] ^= 0x81;
        decoded(state, (struct bytes){element.p, element.n}, &text);
        element.p[i] ^= 0x81;
        buf_free(&text);
    }
    buf_free(&element);
}

/* An element of ListState<byte[]> that holds an envelope. */
static struct buf element(int32_t version, struct buf inner)
{
    struct buf b = {0};
    counted(&b, envelope(version, inner));
    return b;
}

static void real_bytes(void **state)
{
    (void)state;
    struct buf b = {0};
    counted(&b, unhex("00000001000000130001310000000000000027000000000000004f")); /* Flink 1.15.4, a number sequence */
    check("SourceReaderState", b,
          "{\"version\":1,\"as\":\"NumberSequenceSplit\",\"value\":{\"split\":\"1\",\"from\":39,\"to\":79}}");
    b = (struct buf){0};
    counted(&b, unhex("00000003000000147772697465722073756d3d31353231206e3d3339")); /* a sink of somebody's own */
    check("writer_raw_states", b, "{\"version\":3,\"bytes\":\"hex:7772697465722073756d3d31353231206e3d3339\"}");
    b = (struct buf){0};
    counted(
        &b,
        unhex(
            "000000020000006eb91f252c00000000000000010000005e000000000000000100000000000000010000004a000000000000000200000018000000030000000874786e2d"
            "31353231000000000000000000000016000000030000000674786e2d33390000000000000000000000020000000000000000")); /* Flink 1.15.4 */
    check(
        "streaming_committer_raw_states", b,
        "{\"version\":2,\"as\":\"CommittableCollector\",\"value\":{\"checkpoints\":[{\"checkpoint\":1,\"bySubtask\":[{\"requests\":["
        "{\"committable\":{\"version\":3,\"bytes\":\"hex:74786e2d31353231\"},\"retries\":0,\"state\":\"RECEIVED\"},"
        "{\"committable\":{\"version\":3,\"bytes\":\"hex:74786e2d3339\"},\"retries\":0,\"state\":\"RECEIVED\"}],"
        "\"committables\":2,\"drained\":0,\"failed\":0}]}]}}");
    b = (struct buf){0};
    counted(
        &b,
        unhex(
            "00000002000000d4b91f252c00000001000000020000005e00000000000000010000000200000002000000010000004600000000000000000000000200000015000000030000"
            "000574786e2d30000000000000000000000015000000030000000574786e2d30000000000000000000000002000000000000006200000000000000020000000200000002"
            "000000010000004a00000000000000000000000200000018000000030000000874786e2d31363030000000000000000000000016000000030000000674786e2d34300000"
            "0000000000000000000200000000")); /* Flink 2.3.0 */
    struct buf text = {0};
    assert_true(decoded("streaming_committer_raw_states", (struct bytes){b.p, b.n}, &text));
    assert_non_null(strstr(buf_cstr(&text), "{\"checkpoint\":2,\"subtasks\":2,\"bySubtask\":[{\"subtask\":0,\"requests\":["));
    assert_non_null(strstr(buf_cstr(&text), "\"committables\":2,\"failed\":0}"));
    buf_free(&text);
    buf_free(&b);
    /* Flink 1.20.5, the coordinator of a number sequence with nothing left: no telling what was counted */
    check(NULL, unhex("00000001000000010000000400000000"), "{\"version\":1,\"bytes\":\"hex:00000000\"}");
    check("fired-total", unhex("0000000000000001"), NULL);
    assert_true(wellknown_state("bucket-states"));
    assert_false(wellknown_state("fired-total"));
}

static struct buf kafka_split(const char *topic, uint32_t partition, int64_t start, int64_t stop)
{
    struct buf b = {0};
    utf(&b, topic);
    u32(&b, partition);
    u64(&b, (uint64_t)start);
    u64(&b, (uint64_t)stop);
    return b;
}

static void kafka(void **state)
{
    (void)state;
    check(
        "SourceReaderState", element(0, kafka_split("orders", 3, 4711, INT64_MIN)),
        "{\"version\":0,\"as\":\"KafkaPartitionSplit\",\"value\":{\"topic\":\"orders\",\"partition\":3,\"startingOffset\":4711}}");
    check(
        "SourceReaderState", element(0, kafka_split("orders", 3, -2, 9)),
        "{\"version\":0,\"as\":\"KafkaPartitionSplit\",\"value\":{\"topic\":\"orders\",\"partition\":3,\"startingOffset\":-2,\"stoppingOffset\":9}}");
    check("SourceReaderState", element(0, kafka_split("or ders", 3, 0, 0)),
          "{\"version\":0,\"bytes\":\"hex:00076f7220646572730000000300000000000000000000000000000000\"}");
    struct buf b = {0};
    utf(&b, "cluster-a");
    u32(&b, 0);
    struct buf split = kafka_split("t", 0, 1, INT64_MIN);
    buf_put(&b, split.p, split.n);
    buf_free(&split);
    check(
        "SourceReaderState", element(1, b),
        "{\"version\":1,\"as\":\"DynamicKafkaSourceSplit\",\"value\":{\"cluster\":\"cluster-a\",\"topic\":\"t\",\"partition\":0,\"startingOffset\":1}}");

    b = (struct buf){0};
    u32(&b, 2);
    for (uint32_t i = 0; i < 2; i++) {
        utf(&b, "orders");
        u32(&b, 1 - i);
        u32(&b, i);
    }
    buf_putc(&b, 1);
    struct buf c = {0};
    u32(&c, 1);
    u32(&c, 2);
    counted(&c, b);
    check(
        NULL, c,
        "{\"version\":2,\"as\":\"KafkaSourceEnumState\",\"value\":{\"partitions\":[{\"topic\":\"orders\",\"partition\":0,\"status\":\"UNASSIGNED_INITIAL\"},"
        "{\"topic\":\"orders\",\"partition\":1,\"status\":\"ASSIGNED\"}],\"initialDiscoveryFinished\":true}}");
    b = (struct buf){0};
    u32(&b, 1); /* one reader, splits of version 0 */
    u32(&b, 0);
    u32(&b, 7);
    u32(&b, 1);
    counted(&b, kafka_split("a", 0, 5, INT64_MIN));
    c = (struct buf){0};
    u32(&c, 1);
    u32(&c, 0);
    counted(&c, b);
    check(
        NULL, c,
        "{\"version\":0,\"as\":\"KafkaSourceEnumState\",\"value\":{\"readers\":[{\"reader\":7,\"splits\":[{\"topic\":\"a\",\"partition\":0,\"startingOffset\":5}]}]}}");

    b = (struct buf){0};
    u16(&b, 5);
    u64(&b, 1234567890123);
    utf(&b, "tx-0-1");
    struct buf request = envelope(1, b), list = {0}, subtask = {0}, all = {0};
    u32(&request, 1);
    u32(&request, 1);
    u32(&list, 0);
    u32(&list, 1);
    counted(&list, request);
    u32(&subtask, 4);
    buf_put(&subtask, list.p, list.n);
    buf_free(&list);
    for (int i = 0; i < 3; i++)
        u32(&subtask, (uint32_t)i);
    struct buf checkpoint = {0};
    u64(&checkpoint, 9);
    u32(&checkpoint, 8);
    u32(&checkpoint, 1);
    u32(&checkpoint, 1);
    counted(&checkpoint, subtask);
    u32(&all, 0xB91F252C);
    u32(&all, 1);
    u32(&all, 1);
    counted(&all, checkpoint);
    check(
        "streaming_committer_raw_states", element(2, all),
        "{\"version\":2,\"as\":\"CommittableCollector\",\"value\":{\"checkpoints\":[{\"checkpoint\":9,\"subtasks\":8,\"bySubtask\":[{\"subtask\":4,\"requests\":["
        "{\"committable\":{\"version\":1,\"as\":\"KafkaCommittable\",\"value\":{\"epoch\":5,\"producerId\":1234567890123,\"transactionalId\":\"tx-0-1\"}},"
        "\"retries\":1,\"state\":\"RETRY\"}],\"committables\":0,\"drained\":1,\"failed\":2}]}]}}");

    b = (struct buf){0};
    utf(&b, "prefix");
    u32(&b, 3);
    u32(&b, 8);
    u32(&b, 1);
    u32(&b, 1);
    utf(&b, "prefix-3-1");
    u64(&b, 77);
    check(
        "writer_raw_states", element(2, b),
        "{\"version\":2,\"as\":\"KafkaWriterState\",\"value\":{\"transactionalIdPrefix\":\"prefix\",\"ownedSubtask\":3,\"ownedSubtasks\":8,"
        "\"ownership\":\"EXPLICIT_BY_WRITER_STATE\",\"precommitted\":[{\"transactionalId\":\"prefix-3-1\",\"checkpoint\":77}]}}");
}

/* The old consumer: Kryo's FieldSerializer, with the hash 31 * "orders".hashCode() + 2. */
static void old_kafka(void **state)
{
    (void)state;
    struct buf b = {0};
    uint32_t h = 0;
    for (const char *c = "orders"; *c; c++)
        h = 31 * h + (uint8_t)*c;
    h = 31 * h + 2;
    buf_putc(&b, 87);
    buf_putc(&b, 1);
    for (uint32_t z = h << 1 ^ (0 - (h >> 31));; z >>= 7) {
        buf_putc(&b, (uint8_t)(z < 0x80 ? z : (z & 0x7f) | 0x80));
        if (z < 0x80)
            break;
    }
    buf_putc(&b, 4); /* zigzag 2 */
    buf_putc(&b, 1);
    buf_put(&b, "order\xf3", 6); /* the last character carries the mark */
    u64(&b, 99);
    check("topic-partition-offset-states", b, "{\"topic\":\"orders\",\"partition\":2,\"offset\":99}");
}

static struct buf local(const char *target, const char *temporary)
{
    struct buf b = {0};
    le32_to(&b, 0x1E744B57);
    le64_to(&b, 100);
    le32_to(&b, (uint32_t)strlen(target));
    le32_to(&b, (uint32_t)strlen(temporary));
    buf_puts(&b, target);
    buf_puts(&b, temporary);
    return b;
}

static struct buf file_split(void)
{
    struct buf b = {0};
    utf(&b, "0000000001");
    buf_putc(&b, 1);
    flink_string(&b, "s3");
    buf_putc(&b, 0);
    flink_string(&b, "bucket");
    u32(&b, UINT32_MAX);
    flink_string(&b, "/in/part-0");
    buf_putc(&b, 0);
    buf_putc(&b, 0);
    u64(&b, 0);
    u64(&b, 1000);
    u64(&b, 1700000000000);
    u64(&b, 1000);
    u32(&b, 1);
    utf(&b, "host1");
    buf_putc(&b, 1);
    u64(&b, 512);
    u64(&b, 3);
    return b;
}

#define FILE_SPLIT                                                                                                                                    \
    "{\"split\":\"0000000001\",\"path\":\"s3://bucket/in/part-0\",\"offset\":0,\"length\":1000,\"modificationTime\":1700000000000,\"fileSize\":1000," \
    "\"hosts\":[\"host1\"],\"position\":{\"offset\":512,\"recordsAfterOffset\":3}}"

static void files(void **state)
{
    (void)state;
    check("SourceReaderState", element(1, file_split()), "{\"version\":1,\"as\":\"FileSourceSplit\",\"value\":" FILE_SPLIT "}");
    struct buf b = {0}, s = file_split(), c = {0};
    le32_to(&b, 0xDEADBEEF);
    le32_to(&b, 1);
    le32_to(&b, 1);
    le32_to(&b, 2);
    le32_to(&b, (uint32_t)s.n);
    buf_put(&b, s.p, s.n);
    buf_free(&s);
    le32_to(&b, 2);
    buf_puts(&b, "/b");
    le32_to(&b, 2);
    buf_puts(&b, "/a");
    u32(&c, 1);
    u32(&c, 1);
    counted(&c, b);
    check(
        NULL, c,
        "{\"version\":1,\"as\":\"PendingSplitsCheckpoint\",\"value\":{\"splits\":[{\"version\":1,\"as\":\"FileSourceSplit\",\"value\":" FILE_SPLIT
        "}],\"alreadyProcessed\":[\"/a\",\"/b\"]}}");

    struct buf progress = {0}, id = {0};
    u32(&progress, 0xB3A4073D);
    buf_putc(&progress, 1);
    utf(&progress, "/out/p");
    struct buf resume = envelope(1, local("/out/p", "/out/.p"));
    buf_put(&progress, resume.p, resume.n);
    buf_free(&resume);
    le32_to(&id, 10);
    buf_puts(&id, "2024-05-06");
    b = (struct buf){0};
    u32(&b, 0x1E764B79);
    u32(&b, 1);
    counted(&b, id);
    utf(&b, "/out");
    u64(&b, 1700000000000);
    buf_putc(&b, 1);
    struct buf inner = envelope(2, progress);
    buf_put(&b, inner.p, inner.n);
    buf_free(&inner);
#define BUCKET                                                                                                                                                  \
    "\"value\":{\"bucket\":\"2024-05-06\",\"path\":\"/out\",\"creationTime\":1700000000000,\"inProgress\":{\"version\":2,\"as\":\"InProgressFileRecoverable\"," \
    "\"value\":{\"path\":\"/out/p\",\"recoverable\":{\"version\":1,\"as\":\"LocalRecoverable\",\"value\":{\"offset\":100,\"target\":\"/out/p\",\"temporary\":\"/out/.p\"}}}}"
    struct buf v2 = {0};
    buf_put(&v2, b.p, b.n);
    check("writer_raw_states", element(3, b), "{\"version\":3,\"as\":\"FileWriterBucketState\"," BUCKET "}}");
    struct buf pending = {0}, upload = {0};
    u32(&pending, 0x2C853C89);
    buf_putc(&pending, 0);
    u64(&pending, 5);
    le32_to(&upload, 0x98761432);
    le32_to(&upload, 3);
    buf_puts(&upload, "key");
    le32_to(&upload, 2);
    buf_puts(&upload, "up");
    le32_to(&upload, 1);
    le32_to(&upload, 1);
    le32_to(&upload, 4);
    buf_puts(&upload, "etag");
    le64_to(&upload, 5242880);
    le32_to(&upload, 0);
    le64_to(&upload, UINT64_MAX);
    struct buf commit = envelope(1, upload);
    buf_put(&pending, commit.p, commit.n);
    buf_free(&commit);
    u32(&v2, 2);
    u32(&v2, 1);
    u64(&v2, 6);
    u32(&v2, 1);
    counted(&v2, pending);
    check(
        "bucket-states", element(2, v2),
        "{\"version\":2,\"as\":\"BucketState\"," BUCKET
        ",\"pending\":[{\"checkpoint\":6,\"files\":[{\"version\":2,\"as\":\"PendingFileRecoverable\",\"value\":{\"size\":5,"
        "\"recoverable\":{\"version\":1,\"as\":\"S3Recoverable\",\"value\":{\"object\":\"key\",\"uploadId\":\"up\",\"parts\":[{\"part\":1,\"etag\":\"etag\"}],"
        "\"bytesInParts\":5242880,\"incompleteLength\":-1}}}}]}]}}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(real_bytes), cmocka_unit_test(kafka), cmocka_unit_test(old_kafka),
                                       cmocka_unit_test(files)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
