/* The rules of weir diagnose, each on a made-up cluster that is healthy but for one thing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "live/diagnose.h"

#define NOW 1800000000000
#define JOB "0123456789abcdef0123456789abcdef"

enum { V = 3, HISTORY = 10 };

/* Source -> Join -> Window, each with two subtasks, on one task manager. */
struct made {
    struct live_vertex vertices[V];
    struct live_edge edges[V];
    struct live_plan_node nodes[V];
    struct live_job job, before;
    struct live_vertex vertices_before[V];
    struct live_pressure subtasks[V][2];
    struct live_backpressure pressure[V];
    struct live_watermark marks[V][2];
    struct live_watermarks watermarks[V], watermarks_before[V];
    struct live_checkpoint history[HISTORY];
    struct live_checkpoints checkpoints;
    struct live_checkpoint_config config;
    struct live_checkpoint_subtask parts[2];
    struct live_checkpoint_subtasks slowest;
    struct live_exception failures[4];
    struct live_exceptions exceptions;
    struct live_metric restarts[1], rates[3];
    struct live_metrics restart_metrics, gc_metrics;
    struct live_overview overview;
    struct live_jvm jvm;
    struct live_slot slots[2];
    struct live_taskmanager manager;
    struct live_taskmanagers managers;
    struct live_vertex_detail detail;
    struct live_subtask detail_subtasks[2];
    /* the answers, in the order in which they are made */
    struct live_answer answers[32];
    uint32_t n_answers;
    const struct live_answer *by_vertex[4][V], *manager_answers[1], *gc_answers[1];
    struct edge plan[2];
    struct given given[V];
    struct cluster_facts cluster;
    struct facts facts;
    struct arena arena;
    struct diagnosis d;
};

static const struct live_answer *here(struct made *m, const void *data)
{
    struct live_answer *a = &m->answers[m->n_answers++];
    *a = (struct live_answer){.state = LIVE_HERE, .data = data, .came_ms = NOW};
    return a;
}

static void absent(int64_t *v, size_t n)
{
    for (size_t i = 0; i < n; i++)
        v[i] = LIVE_ABSENT;
}

static void make_vertices(struct made *m)
{
    static const char *const names[V] = {"Source: orders", "Join", "WindowAggregate"};
    static const char *const ids[V] = {"a", "b", "c"};
    for (int i = 0; i < V; i++) {
        m->vertices[i] =
            (struct live_vertex){.id = ids[i], .name = names[i], .parallelism = 2, .io.read_records = 5000, .io.busy_ms = 1};
        m->vertices[i].tasks[LIVE_TASK_RUNNING] = 2;
        m->edges[i] = (struct live_edge){.from = i ? ids[i - 1] : NULL};
        m->nodes[i] = (struct live_plan_node){.id = ids[i], .inputs = &m->edges[i], .n_inputs = i > 0};
        for (int k = 0; k < 2; k++) {
            m->subtasks[i][k] = (struct live_pressure){.index = k, .busy = 0.3, .idle = 0.7};
            m->marks[i][k] = (struct live_watermark){.subtask = k, .ms = NOW - 3000};
        }
        m->pressure[i] = (struct live_backpressure){.status = "ok", .subtasks = m->subtasks[i], .n_subtasks = 2};
        m->watermarks[i] = (struct live_watermarks){m->marks[i], 2, NOW - 3000, NOW - 3000};
        m->by_vertex[0][i] = here(m, &m->pressure[i]);
        m->by_vertex[1][i] = i ? here(m, &m->watermarks[i]) : NULL;
    }
    m->plan[0] = (struct edge){0, 1};
    m->plan[1] = (struct edge){1, 2};
}

static void make_checkpoints(struct made *m)
{
    for (int i = 0; i < HISTORY; i++)
        m->history[i] = (struct live_checkpoint){.id = HISTORY - i,
                                                 .status = "COMPLETED",
                                                 .trigger_ms = NOW - 10000 * (i + 1),
                                                 .latest_ack_ms = NOW - 10000 * (i + 1) + 500,
                                                 .duration_ms = 500,
                                                 .state_size = (64 << 20) + (i % 3 << 16)};
    m->checkpoints = (struct live_checkpoints){.counts.completed = HISTORY,
                                               .latest.completed = &m->history[0],
                                               .history = m->history,
                                               .n_history = HISTORY,
                                               .summary.state_size.p50 = 64 << 20};
    m->config = (struct live_checkpoint_config){
        .checkpoint_storage = "FileSystemCheckpointStorage", .interval_ms = 10000, .timeout_ms = 600000};
}

static void make(struct made *m)
{
    memset(m, 0, sizeof *m);
    make_vertices(m);
    make_checkpoints(m);
    m->job = (struct live_job){.id = JOB,
                               .state = "RUNNING",
                               .start_ms = NOW - 1000000,
                               .now_ms = NOW,
                               .vertices = m->vertices,
                               .n_vertices = V,
                               .plan = {.nodes = m->nodes, .n_nodes = V}};
    absent(m->job.timestamps, LIVE_JOB_STATES);
    m->job.timestamps[LIVE_JOB_RUNNING] = NOW - 900000;
    m->restarts[0] = (struct live_metric){.id = "numRestarts", .value = 0};
    m->restart_metrics = (struct live_metrics){m->restarts, 1};
    m->rates[0] = (struct live_metric){.id = "Status.JVM.GarbageCollector.All.TimeMsPerSecond", .value = 20};
    m->rates[1] = (struct live_metric){.id = "Status.JVM.Memory.Metaspace.Max", .value = 1000};
    m->rates[2] = (struct live_metric){.id = "Status.JVM.Memory.Metaspace.Used", .value = 500};
    m->gc_metrics = (struct live_metrics){m->rates, 3};
    m->overview = (struct live_overview){.taskmanagers = 1, .slots_total = 2, .slots_available = 0};
    m->jvm = (struct live_jvm){.heap_used = 50, .heap_max = 100};
    m->slots[0] = m->slots[1] = (struct live_slot){.job = JOB};
    m->manager = (struct live_taskmanager){
        .id = "tm-1", .last_heartbeat_ms = NOW - 4000, .jvm = &m->jvm, .allocated = m->slots, .n_allocated = 2};
    m->managers = (struct live_taskmanagers){&m->manager, 1};
    m->manager_answers[0] = here(m, &m->manager);
    m->gc_answers[0] = here(m, &m->gc_metrics);
    m->cluster = (struct cluster_facts){.overview = here(m, &m->overview),
                                        .taskmanagers = here(m, &m->managers),
                                        .n_managers = 1,
                                        .managers = m->manager_answers,
                                        .gc = m->gc_answers};
    m->facts = (struct facts){.cluster = &m->cluster,
                              .id = JOB,
                              .job = here(m, &m->job),
                              .exceptions = here(m, &m->exceptions),
                              .restarts = here(m, &m->restart_metrics),
                              .checkpoints = here(m, &m->checkpoints),
                              .checkpoint_config = here(m, &m->config),
                              .edges = m->plan,
                              .n_edges = 2,
                              .pressure = m->by_vertex[0],
                              .watermarks = m->by_vertex[1],
                              .given = m->given};
}

static void look(struct made *m)
{
    arena_free(&m->arena);
    m->arena = (struct arena){0};
    diagnose(&m->d, &m->facts, &m->arena);
}

/* Looks, and finds just that; FINDINGS: nothing at all. */
static void expect(struct made *m, enum finding_id id)
{
    look(m);
    for (uint32_t i = 0; i < m->d.n; i++)
        if (m->d.list[i].id != id)
            fail_msg("found %s: %s", finding_rows[m->d.list[i].id].name, m->d.list[i].evidence[0]);
    for (uint32_t i = 0; i < m->d.n_unassessed; i++)
        fail_msg("not assessed: %s: %s", finding_rows[m->d.unassessed[i].id].name, m->d.unassessed[i].why);
    assert_int_equal(m->d.n > 0, id != FINDINGS);
    arena_free(&m->arena);
    m->arena = (struct arena){0};
}

static void fails(struct made *m, uint32_t n, const char *stack)
{
    for (uint32_t i = 0; i < n; i++)
        m->failures[i] = (struct live_exception){.at_ms = NOW - 5000 * (i + 1), .stack = stack, .task = "Join (1/2)"};
    m->exceptions = (struct live_exceptions){.list = m->failures, .n_list = n};
}

static void failed_checkpoints(struct made *m, int n, const char *message)
{
    for (int i = 0; i < n; i++) {
        m->history[i].status = "FAILED";
        m->history[i].failure_message = message;
    }
    m->checkpoints.latest.completed = n < HISTORY ? &m->history[n] : NULL;
}

static void healthy(void **state)
{
    (void)state;
    struct made m;
    make(&m);
    expect(&m, FINDINGS);
}

static void failures(void **state)
{
    (void)state;
    struct made m;
    make(&m);
    fails(&m, 3, "a.B: x\n\tat y\nCaused by: c.D: the cause\n\tat z\n");
    m.restarts[0].value = 7;
    look(&m);
    assert_int_equal(m.d.n, 1);
    assert_int_equal(m.d.list[0].id, FINDING_CRASH_LOOP);
    assert_non_null(strstr(m.d.list[0].evidence[0], "3 failures within 10.0 s, the last 5.0 s ago; 7 restarts"));
    assert_string_equal(m.d.list[0].evidence[1], "root cause: c.D: the cause");
    fails(&m, 1, "a.B: x");
    expect(&m, FINDING_RESTARTED);
    m.failures[0].at_ms = NOW - 3700000; /* long ago */
    expect(&m, FINDINGS);
    fails(&m, 1, "java.lang.OutOfMemoryError: Metaspace");
    look(&m);
    assert_int_equal(m.d.list[0].id, FINDING_OUT_OF_MEMORY);
    fails(&m, 1, "x.ResourceManagerException: TaskManager with id tm-9 is no longer reachable.");
    look(&m);
    assert_true(finding_found(&m.d, FINDING_TASKMANAGER_LOST));
    m.exceptions = (struct live_exceptions){0};
    m.manager.last_heartbeat_ms = NOW - 31000;
    expect(&m, FINDING_TASKMANAGER_LOST);
    arena_free(&m.arena);
}

static void a_failed_job(void **state)
{
    (void)state;
    struct made m;
    make(&m);
    m.job.state = "FAILED";
    m.job.timestamps[LIVE_JOB_FAILED] = NOW - 1000;
    m.facts.checkpoints = NULL; /* not asked for */
    fails(&m, 1, "JobException: Recovery is suppressed\nCaused by: boom");
    expect(&m, FINDING_JOB_FAILED);
    m.job.state = "FINISHED";
    expect(&m, FINDINGS);
}

static void slots(void **state)
{
    (void)state;
    struct made m;
    make(&m);
    m.vertices[1].tasks[LIVE_TASK_SCHEDULED] = 2;
    expect(&m, FINDINGS); /* it has its two slots */
    m.manager.n_allocated = 1;
    expect(&m, FINDING_NO_SLOTS);
    m.overview.slots_available = 1;
    expect(&m, FINDINGS);
}

static void checkpoints_fail(void **state)
{
    (void)state;
    struct made m;
    make(&m);
    failed_checkpoints(&m, 1, "Asynchronous task checkpoint failed.");
    expect(&m, FINDING_CHECKPOINT_FAILED);
    failed_checkpoints(&m, 3, "Asynchronous task checkpoint failed.");
    expect(&m, FINDING_CHECKPOINT_FAILING);
    failed_checkpoints(&m, 3, "Checkpoint expired before completing.");
    expect(&m, FINDING_CHECKPOINT_TIMEOUT);
    failed_checkpoints(&m, 3, "Checkpoint Coordinator is suspending.");
    expect(&m, FINDINGS);
    make(&m);
    m.config.checkpoint_storage = "JobManagerCheckpointStorage";
    for (int i = 0; i < HISTORY; i++)
        m.history[i].state_size = 3 << 20;
    expect(&m, FINDINGS);
    for (int i = 0; i < HISTORY; i++)
        m.history[i].state_size = 9 << 20; /* 4.5 MiB a subtask */
    expect(&m, FINDING_CHECKPOINT_TOO_BIG);
}

static void checkpoints_take_long(void **state)
{
    (void)state;
    struct made m;
    make(&m);
    for (int i = 0; i < HISTORY; i++)
        m.history[i].duration_ms = i % 2 ? 400 : 12000;
    m.parts[0] = (struct live_checkpoint_subtask){.status = "completed",
                                                  .duration_ms = 12000,
                                                  .start_delay_ms = 300,
                                                  .checkpoint = {100, 11000},
                                                  .alignment.duration_ms = 200};
    m.slowest = (struct live_checkpoint_subtasks){.subtasks = m.parts, .n_subtasks = 1};
    m.facts.slowest = here(&m, &m.slowest);
    m.facts.slowest_vertex = "c";
    look(&m);
    assert_int_equal(m.d.n, 1);
    assert_int_equal(m.d.list[0].id, FINDING_CHECKPOINT_SLOW);
    assert_ptr_equal(m.d.list[0].vertex, &m.vertices[2]);
    assert_non_null(strstr(m.d.list[0].evidence[2], "11.0 s the asynchronous part"));
    arena_free(&m.arena);
    make(&m);
    m.history[0] = (struct live_checkpoint){.id = 11, .status = "IN_PROGRESS", .trigger_ms = NOW - 30000};
    m.checkpoints.latest.completed = &m.history[1];
    expect(&m, FINDING_CHECKPOINT_SLOW);
    make(&m);
    for (int i = 0; i < HISTORY; i++)
        m.history[i].latest_ack_ms -= 60000;
    expect(&m, FINDING_CHECKPOINT_OLD);
    make(&m);
    m.config.interval_ms = LIVE_ABSENT;
    expect(&m, FINDING_CHECKPOINT_OFF);
}

static void state_grows(void **state)
{
    (void)state;
    struct made m;
    make(&m);
    for (int i = 0; i < HISTORY; i++)
        m.history[i].state_size = (int64_t)(HISTORY - i) << 21;
    expect(&m, FINDING_CHECKPOINT_GROWING);
    for (int i = 0; i < HISTORY; i++)
        m.history[i].state_size = (int64_t)(HISTORY - i) << 10; /* too small to matter */
    expect(&m, FINDINGS);
    make(&m);
    m.checkpoints.counts.completed = 1000;
    m.checkpoints.summary.state_size.p50 = 20 << 20;
    m.checkpoints.summary.state_size.max = 65 << 20;
    expect(&m, FINDING_CHECKPOINT_GROWING);
}

static void flow(void **state)
{
    (void)state;
    struct made m;
    make(&m);
    for (int k = 0; k < 2; k++) {
        m.subtasks[0][k].ratio = m.subtasks[1][k].ratio = 0.9;
        m.subtasks[0][k].busy = NAN;
        m.subtasks[2][k].busy = 1;
    }
    look(&m);
    assert_int_equal(m.d.n, 1);
    assert_int_equal(m.d.list[0].id, FINDING_BACKPRESSURE);
    assert_ptr_equal(m.d.list[0].vertex, &m.vertices[2]); /* the first one below, not the one in between */
    arena_free(&m.arena);
    make(&m);
    m.subtasks[1][1].busy = 0.95;
    expect(&m, FINDING_SKEW);
    m.subtasks[1][0].busy = 0.9; /* busy, but alike */
    expect(&m, FINDINGS);
    m.detail_subtasks[0].io.read_records = 90000;
    m.detail_subtasks[1].io.read_records = 10000;
    m.detail = (struct live_vertex_detail){.subtasks = m.detail_subtasks, .n_subtasks = 2};
    m.by_vertex[3][1] = here(&m, &m.detail);
    m.facts.vertices = m.by_vertex[3];
    expect(&m, FINDING_SKEW);
}

static void no_watermark(void **state)
{
    (void)state;
    struct made m;
    make(&m);
    m.marks[1][0].ms = m.marks[1][1].ms = m.watermarks[1].low = m.watermarks[1].high = LIVE_WATERMARK_NONE;
    m.marks[2][0].ms = m.marks[2][1].ms = m.watermarks[2].low = m.watermarks[2].high = LIVE_WATERMARK_NONE;
    m.given[0].giving = GIVING_NONE; /* no event time in this job */
    expect(&m, FINDINGS);
    m.given[0] = (struct given){.giving = GIVING_SOME, .silent = "1"};
    look(&m);
    assert_int_equal(m.d.n, 1);
    assert_int_equal(m.d.list[0].id, FINDING_WATERMARK_NONE);
    assert_ptr_equal(m.d.list[0].vertex, &m.vertices[1]); /* where it begins */
    assert_non_null(strstr(m.d.list[0].evidence[1], "subtask 1 never gave one"));
    m.job.timestamps[LIVE_JOB_RUNNING] = NOW - 5000; /* just started */
    expect(&m, FINDINGS);
}

static void late_watermark(void **state)
{
    (void)state;
    struct made m;
    make(&m);
    for (int i = 1; i < V; i++)
        m.watermarks[i].low = NOW - 90000;
    look(&m);
    assert_int_equal(m.d.n, 0);
    assert_int_equal(m.d.n_unassessed, 1);
    assert_int_equal(m.d.unassessed[0].id, FINDING_WATERMARK_STUCK);
    m.before = m.job;
    m.before.vertices = m.vertices_before;
    memcpy(m.vertices_before, m.vertices, sizeof m.vertices);
    memcpy(m.watermarks_before, m.watermarks, sizeof m.watermarks);
    m.facts.job_before = here(&m, &m.before);
    m.facts.watermarks_before = m.by_vertex[2];
    for (int i = 1; i < V; i++)
        m.by_vertex[2][i] = here(&m, &m.watermarks_before[i]);
    look(&m); /* nothing was renewed */
    assert_int_equal(m.d.n_unassessed, 1);
    m.vertices[1].io.read_records += 100;
    expect(&m, FINDING_WATERMARK_STUCK);
    m.watermarks[1].low += 10000; /* it moves; the one behind it reads nothing */
    expect(&m, FINDINGS);
}

static void memory(void **state)
{
    (void)state;
    struct made m;
    make(&m);
    m.rates[0].value = 150;
    expect(&m, FINDING_GC);
    make(&m);
    m.jvm.heap_used = 96;
    expect(&m, FINDING_MEMORY);
    m.slots[0].job = m.slots[1].job = "another"; /* not this job's */
    expect(&m, FINDINGS);
    make(&m);
    m.rates[2].value = 990;
    expect(&m, FINDING_MEMORY);
}

/* Whatever is missing: never a crash, and never healthy. */
static void not_assessed(void **state)
{
    (void)state;
    struct made m;
    for (uint32_t gone = 0;; gone++) {
        make(&m);
        if (gone == m.n_answers)
            break;
        struct err why = {0};
        err_set(&why, ERR_SERVER, "gone");
        m.answers[gone] = (struct live_answer){.state = LIVE_FAILED, .err = why};
        bool job = &m.answers[gone] == m.facts.job, restarts = &m.answers[gone] == m.facts.restarts,
             overview = &m.answers[gone] == m.cluster.overview;
        look(&m);
        assert_int_equal(m.d.n, 0);
        if (job)
            assert_int_equal(m.d.n_unassessed, FINDINGS);
        else if (!restarts && !overview) /* those are evidence only, or needed when it waits */
            assert_true(m.d.n_unassessed > 0);
        arena_free(&m.arena);
    }
    make(&m);
    m.job = (struct live_job){.start_ms = LIVE_ABSENT, .now_ms = LIVE_ABSENT};
    m.facts.pressure = NULL;
    m.facts.watermarks = NULL;
    absent(m.job.timestamps, LIVE_JOB_STATES);
    look(&m);
    arena_free(&m.arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(healthy),          cmocka_unit_test(failures),
                                       cmocka_unit_test(a_failed_job),     cmocka_unit_test(slots),
                                       cmocka_unit_test(checkpoints_fail), cmocka_unit_test(checkpoints_take_long),
                                       cmocka_unit_test(state_grows),      cmocka_unit_test(flow),
                                       cmocka_unit_test(no_watermark),     cmocka_unit_test(late_watermark),
                                       cmocka_unit_test(memory),           cmocka_unit_test(not_assessed)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
