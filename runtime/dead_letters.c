#include "runtime/dead_letters.h"

#include <string.h>

#include "base/jsonw.h"
#include "base/utf8.h"
#include "sql/base64.h"

const char dead_letters_option[] = "dead-letter.path";

struct dead_letters {
    const char *path, *table;
    int file; /* -1: not open yet */
};

struct dead_letters *dead_letters_of(struct op *o, const struct cplan_table *t, struct err *e)
{
    const char *path = cplan_option(t, dead_letters_option, NULL) ? option_path(t, dead_letters_option, e) : NULL;
    if (!path)
        return NULL;
    struct dead_letters *d = arena_alloc(o->a, sizeof *d);
    *d = (struct dead_letters){path, t->name, -1};
    return d;
}

static bool is_text(struct bytes b)
{
    uint32_t code;
    for (unsigned n; b.n; b = (struct bytes){b.p + n, b.n - n})
        if (!(n = utf8_next(b.p, b.n, &code)) || utf8_surrogate(code))
            return false;
    return true;
}

bool dead_letters_put(struct dead_letters *d, struct op *o, struct bytes line, const char *where, uint64_t number, const char *why)
{
    const struct world *w = job_world(o->job);
    struct buf b = {0}, coded = {0};
    struct jsonw j = {.out = &b};
    bool text = is_text(line);
    if (!text)
        base64_put(&coded, line);
    jsonw_object(&j);
    jsonw_member_str(&j, "table", d->table);
    jsonw_member_str(&j, "file", where);
    jsonw_member_uint(&j, "line", number);
    jsonw_member_str(&j, "error", why);
    jsonw_key(&j, text ? "record" : "recordBase64");
    jsonw_strn(&j, text ? line.p : coded.p, text ? line.n : coded.n);
    jsonw_end_object(&j);
    buf_putc(&b, '\n');
    if (d->file < 0)
        d->file = w->append(w->ctx, d->path, &o->ev->e);
    /* in one piece, so that those of several subtasks do not mix */
    bool ok = d->file >= 0 && w->write(w->ctx, d->file, (struct bytes){b.p, b.n}, &o->ev->e);
    buf_free(&b);
    buf_free(&coded);
    return ok;
}

void dead_letters_close(struct dead_letters *d, struct op *o)
{
    const struct world *w = job_world(o->job);
    struct err e = {0};
    if (d && d->file >= 0 && !w->finish(w->ctx, d->file, &e) && !op_failed(o))
        op_fail(o, e.kind, "%s", e.text);
    if (d)
        d->file = -1;
}
