#include "base/unpack.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>
#include <zstd.h>

enum { PACKED = 64 << 10, GZIP = 16 /* in zlib's windowBits */ };

struct form {
    const char *extension, *name;
    bool (*open)(struct unpack *u);
    /* Takes from [from, to) of the packed bytes and gives at most n. False: malformed, u->why may say how. */
    bool (*some)(struct unpack *u, uint8_t *out, size_t n, size_t *given);
    void (*close)(struct unpack *u);
    bool may_be_empty; /* no bytes at all are a file without any */
    int bits;
};

struct unpack {
    const struct form *form;
    z_stream z;
    ZSTD_DStream *zstd;
    const char *why;
    bool within; /* a member or frame */
    bool begun, no_more;
    size_t from, to;
    uint8_t packed[PACKED];
};

/* --- zlib --- */

static bool open_zlib(struct unpack *u) { return inflateInit2(&u->z, MAX_WBITS + u->form->bits) == Z_OK; }
static void close_zlib(struct unpack *u) { inflateEnd(&u->z); }

static bool some_zlib(struct unpack *u, uint8_t *out, size_t n, size_t *given)
{
    u->z.next_in = u->packed + u->from;
    u->z.avail_in = (uInt)(u->to - u->from);
    u->z.next_out = out;
    u->z.avail_out = (uInt)(n < UINT_MAX ? n : UINT_MAX);
    uInt room = u->z.avail_out;
    if (!u->within && inflateReset(&u->z) != Z_OK)
        return false;
    u->within = true;
    int got = inflate(&u->z, Z_NO_FLUSH);
    u->from = u->to - u->z.avail_in;
    *given = room - u->z.avail_out;
    u->within = got != Z_STREAM_END;
    u->why = u->z.msg;
    return got == Z_OK || got == Z_STREAM_END || got == Z_BUF_ERROR; /* the last one: it wants more, or more room */
}

/* --- Zstandard --- */

static bool open_zstd(struct unpack *u) { return (u->zstd = ZSTD_createDStream()) != NULL; }
static void close_zstd(struct unpack *u) { ZSTD_freeDStream(u->zstd); }

static bool some_zstd(struct unpack *u, uint8_t *out, size_t n, size_t *given)
{
    ZSTD_inBuffer in = {u->packed, u->to, u->from};
    ZSTD_outBuffer to = {out, n, 0};
    size_t got = ZSTD_decompressStream(u->zstd, &to, &in);
    u->from = in.pos;
    *given = to.pos;
    u->within = got != 0;
    u->why = ZSTD_isError(got) ? ZSTD_getErrorName(got) : NULL;
    return !ZSTD_isError(got);
}

/* --- any --- */

static const struct form forms[] = {
    {"gz", "gzip", open_zlib, some_zlib, close_zlib, false, GZIP},
    {"gzip", "gzip", open_zlib, some_zlib, close_zlib, false, GZIP},
    {"deflate", "deflate", open_zlib, some_zlib, close_zlib, false, 0},
    {"zst", "Zstandard", open_zstd, some_zstd, close_zstd, true, 0},
    {"bz2", "bzip2", NULL, NULL, NULL, false, 0},
    {"xz", "xz", NULL, NULL, NULL, false, 0},
};

bool unpack_open(struct unpack **u, const char *path, struct err *e)
{
    const char *slash = strrchr(path, '/'), *dot = strrchr(slash ? slash : path, '.');
    *u = NULL;
    for (size_t i = 0; dot && i < sizeof forms / sizeof *forms; i++) {
        if (strcmp(dot + 1, forms[i].extension) != 0)
            continue;
        if (!forms[i].open)
            return err_set(e, ERR_UNSUPPORTED, "%s: unpacking %s is not there yet; gzip, deflate and Zstandard are", path,
                           forms[i].name);
        *u = mem_zalloc(sizeof **u);
        (*u)->form = &forms[i];
        if (forms[i].open(*u))
            return true;
        free(*u);
        *u = NULL;
        return err_set(e, ERR_LIMIT, "%s: no memory to unpack it", path);
    }
    return true;
}

/* More packed bytes, where there are none at hand. False: e. */
static bool refill(struct unpack *u, unpack_source *source, void *ctx, struct err *e)
{
    if (u->from < u->to || u->no_more)
        return true;
    ptrdiff_t got = source(ctx, u->packed, PACKED, e);
    if (got < 0)
        return false;
    u->from = 0;
    u->to = (size_t)got;
    u->no_more = !got;
    u->begun = u->begun || got;
    return true;
}

ptrdiff_t unpack_read(struct unpack *u, unpack_source *source, void *ctx, void *to, size_t n, struct err *e)
{
    size_t given = 0;
    while (!given) {
        if (!refill(u, source, ctx, e))
            return -1;
        if (u->no_more && !u->within && (u->begun || u->form->may_be_empty))
            return 0;
        size_t had = u->to - u->from;
        if (!u->form->some(u, to, n, &given))
            return err_set(e, ERR_CORRUPT, "it is malformed for a file of %s%s%s", u->form->name, u->why ? ": " : "",
                           u->why ? u->why : ""),
                   -1;
        if (!given && u->no_more && had == u->to - u->from)
            return err_set(e, ERR_CORRUPT, "it ends within what %s has packed", u->form->name), -1;
    }
    return (ptrdiff_t)given;
}

void unpack_close(struct unpack *u)
{
    if (u)
        u->form->close(u);
    free(u);
}
