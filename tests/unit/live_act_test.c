/* Orders and errands: what is sent, when again, and how each end is told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "live/act.h"
#include "tests/support/rest_stub.h"

#define NEW "tests/rest/acts-2.3.tsv"
#define OLD "tests/rest/acts-1.15.tsv"
#define STATE "72bc453330337c6c7f8550abdf965900"
#define STATE_OLD "16a3f7d9ae02e0df60635ecd49f0c37d"
#define HEALTHY "55469f45ca93781ac6a2413333372c56"
#define HEALTHY_OLD "17fc2af89478ba3b537651b2f7dde71d"
#define WIDE "58f7f55ed9398757c8b348cfdfb9bdc4"
#define FINISHED "9582cc95d90c5917af07ae0abc5ca529"
#define ADAPTIVE "485cd0c3a4e52792b4d634d6a8b6415a"
#define ENDLESS "0e1f0c0000000000000000000000001d"
#define FORGETFUL "f06907000000000000000000000000aa"
#define TRIGGER "0123456789abcdef0123456789abcdef"

static const struct order_scale to_4 = {.lower = LIVE_ABSENT, .upper = 4}, to_64 = {.lower = 6, .upper = 64},
                                one_vertex[] = {{.vertex = "f6dc7f4d2283f4605b127b9364e21148", .lower = LIVE_ABSENT, .upper = 1}};

/* Against the stand-in, from the order to its end. */
static const struct {
    const char *recorded;
    struct order order;
    enum errand_state ends;
    enum err_kind kind;
    const char *says;  /* of the error or the location */
    const char *sends; /* a part of what is sent; NULL: nothing is */
} cases[] = {
    {NEW,
     {.kind = ORDER_SAVEPOINT, .job = STATE, .directory = "s3://b/\"x", .format = "NATIVE", .trigger = TRIGGER},
     ERRAND_DONE,
     ERR_NONE,
     "file:/var/flink/savepoints/savepoint-72bc45-fe2312ec5559",
     "POST /jobs/" STATE
     "/savepoints {\"target-directory\":\"s3://b/\\\"x\",\"cancel-job\":false,\"formatType\":\"NATIVE\",\"triggerId\":\"" TRIGGER
     "\"}\n"},
    {OLD,
     {.kind = ORDER_SAVEPOINT, .job = STATE_OLD},
     ERRAND_DONE,
     ERR_NONE,
     "file:/var/flink/savepoints/savepoint-16a3f7-865d155750d8",
     "{\"cancel-job\":false,\"triggerId\":\""},
    {NEW,
     {.kind = ORDER_SAVEPOINT, .job = HEALTHY},
     ERRAND_FAILED,
     ERR_INCOMPLETE,
     "the savepoint has failed: An Exception occurred while triggering the checkpoint. IO-problem detected. (Failed to create savepoint directory",
     "POST "},
    {NEW, {.kind = ORDER_SAVEPOINT, .job = FORGETFUL}, ERRAND_FAILED, ERR_INCOMPLETE, "no longer knows of it", "POST "},
    {NEW, {.kind = ORDER_SAVEPOINT, .job = ENDLESS}, ERRAND_LATE, ERR_INCOMPLETE, "still in progress", "POST "},
    {NEW,
     {.kind = ORDER_STOP, .job = STATE, .directory = "/d", .drain = true, .trigger = TRIGGER},
     ERRAND_DONE,
     ERR_NONE,
     "savepoint-72bc45-0aea960b001a",
     "POST /jobs/" STATE "/stop {\"targetDirectory\":\"/d\",\"drain\":true,\"triggerId\":\"" TRIGGER "\"}\n"},
    {NEW,
     {.kind = ORDER_CHECKPOINT, .job = STATE, .type = "FULL"},
     ERRAND_DONE,
     ERR_NONE,
     NULL,
     "/checkpoints {\"checkpointType\":\"FULL\",\"triggerId\":\""},
    {NEW,
     {.kind = ORDER_CHECKPOINT, .job = ENDLESS, .type = "INCREMENTAL"},
     ERRAND_FAILED,
     ERR_SERVER,
     "FLINK-33723",
     "INCREMENTAL"},
    {OLD,
     {.kind = ORDER_CHECKPOINT, .job = STATE_OLD},
     ERRAND_FAILED,
     ERR_SERVER,
     "Flink 1.15.4 has no POST /jobs/:job/checkpoints; it came with 1.17",
     "CONFIGURED"},
    {NEW, {.kind = ORDER_CANCEL, .job = WIDE}, ERRAND_DONE, ERR_NONE, NULL, "PATCH /jobs/" WIDE "?mode=cancel \n"},
    {NEW, {.kind = ORDER_CANCEL, .job = FINISHED}, ERRAND_FAILED, ERR_SERVER, "another terminal state (FINISHED)", "PATCH "},
    {NEW,
     {.kind = ORDER_RESCALE, .job = ADAPTIVE, .scale = &to_4, .n_scale = 1},
     ERRAND_DONE,
     ERR_NONE,
     NULL,
     "PUT /jobs/" ADAPTIVE
     "/resource-requirements {\"cbc357ccb763df2852fee8c4fc7d55f2\":{\"parallelism\":{\"lowerBound\":1,\"upperBound\":4}},"
     "\"f6dc7f4d2283f4605b127b9364e21148\":{\"parallelism\":{\"lowerBound\":1,\"upperBound\":4}}}\n"},
    {NEW,
     {.kind = ORDER_RESCALE, .job = ADAPTIVE, .scale = &to_64, .n_scale = 1},
     ERRAND_LATE,
     ERR_INCOMPLETE,
     "the job is RUNNING with parallelism 4 instead of 64",
     "{\"lowerBound\":6,\"upperBound\":64}"},
    {NEW,
     {.kind = ORDER_RESCALE, .job = ADAPTIVE, .scale = one_vertex, .n_scale = 1},
     ERRAND_LATE,
     ERR_INCOMPLETE,
     "parallelism 4 instead of",
     "{\"lowerBound\":1,\"upperBound\":2}},\"f6dc7f4d2283f4605b127b9364e21148\":{\"parallelism\":{\"lowerBound\":1,\"upperBound\":1}}"},
    {NEW,
     {.kind = ORDER_RESCALE, .job = HEALTHY, .scale = &to_4, .n_scale = 1},
     ERRAND_FAILED,
     ERR_SERVER,
     "jobmanager.scheduler: adaptive",
     NULL},
    {OLD,
     {.kind = ORDER_RESCALE, .job = HEALTHY_OLD, .scale = &to_4, .n_scale = 1},
     ERRAND_FAILED,
     ERR_SERVER,
     "Flink 1.15.4 has no /jobs/:job/resource-requirements; it came with 1.18",
     NULL},
    {NEW,
     {.kind = ORDER_DISPOSE, .path = "file:/var/flink/savepoints/savepoint-1"},
     ERRAND_DONE,
     ERR_NONE,
     NULL,
     "POST /savepoint-disposal {\"savepoint-path\":\"file:/var/flink/savepoints/savepoint-1\"}\n"},
    {NEW, {.kind = ORDER_SAVEPOINT, .job = "00000000000000000000000000000000"}, ERRAND_FAILED, ERR_SERVER, NULL, "POST "},
    {NEW, {.kind = ORDER_CANCEL, .job = ".."}, ERRAND_FAILED, ERR_USAGE, "is no job", NULL},
};

static struct live *open_at(const char *url, bool read_only, int64_t timeout_ms)
{
    struct err e = {0};
    struct live *l =
        live_open(&(struct live_target){.url = url, .proxy = "", .read_only = read_only, .timeout_ms = timeout_ms}, &e);
    assert_non_null(l);
    return l;
}

static void every_end(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct rest_stub *s = rest_stub_start(cases[i].recorded, STUB_PLAYS);
        struct live *l = open_at(rest_stub_url(s), false, 5000);
        struct errand r;
        struct err e = {0};
        bool good = errand_run(&r, l, &cases[i].order, cases[i].ends == ERRAND_LATE ? 1500 : 20000, true, &e);
        const char *text = e.kind ? e.text : live_text_or(r.location, ""), *sent = rest_stub_changes(s);
        if (r.state != cases[i].ends || e.kind != cases[i].kind || good != !e.kind ||
            (cases[i].says && !strstr(text, cases[i].says)))
            fail_msg("%zu: state %d, %s: '%s'", i, (int)r.state, err_word(e.kind), text);
        if (cases[i].sends ? !strstr(sent, cases[i].sends) : *sent != 0)
            fail_msg("%zu: sent '%s'", i, sent);
        if (cases[i].order.kind == ORDER_CHECKPOINT && good)
            assert_int_equal(r.checkpoint_id, 16);
        errand_free(&r);
        live_close(l);
        rest_stub_stop(s);
    }
}

static void not_waited_for(void **state)
{
    (void)state;
    struct rest_stub *s = rest_stub_start(NEW, STUB_PLAYS);
    struct live *l = open_at(rest_stub_url(s), false, 5000);
    struct errand r;
    struct err e = {0};
    assert_true(errand_run(&r, l, &(struct order){.kind = ORDER_SAVEPOINT, .job = ENDLESS}, 20000, false, &e));
    assert_int_equal(r.state, ERRAND_RUNS);
    assert_non_null(r.trigger);
    assert_int_equal(rest_stub_requests(s), 2); /* /config and the order */
    errand_free(&r);
    live_close(l);
    rest_stub_stop(s);
}

static void read_only_sends_nothing(void **state)
{
    (void)state;
    struct rest_stub *s = rest_stub_start(NEW, STUB_PLAYS);
    struct live *l = open_at(rest_stub_url(s), true, 5000);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct errand r;
        struct err e = {0};
        assert_false(errand_run(&r, l, &cases[i].order, 20000, true, &e));
        assert_int_equal(e.kind, ERR_REFUSED);
        errand_free(&r);
    }
    assert_int_equal(rest_stub_requests(s), 0);
    live_close(l);
    rest_stub_stop(s);
}

/* No way of misbehaving makes an errand hang, or think that it has succeeded. */
static void misbehaviour(void **state)
{
    (void)state;
    for (int way = STUB_SILENT; way <= STUB_FAILS; way++) {
        if (way == STUB_HUGE || way == STUB_ENDLESS || way == STUB_BOMB || way == STUB_DEEP || way == STUB_GREEDY)
            continue; /* 64 MiB each; the client's own test has them */
        struct rest_stub *s = rest_stub_start(NEW, (enum stub_way)way);
        struct live *l = open_at(rest_stub_url(s), false, 300);
        for (int kind = 0; kind < ORDER_KINDS; kind++) {
            struct errand r;
            struct err e = {0};
            const struct order o = {.kind = (enum order_kind)kind, .job = STATE, .path = "file:/x", .scale = &to_4, .n_scale = 1};
            if (errand_run(&r, l, &o, 1000, true, &e) || e.kind == ERR_NONE)
                fail_msg("way %d, %s", way, order_word(o.kind));
            errand_free(&r);
        }
        live_close(l);
        rest_stub_stop(s);
    }
}

/* --- step by step --- */

static struct live_answer unheard_answer(void)
{
    struct live_answer a = {.state = LIVE_FAILED, .unheard = true};
    err_set(&a.err, ERR_SERVER, "away");
    return a;
}

static const struct order savepoint = {.kind = ORDER_SAVEPOINT, .job = STATE};

static void a_lost_order_is_sent_again(void **state)
{
    (void)state;
    struct errand r;
    struct errand_question q;
    struct live_answer away = unheard_answer();
    errand_begin(&r, &savepoint, "2.3.0", 0, 600000);
    assert_true(errand_next(&r, 0, &q) && q.changes && q.due_ms == 0);
    const char *body = q.body;
    assert_non_null(strstr(body, r.trigger));
    errand_take(&r, &away, 10);
    assert_true(errand_next(&r, 10, &q) && q.changes && q.due_ms == 1010);
    assert_string_equal(q.body, body); /* the same trigger id */
    struct live_trigger t = {.id = r.trigger};
    errand_take(&r, &(struct live_answer){.ask = q.ask, .state = LIVE_HERE, .data = &t}, 1020);
    assert_true(errand_next(&r, 1020, &q) && !q.changes && q.ask.route == LIVE_SAVEPOINT_STATUS && q.due_ms > 1020);
    assert_string_equal(q.ask.item, r.trigger);
    errand_take(&r, &away, 2000); /* while it runs: patience, but not without end */
    assert_true(errand_next(&r, 3000, &q));
    errand_take(&r, &away, 32001);
    assert_false(errand_next(&r, 32001, &q));
    assert_int_equal(r.state, ERRAND_FAILED);
    assert_string_equal(r.err.text, "away; the cluster had taken the order, how it has ended is not known");
    errand_free(&r);
}

static void what_cannot_be_told_apart_is_sent_once(void **state)
{
    (void)state;
    static const struct {
        struct order order;
        const char *release;
    } once[] = {{{.kind = ORDER_SAVEPOINT, .job = STATE}, "1.14.6"}, {{.kind = ORDER_DISPOSE, .path = "/x"}, "2.3.0"}};
    for (int i = 0; i < 2; i++) {
        struct errand r;
        struct errand_question q;
        struct live_answer away = unheard_answer();
        errand_begin(&r, &once[i].order, once[i].release, 0, 600000);
        assert_true(errand_next(&r, 0, &q) && q.changes);
        assert_null(strstr(q.body, "triggerId"));
        errand_take(&r, &away, 10);
        assert_false(errand_next(&r, 10, &q));
        assert_string_equal(r.err.text, "away; whether the cluster has taken the order is not known");
        assert_int_equal(r.err.kind, ERR_SERVER);
        errand_free(&r);
    }
    struct errand r;
    struct errand_question q;
    errand_begin(&r, &(struct order){.kind = ORDER_STOP, .job = STATE, .format = "NATIVE"}, "1.14.6", 0, 600000);
    assert_false(errand_next(&r, 0, &q));
    assert_non_null(strstr(r.err.text, "came with Flink 1.15"));
    errand_free(&r);
}

static void patience_ends(void **state)
{
    (void)state;
    struct errand r;
    struct errand_question q;
    struct live_answer away = unheard_answer();
    errand_begin(&r, &savepoint, "2.3.0", 0, 5000);
    assert_true(errand_next(&r, 0, &q));
    errand_take(&r, &away, 10);
    assert_false(errand_next(&r, 5000, &q));
    assert_int_equal(r.state, ERRAND_FAILED);
    assert_int_equal(r.err.kind, ERR_SERVER);
    assert_int_equal(r.ended_ms, 5000);
    errand_free(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_end),
        cmocka_unit_test(not_waited_for),
        cmocka_unit_test(read_only_sends_nothing),
        cmocka_unit_test(misbehaviour),
        cmocka_unit_test(a_lost_order_is_sent_again),
        cmocka_unit_test(what_cannot_be_told_apart_is_sent_once),
        cmocka_unit_test(patience_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
