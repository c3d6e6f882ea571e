/* The load of vertices, from one answer to the next. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tui/load.h"

static struct live_edge to_sink = {.from = "source", .ship_strategy = "HASH"};
static struct live_plan_node nodes[] = {{.id = "sink", .inputs = &to_sink, .n_inputs = 1}, {.id = "source"}};

/* A job of a source and a sink, parallelism 2, whose totals the test sets. */
struct made {
    struct live_vertex v[2];
    struct live_job job;
    struct live_answer answer;
    const struct live_answer *answers[1];
    struct live_snapshot s;
};

static void make(struct made *m)
{
    static const struct live_io none = {.read_bytes = 0};
    *m = (struct made){0};
    m->v[0] = (struct live_vertex){.id = "source", .name = "source", .parallelism = 2, .duration_ms = 100000, .io = none};
    m->v[1] = (struct live_vertex){.id = "sink", .name = "sink", .parallelism = 2, .duration_ms = 100000, .io = none};
    m->job = (struct live_job){.id = "job",
                               .state = "RUNNING",
                               .now_ms = 1000000,
                               .vertices = m->v,
                               .n_vertices = 2,
                               .plan = {.nodes = nodes, .n_nodes = 2}};
    m->answer = (struct live_answer){.ask = {.route = LIVE_JOB, .job = "job"}, .state = LIVE_HERE, .data = &m->job, .number = 1};
    m->answers[0] = &m->answer;
    m->s = (struct live_snapshot){.answers = m->answers, .n_answers = 1};
}

static void set(struct live_vertex *v, double busy, int64_t pressed, int64_t idle, int64_t records)
{
    v->io.busy_ms = busy;
    v->io.backpressured_ms = pressed;
    v->io.idle_ms = idle;
    v->io.read_records = v->io.write_records = records;
}

static void later(struct made *m, int64_t ms)
{
    m->job.now_ms += ms;
    m->answer.number++;
}

static void near(double a, double b) { assert_true(fabs(a - b) < 0.001); }

static const struct vertex_load *of(const struct loads *l, const char *id) { return job_load_vertex(loads_job(l, "job"), id); }

static void first_means_then_differences(void **state)
{
    (void)state;
    struct made m;
    struct loads l = {0};
    make(&m);
    set(&m.v[0], 20000, 100000, 80000, 5000);
    set(&m.v[1], 150000, 0, 50000, 5000);
    loads_update(&l, &m.s);
    assert_true(of(&l, "source")->since_start);
    near(of(&l, "source")->pressed, 0.5);
    near(of(&l, "sink")->busy, 0.75);
    near(of(&l, "sink")->in_rate, 50);
    assert_true(isnan(of(&l, "source")->in_rate) && isnan(of(&l, "sink")->out_rate)); /* Flink does not count those */
    assert_true(of(&l, "sink")->root);

    later(&m, 3000); /* nothing new yet: the figures stay */
    loads_update(&l, &m.s);
    assert_true(of(&l, "sink")->since_start);

    later(&m, 7000); /* of 10 s Flink has counted 8 */
    set(&m.v[0], 36000, 100000, 80000, 9000);
    set(&m.v[1], 154000, 0, 62000, 9000);
    loads_update(&l, &m.s);
    assert_false(of(&l, "source")->since_start);
    near(of(&l, "source")->busy, 1);
    near(of(&l, "source")->pressed, 0);
    near(of(&l, "sink")->busy, 0.25);
    near(of(&l, "sink")->in_rate, 500);
    assert_false(of(&l, "sink")->root);
    assert_int_equal(of(&l, "sink")->busy_over.n, 1);

    loads_update(&l, &m.s); /* the same answer again */
    assert_int_equal(of(&l, "sink")->busy_over.n, 1);
    for (int i = 0; i < LOAD_KEPT + 5; i++) {
        later(&m, 10000);
        m.v[1].io.busy_ms += 20000;
        loads_update(&l, &m.s);
    }
    assert_int_equal(of(&l, "sink")->busy_over.n, LOAD_KEPT);
    near(of(&l, "sink")->busy, 1);
    loads_free(&l);
}

static void restarts_begin_anew(void **state)
{
    (void)state;
    struct made m;
    struct loads l = {0};
    make(&m);
    set(&m.v[0], 20000, 0, 80000, 5000);
    set(&m.v[1], 20000, 0, 80000, 5000);
    loads_update(&l, &m.s);
    later(&m, 10000);
    m.v[0].duration_ms = m.v[1].duration_ms = 1000;
    set(&m.v[0], 500, 0, 1500, 10);
    set(&m.v[1], 500, 0, 1500, 10);
    loads_update(&l, &m.s);
    assert_true(of(&l, "sink")->since_start);
    near(of(&l, "sink")->busy, 0.25);
    later(&m, 10000);
    m.job.n_vertices = 1; /* another graph */
    loads_update(&l, &m.s);
    assert_null(of(&l, "sink"));
    loads_free(&l);
}

static void what_is_absent_is_not_known(void **state)
{
    (void)state;
    struct made m;
    struct loads l = {0};
    make(&m);
    set(&m.v[0], NAN, 57636, 0, 100); /* a source of the old kind */
    set(&m.v[1], NAN, LIVE_ABSENT, LIVE_ABSENT, LIVE_ABSENT);
    loads_update(&l, &m.s);
    assert_true(isnan(of(&l, "source")->busy));
    near(of(&l, "source")->pressed, 0.28818);
    assert_true(isnan(of(&l, "sink")->busy) && isnan(of(&l, "sink")->pressed) && isnan(of(&l, "sink")->in_rate));
    assert_true(of(&l, "sink")->root);
    later(&m, 30000);
    m.v[0].io.backpressured_ms += 60000;
    loads_update(&l, &m.s);
    near(of(&l, "source")->pressed, 1);
    m.job.state = "FAILED";
    loads_update(&l, &m.s);
    assert_false(of(&l, "sink")->root); /* who has ended holds nobody up */
    assert_null(loads_job(&l, "other"));
    assert_null(loads_job(&l, NULL));
    loads_free(&l);
}

/* The lag of a watermark is that of when it came; the job's clock has gone on since, and begins to be asked for before it. */
static void watermarks_are_of_their_time(void **state)
{
    (void)state;
    struct made m;
    struct loads l = {0};
    make(&m);
    const struct live_watermark at = {.subtask = 0, .ms = 999000};
    const struct live_watermarks marks = {.low = at.ms, .high = at.ms, .list = (struct live_watermark *)&at, .n_list = 1};
    struct live_answer sink = {.ask = {.route = LIVE_WATERMARKS, .job = "job", .vertex = "sink"},
                               .state = LIVE_HERE,
                               .data = &marks,
                               .came_ms = 5003,
                               .number = 2};
    const struct live_answer *both[] = {&m.answer, &sink};
    m.answer.came_ms = 5000;
    m.s = (struct live_snapshot){.answers = both, .n_answers = 2};
    loads_update(&l, &m.s);
    assert_int_equal(marks_lag(&of(&l, "sink")->marks, at.ms), 1000);
    later(&m, 9000); /* the job again, the watermarks not yet */
    m.answer.came_ms = 14000;
    loads_update(&l, &m.s);
    assert_int_equal(marks_lag(&of(&l, "sink")->marks, at.ms), 1000);
    sink.came_ms = 16000; /* two seconds behind the job's answer */
    sink.number = 9;
    loads_update(&l, &m.s);
    assert_int_equal(marks_lag(&of(&l, "sink")->marks, at.ms), 12000);
    assert_int_equal(marks_lag(&of(&l, "sink")->marks, LIVE_WATERMARK_NONE), LIVE_ABSENT);
    assert_int_equal(marks_lag(&of(&l, "sink")->marks, LIVE_WATERMARK_END), LIVE_ABSENT);
    assert_int_equal(marks_lag(&of(&l, "source")->marks, at.ms), LIVE_ABSENT); /* nobody asked */
    assert_int_equal(marks_lag(NULL, at.ms), LIVE_ABSENT);
    loads_free(&l);
    l.single = true;
    loads_update(&l, &m.s);
    assert_int_equal(marks_lag(&of(&l, "sink")->marks, at.ms), 10000);
    loads_free(&l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(watermarks_are_of_their_time),
                                       cmocka_unit_test(first_means_then_differences), cmocka_unit_test(restarts_begin_anew),
                                       cmocka_unit_test(what_is_absent_is_not_known)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
