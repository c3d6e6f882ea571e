/* Where sources go on reading: offsets in what Kafka's source has written (flink-connector-kafka, KafkaPartitionSplitSerializer and, for
 * several clusters, DynamicKafkaSourceSplitSerializer, both version 0). */
#ifndef WEIR_MIGRATE_OFFSETS_H
#define WEIR_MIGRATE_OFFSETS_H

#include "base/err.h"
#include "base/mem.h"

/* The operator state that sources keep their splits in. */
#define OFFSETS_STATE "SourceReaderState"

struct offsets_want {
    const char *topic; /* NULL: every one */
    int64_t partition; /* < 0: every one */
    int64_t offset;    /* the next record to be read */
};
/* A split, in its envelope (SimpleVersionedSerialization: i32 version, i32 length). *done: it was meant, and says the offset now.
 * ERR_UNSUPPORTED: it is not Kafka's. */
bool offsets_set(uint8_t *split, size_t n, const struct offsets_want *want, bool *done, struct err *e);

#endif
