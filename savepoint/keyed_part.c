/* One keyed handle of any kind: picks the format, opens, walks, closes. */
#include <stdlib.h>
#include <string.h>

#include "savepoint/keyed_formats.h"

static const struct keyed_format_ops *const formats[] = {
    [KEYED_CANONICAL] = &keyed_canonical,
    [KEYED_HEAP] = &keyed_heap,
    [KEYED_DATABASE] = &keyed_database,
    [KEYED_CHANGELOG] = &keyed_changelog,
};

const char *keyed_format_name(enum keyed_format f) { return formats[f]->name; }

bool keyed_open(struct keyed_part **out, const struct snapshot *s, const struct meta_operator *op, const struct meta_keyed *h,
                struct err *e)
{
    struct keyed_part *p = mem_zalloc(sizeof *p);
    *out = NULL;
    p->snapshot = s;
    p->op = op;
    p->handle = h;
    bool ok = true;
    switch (h->tag) {
    case HANDLE_INCREMENTAL:
    case HANDLE_INCREMENTAL_V2:
        p->format = KEYED_DATABASE;
        break;
    case HANDLE_CHANGELOG:
    case HANDLE_CHANGELOG_V2:
        p->format = KEYED_CHANGELOG;
        break;
    default:
        ok = blob_open(&p->blob, s, &h->stream, e) && keyed_stream_open(p, &p->format, e);
    }
    if (!ok || !formats[p->format]->open(p, e)) {
        if (strncmp(e->text, "operator ", 9) != 0) /* a changelog's materialized part has said it already */
            err_in(e, "operator %s", op->uid ? op->uid : op->hex);
        keyed_close(p);
        return false;
    }
    *out = p;
    return true;
}

uint32_t keyed_slices(const struct keyed_part *p) { return formats[p->format]->walk_group ? p->handle->kg_count : 1; }

bool keyed_walk_slice(struct keyed_part *p, uint32_t slice, entry_fn *fn, void *ctx, struct err *e)
{
    const struct keyed_format_ops *f = formats[p->format];
    return f->walk_group ? f->walk_group(p, slice, fn, ctx, e) : f->walk(p, fn, ctx, e);
}

bool keyed_walk(struct keyed_part *p, entry_fn *fn, void *ctx, struct err *e)
{
    for (uint32_t i = 0; i < keyed_slices(p); i++)
        if (!keyed_walk_slice(p, i, fn, ctx, e))
            return false;
    return true;
}

void keyed_close(struct keyed_part *p)
{
    if (!p)
        return;
    formats[p->format]->close(p);
    blob_close(&p->blob);
    arena_free(&p->arena);
    free(p);
}
