/* Which job is meant: by name, by the beginning of an id or a name, by being the only one that runs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "live/find.h"

static struct live_job_row rows[] = {
    {.id = "aa11", .name = "orders", .state = "RUNNING"}, {.id = "aa22", .name = "orders per day", .state = "FINISHED"},
    {.id = "bb33", .name = "clicks", .state = "FAILED"},  {.id = "bb44", .name = "clicks", .state = "RUNNING"},
    {.id = "cc55", .name = "bb", .state = "CANCELED"},
};
static const struct live_jobs all = {.list = rows, .n_list = sizeof rows / sizeof *rows};

static const char *found(const struct live_jobs *jobs, const char *wanted, struct err *e)
{
    *e = (struct err){0};
    const struct live_job_row *j = live_find_job(jobs, wanted, "here", e);
    assert_true(!j == (e->kind == ERR_MISSING));
    return j ? j->id : "";
}

static void by_word(void **state)
{
    (void)state;
    struct err e;
    assert_string_equal(found(&all, "orders", &e), "aa11"); /* a whole name before the beginning of another */
    assert_string_equal(found(&all, "orders p", &e), "aa22");
    assert_string_equal(found(&all, "clicks", &e), "bb44"); /* the one that has not ended */
    assert_string_equal(found(&all, "bb", &e), "cc55");     /* a name before an id's beginning */
    assert_string_equal(found(&all, "bb3", &e), "bb33");
    assert_string_equal(found(&all, "aa", &e), "aa11");
    assert_string_equal(found(&all, "nobody", &e), "");
    assert_non_null(strstr(e.text, "here has no job 'nobody'; it has aa11 orders (RUNNING)"));
}

static void none_or_several(void **state)
{
    (void)state;
    struct err e;
    assert_string_equal(found(&all, NULL, &e), "");
    assert_non_null(strstr(e.text, "here runs several jobs, name one: aa11 orders (RUNNING), bb44 clicks (RUNNING)"));
    assert_null(strstr(e.text, "aa22"));

    struct live_jobs one = {.list = rows + 1, .n_list = 3}; /* bb44 runs, the others have ended */
    assert_string_equal(found(&one, NULL, &e), "bb44");

    struct live_jobs ended = {.list = rows + 1, .n_list = 2};
    assert_string_equal(found(&ended, NULL, &e), "");
    assert_non_null(strstr(e.text, "here runs no job, name one that has ended: aa22"));

    struct live_jobs empty = {0};
    assert_string_equal(found(&empty, "x", &e), "");
    assert_non_null(strstr(e.text, "here has no job at all"));

    struct live_job_row twins[] = {{.id = "1a", .name = "n", .state = "RUNNING"}, {.id = "1b", .name = "n", .state = "RUNNING"}};
    struct live_jobs two = {.list = twins, .n_list = 2};
    assert_string_equal(found(&two, "n", &e), "");
    assert_non_null(strstr(e.text, "may be any of several jobs: 1a n (RUNNING), 1b n (RUNNING)"));
}

static void rows_without_anything(void **state)
{
    (void)state;
    struct err e;
    struct live_job_row bare[] = {{0}, {.id = "ff", .state = "RUNNING"}};
    struct live_jobs jobs = {.list = bare, .n_list = 2};
    assert_string_equal(found(&jobs, "ff", &e), "ff");
    assert_string_equal(found(&jobs, "zz", &e), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(by_word), cmocka_unit_test(none_or_several),
                                       cmocka_unit_test(rows_without_anything)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
