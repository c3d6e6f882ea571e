#include "savepoint/write_sort.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/rd.h"

enum { HEAD = 8, BUFFER = 1 << 20, WINDOW_MIN = 32 << 10 };

/* A record as it lies in memory and in the file: u32 key length, u32 value length, key, value. */
struct index {
    uint64_t prefix; /* of the key, as a number */
    size_t at;       /* in the buffer */
};

struct run {
    uint64_t from, to; /* in the file; the records there are in order */
};

struct sorter {
    const char *dir;
    size_t budget;
    struct buf data;
    struct index *index;
    size_t n, cap;
    bool ordered;   /* what is in memory is in order already */
    int fd;         /* -1: nothing has been put into a file */
    struct buf out; /* on its way there */
    uint64_t written;
    struct run *runs;
    size_t n_runs;
    struct buf last; /* the last key of the last run */
};

struct sorter *sort_new(const char *dir, size_t budget)
{
    struct sorter *s = mem_zalloc(sizeof *s);
    s->dir = dir;
    s->budget = budget;
    s->fd = -1;
    s->ordered = true;
    return s;
}

static uint32_t length(const uint8_t *p)
{
    uint32_t v;
    memcpy(&v, p, 4);
    return v;
}

static struct bytes key_of(const uint8_t *record) { return (struct bytes){record + HEAD, length(record)}; }
static struct bytes value_of(const uint8_t *record) { return (struct bytes){record + HEAD + length(record), length(record + 4)}; }
static size_t size_of(const uint8_t *record) { return (size_t)HEAD + length(record) + length(record + 4); }

static int compare(struct bytes a, struct bytes b)
{
    int c = memcmp(a.p, b.p, a.n < b.n ? a.n : b.n);
    return c ? c : (a.n > b.n) - (a.n < b.n);
}

static uint64_t prefix_of(struct bytes key)
{
    uint8_t p[8] = {0};
    memcpy(p, key.p, key.n < 8 ? key.n : 8);
    return be64(p);
}

static int by_key(const void *a, const void *b, void *data)
{
    const struct index *x = a, *y = b;
    if (x->prefix != y->prefix)
        return x->prefix < y->prefix ? -1 : 1;
    const uint8_t *p = data;
    int c = compare(key_of(p + x->at), key_of(p + y->at));
    return c ? c : (x->at > y->at) - (x->at < y->at);
}

static void sort(struct sorter *s)
{
    if (!s->ordered)
        qsort_r(s->index, s->n, sizeof *s->index, by_key, s->data.p);
    s->ordered = true;
}

/* --- the file --- */

static bool trouble(const struct sorter *s, const char *what, struct err *e)
{
    return err_set(e, ERR_IO, "%s: cannot %s a file for sorting: %s", s->dir, what, strerror(errno));
}

static bool make_file(struct sorter *s, struct err *e)
{
    char *path = mem_alloc(strlen(s->dir) + sizeof "/sort-XXXXXX");
    sprintf(path, "%s/sort-XXXXXX", s->dir);
    s->fd = mkostemp(path, O_CLOEXEC);
    if (s->fd >= 0)
        unlink(path);
    free(path);
    return s->fd >= 0 || trouble(s, "make", e);
}

static bool flush(struct sorter *s, struct err *e)
{
    for (size_t done = 0; done < s->out.n;) {
        ssize_t n = pwrite(s->fd, s->out.p + done, s->out.n - done, (off_t)s->written);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return trouble(s, "write", e);
        done += (size_t)n;
        s->written += (uint64_t)n;
    }
    s->out.n = 0;
    return true;
}

/* Moves what is in memory to the file: a new run, or more of the last one where the order goes on. */
static bool spill(struct sorter *s, struct err *e)
{
    if (!s->n)
        return true;
    if (s->fd < 0 && !make_file(s, e))
        return false;
    sort(s);
    bool goes_on = s->n_runs && compare((struct bytes){s->last.p, s->last.n}, key_of(s->data.p + s->index[0].at)) <= 0;
    if (!goes_on) {
        s->runs = mem_grow(s->runs, s->n_runs + 1, sizeof *s->runs);
        s->runs[s->n_runs++].from = s->written;
    }
    for (size_t i = 0; i < s->n; i++) {
        const uint8_t *record = s->data.p + s->index[i].at;
        buf_put(&s->out, record, size_of(record));
        if (s->out.n >= BUFFER && !flush(s, e))
            return false;
    }
    if (!flush(s, e))
        return false;
    s->runs[s->n_runs - 1].to = s->written;
    struct bytes last = key_of(s->data.p + s->index[s->n - 1].at);
    s->last.n = 0;
    buf_put(&s->last, last.p, last.n);
    s->n = 0;
    s->data.n = 0;
    return true;
}

bool sort_add(struct sorter *s, struct bytes head, struct bytes rest, struct bytes value, struct err *e)
{
    size_t n_key = head.n + rest.n;
    if (n_key > INT32_MAX || value.n > INT32_MAX - n_key)
        return err_set(e, ERR_LIMIT, "an entry of more than 2 GiB");
    size_t more = HEAD + n_key + value.n;
    if (s->n && s->data.n + more + (s->n + 1) * sizeof *s->index > s->budget && !spill(s, e))
        return false;
    if (s->n == s->cap) {
        s->cap = s->cap ? s->cap * 2 : 1024;
        s->index = mem_grow(s->index, s->cap, sizeof *s->index);
    }
    size_t at = s->data.n;
    uint32_t lengths[2] = {(uint32_t)n_key, (uint32_t)value.n};
    buf_reserve(&s->data, more);
    buf_put(&s->data, lengths, sizeof lengths);
    buf_put(&s->data, head.p, head.n);
    if (rest.n)
        buf_put(&s->data, rest.p, rest.n);
    if (value.n)
        buf_put(&s->data, value.p, value.n);
    struct bytes key = key_of(s->data.p + at);
    s->index[s->n] = (struct index){prefix_of(key), at};
    if (s->n && s->ordered)
        s->ordered = by_key(&s->index[s->n - 1], &s->index[s->n], s->data.p) < 0;
    s->n++;
    return true;
}

/* --- merging --- */

struct cursor {
    struct run left;
    struct buf window;
    size_t at; /* of the present record in it */
    uint64_t prefix;
    size_t order; /* of the run */
};

/* Makes n bytes at c->at contiguous. */
static bool need(const struct sorter *s, struct cursor *c, size_t n, size_t window, struct err *e)
{
    if (c->window.n - c->at >= n)
        return true;
    if (c->at)
        memmove(c->window.p, c->window.p + c->at, c->window.n - c->at);
    c->window.n -= c->at;
    c->at = 0;
    size_t want = n > window ? n : window, left = c->left.to - c->left.from;
    want = want - c->window.n < left ? want - c->window.n : left;
    buf_reserve(&c->window, want);
    while (want) {
        ssize_t got = pread(s->fd, c->window.p + c->window.n, want, (off_t)c->left.from);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0) {
            errno = got ? errno : EIO;
            return trouble(s, "read", e);
        }
        c->window.n += (size_t)got;
        c->left.from += (uint64_t)got;
        want -= (size_t)got;
    }
    return true;
}

/* The record at c->at is whole in memory; *more is false at the run's end. */
static bool load(const struct sorter *s, struct cursor *c, size_t window, bool *more, struct err *e)
{
    *more = c->window.n > c->at || c->left.from < c->left.to;
    if (!*more)
        return true;
    if (!need(s, c, HEAD, window, e) || !need(s, c, size_of(c->window.p + c->at), window, e))
        return false;
    c->prefix = prefix_of(key_of(c->window.p + c->at));
    return true;
}

static bool before(const struct cursor *a, const struct cursor *b)
{
    if (a->prefix != b->prefix)
        return a->prefix < b->prefix;
    int c = compare(key_of(a->window.p + a->at), key_of(b->window.p + b->at));
    return c ? c < 0 : a->order < b->order;
}

static void sift(struct cursor **heap, size_t n, size_t i)
{
    for (size_t kid; (kid = 2 * i + 1) < n; i = kid) {
        if (kid + 1 < n && before(heap[kid + 1], heap[kid]))
            kid++;
        if (!before(heap[kid], heap[i]))
            return;
        struct cursor *c = heap[i];
        heap[i] = heap[kid];
        heap[kid] = c;
    }
}

static bool merge(struct sorter *s, struct cursor *cursors, struct cursor **heap, sorted_fn *fn, void *ctx, struct err *e)
{
    size_t window = s->budget / s->n_runs > WINDOW_MIN ? s->budget / s->n_runs : WINDOW_MIN, n = 0;
    bool more;
    for (size_t i = 0; i < s->n_runs; i++) {
        cursors[i] = (struct cursor){.left = s->runs[i], .order = i};
        if (!load(s, &cursors[i], window, &more, e))
            return false;
        heap[n++] = &cursors[i];
    }
    for (size_t i = n / 2; i-- > 0;)
        sift(heap, n, i);
    while (n) {
        struct cursor *c = heap[0];
        const uint8_t *record = c->window.p + c->at;
        if (!fn(ctx, key_of(record), value_of(record), e))
            return false;
        c->at += size_of(record);
        if (!load(s, c, window, &more, e))
            return false;
        if (!more)
            heap[0] = heap[--n];
        sift(heap, n, 0);
    }
    return true;
}

bool sort_run(struct sorter *s, sorted_fn *fn, void *ctx, struct err *e)
{
    if (!s->n_runs) {
        sort(s);
        for (size_t i = 0; i < s->n; i++) {
            const uint8_t *record = s->data.p + s->index[i].at;
            if (!fn(ctx, key_of(record), value_of(record), e))
                return false;
        }
        return true;
    }
    if (!spill(s, e))
        return false;
    buf_free(&s->data); /* its memory is the windows' now */
    struct cursor *cursors = mem_zalloc(s->n_runs * sizeof *cursors);
    struct cursor **heap = mem_alloc(s->n_runs * sizeof *heap);
    bool ok = merge(s, cursors, heap, fn, ctx, e);
    for (size_t i = 0; i < s->n_runs; i++)
        buf_free(&cursors[i].window);
    free(cursors);
    free(heap);
    return ok;
}

void sort_free(struct sorter *s)
{
    if (!s)
        return;
    if (s->fd >= 0)
        close(s->fd);
    buf_free(&s->data);
    buf_free(&s->out);
    buf_free(&s->last);
    free(s->index);
    free(s->runs);
    free(s);
}
