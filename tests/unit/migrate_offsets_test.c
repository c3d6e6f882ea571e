/* Offsets of Kafka's splits, set in their bytes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "base/wr.h"
#include "inspect/json_sink.h"
#include "migrate/offsets.h"
#include "savepoint/wellknown.h"

static void split(struct buf *b, const char *cluster, const char *topic, int32_t partition, int64_t offset)
{
    struct buf in = {0};
    if (cluster) {
        wr_utfz(&in, cluster);
        wr_i32(&in, 0);
    }
    wr_utfz(&in, topic);
    wr_i32(&in, partition);
    wr_i64(&in, offset);
    wr_i64(&in, INT64_MIN);
    b->n = 0;
    wr_i32(b, cluster ? 1 : 0);
    wr_bytes32(b, (struct bytes){in.p, in.n});
    buf_free(&in);
}

/* As weir dump shows the element. */
static void shown(const struct buf *b, const char *json)
{
    struct buf element = {0}, text = {0};
    struct json_sink sink;
    wr_bytes32(&element, (struct bytes){b->p, b->n});
    json_sink_init(&sink, &text);
    assert_true(wellknown_decode(OFFSETS_STATE, (struct bytes){element.p, element.n}, &sink.sink));
    assert_string_equal(buf_cstr(&text), json);
    json_sink_free(&sink);
    buf_free(&element);
    buf_free(&text);
}

static bool set_want(struct buf *b, struct offsets_want want)
{
    struct err e = {0};
    struct buf to = {0};
    bool done;
    assert_true(offsets_set((struct bytes){b->p, b->n}, &want, &to, &done, &e));
    if (done) {
        buf_free(b);
        *b = to;
    }
    return done;
}

static bool set(struct buf *b, const char *topic, int64_t partition, int64_t offset)
{
    return set_want(b, (struct offsets_want){.topic = topic, .partition = partition, .offset = offset});
}

static void kafka(void **state)
{
    (void)state;
    struct buf b = {0};
    split(&b, NULL, "orders", 3, 100);
    assert_false(set(&b, "order", -1, 7));
    assert_false(set(&b, "orders", 2, 7));
    shown(&b,
          "{\"version\":0,\"as\":\"KafkaPartitionSplit\",\"value\":{\"topic\":\"orders\",\"partition\":3,\"startingOffset\":100}}");
    assert_true(set(&b, "orders", 3, 7));
    shown(&b,
          "{\"version\":0,\"as\":\"KafkaPartitionSplit\",\"value\":{\"topic\":\"orders\",\"partition\":3,\"startingOffset\":7}}");
    assert_true(set(&b, NULL, -1, INT64_MAX));
    shown(&b,
          "{\"version\":0,\"as\":\"KafkaPartitionSplit\",\"value\":{\"topic\":\"orders\",\"partition\":3,\"startingOffset\":"
          "9223372036854775807}}");
    split(&b, "east", "orders", 1, 5);
    assert_true(set(&b, "orders", -1, 6));
    shown(&b,
          "{\"version\":1,\"as\":\"DynamicKafkaSourceSplit\",\"value\":{\"cluster\":\"east\",\"topic\":\"orders\",\"partition\":1,"
          "\"startingOffset\":6}}");
    assert_false(set_want(&b, (struct offsets_want){.file = "orders", .partition = -1}));
    buf_free(&b);
}

/* StringValue#writeString: the length and one, then characters, for short texts of ASCII. */
static void nullable(struct buf *b, const char *text)
{
    wr_u8(b, text != NULL);
    if (!text)
        return;
    wr_u8(b, (uint8_t)(strlen(text) + 1));
    for (; *text; text++)
        wr_u8(b, (uint8_t)*text);
}

/* FileSourceSplitSerializer: a part of the file of bytes `from` to `to`. */
static void file_split(struct buf *b, const char *path, int64_t from, int64_t to, int64_t position)
{
    struct buf in = {0};
    wr_utfz(&in, "0000000001");
    wr_u8(&in, 1);
    nullable(&in, "file");
    nullable(&in, NULL);
    nullable(&in, NULL);
    wr_i32(&in, -1);
    nullable(&in, path);
    nullable(&in, NULL);
    nullable(&in, NULL);
    wr_i64(&in, from);
    wr_i64(&in, to - from);
    wr_i64(&in, 1700000000000);
    wr_i64(&in, 5000);
    wr_u32(&in, 1);
    wr_utfz(&in, "localhost");
    wr_u8(&in, position >= 0);
    if (position >= 0) {
        wr_i64(&in, -1);
        wr_i64(&in, position);
    }
    b->n = 0;
    wr_i32(b, 1);
    wr_bytes32(b, (struct bytes){in.p, in.n});
    buf_free(&in);
}

#define FILE_JSON(position)                                                                                                                  \
    "{\"version\":1,\"as\":\"FileSourceSplit\",\"value\":{\"split\":\"0000000001\",\"path\":\"file:/in/a.txt\",\"offset\":0,\"length\":100," \
    "\"modificationTime\":1700000000000,\"fileSize\":5000,\"hosts\":[\"localhost\"]" position "}}"

static void files(void **state)
{
    (void)state;
    struct buf b = {0}, to = {0};
    struct err e = {0};
    bool done;
    file_split(&b, "/in/a.txt", 0, 100, -1);
    shown(&b, FILE_JSON(""));
    assert_false(set_want(&b, (struct offsets_want){.file = "b.txt", .partition = -1}));
    assert_false(set_want(&b, (struct offsets_want){.file = ".txt", .partition = -1}));
    assert_false(set_want(&b, (struct offsets_want){.topic = "a.txt", .partition = -1}));
    assert_true(set_want(&b, (struct offsets_want){.file = "a.txt", .partition = -1, .offset = 7}));
    shown(&b, FILE_JSON(",\"position\":{\"offset\":7,\"recordsAfterOffset\":0}"));
    assert_true(set_want(&b, (struct offsets_want){.file = "/in/a.txt", .partition = -1, .records = true, .offset = 200}));
    shown(&b, FILE_JSON(",\"position\":{\"offset\":-1,\"recordsAfterOffset\":200}"));
    assert_true(set_want(&b, (struct offsets_want){.partition = -1, .offset = 100}));
    const struct offsets_want beyond = {.partition = -1, .offset = 101};
    assert_false(offsets_set((struct bytes){b.p, b.n}, &beyond, &to, &done, &e));
    assert_int_equal(e.kind, ERR_CONVERT);
    assert_string_equal(e.text, "byte 101 lies outside of the split of file:/in/a.txt, which is bytes 0 to 100");
    assert_int_equal(to.n, 0);
    buf_free(&b);
}

static void wr_le32(struct buf *b, uint32_t v) { wr_u32(b, __builtin_bswap32(v)); }

/* PendingSplitsCheckpointSerializer in SourceCoordinator's envelope: two files, and one that has been read. */
static void coordinator(struct buf *b, int64_t position)
{
    struct buf in = {0}, split = {0};
    wr_le32(&in, 0xDEADBEEF);
    wr_le32(&in, 1);
    wr_le32(&in, 2);
    wr_le32(&in, 1);
    for (int i = 0; i < 2; i++) {
        file_split(&split, i ? "/in/b.txt" : "/in/a.txt", 0, 50, i ? position : -1);
        wr_le32(&in, (uint32_t)split.n - 8);
        wr_bytes(&in, (struct bytes){split.p + 8, split.n - 8});
    }
    wr_le32(&in, 5);
    wr_bytes(&in, (struct bytes){(const uint8_t *)"c.txt", 5});
    b->n = 0;
    wr_i32(b, 1);
    wr_i32(b, 1);
    wr_bytes32(b, (struct bytes){in.p, in.n});
    buf_free(&in);
    buf_free(&split);
}

static void waiting(void **state)
{
    (void)state;
    struct buf b = {0}, to = {0}, wanted = {0};
    struct err e = {0};
    uint32_t done;
    const struct offsets_want want = {.file = "b.txt", .partition = -1, .records = true, .offset = 12}, none = {.topic = "t"};
    coordinator(&b, -1);
    coordinator(&wanted, 12);
    assert_true(offsets_set_pending((struct bytes){b.p, b.n}, &want, &to, &done, &e));
    assert_int_equal(done, 1);
    assert_int_equal(to.n, wanted.n);
    assert_memory_equal(to.p, wanted.p, wanted.n);
    to.n = 0;
    assert_true(offsets_set_pending((struct bytes){b.p, b.n}, &none, &to, &done, &e));
    assert_int_equal(done, 0);
    for (size_t n = 0; n < b.n; n++) { /* any prefix is none of files */
        uint8_t *copy = test_malloc(n + 1);
        memcpy(copy, b.p, n);
        assert_true(offsets_set_pending((struct bytes){copy, n}, &want, &to, &done, &e));
        assert_int_equal(done, 0);
        test_free(copy);
    }
    assert_int_equal(to.n, 0);
    buf_free(&b);
    buf_free(&to);
    buf_free(&wanted);
}

/* Any prefix: refused, and never a read beyond the end (the sanitizers see it). */
static void refuse_prefixes(const struct buf *b)
{
    const struct offsets_want want = {.partition = -1, .offset = 7};
    for (size_t n = 0; n < b->n; n++) {
        uint8_t *copy = test_malloc(n + 1);
        struct err e = {0};
        struct buf to = {0};
        bool done;
        memcpy(copy, b->p, n);
        assert_false(offsets_set((struct bytes){copy, n}, &want, &to, &done, &e));
        assert_int_equal(e.kind, ERR_UNSUPPORTED);
        assert_int_equal(to.n, 0);
        test_free(copy);
    }
}

static void broken(void **state)
{
    (void)state;
    struct buf b = {0};
    split(&b, NULL, "orders", 3, 100);
    refuse_prefixes(&b);
    file_split(&b, "/in/a.txt", 0, 100, 7);
    refuse_prefixes(&b);
    buf_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(kafka), cmocka_unit_test(files), cmocka_unit_test(waiting),
                                       cmocka_unit_test(broken)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
