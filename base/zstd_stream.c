#include "base/zstd_stream.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zstd.h>

enum { LEVEL = 5, WINDOW_LOG = 21, WINDOW_LOG_MAX = 23, IN_BYTES = 64 << 10, OUT_BYTES = 128 << 10 };

/* --- writing --- */

struct zstd_writer {
    ZSTD_CCtx *zstd;
    int fd;
    uint64_t written;
    uint8_t out[OUT_BYTES];
};

struct zstd_writer *zstd_writer_new(int fd, struct err *e)
{
    struct zstd_writer *w = mem_zalloc(sizeof *w);
    w->fd = fd;
    w->zstd = ZSTD_createCCtx();
    if (w->zstd && !ZSTD_isError(ZSTD_CCtx_setParameter(w->zstd, ZSTD_c_compressionLevel, LEVEL)) &&
        !ZSTD_isError(ZSTD_CCtx_setParameter(w->zstd, ZSTD_c_windowLog, WINDOW_LOG)) &&
        !ZSTD_isError(ZSTD_CCtx_setParameter(w->zstd, ZSTD_c_checksumFlag, 1)))
        return w;
    err_set(e, ERR_IO, "Zstandard cannot be set up");
    zstd_writer_free(w);
    return NULL;
}

void zstd_writer_free(struct zstd_writer *w)
{
    if (!w)
        return;
    ZSTD_freeCCtx(w->zstd);
    free(w);
}

static bool put(struct zstd_writer *w, size_t n, struct err *e)
{
    for (size_t done = 0; done < n;) {
        ssize_t k = write(w->fd, w->out + done, n - done);
        if (k < 0 && errno == EINTR)
            continue;
        if (k <= 0)
            return err_set(e, ERR_IO, "cannot be written: %s", strerror(errno));
        done += (size_t)k;
        w->written += (uint64_t)k;
    }
    return true;
}

static bool compress(struct zstd_writer *w, const void *p, size_t n, ZSTD_EndDirective what, struct err *e)
{
    ZSTD_inBuffer in = {p, n, 0};
    for (size_t left = 1; what == ZSTD_e_continue ? in.pos < in.size : left > 0;) {
        ZSTD_outBuffer out = {w->out, sizeof w->out, 0};
        left = ZSTD_compressStream2(w->zstd, &out, &in, what);
        if (ZSTD_isError(left))
            return err_set(e, ERR_IO, "cannot be compressed: %s", ZSTD_getErrorName(left));
        if (!put(w, out.pos, e))
            return false;
    }
    return true;
}

bool zstd_write(struct zstd_writer *w, const void *p, size_t n, struct err *e) { return compress(w, p, n, ZSTD_e_continue, e); }

bool zstd_flush(struct zstd_writer *w, bool end, struct err *e) { return compress(w, NULL, 0, end ? ZSTD_e_end : ZSTD_e_flush, e); }

uint64_t zstd_written(const struct zstd_writer *w) { return w->written; }

bool zstd_write_frame(int fd, const void *p, size_t n, struct err *e)
{
    struct zstd_writer *w = zstd_writer_new(fd, e);
    bool done = w && compress(w, p, n, ZSTD_e_end, e); /* Zstandard knows the size then, and takes less memory */
    zstd_writer_free(w);
    return done;
}

/* --- reading --- */

struct zstd_reader {
    ZSTD_DCtx *zstd;
    int fd;
    uint64_t in_at; /* in the file, of in[0] */
    size_t in_n;
    uint8_t in[IN_BYTES];
};

struct zstd_reader *zstd_reader_new(int fd)
{
    struct zstd_reader *r = mem_zalloc(sizeof *r);
    r->fd = fd;
    r->zstd = ZSTD_createDCtx();
    if (r->zstd)
        ZSTD_DCtx_setParameter(r->zstd, ZSTD_d_windowLogMax, WINDOW_LOG_MAX);
    return r;
}

void zstd_reader_free(struct zstd_reader *r)
{
    if (!r)
        return;
    ZSTD_freeDCtx(r->zstd);
    free(r);
}

/* The file's bytes from `at` on; none at its end, or with e set. */
static struct bytes take(struct zstd_reader *r, uint64_t at, struct err *e)
{
    if (at < r->in_at || at - r->in_at >= r->in_n) {
        ssize_t n;
        do
            n = pread(r->fd, r->in, sizeof r->in, (off_t)at);
        while (n < 0 && errno == EINTR);
        if (n < 0)
            err_set(e, ERR_IO, "cannot be read: %s", strerror(errno));
        r->in_at = at;
        r->in_n = n > 0 ? (size_t)n : 0;
    }
    return (struct bytes){r->in + (at - r->in_at), r->in_n - (size_t)(at - r->in_at)};
}

/* Unpacks `in` behind what is in `to`, of which at most `end` bytes may become. Less than 0: e is set; 0: the frame has ended. */
static int unpack(struct zstd_reader *r, ZSTD_inBuffer *in, size_t end, struct buf *to, struct err *e)
{
    for (bool full = true; full || in->pos < in->size;) {
        size_t room = end - to->n < OUT_BYTES ? end - to->n : OUT_BYTES;
        buf_reserve(to, room + 1);
        ZSTD_outBuffer out = {to->p + to->n, room + 1, 0}; /* one more: to see that there is too much */
        size_t left = ZSTD_decompressStream(r->zstd, &out, in);
        to->n += out.pos;
        full = out.pos == out.size;
        if (ZSTD_isError(left))
            err_set(e, ERR_CORRUPT, "is damaged, or not written by weir: %s", ZSTD_getErrorName(left));
        else if (to->n > end)
            err_set(e, ERR_LIMIT, "unpacks to more than weir writes at once");
        if (e->kind)
            return -1;
        if (left == 0)
            return 0;
    }
    return 1;
}

enum zstd_got zstd_read_frame(struct zstd_reader *r, uint64_t *at, size_t max, struct buf *to, struct err *e)
{
    uint64_t start = *at, pos = start;
    size_t end = to->n + max;
    if (r->zstd)
        ZSTD_DCtx_reset(r->zstd, ZSTD_reset_session_only);
    else
        err_set(e, ERR_IO, "Zstandard cannot be set up");
    for (int state = 1; !e->kind;) {
        struct bytes some = take(r, pos, e);
        if (!some.n)
            break;
        ZSTD_inBuffer in = {some.p, some.n, 0};
        state = unpack(r, &in, end, to, e);
        pos += in.pos;
        if (state == 0) {
            *at = pos;
            return ZSTD_FRAME;
        }
    }
    if (e->kind)
        err_in(e, "byte %llu", (unsigned long long)start);
    return e->kind ? ZSTD_BAD : pos == start ? ZSTD_NOTHING : ZSTD_CUT;
}
