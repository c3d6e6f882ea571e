/* Connector filesystem: files of lines (FileSystemTableFactory of flink-connector-files 2.3). */
#include <string.h>

#include "runtime/conn.h"
#include "runtime/duration.h"
#include "runtime/lines.h"
#include "runtime/splits.h"

/* --- reading --- */

struct files {
    struct splits *splits;
    struct lines lines;
    bool open;
};

static bool open_source(struct op *o, struct source *s, struct err *e)
{
    struct files *f = s->self = arena_alloc(o->a, sizeof *f);
    const char *path = option_path(&s->table, e), *monitor = cplan_option(&s->table, "source.monitor-interval", NULL);
    int64_t ms = 0;
    if (!path)
        return false;
    if (monitor && (!duration_option(monitor, &ms) || ms <= 0))
        return err_set(e, ERR_USAGE, "source.monitor-interval of table %s is no duration: %s", s->table.name, monitor);
    f->splits = splits_of(o, path, ms);
    return true;
}

static bool blank(struct bytes line)
{
    for (size_t i = 0; i < line.n; i++)
        if (line.p[i] > ' ')
            return false;
    return true;
}

/* The next file, where there is none at hand. STEP_MORE: there is one. */
static enum step next_file(struct op *o, struct files *f)
{
    struct split one;
    while (!f->open) {
        switch (splits_next(f->splits, &one, &o->wake, &o->ev->e)) {
        case SPLITS_ONE:
            break;
        case SPLITS_LATER:
            return STEP_LATER;
        default:
            return STEP_OVER;
        }
        f->open = true;
        if (!lines_open(&f->lines, job_world(o->job), one.path, one.at, one.line, &o->ev->e))
            return STEP_OVER;
    }
    return STEP_MORE;
}

/* A batch is a turn: with one row each, sources alternate, as the inputs of Flink's two-input tasks do. */
static enum step step(struct op *o, struct source *s)
{
    struct files *f = s->self;
    struct bytes line;
    uint64_t most = o->rows_in + job_batch_rows(o->job);
    enum step next = next_file(o, f);
    if (next != STEP_MORE)
        return next;
    switch (lines_ready(&f->lines, &o->ev->e)) {
    case LINES_FAILED:
        return STEP_OVER;
    case LINES_END:
        lines_close(&f->lines);
        f->open = false;
        return STEP_MORE;
    default:
        break;
    }
    while (o->rows_in < most && s->left > 0 && !op_failed(o) && lines_next(&f->lines, &line))
        if (!blank(line))
            source_line(o, s, line, f->lines.path, f->lines.line);
    return STEP_MORE;
}

static void close_source(struct op *o, struct source *s)
{
    struct files *f = s->self;
    (void)o;
    if (f && f->open)
        lines_close(&f->lines);
}

/* --- writing --- */

struct part {
    const char *dir;
};

static bool open_sink(struct op *o, struct table_sink *s, struct err *e)
{
    struct part *p = s->self = arena_alloc(o->a, sizeof *p);
    return (p->dir = option_path(&s->table, e));
}

static void put(struct op *o, struct table_sink *s, const struct batch *b, uint32_t row) { s->format->write(o, s, b, row); }

static void end(struct op *o, struct table_sink *s)
{
    const struct part *p = s->self;
    const struct world *w = job_world(o->job);
    w->write_file(w->ctx, arena_printf(o->a, "%s/part-%lld-%u", p->dir, (long long)o->node->id, o->subtask),
                  (struct bytes){s->out.p, s->out.n}, &o->ev->e);
}

static const char *const options[] = {"path", "source.monitor-interval", NULL};

const struct connector conn_filesystem = {
    .name = "filesystem",
    .options = options,
    .formats = true,
    .open_source = open_source,
    .step = step,
    .close_source = close_source,
    .open_sink = open_sink,
    .put = put,
    .end = end,
};
