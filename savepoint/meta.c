#include "savepoint/meta.h"

#include <stdlib.h>
#include <string.h>

#include "base/rd.h"
#include "savepoint/javaio.h"
#include "savepoint/javaobj.h"

/* Checkpoints.HEADER_MAGIC_NUMBER and MetadataV2V3SerializerBase.MASTER_STATE_MAGIC_NUMBER (flink-runtime). */
#define MAGIC 0x4960672DU
#define MASTER_MAGIC 0xC96B1696U

struct in {
    struct rd r;
    struct arena *a;
    struct meta *m;
};

const char *handle_name(enum handle_tag tag)
{
    switch (tag) {
#define HANDLE(t, byte, name, since) \
    case t:                          \
        return name;
#include "savepoint/state_handles.def"
#undef HANDLE
    }
    return "?";
}

const char *op_mode_name(enum op_mode m)
{
    static const char *const names[] = {"SPLIT_DISTRIBUTE", "UNION", "BROADCAST"};
    return names[m];
}

static const char *utf(struct in *in) { return java_utf(&in->r, in->a); }

static uint64_t size64(struct in *in)
{
    int64_t v = rd_i64(&in->r);
    if (v < 0)
        rd_fail(&in->r, "negative size of a state file");
    return v < 0 ? 0 : (uint64_t)v;
}

static void *array(struct in *in, uint32_t n, size_t size) { return arena_array(in->a, n, size); }

static void read_keyed(struct in *in, struct meta_keyed *k);

static void read_stream(struct in *in, struct meta_stream *s)
{
    struct rd *r = &in->r;
    s->at = rd_pos(r);
    uint8_t tag = rd_u8(r);
    s->tag = tag;
    switch (tag) {
    case HANDLE_NULL:
    case HANDLE_EMPTY_SEGMENT:
        break;
    case HANDLE_BYTE_STREAM:
        s->path = utf(in);
        s->inl = rd_bytes32(r);
        s->size = s->inl.n;
        break;
    case HANDLE_FILE:
        s->size = size64(in);
        s->path = utf(in);
        break;
    case HANDLE_RELATIVE_FILE:
        s->path = utf(in);
        s->size = size64(in);
        break;
    case HANDLE_SEGMENT_FILE:
        s->start = size64(in);
        s->size = size64(in);
        s->scope = (uint8_t)rd_i32(r);
        s->path = utf(in);
        s->logical_id = utf(in);
        break;
    case HANDLE_KEY_GROUPS: { /* very old: a whole keyed handle in the place of a stream; its own stream is what counts */
        struct meta_keyed nested = {0};
        r->p--;
        if (rd_enter(r)) {
            read_keyed(in, &nested);
            rd_leave(r);
        }
        *s = nested.stream;
        break;
    }
    default:
        r->p--;
        rd_fail(r, "a state handle of a type that weir does not know");
    }
}

static void read_op_handle(struct in *in, struct meta_op_handle *h)
{
    struct rd *r = &in->r;
    uint8_t tag = rd_u8(r);
    h->tag = tag;
    if (tag == HANDLE_NULL)
        return;
    if (tag != HANDLE_OPERATOR && tag != HANDLE_SEGMENT_OPERATOR) {
        r->p--;
        rd_fail(r, "no operator-state handle where one must stand");
        return;
    }
    h->n = rd_count(r, 7);
    h->states = array(in, h->n, sizeof *h->states);
    for (uint32_t i = 0; i < h->n && rd_ok(r); i++) {
        struct meta_op_state *s = &h->states[i];
        s->name = utf(in);
        uint8_t mode = rd_u8(r);
        if (mode > OP_BROADCAST) {
            rd_fail(r, "a distribution mode that weir does not know");
            return;
        }
        s->mode = mode;
        s->n = rd_count(r, 8);
        s->offsets = rd_take(r, (size_t)s->n * 8);
    }
    if (tag == HANDLE_SEGMENT_OPERATOR) {
        h->dirs_at = rd_pos(r);
        (void)utf(in); /* directory of the task's own files */
        (void)utf(in); /* directory of shared files */
        (void)rd_bool(r);
    }
    read_stream(in, &h->stream);
}

static struct meta_file *read_files(struct in *in, uint32_t *n)
{
    *n = rd_count(&in->r, 3);
    struct meta_file *files = array(in, *n, sizeof *files);
    for (uint32_t i = 0; i < *n && rd_ok(&in->r); i++) {
        files[i].name = utf(in);
        read_stream(in, &files[i].stream);
    }
    return files;
}

static void read_range(struct in *in, struct meta_keyed *k)
{
    k->kg_first = rd_i32(&in->r);
    int32_t n = rd_i32(&in->r);
    if (n < 0 || n > 32768 || k->kg_first < 0 || k->kg_first > 32768)
        rd_fail(&in->r, "key groups outside 0 to 32768");
    else
        k->kg_count = (uint32_t)n;
}

/* Of a changelog. Lists in lists would be memory in proportion to the file and to the depth. */
static struct meta_keyed *read_keyed_list(struct in *in, uint32_t *n)
{
    if (in->r.depth > 1)
        rd_fail(&in->r, "a changelog inside another handle, where no Flink writes one");
    *n = rd_count(&in->r, 1);
    struct meta_keyed *list = array(in, *n, sizeof *list);
    for (uint32_t i = 0; i < *n && rd_ok(&in->r); i++)
        read_keyed(in, &list[i]);
    return list;
}

static void read_key_groups(struct in *in, struct meta_keyed *k)
{
    read_range(in, k);
    k->offsets = rd_take(&in->r, (size_t)k->kg_count * 8);
    read_stream(in, &k->stream);
    if (k->tag == HANDLE_KEY_GROUPS_V2)
        k->id = utf(in);
}

static void read_incremental(struct in *in, struct meta_keyed *k)
{
    k->checkpoint_id = rd_i64(&in->r);
    k->backend_id = utf(in);
    read_range(in, k);
    if (k->tag == HANDLE_INCREMENTAL_V2)
        k->checkpointed_size = rd_i64(&in->r);
    read_stream(in, &k->stream);
    k->shared = read_files(in, &k->n_shared);
    k->priv = read_files(in, &k->n_private);
    if (k->tag == HANDLE_INCREMENTAL_V2)
        k->id = utf(in);
}

static void read_changelog(struct in *in, struct meta_keyed *k)
{
    read_range(in, k);
    k->checkpointed_size = rd_i64(&in->r);
    k->materialized = read_keyed_list(in, &k->n_materialized);
    k->log = read_keyed_list(in, &k->n_log);
    k->materialization_id = rd_i64(&in->r);
    if (k->tag == HANDLE_CHANGELOG_V2)
        k->checkpoint_id = rd_i64(&in->r);
    k->id = utf(in);
}

static void read_changes(struct in *in, struct meta_keyed *k)
{
    struct rd *r = &in->r;
    read_range(in, k);
    k->from = rd_i64(r);
    k->to = rd_i64(r);
    k->n_changes = rd_count(r, 8);
    k->changes = array(in, k->n_changes, sizeof *k->changes);
    for (uint32_t i = 0; i < k->n_changes && rd_ok(r); i++) {
        k->changes[i].key_group = rd_i32(r);
        k->changes[i].bytes = rd_bytes32(r);
    }
    k->id = utf(in);
}

static void read_change_files(struct in *in, struct meta_keyed *k)
{
    struct rd *r = &in->r;
    read_range(in, k);
    k->n_parts = rd_count(r, 9);
    k->parts = array(in, k->n_parts, sizeof *k->parts);
    for (uint32_t i = 0; i < k->n_parts && rd_ok(r); i++) {
        k->parts[i].offset = rd_i64(r);
        read_stream(in, &k->parts[i].stream);
    }
    k->log_size = rd_i64(r);
    k->checkpointed_size = rd_i64(r);
    k->id = utf(in);
    if (k->tag == HANDLE_CHANGELOG_FILE_V2)
        k->storage_id = utf(in);
}

static void read_keyed(struct in *in, struct meta_keyed *k)
{
    struct rd *r = &in->r;
    k->at = rd_pos(r);
    uint8_t tag = rd_u8(r);
    k->tag = tag;
    if (!rd_enter(r))
        return;
    switch (tag) {
    case HANDLE_NULL:
        break;
    case HANDLE_KEY_GROUPS:
    case HANDLE_KEY_GROUPS_V2:
    case HANDLE_SAVEPOINT_KEY_GROUPS:
        read_key_groups(in, k);
        break;
    case HANDLE_INCREMENTAL:
    case HANDLE_INCREMENTAL_V2:
        read_incremental(in, k);
        break;
    case HANDLE_CHANGELOG:
    case HANDLE_CHANGELOG_V2:
        read_changelog(in, k);
        break;
    case HANDLE_CHANGELOG_BYTES:
        read_changes(in, k);
        break;
    case HANDLE_CHANGELOG_FILE:
    case HANDLE_CHANGELOG_FILE_V2:
        read_change_files(in, k);
        break;
    default:
        r->p--;
        rd_fail(r, "a keyed-state handle of a type that weir does not know");
    }
    rd_leave(r);
}

/* ChannelStateHandleSerializerV1 (metadata 3 to 5) and V2 (6: a type byte in front, merged handles). */
static struct meta_channel *read_channels(struct in *in, bool input, uint32_t *n)
{
    struct rd *r = &in->r;
    *n = rd_count(r, 13);
    struct meta_channel *list = array(in, *n, sizeof *list);
    for (uint32_t i = 0; i < *n && rd_ok(r); i++) {
        struct meta_channel *c = &list[i];
        c->type = in->m->version >= 6 ? rd_u8(r) : input ? 1 : 2;
        if (rd_ok(r) && c->type != (input ? 1 : 2) && c->type != (input ? 3 : 4)) {
            rd_fail(r, "an in-flight data handle of a type that weir does not know");
            break;
        }
        c->subtask = rd_i32(r);
        if (c->type <= 2) {
            c->a = rd_i32(r);
            c->b = rd_i32(r);
            c->n = rd_count(r, 8);
            c->offsets = rd_take(r, (size_t)c->n * 8);
            c->size = rd_i64(r);
            read_stream(in, &c->stream);
        } else {
            c->size = rd_i64(r);
            read_stream(in, &c->stream);
            c->merged = rd_bytes32(r);
        }
    }
    return list;
}

static void read_subtask(struct in *in, struct meta_subtask *s)
{
    struct rd *r = &in->r;
    int32_t version = in->m->version;
    s->index = rd_i32(r);
    if (version >= 3 && s->index < 0) {
        s->index = -(s->index + 1);
        s->finished = true;
        return;
    }
    if (version == 2) {
        (void)rd_i64(r); /* duration, always -1 */
        if (rd_i32(r))
            rd_fail(r, "legacy (Flink 1.1) states, which no Flink since 1.4 reads");
    }
    if (rd_i32(r))
        read_op_handle(in, &s->managed);
    if (rd_i32(r))
        read_op_handle(in, &s->raw);
    read_keyed(in, &s->keyed);
    read_keyed(in, &s->raw_keyed);
    if (version >= 3) {
        s->inputs = read_channels(in, true, &s->n_inputs);
        s->outputs = read_channels(in, false, &s->n_outputs);
    }
}

static int by_index(const void *a, const void *b)
{
    int32_t x = ((const struct meta_subtask *)a)->index, y = ((const struct meta_subtask *)b)->index;
    return (x > y) - (x < y);
}

static void read_operator(struct in *in, struct meta_operator *op)
{
    struct rd *r = &in->r;
    if (in->m->version >= 5) {
        const char *name = utf(in), *uid = utf(in);
        op->name = *name ? name : NULL;
        op->uid = *uid ? uid : NULL;
    }
    const uint8_t *id = rd_take(r, 16);
    if (!id)
        return;
    memcpy(op->id, id, 16);
    for (int i = 0; i < 16; i++) {
        op->hex[2 * i] = "0123456789abcdef"[id[i] >> 4];
        op->hex[2 * i + 1] = "0123456789abcdef"[id[i] & 15];
    }
    op->parallelism = rd_i32(r);
    op->max_parallelism = rd_i32(r);
    if (rd_ok(r) && (op->parallelism < 0 || op->parallelism > 1 << 20)) {
        rd_fail(r, "parallelism outside 0 to 1048576");
        return;
    }
    if (in->m->version == 2)
        (void)rd_i32(r); /* chain length, always 1 */
    else
        read_stream(in, &op->coordinator);
    if (in->m->version >= 3 && rd_left(r) >= 4 && be32(r->p) == UINT32_MAX) {
        r->p += 4;
        op->finished = true;
        return;
    }
    op->n = rd_count(r, 4);
    op->subtasks = array(in, op->n, sizeof *op->subtasks);
    for (uint32_t i = 0; i < op->n && rd_ok(r); i++)
        read_subtask(in, &op->subtasks[i]);
    if (rd_ok(r) && op->n)
        qsort(op->subtasks, op->n, sizeof *op->subtasks, by_index);
}

static void read_masters(struct in *in)
{
    struct rd *r = &in->r;
    in->m->n_masters = rd_count(r, 8);
    in->m->masters = array(in, in->m->n_masters, sizeof *in->m->masters);
    for (uint32_t i = 0; i < in->m->n_masters && rd_ok(r); i++) {
        struct meta_master *ms = &in->m->masters[i];
        if (rd_u32(r) != MASTER_MAGIC) {
            rd_fail(r, "no master-state magic where it must stand");
            return;
        }
        struct rd sub = rd_sub(r, rd_count(r, 1));
        ms->version = rd_i32(&sub);
        ms->name = java_utf(&sub, in->a);
        ms->bytes = rd_bytes32(&sub);
        rd_join(r, &sub);
    }
}

/* A Java-serialized CheckpointProperties (flink-runtime), the last thing in the file. */
static void read_properties(struct in *in)
{
    struct jobj *props = NULL;
    const uint8_t *from = in->r.p;
    if (!javaobj_read(&in->r, in->a, &props))
        return;
    in->m->properties = (struct bytes){from, (size_t)(in->r.p - from)};
    if (!props)
        return;
    const struct jobj *type = jobj_field(props, "checkpointType");
    in->m->type_name = jobj_field_text(type, "name");
    in->m->format = jobj_field_text(type, "formatType");
    in->m->sharing = jobj_field_text(type, "sharingFilesStrategy");
    in->m->post_action = jobj_field_text(type, "postCheckpointAction");
}

/* Does a keyed handle name a file by an absolute path? */
static bool names_file(const struct meta_keyed *k)
{
    bool file = k->stream.tag == HANDLE_FILE;
    for (uint32_t i = 0; i < k->n_shared && !file; i++)
        file = k->shared[i].stream.tag == HANDLE_FILE;
    for (uint32_t i = 0; i < k->n_private && !file; i++)
        file = k->priv[i].stream.tag == HANDLE_FILE;
    return file;
}

/* Before metadata 4 nothing says what it is: savepoints since 1.11 name their files by relative paths or inline them, and only
 * canonical ones have savepoint key-group handles. */
static bool looks_like_savepoint(const struct meta *m)
{
    bool file = false;
    for (uint32_t i = 0; i < m->n; i++)
        for (uint32_t j = 0; j < m->operators[i].n; j++) {
            const struct meta_subtask *s = &m->operators[i].subtasks[j];
            if (s->keyed.tag == HANDLE_SAVEPOINT_KEY_GROUPS)
                return true;
            if (s->keyed.tag == HANDLE_CHANGELOG || s->keyed.tag == HANDLE_CHANGELOG_V2)
                return false;
            file = file || names_file(&s->keyed) || s->managed.stream.tag == HANDLE_FILE;
        }
    return !file;
}

bool meta_read(struct meta *m, struct bytes file, const char *name, struct arena *a, struct err *e)
{
    *m = (struct meta){0};
    struct in in = {.r = rd_of(file.p, file.n, 0), .a = a, .m = m};
    struct rd *r = &in.r;
    if (rd_u32(r) != MAGIC)
        return err_set(e, ERR_CORRUPT, "%s: not a Flink _metadata file (it does not begin with 4960672d)", name);
    m->version = rd_i32(r);
    if (rd_ok(r) && (m->version < 2 || m->version > 6))
        return err_set(e, ERR_UNSUPPORTED, "%s: metadata version %d; weir reads 2 to 6 (Flink 1.2 to 2.3)", name, m->version);
    m->checkpoint_id = rd_i64(r);
    if (rd_ok(r) && m->checkpoint_id < 0)
        rd_fail(r, "negative checkpoint id");
    read_masters(&in);
    m->n = rd_count(r, 28);
    m->operators = array(&in, m->n, sizeof *m->operators);
    for (uint32_t i = 0; i < m->n && rd_ok(r); i++)
        read_operator(&in, &m->operators[i]);
    if (rd_ok(r) && m->version >= 4)
        read_properties(&in);
    if (rd_ok(r) && rd_left(r))
        rd_fail(r, "bytes behind the end of the metadata");
    if (!rd_ok(r))
        return err_set(e, ERR_CORRUPT, "%s: %s, at offset %llu of %zu", name, r->why, (unsigned long long)r->bad_at, file.n);
    m->is_savepoint = m->type_name ? strstr(m->type_name, "avepoint") != NULL : looks_like_savepoint(m);
    return true;
}
