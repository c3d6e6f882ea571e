/* Connector filesystem, writing: each subtask writes parts, which appear when a checkpoint that is behind them is on the disk, or at the end of
 * the job (FileSystemTableSink, FileSink of flink-connector-files 2.3, which names them so). A checkpoint ends the part at hand. */
#include <stdlib.h>
#include <string.h>

#include "runtime/conn_filesystem.h"
#include "base/duration.h"

/* A file that waits for its checkpoint: it has the name that Flink's in-progress files have until then. */
struct part {
    const char *hidden, *name;
    uint64_t checkpoint;
    bool told; /* a checkpoint may know of it */
};

struct parts {
    const char *dir, *prefix; /* part-UUID-SUBTASK */
    uint64_t counter, file_size;
    int file; /* -1: none is open */
    uint64_t written;
    struct part open;
    struct part *waiting;
    uint32_t n, cap;
};

static uint64_t chance(struct op *o)
{
    o->ev->random = o->ev->random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    uint64_t x = o->ev->random;
    return (x ^ x >> 29) * UINT64_C(0xbf58476d1ce4e5b9);
}

static const char *uuid(struct op *o)
{
    uint64_t a = chance(o), b = chance(o), c = chance(o);
    return arena_printf(o->a, "%08x-%04x-4%03x-%04x-%012llx", (unsigned)(a >> 32), (unsigned)(a >> 16 & 0xffff),
                        (unsigned)(a & 0xfff), (unsigned)(b >> 48 & 0x3fff) | 0x8000, (unsigned long long)(c & 0xffffffffffff));
}

bool files_open_sink(struct op *o, struct table_sink *s, struct err *e)
{
    struct parts *p = s->self = arena_alloc(o->a, sizeof *p);
    const char *size = cplan_option(&s->table, "sink.rolling-policy.file-size", "128 mb");
    p->file = -1;
    p->prefix = arena_printf(o->a, "part-%s-%u", uuid(o), o->subtask);
    if (!memory_option(size, &p->file_size) || !p->file_size)
        return err_set(e, ERR_USAGE, "sink.rolling-policy.file-size of table %s is no size: %s", s->table.name, size);
    return (p->dir = option_path(&s->table, "path", e));
}

void files_drain(struct op *o, struct table_sink *s)
{
    struct parts *p = s->self;
    const struct world *w = job_world(o->job);
    struct err *e = &o->ev->e;
    if (!s->out.n)
        return;
    if (p->file < 0) {
        const char *name = arena_printf(o->a, "%s-%llu", p->prefix, (unsigned long long)p->counter++);
        p->open = (struct part){.name = arena_printf(o->a, "%s/%s", p->dir, name)};
        p->open.hidden = arena_printf(o->a, "%s/.%s.inprogress.%s", p->dir, name, uuid(o));
        p->written = 0;
        if ((p->file = w->create(w->ctx, p->open.hidden, e)) < 0)
            return;
    }
    w->write(w->ctx, p->file, (struct bytes){s->out.p, s->out.n}, e);
    p->written += s->out.n;
    s->out.n = 0;
}

/* The open file is whole. */
static void roll(struct op *o, struct table_sink *s)
{
    struct parts *p = s->self;
    const struct world *w = job_world(o->job);
    int file = p->file;
    if (file < 0)
        return;
    if (p->n == p->cap)
        p->waiting = mem_grow(p->waiting, p->cap = p->cap ? p->cap * 2 : 4, sizeof *p->waiting);
    p->waiting[p->n++] = p->open;
    p->file = -1;
    w->finish(w->ctx, file, &o->ev->e);
}

void files_put(struct op *o, struct table_sink *s, const struct batch *b, uint32_t row)
{
    struct parts *p = s->self;
    s->format->write(o, s, b, row);
    if (p->written + s->out.n >= p->file_size) {
        files_drain(o, s);
        roll(o, s);
    }
}

void files_end(struct op *o, struct table_sink *s)
{
    files_drain(o, s);
    if (!op_failed(o))
        roll(o, s);
}

/* Names of files that wait: the hidden one, a NUL, the final one. */
void files_snapshot_sink(struct op *o, struct table_sink *s, uint64_t checkpoint, struct snap *to)
{
    struct parts *p = s->self;
    struct buf b = {0};
    files_end(o, s);
    for (uint32_t i = 0; i < p->n; i++) {
        if (!p->waiting[i].told)
            p->waiting[i].checkpoint = checkpoint;
        p->waiting[i].told = true;
        b.n = 0;
        buf_puts(&b, p->waiting[i].hidden);
        buf_putc(&b, 0);
        buf_puts(&b, p->waiting[i].name);
        snap_put(to, "pending-files", b.p, b.n);
    }
    buf_free(&b);
}

void files_completed(struct op *o, struct table_sink *s, uint64_t checkpoint)
{
    struct parts *p = s->self;
    const struct world *w = job_world(o->job);
    uint32_t left = 0;
    for (uint32_t i = 0; i < p->n; i++)
        if ((p->waiting[i].told ? p->waiting[i].checkpoint : UINT64_MAX) > checkpoint ||
            !w->rename(w->ctx, p->waiting[i].hidden, p->waiting[i].name, &o->ev->e))
            p->waiting[left++] = p->waiting[i];
    p->n = left;
}

/* They belong to the checkpoint that is restored, so they count. */
bool files_restore_sink(struct op *o, struct table_sink *s, const struct snap *of, struct err *e)
{
    const struct world *w = job_world(o->job);
    for (uint32_t i = o->subtask; i < of->n; i += o->subtasks) {
        struct bytes b = of->elements[i].bytes;
        const uint8_t *nul = memchr(b.p, 0, b.n);
        if (!nul)
            return err_set(e, ERR_CORRUPT, "a pending file of table %s is malformed", s->table.name);
        const char *hidden = arena_strn(o->a, (const char *)b.p, (size_t)(nul - b.p));
        const char *name = arena_strn(o->a, (const char *)nul + 1, b.n - (size_t)(nul - b.p) - 1);
        if (!w->rename(w->ctx, hidden, name, e))
            return false;
    }
    return true;
}

/* What no checkpoint can know of goes. */
void files_close_sink(struct op *o, struct table_sink *s)
{
    struct parts *p = s->self;
    const struct world *w = job_world(o->job);
    struct err ignored = {0};
    if (!p)
        return;
    if (p->file >= 0) {
        w->finish(w->ctx, p->file, &ignored);
        w->remove(w->ctx, p->open.hidden);
    }
    for (uint32_t i = 0; i < p->n; i++)
        if (!p->waiting[i].told)
            w->remove(w->ctx, p->waiting[i].hidden);
    free(p->waiting);
}
