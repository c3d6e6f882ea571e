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
    wr_i32(b, 0);
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

static bool set(struct buf *b, const char *topic, int64_t partition, int64_t offset)
{
    struct err e = {0};
    bool done;
    const struct offsets_want want = {topic, partition, offset};
    assert_true(offsets_set(b->p, b->n, &want, &done, &e));
    return done;
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
    buf_free(&b);
}

/* Any prefix, any byte that is another: refused, or still a split; never a read beyond the end (the sanitizers see it). */
static void broken(void **state)
{
    (void)state;
    struct buf b = {0};
    const struct offsets_want want = {NULL, -1, 7};
    split(&b, NULL, "orders", 3, 100);
    for (size_t n = 0; n < b.n; n++) {
        uint8_t *copy = test_malloc(n + 1);
        struct err e = {0};
        bool done;
        memcpy(copy, b.p, n);
        assert_false(offsets_set(copy, n, &want, &done, &e));
        assert_int_equal(e.kind, ERR_UNSUPPORTED);
        test_free(copy);
    }
    buf_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(kafka), cmocka_unit_test(broken)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
