/* Reading recordings. The file is hostile: every line is parsed with bounds, each time it is looked at. */
#include <errno.h>
#include <fcntl.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/zstd_stream.h"
#include "live/answer.h"
#include "live/record.h"
#include "live/record_format.h"

enum {
    ANSWERS_MAX = 4000000,
    PATHS_MAX = 100000,    /* different questions, … */
    PATH_BYTES = 64 << 20, /* … and their length together */
    RATIO_MAX = 1000,      /* a file unpacks to at most so many times its size, */
    RATIO_FREE = 64 << 20, /* when it is more than that */
    CACHED = 4,            /* frames that stay unpacked */
    CACHED_MAX = 96 << 20  /* bytes in them, but for the one that is in use */
};
static const int64_t YEAR_9999_MS = 253402300799000;

struct path {
    const char *text;
    uint32_t number;
};

struct cached {
    uint64_t frame;
    struct buf text;
    uint64_t used; /* 0: never */
};

struct recording_inside {
    int fd;
    char *name;
    struct zstd_reader *reader;
    struct arena arena;
    void *tree; /* of struct path, by text */
    const struct path **paths;
    uint32_t n_paths;
    size_t path_bytes;
    uint32_t *order, *first; /* answers by path and time; where each path begins in that */
    int64_t good_start_ms;   /* of the latest good exchange */
    struct cached cache[CACHED];
    uint64_t uses;
    struct arena line; /* of the line that was read last */
};

/* The record at *at in the text of a frame; *at goes behind it. False: it is not whole, or e is set. */
static bool read_record(struct bytes text, size_t *at, struct record_head *h, struct bytes *body, struct arena *a, struct err *e)
{
    const uint8_t *line = text.p + *at, *end = memchr(line, '\n', text.n - *at);
    if (!end)
        return false;
    struct jsonr r = {0};
    jsonr_start(&r, line, (size_t)(end - line));
    shape_clear(&shape_record_head, h);
    bool object = jsonr_peek(&r) == JSONR_OBJECT;
    if (object)
        shape_read(&shape_record_head, &r, a, h);
    bool good = object && jsonr_end(&r) && live_has(h->at_ms) && h->at_ms < YEAR_9999_MS && h->method && h->path &&
        live_has(h->bytes) && (h->error || (h->status >= 100 && h->status < 1000));
    jsonr_free(&r);
    if (!good)
        return err_set(e, ERR_CORRUPT, "this is no record of a recording");
    if (h->bytes > RECORD_BODY_MAX)
        return err_set(e, ERR_LIMIT, "an answer of %lld bytes is larger than those that weir writes", (long long)h->bytes);
    size_t n = (size_t)h->bytes, left = text.n - (size_t)(end + 1 - text.p);
    if (left < n + 1)
        return false;
    *body = (struct bytes){end + 1, n};
    if (end[1 + n] != '\n')
        return err_set(e, ERR_CORRUPT, "the answer is not as long as its record says");
    *at = (size_t)(end + 1 - text.p) + n + 1;
    return true;
}

/* As it had come back. */
static void exchange_of(const struct record_head *h, struct bytes body, struct http_exchange *x)
{
    *x = (struct http_exchange){
        .path = h->path,
        .status = h->error ? 0 : (long)h->status,
        .answer = {(uint8_t *)(uintptr_t)body.p, body.n, body.n},
        .page = h->page == LIVE_YES,
        .away = h->away == LIVE_YES,
        .took_ms = live_or(h->took_ms, 0),
    };
    while (x->method < DELETE && strcmp(http_method_words[x->method], h->method) != 0)
        x->method++;
    if (h->error)
        err_set(&x->err, ERR_SERVER, "%s", h->error);
}

/* --- the index --- */

static int compare(const void *a, const void *b) { return strcmp(((const struct path *)a)->text, ((const struct path *)b)->text); }

/* The number of a question, new or not. */
static uint32_t number(struct recording_inside *in, const char *text, struct err *e)
{
    struct path key = {text, 0}, **found = tfind(&key, &in->tree, compare);
    if (found)
        return (*found)->number;
    size_t n = strlen(text) + 1;
    if (in->n_paths == PATHS_MAX || n > PATH_BYTES - in->path_bytes) {
        err_set(e, ERR_LIMIT, "has more different questions than weir asks");
        return UINT32_MAX;
    }
    in->path_bytes += n;
    struct path *p = arena_alloc(&in->arena, sizeof *p);
    *p = (struct path){arena_strn(&in->arena, text, n - 1), in->n_paths};
    tsearch(p, &in->tree, compare);
    in->paths = mem_grow(in->paths, in->n_paths + 1u, sizeof *in->paths);
    in->paths[in->n_paths++] = p;
    return p->number;
}

static bool note(struct recording *r, uint64_t frame, size_t at, const struct record_head *h, struct bytes body, struct err *e)
{
    struct recording_inside *in = r->inside;
    const struct recorded *before = r->n ? &r->list[r->n - 1] : NULL;
    struct http_exchange x;
    if (r->n == ANSWERS_MAX)
        return err_set(e, ERR_LIMIT, "has more than %d answers", ANSWERS_MAX);
    exchange_of(h, body, &x);
    bool get = !strcmp(h->method, "GET"), away = exchange_away(&x), lost = before && before->lost;
    uint32_t path = get ? number(in, h->path, e) : UINT32_MAX;
    int64_t start_ms = h->at_ms - live_or(h->took_ms, 0) % YEAR_9999_MS;
    if (!away) {
        in->good_start_ms = start_ms > in->good_start_ms ? start_ms : in->good_start_ms;
        lost = false;
    } else if (start_ms > in->good_start_ms) { /* else it has answered something since: only this one was slow */
        lost = true;
    }
    if (!(r->n & (r->n - 1))) /* room doubles */
        r->list = mem_grow(r->list, r->n ? (size_t)r->n * 2 : 1, sizeof *r->list);
    before = r->n ? &r->list[r->n - 1] : NULL;
    r->list[r->n] = (struct recorded){
        .at_ms = before && before->at_ms > h->at_ms ? before->at_ms : h->at_ms,
        .frame = frame,
        .head = (uint32_t)at,
        .path = path,
        .same_link = before && before->lost == lost ? before->same_link : r->n,
        .good = x.status >= 200 && x.status <= 299,
        .lost = lost,
    };
    r->n++;
    return !e->kind;
}

/* Indexes the records of a frame. */
static bool scan_frame(struct recording *r, uint64_t frame, struct bytes text, bool whole, struct err *e)
{
    for (size_t at = 0, start = 0; at < text.n; start = at) {
        struct arena a = {0};
        struct record_head h;
        struct bytes body;
        bool some = read_record(text, &at, &h, &body, &a, e);
        if (some)
            note(r, frame, start, &h, body, e);
        arena_free(&a);
        if (!some && whole)
            err_set(e, ERR_CORRUPT, "the frame ends within a record");
        if (e->kind)
            return err_in(e, "byte %llu, unpacked %zu", (unsigned long long)frame, start);
        if (!some)
            return true;
    }
    return true;
}

/* The first frame. */
static bool read_title(struct recording *r, uint64_t *at, struct err *e)
{
    struct recording_inside *in = r->inside;
    struct buf text = {0};
    struct record_title t;
    struct jsonr j = {0};
    enum zstd_got got = zstd_read_frame(in->reader, at, 64 << 10, &text, e);
    jsonr_start(&j, text.p, text.n);
    shape_clear(&shape_record_title, &t);
    if (got == ZSTD_FRAME && jsonr_peek(&j) == JSONR_OBJECT)
        shape_read(&shape_record_title, &j, &in->arena, &t);
    if (got == ZSTD_FRAME && (!jsonr_end(&j) || !t.weir || strcmp(t.weir, "recording") != 0))
        err_set(e, ERR_CORRUPT, "is no recording of weir top --record");
    else if (got == ZSTD_FRAME && t.format_version != RECORD_VERSION)
        err_set(e, ERR_UNSUPPORTED, "is a recording of version %lld, made by %s; this weir reads version %d",
                (long long)t.format_version, live_text_or(t.made_by, "?"), RECORD_VERSION);
    else if (got != ZSTD_FRAME)
        err_set(e, ERR_CORRUPT, got == ZSTD_NOTHING ? "is empty" : "ends before its first answer");
    jsonr_free(&j);
    buf_free(&text);
    r->url = live_text_or(t.url, "?");
    return !e->kind;
}

static bool scan(struct recording *r, struct err *e)
{
    struct recording_inside *in = r->inside;
    struct buf text = {0};
    uint64_t at = 0, plain = 0;
    if (!read_title(r, &at, e))
        return false;
    while (!e->kind && !r->cut) {
        uint64_t frame = at;
        text.n = 0;
        enum zstd_got got = zstd_read_frame(in->reader, &at, RECORD_FRAME_MAX, &text, e);
        if (got == ZSTD_NOTHING || got == ZSTD_BAD)
            break;
        r->cut = got == ZSTD_CUT;
        plain += text.n;
        if (plain > RATIO_FREE && plain / RATIO_MAX > at)
            err_set(e, ERR_LIMIT, "byte %llu: unpacks to more than %d times its size, as no recording does",
                    (unsigned long long)frame, RATIO_MAX);
        else
            scan_frame(r, frame, (struct bytes){text.p, text.n}, !r->cut, e);
    }
    buf_free(&text);
    return !e->kind && (r->n || err_set(e, ERR_CORRUPT, "ends before its first answer"));
}

/* Sorts the answers by path; they are by time already. */
static void sort(struct recording *r)
{
    struct recording_inside *in = r->inside;
    in->first = mem_zalloc(((size_t)in->n_paths + 1) * sizeof *in->first);
    in->order = mem_alloc(((size_t)r->n + 1) * sizeof *in->order);
    for (uint32_t i = 0; i < r->n; i++)
        if (r->list[i].path != UINT32_MAX)
            in->first[r->list[i].path + 1]++;
    for (uint32_t i = 0; i < in->n_paths; i++)
        in->first[i + 1] += in->first[i];
    uint32_t *next = mem_alloc(((size_t)in->n_paths + 1) * sizeof *next);
    memcpy(next, in->first, ((size_t)in->n_paths + 1) * sizeof *next);
    for (uint32_t i = 0; i < r->n; i++)
        if (r->list[i].path != UINT32_MAX)
            in->order[next[r->list[i].path]++] = i;
    free(next);
}

struct recording *recording_open(const char *path, struct err *e)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    struct stat st;
    if (fd < 0) {
        err_set(e, errno == ENOENT ? ERR_MISSING : ERR_IO, "%s: %s", path, strerror(errno));
        return NULL;
    }
    struct recording *r = mem_zalloc(sizeof *r);
    r->inside = mem_zalloc(sizeof *r->inside);
    r->inside->fd = fd;
    r->inside->name = mem_strdup(path);
    r->inside->reader = zstd_reader_new(fd);
    r->inside->good_start_ms = -1;
    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
        err_set(e, ERR_UNSUPPORTED, "is not a plain file, as a recording has to be");
    else if (scan(r, e))
        sort(r);
    if (!e->kind)
        return r;
    err_in(e, "%s", path);
    recording_close(r);
    return NULL;
}

static void keep_node(void *node) { (void)node; /* the arena's */ }

void recording_close(struct recording *r)
{
    if (!r)
        return;
    struct recording_inside *in = r->inside;
    for (int i = 0; i < CACHED; i++)
        buf_free(&in->cache[i].text);
    zstd_reader_free(in->reader);
    tdestroy(in->tree, keep_node);
    arena_free(&in->arena);
    arena_free(&in->line);
    free(in->paths);
    free(in->order);
    free(in->first);
    free(in->name);
    close(in->fd);
    free(in);
    free(r->list);
    free(r);
}

/* --- looking up --- */

const struct recorded *recording_find(const struct recording *r, const char *path, int64_t at_ms, bool good)
{
    const struct recording_inside *in = r->inside;
    struct path key = {path, 0}, **found = tfind(&key, &r->inside->tree, compare);
    if (!found)
        return NULL;
    uint32_t begin = in->first[(*found)->number], low = begin, high = in->first[(*found)->number + 1];
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (r->list[in->order[middle]].at_ms <= at_ms)
            low = middle + 1;
        else
            high = middle;
    }
    while (good && low > begin && !r->list[in->order[low - 1]].good)
        low--;
    return low > begin ? &r->list[in->order[low - 1]] : NULL;
}

const struct recorded *recording_last(const struct recording *r, int64_t at_ms)
{
    uint32_t low = 0, high = r->n;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (r->list[middle].at_ms <= at_ms)
            low = middle + 1;
        else
            high = middle;
    }
    return low ? &r->list[low - 1] : NULL;
}

/* The frame, unpacked. NULL: e is set. */
static const struct buf *frame_text(struct recording_inside *in, uint64_t frame, struct err *e)
{
    struct cached *oldest = in->cache;
    size_t bytes = 0;
    for (int i = 0; i < CACHED; i++) {
        struct cached *c = &in->cache[i];
        bytes += c->text.cap;
        if (c->used && c->frame == frame) {
            c->used = ++in->uses;
            return &c->text;
        }
        oldest = c->used < oldest->used ? c : oldest;
    }
    for (int i = 0; bytes > CACHED_MAX && i < CACHED; i++) {
        buf_free(&in->cache[i].text);
        in->cache[i] = (struct cached){0};
    }
    oldest->frame = frame;
    oldest->text.n = 0;
    oldest->used = 0;
    uint64_t at = frame;
    if (zstd_read_frame(in->reader, &at, RECORD_FRAME_MAX, &oldest->text, e) == ZSTD_BAD)
        return NULL;
    oldest->used = ++in->uses;
    return &oldest->text;
}

bool recording_get(struct recording *r, const struct recorded *which, struct http_exchange *x, struct err *e)
{
    struct recording_inside *in = r->inside;
    const struct buf *text = frame_text(in, which->frame, e);
    size_t at = which->head;
    struct record_head h;
    struct bytes body;
    arena_free(&in->line);
    in->line = (struct arena){0};
    if (!text || which->head >= text->n || !read_record((struct bytes){text->p, text->n}, &at, &h, &body, &in->line, e) ||
        strcmp(h.path, which->path == UINT32_MAX ? h.path : in->paths[which->path]->text) != 0) {
        err_set(e, ERR_CHANGED, "has been changed since it was opened");
        return err_in(e, "%s", in->name);
    }
    exchange_of(&h, body, x);
    return true;
}
