#include "savepoint/source.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/snappy_frame.h"

enum {
    STRIDE = 16 << 20,    /* mapped: how far the window reaches, and how much is given back at once */
    GIVE_BACK = 64 << 10, /* mapped: less is not worth a system call */
    BLOCK = 256 << 10     /* read: bytes asked for at once, at least */
};

static const uint8_t nothing[1]; /* an empty window that is no null pointer */

static size_t smaller(uint64_t a, uint64_t b) { return (size_t)(a < b ? a : b); }

/* Gives the pages of a mapped file before file position `to` back to the system: they are clean and come again when touched. */
static void give_back(struct source *s, uint64_t to)
{
    uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
    uint64_t from = (s->kept + page - 1) / page * page;
    to = to / page * page;
    if (to < from + GIVE_BACK)
        return;
    madvise((void *)(s->file->map + from), to - from, MADV_DONTNEED);
    s->kept = to;
}

static bool fill_mapped(struct source *s)
{
    size_t n = smaller(STRIDE, s->limit - s->next);
    if (!n)
        return false;
    give_back(s, source_pos(s));
    s->end += n;
    s->next += n;
    s->pos += n;
    return true;
}

/* Room for `more` bytes behind end. */
static void make_room(struct source *s, size_t more)
{
    size_t have = source_have(s), at = s->own ? (size_t)(s->p - s->own) : 0;
    if (s->own && s->cap - at - have >= more)
        return;
    if (s->cap < have + more) {
        size_t cap = s->cap * 2 > have + more ? s->cap * 2 : have + more;
        uint8_t *own = mem_alloc(cap);
        if (have)
            memcpy(own, s->p, have);
        free(s->own);
        s->own = own;
        s->cap = cap;
    } else if (have) {
        memmove(s->own, s->p, have);
    }
    s->p = s->own;
    s->end = s->own + have;
}

static bool fill_read(struct source *s)
{
    size_t n = smaller(source_have(s) > BLOCK ? source_have(s) : BLOCK, s->limit - s->next);
    if (!n)
        return false;
    make_room(s, n);
    if (!store_read(s->file, s->next, s->own + (s->end - s->own), n, s->e))
        return false;
    s->end += n;
    s->next += n;
    s->pos += n;
    return true;
}

static bool fill_bytes(struct source *s)
{
    (void)s;
    return false;
}

void source_file(struct source *s, struct store_file *f, uint64_t off, uint64_t len, struct err *e)
{
    *s = (struct source){
        .p = nothing, .end = nothing, .pos = off, .e = e, .file = f, .next = off, .limit = off, .kept = off, .name = f->location};
    s->fill = f->map ? fill_mapped : fill_read;
    if (off > f->size || len > f->size - off) {
        err_set(e, ERR_CORRUPT, "%s: %llu bytes are wanted at %llu, but it has only %llu; is the copy complete?", f->location,
                (unsigned long long)len, (unsigned long long)off, (unsigned long long)f->size);
        return;
    }
    s->limit = off + len;
    if (f->map) {
        s->p = s->end = f->map + off;
        fill_mapped(s);
    }
}

void source_bytes(struct source *s, const void *p, size_t n, const char *name, uint64_t origin, struct err *e)
{
    const uint8_t *from = n ? p : nothing;
    *s = (struct source){.p = from, .end = from + n, .pos = origin + n, .fill = fill_bytes, .e = e, .name = name};
}

/* A fault in the framed bytes, `at` being the position of the chunk in them. */
static bool snappy_fault(struct source *s, uint64_t at, const char *why)
{
    return err_set(s->e, ERR_CORRUPT, "%s: %s at byte %llu; the file is damaged, copy it again", s->name, why,
                   (unsigned long long)at);
}

/* Unpacks one chunk with data behind end. */
static bool fill_snappy(struct source *s)
{
    struct source *in = s->inner;
    for (;;) {
        if (!source_need(in, 1))
            return false;
        uint64_t at = source_pos(in);
        if (!source_need(in, SNAPPY_HEAD))
            return snappy_fault(s, at, "a Snappy chunk that is cut off");
        uint8_t type = in->p[0];
        size_t n, plain;
        const char *why;
        enum snappy_step step = snappy_head(in->p, &n, &why);
        if (step == SNAPPY_BAD)
            return snappy_fault(s, at, why);
        if (step != SNAPPY_IDENTIFIER && !s->framed)
            return snappy_fault(s, at, "no Snappy stream identifier");
        if (step == SNAPPY_SKIP) {
            if (!source_skip(in, SNAPPY_HEAD + n))
                return snappy_fault(s, at, "a Snappy chunk that is cut off");
            continue;
        }
        if (!source_need(in, SNAPPY_HEAD + n))
            return snappy_fault(s, at, "a Snappy chunk that is cut off");
        const uint8_t *body = in->p + SNAPPY_HEAD;
        if (step == SNAPPY_IDENTIFIER) {
            if (!snappy_identifier(body, n, &why))
                return snappy_fault(s, at, why);
            s->framed = true;
            in->p += SNAPPY_HEAD + n;
            continue;
        }
        make_room(s, SNAPPY_PLAIN_MAX);
        if (!snappy_data(type, body, n, s->own + (s->end - s->own), &plain, &why))
            return snappy_fault(s, at, why);
        in->p += SNAPPY_HEAD + n;
        s->end += plain;
        s->pos += plain;
        if (plain)
            return true;
    }
}

void source_snappy(struct source *s, bool need_identifier)
{
    struct source *inner = mem_alloc(sizeof *inner);
    *inner = *s;
    *s = (struct source){.p = nothing,
                         .end = nothing,
                         .fill = fill_snappy,
                         .e = inner->e,
                         .file = inner->file,
                         .name = inner->name,
                         .inner = inner,
                         .framed = !need_identifier};
}

void source_close(struct source *s)
{
    if (s->inner) {
        source_close(s->inner);
        free(s->inner);
    } else if (s->fill == fill_mapped) {
        give_back(s, s->next);
    }
    free(s->own);
    *s = (struct source){0};
}

bool source_grow(struct source *s, size_t n)
{
    while (source_have(s) < n)
        if (s->e->kind != ERR_NONE || !s->fill(s))
            return false;
    return true;
}

bool source_skip(struct source *s, uint64_t n)
{
    while (n > source_have(s)) {
        n -= source_have(s);
        s->p = s->end;
        if (s->fill == fill_read) { /* nothing of it need be fetched */
            uint64_t left = s->limit - s->next, step = n < left ? n : left;
            s->next += step;
            s->pos += step;
            return step == n;
        }
        if (s->e->kind != ERR_NONE || !s->fill(s))
            return false;
    }
    s->p += n;
    return true;
}

bool source_short(struct source *s)
{
    return err_set(s->e, ERR_CORRUPT, "%s: ends too early, at byte %llu; is the copy complete?", s->name,
                   (unsigned long long)(s->inner ? source_pos(s->inner) : s->pos));
}
