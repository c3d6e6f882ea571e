#include "runtime/lines.h"

#include <stdlib.h>
#include <string.h>

enum { CHUNK = 256 << 10, LINE_MAX_BYTES = 64 << 20 };

static ptrdiff_t packed_bytes(void *ctx, void *to, size_t n, struct err *e)
{
    struct lines *l = ctx;
    return l->world->read(l->world->ctx, l->file, to, n, e);
}

static ptrdiff_t bytes(struct lines *l, void *to, size_t n, struct err *e)
{
    return l->packed ? unpack_read(l->packed, packed_bytes, l, to, n, e) : packed_bytes(l, to, n, e);
}

/* What is packed has no places: it is unpacked again. */
static bool skip(struct lines *l, uint64_t n, struct err *e)
{
    uint8_t some[4096];
    while (n) {
        ptrdiff_t got = bytes(l, some, n < sizeof some ? (size_t)n : sizeof some, e);
        if (got < 0)
            return err_in(e, "%s", l->path);
        if (!got)
            return err_set(e, ERR_CORRUPT, "%s: it is shorter than when it was read before", l->path);
        n -= (uint64_t)got;
    }
    return true;
}

bool lines_open(struct lines *l, const struct world *w, const char *path, uint64_t at, uint64_t line, struct err *e)
{
    *l = (struct lines){.world = w, .path = path, .file = w->open(w->ctx, path, e), .at = at, .line = line};
    if (l->file < 0 || !unpack_open(&l->packed, path, e))
        return false;
    return !at || (l->packed ? skip(l, at, e) : w->seek(w->ctx, l->file, at, e));
}

/* More bytes behind those that are there. */
static bool fill(struct lines *l, struct err *e)
{
    if (l->from) {
        memmove(l->buffer, l->buffer + l->from, l->to - l->from);
        l->to -= l->from;
        l->from = 0;
    }
    if (l->cap - l->to < CHUNK) {
        l->cap = l->cap ? l->cap * 2 : 2 * CHUNK;
        l->buffer = mem_grow(l->buffer, l->cap, 1);
    }
    ptrdiff_t got = bytes(l, l->buffer + l->to, CHUNK, e);
    if (got < 0)
        return err_in(e, "%s", l->path);
    l->at_end = !got;
    l->to += (size_t)got;
    return l->to <= LINE_MAX_BYTES ||
        err_set(e, ERR_LIMIT, "%s: line %llu is longer than 64 MiB", l->path, (unsigned long long)l->line + 1);
}

enum lines_got lines_ready(struct lines *l, struct err *e)
{
    size_t looked = 0; /* bytes behind `from` in which there is no end of a line */
    while (!l->at_end && (l->from + looked >= l->to || !memchr(l->buffer + l->from + looked, '\n', l->to - l->from - looked))) {
        looked = l->to - l->from;
        if (l->may_pause && !l->world->ready(l->world->ctx, l->file, 0))
            return LINES_LATER;
        if (!fill(l, e))
            return LINES_FAILED;
    }
    return l->from < l->to ? LINES_SOME : LINES_END;
}

bool lines_next(struct lines *l, struct bytes *line)
{
    const uint8_t *p = l->buffer + l->from, *end = l->from < l->to ? memchr(p, '\n', l->to - l->from) : NULL;
    if (!end && (!l->at_end || l->from == l->to))
        return false;
    size_t n = end ? (size_t)(end - p) : l->to - l->from;
    *line = (struct bytes){p, n};
    l->from += n + (end != NULL);
    l->at += n + (end != NULL);
    l->line++;
    return true;
}

void lines_close(struct lines *l)
{
    if (l->world && l->file >= 0)
        l->world->close(l->world->ctx, l->file);
    unpack_close(l->packed);
    free(l->buffer);
    *l = (struct lines){.file = -1};
}
