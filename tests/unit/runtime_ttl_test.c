/* State that expires, in a world whose clock is a script's: rows have a time at which they come, and the clock goes on when there is nothing to do. */
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

/* "TIME ROW" a line; each is a file that is there from then on. Behind the last one, the job is told to stop. */
struct script {
    const char *rows;
    int64_t now, until;
    size_t read; /* bytes of the one file that is open */
    struct job *job;
    const char *savepoints; /* NULL: it is stopped without one */
    bool told;
    char order[CONTROL_ID + 1];
    struct buf out;
};

static char dir[] = "/tmp/weir-ttl-XXXXXX";

static int64_t now(void *ctx) { return ((struct script *)ctx)->now; }
static int64_t ticks(void *ctx) { return ((struct script *)ctx)->now * 1000000; }

static void wait_until(void *ctx, int64_t until)
{
    struct script *s = ctx;
    if (until > s->now)
        s->now = until;
}

/* The row of that number, without its time. */
static const char *row_at(const struct script *s, int row, int64_t *time, size_t *n)
{
    const char *p = s->rows;
    while (row-- && (p = strchr(p, '\n')))
        p++;
    if (!p || !*p)
        return NULL;
    char *end;
    *time = strtoll(p, &end, 10);
    *n = strcspn(end, "\n");
    return end;
}

static bool list(void *ctx, const char *path, bool (*each)(void *arg, const char *name, bool is_dir), void *arg, struct err *e)
{
    struct script *s = ctx;
    int64_t time;
    size_t n;
    (void)path;
    (void)e;
    for (int i = 0; row_at(s, i, &time, &n); i++) {
        char name[16];
        snprintf(name, sizeof name, "%04d", i);
        if (time <= s->now && !each(arg, name, false))
            return false;
    }
    if (s->now >= s->until && !s->told) {
        const struct control stop = {.kind = CONTROL_STOP, .dir = s->savepoints};
        s->told = true;
        if (!s->savepoints)
            job_cancel(s->job);
        else if (!job_order(s->job, &stop, s->order, e))
            fail_msg("%s", e->text);
    }
    return true;
}

static int open_file(void *ctx, const char *path, struct err *e)
{
    struct script *s = ctx;
    (void)e;
    s->read = 0;
    return atoi(strrchr(path, '/') + 1);
}

static ptrdiff_t read_file(void *ctx, int file, void *to, size_t n, struct err *e)
{
    struct script *s = ctx;
    int64_t time;
    size_t all;
    const char *row = row_at(s, file, &time, &all);
    (void)e;
    size_t some = all - s->read < n ? all - s->read : n;
    memcpy(to, row + s->read, some);
    s->read += some;
    return (ptrdiff_t)some;
}

static bool seek_file(void *ctx, int file, uint64_t to, struct err *e)
{
    (void)file;
    (void)e;
    ((struct script *)ctx)->read = (size_t)to;
    return true;
}

static void close_file(void *ctx, int file)
{
    (void)ctx;
    (void)file;
}

static bool ready(void *ctx, int file, int ms)
{
    (void)ctx;
    (void)file;
    (void)ms;
    return true;
}

/* What a changelog says, in short: "+I 1 2". */
static bool print(void *ctx, struct bytes lines, struct err *e)
{
    struct script *s = ctx;
    (void)e;
    for (size_t i = 0; i < lines.n;) {
        const char *p = (const char *)lines.p + i, *end = memchr(p, '\n', lines.n - i);
        buf_printf(&s->out, "%.2s", p + 7);
        for (const char *colon = p + 15; (colon = memchr(colon, ':', (size_t)(end - colon))); colon++) {
            size_t n = strcspn(colon + 1, ",}\n");
            if (colon[1] != '{')
                buf_printf(&s->out, " %.*s", (int)n, colon + 1);
        }
        buf_puts(&s->out, "\n");
        i = (size_t)(end + 1 - (const char *)lines.p);
    }
    return true;
}

/* The rows as a changelog; without what is taken back; with event time. */
#define FILES "'connector' = 'filesystem', 'path' = '/in', 'source.monitor-interval' = '1 ms'"
static const char tables[] =
    "CREATE TABLE t (k BIGINT, a BIGINT, s STRING) WITH (" FILES ", 'format' = 'changelog-json');"
    "CREATE TABLE u (data ROW<k BIGINT, a BIGINT, s STRING>, k AS data.k, a AS data.a, s AS data.s, p AS PROCTIME())"
    "WITH (" FILES ", 'format' = 'json');"
    "CREATE TABLE w (data ROW<k BIGINT, a BIGINT>, k AS data.k, a AS data.a, ts AS TO_TIMESTAMP_LTZ(data.a, 3),"
    "WATERMARK FOR ts AS ts - INTERVAL '0.1' SECOND) WITH (" FILES ", 'format' = 'json');";

/* Of a deduplication: nothing behind it takes updates. */
static bool insert_only;

static void set_insert_only(const struct value *plan)
{
    const struct value *nodes = value_member(plan, "nodes");
    for (uint32_t i = 0; insert_only && i < nodes->n; i++) {
        struct value *only = value_member(&nodes->items[i], "outputInsertOnly");
        if (only)
            *only = value_bool(true);
    }
}

/* Runs the query over the rows until that time, and holds what comes out against `expected`. `from`: a savepoint, or NULL; *to, unless `to` is NULL: the
 * one that it is stopped with. */
static void runs_from(const char *query, const char *ttl, const char *rows, int64_t until, const char *from, char **to,
                      const char *expected)
{
    static const char *const names[] = {"table.exec.state.ttl", "pipeline.auto-watermark-interval"};
    const char *const values[] = {ttl, "0 ms"};
    struct script s = {.rows = rows, .until = until, .savepoints = to ? dir : NULL};
    const struct world world = {.now = now,
                                .ticks = ticks,
                                .wait = wait_until,
                                .open = open_file,
                                .read = read_file,
                                .seek = seek_file,
                                .close = close_file,
                                .ready = ready,
                                .list = list,
                                .print = print,
                                .ctx = &s,
                                .seed = 1};
    const char *const setting[][2] = {{names[0], ttl}};
    const struct job_opts opts = {
        .output = JOB_NDJSON, .batch_rows = 1, .from = from, .n_config = 2, .config_names = names, .config_values = values};
    struct sqljob sql = {0};
    struct value json;
    struct cplan plan;
    struct err e = {0};
    if (from) /* it goes on where the first part has ended */
        s.now = strtoll(strrchr(from, '@') + 1, NULL, 10);
    buf_puts(&sql.bytes, tables);
    buf_puts(&sql.bytes, query);
    bool ok = sqljob_read(&sql, "test", setting, 1, &e) && sqljob_plan(&sql, &json, &e);
    if (ok)
        set_insert_only(&json);
    ok = ok && cplan_of(&plan, &sql.a, &json, &e);
    s.job = ok ? job_open(&plan, &world, &opts, &e) : NULL;
    ok = s.job && job_run(s.job, &e);
    if (!ok && (e.kind != ERR_INTERRUPTED || to))
        fail_msg("%s", e.text);
    if (to) {
        struct arena a = {0};
        struct control_state done = job_ordered(s.job, s.order, &a);
        if (!done.location)
            fail_msg("no savepoint: %s", done.why ? done.why : "?");
        char *place = mem_alloc(strlen(done.location) + 30);
        sprintf(place, "%s@%lld", done.location, (long long)s.now);
        assert_int_equal(rename(done.location, place), 0);
        *to = place;
        arena_free(&a);
    }
    job_free(s.job);
    sqljob_free(&sql);
    assert_string_equal(buf_cstr(&s.out), expected);
    buf_free(&s.out);
}

static void runs(const char *query, const char *rows, int64_t until, const char *expected)
{
    runs_from(query, "100 ms", rows, until, NULL, NULL, expected);
}

#define INSERT(k, a) "{\"op\":\"+I\",\"data\":{\"k\":" #k ",\"a\":" #a "}}\n"
#define DELETE(k, a) "{\"op\":\"-D\",\"data\":{\"k\":" #k ",\"a\":" #a "}}\n"

static void groups(void **state)
{
    static const char sum[] = "SELECT k, SUM(a) FROM t GROUP BY k;";
    (void)state;
    /* what is written lives on, what has expired begins anew; what does not change is sent again */
    runs(sum, "0 " INSERT(1, 5) "50 " INSERT(2, 7) "99 " INSERT(1, 0) "150 " INSERT(2, 1) "198 " INSERT(1, 2), 1000,
         "+I 1 5\n+I 2 7\n-U 1 5\n+U 1 5\n+I 2 1\n-U 1 5\n+U 1 7\n");
    runs_from(sum, "0 ms", "0 " INSERT(1, 5) "50 " INSERT(2, 7) "99 " INSERT(1, 0) "150 " INSERT(2, 1) "198 " INSERT(1, 2), 1000,
              NULL, NULL, "+I 1 5\n+I 2 7\n-U 2 7\n+U 2 8\n-U 1 5\n+U 1 7\n");
}

/* Values that are counted once expire for themselves, from when they came first (DistinctAggCodeGen). */
static void distinct_values(void **state)
{
    (void)state;
    runs("SELECT k, COUNT(DISTINCT a) FROM u GROUP BY k;",
         "0 " INSERT(1, 5) "60 " INSERT(1, 5) "110 " INSERT(1, 5) "150 " INSERT(1, 6) "180 " INSERT(1, 5), 1000,
         "+I 1 1\n-U 1 1\n+U 1 1\n-U 1 1\n+U 1 2\n-U 1 2\n+U 1 3\n-U 1 3\n+U 1 3\n");
    /* where they may be taken back, their numbers are written each time */
    runs("SELECT k, COUNT(DISTINCT a) FROM t GROUP BY k;",
         "0 " INSERT(1, 5) "60 " INSERT(1, 5) "150 " INSERT(1, 5) "200 " DELETE(1, 6), 1000,
         "+I 1 1\n-U 1 1\n+U 1 1\n-U 1 1\n+U 1 1\n-U 1 1\n+U 1 1\n");
}

static void groups_taken_back(void **state)
{
    static const char max[] = "SELECT COUNT(*), MAX(n) FROM (SELECT k, SUM(a) n FROM t GROUP BY k);";
    (void)state;
    /* the 5 that would be the greatest again has expired; so has the whole group at last, of which nothing is taken back */
    runs(max, "0 " INSERT(1, 5) "20 " INSERT(2, 7) "110 " INSERT(2, 1) "400 " INSERT(2, 3), 1000,
         "+I 1 5\n-U 1 5\n+U 2 7\n-U 2 7\n+U 1 null\n-U 1 null\n+U 2 8\n+I 1 3\n");
}

/* A savepoint has the times with it; they go on to count behind it. */
static void continued(void **state)
{
    static const char count[] = "SELECT k, COUNT(*), COUNT(DISTINCT a) FROM t GROUP BY k;";
    static const char rows[] =
        "0 " INSERT(1, 5) "50 " INSERT(2, 5) "80 " INSERT(3, 5) "120 " INSERT(1, 6) "149 " INSERT(2, 5) "190 " INSERT(3, 5);
    char *saved;
    (void)state;
    runs_from(count, "100 ms", rows, 90, NULL, &saved, "+I 1 1 1\n+I 2 1 1\n+I 3 1 1\n");
    runs_from(count, "100 ms", rows, 1000, saved, NULL, "+I 1 1 1\n-U 2 1 1\n+U 2 2 1\n+I 3 1 1\n");
    /* another time, or none */
    runs_from(count, "111 ms", rows, 1000, saved, NULL, "+I 1 1 1\n-U 2 1 1\n+U 2 2 1\n-U 3 1 1\n+U 3 2 1\n");
    runs_from(count, "0 ms", rows, 1000, saved, NULL, "-U 1 1 1\n+U 1 2 2\n-U 2 1 1\n+U 2 2 1\n-U 3 1 1\n+U 3 2 1\n");
    free(saved);
    /* what has no times is from when it is taken back */
    runs_from(count, "0 ms", rows, 90, NULL, &saved, "+I 1 1 1\n+I 2 1 1\n+I 3 1 1\n");
    runs_from(count, "100 ms", rows, 1000, saved, NULL, "-U 1 1 1\n+U 1 2 2\n-U 2 1 1\n+U 2 2 1\n+I 3 1 1\n");
    free(saved);
}

#define FIRST(table, order) \
    "SELECT k, a FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY k ORDER BY " order ") r FROM " table ") WHERE r = 1;"

static void duplicates(void **state)
{
    (void)state;
    static const char rows[] =
        "0 " INSERT(1, 5) "50 " INSERT(2, 5) "99 " INSERT(1, 6) "100 " INSERT(1, 7) "149 " INSERT(2, 8) "150 " INSERT(2, 9);
    /* the first one is written once, the last one with each */
    runs(FIRST("u", "p"), rows, 1000, "+I 1 5\n+I 2 5\n+I 1 7\n+I 2 9\n");
    runs(FIRST("u", "p DESC"), rows, 1000, "+I 1 5\n+I 2 5\n-U 1 5\n+U 1 6\n-U 1 6\n+U 1 7\n-U 2 5\n+U 2 8\n-U 2 8\n+U 2 9\n");
    runs(FIRST("w", "ts DESC"),
         "0 " INSERT(1, 5) "50 " INSERT(1, 3) "99 " INSERT(2, 6) "100 " INSERT(1, 4) "150 " INSERT(2, 5) "199 " INSERT(2, 1), 1000,
         "+I 1 5\n+I 2 6\n+I 1 4\n+I 2 1\n");
}

/* Rows that wait for the watermark stay; that a key has been sent is forgotten. */
static void waiting(void **state)
{
    static const char rows[] = "0 " INSERT(1, 500) "300 " INSERT(2, 550) "310 " INSERT(3, 600) "350 " INSERT(1, 700) "409 " INSERT(
        1, 710) "410 " INSERT(1, 720) "600 " INSERT(4, 900);
    char *saved;
    (void)state;
    insert_only = true;
    runs(FIRST("w", "ts"), rows, 1000, "+I 1 500\n+I 2 550\n+I 3 600\n+I 1 720\n");
    runs_from(FIRST("w", "ts"), "100 ms", rows, 320, NULL, &saved, "+I 1 500\n");
    runs_from(FIRST("w", "ts"), "100 ms", rows, 1000, saved, NULL, "+I 2 550\n+I 3 600\n+I 1 720\n");
    insert_only = false;
    free(saved);
}

/* Of a sink whose key is not its input's, the rows of which stand side by side (SinkUpsertMaterializer). */
static void sinks(void **state)
{
    static const char insert[] =
        "CREATE TABLE o (a BIGINT, k BIGINT, PRIMARY KEY (a) NOT ENFORCED) WITH ('connector' = 'filesystem',"
        "'format' = 'changelog-json', 'changelog-json.changelog-mode' = 'I,UA,D', 'path' = '/out'); INSERT INTO o SELECT MAX(a), k FROM u GROUP BY k ON CONFLICT DO DEDUPLICATE;";
    static const char rows[] = "0 " INSERT(1, 5) "10 " INSERT(2, 5) "90 " INSERT(1, 5) "150 " INSERT(3, 5) "250 " INSERT(4, 5);
    char *saved;
    (void)state;
    runs(insert, rows, 1000, "+I 5 1\n+U 5 2\n+U 5 1\n+U 5 3\n+I 5 4\n");
    runs_from(insert, "100 ms", rows, 20, NULL, &saved, "+I 5 1\n+U 5 2\n");
    runs_from(insert, "100 ms", rows, 1000, saved, NULL, "+U 5 1\n+U 5 3\n+I 5 4\n");
    free(saved);
}

#define TOP(columns, from, order, n) \
    "SELECT " columns " FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY k ORDER BY " order ") r FROM " from ") WHERE r <= " #n ";"

static void tops(void **state)
{
    static const char rows[] = "0 " INSERT(1, 5) "50 " INSERT(1, 3) "100 " INSERT(1, 4) "149 " INSERT(1, 3) "150 " INSERT(1, 2);
    static const char pairs[] = "0 " INSERT(1, 5) "50 " INSERT(1, 5) "60 " INSERT(1, 3) "149 " INSERT(1, 4) "160 " INSERT(1, 1);
    char *saved;
    (void)state;
    /* rows for themselves; one that is not among the first is not written */
    runs(TOP("k, a, r", "u", "a DESC", 2), rows, 1000, "+I 1 5 1\n+I 1 3 2\n-U 1 3 1\n+U 1 4 1\n+I 1 3 2\n+I 1 2 2\n");
    /* those of one sort key are written together */
    runs(TOP("k, a", "u", "a DESC", 3), pairs, 1000, "+I 1 5\n+I 1 5\n+I 1 3\n-D 1 3\n+I 1 4\n+I 1 1\n");
    /* what has expired goes without a word, what is left may be taken back */
    runs(TOP("k, a, r", "t", "a DESC", 2),
         "0 " INSERT(1, 5) "10 " INSERT(1, 3) "50 " INSERT(1, 3) "105 " DELETE(1, 3) "204 " DELETE(1, 3), 1000,
         "+I 1 5 1\n+I 1 3 2\n-D 1 3 2\n-D 1 3 1\n");
    runs(TOP("k, a", "u", "a DESC", 1), rows, 1000, "+I 1 5\n+I 1 4\n");
    runs(TOP("k, a", "u", "p", 2), "0 " INSERT(1, 1) "10 " INSERT(1, 2) "109 " INSERT(1, 3) "110 " INSERT(1, 4), 1000,
         "+I 1 1\n+I 1 2\n+I 1 4\n");
    /* from a savepoint */
    runs_from(TOP("k, a", "u", "a DESC", 2), "100 ms", rows, 60, NULL, &saved, "+I 1 5\n+I 1 3\n");
    runs_from(TOP("k, a", "u", "a DESC", 2), "100 ms", rows, 1000, saved, NULL, "+I 1 4\n+I 1 2\n");
    free(saved);
    runs_from(TOP("k, a", "u", "p", 2), "100 ms", rows, 60, NULL, &saved, "+I 1 5\n+I 1 3\n");
    runs_from(TOP("k, a", "u", "p", 2), "100 ms", rows, 1000, saved, NULL, "+I 1 2\n");
    free(saved);
}

#define SIDES "CREATE VIEW l AS SELECT k, a FROM t WHERE s = 'l'; CREATE VIEW r AS SELECT k, a FROM t WHERE s = 'r';"
#define LEFT(op, k, a) "{\"op\":\"" op "\",\"data\":{\"k\":" #k ",\"a\":" #a ",\"s\":\"l\"}}\n"
#define RIGHT(op, k, a) "{\"op\":\"" op "\",\"data\":{\"k\":" #k ",\"a\":" #a ",\"s\":\"r\"}}\n"

static void joins(void **state)
{
    static const char inner[] = SIDES "SELECT l.a, r.a FROM l JOIN r ON l.k = r.k;";
    static const char outer[] = SIDES "SELECT l.a, r.a FROM l LEFT JOIN r ON l.k = r.k;";
    static const char semi[] = SIDES "SELECT * FROM l WHERE k IN (SELECT k FROM r);";
    static const char keyed[] = SIDES "SELECT x.k, x.n, r.a FROM (SELECT k, COUNT(*) n FROM l GROUP BY k) x JOIN r ON x.k = r.k;";
    static const char rows[] = "0 " LEFT("+I", 1, 5) "50 " LEFT("+I", 1, 6) "99 " RIGHT("+I", 1, 7) "100 " RIGHT(
        "+I", 1, 8) "149 " LEFT("-D", 1, 6) "199 " LEFT("+I", 1, 9) "210 " RIGHT("+I", 2, 1);
    char *saved;
    (void)state;
    /* each row for itself, whatever comes on the other side */
    runs(inner, rows, 1000, "+I 5 7\n+I 6 7\n+I 6 8\n-D 6 7\n-D 6 8\n+I 9 8\n");
    /* equal rows are written together; what is taken back from them, too */
    runs(inner,
         "0 " LEFT("+I", 1, 5) "50 " LEFT("+I", 1, 5) "110 " RIGHT("+I", 1, 7) "140 " LEFT("-D", 1, 5) "239 " RIGHT(
             "+I", 1, 8) "240 " RIGHT("+I", 1, 9),
         1000, "+I 5 7\n+I 5 7\n-D 5 7\n+I 5 8\n");
    /* where it is known with how many others a row goes, it is written when that changes */
    runs(outer,
         "0 " LEFT("+I", 1, 5) "99 " RIGHT("+I", 1, 7) "150 " RIGHT("+I", 1, 8) "230 " RIGHT("-D", 1, 7) "240 " RIGHT(
             "-D", 1, 8) "340 " RIGHT("+I", 1, 9),
         1000, "+I 5 null\n-D 5 null\n+I 5 7\n+I 5 8\n-D 5 7\n-D 5 8\n+I 5 null\n");
    runs(semi,
         "0 " LEFT("+I", 1, 5) "50 " RIGHT("+I", 1, 7) "149 " RIGHT("+I", 1, 8) "150 " LEFT("+I", 1, 6) "249 " LEFT("+I", 1, 7),
         1000, "+I 1 5\n+I 1 6\n");
    /* one row a key */
    runs(keyed,
         "0 " LEFT("+I", 1, 5) "50 " RIGHT("+I", 1, 7) "100 " RIGHT("+I", 1, 8) "149 " LEFT("+I", 1, 5) "249 " RIGHT("+I", 1, 9),
         1000, "+I 1 1 7\n+I 1 1 7\n+I 1 1 8\n");
    /* from a savepoint */
    runs_from(inner, "100 ms", rows, 60, NULL, &saved, "");
    runs_from(inner, "100 ms", rows, 1000, saved, NULL, "+I 5 7\n+I 6 7\n+I 6 8\n-D 6 7\n-D 6 8\n+I 9 8\n");
    free(saved);
    runs_from(outer, "100 ms", rows, 120, NULL, &saved,
              "+I 5 null\n+I 6 null\n-D 5 null\n+I 5 7\n-D 6 null\n+I 6 7\n+I 5 8\n+I 6 8\n");
    runs_from(outer, "100 ms", rows, 1000, saved, NULL, "-D 6 7\n-D 6 8\n+I 9 8\n");
    free(saved);
}

static void over(void **state)
{
    static const char all[] = "SELECT k, a, SUM(a) OVER (PARTITION BY k ORDER BY ts) FROM w;";
    static const char some[] =
        "SELECT k, a, SUM(a) OVER (PARTITION BY k ORDER BY ts ROWS BETWEEN 5 PRECEDING AND CURRENT ROW) FROM w;";
    static const char range[] =
        "SELECT k, a, SUM(a) OVER (PARTITION BY k ORDER BY ts RANGE BETWEEN INTERVAL '9' SECOND PRECEDING AND CURRENT ROW) FROM w;";
    static const char other[] = "SELECT k, a, SUM(a) OVER (PARTITION BY k ORDER BY a) FROM t;";
    /* it goes between 100 ms and 150 ms after it was last used, but not while rows wait */
    static const char rows[] = "0 " INSERT(1, 500) "10 " INSERT(2, 700) "149 " INSERT(1, 800) "200 " INSERT(3, 1000) "349 " INSERT(
        1, 1100) "520 " INSERT(4, 1300) "649 " INSERT(1, 1400) "700 " INSERT(5, 1600);
    static const char first[] = "+I 1 500 500\n+I 2 700 700\n",
                      then[] = "+I 1 800 1300\n+I 3 1000 1000\n+I 1 1100 2400\n+I 4 1300 1300\n+I 1 1400 1400\n";
    static const char others[] = "0 " INSERT(1, 5) "60 " INSERT(1, 7) "159 " INSERT(1, 6) "259 " INSERT(1, 1);
    static const char *const by_time[] = {all, some};
    char *saved;
    (void)state;
    for (int i = 0; i < 2; i++) {
        runs_from(by_time[i], "100 ms", rows, 160, NULL, &saved, first);
        runs_from(by_time[i], "100 ms", rows, 1000, saved, NULL, then);
        free(saved);
    }
    runs(all, rows, 1000,
         "+I 1 500 500\n+I 2 700 700\n+I 1 800 1300\n+I 3 1000 1000\n+I 1 1100 2400\n+I 4 1300 1300\n+I 1 1400 1400\n");
    runs(range, rows, 1000,
         "+I 1 500 500\n+I 2 700 700\n+I 1 800 1300\n+I 3 1000 1000\n+I 1 1100 2400\n+I 4 1300 1300\n+I 1 1400 3800\n");
    runs_from(other, "100 ms", others, 100, NULL, &saved, "+I 1 5 5\n+I 1 7 12\n");
    runs_from(other, "100 ms", others, 1000, saved, NULL, "+I 1 6 11\n-U 1 7 12\n+U 1 7 18\n+I 1 1 1\n");
    free(saved);
}

static int setup(void **state)
{
    (void)state;
    return !mkdtemp(dir);
}

static int teardown(void **state)
{
    char command[64];
    (void)state;
    snprintf(command, sizeof command, "rm -rf %s", dir);
    return system(command);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(groups),
                                       cmocka_unit_test(distinct_values),
                                       cmocka_unit_test(groups_taken_back),
                                       cmocka_unit_test(continued),
                                       cmocka_unit_test(duplicates),
                                       cmocka_unit_test(waiting),
                                       cmocka_unit_test(sinks),
                                       cmocka_unit_test(tops),
                                       cmocka_unit_test(joins),
                                       cmocka_unit_test(over)};
    return cmocka_run_group_tests(tests, setup, teardown);
}
