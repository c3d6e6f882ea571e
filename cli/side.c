#include "cli/side.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

enum { DOCUMENT_MAX = 256 << 20 };

static bool read_stdin(size_t max, struct bytes *text, struct arena *a, struct err *e)
{
    struct buf b = {0};
    for (;;) {
        buf_reserve(&b, 1 << 16);
        ssize_t n = read(STDIN_FILENO, b.p + b.n, 1 << 16);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            err_set(e, ERR_IO, "standard input: %s", strerror(errno));
        if (n <= 0)
            break;
        b.n += (size_t)n;
        if (b.n > max) {
            err_set(e, ERR_LIMIT, "standard input: more than %zu bytes", max);
            break;
        }
    }
    *text = (struct bytes){(const uint8_t *)arena_strn(a, (const char *)b.p, b.n), b.n};
    buf_free(&b);
    return e->kind == ERR_NONE;
}

bool side_text(const char *location, size_t max, struct bytes *text, struct arena *a, struct err *e)
{
    struct store_file f = {0};
    if (!strcmp(location, "-"))
        return read_stdin(max, text, a, e);
    bool ok = store_open(&f, location, e);
    if (ok && f.size > max)
        ok = err_set(e, ERR_LIMIT, "%s: larger than %zu bytes", location, max);
    if (ok) {
        uint8_t *p = arena_alloc(a, f.size + 1);
        *text = (struct bytes){p, f.size};
        ok = store_read(&f, 0, p, f.size, e);
    }
    store_close(&f);
    return ok;
}

/* A file whose first byte is a brace; directories and _metadata are none. */
static bool is_document(const char *location)
{
    struct store_file f = {0};
    struct err quiet = {0};
    uint8_t head[64];
    if (!strcmp(location, "-"))
        return true;
    bool ok = store_open(&f, location, &quiet);
    size_t n = ok && f.size < sizeof head ? f.size : sizeof head;
    ok = ok && store_read(&f, 0, head, n, &quiet) && layout_is_document((struct bytes){head, n});
    store_close(&f);
    return ok;
}

bool side_open(struct side *s, const struct open_opts *open, const char *location, const struct tree_opts *opts, struct err *e)
{
    *s = (struct side){.location = location, .document = is_document(location)};
    if (s->document) {
        struct bytes text;
        return side_text(location, DOCUMENT_MAX, &text, &s->arena, e) &&
            layout_read(&s->layout, text, !strcmp(location, "-") ? "standard input" : location, e);
    }
    if (!opened_open(&s->opened, open, location, e) || !tree_build(&s->tree, s->opened.snapshot, &s->opened.names, opts, e))
        return false;
    layout_of_tree(&s->layout, &s->tree);
    return true;
}

void side_close(struct side *s)
{
    layout_free(&s->layout);
    tree_free(&s->tree);
    if (!s->document && s->location)
        opened_close(&s->opened);
    arena_free(&s->arena);
}
