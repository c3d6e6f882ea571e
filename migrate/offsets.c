#include "migrate/offsets.h"

#include <string.h>

#include "base/rd.h"

static struct bytes utf(struct rd *r)
{
    struct bytes s = {NULL, rd_u16(r)};
    s.p = rd_take(r, s.n);
    return s;
}

/* Topic, partition, starting and stopping offset, and nothing behind them. */
static bool kafka(struct rd r, struct bytes *topic, int32_t *partition, size_t *at)
{
    *topic = utf(&r);
    *partition = rd_i32(&r);
    *at = (size_t)(r.p - r.start);
    rd_i64(&r);
    rd_i64(&r);
    return rd_ok(&r) && !rd_left(&r) && topic->n && *partition >= 0;
}

static bool dynamic(struct rd r, struct bytes *topic, int32_t *partition, size_t *at)
{
    utf(&r); /* the cluster */
    return rd_i32(&r) == 0 && rd_ok(&r) && kafka(r, topic, partition, at);
}

bool offsets_set(uint8_t *split, size_t n, const struct offsets_want *want, bool *done, struct err *e)
{
    struct rd r = rd_of(split, n, 0);
    struct bytes topic;
    int32_t partition;
    size_t at;
    *done = false;
    int32_t version = rd_i32(&r);
    uint32_t length = rd_count(&r, 1);
    if (!rd_ok(&r) || version != 0 || length != rd_left(&r) ||
        !(kafka(r, &topic, &partition, &at) || dynamic(r, &topic, &partition, &at)))
        return err_set(e, ERR_UNSUPPORTED, "a split that is not of Kafka's source");
    if ((want->topic && (topic.n != strlen(want->topic) || memcmp(topic.p, want->topic, topic.n) != 0)) ||
        (want->partition >= 0 && want->partition != partition))
        return true;
    uint64_t offset = __builtin_bswap64((uint64_t)want->offset);
    memcpy(split + at, &offset, sizeof offset);
    *done = true;
    return true;
}
