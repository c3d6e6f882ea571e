/* Connector filesystem: files of lines (FileSystemTableFactory of flink-connector-files 2.3). */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/conn_filesystem.h"
#include "base/duration.h"
#include "runtime/lines.h"
#include "runtime/splits.h"
#include "base/rd.h"
#include "base/wr.h"

/* --- reading --- */

struct files {
    struct splits *splits;
    struct lines lines;
    bool open;
    const char **done; /* paths */
    uint32_t n_done, cap_done;
    struct split *todo; /* begun before a restart */
    uint32_t n_todo;
};

static bool open_source(struct op *o, struct source *s, struct err *e)
{
    struct files *f = s->self = arena_alloc(o->a, sizeof *f);
    const char *path = option_path(&s->table, "path", e), *monitor = cplan_option(&s->table, "source.monitor-interval", NULL);
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

static void is_done(struct files *f, const char *path)
{
    if (f->n_done == f->cap_done)
        f->done = mem_grow(f->done, f->cap_done = f->cap_done ? f->cap_done * 2 : 8, sizeof *f->done);
    f->done[f->n_done++] = path;
}

/* --- what is known of a file (FileSystemTableSource.ReadableFileInfo) --- */

enum { FILE_NAME, FILE_PATH, FILE_SIZE, FILE_CHANGED };

static const struct ltype *metadata(struct arena *a, const char *key, uint32_t *number)
{
    static const char *const keys[] = {"file.name", "file.path", "file.size", "file.modification-time"};
    for (*number = 0; *number <= FILE_CHANGED; ++*number)
        if (!strcmp(keys[*number], key))
            return *number == FILE_SIZE   ? type_simple(a, L_BIGINT, false)
                : *number == FILE_CHANGED ? type_time(a, L_TIMESTAMP_LTZ, 3, NULL, false)
                                          : type_length(a, L_VARCHAR, TYPE_MAX_LENGTH, false);
    return NULL;
}

/* The same for all rows of a file: it stands in their columns before they are read. */
static bool tell(struct op *o, const struct source *s, const char *path, struct err *e)
{
    const struct world *w = job_world(o->job);
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
    char here[4096];
    int64_t size = 0, changed = 0;
    if (!s->n_metadata)
        return true;
    if (!w->about(w->ctx, path, &size, &changed, e))
        return false;
    if (*path != '/' && getcwd(here, sizeof here)) /* as java.io.File#toURI */
        path = arena_printf(o->a, "%s/%s", here, path);
    op_flush(o); /* rows of the file before */
    for (uint32_t i = 0; i < s->n_metadata; i++) {
        const char *text = s->metadata[i] == FILE_NAME ? name : path;
        union cell v = {.s = {(const uint8_t *)text, strlen(text)}};
        if (s->metadata[i] == FILE_SIZE)
            v = (union cell){.i = size};
        else if (s->metadata[i] == FILE_CHANGED)
            v = (union cell){.t = {.ms = changed}};
        for (uint32_t row = 0; row < BATCH_ROWS; row++)
            op_put(o, row, s->n_read + i, v, 0);
    }
    return true;
}

/* The next file, where there is none at hand. STEP_MORE: there is one. */
static enum step next_file(struct op *o, const struct source *s, struct files *f)
{
    struct split one;
    while (!f->open) {
        enum splits_got got = SPLITS_ONE;
        if (f->n_todo)
            one = f->todo[--f->n_todo];
        else
            got = splits_next(f->splits, &one, &o->wake, &o->ev->e);
        if (got != SPLITS_ONE)
            return got == SPLITS_LATER ? STEP_LATER : STEP_OVER;
        f->open = true;
        if (!lines_open(&f->lines, job_world(o->job), one.path, one.at, one.line, &o->ev->e) || !tell(o, s, one.path, &o->ev->e))
            return STEP_OVER;
    }
    return STEP_MORE;
}

/* A batch is a turn: with one row each, sources alternate, as the inputs of Flink's two-input tasks do. */
static enum step step(struct op *o, struct source *s)
{
    struct files *f = s->self;
    struct bytes line;
    uint64_t most = op_counted(&o->rows_in) + job_batch_rows(o->job);
    enum step next = next_file(o, s, f);
    if (next != STEP_MORE)
        return next;
    switch (lines_ready(&f->lines, &o->ev->e)) {
    case LINES_FAILED:
        return STEP_OVER;
    case LINES_END:
        is_done(f, f->lines.path);
        lines_close(&f->lines);
        f->open = false;
        return STEP_MORE;
    default:
        break;
    }
    while (op_counted(&o->rows_in) < most && s->left > 0 && !op_failed(o) && lines_next(&f->lines, &line))
        if (!blank(line))
            source_line(o, s, line, f->lines.path, f->lines.line);
    return STEP_MORE;
}

static void close_source(struct op *o, struct source *s)
{
    struct files *f = s->self;
    (void)o;
    if (!f)
        return;
    if (f->open)
        lines_close(&f->lines);
    free(f->done);
}

/* A file in a checkpoint: whether all of it has been read, else where the next line begins and how many were before it. */
static void put_split(struct snap *to, bool done, uint64_t at, uint64_t line, const char *path)
{
    struct buf b = {0};
    wr_u8(&b, done);
    wr_u64(&b, at);
    wr_u64(&b, line);
    buf_puts(&b, path);
    snap_put(to, "splits", b.p, b.n);
    buf_free(&b);
}

static void snapshot_source(struct op *o, struct source *s, struct snap *to)
{
    struct files *f = s->self;
    (void)o;
    for (uint32_t i = 0; i < f->n_done; i++)
        put_split(to, true, 0, 0, f->done[i]);
    for (uint32_t i = 0; i < f->n_todo; i++)
        put_split(to, false, f->todo[i].at, f->todo[i].line, f->todo[i].path);
    if (f->open)
        put_split(to, false, f->lines.at, f->lines.line, f->lines.path);
}

static int last_first(const void *a, const void *b)
{
    return strcmp(((const struct split *)b)->path, ((const struct split *)a)->path);
}

/* Files that have been begun are dealt among the subtasks, each of which takes the first path first, as without a restart: what is written in
 * the order of time does not come late. The first subtask remembers those that are done. */
static bool restore_source(struct op *o, struct source *s, const struct snap *of, struct err *e)
{
    struct files *f = s->self;
    uint32_t begun = 0;
    struct split *all = arena_array(o->a, of->n + 1, sizeof *all);
    f->todo = arena_array(o->a, of->n + 1, sizeof *f->todo);
    for (uint32_t i = 0; i < of->n; i++) {
        struct rd r = rd_of(of->elements[i].bytes.p, of->elements[i].bytes.n, 0);
        if (strcmp(of->elements[i].list, "splits"))
            continue;
        bool done = rd_u8(&r);
        uint64_t at = (uint64_t)rd_i64(&r), line = (uint64_t)rd_i64(&r);
        struct bytes path = {r.p, rd_left(&r)};
        if (!rd_ok(&r) || !path.n)
            return err_set(e, ERR_CORRUPT, "a split of table %s is malformed", s->table.name);
        splits_known(f->splits, path);
        const char *copy = arena_strn(o->a, (const char *)path.p, path.n);
        if (done && !o->subtask)
            is_done(f, copy);
        else if (!done)
            all[begun++] = (struct split){copy, at, line};
    }
    qsort(all, begun, sizeof *all, last_first);
    for (uint32_t i = o->subtask; i < begun; i += o->subtasks)
        f->todo[f->n_todo++] = all[i];
    return true;
}

static const char *const options[] = {"path", "source.monitor-interval", "sink.rolling-policy.file-size", NULL};

const struct connector conn_filesystem = {
    .name = "filesystem",
    .options = options,
    .formats = true,
    .metadata = metadata,
    .open_source = open_source,
    .step = step,
    .close_source = close_source,
    .snapshot_source = snapshot_source,
    .restore_source = restore_source,
    .open_sink = files_open_sink,
    .put = files_put,
    .drain = files_drain,
    .end = files_end,
    .close_sink = files_close_sink,
    .snapshot_sink = files_snapshot_sink,
    .restore_sink = files_restore_sink,
    .completed = files_completed,
};
