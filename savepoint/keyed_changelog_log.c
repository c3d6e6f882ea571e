/* Reading the logs of a changelog handle: in-memory increments (InMemoryChangelogStateHandle) and files (ChangelogStreamWrapper,
 * StateChangeFormat). */
#include <string.h>

#include "savepoint/keyed_changelog.h"

enum { MAX_COPIED_GIB = 8 };

static bool add(struct change_log *log, struct change c, struct err *e)
{
    if (!c.bytes.n)
        return err_set(e, ERR_CORRUPT, "%s: an empty change in the changelog, at offset %llu", c.file, (unsigned long long)c.at);
    if (log->n == log->cap) {
        log->cap = log->cap ? log->cap * 2 : 256;
        log->v = mem_grow(log->v, log->cap, sizeof *log->v);
    }
    log->v[log->n++] = c;
    return true;
}

/* i32 length and the change, copied. */
static bool read_change(struct change_log *log, struct source *src, int32_t key_group, const char *file, struct arena *a,
                        struct err *e)
{
    if (!source_need(src, 4))
        return source_short(src);
    uint32_t n = be32(src->p);
    uint64_t at = source_pos(src) + 4;
    if (n > INT32_MAX)
        return err_set(e, ERR_CORRUPT, "%s: negative length of a change, at offset %llu", file, (unsigned long long)(at - 4));
    src->p += 4;
    if (!source_need(src, n))
        return source_short(src);
    log->copied += n;
    if (log->copied >> 30 >= MAX_COPIED_GIB)
        return err_set(e, ERR_LIMIT, "%s: a changelog of more than %d GiB", file, MAX_COPIED_GIB);
    uint8_t *copy = arena_alloc(a, n);
    memcpy(copy, src->p, n);
    src->p += n;
    return add(log, (struct change){.key_group = key_group, .bytes = {copy, n}, .file = file, .at = at}, e);
}

/* A change set: i32 key groups, each i32 changes, i32 key group, the changes. */
static bool read_set(struct change_log *log, struct source *src, const char *file, struct arena *a, struct err *e)
{
    if (!source_need(src, 4))
        return source_short(src);
    uint32_t groups = be32(src->p);
    src->p += 4;
    for (uint32_t g = 0; g < groups; g++) {
        if (!source_need(src, 8))
            return source_short(src);
        uint32_t n = be32(src->p);
        int32_t key_group = (int32_t)be32(src->p + 4);
        src->p += 8;
        for (uint32_t i = 0; i < n; i++)
            if (!read_change(log, src, key_group, file, a, e))
                return false;
    }
    return true;
}

/* The size in a file's handle does not count the flag, and is the plain size; so the file's own size counts. */
static bool open_file(struct blob *b, const struct snapshot *s, const struct meta_stream *h, bool *compressed, struct err *e)
{
    struct meta_stream all = *h;
    bool file = h->tag == HANDLE_FILE || h->tag == HANDLE_RELATIVE_FILE;
    if (file)
        all.size = 0;
    if (!blob_open(b, s, &all, e))
        return false;
    if (file)
        b->size = b->file.size;
    struct source src;
    if (!blob_source(b, 0, b->size ? 1 : 0, &src, e))
        return false;
    bool ok = source_need(&src, 1) || source_short(&src);
    *compressed = ok && src.p[0] == 1;
    source_close(&src);
    if (ok && file && !*compressed && b->size - 1 < h->size)
        return err_set(e, ERR_CORRUPT, "%s: has %llu bytes where its handle says %llu: cut off", b->name,
                       (unsigned long long)b->size, (unsigned long long)h->size + 1);
    return ok;
}

static bool read_part(struct change_log *log, const struct snapshot *s, const struct meta_part *part, struct arena *a,
                      struct err *e)
{
    struct blob b = {0};
    struct source src = {0};
    bool compressed;
    bool ok = open_file(&b, s, &part->stream, &compressed, e) && blob_source(&b, 1, UINT64_MAX, &src, e);
    if (ok && compressed)
        source_snappy(&src, true);
    if (ok && part->offset < 0)
        ok = err_set(e, ERR_CORRUPT, "%s: a changelog handle points to offset %lld", b.name, (long long)part->offset);
    ok = ok && (source_skip(&src, (uint64_t)part->offset) || source_short(&src));
    ok = ok && read_set(log, &src, arena_str(a, b.name), a, e);
    source_close(&src);
    blob_close(&b);
    return ok;
}

static bool read_memory(struct change_log *log, const struct snapshot *s, const struct meta_keyed *h, struct err *e)
{
    for (uint32_t i = 0; i < h->n_changes; i++) {
        const struct meta_change *c = &h->changes[i];
        uint64_t at = (uint64_t)(c->bytes.p - s->bytes.p);
        if (!add(log, (struct change){.key_group = c->key_group, .bytes = c->bytes, .file = s->location, .at = at}, e))
            return false;
    }
    return true;
}

bool change_log_read(struct change_log *log, const struct snapshot *s, const struct meta_keyed *h, struct arena *a, struct err *e)
{
    for (uint32_t i = 0; i < h->n_log; i++) {
        const struct meta_keyed *inc = &h->log[i];
        switch (inc->tag) {
        case HANDLE_NULL:
            break;
        case HANDLE_CHANGELOG_BYTES:
            if (!read_memory(log, s, inc, e))
                return false;
            break;
        case HANDLE_CHANGELOG_FILE:
        case HANDLE_CHANGELOG_FILE_V2:
            for (uint32_t j = 0; j < inc->n_parts; j++)
                if (!read_part(log, s, &inc->parts[j], a, e))
                    return false;
            break;
        default:
            return err_set(e, ERR_CORRUPT, "%s: the handle at offset %llu is in a changelog's log, but is a %s", s->location,
                           (unsigned long long)inc->at, handle_name(inc->tag));
        }
    }
    return true;
}
