/* Answers of Flink become structs: what releases differ in, what is missing, what is wrong. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "live/pressure.h"
#include "live/route.h"

static struct arena arena;
static struct buf written;

static const void *parse(enum live_route route, const char *text)
{
    bool unsettled = false;
    struct err e = {0};
    const void *data = route_parse(route, (struct bytes){(const uint8_t *)text, strlen(text)}, &arena, &unsettled, &e);
    assert_true(!data == (e.kind != ERR_NONE));
    return data;
}

/* Our JSON of an answer. */
static const char *json(enum live_route route, const char *text)
{
    const void *data = parse(route, text);
    assert_non_null(data);
    written.n = 0;
    struct jsonw w = {.out = &written};
    shape_write(routes[route].shape, data, &w, false);
    return buf_cstr(&written);
}

static void nothing_is_told(void **state)
{
    (void)state;
    const struct live_job *j = parse(LIVE_JOB, "{\"jid\":\"x\"}");
    assert_null(j->name);
    assert_false(live_has(j->start_ms) || live_has(j->timestamps[LIVE_JOB_RUNNING]) || live_has(j->status_counts[0]));
    assert_int_equal(j->n_vertices + j->plan.n_nodes, 0);
    assert_int_equal(j->stoppable, LIVE_UNTOLD);
    for (int r = 0; r < LIVE_ROUTES; r++) { /* no shape stumbles over an empty answer, and none has too many rows */
        bool array = routes[r].shape->list && routes[r].shape->fields->kind == SHAPE_LIST;
        if (routes[r].shape->essential)
            assert_null(parse((enum live_route)r, "{}"));
        else if (!route_is_text((enum live_route)r) && routes[r].method == GET)
            json((enum live_route)r, array ? "[]" : "{}");
    }
}

static void wrong_types_are_absent(void **state)
{
    (void)state;
    const struct live_job *j = parse(
        LIVE_JOB,
        "{\"jid\":8,\"name\":[1],\"state\":7,\"start-time\":\"soon\",\"end-time\":1.5,\"duration\":1e400,\"vertices\":"
        "[1,\"x\",null,{\"id\":null,\"parallelism\":[],\"metrics\":3,\"tasks\":[1]}],\"plan\":[],\"timestamps\":\"\",\"maxParallelism\":\"128\"}");
    assert_string_equal(j->id, "8");
    assert_null(j->name);
    assert_string_equal(j->state, "7");
    assert_false(live_has(j->start_ms) || live_has(j->end_ms) || live_has(j->duration_ms));
    assert_int_equal(j->max_parallelism, 128);
    assert_int_equal(j->n_vertices, 4);
    assert_null(j->vertices[3].id);
    assert_null(parse(LIVE_JOB, "{\"jid\":{}}"));
    assert_null(parse(LIVE_JOBS, "{\"jobs\":{\"a\":1}}"));
    assert_non_null(parse(LIVE_JOBS, "{\"jobs\":[]}"));
    assert_null(parse(LIVE_JOB, "[]"));
    assert_null(parse(LIVE_JOB, "7"));
    assert_null(parse(LIVE_JOB, "{\"jid\":\"a\""));
    assert_null(parse(LIVE_RESCALES, "{}"));
    assert_null(parse(LIVE_JOB, ""));
}

static void better_names_win(void **state)
{
    (void)state;
    const struct live_subtask *s =
        parse(LIVE_SUBTASK, "{\"host\":\"old\",\"endpoint\":\"new:1\",\"start_time\":5,\"accumulated\":1}");
    assert_string_equal(s->endpoint, "new:1");
    s = parse(LIVE_SUBTASK, "{\"endpoint\":\"new:1\",\"host\":\"old\"}");
    assert_string_equal(s->endpoint, "new:1");
    s = parse(LIVE_SUBTASK, "{\"host\":\"old\",\"start_time\":5}");
    assert_string_equal(s->endpoint, "old");
    assert_int_equal(s->start_ms, 5);
}

static void flinks_own_marks(void **state)
{
    (void)state;
    const struct live_checkpoint *c =
        parse(LIVE_CHECKPOINT, "{\"end_to_end_duration\":-1,\"latest_ack_timestamp\":-1,\"state_size\":0}");
    assert_false(live_has(c->duration_ms) || live_has(c->latest_ack_ms));
    assert_int_equal(c->state_size, 0);
    const struct live_checkpoint_config *k = parse(LIVE_CHECKPOINT_CONFIG, "{\"interval\":9223372036854775807}");
    assert_false(live_has(k->interval_ms));
    const struct live_watermarks *w = parse(
        LIVE_WATERMARKS,
        "[{\"id\":\"1.currentInputWatermark\",\"value\":\"-9223372036854775808\"},{\"id\":\"0.currentInputWatermark\",\"value\":\"1700000000123\"},{\"id\":\"2.x\",\"value\":\"?\"}]");
    assert_int_equal(w->n_list, 3);
    assert_int_equal(w->list[0].subtask, 1);
    assert_true(w->list[0].ms == LIVE_WATERMARK_NONE && w->low == LIVE_WATERMARK_NONE);
    assert_true(w->high == 1700000000123 && !live_has(w->list[2].ms));
    const struct live_metrics *m =
        parse(LIVE_JOB_METRICS,
              "[{\"id\":\"b\",\"value\":\"NaN\"},{\"id\":\"a\",\"value\":\"2.5\"},{\"id\":\"c\",\"value\":\"file:/x\"}]");
    assert_true(live_metric(m, "a")->value == 2.5 && !live_has_real(live_metric(m, "b")->value));
    assert_string_equal(live_metric(m, "c")->text, "file:/x");
    assert_null(live_metric(m, "d"));
}

static void exceptions_of_all_ages(void **state)
{
    (void)state;
    const struct live_exceptions *x = parse(
        LIVE_JOB_EXCEPTIONS,
        "{\"root-exception\":\"a.B: c\\n\\tat d\",\"timestamp\":9,\"truncated\":true,\"all-exceptions\":[{\"exception\":\"e.F\",\"task\":\"t\",\"location\":\"h:1\"}],"
        "\"exceptionHistory\":{\"entries\":[],\"truncated\":false}}");
    assert_int_equal(x->n_list, 2);
    assert_string_equal(x->list[0].name, "a.B");
    assert_int_equal(x->list[0].at_ms, 9);
    assert_string_equal(x->list[1].endpoint, "h:1");
    assert_int_equal(x->truncated, LIVE_YES);
    x = parse(
        LIVE_JOB_EXCEPTIONS,
        "{\"root-exception\":\"old\",\"exceptionHistory\":{\"entries\":[{\"exceptionName\":\"N\",\"failureLabels\":{\"k\":\"v\"},"
        "\"concurrentExceptions\":[{\"taskName\":\"u\"}]}],\"truncated\":false}}");
    assert_int_equal(x->n_list, 1);
    assert_string_equal(x->list[0].labels[0].value, "v");
    assert_string_equal(x->list[0].concurrent[0].task, "u");
    assert_string_equal(json(LIVE_JOB_EXCEPTIONS, "{\"exceptionHistory\":{\"entries\":[{\"taskName\":\"t\"}],\"truncated\":true}}"),
                        "{\"list\":[{\"task\":\"t\",\"concurrent\":[]}],\"truncated\":true}");
}

static void our_json_is_whole(void **state)
{
    (void)state;
    assert_string_equal(json(LIVE_REQUIREMENTS, "{\"ab\":{\"parallelism\":{\"lowerBound\":1,\"upperBound\":4}}}"),
                        "[{\"vertex\":\"ab\",\"parallelism\":{\"lower\":1,\"upper\":4}}]");
    assert_string_equal(
        json(LIVE_SUBTASKS_METRICS, "[{\"id\":\"x\",\"min\":0.1,\"max\":1e300,\"avg\":123456,\"sum\":-0.000001,\"skew\":\"NaN\"}]"),
        "[{\"id\":\"x\",\"min\":0.1,\"max\":1e300,\"avg\":123456,\"sum\":-0.000001}]");
    assert_string_equal(json(LIVE_JOBS, "{\"jobs\":[{\"name\":\"\\u001b[2J\\u009b\\u0000\",\"tasks\":{\"running\":2}}]}"),
                        "{\"list\":[{\"name\":\"\\u001b[2J\\u009b\xef\xbf\xbd\",\"tasks\":{\"RUNNING\":2}}]}");
    assert_string_equal(json(LIVE_WATERMARKS, "[{\"id\":\"0.x\",\"value\":\"9223372036854775807\"}]"),
                        "[{\"subtask\":0,\"ms\":\"end\"}]");
}

static void refusals_in_words(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"{\"errors\":[\"org.apache.flink.runtime.rest.NotFoundException: Job 00 not found\\n\\tat x\"]}", "Job 00 not found"},
        {"{\"errors\":[\"Internal server error.\",\"<Exception on server side:\\njava.util.concurrent.CompletionException: a.b.C: No luck: none.\\n\\tat y\"]}",
         "No luck: none."},
        {"{\"errors\":[\"Unable to load requested file /x.\"]}", "Unable to load requested file /x."},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *says = route_complaint((struct bytes){(const uint8_t *)cases[i][0], strlen(cases[i][0])}, false, &arena);
        assert_string_equal(says, cases[i][1]);
        assert_int_equal(route_missing(says), i == 2);
    }
    assert_null(route_complaint((struct bytes){(const uint8_t *)"<html>", 6}, true, &arena));
}

static void paths(void **state)
{
    (void)state;
    struct err e = {0};
    const struct live_ask ask = {.route = LIVE_CHECKPOINT_SUBTASKS, .job = "a/b", .vertex = "\xc3\xa4?", .item = "7", .part = "no"};
    assert_string_equal(live_path(&arena, &ask, &e), "/jobs/a%2Fb/checkpoints/details/7/subtasks/%C3%A4%3F");
    assert_string_equal(live_path(&arena, &(struct live_ask){.route = LIVE_TASKMANAGER, .item = "127.0.0.1:1-ab"}, &e),
                        "/taskmanagers/127.0.0.1:1-ab");
    assert_string_equal(live_path(&arena, &(struct live_ask){.route = LIVE_JOBS, .query = "#1"}, &e), "/jobs/overview");
    assert_null(live_path(&arena, &(struct live_ask){.route = LIVE_JOB, .job = ".."}, &e));
    assert_int_equal(e.kind, ERR_USAGE);
    const char *names[] = {"Source__a[1].x y", "b"};
    assert_string_equal(live_metrics_query(&arena, names, 2, "min,max"), "get=Source__a%5B1%5D.x%20y,b&agg=min,max");
    assert_int_equal(live_release_number("1.20.5"), 120);
    assert_int_equal(live_release_number("2.3-SNAPSHOT"), 203);
    assert_int_equal(live_release_number("x"), 0);
}

/* A chain a -> b -> c, d beside c: who is it? */
static void roots(void **state)
{
    (void)state;
    const struct live_job *j = parse(
        LIVE_JOB,
        "{\"jid\":\"x\",\"vertices\":[{\"id\":\"a\"},{\"id\":\"b\"},{\"id\":\"c\"},{\"id\":\"d\"}],\"plan\":{\"nodes\":[{\"id\":\"b\",\"inputs\":[{\"id\":\"a\"}]},"
        "{\"id\":\"c\",\"inputs\":[{\"id\":\"b\"}]},{\"id\":\"d\",\"inputs\":[{\"id\":\"b\"}]}]}}");
    bool root[4];
    live_pressure_roots(j, (double[]){1, 0.9, 0, 0}, (double[]){NAN, 0.1, 0.3, 1}, root);
    assert_true(!root[0] && !root[1] && !root[2] && root[3]);
    live_pressure_roots(j, (double[]){1, 0, 0, 0}, (double[]){NAN, 1, 0, 0}, root);
    assert_true(root[1] && !root[2] && !root[3]);
    live_pressure_roots(j, (double[]){0, 0, 0, 0}, (double[]){NAN, 1, 1, 1}, root);
    assert_false(root[0] || root[1] || root[2] || root[3]);
    live_pressure_roots(j, (double[]){NAN, NAN, NAN, NAN}, (double[]){NAN, NAN, NAN, NAN}, root);
    assert_false(root[0] || root[1] || root[2] || root[3]);
}

static int clean(void **state)
{
    (void)state;
    arena_free(&arena);
    buf_free(&written);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_told),
        cmocka_unit_test(wrong_types_are_absent),
        cmocka_unit_test(better_names_win),
        cmocka_unit_test(flinks_own_marks),
        cmocka_unit_test(exceptions_of_all_ages),
        cmocka_unit_test(our_json_is_whole),
        cmocka_unit_test(refusals_in_words),
        cmocka_unit_test(paths),
        cmocka_unit_test(roots),
    };
    return cmocka_run_group_tests(tests, NULL, clean);
}
