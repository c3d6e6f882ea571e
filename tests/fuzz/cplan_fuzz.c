/* Compiled plans: read, opened, and run over a file that has the input's last line over and over. Nothing is written. */
#include <string.h>

#include "runtime/runtime.h"
#include "tests/fuzz/fuzz.h"

static int64_t now(void *ctx)
{
    (void)ctx;
    return 1700000000000;
}

static int open_file(void *ctx, const char *path, struct err *e)
{
    (void)ctx;
    (void)path;
    (void)e;
    return 1;
}

struct tail {
    struct bytes line;
    unsigned times;
};

static ptrdiff_t read_file(void *ctx, int file, void *to, size_t n, struct err *e)
{
    struct tail *t = ctx;
    (void)file;
    (void)e;
    if (!t->times || t->line.n > n)
        return 0;
    t->times--;
    memcpy(to, t->line.p, t->line.n);
    return (ptrdiff_t)t->line.n;
}

static void close_file(void *ctx, int file)
{
    (void)ctx;
    (void)file;
}

static bool write_file(void *ctx, const char *path, struct bytes content, struct err *e)
{
    (void)ctx;
    (void)path;
    (void)content;
    (void)e;
    return true;
}

static bool print(void *ctx, struct bytes lines, struct err *e)
{
    (void)ctx;
    (void)lines;
    (void)e;
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct arena a = {0};
    struct err e = {0};
    struct cplan plan;
    const uint8_t *line = n ? memrchr(data, '\n', n - 1) : NULL;
    struct tail tail = {.times = 3};
    size_t text = line ? (size_t)(line - data) : n;
    if (line)
        tail.line = (struct bytes){line + 1, n - text - 1};
    const struct world world = {.now = now,
                                .open = open_file,
                                .read = read_file,
                                .close = close_file,
                                .write_file = write_file,
                                .print = print,
                                .ctx = &tail,
                                .seed = 1};
    const struct job_opts opts = {.output = JOB_NDJSON};
    struct job *j = cplan_read(&plan, &a, (const char *)data, text, &e) ? job_open(&plan, &world, &opts, &e) : NULL;
    if (j)
        job_run(j, &e);
    job_free(j);
    arena_free(&a);
    return 0;
}
