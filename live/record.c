/* Writing recordings. */
#include "live/record.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/human.h"
#include "base/zstd_stream.h"
#include "live/record_format.h"

enum { FLUSH_MS = 1000 };

static const struct shape_field title[] = {
    TEXT(record_title, weir, "weir"),
    INT(record_title, format_version, "formatVersion"),
    TEXT(record_title, made_by, "madeBy"),
    TEXT(record_title, url, "url"),
    SHAPE_END,
};
const struct shape shape_record_title = {.size = sizeof(struct record_title), .fields = title};

static const struct shape_field head[] = {
    SPAN(record_head, at_ms, "atMs"),    SPAN(record_head, took_ms, "tookMs"),
    TEXT(record_head, method, "method"), TEXT(record_head, path, "path"),
    SPAN(record_head, status, "status"), BOOL(record_head, page, "page"),
    BOOL(record_head, away, "away"),     TEXT(record_head, error, "error"),
    SPAN(record_head, bytes, "bytes"),   SHAPE_END,
};
const struct shape shape_record_head = {.size = sizeof(struct record_head), .fields = head};

struct recorder {
    char *path;
    int fd;
    uint64_t limit;
    struct zstd_writer *to;
    struct buf line;
    uint64_t frame;               /* bytes in it, unpacked */
    int64_t frame_ms, flushed_ms; /* when: monotonic */
    int64_t at_ms;                /* of the last record */
};

static bool put_line(struct recorder *r, const struct shape *s, const void *v, struct err *e)
{
    struct jsonw w = {.out = &r->line};
    r->line.n = 0;
    shape_write(s, v, &w, true);
    buf_putc(&r->line, '\n');
    r->frame += r->line.n;
    return zstd_write(r->to, r->line.p, r->line.n, e);
}

static bool end_frame(struct recorder *r, struct err *e)
{
    r->frame = 0;
    return zstd_flush(r->to, true, e);
}

struct recorder *recorder_open(const char *path, const char *url, uint64_t limit, struct err *e)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0600);
    if (fd < 0 && errno == EEXIST)
        err_set(e, ERR_REFUSED, "%s: is there already; a recording is written into a new file", path);
    else if (fd < 0)
        err_set(e, ERR_IO, "%s: cannot be made: %s", path, strerror(errno));
    if (fd < 0)
        return NULL;
    struct recorder *r = mem_zalloc(sizeof *r);
    r->fd = fd;
    r->path = mem_strdup(path);
    r->limit = limit;
    r->to = zstd_writer_new(fd, e);
    const struct record_title t = {"recording", RECORD_VERSION, "weir " WEIR_VERSION, url};
    if (r->to && put_line(r, &shape_record_title, &t, e) && end_frame(r, e))
        return r;
    err_in(e, "%s", path);
    recorder_close(r, e);
    return NULL;
}

static bool put(struct recorder *r, const struct http_exchange *x, struct err *e)
{
    int64_t now = clock_monotonic_ms(), wall = clock_wall_ms();
    bool fits = x->answer.n <= RECORD_BODY_MAX;
    const size_t n = !x->err.kind && fits ? x->answer.n : 0;
    if (!r->frame)
        r->frame_ms = now;
    r->at_ms = wall > r->at_ms ? wall : r->at_ms;
    const struct record_head h = {
        .at_ms = r->at_ms,
        .took_ms = x->took_ms,
        .method = http_method_words[x->method],
        .path = x->path,
        .status = x->err.kind || !fits ? 0 : x->status,
        .page = x->page ? LIVE_YES : LIVE_NO,
        .away = x->away ? LIVE_YES : LIVE_NO,
        .error = x->err.kind ? x->err.text
            : fits           ? NULL
                             : "the answer was too large to be recorded",
        .bytes = (int64_t)n,
    };
    if (!put_line(r, &shape_record_head, &h, e) || !zstd_write(r->to, x->answer.p, n, e) || !zstd_write(r->to, "\n", 1, e))
        return false;
    r->frame += n + 1;
    bool end = r->frame >= RECORD_FRAME || now - r->frame_ms >= RECORD_FRAME_MS;
    if (end || now - r->flushed_ms >= FLUSH_MS) {
        r->flushed_ms = now;
        if (end ? !end_frame(r, e) : !zstd_flush(r->to, false, e))
            return false;
    }
    return !r->limit || zstd_written(r->to) < r->limit ||
        err_set(e, ERR_LIMIT, "has its %s: the recording has ended", human_bytes(r->limit).s);
}

bool recorder_put(struct recorder *r, const struct http_exchange *x, struct err *e)
{
    return put(r, x, e) || err_in(e, "%s", r->path);
}

uint64_t recorder_bytes(const struct recorder *r) { return zstd_written(r->to); }

bool recorder_close(struct recorder *r, struct err *e)
{
    if (!r)
        return true;
    struct err end = {0};
    if (r->to && r->frame)
        end_frame(r, &end);
    if (close(r->fd) != 0)
        err_set(&end, ERR_IO, "cannot be written: %s", strerror(errno));
    if (end.kind)
        err_set(e, end.kind, "%s: %s", r->path, end.text);
    zstd_writer_free(r->to);
    buf_free(&r->line);
    free(r->path);
    free(r);
    return !end.kind;
}
