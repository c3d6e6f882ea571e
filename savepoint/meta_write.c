#include "savepoint/meta_write.h"

#include <string.h>

#include "base/wr.h"

/* As in meta.c. */
#define MAGIC 0x4960672DU
#define MASTER_MAGIC 0xC96B1696U

static bool utf(struct buf *b, const char *s, struct err *e)
{
    return wr_utfz(b, s) ||
        err_set(e, ERR_UNSUPPORTED, "\"%.80s\": no name that Flink can write (more than 65535 bytes, or no UTF-8)", s);
}

static void offsets(struct buf *b, uint32_t n, const uint8_t *p)
{
    if (n)
        buf_put(b, p, (size_t)n * 8);
}

static bool put_stream(struct buf *b, const struct meta_stream *s, struct err *e)
{
    wr_u8(b, (uint8_t)s->tag);
    switch (s->tag) {
    case HANDLE_NULL:
        return true;
    case HANDLE_BYTE_STREAM:
        if (!utf(b, s->path, e))
            return false;
        wr_bytes32(b, s->inl);
        return true;
    case HANDLE_FILE:
        wr_u64(b, s->size);
        return utf(b, s->path, e);
    case HANDLE_RELATIVE_FILE:
        if (!utf(b, s->path, e))
            return false;
        wr_u64(b, s->size);
        return true;
    default:
        return err_set(e, ERR_UNSUPPORTED, "weir does not write state in a %s", handle_name(s->tag));
    }
}

static bool put_op_handle(struct buf *b, const struct meta_op_handle *h, struct err *e)
{
    wr_i32(b, h->tag != HANDLE_NULL);
    if (h->tag == HANDLE_NULL)
        return true;
    wr_u8(b, HANDLE_OPERATOR);
    wr_u32(b, h->n);
    for (uint32_t i = 0; i < h->n; i++) {
        const struct meta_op_state *s = &h->states[i];
        if (!utf(b, s->name, e))
            return false;
        wr_u8(b, (uint8_t)s->mode);
        wr_u32(b, s->n);
        offsets(b, s->n, s->offsets);
    }
    return put_stream(b, &h->stream, e);
}

static bool put_files(struct buf *b, uint32_t n, const struct meta_file *f, struct err *e)
{
    wr_u32(b, n);
    for (uint32_t i = 0; i < n; i++)
        if (!utf(b, f[i].name, e) || !put_stream(b, &f[i].stream, e))
            return false;
    return true;
}

static bool put_database(struct buf *b, const struct meta_keyed *k, struct err *e)
{
    wr_i64(b, k->checkpoint_id);
    if (!utf(b, k->backend_id, e))
        return false;
    wr_i32(b, k->kg_first);
    wr_u32(b, k->kg_count);
    wr_i64(b, k->checkpointed_size);
    return put_stream(b, &k->stream, e) && put_files(b, k->n_shared, k->shared, e) && put_files(b, k->n_private, k->priv, e) &&
        utf(b, k->id, e);
}

static bool put_keyed(struct buf *b, const struct meta_keyed *k, struct err *e)
{
    wr_u8(b, (uint8_t)k->tag);
    if (k->tag == HANDLE_NULL)
        return true;
    if (k->tag == HANDLE_INCREMENTAL_V2)
        return put_database(b, k, e);
    if (k->tag != HANDLE_SAVEPOINT_KEY_GROUPS && k->tag != HANDLE_KEY_GROUPS_V2)
        return err_set(e, ERR_UNSUPPORTED, "weir does not write keyed state in a %s", handle_name(k->tag));
    wr_i32(b, k->kg_first);
    wr_u32(b, k->kg_count);
    offsets(b, k->kg_count, k->offsets);
    return put_stream(b, &k->stream, e) && (k->tag != HANDLE_KEY_GROUPS_V2 || utf(b, k->id, e));
}

static bool put_channel(struct buf *b, int32_t version, const struct meta_channel *c, struct err *e)
{
    if (version >= 6)
        wr_u8(b, c->type);
    else if (c->type > 2)
        return err_set(e, ERR_UNSUPPORTED, "metadata version %d has no place for merged in-flight data: 6 has (Flink 2.1)",
                       version);
    wr_i32(b, c->subtask);
    if (c->type <= 2) {
        wr_i32(b, c->a);
        wr_i32(b, c->b);
        wr_u32(b, c->n);
        offsets(b, c->n, c->offsets);
    }
    wr_i64(b, c->size);
    if (!put_stream(b, &c->stream, e))
        return false;
    if (c->type > 2)
        wr_bytes32(b, c->merged);
    return true;
}

static bool put_channels(struct buf *b, int32_t version, const struct meta_channel *c, uint32_t n, struct err *e)
{
    wr_u32(b, n);
    for (uint32_t i = 0; i < n; i++)
        if (!put_channel(b, version, &c[i], e))
            return false;
    return true;
}

bool meta_put_head(struct buf *b, const struct meta *m, uint32_t n, struct err *e)
{
    if (m->version < META_WRITE_MIN || m->version > META_WRITE_MAX)
        return err_set(e, ERR_UNSUPPORTED, "metadata version %d; weir writes %d to %d (Flink 1.15 to 2.3)", m->version,
                       META_WRITE_MIN, META_WRITE_MAX);
    wr_u32(b, MAGIC);
    wr_i32(b, m->version);
    wr_i64(b, m->checkpoint_id);
    wr_u32(b, m->n_masters);
    for (uint32_t i = 0; i < m->n_masters; i++) {
        wr_u32(b, MASTER_MAGIC);
        size_t at = b->n;
        wr_u32(b, 0);
        wr_i32(b, m->masters[i].version);
        if (!utf(b, m->masters[i].name, e))
            return false;
        wr_bytes32(b, m->masters[i].bytes);
        uint32_t len = __builtin_bswap32((uint32_t)(b->n - at - 4));
        memcpy(b->p + at, &len, 4);
    }
    wr_u32(b, n);
    return true;
}

bool meta_put_operator(struct buf *b, int32_t version, const struct meta_operator *op, uint32_t n, struct err *e)
{
    if (version >= 5 && !(utf(b, op->name ? op->name : "", e) && utf(b, op->uid ? op->uid : "", e)))
        return false;
    buf_put(b, op->id, sizeof op->id);
    wr_i32(b, op->parallelism);
    wr_i32(b, op->max_parallelism);
    if (!put_stream(b, &op->coordinator, e))
        return false;
    wr_i32(b, op->finished ? -1 : (int32_t)n);
    return true;
}

bool meta_put_subtask(struct buf *b, int32_t version, const struct meta_subtask *s, struct err *e)
{
    wr_i32(b, s->finished ? -s->index - 1 : s->index);
    return s->finished ||
        (put_op_handle(b, &s->managed, e) && put_op_handle(b, &s->raw, e) && put_keyed(b, &s->keyed, e) &&
         put_keyed(b, &s->raw_keyed, e) && put_channels(b, version, s->inputs, s->n_inputs, e) &&
         put_channels(b, version, s->outputs, s->n_outputs, e));
}

/* --- CheckpointProperties: a Java object stream (Java Object Serialization Specification 6) --- */

#define CHECKPOINT "org.apache.flink.runtime.checkpoint."
#define ACTION CHECKPOINT "SavepointType$PostCheckpointAction"
#define FORMAT "org.apache.flink.core.execution.SavepointFormatType"

enum { J_CLASSDESC = 'r', J_OBJ = 's', J_STR = 't', J_ENUMC = '~', J_END = 'x', J_NONE = 'p', J_REF = 'q' };
enum { SERIALIZABLE = 2, ENUMERATION = 0x12 };

static void j_class(struct buf *b, const char *name, uint64_t uid, uint8_t flags, uint16_t fields)
{
    wr_u8(b, J_CLASSDESC);
    wr_utfz(b, name);
    wr_u64(b, uid);
    wr_u8(b, flags);
    wr_u16(b, fields);
}

/* class: in field descriptors, "Lorg/…;" */
static void j_field(struct buf *b, const char *name, const char *class)
{
    wr_u8(b, class ? 'L' : 'Z');
    wr_utfz(b, name);
    if (!class)
        return;
    wr_u8(b, J_STR);
    size_t at = b->n + 2;
    wr_utfz(b, class);
    for (uint8_t *p = b->p + at; p < b->p + b->n; p++)
        *p = *p == '.' ? '/' : *p;
}

static void j_super(struct buf *b) /* ends a class: no superclass */
{
    wr_u8(b, J_END);
    wr_u8(b, J_NONE);
}

static void j_text(struct buf *b, const char *s)
{
    wr_u8(b, J_STR);
    wr_utfz(b, s);
}

static void put_savepoint(struct buf *b, const struct meta *m)
{
    static const char *const flags[] = {"discardCancelled", "discardFailed", "discardFinished", "discardSubsumed",
                                        "discardSuspended", "forced",        "unclaimed"};
    wr_u32(b, 0xACED0005);
    wr_u8(b, J_OBJ);
    j_class(b, CHECKPOINT "CheckpointProperties", 2, SERIALIZABLE, 8);
    for (int i = 0; i < 7; i++)
        j_field(b, flags[i], NULL);
    j_field(b, "checkpointType", "L" CHECKPOINT "SnapshotType;");
    j_super(b);
    buf_put(b, "\0\0\0\0\0\1\0", 7); /* forced */

    wr_u8(b, J_OBJ);
    j_class(b, CHECKPOINT "SavepointType", (uint64_t)-6879297871714708296, SERIALIZABLE, 3);
    j_field(b, "formatType", "L" FORMAT ";");
    j_field(b, "name", "Ljava.lang.String;");
    j_field(b, "postCheckpointAction", "L" ACTION ";");
    j_super(b);

    wr_u8(b, J_ENUMC);
    j_class(b, FORMAT, 0, ENUMERATION, 0);
    wr_u8(b, J_END);
    j_class(b, "java.lang.Enum", 0, ENUMERATION, 0);
    j_super(b);
    j_text(b, m->format);
    j_text(b, m->type_name);
    wr_u8(b, J_ENUMC);
    j_class(b, ACTION, 0, ENUMERATION, 0);
    wr_u8(b, J_END);
    wr_u8(b, J_REF);
    wr_u32(b, 0x7e0009); /* java.lang.Enum */
    j_text(b, m->post_action);
}

bool meta_put_end(struct buf *b, const struct meta *m, struct err *e)
{
    if (m->version < 4)
        return true;
    if (m->properties.n)
        wr_bytes(b, m->properties);
    else if (m->format && m->type_name && m->post_action)
        put_savepoint(b, m);
    else
        return err_set(e, ERR_UNSUPPORTED, "metadata version %d says what kind of savepoint it is", m->version);
    return true;
}
