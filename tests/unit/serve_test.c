/* The REST server's own part: paths and bodies become questions, and answers have every member that a real Flink's have. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "serve/metrics.h"
#include "tests/support/made_view.h"

static struct arena arena;

static void ask(struct request *r, const char *method, const char *url) { request_read(r, method, url, &arena); }

static void paths_are_routes(void **state)
{
    static const struct {
        const char *method, *url;
        enum live_route route;
    } cases[] = {{"GET", "/config", LIVE_CONFIG},
                 {"GET", "/v1/config", LIVE_CONFIG},
                 {"GET", "/v1//config/", LIVE_CONFIG},
                 {"GET", "/v2/config", LIVE_ROUTES},
                 {"GET", "/", LIVE_ROUTES},
                 {"GET", "", LIVE_ROUTES},
                 {"GET", "/jobs/overview", LIVE_JOBS}, /* a word before a parameter */
                 {"GET", "/jobs/metrics", LIVE_JOBS_METRICS},
                 {"GET", "/jobs/x", LIVE_JOB},
                 {"PATCH", "/jobs/x?mode=cancel", LIVE_DO_CANCEL},
                 {"PATCH", "/jobs/x", LIVE_DO_CANCEL},
                 {"POST", "/jobs/x/stop", LIVE_DO_STOP},
                 {"GET", "/jobs/x/checkpoints/config", LIVE_CHECKPOINT_CONFIG},
                 {"GET", "/jobs/x/checkpoints/y", LIVE_CHECKPOINT_STATUS},
                 {"GET", "/jobs/x/checkpoints/details/3/subtasks/v", LIVE_CHECKPOINT_SUBTASKS},
                 {"GET", "/jobs/x/vertices/v/subtasks/metrics", LIVE_SUBTASKS_METRICS},
                 {"GET", "/jobs/x/vertices/v/subtasks/3/metrics", LIVE_SUBTASK_METRICS},
                 {"GET", "/jobs/x/vertices/v/subtasks/3/attempts/0", LIVE_ATTEMPT},
                 {"GET", "/sessions/x", LIVE_ROUTES}, /* a gateway's */
                 {"GET", "/a/b/c/d/e/f/g/h/i/j/k/l/m/n/o/p/q/r/s", LIVE_ROUTES}};
    struct request r;
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ask(&r, cases[i].method, cases[i].url);
        if (r.route != cases[i].route)
            fail_msg("%s %s: route %d", cases[i].method, cases[i].url, (int)r.route);
    }
    ask(&r, "DELETE", "/jobs/x");
    assert_true(r.route == LIVE_ROUTES && r.other_method);
    ask(&r, "GET", "/nowhere");
    assert_true(r.route == LIVE_ROUTES && !r.other_method);
    ask(&r, "GET", "/metrics");
    assert_true(r.metrics);
    ask(&r, "POST", "/metrics");
    assert_false(r.metrics);
}

static void parameters_are_decoded(void **state)
{
    struct request r;
    uint32_t n;
    (void)state;
    ask(&r, "GET", "/taskmanagers/127.0.0.1%3A1-a%2fb%zz%00?x=1&get=a.b,c%2Cd,,e+f&agg=&get=z");
    assert_int_equal(r.route, LIVE_TASKMANAGER);
    assert_string_equal(r.item, "127.0.0.1:1-a/b%zz%00");
    assert_string_equal(request_query(&r, "get", &arena), "a.b,c,d,,e f");
    assert_string_equal(request_query(&r, "agg", &arena), "");
    assert_null(request_query(&r, "ge", &arena));
    assert_null(request_query(&r, "y", &arena));
    const char **list = request_list(request_query(&r, "get", &arena), &n, &arena);
    assert_int_equal(n, 4);
    assert_string_equal(list[3], "e f");
}

static bool body(struct request_body *b, const char *text)
{
    const char *why = NULL;
    bool ok = request_body_read(b, (struct bytes){(const uint8_t *)text, strlen(text)}, &arena, &why);
    assert_true(ok == !why);
    return ok;
}

static void bodies_are_read(void **state)
{
    struct request_body b;
    (void)state;
    assert_true(body(&b, ""));
    assert_null(b.directory);
    assert_true(body(
        &b, "{\"targetDirectory\": \"/a\", \"drain\": true, \"formatType\": \"NATIVE\", \"more\": [{}], \"triggerId\": null}"));
    assert_string_equal(b.directory, "/a");
    assert_string_equal(b.format, "NATIVE");
    assert_true(b.drain && !b.cancel && !b.trigger);
    assert_true(body(&b, "{\"target-directory\": 1, \"drain\": \"yes\", \"cancel-job\": true}"));
    assert_true(!b.directory && !b.drain && b.cancel);
    assert_false(body(&b, "[]"));
    assert_false(body(&b, "{\"a\": 1"));
    assert_false(body(&b, "{} {}"));
}

/* --- answers --- */

static bool over; /* the job has ended */

static const char *get(const char *method, const char *url, unsigned *status)
{
    struct request r;
    struct reply reply = {0};
    request_read(&r, method, url, &arena);
    struct asked q = {
        .request = &r, .now = made_view(&arena, 10), .before = made_view(&arena, 8), .endpoint = "localhost:8081", .a = &arena};
    struct job_view ended = *q.now;
    if (over) {
        ended.phase = PHASE_FAILED;
        ended.end_ms = ended.at_ms[PHASE_FAILED] = ended.now_ms;
        q.now = &ended;
    }
    answer(&q, &reply);
    const char *text = arena_strn(&arena, (const char *)reply.body.p, reply.body.n);
    buf_free(&reply.body);
    *status = reply.status;
    return text;
}

static void expect(const char *url, unsigned status, const char *text)
{
    unsigned got;
    const char *is = get("GET", url, &got);
    if (got != status || strcmp(is, text) != 0)
        fail_msg("%s: %u %s", url, got, is);
}

#define JOB "/jobs/" MADE_JOB
#define SOURCE JOB "/vertices/" MADE_SOURCE
#define SINK JOB "/vertices/" MADE_SINK
#define NONE "/jobs/ffffffffffffffffffffffffffffffff"

static void answers_are_flinks(void **state)
{
    (void)state;
    expect(JOB "/status", 200, "{\"status\":\"RUNNING\"}");
    expect(
        SINK "/watermarks", 200,
        "[{\"id\":\"0.currentInputWatermark\",\"value\":\"1600000000000\"},{\"id\":\"1.currentInputWatermark\",\"value\":\"1600000000001\"}]");
    expect(SOURCE "/watermarks", 200, "[]");
    expect(
        SINK
        "/subtasks/0/metrics?get=numRecordsIn,none,busyTimeMsPerSecond,currentInputWatermark,GroupAggregate[4].numRecordsOutPerSecond",
        200,
        "[{\"id\":\"numRecordsIn\",\"value\":\"1000\"},{\"id\":\"busyTimeMsPerSecond\",\"value\":\"250\"},"
        "{\"id\":\"currentInputWatermark\",\"value\":\"1600000000000\"},"
        "{\"id\":\"GroupAggregate[4].numRecordsOutPerSecond\",\"value\":\"100\"}]");
    expect(SOURCE "/metrics?get=1.Source__t[1].currentOutputWatermark", 200,
           "[{\"id\":\"1.Source__t[1].currentOutputWatermark\",\"value\":\"-9223372036854775808\"}]");
    expect(SINK "/subtasks/metrics?get=numRecordsIn,numRecordsInPerSecond&agg=min,sum", 200,
           "[{\"id\":\"numRecordsIn\",\"min\":1000,\"sum\":4000},{\"id\":\"numRecordsInPerSecond\",\"min\":100,\"sum\":400}]");
    expect(SINK "/subtasks/metrics?get=numRecordsIn", 200,
           "[{\"id\":\"numRecordsIn\",\"min\":1000,\"max\":3000,\"avg\":2000,\"sum\":4000,\"skew\":50}]");
    expect(SINK "/subtasks/metrics?get=numRecordsIn,none", 200, "[]"); /* as Flink: one that is not known, and nothing is told */
    expect("/jobmanager/metrics?get=numRunningJobs", 200, "[{\"id\":\"numRunningJobs\",\"value\":\"1\"}]");
    expect(JOB "/metrics?get=numRestarts,lastCheckpointExternalPath", 200,
           "[{\"id\":\"numRestarts\",\"value\":\"1\"},{\"id\":\"lastCheckpointExternalPath\",\"value\":\"/chk/chk-2\"}]");
    expect("/jobmanager/config", 200,
           "[{\"key\":\"table.local-time-zone\",\"value\":\"UTC\"},{\"key\":\"parallelism.default\",\"value\":\"2\"}]");
    expect("/jobmanager/logs", 200, "{\"logs\":[]}");
}

static void refusals_are_flinks(void **state)
{
    unsigned status;
    (void)state;
    expect("/nowhere", 404, "{\"errors\":[\"Not found: /nowhere\"]}");
    expect(NONE, 404,
           "{\"errors\":[\"org.apache.flink.runtime.rest.NotFoundException: Job ffffffffffffffffffffffffffffffff not found\"]}");
    expect(NONE "/metrics", 200, "[]");
    expect(JOB "/vertices/ffffffffffffffffffffffffffffffff/backpressure", 200, "{\"status\":\"deprecated\",\"subtasks\":[]}");
    expect(JOB "/vertices/ffffffffffffffffffffffffffffffff/subtasks/metrics", 200, "[]");
    expect(JOB "/checkpoints/details/9", 404,
           "{\"errors\":[\"org.apache.flink.runtime.rest.handler.RestHandlerException: Could not find checkpointing statistics for "
           "checkpoint 9.\"]}");
    static const struct {
        const char *url;
        unsigned status;
    } cases[] = {{"/jobs/xyz", 400},
                 {JOB "/checkpoints/details/x", 400},
                 {JOB "/exceptions?maxExceptions=x", 400},
                 {JOB "/vertices/ffffffffffffffffffffffffffffffff", 404},
                 {SINK "/subtasks/2", 404},
                 {SINK "/subtasks/x", 400},
                 {SINK "/subtasks/0/attempts/7", 404},
                 {SINK "/subtasks/7/metrics", 200},
                 {"/taskmanagers/none", 500},
                 {"/taskmanagers/weir/log", 404}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        get("GET", cases[i].url, &status);
        if (status != cases[i].status)
            fail_msg("%s: %u", cases[i].url, status);
    }
    get("DELETE", "/config", &status);
    assert_int_equal(status, 405);
}

/* --- the members of real answers --- */

struct members {
    const char *v[4096];
    uint32_t n;
};

static void add(struct members *m, const char *path)
{
    for (uint32_t i = 0; i < m->n; i++)
        if (!strcmp(m->v[i], path))
            return;
    assert_true(m->n < 4096);
    m->v[m->n++] = arena_str(&arena, path);
}

static void gather(struct jsonr *r, struct members *m, const char *path)
{
    struct bytes key;
    switch (jsonr_peek(r)) {
    case JSONR_ARRAY:
        for (jsonr_array(r); jsonr_next(r);)
            gather(r, m, path);
        return;
    case JSONR_OBJECT:
        for (jsonr_object(r); jsonr_key(r, &key);) {
            bool id = key.n == ID_DIGITS;
            gather(r, m, arena_printf(&arena, "%s.%.*s", path, id ? 1 : (int)key.n, id ? "*" : (const char *)key.p));
        }
        return;
    default:
        jsonr_skip(r);
        add(m, path);
    }
}

/* What the console reads of it: through its shape. */
static void read_members(enum live_route route, const char *text, struct members *m)
{
    struct err e = {0};
    struct buf b = {0};
    struct jsonw w = {.out = &b};
    struct jsonr r = {0};
    bool unsettled;
    const void *data = route_parse(route, (struct bytes){(const uint8_t *)text, strlen(text)}, &arena, &unsettled, &e);
    if (!data)
        fail_msg("route %d: %s: %s", (int)route, e.text, text);
    shape_write(routes[route].shape, data, &w, true);
    jsonr_start(&r, b.p, b.n);
    gather(&r, m, routes[route].path);
    assert_true(jsonr_end(&r));
    jsonr_free(&r);
    buf_free(&b);
}

static const char *const ours[] = {"/config",
                                   "/overview",
                                   "/jobs/overview",
                                   "/taskmanagers",
                                   "/taskmanagers/weir",
                                   "/taskmanagers/weir/metrics?get=Status.JVM.Memory.Heap.Used",
                                   "/taskmanagers/weir/thread-dump",
                                   "/jobmanager/config",
                                   "/jobmanager/metrics?get=numRunningJobs",
                                   "/jobmanager/logs",
                                   JOB,
                                   JOB "/plan",
                                   JOB "/config",
                                   JOB "/exceptions",
                                   JOB "/metrics?get=numRestarts",
                                   JOB "/checkpoints",
                                   JOB "/checkpoints/config",
                                   JOB "/checkpoints/details/2",
                                   JOB "/checkpoints/details/3",
                                   JOB "/checkpoints/details/4",
                                   JOB "/checkpoints/details/5",
                                   JOB "/checkpoints/details/2/subtasks/" MADE_SINK,
                                   SINK,
                                   SINK "/taskmanagers",
                                   SINK "/subtasktimes",
                                   SINK "/backpressure",
                                   SINK "/watermarks",
                                   SINK "/subtasks/metrics?get=numRecordsIn",
                                   SINK "/subtasks/0",
                                   JOB "/execution-result",
                                   JOB "/status"};

/* What a real cluster's answer has, and there is no use for here. */
static const struct {
    const char *start, *why;
} without[] = {{"/taskmanagers/:item/logs", "weir writes no logs"},
               {"/jobmanager/logs.", "weir writes no logs"},
               {"/jobs/:job/resource-requirements", "the job cannot be rescaled"},
               {"/taskmanagers/:item.metrics.garbageCollectors", "nothing is collected"},
               {"/jobs/:job/exceptions.exceptionHistory.entries.concurrentExceptions", "the first failure ends the attempt"},
               {"/jobs/:job/exceptions.exceptionHistory.entries.failureLabels", "there are no enrichers"}};

static bool left_out(const char *member)
{
    for (size_t i = 0; i < sizeof without / sizeof *without; i++)
        if (!strncmp(member, without[i].start, strlen(without[i].start)))
            return true;
    return false;
}

/* Every member that a recorded answer of a real cluster has and the console reads is in ours. */
static void nothing_is_left_out(void **state)
{
    static struct members theirs, mine;
    FILE *f = fopen("tests/rest/2.3.tsv", "re");
    char *line = NULL;
    size_t cap = 0, answers = 0, faults = 0;
    unsigned status;
    (void)state;
    assert_non_null(f);
    for (size_t i = 0, n = sizeof ours / sizeof *ours; i < 2 * n; i++) {
        struct request r;
        over = i >= n;
        const char *text = get("GET", ours[i % n], &status);
        assert_int_equal(status, 200);
        request_read(&r, "GET", ours[i % n], &arena);
        read_members(r.route, text, &mine);
    }
    over = false;
    while (getline(&line, &cap, f) > 0) {
        char *rest = line, *method = strsep(&rest, "\t"), *path = strsep(&rest, "\t"), *code = strsep(&rest, "\t"),
             *type = strsep(&rest, "\t");
        struct request r;
        if (strcmp(method, "GET") != 0 || strcmp(code, "200") != 0 || strncmp(type, "application/json", 16) != 0)
            continue;
        request_read(&r, method, path, &arena);
        assert_int_not_equal(r.route, LIVE_ROUTES);
        read_members(r.route, rest, &theirs);
        answers++;
    }
    free(line);
    fclose(f);
    assert_true(answers > 100);
    for (uint32_t i = 0; i < theirs.n; i++) {
        uint32_t k = 0;
        while (k < mine.n && strcmp(mine.v[k], theirs.v[i]) != 0)
            k++;
        if (k == mine.n && !left_out(theirs.v[i])) {
            printf("not in weir's answers: %s\n", theirs.v[i]);
            faults++;
        }
    }
    assert_int_equal(faults, 0);
}

static void prometheus_has_flinks_names(void **state)
{
    static const char *const lines[] = {
        "\nflink_taskmanager_job_task_numRecordsIn{host=\"localhost\",tm_id=\"weir\",job_id=\"" MADE_JOB
        "\",job_name=\"insert-into_default_catalog.default_database.out\",task_id=\"" MADE_SINK
        "\",task_name=\"GroupAggregate[4] -> out[5]: Writer\",subtask_index=\"1\",task_attempt_num=\"1\",} 3000\n",
        "operator_id=\"" MADE_SOURCE "\",operator_name=\"Source: t[1]\",} 1000\n",
        "\n# TYPE flink_taskmanager_Status_JVM_Memory_Heap_Used gauge\n",
        "\nflink_jobmanager_numRunningJobs{host=\"localhost\",} 1\n", "\nflink_jobmanager_job_lastCompletedCheckpointId{"};
    struct request r;
    struct buf b = {0};
    (void)state;
    request_read(&r, "GET", "/metrics", &arena);
    struct asked q = {.request = &r, .now = made_view(&arena, 10), .endpoint = "localhost:8081", .a = &arena};
    prometheus_write(&q, &b);
    const char *text = buf_cstr(&b);
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        if (!strstr(text, lines[i]))
            fail_msg("not there: %s", lines[i]);
    buf_free(&b);
}

static int forget(void **state)
{
    (void)state;
    arena_free(&arena);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(paths_are_routes, forget),
        cmocka_unit_test_teardown(parameters_are_decoded, forget),
        cmocka_unit_test_teardown(bodies_are_read, forget),
        cmocka_unit_test_teardown(answers_are_flinks, forget),
        cmocka_unit_test_teardown(refusals_are_flinks, forget),
        cmocka_unit_test_teardown(nothing_is_left_out, forget),
        cmocka_unit_test_teardown(prometheus_has_flinks_names, forget),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
