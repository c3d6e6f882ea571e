/* The `_metadata` file of a savepoint or checkpoint (flink-runtime: Checkpoints, MetadataV2V3SerializerBase and its subclasses),
 * versions 2 to 6; version 1 is recognised and refused, as by every Flink since 1.2. */
#ifndef WEIR_SAVEPOINT_META_H
#define WEIR_SAVEPOINT_META_H

#include "base/err.h"
#include "base/mem.h"

/* How a handle is written: state_handles.def has a row for each type byte. */
enum handle_tag {
#define HANDLE(tag, byte, name, since) tag = byte,
#include "savepoint/state_handles.def"
#undef HANDLE
};
const char *handle_name(enum handle_tag tag); /* Flink's class or constant name */

/* Where bytes are (StreamStateHandle). */
struct meta_stream {
    enum handle_tag
        tag;          /* HANDLE_NULL, _BYTE_STREAM, _FILE, _RELATIVE_FILE, _SEGMENT_FILE, _EMPTY_SEGMENT, or _KEY_GROUPS (nested) */
    const char *path; /* files: path as written; byte streams: the handle's name */
    uint64_t size;    /* bytes of the state */
    uint64_t start;   /* segments: first byte in the physical file */
    uint8_t scope;    /* segments: 0 EXCLUSIVE, 1 SHARED */
    const char *logical_id; /* segments */
    struct bytes inl;       /* byte streams: the bytes, inside the metadata's own bytes */
    uint64_t at;            /* position of the handle in _metadata */
};

struct meta_file {    /* an entry of an incremental handle's file lists */
    const char *name; /* name in the database directory */
    struct meta_stream stream;
};

enum op_mode { OP_SPLIT_DISTRIBUTE, OP_UNION, OP_BROADCAST };
const char *op_mode_name(enum op_mode m);

struct meta_op_state { /* one state name of an operator-state handle */
    const char *name;
    enum op_mode mode;
    uint32_t n;
    const uint8_t *offsets; /* n big-endian i64, in the metadata's bytes; read with be64 */
};

struct meta_op_handle {
    enum handle_tag tag; /* HANDLE_NULL, HANDLE_OPERATOR, HANDLE_SEGMENT_OPERATOR */
    uint32_t n;
    struct meta_op_state *states;
    uint64_t dirs_at; /* segments: where in _metadata the paths of two directories stand, one behind the other; else 0 */
    struct meta_stream stream;
};

struct meta_change {   /* an in-memory changelog entry */
    int32_t key_group; /* -1: metadata */
    struct bytes bytes;
};

struct meta_keyed {
    enum handle_tag tag;       /* HANDLE_NULL or one of the keyed ones */
    uint64_t at;               /* position in _metadata */
    int32_t kg_first;          /* first key group */
    uint32_t kg_count;         /* number of key groups */
    const uint8_t *offsets;    /* key-group handles: kg_count big-endian i64 */
    struct meta_stream stream; /* key-group handles: data; incremental: the meta stream */
    const char *id;            /* state handle id, or NULL */
    /* incremental (database files) */
    int64_t checkpoint_id;
    const char *backend_id;
    int64_t checkpointed_size;
    uint32_t n_shared, n_private;
    struct meta_file *shared, *priv;
    /* changelog */
    uint32_t n_materialized, n_log;
    struct meta_keyed *materialized, *log;
    int64_t materialization_id;
    /* changelog increments */
    int64_t from, to; /* sequence numbers, in-memory increments */
    uint32_t n_changes;
    struct meta_change *changes;
    uint32_t n_parts; /* file increments: offset and stream each; the stream is a whole file, in which others log, too */
    struct meta_part {
        int64_t offset;
        struct meta_stream stream;
    } * parts;
    int64_t log_size; /* their bytes of this handle */
    const char *storage_id;
};

struct meta_channel {      /* in-flight data of an unaligned checkpoint */
    uint8_t type;          /* 1 input, 2 result subpartition, 3 merged input, 4 merged result */
    int32_t subtask, a, b; /* gate and channel, or partition and subpartition */
    uint32_t n;            /* offsets */
    const uint8_t *offsets;
    int64_t size;
    struct meta_stream stream;
    struct bytes merged; /* types 3 and 4: the packed infos */
};

struct meta_subtask {
    int32_t index;
    bool finished;
    struct meta_op_handle managed, raw;
    struct meta_keyed keyed, raw_keyed;
    uint32_t n_inputs, n_outputs;
    struct meta_channel *inputs, *outputs;
};

struct meta_operator {
    const char *name, *uid; /* metadata >= 5, else NULL; NULL also for none */
    uint8_t id[16];
    char hex[33]; /* the id as Flink prints it */
    int32_t parallelism, max_parallelism;
    bool finished; /* fully finished: no subtasks */
    struct meta_stream coordinator;
    uint32_t n;
    struct meta_subtask *subtasks; /* in ascending index */
};

struct meta_master {
    const char *name;
    int32_t version;
    struct bytes bytes;
};

struct meta {
    int32_t version;
    int64_t checkpoint_id;
    uint32_t n_masters;
    struct meta_master *masters;
    uint32_t n;
    struct meta_operator *operators; /* in the file's order */
    /* CheckpointProperties (version >= 4), NULL where unknown */
    const char *type_name;   /* "Checkpoint", "Savepoint", "Terminate Savepoint", … */
    const char *format;      /* "CANONICAL", "NATIVE" or NULL */
    const char *sharing;     /* "FORWARD_BACKWARD", "FORWARD", "NO_SHARING" or NULL */
    const char *post_action; /* "NONE", "SUSPEND", "TERMINATE" or NULL */
    struct bytes properties; /* as written, a Java object stream; empty before version 4 */
    bool is_savepoint;       /* by type_name; version < 4: guessed by the handles */
};

/* Reads a whole _metadata file. Everything in m points into `file` (which must outlive it) or the arena. `name` is for messages. */
bool meta_read(struct meta *m, struct bytes file, const char *name, struct arena *a, struct err *e);

#endif
