#include "migrate/fingerprint.h"

#include <stdlib.h>
#include <string.h>

#include "migrate/streams.h"

struct handles {
    const struct meta_stream **v;
    size_t n;
};

static void gather(void *ctx, const struct meta_stream *s)
{
    struct handles *h = ctx;
    if (s->tag != HANDLE_FILE && s->tag != HANDLE_RELATIVE_FILE && s->tag != HANDLE_SEGMENT_FILE)
        return;
    if (!(h->n & (h->n - 1)))
        h->v = mem_grow(h->v, h->n ? h->n * 2 : 1, sizeof(struct meta_stream *));
    h->v[h->n++] = s;
}

static int by_bytes(const void *a, const void *b)
{
    const struct meta_stream *x = *(const struct meta_stream *const *)a, *y = *(const struct meta_stream *const *)b;
    int c = strcmp(x->path, y->path);
    if (c)
        return c;
    return x->start != y->start ? (x->start > y->start) - (x->start < y->start) : (x->size > y->size) - (x->size < y->size);
}

static int by_place(const void *a, const void *b)
{
    const struct meta_stream *x = *(const struct meta_stream *const *)a, *y = *(const struct meta_stream *const *)b;
    return (x->at > y->at) - (x->at < y->at);
}

/* Each part of a file once: the handle that comes first. */
static void once(struct handles *h)
{
    size_t kept = 0;
    if (h->n)
        qsort(h->v, h->n, sizeof(struct meta_stream *), by_bytes);
    for (size_t i = 0; i < h->n; i++) {
        if (!kept || by_bytes(&h->v[kept - 1], &h->v[i]))
            h->v[kept++] = h->v[i];
        else if (h->v[i]->at < h->v[kept - 1]->at)
            h->v[kept - 1] = h->v[i];
    }
    h->n = kept;
    if (kept)
        qsort(h->v, kept, sizeof(struct meta_stream *), by_place);
}

static bool add(struct sha256 *sha, const struct snapshot *s, const struct meta_stream *h, struct progress *progress, struct err *e)
{
    struct blob b;
    struct source src;
    if (!blob_open(&b, s, h, e))
        return false;
    bool ok = blob_source(&b, 0, UINT64_MAX, &src, e);
    while (ok && source_need(&src, 1)) {
        sha256_add(sha, src.p, source_have(&src));
        progress_add(progress, source_have(&src));
        source_skip(&src, source_have(&src));
    }
    if (ok)
        source_close(&src);
    blob_close(&b);
    return ok && e->kind == ERR_NONE;
}

bool fingerprint(struct fingerprint *f, const struct snapshot *s, struct progress *progress, struct err *e)
{
    struct sha256 sha = {0};
    struct handles h = {0};
    uint8_t digest[32];
    bool ok = true;
    each_stream(&s->meta, gather, &h);
    once(&h);
    *f = (struct fingerprint){.bytes = s->bytes.n, .files = (uint32_t)h.n};
    sha256_add(&sha, s->bytes.p, s->bytes.n);
    for (size_t i = 0; ok && i < h.n; i++) {
        f->bytes += h.v[i]->size;
        ok = add(&sha, s, h.v[i], progress, e);
    }
    sha256_end(&sha, digest);
    digest_hex(digest, sizeof digest, f->sha256.s);
    free(h.v);
    return ok;
}

bool fingerprint_file(struct fingerprint *f, const char *location, struct err *e)
{
    struct store_file file = {0};
    struct sha256 sha = {0};
    uint8_t digest[32], some[64 << 10];
    bool ok = store_open(&file, location, e);
    *f = (struct fingerprint){.bytes = file.size, .files = 1};
    for (uint64_t at = 0; ok && at < file.size;) {
        size_t n = file.size - at < sizeof some ? (size_t)(file.size - at) : sizeof some;
        ok = store_read(&file, at, some, n, e);
        sha256_add(&sha, some, n);
        at += n;
    }
    sha256_end(&sha, digest);
    digest_hex(digest, sizeof digest, f->sha256.s);
    store_close(&file);
    return ok;
}
