/* When tasks were in which state, from times and from spans, as Flink tells them and as nobody should. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tui/timeline.h"

enum { T = 1000000 }; /* a time to count from */

static void absent(int64_t t[LIVE_TASK_STATES])
{
    for (int s = 0; s < LIVE_TASK_STATES; s++)
        t[s] = LIVE_ABSENT;
}

/* "CREATED 0-5 RUNNING 5-9", from T */
static const char *text(const struct phases *p)
{
    static char s[1024];
    size_t n = 0;
    s[0] = 0;
    for (uint32_t i = 0; i < p->n; i++)
        n += (size_t)snprintf(s + n, sizeof s - n, "%s%s %lld-%lld", i ? " " : "", live_task_words[p->v[i].state],
                              (long long)(p->v[i].from_ms - T), (long long)(p->v[i].to_ms - T));
    return s;
}

static void a_state_lasts_until_the_next(void **state)
{
    struct phases p;
    int64_t t[LIVE_TASK_STATES];
    (void)state;
    absent(t);
    t[LIVE_TASK_CREATED] = T;
    t[LIVE_TASK_DEPLOYING] = T + 20;
    t[LIVE_TASK_SCHEDULED] = T + 5;
    t[LIVE_TASK_RUNNING] = T + 50;
    phases_of_times(&p, t, T + 100);
    assert_string_equal(text(&p), "CREATED 0-5 SCHEDULED 5-20 DEPLOYING 20-50 RUNNING 50-100");
    assert_int_equal(phases_ms(&p, LIVE_TASK_DEPLOYING), 30);
    assert_int_equal(phases_ms(&p, LIVE_TASK_INITIALIZING), LIVE_ABSENT);
    t[LIVE_TASK_FAILED] = T + 70; /* an end lasts no time */
    phases_of_times(&p, t, T + 100);
    assert_string_equal(text(&p), "CREATED 0-5 SCHEDULED 5-20 DEPLOYING 20-50 RUNNING 50-70 FAILED 70-70");
}

static void times_that_cannot_be(void **state)
{
    struct phases p;
    struct list_span spans[PHASES_MOST];
    int64_t t[LIVE_TASK_STATES], from, to;
    (void)state;
    absent(t);
    phases_of_times(&p, t, T);
    assert_int_equal(p.n, 0);
    assert_false(phases_range(&p, &from, &to));
    t[LIVE_TASK_CREATED] = INT64_MAX;
    t[LIVE_TASK_SCHEDULED] = -1;
    t[LIVE_TASK_DEPLOYING] = 0;
    t[LIVE_TASK_RUNNING] = T + 10; /* and it is before that */
    phases_of_times(&p, t, T);
    assert_string_equal(text(&p), "RUNNING 10-10");
    phases_of_times(&p, t, LIVE_ABSENT);
    assert_string_equal(text(&p), "RUNNING 10-10");
    assert_int_equal(phases_spans(&p, T, T, spans), 0);
    for (int s = 0; s < LIVE_TASK_STATES; s++)
        t[s] = INT64_MAX - s;
    phases_of_spans(&p, t, LIVE_TASK_OTHER, T, INT64_MAX, INT64_MIN);
    phases_of_spans(&p, t, LIVE_TASK_RUNNING, INT64_MAX, T, T);
    assert_int_equal(p.n, 0);
    phases_of_spans(&p, t, LIVE_TASK_FAILED, T, T - 10, T + 5); /* over before it began */
    for (uint32_t i = 0; i < p.n; i++)
        assert_true(p.v[i].to_ms >= p.v[i].from_ms);
}

static void an_attempt_is_told_by_spans(void **state)
{
    struct phases p;
    int64_t t[LIVE_TASK_STATES];
    (void)state;
    absent(t);
    t[LIVE_TASK_CREATED] = 3;
    t[LIVE_TASK_SCHEDULED] = 7;
    t[LIVE_TASK_DEPLOYING] = 10;
    t[LIVE_TASK_INITIALIZING] = 20;
    t[LIVE_TASK_RUNNING] = 30;
    phases_of_spans(&p, t, LIVE_TASK_FAILED, T, T + 60, T + 500);
    assert_string_equal(text(&p), "CREATED -10--7 SCHEDULED -7-0 DEPLOYING 0-10 INITIALIZING 10-30 RUNNING 30-60 FAILED 60-60");
    absent(t); /* before 1.16 */
    phases_of_spans(&p, t, LIVE_TASK_FAILED, T, T + 60, T + 500);
    assert_string_equal(text(&p), "RUNNING 0-60 FAILED 60-60");
    phases_of_spans(&p, t, LIVE_TASK_INITIALIZING, T, LIVE_ABSENT, T + 500);
    assert_string_equal(text(&p), "INITIALIZING 0-500");
}

static void a_vertex_runs_when_all_its_tasks_do(void **state)
{
    struct phases tasks[3], p;
    int64_t t[LIVE_TASK_STATES];
    (void)state;
    for (int i = 0; i < 3; i++) {
        absent(t);
        t[LIVE_TASK_DEPLOYING] = T + i;
        t[LIVE_TASK_INITIALIZING] = T + 10 + i;
        if (i < 2)
            t[LIVE_TASK_RUNNING] = T + 20 + i;
        phases_of_times(&tasks[i], t, T + 100);
    }
    phases_join(&p, tasks, 3, T + 100);
    assert_string_equal(text(&p), "DEPLOYING 0-10 INITIALIZING 10-100");
    t[LIVE_TASK_RUNNING] = T + 40;
    phases_of_times(&tasks[2], t, T + 100);
    phases_join(&p, tasks, 3, T + 100);
    assert_string_equal(text(&p), "DEPLOYING 0-10 INITIALIZING 10-40 RUNNING 40-100");
    phases_join(&p, tasks, 0, T + 100);
    assert_int_equal(p.n, 0);
}

static void a_vertex_ends_when_all_its_tasks_have(void **state)
{
    struct phases tasks[2], p;
    int64_t t[LIVE_TASK_STATES];
    (void)state;
    absent(t);
    t[LIVE_TASK_DEPLOYING] = T;
    t[LIVE_TASK_RUNNING] = T + 10;
    t[LIVE_TASK_FAILED] = T + 20;
    phases_of_times(&tasks[0], t, T + 100);
    t[LIVE_TASK_FAILED] = LIVE_ABSENT;
    t[LIVE_TASK_CANCELING] = T + 30;
    phases_of_times(&tasks[1], t, T + 100);
    phases_join(&p, tasks, 2, T + 100);
    assert_string_equal(text(&p), "DEPLOYING 0-10 RUNNING 10-30 CANCELING 30-100");
    t[LIVE_TASK_CANCELED] = T + 50;
    phases_of_times(&tasks[1], t, T + 100);
    phases_join(&p, tasks, 2, T + 100);
    assert_string_equal(text(&p), "DEPLOYING 0-10 RUNNING 10-30 CANCELING 30-50 FAILED 50-50");
}

static void pieces_lie_in_the_window(void **state)
{
    struct phases p;
    struct list_span s[PHASES_MOST];
    int64_t t[LIVE_TASK_STATES];
    (void)state;
    absent(t);
    t[LIVE_TASK_DEPLOYING] = T;
    t[LIVE_TASK_RUNNING] = T + 25;
    t[LIVE_TASK_FINISHED] = T + 100;
    phases_of_times(&p, t, T + 1000);
    assert_int_equal(phases_spans(&p, T, T + 100, s), 3);
    assert_true(s[0].from == 0 && s[0].to == 0.25 && s[1].to == 1 && s[2].from == 1);
    assert_int_equal(s[1].code, phase_look(LIVE_TASK_RUNNING).code);
    assert_int_equal(phases_spans(&p, T + 50, T + 60, s), 1); /* only running lies there */
    assert_true(s[0].from < 0 && s[0].to > 1);
    assert_int_equal(phases_spans(&p, T + 200, T + 300, s), 0);
}

static void bars_are_drawn(void **state)
{
    static const struct list_col cols[] = {{.title = "WHAT"}, {.title = "TIME", .flex = 4}, {.title = "SHARE", .width = 5}};
    struct list l = {.cols = cols, .n_cols = 3, .sort = -1};
    struct grid g = {0};
    struct buf out = {0};
    (void)state;
    list_begin(&l);
    list_row(&l, "a", ST_NORMAL);
    list_text(&l, ST_NORMAL, "a");
    list_spans(&l,
               (struct list_span[]){{.from = 0, .to = 0.5, .code = 'd'},
                                    {.from = 0.5, .to = 1, .code = '='},
                                    {.from = 1, .to = 1, .code = 'x'},
                                    {.from = -3, .to = -2, .code = 'n'}},
               4);
    list_bar(&l, ST_NORMAL, 0.5);
    list_end(&l);
    grid_size(&g, 28, 3);
    list_draw(&l, &g, g.clip, false);
    grid_print(&g, &out, true);
    assert_string_equal(buf_cstr(&out), " WHAT TIME             SHARE\n a    nddddddd=======x ###\n\n");
    buf_free(&out);
    grid_free(&g);
    list_free(&l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_state_lasts_until_the_next),
        cmocka_unit_test(times_that_cannot_be),
        cmocka_unit_test(an_attempt_is_told_by_spans),
        cmocka_unit_test(a_vertex_runs_when_all_its_tasks_do),
        cmocka_unit_test(a_vertex_ends_when_all_its_tasks_have),
        cmocka_unit_test(pieces_lie_in_the_window),
        cmocka_unit_test(bars_are_drawn),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
