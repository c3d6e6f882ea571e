/* Processing time: by a clock of the test's own, so that what comes out is the same each time; and from a savepoint on. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/sqljob.h"
#include "runtime/control.h"

static char dir[] = "/tmp/weir-proctime-XXXXXX";

#define NOON INT64_C(1704110400000)

struct life {
    struct world world;
    int64_t now, stop_at; /* milliseconds; INT64_MAX: to the end */
    struct job *job;
    struct buf out;
};

static int64_t now(void *ctx) { return ((struct life *)ctx)->now; }
static int64_t ticks(void *ctx) { return ((struct life *)ctx)->now * 1000000; }

static void wait_until(void *ctx, int64_t until)
{
    struct life *l = ctx;
    char id[CONTROL_ID + 1];
    struct err e = {0};
    if (until > l->now)
        l->now = until;
    if (l->now >= l->stop_at) {
        l->stop_at = INT64_MAX;
        assert_true(job_order(l->job, &(struct control){.kind = CONTROL_STOP, .dir = dir}, id, &e));
    }
}

static bool print(void *ctx, struct bytes lines, struct err *e)
{
    (void)e;
    char *all = strndup((const char *)lines.p, lines.n), *rest = NULL;
    for (char *line = strtok_r(all, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
        char a[32], b[32], c[32]; /* of each row its three columns */
        assert_int_equal(sscanf(line, "{\"op\":\"+I\",\"row\":{\"s\":%31[^,],\"n\":%31[^,],\"v\":%31[^}]}}", a, b, c), 3);
        buf_printf(&((struct life *)ctx)->out, "%s %s %s\n", a, b, c);
    }
    free(all);
    return true;
}

/* Rows 1 to 60, ten a second. from: a snapshot, or NULL. */
static void live(struct life *l, const char *query, const char *from)
{
    struct err e = {0};
    struct sqljob sql = {0};
    struct value json;
    struct cplan plan;
    const struct world real = world_real();
    l->world = real;
    l->world.now = now;
    l->world.ticks = ticks;
    l->world.wait = wait_until;
    l->world.print = print;
    l->world.ctx = l;
    buf_printf(
        &sql.bytes,
        "SET 'table.local-time-zone' = 'UTC';"
        "CREATE TABLE t (a BIGINT, p AS PROCTIME()) WITH ('connector' = 'datagen', 'rows-per-second' = '10', 'number-of-rows' = '60',"
        "'fields.a.kind' = 'sequence', 'fields.a.start' = '1', 'fields.a.end' = '60');%s;",
        query);
    assert_true(sqljob_read(&sql, "pipeline", NULL, 0, &e));
    assert_true(sqljob_plan(&sql, &json, &e) && cplan_of(&plan, &sql.a, &json, &e));
    const struct job_opts opts = {.output = JOB_NDJSON, .from = from, .parallelism = 1};
    l->job = job_open(&plan, &l->world, &opts, &e);
    if (!l->job)
        print_error("%s\n", e.text);
    assert_non_null(l->job);
    assert_true(job_run(l->job, &e));
    job_free(l->job);
    sqljob_free(&sql);
}

static void gives(const char *query, const char *expected)
{
    struct life l = {.now = NOON, .stop_at = INT64_MAX};
    live(&l, query, NULL);
    assert_string_equal(buf_cstr(&l.out), expected);
    buf_free(&l.out);
}

static char *snapshot_of(void)
{
    char command[4200], path[4096];
    snprintf(command, sizeof command, "ls -d %s/savepoint-*", dir);
    FILE *f = popen(command, "r");
    assert_non_null(fgets(path, sizeof path, f));
    pclose(f);
    path[strcspn(path, "\n")] = 0;
    return mem_strdup(path);
}

/* … also when it is stopped in between, and goes on from its savepoint. */
static void gives_in_two(const char *query, const char *expected)
{
    struct life l = {.now = NOON, .stop_at = NOON + 2550};
    char command[4200];
    gives(query, expected);
    live(&l, query, NULL);
    char *from = snapshot_of();
    assert_true(l.out.n && l.out.n < strlen(expected));
    l.stop_at = INT64_MAX;
    live(&l, query, from);
    assert_string_equal(buf_cstr(&l.out), expected);
    buf_free(&l.out);
    snprintf(command, sizeof command, "rm -rf %s", from);
    assert_int_equal(system(command), 0);
    free(from);
}

/* Of ten rows four come. */
#define SOME "CREATE VIEW v AS SELECT a, p, MOD(a, 1) k FROM t WHERE MOD(a, 10) BETWEEN 3 AND 6;"
#define OF(tvf, keys)                                                                                                 \
    "SELECT CAST(DATE_FORMAT(window_start, 'mss') AS INT) s, COUNT(*) n, SUM(a) v FROM TABLE(" tvf ") GROUP BY " keys \
    "window_start, "                                                                                                  \
    "window_end"
#define HOP OF("HOP(TABLE t, DESCRIPTOR(p), INTERVAL '1' SECOND, INTERVAL '3' SECOND)", "")
#define CUMULATE OF("CUMULATE(TABLE t, DESCRIPTOR(p), INTERVAL '1' SECOND, INTERVAL '3' SECOND)", "")
#define SESSION SOME OF("SESSION(TABLE v PARTITION BY k, DESCRIPTOR(p), INTERVAL '0.25' SECOND)", "k, ")
#define ROWS                                                                                                           \
    SOME "SELECT CAST(DATE_FORMAT(window_start, 'ss') AS INT) s, a n, k v FROM TABLE(SESSION(TABLE v PARTITION BY k, " \
         "DESCRIPTOR(p), INTERVAL '0.25' SECOND))"
#define JOIN                                                                                                                    \
    SOME "SELECT x.a s, y.a n, 0 v FROM v x FULL JOIN v y ON MOD(x.a, 3) = MOD(y.a, 3) AND x.a <> y.a AND x.p BETWEEN y.p AND " \
         "y.p + INTERVAL '0.35' SECOND"

static void windows(void **state)
{
    (void)state;
    gives_in_two(HOP, "5958 10 55\n5959 20 210\n0 30 465\n1 30 765\n2 30 1065\n");
    gives_in_two(CUMULATE, "0 10 55\n0 20 210\n0 30 465\n3 10 355\n3 20 810\n");
    gives_in_two(SESSION, "0 4 18\n1 4 58\n2 4 98\n3 4 138\n4 4 178\n5 4 218\n");
    gives_in_two(
        ROWS,
        "0 3 0\n0 4 0\n0 5 0\n0 6 0\n1 13 0\n1 14 0\n1 15 0\n1 16 0\n2 23 0\n2 24 0\n2 25 0\n2 26 0\n3 33 0\n3 34 0\n3 35 0\n"
        "3 36 0\n4 43 0\n4 44 0\n4 45 0\n4 46 0\n5 53 0\n5 54 0\n5 55 0\n5 56 0\n");
}

static void joins(void **state)
{
    (void)state;
    gives_in_two(
        JOIN,
        "3 null 0\n4 null 0\n5 null 0\n6 3 0\nnull 4 0\nnull 5 0\nnull 6 0\n13 null 0\n14 null 0\n15 null 0\n16 13 0\nnull 14 0\n"
        "null 15 0\nnull 16 0\n23 null 0\n24 null 0\n25 null 0\n26 23 0\nnull 24 0\nnull 25 0\nnull 26 0\n33 null 0\n34 null 0\n"
        "35 null 0\n36 33 0\nnull 34 0\nnull 35 0\nnull 36 0\n43 null 0\n44 null 0\n45 null 0\n46 43 0\nnull 44 0\nnull 45 0\n"
        "null 46 0\n53 null 0\n54 null 0\n55 null 0\n56 53 0\nnull 54 0\n");
}

static void over(void **state)
{
    (void)state;
    gives_in_two(SOME "SELECT a s, COUNT(*) OVER w n, SUM(a) OVER w v FROM v WINDOW w AS (PARTITION BY MOD(a, 2) ORDER BY p)",
                 "3 1 3\n4 1 4\n5 2 8\n6 2 10\n13 3 21\n14 3 24\n15 4 36\n16 4 40\n"
                 "23 5 59\n24 5 64\n25 6 84\n26 6 90\n33 7 117\n34 7 124\n35 8 152\n36 8 160\n"
                 "43 9 195\n44 9 204\n45 10 240\n46 10 250\n53 11 293\n54 11 304\n55 12 348\n56 12 360\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(windows), cmocka_unit_test(joins), cmocka_unit_test(over)};
    if (!mkdtemp(dir))
        return 1;
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    return rmdir(dir) || failed;
}
