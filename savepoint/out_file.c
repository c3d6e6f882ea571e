#include "savepoint/out_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

enum { BUFFER = 256 << 10 };

struct uuid uuid_random(void)
{
    uint8_t r[16];
    struct uuid u = {{0}};
    if (getrandom(r, sizeof r, 0) != sizeof r)
        abort(); /* 16 bytes are never cut short */
    r[6] = (r[6] & 0x0f) | 0x40;
    r[8] = (r[8] & 0x3f) | 0x80;
    char *to = u.s;
    for (int i = 0; i < 16; i++)
        to += sprintf(to, i == 4 || i == 6 || i == 8 || i == 10 ? "-%02x" : "%02x", r[i]);
    return u;
}

static bool cannot(const char *path, struct err *e) { return err_set(e, ERR_IO, "cannot write %s: %s", path, strerror(errno)); }

void out_open(struct out_file *f, const char *dir, uint64_t keep) { *f = (struct out_file){.dir = dir, .fd = -1, .keep = keep}; }

bool out_create(struct out_file *f, const char *dir, const char *name, struct err *e)
{
    if (!f->dir)
        out_open(f, dir, 0);
    f->path = mem_alloc(strlen(dir) + strlen(name) + 2);
    sprintf(f->path, "%s/%s", dir, name);
    f->fd = open(f->path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    return f->fd >= 0 || cannot(f->path, e);
}

static bool write_at(struct out_file *f, const uint8_t *p, size_t n, uint64_t at, struct err *e)
{
    while (n) {
        ssize_t done = pwrite(f->fd, p, n, (off_t)at);
        if (done < 0 && errno == EINTR)
            continue;
        if (done <= 0)
            return cannot(f->path, e);
        p += done;
        n -= (size_t)done;
        at += (uint64_t)done;
    }
    return true;
}

static bool flush(struct out_file *f, struct err *e)
{
    if (f->keep == OUT_NOWHERE) {
        f->flushed += f->buf.n;
        f->buf.n = 0;
        return true;
    }
    if (f->fd < 0 && !out_create(f, f->dir, uuid_random().s, e))
        return false;
    if (!write_at(f, f->buf.p, f->buf.n, f->flushed, e))
        return false;
    f->flushed += f->buf.n;
    f->buf.n = 0;
    return true;
}

bool out_put(struct out_file *f, const void *p, size_t n, struct err *e)
{
    if (n)
        buf_put(&f->buf, p, n);
    return f->buf.n <= BUFFER || (out_pos(f) <= f->keep && f->keep != OUT_NOWHERE) || flush(f, e);
}

bool out_patch(struct out_file *f, uint64_t at, const void *p, size_t n, struct err *e)
{
    if (at >= f->flushed) {
        memcpy(f->buf.p + (at - f->flushed), p, n);
        return true;
    }
    return (at + n <= f->flushed || flush(f, e)) && (f->keep == OUT_NOWHERE || write_at(f, p, n, at, e));
}

bool out_sync(struct out_file *f, struct err *e)
{
    bool ok = flush(f, e);
    if (ok && fsync(f->fd))
        ok = cannot(f->path, e);
    if (f->fd >= 0 && close(f->fd) && ok)
        ok = cannot(f->path, e);
    f->fd = -1;
    out_drop(f);
    return ok;
}

bool out_end(struct out_file *f, struct meta_stream *h, struct arena *a, struct err *e)
{
    uint64_t size = out_pos(f);
    if (f->keep == OUT_NOWHERE) {
        *h = (struct meta_stream){.tag = HANDLE_BYTE_STREAM, .path = "", .size = size};
        out_drop(f);
        return true;
    }
    if (!f->path && size <= f->keep) {
        uint8_t *copy = arena_alloc(a, size);
        if (size)
            memcpy(copy, f->buf.p, size);
        *h = (struct meta_stream){
            .tag = HANDLE_BYTE_STREAM, .path = arena_str(a, uuid_random().s), .size = size, .inl = {copy, size}};
        out_drop(f);
        return true;
    }
    if (!flush(f, e)) {
        out_drop(f);
        return false;
    }
    *h = (struct meta_stream){.tag = HANDLE_RELATIVE_FILE, .path = arena_str(a, strrchr(f->path, '/') + 1), .size = size};
    return out_sync(f, e);
}

void out_drop(struct out_file *f)
{
    if (f->dir && f->fd >= 0)
        close(f->fd);
    buf_free(&f->buf);
    free(f->path);
    *f = (struct out_file){.fd = -1};
}

bool out_sync_dir(const char *dir, struct err *e)
{
    int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool ok = fd >= 0 && !fsync(fd);
    if (!ok)
        cannot(dir, e);
    if (fd >= 0)
        close(fd);
    return ok;
}
