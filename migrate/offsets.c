#include "migrate/offsets.h"

#include <string.h>

#include "base/rd.h"
#include "base/wr.h"
#include "savepoint/wellknown.h"

enum { KAFKA_VERSION = 0, DYNAMIC_VERSION = 1, FILE_VERSION = 1 };
enum { COORDINATOR_VERSION = 1, PENDING_VERSION = 1, FROM_THE_FIRST = -1 /* CheckpointedPosition.NO_OFFSET */ };
#define PENDING_MAGIC 0xDEADBEEFu

static struct bytes utf(struct rd *r)
{
    struct bytes s = {NULL, rd_u16(r)};
    s.p = rd_take(r, s.n);
    return s;
}

/* --- Kafka --- */

struct partition {
    struct bytes topic;
    int32_t number;
    size_t at; /* where the offset stands */
};

/* Topic, partition, starting and stopping offset, and nothing behind them. */
static bool kafka(struct rd r, struct partition *p)
{
    p->topic = utf(&r);
    p->number = rd_i32(&r);
    p->at = (size_t)(r.p - r.start);
    rd_i64(&r);
    rd_i64(&r);
    return rd_ok(&r) && !rd_left(&r) && p->topic.n && p->number >= 0;
}

static bool dynamic(struct rd r, struct partition *p)
{
    utf(&r); /* the cluster */
    return rd_i32(&r) == KAFKA_VERSION && rd_ok(&r) && kafka(r, p);
}

static bool set_kafka(struct bytes split, const struct partition *p, const struct offsets_want *want, struct buf *to, bool *done,
                      struct err *e)
{
    if (want->file || (want->topic && (p->topic.n != strlen(want->topic) || memcmp(p->topic.p, want->topic, p->topic.n) != 0)) ||
        (want->partition >= 0 && want->partition != p->number))
        return true;
    if (want->records)
        return err_set(e, ERR_CONVERT, "records are counted in files; Kafka's offsets are numbers of records already");
    wr_bytes(to, split);
    uint64_t offset = __builtin_bswap64((uint64_t)want->offset);
    memcpy(to->p + to->n - split.n + p->at, &offset, sizeof offset);
    *done = true;
    return true;
}

/* --- files --- */

struct file {
    struct buf path;
    int64_t offset, length;
    struct bytes head; /* all that stands in front of the position */
};

static bool file_split(struct rd r, struct file *f)
{
    struct arena a = {0};
    const uint8_t *from = r.p;
    utf(&r); /* its id */
    wellknown_path(&r, &a, &f->path);
    arena_free(&a);
    f->offset = rd_i64(&r);
    f->length = rd_i64(&r);
    rd_i64(&r); /* modified */
    rd_i64(&r); /* the file's size */
    for (uint32_t n = rd_count(&r, 2); n && rd_ok(&r); n--)
        utf(&r); /* hosts */
    f->head = (struct bytes){from, (size_t)(r.p - from)};
    uint8_t flag = rd_u8(&r);
    if (flag == 1) {
        rd_i64(&r);
        rd_i64(&r);
    }
    return rd_ok(&r) && !rd_left(&r) && flag <= 1 && f->offset >= 0 && f->length >= 0 && f->offset <= INT64_MAX - f->length;
}

static bool is_meant(const struct file *f, const struct offsets_want *want)
{
    if (want->topic)
        return false;
    if (!want->file)
        return true;
    size_t n = strlen(want->file);
    if (n > f->path.n || memcmp(f->path.p + f->path.n - n, want->file, n) != 0)
        return false;
    return n == f->path.n || *want->file == '/' || f->path.p[f->path.n - n - 1] == '/';
}

/* Appends the split without its envelope. */
static bool set_file(const struct file *f, const struct offsets_want *want, struct buf *to, struct err *e)
{
    if (!want->records && (want->offset < f->offset || want->offset > f->offset + f->length))
        return err_set(e, ERR_CONVERT, "byte %lld lies outside of the split of %.*s, which is bytes %lld to %lld",
                       (long long)want->offset, (int)f->path.n, (const char *)f->path.p, (long long)f->offset,
                       (long long)(f->offset + f->length));
    wr_bytes(to, f->head);
    wr_u8(to, 1);
    wr_i64(to, want->records ? FROM_THE_FIRST : want->offset);
    wr_i64(to, want->records ? want->offset : 0);
    return true;
}

/* --- splits that readers have --- */

bool offsets_set(struct bytes split, const struct offsets_want *want, struct buf *to, bool *done, struct err *e)
{
    struct rd r = rd_of(split.p, split.n, 0);
    struct partition p;
    struct file f = {0};
    *done = false;
    int32_t version = rd_i32(&r);
    uint32_t length = rd_count(&r, 1);
    bool whole = rd_ok(&r) && length == rd_left(&r), ok = true;
    if (whole && ((version == KAFKA_VERSION && kafka(r, &p)) || (version == DYNAMIC_VERSION && dynamic(r, &p)))) {
        ok = set_kafka(split, &p, want, to, done, e);
    } else if (whole && version == FILE_VERSION && file_split(r, &f)) {
        struct buf made = {0};
        bool meant = is_meant(&f, want);
        ok = !meant || set_file(&f, want, &made, e);
        if ((*done = ok && meant)) {
            wr_i32(to, version);
            wr_bytes32(to, (struct bytes){made.p, made.n});
        }
        buf_free(&made);
    } else {
        ok = err_set(e, ERR_UNSUPPORTED, "a split that is neither of Kafka's source nor of files");
    }
    buf_free(&f.path);
    return ok;
}

/* --- splits that nobody has yet; little-endian --- */

static uint32_t rd_le32(struct rd *r)
{
    const uint8_t *p = rd_take(r, 4);
    return p ? le32(p) : 0;
}

static void wr_le32(struct buf *b, uint32_t v) { wr_u32(b, __builtin_bswap32(v)); }

static bool pending(struct rd *r, const struct offsets_want *want, struct buf *to, uint32_t *done, struct err *e)
{
    bool ok = rd_le32(r) == PENDING_MAGIC && rd_le32(r) == FILE_VERSION;
    uint32_t n = rd_le32(r);
    rd_le32(r); /* paths that have been seen; they stand behind the splits */
    wr_bytes(to, (struct bytes){r->start, (size_t)(r->p - r->start)});
    for (; ok && n && rd_ok(r); n--) {
        uint32_t length = rd_le32(r);
        struct bytes split = {rd_take(r, length), length};
        struct file f = {0};
        struct buf made = {0};
        if ((ok = split.p && file_split(rd_of(split.p, split.n, 0), &f)) && is_meant(&f, want)) {
            if ((ok = set_file(&f, want, &made, e))) {
                split = (struct bytes){made.p, made.n};
                ++*done;
            }
        }
        wr_le32(to, (uint32_t)split.n);
        wr_bytes(to, ok ? split : (struct bytes){0});
        buf_free(&f.path);
        buf_free(&made);
    }
    wr_bytes(to, (struct bytes){r->p, rd_left(r)});
    return ok && rd_ok(r);
}

bool offsets_set_pending(struct bytes state, const struct offsets_want *want, struct buf *to, uint32_t *done, struct err *e)
{
    struct rd r = rd_of(state.p, state.n, 0);
    struct buf made = {0};
    *done = 0;
    bool ours = rd_i32(&r) == COORDINATOR_VERSION && rd_i32(&r) == PENDING_VERSION;
    uint32_t length = rd_count(&r, 1);
    if (!ours || !rd_ok(&r) || length != rd_left(&r))
        return true;
    struct rd in = rd_of(r.p, length, 0);
    bool ok = pending(&in, want, &made, done, e);
    if (!ok)
        *done = 0;
    if (*done) {
        wr_i32(to, COORDINATOR_VERSION);
        wr_i32(to, PENDING_VERSION);
        wr_bytes32(to, (struct bytes){made.p, made.n});
    }
    buf_free(&made);
    return e->kind == ERR_NONE;
}
