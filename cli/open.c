#include "cli/open.h"

#include "cli/out.h"

/* Declarations are a page or two; a file beyond this is another one. */
enum { CLASSES_MAX = 4 << 20 };

static bool read_classes(struct opened *o, const char *location, struct err *e)
{
    struct store_file f = {0};
    bool ok = store_open(&f, location, e);
    if (ok && f.size > CLASSES_MAX)
        ok = err_set(e, ERR_LIMIT, "%s: larger than 4 MiB, which no declaration of classes is", location);
    if (ok) {
        char *text = arena_alloc(&o->arena, f.size + 1);
        ok = store_read(&f, 0, text, f.size, e) &&
            told_read(&o->told, (struct bytes){(uint8_t *)text, f.size}, location, &o->arena, e);
    }
    store_close(&f);
    return ok;
}

/* A uid that no operator has is a slip of the pen more often than not. */
static void check_uids(const struct opened *o, const struct open_opts *opts)
{
    const struct meta *m = &o->snapshot->meta;
    for (size_t i = 0; i < opts->uids.n; i++) {
        uint32_t j = 0;
        while (j < m->n && !operator_matches(&o->names, &m->operators[j], opts->uids.v[i]))
            j++;
        if (j < m->n)
            continue;
        struct buf b = {0};
        buf_printf(&b, "%s: no operator has the uid \"%s\"", o->snapshot->location, opts->uids.v[i]);
        out_complain(buf_cstr(&b));
        buf_free(&b);
    }
}

static bool open_jar(struct opened *o, const struct open_opts *opts, struct err *e)
{
    o->jar = jar_open(opts->jars.v, opts->jars.n, e);
    if (!o->jar)
        return false;
    job_told_begin(&o->job_told, o->jar);
    o->told.source = &o->job_told.source;
    return true;
}

bool opened_open(struct opened *o, const struct open_opts *opts, const char *location, struct err *e)
{
    *o = (struct opened){0};
    for (size_t i = 0; i < opts->uids.n; i++)
        names_add(&o->names, opts->uids.v[i]);
    if (opts->uid_map && !names_load(&o->names, opts->uid_map, e))
        return false;
    if (opts->classes && !read_classes(o, opts->classes, e))
        return false;
    if (opts->jars.n && !open_jar(o, opts, e))
        return false;
    const struct snapshot_opts how = {.outside = opts->outside, .told = opts->classes || o->jar ? &o->told : NULL};
    if (!snapshot_open(&o->snapshot, location, &how, e))
        return false;
    check_uids(o, opts);
    return true;
}

void opened_close(struct opened *o)
{
    snapshot_close(o->snapshot);
    names_free(&o->names);
    if (o->jar)
        job_told_end(&o->job_told);
    jar_close(o->jar);
    arena_free(&o->arena);
}
