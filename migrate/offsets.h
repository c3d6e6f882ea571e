/* Where sources go on reading: offsets in what they have written of their splits.
 *
 *   Kafka  flink-connector-kafka, KafkaPartitionSplitSerializer version 0 and, for several clusters, DynamicKafkaSourceSplitSerializer
 *          version 1: topic, partition, the offset that comes next
 *   files  flink-connector-files, FileSourceSplitSerializer version 1: a file's bytes from offset to offset + length, and, when
 *          reading has begun, CheckpointedPosition: a byte (-1: the split's first) and the records that are skipped behind it. Splits
 *          that no reader has yet stand in the coordinator's state (PendingSplitsCheckpointSerializer version 1) */
#ifndef WEIR_MIGRATE_OFFSETS_H
#define WEIR_MIGRATE_OFFSETS_H

#include "base/err.h"
#include "base/mem.h"

/* The operator state that sources keep their splits in. */
#define OFFSETS_STATE "SourceReaderState"

struct offsets_want {
    const char *topic; /* NULL: every one */
    int64_t partition; /* < 0: every one */
    const char *file;  /* its path, or the end of one behind a slash; NULL: every one */
    bool records;      /* of files: so many records of a split are skipped, instead of bytes of the file */
    int64_t offset;    /* the next record or byte to be read */
};
/* A split in its envelope (SimpleVersionedSerialization: i32 version, i32 length). *done: it was meant, and `to` has what it becomes.
 * ERR_UNSUPPORTED: it is of no source that weir knows. ERR_CONVERT: the offset lies outside of it. */
bool offsets_set(struct bytes split, const struct offsets_want *want, struct buf *to, bool *done, struct err *e);
/* The splits in a coordinator's state (SourceCoordinator#writeCheckpointBytes). Not *done: there are none of files, or none was meant. */
bool offsets_set_pending(struct bytes state, const struct offsets_want *want, struct buf *to, uint32_t *done, struct err *e);

#endif
