/* Connectors stdin and stdout: lines of a format, as they come. They are weir's own. Standard input cannot be read again: behind a failure
 * it goes on with the next line, so that rows since the last checkpoint count at most once, as those of Flink's sockets do. */
#include "runtime/conn.h"
#include "runtime/lines.h"

static void release(void *self) { lines_close(self); }

static bool open_source(struct op *o, struct source *s, struct err *e)
{
    (void)e;
    s->self = op_kept(o, sizeof(struct lines), release);
    return true;
}

static enum step step(struct op *o, struct source *s)
{
    struct lines *l = s->self;
    struct bytes line;
    uint64_t most = op_counted(&o->rows_in) + job_batch_rows(o->job);
    if (o->subtask) /* there is only one standard input */
        return STEP_OVER;
    if (!l->world || l->file < 0) {
        if (!lines_open(l, job_world(o->job), "/dev/stdin", 0, 0, &o->ev->e))
            return STEP_OVER;
        l->may_pause = true;
    }
    o->wait_file = l->file;
    switch (lines_ready(l, &o->ev->e)) {
    case LINES_LATER:
        return STEP_LATER;
    case LINES_SOME:
        break;
    default:
        return STEP_OVER;
    }
    while (op_counted(&o->rows_in) < most && s->left > 0 && !op_failed(o) && lines_next(l, &line))
        if (line.n)
            source_line(o, s, line, "standard input", l->line);
    return STEP_MORE;
}

static void snapshot_source(struct op *o, struct source *s, struct snap *to)
{
    (void)o;
    (void)s;
    (void)to; /* there is no place to go back to */
}

static void put(struct op *o, struct table_sink *s, const struct batch *b, uint32_t row) { s->format->write(o, s, b, row); }

static void drain(struct op *o, struct table_sink *s)
{
    if (s->out.n)
        job_print(o->job, (struct bytes){s->out.p, s->out.n}, &o->ev->e);
    s->out.n = 0;
}

const struct connector conn_stdin = {
    .name = "stdin", .formats = true, .open_source = open_source, .step = step, .snapshot_source = snapshot_source};
const struct connector conn_stdout = {.name = "stdout", .formats = true, .put = put, .drain = drain};
