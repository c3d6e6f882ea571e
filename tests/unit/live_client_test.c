/* The client against a stand-in server that plays recordings or misbehaves: no answer hangs it, none breaks it. */
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "live/client.h"
#include "live/context.h"
#include "tests/support/rest_stub.h"

#define RECORDED "tests/rest/2.3.tsv"
#define OLD "tests/rest/1.15.tsv"
#define OLD_JOB "3a5e44f15a15c81c8141dd99389a0144"
#define HEALTHY "baa3b552ec8afe79b9bf27f269412e3e"

static struct live *open_at(const char *url, int64_t timeout_ms)
{
    struct err e = {0};
    struct live *l = live_open(&(struct live_target){.url = url, .proxy = "", .timeout_ms = timeout_ms}, &e);
    assert_non_null(l);
    return l;
}

static const struct live_ask jobs = {.route = LIVE_JOBS};

/* --- waiting --- */

static void recorded_answers(void **state)
{
    (void)state;
    static const char *const files[] = {RECORDED, OLD};
    for (int f = 0; f < 2; f++) {
        struct rest_stub *s = rest_stub_start(files[f], STUB_PLAYS);
        struct live *l = open_at(rest_stub_url(s), 5000);
        struct err e = {0};
        const struct live_jobs *all = live_get(l, &jobs, &e);
        assert_non_null(all);
        assert_true(all->n_list >= 5);
        for (uint32_t i = 1; i < all->n_list; i++)
            assert_true(all->list[i - 1].start_ms >= all->list[i].start_ms);
        const struct live_config *c = live_get(l, &(struct live_ask){.route = LIVE_CONFIG}, &e);
        assert_string_equal(c->flink_version, f ? "1.15.4" : "2.3.0");
        for (uint32_t i = 0; i < all->n_list; i++) {
            const struct live_ask ask = {.route = LIVE_JOB, .job = all->list[i].id};
            const struct live_answer *a;
            assert_true(live_fetch(l, &ask, 1, &a, &e));
            const struct live_job *j = a->data; /* not all are recorded */
            for (uint32_t k = 0; j && k < j->plan.n_nodes; k++)
                for (uint32_t n = 0; n < j->plan.nodes[k].n_inputs; n++)
                    assert_non_null(j->plan.nodes[k].inputs[n].ship_strategy);
        }
        assert_int_equal(rest_stub_connections(s), 1); /* kept */
        live_close(l);
        rest_stub_stop(s);
    }
}

static void what_is_not_there(void **state)
{
    (void)state;
    struct rest_stub *s = rest_stub_start(OLD, STUB_PLAYS);
    struct live *l = open_at(rest_stub_url(s), 5000);
    struct err e = {0};
    live_get(l, &(struct live_ask){.route = LIVE_CONFIG}, &e);
    const struct live_answer *a;
    const struct live_ask ask = {.route = LIVE_RESCALES, .job = OLD_JOB};
    assert_true(live_fetch(l, &ask, 1, &a, &e));
    assert_int_equal(a->state, LIVE_LACKING);
    assert_non_null(strstr(a->err.text, "Flink 1.15.4 has no /jobs/:job/rescales/history; it came with 2.3"));
    assert_null(live_get(l, &(struct live_ask){.route = LIVE_JOB}, &e));
    assert_int_equal(e.kind, ERR_USAGE);
    live_close(l);
    rest_stub_stop(s);
}

static void read_only_sends_nothing(void **state)
{
    (void)state;
    struct rest_stub *s = rest_stub_start(RECORDED, STUB_PLAYS);
    struct err e = {0};
    struct live *l = live_open(&(struct live_target){.url = rest_stub_url(s), .proxy = "", .read_only = true}, &e);
    assert_null(live_send(l, &(struct live_ask){.route = LIVE_DO_CANCEL, .job = HEALTHY}, NULL, &e));
    assert_int_equal(e.kind, ERR_REFUSED);
    assert_int_equal(rest_stub_requests(s), 0);
    live_close(l);
    rest_stub_stop(s);
}

/* Every way in which a server can misbehave ends in an error that says so, within the timeout. */
static void misbehaviour(void **state)
{
    (void)state;
    static const struct {
        enum stub_way way;
        const char *says; /* NULL: a good answer */
        enum err_kind kind;
    } cases[] = {
        {STUB_SILENT, "no whole answer within", ERR_SERVER},
        {STUB_CLOSES, "127.0.0.1", ERR_SERVER},
        {STUB_GARBAGE, "127.0.0.1", ERR_SERVER},
        {STUB_DRIPS, "no whole answer within", ERR_SERVER},
        {STUB_HUGE, "larger than 4 MiB", ERR_SERVER},
        {STUB_ENDLESS, "larger than 4 MiB", ERR_SERVER},
        {STUB_BOMB, "larger than 4 MiB", ERR_SERVER},
        {STUB_CUT, "127.0.0.1", ERR_SERVER},
        {STUB_NO_JSON, "no JSON: it ends inside a string", ERR_SERVER},
        {STUB_PAGE, "web page", ERR_SERVER},
        {STUB_TYPES, "not what Flink says here", ERR_SERVER},
        {STUB_DEEP, "larger than 4 MiB", ERR_SERVER},
        {STUB_LOOPS, "redirects", ERR_SERVER},
        {STUB_LOCKED, "wants credentials", ERR_SERVER},
        {STUB_LEADERLESS, "leader election", ERR_SERVER},
        {STUB_FAILS, "no luck (status 500)", ERR_SERVER},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct rest_stub *s = rest_stub_start(NULL, cases[i].way);
        struct err e = {0}, away = {0};
        struct live *l =
            live_open(&(struct live_target){.url = rest_stub_url(s), .proxy = "", .timeout_ms = 1500, .max_bytes = 4 << 20}, &away);
        int64_t from = clock_monotonic_ms();
        const struct live_jobs *j = live_get(l, &jobs, &e);
        if (!j != !!cases[i].says || e.kind != cases[i].kind || (cases[i].says && !strcasestr(e.text, cases[i].says)))
            fail_msg("way %d: %s", (int)cases[i].way, e.text);
        assert_true(clock_monotonic_ms() - from < 8000);
        live_close(l);
        rest_stub_stop(s);
    }
}

/* A cluster that hangs costs one timeout, however many questions there are. */
static void many_questions_one_timeout(void **state)
{
    (void)state;
    struct rest_stub *s = rest_stub_start(NULL, STUB_SILENT);
    struct live *l = open_at(rest_stub_url(s), 500);
    struct live_ask asks[60];
    const struct live_answer *answers[60];
    struct err e = {0};
    for (int i = 0; i < 60; i++)
        asks[i] = jobs;
    int64_t from = clock_monotonic_ms();
    assert_false(live_fetch(l, asks, 60, answers, &e));
    assert_true(clock_monotonic_ms() - from < 15000);
    assert_int_equal(answers[59]->state, LIVE_FAILED);
    live_close(l);
    rest_stub_stop(s);
}

static void large_answers(void **state)
{
    (void)state;
    static const enum stub_way ways[] = {STUB_DEEP, STUB_GREEDY, STUB_MANY};
    for (int i = 0; i < 3; i++) {
        struct rest_stub *s = rest_stub_start(NULL, ways[i]);
        struct live *l = open_at(rest_stub_url(s), 60000);
        struct err e = {0};
        const struct live_jobs *j = live_get(l, &jobs, &e);
        if (ways[i] == STUB_MANY)
            assert_int_equal(j->n_list, 10000);
        else
            assert_non_null(strstr(e.text, ways[i] == STUB_DEEP ? "nested too deeply" : "too large"));
        live_close(l);
        rest_stub_stop(s);
    }
}

static void bad_targets(void **state)
{
    (void)state;
    static const char *const urls[] = {
        "",           "ftp://x",    "http://",    "http://user:secret@x", "https://user@x/y", "file:///etc/passwd",
        "http://a b", "http://x?y", "http://x/#y"};
    for (size_t i = 0; i < sizeof urls / sizeof *urls; i++) {
        struct err e = {0};
        if (live_open(&(struct live_target){.url = urls[i]}, &e) || e.kind != ERR_USAGE || strstr(e.text, "secret"))
            fail_msg("'%s': %s", urls[i], e.text);
    }
    struct err e = {0};
    assert_null(live_open(&(struct live_target){.url = "x:1", .ca_cert = "/nowhere"}, &e));
    assert_int_equal(e.kind, ERR_MISSING);
    struct live *l = open_at("localhost:8081//", 1000);
    assert_string_equal(live_url(l), "http://localhost:8081");
    live_close(l);
}

/* --- collecting --- */

/* Waits for a snapshot that `good` likes; the caller releases it. */
static const struct live_snapshot *await(struct live *l, bool (*good)(const struct live_snapshot *))
{
    for (int64_t end = clock_monotonic_ms() + 20000; clock_monotonic_ms() < end;) {
        struct pollfd p = {.fd = live_fd(l), .events = POLLIN};
        poll(&p, 1, 100);
        const struct live_snapshot *s = live_take(l);
        if (s && good(s))
            return s;
        live_release(s);
    }
    fail_msg("it does not come");
    return NULL;
}

static const struct live_ask healthy = {.route = LIVE_JOB, .job = HEALTHY};
static const struct live_ask rescales = {.route = LIVE_RESCALES, .job = OLD_JOB},
                             other_rescales = {.route = LIVE_RESCALES, .job = "x"};

static enum live_state state_of(const struct live_snapshot *s, const struct live_ask *ask)
{
    const struct live_answer *a = live_find(s, ask);
    return a ? a->state : LIVE_PENDING;
}
static bool here(const struct live_snapshot *s) { return state_of(s, &jobs) == LIVE_HERE && state_of(s, &healthy) == LIVE_HERE; }
static bool lost(const struct live_snapshot *s) { return s->link.state == LIVE_LINK_LOST; }
static bool back(const struct live_snapshot *s) { return s->link.state == LIVE_LINK_UP && state_of(s, &jobs) == LIVE_HERE; }
static bool both_lack(const struct live_snapshot *s)
{
    return state_of(s, &rescales) == LIVE_LACKING && state_of(s, &other_rescales) == LIVE_LACKING;
}

static void lost_and_back(void **state)
{
    (void)state;
    struct rest_stub *s = rest_stub_start(RECORDED, STUB_PLAYS);
    struct live *l = open_at(rest_stub_url(s), 1000);
    struct err e = {0};
    assert_true(live_start(l, &e));
    const struct live_want wants[] = {{.ask = jobs, .every_ms = 50}, {.ask = healthy, .every_ms = 50}};
    live_want(l, wants, 2);
    const struct live_snapshot *first = await(l, here);
    uint64_t number = live_find(first, &jobs)->number;
    assert_int_equal(first->link.state, LIVE_LINK_UP);

    rest_stub_behave(s, STUB_CLOSES);
    const struct live_snapshot *gone = await(l, lost);
    assert_true(gone->number > first->number);
    assert_non_null(live_data(gone, &jobs)); /* what was known stays, with its age */
    assert_true(live_find(gone, &jobs)->came_ms <= gone->made_ms);
    assert_true(gone->link.failures >= 1 && gone->link.err.kind == ERR_SERVER && live_has(gone->link.next_ms));
    unsigned before = rest_stub_requests(s);
    usleep(600000);
    assert_true(rest_stub_requests(s) - before <= 2); /* backed off */

    rest_stub_behave(s, STUB_PLAYS);
    live_refresh(l);
    const struct live_snapshot *again = await(l, back);
    assert_true(live_find(again, &jobs)->number > number);
    assert_non_null(live_data(first, &jobs)); /* held, so it is still whole */
    live_release(first);
    live_release(gone);
    live_close(l);
    assert_true(again->n_answers >= 2); /* also after the end */
    live_release(again);
    rest_stub_stop(s);
}

static void routes_are_probed_once(void **state)
{
    (void)state;
    struct rest_stub *s = rest_stub_start(OLD, STUB_PLAYS);
    struct live *l = open_at(rest_stub_url(s), 20000);
    struct err e = {0};
    assert_true(live_start(l, &e));
    const struct live_want one[] = {{.ask = rescales, .every_ms = 20}};
    live_want(l, one, 1);
    usleep(400000);
    unsigned requests = rest_stub_requests(s);
    assert_int_equal(requests, 2); /* /config and the probe */
    const struct live_want two[] = {{.ask = rescales, .every_ms = 20}, {.ask = other_rescales, .every_ms = 20}};
    live_want(l, two, 2);
    live_release(await(l, both_lack));
    assert_int_equal(rest_stub_requests(s), requests);
    live_want(l, NULL, 0); /* nothing shown, nothing asked */
    usleep(200000);
    assert_int_equal(rest_stub_requests(s), requests);
    live_close(l);
    rest_stub_stop(s);
}

static const struct live_want configs[] = {{.ask = {.route = LIVE_JOB_CONFIG, .job = HEALTHY}},
                                           {.ask = {.route = LIVE_JOB_CONFIG, .job = "x"}},
                                           {.ask = {.route = LIVE_JOB_CONFIG, .job = "2baefe8c8e1cb2fca6aa97ba4ee3e44d"}}};
static bool first_here(const struct live_snapshot *s) { return state_of(s, &configs[0].ask) == LIVE_HERE; }
static bool second_lacks(const struct live_snapshot *s) { return state_of(s, &configs[1].ask) == LIVE_LACKING; }
static bool third_told(const struct live_snapshot *s) { return state_of(s, &configs[2].ask) != LIVE_PENDING; }

/* One address that is missing (a proxy that lets some through) says nothing about a route that has given data. */
static void routes_that_gave(void **state)
{
    (void)state;
    static bool (*const good[])(const struct live_snapshot *) = {first_here, second_lacks, third_told};
    struct rest_stub *s = rest_stub_start(RECORDED, STUB_PLAYS);
    struct live *l = open_at(rest_stub_url(s), 20000);
    struct err e = {0};
    assert_true(live_start(l, &e));
    for (size_t n = 0; n < 3; n++) {
        live_want(l, configs, n + 1);
        const struct live_snapshot *now = await(l, good[n]);
        assert_int_equal(state_of(now, &configs[n].ask), n == 1 ? LIVE_LACKING : LIVE_HERE);
        live_release(now);
    }
    live_close(l);
    rest_stub_stop(s);
}

static uint64_t jobs_number;
static bool jobs_here(const struct live_snapshot *s)
{
    const struct live_answer *a = live_find(s, &jobs);
    return a && a->data && a->number > jobs_number;
}

/* What is shown from now on is due by its age, however long it could have waited before. */
static void wanted_more_often(void **state)
{
    (void)state;
    enum { SELDOM_MS = 60000, OFTEN_MS = 2000 };
    struct rest_stub *s = rest_stub_start(RECORDED, STUB_PLAYS);
    struct live *l = open_at(rest_stub_url(s), 20000);
    struct err e = {0};
    assert_true(live_start(l, &e));
    live_want(l, &(struct live_want){.ask = jobs, .every_ms = SELDOM_MS}, 1);
    const struct live_snapshot *first = await(l, jobs_here);
    jobs_number = live_find(first, &jobs)->number;
    live_release(first);
    usleep(OFTEN_MS * 1000 + 10000);
    int64_t asked = clock_monotonic_ms();
    live_want(l, &(struct live_want){.ask = jobs, .every_ms = OFTEN_MS}, 1);
    live_release(await(l, jobs_here));
    assert_true(clock_monotonic_ms() - asked < OFTEN_MS);
    live_close(l);
    rest_stub_stop(s);
}

static struct live_ask cancel = {.route = LIVE_DO_CANCEL, .job = HEALTHY};
static bool cancel_answered(const struct live_snapshot *s) { return state_of(s, &cancel) != LIVE_PENDING; }

static void acts_once(void **state)
{
    (void)state;
    struct rest_stub *s = rest_stub_start(RECORDED, STUB_PLAYS);
    struct live *l = open_at(rest_stub_url(s), 20000);
    struct err e = {0};
    assert_true(live_start(l, &e));
    struct live_ticket t = live_act(l, &cancel, NULL);
    cancel.query = t.query;
    const struct live_snapshot *done = await(l, cancel_answered);
    assert_int_equal(live_find(done, &cancel)->state, LIVE_LACKING); /* it is not recorded */
    live_release(done);
    usleep(200000);
    assert_int_equal(rest_stub_requests(s), 1);
    live_close(l);
    rest_stub_stop(s);
}

/* Ends while exchanges are under way. */
static void ends_at_once(void **state)
{
    (void)state;
    struct rest_stub *s = rest_stub_start(NULL, STUB_SILENT);
    struct live *l = open_at(rest_stub_url(s), 30000);
    struct err e = {0};
    assert_true(live_start(l, &e));
    struct live_want wants[] = {{.ask = jobs}, {.ask = healthy}, {.ask = rescales}, {.ask = other_rescales}};
    live_want(l, wants, 4);
    usleep(100000);
    live_act(l, &healthy, "{}");
    int64_t from = clock_monotonic_ms();
    live_close(l);
    assert_true(clock_monotonic_ms() - from < 15000);
    rest_stub_stop(s);
}

/* --- contexts --- */

static char dir[] = "/tmp/weir-context-XXXXXX";

static void put_file(const char *name, const char *text)
{
    char path[200];
    snprintf(path, sizeof path, "%s/%s", dir, name);
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    fputs(text, f);
    fclose(f);
}

static void forget_environment(void)
{
    static const char *const names[] = {"WEIR_URL", "WEIR_CONTEXT", "FLINK_CONF_DIR", "WEIR_TOKEN", "WEIR_USER", "WEIR_PASSWORD"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        unsetenv(names[i]);
}

static void contexts(void **state)
{
    (void)state;
    assert_non_null(mkdtemp(dir));
    char path[300];
    snprintf(path, sizeof path, "%s/weir", dir);
    assert_int_equal(mkdir(path, 0700), 0);
    setenv("XDG_CONFIG_HOME", dir, 1);
    setenv("HOME", dir, 1);
    forget_environment();
    struct arena a = {0};
    struct err e = {0};
    struct live_target t;
    const char *from;
    assert_false(context_find(&t, NULL, NULL, &from, &a, &e));
    assert_int_equal(e.kind, ERR_USAGE);

    put_file(
        "weir/config",
        "# mine\ncurrent = local\n\n[local]\nurl = http://localhost:1\n[prod]\nurl=https://p/x\ntoken-file = ~/token\nread-only = yes\ntimeout = 2.5\n");
    put_file("token", "s3cret\nmore\n");
    e = (struct err){0};
    assert_true(context_find(&t, NULL, NULL, &from, &a, &e));
    assert_string_equal(t.url, "http://localhost:1");
    assert_true(context_find(&t, NULL, "prod", &from, &a, &e));
    assert_string_equal(t.bearer, "s3cret");
    assert_true(t.read_only && t.timeout_ms == 2500);
    setenv("WEIR_URL", "h:2", 1);
    setenv("WEIR_USER", "u", 1);
    setenv("WEIR_PASSWORD", "p", 1);
    assert_true(context_find(&t, NULL, NULL, &from, &a, &e));
    assert_string_equal(t.url, "h:2");
    assert_string_equal(t.password, "p");
    assert_false(context_find(&t, "x", "prod", &from, &a, &e));
    forget_environment();

    struct contexts all;
    e = (struct err){0};
    assert_true(contexts_read(&all, &a, &e) && contexts_use(&all, "prod", &e) && contexts_read(&all, &a, &e));
    assert_string_equal(all.current, "prod");
    assert_int_equal(all.n, 2);
    assert_false(contexts_use(&all, "nowhere", &e));
    static const char *const bad[] = {"url = x\n", "[a]\nurl\n", "[a]\npassword = x\n",     "[a]\n[a]\n",
                                      "[]\n",      "[a] x\n",    "[a]\ninsecure = maybe\n", "[a]\ntimeout = 0\n"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        put_file("weir/config", bad[i]);
        e = (struct err){0};
        if (contexts_read(&all, &a, &e) || e.kind != ERR_CORRUPT || !strstr(e.text, "line "))
            fail_msg("%s: %s", bad[i], e.text);
    }
    arena_free(&a);
    snprintf(path, sizeof path, "rm -r %s", dir);
    assert_int_equal(system(path), 0);
}

static void flinks_configuration(void **state)
{
    (void)state;
    struct arena a = {0};
    static const char *const cases[][2] = {
        {"rest.address: flink.example\nrest.port: 9000\n", "http://flink.example:9000"},
        {"# x\njobmanager:\n  rpc:\n    address: jm # here\n    port: 6123\nrest:\n  port: \"8083\"\nsecurity:\n  ssl:\n    rest:\n      enabled: true\n",
         "https://jm:8083"},
        {"rest.port: 1", "http://localhost:1"},
        {"taskmanager.numberOfTaskSlots: 2\n", NULL},
        {":\n : :\n\t\n- x\n  :", NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *url = context_flink_url(cases[i][0], strlen(cases[i][0]), &a);
        if (!url != !cases[i][1] || (url && strcmp(url, cases[i][1]) != 0))
            fail_msg("%zu: %s", i, url ? url : "nothing");
    }
    arena_free(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(recorded_answers),
        cmocka_unit_test(what_is_not_there),
        cmocka_unit_test(read_only_sends_nothing),
        cmocka_unit_test(misbehaviour),
        cmocka_unit_test(many_questions_one_timeout),
        cmocka_unit_test(large_answers),
        cmocka_unit_test(bad_targets),
        cmocka_unit_test(lost_and_back),
        cmocka_unit_test(routes_are_probed_once),
        cmocka_unit_test(routes_that_gave),
        cmocka_unit_test(wanted_more_often),
        cmocka_unit_test(acts_once),
        cmocka_unit_test(ends_at_once),
        cmocka_unit_test(contexts),
        cmocka_unit_test(flinks_configuration),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
