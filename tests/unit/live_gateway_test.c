/* A session of a SQL gateway: what is sent, and what comes of it. */
#include "live/gateway.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <string.h>

#include "live/http.h"
#include "tests/support/rest_stub.h"

#define SESSION "/v2/sessions/284c4407-b39c-436c-ab62-a98aaf41e65f"

struct open {
    struct rest_stub *stub;
    struct live *live;
    struct gateway g;
};

static struct open open_one(const char *recordings, struct err *e)
{
    static const char *const properties[][2] = {{"execution.state-recovery.path", "file:///sp \"1\""}};
    struct open o = {.stub = rest_stub_start(recordings, STUB_PLAYS)};
    assert_non_null(o.stub);
    o.live = live_open(&(struct live_target){.url = rest_stub_url(o.stub), .gateway = rest_stub_url(o.stub), .proxy = ""}, e);
    assert_non_null(o.live);
    assert_true(gateway_open(&o.g, o.live, properties, 1, clock_monotonic_ms() + 20000, e));
    return o;
}

static void close_one(struct open *o)
{
    gateway_close(&o->g);
    live_close(o->live);
    rest_stub_stop(o->stub);
}

static void test_job(void **state)
{
    (void)state;
    struct err e = {0};
    struct open o = open_one("tests/rest/submit.tsv", &e);
    assert_non_null(gateway_run(&o.g, "CREATE TABLE s", &e));
    assert_non_null(gateway_run(&o.g, "CREATE \"TABLE\" t", &e));
    const struct live_gateway_result *r = gateway_run(&o.g, "INSERT", &e);
    assert_non_null(r);
    assert_string_equal(r->job, "ede1dfce15b05d1241e210e3bb2e6924");
    assert_string_equal(gateway_job_state(&o.g, r->job, &e), "INITIALIZING");
    assert_string_equal(gateway_job_state(&o.g, r->job, &e), "RUNNING");
    assert_null(gateway_job_state(&o.g, "another", &e));
    assert_int_equal(e.kind, ERR_NONE);
    gateway_close(&o.g);
    assert_string_equal(
        rest_stub_changes(o.stub),
        "POST /v2/sessions {\"sessionName\":\"weir\",\"properties\":{\"execution.state-recovery.path\":\"file:///sp \\\"1\\\"\"}}\n"
        "POST " SESSION "/statements {\"statement\":\"CREATE TABLE s\"}\n"
        "POST " SESSION "/statements {\"statement\":\"CREATE \\\"TABLE\\\" t\"}\n"
        "POST " SESSION "/statements {\"statement\":\"INSERT\"}\n"
        "POST " SESSION "/statements {\"statement\":\"SHOW JOBS\"}\n"
        "POST " SESSION "/statements {\"statement\":\"SHOW JOBS\"}\n"
        "POST " SESSION "/statements {\"statement\":\"SHOW JOBS\"}\n"
        "DELETE " SESSION " \n");
    close_one(&o);
}

static void test_refused(void **state)
{
    (void)state;
    struct err e = {0};
    struct open o = open_one("tests/rest/submit-nothing.tsv", &e);
    assert_non_null(gateway_run(&o.g, "CREATE TABLE s", &e));
    assert_non_null(gateway_run(&o.g, "CREATE TABLE t", &e));
    assert_null(gateway_run(&o.g, "INSERT", &e));
    assert_int_equal(e.kind, ERR_INCOMPLETE);
    assert_string_equal(e.text,
                        "Cannot find table '`default_catalog`.`default_database`.`nothing`' in any of the catalogs "
                        "[default_catalog], nor as a temporary table.");
    close_one(&o);
}

static void test_patience(void **state)
{
    (void)state;
    struct err e = {0};
    struct open o = open_one("tests/rest/submit.tsv", &e);
    o.g.until_ms = 0;
    assert_null(gateway_run(&o.g, "CREATE TABLE s", &e));
    assert_int_equal(e.kind, ERR_SERVER);
    assert_non_null(strstr(e.text, "the statement is still RUNNING"));
    close_one(&o);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_job), cmocka_unit_test(test_refused), cmocka_unit_test(test_patience)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
