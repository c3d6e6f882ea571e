/* Threads that do the same are one group; those that wait for each other are told first. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "tui/threads.h"

#define FRAMES "\tat java.base@17/jdk.internal.misc.Unsafe.park(Native Method)\n\tat app//com.example.Job.work(Job.java:7)\n"

static void groups(void **state)
{
    (void)state;
    struct live_thread list[] = {
        {"pool-1", "\"pool-1\" Id=1 WAITING on java.lang.Object@1\n" FRAMES},
        {"pool-2", "\"pool-2\" Id=2 WAITING on java.lang.Object@2\n\t-  waiting on java.lang.Object@2\n" FRAMES},
        {"runs", "\"runs\" Id=3 RUNNABLE (in native)\n\tat java.base@17/java.lang.Thread.sleep(Native Method)\n"},
        {"a \" Id=9 RUNNABLE", "\"a \" Id=9 RUNNABLE\" Id=4 BLOCKED on x.Lock@7 owned by \"b\" Id=5\n" FRAMES},
        {"b", "\"b\" Id=5 BLOCKED on x.y.Other@8 owned by \"a\" Id=4\n" FRAMES},
        {"waits for b", "\"waits for b\" Id=6 BLOCKED on x.Lock@9 owned by \"b\" Id=5\n" FRAMES},
        {"itself", "\"itself\" Id=7 BLOCKED on x.Lock@9 owned by \"gone\" Id=77\n"},
        {NULL, NULL},
        {"odd", "odd"},
        {"cut", "\"cut\" Id="},
    };
    struct live_threads t = {list, sizeof list / sizeof *list};
    struct arena a = {0};
    uint32_t n;
    const struct thread_group *g = thread_groups(&a, &t, &n);
    assert_int_equal(g[0].state, THREAD_DEADLOCK);
    assert_int_equal(g[1].state, THREAD_DEADLOCK);
    assert_string_equal(g[1].lock, "Other@8");
    assert_string_equal(g[0].owner, "b");
    assert_string_equal(g[0].top, "com.example.Job.work(Job.java:7)");
    assert_int_equal(g[2].state, THREAD_BLOCKED); /* by a deadlock, but in none */
    assert_int_equal(g[3].state, THREAD_BLOCKED);
    assert_int_equal(g[4].state, THREAD_RUNNABLE);
    assert_string_equal(g[4].top, "java.lang.Thread.sleep(Native Method)");
    assert_int_equal(g[5].state, THREAD_WAITING);
    assert_int_equal(g[5].n, 2);
    assert_string_equal(g[5].names, "pool-1, pool-2");
    uint32_t all = 0;
    for (uint32_t i = 0; i < n; i++)
        all += g[i].n;
    assert_int_equal(all, t.n_list);
    arena_free(&a);
}

static void none(void **state)
{
    (void)state;
    struct live_threads t = {NULL, 0};
    struct arena a = {0};
    uint32_t n = 7;
    thread_groups(&a, &t, &n);
    assert_int_equal(n, 0);
    arena_free(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(groups), cmocka_unit_test(none)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
