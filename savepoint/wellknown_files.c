/* File sources and sinks (flink-connector-files, flink-file-sink-common, 1.11 to 2.3), the file systems' recoverables, and the
 * committables of any sink (flink-streaming-java, CommittableCollectorSerializer). */
#include "savepoint/javaio.h"
#include "savepoint/wellknown.h"
#include "savepoint/wellknown_in.h"

static bool flag(struct rd *r)
{
    uint8_t v = rd_u8(r);
    if (v > 1)
        rd_fail(r, "a boolean that is neither 0 nor 1");
    return v == 1;
}

static const char *nullable(struct rd *r, struct arena *a) { return flag(r) ? java_flink_str(r, a) : NULL; }

void wellknown_path(struct rd *r, struct arena *a, struct buf *b)
{
    if (!flag(r))
        return;
    const char *scheme = nullable(r, a), *user = nullable(r, a), *host = nullable(r, a);
    int32_t port = rd_i32(r);
    const char *path = nullable(r, a), *query = nullable(r, a), *fragment = nullable(r, a);
    if (scheme)
        buf_printf(b, "%s:", scheme);
    if (host)
        buf_printf(b, "//%s%s%s", user ? user : "", user ? "@" : "", host);
    if (host && port >= 0)
        buf_printf(b, ":%d", (int)port);
    buf_puts(b, path ? path : "");
    if (query)
        buf_printf(b, "?%s", query);
    if (fragment)
        buf_printf(b, "#%s", fragment);
}

static void m_path(struct in *in, const char *name)
{
    struct buf b = {0};
    wellknown_path(&in->r, in->a, &b);
    if (in->out) {
        sink_keyz(in->out, name);
        sink_textz(in->out, buf_cstr(&b));
    }
    buf_free(&b);
}

/* FileSourceSplitSerializer. */
void file_split(struct in *in)
{
    m_utf(in, "split");
    m_path(in, "path");
    m_i64(in, "offset");
    m_i64(in, "length");
    m_i64(in, "modificationTime");
    m_i64(in, "fileSize");
    in_begin(in, "hosts", BOX_ARRAY);
    for (uint32_t n = rd_count(&in->r, 2); n && rd_ok(&in->r); n--)
        m_utf(in, NULL);
    in_end(in, BOX_ARRAY);
    if (!in_flag(in))
        return;
    in_begin(in, "position", BOX_OBJECT);
    m_i64(in, "offset");
    m_i64(in, "recordsAfterOffset");
    in_end(in, BOX_OBJECT);
}

/* PendingSplitsCheckpointSerializer, little-endian. */
void pending_splits(struct in *in)
{
    in_magic_le(in, 0xDEADBEEF);
    int32_t version = (int32_t)in_le32(in);
    uint32_t splits = in_le32(in), paths = in_le32(in);
    in_begin(in, "splits", BOX_ARRAY);
    for (; splits && rd_ok(&in->r); splits--) {
        size_t n = in_length_le(in);
        const uint8_t *p = rd_take(&in->r, n);
        if (rd_ok(&in->r))
            m_content(in, NULL, IN_SPLIT, version, (struct bytes){p, n});
    }
    in_end(in, BOX_ARRAY);
    in_begin(in, "alreadyProcessed", BOX_SET);
    for (; paths && rd_ok(&in->r); paths--)
        m_text(in, NULL, in_length_le(in));
    in_end(in, BOX_SET);
}

/* --- sinks --- */

static void m_bucket_id(struct in *in)
{
    int32_t version = rd_i32(&in->r);
    struct bytes b = rd_bytes32(&in->r);
    struct in sub = in_sub(in, version, b); /* SimpleVersionedStringSerializer, little-endian */
    if (version != 1)
        rd_fail(&sub.r, "a bucket that is not a string");
    m_text(&sub, "bucket", in_length_le(&sub));
    in_join(in, &sub);
}

/* BucketStateSerializer 1, 2 and FileWriterBucketStateSerializer 1 to 3: 1 has bare recoverables, 3 no pending files. */
void bucket(struct in *in)
{
    bool bare = in->version == 1;
    in_magic(in, 0x1E764B79);
    m_bucket_id(in);
    m_utf(in, "path");
    m_i64(in, "creationTime");
    if (in_flag(in))
        m_envelope(in, "inProgress", bare ? IN_RECOVERABLE : IN_PROGRESS);
    if (in->version == 3)
        return;
    int32_t version = rd_i32(&in->r);
    in_begin(in, "pending", BOX_ARRAY);
    for (uint32_t n = rd_count(&in->r, 12); n && rd_ok(&in->r); n--) {
        in_begin(in, NULL, BOX_OBJECT);
        m_i64(in, "checkpoint");
        in_begin(in, "files", BOX_ARRAY);
        for (uint32_t k = rd_count(&in->r, 4); k && rd_ok(&in->r); k--) {
            struct bytes b = rd_bytes32(&in->r);
            if (rd_ok(&in->r))
                m_content(in, NULL, bare ? IN_RECOVERABLE : IN_PENDING, version, b);
        }
        in_end(in, BOX_ARRAY);
        in_end(in, BOX_OBJECT);
    }
    in_end(in, BOX_ARRAY);
}

/* OutputStreamBasedInProgressFileRecoverableSerializer; 1 has no path. */
void in_progress_file(struct in *in)
{
    in_magic(in, 0xB3A4073D);
    if (in->version >= 2 && in_flag(in))
        m_utf(in, "path");
    m_envelope(in, "recoverable", IN_RECOVERABLE);
}

/* OutputStreamBasedPendingFileRecoverableSerializer; 1 has neither path nor size. */
void pending_file(struct in *in)
{
    in_magic(in, 0x2C853C89);
    if (in->version >= 2) {
        if (in_flag(in))
            m_utf(in, "path");
        m_i64(in, "size");
    }
    m_envelope(in, "recoverable", IN_RECOVERABLE);
}

/* FileSinkCommittableSerializer; 1 has neither bucket nor compacted file. */
void file_committable(struct in *in)
{
    in_magic(in, 0x1E765C80);
    if (in->version >= 2)
        m_utf(in, "bucket");
    if (in_flag(in))
        m_envelope(in, "pending", IN_PENDING);
    if (in_flag(in))
        m_envelope(in, "inProgressToCleanUp", IN_PROGRESS);
    if (in->version >= 2 && in_flag(in))
        m_utf(in, "compactedToCleanUp");
}

/* --- recoverables, little-endian --- */

static void two_files(struct in *in, uint32_t magic)
{
    in_magic_le(in, magic);
    m_i64_le(in, "offset");
    uint32_t target = in_length_le(in), temporary = in_length_le(in);
    m_text(in, "target", target);
    m_text(in, "temporary", temporary);
}

void local_recoverable(struct in *in) { two_files(in, 0x1E744B57); }
void hadoop_recoverable(struct in *in) { two_files(in, 0xD7436C5E); }

/* S3RecoverableSerializer: a multipart upload. */
void s3_recoverable(struct in *in)
{
    in_magic_le(in, 0x98761432);
    m_text(in, "object", in_length_le(in));
    m_text(in, "uploadId", in_length_le(in));
    in_begin(in, "parts", BOX_ARRAY);
    for (uint32_t n = in_le32(in); n && rd_ok(&in->r); n--) {
        in_begin(in, NULL, BOX_OBJECT);
        uint32_t part = in_le32(in);
        sink_key(in->out, "part", 4);
        sink_int(in->out, part);
        m_text(in, "etag", in_length_le(in));
        in_end(in, BOX_OBJECT);
    }
    in_end(in, BOX_ARRAY);
    m_i64_le(in, "bytesInParts");
    uint32_t n = in_length_le(in);
    if (n)
        m_text(in, "incompleteObject", n);
    m_i64_le(in, "incompleteLength");
}

/* --- committables --- */

static void committable(struct in *in, int32_t version, struct bytes b) { m_content(in, NULL, IN_COMMITTABLE, version, b); }

/* Version 1, of sinks of the first API: SinkV1CommittableDeserializer. */
void legacy_committables(struct in *in)
{
    in_magic(in, 0xB91F252C);
    m_list(in, "committables", committable);
}

static void request(struct in *in, int32_t version, struct bytes b)
{
    static const char *const states[] = {"RECEIVED", "RETRY", "FAILED", "COMMITTED"};
    struct in sub = in_sub(in, version, b);
    if (version != 0)
        rd_fail(&sub.r, "a version of commit requests that is not known");
    in_begin(&sub, NULL, BOX_OBJECT);
    m_envelope(&sub, "committable", IN_COMMITTABLE);
    m_i32(&sub, "retries");
    m_word(&sub, "state", states, 4);
    in_end(&sub, BOX_OBJECT);
    in_join(in, &sub);
}

/* 0: no subtask; 2 (2.1+): no count of drained ones. */
static void subtask(struct in *in, int32_t version, struct bytes b)
{
    struct in sub = in_sub(in, version, b);
    if (version < 0 || version > 2)
        rd_fail(&sub.r, "a version of subtask committables that is not known");
    in_begin(&sub, NULL, BOX_OBJECT);
    if (version >= 1)
        m_i32(&sub, "subtask");
    m_list(&sub, "requests", request);
    m_i32(&sub, "committables");
    if (version < 2)
        m_i32(&sub, "drained");
    m_i32(&sub, "failed");
    in_end(&sub, BOX_OBJECT);
    in_join(in, &sub);
}

/* 0: no number of subtasks. */
static void checkpoint(struct in *in, int32_t version, struct bytes b)
{
    struct in sub = in_sub(in, version, b);
    if (version < 0 || version > 1)
        rd_fail(&sub.r, "a version of checkpoint committables that is not known");
    in_begin(&sub, NULL, BOX_OBJECT);
    m_i64(&sub, "checkpoint");
    if (version == 1)
        m_i32(&sub, "subtasks");
    m_list(&sub, "bySubtask", subtask);
    in_end(&sub, BOX_OBJECT);
    in_join(in, &sub);
}

void collector(struct in *in)
{
    in_magic(in, 0xB91F252C);
    m_list(in, "checkpoints", checkpoint);
}
