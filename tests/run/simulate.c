/* Runs a pipeline in a world of its own: one thread, a schedule that a seed makes, a clock that goes on when somebody waits, files in memory that
 * are slow and fail, and that lose what is not on the disk when the machine crashes. Meanwhile somebody orders savepoints, checkpoints and
 * stops, after which the job begins again. What comes out must be what an undisturbed run gives.
 *
 *   simulate FROM N      the seeds FROM … FROM + N - 1, each in a process of its own; a seed that fails is told, and fails again
 */
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/sqljob.h"
#include "runtime/control.h"

enum { FILES = 3000, OPEN = 4096, ROWS = 400 };

struct file {
    char *path;
    struct buf content;
    size_t on_disk;
};

struct sim {
    uint64_t random;
    int64_t now; /* nanoseconds */
    struct file files[FILES];
    uint32_t n;
    struct {
        struct file *file;
        size_t at;
    } open[OPEN];
    uint32_t n_open;
    uint64_t calls, crash_at;
    uint32_t trouble; /* of a thousand calls */
    uint32_t failures, crashes;
    struct job *job;
    const char *ttl;
    const char *savepoints; /* NULL: nobody orders anything */
    bool drains;            /* … to its end, too */
    bool stopped;           /* somebody has ordered the job to end */
    jmp_buf crash;
};

static uint32_t chance(struct sim *s, uint32_t below)
{
    s->random ^= s->random << 13;
    s->random ^= s->random >> 7;
    s->random ^= s->random << 17;
    return (uint32_t)(s->random >> 20) % below;
}

/* Each call takes time, may be the last one before a crash, and may fail. */
static bool trouble(struct sim *s, struct err *e)
{
    s->now += chance(s, 100) ? chance(s, 200000) : chance(s, 20000000);
    if (++s->calls == s->crash_at)
        longjmp(s->crash, 1);
    if (chance(s, 1000) >= s->trouble)
        return false;
    s->failures++;
    if (e)
        err_set(e, ERR_IO, "simulated: input/output error");
    return true;
}

static int64_t sim_now(void *ctx) { return ((struct sim *)ctx)->now / 1000000; }

static int64_t sim_ticks(void *ctx)
{
    struct sim *s = ctx;
    return s->now += chance(s, 1000);
}

static void sim_wait(void *ctx, int64_t until)
{
    struct sim *s = ctx;
    if (until > s->now / 1000000)
        s->now = until * 1000000;
}

static struct file *find(struct sim *s, const char *path)
{
    for (uint32_t i = 0; i < s->n; i++)
        if (s->files[i].path && !strcmp(s->files[i].path, path))
            return &s->files[i];
    return NULL;
}

static struct file *make(struct sim *s, const char *path)
{
    struct file *f = find(s, path);
    for (uint32_t i = 0; !f && i < s->n; i++)
        if (!s->files[i].path) /* a file that is gone */
            f = &s->files[i];
    if (!f)
        f = &s->files[s->n++];
    if (s->n == FILES) {
        fprintf(stderr, "too many files\n");
        abort();
    }
    free(f->path);
    f->path = mem_strdup(path);
    f->content.n = f->on_disk = 0;
    return f;
}

static int use(struct sim *s, struct file *f)
{
    s->open[s->n_open % OPEN].file = f;
    s->open[s->n_open % OPEN].at = 0;
    return (int)(s->n_open++ % OPEN);
}

static int sim_open(void *ctx, const char *path, struct err *e)
{
    struct file *f = find(ctx, path);
    if (trouble(ctx, e))
        return -1;
    if (!f)
        err_set(e, ERR_MISSING, "%s is not there", path);
    return f ? use(ctx, f) : -1;
}

/* Some order, now and then. */
static void order(struct sim *s)
{
    struct err e = {0};
    char id[CONTROL_ID + 1];
    if (!s->savepoints || chance(s, 40))
        return;
    struct control c = {
        .kind = (enum control_kind)chance(s, 3), .dir = chance(s, 2) ? s->savepoints : NULL, .drain = s->drains && !chance(s, 3)};
    if (c.kind == CONTROL_SAVEPOINT)
        c.dir = s->savepoints;
    if (!job_order(s->job, &c, id, &e)) {
        fprintf(stderr, "an order is refused: %s\n", e.text);
        abort();
    }
    s->stopped = s->stopped || c.kind == CONTROL_STOP;
}

static ptrdiff_t sim_read(void *ctx, int file, void *to, size_t n, struct err *e)
{
    struct sim *s = ctx;
    order(s);
    if (trouble(s, e))
        return -1;
    size_t left = s->open[file].file->content.n - s->open[file].at, some = 1 + chance(s, 300);
    n = n < left ? n : left;
    n = n < some ? n : some;
    if (n)
        memcpy(to, s->open[file].file->content.p + s->open[file].at, n);
    s->open[file].at += n;
    return (ptrdiff_t)n;
}

static bool sim_seek(void *ctx, int file, uint64_t to, struct err *e)
{
    struct sim *s = ctx;
    if (trouble(s, e))
        return false;
    s->open[file].at = (size_t)to;
    return true;
}

static void sim_close(void *ctx, int file)
{
    (void)ctx;
    (void)file;
}

static bool sim_ready(void *ctx, int file, int ms)
{
    (void)ctx;
    (void)file;
    (void)ms;
    return true;
}

static bool sim_list(void *ctx, const char *path, bool (*each)(void *arg, const char *name, bool is_dir), void *arg, struct err *e)
{
    struct sim *s = ctx;
    size_t n = strlen(path);
    if (trouble(s, e))
        return false;
    for (uint32_t i = 0; i < s->n; i++)
        if (s->files[i].path && !strncmp(s->files[i].path, path, n) && s->files[i].path[n] == '/' &&
            !each(arg, s->files[i].path + n + 1, false))
            return false;
    return true;
}

static int sim_create(void *ctx, const char *path, struct err *e) { return trouble(ctx, e) ? -1 : use(ctx, make(ctx, path)); }

static bool sim_write(void *ctx, int file, struct bytes b, struct err *e)
{
    struct sim *s = ctx;
    bool fails = trouble(s, e);
    buf_put(&s->open[file].file->content, b.p,
            fails ? chance(s, (uint32_t)b.n + 1) : b.n); /* a part of it, as when the disk is full */
    return !fails;
}

static bool sim_finish(void *ctx, int file, struct err *e)
{
    struct sim *s = ctx;
    if (trouble(s, e))
        return false;
    s->open[file].file->on_disk = s->open[file].file->content.n;
    return true;
}

static bool sim_rename(void *ctx, const char *from, const char *to, struct err *e)
{
    struct sim *s = ctx;
    struct file *f = find(s, from);
    if (trouble(s, e))
        return false;
    if (!f)
        return find(s, to) || err_set(e, ERR_MISSING, "%s is not there", from);
    free(f->path);
    f->path = mem_strdup(to);
    return true;
}

static void sim_remove(void *ctx, const char *path)
{
    struct file *f = find(ctx, path);
    if (f) {
        free(f->path);
        f->path = NULL;
    }
}

static bool sim_fault(void *ctx, const char *what)
{
    (void)what;
    return trouble(ctx, NULL);
}

static bool sim_print(void *ctx, struct bytes lines, struct err *e)
{
    (void)ctx;
    (void)lines;
    (void)e;
    return true;
}

/* What has not come to the disk is gone. */
static void crash(struct sim *s)
{
    s->crashes++;
    for (uint32_t i = 0; i < s->n; i++)
        if (s->files[i].path && strncmp(s->files[i].path, "/in/", 4))
            s->files[i].content.n = s->files[i].on_disk;
}

/* Pipelines that keep state of all kinds; a seed takes one. Nothing is late, and what comes out does not depend on which row comes first. */
static const struct {
    const char *columns, *query;
    bool drains; /* the end of its input may come, and then more of it: no window is over by that */
} pipelines[] = {
    {"a BIGINT, c STRING", "SELECT a, c FROM t", true},
    {"b BIGINT, n BIGINT, s BIGINT, l BIGINT, m BIGINT, d BIGINT",
     "SELECT b, COUNT(*), SUM(a), MIN(a), MAX(a), COUNT(DISTINCT c) FROM t GROUP BY b", true},
    {"n BIGINT, m BIGINT, l BIGINT, d BIGINT, e BIGINT",
     "SELECT COUNT(*), MAX(s), MIN(n), COUNT(DISTINCT n), SUM(DISTINCT n) FROM (SELECT b, SUM(a) s, COUNT(*) n FROM t GROUP BY b) GROUP BY MOD(b, 3)",
     true},
    {"n BIGINT, s DECIMAL(38, 2)",
     "SELECT COUNT(*), SUM(d) FROM (SELECT b, SUM(CAST(a AS DECIMAL(20, 2))) d FROM t GROUP BY b) GROUP BY MOD(b, 3)", true},
    {"b BIGINT, s TIMESTAMP(3), n BIGINT, v BIGINT",
     "SELECT b, window_start, COUNT(DISTINCT c), SUM(a) FROM TABLE(TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '7' SECOND)) GROUP BY b, window_start, window_end",
     false},
    {"b BIGINT, e TIMESTAMP(3), n BIGINT, v BIGINT",
     "SELECT b, window_end, COUNT(*), MAX(a) FROM TABLE(HOP(TABLE t, DESCRIPTOR(ts), INTERVAL '5' SECOND, INTERVAL '20' SECOND)) GROUP BY b, window_start, window_end",
     false},
    {"b BIGINT, e TIMESTAMP(3), n BIGINT, v BIGINT",
     "SELECT b, window_end, COUNT(DISTINCT c), SUM(a) FROM TABLE(CUMULATE(TABLE t, DESCRIPTOR(ts), INTERVAL '5' SECOND, INTERVAL '30' SECOND)) GROUP BY b, window_start, window_end",
     false},
    {"b BIGINT, s TIMESTAMP(3), n BIGINT, v BIGINT",
     "SELECT b, window_start, COUNT(*), SUM(a) FROM TABLE(SESSION(TABLE t PARTITION BY b, DESCRIPTOR(ts), INTERVAL '3' SECOND)) GROUP BY b, window_start, window_end",
     false},
    {"a BIGINT, x BIGINT, c STRING", "SELECT l.a, r.a, l.c FROM t l JOIN t r ON l.b = r.b AND l.a < r.a AND r.a < l.a + 40", true},
    {"a BIGINT, x BIGINT", "SELECT l.a, r.a FROM t l LEFT JOIN (SELECT * FROM t WHERE MOD(a, 3) = 0) r ON l.a = r.a + 1", true},
    {"a BIGINT, x BIGINT", "SELECT l.a, r.a FROM t l JOIN t r ON l.b = r.b AND l.ts BETWEEN r.ts - INTERVAL '9' SECOND AND r.ts",
     false},
    {"b BIGINT, a BIGINT, r BIGINT",
     "SELECT b, a, r FROM (SELECT b, a, ROW_NUMBER() OVER (PARTITION BY b ORDER BY a DESC) r FROM t) WHERE r <= 3", true},
    {"b BIGINT, n BIGINT, r BIGINT",
     "SELECT b, n, r FROM (SELECT b, n, ROW_NUMBER() OVER (PARTITION BY MOD(b, 2) ORDER BY n DESC, b) r FROM (SELECT b, SUM(a) n FROM t GROUP BY b)) WHERE r <= 2",
     true},
    {"b BIGINT, a BIGINT, c STRING",
     "SELECT b, a, c FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY b ORDER BY ts DESC) r FROM t) WHERE r = 1", true},
    {"a BIGINT, s BIGINT, n BIGINT",
     "SELECT a, SUM(a) OVER w, COUNT(*) OVER w FROM t WINDOW w AS (PARTITION BY b ORDER BY ts RANGE BETWEEN INTERVAL '20' SECOND PRECEDING AND CURRENT ROW)",
     false},
    {"a BIGINT, s BIGINT, n BIGINT",
     "SELECT a, SUM(a) OVER w, COUNT(*) OVER w FROM t WINDOW w AS (PARTITION BY b ORDER BY ts ROWS BETWEEN 3 PRECEDING AND CURRENT ROW)",
     false},
    {"a BIGINT, s BIGINT, n BIGINT", "SELECT a, SUM(a) OVER w, COUNT(*) OVER w FROM t WINDOW w AS (PARTITION BY b ORDER BY ts)",
     false},
    {"a BIGINT, s BIGINT", "SELECT a, SUM(a) OVER (PARTITION BY b ORDER BY a) FROM t", true},
    {"a BIGINT, n BIGINT, d BIGINT, m BIGINT", "SELECT a, COUNT(*), COUNT(DISTINCT c), MAX(b) FROM t GROUP BY a", true}, /* BRIEF */
};
enum { PIPELINES = sizeof pipelines / sizeof *pipelines, BRIEF = PIPELINES - 1 };

static void put_script(struct buf *to, uint32_t pipeline, const char *ttl)
{
    buf_printf(to,
               "SET 'table.local-time-zone' = 'UTC'; SET 'table.exec.state.ttl' = '%s';"
               "CREATE TABLE t (a BIGINT, b BIGINT, c STRING, ts TIMESTAMP(3), WATERMARK FOR ts AS ts - INTERVAL '1' DAY)"
               "WITH ('connector' = 'filesystem', 'format' = 'csv', 'path' = '/in');"
               "CREATE TABLE o (%s) WITH ('connector' = 'filesystem', 'format' = 'changelog-json', 'path' = '/out',"
               "'sink.rolling-policy.file-size' = '2000');"
               "INSERT INTO o %s;",
               ttl, pipelines[pipeline].columns, pipelines[pipeline].query);
}

static void put_input(struct sim *s)
{
    for (uint32_t row = 0; row < ROWS;) {
        char path[32];
        snprintf(path, sizeof path, "/in/%u.csv", row);
        struct file *f = make(s, path);
        for (uint32_t n = chance(s, 120); n && row < ROWS; n--, row++)
            buf_printf(&f->content, "%u,%u,row-%u,2024-01-01 00:%02u:%02u\n", row, row * 7 % 11, row % 17, row / 60, row % 60);
    }
}

/* --- what has come out --- */

struct line {
    char *text; /* of the row */
    int sign;
};

static int by_text(const void *a, const void *b) { return strcmp(((const struct line *)a)->text, ((const struct line *)b)->text); }

/* {"data":{…},"op":"+I"}: what is there at the end, a row a line. */
static void fold(const struct sim *s, struct buf *to)
{
    struct line *lines = NULL;
    uint32_t n = 0, cap = 0;
    struct buf text = {0};
    for (uint32_t i = 0; i < s->n; i++)
        if (s->files[i].path && !strncmp(s->files[i].path, "/out/part-", 10))
            buf_put(&text, s->files[i].content.p, s->files[i].content.n);
    for (char *p = (char *)buf_cstr(&text), *end; (end = strchr(p, '\n')); p = end + 1) {
        *end = 0;
        char *op = strstr(p, "\"op\":\"");
        if (n == cap)
            lines = mem_grow(lines, cap = cap ? cap * 2 : 256, sizeof *lines);
        if (!op)
            continue;
        lines[n++] = (struct line){p, op[6] == '+' ? 1 : -1};
        *op = 0;
    }
    if (n)
        qsort(lines, n, sizeof *lines, by_text);
    for (uint32_t i = 0, k; i < n; i = k) {
        int sum = 0;
        for (k = i; k < n && !strcmp(lines[k].text, lines[i].text); k++)
            sum += lines[k].sign;
        if (sum)
            buf_printf(to, "%d %s\n", sum, lines[i].text);
    }
    free(lines);
    buf_free(&text);
}

static bool as_it_should(const struct sim *s, struct buf *expected)
{
    struct buf got = {0};
    fold(s, &got);
    const char *a = buf_cstr(expected), *b = buf_cstr(&got);
    bool ok = *a && !strcmp(a, b);
    if (!ok) {
        while (*a && *a == *b)
            a++, b++;
        while (a > (const char *)expected->p && a[-1] != '\n')
            a--, b--;
        printf("it should be: %.*s\nit is:        %.*s\n", (int)strcspn(a, "\n"), a, (int)strcspn(b, "\n"), b);
    }
    buf_free(&got);
    return ok;
}

/* One life of the process: to the end, or to a crash, or until it is stopped, which leaves no error. */
static bool live(struct sim *s, const char *dir, uint32_t pipeline, struct err *e)
{
    static const char *const names[] = {"execution.checkpointing.interval",
                                        "restart-strategy.type",
                                        "restart-strategy.fixed-delay.attempts",
                                        "restart-strategy.fixed-delay.delay",
                                        "execution.checkpointing.tolerable-failed-checkpoints",
                                        "table.exec.state.ttl"};
    const char *values[] = {chance(s, 2) ? "1 ms" : "7 ms", "fixed-delay", "100000", "3 ms", chance(s, 2) ? "0" : "3", s->ttl};
    const struct world world = {.now = sim_now,
                                .ticks = sim_ticks,
                                .wait = sim_wait,
                                .open = sim_open,
                                .read = sim_read,
                                .seek = sim_seek,
                                .close = sim_close,
                                .ready = sim_ready,
                                .list = sim_list,
                                .create = sim_create,
                                .write = sim_write,
                                .finish = sim_finish,
                                .rename = sim_rename,
                                .remove = sim_remove,
                                .fault = sim_fault,
                                .print = sim_print,
                                .ctx = s,
                                .seed = s->random};
    const struct job_opts opts = {.batch_rows = 1 + chance(s, 40),
                                  .parallelism = 1 + chance(s, 4),
                                  .checkpoint_dir = dir,
                                  .n_config = dir ? 6 : 0,
                                  .config_names = names,
                                  .config_values = values};
    struct sqljob sql = {0};
    struct value json;
    struct cplan plan;
    s->crash_at = dir && chance(s, 4) ? s->calls + 1 + chance(s, 400) : 0;
    put_script(&sql.bytes, pipeline, s->ttl);
    bool ok = sqljob_read(&sql, "pipeline", NULL, 0, e) && sqljob_plan(&sql, &json, e) && cplan_of(&plan, &sql.a, &json, e);
    struct job *j = ok ? job_open(&plan, &world, &opts, e) : NULL;
    s->job = j;
    s->drains = pipelines[pipeline].drains;
    s->stopped = false;
    ok = j && job_run(j, e);
    job_free(j);
    sqljob_free(&sql);
    return ok && !s->stopped;
}

static int one(uint64_t seed)
{
    static struct sim s;
    const char *below = getenv("TMPDIR");
    char dir[4096], savepoints[4110], command[4200];
    snprintf(dir, sizeof dir, "%s/weir-simulate-XXXXXX", below && *below ? below : "/tmp");
    struct err e;
    if (!mkdtemp(dir))
        return perror(dir), 2;
    s = (struct sim){.random = (seed + 1) * UINT64_C(0x9e3779b97f4a7c15), .now = INT64_C(1700000000000000000)};
    put_input(&s);
    snprintf(savepoints, sizeof savepoints, "%s/savepoints", dir);
    uint32_t pipeline = (uint32_t)(seed % PIPELINES);
    /* state that nobody needs for longer; otherwise it stays, or has a time with it that does not come */
    s.ttl = pipeline == BRIEF ? "5 ms" : seed / PIPELINES % 2 ? "1000 d" : "0 ms";
    struct buf expected = {0};
    e = (struct err){0};
    if (!live(&s, NULL, pipeline, &e)) /* undisturbed */
        return printf("pipeline %u: %s\n", pipeline, e.text), fflush(stdout), 1;
    fold(&s, &expected);
    for (uint32_t i = 0; i < s.n; i++)
        if (s.files[i].path && !strncmp(s.files[i].path, "/out/", 5))
            sim_remove(&s, s.files[i].path);
    volatile int lives = 0;
    for (bool ok = false; !ok && lives < 300; lives++) {
        e = (struct err){0};
        s.trouble = lives < 12 ? chance(&s, 30) : 0;
        s.savepoints = lives < 12 && chance(&s, 2) ? savepoints : NULL;
        if (setjmp(s.crash))
            crash(&s); /* what the process had is nobody's any more */
        else if (!(ok = live(&s, dir, pipeline, &e)) && s.trouble == 0 && e.kind) {
            printf("seed %llu: %s\n", (unsigned long long)seed, e.text);
            break;
        } else if (ok)
            break;
    }
    bool right = e.kind == ERR_NONE && as_it_should(&s, &expected);
    if (!right)
        printf("seed %llu (pipeline %u) fails after %d lives, %u crashes, %u failures: simulate %llu 1\n", (unsigned long long)seed,
               pipeline, lives + 1, s.crashes, s.failures, (unsigned long long)seed);
    fflush(stdout);
    snprintf(command, sizeof command, "rm -rf %s", dir);
    return system(command) || !right;
}

int main(int argc, char **argv)
{
    if (argc != 3)
        return fprintf(stderr, "usage: simulate FROM N\n"), 64;
    uint64_t from = strtoull(argv[1], NULL, 10), n = strtoull(argv[2], NULL, 10), bad = 0;
    for (uint64_t i = 0; i < n; i++) {
        int status;
        pid_t pid = fork();
        if (!pid)
            _exit(one(from + i)); /* without looking for leaks: crashes leave some */
        if (waitpid(pid, &status, 0) < 0 || status) {
            bad++;
            if (WIFSIGNALED(status))
                printf("seed %llu: ends with signal %d\n", (unsigned long long)(from + i), WTERMSIG(status));
        }
    }
    printf("simulate: %llu of %llu seeds as they should\n", (unsigned long long)(n - bad), (unsigned long long)n);
    return bad != 0;
}
