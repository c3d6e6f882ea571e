/* Pipelines over a table t, and a view v of it, whose operators together keep all that weir keeps by key. */
#ifndef WEIR_TESTS_SUPPORT_KEYED_QUERIES_H
#define WEIR_TESTS_SUPPORT_KEYED_QUERIES_H

/* To be followed by one of the queries. printf's: how long state lives. */
#define KEYED_TABLES                                                                                                                     \
    "CREATE TABLE t (a BIGINT, b BIGINT, c STRING, d DECIMAL(20, 2), ts TIMESTAMP(3), p AS PROCTIME(), WATERMARK FOR ts AS ts) WITH ("   \
    "'connector' = 'filesystem', 'format' = 'csv', 'path' = '/nowhere'); CREATE VIEW v AS SELECT b, c, ts FROM (SELECT *, ROW_NUMBER() " \
    "OVER (PARTITION BY b ORDER BY ts DESC) r FROM t) WHERE r = 1; SET 'table.optimizer.multi-join.enabled' = 'true'; "                  \
    "SET 'table.exec.state.ttl' = '%s'; %s;"

static const char *const keyed_queries[] = {
    "SELECT b, COUNT(*), SUM(d), MIN(c), COUNT(DISTINCT c), AVG(d) FROM t GROUP BY b",
    "SELECT COUNT(*), MAX(s), SUM(DISTINCT s) FROM (SELECT b, COUNT(*) s FROM t GROUP BY b) GROUP BY s",
    "SELECT b, window_end, COUNT(DISTINCT c) FROM TABLE(HOP(TABLE t, DESCRIPTOR(ts), INTERVAL '5' SECOND, INTERVAL '20' SECOND)) GROUP BY b, "
    "window_start, window_end",
    "SELECT b, window_end, SUM(d) FROM TABLE(CUMULATE(TABLE t, DESCRIPTOR(ts), INTERVAL '5' SECOND, INTERVAL '20' SECOND)) GROUP BY b, "
    "window_start, window_end",
    "SELECT b, window_start, COUNT(*) FROM TABLE(SESSION(TABLE t PARTITION BY b, DESCRIPTOR(ts), INTERVAL '3' SECOND)) GROUP BY b, "
    "window_start, window_end",
    "SELECT l.a, r.a FROM t l LEFT JOIN t r ON l.b = r.b",
    "SELECT l.a, r.a FROM t l JOIN t r ON l.b = r.b AND l.ts BETWEEN r.ts - INTERVAL '9' SECOND AND r.ts",
    "SELECT b, a, r FROM (SELECT b, a, ROW_NUMBER() OVER (PARTITION BY b ORDER BY a DESC) r FROM t) WHERE r <= 3",
    "SELECT b, n FROM (SELECT b, n, ROW_NUMBER() OVER (ORDER BY n DESC) r FROM (SELECT b, COUNT(*) n FROM t GROUP BY b)) WHERE r <= 2",
    "SELECT b, a, c FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY b ORDER BY ts DESC) r FROM t) WHERE r = 1",
    "SELECT a, SUM(a) OVER (PARTITION BY b ORDER BY ts ROWS BETWEEN 3 PRECEDING AND CURRENT ROW) FROM t",
    "SELECT a, SUM(a) OVER (PARTITION BY b ORDER BY ts) FROM t",
    "SELECT a, SUM(a) OVER (PARTITION BY b ORDER BY a) FROM t",
    "SELECT s, MIN(c), MAX(d), MIN(ts), FIRST_VALUE(c), LAST_VALUE(d), COUNT(*) FROM (SELECT COUNT(*) s, MAX(c) c, MAX(d) d, MAX(ts) ts FROM t "
    "GROUP BY b) GROUP BY s",
    "SELECT s, COUNT(DISTINCT c), COUNT(DISTINCT c) FILTER (WHERE d > 1), SUM(DISTINCT d) FILTER (WHERE d > 2) FROM (SELECT COUNT(*) s, MAX(c) c, "
    "MAX(d) d FROM t GROUP BY b) GROUP BY s",
    "SELECT s, c, r FROM (SELECT s, c, ROW_NUMBER() OVER (PARTITION BY s ORDER BY c DESC, d) r FROM (SELECT COUNT(*) s, MAX(c) c, MAX(d) d FROM t "
    "GROUP BY b)) WHERE r <= 2",
    "SELECT b, window_end, COUNT(*), MAX(c) FROM TABLE(HOP(TABLE t, DESCRIPTOR(p), INTERVAL '5' SECOND, INTERVAL '20' SECOND)) GROUP BY b, "
    "window_start, window_end",
    "SELECT l.a, r.a FROM t l JOIN t r ON l.b = r.b AND l.p BETWEEN r.p - INTERVAL '9' SECOND AND r.p",
    "SELECT a, SUM(a) OVER (PARTITION BY b ORDER BY p), LAST_VALUE(c) OVER (PARTITION BY b ORDER BY p) FROM t",
    "SELECT b, x, m FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY b ORDER BY ts DESC) r FROM (SELECT b, ts, ARRAY[ARRAY[c, 'x']] x, MAP[a, ROW(d, c)] m FROM t)) WHERE r = 1",
    "SELECT l.b, l.x, r.m FROM (SELECT b, ARRAY[ARRAY[c, 'x']] x FROM t) l JOIN (SELECT b, MAP[a, ROW(d, c)] m FROM t) r ON l.b = r.b",
    "SELECT b, a FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY b ORDER BY ts) r FROM t) WHERE r = 1",
    "SELECT a, SUM(a) OVER (PARTITION BY b ORDER BY ts) FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY b, a ORDER BY ts) r FROM t) WHERE r = 1",
    "SELECT b, a FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY b, a ORDER BY p) r FROM t) WHERE r = 1",
    "SELECT b, HOP_END(ts, INTERVAL '5' SECOND, INTERVAL '20' SECOND), SUM(a) FROM t GROUP BY b, HOP(ts, INTERVAL '5' SECOND, INTERVAL '20' SECOND)",
    "SELECT b, TUMBLE_END(ts, INTERVAL '5' SECOND), SUM(a) FROM t GROUP BY b, TUMBLE(ts, INTERVAL '5' SECOND)",
    "SELECT b, SESSION_END(ts, INTERVAL '3' SECOND), SUM(a) FROM t GROUP BY b, SESSION(ts, INTERVAL '3' SECOND)",
    "SELECT b, a FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY window_start, window_end, b ORDER BY a) r FROM TABLE(TUMBLE(TABLE t, "
    "DESCRIPTOR(ts), INTERVAL '5' SECOND))) WHERE r <= 2",
    "SELECT b, a FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY window_start, window_end, b ORDER BY ts DESC) r FROM TABLE(TUMBLE(TABLE t, "
    "DESCRIPTOR(ts), INTERVAL '5' SECOND))) WHERE r = 1",
    "SELECT l.a, r.a FROM (SELECT * FROM TABLE(TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '5' SECOND))) l JOIN (SELECT * FROM TABLE(TUMBLE(TABLE "
    "t, DESCRIPTOR(ts), INTERVAL '5' SECOND))) r ON l.b = r.b AND l.window_start = r.window_start AND l.window_end = r.window_end",
    "SELECT l.a, v.c FROM t l LEFT JOIN v FOR SYSTEM_TIME AS OF l.ts ON l.b = v.b",
    "SELECT l.a, r.a, m.a FROM t l LEFT JOIN t r ON l.b = r.b LEFT JOIN t m ON l.b = m.b AND m.a > 3",
    "SELECT a, SUM(a) OVER (PARTITION BY b ORDER BY ts RANGE BETWEEN INTERVAL '4' SECOND PRECEDING AND CURRENT ROW) FROM t",
    "SELECT a, b, window_end FROM TABLE(SESSION(TABLE t PARTITION BY b, DESCRIPTOR(ts), INTERVAL '3' SECOND))",
};

#endif
