#include "tests/support/lines_job.h"

#include <string.h>

struct memory {
    const struct lines_job *job;
    size_t at;
    struct buf *out;
};

static int64_t no_time(void *ctx)
{
    (void)ctx;
    return 0;
}

static void no_wait(void *ctx, int64_t until)
{
    (void)ctx;
    (void)until;
}

static int open_file(void *ctx, const char *path, struct err *e)
{
    struct memory *m = ctx;
    (void)path;
    (void)e;
    m->at = 0;
    return 0;
}

static ptrdiff_t read_file(void *ctx, int file, void *to, size_t n, struct err *e)
{
    struct memory *m = ctx;
    size_t left = m->job->content.n - m->at;
    (void)file;
    (void)e;
    n = n < left ? n : left;
    n = m->job->chunk && m->job->chunk < n ? m->job->chunk : n;
    if (n)
        memcpy(to, m->job->content.p + m->at, n);
    m->at += n;
    return (ptrdiff_t)n;
}

static bool seek_file(void *ctx, int file, uint64_t to, struct err *e)
{
    struct memory *m = ctx;
    (void)file;
    (void)e;
    m->at = (size_t)to;
    return true;
}

static void close_file(void *ctx, int file)
{
    (void)ctx;
    (void)file;
}

static bool list(void *ctx, const char *path, bool (*each)(void *arg, const char *name, bool is_dir), void *arg, struct err *e)
{
    (void)ctx;
    (void)path;
    (void)e;
    return each(arg, "", false);
}

static bool print(void *ctx, struct bytes lines, struct err *e)
{
    struct memory *m = ctx;
    (void)e;
    buf_put(m->out, lines.p, lines.n);
    return true;
}

static const char *plan_text(const struct lines_job *l, struct arena *a)
{
    static const char *const table = "{\"table\":{\"identifier\":\"`c`.`d`.`%s`\",\"resolvedTable\":{\"schema\":{\"columns\":%s},"
                                     "\"options\":{%s}}}}";
    const char *options = arena_printf(a, "\"connector\":\"filesystem\",\"path\":\"/%s\",%s", l->name, l->options);
    const char *in = arena_printf(a, table, "t", l->columns, options),
               *out = arena_printf(a, table, "o", l->columns, "\"connector\":\"print\"");
    return arena_printf(
        a,
        "{\"flinkVersion\":\"2.3\",\"nodes\":[{\"id\":1,\"type\":\"stream-exec-table-source-scan_2\",\"description\":\"\","
        "\"outputType\":\"%s\",\"scanTableSource\":%s},{\"id\":2,\"type\":\"stream-exec-sink_2\",\"description\":\"\","
        "\"outputType\":\"%s\",\"dynamicTableSink\":%s,\"inputChangelogMode\":[\"INSERT\",\"UPDATE_BEFORE\","
        "\"UPDATE_AFTER\",\"DELETE\"]}],\"edges\":[{\"source\":1,\"target\":2}]}",
        l->row, in, l->row, out);
}

bool lines_job_run(const struct lines_job *l, struct buf *out, struct err *e)
{
    struct memory m = {l, 0, out};
    const struct world world = {.now = no_time,
                                .ticks = no_time,
                                .wait = no_wait,
                                .open = open_file,
                                .read = read_file,
                                .seek = seek_file,
                                .close = close_file,
                                .list = list,
                                .print = print,
                                .ctx = &m,
                                .seed = 1};
    const struct job_opts opts = {.output = JOB_NDJSON, .batch_rows = l->batch_rows};
    struct arena a = {0};
    struct cplan plan;
    const char *text = plan_text(l, &a);
    struct job *j = cplan_read(&plan, &a, text, strlen(text), e) ? job_open(&plan, &world, &opts, e) : NULL;
    bool ok = j && job_run(j, e);
    job_free(j);
    arena_free(&a);
    return ok;
}
