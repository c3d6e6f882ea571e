/* Compiled plans: read, opened, and run over a file that has the input's last line over and over. Nothing is written. */
#include <string.h>

#include "runtime/runtime.h"
#include "tests/fuzz/fuzz.h"

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
    int64_t now; /* goes on when somebody waits */
    unsigned lists;
};

static int64_t now(void *ctx)
{
    const struct tail *t = ctx;
    return t->now;
}

static int64_t ticks(void *ctx)
{
    const struct tail *t = ctx;
    return t->now * (1000 * 1000);
}

static void wait_until(void *ctx, int64_t until)
{
    struct tail *t = ctx;
    t->now = until;
}

static bool seek(void *ctx, int file, uint64_t to, struct err *e)
{
    (void)ctx;
    (void)file;
    return !to || err_set(e, ERR_IO, "no such place");
}

/* Every path is a file, but not for those who look again and again. */
static bool list(void *ctx, const char *path, bool (*each)(void *arg, const char *name, bool is_dir), void *arg, struct err *e)
{
    struct tail *t = ctx;
    (void)path;
    return t->lists++ < 8 ? each(arg, "", false) : err_set(e, ERR_IO, "it has gone");
}

static bool ready(void *ctx, int file, int ms)
{
    (void)ctx;
    (void)file;
    (void)ms;
    return true;
}

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

static bool write_bytes(void *ctx, int file, struct bytes b, struct err *e)
{
    (void)ctx;
    (void)file;
    (void)b;
    (void)e;
    return true;
}

static bool finish(void *ctx, int file, struct err *e)
{
    (void)ctx;
    (void)file;
    (void)e;
    return true;
}

static bool rename_file(void *ctx, const char *from, const char *to, struct err *e)
{
    (void)ctx;
    (void)from;
    (void)to;
    (void)e;
    return true;
}

static void remove_file(void *ctx, const char *path)
{
    (void)ctx;
    (void)path;
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
    struct tail tail = {.times = 3, .now = 1700000000000};
    size_t text = line ? (size_t)(line - data) : n;
    if (line)
        tail.line = (struct bytes){line + 1, n - text - 1};
    const struct world world = {.now = now,
                                .ticks = ticks,
                                .wait = wait_until,
                                .open = open_file,
                                .read = read_file,
                                .seek = seek,
                                .close = close_file,
                                .list = list,
                                .ready = ready,
                                .create = open_file,
                                .append = open_file,
                                .write = write_bytes,
                                .finish = finish,
                                .rename = rename_file,
                                .remove = remove_file,
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
