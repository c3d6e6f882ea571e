/* Logs by lines: levels, filters, jumps, what is shown of a line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "tui/log_text.h"

static const char text[] = "2026-11-23 02:31:34,119 INFO  org.apache.flink.Runner [] - started, no ERROR so far\r\n"
                           "2026-11-23 02:31:35,000 ERROR org.apache.flink.Runner [] - it failed\n"
                           "java.lang.IllegalStateException: WARNING of nothing\n"
                           "\tat org.apache.flink.Foo.bar(Foo.java:1)\n"
                           "Caused by: java.io.IOException: INFORMATION\n"
                           "2026-11-23 02:31:36,000 WARN  x [] - \033[1;31mred\033[0m and \033[2J\n"
                           "[DEBUG] tab\there\n"
                           "last line without an end";

static void levels(void **state)
{
    (void)state;
    static const struct {
        enum log_level level;
        bool own;
    } want[] = {{LOG_INFO, true},  {LOG_ERROR, true}, {LOG_WARN, true},  {LOG_WARN, false},
                {LOG_WARN, false}, {LOG_WARN, true},  {LOG_DEBUG, true}, {LOG_DEBUG, false}};
    struct log_text t = {0};
    log_read(&t, text, sizeof text - 1);
    assert_int_equal(t.n_lines, 8);
    for (uint32_t i = 0; i < 8; i++) {
        assert_int_equal(t.lines[i].level, want[i].level);
        assert_int_equal(t.lines[i].own, want[i].own);
    }
    assert_memory_equal(text + t.lines[0].at + t.lines[0].n - 6, "so far", 6); /* without the carriage return */
    log_free(&t);
}

static void filters_and_jumps(void **state)
{
    (void)state;
    struct log_text t = {0};
    log_read(&t, text, sizeof text - 1);
    assert_int_equal(t.n_order, 8);
    assert_int_equal(log_problem(&t, 0, 1), 1);
    assert_int_equal(log_problem(&t, 2, 1), 5);
    assert_int_equal(log_problem(&t, 5, 1), 5); /* no more */
    assert_int_equal(log_problem(&t, 7, -1), 5);
    assert_int_equal(log_problem(&t, 1, -1), 1);
    log_filter(&t, "org.apache.flink.runner");
    assert_int_equal(t.n_order, 2);
    log_filter(&t, "!org.apache");
    assert_int_equal(t.n_order, 5);
    assert_int_equal(t.order[0], 2);
    assert_int_equal(log_place(&t, t.lines[3].at), 1); /* the first that passes behind it */
    log_filter(&t, "nowhere");
    assert_int_equal(t.n_order, 0);
    assert_int_equal(log_problem(&t, 0, 1), 0);
    log_free(&t);
}

static void shown(const struct log_text *t, uint32_t line, int column, int columns, const char *want)
{
    struct buf b = {0};
    log_show(t, line, column, columns, &b);
    assert_string_equal(buf_cstr(&b), want);
    buf_free(&b);
}

static void what_is_shown(void **state)
{
    (void)state;
    struct log_text t = {0};
    struct buf b = {0};
    log_read(&t, text, sizeof text - 1);
    shown(&t, 5, 32, 80, "[] - red and \\x1b[2J");
    shown(&t, 6, 8, 7, "tab    ");
    shown(&t, 7, 5, 4, "line");
    shown(&t, 7, 500, 4, "");
    assert_int_equal(log_show(&t, 7, 0, 1, &b), 24);
    buf_free(&b);
    log_free(&t);
}

static void large(void **state)
{
    (void)state;
    enum { LINES = 200000 };
    struct buf b = {0};
    struct log_text t = {0};
    for (int i = 0; i < LINES; i++)
        buf_printf(&b, "2026-11-23 02:31:34,119 %s  x [] - line %d\n", i % 1000 ? "INFO" : "WARN", i);
    for (int i = 0; i < 1 << 20; i++) /* one that is a MiB long */
        buf_putc(&b, 'x');
    log_read(&t, (const char *)b.p, b.n);
    assert_int_equal(t.n_lines, LINES + 1);
    assert_int_equal(log_problem(&t, 1, 1), 1000);
    log_filter(&t, "WARN");
    assert_int_equal(t.n_order, LINES / 1000);
    struct buf line = {0};
    assert_true(log_show(&t, LINES, 100, 50, &line) > 60000);
    assert_int_equal(line.n, 50);
    buf_free(&line);
    log_read(&t, "", 0);
    assert_int_equal(t.n_lines, 0);
    log_free(&t);
    buf_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(levels), cmocka_unit_test(filters_and_jumps),
                                       cmocka_unit_test(what_is_shown), cmocka_unit_test(large)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
