/* How long rows wait for a checkpoint: a task with KEYS keys of state, whose rows never end, at its sink. Said are the longest times between two
 * rows, in seconds without a checkpoint and in those of checkpoints: by the wall; of those in which the task itself waited for something; and of
 * the task's own processor time, which leaves out what else the machine does.
 *
 *   pause KEYS CHECKPOINTS */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "base/temp.h"
#include "cli/sqljob.h"
#include "runtime/control.h"
#include "runtime/runtime.h"
#include "runtime/view.h"
#include "sql/batch.h"

struct seen {
    _Atomic uint64_t rows, fresh;
    _Atomic int64_t longest, longest_own, longest_waiting; /* nanoseconds */
    int64_t last, last_own;
    long waits;
};

static int64_t clock_of(clockid_t id)
{
    struct timespec t;
    clock_gettime(id, &t);
    return t.tv_sec * INT64_C(1000000000) + t.tv_nsec;
}

static void longer(_Atomic int64_t *most, int64_t ns)
{
    if (ns > atomic_load_explicit(most, memory_order_relaxed))
        atomic_store(most, ns);
}

/* From the task's thread. */
static void row(void *ctx, const struct batch *b, uint32_t at, const struct ltype *const *types)
{
    struct seen *s = ctx;
    uint64_t n = atomic_fetch_add_explicit(&s->rows, 1, memory_order_relaxed);
    (void)types;
    if (batch_kind(b, at) == ROW_INSERT)
        atomic_fetch_add_explicit(&s->fresh, 1, memory_order_relaxed);
    if (n % 16)
        return;
    int64_t now = clock_of(CLOCK_MONOTONIC), own = clock_of(CLOCK_THREAD_CPUTIME_ID);
    struct rusage used;
    getrusage(RUSAGE_THREAD, &used);
    if (s->last) {
        longer(&s->longest, now - s->last);
        longer(&s->longest_own, own - s->last_own);
        longer(&s->longest_waiting, used.ru_nvcsw != s->waits ? now - s->last : 0);
    }
    s->last = now;
    s->last_own = own;
    s->waits = used.ru_nvcsw;
}

static void fail(const struct err *e)
{
    fprintf(stderr, "pause: %s\n", e->text);
    exit(1);
}

static void *work(void *job)
{
    struct err e = {0};
    if (!job_run(job, &e) && e.kind != ERR_INTERRUPTED)
        fail(&e);
    return NULL;
}

static void wait_ms(long ms) { nanosleep(&(struct timespec){ms / 1000, ms % 1000 * 1000000}, NULL); }

static void begin(struct seen *s)
{
    atomic_store(&s->longest, 0);
    atomic_store(&s->longest_own, 0);
    atomic_store(&s->longest_waiting, 0);
}

static void say(struct seen *s, const char *what, double seconds, uint64_t rows)
{
    printf("%-13s %6.2f s %8.0f rows/s  longest pause %7.2f ms, in which it waited %7.2f ms, of its own time %7.2f ms\n", what,
           seconds, (double)rows / seconds, (double)atomic_load(&s->longest) / 1e6, (double)atomic_load(&s->longest_waiting) / 1e6,
           (double)atomic_load(&s->longest_own) / 1e6);
    fflush(stdout);
}

static double since(int64_t from) { return (double)(clock_of(CLOCK_MONOTONIC) - from) / 1e9; }

/* Ordered, and there. */
static void checkpoint(struct job *j, struct seen *s)
{
    struct err e = {0};
    struct arena a = {0};
    char id[CONTROL_ID + 1];
    int64_t from = clock_of(CLOCK_MONOTONIC);
    uint64_t rows = atomic_load(&s->rows);
    begin(s);
    if (!job_order(j, &(struct control){.kind = CONTROL_CHECKPOINT}, id, &e))
        fail(&e);
    struct control_state c;
    while ((c = job_ordered(j, id, &a)).progress == CONTROL_RUNS)
        wait_ms(5);
    if (c.progress != CONTROL_DONE) {
        err_set(&e, ERR_IO, "%s", c.why ? c.why : "?");
        fail(&e);
    }
    say(s, "a checkpoint", since(from), atomic_load(&s->rows) - rows);
    arena_free(&a);
}

int main(int argc, char **argv)
{
    static const char *const names[] = {"execution.checkpointing.interval"}, *const values[] = {"10 h"};
    uint64_t keys = argc > 1 ? strtoull(argv[1], NULL, 10) : 1000000, n = argc > 2 ? strtoull(argv[2], NULL, 10) : 3;
    struct err e = {0};
    struct sqljob sql = {0};
    struct value json;
    struct cplan plan;
    struct seen seen = {.rows = 0};
    char dir[] = "/tmp/weir-pause-XXXXXX";
    const struct world world = world_real();
    pthread_t thread;
    if (!mkdtemp(dir))
        return 1;
    const struct job_opts opts = {.output = JOB_ROWS,
                                  .row = row,
                                  .row_ctx = &seen,
                                  .parallelism = 1,
                                  .checkpoint_dir = dir,
                                  .n_config = 1,
                                  .config_names = names,
                                  .config_values = values};
    buf_printf(
        &sql.bytes,
        "CREATE TABLE t (k BIGINT, v BIGINT) WITH ('connector' = 'datagen', 'rows-per-second' = '100000000', 'fields.k.min' = '1', "
        "'fields.k.max' = '%llu'); SELECT k, COUNT(*), SUM(v), MAX(v) FROM t GROUP BY k;",
        (unsigned long long)keys);
    if (!sqljob_read(&sql, "pause", NULL, 0, &e) || !sqljob_plan(&sql, &json, &e) || !cplan_of(&plan, &sql.a, &json, &e))
        fail(&e);
    struct job *j = job_open(&plan, &world, &opts, &e);
    if (!j || pthread_create(&thread, NULL, work, j))
        fail(&e);
    while (atomic_load(&seen.fresh) < keys - keys / 1000)
        wait_ms(20);
    printf("%llu keys\n", (unsigned long long)atomic_load(&seen.fresh));
    int64_t from = clock_of(CLOCK_MONOTONIC);
    uint64_t rows = atomic_load(&seen.rows);
    begin(&seen);
    wait_ms(3000);
    say(&seen, "without one", since(from), atomic_load(&seen.rows) - rows);
    for (uint64_t i = 0; i < n; i++)
        checkpoint(j, &seen);
    job_cancel(j);
    pthread_join(thread, NULL);
    job_free(j);
    sqljob_free(&sql);
    temp_remove_below(dir);
    return 0;
}
