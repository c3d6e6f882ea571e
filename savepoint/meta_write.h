/* The `_metadata` file, written: versions 3 to 6 (MetadataV3Serializer … MetadataV6Serializer, flink-runtime), piece by piece, so that
 * a snapshot's metadata need not be in memory as a whole. Written are the handles that weir makes: inline, relative and absolute files,
 * key-group handles, operator handles, in-flight data. The shapes are those of meta.h. */
#ifndef WEIR_SAVEPOINT_META_WRITE_H
#define WEIR_SAVEPOINT_META_WRITE_H

#include "savepoint/meta.h"

enum { META_WRITE_MIN = 3, META_WRITE_MAX = 6 };

/* What stands in front of the operators, from m: version, checkpoint_id, masters; and their number, n, which ends it: 4 bytes. */
bool meta_put_head(struct buf *b, const struct meta *m, uint32_t n, struct err *e);
/* An operator up to the number of its subtasks, n, which ends it: 4 bytes; -1 for one that has finished. */
bool meta_put_operator(struct buf *b, int32_t version, const struct meta_operator *op, uint32_t n, struct err *e);
/* ERR_UNSUPPORTED where the version has no place for what the subtask has. */
bool meta_put_subtask(struct buf *b, int32_t version, const struct meta_subtask *s, struct err *e);
/* What ends the file, nothing before version 4: m->properties, or, when they are empty, those of a savepoint with m's type_name,
 * format and post_action (CheckpointProperties, SavepointType as Flink 1.16 to 2.3 serialize them). */
bool meta_put_end(struct buf *b, const struct meta *m, struct err *e);

#endif
