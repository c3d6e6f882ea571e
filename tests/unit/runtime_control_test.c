/* Orders for a job that runs, from other threads: what may be ordered, how it goes, and how the job ends by it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "runtime/control.h"
#include "runtime/view.h"
#include "savepoint/savepoint.h"

#define ROW "\"outputType\":\"ROW<`a` BIGINT>\",\"description\":\"\""
#define TABLE(name, options)                                                                                                      \
    "{\"table\":{\"identifier\":\"`c`.`d`.`" name "`\",\"resolvedTable\":{\"schema\":{\"columns\":[{\"name\":\"a\",\"dataType\":" \
    "\"BIGINT\"}]},\"options\":{" options "}}}}"

/* Numbers without an end; the second step is a task of its own when there are several subtasks. */
static const char plan_text[] =
    "{\"flinkVersion\":\"2.3\",\"nodes\":["
    "{\"id\":1,\"type\":\"stream-exec-table-source-scan_2\"," ROW ",\"scanTableSource\":" TABLE(
        "t",
        "\"connector\":\"datagen\",\"rows-per-second\":\"1000\"") "},"
                                                                  "{\"id\":2,\"type\":\"stream-exec-exchange_1\"," ROW
                                                                  ",\"inputProperties\":[{\"requiredDistribution\":{\"type\":\"HASH\",\"keys\":[0]}}]},"
                                                                  "{\"id\":3,\"type\":\"stream-exec-sink_2\"," ROW
                                                                  ",\"dynamicTableSink\":" TABLE(
                                                                      "o",
                                                                      "\"connector\":\"blackhole\"") "}],"
                                                                                                     "\"edges\":[{\"source\":1,\"target\":2},{\"source\":2,\"target\":3}]}";

static char dir[] = "/tmp/weir-control-XXXXXX";

struct running {
    struct arena a;
    struct cplan plan;
    struct world world;
    struct job *job;
    pthread_t thread;
    bool ok;
    struct err e;
};

static void *work(void *arg)
{
    struct running *r = arg;
    r->ok = job_run(r->job, &r->e);
    return NULL;
}

static struct running *open_job(uint32_t parallelism, const char *checkpoints)
{
    static const char *const names[] = {"execution.checkpointing.interval"}, *const values[] = {"1 h"};
    struct running *r = mem_zalloc(sizeof *r);
    const struct job_opts opts = {.parallelism = parallelism,
                                  .checkpoint_dir = checkpoints,
                                  .n_config = checkpoints ? 1 : 0,
                                  .config_names = names,
                                  .config_values = values};
    r->world = world_real();
    if (!cplan_read(&r->plan, &r->a, plan_text, sizeof plan_text - 1, &r->e) ||
        !(r->job = job_open(&r->plan, &r->world, &opts, &r->e)))
        fail_msg("%s", r->e.text);
    return r;
}

static struct running *start(uint32_t parallelism, const char *checkpoints)
{
    struct running *r = open_job(parallelism, checkpoints);
    assert_int_equal(pthread_create(&r->thread, NULL, work, r), 0);
    return r;
}

/* How it has ended. */
static enum job_phase phase(struct running *r)
{
    struct job_view v;
    job_look(r->job, &v, &r->a);
    return v.phase;
}

static void join(struct running *r, enum err_kind kind, enum job_phase expected)
{
    pthread_join(r->thread, NULL);
    assert_int_equal(r->e.kind, kind);
    assert_int_equal(r->ok, kind == ERR_NONE);
    assert_int_equal(phase(r), expected);
}

static void close_job(struct running *r)
{
    job_free(r->job);
    arena_free(&r->a);
    free(r);
}

static void moment(void) { nanosleep(&(struct timespec){.tv_nsec = 2000000}, NULL); }

/* Orders it and waits for its end. */
static struct control_state done(struct running *r, const struct control *c)
{
    struct err e = {0};
    char id[CONTROL_ID + 1];
    if (!job_order(r->job, c, id, &e))
        fail_msg("%s", e.text);
    for (int i = 0; i < 10000; i++, moment()) {
        struct control_state s = job_ordered(r->job, id, &r->a);
        assert_int_equal(s.kind, c->kind);
        if (s.progress != CONTROL_RUNS)
            return s;
    }
    fail_msg("order %d does not come to an end", (int)c->kind);
    return (struct control_state){0};
}

static void refused(struct running *r, const struct control *c, enum err_kind kind, const char *why)
{
    struct err e = {0};
    char id[CONTROL_ID + 1];
    assert_false(job_order(r->job, c, id, &e));
    assert_int_equal(e.kind, kind);
    assert_string_equal(e.text, why);
}

static const char *below(struct running *r, const char *name) { return arena_printf(&r->a, "%s/%s", dir, name); }

static void is_snapshot(const char *path, int64_t checkpoint)
{
    static const struct snapshot_opts opts = {0};
    struct snapshot *s;
    struct err e = {0};
    if (!snapshot_open(&s, path, &opts, &e))
        fail_msg("%s", e.text);
    assert_int_equal(s->meta.checkpoint_id, checkpoint);
    assert_int_equal(s->meta.n, 2); /* the source's and the sink's */
    snapshot_close(s);
}

static void what_cannot_be_is_refused(void **state)
{
    (void)state;
    struct running *r = open_job(1, NULL);
    refused(r, &(struct control){.kind = CONTROL_CHECKPOINT}, ERR_REFUSED,
            "the job takes no checkpoints: weir run --checkpoint-dir DIR");
    refused(r, &(struct control){.kind = CONTROL_SAVEPOINT}, ERR_USAGE,
            "no directory is given, and execution.checkpointing.savepoint-dir is not set");
    refused(r, &(struct control){.kind = CONTROL_SAVEPOINT, .dir = "hdfs://a/b"}, ERR_UNSUPPORTED,
            "savepoints go to directories of this machine, not to 'hdfs://a/b'");
    refused(r, &(struct control){.kind = CONTROL_SAVEPOINT, .dir = dir, .id = "0123"}, ERR_USAGE,
            "'0123' is no id of 32 hexadecimal digits");
    refused(r, &(struct control){.kind = CONTROL_STOP}, ERR_USAGE,
            "no directory is given, execution.checkpointing.savepoint-dir is not set, and there are no checkpoints");
    assert_int_equal(job_ordered(r->job, "0123456789abcdef0123456789abcdef", &r->a).progress, CONTROL_UNKNOWN);
    close_job(r);
}

static void snapshots_while_it_goes_on(uint32_t parallelism)
{
    struct running *r = start(parallelism, NULL);
    const char *id = "0123456789abcdef0123456789abcdef";
    struct control_state one = done(r, &(struct control){.kind = CONTROL_SAVEPOINT, .dir = below(r, "sp"), .id = id});
    struct control_state again = done(r, &(struct control){.kind = CONTROL_SAVEPOINT, .dir = below(r, "sp"), .id = id});
    assert_int_equal(one.progress, CONTROL_DONE);
    assert_string_equal(one.location, again.location); /* the same order */
    is_snapshot(one.location, 1);
    struct control_state two = done(r, &(struct control){.kind = CONTROL_SAVEPOINT, .dir = below(r, "sp")});
    assert_string_not_equal(one.location, two.location);
    is_snapshot(two.location, 2);
    struct control_state fails =
        done(r, &(struct control){.kind = CONTROL_STOP, .dir = arena_printf(&r->a, "%s/_metadata", one.location)});
    assert_int_equal(fails.progress, CONTROL_FAILED);
    assert_non_null(strstr(fails.why, "Not a directory"));
    assert_int_equal(phase(r), PHASE_RUNNING);
    uint64_t rows = job_figures(r->job).rows_in; /* and it gives rows again */
    for (int i = 0; i < 10000 && job_figures(r->job).rows_in == rows; i++)
        moment();
    assert_true(job_figures(r->job).rows_in > rows);
    struct control_state stop = done(r, &(struct control){.kind = CONTROL_STOP, .dir = below(r, "sp")});
    assert_int_equal(stop.progress, CONTROL_DONE);
    is_snapshot(stop.location, 4);
    join(r, ERR_NONE, PHASE_FINISHED);
    refused(r, &(struct control){.kind = CONTROL_SAVEPOINT, .dir = dir}, ERR_REFUSED, "the job has ended");
    close_job(r);
}

static void savepoints_and_a_stop(void **state)
{
    (void)state;
    snapshots_while_it_goes_on(1);
    snapshots_while_it_goes_on(3);
}

/* The job goes on from there: so a stop without a directory is a checkpoint. */
static void stops_with_a_checkpoint(void **state)
{
    char one[64], three[64];
    (void)state;
    snprintf(one, sizeof one, "%s/one", dir);
    snprintf(three, sizeof three, "%s/three", dir);
    for (uint32_t parallelism = 1; parallelism <= 3; parallelism += 2) {
        struct running *r = start(parallelism, parallelism > 1 ? three : one);
        assert_int_equal(done(r, &(struct control){.kind = CONTROL_CHECKPOINT}).checkpoint, 1);
        struct control_state s = done(r, &(struct control){.kind = CONTROL_STOP, .drain = parallelism > 1});
        assert_int_equal(s.checkpoint, 2);
        is_snapshot(s.location, 2);
        join(r, ERR_NONE, PHASE_FINISHED);
        close_job(r);
    }
}

static void draining_needs_no_directory(void **state)
{
    (void)state;
    for (uint32_t parallelism = 1; parallelism <= 3; parallelism += 2) {
        struct running *r = start(parallelism, NULL);
        struct control_state s = done(r, &(struct control){.kind = CONTROL_STOP, .drain = true});
        assert_int_equal(s.progress, CONTROL_DONE);
        assert_null(s.location);
        join(r, ERR_NONE, PHASE_FINISHED);
        close_job(r);
    }
}

static void cancelling(void **state)
{
    (void)state;
    for (uint32_t parallelism = 1; parallelism <= 3; parallelism += 2) {
        struct running *r = start(parallelism, NULL);
        job_cancel(r->job);
        join(r, ERR_INTERRUPTED, PHASE_CANCELED);
        job_cancel(r->job); /* too late */
        assert_int_equal(phase(r), PHASE_CANCELED);
        close_job(r);
    }
}

/* What nobody has come to while the job ended has failed. */
static void orders_end_with_the_job(void **state)
{
    (void)state;
    struct running *r = open_job(1, NULL);
    struct err e = {0};
    char id[CONTROL_ID + 1];
    assert_true(job_order(r->job, &(struct control){.kind = CONTROL_SAVEPOINT, .dir = dir}, id, &e));
    assert_int_equal(job_ordered(r->job, id, &r->a).progress, CONTROL_RUNS);
    job_cancel(r->job);
    assert_int_equal(pthread_create(&r->thread, NULL, work, r), 0);
    join(r, ERR_INTERRUPTED, PHASE_CANCELED);
    struct control_state s = job_ordered(r->job, id, &r->a);
    assert_int_equal(s.progress, CONTROL_FAILED);
    assert_string_equal(s.why, "the job has ended");
    close_job(r);
}

static int make_dir(void **state)
{
    (void)state;
    return !mkdtemp(dir);
}

static int remove_dir(void **state)
{
    char command[64];
    (void)state;
    snprintf(command, sizeof command, "rm -rf %s", dir);
    return system(command);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_cannot_be_is_refused),
        cmocka_unit_test(savepoints_and_a_stop),
        cmocka_unit_test(stops_with_a_checkpoint),
        cmocka_unit_test(draining_needs_no_directory),
        cmocka_unit_test(cancelling),
        cmocka_unit_test(orders_end_with_the_job),
    };
    return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
